"""Load the sources of a project into typed tables in which every row keeps its contract."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.project.contract import BadRows, Contract, Project
from spmlang.values.own_names import own_name

from .connection import connect, is_out_of_space, out_of_space
from .damaged_files import is_read_from_disk, reporting_damage
from .file_cache import Store
from .file_facts import FileRows, all_refer, keys_unique, keys_unique_since_last, remember_unique, rows_with_facts
from .files import DataFile, check_folder, find_files
from .formats import OpenedFiles, reader_of
from .key_checks import find_bad_dates, find_bad_keys, find_bad_references
from .row_errors import MOST, SHOWN_OF_A_VALUE, Place, RowError, RowErrors
from .sql_text import fetch, named, quoted, source, string
from .tables import InputFile, ReadableInPlace, Tables
from .typed_rows import typed_rows
from .value_checks import ColumnCheck


def load(
    project: Project,
    data_folder: Path | None = None,
    sources: Collection[str] | None = None,
    *,
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
        reuse: The folder that stores facts about each file, for formats that are read from disk.

    Raises:
        Problems: If memory and disk do not suffice, or if a file is damaged.
        OSError: If a file or the folder may not be read.
    """
    connection = connect(memory)
    contracts = {name: project.contracts[name] for name in _with_references(project, sources)}
    problems = check_folder(project, contracts.values(), data_folder)
    if problems:
        return Tables(connection=connection, contracts=contracts), problems

    def files_on_disk() -> list[tuple[str, str]]:
        opened = [contract for contract in contracts.values() if is_read_from_disk(connection, contract.name)]
        return [
            (contract.name, file.shown) for contract in opened for file in find_files(project, contract, data_folder)[0]
        ]

    try:
        with reporting_damage(connection, files_on_disk):
            return _load(connection, project, contracts, data_folder=data_folder, reuse=reuse)
    except (duckdb.OutOfMemoryException, duckdb.IOException) as problem:
        if not is_out_of_space(problem):
            raise
        raise out_of_space("the data", problem) from problem


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


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A source whose relation is made.

    Attributes:
        contract: The contract.
        inputs: The files, for the manifest.
        file_rows: The files with their facts, if a store is in use and each file keeps the contract; else empty.
        in_place: The files for an engine that reads them by itself; None if it must not.
    """

    contract: Contract
    inputs: list[InputFile]
    file_rows: tuple[FileRows, ...]
    in_place: ReadableInPlace | None


def _load(
    connection: duckdb.DuckDBPyConnection,
    project: Project,
    contracts: dict[str, Contract],
    *,
    data_folder: Path | None,
    reuse: Path | None,
) -> tuple[Tables, list[Diagnostic]]:
    """Load the sources as `load` does. Check columns, keys, dates and references in this order."""
    loading = _Loading(connection, RowErrors(), _opened_store(reuse))
    sources = []
    for contract in contracts.values():
        files, problems = find_files(project, contract, data_folder)
        loading.errors.problems += problems
        loaded = None if problems else loading.load_source(contract, files)
        sources += [loaded] if loaded is not None else []
    for loaded in sources:
        loading.check_keys(loaded)
        loading.check_dates(loaded)
    loading.check_references(sources)
    rejects = loading.errors.rejects
    # The files of a source with rejected rows hold more than the rows that are paid.
    rejected = {reject.source for reject in rejects}
    whole = [loaded for loaded in sources if loaded.contract.name not in rejected]
    tables = Tables(
        connection=connection,
        contracts=contracts,
        files=tuple(file for loaded in sources for file in loaded.inputs),
        rejects=tuple(rejects),
        store=loading.store,
        file_rows={loaded.contract.name: loaded.file_rows for loaded in whole if loaded.file_rows},
        in_place={loaded.contract.name: loaded.in_place for loaded in whole if loaded.in_place is not None},
    )
    return tables, loading.errors.problems


def _opened_store(folder: Path | None) -> Store | None:
    """Return the store in a folder, without entries that were not used for long; None without a folder."""
    if folder is None:
        return None
    store = Store.opened(folder)
    store.tidy()
    return store


@dataclass(frozen=True)
class _Loading:
    """A load in progress; `errors` grows."""

    connection: duckdb.DuckDBPyConnection
    errors: RowErrors
    store: Store | None

    def load_source(self, contract: Contract, files: list[DataFile]) -> _Source | None:
        """Make the relation of a source, and check its columns. None if the source cannot be read."""
        opened = reader_of(contract).open_files(self.connection, contract, files, self.errors)
        if opened is None:
            return None
        self._make_relation(contract, opened)
        file_rows = self._files_with_facts(contract, files, opened)
        # Files with facts are known to keep the contract.
        if not file_rows and not self._check_columns(contract, opened.checks):
            return None
        inputs = self._inputs(contract, files, file_rows)
        self._drop_memory(contract, opened)
        return _Source(contract=contract, inputs=inputs, file_rows=file_rows, in_place=opened.in_place)

    def _make_relation(self, contract: Contract, opened: OpenedFiles) -> None:
        """Make the three relations of a source.

        `raw` has the values as they arrive, `proven` has types and the cause of each error, and `source` is the one
        that engines read. Rows on disk stay there. Rows in memory are copied into the database with their types.
        """
        raw, proven = named("raw", contract.name), named("proven", contract.name)
        view, kind = ("view", "view") if opened.rows_of_file else ("temp view", "table")
        self.connection.execute(f"create {view} {raw} as {opened.rows}")
        self.connection.execute(f"create {kind} {proven} as {typed_rows(contract, opened.checks, raw)}")
        self.connection.execute(f"create view {source(contract.name)} as select * exclude (_cause) from {proven}")

    def _drop_memory(self, contract: Contract, opened: OpenedFiles) -> None:
        """Drop the rows in memory, after their typed copy is made."""
        if not opened.rows_of_file:
            self.connection.execute(f"drop view {named('raw', contract.name)}")
        for name in opened.in_memory:
            self.connection.unregister(name)

    def _files_with_facts(self, contract: Contract, files: list[DataFile], opened: OpenedFiles) -> tuple[FileRows, ...]:
        """Return the files with their facts; empty without a store, or if a file breaks the contract."""
        if self.store is None or contract.dated is not None or not opened.rows_of_file:
            return ()
        form = [(check.value, check.cause) for check in opened.checks]
        file_rows = []
        for file, rows in zip(files, opened.rows_of_file, strict=True):
            typed = typed_rows(contract, opened.checks, f"({rows})")
            file_rows.append(rows_with_facts(self.connection, self.store, contract, file, form=form, typed=typed))
        return tuple(file_rows) if all(item.facts.clean for item in file_rows) else ()

    def _check_columns(self, contract: Contract, checks: list[ColumnCheck]) -> bool:
        """Check the value of each column, and note the errors. Return False if the source cannot be checked further."""
        # Most tables have no error. One count shows that, so the slower search for errors is rarely needed.
        ((wrong,),) = fetch(self.connection, f"select count(_cause) from {named('proven', contract.name)}")
        if not wrong:
            return True
        found = _wrong_values(self.connection, contract, checks)
        places = self.errors.add(contract, found)
        # Later checks would compare a text that is too long with others, which takes long.
        if contract.bad_rows is BadRows.STOP and any(error.slug == "data-text-length" for error in found):
            return False
        self._exclude(contract, places)
        return True

    def _inputs(self, contract: Contract, files: list[DataFile], file_rows: tuple[FileRows, ...]) -> list[InputFile]:
        """Return the name, SHA-256 and number of rows of each file, for the manifest."""
        if file_rows and self.store is not None:
            known = zip(files, file_rows, strict=True)
            return [
                InputFile(contract.name, file.shown, self.store.fingerprint(file), item.facts.rows)
                for file, item in known
            ]
        query = f"select _file, count(*) from {named('raw', contract.name)} group by _file"
        rows = {str(row[0]): int(str(row[1])) for row in fetch(self.connection, query)}
        return [InputFile(contract.name, file.shown, file.sha256(), rows.get(file.shown, 0)) for file in files]

    def check_keys(self, loaded: _Source) -> None:
        """Find the rows whose key occurs in an earlier row. With stored facts, only new files are compared."""
        contract, file_rows = loaded.contract, loaded.file_rows
        reusing = self.store if file_rows and contract.key else None
        if reusing is not None and (
            keys_unique(file_rows) or keys_unique_since_last(self.connection, reusing, contract, file_rows)
        ):
            return
        bad = find_bad_keys(self.connection, contract, self.errors)
        if reusing is not None and not bad:
            remember_unique(reusing, contract, file_rows)
        self._exclude(contract, bad)

    def check_dates(self, loaded: _Source) -> None:
        """Find the rows of a dated source that end before they start, or that overlap."""
        self._exclude(loaded.contract, find_bad_dates(self.connection, loaded.contract, self.errors))

    def check_references(self, sources: list[_Source]) -> None:
        """Find the rows that refer to a row that does not exist, source by source."""
        targets = {loaded.contract.name: loaded.contract for loaded in sources}
        for loaded in sources:
            bad: set[Place] = set()
            for column in loaded.contract.columns:
                target = targets.get(column.references or "")
                if target is not None and not all_refer(self.connection, column, target, loaded.file_rows):
                    bad |= find_bad_references(self.connection, loaded.contract, column, target, errors=self.errors)
            self._exclude(loaded.contract, bad)

    def _exclude(self, contract: Contract, places: set[Place]) -> None:
        """Remove rows with errors from the source's relation, if the contract sets them aside."""
        if not places or contract.bad_rows is BadRows.STOP:
            return
        name, new = named("excluded", contract.name), own_name("to_exclude", contract.name)
        self.connection.execute(f"create table if not exists {name} (f varchar, r bigint)")
        files, rows = zip(*sorted(places), strict=True)
        self.connection.register(new, pa.table({"f": pa.array(files), "r": pa.array(rows)}))
        self.connection.execute(f"insert into {name} select f, r from {quoted(new)}")
        self.connection.unregister(new)
        kept = f"not exists (select 1 from {name} where f = _p._file and r = _p._row)"
        rows_kept = f"select * exclude (_cause) from {named('proven', contract.name)} _p where {kept}"
        self.connection.execute(f"create or replace view {source(contract.name)} as {rows_kept}")


def _wrong_values(
    connection: duckdb.DuckDBPyConnection, contract: Contract, checks: list[ColumnCheck]
) -> list[RowError]:
    """Return an error for each value that breaks the contract, in the order of files, rows and columns."""
    tested = [check for check in checks if check.cause is not None]
    selects = [
        f"select _file, _row, {string(check.column.name)} as _c, left({check.text}, {SHOWN_OF_A_VALUE}) as _v, "
        f"{check.cause} as _s, {index} as _i from {named('raw', contract.name)} where ({check.cause}) is not null"
        for index, check in enumerate(tested)
    ]
    query = f"select _file, _row, _c, _v, _s from ({' union all '.join(selects)}) order by _file, _row, _i"
    return [
        RowError(
            file=str(file),
            row=int(str(row)),
            column=str(column),
            value=None if value is None else str(value),
            slug=str(slug),
        )
        for file, row, column, value, slug in fetch(connection, f"{query} limit {MOST + 1}")
    ]
