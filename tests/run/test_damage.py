"""A page of a Parquet file is read when it is asked for, by any part of a command: where it is damaged, the file is named."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spmlang.cli.main import main
from tests.fuzz.bytes import write
from tests.fuzz.largest.making import Files, project

pytestmark = pytest.mark.commands

ROWS = 1_000
DEALS = {
    "number": pa.array([f"n{number:04}" for number in range(ROWS)]),
    "day": pa.array([date(2025, 1 + number % 12, 1 + number % 28) for number in range(ROWS)]),
    "seller": pa.array(["ann", "bob"] * (ROWS // 2)),
    "amount": pa.array([Decimal(number) for number in range(ROWS)], pa.decimal128(18, 2)),
    "region": pa.array([f"r{number % 7}" for number in range(ROWS)]),
    "pieces": pa.array(range(ROWS)),
}
ROSTER = {
    "payee": pa.array(["ann", "bob"]),
    "name": pa.array(["Ann", "Bob"]),
    "from_date": pa.array([date(2025, 1, 1)] * 2),
}
COMMANDS = {
    "run": ["run", "--lines"],
    "explain": ["explain", "--payee", "ann", "--period", "2025-03"],
    "a row": ["explain", "--transaction", "deals", "n0007"],
}


def stored(columns: dict[str, pa.Array]) -> bytes:
    written = BytesIO()
    pq.write_table(pa.table(columns), written, compression="none")
    return written.getvalue()


def pages(data: bytes) -> list[int]:
    """Where the pages begin."""
    found = pq.read_metadata(BytesIO(data))
    chunks = (
        found.row_group(group).column(column)
        for group in range(found.num_row_groups)
        for column in range(found.num_columns)
    )
    return sorted({at for chunk in chunks for at in (chunk.dictionary_page_offset, chunk.data_page_offset) if at})


def sound() -> Files:
    files = project()
    settings = files["spm.yaml"].decode().replace("roster.csv", "roster.parquet").replace("deals.csv", "deals.parquet")
    del files["deals.csv"], files["roster.csv"]
    return files | {"spm.yaml": settings.encode(), "roster.parquet": stored(ROSTER), "deals.parquet": stored(DEALS)}


@pytest.mark.parametrize("name", ["deals.parquet", "roster.parquet"])
@pytest.mark.parametrize("command", [*COMMANDS])
def test_a_damaged_page_is_told_by_every_command(
    command: str, name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files, (word, *more) = sound(), COMMANDS[command]
    out = ["--out", str(tmp_path / "out")] if word == "run" else []
    write(tmp_path / "p", files)
    assert main([word, str(tmp_path / "p"), *more, *out]) == 0
    every = pages(files[name])
    for at in every if command == "run" else every[::5]:
        damaged = files[name][:at] + b"\xff" * 12 + files[name][at + 12 :]
        write(tmp_path / "p", {name: damaged})
        capsys.readouterr()
        code = main([word, str(tmp_path / "p"), *more, *out])
        said = capsys.readouterr().err
        assert code == 0 or (code, f"error[SPM502]: {name}" in said or f"--> {name}" in said) == (1, True), said


def test_a_damaged_column_that_only_the_sample_reads_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = sound()
    at = pages(files["deals.parquet"])[-2:]
    damaged = files["deals.parquet"]
    for start in at:
        damaged = damaged[:start] + b"\xff" * 12 + damaged[start + 12 :]
    write(tmp_path / "p", files | {"deals.parquet": damaged})
    arguments = ["run", str(tmp_path / "p"), "--out", str(tmp_path / "out"), "--verify"]
    assert main([*arguments, "off"]) == 0, capsys.readouterr().err
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert main([*arguments, "5000"]) == 1
    assert "error[SPM502]" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
