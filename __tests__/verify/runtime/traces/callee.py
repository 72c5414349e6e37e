"""What operations call on loopback: an HTTP service that answers as DynamoDB too, and an OTLP receiver."""

import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Callee(ThreadingHTTPServer):
    """Keeps the headers of the requests to it, and the spans that it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.headers: list[dict[str, str]] = []
        self.spans: list[Any] = []
        self.delay = 0.0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    server: Callee
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.answer(int(self.path.partition("?")[0].rpartition("/")[2]), b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/v1/traces":
            time.sleep(self.server.delay)
            message = ExportTraceServiceRequest.FromString(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
            self.server.spans.extend(
                span for resource in message.resource_spans for scope in resource.scope_spans for span in scope.spans
            )
            self.answer(200, b"")
            return
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        if self.headers["x-amz-target"].endswith("ListTables"):
            self.answer(200, json.dumps({"TableNames": ["orders"]}).encode())
        else:
            error = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no such table"}
            self.answer(400, json.dumps(error).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-amzn-requestid", "REQUEST42")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass
