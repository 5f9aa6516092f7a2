"""From source rows to credits: who, which measure, how much, when, by which rule; and what was credited to nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Row
from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.measures import CountDistinct, DateRange, Measure, Rollup, TerritoryCredit
from spmlang.program.program import Program
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition, number
from spmlang.reference.sources.rows import MissingValue, SourceRows, no_row, place

from .receivers import Receiver, covering_territories, receivers


@dataclass(frozen=True)
class Credit:
    """An exact amount (or count) of a measure, credited to a payee on a day. See `results.py`."""

    measure: str
    payee: str
    day: date
    source: str
    key: str
    rule: int
    via: str | None
    territory: str | None
    file: str
    row: int
    amount: Fraction

    @property
    def order(self) -> tuple[date, str, str, str, int, str, Fraction]:
        """The order in which a payee's credits are walked; who is a member of a group twice is credited twice by one row."""
        return (self.day, self.measure, self.source, self.key, self.rule, self.via or "", self.amount)


@dataclass(frozen=True)
class Uncredited:
    """A row that a measure counts but credits to nobody who can be paid, with the slug of the reason.

    `payee`: who is credited, and not on the roster.
    """

    measure: str
    day: date
    source: str
    key: str
    rule: int
    reason: str
    territory: str | None
    payee: str | None
    file: str
    row: int
    amount: Fraction


@dataclass
class Credits:
    """All credits by measure, what could not be credited or counted, and what was counted already."""

    by_measure: dict[str, list[Credit]] = field(default_factory=dict)
    uncredited: list[Uncredited] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    again: list[Credit] = field(default_factory=list)


#: The rows that a measure is counted from.
Rows = Callable[[Measure], Iterable[Row]]


def credit_all(facts: SourceRows, days: DateRange, measures: frozenset[str]) -> Credits:
    """The credits of the named measures (and of those they roll up) of all rows dated within `days`."""
    program = facts.program
    credits = Credits()
    used = [measure for name, measure in program.measures.items() if name in measures]
    asked = {share.source for item in used for share in item.credits if isinstance(share, TerritoryCredit)}
    for source in sorted(asked):
        credits.problems += _overlaps(facts, source)
    if any(measure.rollup for measure in used):
        credits.problems += _circles(facts, days)
    if credits.problems:
        return credits
    credit_rows(facts, days, measures, lambda measure: facts.rows(str(measure.source)), credits)
    return credits


def credit_rows(facts: SourceRows, days: DateRange, measures: frozenset[str], rows: Rows, credits: Credits) -> None:
    """Add the credits that the named measures (and those they roll up) give of some rows dated within `days`."""
    for name, measure in facts.program.measures.items():
        if name not in measures:
            continue
        if measure.rollup is not None:
            credits.by_measure[name] = _rolled_up(facts, name, measure.rollup, credits)
            continue
        credits.by_measure[name] = []
        read = list(rows(measure))
        for row in read:
            try:
                _give(facts, measure, row, days, credits)
            except MissingValue as refused:
                credits.problems.append(refused.diagnostic)
        if measure.distinct is not None and not credits.problems:
            every = credits.by_measure[name]
            credits.by_measure[name] = first_of_each(facts, measure.distinct, read, every)
            first = set(map(id, credits.by_measure[name]))
            credits.again += [credit for credit in every if id(credit) not in first]


def with_rolled_up(program: Program, names: set[str]) -> frozenset[str]:
    """The measures and the measures they roll up."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        rollup = program.measures[name].rollup
        found.add(name)
        if rollup is not None and rollup.measure not in found:
            waiting.append(rollup.measure)
    return frozenset(found)


def _give(facts: SourceRows, measure: Measure, row: Row, days: DateRange, credits: Credits) -> None:
    day, whole = counted_value(facts, measure, row, days)
    if day is None or whole is None:
        return
    for given, _ in credits_of_row(facts, measure, row, day, whole):
        if isinstance(given, Credit):
            credits.by_measure[measure.name].append(given)
        else:
            credits.uncredited.append(given)


def counted_value(
    facts: SourceRows, measure: Measure, row: Row, days: DateRange
) -> tuple[date | None, Fraction | None]:
    """A row's day, and what it adds on it: None where the measure does not count it. Raises Refused for an absent value."""
    assert measure.on is not None
    # The check has proven that the day lies in no dated table, so the date it is read on does not matter.
    day = cast("date | None", facts.read(row, measure.on, date.min))
    if day is None and measure.on.optional:
        return None, None  # the check has proven that `where` leaves such rows out
    if day is None:
        raise MissingValue(no_row(facts.program, row, measure.on, date.min))
    if day not in days or (measure.counts is not None and day not in measure.counts):
        return day, None
    scene = EvaluationContext(facts, row, day)
    if measure.where is not None and not evaluate_condition(measure.where, scene):
        return day, None
    return day, Fraction(1) if measure.value is None else number(measure.value, scene)


def credits_of_row(
    facts: SourceRows, measure: Measure, row: Row, day: date, whole: Fraction
) -> Iterator[tuple[Credit | Uncredited, Receiver]]:
    """What each share gives of a row that counts, and to whom. Raises Refused for an absent value."""
    source, file, at = str(measure.source), str(row["_file"]), int(cast(int, row["_row"]))
    key = shown_key(row)
    for rule, share in enumerate(measure.credits):
        for to in receivers(facts, share, row, day):
            amount = whole * share.share * to.part
            if to.payee is None:
                named = (measure.name, day, source, key, rule, to.reason, to.territory)
                yield Uncredited(*named, None, file, at, amount), to
            else:
                yield Credit(measure.name, to.payee, day, source, key, rule, None, to.territory, file, at, amount), to


def shown_key(row: Row) -> str:
    """What a row is called: its key, of a dated source with the day from which it holds."""
    return str(row["_key"]) if row.get("_from") is None else f"{row['_key']}|{row['_from']}"


def first_of_each(
    facts: SourceRows, distinct: CountDistinct, rows: Iterable[Row], credits: list[Credit]
) -> list[Credit]:
    """The first credit of each value, for a payee and rule in every interval. `rows` are those of the credits."""
    by_place: dict[tuple[object, object], Row] = {(row["_file"], row["_row"]): row for row in rows}
    first: dict[tuple[object, ...], Credit] = {}
    for credit in sorted(credits, key=lambda item: item.order):
        value = facts.require(by_place[credit.file, credit.row], distinct.column, credit.day)
        interval = facts.program.calendar.interval(credit.day, distinct.grain)
        first.setdefault((credit.payee, credit.rule, value, interval.index), credit)
    return list(first.values())


def _overlaps(facts: SourceRows, source: str) -> Iterator[Diagnostic]:
    """Rows that two territories cover, whether anything was sold there or not."""
    for row in facts.rows(source):
        covering = covering_territories(facts, source, row)
        if len(covering) > 1:
            words = {"value": row["_key"], "first": covering[0].name, "second": covering[-1].name, "source": source}
            yield diagnose("run-territories-overlap", place(facts.program, source, row), (), **words)


def _rolled_up(facts: SourceRows, name: str, rollup: Rollup, credits: Credits) -> list[Credit]:
    given = []
    lines: dict[tuple[str, date], list[str]] = {}
    for base in credits.by_measure[rollup.measure]:
        if is_blocked_overlay(facts.program, rollup, base):
            continue
        at = (base.payee, base.day)
        if at not in lines:
            lines[at] = [str(row["manager"]) for row in line_above(facts, *at)]
        above = lines[at] if rollup.all_levels else lines[at][:1]
        given += [replace(base, measure=name, payee=manager, via=base.payee) for manager in above]
    return given


def is_blocked_overlay(program: Program, rollup: Rollup, base: Credit) -> bool:
    """Whether a credit is an overlay that is not passed on."""
    shares = program.measures[rollup.measure].credits
    return bool(shares) and shares[base.rule].overlay and not rollup.overlays


def line_above(facts: SourceRows, payee: str, day: date) -> Iterator[Row]:
    """The rows that name the payee's managers on that day, that of the direct one first; a circle is walked once."""
    managers, person, met = str(facts.program.managers), payee, {payee}
    while (row := facts.row(managers, person, day)) is not None and row["manager"] is not None:
        person = str(row["manager"])
        yield row
        if person in met:
            return
        met.add(person)


def _circles(facts: SourceRows, days: DateRange) -> Iterator[Diagnostic]:
    """Everybody who reports to themselves, over others: on the first day, or one on which somebody's manager changes."""
    managers = str(facts.program.managers)
    for day in sorted({days.start, *(day for day in facts.changes(managers) if day in days)}):
        for payee in sorted({str(row["payee"]) for row in facts.rows(managers)}):
            above: set[str] = set()
            for person in (str(row["manager"]) for row in line_above(facts, payee, day)):
                if person == payee:
                    row = facts.row(managers, payee, day)
                    assert row is not None
                    where = place(facts.program, managers, row, "manager")
                    yield diagnose("run-reporting-circle", where, (), day=day, payee=payee)
                if person in above or person == payee:
                    break
                above.add(person)


def by_payee(credits: list[Credit]) -> dict[str, list[Credit]]:
    """Each payee's credits in the order in which they are walked."""
    found: dict[str, list[Credit]] = defaultdict(list)
    for credit in credits:
        found[credit.payee].append(credit)
    for own in found.values():
        own.sort(key=lambda credit: credit.order)
    return found
