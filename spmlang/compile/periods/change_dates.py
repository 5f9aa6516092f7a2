"""Which changes in dated sources cut time: those that a plan can see."""

from __future__ import annotations

from spmlang.compile.sources.columns_read import daily_columns, payee_columns
from spmlang.compile.sources.references import can_be_missing, own_columns
from spmlang.program.expressions import Column
from spmlang.program.measures import GroupCredit, TerritoryCredit
from spmlang.program.program import AssignedMembers, Program

#: Each row is told apart from every other.
_EACH_ROW = ("_file", "_row")


def changing_sources(program: Program) -> tuple[str, ...]:
    """The dated sources whose rows cut time: roster, managers, assignments, owners, and what plans read of a payee."""
    found = {program.roster, *_besides_the_roster(program)}
    return tuple(sorted(name for name in found if program.contracts[name].dated is not None))


def own_sources(program: Program) -> tuple[str, ...]:
    """The dated sources whose rows, one payee's each, cut time for that payee: the roster, reporting lines, assignments."""
    found = {program.roster, *_lines_and_assignments(program)}
    return tuple(sorted(name for name in found if program.contracts[name].dated is not None))


def payee_only_sources(program: Program) -> set[str]:
    """The sources whose rows do not cut time for everybody: no plan reads them but for the payee, owner or member they are of."""
    read = {step.target for column in _read(program) for step in column.steps}
    owned = {territory.owners_table for territory in program.territories if territory.owners_table}
    shares = [share for measure in program.measures.values() for share in measure.credits]
    return {*own_sources(program), *owned, *(share.table for share in shares if isinstance(share, GroupCredit))} - read


def change_columns(program: Program, source: str) -> tuple[str, ...]:
    """The columns in which a row of a changing source must differ from the next, or nothing changes between them.

    Of the roster those that plans read day by day, besides the payee: a new phone number moves no money, and a new limit does
    when an interval ends. Of other sources it is each row by itself, as it is of a roster that is something else, too, whose
    rows' days are counted, or whose rows an error may name.
    """
    by_row = (
        source in _besides_the_roster(program)
        or any(quota.on_plan for plan in program.plans for quota in plan.quotas.values())
        or any(component.prorated is not None for plan in program.plans for component in plan.components)
        or any(can_be_missing(program, column) for column in _read(program))
    )
    daily = [column for plan in program.plans for column in daily_columns(plan)]
    daily += [column for column in _read(program) if column.steps]
    return _EACH_ROW if by_row else ("payee", *sorted(own_columns(daily) - {"payee"}))


def _read(program: Program) -> list[Column]:
    return [column for plan in program.plans for column in payee_columns(plan)]


def _besides_the_roster(program: Program) -> set[str]:
    shares = [share for measure in program.measures.values() for share in measure.credits]
    found = _lines_and_assignments(program)
    if any(isinstance(share, TerritoryCredit) for share in shares):
        found |= {territory.owners_table for territory in program.territories if territory.owners_table}
    found |= {share.table for share in shares if isinstance(share, GroupCredit)}
    return found | {step.target for column in _read(program) for step in column.steps}


def _lines_and_assignments(program: Program) -> set[str]:
    found = {plan.members.table for plan in program.plans if isinstance(plan.members, AssignedMembers)}
    if any(measure.rollup is not None for measure in program.measures.values()):
        found.add(str(program.managers))
    return found
