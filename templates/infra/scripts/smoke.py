"""Call one operation of an API, deployed or served on this machine, and show what came back.

The address, and who may call, are outputs of the deployment: `MyApiUrl`, `MyApiAuth`, and under
Cognito `MyApiUserPoolId` and `MyApiUserPoolClientId`. Which operations there are is in the API's
OpenAPI document. Exit code 1 unless the answer's status is 2xx.

Where nobody is there to be asked, as in a workflow, `--if-any` leaves out an API that can't be
called without knowing more, and calls none with a value that is made up.
"""

import argparse
import contextlib
import getpass
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import responses
from pathlib import Path
from shlex import quote as shell_quote
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from deployed import refuse, run, terraform, use_region
from outputs import Outputs, canonical, region_in

AUTHS = ("IAM", "Cognito", "Custom", "None")

SIGN_IN = """
import sys
from pycognito import Cognito
pool, client, username, password = sys.stdin.read().split("\\n")
user = Cognito(pool, client, username=username)
user.authenticate(password=password)
print(user.id_token)
"""
"""A client of the pool has the Secure Remote Password protocol, which botocore doesn't speak."""

PYCOGNITO = "pycognito==2024.5.1"
"""One version, since it gets a password."""

SECRETS = ("ACTIONS_", "AWS_ACCESS_", "AWS_SECRET_", "AWS_SESSION_", "SMOKE_")
"""What variables begin with that only this script needs."""

STREAMS = {"application/jsonl", "text/event-stream"}
"""Media types of what may not end."""

BEARER = "bearer"
"""What is shown in the header `Authorization`."""

Json = dict[str, Any]


def main() -> None:
    """Call the operation, and tell what came back."""
    options = read_options()
    use_region(options.region)
    document = json.loads(Path(options.document).read_text())
    api = local(options) if options.url or options.served else deployed(options)
    operation = chosen(document, api, options)
    call = call_of(operation, api.url, options)
    print(f"{call.method} {call.url}")
    call.headers |= credentials(api, operation, options)
    if api.auth == "IAM":
        sign(call, api.region)
    started = time.time()
    answer = send(call)
    show(answer, time.time() - started)
    show_logs(api, operation, call, answer, started)
    sys.exit(0 if 200 <= answer.status_code < 300 else 1)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Calls one operation of an API. Exit code 1 unless it answers with 2xx."
    )
    parser.add_argument("--api", required=True, help="class of the API: MyApi")
    parser.add_argument("--document", required=True, help="the API's openapi.json")
    parser.add_argument("--stacks", metavar="PREFIX", help="what the stacks' names begin with")
    parser.add_argument("--backend", help="Terraform: settings of the environment's state")
    parser.add_argument("--url", help="address of the API; default: the output, such as MyApiUrl")
    parser.add_argument(
        "--served", metavar="FILE", help="the local server's note of its address, without --url"
    )
    parser.add_argument(
        "--operation",
        default=os.environ.get("SMOKE_OPERATION"),
        help="its name; default: SMOKE_OPERATION, if it is set, else a GET that needs nothing, "
        "or nothing of its path",
    )
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter, of the path, query, headers or cookies; may be repeated",
    )
    parser.add_argument("--body", help="body of the request, or @ and the file that has it")
    parser.add_argument("--auth", choices=AUTHS, help="default: the output, such as MyApiAuth")
    parser.add_argument("--region", help="where the API is; default: as the AWS CLI has it")
    parser.add_argument(
        "--token",
        help="what goes into the header Authorization; default: SMOKE_TOKEN, if it is set",
    )
    parser.add_argument(
        "--username",
        default=os.environ.get("SMOKE_USERNAME"),
        help="Cognito: who signs in, with SMOKE_PASSWORD or a password that is asked for; "
        "default: SMOKE_USERNAME, if it is set",
    )
    parser.add_argument(
        "--if-any",
        action="store_true",
        help="call nothing where no operation needs nothing, or a token is missing",
    )
    return parser.parse_args()


@dataclass
class Api:
    """An API that can be called."""

    name: str
    url: str
    auth: str
    region: str = ""
    outputs: Outputs | None = None


def local(options: argparse.Namespace) -> Api:
    """An API by its address, that of the local server for instance."""
    url = options.url or served(Path(options.served))
    region = options.region or region_in(url) or boto3.DEFAULT_SESSION.region_name or ""
    return Api(options.api, url.rstrip("/"), options.auth or "None", region)


def served(note: Path) -> str:
    """The address of the local server, which takes the next port where its own is taken."""
    try:
        return json.loads(note.read_text())["url"]
    except (OSError, ValueError, KeyError):
        refuse("Nothing is served: run the target serve of the API first, or give --url.")


def deployed(options: argparse.Namespace) -> Api:
    """An API by the outputs of its deployment."""
    if options.backend:
        backend = f"-backend-config={options.backend}"
        terraform("init", "-input=false", "-reconfigure", backend)
    outputs = Outputs(options.stacks)
    url = outputs.get(f"{options.api}Url")
    if not url:
        refuse(
            f"{outputs.nowhere} an output {options.api}Url: deploy the API first, or give --url."
        )
    auth = options.auth or outputs.get(f"{options.api}Auth") or "None"
    region = options.region or region_in(url) or outputs.region_of(options.api)
    return Api(options.api, url, auth, region, outputs)


@dataclass
class Operation:
    """One operation of the document."""

    name: str
    method: str
    path: str
    template: str
    parameters: list[Json]
    body_types: list[str]
    streams: bool
    asks: list[set[str]]
    """What the app itself asks its callers to show, one of these sets."""

    @property
    def required(self) -> list[Json]:
        """Parameters that a call has to have."""
        return [parameter for parameter in self.parameters if parameter.get("required")]


def operations_of(document: Json) -> Iterator[Operation]:
    """The operations of an OpenAPI document, in its order."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    # Keys of API Gateway and the app stay what they are, by their names.
    shown = {name: name if kind["type"] == "apiKey" else BEARER for name, kind in schemes.items()}
    for path, item in document["paths"].items():
        for method, found in item.items():
            if not isinstance(found, dict) or "responses" not in found:
                continue
            name = found.get("operationId", f"{method} {path}")
            parameters = [*item.get("parameters", []), *found.get("parameters", [])]
            body_types = list(found.get("requestBody", {}).get("content", {}))
            # FastAPI's path, with its converters, where OpenAPI's can't tell them.
            template = found.get("x-fastapi-path", path)
            # Without requirements, or with an empty one, anybody may call.
            requirements = found.get("security", document.get("security")) or [{}]
            asks = [{shown.get(scheme, scheme) for scheme in each} for each in requirements]
            yield Operation(
                name, method.upper(), path, template, parameters, body_types, streamed(found), asks
            )


def streamed(operation: Json) -> bool:
    """Whether an operation answers with a stream."""
    types = {
        kind
        for status, response in operation["responses"].items()
        for kind in response.get("content", {})
        if status.startswith("2")
    }
    return operation.get("x-fastapi-stream", bool(types & STREAMS))


def chosen(document: Json, api: Api, options: argparse.Namespace) -> Operation:
    """The operation that is named, else one that can be called without knowing more."""
    operations = list(operations_of(document))
    name = options.operation
    names = ", ".join(operation.name for operation in operations)
    if name:
        for operation in operations:
            if canonical(operation.name) == canonical(name):
                return operation
        refuse(f"{name} is not an operation. Operations: {names}.")
    # Under IAM the header has the signature.
    given = api.auth in ("Cognito", "Custom") or (api.auth == "None" and token_of(options))
    shown = {BEARER} if given else set()
    easy = [
        operation
        for operation in operations
        if operation.method == "GET"
        and not operation.streams
        and any(asked <= shown for asked in operation.asks)
        and all(value_of(parameter, options) is not None for parameter in operation.required)
    ]
    if not easy:
        lacks(
            f"No GET can be called without knowing more: give --operation. Operations: {names}.",
            options,
        )
    return min(easy, key=lambda operation: bool(operation.required))


def lacks(message: str, options: argparse.Namespace) -> NoReturn:
    """End without a call, for want of what only the caller knows."""
    if not options.if_any:
        refuse(message)
    print(f"Not called. {message}")
    sys.exit(0)


def value_of(parameter: Json, options: argparse.Namespace) -> str | None:
    """A value for a parameter: its own example, or where somebody looks on, one that is made up."""
    own = example(parameter)
    return made_up(parameter) if own is None and not options.if_any else own


def example(parameter: Json) -> str | None:
    """A value that the document has for a parameter."""
    schema = parameter.get("schema", {})
    own = [parameter.get("example"), *parameter_examples(parameter), schema.get("example")]
    known = [*own, *schema.get("examples", []), schema.get("default"), *schema.get("enum", [])]
    for value in known:
        if value is not None:
            return json.dumps(value) if isinstance(value, bool | dict | list) else str(value)
    return None


def made_up(parameter: Json) -> str | None:
    """A value that a parameter's type allows; None for a path's."""
    schema = parameter.get("schema", {})
    # What a path names has to exist.
    if parameter["in"] == "path" or {"pattern", "format"} & schema.keys():
        return None
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    longest, shortest = schema.get("maxLength", 5), schema.get("minLength", 0)
    made = {
        "string": "smoke"[:longest].ljust(shortest, "-"),
        "integer": str(int(low)),
        "number": str(low),
        "boolean": "true",
    }
    return made.get(schema.get("type", ""))


def parameter_examples(parameter: Json) -> list[Any]:
    """Values of a parameter's named examples."""
    return [example.get("value") for example in parameter.get("examples", {}).values()]


@dataclass
class Call:
    """A request."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def call_of(operation: Operation, base: str, options: argparse.Namespace) -> Call:
    """The request, with parameters as given, and with examples for the required ones."""
    given: dict[str, list[str]] = {}
    for text in options.param:
        name, equals, value = text.partition("=")
        if not equals:
            refuse(f"--param={text} is no NAME=VALUE.")
        given.setdefault(name, []).append(value)
    known = {parameter["name"] for parameter in operation.parameters}
    if unknown := sorted(given.keys() - known):
        there = ", ".join(sorted(known)) or "none"
        refuse(f"{operation.name} has no parameter {', '.join(unknown)}. Parameters: {there}.")
    path, query = operation.path, []
    # As the runtime takes it over, so that one search finds every line.
    call = Call(operation.method, "", {"X-Correlation-Id": f"smoke-{uuid.uuid4()}"})
    for parameter in operation.parameters:
        name, place = parameter["name"], parameter["in"]
        values = given.get(name)
        if values is None:
            value = value_of(parameter, options) if parameter.get("required") else None
            if value is None and parameter.get("required"):
                refuse(f"{operation.name} needs --param={name}=VALUE.")
            values = [] if value is None else [value]
        if place == "path":
            # A slash ends a parameter, unless it takes the rest of the path.
            safe = "/" if f"{{{name}:path}}" in operation.template else ""
            path = path.replace(f"{{{name}}}", quote(values[-1], safe=safe))
        elif place == "query":
            query += [(name, value) for value in values]
        elif place == "header" and values:
            call.headers[name] = values[-1]
        elif place == "cookie" and values:
            cookies = [call.headers.get("Cookie"), f"{name}={values[-1]}"]
            call.headers["Cookie"] = "; ".join(filter(None, cookies))
    call.url = base + path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    if options.body is not None:
        file = options.body.removeprefix("@")
        call.body = Path(file).read_bytes() if file != options.body else options.body.encode()
        call.headers["Content-Type"] = next(iter(operation.body_types), "application/json")
    return call


def credentials(api: Api, operation: Operation, options: argparse.Namespace) -> dict[str, str]:
    """The header by which API or app know who calls; none where requests are signed or open."""
    # A token in the environment may be another API's: where all may call, none sees it.
    if api.auth == "IAM" or (api.auth == "None" and set() in operation.asks and not options.token):
        return {}
    token = options.token
    if not token and api.auth == "Cognito" and options.username:
        token = signed_in(api, options)
    token = token or token_of(options)
    if not token and api.auth == "None":
        return {}
    if not token:
        how = " or --username" if api.auth == "Cognito" else ""
        lacks(
            f"{api.name} has auth {api.auth}: give a token by --token or SMOKE_TOKEN{how}.", options
        )
    return {"Authorization": token if " " in token else f"Bearer {token}"}


def token_of(options: argparse.Namespace) -> str | None:
    """The token that is given."""
    return options.token or os.environ.get("SMOKE_TOKEN")


def signed_in(api: Api, options: argparse.Namespace) -> str:
    """The ID token of a user of the pool."""
    username = options.username
    named = [f"{api.name}UserPoolId", f"{api.name}UserPoolClientId"]
    pool, client = (
        api.outputs and (api.outputs.get(name) or api.outputs.only(name.removeprefix(api.name)))
        for name in named
    )
    if not pool or not client:
        refuse(f"There are no outputs {' and '.join(named)}: sign in yourself, and give --token.")
    password = os.environ.get("SMOKE_PASSWORD")
    if not password and options.if_any:
        lacks(f"{api.name}: the password of {username} is not in SMOKE_PASSWORD.", options)
    password = password or getpass.getpass(f"Password of {username}: ")
    # Signing in takes no credentials of AWS, so its packages get none, nor what a job gets some by.
    own = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
    ran = subprocess.run(
        ["uv", "run", "--quiet", "--no-project", "--with", PYCOGNITO, "python", "-c", SIGN_IN],
        check=False,
        capture_output=True,
        input="\n".join([pool, client, username, password]),
        text=True,
        env={**own, "AWS_DEFAULT_REGION": pool.partition("_")[0]},
    )
    if ran.returncode != 0:
        said = ran.stderr.strip().splitlines()
        refuse(f"{username} can't sign in: {said[-1] if said else 'pycognito failed'}")
    return ran.stdout.strip()


def sign(call: Call, region: str) -> None:
    """Sign a request with the credentials at hand (Signature Version 4)."""
    found = boto3.DEFAULT_SESSION.get_credentials()
    if found is None:
        refuse("There are no credentials of AWS to sign with: set AWS_PROFILE, or log in.")
    if not region:
        refuse("Which region is the API in? Give --region, or set AWS_REGION.")
    keys = found.get_frozen_credentials()
    request = AWSRequest(call.method, call.url, headers=call.headers, data=call.body)
    SigV4Auth(keys, "execute-api", region).add_auth(request)
    call.headers = dict(request.headers.items())
    print(f"signed by {keys.access_key}")


def send(call: Call) -> AWSResponse:
    """The answer, redirects not followed."""
    request = AWSRequest(call.method, call.url, headers=call.headers, data=call.body).prepare()
    try:
        answer = URLLib3Session(timeout=60).send(request)
        _ = answer.content
    except BotoCoreError as error:
        refuse(f"No answer: {error}")
    return answer


def show(answer: AWSResponse, seconds: float) -> None:
    """Status, time and body."""
    status = answer.status_code
    print(f"\n{status} {responses.get(status, '')} in {seconds * 1000:.0f} ms\n{shown(answer)}")


def shown(answer: AWSResponse) -> str:
    """The body as text, JSON with indentation, at most some 100 lines of it."""
    kind = answer.headers.get("content-type", "")
    if not answer.content:
        return "(no body)"
    if not re.match(r"text/|application/([\w.+-]*json|jsonl|xml)", kind):
        return f"({len(answer.content)} bytes of {kind or 'no type'})"
    text = answer.content.decode(errors="replace")
    if "json" in kind:
        # Lines of JSON are no JSON.
        with contextlib.suppress(ValueError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    lines = text.splitlines()
    return "\n".join([*lines[:100], *([f"({len(lines) - 100} lines more)"] if lines[100:] else [])])


def show_logs(
    api: Api, operation: Operation, call: Call, answer: AWSResponse, started: float
) -> None:
    """How to find the request's lines."""
    correlation = answer.headers.get("x-correlation-id") or call.headers["X-Correlation-Id"]
    # A REST API's id of the request, and an HTTP API's.
    request = answer.headers.get("x-amzn-requestid") or answer.headers.get("apigw-requestid")
    print(f"\ncorrelation id {correlation}" + (f", request id {request}" if request else ""))
    if api.outputs is None:
        return
    groups = log_groups(api, operation)
    if not groups:
        print("No log group of it was found.")
        return
    conditions = [f'correlation_id = "{correlation}"']
    if request:
        conditions.append(f'requestId = "{request}"')
    query = f"fields @timestamp, @message | filter {' or '.join(conditions)} | sort @timestamp"
    region = f" --region {api.region}" if api.region else ""
    print(
        "Its lines are in CloudWatch Logs some seconds later:\n\n"
        f"QUERY=$(aws logs start-query{region} --query queryId --output text \\\n"
        f"  --start-time {int(started) - 60} --end-time {int(started) + 600} \\\n"
        f"  --log-group-names {' '.join(shell_quote(group) for group in groups)} \\\n"
        f"  --query-string {shell_quote(query)})\n"
        f'sleep 5; aws logs get-query-results{region} --query-id "$QUERY" --output text'
    )


def log_groups(api: Api, operation: Operation) -> list[str]:
    """The groups of the operation's function, or of the shared one, and of API Gateway's access."""
    stack = api.outputs.stack_of(f"{api.name}Url") if api.outputs else ""
    found = groups_of_stack(api, stack) if stack else groups_of_terraform(api)
    by_name = {name: group for name, group in found if name}
    function = by_name.get(canonical(operation.name)) or by_name.get("router")
    return [group for group in (function, by_name.get("access logs")) if group]


def groups_of_stack(api: Api, stack: str) -> Iterator[tuple[str, str]]:
    """Log groups of a stack and the stacks within it, by what writes to them."""
    client = boto3.client("cloudformation", region_name=stack.split(":")[3])
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
    for resource in (one for page in pages for one in page["StackResourceSummaries"]):
        kind, logical = resource["ResourceType"], canonical(resource["LogicalResourceId"])
        physical = resource.get("PhysicalResourceId", "")
        if kind == "AWS::CloudFormation::Stack":
            yield from groups_of_stack(api, physical)
        if kind == "AWS::Logs::LogGroup":
            # The ids of the constructs, and CDK's hash.
            function = re.fullmatch(r"(?:.*functions\d*)?(.+)loggroup[0-9a-f]{8}", logical)
            access = re.fullmatch(rf".*{canonical(api.name)}accesslogs[0-9a-f]{{8}}", logical)
            yield ("access logs" if access else function[1] if function else "", physical)


def groups_of_terraform(api: Api) -> Iterator[tuple[str, str]]:
    """Log groups of the API's module in Terraform's state, by what writes to them."""
    for resource in json.loads(terraform("state", "pull"))["resources"]:
        module = resource.get("module", "")
        if resource["type"] != "aws_cloudwatch_log_group" or resource["name"] != "this":
            continue
        first = re.match(r"module\.(\w+)", module)
        if not first or canonical(first[1]) != canonical(api.name):
            continue
        function = re.search(r'\.module\.function\["(.+)"\]$', module)
        access = module.endswith(".module.api")
        for instance in resource["instances"]:
            name = "access logs" if access else canonical(function[1]) if function else ""
            yield name, instance["attributes"]["name"]


if __name__ == "__main__":
    run(main)
