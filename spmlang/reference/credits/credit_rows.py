"""Credits of source rows: the payee, measure, amount, day and rule; and the shares that credit no payee."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Row
from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.measures import CountDistinct, DateRange, Measure, TerritoryCredit
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition, number
from spmlang.reference.sources.rows import MissingValue, SourceRows, no_row, place

from .receivers import Receiver, covering_territories, receivers


@dataclass(frozen=True, kw_only=True)
class Credit:
    """An exact amount (or count) of a measure, credited to a payee on a day. See `results.py` for the fields."""

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
        """The order of a payee's credits, by which lines and `count distinct` take them.

        It ends with the amount, because one row credits a payee twice if the payee is in a group twice.
        """
        return (self.day, self.measure, self.source, self.key, self.rule, self.via or "", self.amount)


@dataclass(frozen=True, kw_only=True)
class Uncredited:
    """A share of a row that a measure counts and no payee can be paid for, with the slug of the reason.

    `payee`: the payee who is credited and not on the roster.
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
    """All credits by measure, the uncredited shares, the problems, and credits that `count distinct` left out.

    The last ones are `repeated`: credits of a value that was counted already.
    """

    by_measure: dict[str, list[Credit]] = field(default_factory=dict)
    uncredited: list[Uncredited] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    repeated: list[Credit] = field(default_factory=list)


#: Returns the rows of a measure's source that may count for it.
Rows = Callable[[Measure], Iterable[Row]]


def covered_twice(sources: SourceRows, measures: frozenset[str]) -> Iterator[Diagnostic]:
    """Yield a problem for each row that two territories cover, of all sources whose territories measures read."""
    used = [measure for name, measure in sources.program.measures.items() if name in measures]
    for source in sorted(
        {share.source for item in used for share in item.credits if isinstance(share, TerritoryCredit)}
    ):
        yield from _overlaps(sources, source)


def credit_rows(
    sources: SourceRows, days: DateRange, *, measures: frozenset[str], rows: Rows, credits: Credits
) -> None:
    """Add to `credits` the credits of measures for some rows; roll-ups have none of their own.

    Args:
        sources: the rows of the tables.
        days: the days whose rows count.
        measures: the measures.
        rows: returns the rows of a measure with a source.
        credits: receives credits, uncredited shares and problems.
    """
    for name, measure in sources.program.measures.items():
        if name not in measures or measure.rollup is not None:
            continue
        credits.by_measure[name] = []
        read = list(rows(measure))
        for row in read:
            try:
                _give(sources, measure, row=row, days=days, credits=credits)
            except MissingValue as refused:
                credits.problems.append(refused.diagnostic)
        if measure.distinct is not None and not credits.problems:
            every = credits.by_measure[name]
            credits.by_measure[name] = first_of_each(sources, measure.distinct, read, every)
            first = set(map(id, credits.by_measure[name]))
            credits.repeated += [credit for credit in every if id(credit) not in first]


def _give(sources: SourceRows, measure: Measure, *, row: Row, days: DateRange, credits: Credits) -> None:
    """Add the credits of one row."""
    day, whole = counted_value(sources, measure, row, days)
    if day is None or whole is None:
        return
    for given, _ in credits_of_row(sources, measure, row=row, day=day, whole=whole):
        if isinstance(given, Credit):
            credits.by_measure[measure.name].append(given)
        else:
            credits.uncredited.append(given)


def counted_value(
    sources: SourceRows, measure: Measure, row: Row, days: DateRange
) -> tuple[date | None, Fraction | None]:
    """Return the day of a row, and the amount that a measure counts of it.

    The amount is None if the measure does not count the row; the day is None, too, if the row has none.

    Raises:
        MissingValue: if a required column is absent.
    """
    assert measure.on is not None
    # The check has proven that the day lies in no dated table, so the date it is read on does not matter.
    day = cast("date | None", sources.read(row, measure.on, date.min))
    if day is None and measure.on.optional:
        return None, None  # the check has proven that `where` leaves such rows out
    if day is None:
        raise MissingValue(no_row(sources.program, row, measure.on, date.min))
    if day not in days or (measure.counts is not None and day not in measure.counts):
        return day, None
    context = EvaluationContext(sources=sources, row=row, day=day)
    if measure.where is not None and not evaluate_condition(measure.where, context):
        return day, None
    return day, Fraction(1) if measure.value is None else number(measure.value, context)


def credits_of_row(
    sources: SourceRows, measure: Measure, *, row: Row, day: date, whole: Fraction
) -> Iterator[tuple[Credit | Uncredited, Receiver]]:
    """Yield a credit or an uncredited share for each receiver of a row that counts, with that receiver.

    Args:
        sources: the rows of the tables.
        measure: the measure.
        row: the row.
        day: the row's day.
        whole: the amount of the row, which the shares divide.

    Raises:
        MissingValue: if a required column is absent, or the shares of a group do not add up to 1.
    """
    source, file, at = str(measure.source), str(row["_file"]), int(cast(int, row["_row"]))
    key = shown_key(row)
    for rule, share in enumerate(measure.credits):
        for to in receivers(sources, share, row, day):
            amount = whole * share.share * to.part
            if to.payee is None:
                yield (
                    Uncredited(
                        measure=measure.name,
                        day=day,
                        source=source,
                        key=key,
                        rule=rule,
                        reason=to.reason,
                        territory=to.territory,
                        payee=None,
                        file=file,
                        row=at,
                        amount=amount,
                    ),
                    to,
                )
            else:
                yield (
                    Credit(
                        measure=measure.name,
                        payee=to.payee,
                        day=day,
                        source=source,
                        key=key,
                        rule=rule,
                        via=None,
                        territory=to.territory,
                        file=file,
                        row=at,
                        amount=amount,
                    ),
                    to,
                )


def shown_key(row: Row) -> str:
    """Return a row's key for people; of a dated source, with the row's first day."""
    return str(row["_key"]) if row.get("_from") is None else f"{row['_key']}|{row['_from']}"


def first_of_each(
    sources: SourceRows, distinct: CountDistinct, rows: Iterable[Row], credits: list[Credit]
) -> list[Credit]:
    """Return the first credit of each value, for each payee, rule and interval.

    `rows` are the rows of the credits.
    """
    by_place: dict[tuple[object, object], Row] = {(row["_file"], row["_row"]): row for row in rows}
    first: dict[tuple[object, ...], Credit] = {}
    for credit in sorted(credits, key=lambda item: item.order):
        value = sources.require(by_place[credit.file, credit.row], distinct.column, credit.day)
        interval = sources.program.calendar.interval(credit.day, distinct.grain)
        first.setdefault((credit.payee, credit.rule, value, interval.index), credit)
    return list(first.values())


def _overlaps(sources: SourceRows, source: str) -> Iterator[Diagnostic]:
    """Yield a problem for each row that two territories of its source cover, even if no credit depends on the row."""
    for row in sources.rows(source):
        covering = covering_territories(sources, source, row)
        if len(covering) > 1:
            words = {"value": row["_key"], "first": covering[0].name, "second": covering[-1].name, "source": source}
            yield diagnose("run-territories-overlap", place(sources.program, source, row), (), **words)


def by_payee(credits: list[Credit]) -> dict[str, list[Credit]]:
    """Return the credits of each payee, in the order of lines."""
    found: dict[str, list[Credit]] = defaultdict(list)
    for credit in credits:
        found[credit.payee].append(credit)
    for own in found.values():
        own.sort(key=lambda credit: credit.order)
    return found
