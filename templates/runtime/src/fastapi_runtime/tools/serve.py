"""Serve the app on this machine, and again after each edit, until Ctrl-C.

While it runs, dist/serve.json says where (`url`, `port`, and `pid` of this process), and
dist/openapi.json follows the app.
"""

import argparse
import json
import os
import socket
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import uvicorn

from ..gateway import LOCAL_USER
from .dotenv import read_dotenv
from .outputs import write_output
from .project import Project, read_project
from .refusal import RefusalError, told
from .reloader import Reloader, forget_bytecode, look, watched

HOST = "127.0.0.1"

LAST_PORT = 65_535

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Addresses that stand for all of a machine, and one of them to call."""


def listen(preferred: int, host: str = HOST) -> socket.socket:
    """Listen on the preferred port, or the next one that is free: several APIs run side by side.

    It listens at once, so that two that start together never have one port, and what is called
    before the app is imported waits for it.

    Args:
        preferred: The API's own port.
        host: The address to listen on.

    Raises:
        RefusalError: When there is no such port, a hundred ports in a row are taken, or this
            machine has no such address.
    """
    if not 0 <= preferred <= LAST_PORT:
        raise RefusalError(f"There is no port {preferred}: ports end at {LAST_PORT}.")
    last = min(preferred + 99, LAST_PORT)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    error: OSError | None = None
    for port in range(preferred, last + 1):
        listening = socket.socket(family)
        # A port whose connections linger is free; on Windows the option would let two listen.
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(2048)
        except OSError as failure:
            listening.close()
            error = failure
            continue
        listening.set_inheritable(True)
        return listening
    raise RefusalError(f"No port from {preferred} to {last} is free on {host}: {error}")


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens on `host`."""
    name = _EVERY_ADDRESS.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def run_server(
    server: uvicorn.Server,
    project: Project,
    sockets: list[socket.socket] | None = None,
) -> None:
    """Serve the app as it is now; runs in a process of its own, anew after each edit."""
    forget_bytecode(look(project.root, watched(project)))
    server.run(sockets)


def main() -> None:
    """Find a port and start the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--port", type=int, default=8000, help="the port to try first")
    _ = parser.add_argument("--host", default=HOST, help="the address to listen on")
    _ = parser.add_argument("--user", default="", help="who calls: sub=ada,groups=admins,buyers")
    arguments = parser.parse_args()
    host: str = arguments.host
    user: str = arguments.user
    os.environ[LOCAL_USER] = user
    project = read_project()
    folders = watched(project)
    listening = listen(arguments.port, host)
    port: int = listening.getsockname()[1]
    url = address(host, port)
    # What the shell sets goes before.
    os.environ.update({**read_dotenv(project.root / ".env"), **os.environ})
    # The server's process begins with this one's path.
    sys.path.insert(0, str(project.root))
    place = project.dist / "serve.json"
    _ = write_output(place, json.dumps({"url": url, "port": port, "pid": os.getpid()}) + "\n")
    print(f"{url}/docs", flush=True)
    try:
        config = uvicorn.Config(
            f"{project.module}.main:app",
            host=host,
            port=port,
            reload=True,
            reload_dirs=[str(project.root / name) for name in folders],
            reload_delay=0.05,
            # A stream that a browser keeps open must not hold up what an edit changed.
            timeout_graceful_shutdown=1,
            access_log=False,
        )
        target = partial(run_server, uvicorn.Server(config), project)
        Reloader(config, target, listening, project, folders).run()
    finally:
        remove_own(place)


def remove_own(place: Path) -> None:
    """Remove dist/serve.json, unless it is of a server that was started later."""
    with suppress(OSError, ValueError, KeyError):
        if json.loads(place.read_text(encoding="utf-8"))["pid"] == os.getpid():
            place.unlink()


if __name__ == "__main__":
    told(main)
