"""Settings whose values stand in AWS: read in Lambda, and nowhere else."""

import asyncio
import importlib
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self

import botocore.config
import pytest
from fastapi_runtime import setting_names, snapstart
from fastapi_runtime.setting_names import declared_names
from fastapi_runtime.settings import AwsSettings, Parameter, Secret, SettingsError, load, reload
from fastapi_runtime.tools.open_api import describe
from fastapi_runtime.tools.project import Project, read_project
from my_api.main import app
from pydantic import BaseModel, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict
from stores import Stores

PATH = "/my-scope/production"


@pytest.fixture(autouse=True)
def _no_other_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_names, "_declared", [])


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """Lambda, as far as settings look, and what they ask there."""
    stores = Stores()
    for name, value in {
        "LAMBDA_TASK_ROOT": "/var/task",
        "SETTINGS_PATH": PATH,
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": stores.url,
    }.items():
        monkeypatch.setenv(name, value)
    yield stores
    stores.shutdown()
    stores.server_close()


@pytest.fixture
def no_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everywhere but in Lambda, where not even botocore may be there."""
    monkeypatch.setitem(sys.modules, "botocore.session", None)


def own_records(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """What the runtime logged; botocore logs, too."""
    return [(record.levelname, record.message) for record in caplog.records if record.name == "fastapi_runtime.settings"]


def refusal(settings: type[AwsSettings]) -> str:
    with pytest.raises(SettingsError) as raised:
        load(settings)
    # What led to it may hold values, and would be in the log.
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    return str(raised.value)


def test_values_come_from_both_stores_below_the_environments_path(aws: Stores) -> None:
    class Settings(AwsSettings):
        database_url: Annotated[SecretStr, Secret("database-url", local="sqlite://")]
        page_size: Annotated[int, Parameter("my-api/page-size")] = 50
        plain: str = "plain"

    aws.secrets[f"{PATH}/database-url"] = "postgresql://secret"
    aws.parameters[f"{PATH}/my-api/page-size"] = "20"
    settings = load(Settings)

    assert settings.database_url.get_secret_value() == "postgresql://secret"
    assert settings.page_size == 20
    assert settings.plain == "plain"
    assert "secret" not in repr(settings)
    assert sorted(aws.calls) == [
        ("GetParameters", [f"{PATH}/my-api/page-size"]),
        ("GetSecretValue", [f"{PATH}/database-url"]),
    ]


def test_a_path_may_end_with_a_slash(aws: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    class Settings(AwsSettings):
        size: Annotated[int, Parameter("size")]

    monkeypatch.setenv("SETTINGS_PATH", "/elsewhere/")
    aws.parameters["/elsewhere/size"] = "3"

    assert load(Settings).size == 3


def test_a_secret_with_several_values_is_read_once(aws: Stores) -> None:
    class Settings(AwsSettings):
        user: Annotated[str, Secret("database", key="username")]
        password: Annotated[SecretStr, Secret("database", key="password")]
        port: Annotated[int, Secret("database", key="port")]

    aws.secrets[f"{PATH}/database"] = '{"username": "ada", "password": "hidden", "port": 5432}'
    settings = load(Settings)

    assert (settings.user, settings.password.get_secret_value(), settings.port) == ("ada", "hidden", 5432)
    assert len(aws.calls) == 1


def test_models_lists_and_models_within_are_read(aws: Stores) -> None:
    class Credentials(BaseModel):
        user: str
        password: SecretStr

    class Database(BaseModel):
        url: Annotated[SecretStr, Secret("url")]
        pool: Annotated[int, Parameter("pool")] = 3

    class Settings(AwsSettings):
        credentials: Annotated[Credentials, Secret("credentials")]
        hosts: Annotated[list[str], Parameter("hosts")]
        ports: Annotated[list[int], Parameter("ports")]
        text: Annotated[str, Parameter("hosts")]
        database: Database
        optional: Annotated[str, Parameter("nowhere")] | None = None
        token: Annotated[str, Secret("token")] | None = None
        named: Annotated[str, Parameter("named")] = Field(alias="OTHER_NAME")

    aws.secrets |= {f"{PATH}/credentials": '{"user": "ada", "password": "x"}', f"{PATH}/url": "u", f"{PATH}/token": "t"}
    aws.parameters |= {f"{PATH}/hosts": ["a", "b"], f"{PATH}/ports": "[1, 2]", f"{PATH}/named": "n"}
    settings = load(Settings)

    assert settings.credentials.user == "ada"
    assert (settings.hosts, settings.ports, settings.text) == (["a", "b"], [1, 2], "a,b")
    assert (settings.database.url.get_secret_value(), settings.database.pool) == ("u", 3)
    assert (settings.optional, settings.token, settings.named) == (None, "t", "n")


def test_a_variable_goes_first_and_is_not_asked_for(aws: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    class Settings(AwsSettings):
        model_config = SettingsConfigDict(env_prefix="SHOP_")
        database_url: Annotated[SecretStr, Secret("database-url")]
        size: Annotated[int, Parameter("size")]

    monkeypatch.setenv("SHOP_DATABASE_URL", "from the variable")
    aws.parameters[f"{PATH}/size"] = "3"
    settings = load(Settings)

    assert settings.database_url.get_secret_value() == "from the variable"
    assert aws.calls == [("GetParameters", [f"{PATH}/size"])]


def test_ten_parameters_are_asked_for_at_once_and_all_calls_side_by_side(aws: Stores) -> None:
    names = [f"p{number:02}" for number in range(23)]
    fields: dict[str, Any] = {name: Annotated[int, Parameter(name)] for name in names}
    fields |= {f"s{number}": Annotated[str, Secret(f"s{number}")] for number in range(4)}
    settings = type("Settings", (AwsSettings,), {"__annotations__": fields})
    aws.parameters |= {f"{PATH}/{name}": "1" for name in names}
    aws.secrets |= {f"{PATH}/s{number}": "x" for number in range(4)}
    # Three calls for parameters and four for secrets: each waits for all others to have come.
    aws.at_once = threading.Barrier(7)

    assert load(settings).model_dump()["p22"] == 1
    assert sorted(len(names) for operation, names in aws.calls if operation == "GetParameters") == [3, 10, 10]


def test_every_missing_value_is_named_in_one_line_and_in_the_log(
    aws: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    class Settings(AwsSettings):
        url: Annotated[SecretStr, Secret("url")]
        size: Annotated[int, Parameter("size")]
        password: Annotated[str, Secret("database", key="password")]
        granted: Annotated[str, Secret("granted")]

    aws.secrets[f"{PATH}/database"] = '{"username": "ada"}'
    # Of a secret that is not there, too: its ARN, which ends with six random letters, is in no policy.
    # https://github.com/nautobot/nautobot-app-secrets-providers/issues/64
    aws.refused[f"{PATH}/granted"] = "User: x is not authorized to perform: secretsmanager:GetSecretValue"
    message = refusal(Settings)

    assert message == (
        f"Settings can't be loaded: secret {PATH}/url is missing; parameter {PATH}/size is missing; "
        f"secret {PATH}/database has no key password; "
        f"secret {PATH}/granted is missing, or this function may not read it"
    )
    assert own_records(caplog) == [("CRITICAL", message)]


def test_a_default_stands_for_what_is_missing_and_a_refused_secret_is_told(
    aws: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    class Settings(AwsSettings):
        size: Annotated[int, Parameter("size", local=1)] = 50
        token: Annotated[str, Secret("token")] = "default"
        other: Annotated[str, Secret("other")] = "default"

    aws.refused[f"{PATH}/token"] = "User: x is not authorized to perform: secretsmanager:GetSecretValue"
    settings = load(Settings)

    assert (settings.size, settings.token, settings.other) == (50, "default", "default")
    assert own_records(caplog) == [
        ("WARNING", f"secret {PATH}/token is missing, or this function may not read it: the default is used")
    ]


def test_a_secret_that_cannot_be_decrypted_has_no_default(aws: Stores) -> None:
    class Settings(AwsSettings):
        token: Annotated[str, Secret("token")] = "default"

    aws.refused[f"{PATH}/token"] = "Access to KMS is not allowed"

    assert refusal(Settings) == (
        f"Settings can't be loaded: secret {PATH}/token can't be decrypted: Access to KMS is not allowed"
    )


def test_what_is_wrong_with_a_value_is_told_without_the_value(aws: Stores) -> None:
    class Settings(AwsSettings):
        size: Annotated[int, Parameter("size")]
        hosts: Annotated[list[str], Secret("hosts")]

    aws.parameters[f"{PATH}/size"] = "hidden"
    aws.secrets[f"{PATH}/hosts"] = "hidden"
    assert refusal(Settings) == f"Settings can't be loaded: secret {PATH}/hosts is no JSON"
    aws.secrets[f"{PATH}/hosts"] = '["a"]'
    message = refusal(Settings)
    assert message.startswith(f"Settings can't be loaded: size (parameter {PATH}/size): Input should be a valid integer")
    assert "hidden" not in message


def test_a_validators_own_words_about_a_secret_are_left_out(aws: Stores, caplog: pytest.LogCaptureFixture) -> None:
    class Database(BaseModel):
        password: Annotated[SecretStr, Secret("password")]

        @model_validator(mode="after")
        def check(self) -> Self:
            raise ValueError(f"{self.password.get_secret_value()} is too short")

    class Settings(AwsSettings):
        url: Annotated[str, Secret("url")]
        token: Annotated[str, Secret("token")]
        length: Annotated[str, Secret("length"), Field(max_length=1)]
        size: Annotated[int, Parameter("size")]
        database: Database

        @field_validator("url", "token", "size")
        @classmethod
        def check(cls, value: str | int, info: ValidationInfo) -> str | int:
            if info.field_name == "token":
                raise PydanticCustomError("token", "{value} is no token", {"value": value})
            if value == 20:
                raise ValueError("a page has ten items at most")
            assert str(value).startswith("https"), f"{value} has no scheme"
            return value

    aws.secrets |= {f"{PATH}/{name}": f"hidden-{name}" for name in ("url", "token", "length", "password")}
    aws.parameters[f"{PATH}/size"] = "20"
    message = refusal(Settings)

    left_out = "not as a validator wants it, whose words may hold the value"
    assert message == (
        f"Settings can't be loaded: url (secret {PATH}/url): assertion_error, {left_out}; "
        f"token (secret {PATH}/token): token, {left_out}; "
        f"length (secret {PATH}/length): String should have at most 1 character; "
        f"size (parameter {PATH}/size): Value error, a page has ten items at most; "
        f"database: value_error, {left_out}"
    )
    assert own_records(caplog) == [("CRITICAL", message)]


def test_a_validators_own_words_about_all_settings_are_left_out_where_one_is_a_secret(aws: Stores) -> None:
    class Settings(AwsSettings):
        token: Annotated[str, Secret("token")]

        @model_validator(mode="after")
        def check(self) -> Self:
            raise ValueError(f"{self.token} is no token")

    aws.secrets[f"{PATH}/token"] = "hidden"

    assert "hidden" not in refusal(Settings)


def test_a_store_that_refuses_or_fails_is_told(aws: Stores) -> None:
    class Settings(AwsSettings):
        size: Annotated[int, Parameter("size")] = 50

    aws.error = (400, "AccessDeniedException", "User: x is not authorized to perform: ssm:GetParameters")
    assert refusal(Settings) == (
        f"Settings can't be loaded: Parameter Store refuses {PATH}/size: "
        "User: x is not authorized to perform: ssm:GetParameters"
    )
    assert len(aws.calls) == 1
    aws.error = (400, "ThrottlingException", "Rate exceeded")
    assert "Parameter Store fails at" in refusal(Settings)
    # Many functions that start at once meet the limit of the account, so it is tried again.
    assert len(aws.calls) == 4


def test_a_store_that_cannot_be_reached_is_told_before_lambda_gives_up(
    aws: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Settings(AwsSettings):
        url: Annotated[SecretStr, Secret("url")]

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:%d" % taken.getsockname()[1])
        message = refusal(Settings)

    assert message.startswith(f"Settings can't be loaded: Secrets Manager can't be reached for {PATH}/url: EndpointConnectionError")
    assert message.endswith("(from a VPC it takes a NAT gateway, or an interface endpoint)")


def test_a_store_that_never_answers_is_given_up_within_the_time_that_lambda_gives_a_start(
    aws: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, Any]] = []
    real = botocore.config.Config
    monkeypatch.setattr(botocore.config, "Config", lambda **options: made.append(options) or real(**options))

    class Settings(AwsSettings):
        size: Annotated[int, Parameter("size")] = 50

    load(Settings)

    # Each try connects and waits, and the standard mode waits 1 and then 2 seconds at most between them:
    # https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    (options,) = made
    tries = options["retries"]["total_max_attempts"]
    assert options["retries"]["mode"] == "standard"
    assert options["connect_timeout"] * tries + 1 + 2 < 10
    assert options["read_timeout"] * tries + 1 + 2 < 10


def test_lambda_without_a_path_never_takes_what_is_for_elsewhere(aws: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    class Settings(AwsSettings):
        url: Annotated[SecretStr, Secret("url", local="sqlite://")]

    monkeypatch.delenv("SETTINGS_PATH")

    assert refusal(Settings) == (
        "Settings can't be loaded: SETTINGS_PATH is not set, which says where in AWS url are: deploy the infrastructure"
    )


@pytest.mark.usefixtures("no_calls")
def test_elsewhere_values_are_those_of_variables_then_of_code_then_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    class Database(BaseModel):
        url: Annotated[SecretStr, Secret("url", local="sqlite://")]

    class Settings(AwsSettings):
        model_config = SettingsConfigDict(env_nested_delimiter="__")
        token: Annotated[str, Secret("token", local="of code")]
        size: Annotated[int, Parameter("size")] = 50
        given: Annotated[str, Parameter("given", local="of code")] = "default"
        database: Database

    # As conftest.py of a generated API sets it, so that tests run as in Lambda.
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "test-function")
    monkeypatch.setenv("GIVEN", "of the variable")
    settings = load(Settings)
    assert (settings.token, settings.size, settings.given) == ("of code", 50, "of the variable")
    assert settings.database.url.get_secret_value() == "sqlite://"

    monkeypatch.setenv("DATABASE__URL", "postgresql://")
    assert load(Settings).database.url.get_secret_value() == "postgresql://"
    assert Settings(token="of the test", database=Database(url=SecretStr("x"))).token == "of the test"


@pytest.mark.usefixtures("no_calls")
def test_elsewhere_a_value_that_nobody_gave_is_told_with_what_would() -> None:
    class Settings(AwsSettings):
        model_config = SettingsConfigDict(env_prefix="shop_")
        url: Annotated[SecretStr, Secret("url")]
        size: Annotated[int, Parameter("size")]
        plain: int

    assert refusal(Settings) == (
        "Settings can't be loaded: url has no value: set SHOP_URL, or give its Secret one, local=...; "
        "size has no value: set SHOP_SIZE, or give its Parameter one, local=...; plain: Field required"
    )


def test_a_key_that_a_model_lacks_is_told_by_where_its_value_is_from(aws: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    class Database(BaseModel):
        host: str
        password: SecretStr

    class Settings(AwsSettings):
        database: Annotated[Database, Secret("database", local={"host": "localhost"})]

    aws.secrets[f"{PATH}/database"] = '{"host": "h"}'
    assert refusal(Settings) == f"Settings can't be loaded: database.password is missing in secret {PATH}/database"

    monkeypatch.delenv("LAMBDA_TASK_ROOT")
    assert refusal(Settings) == "Settings can't be loaded: database.password is missing in the local of its Secret, or in DATABASE"


@pytest.mark.parametrize("name", ["", "/absolute", "ends/", "two//slashes", "sp ace", "*", "a/*", "?", "${x}"])
@pytest.mark.parametrize("kind", [Parameter, Secret])
def test_a_name_that_aws_would_refuse_or_a_policy_would_widen_is_refused(kind: type[Any], name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a setting"):
        kind(name)


def after_a_restore() -> None:
    async def run() -> None:
        for hook in list(snapstart._after_restore):
            waiting = hook()
            if waiting is not None:
                await waiting

    asyncio.run(run())


def test_values_are_read_again_after_a_restore_before_hooks_of_the_app(
    aws: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Settings(AwsSettings):
        model_config = SettingsConfigDict(frozen=True)
        token: Annotated[str, Secret("token")]

    monkeypatch.setattr(snapstart, "_after_restore", [])
    monkeypatch.setenv("AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH", "/_lambda/after-restore")
    aws.secrets[f"{PATH}/token"] = "of the snapshot"
    settings = load(Settings)
    seen: list[str] = []
    snapstart.after_restore(lambda: seen.append(settings.token))

    aws.secrets[f"{PATH}/token"] = "rotated"
    after_a_restore()
    assert seen == ["rotated"]

    del aws.secrets[f"{PATH}/token"]
    with pytest.raises(SettingsError, match=f"secret {PATH}/token is missing"):
        after_a_restore()
    assert settings.token == "rotated"


def test_a_reload_that_fails_leaves_the_values(aws: Stores) -> None:
    class Settings(AwsSettings):
        size: Annotated[int, Parameter("size")]
        other: int = 1

    aws.parameters[f"{PATH}/size"] = "3"
    settings = load(Settings)
    aws.parameters[f"{PATH}/size"] = "x"
    with pytest.raises(SettingsError):
        reload(settings)
    assert (settings.size, settings.other) == (3, 1)
    aws.parameters[f"{PATH}/size"] = "4"
    reload(settings)
    assert settings.size == 4


def test_the_document_names_the_settings_of_all_classes_that_are_imported_loaded_or_not() -> None:
    class Database(BaseModel):
        url: Annotated[SecretStr, Secret("database", key="url", local="x")]
        password: Annotated[SecretStr, Secret("database", key="password", local="x")]

    class Settings(AwsSettings):
        size: Annotated[int, Parameter("size")] = 1
        database: Database | None = None

    class More(Settings):
        token: Annotated[str, Secret("a-token", local="x")]

    document, _ = describe(app, project())

    assert document["x-fastapi-lambda"]["settings"] == {"parameters": ["size"], "secrets": ["a-token", "database"]}


def test_the_document_of_an_app_without_settings_says_nothing_of_them() -> None:
    class Settings(AwsSettings):
        plain: int = 1

    assert declared_names() == {}
    document, _ = describe(app, project())
    assert "settings" not in document["x-fastapi-lambda"]


def project() -> Project:
    return read_project(Path(importlib.import_module("my_api").__file__ or "").parent.parent)


def test_a_model_that_holds_itself_ends(aws: Stores) -> None:
    class Settings(AwsSettings):
        tree: "Tree | None" = None
        size: Annotated[int, Parameter("size")] = 2

    assert load(Settings).size == 2
    assert declared_names() == {"parameters": ["name", "size"]}


class Tree(BaseModel):
    name: Annotated[str, Parameter("name")]
    below: "Tree | None" = None


def test_validators_and_constraints_of_fields_hold(aws: Stores) -> None:
    class Settings(AwsSettings):
        size: Annotated[int, Parameter("size"), Field(gt=0)]

        @field_validator("size")
        @classmethod
        def doubled(cls, size: int) -> int:
            return 2 * size

    aws.parameters[f"{PATH}/size"] = "3"
    assert load(Settings).size == 6
    aws.parameters[f"{PATH}/size"] = "0"
    assert "greater than 0" in refusal(Settings)
    with pytest.raises(ValidationError):
        Settings(size=0)
