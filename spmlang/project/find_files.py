"""Find files by pattern. An unreadable folder raises an error, so that its files are never left out silently."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath


def find(folder: Path, pattern: str, ignored: Path | None = None) -> list[Path]:
    """Return the files below a folder that match a pattern.

    Args:
        folder: The folder where the search begins.
        pattern: A glob pattern, relative to `folder`.
        ignored: A folder in which unreadable folders are ignored.

    Raises:
        OSError: A folder that the pattern leads through may not be read.
    """
    parts = PurePosixPath(pattern).parts
    for end in range(len(parts)):
        for on_the_way in folder.glob("/".join(parts[:end])) if end else [folder]:
            if on_the_way.is_dir() and not (ignored is not None and on_the_way.is_relative_to(ignored)):
                os.scandir(on_the_way).close()
    return [path for path in folder.glob(pattern) if path.is_file()]
