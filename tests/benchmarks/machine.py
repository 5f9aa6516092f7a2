"""Describe the machine, the versions and the number of threads, on which the figures depend."""

from __future__ import annotations

import os
import platform
import re
from datetime import date
from importlib import metadata
from pathlib import Path

import pyarrow as pa

THREADS = 2
PACKAGES = ("duckdb", "openfisca-core", "pandas", "polars", "pyarrow", "spmlang", "zen-engine")


def limit_threads() -> None:
    """Limit this process to two threads. Polars reads its limit when it is imported."""
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    pa.set_cpu_count(THREADS)


def machine_info() -> dict[str, object]:
    """Return machine, versions and date."""
    return {
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, {_processor()}, {os.cpu_count()} cores, {_memory_gib()} GiB",
        "threads": THREADS,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return found[1] if found else platform.processor() or "unknown processor"


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
