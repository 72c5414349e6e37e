"""API Gateway on this machine, in front of a Lambda environment with the Lambda Web Adapter.

`python -m gateway settings.json` prints the API's address. The settings: `type` (REST or HTTP), `body` as it is deployed, and who
may call: `region`, `credentials`, `token`; `environment` is that of the function.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "runtime" / "harness"))

from botocore.credentials import Credentials  # noqa: E402
from sandbox import Sandbox  # noqa: E402

from .gateway import Callers, Gateway  # noqa: E402
from .http_api import HttpApi  # noqa: E402
from .messages import Request  # noqa: E402
from .rest import RestApi  # noqa: E402


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: Gateway

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle_any(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        answer = self.gateway.answer(Request(self.command, path, query, headers, body))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        if isinstance(answer.body, bytes):
            if answer.status != 204:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for part in answer.body:
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            # The client has left, which doesn't stop the function.
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any


settings = json.loads(Path(sys.argv[1]).read_text())
is_rest = settings["type"] == "REST"
callers = Callers(settings["region"], Credentials(*settings["credentials"]), settings["token"])
sandbox = Sandbox(streaming=is_rest, freeze=False, concurrency=8, env=settings["environment"])
Handler.gateway = (RestApi if is_rest else HttpApi)(settings["body"], callers, sandbox)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(f"http://127.0.0.1:{server.server_port}{'/prod' if is_rest else ''}", flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
try:
    # Until whoever started it goes.
    sys.stdin.read()
finally:
    sandbox.stop()
