"""Settings in a Lambda environment: read as it starts by the runtime's botocore, and again after a restore."""

import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox import TASK_ROOT, Sandbox, free_port
from test_lifecycle import direct

MOTO = os.environ["HARNESS_MOTO"]
"""A Python with moto, and the botocore that stands for the one of Lambda's runtime."""

SERVER = os.environ["HARNESS_MOTO_SERVER"]

PUT = """
import json, sys, botocore.session
session = botocore.session.get_session()
for service, operation, arguments in json.loads(sys.argv[1]):
    getattr(session.create_client(service, region_name="eu-central-1"), operation)(**arguments)
"""


class Aws:
    """Moto's server, and what is put into its stores as the README says."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([MOTO, SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout
        self.credentials = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.process.stdout.readline().strip()}",
        }
        place = subprocess.run([MOTO, "-c", "import botocore; print(botocore.__path__[0])"], capture_output=True, check=True, text=True)
        self.env = {
            **self.credentials,
            "SETTINGS_PATH": "/my-scope/production",
            "LAMBDA_RUNTIME_DIR": str(Path(place.stdout.strip()).parent),
        }

    def put(self, *calls: tuple[str, str, dict[str, Any]]) -> None:
        subprocess.run([MOTO, "-c", PUT, json.dumps(calls)], env={**os.environ, **self.credentials}, check=True)


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.process.terminate()
    server.process.wait()


def test_settings_are_read_at_the_start_and_again_after_a_restore(aws: Aws) -> None:
    aws.put(
        ("ssm", "put_parameter", {"Name": "/my-scope/production/page-size", "Value": "20", "Type": "SecureString"}),
        ("secretsmanager", "create_secret", {"Name": "/my-scope/production/database", "SecretString": '{"url": "postgresql://one"}'}),
    )
    sandbox = Sandbox(
        freeze=False,
        env={**aws.env, "AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH": "/_lambda/after-restore"},
    )
    try:
        read = sandbox.request("GET", "/settings").json()
        # Neither the bundle's, which has none, nor another one that the machine may have.
        assert read.pop("botocore").startswith(aws.env["LAMBDA_RUNTIME_DIR"])
        assert read == {"database_url": "postgresql://one", "page_size": 20}

        aws.put(
            ("ssm", "put_parameter", {"Name": "/my-scope/production/page-size", "Value": "30", "Type": "SecureString", "Overwrite": True}),
            ("secretsmanager", "put_secret_value", {"SecretId": "/my-scope/production/database", "SecretString": '{"url": "postgresql://two"}'}),
        )
        assert sandbox.request("GET", "/settings").json()["page_size"] == 20
        assert direct(sandbox, "POST", "/_lambda/after-restore")[0] == 204
        read = sandbox.request("GET", "/settings").json()
        assert (read["database_url"], read["page_size"]) == ("postgresql://two", 30)
        # A hook of the app's own finds them.
        assert [line["page_size"] for line in sandbox.lines(message="restored")] == [30]

        aws.put(("secretsmanager", "delete_secret", {"SecretId": "/my-scope/production/database", "ForceDeleteWithoutRecovery": True}))
        # A failure of the restore, of which Lambda makes another environment.
        assert direct(sandbox, "POST", "/_lambda/after-restore")[0] == 500
        (line,) = sandbox.lines(level="CRITICAL")
        assert line["message"] == "Settings can't be loaded: secret /my-scope/production/database is missing"
    finally:
        sandbox.stop()


def test_a_value_that_is_missing_ends_the_start_with_a_line_that_names_it(aws: Aws) -> None:
    env = {
        **aws.env,
        "SETTINGS_PATH": "/my-scope/staging",
        "PATH": os.environ["PATH"],
        "PORT": str(free_port()),
        "LAMBDA_TASK_ROOT": str(TASK_ROOT),
        "AWS_LAMBDA_FUNCTION_NAME": "harness",
        "AWS_REGION": "eu-central-1",
    }
    ended = subprocess.run([TASK_ROOT / "run.sh"], cwd=TASK_ROOT, env=env, capture_output=True, text=True)

    # Lambda tells at once of a runtime that ends, and waits for no timeout.
    assert ended.returncode == 1
    message = "Settings can't be loaded: secret /my-scope/staging/database is missing"
    assert [(line["level"], line["message"]) for line in map(json.loads, ended.stdout.splitlines())] == [("CRITICAL", message)]
    assert ended.stderr.splitlines()[-1] == f"fastapi_runtime.settings.SettingsError: {message}"
    assert "botocore" not in ended.stderr


def test_the_bundle_has_pydantic_settings_and_not_what_the_runtime_brings() -> None:
    assert (TASK_ROOT / "pydantic_settings").exists()
    assert not (TASK_ROOT / "botocore").exists()
    assert importlib.util.find_spec("botocore") is None
