"""What REST and HTTP APIs of API Gateway share: routes, who may call, and the function behind them.

Everything is read from the OpenAPI body that the infrastructure deploys.
"""

import json
import queue
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.credentials import Credentials
from runtime_api import PRELUDE_END, Invocation
from sandbox import Sandbox

from .messages import Request, Response
from .signature import authorization


@dataclass
class Callers:
    """Who is let in, where the body asks."""

    region: str
    credentials: Credentials
    token: str


@dataclass
class Refused(Exception):
    """Why an authorizer lets nobody in."""

    status: int
    kind: str
    message: str


class Gateway(ABC):
    """An API at the root of a server, or below its stage."""

    def __init__(self, body: dict[str, Any], callers: Callers, sandbox: Sandbox) -> None:
        self.body = body
        self.callers = callers
        self.sandbox = sandbox

    @abstractmethod
    def answer(self, request: Request) -> Response: ...

    def operation(self, path: str, method: str) -> dict[str, Any] | None:
        """The operation of a path: literal parts go before parameters, and those before the rest of a path."""
        fitting = [known for known in self.body["paths"] if _pattern(known).fullmatch(path.rstrip("/") or "/")]
        for known in sorted(fitting, key=lambda known: [("+}" in part, "{" in part) for part in known.split("/")]):
            methods = self.body["paths"][known]
            return methods.get(method.lower()) or methods.get("x-amazon-apigateway-any-method")
        return None

    def check(self, operation: dict[str, Any], request: Request) -> dict[str, Any]:
        """What the authorizer tells the function of who calls.

        Raises:
            Refused: When it is nobody who may.
        """
        claims: dict[str, Any] = {}
        for name in [name for requirement in operation.get("security", []) for name in requirement]:
            scheme = self.body["components"]["securitySchemes"][name]
            if scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
                self._check_signature(request)
            else:
                claims = self._claims(request)
        return claims

    def _check_signature(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not given.startswith("AWS4-HMAC-SHA256 "):
            raise Refused(403, "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        access, region, token = self.callers.credentials.access_key, self.callers.region, self.callers.credentials.token
        if f"Credential={access}/" not in given or request.headers.get("x-amz-security-token") != token:
            raise Refused(403, "ACCESS_DENIED", "The security token included in the request is invalid.")
        expected = authorization(
            request.method, request.url, request.headers, request.body, region=region, credentials=self.callers.credentials
        )
        if given != expected:
            message = "The request signature we calculated does not match the signature you provided."
            raise Refused(403, "INVALID_SIGNATURE", message)

    def _claims(self, request: Request) -> dict[str, Any]:
        if request.headers.get("authorization", "").removeprefix("Bearer ") != self.callers.token:
            raise Refused(401, "UNAUTHORIZED", "Unauthorized")
        return {"sub": "visitor"}

    def invoke(self, event: dict[str, Any]) -> Response | None:
        """The function's answer as it comes; none where the function fails."""
        parts: queue.Queue[bytes] = queue.Queue()
        invocation = self.sandbox.send(event, on_part=lambda got: parts.put(got.parts[-1]))
        if not self.sandbox.streaming:
            invocation.done.wait(30)
            answer = self.sandbox.answer(invocation)
            return None if answer.failed else Response(answer.status, answer.headers, answer.body)
        stream = _until_done(parts, invocation)
        head = b""
        for part in stream:
            head += part
            if PRELUDE_END in head:
                prelude, _, first = head.partition(PRELUDE_END)
                told = json.loads(prelude)
                return Response(told["statusCode"], dict(told["headers"]), _after(first, stream))
        return None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+(\\\+)?\\}", lambda found: ".+" if found[1] else "[^/]+", re.escape(path)))


def _until_done(parts: "queue.Queue[bytes]", invocation: Invocation) -> Iterator[bytes]:
    while True:
        try:
            yield parts.get(timeout=0.02)
        except queue.Empty:
            if invocation.done.is_set() and parts.empty():
                return


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
