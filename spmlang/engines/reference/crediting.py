"""From source rows to credits: who, which measure, how much, when, by which rule; and what was credited to nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Row
from spmlang.model.measured import (
    DateRange,
    Direct,
    Distinct,
    Measure,
    Members,
    Rollup,
    Share,
    Territory,
    TerritoryOwner,
)
from spmlang.model.program import Program
from spmlang.source.diagnostics import Diagnostic, diagnose

from .evaluate import Scene, holds_true, number
from .facts import Facts, Refused, holds, no_row, place


@dataclass(frozen=True)
class Credit:
    """An exact amount (or count) of a measure, credited to a payee on a day. See `engines/result.py`."""

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
    def order(self) -> tuple[date, str, str, str, int, str]:
        """The order in which a payee's credits are walked."""
        return (self.day, self.measure, self.source, self.key, self.rule, self.via or "")


@dataclass(frozen=True)
class Uncredited:
    """A row that a measure counts but credits to nobody, with the slug of the reason."""

    measure: str
    day: date
    source: str
    key: str
    rule: int
    reason: str
    territory: str | None
    file: str
    row: int
    amount: Fraction


@dataclass
class Credits:
    """All credits by measure, and what could not be credited or counted."""

    by_measure: dict[str, list[Credit]]
    uncredited: list[Uncredited]
    problems: list[Diagnostic]


def give_credits(facts: Facts, days: DateRange, measures: frozenset[str]) -> Credits:
    """The credits of the named measures (and of those they roll up) of all rows dated within `days`."""
    program = facts.program
    credits = Credits({}, [], [])
    used = [measure for name, measure in program.measures.items() if name in measures]
    asked = {share.source for item in used for share in item.credits if isinstance(share, TerritoryOwner)}
    for source in sorted(asked):
        credits.problems += _overlaps(facts, source)
    if any(measure.rollup for measure in used):
        credits.problems += _circles(facts, days)
    if credits.problems:
        return credits
    for name, measure in program.measures.items():
        if name not in measures:
            continue
        if measure.rollup is not None:
            credits.by_measure[name] = _rolled_up(facts, name, measure.rollup, credits)
            continue
        credits.by_measure[name] = []
        for row in facts.rows(str(measure.source)):
            try:
                _give(facts, measure, row, days, credits)
            except Refused as refused:
                credits.problems.append(refused.diagnostic)
        if measure.distinct is not None and not credits.problems:
            credits.by_measure[name] = _first_of_each(facts, measure.distinct, credits.by_measure[name])
    return credits


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


def _give(facts: Facts, measure: Measure, row: Row, days: DateRange, credits: Credits) -> None:
    assert measure.on is not None
    # The check has proven that the day lies in no dated table, so the date it is read on does not matter.
    day = cast("date | None", facts.read(row, measure.on, date.min))
    if day is None and measure.on.optional:
        return  # the check has proven that `where` leaves such rows out
    if day is None:
        raise Refused(no_row(facts.program, row, measure.on, date.min))
    if day not in days or (measure.counts is not None and day not in measure.counts):
        return
    scene = Scene(facts, row, day)
    if measure.where is not None and not holds_true(measure.where, scene):
        return
    whole = Fraction(1) if measure.value is None else number(measure.value, scene)
    source, file, at = str(measure.source), str(row["_file"]), int(cast(int, row["_row"]))
    key = str(row["_key"]) if row.get("_from") is None else f"{row['_key']}|{row['_from']}"
    for rule, share in enumerate(measure.credits):
        for to in _receivers(facts, share, row, day):
            amount = whole * share.share * to.part
            if to.payee is None:
                unpaid = Uncredited(measure.name, day, source, key, rule, to.reason, to.territory, file, at, amount)
                credits.uncredited.append(unpaid)
            else:
                given = Credit(measure.name, to.payee, day, source, key, rule, None, to.territory, file, at, amount)
                credits.by_measure[measure.name].append(given)


@dataclass(frozen=True)
class _Receiver:
    """Who gets what part of a share; `reason` says why nobody does."""

    payee: str | None
    reason: str
    territory: str | None = None
    part: Fraction = Fraction(1)


def _receivers(facts: Facts, share: Share, row: Row, day: date) -> list[_Receiver]:
    match share:
        case Direct():
            return [_direct(facts, share, row, day)]
        case TerritoryOwner():
            return [_owner(facts, share, row, day)]
        case Members():
            return _members(facts, share, row, day)


def _first_of_each(facts: Facts, distinct: Distinct, credits: list[Credit]) -> list[Credit]:
    """The first credit of each value, for a payee and rule in every interval."""
    rows: dict[tuple[object, object], Row] = {
        (row["_file"], row["_row"]): row for row in facts.rows(distinct.column.root)
    }
    first: dict[tuple[object, ...], Credit] = {}
    for credit in sorted(credits, key=lambda item: item.order):
        value = facts.require(rows[credit.file, credit.row], distinct.column, credit.day)
        interval = facts.program.calendar.interval(credit.day, distinct.grain)
        first.setdefault((credit.payee, credit.rule, value, interval.index), credit)
    return list(first.values())


def _direct(facts: Facts, share: Direct, row: Row, day: date) -> _Receiver:
    payee = facts.read(row, share.payee, day)
    if payee is None and not share.payee.optional:
        raise Refused(no_row(facts.program, row, share.payee, day))
    return _Receiver(cast("str | None", payee), "no-payee")


def _owner(facts: Facts, share: TerritoryOwner, row: Row, day: date) -> _Receiver:
    reached = facts.reach(row, share.steps, day)
    covering = [] if reached is None else _covering(facts, share.source, reached)
    if not covering:
        return _Receiver(None, "no-territory")
    return _Receiver(_owner_on(facts, covering[0], day), "no-owner", covering[0].name)


def _members(facts: Facts, share: Members, row: Row, day: date) -> list[_Receiver]:
    """Everybody in the group on that day. Raises Refused where their shares do not add up."""
    group = facts.read(row, share.group, day)
    if group is None and not share.group.optional:
        raise Refused(no_row(facts.program, row, share.group, day))
    rows = [] if group is None else facts.having(share.table, share.key, group)
    dated = facts.program.contracts[share.table].dated is not None
    held = [member for member in rows if not dated or holds(member, day)]
    parts = [cast(Fraction, member[share.by.name]) if share.by else Fraction(1) for member in held]
    if held and share.by is not None and not share.overlay and sum(parts) != 1:
        words = {"group": group, "table": share.table, "day": day}
        raise Refused(diagnose("run-shares", share.span, (), **words))
    found = [_Receiver(str(member["payee"]), "", None, part) for member, part in zip(held, parts, strict=True)]
    return found or [_Receiver(None, "no-member")]


def _covering(facts: Facts, source: str, row: Row) -> list[Territory]:
    """The territories that cover a row. A territory's rule walks into no dated table, so any day will do."""
    scene = Scene(facts, row, date.min)
    return [item for item in facts.program.territories if item.source == source and holds_true(item.covers, scene)]


def _overlaps(facts: Facts, source: str) -> Iterator[Diagnostic]:
    """Rows that two territories cover, whether anything was sold there or not."""
    for row in facts.rows(source):
        covering = _covering(facts, source, row)
        if len(covering) > 1:
            words = {"value": row["_key"], "first": covering[0].name, "second": covering[-1].name, "source": source}
            yield diagnose("run-territories-overlap", place(facts.program, source, row), (), **words)


def _owner_on(facts: Facts, territory: Territory, day: date) -> str | None:
    if territory.owners_table is not None:
        rows = facts.having(territory.owners_table, "territory", territory.code)
        return next((str(row["payee"]) for row in rows if holds(row, day)), None)
    return next((owner.payee for owner in territory.owners if day in owner.dates), None)


def _rolled_up(facts: Facts, name: str, rollup: Rollup, credits: Credits) -> list[Credit]:
    given = []
    lines: dict[tuple[str, date], list[str]] = {}
    shares = facts.program.measures[rollup.measure].credits
    for base in credits.by_measure[rollup.measure]:
        if shares and shares[base.rule].overlay and not rollup.overlays:
            continue
        at = (base.payee, base.day)
        if at not in lines:
            lines[at] = list(_line_above(facts, *at))
        above = lines[at] if rollup.all_levels else lines[at][:1]
        given += [replace(base, measure=name, payee=manager, via=base.payee) for manager in above]
    return given


def _line_above(facts: Facts, payee: str, day: date) -> Iterator[str]:
    """The payee's managers on that day, the direct one first."""
    managers, person = str(facts.program.managers), payee
    while (row := facts.row(managers, person, day)) is not None and row["manager"] is not None:
        person = str(row["manager"])
        yield person


def _circles(facts: Facts, days: DateRange) -> Iterator[Diagnostic]:
    """Everybody who reports to themselves, over others: on the first day, or one on which somebody's manager changes."""
    managers = str(facts.program.managers)
    for day in sorted({days.start, *(day for day in facts.changes(managers) if day in days)}):
        for payee in sorted({str(row["payee"]) for row in facts.rows(managers)}):
            above: set[str] = set()
            for person in _line_above(facts, payee, day):
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
