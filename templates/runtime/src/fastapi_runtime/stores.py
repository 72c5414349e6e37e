"""Reads parameters and secrets of AWS, by the botocore that Lambda's runtime brings.

It is no dependency: with one in the bundle, that one is used, since the bundle goes first.
"""

import os
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

_AT_ONCE = 10
"""Names that one GetParameters takes:
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html"""

_CALLS_AT_ONCE = 10

_NOT_THERE = "ResourceNotFoundException"
_REFUSED = "AccessDeniedException"


class StoreError(Exception):
    """Why a store could not be asked; the message names it and what was asked for."""


@dataclass
class Found:
    """What the stores answered; a name that none of them holds is in no field."""

    parameters: dict[str, str] = field(default_factory=dict[str, str])
    string_lists: set[str] = field(default_factory=set[str])
    """Parameters that are lists apart by commas."""
    secrets: dict[str, str | bytes] = field(default_factory=dict[str, "str | bytes"])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    """Secrets that may not be read, by name, with the reason. Of one that does not exist Secrets
    Manager says so as well, since its ARN is in no policy."""


def read_stores(parameters: Collection[str], secrets: Collection[str]) -> Found:
    """Read values, all calls side by side.

    Args:
        parameters: Whole names, of SSM Parameter Store.
        secrets: Whole names, of Secrets Manager.

    Raises:
        StoreError: When a store can't be reached, or refuses parameters.
    """
    found = Found()
    names = sorted(parameters)
    calls: list[Callable[[], None]] = []
    # Clients may be used by several threads, but not made by them. They are of this reading alone:
    # in a snapshot their credentials would expire.
    new_client = _clients()
    if names:
        ssm = new_client("ssm")
        chunks = [names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)]
        calls += [_parameters_call(ssm, chunk, found) for chunk in chunks]
    if secrets:
        manager = new_client("secretsmanager")
        # One call each: BatchGetSecretValue needs a permission that no ARN can limit.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        calls += [_secret_call(manager, name, found) for name in sorted(secrets)]
    with ThreadPoolExecutor(min(len(calls), _CALLS_AT_ONCE)) as pool:
        for done in [pool.submit(call) for call in calls]:
            done.result()
    return found


def _clients() -> Callable[[str], Any]:
    try:
        session: Any = import_module("botocore.session").get_session()
    except ModuleNotFoundError:
        raise StoreError("botocore is neither in Lambda's runtime nor in the bundle") from None
    # Three tries that can't connect end after six seconds, three without an answer after nine, and
    # with a reason. After ten Lambda ends a start and begins another one, within the first request:
    # https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
    config = import_module("botocore.config").Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    region = os.environ.get("AWS_REGION")
    return lambda service: session.create_client(service, region_name=region, config=config)


def _parameters_call(client: Any, names: list[str], found: Found) -> Callable[[], None]:
    def call() -> None:
        code, answer = _ask(
            "Parameter Store",
            names,
            lambda: client.get_parameters(Names=names, WithDecryption=True),
        )
        if code:
            raise StoreError(f"Parameter Store refuses {', '.join(names)}: {answer}")
        for parameter in answer["Parameters"]:
            found.parameters[parameter["Name"]] = parameter["Value"]
            if parameter["Type"] == "StringList":
                found.string_lists.add(parameter["Name"])

    return call


def _secret_call(client: Any, name: str, found: Found) -> Callable[[], None]:
    def call() -> None:
        code, answer = _ask(
            "Secrets Manager", [name], lambda: client.get_secret_value(SecretId=name)
        )
        if code == _REFUSED:
            found.refused[name] = answer
        elif not code:
            found.secrets[name] = answer.get("SecretString", answer.get("SecretBinary"))

    return call


def _ask(store: str, names: Iterable[str], call: Callable[[], Any]) -> tuple[str, Any]:
    """One call: its answer, or the code and the message of an error that says something of names.

    Raises:
        StoreError: For any other error.
    """
    errors: Any = import_module("botocore.exceptions")
    try:
        return "", call()
    except errors.ClientError as error:
        told: dict[str, str] = error.response["Error"]
        if told["Code"] in (_NOT_THERE, _REFUSED):
            return told["Code"], told["Message"]
        raise StoreError(f"{store} fails at {', '.join(names)}: {error}") from None
    except errors.BotoCoreError as error:
        raise StoreError(
            f"{store} can't be reached for {', '.join(names)}: {type(error).__name__}: {error} "
            "(from a VPC it takes a NAT gateway, or an interface endpoint)"
        ) from None
