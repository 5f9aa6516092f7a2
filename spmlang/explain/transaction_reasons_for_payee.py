"""Explain one source row for one payee: the credit of each rule, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from spmlang.data.tables import Row
from spmlang.outputs.payouts import place
from spmlang.program.measures import CreditRule, GroupCredit, Measure, Territory, TerritoryCredit
from spmlang.reference.credits.credit_rows import Credit, Uncredited
from spmlang.reference.credits.receivers import covering_territories, owners
from spmlang.reference.sources.lazy_rows import LazySourceRows
from spmlang.reference.sources.rows import holds
from spmlang.reference.trace import MeasureTrace, RolledUpCredit, TracedCredit

from .evidence import evidence_place, row_place
from .payouts import Reason
from .transaction_reasons import TransactionExplainer, held_text


class PayeeTransactionExplainer(TransactionExplainer):
    """The explanation of one source row for one payee."""

    def __init__(self, sources: LazySourceRows, row: Row, payee: str) -> None:
        super().__init__(sources, row)
        self.payee = payee

    def explain_measure(self, traced: MeasureTrace, found: dict[str, MeasureTrace]) -> Reason:
        """Return the payee's credit in a measure and its rules, or the reason why there is none."""
        measure = traced.measure
        if traced.missing is not None or traced.amount is None:
            because = self.reasons_not_counted(traced)
            if measure.rollup is not None and traced.missing is None:
                because = (self.explain_measure(found[measure.rollup.measure], found),)
            return self.measure_reason(traced, f"does not count it, so {self.payee} gets nothing", None, because)
        own = [credit for credit in traced.credits if credit.payee == self.payee]
        if measure.rollup is None:
            because = tuple(self.share_reason(traced, rule) for rule in range(len(measure.credits)))
        else:
            because = tuple(reason for passed in traced.rolled_up for reason in self.rolled_up(passed, measure))
            because = because or (self.no_credit_to_roll_up(found[measure.rollup.measure]),)
        if not own:
            return self.measure_reason(traced, f"gives {self.payee} nothing", None, because)
        amount = sum((credit.amount for credit in own), Fraction(0))
        return self.measure_reason(traced, f"counts it on {traced.day} for {self.payee}", amount, because)

    def share_reason(self, traced: MeasureTrace, rule: int) -> Reason:
        """Return the payee's credit by one share, or the payees that have it instead."""
        given = [item for item in traced.shares if item.item.rule == rule]
        own = [item for item in given if isinstance(item.item, Credit) and item.item.payee == self.payee]
        if own:
            return self.share_clause(traced, rule, tuple(self.credit_reason(traced.measure, item) for item in own))
        assert traced.day is not None
        return self.share_clause(
            traced, rule, tuple(self.other_payees(traced.measure.credits[rule], traced.day, given))
        )

    def other_payees(self, share: CreditRule, day: date, given: list[TracedCredit]) -> Iterator[Reason]:
        """Yield the payees credited by a share that does not credit this payee.

        The territories or groups of this payee follow.
        """
        for item in given:
            where = row_place(self.row) if item.to.by is None else evidence_place(self.sources, item.to.by)
            if isinstance(item.item, Uncredited):
                yield Reason(f"no payee: {self.cause_without_payee(share, item.item)}", None, where)
            else:
                yield Reason(f"{item.item.payee} gets it, {self.cause_of_credit(share, item)}", None, where)
        if isinstance(share, TerritoryCredit):
            yield from self.territories_of_payee(share, day)
        elif isinstance(share, GroupCredit):
            yield from self.groups_of_payee(share, day)

    def territories_of_payee(self, share: TerritoryCredit, day: date) -> Iterator[Reason]:
        """Yield the territories of the payee in the share's source.

        These are territories that cover the row, owned on other days, and other territories owned on `day`.
        """
        reached = self.sources.reach(self.row, share.steps, day)
        covering = [] if reached is None else covering_territories(self.sources, share.source, reached)
        ever = [item for item in self.program.territories if item.source == share.source]
        found = [reason for item in ever for reason in self.ownerships(item, item in covering, day)]
        if not found:
            text = f"{self.payee} owns no territory of {share.source} on {day}"
            found.append(Reason(text, None, place(self.program, share.span)))
        yield from found

    def ownerships(self, territory: Territory, covers: bool, day: date) -> Iterator[Reason]:
        """Yield the days on which the payee owns a territory.

        For a territory that does not cover the row, only an ownership on `day` is included.
        """
        for payee, dates, by in owners(self.sources, territory):
            if payee != self.payee or not (covers or day in dates):
                continue
            text = f"{payee} owns territory {territory.name} {dates}"
            text += f", not on {day}" if covers else ", which does not cover it"
            yield Reason(text, None, evidence_place(self.sources, by))

    def groups_of_payee(self, share: GroupCredit, day: date) -> Iterator[Reason]:
        """Yield the groups of the payee.

        These are the row's own group on other days, and other groups on `day`.
        """
        group = self.sources.read(self.row, share.group, day)
        dated = self.program.contracts[share.table].dated is not None
        found = []
        for row in self.sources.having(share.table, "payee", self.payee):
            same = group is not None and row[share.key] == group
            if same or not dated or holds(row, day):
                name = row[share.key]
                text = f"{self.payee} is a member of {name} in {share.table}{held_text(row)}"
                found.append(Reason(f"{text}, not on {day}" if same else text, None, row_place(row)))
        if not found:
            text = f"{self.payee} is a member of no group in {share.table} on {day}"
            found.append(Reason(text, None, place(self.program, share.span)))
        yield from found

    def rolled_up(self, passed: RolledUpCredit, measure: Measure) -> Iterator[Reason]:
        """Yield the credit that the payee has from a payee below, or the reason why there is none."""
        assert measure.rollup is not None
        base = passed.base
        managers = [str(level.row["manager"]) for level in passed.line]
        if passed.overlay:
            yield from super().rolled_up(passed, measure)
        elif base.payee == self.payee:
            text = f"{base.payee} was credited with {base.measure}; it is passed to those above, not to {base.payee}"
            yield Reason(text, None, self.credit_place(base))
        elif self.payee not in managers:
            above = ", ".join(managers) or "no manager"
            text = f"{base.payee} was credited with {base.measure}, and is managed on {base.day} by {above}"
            yield Reason(text, None, row_place(passed.line[0].row) if passed.line else self.credit_place(base))
            yield from self.days_as_manager(base)
        else:
            yield from self.own_level(passed, measure)

    def own_level(self, passed: RolledUpCredit, measure: Measure) -> Iterator[Reason]:
        """Yield the payee's own level in the reporting line above a credited payee.

        The payee has the credit, or is too high because only the direct manager has it.
        """
        told = list(super().rolled_up(passed, measure))
        number = next(at for at, level in enumerate(passed.line) if level.row["manager"] == self.payee)
        if passed.line[number].credit is not None:
            yield told[number]
            return
        base = passed.base
        text = f"{self.payee} is {number + 1} levels above {base.payee} on {base.day}; only the direct manager gets it"
        yield Reason(text, None, row_place(passed.line[number].row))

    def days_as_manager(self, base: Credit) -> Iterator[Reason]:
        """Yield the other days on which the payee is the direct manager of the credited payee."""
        for row in self.sources.having(str(self.program.managers), "payee", base.payee):
            if row["manager"] == self.payee:
                text = f"{self.payee} is the manager of {base.payee}{held_text(row)}, not on {base.day}"
                yield Reason(text, None, row_place(row))

    def credit_place(self, credit: Credit) -> str:
        """Return the place of a credit's source row."""
        return f"{credit.file}, row {credit.row}"
