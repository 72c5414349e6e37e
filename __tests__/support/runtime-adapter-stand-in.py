"""Stands in for the Lambda Web Adapter where it can't be built: turns invocations into requests with exactly its headers.

It knows no compression, no base64 of binary requests and no readiness checks but the port's.
"""

import base64
import http.client
import json
import os
import socket
import sys
import threading
import time
import urllib.parse
from typing import Any

RUNTIME_API = os.environ["AWS_LAMBDA_RUNTIME_API"]
PORT = int(os.environ.get("AWS_LWA_PORT") or os.environ["PORT"])
STREAMING = os.environ.get("AWS_LWA_INVOKE_MODE") == "response_stream"
BASE_PATH = os.environ.get("AWS_LWA_REMOVE_BASE_PATH", "")
TEXT = ("text/", "application/json", "application/javascript", "application/xml", "application/yaml")
INVOCATION = "/2018-06-01/runtime/invocation"


def main() -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", PORT)).close()
            break
        except OSError:
            time.sleep(0.01)
    workers = [threading.Thread(target=work, daemon=True) for _ in range(int(os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY", "1")))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def work() -> None:
    runtime = http.client.HTTPConnection(RUNTIME_API)
    while True:
        runtime.request("GET", f"{INVOCATION}/next")
        answer = runtime.getresponse()
        event = json.loads(answer.read())
        try:
            serve(runtime, event, answer.headers)
        except OSError:
            # The client has left. The adapter ends as well, and closes its connection to the app.
            os._exit(1)


def serve(runtime: http.client.HTTPConnection, event: dict[str, Any], told: Any) -> None:
    identity = told["Lambda-Runtime-Aws-Request-Id"]
    app = http.client.HTTPConnection("127.0.0.1", PORT)
    method, target, headers = request_of(event, told, identity)
    app.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        app.putheader(name, value.encode())
    body = (event.get("body") or "").encode()
    app.putheader("content-length", str(len(body)))
    app.endheaders(body)
    response = app.getresponse()
    sent = {name.lower(): value for name, value in response.getheaders() if name.lower() != "transfer-encoding"}
    (stream if STREAMING else buffer)(runtime, identity, response, sent)
    app.close()


def request_of(event: dict[str, Any], told: Any, identity: str) -> tuple[str, str, dict[str, str]]:
    context = event["requestContext"]
    is_http = event.get("version") == "2.0"
    path: str = event["rawPath"] if is_http else event["path"]
    query: str = event["rawQueryString"] if is_http else urllib.parse.urlencode(event["queryStringParameters"] or {})
    trace = told.get("Lambda-Runtime-Trace-Id")
    lambda_context = {
        "request_id": identity,
        "deadline": int(told["Lambda-Runtime-Deadline-Ms"]),
        "invoked_function_arn": told["Lambda-Runtime-Invoked-Function-Arn"],
        "xray_trace_id": trace,
        "env_config": {
            "function_name": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            "memory": int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]),
            "version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
            "log_stream": os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
            "log_group": os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
        },
    }
    headers = {name.lower(): value for name, value in event["headers"].items()}
    headers["x-amzn-request-context"] = json.dumps(context, ensure_ascii=False)
    headers["x-amzn-lambda-context"] = json.dumps(lambda_context)
    if trace is not None:
        headers["x-amzn-trace-id"] = trace
    path = urllib.parse.quote(path.removeprefix(BASE_PATH), safe="/:@!$&'()*+,;=%~-._")
    return (context["http"]["method"] if is_http else event["httpMethod"]), f"{path}?{query}" if query else path, headers


def stream(runtime: http.client.HTTPConnection, identity: str, response: http.client.HTTPResponse, headers: dict[str, str]) -> None:
    runtime.putrequest("POST", f"{INVOCATION}/{identity}/response")
    runtime.putheader("Transfer-Encoding", "chunked")
    runtime.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    runtime.endheaders()
    prelude = {"statusCode": response.status, "headers": headers, "cookies": []}
    chunk(runtime, json.dumps(prelude).encode())
    chunk(runtime, b"\0" * 8)
    try:
        while part := response.read1(1 << 16):
            chunk(runtime, part)
    except http.client.IncompleteRead:
        chunk(runtime, b"Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: \r\n")
    runtime.send(b"0\r\n\r\n")
    _ = runtime.getresponse().read()


def chunk(runtime: http.client.HTTPConnection, part: bytes) -> None:
    runtime.send(b"%x\r\n%s\r\n" % (len(part), part))


def buffer(runtime: http.client.HTTPConnection, identity: str, response: http.client.HTTPResponse, headers: dict[str, str]) -> None:
    try:
        body = response.read()
    except http.client.IncompleteRead:
        post(runtime, f"{INVOCATION}/{identity}/error", {"errorType": "IncompleteMessage", "errorMessage": "connection closed"})
        return
    is_text = headers.get("content-type", "text/plain").startswith(TEXT)
    post(
        runtime,
        f"{INVOCATION}/{identity}/response",
        {
            "statusCode": response.status,
            "headers": headers,
            "multiValueHeaders": {},
            "body": body.decode() if is_text else base64.b64encode(body).decode(),
            "isBase64Encoded": not is_text,
            "cookies": [],
        },
    )


def post(runtime: http.client.HTTPConnection, path: str, content: dict[str, Any]) -> None:
    runtime.request("POST", path, json.dumps(content).encode())
    _ = runtime.getresponse().read()


if __name__ == "__main__":
    sys.exit(main())
