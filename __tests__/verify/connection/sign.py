"""Print botocore's signature of each request on standard input, one JSON list."""

import base64
import json
import sys

from botocore.credentials import Credentials
from gateway.signature import authorization

credentials = Credentials("AKID", "secret", "session/token=+")
answers = [
    authorization(
        request["method"],
        request["url"],
        request["headers"],
        base64.b64decode(request["body"]),
        region=request["region"],
        credentials=credentials,
    )
    for request in json.load(sys.stdin)
]
print(json.dumps(answers))
