"""Serve the app on this machine, and again after each edit, until Ctrl-C."""

import argparse
import os
import socket

import uvicorn

from ..gateway import LOCAL_USER
from .dotenv import read_dotenv
from .files import app_files
from .project import Project, read_project
from .refusal import told

HOST = "127.0.0.1"


def free_port(preferred: int, host: str = HOST) -> int:
    """The preferred port, or the next one that nothing listens on: several APIs run side by side.

    Args:
        preferred: The API's own port.
        host: The address to listen on.

    Raises:
        OSError: When a hundred ports in a row are taken.
    """
    for port in range(preferred, preferred + 100):
        with socket.socket() as probe:
            # A port whose connections linger is free; on Windows the option would let two listen.
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise OSError(f"No port from {preferred} to {preferred + 99} is free")


def watched(project: Project) -> list[str]:
    """Folders whose edits are served: the module, and those beside it that the bundle has too."""
    return sorted({path.parts[0] for path in app_files(project) if len(path.parts) > 1})


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
    port = free_port(arguments.port, host)
    print(f"http://{host}:{port}/docs", flush=True)
    project = read_project()
    # What the shell sets goes before.
    os.environ.update({**read_dotenv(project.root / ".env"), **os.environ})
    uvicorn.run(
        f"{project.module}.main:app",
        host=host,
        port=port,
        reload=True,
        reload_dirs=[str(project.root / name) for name in watched(project)],
        reload_delay=0.05,
        app_dir=str(project.root),
        access_log=False,
    )


if __name__ == "__main__":
    told(main)
