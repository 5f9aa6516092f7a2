"""Explain one source row for every payee.

An explanation says if a measure counts the row, which payees are credited by which rule, and which components read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from spmlang.data.tables import Row
from spmlang.outputs.payouts import place
from spmlang.program.expressions import Column
from spmlang.program.measures import CreditRule, DirectCredit, GroupCredit, Measure, Ownership, TerritoryCredit
from spmlang.reference.credits.credit_rows import Credit, Uncredited
from spmlang.reference.credits.receivers import held_dates
from spmlang.reference.payees.plan_members import on_version
from spmlang.reference.sources.lazy_rows import LazySourceRows
from spmlang.reference.sources.rows import roster_row
from spmlang.reference.trace import MeasureTrace, RolledUpCredit, TracedCredit, reading_components
from spmlang.values.money import rate_text

from .evidence import cell_text, column_seen, columns_seen, evidence_place, failed_parts, row_place, written
from .payouts import Reason, value_text


class TransactionExplainer:
    """The explanation of one row of a source."""

    def __init__(self, sources: LazySourceRows, row: Row) -> None:
        self.sources = sources
        self.program = sources.program
        self.row = row

    def explain_measure(self, traced: MeasureTrace, found: dict[str, MeasureTrace]) -> Reason:
        """Return the explanation of one measure, for all payees.

        `found` has the traces of all measures, by name.
        """
        measure = traced.measure
        if traced.missing is not None or traced.amount is None:
            return self.measure_reason(traced, "does not count it", None, self.reasons_not_counted(traced))
        if measure.rollup is None:
            shares = (self.share_reason(traced, rule) for rule in range(len(measure.credits)))
            return self.measure_reason(
                traced, f"counts it on {traced.day}", traced.amount, (*self.calculation(traced), *shares)
            )
        base = found[measure.rollup.measure]
        lines = tuple(reason for passed in traced.rolled_up for reason in self.rolled_up(passed, measure))
        return self.measure_reason(
            traced, f"passes {base.measure.name} on", None, lines or (self.no_credit_to_roll_up(base),)
        )

    def no_credit_to_roll_up(self, base: MeasureTrace) -> Reason:
        """Return the reason for an empty rollup: no payee was credited with the measure below."""
        return Reason(f"no payee was credited with {base.measure.name}", None, place(self.program, base.measure.span))

    def measure_reason(
        self, traced: MeasureTrace, text: str, amount: Fraction | None, because: tuple[Reason, ...]
    ) -> Reason:
        """Return a reason that begins with the measure's label, at the plan line of the measure."""
        measure = traced.measure
        shown = None if amount is None else value_text(self.program, measure.name, amount)
        where = place(self.program, measure.span)
        return Reason(f"{measure.label} (measure {measure.name}) {text}", shown, where, because)

    def reasons_not_counted(self, traced: MeasureTrace) -> tuple[Reason, ...]:
        """Return the reasons why the measure does not count the row."""
        measure, day = traced.measure, traced.day
        if traced.missing is not None:
            return (Reason(f"the data does not answer: {traced.missing.message}", None, traced.missing.place),)
        if measure.rollup is not None:
            base = self.program.measures[measure.rollup.measure]
            return (
                Reason(f"{base.name}, which it passes on, does not count it", None, place(self.program, base.span)),
            )
        assert measure.on is not None
        dated = column_seen(self.sources, self.row, measure.on, day or date.min)
        if day is None:
            return (Reason("it has no day", None, place(self.program, measure.on.span), (dated,)),)
        if measure.counts is not None and day not in measure.counts:
            return (
                Reason(f"only rows dated {measure.counts} count", None, place(self.program, measure.span), (dated,)),
            )
        if day < self.sources.first_day:
            text = f"no plan counts anything before {self.sources.first_day}"
            return (Reason(text, None, place(self.program, measure.span), (dated,)),)
        assert measure.where is not None
        return tuple(failed_parts(self.sources, self.row, measure.where, day))

    def calculation(self, traced: MeasureTrace) -> tuple[Reason, ...]:
        """Return the calculation of the amount and the values that it read.

        The result is empty if the amount is the value of one column.
        """
        value, day = traced.measure.value, traced.day
        if value is None or isinstance(value, Column) or day is None:
            return ()
        seen = columns_seen(self.sources, self.row, value, day)
        return (Reason(f"sum {written(value.span)}", None, place(self.program, value.span), seen),)

    def share_reason(self, traced: MeasureTrace, rule: int) -> Reason:
        """Return the explanation of one share of the credit clause, with every payee it credits."""
        given = [item for item in traced.shares if item.item.rule == rule]
        return self.share_clause(traced, rule, tuple(self.credit_reason(traced.measure, item) for item in given))

    def share_clause(self, traced: MeasureTrace, rule: int, because: tuple[Reason, ...]) -> Reason:
        """Return a reason with the plan text of one share of the credit clause."""
        share = traced.measure.credits[rule]
        overlay = "overlay " if share.overlay else ""
        part = "" if share.share == 1 else f" {rate_text(share.share)}"
        text = f"credit {overlay}{written(share.span)}{part}"
        return Reason(text, None, place(self.program, share.span), because)

    def credit_reason(self, measure: Measure, given: TracedCredit) -> Reason:
        """Return one credit share: its payee, the cause of the credit, and the components that read it."""
        item, share = given.item, measure.credits[given.item.rule]
        where = row_place(self.row) if given.to.by is None else evidence_place(self.sources, given.to.by)
        amount = value_text(self.program, measure.name, item.amount)
        if isinstance(item, Uncredited):
            return Reason(f"no payee: {self.cause_without_payee(share, item)} ({item.reason})", amount, where)
        text = f"{item.payee}, {self.cause_of_credit(share, given)}"
        if given.first is None:
            return Reason(text, amount, where, tuple(self.reading_components(item)))
        return Reason(f"{text}, gets nothing for it", None, where, (self.counted_before(measure, given.first),))

    def counted_before(self, measure: Measure, first: Credit) -> Reason:
        """Return the reason for a value that another row had first, in a measure with `count distinct`."""
        assert measure.distinct is not None
        interval = self.program.calendar.interval(first.day, measure.distinct.grain)
        value = column_seen(self.sources, self.row, measure.distinct.column, first.day).text
        text = f"{first.source} {first.key} of {first.day} came first in {interval.label}: {value}"
        return Reason(text, None, f"{first.file}, row {first.row}")

    def cause_of_credit(self, share: CreditRule, given: TracedCredit) -> str:
        """Return the cause of a credit in words: the column, territory or group that names the payee."""
        by = given.to.by
        assert by is not None
        match share:
            case DirectCredit():
                return f"named by {written(share.payee.span)}"
            case TerritoryCredit():
                return f"owner of territory {given.to.territory} {by.dates if isinstance(by, Ownership) else held_dates(by)}"
            case GroupCredit():
                assert not isinstance(by, Ownership)
                part = f" with {rate_text(given.to.part)}" if share.by is not None else ""
                return f"member of {self.group_named(share, given.item.day)} in {share.table}{held_text(by)}{part}"

    def group_named(self, share: GroupCredit, day: date) -> str:
        """Return the group that the row names."""
        value = self.sources.read(self.row, share.group, day)
        return value if isinstance(value, str) else cell_text(value, share.group.type)

    def cause_without_payee(self, share: CreditRule, item: Uncredited) -> str:
        """Return the cause of an uncredited share in words."""
        match share:
            case DirectCredit():
                return column_seen(self.sources, self.row, share.payee, item.day).text
            case TerritoryCredit():
                if item.territory is not None:
                    return f"territory {item.territory} has no owner on {item.day}"
                reached = self.sources.reach(self.row, share.steps, item.day)
                what = (
                    f"{share.source} {reached['_key']}" if reached is not None else f"an absent row of {share.source}"
                )
                return f"no territory covers {what}"
            case GroupCredit():
                if self.sources.read(self.row, share.group, item.day) is None:
                    return column_seen(self.sources, self.row, share.group, item.day).text
                return f"{self.group_named(share, item.day)} has no member in {share.table} on {item.day}"

    def rolled_up(self, passed: RolledUpCredit, measure: Measure) -> Iterator[Reason]:
        """Yield a reason for each manager to whom a credit is rolled up, or the reason for none."""
        base = passed.base
        if passed.overlay:
            yield Reason(f"what {base.payee} got is an overlay, which is not passed on", None, self.clause_place(base))
            return
        if not passed.line:
            yield Reason(f"{base.payee} has no manager on {base.day}", None, f"{base.file}, row {base.row}")
        below = base.payee
        for level in passed.line:
            if level.credit is not None:
                amount = value_text(self.program, measure.name, level.credit.amount)
                text = f"{level.credit.payee}, manager of {below}{held_text(level.row)}"
                if below != base.payee:
                    text += f", by way of {base.payee}"
                yield Reason(text, amount, row_place(level.row), tuple(self.reading_components(level.credit)))
            below = str(level.row["manager"])

    def clause_place(self, credit: Credit) -> str:
        """Return the plan line of the share that gave a credit."""
        return place(self.program, self.program.measures[credit.measure].credits[credit.rule].span)

    def reading_components(self, credit: Credit) -> Iterator[Reason]:
        """Yield a reason for each component that reads a credit, or the reason why none does."""
        found = list(reading_components(self.sources, credit.measure, credit.payee, credit.day))
        for reader in found:
            version, component = reader.version, reader.component
            text = (
                f"read by {component.kind} {component.name} of {version.label}, version {version.version}: "
                f"counted {reader.counted}, due in {reader.period.label}"
            )
            yield Reason(text, None, place(self.program, component.span))
        if not found:
            yield self.no_reading_component(credit)

    def no_reading_component(self, credit: Credit) -> Reason:
        """Return the reason why no component reads a credit."""
        payee, day = credit.payee, credit.day
        row = roster_row(self.sources, payee, day)
        if row is None:
            where = f"{credit.file}, row {credit.row}"
            return Reason(f"no component reads it: {payee} is not on the roster on {day}", None, where)
        on = [item for item in self.program.plans if on_version(self.sources, item, payee, day)]
        if not on:
            return Reason(f"no component reads it: {payee} is on no plan on {day}", None, row_place(row))
        plans = ", ".join(f"{item.label}, version {item.version}" for item in on)
        text = f"no component reads it: the plan of {payee} on {day} ({plans}) does not ask for {credit.measure}"
        return Reason(text, None, place(self.program, on[0].span))


def held_text(row: Row) -> str:
    """Return the days on which a row of a dated source holds, such as ` from 2025-01-01 through 2025-01-31`.

    The text continues a sentence about the row. It is empty for a row of an undated source.
    """
    return f" {held_dates(row)}" if row.get("_from") is not None else ""
