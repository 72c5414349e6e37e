"""An HTTP API: it answers preflights and adds CORS headers by itself, and every answer comes whole.

- CORS, which replaces what the function says of it: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

import base64
import fnmatch
import json
from typing import Any

from events import http_event

from .gateway import Gateway, Refused
from .messages import Request, Response

_TEXT = ("text/", "application/json", "application/javascript", "application/xml", "application/x-www-form-urlencoded")


class HttpApi(Gateway):
    """At the root: its stage is `$default`."""

    def answer(self, request: Request) -> Response:
        cors = self.body.get("x-amazon-apigateway-cors", {})
        if request.method == "OPTIONS" and cors and "origin" in request.headers and "access-control-request-method" in request.headers:
            return Response(204, self._cors_headers(request, is_preflight=True))
        answer = self._answer(request)
        kept = {name: value for name, value in answer.headers.items() if not (cors and name.startswith("access-control-"))}
        answer.headers = {**kept, "apigw-requestid": "gateway-request", **self._cors_headers(request, is_preflight=False)}
        return answer

    def _answer(self, request: Request) -> Response:
        operation = self.operation(request.path, request.method)
        if operation is None:
            return _said(404, "Not Found")
        try:
            claims = self.check(operation, request)
        except Refused as refused:
            return _said(refused.status, "Unauthorized" if refused.status == 401 else "Forbidden")
        return self.invoke(self._event(request, claims)) or _said(500, "Internal Server Error")

    def _cors_headers(self, request: Request, *, is_preflight: bool) -> dict[str, str]:
        cors = self.body.get("x-amazon-apigateway-cors", {})
        origin = request.headers.get("origin")
        allowed = cors.get("allowOrigins", [])
        if origin is None or not any(fnmatch.fnmatch(origin, known) for known in allowed):
            return {}
        headers = {"access-control-allow-origin": "*" if "*" in allowed else origin}
        if cors.get("allowCredentials"):
            headers["access-control-allow-credentials"] = "true"
        if is_preflight:
            headers["access-control-allow-methods"] = ",".join(cors["allowMethods"])
            headers["access-control-allow-headers"] = ",".join(cors["allowHeaders"])
            headers["access-control-max-age"] = str(cors["maxAge"])
        elif cors.get("exposeHeaders"):
            headers["access-control-expose-headers"] = ",".join(cors["exposeHeaders"])
        return headers

    def _event(self, request: Request, claims: dict[str, Any]) -> dict[str, Any]:
        is_binary = not request.headers.get("content-type", "text/").startswith(_TEXT)
        text = base64.b64encode(request.body).decode() if is_binary else request.body.decode()
        event = http_event(
            request.method,
            request.path,
            headers=request.headers,
            body=text if request.body else None,
            authorizer={"jwt": {"claims": claims, "scopes": None}} if claims else None,
        )
        parameters = {name: ",".join(values) for name, values in request.parameters.items()}
        more = {"rawQueryString": request.query, "queryStringParameters": parameters}
        return {**event, **more, "isBase64Encoded": is_binary and bool(request.body)}


def _said(status: int, message: str) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps({"message": message}).encode())
