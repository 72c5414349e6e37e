"""Stands for Parameter Store and Secrets Manager on loopback, as far as the runtime asks them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Stores(ThreadingHTTPServer):
    """Answers from `parameters` and `secrets`, and keeps what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.parameters: dict[str, str | list[str]] = {}
        self.secrets: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        """Secrets by name, with the message of the refusal."""
        self.error: tuple[int, str, str] | None = None
        """Status, code and message of every answer."""
        self.calls: list[tuple[str, list[str]]] = []
        self.at_once = threading.Barrier(1)
        """How many calls have to be here before one of them is answered."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Stores

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        stores = self.server
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        stores.calls.append((operation, asked.get("Names") or [asked["SecretId"]]))
        stores.at_once.wait(5)
        if stores.error:
            status, code, message = stores.error
            self.answer({"__type": code, "message": message}, status)
        elif operation == "GetParameters":
            assert asked["WithDecryption"] is True
            assert len(asked["Names"]) <= 10
            there = [name for name in asked["Names"] if name in stores.parameters]
            self.answer(
                {
                    "Parameters": [parameter(name, stores.parameters[name]) for name in there],
                    "InvalidParameters": [name for name in asked["Names"] if name not in there],
                }
            )
        elif asked["SecretId"] in stores.refused:
            self.answer({"__type": "AccessDeniedException", "Message": stores.refused[asked["SecretId"]]}, 400)
        elif asked["SecretId"] in stores.secrets:
            self.answer({"Name": asked["SecretId"], "SecretString": stores.secrets[asked["SecretId"]]})
        else:
            self.answer({"__type": "ResourceNotFoundException", "Message": "Secrets Manager can't find the specified secret."}, 400)

    def answer(self, body: dict[str, Any], status: int = 200) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


def parameter(name: str, value: str | list[str]) -> dict[str, str]:
    if isinstance(value, list):
        return {"Name": name, "Type": "StringList", "Value": ",".join(value)}
    return {"Name": name, "Type": "SecureString", "Value": value}
