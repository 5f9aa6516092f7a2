"""The formats of data files: each has a reader, and the end of a file's name decides which one."""

import pytest

from spmlang.data.formats import Reader, csv, parquet, reader_of
from spmlang.project.file import load_project
from spmlang.project.formats import FORMATS, format_of
from tests.data.reading import HERE

#: mypy holds each module against the protocol here.
READERS: dict[str, Reader] = {"csv": csv, "parquet": parquet}


def test_each_format_has_a_reader() -> None:
    assert {item.name for item in FORMATS} == READERS.keys()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("orders/*.parquet", "parquet"), ("orders.csv", "csv"), ("orders.csv.gz", "csv"), ("orders*", "csv")],
)
def test_the_end_of_a_name_decides_the_format(pattern: str, expected: str) -> None:
    assert format_of(pattern).name == expected


def test_a_source_is_read_by_the_reader_of_its_format() -> None:
    project, _ = load_project(HERE / "base")
    assert project is not None
    assert reader_of(project.contracts["orders"]) is csv
