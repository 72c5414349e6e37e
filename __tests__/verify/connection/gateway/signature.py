"""SigV4 by botocore: what the signature of a request has to be."""

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_LOCK = threading.Lock()
_OWN = {"authorization", "x-amz-date", "x-amz-security-token", "host"}


def authorization(
    method: str, url: str, headers: Mapping[str, str], body: bytes, *, region: str, credentials: Credentials
) -> str:
    """The header `Authorization` that these credentials give a request.

    Args:
        headers: Those that came, by their names in small letters; the ones that are signed are covered.
    """
    named = re.search(r"SignedHeaders=([^,]+)", headers.get("authorization", ""))
    covered = named[1].split(";") if named else []
    signed = AWSRequest(method, url, headers={name: headers[name] for name in covered if name not in _OWN}, data=body)
    now = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    with _LOCK, mock.patch("botocore.auth.get_current_datetime", return_value=now):
        SigV4Auth(credentials, "execute-api", region).add_auth(signed)
    return signed.headers["Authorization"]
