"""Open a plan project and its data, and report every error before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from spmlang.check.check_project import build_program
from spmlang.diagnostics.diagnostic import MOST_PROBLEMS, Cell, Diagnostic, Problems, diagnose, errors
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.program.program import AssignedMembers, Program
from spmlang.project.contract import Project
from spmlang.project.file import load_project
from spmlang.syntax.grammar import reserved_words

if TYPE_CHECKING:
    from spmlang.data.tables import Tables

#: The environment variable that names the data folder if `--data` does not.
DATA_VARIABLE = "SPM_DATA"


@dataclass(frozen=True)
class Opened:
    """A project without errors, and its warnings."""

    project: Project
    program: Program
    warnings: tuple[Diagnostic, ...]


def check_project(folder: Path) -> tuple[Opened | None, list[Diagnostic]]:
    """Read and check a project, without its data. The first result is None if there are errors."""
    project, problems = load_project(folder, reserved_words())
    if project is None:
        return None, problems
    program, found = build_program(project)
    problems = [*problems, *found]
    if program is None:
        return None, problems
    return Opened(project, program, tuple(problems)), problems


def open_project(folder: Path) -> Opened:
    """Read and check a project, without its data.

    Raises:
        Problems: If the project has errors.
    """
    opened, problems = check_project(folder)
    if opened is None:
        raise Problems(problems)
    return opened


def open_data(
    opened: Opened, data: Path | None, memory: str | None = None, reuse: Path | None = None
) -> tuple[Tables, tuple[Diagnostic, ...]]:
    """Load the project's tables, and return them with the warnings about them.

    Args:
        opened: The project.
        data: The data folder. Without it the environment variable SPM_DATA applies, and without that spm.yaml.
        memory: The memory limit of the database, such as "4GB".
        reuse: The folder that keeps results computed from each file.

    Raises:
        Problems: If the data has errors, names an unknown plan or owner, or has reporting lines that are too long.
    """
    # Imported here because DuckDB, NumPy and PyArrow take longer to import than a project takes to check.
    from spmlang.data.damaged_files import reporting_damage_of
    from spmlang.data.load import load

    from .reporting_line_limit import lines_too_long

    named = os.environ.get(DATA_VARIABLE)
    folder = data or (Path(named) if named else None)
    tables, problems = load(opened.project, folder, memory=memory, reuse=reuse)
    if errors(problems):
        raise Problems(problems)
    asked = (_unknown_plans, _unknown_owners, lines_too_long)
    unknown = chain.from_iterable(find(opened.program, tables) for find in asked)
    with reporting_damage_of(tables):
        wrong = list(islice(unknown, MOST_PROBLEMS + 1))
    if wrong:
        raise Problems([*problems, *wrong])
    return tables, tuple(problems)


def _unknown_plans(program: Program, tables: Tables) -> Iterator[Diagnostic]:
    """Yield an error for each row of an assignments table whose plan does not exist."""
    names = sorted({plan.name for plan in program.plans})
    known = frozenset(names)
    for source in sorted({plan.members.table for plan in program.plans if isinstance(plan.members, AssignedMembers)}):
        column = program.contracts[source].column("plan")
        for row in tables.rows(source):
            if row["plan"] not in known:
                where = Cell(str(row["_file"]), int(str(row["_row"])), column.header if column else None)
                hint = did_you_mean(str(row["plan"]), names)
                words = {"value": row["plan"], "payee": row["payee"], "hint": hint}
                yield diagnose("run-plan-unknown", where, (), **words)


def _unknown_owners(program: Program, tables: Tables) -> Iterator[Diagnostic]:
    """Yield an error for each territory owner that plan text names and the roster does not have."""
    owners = [owner for territory in program.territories for owner in territory.owners]
    if not owners:
        return
    payees = sorted({str(row["payee"]) for row in tables.rows(program.roster)})
    known = frozenset(payees)
    for owner in owners:
        if owner.payee not in known:
            hint = did_you_mean(owner.payee, payees)
            yield diagnose("run-owner-unknown", owner.span, (), payee=owner.payee, hint=hint)
