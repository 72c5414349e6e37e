"""A REST API: preflights are mock integrations, gateway responses are what it says itself, answers stream.

- Mapping of gateway responses: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
- Bodies of binary media types arrive in Base64:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
- A function isn't stopped when the client leaves: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
"""

import base64
import fnmatch
import json
from typing import Any

from events import rest_event

from .gateway import Gateway, Refused
from .messages import Request, Response
from .velocity import overrides


class RestApi(Gateway):
    """Below `/prod`, the name of its stage."""

    stage = "prod"

    def answer(self, request: Request) -> Response:
        root = f"/{self.stage}"
        if request.path != root and not request.path.startswith(f"{root}/"):
            return Response(403, {"content-type": "application/json"}, b'{"message":"Forbidden"}')
        path = request.path.removeprefix(root) or "/"
        operation = self.operation(path, request.method)
        if operation is None:
            return self.refusal(Refused(403, "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token"), request)
        try:
            claims = self.check(operation, request)
        except Refused as refused:
            return self.refusal(refused, request)
        if operation["x-amazon-apigateway-integration"]["type"] == "mock":
            return self._mock(operation, request)
        answer = self.invoke(self._event(path, request, claims))
        if answer is None:
            return self.refusal(Refused(502, "DEFAULT_5XX", "Internal server error"), request)
        answer.headers["x-amzn-RequestId"] = "gateway-request"
        return answer

    def _mock(self, operation: dict[str, Any], request: Request) -> Response:
        response = operation["x-amazon-apigateway-integration"]["responses"]["default"]
        declared = operation["responses"][response["statusCode"]]["headers"]
        prefix = "method.response.header."
        headers = {name.removeprefix(prefix): value.strip("'") for name, value in response["responseParameters"].items()}
        assert headers.keys() == declared.keys(), "a header of the integration needs one of the method"
        template = response.get("responseTemplates", {}).get("application/json", "")
        # A template finds a header by the very letters of its name, which have no capitals over HTTP/2.
        headers |= overrides(template, lambda name: request.headers.get(name.lower(), "") if name.islower() else "")
        return Response(int(response["statusCode"]), headers)

    def refusal(self, refused: Refused, request: Request) -> Response:
        """What the gateway answers by itself."""
        known = self.body.get("x-amazon-apigateway-gateway-responses", {})
        response = known.get(refused.kind) or known.get("DEFAULT_4XX" if refused.status < 500 else "DEFAULT_5XX", {})
        prefix = "gatewayresponse.header."
        headers = {"content-type": "application/json", "x-amzn-RequestId": "gateway-request"}
        for name, value in response.get("responseParameters", {}).items():
            origin = request.headers.get("origin", "")
            headers[name.removeprefix(prefix)] = origin if value == "method.request.header.Origin" else value.strip("'")
        template = response.get("responseTemplates", {}).get("application/json", '{"message":$context.error.messageString}')
        body = template.replace("$context.error.messageString", json.dumps(refused.message))
        assert "$" not in body, f"unknown in a gateway response: {template}"
        return Response(int(response.get("statusCode", refused.status)), headers, body.encode())

    def _event(self, path: str, request: Request, claims: dict[str, Any]) -> dict[str, Any]:
        kind = request.headers.get("content-type", "").partition(";")[0]
        is_binary = any(fnmatch.fnmatch(kind, known) for known in self.body["x-amazon-apigateway-binary-media-types"])
        text = base64.b64encode(request.body).decode() if is_binary else request.body.decode(errors="replace")
        parameters = request.parameters
        event = rest_event(
            request.method,
            path,
            query={name: values[-1] for name, values in parameters.items()},
            headers=request.headers,
            body=text if request.body else None,
            authorizer={"claims": claims} if claims else None,
        )
        return {**event, "multiValueQueryStringParameters": parameters or None, "isBase64Encoded": is_binary}
