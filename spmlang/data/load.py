"""Load the sources of a project into typed, proven tables."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb
import pyarrow as pa

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.project.contract import BadRows, Contract, Project
from spmlang.values.own_names import own_name

from .connection import connect, is_out_of_space, out_of_space
from .damaged_files import reporting_damage
from .file_cache import Store
from .file_facts import FileRows, all_refer, file_rows, keys_unique, keys_unique_since_last, remember_unique
from .files import DataFile, check_folder, find_files
from .formats.parquet import forget_texts, open_source, parquet_rows, stored_files
from .key_checks import find_bad_dates, find_bad_keys, find_bad_references
from .row_errors import MOST, SHOWN_OF_A_VALUE, Place, RowError, RowErrors
from .sql_text import fetch, has_relation, named, quoted, source, string
from .tables import InputFile, ReadableInPlace, Tables
from .value_checks import ColumnCheck


def load(
    project: Project,
    data_folder: Path | None = None,
    sources: Collection[str] | None = None,
    memory: str | None = None,
    reuse: Path | None = None,
) -> tuple[Tables, list[Diagnostic]]:
    """Load sources, and return the tables with all errors and warnings about them.

    If there are errors, the tables must not be used for pay.

    Args:
        project: The project.
        data_folder: The data folder; None for the folder in spm.yaml.
        sources: The names of the sources to load; None for all. The sources that they refer to are loaded, too.
        memory: The memory that the database may use before it writes data to the disk, such as "4GB".
        reuse: The folder that stores facts about each Parquet file.

    Raises:
        Problems: If memory and disk do not suffice, or if a Parquet file is damaged.
        OSError: If a file or the folder may not be read.
    """
    connection = connect(memory)
    contracts = {name: project.contracts[name] for name in _with_references(project, sources)}
    problems = check_folder(project, contracts.values(), data_folder)
    if problems:
        return Tables(connection, contracts), problems

    def stored() -> list[tuple[str, str]]:
        opened = [contract for contract in contracts.values() if contract.format == "parquet"]
        return [
            (contract.name, file.shown)
            for contract in opened
            if has_relation(connection, own_name("raw", contract.name))
            for file in find_files(project, contract, data_folder)[0]
        ]

    try:
        with reporting_damage(connection, stored):
            return _load(connection, project, contracts, data_folder, reuse)
    except (duckdb.OutOfMemoryException, duckdb.IOException) as problem:
        if not is_out_of_space(problem):
            raise
        raise out_of_space("the data", problem) from problem


def _load(
    connection: duckdb.DuckDBPyConnection,
    project: Project,
    contracts: dict[str, Contract],
    data_folder: Path | None,
    reuse: Path | None,
) -> tuple[Tables, list[Diagnostic]]:
    """Load the sources as `load` does, and prove columns, keys, dates and references in this order."""
    store = Store.opened(reuse) if reuse is not None else None
    if store is not None:
        store.tidy()
    refusals = RowErrors()
    inputs: list[InputFile] = []
    loaded = []
    parts: dict[str, tuple[FileRows, ...]] = {}
    stored: dict[str, ReadableInPlace] = {}
    for contract in contracts.values():
        files, problems = find_files(project, contract, data_folder)
        refusals.problems += problems
        if problems:
            continue
        known = _load_source(connection, contract, files, refusals, store, stored)
        if known is not None:
            loaded.append(contract)
            parts |= {contract.name: known} if known else {}
            inputs += _inputs(connection, contract, files, known, store)
            forget_texts(connection, contract, files)
    for contract in loaded:
        _exclude(
            connection, contract, _duplicate_keys(connection, contract, refusals, parts.get(contract.name, ()), store)
        )
        _exclude(connection, contract, find_bad_dates(connection, contract, refusals))
    names = {contract.name: contract for contract in loaded}
    for contract in loaded:
        bad: set[Place] = set()
        for column in contract.columns:
            target = names.get(column.references or "")
            if target is not None and not all_refer(connection, column, target, parts.get(contract.name, ())):
                bad |= find_bad_references(connection, contract, column, target, refusals)
        _exclude(connection, contract, bad)
    for reject in refusals.rejects:  # the files of a source with rejected rows hold more than the rows that are paid
        stored.pop(reject.source, None)
        parts.pop(reject.source, None)
    tables = Tables(connection, contracts, tuple(inputs), tuple(refusals.rejects), store, parts, stored)
    return tables, refusals.problems


def _with_references(project: Project, sources: Collection[str] | None) -> list[str]:
    """Return the named sources and all that they refer to, directly or not, sorted by name."""
    waiting = list(project.contracts if sources is None else sources)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [column.references for column in project.contracts[name].columns if column.references]
    return sorted(found)


def _load_source(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    files: list[DataFile],
    refusals: RowErrors,
    store: Store | None,
    stored: dict[str, ReadableInPlace],
) -> tuple[FileRows, ...] | None:
    """Make the relation of a source.

    Args:
        connection: The database.
        contract: The contract of the source.
        files: Its files.
        refusals: Receives the errors.
        store: The store of file facts, if any.
        stored: Receives the files under the source's name, if an engine can read them by itself.

    Returns:
        The files with their facts if a store is in use and each file keeps the contract; an empty tuple otherwise; None
        if the source cannot be read.
    """
    proofs = open_source(connection, contract, files, refusals)
    if proofs is None:
        return None
    if found := stored_files(contract, files, proofs):
        stored[contract.name] = found
    proven = named("proven", contract.name)
    kind = "view" if contract.format == "parquet" else "table"
    rows = f"from {named('raw', contract.name)}"
    connection.execute(f"create {kind} {proven} as {_typed(contract, proofs, rows)}")
    connection.execute(f"create view {source(contract.name)} as select * exclude (_cause) from {proven}")
    if store is not None and contract.format == "parquet" and contract.dated is None:
        form = [(proof.value, proof.cause) for proof in proofs]
        alone = [(file, _typed(contract, proofs, f"from ({parquet_rows(contract, [file])})")) for file in files]
        parts = tuple(file_rows(connection, store, contract, file, form, typed) for file, typed in alone)
        if all(part.facts.clean for part in parts):
            return parts
    # Most tables have no error. One count shows that, so the slower search for errors is rarely needed.
    ((wrong,),) = fetch(connection, f"select count(_cause) from {proven}")
    if wrong:
        refused, is_too_long = _refused_rows(connection, contract, proofs, refusals)
        if is_too_long:
            return None
        _exclude(connection, contract, refused)
    return ()


def _duplicate_keys(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    refusals: RowErrors,
    parts: tuple[FileRows, ...],
    store: Store | None,
) -> set[Place]:
    """Find the rows whose key occurs in an earlier row.

    With stored facts, only new files are compared with the rest.
    """
    if not parts or not contract.key or store is None:
        return find_bad_keys(connection, contract, refusals)
    if keys_unique(parts) or keys_unique_since_last(connection, store, contract, parts):
        return set()
    bad = find_bad_keys(connection, contract, refusals)
    if not bad:
        remember_unique(store, contract, parts)
    return bad


def _typed(contract: Contract, proofs: list[ColumnCheck], rows: str) -> str:
    """Return a query for the typed rows.

    It adds `_key`, for dated sources `_from` and `_through`, and `_cause`, the slug of a refusal or null.
    """
    values = [f"{proof.value} as {quoted(proof.column.name)}" for proof in proofs]
    causes = [proof.cause for proof in proofs if proof.cause is not None]
    typed = ", ".join([*values, "_file", "_row", f"coalesce({', '.join([*causes, 'null'])}) as _cause"])
    return f"select *, {_key(contract)} as _key{_dates(contract)} from (select {typed} {rows})"


def _key(contract: Contract) -> str:
    """Return SQL for the key as one text. A `|` within a part is escaped, unlike the `|` between parts."""
    if not contract.key:
        return "cast(_row as varchar)"
    texts = [f"cast({quoted(name)} as varchar)" for name in contract.key]
    if len(texts) == 1:
        return texts[0]
    escaped = [rf"replace(replace({text}, '\', '\\'), '|', '\|')" for text in texts]
    return f"concat_ws('|', {', '.join(escaped)})"


def _dates(contract: Contract) -> str:
    """Return SQL for `_from` and `_through` of a dated source; empty for an undated one."""
    if contract.dated is None:
        return ""
    start = quoted(contract.dated.start)
    forever = "date '9999-12-31'"
    if contract.dated.through is not None:
        return f", {start} as _from, coalesce({quoted(contract.dated.through)}, {forever}) as _through"
    keys = ", ".join(map(quoted, contract.key))
    following = f"lead({start}) over (partition by {keys} order by {start}, _file, _row)"
    # Two rows of one key on one day are reported as an overlap, so the first must not end before it starts.
    ends = f"case when {following} is not null then greatest({following} - 1, {start}) end"
    return f", {start} as _from, coalesce({ends}, {forever}) as _through"


def _refused_rows(
    connection: duckdb.DuckDBPyConnection, contract: Contract, proofs: list[ColumnCheck], refusals: RowErrors
) -> tuple[set[Place], bool]:
    """Note every refused value.

    Returns:
        The places of the refused rows, and True if a text is too long to be compared in later proofs.
    """
    asked = [proof for proof in proofs if proof.cause is not None]
    parts = [
        f"select _file, _row, {string(proof.column.name)} as _c, left({proof.text}, {SHOWN_OF_A_VALUE}) as _v, "
        f"{proof.cause} as _s, {index} as _i from {named('raw', contract.name)} where ({proof.cause}) is not null"
        for index, proof in enumerate(asked)
    ]
    query = f"select _file, _row, _c, _v, _s from ({' union all '.join(parts)}) order by _file, _row, _i"
    found = fetch(connection, f"{query} limit {MOST + 1}")
    findings = [
        RowError(str(file), int(str(row)), str(column), None if value is None else str(value), str(slug))
        for file, row, column, value, slug in found
    ]
    is_too_long = contract.bad_rows is BadRows.STOP and any(item.slug == "data-text-length" for item in findings)
    return refusals.add(contract, findings), is_too_long


def _exclude(connection: duckdb.DuckDBPyConnection, contract: Contract, places: set[Place]) -> None:
    """Remove refused rows from the source's relation, if the contract sets them aside."""
    if not places or contract.bad_rows is BadRows.STOP:
        return
    name, found = named("refused", contract.name), named("found", contract.name)
    connection.execute(f"create table if not exists {name} (f varchar, r bigint)")
    files, rows = zip(*sorted(places), strict=True)
    connection.register(own_name("found", contract.name), pa.table({"f": pa.array(files), "r": pa.array(rows)}))
    connection.execute(f"insert into {name} select f, r from {found}")
    connection.unregister(own_name("found", contract.name))
    kept = f"not exists (select 1 from {name} where f = _p._file and r = _p._row)"
    relation = f"{named('proven', contract.name)} _p where {kept}"
    connection.execute(f"create or replace view {source(contract.name)} as select * exclude (_cause) from {relation}")


def _inputs(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    files: list[DataFile],
    parts: tuple[FileRows, ...],
    store: Store | None,
) -> list[InputFile]:
    """Return the name, SHA-256 and number of rows of each file, for the manifest."""
    if parts and store is not None:
        known = zip(files, parts, strict=True)
        return [InputFile(contract.name, file.shown, store.fingerprint(file), part.facts.rows) for file, part in known]
    query = f"select _file, count(*) from {named('raw', contract.name)} group by _file"
    rows = {str(row[0]): int(str(row[1])) for row in fetch(connection, query)}
    return [InputFile(contract.name, file.shown, file.sha256(), rows.get(file.shown, 0)) for file in files]
