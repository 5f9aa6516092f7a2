"""Credit shares: the source rows with the columns that they read, and checks for missing values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.expressions import Bindings, scalar
from spmlang.compile.sources.references import (
    Path,
    absent,
    can_be_missing,
    column_alias,
    column_aliases,
    column_name,
    day_read,
    join_references,
    missing_row_words,
)
from spmlang.compile.stages.credits import TERRITORY_OF
from spmlang.program.expressions import Column, Expr, Step
from spmlang.program.measures import CreditRule, DirectCredit, GroupCredit, Measure, TerritoryCredit
from spmlang.program.program import Program
from spmlang.program.reads import columns_of, required_columns
from spmlang.relations.nodes import Check, Compare, Const, Filter, Join, Logic, Project, Ref, Relation, Scalar
from spmlang.values.own_names import own_name


@dataclass(frozen=True)
class CreditShare:
    """A credit share of a measure. `clause` says who is credited with how much; `rule` is its index in the measure."""

    measure: Measure
    rule: int
    clause: CreditRule

    @property
    def key(self) -> tuple[object, ...]:
        """The source, the date column and the receiver of the share.

        Shares with the same key are summed in one scan.
        """
        clause = self.clause
        scan = (self.measure.source, self.measure.on)
        match clause:
            case DirectCredit():
                return (*scan, "direct", clause.payee)
            case GroupCredit():
                return (*scan, "members", clause.group, clause.table, clause.by)
            case TerritoryCredit():
                return (*scan, "owner", clause.steps, clause.source)

    @property
    def column(self) -> str:
        """The column of the share's units in sums.

        Overlays have their own column, because a rollup may leave them out.
        """
        return overlay_column(self.measure.name) if self.clause.overlay else units_column(self.measure.name)


def units_column(measure: str) -> str:
    """Return the column of a measure's units in a slice. In sums of shares it lacks overlays."""
    return own_name("sold", measure)


def overlay_column(measure: str) -> str:
    """Return the column of a measure's units that are credited as an overlay."""
    return own_name("overlay", measure)


def share_count_column(column: str) -> str:
    """Return the column with the number of credit shares that the column of units sums."""
    return f"{column}+rows"


def repeated_units_column(column: str) -> str:
    """Return the column of units that were already counted, for a `count distinct` measure."""
    return f"{column}+again"


def shares_of(measures: Iterable[Measure]) -> list[CreditShare]:
    """Return every credit share of every measure that has a source."""
    return [CreditShare(measure, rule, clause) for measure in measures for rule, clause in enumerate(measure.credits)]


# ---- rows -------------------------------------------------------------------------------------


def _more(program: Program, share: CreditShare, *, identity: bool) -> list[tuple[Path, str]]:
    """Return the (path, column) pairs besides those of expressions.

    They are the row's identity and the key of the row that may lie in a territory.
    """
    wanted: list[tuple[Path, str]] = []
    source = program.contracts[str(share.measure.source)]
    if identity:
        wanted += [((), name) for name in ("_key", "_file", "_row", *(["_from"] if source.dated else []))]
    if isinstance(share.clause, TerritoryCredit):
        wanted.append((share.clause.steps, "_key"))
        if program.contracts[share.clause.source].dated is not None:
            wanted.append((share.clause.steps, "_from"))
    return wanted


def share_columns(shares: Iterable[CreditShare]) -> tuple[Column, ...]:
    """Return the columns that the shares read of their source rows, each once."""
    expressions: list[Expr | None] = []
    for share in shares:
        expressions += [share.measure.on, share.measure.where, share.measure.value, *receiver_columns(share)]
    return columns_of(*expressions)


def receiver_columns(share: CreditShare) -> tuple[Column, ...]:
    """Return the column that names the payee or the group; none for a territory."""
    match share.clause:
        case DirectCredit():
            return (share.clause.payee,)
        case GroupCredit():
            return (share.clause.group,)
        case TerritoryCredit():
            return ()


def share_rows(
    program: Program, shares: Sequence[CreditShare], slices: Slices, *, identity: bool, more: tuple[Column, ...] = ()
) -> Relation:
    """Return the source rows with all columns that the shares read, and `more`.

    Shares of territories also have `territory` and `territory_key`.

    Args:
        program: The checked program.
        shares: Shares of the same source and date column. Shares of territories also have the same key.
        slices: The slices of the run.
        identity: True to add the row's key, file and row number.
        more: Further columns.
    """
    first = shares[0]
    root, on = str(first.measure.source), first.measure.on
    assert on is not None
    columns = tuple(dict.fromkeys([*share_columns(shares), *more]))
    wanted = _more(program, first, identity=identity)
    rows = join_references(
        program, root, columns=columns, more=wanted, day=Ref(column_alias(on)), by_day=slices.dated.by_day
    )
    if not isinstance(first.clause, TerritoryCredit):
        return rows
    return _with_territory(program, rows, root=root, steps=first.clause.steps, source=first.clause.source)


def _with_territory(program: Program, rows: Relation, *, root: str, steps: tuple[Step, ...], source: str) -> Relation:
    """Join the territory of the row that `steps` lead to; absent where no territory covers it."""
    tests: list[Scalar] = [Compare("==", Ref(column_name(root, steps, "_key")), Ref("territory_key"))]
    wanted: list[tuple[str, Scalar]] = [("territory", Ref("territory")), ("territory_key", Ref("territory_key"))]
    if program.contracts[source].dated is not None:
        tests.append(Compare("==", Ref(column_name(root, steps, "_from")), Ref("territory_from")))
        wanted.append(("territory_from", Ref("territory_from")))
    covered = Project(TERRITORY_OF.rows(source), tuple(wanted))
    return Join(rows, covered, on=Logic("and", tuple(tests)), optional=True)


def counted_test(measure: Measure, names: Bindings, slices: Slices) -> Scalar:
    """Return the condition that a row counts for the measure.

    The row's day must lie between the first slice and the end of the run, and all of `own_tests` must hold.
    """
    assert measure.on is not None
    day = Ref(column_alias(measure.on))
    known = (Compare(">=", day, Const(slices.starts[0])), Compare("<=", day, Const(slices.last.end)))
    return Logic("and", (*known, *own_tests(measure, names, slices)))


def own_tests(measure: Measure, names: Bindings, slices: Slices) -> tuple[Scalar, ...]:
    """Return the conditions besides a day within the run that a row must satisfy to count.

    They are those of `counts` and `where`. Bounds of `counts` that lie outside the run are left out, because every day
    is inside.
    """
    assert measure.on is not None
    day = Ref(column_alias(measure.on))
    tests: list[Scalar] = []
    if measure.counts is not None:
        first, through = measure.counts.start, measure.counts.through
        if first > slices.starts[0]:
            tests.append(Compare(">=", day, Const(first)))
        if through is not None and through < slices.last.end:
            tests.append(Compare("<=", day, Const(through)))
    if measure.where is not None:
        tests.append(scalar(measure.where, names))
    return tuple(tests)


def missing_row_checks(program: Program, measures: Iterable[Measure], slices: Slices) -> list[Check]:
    """Build checks that every counted row finds its required columns behind dated references on its day.

    A column that `where` reads must be there for every row whose day counts, because it decides which rows count.
    """
    checks = []
    for share in shares_of(measures):
        measure = share.measure
        own = (measure.value,) if share.rule == 0 else ()
        paid = receiver_columns(share)
        counted_by = (measure.distinct.column,) if measure.distinct and share.rule == 0 else ()
        assert measure.on is not None
        assert measure.source is not None
        for expressions, test in (
            ((measure.where,) if share.rule == 0 else (), False),
            ((*own, *counted_by, *paid), True),
        ):
            for column in required_columns(*expressions):
                if not can_be_missing(program, column) or _is_in_force(program, column, slices):
                    continue
                counted = measure if test else replace(measure, where=None)
                day = Ref(column_alias(measure.on))
                rows = share_rows(program, [share], slices, identity=True, more=counted_by)
                names = Bindings(columns=column_aliases(share_columns([share])))
                bad = Filter(rows, Logic("and", (counted_test(counted, names, slices), absent(column))))
                words: tuple[tuple[str, Scalar], ...] = (
                    ("_file", Ref(column_name(measure.source, (), "_file"))),
                    ("_row", Ref(column_name(measure.source, (), "_row"))),
                    ("value", Ref(column_name(measure.source, (), "_key"))),
                    ("day", day_read(column, day)),
                )
                said = missing_row_words(program, column)
                checks.append(Check("run-no-row-in-force", Project(bad, words), None, said))
    return checks


def _is_in_force(program: Program, column: Column, slices: Slices) -> bool:
    """Return True if the data prove that each counted row finds the column's value."""
    as_of = any(step.as_of is not None for step in column.steps)
    days = slices.days if as_of else (slices.starts[0], slices.last.end)
    dated = [step.target for step in column.steps if program.contracts[step.target].dated is not None]
    return all(slices.dated.never_missing(source, *days) for source in dated)
