"""The days on which payees are on a plan version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from spmlang.data.tables import Row
from spmlang.program.program import AssignedMembers, PlanVersion, Program
from spmlang.program.reads import payee_columns
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition
from spmlang.reference.sources.rows import SourceRows, edges, holds, roster_row

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class MembershipSpan:
    """Days (both ends included) on which the payee's roster row, and everything it refers to, does not change."""

    start: date
    end: date
    row: Row

    def cut(self, start: date, end: date) -> MembershipSpan | None:
        """Return the part within start..end; None if there is none."""
        low, high = max(self.start, start), min(self.end, end)
        return MembershipSpan(low, high, self.row) if low <= high else None


def membership_spans(sources: SourceRows, version: PlanVersion, payee: str, last: date) -> list[MembershipSpan]:
    """Return the spans of days up to `last` on which the payee is on the version, in order.

    Raises:
        MissingValue: if the plan's `for` condition reads an absent value.
    """
    first = version.effective.start
    end = min(last, version.effective.through or last)
    if end < first:
        return []
    cuts = {first} | {day for day in _cuts(sources, version, payee) if first < day <= end}
    days = sorted(cuts)
    found = []
    for start, following in zip(days, [*days[1:], end + _DAY], strict=True):
        row = roster_row(sources, payee, start)
        if row is not None and _belongs(sources, version, payee=payee, row=row, day=start):
            found.append(MembershipSpan(start, following - _DAY, row))
    return found


def on_version(sources: SourceRows, version: PlanVersion, payee: str, day: date) -> bool:
    """Return True if the payee is on the version on a day.

    Raises:
        MissingValue: if the plan's `for` condition reads an absent value.
    """
    row = roster_row(sources, payee, day)
    return row is not None and day in version.effective and _belongs(sources, version, payee=payee, row=row, day=day)


def payees(sources: SourceRows) -> list[str]:
    """Return all payees who are on the roster on any day."""
    return sorted({str(row["payee"]) for row in sources.rows(sources.program.roster)})


def _cuts(sources: SourceRows, version: PlanVersion, payee: str) -> Iterator[date]:
    """Yield the days on which anything may change that decides about membership or pay."""
    program = sources.program
    for row in sources.having(program.roster, "payee", payee):
        yield from edges(row)
    if isinstance(version.members, AssignedMembers):
        for row in sources.having(version.members.table, "payee", payee):
            yield from edges(row)
    for source in dated_sources(program, version):
        yield from sources.changes(source)


def _belongs(sources: SourceRows, version: PlanVersion, *, payee: str, row: Row, day: date) -> bool:
    """Return True if the plan's assignments or its `for` condition include the payee on a day."""
    if isinstance(version.members, AssignedMembers):
        rows = sources.having(version.members.table, "payee", payee)
        return any(item["plan"] == version.name and holds(item, day) for item in rows)
    return evaluate_condition(version.members, EvaluationContext(sources=sources, row=row, day=day))


def dated_sources(program: Program, version: PlanVersion) -> frozenset[str]:
    """Return the dated sources that a version's expressions about the payee refer to."""
    steps = (step for column in payee_columns(version) for step in column.steps)
    return frozenset(step.target for step in steps if program.contracts[step.target].dated is not None)
