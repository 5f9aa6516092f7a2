"""Files by pattern. A folder that may not be read is told: what lies in it is not left out in silence."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath


def find(folder: Path, pattern: str, apart: Path | None = None) -> list[Path]:
    """The files below a folder that a pattern names. Raises OSError where a folder on the way may not be read.

    Folders in `apart` are left out where they may not be read.
    """
    parts = PurePosixPath(pattern).parts
    for end in range(len(parts)):
        for place in folder.glob("/".join(parts[:end])) if end else [folder]:
            if place.is_dir() and not (apart is not None and place.is_relative_to(apart)):
                os.scandir(place).close()
    return [path for path in folder.glob(pattern) if path.is_file()]
