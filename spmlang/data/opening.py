"""Opens the files of a source as one raw relation, with a proof for every column."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from spmlang.project.contract import Contract
from spmlang.source.diagnostics import Cell, Diagnostic, diagnose
from spmlang.source.suggest import did_you_mean

from .csv_source import read_csv
from .files import DataFile
from .proofs import Proof, prove_stored, prove_text, sql_type
from .queries import fetch, file_path, quoted, string
from .refusals import Refusals
from .tables import Stored, StoredColumn

#: What the reader calls a row's file and its place in it.
_PATH, _NUMBER = "_spm_path", "file_row_number"


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
    for file in files:
        file.path.open("rb").close()  # what may not be read is trouble with the machine, and no damage
        path = file_path(file.path)
        try:
            described = fetch(connection, f"describe select * from read_parquet({path})")
            schema = fetch(connection, f"select name, coalesce(num_children, 0) from parquet_schema({path})")
        except duckdb.Error as mistake:
            refusals.problems.append(file.unreadable(str(mistake).splitlines()[0]))
            return None
        arriving = {str(row[0]): str(row[1]) for row in described}
        own, problems = _prove_file(contract, file, arriving, _headers(schema))
        refusals.problems += problems
        if problems:
            return None
        if proofs is not None and own != proofs:
            refusals.problems.append(diagnose("data-files-differ", Cell(file.shown), first=files[0].shown))
            return None
        proofs = own
    connection.execute(f'create view "raw_{contract.name}" as {parquet_rows(contract, files)}')
    return proofs


def _headers(schema: list[tuple[object, ...]]) -> Counter[str]:
    """How often each column stands in a file, in small letters, by its schema: names with how many nodes lie below each.

    A reader of Parquet tells names apart by a number that it adds, and does not tell capital letters from small ones.
    """
    found: Counter[str] = Counter()
    below = 0  # nodes of a column that are still to come
    for name, children in schema[1:]:
        if not below:
            found[str(name).casefold()] += 1
        below += int(str(children)) - (below > 0)
    return found


def parquet_rows(contract: Contract, files: list[DataFile]) -> str:
    """A query for the rows of Parquet files as they arrive: the contract's columns, `_file`, `_row`."""
    columns = ", ".join(f"{quoted(column.header)} as {quoted(column.name)}" for column in contract.columns)
    paths = ", ".join(file_path(file.path) for file in files)
    # All lie below one folder, to which the names that are shown are relative.
    below = len(files[0].path.as_posix()) - len(files[0].shown) + 1
    return (
        f"select {columns}, substr({_PATH}, {below}) as _file, cast({_NUMBER} + 1 as bigint) as _row "
        f"from read_parquet([{paths}], filename = {string(_PATH)}, file_row_number = true)"
    )


def stored_files(contract: Contract, files: list[DataFile], proofs: list[Proof]) -> Stored | None:
    """The files as they lie there, for an engine that reads them by itself; None where rows depend on each other, and for CSV."""
    if contract.format != "parquet" or contract.dated is not None:
        return None
    # All lie below one folder, to which the names that are shown are relative.
    path = files[0].path.as_posix()
    folder = Path(path[: len(path) - len(files[0].shown)])
    columns = {proof.column.name: found for proof in proofs if (found := _as_stored(proof))}
    return Stored(folder, tuple(file.shown for file in files), contract.key, columns)


def _as_stored(proof: Proof) -> StoredColumn | None:
    """The column, if its proven value is the stored one, or for a text that may be absent: is that but for the empty text."""
    name = quoted(proof.column.name)
    blank = proof.value == f"nullif(coalesce({name}, ''), '')"
    return StoredColumn(proof.column.header, sql_type(proof.column), blank) if blank or proof.value == name else None


def _prove_file(
    contract: Contract, file: DataFile, arriving: dict[str, str], headers: Counter[str]
) -> tuple[list[Proof], list[Diagnostic]]:
    proofs: list[Proof] = []
    problems = []
    for column in contract.columns:
        place = Cell(file.shown, None, column.header)
        if headers[column.header.casefold()] > 1:
            problems.append(diagnose("data-header-twice", place, header=column.header))
            continue
        if column.header not in arriving:
            words = {"source": contract.name, "column": column.name, "header": column.header}
            hint = did_you_mean(column.header, list(arriving))
            problems.append(diagnose("data-missing-column", place, (), hint=hint, **words))
            continue
        proof = prove_stored(contract, column, quoted(column.name), arriving[column.header])
        if proof is None:
            found = arriving[column.header].lower()
            problems.append(diagnose("data-type", place, (), column=column.name, kind=column.kind, found=found))
        else:
            proofs.append(proof)
    return proofs, problems
