"""Join rows with the columns that expressions read.

A reference becomes a join to the row with its key, and of a dated table to the row in force on the day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from spmlang.compile.stages.periods import EACH_DAY, INTERVAL_DAYS
from spmlang.program.expressions import AsOf, Column, Step
from spmlang.program.program import Program
from spmlang.relations.nodes import Compare, IsNull, Join, Logic, Project, Ref, Relation, Scalar, Source

Path = tuple[Step, ...]


def column_name(root: str, path: Path, column: str) -> str:
    """Return the dotted name of a column as plan text writes it, such as `orders.customer.state`."""
    return ".".join([root, *(step_name(step) for step in path), column])


def step_name(step: Step) -> str:
    """Return the name of a step, with the day if it is not the row's own, such as `currency@end_of_month`."""
    return step.column if step.as_of is None else f"{step.column}@{as_of_name(step.as_of)}"


def as_of_name(as_of: AsOf) -> str:
    """Return the column of the first or last day of an interval, such as `end_of_month`."""
    return f"{'end' if as_of.end else 'start'}_of_{as_of.grain}"


def day_read(column: Column, day: Scalar) -> Scalar:
    """Return the day on which a column's dated table is read, for rows of `join_references`."""
    as_of = next((step.as_of for step in column.steps if step.as_of is not None), None)
    return day if as_of is None else Ref(as_of_name(as_of))


def column_alias(column: Column) -> str:
    """Return the name of a column in the relation of `join_references`."""
    return column_name(column.root, column.steps, column.name)


def column_aliases(columns: Iterable[Column]) -> dict[Column, str]:
    """Return the names of columns, for `expressions.Bindings`."""
    return {column: column_alias(column) for column in columns}


def join_references(
    program: Program,
    root: str,
    *,
    columns: Iterable[Column],
    more: Iterable[tuple[Path, str]] = (),
    day: Scalar | None = None,
    relation: Relation | None = None,
    by_day: Collection[str] = (),
) -> Relation:
    """Return the rows of a source with every column that expressions read.

    Args:
        program: The checked program.
        root: The source.
        columns: The columns to read.
        more: Further (path, column) pairs. They may be columns that every relation has: `_key`, `_file`, `_row`,
            `_from`, `_through`.
        day: The day on which dated tables are read.
        relation: Rows to use in place of the source. It has the source's columns under their names.
        by_day: Dated sources that have a stage with a row for each day.
    """
    wanted: dict[Path, set[str]] = {(): set()}
    for path, name in [*((column.steps, column.name) for column in columns), *more]:
        wanted.setdefault(path, set()).add(name)
        for length in range(len(path)):
            wanted.setdefault(path[:length], set()).add(path[length].column)
    found: Relation
    if relation is None:
        own = sorted(wanted[()] or {"_row"})
        found = Source(root, tuple((column_name(root, (), name), name) for name in own))
    else:
        found = relation
    # Undated paths come first, because they may lead to the day on which a dated table is read.
    paths = sorted((path for path in wanted if path), key=lambda path: (_dated(program, path), len(path)))
    known: set[AsOf] = set()
    for path in paths:
        for as_of in (step.as_of for step in path if step.as_of is not None):
            if as_of not in known:
                assert day is not None
                found = _with_day(found, as_of, day)
                known.add(as_of)
        found = _step(program, root, left=found, path=path, wanted=wanted[path], day=day, by_day=by_day)
    return found


def _with_day(rows: Relation, as_of: AsOf, day: Scalar) -> Relation:
    """Add the first or last day of the interval that holds the row's day.

    It is absent for days on which no row counts.
    """
    name = as_of_name(as_of)
    days = Project(INTERVAL_DAYS.rows(as_of.grain), ((f"day_of_{name}", Ref("day_in")), (name, Ref(name))))
    return Join(rows, days, on=Compare("==", day, Ref(f"day_of_{name}")), optional=True)


def own_columns(columns: Iterable[Column]) -> set[str]:
    """Return the columns of the root's own rows that lead to the given columns."""
    return {column.steps[0].column if column.steps else column.name for column in columns}


def absent(column: Column) -> Scalar:
    """Return the condition that a column is absent on a row."""
    return IsNull(Ref(column_alias(column)))


def can_be_missing(program: Program, column: Column) -> bool:
    """Return True if a required column can be absent.

    That is so if a dated table on its path may lack a row.
    """
    return not column.optional and _dated(program, column.steps)


def _dated(program: Program, path: Path) -> bool:
    """Return True if a step of the path leads to a dated table."""
    return any(program.contracts[step.target].dated is not None for step in path)


def _step(
    program: Program,
    root: str,
    *,
    left: Relation,
    path: Path,
    wanted: set[str],
    day: Scalar | None,
    by_day: Collection[str],
) -> Relation:
    """Join the table that the last step of `path` refers to, with the columns `wanted` of it."""
    step, target = path[-1], program.contracts[path[-1].target]
    key = target.key[0]
    columns = {key, *wanted}
    tests: list[Scalar] = [
        Compare("==", Ref(column_name(root, path[:-1], step.column)), Ref(column_name(root, path, key)))
    ]
    if target.dated is not None:
        assert day is not None, "the check lets a dated table be read only where there is a day"
        on = day if step.as_of is None else Ref(as_of_name(step.as_of))
        if step.target in by_day:
            columns |= {"_day"}
            tests.append(Compare("==", on, Ref(column_name(root, path, "_day"))))
        else:
            columns |= {"_from", "_through"}
            tests.append(Compare(">=", on, Ref(column_name(root, path, "_from"))))
            tests.append(Compare("<=", on, Ref(column_name(root, path, "_through"))))
    named = tuple((column_name(root, path, name), name) for name in sorted(columns))
    right: Relation = Source(step.target, named)
    if step.target in by_day and target.dated is not None:
        right = Project(
            EACH_DAY.rows(step.target),
            tuple((new, Ref(column_name(step.target, (), name))) for new, name in named),
        )
    # The declared column only says whether its own reference is optional. A longer path or a dated table may lack a
    # row, too.
    source = program.contracts[path[-2].target if len(path) > 1 else root]
    declared = source.column(step.column)
    assert declared is not None
    optional = declared.optional or len(path) > 1 or target.dated is not None
    return Join(left, right, on=Logic("and", tuple(tests)), optional=optional)


def missing_row_words(program: Program, column: Column) -> tuple[tuple[str, object], ...]:
    """Return the constant words of message `run-no-row-in-force` for a column."""
    first = column.steps[0].column if column.steps else column.name
    declared = program.contracts[column.root].column(first)
    source = column.steps[-1].target if column.steps else column.root
    header = declared.header if declared else first
    return (("_column", header), ("column", column.span.text), ("source", source))
