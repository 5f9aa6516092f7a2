"""Credit shares as parts: the source's rows with all that they ask for, and what must not be missing there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.columns_read import asked_columns, columns_of
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
from spmlang.program.expressions import Column, Step
from spmlang.program.measures import DirectCredit, GroupCredit, Measure, Share, TerritoryCredit
from spmlang.program.program import Program
from spmlang.relations.nodes import Check, Compare, Const, Filter, Join, Logic, Project, Ref, Relation, Scalar, Stage
from spmlang.values.own_names import own_name


@dataclass(frozen=True)
class CreditShare:
    """One credit share of a measure."""

    measure: Measure
    rule: int
    share: Share

    @property
    def key(self) -> tuple[object, ...]:
        """Parts with the same key are summed in one scan."""
        share = self.share
        scan = (self.measure.source, self.measure.on)
        match share:
            case DirectCredit():
                return (*scan, "direct", share.payee)
            case GroupCredit():
                return (*scan, "members", share.group, share.table, share.by)
            case TerritoryCredit():
                return (*scan, "owner", share.steps, share.source)

    @property
    def column(self) -> str:
        """The column of its units in sums: overlays are kept apart, because a rollup may leave them out."""
        return overlay_of(self.measure.name) if self.share.overlay else sold(self.measure.name)


def sold(measure: str) -> str:
    """The column of a measure's units in a slice."""
    return own_name("sold", measure)


def overlay_of(measure: str) -> str:
    """The column of what of a measure is credited as an overlay."""
    return own_name("overlay", measure)


def territory_stage(source: str) -> str:
    """The stage that holds which territory covers which row of a source."""
    return own_name("territory_of", source)


def territories_stage(source: str) -> str:
    """The input that holds the territories of a source by number."""
    return own_name("territories_of", source)


def rows_of(column: str) -> str:
    """The column of how many shares of rows a column of units is of."""
    return f"{column}+rows"


def again_of(column: str) -> str:
    """The column of the same of what was counted already, where a measure counts each value once."""
    return f"{column}+again"


def shares_of(measures: Iterable[Measure]) -> list[CreditShare]:
    """Every share of every measure that has a source."""
    return [CreditShare(measure, rule, share) for measure in measures for rule, share in enumerate(measure.credits)]


# ---- rows -------------------------------------------------------------------------------------


def _more(program: Program, part: CreditShare, *, identity: bool) -> list[tuple[Path, str]]:
    """Columns besides those of expressions: the row's identity, and that of the row a territory is asked for."""
    wanted: list[tuple[Path, str]] = []
    source = program.contracts[str(part.measure.source)]
    if identity:
        wanted += [((), name) for name in ("_key", "_file", "_row", *(["_from"] if source.dated else []))]
    if isinstance(part.share, TerritoryCredit):
        wanted.append((part.share.steps, "_key"))
        if program.contracts[part.share.source].dated is not None:
            wanted.append((part.share.steps, "_from"))
    return wanted


def share_columns(parts: Iterable[CreditShare]) -> tuple[Column, ...]:
    """The columns that the parts read of their rows, each once."""
    expressions: list[object] = []
    for part in parts:
        expressions += [part.measure.on, part.measure.where, part.measure.value, *receiver_columns(part)]
    return columns_of(*expressions)


def receiver_columns(part: CreditShare) -> tuple[Column, ...]:
    """The column that names the payee, or the group whose members are credited."""
    match part.share:
        case DirectCredit():
            return (part.share.payee,)
        case GroupCredit():
            return (part.share.group,)
        case TerritoryCredit():
            return ()


def share_rows(
    program: Program, parts: list[CreditShare], slices: Slices, *, identity: bool, more: tuple[Column, ...] = ()
) -> Relation:
    """The source's rows with all that the parts ask for (and `more`); `territory` where they ask for an owner."""
    first = parts[0]
    root, on = str(first.measure.source), first.measure.on
    assert on is not None
    columns = tuple(dict.fromkeys([*share_columns(parts), *more]))
    wanted = _more(program, first, identity=identity)
    rows = join_references(program, root, columns, wanted, Ref(column_alias(on)), by_day=slices.dated.by_day)
    if not isinstance(first.share, TerritoryCredit):
        return rows
    return _with_territory(program, rows, root, first.share.steps, first.share.source)


def _with_territory(program: Program, rows: Relation, root: str, steps: tuple[Step, ...], source: str) -> Relation:
    tests: list[Scalar] = [Compare("==", Ref(column_name(root, steps, "_key")), Ref("territory_key"))]
    wanted: list[tuple[str, Scalar]] = [("territory", Ref("territory")), ("territory_key", Ref("territory_key"))]
    if program.contracts[source].dated is not None:
        tests.append(Compare("==", Ref(column_name(root, steps, "_from")), Ref("territory_from")))
        wanted.append(("territory_from", Ref("territory_from")))
    covered = Project(Stage(territory_stage(source)), tuple(wanted))
    return Join(rows, covered, on=Logic("and", tuple(tests)), optional=True)


def counted_test(measure: Measure, names: Bindings, slices: Slices) -> Scalar:
    """Whether a row counts at all."""
    assert measure.on is not None
    day = Ref(column_alias(measure.on))
    known = (Compare(">=", day, Const(slices.starts[0])), Compare("<=", day, Const(slices.last.end)))
    return Logic("and", (*known, *own_tests(measure, names, slices)))


def own_tests(measure: Measure, names: Bindings, slices: Slices) -> tuple[Scalar, ...]:
    """What a row with a day that is looked at must besides be to count; days that lie in no slice are not asked about."""
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
    """Required columns behind dated references: every row that counts (or may) has one in force on its day."""
    checks = []
    for part in shares_of(measures):
        measure = part.measure
        own = (measure.value,) if part.rule == 0 else ()
        paid = receiver_columns(part)
        counted_by = (measure.distinct.column,) if measure.distinct and part.rule == 0 else ()
        assert measure.on is not None
        assert measure.source is not None
        for expressions, test in (
            ((measure.where,) if part.rule == 0 else (), False),
            ((*own, *counted_by, *paid), True),
        ):
            for column in asked_columns(*expressions):
                if not can_be_missing(program, column) or _is_in_force(program, column, slices):
                    continue
                counted = measure if test else replace(measure, where=None)
                day = Ref(column_alias(measure.on))
                rows = share_rows(program, [part], slices, identity=True, more=counted_by)
                names = Bindings(column_aliases(share_columns([part])))
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
    """Whether it is known of the data that each row that counts finds the column's value."""
    as_of = any(step.as_of is not None for step in column.steps)
    days = slices.days if as_of else (slices.starts[0], slices.last.end)
    dated = [step.target for step in column.steps if program.contracts[step.target].dated is not None]
    return all(slices.dated.never_missing(source, *days) for source in dated)
