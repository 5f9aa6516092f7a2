"""Choose the changes in dated sources that cut time: those that a plan can see."""

from __future__ import annotations

from spmlang.compile.sources.references import can_be_missing, own_columns
from spmlang.program.expressions import Column
from spmlang.program.measures import GroupCredit, TerritoryCredit
from spmlang.program.program import AssignedMembers, Program
from spmlang.program.reads import daily_columns, payee_columns

#: The columns that differ in every two rows.
_EACH_ROW = ("_file", "_row")


def changing_sources(program: Program) -> tuple[str, ...]:
    """Return the dated sources whose rows cut time.

    They are the roster, reporting lines, assignments, owners, groups, and the sources that plans read of a payee.
    """
    found = {program.roster, *_besides_the_roster(program)}
    return tuple(sorted(name for name in found if program.contracts[name].dated is not None))


def own_sources(program: Program) -> tuple[str, ...]:
    """Return the dated sources whose rows cut time for their payee: roster, reporting lines, assignments."""
    found = {program.roster, *_lines_and_assignments(program)}
    return tuple(sorted(name for name in found if program.contracts[name].dated is not None))


def payee_only_sources(program: Program) -> set[str]:
    """Return the sources whose rows cut time for single payees only.

    No plan reads these rows except for the payee, owner or member that they name.
    """
    read = {step.target for column in _read(program) for step in column.steps}
    owned = {territory.owners_table for territory in program.territories if territory.owners_table}
    shares = [share for measure in program.measures.values() for share in measure.credits]
    return {*own_sources(program), *owned, *(share.table for share in shares if isinstance(share, GroupCredit))} - read


def change_columns(program: Program, source: str) -> tuple[str, ...]:
    """Return the columns in which two adjacent rows of a source must differ to cut time.

    Of the roster they are the payee and the columns that plans read day by day. A new phone number changes no payout,
    and a new limit of a cap only matters on the last day of an interval.

    Each row of any other source cuts time. So does each row of a roster that is also a source of another kind, whose
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
    """Return the roster columns that plans read, including those behind references."""
    return [column for plan in program.plans for column in payee_columns(plan)]


def _besides_the_roster(program: Program) -> set[str]:
    """Return the sources that cut time for another reason than being the roster."""
    shares = [share for measure in program.measures.values() for share in measure.credits]
    found = _lines_and_assignments(program)
    if any(isinstance(share, TerritoryCredit) for share in shares):
        found |= {territory.owners_table for territory in program.territories if territory.owners_table}
    found |= {share.table for share in shares if isinstance(share, GroupCredit)}
    return found | {step.target for column in _read(program) for step in column.steps}


def _lines_and_assignments(program: Program) -> set[str]:
    """Return the sources of assignments and, if there are rollups, of reporting lines."""
    found = {plan.members.table for plan in program.plans if isinstance(plan.members, AssignedMembers)}
    if any(measure.rollup is not None for measure in program.measures.values()):
        found.add(str(program.managers))
    return found
