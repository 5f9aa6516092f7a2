"""Explain a payout, down to the source rows and plan lines.

The reference interpreter recomputes the payout, and the result is compared with the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pyarrow.compute as pc

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.outputs.payouts import place
from spmlang.program.expressions import SO_FAR
from spmlang.program.pay_rules import Formula, RoundPer, Tiers
from spmlang.program.program import Component, Program
from spmlang.reference.credits.credit_rows import Credit
from spmlang.reference.credits.rows_of_payees import RowsOfPayees
from spmlang.reference.earnings.earnings import Earning, shared_lines
from spmlang.reference.earnings.earnings_by_slice import Slice
from spmlang.reference.recompute import recompute, rows_needed
from spmlang.reference.sources.expressions import Target
from spmlang.results import Request
from spmlang.run.run import Run, run_program
from spmlang.values.calendar import Grain, Interval
from spmlang.values.money import minor_places, money_text, number_text, rate_text
from spmlang.values.rounding import Mode, div_round


@dataclass(frozen=True)
class Reason:
    """A node of an explanation.

    Attributes:
        text: A sentence.
        amount: The money or value of the sentence as exact text, if it has one.
        source: The plan line or data row, if there is one.
        because: The reasons for it.
    """

    text: str
    amount: str | None = None
    source: str | None = None
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The explanation of one payout row.

    `amount` is the amount of the reference interpreter, and `engine_amount` that of the engine named `engine`.
    """

    payee: str
    period: str
    plan: str
    version: int
    component: str
    amount: str
    engine: str
    engine_amount: str
    reason: Reason

    @property
    def equal(self) -> bool:
        """True if the reference interpreter and the engine pay the same, to the cent."""
        return self.amount == self.engine_amount


def explain(
    program: Program,
    tables: Tables,
    *,
    payee: str,
    period: Interval,
    component: str | None = None,
    engine: str = "duckdb",
) -> list[Explanation]:
    """Explain every payout row of a payee in a pay period.

    Args:
        program: The program.
        tables: The data.
        payee: The payee's id.
        period: The pay period.
        component: The name of the only component to explain, if any.
        engine: The engine to compare with.

    Raises:
        Problems: If the payee is not on the roster, or if nothing is due to the payee in the period.
    """
    known_payee(program, tables, payee)
    run = run_program(program, tables, Request(first=period, last=period), engine)
    sources = RowsOfPayees(program, tables)
    asked = [
        item
        for plan, names in program.component_names().items()
        if component is None or component in names
        for item in recompute(
            sources,
            rows_needed(sources, payee, period=period, plan=plan, names=names if component is None else {component}),
            lines=True,
        )
        if component in (None, item.component.name)
    ]
    if not asked:
        raise Problems([_nothing_due(run, payee, period, component)])
    return [_explained(program, item, run) for item in asked]


def known_payee(program: Program, tables: Tables, payee: str) -> None:
    """Check that a payee is on the roster.

    Raises:
        Problems: If the payee is not on the roster.
    """
    payees = sorted({str(row["payee"]) for row in tables.rows(program.roster)})
    if payee not in payees:
        raise Problems([diagnose("run-payee-unknown", None, payee=payee, hint=did_you_mean(payee, payees))])


def _nothing_due(run: Run, payee: str, period: Interval, component: str | None) -> Diagnostic:
    """Return the error for a payee without a payout in the period, with the last periods that have one."""
    due = run.history.filter(pc.equal(run.history["payee"], payee)).select(["period", "component"]).to_pylist()
    known = sorted({row["period"] for row in due if component in (None, row["component"])})
    words = {
        "payee": payee,
        "period": period.label,
        "component": f" by component {component}" if component else "",
        "known": ", ".join(known[-6:]) or "no period up to this one has any",
    }
    return diagnose("run-nothing-due", None, (), **words)


def _explained(program: Program, item: Earning, run: Run) -> Explanation:
    """Return the explanation of one recomputed payout, compared with the engine's."""
    currency = item.version.currency
    found = [
        int(row["amount_minor"])
        for row in run.result.payouts.to_pylist()
        if (row["payee"], row["period"], row["plan"], row["version"], row["component"])
        == (item.payee, item.period.label, item.version.name, item.version.version, item.component.name)
    ]
    amount = _money(item, item.amount)
    return Explanation(
        payee=item.payee,
        period=item.period.label,
        plan=item.version.name,
        version=item.version.version,
        component=item.component.name,
        amount=amount,
        engine=run.engine,
        engine_amount=_money(item, found[0]) if found else f"nothing ({currency})",
        reason=_whole(program, item),
    )


# ---- the tree ---------------------------------------------------------------------------------


def _whole(program: Program, item: Earning) -> Reason:
    """Return the reason at the top: the payout, with its limits and its earning."""
    component = item.component
    reasons = [*_limits(program, item), _earned(program, item)]
    text = (
        f"{component.label} ({component.kind} {component.name} of {item.version.label}, version {item.version.version})"
    )
    return Reason(text, _money(item, item.amount), place(program, component.span), tuple(reasons))


def _limits(program: Program, item: Earning) -> Iterator[Reason]:
    """Yield a reason for each cap, budget, pool or contest that changed the amount."""
    before = item.earned
    for name, amount in item.limits:
        what, line = (
            f"the {name}",
            next((cap.span for cap in item.component.caps if name.endswith(f"cap each {cap.grain}")), None),
        )
        if name == "budget" and item.component.budget is not None:
            line = item.component.budget.span
            what = f"{what}, first come," if item.granted is not None else what
        if name.startswith("plan's") and item.version.cap is not None:
            line = item.version.cap.span
        text = f"{what} leaves {_money(item, amount)} of {_money(item, before)}"
        if name.startswith(("place", "contest", "pool")) and item.component.shared is not None:
            line = item.component.shared.span
            text = f"{name}: {_money(item, amount)}"
        yield Reason(text, _money(item, amount - before), place(program, line) if line else None)
        before = amount


def _earned(program: Program, item: Earning) -> Reason:
    """Return the reason for the earning, with its slices and lines."""
    parts = [_slice(program, item, first, last) for first, last in _runs_of(item.slices)]
    lines = _lines(item)
    text = f"earned from {item.slices[0].stretch.start} through {item.last.end}"
    if item.component.rounding.per is RoundPer.LINE:
        text += ", each line rounded by itself"
    found = (*parts, *([lines] if lines is not None else []))
    return Reason(text, _money(item, item.earned), None, found)


def _runs_of(slices: list[Slice]) -> list[tuple[Slice, Slice]]:
    """Group neighbouring slices that can be explained as one, and return the first and last of each group.

    They have the same roster row, and the entitlement after one equals the entitlement before the next.
    """
    found: list[tuple[Slice, Slice]] = []
    for item in slices:
        if found:
            first, last = found[-1]
            same = last.stretch.row is item.stretch.row and last.after.entitled.exact == item.before.entitled.exact
            if same and (item.stretch.start - last.stretch.end).days == 1:
                found[-1] = (first, item)
                continue
        found.append((item, item))
    return found


def _slice(program: Program, item: Earning, first: Slice, last: Slice) -> Reason:
    """Return the reason for a group of slices, given by its first and last one."""
    currency = item.version.currency
    after, before = last.after.entitled, first.before.entitled
    reasons = [*_measures_to_date(program, item, last), *_calculation(program, item, last)]
    if last.days is not None:
        return Reason(_part(item, last), money_text(after.rounded, currency), None, tuple(reasons))
    earlier = (
        f"less what was earned before {first.stretch.start}, by the same rules"
        if before.exact
        else f"nothing was earned before {first.stretch.start}"
    )
    reasons.append(Reason(earlier, money_text(-before.rounded, currency)))
    text = f"entitled to {money_text(after.rounded, currency)} through {last.stretch.end}"
    if after.rounded != after.exact:
        text += f" (exactly {money_text(after.exact, currency)})"
    return Reason(text, money_text(after.rounded - before.rounded, currency), None, tuple(reasons))


def _part(item: Earning, slice_: Slice) -> str:
    """Return a sentence on the days that count, and the amount of which they are a part."""
    days, currency = slice_.days or (1, 1), item.version.currency
    entitled, stretch = slice_.after.entitled, slice_.stretch
    whole = entitled.exact if entitled.whole is None else entitled.whole
    text = f"{days[0]} of {days[1]} {item.component.prorated}, from {stretch.start} through {stretch.end}"
    text += f", of {money_text(whole, currency)}"
    return text + (f" (exactly {money_text(entitled.exact, currency)})" if entitled.rounded != entitled.exact else "")


def _measures_to_date(program: Program, item: Earning, last: Slice) -> Iterator[Reason]:
    """Yield each measure to date, with its quotas and attainment."""
    for key, value in last.after.measures.items():
        name, _, longer = key.partition("@")
        measure = program.measures[name]
        shown = value_text(program, name, value)
        start = program.calendar.interval(last.read_to, Grain(longer)).start if longer else item.start
        text = f"{measure.label} from {start} through {last.read_to}: {shown}"
        for at, target in item.targets.items():
            asked, _, over = at.removesuffix(SO_FAR).partition("@")
            if item.version.quotas[asked].measure == name and over == longer:
                text += _against(program, asked, measure=name, value=value, target=target)
                text += SO_FAR if at.endswith(SO_FAR) else ""
        yield Reason(text, None, place(program, measure.span))


def _against(program: Program, asked: str, *, measure: str, value: Fraction, target: Target) -> str:
    """Return the attainment of one quota in words: `, 105% of the quota of 100,000.00 USD`."""
    text, quota = "", "quota" if asked == measure else f"quota {asked}"
    if target.amount:
        text = f", {_share(value / target.amount)} of the {quota} of {value_text(program, measure, target.amount)}"
    if target.stated is not None:
        what = f"the {quota} is zero" if target.amount is not None else f"there is no {quota}"
        text += f"; {what}, so the plan states {rate_text(target.stated)}"
    return text


def _calculation(program: Program, item: Earning, last: Slice) -> Iterator[Reason]:
    """Yield the conditions, and if all of them hold the tiers or the formula."""
    component, entitled = item.component, last.after.entitled
    currency = item.version.currency
    for condition, held in entitled.conditions:
        word = "holds" if held else "does not hold, so nothing is due"
        yield Reason(f"{condition.word} {condition.test.span.text}: {word}", None, place(program, condition.span))
    if not all(held for _, held in entitled.conditions):
        return
    if isinstance(component.pay, Formula):
        source = place(program, component.pay.span)
        pays = entitled.exact if entitled.whole is None else entitled.whole
        yield Reason(f"pays {component.pay.value.span.text}", money_text(pays, currency), source)
        return
    for band in entitled.bands:
        value = _tier_value(program, component, band.value, currency)
        inside = value_text(program, component.pay.measure, band.inside)
        line = " ".join(band.tier.span.text.split())
        text = f"{value} {'of' if program.measures[component.pay.measure].type.currency else 'per'} {inside} in the tier {line}"
        yield Reason(text, money_text(band.pays, currency), place(program, band.tier.span))


def _tier_value(program: Program, component: Component, value: Fraction, currency: str) -> str:
    assert isinstance(component.pay, Tiers)
    return rate_text(value) if program.measures[component.pay.measure].type.currency else money_text(value, currency)


def _lines(item: Earning) -> Reason | None:
    """Return the lines of a payout with their credits, after caps and budget; None without any."""
    reasons = []
    still = 0
    for credit, amount, asked in _line_amounts(item):
        if not amount and amount == asked:
            still += 1
            continue
        text = "no sale: it is due as soon as the interval begins" if credit is None else _credit_text(credit)
        if amount != asked:
            text += f"; the budget leaves this of {_money(item, asked)}"
        reasons.append(Reason(text, _money(item, amount), f"{credit.file}, row {credit.row}" if credit else None))
    if not reasons:
        return None
    if still:
        reasons.append(Reason(f"and {still} credit{'s' if still > 1 else ''} that moved no cent"))
    return Reason("line by line", _money(item, item.amount), None, tuple(reasons))


def _line_amounts(item: Earning) -> list[tuple[Credit | None, int, int]]:
    """Return each credit with its amount after caps and budget, and before a first-come budget.

    Both amounts are in minor units. They are in the order of the line deltas, and the credit is None for an amount that
    no credit caused. If several roster rows share an interval, one credit has a line delta in each of their slices. Its
    amounts are summed.
    """
    found: dict[Credit | None, list[int]] = {}
    lines = shared_lines(item)
    left = item.granted if item.granted is not None else [0] * len(lines)
    asked = item.requested if item.requested is not None else left
    for (delta, amount), own, wanted in zip(lines, left, asked, strict=True):
        sums = found.setdefault(delta.credit, [0, 0])
        sums[0] += amount
        sums[1] += amount + wanted - own
    return [(credit, brought, wanted) for credit, (brought, wanted) in found.items()]


def _credit_text(credit: Credit) -> str:
    """Return a credit as a sentence: its day, row, measure and amount."""
    via = f", by way of {credit.via}" if credit.via else ""
    territory = f", territory {credit.territory}" if credit.territory else ""
    return f"{credit.day} {credit.source} {credit.key}: {credit.measure} {number_text(credit.amount)}{via}{territory}"


def _share(ratio: Fraction) -> str:
    """Return a ratio as a percentage with two decimals, rounded half up, for readers only."""
    scaled = ratio * 10_000
    return rate_text(Fraction(div_round(scaled.numerator, scaled.denominator, Mode.HALF_UP), 10_000))


def value_text(program: Program, measure: str, value: Fraction) -> str:
    """Return a measure's value with its currency, exact."""
    currency = program.measures[measure].type.currency
    return money_text(value, currency) if currency else number_text(value)


def _money(item: Earning, minor: int) -> str:
    currency = item.version.currency
    return money_text(Fraction(minor, 10 ** minor_places(currency)), currency)
