"""The formats of data files, recognized by the ends of their names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """A format of data files.

    Attributes:
        name: The name of the module in `data/formats/` that reads it.
        title: The name that messages show.
        suffix: The end of the names of its files.
    """

    name: str
    title: str
    suffix: str


#: All formats. CSV is the last one, because a file that ends with no other suffix is CSV.
FORMATS = (
    FileFormat(name="parquet", title="Parquet", suffix=".parquet"),
    FileFormat(name="csv", title="CSV", suffix=""),
)


def format_of(pattern: str) -> FileFormat:
    """Return the format of the files that a pattern finds."""
    return next(item for item in FORMATS if pattern.endswith(item.suffix))
