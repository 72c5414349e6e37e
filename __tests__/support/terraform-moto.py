"""Runs moto's server on a free port, which it prints, and logs one line for each request to standard error.

Four of moto's own limits would stop what AWS accepts, so they are lifted here:

* A bucket policy's conditions are not read: "deny what does not come over TLS" denies everything.
* A MOCK integration in a REST API's body needs a uri and a method.
* A path's greedy parameter, `{path+}`, is looked for by its name with the plus.
* A layer of another account does not exist.

And its CloudFormation knows neither aliases of functions nor CodeDeploy's applications, its CodeDeploy no way to stop a deployment: what a
stack has of these is made here, an alias with its first version. A stack that is deleted leaves its REST API there: it goes here.
"""

import os
import sys

# A role may have policies of AWS's own.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.apigateway import models as apigateway
from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.codedeploy.models import codedeploy_backends
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
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


class StackAlias(CloudFormationModel):
    __module__ = "moto.awslambda"  # Which service it is of.
    cloudformation_name_type = staticmethod(lambda: "Name")
    cloudformation_type = staticmethod(lambda: "AWS::Lambda::Alias")

    def __init__(self, arn):
        self.physical_resource_id = arn

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        function, name = (cloudformation_json["Properties"][key] for key in ("FunctionName", "Name"))
        backend = lambda_backends[account_id][region_name]
        version = backend.publish_version(function).version
        return cls(backend.create_alias(name, function, str(version), "", {}).arn)


class StackApplication(CloudFormationModel):
    __module__ = "moto.codedeploy"
    cloudformation_name_type = staticmethod(lambda: "ApplicationName")
    cloudformation_type = staticmethod(lambda: "AWS::CodeDeploy::Application")

    def __init__(self, name):
        self.physical_resource_id = name

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        codedeploy_backends[account_id][region_name].create_application(resource_name, "Lambda", [])
        return cls(resource_name)

    def delete(self, account_id, region_name):
        del codedeploy_backends[account_id][region_name].applications[self.physical_resource_id]


RestAPI.delete = lambda self, account_id, region_name: apigateway_backends[account_id][region_name].delete_rest_api(self.id)


def stop_deployment(self):
    deployment = self.codedeploy_backend.get_deployment(self._get_param("deploymentId"))
    deployment.status = "Stopped"
    deployment.description = f"rolled back: {self._get_param('autoRollbackEnabled')}"
    return ActionResult({"status": "Succeeded"})


CodeDeployResponse.stop_deployment = stop_deployment

server = make_server("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
