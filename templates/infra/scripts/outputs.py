"""What a deployment put out, by the names of CloudFormation's outputs, also for Terraform's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
from deployed import refuse, terraform_outputs


@dataclass(frozen=True)
class Output:
    """One output, and where it is from."""

    value: str
    stack: str = ""
    """ARN of the stack; empty in Terraform."""


class Outputs:
    """Outputs of all stacks of an environment, or of a root module of Terraform."""

    def __init__(self, stacks: str | None) -> None:
        """Read them.

        Args:
            stacks: What the stacks' names begin with; None for Terraform's root module.
        """
        self.nowhere = f"no stack {stacks}* has" if stacks else "Terraform's state lacks"
        found = of_stacks(stacks) if stacks else of_terraform()
        self._outputs = {canonical(name): output for name, output in found}

    def get(self, name: str) -> str | None:
        """The value of an output: `MyApiUrl`, in Terraform also `my_api_url` or `my_api.url`."""
        output = self._outputs.get(canonical(name))
        return output.value if output else None

    def stack_of(self, name: str) -> str:
        """ARN of the stack that has an output."""
        output = self._outputs.get(canonical(name))
        return output.stack if output else ""

    def only(self, name: str) -> str | None:
        """The output of this name, else the one value of all that end so, as an API's own pool."""
        if value := self.get(name):
            return value
        ending = canonical(name)
        values = {output.value for known, output in self._outputs.items() if known.endswith(ending)}
        if len(values) > 1:
            refuse(
                f"There are several outputs ...{name}, and a website signs in to one: "
                f"add an output {name} with that one."
            )
        return next(iter(values), None)

    def region_of(self, api: str) -> str:
        """Region of an API whose address doesn't tell it; empty where nothing does."""
        arn = self.get(f"{api}ExecutionArn") or self.stack_of(f"{api}Url")
        return arn.split(":")[3] if arn else ""


def region_in(url: str) -> str:
    """The region in an API's own address; empty for a domain name."""
    found = re.match(r"https://\w+\.execute-api\.([\w-]+)\.", url)
    return found[1] if found else ""


def canonical(name: str) -> str:
    """`MyApiUrl` and `my_api_url` are one name."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def of_stacks(prefix: str) -> Iterator[tuple[str, Output]]:
    """Outputs of the stacks whose names begin so."""
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    for stack in (stack for page in pages for stack in page["Stacks"]):
        for output in stack.get("Outputs", []) if stack["StackName"].startswith(prefix) else []:
            yield output["OutputKey"], Output(output["OutputValue"], stack["StackId"])


def of_terraform() -> Iterator[tuple[str, Output]]:
    """Outputs that are text, and of those that are objects each text in them: `my_api.url`."""
    for name, value in terraform_outputs().items():
        inside = value if isinstance(value, dict) else {"": value}
        yield from (
            (f"{name}_{key}", Output(text)) for key, text in inside.items() if isinstance(text, str)
        )
