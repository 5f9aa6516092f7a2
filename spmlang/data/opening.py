"""Opens the files of a source as one raw relation, with a proof for every column."""

from __future__ import annotations

import duckdb

from spmlang.project.contract import Contract
from spmlang.source.diagnostics import Cell, Diagnostic, diagnose
from spmlang.source.suggest import did_you_mean

from .csv_source import read_csv
from .files import DataFile
from .proofs import Proof, prove_stored, prove_text
from .queries import fetch, quoted, string
from .refusals import Refusals


def open_source(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], refusals: Refusals
) -> list[Proof] | None:
    """Make the relation `raw_NAME` (contract's columns, `_file`, `_row`); None where a file cannot be read."""
    if contract.format == "parquet":
        return _open_parquet(connection, contract, files, refusals)
    return _open_csv(connection, contract, files, refusals)


def forget_texts(connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile]) -> None:
    """Let go of the text of CSV files, once their typed rows are proven and stored."""
    if contract.format == "csv":
        connection.execute(f'drop view "raw_{contract.name}"')
        for number in range(len(files)):
            connection.unregister(f"arrow_{contract.name}_{number}")


def _open_csv(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], refusals: Refusals
) -> list[Proof] | None:
    parts = []
    for file in files:
        read = read_csv(contract, file)
        refusals.problems += read.problems
        refusals.add(contract, read.ragged)
        if read.table is not None:
            parts.append(read.table)
    if len(parts) < len(files):
        return None
    selects = []
    for number, (file, part) in enumerate(zip(files, parts, strict=True)):
        name = f"arrow_{contract.name}_{number}"
        connection.register(name, part)
        selects.append(f"select *, {string(file.shown)} as _file from {quoted(name)}")
    connection.execute(f'create temp view "raw_{contract.name}" as {" union all ".join(selects)}')
    return [prove_text(contract, column, quoted(column.name)) for column in contract.columns]


def _open_parquet(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], refusals: Refusals
) -> list[Proof] | None:
    proofs: list[Proof] | None = None
    views = []
    for file in files:
        scan = f"read_parquet({string(file.path.as_posix())}, file_row_number = true)"
        try:
            arriving = {str(row[0]): str(row[1]) for row in fetch(connection, f"describe select * from {scan}")}
        except duckdb.Error as mistake:
            refusals.problems.append(file.unreadable(str(mistake).splitlines()[0]))
            return None
        own, problems = _prove_file(contract, file, arriving)
        refusals.problems += problems
        if problems:
            return None
        if proofs is not None and own != proofs:
            refusals.problems.append(diagnose("data-files-differ", Cell(file.shown), first=files[0].shown))
            return None
        proofs = own
        columns = ", ".join(f"{quoted(column.header)} as {quoted(column.name)}" for column in contract.columns)
        views.append(
            f"select {columns}, {string(file.shown)} as _file, cast(file_row_number + 1 as bigint) as _row from {scan}"
        )
    connection.execute(f'create view "raw_{contract.name}" as {" union all ".join(views)}')
    return proofs


def _prove_file(contract: Contract, file: DataFile, arriving: dict[str, str]) -> tuple[list[Proof], list[Diagnostic]]:
    proofs: list[Proof] = []
    problems = []
    for column in contract.columns:
        place = Cell(file.shown, None, column.header)
        if column.header not in arriving:
            words = {"source": contract.name, "column": column.name, "header": column.header}
            hint = did_you_mean(column.header, [name for name in arriving if name != "file_row_number"])
            problems.append(diagnose("data-missing-column", place, (), hint=hint, **words))
            continue
        proof = prove_stored(contract, column, quoted(column.name), arriving[column.header])
        if proof is None:
            found = arriving[column.header].lower()
            problems.append(diagnose("data-type", place, (), column=column.name, kind=column.kind, found=found))
        else:
            proofs.append(proof)
    return proofs, problems
