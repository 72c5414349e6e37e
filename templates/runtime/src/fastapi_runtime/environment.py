"""What the environment says about this process, read once when the module is imported."""

import os

IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
"""Whether this process serves a Lambda function, and is no local server, test or script."""

FUNCTION_KEYS = {
    "function_name": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
    "function_memory_size": int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or 0),
    "function_version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
}
"""Log keys of the function, the same on every line; the memory in MB."""

STARTS_COLD = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "provisioned-concurrency"
"""Whether the first request waits for the start: not so under provisioned concurrency."""

CAPTURE_ERROR = "POWERTOOLS_TRACER_CAPTURE_ERROR"
"""Variable that keeps what exceptions say out of traces, where it is `false`."""

METRICS_BY_ROUTE = os.environ.get("METRICS_BY_ROUTE", "true").lower() not in ("false", "0")
"""Whether requests are counted by method and route too, and not by service alone."""


def is_on(variable: str, default: str) -> bool:
    """Whether a variable says yes, in any of the words that Powertools takes for it."""
    return (os.environ.get(variable) or default).lower() in ("1", "true", "yes", "y", "t", "on")


def service_name(own: str) -> str:
    """Name of the service in logs, metrics and traces: `POWERTOOLS_SERVICE_NAME`, else its own."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME") or own


def metrics_namespace(service: str) -> str:
    """CloudWatch namespace: `POWERTOOLS_METRICS_NAMESPACE`, else the service's name."""
    return os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or service
