"""The script that moves calls, in states that no emulator of AWS gets into: stacks that went back, calls that fail, a second signal.

AWS is held in memory here: aliases, versions, stacks and alarms, with the answers of boto3 as far as the script reads them.
"""

import os
import re
import signal
from datetime import UTC, datetime, timedelta

import pytest
import rollout
from botocore.exceptions import ClientError

DEPLOYED = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE = DEPLOYED - timedelta(days=1)


def arn_of(name):
    return f"arn:aws:lambda:eu-central-1:123456789012:function:{name}:live"


class Pages:
    def __init__(self, page):
        self.page = page

    def paginate(self, **given):
        yield self.page(**given)


class Aws:
    """Functions by name: the version that answers, versions, description, weights, and when CloudFormation moved the alias."""

    def __init__(self, **functions):
        self.functions = {
            name: {"at": at, "versions": versions, "description": description, "weights": {}, "moved": DEPLOYED}
            for name, (at, versions, description) in functions.items()
        }
        self.status = "UPDATE_COMPLETE"
        self.deployments = [DEPLOYED]
        self.failed = []
        self.earlier_moves = {}
        self.stacks = {"app-Api": self.functions}
        self.updates = 0
        self.under_way = []
        self.at_update = {}

    def answering(self):
        return {name: (each["at"], each["weights"]) for name, each in self.functions.items()}

    def descriptions(self):
        return {name: each["description"] for name, each in self.functions.items()}

    def get_alias(self, FunctionName, Name):
        each = self.functions[FunctionName]
        weights = {"RoutingConfig": {"AdditionalVersionWeights": each["weights"]}} if each["weights"] else {}
        return {"FunctionVersion": str(each["at"]), "Description": each["description"], **weights}

    def update_alias(self, FunctionName, Name, FunctionVersion, RoutingConfig, Description):
        assert len(Description) <= 256
        self.updates += 1
        self.at_update.get(self.updates, lambda: None)()
        each = self.functions[FunctionName]
        assert int(FunctionVersion) in each["versions"]
        each.update(at=int(FunctionVersion), weights=RoutingConfig["AdditionalVersionWeights"], description=Description)

    def delete_function(self, FunctionName, Qualifier):
        self.functions[FunctionName]["versions"].remove(int(Qualifier))

    def describe_alarms(self, AlarmNames):
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in AlarmNames]}

    def get_paginator(self, name):
        return Pages(getattr(self, name))

    def list_versions_by_function(self, FunctionName):
        versions = self.functions[FunctionName]["versions"]
        return {"Versions": [{"Version": version} for version in ["$LATEST", *map(str, versions)]]}

    def describe_stacks(self):
        return {
            "Stacks": [
                {
                    "StackName": name,
                    "StackId": name,
                    "StackStatus": self.status,
                    "CreationTime": BEFORE,
                    "LastUpdatedTime": DEPLOYED,
                }
                for name in self.stacks
            ]
        }

    def describe_stack_events(self, StackName):
        assert StackName in self.stacks
        of_the_stack = {"ResourceType": "AWS::CloudFormation::Stack", "PhysicalResourceId": StackName}
        return {
            "StackEvents": [
                event
                for at in sorted(self.deployments, reverse=True)
                for event in (
                    *(
                        {"ResourceType": "AWS::Lambda::Alias", "PhysicalResourceId": arn_of(name), "ResourceStatus": "UPDATE_COMPLETE", "Timestamp": moved}
                        for name, moved in self.earlier_moves.items()
                        if moved == at + timedelta(minutes=5)
                    ),
                    {**of_the_stack, "ResourceStatus": "UPDATE_ROLLBACK_COMPLETE" if at in self.failed else "UPDATE_COMPLETE", "Timestamp": at + timedelta(minutes=50)},
                    *([{**of_the_stack, "ResourceStatus": "UPDATE_ROLLBACK_IN_PROGRESS", "Timestamp": at + timedelta(minutes=40)}] if at in self.failed else []),
                    {"ResourceType": "AWS::CloudFormation::Stack", "PhysicalResourceId": "nested", "ResourceStatus": "UPDATE_IN_PROGRESS", "Timestamp": at + timedelta(minutes=30)},
                    {**of_the_stack, "ResourceStatus": "UPDATE_IN_PROGRESS", "Timestamp": at},
                )
            ]
        }

    def list_stack_resources(self, StackName):
        return {
            "StackResourceSummaries": [
                {
                    "ResourceType": "AWS::Lambda::Alias",
                    "PhysicalResourceId": arn_of(name),
                    "LastUpdatedTimestamp": each["moved"],
                }
                for name, each in self.stacks[StackName].items()
            ]
            # One that is being made has no name.
            + [{"ResourceType": "AWS::Lambda::Alias"}, {"ResourceType": "AWS::CodeDeploy::Application", "PhysicalResourceId": "application"}]
        }

    def list_deployment_groups(self, applicationName):
        return {"deploymentGroups": ["group"]}

    def list_deployments(self, applicationName, deploymentGroupName, includeOnlyStatuses):
        return {"deployments": list(self.under_way)}

    def stop_deployment(self, deploymentId, autoRollbackEnabled):
        self.under_way.remove(deploymentId)


@pytest.fixture
def run(monkeypatch, capsys):
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}

    def run(aws, command, *arguments):
        """Exit code and what was printed, the message of `sys.exit` too."""
        rollouts = dict.fromkeys(aws.functions, "AllAtOnce")
        api = {"execution_arn": "arn:aws:execute-api:eu-central-1:1:a", "rollout": {"alarms": ["alarm"], "functions": rollouts}}
        monkeypatch.setattr("sys.argv", ["rollout.py", command, *arguments])
        monkeypatch.setattr(rollout, "terraform_outputs", lambda: {"my_api": api})
        monkeypatch.setattr(rollout.boto3, "client", lambda *_, **__: aws)
        try:
            rollout.main()
        except SystemExit as end:
            told = capsys.readouterr().out
            return (1, f"{told}{end.code}\n") if isinstance(end.code, str) else (end.code, told)
        finally:
            for each, handler in handlers.items():
                signal.signal(each, handler)
        return 0, capsys.readouterr().out

    return run


STACKS = ("--stacks", "app-")


def refused():
    raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "too late"}}, "UpdateAlias")


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"])
def test_a_deployment_that_put_itself_back_is_not_taken_back_again(run, status):
    aws = Aws(f=(2, [1, 2], ""))
    aws.status = status
    assert run(aws, "back", *STACKS) == (
        1,
        "app-Api: the last deployment has put itself back, and calls go to the versions before it.\n",
    )
    assert aws.answering() == {"f": (2, {})}


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_nothing_moves_before_cloudformation_has_ended(run, status):
    aws = Aws(f=(2, [1, 2], ""))
    aws.status = status
    assert run(aws, "back", *STACKS) == (1, f"app-Api: its stack is {status}, which CloudFormation has to end first.\n")
    assert aws.answering() == {"f": (2, {})}


def test_a_version_that_was_rolled_back_and_answers_again_is_rolled_back_again(run):
    aws = Aws(f=(2, [1, 2], "Rolled back from 2."), g=(2, [1, 2], ""))
    aws.status = "UPDATE_ROLLBACK_COMPLETE"
    assert run(aws, "back", *STACKS) == (0, "f: every call goes to version 1, and none to 2\n")
    assert aws.answering() == {"f": (1, {}), "g": (2, {})}
    assert run(aws, "back", *STACKS)[0] == 1
    assert aws.answering() == {"f": (1, {}), "g": (2, {})}


def test_it_goes_to_no_version_that_was_rolled_back_before(run):
    aws = Aws(f=(2, [1, 2], ""))
    assert run(aws, "back", *STACKS)[0] == 0
    for version in (3, 4):
        aws.functions["f"]["versions"].append(version)
        aws.functions["f"]["at"] = version
        assert run(aws, "back", *STACKS) == (0, f"f: every call goes to version 1, and none to {version}\n")
    assert run(aws, "back", *STACKS) == (1, "app-Api: version 4 of f was rolled back.\n")
    assert aws.answering() == {"f": (1, {})}


def test_a_description_of_many_versions_stays_within_what_lambda_takes(run):
    aws = Aws(f=(1, [1], ""))
    for version in range(10_001, 10_101):
        aws.functions["f"]["versions"].append(version)
        aws.functions["f"]["at"] = version
        assert run(aws, "back", *STACKS)[0] == 0
    assert aws.functions["f"]["at"] < 10_090


@pytest.mark.parametrize("arguments", [STACKS, ()])
def test_what_could_not_be_taken_back_is_by_the_next_try(run, arguments):
    description = "" if arguments else "Released at 2026-01-01T00:00:00+00:00, before it 1."
    aws = Aws(f=(2, [1, 2], description), g=(2, [1, 2], description), h=(2, [1, 2], description))
    aws.at_update = {2: refused}
    code, told = run(aws, "back", *arguments)
    assert (code, told.splitlines()[:2]) == (
        1,
        ["f: every call goes to version 1, and none to 2", "h: every call goes to version 1, and none to 2"],
    )
    assert re.search(r"g is where it was: .*ExpiredToken.*\. Run the same again\.$", told.strip())
    assert aws.answering() == {"f": (1, {}), "g": (2, {}), "h": (1, {})}
    assert run(aws, "back", *arguments) == (0, "g: every call goes to version 1, and none to 2\n")
    assert run(aws, "back", *arguments)[0] == 1
    assert {version for version, _ in aws.answering().values()} == {1}


def test_only_the_last_rollout_is_taken_back_however_often_it_is_asked_for(run):
    aws = Aws(
        f=(3, [1, 2, 3], "Released at 2026-01-02T00:00:00+00:00, before it 2."),
        g=(2, [1, 2], "Released at 2026-01-01T00:00:00+00:00, before it 1."),
    )
    assert run(aws, "back") == (0, "f: every call goes to version 2, and none to 3\n")
    assert run(aws, "back") == (1, "my_api: version 3 of f was rolled back.\n")
    assert aws.answering() == {"f": (2, {}), "g": (2, {})}


def test_a_second_signal_does_not_stop_the_way_back(run):
    aws = Aws(**{name: (1, [1, 2], "") for name in "fghi"})
    interrupt = lambda: os.kill(os.getpid(), signal.SIGINT)
    terminate = lambda: os.kill(os.getpid(), signal.SIGTERM)
    aws.at_update = {3: interrupt, 5: terminate, 6: interrupt}
    code, told = run(aws, "forward")
    assert (code, told) == (1, "my_api: every call goes to the old versions again: it was interrupted.\n")
    assert aws.answering() == dict.fromkeys("fghi", (1, {}))


def test_what_the_way_back_could_not_move_is_told_and_moved_by_the_next(run):
    aws = Aws(**{name: (1, [1, 2], "") for name in "fgh"})
    aws.at_update = {3: refused, 5: refused}
    code, told = run(aws, "forward")
    assert code == 1
    assert re.search(r"^my_api: .*ExpiredToken.* g is where it was: .*ExpiredToken.*\. Run rollback\.$", told.strip())
    assert aws.answering() == {"f": (1, {}), "g": (2, {}), "h": (1, {})}
    assert run(aws, "back") == (0, "g: every call goes to version 1, and none to 2\n")
    assert aws.answering() == dict.fromkeys("fgh", (1, {}))


def test_a_bad_version_of_one_function_does_not_hold_up_the_others(run):
    aws = Aws(f=(1, [1, 2], "Rolled back from 2."), g=(1, [1, 2], ""))
    assert run(aws, "forward") == (
        0,
        "f: stays at version 1, since 2 was rolled back; --again moves it, too\nmy_api: 100 % of calls to the new version of 1 function(s)\n",
    )
    assert aws.answering() == {"f": (1, {}), "g": (2, {})}
    assert run(aws, "forward") == (1, "f: version 2 was rolled back. Apply another one, or add --again.\n")
    assert run(aws, "forward", "--again")[0] == 0
    assert aws.answering() == {"f": (2, {}), "g": (2, {})}


@pytest.mark.parametrize(
    ("arguments", "description"),
    [(STACKS, "Rolled back from 2, 3."), ((), "Released at 2026-01-01T00:00:00+00:00, before it 1.")],
)
def test_the_version_to_go_back_to_is_not_deleted(run, arguments, description):
    aws = Aws(f=(4, [1, 2, 3, 4], description))
    assert run(aws, "prune", *arguments)[0] == 0
    assert aws.functions["f"]["versions"] == [1, 4]
    assert run(aws, "back", *arguments) == (0, "f: every call goes to version 1, and none to 4\n")


def test_a_deployment_that_moved_no_calls_does_not_hide_the_one_before(run):
    aws = Aws(f=(2, [1, 2], ""), g=(2, [1, 2], ""), h=(2, [1, 2], ""), added=(1, [1], ""))
    # A tag came after the deployment that moved f, and 40 minutes later g; h was moved by an earlier one.
    earliest, earlier = DEPLOYED - timedelta(days=2), DEPLOYED - timedelta(days=1)
    aws.deployments = [earliest, earlier, DEPLOYED]
    for name, moved in {
        "f": earlier + timedelta(minutes=5),
        "g": earlier + timedelta(minutes=45),
        "h": earliest + timedelta(minutes=5),
        "added": DEPLOYED + timedelta(minutes=1),
    }.items():
        aws.functions[name]["moved"] = moved
    assert run(aws, "back", *STACKS) == (
        0,
        "f: every call goes to version 1, and none to 2\ng: every call goes to version 1, and none to 2\n",
    )
    assert run(aws, "back", *STACKS) == (1, "app-Api: version 2 of f was rolled back.\n")
    assert aws.answering() == {"f": (1, {}), "g": (1, {}), "h": (2, {}), "added": (1, {})}


def test_without_the_start_of_the_deployment_that_moved_calls_none_is_taken_back(run):
    aws = Aws(**{name: (2, [1, 2], "") for name in "fgh"})
    for minutes, name in zip((5, 25, 45), "fgh", strict=True):
        aws.functions[name]["moved"] = BEFORE + timedelta(minutes=minutes)
    # CloudFormation still knows the one of a tag that came after.
    assert run(aws, "back", *STACKS) == (
        1,
        "app-Api: CloudFormation doesn't know any more what the last deployment moved: deploy the commit before it.\n",
    )
    assert aws.answering() == dict.fromkeys("fgh", (2, {}))


def test_a_deployment_that_put_itself_back_does_not_hide_the_one_before(run):
    aws = Aws(f=(2, [1, 2, 3], ""), g=(2, [1, 2], ""), h=(2, [1, 2, 3], ""))
    earliest, earlier, failed = (DEPLOYED - timedelta(days=days) for days in (3, 2, 1))
    aws.deployments, aws.failed = [earliest, earlier, failed, DEPLOYED], [failed]
    # The failed one moved f and h there and back: f had been moved together with g, and h long before.
    aws.earlier_moves = {"f": earlier + timedelta(minutes=5), "h": earliest + timedelta(minutes=5)}
    for name, moved in {"f": failed, "g": earlier, "h": failed}.items():
        aws.functions[name]["moved"] = moved + timedelta(minutes=5 if moved == earlier else 45)
    assert run(aws, "back", *STACKS) == (
        0,
        "f: every call goes to version 1, and none to 2\ng: every call goes to version 1, and none to 2\n",
    )
    assert aws.answering() == {"f": (1, {}), "g": (1, {}), "h": (2, {})}


def test_what_was_stopped_is_told_though_its_aliases_cannot_be_read(run):
    aws = Aws(f=(1, [1, 2], ""))
    aws.under_way = ["d-1"]
    aws.get_alias = lambda **_: refused()
    assert run(aws, "back", *STACKS) == (0, "app-Api: stopped 1 deployment(s). CloudFormation puts the stack back.\n")


def test_what_was_stopped_is_told_though_another_deployment_cannot_be(run):
    aws = Aws(f=(1, [1, 2], ""))
    aws.under_way = ["d-1", "d-2"]
    stop = aws.stop_deployment
    aws.stop_deployment = lambda deploymentId, **given: stop(deploymentId, **given) if deploymentId == "d-1" else refused()
    code, told = run(aws, "back", *STACKS)
    assert code == 1
    assert re.search(r"^app-Api: stopped 1 deployment\(s\)\. CloudFormation puts the stack back\.\napp-Api: AWS refused: .*ExpiredToken", told)


def test_an_api_that_aws_refuses_does_not_hold_up_the_others(run):
    aws = Aws(f=(2, [1, 2], ""), g=(2, [1, 2], ""))
    aws.stacks = {f"app-{name}": {name: aws.functions[name]} for name in "fg"}
    answered = aws.get_alias
    aws.get_alias = lambda FunctionName, Name: refused() if FunctionName == "f" else answered(FunctionName, Name)
    code, told = run(aws, "back", *STACKS)
    assert code == 1
    assert re.search(r"^app-f: AWS refused: .*ExpiredToken.*\.\ng: every call goes to version 1, and none to 2\n$", told)
    assert aws.answering() == {"f": (2, {}), "g": (1, {})}


@pytest.mark.parametrize("description", ["", "Rolled back from 2."])
def test_under_a_fix_that_is_stopped_the_bad_version_may_answer_again(run, description):
    aws = Aws(f=(1, [1, 2, 3], description))
    aws.status = "UPDATE_IN_PROGRESS"
    aws.under_way = ["d-1"]
    code, told = run(aws, "back", *STACKS)
    again = "app-Api: run rollback again then: its books may have a version that was rolled back.\n" if description else ""
    assert (code, told) == (0, f"app-Api: stopped 1 deployment(s). CloudFormation puts the stack back.\n{again}")
    assert aws.under_way == []
    aws.status = "UPDATE_ROLLBACK_COMPLETE"
    aws.functions["f"]["at"] = 2
    assert run(aws, "back", *STACKS)[0] == (0 if description else 1)
    assert aws.answering() == {"f": (1 if description else 2, {})}


def test_a_stack_without_aliases_is_none_of_its_business(run):
    aws = Aws(f=(2, [1, 2], ""))
    aws.stacks = {"app-GitHubRole": {}, "app-Api": aws.functions}
    assert run(aws, "back", *STACKS) == (0, "f: every call goes to version 1, and none to 2\n")
    aws.stacks = {"app-GitHubRole": {}}
    assert run(aws, "back", *STACKS) == (1, "There is no rollout of any API here.\n")
