# Powertools keeps what belongs to a request here in plain attributes, and types none of its dicts.
# pyright: reportIncompatibleVariableOverride=false, reportUnknownMemberType=false
"""Metrics in CloudWatch's embedded metric format (EMF), of each request and of your own.

A request's own document is made of prepared pieces, since Powertools takes 35 us for one.
"""

from typing import Any, override

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import base as powertools_base
from aws_lambda_powertools.metrics.provider.cloudwatch_emf import (
    cloudwatch as powertools_cloudwatch,
)
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from .environment import IN_LAMBDA, METRICS_BY_ROUTE, metrics_namespace, service_name
from .output import encode, members, write_lines
from .record import RequestRecord, current_record


class _Store:
    """Metrics, dimensions and metadata that wait for their flush."""

    __slots__ = ("dimension_sets", "dimensions", "metadata", "metrics", "timestamp")

    def __init__(self, dimensions: dict[str, str]) -> None:
        self.metrics: dict[str, Any] = {}
        self.dimensions = dict(dimensions)
        self.dimension_sets: list[dict[str, str]] = []
        self.metadata: dict[str, Any] = {}
        self.timestamp: int | None = None


class RequestProvider(AmazonCloudWatchEMFProvider):
    """Powertools' provider with a store per request: in its one, concurrent requests mix."""

    def __init__(self, service: str, namespace: str) -> None:
        """Create the provider of a service, for one CloudWatch namespace."""
        self._everywhere = _Store({})
        super().__init__(namespace=namespace, service=service)

    @property
    def _store(self) -> _Store:
        record = current_record.get()
        if record is None:
            return self._everywhere
        if record.metrics is None:
            record.metrics = _Store(self.default_dimensions)
        return record.metrics

    @property
    @override
    def metric_set(self) -> dict[str, Any]:
        return self._store.metrics

    @metric_set.setter
    def metric_set(self, value: dict[str, Any]) -> None:
        self._store.metrics = value

    @property
    @override
    def dimension_set(self) -> dict[str, str]:
        return self._store.dimensions

    @dimension_set.setter
    def dimension_set(self, value: dict[str, str]) -> None:
        self._store.dimensions = value

    @property
    @override
    def dimension_sets(self) -> list[dict[str, str]]:
        return self._store.dimension_sets

    @dimension_sets.setter
    def dimension_sets(self, value: list[dict[str, str]]) -> None:
        self._store.dimension_sets = value

    @property
    @override
    def metadata_set(self) -> dict[str, Any]:
        return self._store.metadata

    @metadata_set.setter
    def metadata_set(self, value: dict[str, Any]) -> None:
        self._store.metadata = value

    @property
    @override
    def timestamp(self) -> int | None:
        return self._store.timestamp

    @timestamp.setter
    def timestamp(self, value: int | None) -> None:
        self._store.timestamp = value


def write_document(document: str) -> None:
    """Write one EMF document; outside of Lambda nobody reads them, and nothing is written."""
    if IN_LAMBDA:
        write_lines(document + "\n")


# Powertools prints its documents, also those of `single_metric`, in two pieces and wherever it
# runs.
powertools_cloudwatch.__dict__["print"] = write_document
powertools_base.__dict__["print"] = write_document


class RequestMetrics(Metrics):
    """Powertools' Metrics, which also counts each request."""

    def __init__(self, service: str) -> None:
        """Create the metrics of a service.

        Args:
            service: Name of the service; `POWERTOOLS_SERVICE_NAME` wins over it. It is the
                namespace too, unless `POWERTOOLS_METRICS_NAMESPACE` names one.
        """
        self._service = service_name(service)
        self._namespace = metrics_namespace(self._service)
        self._documents: dict[tuple[str, str, str, bool], tuple[str, str]] = {}
        provider = RequestProvider(self._service, self._namespace)
        super().__init__(service=self._service, namespace=self._namespace, provider=provider)

    def lines(self, record: RequestRecord) -> str:
        """The documents that a request ends with: its own, and the operation's metrics."""
        if not IN_LAMBDA:
            record.metrics = None
            return ""
        own = self._request_document(record) if record.counted else ""
        return own if record.metrics is None else own + self.added_lines(record)

    def added_lines(self, record: RequestRecord) -> str:
        """The metrics that the operation added with `add_metric` since the last write."""
        store: _Store | None = record.metrics
        if store is None or not store.metrics:
            return ""
        document = encode({**self.provider.serialize_metric_set()}) + "\n"
        record.metrics = None
        return document

    def _request_document(self, record: RequestRecord) -> str:
        key = (record.metric_method, record.route, _outcome(record), record.cold_start)
        parts = self._documents.get(key)
        if parts is None:
            parts = self._documents[key] = self._document_parts(*key)
        before, after = parts
        # Only these change from request to request.
        return (
            f'{before}{record.ended_at}{after}"Latency":{record.duration},'
            f'"correlation_id":{record.quoted_id}}}\n'
        )

    def _document_parts(
        self, method: str, route: str, outcome: str, cold_start: bool
    ) -> tuple[str, str]:
        """A document before and after its time, without zeros: CloudWatch charges for them."""
        counts = [
            name for name in ("RequestCount", outcome, "ColdStart" if cold_start else "") if name
        ]
        directive = {
            "Namespace": self._namespace,
            "Dimensions": [["service", "method", "route"], ["service"]]
            if METRICS_BY_ROUTE
            else [["service"]],
            "Metrics": [
                *({"Name": name, "Unit": "Count"} for name in counts),
                {"Name": "Latency", "Unit": "Milliseconds"},
            ],
        }
        dimensions = {"service": self._service, "method": method, "route": route}
        values: dict[str, Any] = {**dimensions, **dict.fromkeys(counts, 1)}
        return (
            '{"_aws":{"Timestamp":',
            f',"CloudWatchMetrics":[{encode(directive)}]}},{members(values)},',
        )


def _outcome(record: RequestRecord) -> str:
    """The outcome that a request counts as; empty for a client that left."""
    if record.error == "client_disconnected":
        return ""
    if record.failed:
        return "Failure"
    return "ClientError" if record.status >= 400 else "Success"
