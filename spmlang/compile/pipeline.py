"""Build the pipeline of a program: its stages in order, and its outputs.

Each stage is a table that can be opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from spmlang.program.measures import Measure
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.nodes import Check, Const, Filter, Input, Pipeline, Project, Ref, Relation, Stage
from spmlang.values.calendar import Interval

from . import result_tables
from .attainment.measures_to_date import AccumulationWindow, measure_stages, reporting_line_stages
from .attainment.quotas import QuotaRequest, quota_requests, quota_stages
from .credits.credit_rows import share_checks
from .credits.credit_shares import missing_row_checks
from .credits.credit_sums import CreditSumStage, credited_sums
from .credits.ordered_credits import credit_stages
from .credits.territories import territory_stages
from .earnings.component import CompiledComponent, quotas_needed
from .earnings.due_periods import due_rows
from .earnings.earnings import earnings_by_period, first_slice_stage, first_slices, slice_rows, with_earned
from .earnings.line_deltas import DELTA_COLUMNS, line_deltas
from .earnings.payout_rows import PayoutKeys, row_keys, union_steps
from .earnings.proration import last_slice_stage, last_slices, prorated_deltas, prorated_rows
from .limits.budgets import line_stages
from .limits.caps import limit_stages, periods_input
from .payees.plan_members import member_stages, on_roster_in, payee_checks
from .periods.days import day_stages
from .periods.payee_slices import payee_slice_stages
from .periods.slices import DatedTableFacts, Slices, build_slices
from .reconciliation.classes_of_shares import class_stages, not_on_roster, reconciliation
from .reconciliation.measures_read import measures_read
from .sources.columns_read import pay_expressions

Stages = list[nodes.Step | Check | Input | nodes.WeightStage]


def build_pipeline(
    program: Program,
    first: Interval,
    last: Interval,
    changes: Mapping[str, Iterable[date]],
    dated: DatedTableFacts,
    *,
    lines: bool,
    at_once: bool = True,
) -> Pipeline:
    """Build the pipeline that computes the pay periods `first` to `last`.

    Args:
        program: The checked program.
        first: The first pay period of the run. It limits lines and reconciliation, not the credits that are counted.
        last: The last pay period of the run.
        changes: For each source that `changing_sources` names, the days on which it changes. More days change no
            result.
        dated: Facts about the data of dated sources. They make a run quicker and change no result.
        lines: True to compute the line of every credit.
        at_once: True to sum a source for several payee columns in one scan.

    Returns:
        A pipeline with the outputs `payouts`, `uncredited` and `reconciliation`. It also has `not_on_roster` if any
        measure has a source, `pots` if there are pools, `released` if a component is paid by line, and `credits` and
        `lines` if `lines` is true.
    """
    slices = build_slices(program, last, changes, dated)
    keys = row_keys(program)
    works = _compiled_components(program, keys)
    used = used_measures(program, works)
    stages: Stages = [slices.input(), *day_stages(program, used.values(), slices)]
    stages += territory_stages(program, used.values())
    stages += missing_row_checks(program, used.values(), slices)
    stages += share_checks(program, used.values(), slices)
    stages += payee_slice_stages(program, used.values(), slices)
    stages += member_stages(program, slices)
    stages += reporting_line_stages(program, used.values(), slices)
    sums = credited_sums(program, used.values(), slices, at_once=at_once)
    stages += [*(item.stage for item in sums), *_measure_stages(used, works, sums, slices)]
    read = measures_read(works, first)
    stages += class_stages(program, used, read, sums, slices, first)
    stages += [*_first_slices(program, works, slices), *_last_slices(program, works, slices)]
    stages += _quotas(program, works, slices)
    walked = set(used) if lines else {name for work in works if work.walked for name in work.component.measures}
    together = {name for work in works for name in work.component.measures if len(work.component.measures) > 1}
    if lines or any(work.walked for work in works):
        stages += credit_stages(program, used, walked, together, slices)
    stages += _earnings(works, slices, together, lines=lines)
    limiting, limited = limit_stages(program, works, keys, slices)
    stages += limiting
    by_line = [work for work in works if work.component.paid_by_line]
    if lines or by_line:
        stages += line_stages(program, keys, limited)
    outputs = [
        result_tables.payouts(limited),
        result_tables.uncredited(program, used, slices),
        reconciliation(program, used, read, sums, slices),
    ]
    if sums:
        outputs.append(not_on_roster(program, used, slices))
    pots = result_tables.pots(program)
    if pots is not None:
        outputs.append(pots)
    if by_line:
        outputs.append(result_tables.released(keys, by_line))
    if lines:
        outputs += [result_tables.all_credits(), result_tables.lines(first)]
    names = [item.name for item in stages if not isinstance(item, Check)]
    assert len(names) == len(set(names)), "a stage has a name of its own"
    return Pipeline(
        tuple(item for item in stages if isinstance(item, Input)),
        tuple(item for item in stages if not isinstance(item, Input)),
        tuple(outputs),
    )


def build_crediting(
    program: Program, last: Interval, changes: Mapping[str, Iterable[date]], dated: DatedTableFacts
) -> Pipeline:
    """Build the pipeline that computes who is credited, without any earnings.

    The parameters are those of `build_pipeline`. The outputs are `uncredited` and `credits`.
    """
    slices = build_slices(program, last, changes, dated)
    used = used_measures(program, _compiled_components(program, row_keys(program)))
    stages: Stages = [slices.input(), periods_input(slices), *day_stages(program, used.values(), slices)]
    stages += territory_stages(program, used.values())
    stages += missing_row_checks(program, used.values(), slices)
    stages += payee_slice_stages(program, used.values(), slices)
    stages += member_stages(program, slices)
    stages += reporting_line_stages(program, used.values(), slices)
    stages += credit_stages(program, used, set(used), set(), slices)
    return Pipeline(
        tuple(item for item in stages if isinstance(item, Input)),
        tuple(item for item in stages if not isinstance(item, Input)),
        (result_tables.uncredited(program, used, slices), result_tables.all_credits()),
    )


def used_measures(program: Program, works: list[CompiledComponent]) -> dict[str, Measure]:
    """Return the measures that a run needs, each rollup after its base.

    A run needs the measures that components read, the revenue measures of plans, the measures whose earlier results
    make a target, and the bases of all these.
    """
    waiting = [name for plan in program.plans for component in plan.components for name in component.measures]
    waiting += [plan.revenue for plan in program.plans if plan.revenue is not None]
    waiting += [node.measure for work in works for asked in work.quotas.values() for node in asked.quota.earlier]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        rollup = program.measures[name].rollup
        if rollup is not None:
            waiting.append(rollup.measure)
    return {name: measure for name, measure in program.measures.items() if name in found}


def _compiled_components(program: Program, keys: PayoutKeys) -> list[CompiledComponent]:
    """Return every component of every plan version, compiled, with the quotas that it needs."""
    pairs = [(version, component) for version in program.plans for component in version.components]
    asked = quota_requests((version, quotas_needed(component).values()) for version, component in pairs)
    works = []
    for version, component in pairs:
        wanted = quotas_needed(component).items()
        own = {key: asked[version.quotas[name], grain, since] for key, (name, grain, since) in wanted}
        works.append(CompiledComponent(program, version, component, own, keys))
    return works


def _measure_stages(
    used: dict[str, Measure], works: list[CompiledComponent], sums: list[CreditSumStage], slices: Slices
) -> list[nodes.Step]:
    """Build the stages of measures to date for every scope that components read."""
    read = dict.fromkeys((name, work.scope) for work in works for name in work.measures)
    read |= dict.fromkeys((name, own) for work in works for _, name, own in work.read)
    return measure_stages(used, sums, slices, read=read, scopes=dict.fromkeys(work.scope for work in works))


def _first_slices(program: Program, works: list[CompiledComponent], slices: Slices) -> Stages:
    """Build the stages of each payee's first slice on a plan, for components that read no measure."""
    needed: dict[str, tuple[str, AccumulationWindow]] = {}
    for work in works:
        if not work.component.measures:
            needed[first_slice_stage(work.version, work.scope)] = (work.version.name, work.scope)
    found: Stages = []
    for name, (plan, scope) in needed.items():
        versions = [version for version in program.plans if version.name == plan]
        found.append(nodes.Step(name, first_slices(versions, scope, slices), ""))
    return found


def _last_slices(program: Program, works: list[CompiledComponent], slices: Slices) -> Stages:
    """Build the stages of each payee's last slice on a plan, for prorated components."""
    needed = {
        last_slice_stage(work.version, work.scope): (work.version.name, work.scope)
        for work in works
        if work.component.prorated is not None
    }
    return [
        nodes.Step(name, last_slices([version for version in program.plans if version.name == plan], scope, slices), "")
        for name, (plan, scope) in needed.items()
    ]


def _quotas(program: Program, works: list[CompiledComponent], slices: Slices) -> Stages:
    """Build the stages of every quota, each for all components that request it."""
    askers: dict[str, tuple[QuotaRequest, list[Relation]]] = {}
    for work in works:
        for asked in work.quotas.values():
            rows = due_rows(program, work.version, work.component, slices)
            askers.setdefault(asked.stage, (asked, []))[1].append(rows)
    found: Stages = []
    for asked, relations in askers.values():
        found += quota_stages(program, slices, asked, relations)
    return found


def _earnings(works: list[CompiledComponent], slices: Slices, together: set[str], *, lines: bool) -> Stages:
    """Build the stages of all components' earnings, and `earned` (all payout rows) and `moves` (all line deltas).

    Args:
        works: The compiled components.
        slices: The slices of the run.
        together: The measures that some component reads together with others.
        lines: True to compute line deltas of all components, not only of those that are computed credit by credit.
    """
    found: Stages = []
    sums, moved = [], []
    for level in _in_reading_order(works):
        for work in level:
            rows = slice_rows(work, slices) if work.component.prorated is None else prorated_rows(work, slices)
            found.append(nodes.Step(work.stage("slices"), rows, work.component.span.place))
        for work in level:
            judged: Relation = Stage(work.stage("slices"))
            due = on_roster_in(judged if work.component.prorated is None else Filter(judged, Ref("fresh")))
            found += payee_checks(work.program, pay_expressions(work.component), due)
        for work in level:
            place = work.component.span.place
            if lines or work.walked:
                walked = line_deltas(work, together) if work.component.prorated is None else prorated_deltas(work)
                found.append(nodes.Step(work.stage("moves"), walked, place))
                moved.append((work, Stage(work.stage("moves"))))
            own = with_earned(Stage(work.stage("slices")), Stage(work.stage("moves")) if work.per_line else None)
            found.append(nodes.Step(work.stage("due"), earnings_by_period(work, own, slices), place))
            sums.append(Stage(work.stage("due")))
    found += union_steps("earned", sums)
    if moved:
        found += union_steps("moves", [_with_payout_key(work, stage) for work, stage in moved])
    return found


def _in_reading_order(works: list[CompiledComponent]) -> Iterable[list[CompiledComponent]]:
    """Yield the components in groups, each group after the components whose earnings it reads.

    A checked program has no circle of such components. With a circle this would not end.
    """
    waiting = works
    while waiting:
        open_names = {(work.version.name, work.component.name) for work in waiting}
        ready = [
            work
            for work in waiting
            if not any((work.version.name, name) in open_names for name in work.component.earlier)
        ]
        yield ready
        made = {work.stage("due") for work in ready}
        waiting = [work for work in waiting if work.stage("due") not in made]


def _with_payout_key(work: CompiledComponent, stage: Stage) -> Relation:
    """Return a component's line deltas with the numbers of its plan, version and component."""
    return Project(
        stage,
        (
            ("period", Ref("due")),
            *((name, Const(key)) for name, key in work.keys.of(work.version, work.component.name).items()),
            *((column, Ref(column)) for column in ("payee", *DELTA_COLUMNS, "moved")),
        ),
    )
