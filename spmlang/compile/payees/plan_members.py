"""Find the payees on each plan version in each slice, with the roster columns that plans read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from spmlang.compile.periods.payee_slices import payee_slices
from spmlang.compile.periods.slices import Slices, slice_within
from spmlang.compile.sources.expressions import Bindings, scalar
from spmlang.compile.sources.references import (
    absent,
    can_be_missing,
    column_alias,
    column_aliases,
    column_name,
    join_references,
    missing_row_words,
    own_columns,
)
from spmlang.compile.stages.payees import MEMBERS, ON_PLAN, ON_ROSTER
from spmlang.program.expressions import Column, Expr
from spmlang.program.program import AssignedMembers, PlanVersion, Program
from spmlang.program.reads import payee_columns, required_columns
from spmlang.relations import nodes
from spmlang.relations.nodes import (
    Aggregate,
    Check,
    Compare,
    Const,
    Filter,
    Join,
    Logic,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    Union,
)


def members_of(versions: Iterable[PlanVersion]) -> Relation:
    """Return the payees on any of the versions: payee, slice."""
    columns = (("payee", Ref("payee")), ("slice", Ref("slice")))
    return Union(tuple(Project(MEMBERS.rows(version.name, version.version), columns) for version in versions))


def member_stages(program: Program, slices: Slices) -> list[nodes.Step | Check]:
    """Build `ON_ROSTER`, the stages and checks of each version's members, and `ON_PLAN`."""
    columns = tuple(dict.fromkeys(column for plan in program.plans for column in payee_columns(plan)))
    stages: list[nodes.Step | Check] = [nodes.Step(ON_ROSTER.name(), _on_roster(program, columns, slices), "")]
    for version in program.plans:
        name = MEMBERS.name(version.name, version.version)
        stages.append(nodes.Step(name, _members(version), version.span.place))
        stages += _member_checks(program, version, slices)
    stages.append(nodes.Step(ON_PLAN.name(), Aggregate(members_of(program.plans), ("payee", "slice"), ()), ""))
    return stages


def _on_roster(program: Program, columns: tuple[Column, ...], slices: Slices) -> Relation:
    """Return the roster row of each payee in each slice, with the columns that plans read."""
    roster = program.roster
    own = sorted(own_columns(columns) | {"payee", "_file", "_row", "_key", "_from", "_through"})
    rows = Source(roster, tuple((column_name(roster, (), name), name) for name in own))
    starts, ends = Ref(column_name(roster, (), "_from")), Ref(column_name(roster, (), "_through"))
    # Rows in force within a slice differ only in columns that caps read, and a cap's limit is read on the last day.
    tests: list[Scalar] = [Compare(">=", Ref("last_day"), starts), Compare("<=", Ref("last_day"), ends)]
    wanted = [(name, cast(Scalar, Ref(name))) for name in ("slice", "first_day", "last_day")]
    own_slices, by = payee_slices(slices)
    if "payee" in by:
        tests.insert(0, Compare("==", Ref(column_name(roster, (), "payee")), Ref("own_payee")))
        wanted.append(("own_payee", Ref("payee")))
    in_force = Logic("and", tuple(tests))
    days = Project(own_slices, tuple(wanted))
    found = join_references(
        program, roster, columns=columns, more=(), day=Ref("last_day"), relation=Join(rows, days, on=in_force)
    )
    kept = [column_name(roster, (), name) for name in ("_file", "_row", "_key")]
    kept += [column_alias(column) for column in columns]
    payee = ("payee", Ref(column_name(roster, (), "payee")))
    dated = (("slice", Ref("slice")), ("first_day", Ref("first_day")), ("last_day", Ref("last_day")))
    return Project(found, (payee, *dated, *((name, Ref(name)) for name in dict.fromkeys(kept))))


def _members(version: PlanVersion) -> Relation:
    """Return the members of a version: payee, slice, roster columns."""
    rows: Relation = Filter(ON_ROSTER.rows(), slice_within(version.effective))
    if isinstance(version.members, AssignedMembers):
        rows = _assigned(version.members.table, version.name, rows)
    else:
        rows = Filter(rows, scalar(version.members, Bindings(columns=column_aliases(payee_columns(version)))))
    kept = dict.fromkeys(column_alias(column) for column in payee_columns(version))
    return Project(rows, tuple((name, Ref(name)) for name in ("payee", "slice", *kept)))


def _assigned(table: str, plan: str, rows: Relation) -> Relation:
    """Keep the rows of payees whom the table assigns to the plan on the slice's first day."""
    assignments = Source(
        table, (("assigned", "payee"), ("to", "plan"), ("assigned_from", "_from"), ("assigned_through", "_through"))
    )
    held = Logic(
        "and",
        (
            Compare("==", Ref("payee"), Ref("assigned")),
            Compare(">=", Ref("first_day"), Ref("assigned_from")),
            Compare("<=", Ref("first_day"), Ref("assigned_through")),
        ),
    )
    return Join(rows, Filter(assignments, Compare("==", Ref("to"), Const(plan))), on=held)


def _member_checks(program: Program, version: PlanVersion, slices: Slices) -> list[Check]:
    """Build checks that columns of the version's `for` condition have values for all payees on the roster.

    Only slices within the version and the run are checked.
    """
    if isinstance(version.members, AssignedMembers):
        return []
    looked_at = Logic("and", (slice_within(version.effective), Compare("<=", Ref("first_day"), Const(slices.last.end))))
    return payee_checks(program, (version.members,), Filter(ON_ROSTER.rows(), looked_at))


def checks_after_run(program: Program, plan: str, expected: Relation, slices: Slices) -> list[Check]:
    """Build checks that columns of `for` conditions have values after the run.

    A quota that counts days on the plan reads them there.

    Only payees and intervals in `expected` are checked, because only these have the quota.
    """
    columns = (("asking", Ref("payee")), ("part_start", Ref("part_start")), ("part_end", Ref("part_end")))
    asked = Aggregate(Project(expected, columns), tuple(name for name, _ in columns), ())
    within_part = (
        Compare("==", Ref("payee"), Ref("asking")),
        Compare(">=", Ref("first_day"), Ref("part_start")),
        Compare("<=", Ref("last_day"), Ref("part_end")),
    )
    checks = []
    for version in program.plans:
        if version.name == plan and not isinstance(version.members, AssignedMembers):
            to_come = Logic(
                "and", (slice_within(version.effective), Compare(">", Ref("first_day"), Const(slices.last.end)))
            )
            ahead = Join(Filter(ON_ROSTER.rows(), to_come), asked, on=Logic("and", within_part))
            checks += payee_checks(program, (version.members,), ahead)
    return checks


def payee_checks(program: Program, expressions: Iterable[Expr], rows: Relation) -> list[Check]:
    """Build checks that required columns behind dated references have values on the given rows of `ON_ROSTER`.

    Columns for which `or else` or `is present` answers are not checked.
    """
    checks = []
    for column in required_columns(*expressions):
        if not can_be_missing(program, column):
            continue
        words = (
            ("_file", Ref(column_name(program.roster, (), "_file"))),
            ("_row", Ref(column_name(program.roster, (), "_row"))),
            ("value", Ref("payee")),
            ("day", Ref("last_day")),
        )
        bad = Project(Filter(rows, absent(column)), words)
        checks.append(Check("run-no-row-in-force", bad, None, missing_row_words(program, column)))
    return checks


def on_roster_in(rows: Relation, slice_column: str = "slice") -> Relation:
    """Return the rows of `ON_ROSTER` for the payees and slices of a relation."""
    pairs = Project(rows, (("payee", Ref("payee")), ("slice", Ref(slice_column))))
    return Join(ON_ROSTER.rows(), Aggregate(pairs, ("payee", "slice"), ()), ("payee", "slice"))
