"""Gives API Gateway a role to write logs with, where the account has none in this region."""

import time

import boto3
import cfnresponse


def handler(event, context):
    """Answer CloudFormation. Deleting the stack changes nothing: other APIs may log by then."""
    try:
        if event["RequestType"] != "Delete":
            set_once(event["ResourceProperties"]["RoleArn"])
        cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, "logging-role")
    except Exception as error:
        print(error)
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, "logging-role", reason=str(error))


def set_once(role_arn):
    """Set the role unless there is one. A new role takes some seconds until API Gateway sees it."""
    gateway = boto3.client("apigateway")
    if gateway.get_account().get("cloudwatchRoleArn"):
        return
    change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role_arn}
    for pause in (5, 10, 20, 20):
        try:
            gateway.update_account(patchOperations=[change])
            return
        except gateway.exceptions.BadRequestException:
            time.sleep(pause)
    gateway.update_account(patchOperations=[change])
