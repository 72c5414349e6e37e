"""Settings of an API: from the environment, and in Lambda from Parameter Store and Secrets Manager.

Needs pydantic-settings (`uv add pydantic-settings`).
"""

import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, cast, get_args, override

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core.core_schema import ErrorType
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from .setting_names import NOT_GIVEN, NamedField, Parameter, Secret, declare, named_fields
from .stores import Found, StoreError, read_stores

__all__ = ["AwsSettings", "Parameter", "Secret", "SettingsError", "load", "reload"]

SETTINGS_PATH = "SETTINGS_PATH"
"""Variable of the path in AWS that names are below, such as `/my-scope/production`."""

_RESTORES = "AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH"
"""Variable that is there where SnapStart is, and the adapter tells of restores."""

_USERS_WORDS = ("value_error", "assertion_error")
"""Errors that say what a validator raised:
https://docs.pydantic.dev/latest/errors/validation_errors/"""

_logger = logging.getLogger(__name__)


class SettingsError(Exception):
    """What is wrong with settings: one line that names each, without a value."""


class AwsSettings(BaseSettings):
    """pydantic-settings whose fields may say where in AWS their values stand.

    What arguments, variables and files give goes first, as pydantic-settings has it. What they
    leave open is read from AWS in Lambda, and nowhere else; there, it is what `local` says.
    """

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        declare(cls)

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from, the first that has one; yours may put more around these."""
        own = _NamedValues(settings_cls)
        return init_settings, env_settings, dotenv_settings, file_secret_settings, own


def load[S: AwsSettings](settings: type[S]) -> S:
    """Make an app's settings as it starts, in a module of it, where every import finds them.

    After SnapStart restores an environment their values are read again, into the same object,
    before the app's own `after_restore`: make there what was made from them.

    Args:
        settings: The class.

    Raises:
        SettingsError: When values are missing or wrong, which fails the start.
    """
    made = _told(settings, settings)
    if _RESTORES in os.environ:
        # Not above, since it brings Starlette, without which an authorizer starts sooner.
        from .snapstart import after_restore

        _ = after_restore(partial(reload, made))
    return made


def reload(settings: AwsSettings) -> None:
    """Read the values again, into the same object: after a secret was changed, for instance.

    Args:
        settings: What `load` gave. They stay as they are where the new values are wrong.

    Raises:
        SettingsError: When values are missing or wrong.
    """
    # https://docs.pydantic.dev/latest/concepts/pydantic_settings/#in-place-reloading
    _told(type(settings), settings.__init__)


def _is_in_lambda() -> bool:
    """Whether Lambda runs this: tests take the function's name too, but not its folder."""
    return "LAMBDA_TASK_ROOT" in os.environ


def _told[T](settings: type[AwsSettings], make: Callable[[], T]) -> T:
    """Tell what is wrong in a line, and not by errors that hold values, which may be secrets."""
    try:
        return make()
    except ValidationError as error:
        problem = "; ".join(_problems(settings, error))
    except (SettingsError, StoreError) as error:
        problem = str(error)
    message = f"{settings.__name__} can't be loaded: {problem}"
    if _is_in_lambda():
        # A stack alone is many lines for CloudWatch.
        _logger.critical(message)
    raise SettingsError(message)


def _problems(settings: type[AwsSettings], error: ValidationError) -> Iterator[str]:
    known = {named.path: named for named in named_fields(settings)}
    pydantics = {*get_args(ErrorType)} - {*_USERS_WORDS}
    for told in error.errors(include_url=False, include_context=False, include_input=False):
        path = tuple(str(part) for part in told["loc"])
        above = (path[:end] for end in range(len(path), 0, -1))
        named = next((known[part] for part in above if part in known), None)
        place = ".".join(path) or "the whole"
        # A validator sees the field that it is for, or all fields of a model.
        seen = [named] if named else [one for key, one in known.items() if key[: len(path)] == path]
        message = told["msg"]
        if told["type"] not in pydantics and any(isinstance(one.source, Secret) for one in seen):
            message = f"{told['type']}, not as a validator wants it, whose words may hold the value"
        if named is None:
            yield f"{place}: {message}"
        elif told["type"] == "missing":
            variable = f"{settings.model_config.get('env_prefix', '')}{named.path[-1]}".upper()
            kind = type(named.source).__name__
            if path == named.path:
                yield f"{place} has no value: set {variable}, or give its {kind} one, local=..."
            elif _is_in_lambda():
                yield f"{place} is missing in {_told_source(named.source)}"
            else:
                yield f"{place} is missing in the local of its {kind}, or in {variable}"
        else:
            source = f" ({_told_source(named.source)})" if _is_in_lambda() else ""
            yield f"{place}{source}: {message}"


def _whole_name(source: Parameter | Secret) -> str:
    return f"{os.environ.get(SETTINGS_PATH, '').rstrip('/')}/{source.name}"


def _told_source(source: Parameter | Secret) -> str:
    key = f", key {source.key}" if isinstance(source, Secret) and source.key is not None else ""
    return f"{type(source).__name__.lower()} {_whole_name(source)}{key}"


class _NamedValues(PydanticBaseSettingsSource):
    """The values that no other source gave: of AWS in Lambda, else those that are said in code."""

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        # Part of the interface; all values are read together below.
        return None, field_name, False

    @override
    def __call__(self) -> dict[str, Any]:
        wanted = [
            named
            for named in named_fields(self.settings_cls)
            if not _is_given(self.current_state, named.path)
        ]
        if not wanted:
            return {}
        values: dict[str, Any] = {}
        for named, value in self._of_aws(wanted) if _is_in_lambda() else _of_code(wanted):
            place = values
            for key in named.path[:-1]:
                place = place.setdefault(key, {})
            place[named.path[-1]] = value
        return values

    def _of_aws(self, wanted: Sequence[NamedField]) -> list[tuple[NamedField, Any]]:
        if not os.environ.get(SETTINGS_PATH):
            raise SettingsError(
                f"{SETTINGS_PATH} is not set, which says where in AWS "
                f"{', '.join(named.source.name for named in wanted)} are: deploy the infrastructure"
            )
        names = [(type(named.source), _whole_name(named.source)) for named in wanted]
        found = read_stores(
            {name for kind, name in names if kind is Parameter},
            {name for kind, name in names if kind is Secret},
        )
        values: list[tuple[NamedField, Any]] = []
        problems: list[str] = []
        for named in wanted:
            try:
                values.append((named, self._value(named, found)))
            except LookupError as missing:
                if named.is_required:
                    problems.append(str(missing.args[0]))
                elif _whole_name(named.source) in found.refused:
                    _logger.warning("%s: the default is used", missing.args[0])
            except ValueError as wrong:
                problems.append(str(wrong))
        if problems:
            raise SettingsError("; ".join(problems))
        return values

    def _value(self, named: NamedField, found: Found) -> Any:
        """A field's value.

        Raises:
            LookupError: When AWS does not have it.
            ValueError: When it is no JSON where the field needs that, or has been refused.
        """
        source, name = named.source, _whole_name(named.source)
        if isinstance(source, Parameter):
            if name not in found.parameters:
                raise LookupError(f"parameter {name} is missing")
            text = found.parameters[name]
            if name in found.string_lists and self.field_is_complex(named.field):
                return text.split(",")
            return self._decoded(named, text)
        if name not in found.secrets:
            reason = found.refused.get(name, "")
            if "KMS" in reason:
                raise ValueError(f"secret {name} can't be decrypted: {reason}")
            refused = ", or this function may not read it" if reason else ""
            raise LookupError(f"secret {name} is missing{refused}")
        if source.key is None:
            return self._decoded(named, found.secrets[name])
        read = _json(found.secrets[name], named)
        values = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
        if source.key not in values:
            raise LookupError(f"secret {name} has no key {source.key}")
        return values[source.key]

    def _decoded(self, named: NamedField, text: str | bytes) -> Any:
        """A model, a list or a dict from JSON, as pydantic-settings reads them of variables."""
        if not self.field_is_complex(named.field):
            return text
        return _json(text, named)


def _json(text: str | bytes, named: NamedField) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        # The error of json holds the text.
        raise ValueError(f"{_told_source(named.source)} is no JSON") from None


def _of_code(wanted: Sequence[NamedField]) -> list[tuple[NamedField, Any]]:
    return [(named, named.source.local) for named in wanted if named.source.local is not NOT_GIVEN]


def _is_given(state: dict[str, Any], path: tuple[str, ...]) -> bool:
    if path[0] not in state:
        return False
    value = state[path[0]]
    # What is no dict is a whole model.
    if len(path) == 1 or not isinstance(value, dict):
        return True
    return _is_given(cast("dict[str, Any]", value), path[1:])
