"""Stages by file: what a file gave is computed once and remembered; files are put together in groups, and groups in groups.

So a run after one file has changed reads that file, and the results of its groups. The order of files decides the groups alone:
sums of whole numbers and exact decimals are the same in any grouping.
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

#: So many results are put together at once.
_GROUP = 10

Text = Callable[[Relation, Mapping[str, str]], str]


def by_file(cursor: duckdb.DuckDBPyConnection, tables: Tables, stage: PerFileStage, text: Text) -> str:
    """A query for the stage's rows. What is missing of it is computed and remembered."""
    assert tables.store is not None
    return _Gathering(cursor, tables.store, stage, text, tables.parts[stage.source]).query()


def contents(tables: Tables) -> dict[str, str]:
    """By source, the name of all that its rows come from."""
    found: dict[str, list[tuple[str, str]]] = {source: [] for source in tables.contracts}
    for file in tables.files:
        found[file.source].append((file.file, file.sha256))
    return {source: digest(contract, sorted(found[source])) for source, contract in tables.contracts.items()}


class _Gathering:
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
        """A query for all rows."""
        names = list(self.parts)
        paths = [self._part(name) for name in names] if self.whole is None else [self._group(names)]
        return entries(paths, self.back)

    def _part(self, name: str) -> Path:
        """What one file gives."""
        found = self.store.find(name)
        if found is None:
            self._read(self.parts[name])
            found = self._keep(name, self.kept)
        return found

    def _group(self, names: list[str]) -> Path:
        """What several files give together."""
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
