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
import uuid
from pathlib import Path
from typing import Any

import boto3
from deployed import refuse, run, use_region
from outputs import Outputs, region_in

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


def runtime_config(apis: list[str], outputs: Outputs) -> dict[str, Any]:
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


def region(url: str, api: str, outputs: Outputs) -> dict[str, str]:
    """The API's region, where its address is a domain name that doesn't tell it."""
    known = "" if region_in(url) else outputs.region_of(api)
    return {"region": known} if known else {}


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
