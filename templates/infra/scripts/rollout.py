"""Move calls to the newest versions of an environment's functions, or back to the versions before.

`forward` goes by what Terraform put out: each function has an alias `released`, which an apply
leaves where it is. Calls move in the steps of the function's rollout, and back as soon as one of
the API's alarms is on. Under CDK a deployment does the same by CodeDeploy.

`back` takes the last rollout of each API back, or ends the one that is under way. Under CDK
(`--stacks`) the last deployment's: the alias of a function is `live` there. What it could not move
it moves when it is run again; once all is back, it goes no further.

`prune` deletes the versions of each function that are older than the one to go back to.

An alias says in its description what happened to it last, and which versions were rolled back, so
that nothing else has to be kept.
"""

import argparse
import contextlib
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from deployed import refuse, run, terraform_outputs, use_region

# Many functions are many calls.
PATIENT = Config(retries={"mode": "standard", "max_attempts": 10})

# Seconds between two looks at the alarms, which CloudWatch evaluates every minute.
BETWEEN_LOOKS = 10

# Versions that an alias remembers as rolled back: its description takes 256 characters.
REMEMBERED = 20

# A stack whose last deployment stands.
SETTLED = (
    "CREATE_COMPLETE",
    "IMPORT_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
)


@dataclass(frozen=True)
class Api:
    """An API, the alarms that stop its rollouts, and each function's rollout by its name."""

    name: str
    region: str
    alarms: list[str]
    rollouts: dict[str, str]


@dataclass(frozen=True)
class Move:
    """A function's alias, on its way from one version to another."""

    client: Any
    function: str
    alias: str
    old: int
    new: int

    def shift(self, percent: int, description: str) -> None:
        """Give the new version so many of a hundred calls."""
        version, weights = (self.old, {str(self.new): percent / 100})
        if percent in (0, 100):
            version, weights = (self.new if percent else self.old, {})
        self.client.update_alias(
            FunctionName=self.function,
            Name=self.alias,
            FunctionVersion=str(version),
            RoutingConfig={"AdditionalVersionWeights": weights},
            Description=description,
        )


class StoppedError(Exception):
    """A rollout must not go on; the reason is the message."""


class HalfDoneError(StoppedError):
    """Some functions have been taken back, and others could not be."""


def main() -> None:
    options = read_options()
    use_region(options.region)
    # What ends a job ends a rollout as Ctrl-C does: by going back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.stacks:
        stacks = list(root_stacks(options.stacks, options.api))
        if not stacks:
            refuse(f"No stack {options.stacks}{options.api or '*'} is deployed.")
        stacks = [stack for stack in stacks if any(aliases_of(stack["StackId"]))]
        if not stacks:
            refuse(f"There is no rollout of {options.api or 'any API'} here.")
        if options.command == "back":
            go_back({stack["StackName"]: partial(back_in_stack, stack) for stack in stacks})
            return
        for stack in stacks:
            aliases = [(function, alias) for function, alias, _ in aliases_of(stack["StackId"])]
            prune(stack["StackName"], lambda_client(), aliases)
        return
    apis = list(of_terraform(options.api))
    if not apis:
        nothing = f"There is no rollout of {options.api or 'any API'} here."
        if not options.if_any:
            refuse(nothing)
        print(nothing)
    if options.command == "back":
        go_back({api.name: partial(back_by_descriptions, api) for api in apis})
    for api in apis:
        if options.command == "forward":
            forward(api, at_once=options.at_once, again=options.again)
        elif options.command == "prune":
            aliases = [(function, "released") for function in api.rollouts]
            prune(api.name, lambda_client(api.region), aliases)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Moves calls between versions of functions.")
    parser.add_argument("command", choices=["forward", "back", "prune"])
    parser.add_argument(
        "--api", metavar="NAME", help="the one API that is meant: my_api, or MyApi under CDK"
    )
    parser.add_argument(
        "--at-once",
        action="store_true",
        help="forward: without steps, and without a look at the alarms",
    )
    parser.add_argument(
        "--again", action="store_true", help="forward: to versions that were rolled back, too"
    )
    parser.add_argument(
        "--if-any", action="store_true", help="forward: do nothing where no API has a rollout"
    )
    parser.add_argument(
        "--stacks",
        metavar="PREFIX",
        help="what the stacks' names begin with; default: Terraform's outputs",
    )
    parser.add_argument("--region", help="where the stacks are; default: as the AWS CLI has it")
    return parser.parse_args()


def of_terraform(only: str | None) -> Iterator[Api]:
    """APIs whose module has rollouts, by the names of their outputs."""
    for name, value in terraform_outputs().items():
        rollout = value.get("rollout") if isinstance(value, dict) else None
        if rollout and rollout["functions"] and only in (None, name):
            region = value["execution_arn"].split(":")[3]
            yield Api(name, region, rollout["alarms"], rollout["functions"])


def lambda_client(region: str | None = None) -> Any:
    return boto3.client("lambda", region_name=region, config=PATIENT)


def forward(api: Api, *, at_once: bool, again: bool) -> None:
    """Release the newest version of each function, in the steps of its rollout."""
    moves, left = unreleased(lambda_client(api.region), api)
    if again:
        moves, left = [*moves, *left], []
    if left and not moves:
        version = f"{left[0].function}: version {left[0].new}"
        refuse(f"{version} was rolled back. Apply another one, or add --again.")
    for move in left:
        stays = f"stays at version {move.old}, since {move.new} was rolled back"
        print(f"{move.function}: {stays}; --again moves it, too")
    if not moves:
        print(f"{api.name}: the newest version of every function is released.")
        return
    steps: dict[int, list[tuple[Move, int]]] = {}
    for move in moves:
        for minute, percent in [(0, 100)] if at_once else steps_of(api.rollouts[move.function]):
            steps.setdefault(minute, []).append((move, percent))
    alarms = [] if at_once else api.alarms
    cloudwatch = boto3.client("cloudwatch", region_name=api.region, config=PATIENT)
    began = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        look(cloudwatch, alarms)
    except StoppedError as error:
        refuse(f"{api.name}: nothing is moved: {error}. --at-once doesn't ask the alarms.")
    try:
        now = 0
        for minute, due in sorted(steps.items()):
            wait(cloudwatch, alarms, 60 * (minute - now))
            now = minute
            for move, percent in due:
                move.shift(percent, f"Released at {began}, before it {move.old}.")
            for percent in sorted({percent for _, percent in due}):
                count = sum(percent == other for _, other in due)
                print(f"{api.name}: {percent} % of calls to the new version of {count} function(s)")
    except BaseException as error:
        # Whoever asks again for the end would else stop the way back.
        for asks in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asks, signal.SIG_IGN)
        reason = error if isinstance(error, Exception) else "it was interrupted"
        stuck = shift_each((move, 0, told_back({move.new}, began)) for move in moves)
        if stuck:
            refuse(f"{api.name}: {reason}. {where_it_was(stuck)} Run rollback.")
        refuse(f"{api.name}: every call goes to the old versions again: {reason}.")


def steps_of(rollout: str) -> list[tuple[int, int]]:
    """Minutes, and the percentage that the new version has from then on."""
    if rollout == "AllAtOnce":
        return [(0, 100)]
    kind, first, minutes = re.findall(r"Canary|Linear|\d+", rollout)
    percent, interval = int(first), int(minutes)
    if kind == "Canary":
        return [(0, percent), (interval, 100)]
    return [(interval * step, percent * (step + 1)) for step in range(100 // percent)]


def unreleased(client: Any, api: Api) -> tuple[list[Move], list[Move]]:
    """Moves to the newest versions, and those to versions that were rolled back."""
    moves, left = [], []
    for function in api.rollouts:
        alias = client.get_alias(FunctionName=function, Name="released")
        old, new = int(alias["FunctionVersion"]), max(versions_of(client, function))
        if old != new:
            moves_or_left = left if new in rolled_back_from(alias) else moves
            moves_or_left.append(Move(client, function, "released", old, new))
    return moves, left


def versions_of(client: Any, function: str) -> list[int]:
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    published = (version["Version"] for page in pages for version in page["Versions"])
    return [int(version) for version in published if version != "$LATEST"]


def rolled_back_from(alias: dict[str, Any]) -> set[int]:
    """Versions that an alias was taken back from, by its description."""
    told = re.match(r"Rolled back from ([\d, ]*\d)", alias.get("Description", ""))
    return {int(version) for version in re.findall(r"\d+", told[1])} if told else set()


def told_back(versions: set[int], began: str | None = None) -> str:
    """Description of an alias that was taken back, from a rollout that began then."""
    listed = ", ".join(map(str, sorted(versions)[-REMEMBERED:]))
    return f"Rolled back from {listed}{f', released at {began}' if began else ''}."


def released_at(alias: dict[str, Any]) -> str | None:
    """When the rollout began that moved an alias last, there or back."""
    told = re.search(r"[Rr]eleased at ([^\s,.]+)", alias.get("Description", ""))
    return told[1] if told else None


def version_before(alias: dict[str, Any]) -> int | None:
    """The version that answered before the rollout that moved an alias."""
    told = re.search(r", before it (\d+)", alias.get("Description", ""))
    return int(told[1]) if told else None


def look(cloudwatch: Any, names: list[str]) -> None:
    """Stop where an alarm is on, or can't be seen."""
    if not names:
        return
    states = {
        alarm["AlarmName"]: alarm["StateValue"]
        for alarm in cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    }
    for name in names:
        if states.get(name, "missing") in ("ALARM", "missing"):
            raise StoppedError(f"the alarm {name} is {'on' if name in states else 'not there'}")


def wait(cloudwatch: Any, alarms: list[str], seconds: int) -> None:
    for _ in range(0, seconds, BETWEEN_LOOKS):
        time.sleep(BETWEEN_LOOKS)
        look(cloudwatch, alarms)


def go_back(apis: dict[str, Callable[[], None]]) -> None:
    """Take each API back that can be, and end badly where none can, or one failed or is halfway."""
    gone, failed = 0, False
    for name, act in apis.items():
        try:
            act()
            gone += 1
        except StoppedError as error:
            print(f"{name}: {error}.")
            failed = failed or isinstance(error, HalfDoneError)
        except (BotoCoreError, ClientError) as error:
            print(f"{name}: AWS refused: {error}.")
            failed = True
    if failed or not gone:
        sys.exit(1)


def back(moves: list[tuple[Move, str]]) -> None:
    """Give every call of functions to their other version, with the aliases' new descriptions."""
    if not moves:
        raise StoppedError("there is nothing to go back from")
    stuck = shift_each((move, 100, description) for move, description in moves)
    for move, _ in moves:
        if move not in [each for each, _ in stuck]:
            print(f"{move.function}: every call goes to version {move.new}, and none to {move.old}")
    if stuck:
        raise HalfDoneError(f"{where_it_was(stuck)} Run the same again")


def shift_each(shifts: Iterable[tuple[Move, int, str]]) -> list[tuple[Move, Exception]]:
    """Make each of the moves that can be made, and tell those that can't."""
    stuck: list[tuple[Move, Exception]] = []
    for move, percent, description in shifts:
        try:
            move.shift(percent, description)
        except (BotoCoreError, ClientError) as error:
            stuck.append((move, error))
    return stuck


def where_it_was(stuck: list[tuple[Move, Exception]]) -> str:
    return " ".join(f"{move.function} is where it was: {error}." for move, error in stuck)


def back_by_descriptions(api: Api) -> None:
    """Take every function back that the last rollout moved, or moves."""
    client = lambda_client(api.region)
    aliases = {
        function: client.get_alias(FunctionName=function, Name="released")
        for function in api.rollouts
    }
    last = max((began for began in map(released_at, aliases.values()) if began), default=None)
    moves, gone = [], None
    for function, alias in aliases.items():
        if not last or released_at(alias) != last:
            continue
        before, bad = version_before(alias), rolled_back_from(alias)
        if before is not None:
            under_way = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
            newest = int(next(iter(under_way))) if under_way else int(alias["FunctionVersion"])
            move = Move(client, function, "released", newest, before)
            moves.append((move, told_back({newest}, last)))
        elif bad and gone is None:
            gone = f"version {max(bad)} of {function} was rolled back"
    if gone and not moves:
        raise StoppedError(gone)
    back(moves)


def root_stacks(prefix: str, api: str | None) -> Iterator[dict[str, Any]]:
    """Stacks of an environment, without those nested in them."""
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    for stack in (stack for page in pages for stack in page["Stacks"]):
        name = stack["StackName"]
        meant = name == prefix + api if api else name.startswith(prefix)
        if meant and not stack.get("RootId"):
            yield stack


def back_in_stack(stack: dict[str, Any]) -> None:
    """Stop the deployments of a stack that are under way, else take its last one back."""
    name = stack["StackName"]
    stopped = 0
    try:
        for resource in resources_of(stack["StackId"]):
            if resource["ResourceType"] == "AWS::CodeDeploy::Application":
                for _ in stop_deployments(resource["PhysicalResourceId"]):
                    stopped += 1
    finally:
        # Also where another one can't be.
        if stopped:
            print(f"{name}: stopped {stopped} deployment(s). CloudFormation puts the stack back.")
    if stopped:
        # They are stopped, also where the aliases can't be read.
        with contextlib.suppress(BotoCoreError, ClientError):
            if any(alias.bad for alias in stack_aliases(stack)):
                again = "its books may have a version that was rolled back"
                print(f"{name}: run rollback again then: {again}.")
        return
    status = stack["StackStatus"]
    put_back = "ROLLBACK_COMPLETE" in status
    if not put_back and status not in SETTLED:
        raise StoppedError(f"its stack is {status}, which CloudFormation has to end first")
    aliases = stack_aliases(stack)
    last = [] if put_back else moved_last(stack, aliases)
    client = lambda_client()
    moves, gone = [], None
    for alias in aliases:
        moved = alias in last
        # CloudFormation puts an alias to the version in its books, which may be one of the bad.
        if alias.current in alias.bad or (moved and alias.current > max(alias.bad, default=0)):
            if alias.before:
                move = Move(client, alias.function, alias.name, alias.current, alias.before)
                moves.append((move, told_back({*alias.bad, alias.current})))
        elif moved and gone is None:
            gone = f"version {max(alias.bad)} of {alias.function} was rolled back"
    if put_back and not moves:
        gone = "the last deployment has put itself back, and calls go to the versions before it"
    if gone and not moves:
        raise StoppedError(gone)
    back(moves)


@dataclass(frozen=True)
class StackAlias:
    """A function's alias in a stack."""

    function: str
    name: str
    arn: str
    stack: str
    """The stack that it stands in, which may be a nested one."""
    at: datetime
    """When CloudFormation moved it."""
    current: int
    before: int | None
    """The version to go back to, where there is one."""
    bad: set[int]
    """Versions that were rolled back."""


def stack_aliases(stack: dict[str, Any]) -> list[StackAlias]:
    client = lambda_client()
    found = []
    for function, name, resource in aliases_of(stack["StackId"]):
        alias = client.get_alias(FunctionName=function, Name=name)
        current, bad = int(alias["FunctionVersion"]), rolled_back_from(alias)
        earlier = [each for each in versions_of(client, function) if each < current]
        good = max((version for version in earlier if version not in bad), default=None)
        arn, at = resource["PhysicalResourceId"], resource["LastUpdatedTimestamp"]
        where = resource["StackId"]
        found.append(StackAlias(function, name, arn, where, at, current, good, bad))
    return found


def moved_last(stack: dict[str, Any], aliases: list[StackAlias]) -> list[StackAlias]:
    """Aliases that the last deployment moved of those that moved any, as one of a tag doesn't."""
    times = [(alias, alias.at) for alias in aliases if alias.bad or alias.before]
    if not times:
        return []
    last = stack.get("LastUpdatedTime", stack["CreationTime"])
    for began, stood in chain([(last, True)], deployments_of(stack["StackId"])):
        if not stood:
            # It put back what it had moved, so what came before counts.
            times = [
                (alias, moved_before(alias, began) if at >= began else at) for alias, at in times
            ]
        elif moved := [alias for alias, at in times if at >= began]:
            return moved
    raise StoppedError(
        "CloudFormation doesn't know any more what the last deployment moved: "
        "deploy the commit before it"
    )


def deployments_of(stack: str) -> Iterator[tuple[datetime, bool]]:
    """When each deployment of a stack began, and whether it stood; the last one comes first."""
    stood = True
    for event in events_of(stack):
        if event.get("PhysicalResourceId") != stack:
            continue
        status = event["ResourceStatus"]
        if status == "UPDATE_ROLLBACK_IN_PROGRESS":
            stood = False
        elif status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            yield event["Timestamp"], stood
            stood = True


def moved_before(alias: StackAlias, began: datetime) -> datetime:
    """When CloudFormation moved an alias last before this time; long ago where nothing tells."""
    for event in events_of(alias.stack):
        moved = event["ResourceStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        if event.get("PhysicalResourceId") == alias.arn and moved and event["Timestamp"] < began:
            return event["Timestamp"]
    return datetime.min.replace(tzinfo=UTC)


def events_of(stack: str) -> Iterator[dict[str, Any]]:
    """What happened to a stack, the newest first; CloudFormation forgets it after a while."""
    pages = boto3.client("cloudformation").get_paginator("describe_stack_events")
    for page in pages.paginate(StackName=stack):
        yield from page["StackEvents"]


def aliases_of(stack: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Functions of a stack with their alias and its resource."""
    for resource in resources_of(stack):
        if resource["ResourceType"] == "AWS::Lambda::Alias":
            function, alias = resource["PhysicalResourceId"].split(":")[-2:]
            if alias == "live":
                yield function, alias, resource


def prune(name: str, client: Any, aliases: list[tuple[str, str]]) -> None:
    deleted = 0
    for function, alias in aliases:
        told = client.get_alias(FunctionName=function, Name=alias)
        answering, bad = int(told["FunctionVersion"]), rolled_back_from(told)
        earlier = [version for version in versions_of(client, function) if version < answering]
        good = [version for version in earlier if version not in bad]
        before = version_before(told)
        kept = before if before in earlier else max(good or earlier, default=None)
        for version in earlier:
            if version != kept:
                client.delete_function(FunctionName=function, Qualifier=str(version))
                deleted += 1
    print(f"{name}: deleted {deleted} version(s), and kept the one before of each function.")


def resources_of(stack: str) -> Iterator[dict[str, Any]]:
    """Resources of a stack and of those nested in it, with the stack of each."""
    client = boto3.client("cloudformation")
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            # What is being made has no name yet.
            if not resource.get("PhysicalResourceId"):
                continue
            yield {**resource, "StackId": stack}
            if resource["ResourceType"] == "AWS::CloudFormation::Stack":
                yield from resources_of(resource["PhysicalResourceId"])


def stop_deployments(application: str) -> Iterator[str]:
    """Stop the deployments that are under way, and tell each: CodeDeploy takes their calls back."""
    client = boto3.client("codedeploy", config=PATIENT)
    groups = client.get_paginator("list_deployment_groups").paginate(applicationName=application)
    for group in (group for page in groups for group in page["deploymentGroups"]):
        pages = client.get_paginator("list_deployments").paginate(
            applicationName=application,
            deploymentGroupName=group,
            includeOnlyStatuses=["Created", "Queued", "InProgress"],
        )
        for deployment in (deployment for page in pages for deployment in page["deployments"]):
            client.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
            yield deployment


if __name__ == "__main__":
    run(main)
