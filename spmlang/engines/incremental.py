"""Stages by file: the result of each file is computed once and remembered.

Results of files are combined in groups, and groups in larger groups. So a run after one file has changed reads that
file and the results of its groups only. The order of files decides the groups and nothing else, because sums of whole
numbers and exact decimals are the same in any grouping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from spmlang.data.file_cache import Store, as_bytes, digest, entries, kept_form
from spmlang.data.file_facts import FileRows
from spmlang.data.tables import Tables
from spmlang.relations.nodes import Aggregate, PerFileStage, Relation, Source
from spmlang.relations.split_by_file import combine_partials
from spmlang.values.own_names import own_name

#: The number of results that are combined at once.
_GROUP = 10

#: Returns the query of a relation, in which some sources (by name) are read from other tables.
Text = Callable[[Relation, Mapping[str, str]], str]


def by_file(cursor: duckdb.DuckDBPyConnection, tables: Tables, stage: PerFileStage, text: Text) -> str:
    """Return a query for the stage's rows, after computing and remembering the missing results.

    Args:
        cursor: the connection that computes missing results.
        tables: the tables; they must have a store.
        stage: the stage.
        text: writes the query of a relation.
    """
    assert tables.store is not None
    return _Gathering(cursor, tables.store, stage, text, tables.parts[stage.source]).query()


def contents(tables: Tables) -> dict[str, str]:
    """Return a digest of the contract and the files of each source, by source."""
    found: dict[str, list[tuple[str, str]]] = {source: [] for source in tables.contracts}
    for file in tables.files:
        found[file.source].append((file.file, file.sha256))
    return {source: digest(contract, sorted(found[source])) for source, contract in tables.contracts.items()}


class _Gathering:
    """The results of a stage's files, found in the store or computed and kept there."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        store: Store,
        stage: PerFileStage,
        text: Text,
        parts: tuple[FileRows, ...],
    ) -> None:
        self.cursor = cursor
        self.store = store
        self.stage = stage
        self.parts = {digest("part", stage.depends, part.name): part for part in parts}
        self.view = own_name("part_of", stage.source)
        self._read(parts[0])
        self.kept, self.back = kept_form(cursor, text(stage.relation, {stage.source: f'"{self.view}"'}))
        aggregate = stage.relation
        self.whole = None
        if isinstance(aggregate, Aggregate):
            self.whole = text(combine_partials(Source("parts", _columns(aggregate)), aggregate), {"parts": '"parts"'})

    def query(self) -> str:
        """Return a query for all rows of the stage."""
        names = list(self.parts)
        paths = [self._part(name) for name in names] if self.whole is None else [self._group(names)]
        return entries(paths, self.back)

    def _part(self, name: str) -> Path:
        """Return the path of the result of one file."""
        found = self.store.find(name)
        if found is None:
            self._read(self.parts[name])
            found = self._keep(name, self.kept)
        return found

    def _group(self, names: list[str]) -> Path:
        """Return the path of the combined result of several files."""
        if len(names) == 1:
            return self._part(names[0])
        name = digest("group", *names)
        found = self.store.find(name)
        if found is None:
            size = _GROUP
            while size * _GROUP < len(names):
                size *= _GROUP
            size = size if len(names) > _GROUP else 1
            paths = [self._group(names[start : start + size]) for start in range(0, len(names), size)]
            self.cursor.execute(f'create or replace temp view "parts" as {entries(paths, self.back)}')
            query, _ = kept_form(self.cursor, str(self.whole))
            found = self._keep(name, query)
        return found

    def _read(self, part: FileRows) -> None:
        self.cursor.execute(f'create or replace temp view "{self.view}" as {part.relation}')

    def _keep(self, name: str, query: str) -> Path:
        return self.store.keep(name, as_bytes(self.cursor.sql(query).to_arrow_table()))


def _columns(aggregate: Aggregate) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in (*aggregate.by, *(value.name for value in aggregate.values)))
