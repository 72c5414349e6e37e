"""Runs moto's server on a free port, which it prints, and logs one line for each request to standard error.

Four of moto's own limits would stop what AWS accepts, so they are lifted here:

* A bucket policy's conditions are not read: "deny what does not come over TLS" denies everything.
* A MOCK integration in a REST API's body needs a uri and a method.
* A path's greedy parameter, `{path+}`, is looked for by its name with the plus.
* A layer of another account does not exist.
"""

import os
import sys

# A role may have policies of AWS's own.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.apigateway import models as apigateway
from moto.apigateway.models import APIGatewayBackend
from moto.awslambda.models import LambdaFunction
from moto.iam.access_control import PermissionResult
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import FakeBucket
from werkzeug.serving import make_server

FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL

build_integration_args = APIGatewayBackend._build_integration_args


def integration_args(self, integration):
    args = build_integration_args(self, integration)
    if args["integration_type"].upper() == "MOCK":
        args = {**args, "uri": args["uri"] or "", "integration_method": args["integration_method"] or "POST"}
    return args


APIGatewayBackend._build_integration_args = integration_args

validate = apigateway.validate


def validate_without_greed(document, *args, **kwargs):
    paths = {path.replace("+}", "}"): methods for path, methods in document["paths"].items()}
    return validate({**document, "paths": paths}, *args, **kwargs)


apigateway.validate = validate_without_greed

LambdaFunction._get_layers_data = lambda self, arns: [{"Arn": arn, "CodeSize": 0} for arn in arns]

server = make_server("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
