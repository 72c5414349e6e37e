"""Print botocore's signature of each request on standard input, one JSON list."""

import base64
import json
import sys
from datetime import UTC, datetime
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

answers = []
for request in json.load(sys.stdin):
    headers = {
        name: value
        for name, value in request["headers"].items()
        if name not in ("authorization", "x-amz-date", "x-amz-security-token", "host")
    }
    body = base64.b64decode(request["body"])
    signed = AWSRequest(request["method"], request["url"], headers=headers, data=body)
    now = datetime.strptime(request["headers"]["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    credentials = Credentials("AKID", "secret", "session/token=+")
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        SigV4Auth(credentials, "execute-api", request["region"]).add_auth(signed)
    answers.append(signed.headers["Authorization"])
print(json.dumps(answers))
