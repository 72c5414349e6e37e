"""Upload runtime-config.json, by which a website finds the APIs of an environment.

It is made of what their deployment put out, and lies beside index.html in the website's bucket.
Nothing of it is in the website's own stack: an API may refer to the website (for CORS), and a
reference back would be a circle.

What it reads, by the names of CloudFormation's outputs (in Terraform also `my_api_url`):

- `MyApiUrl`: address of the API `MyApi`;
- `WebsiteBucket`, `WebsiteDistribution`: name of the bucket and id of the CloudFront distribution,
  unless they are given;
- `IdentityPoolId`, `UserPoolId`, `UserPoolClientId`: what signing in needs, where there is one.
"""

import argparse
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from deployed import refuse, run, terraform_outputs, use_region

COGNITO = ("identityPoolId", "userPoolId", "userPoolClientId")


def main() -> None:
    options = read_options()
    use_region(options.region)
    outputs = Outputs(options.stacks)
    config = runtime_config(options.apis, outputs)
    text = json.dumps(config, indent=2) + "\n"
    if options.out:
        Path(options.out).write_text(text)
        print(f"Wrote {options.out}")
        return
    bucket = options.bucket or outputs.get("WebsiteBucket")
    if not bucket:
        refuse("Where is the website? Give --bucket, or an output WebsiteBucket with its name.")
    upload(text, bucket, options.key, options.distribution or outputs.get("WebsiteDistribution"))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Uploads runtime-config.json for a website, after a deployment."
    )
    parser.add_argument(
        "--apis", nargs="+", required=True, metavar="API", help="classes of the APIs: MyApi"
    )
    parser.add_argument(
        "--stacks",
        metavar="PREFIX",
        help="what the stacks' names begin with; default: Terraform's outputs",
    )
    parser.add_argument(
        "--bucket", help="name of the website's bucket; default: the output WebsiteBucket"
    )
    parser.add_argument(
        "--distribution",
        help="id of its CloudFront distribution; default: the output WebsiteDistribution",
    )
    parser.add_argument(
        "--key",
        default="runtime-config.json",
        help="the file's place in the bucket; default: %(default)s",
    )
    parser.add_argument("--region", help="where the stacks are; default: as the AWS CLI has it")
    parser.add_argument("--out", metavar="FILE", help="write the file here, and upload nothing")
    return parser.parse_args()


def runtime_config(apis: list[str], outputs: "Outputs") -> dict[str, Any]:
    """What the file holds. An API that is not deployed is left out, and told."""
    found = {api: url for api in apis if (url := outputs.get(f"{api}Url"))}
    if not found:
        wanted = " or ".join(f"{api}Url" for api in apis)
        refuse(f"{outputs.nowhere} an output {wanted}: deploy an API first.")
    for api in apis:
        if api not in found:
            print(f"{api} is left out: {outputs.nowhere} an output {api}Url.")
    config: dict[str, Any] = {
        "apis": {api: {"url": url, **region(url, api, outputs)} for api, url in found.items()}
    }
    cognito = {
        name: value for name in COGNITO if (value := outputs.only(name[0].upper() + name[1:]))
    }
    if cognito:
        config["cognito"] = cognito
    return config


def region(url: str, api: str, outputs: "Outputs") -> dict[str, str]:
    """The API's region, where its address is a domain name that doesn't tell it."""
    if re.match(r"https://\w+\.execute-api\.[\w-]+\.", url):
        return {}
    arn = outputs.get(f"{api}ExecutionArn")
    known = arn.split(":")[3] if arn else outputs.region_of(f"{api}Url")
    return {"region": known} if known else {}


class Outputs:
    """Outputs of all stacks of an environment, or of a root module of Terraform."""

    def __init__(self, stacks: str | None) -> None:
        self.nowhere = f"no stack {stacks}* has" if stacks else "Terraform's state lacks"
        self._values: dict[str, str] = {}
        self._regions: dict[str, str] = {}
        for name, value, in_region in of_stacks(stacks) if stacks else of_terraform():
            self._values[canonical(name)] = value
            self._regions[canonical(name)] = in_region

    def get(self, name: str) -> str | None:
        return self._values.get(canonical(name))

    def region_of(self, name: str) -> str:
        return self._regions.get(canonical(name), "")

    def only(self, name: str) -> str | None:
        """The output of this name, else the one value of all that end so, as an API's own pool."""
        if value := self.get(name):
            return value
        ending = canonical(name)
        values = {known: value for known, value in self._values.items() if known.endswith(ending)}
        if len(set(values.values())) > 1:
            refuse(
                f"There are several outputs ...{name}, and a website signs in to one: "
                f"add an output {name} with that one."
            )
        return next(iter(values.values()), None)


def canonical(name: str) -> str:
    """`MyApiUrl` and `my_api_url` are one name."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def of_stacks(prefix: str) -> Iterator[tuple[str, str, str]]:
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    for stack in (stack for page in pages for stack in page["Stacks"]):
        for output in stack.get("Outputs", []) if stack["StackName"].startswith(prefix) else []:
            yield output["OutputKey"], output["OutputValue"], stack["StackId"].split(":")[3]


def of_terraform() -> Iterator[tuple[str, str, str]]:
    """Outputs that are text, and of those that are objects each text in them: `my_api.url`."""
    for name, output in terraform_outputs().items():
        inside = output if isinstance(output, dict) else {"": output}
        yield from (
            (f"{name}_{key}", value, "") for key, value in inside.items() if isinstance(value, str)
        )


def upload(text: str, bucket: str, key: str, distribution: str | None) -> None:
    """Put the file into the bucket, and take the old one out of CloudFront."""
    boto3.client("s3").put_object(
        Bucket=bucket,
        Key=key,
        Body=text.encode(),
        ContentType="application/json",
        CacheControl="no-cache",
    )
    print(f"Uploaded s3://{bucket}/{key}\n{text}", end="")
    if not distribution:
        print("No distribution is known (--distribution): one may serve the old file for a while.")
        return
    paths = {"Quantity": 1, "Items": [f"/{key}"]}
    boto3.client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={"Paths": paths, "CallerReference": str(uuid.uuid4())},
    )
    print(f"Invalidated /{key} of {distribution}")


if __name__ == "__main__":
    run(main)
