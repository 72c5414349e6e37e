"""Annotations of every kind that X-Ray indexes, which the project's own type check takes."""

from opentelemetry import trace

from .init import tracer


@tracer.capture_method
def annotate(order: int, weight: float, paid: bool, customer: str) -> None:
    """Annotate with each of them, by the tracer, its provider and a subsegment."""
    tracer.put_annotation("order", order)
    tracer.put_annotation("order", 1)
    tracer.put_annotation(key="weight", value=weight)
    tracer.put_annotation("paid", paid)
    tracer.put_annotation("customer", customer)
    tracer.provider.put_annotation("order", order)
    tracer.put_metadata("row", {"customer": customer})
    with tracer.provider.in_subsegment("pay") as subsegment:
        subsegment.put_annotation("order", 1)
        subsegment.put_annotation("weight", weight)
        subsegment.put_annotation("paid", True)
        trace.get_current_span().set_attribute("order.id", order)
