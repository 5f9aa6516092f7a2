"""Collect all words in the SQL of runs: spmlang's identifiers and the words of SQL."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from spmlang.data.connection import connect
from spmlang.diagnostics.diagnostic import Problems
from spmlang.engines.pipelines import pipeline_of
from spmlang.engines.spark.renderer import SparkRenderer
from spmlang.relations.nodes import ManagerChain
from spmlang.results import Request
from spmlang.run.open import open_data, open_project
from spmlang.run.run import engine_named

from .choices import Seeded

if TYPE_CHECKING:
    from .projects import ProjectText

_PROJECTS = 4
_WORD = re.compile(r"\b(?!r\d\d)[A-Za-z_]\w*", re.ASCII)  # only a few of the numbered aliases


class _Recording:
    """A connection that records all statements."""

    def __init__(self, connection: Any, statements: list[str]) -> None:
        self._connection, self._statements = connection, statements

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def cursor(self) -> _Recording:
        return _Recording(self._connection.cursor(), self._statements)

    def execute(self, statement: str, *parameters: Any) -> Any:
        self._statements.append(statement)
        return self._connection.execute(statement, *parameters)

    def sql(self, statement: str) -> Any:
        self._statements.append(statement)
        return self._connection.sql(statement)


@cache
def sql_words() -> tuple[str, ...]:
    """Return the words, in small letters, of all statements that load and run a few projects."""
    from .projects import Maker  # imported here because it draws from these words

    statements: list[str] = []
    with patch("spmlang.data.load.connect", lambda memory: _Recording(connect(memory), statements)):
        for number in range(_PROJECTS):
            _run(Maker(Seeded(Random(number)), big=False, plain=True).project(), statements)
    return tuple(sorted({word.lower() for text in statements for word in _WORD.findall(text)}))


def _run(project: ProjectText, statements: list[str]) -> None:
    """Load and run a project. A refused project is no failure, because its statements are recorded."""
    with suppress(Problems), TemporaryDirectory() as name:
        project.write(Path(name))
        opened = open_project(Path(name))
        tables, _ = open_data(opened, Path(name) / "data")
        tables.connection.execute("set threads = 1")
        calendar = opened.program.calendar
        request = Request(first=calendar.pay_period(project.first), last=calendar.pay_period(project.last), lines=True)
        spark = SparkRenderer({source: f"`{source}`" for source in tables.contracts})
        for item in pipeline_of(opened.program, tables, request).stages:
            if not isinstance(item.relation, ManagerChain):  # Spark computes these in rounds
                statements.append(spark.query(item.relation).sql(dialect="spark"))
        engine_named("duckdb").run(opened.program, tables, request)
        tables.connection.close()
