"""Who calls: API Gateway's request context and the caller's identity, typed, for operations.

Both come from a header that the adapter sets in Lambda, over a client's own. Outside of Lambda
there is no gateway: every caller is anonymous, whatever headers it sends.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, cast

from fastapi import Depends

from .environment import IN_LAMBDA
from .record import current_record

type AuthMethod = Literal["IAM", "Cognito", "Custom", "None"]


@dataclass(frozen=True, slots=True)
class GatewayRequest:
    """What API Gateway says of a request, in either kind of API; empty where it says nothing."""

    request_id: str = ""
    """API Gateway's id of the request, as its access log has it."""
    api_id: str = ""
    account_id: str = ""
    """Account that owns the API."""
    stage: str = ""
    domain_name: str = ""
    source_ip: str = ""
    """The client's address as API Gateway saw it; a client can write `X-Forwarded-For` itself."""
    user_agent: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The whole context, for what is not named here."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as the API's authorizer found it."""

    auth: AuthMethod = "None"
    """How the caller was authenticated; `None` when nothing did."""
    id: str = ""
    """IAM: ARN of the user or role session. Cognito: `sub`. Custom: the authorizer's principal."""
    claims: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Cognito: the token's claims. Custom: the authorizer's context. IAM: the identity's fields."""

    @property
    def groups(self) -> list[str]:
        """Groups of a Cognito user, or what a Custom authorizer says under `groups`."""
        return _words(self.claims.get("cognito:groups" if self.auth == "Cognito" else "groups"))

    @property
    def scopes(self) -> list[str]:
        """OAuth scopes of an access token, or what a Custom authorizer says under `scopes`."""
        stated = self.claims.get("scope" if self.auth == "Cognito" else "scopes")
        # No scope has a space.
        return [scope for words in _words(stated) for scope in words.split()]

    @property
    def is_authenticated(self) -> bool:
        """Whether an authorizer of the API has let the caller in."""
        return self.auth != "None"


def gateway_request() -> GatewayRequest:
    """The request context of the request at hand; empty fields outside of Lambda."""
    context = _context()
    http = _mapping(context.get("http"))
    source = http or _mapping(context.get("identity"))
    return GatewayRequest(
        request_id=_text(context.get("requestId")),
        api_id=_text(context.get("apiId")),
        account_id=_text(context.get("accountId")),
        stage=_text(context.get("stage")),
        domain_name=_text(context.get("domainName")),
        source_ip=_text(source.get("sourceIp")),
        user_agent=_text(source.get("userAgent")),
        raw=context,
    )


def current_user() -> Caller:
    """The caller of the request at hand.

    Without an authorizer it is anonymous. Outside of Lambda it is whom `serve --user` names.
    """
    if not IN_LAMBDA:
        return local_caller(os.environ.get(LOCAL_USER, ""))
    context = _context()
    authorizer = _mapping(context.get("authorizer"))
    if "http" in context:
        return _http_caller(authorizer)
    return _rest_caller(authorizer, _mapping(context.get("identity")))


CurrentUser = Annotated[Caller, Depends(current_user)]
"""Parameter type for an operation that needs its caller: `def read(user: CurrentUser) -> ...`."""

CurrentRequest = Annotated[GatewayRequest, Depends(gateway_request)]
"""Parameter type for an operation that needs API Gateway's request context."""


def _rest_caller(authorizer: Mapping[str, Any], identity: Mapping[str, Any]) -> Caller:
    """Payload of REST APIs: an authorizer's finding, or IAM's caller under `identity`."""
    claims = _mapping(authorizer.get("claims"))
    if claims:
        return Caller("Cognito", _text(claims.get("sub")), claims)
    if authorizer:
        return Caller("Custom", _text(authorizer.get("principalId")), authorizer)
    arn = _text(identity.get("userArn"))
    return Caller("IAM", arn, identity) if arn else Caller()


def _http_caller(authorizer: Mapping[str, Any]) -> Caller:
    """Payload 2.0 of HTTP APIs: one key under `authorizer` for each kind."""
    claims = _mapping(_mapping(authorizer.get("jwt")).get("claims"))
    if claims:
        return Caller("Cognito", _text(claims.get("sub")), claims)
    if "lambda" in authorizer:
        context = _mapping(authorizer["lambda"])
        return Caller("Custom", _text(context.get("principalId")), context)
    iam = _mapping(authorizer.get("iam"))
    arn = _text(iam.get("userArn"))
    return Caller("IAM", arn, iam) if arn else Caller()


LOCAL_USER = "FASTAPI_LOCAL_USER"
"""Environment variable that `serve --user` sets."""


def local_caller(text: str) -> Caller:
    """A caller to try an app with on this machine.

    Args:
        text: `sub=ada,groups=admins,buyers,email=ada@example.com`: `sub` is the id, a part without
            `=` belongs to the one before; `auth=Custom` makes it a Custom authorizer's finding.
            Empty for nobody.
    """
    claims: dict[str, Any] = {}
    name = "sub"
    for part in filter(None, text.split(",")):
        before, sign, value = part.partition("=")
        if sign:
            name = before.strip()
            claims[name] = value
        else:
            claims[name] = f"{claims[name]},{part}" if name in claims else part
    if not claims:
        return Caller()
    custom = claims.pop("auth", "Cognito").lower() == "custom"
    identity = claims.get("sub", "")
    if custom:
        return Caller("Custom", identity, {**claims, "principalId": identity})
    names = {"groups": "cognito:groups", "scopes": "scope"}
    return Caller("Cognito", identity, {names.get(key, key): claims[key] for key in claims})


def _words(value: object) -> list[str]:
    """A list, as REST APIs (`a,b`), HTTP APIs (`[a b]`) and JSON write it."""
    if isinstance(value, list):
        return [str(word) for word in cast("list[object]", value)]
    text = _text(value).strip()
    if not (text.startswith("[") and text.endswith("]")):
        return [word.strip() for word in text.split(",") if word.strip()]
    try:
        return _words(json.loads(text))
    except ValueError:
        return text[1:-1].split()


def _context() -> Mapping[str, Any]:
    record = current_record.get()
    return {} if record is None or record.gateway is None else record.gateway


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
