"""Events of API Gateway, as Lambda gets them."""

from typing import Any

API_ID = "abcdef1234"
ACCOUNT = "111122223333"
DOMAIN = f"{API_ID}.execute-api.eu-central-1.amazonaws.com"


def rest_event(
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    stage: str = "prod",
    context_path: str | None = None,
    authorizer: dict[str, Any] | None = None,
    identity: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A proxy event of a REST API (payload 1.0), whose path lacks the stage."""
    headers = {"Host": DOMAIN, **(headers or {})}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": DOMAIN,
            "domainPrefix": API_ID,
            "extendedRequestId": "extended=",
            "httpMethod": method,
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "harness", **(identity or {})},
            "path": context_path if context_path is not None else f"/{stage}{path}",
            "protocol": "HTTP/1.1",
            "requestId": "gateway-request",
            "requestTime": "25/Nov/2026:01:02:03 +0000",
            "requestTimeEpoch": 1795568523000,
            "resourceId": "res123",
            "resourcePath": "/{proxy+}",
            "stage": stage,
            **({"authorizer": authorizer} if authorizer is not None else {}),
        },
        "body": body,
        "isBase64Encoded": False,
    }


def http_event(
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    stage: str = "$default",
    domain: str = DOMAIN,
    authorizer: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A proxy event of an HTTP API (payload 2.0), whose path holds a named stage."""
    headers = {"host": domain, **(headers or {})}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "headers": headers,
        "queryStringParameters": query or {},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "harness"},
            "requestId": "gateway-request",
            "routeKey": "$default",
            "stage": stage,
            "time": "25/Nov/2026:01:02:03 +0000",
            "timeEpoch": 1795568523000,
            **({"authorizer": authorizer} if authorizer is not None else {}),
        },
        "body": body,
        "isBase64Encoded": False,
    }
