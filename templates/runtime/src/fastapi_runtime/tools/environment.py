"""The variables under which the app is imported to be described and checked.

They are the system's and those of pyproject.toml, not a shell's or `.env`'s: otherwise a route that
depends on a variable could reach production from somebody's terminal.
"""

import os
import sys
from collections.abc import Mapping

from .project import Project

_SYSTEM = {
    "APPDATA",
    "COMSPEC",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "LANG",
    "LD_LIBRARY_PATH",
    "LOCALAPPDATA",
    "LOGNAME",
    "NUMBER_OF_PROCESSORS",
    "PATH",
    "PATHEXT",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SHELL",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
}

_NO_AWS = {
    # Clients can be made, but calls fail: whoever builds may have access to production.
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_MAX_ATTEMPTS": "1",
}


def build_environment(project: Project, shell: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The whole environment of a process that imports the app.

    Args:
        project: The API, whose `[tool.fastapi-lambda.environment]` goes before all.
        shell: Where the system's variables are taken from.
    """
    system = {
        name: value
        for name, value in shell.items()
        if name.upper() in _SYSTEM or name.startswith("LC_")
    }
    fixed = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    if sys.platform == "win32":
        fixed["PYTHONIOENCODING"] = "utf-8"
    return {**system, **_NO_AWS, **fixed, **project.environment}
