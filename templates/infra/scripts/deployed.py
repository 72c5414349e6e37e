"""What the scripts of this folder have in common: a session, Terraform's outputs, how they end."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError


def use_region(region: str | None) -> None:
    """Make this region every client's; default: as the AWS CLI has it."""
    # CDK goes by AWS_REGION, which botocore doesn't read.
    boto3.setup_default_session(region_name=region or os.environ.get("AWS_REGION") or None)


def terraform_outputs() -> dict[str, Any]:
    """Values of the root module's outputs, by name."""
    told = json.loads(terraform("output", "-json"))
    return {name: output["value"] for name, output in told.items()}


def terraform(*command: str) -> str:
    """What a command of Terraform printed."""
    try:
        told = subprocess.run(["terraform", *command], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        refuse("terraform is not installed.")
    except subprocess.CalledProcessError as error:
        refuse(f"terraform {command[0]} failed: {' '.join(error.stderr.split())}")
    return told.stdout


def refuse(message: str) -> NoReturn:
    sys.exit(message)


def run(main: Callable[[], None]) -> None:
    """Run a script, and tell in one line what AWS has against it."""
    try:
        main()
    except NoRegionError:
        refuse("Which region are the stacks in? Give --region, or set AWS_REGION.")
    except ClientError as error:
        refuse(f"AWS refused: {error}")
    except BotoCoreError as error:
        refuse(f"AWS can't be asked: {error}")
