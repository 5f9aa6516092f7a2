"""Read the peak resident memory of this process.

Linux starts `ru_maxrss` of a new program at the peak of the process that started it. `VmHWM` counts the program alone.
"""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path


def peak_mib() -> int:
    """Return the peak memory of this process so far, in MiB."""
    status = Path("/proc/self/status")
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(), re.MULTILINE) if status.exists() else None
    if found is not None:
        return int(found[1]) // 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
