"""Which wheels run on Lambda, and which are free of compiled code."""

import re

GLIBC_MINOR = 34
"""Amazon Linux 2023, on which all runtimes since Python 3.12 are, has glibc 2.34."""

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's architectures, as Linux and wheels spell them."""

_LEGACY = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}


def platform_of(architecture: str) -> str:
    """Lambda's platform as uv spells it: `aarch64-manylinux_2_34`."""
    return f"{MACHINES[architecture]}-manylinux_2_{GLIBC_MINOR}"


def fits(wheel: str, python_version: str, architecture: str) -> bool:
    """Whether a wheel runs on Lambda.

    Args:
        wheel: Its file name: `numpy-2.5.5-cp313-cp313-manylinux_2_27_aarch64.whl`.
        python_version: The runtime's Python, `3.13`.
        architecture: Lambda's: `arm64` or `x86_64`.
    """
    pythons, abis, platforms = wheel.removesuffix(".whl").split("-")[-3:]
    minor = int(python_version.partition(".")[2])
    return any(
        _fits_python(python, abi, minor) for python in pythons.split(".") for abi in abis.split(".")
    ) and any(_fits_platform(name, MACHINES[architecture]) for name in platforms.split("."))


def _fits_python(python: str, abi: str, minor: int) -> bool:
    found = re.fullmatch(r"(py|cp)3(\d*)", python)
    if found is None:
        return False
    implementation, own = found[1], int(found[2] or 0)
    if implementation == "py":
        return abi == "none" and own <= minor
    if abi == "abi3":
        return own <= minor
    return own == minor and abi in ("none", f"cp3{minor}")


def _fits_platform(name: str, machine: str) -> bool:
    if name in ("any", f"linux_{machine}"):
        return True
    legacy = re.fullmatch(r"(manylinux\d+)_(\w+)", name)
    if legacy and legacy[1] in _LEGACY:
        return legacy[2] == machine
    found = re.fullmatch(r"manylinux_2_(\d+)_(\w+)", name)
    return found is not None and found[2] == machine and int(found[1]) <= GLIBC_MINOR


def is_pure(wheel_metadata: str) -> bool:
    """Whether a wheel has no compiled code, as its WHEEL file says.

    Args:
        wheel_metadata: Text of `*.dist-info/WHEEL`.
    """
    tags = re.findall(r"(?m)^Tag: *(\S+)", wheel_metadata)
    return bool(tags) and all(tag.endswith("-none-any") for tag in tags)
