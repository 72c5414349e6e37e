"""What the environment says about this process, read once when the module is imported."""

import os

IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
"""Whether this process serves a Lambda function, and is no local server, test or script."""

SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME") or __name__.partition(".")[0]
"""Name of the service in logs, metrics and traces. Default: the Python module's name."""

NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or SERVICE
"""CloudWatch namespace of the metrics. Default: the service's name."""

FUNCTION_KEYS = {
    "function_name": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
    "function_memory_size": int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or 0),
    "function_version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
}
"""Log keys of the function, the same on every line; the memory in MB."""

STARTS_COLD = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "provisioned-concurrency"
"""Whether the first request waits for the start: not so under provisioned concurrency."""
