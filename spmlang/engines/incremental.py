"""Compute the rows of a stage from each file once, and store them for later runs.

Results of ten files are combined into one, and ten of these again. So a run after one file has changed reads that file
and the few results of the groups around it. Groups are made in the order of the files. They change no total, because
sums of whole numbers and of exact decimals are the same in any grouping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from spmlang.data.file_cache import Store, digest, parquet_bytes, storable_query, stored_rows
from spmlang.data.file_facts import FileRows
from spmlang.data.tables import Tables
from spmlang.relations.nodes import Aggregate, PerFileStage, Relation, Source
from spmlang.relations.split_by_file import combine_partials
from spmlang.values.own_names import own_name

#: The number of results that are combined at once.
_GROUP = 10

#: Returns the query of a relation. The mapping names other tables for some sources.
QueryText = Callable[[Relation, Mapping[str, str]], str]


def results_by_file(
    cursor: duckdb.DuckDBPyConnection, tables: Tables, stage: PerFileStage, query_text: QueryText
) -> str:
    """Return a query for the stage's rows, after computing and storing the missing results.

    Args:
        cursor: the connection that computes missing results.
        tables: the tables; they must have a store.
        stage: the stage.
        query_text: returns the query of a relation.
    """
    assert tables.store is not None
    return _FileResults(cursor, tables.store, stage, query_text, files=tables.file_rows[stage.source]).query()


def source_digests(tables: Tables) -> dict[str, str]:
    """Return a digest of the contract and the files of each source, by source."""
    files: dict[str, list[tuple[str, str]]] = {source: [] for source in tables.contracts}
    for file in tables.files:
        files[file.source].append((file.file, file.sha256))
    return {source: digest(contract, sorted(files[source])) for source, contract in tables.contracts.items()}


class _FileResults:
    """The results of a stage's files, found in the store or computed and stored there.

    Attributes:
        cursor: The connection that computes missing results.
        store: The store.
        files: The files of the stage's source, by the names of their results in the store.
        view: The view through which the query of a result reads one file.
        result: A query for the result of the file in the view, in a form that can be stored.
        columns: The select list that converts stored columns back.
        combined: A query that combines the results in the view "parts"; None if rows of different files stay apart.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        store: Store,
        stage: PerFileStage,
        query_text: QueryText,
        *,
        files: tuple[FileRows, ...],
    ) -> None:
        self.cursor = cursor
        self.store = store
        self.files = {digest("part", stage.depends, file.name): file for file in files}
        self.view = own_name("part_of", stage.source)
        self._make_view(files[0])
        query = query_text(stage.relation, {stage.source: f'"{self.view}"'})
        self.result, self.columns = storable_query(cursor, query)
        self.combined = None
        if isinstance(stage.relation, Aggregate):
            combined = combine_partials(Source("parts", _columns(stage.relation)), stage.relation)
            self.combined = query_text(combined, {"parts": '"parts"'})

    def query(self) -> str:
        """Return a query for all rows of the stage."""
        names = list(self.files)
        paths = [self._file_result(name) for name in names] if self.combined is None else [self._group_result(names)]
        return stored_rows(paths, self.columns)

    def _file_result(self, name: str) -> Path:
        """Return the path of the result of one file."""
        path = self.store.find(name)
        if path is None:
            self._make_view(self.files[name])
            path = self._store_result(name, self.result)
        return path

    def _group_result(self, names: list[str]) -> Path:
        """Return the path of the combined result of several files."""
        if len(names) == 1:
            return self._file_result(names[0])
        name = digest("group", *names)
        path = self.store.find(name)
        if path is None:
            size = _group_size(len(names))
            paths = [self._group_result(names[start : start + size]) for start in range(0, len(names), size)]
            self.cursor.execute(f'create or replace temp view "parts" as {stored_rows(paths, self.columns)}')
            query, _ = storable_query(self.cursor, str(self.combined))
            path = self._store_result(name, query)
        return path

    def _make_view(self, file: FileRows) -> None:
        self.cursor.execute(f'create or replace temp view "{self.view}" as {file.relation}')

    def _store_result(self, name: str, query: str) -> Path:
        return self.store.keep(name, parquet_bytes(self.cursor.sql(query).to_arrow_table()))


def _group_size(files: int) -> int:
    """Return the number of files in each group of a larger one: 1, or the power of ten that makes at most ten groups."""
    if files <= _GROUP:
        return 1
    size = _GROUP
    while size * _GROUP < files:
        size *= _GROUP
    return size


def _columns(aggregate: Aggregate) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in (*aggregate.by, *(value.name for value in aggregate.values)))
