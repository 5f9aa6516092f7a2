"""The earnings of one payee in one pay period by one plan, from no more rows than they need."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from spmlang.data.tables import Row
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, errors
from spmlang.program.measures import DateRange, Measure
from spmlang.program.pools_and_contests import Pool
from spmlang.program.program import Component, PlanVersion, Program
from spmlang.program.reads import earlier_measures, quota_uses, with_rolled_up
from spmlang.results import Request
from spmlang.values.calendar import Interval

from .attainment.measures_to_date import CreditTotals, roll_up
from .credits.credit_rows import Credits, credit_rows
from .credits.rows_of_payees import Payees, RowFilter, RowsOfPayees
from .earnings.earnings import Earning, EarningCalculator
from .limits.caps import apply_limits
from .payees.plan_members import payees


@dataclass(frozen=True, kw_only=True)
class RowsNeeded:
    """The rows needed to recompute components of a plan for a payee and a pay period.

    `names`: the components to recompute, and those that decide what these pay. `since`: the first day of the intervals
    that count. `days`: the days of the credits that count. `people`: by measure, the payees whose credits count (None:
    all payees). `limits`: apply pools, contests, caps and budgets, which need other components or other payees; without
    it the result is what is earned before them.
    """

    payee: str
    period: Interval
    plan: str
    names: frozenset[str]
    since: date
    days: DateRange
    people: dict[str, Payees]
    limits: bool

    @property
    def everybody(self) -> bool:
        """True if the credits of all payees are needed for some measure."""
        return None in self.people.values()

    def conditions(self, sources: RowsOfPayees) -> dict[str, tuple[str, RowFilter]]:
        """Return for each measure with a source this source, and the condition on the rows to read."""
        counted = ((sources.program.measures[name], people) for name, people in self.people.items())
        return {
            item.name: (item.source, sources.crediting(item, people, self.days))
            for item, people in counted
            if item.source is not None
        }

    def fits(self, sources: RowsOfPayees, most: int) -> bool:
        """Read the rows, and return True unless they are more than `most`, not counting those read before."""
        begun = sources.rows_read
        for source, where in dict.fromkeys(self.conditions(sources).values()):
            if sources.counted(source, where, most - (sources.rows_read - begun)) is None:
                return False
        return True


def rows_needed(
    sources: RowsOfPayees, payee: str, *, period: Interval, plan: str, names: Collection[str], limits: bool = True
) -> RowsNeeded:
    """Return the rows that components of a plan need for the pay of a payee and a pay period.

    Args:
        sources: the rows of the tables.
        payee: the payee.
        period: the pay period.
        plan: the plan.
        names: the components.
        limits: apply pools, contests, caps and budgets.
    """
    program = sources.program
    versions = [version for version in program.plans if version.name == plan]
    known = _deciding(versions, frozenset(names), limits=limits)
    components = [item for version in versions for item in version.components if item.name in known]
    since = _since(program, versions, components, period)
    quotas = [
        version.quotas[wanted.quota]
        for version in versions
        for item in version.components
        if item.name in known
        for wanted in quota_uses(item)
    ]
    people: dict[str, Payees] = {}
    together = frozenset(name for version in versions for name in version.interdependent_components())
    for item in components:
        own = None if limits and item.name in together else frozenset({payee})
        asked = {*item.measures, *earlier_measures(quotas)}
        for name in asked:
            _add(sources, people, name, own)
    first = min(
        [
            since,
            *(program.first_deciding_day(name, since) for name in people),
            *(program.first_day_of_targets(q, since) for q in quotas),
        ]
    )
    start = max(first, program.first_credited_day() or first)
    return RowsNeeded(
        payee=payee,
        period=period,
        plan=plan,
        names=known,
        since=since,
        days=DateRange(start, period.end),
        people=people,
        limits=limits,
    )


def recompute(sources: RowsOfPayees, reading: RowsNeeded, *, lines: bool = False) -> list[Earning]:
    """Return the payee's earnings in the pay period by the components of `reading`.

    Args:
        sources: the rows of the tables.
        reading: the rows to read.
        lines: compute lines, too.

    Raises:
        Problems: if the data cannot answer.
    """
    program = sources.program

    conditions = reading.conditions(sources)

    def rows(measure: Measure) -> list[Row]:
        return sources.counted(*conditions[measure.name]) or []

    credits = Credits()
    measures = with_rolled_up(program, reading.people)
    credit_rows(sources, reading.days, measures=measures, rows=rows, credits=credits)
    roll_up(sources, measures, credits)
    problems: list[Diagnostic] = list(credits.problems)
    request = Request(first=reading.period, last=reading.period, lines=lines)
    earner = EarningCalculator(
        sources, CreditTotals(credits.by_measure), request=request, problems=problems, since=reading.since
    )
    versions = tuple(version for version in program.plans if version.name == reading.plan)
    earnings = list(earner.earnings(reading.payee, versions, names=reading.names))
    if reading.limits and any(version.interdependent_components() & reading.names for version in versions):
        others = [payee for payee in payees(sources) if payee != reading.payee]
        earnings += [
            item
            for payee in others
            for item in earner.earnings(payee, versions, names=reading.names, interdependent_only=True)
        ]
    if reading.limits and not errors(problems):
        apply_limits(sources, earnings, problems)
    if errors(problems):
        raise Problems(dict.fromkeys(errors(problems)))
    return [item for item in earnings if item.payee == reading.payee and item.period.index == reading.period.index]


def _deciding(versions: list[PlanVersion], names: frozenset[str], *, limits: bool) -> frozenset[str]:
    """Return the components and all that decide what these pay.

    These are the components whose earnings they read, those that pay into their pool, and all of a plan with a cap.
    """
    if limits and any(version.cap is not None for version in versions):
        return frozenset(item.name for version in versions for item in version.components)
    found = names
    while True:
        items = [item for version in versions for item in version.components if item.name in found]
        more = found | {name for item in items for name in _read(item, limits=limits)}
        if more == found:
            return found
        found = more


def _read(component: Component, *, limits: bool) -> Iterator[str]:
    """Yield the components that decide directly what a component pays."""
    yield from component.earlier
    if limits and isinstance(component.shared, Pool) and component.shared.component is not None:
        yield component.shared.component


def _since(program: Program, versions: list[PlanVersion], components: list[Component], period: Interval) -> date:
    """Return the first day of the widest interval that decides the pay of a period.

    No interval begins before that day and ends after it.
    """
    calendar = program.calendar
    grains = {calendar.pay, *(item.accumulates for item in components), *(item.due for item in components)}
    grains |= {grain for item in components for _, grain in item.longer}
    grains |= {cap.grain for item in components for cap in item.caps}
    grains |= {version.cap.grain for version in versions if version.cap is not None}
    widest = max(grains, key=lambda grain: grain.months)
    windows = [item.window for item in components if item.window is not None]
    days = [window.start for window in windows if window.through is not None and window.through in period]
    return min(calendar.interval(day, widest).start for day in [period.end, *days])


def _add(sources: RowsOfPayees, people: dict[str, Payees], name: str, own: Payees) -> None:
    """Note that the credits of payees `own` of a measure are needed, and those that it rolls up."""
    known = people.get(name, frozenset())
    people[name] = None if own is None or known is None else known | own
    rollup = sources.program.measures[name].rollup
    if rollup is not None:
        _add(sources, people, rollup.measure, sources.below(own, all_levels=rollup.all_levels))
