"""Whether the bundle fits into Lambda: its limit counts the unzipped code and all layers."""

from .project import Project
from .refusal import RefusalError

LIMIT = 262_144_000
"""Bytes that a function's code and layers may have, unzipped."""

ADAPTER_LAYER = 10_000_000
"""Bytes that are kept for the layer of the Lambda Web Adapter, which has about half of them."""

_TOLD_FROM = 0.6
_LARGEST = 10


def check_size(project: Project, code: int, packages: dict[str, int]) -> None:
    """Refuse a bundle that Lambda would refuse, and tell of one that comes near it.

    Args:
        project: The API.
        code: Unzipped bytes of the bundle.
        packages: Bytes by package, for the list of the largest.

    Raises:
        RefusalError: When code and layers are above the limit.
    """
    total = code + ADAPTER_LAYER + project.layer_bytes
    if total < LIMIT * _TOLD_FROM:
        return
    share = f"{_megabytes(total)} of the {_megabytes(LIMIT)} that Lambda takes, layers included"
    largest = sorted(packages.items(), key=lambda entry: (-entry[1], entry[0]))[:_LARGEST]
    listed = ", ".join(f"{name} {_megabytes(size)}" for name, size in largest)
    if total <= LIMIT:
        print(f"The bundle has {share}. The largest: {listed}")
        return
    raise RefusalError(
        f"The bundle has {share}: leave out what the app does not need. The largest: {listed}."
    )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
