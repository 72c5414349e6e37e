"""Imports bodies of REST APIs into moto, and prints the methods and paths that API Gateway then has.

Standard input: {"name": body, ...}. Standard output: {"name": ["GET /items", ...], ...}.
"""

import json
import sys

import boto3
from moto import mock_aws


def routes(client, body):
    api_id = client.create_rest_api(name="api")["id"]
    client.put_rest_api(restApiId=api_id, mode="overwrite", failOnWarnings=True, body=json.dumps(body))
    resources = [
        resource
        for page in client.get_paginator("get_resources").paginate(restApiId=api_id, embed=["methods"])
        for resource in page["items"]
    ]
    return sorted(f"{method} {resource['path']}" for resource in resources for method in resource.get("resourceMethods", {}))


with mock_aws():
    client = boto3.client("apigateway", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    print(json.dumps({name: routes(client, body) for name, body in json.load(sys.stdin).items()}))
