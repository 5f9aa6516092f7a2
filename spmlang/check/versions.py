"""Plan versions: apply changes to the version that they change, and close each version before the next one starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from spmlang.diagnostics.diagnostic import Label
from spmlang.diagnostics.text import Span
from spmlang.program.measures import DateRange
from spmlang.syntax import ast
from spmlang.syntax.statements import COMPONENT, PLAN, kind_in, removed_by

from .context import Context, only_statement
from .declared_names import require_visible
from .measures import date_range
from .templates import expand_template
from .unknown_names import report_unknown_component


@dataclass(frozen=True)
class Resolved:
    """A version with all inherited statements and its dates."""

    node: ast.Plan
    statements: tuple[ast.Statement, ...]
    dates: DateRange


def resolve_versions(context: Context) -> list[Resolved]:
    """Return all complete versions of all plans, sorted by plan and start.

    Each version has the statements that it inherits and its real last day.
    """
    by_plan: dict[str, dict[int, ast.Plan]] = {}
    for node in context.plans:
        versions = by_plan.setdefault(node.name.text, {})
        if node.version in versions:
            why = [Label(versions[node.version].name.span, "it is declared here first")]
            context.report("version-twice", node.name.span, why, name=node.name.text, version=node.version)
        else:
            versions[node.version] = node
    resolved = []
    for name in sorted(by_plan):
        resolved += _timeline(context, _versions_of(context, by_plan[name]))
    return resolved


def _versions_of(context: Context, versions: dict[int, ast.Plan]) -> list[Resolved]:
    """Return the versions of one plan with all changes applied, by number."""
    complete: dict[int, tuple[ast.Statement, ...]] = {}
    found = []
    for number in sorted(versions):
        node = versions[number]
        if node.changes is None:
            statements = _stand_alone(context, node)
        elif node.changes not in complete:
            if node.changes in versions and node.changes < number:
                continue  # the version that this one changes was reported itself
            why = [Label(item.name.span, f"version {item.version}") for item in versions.values() if item is not node]
            if node.name.text not in context.undeclared_after_error:
                context.report("changes-unknown", node.name.span, why, name=node.name.text, version=node.changes)
            continue
        else:
            base = versions[node.changes]
            require_visible(context, ast.Name(node.name.span, node.name.text), "plan", base.name.span)
            statements = _changed(context, node, complete[node.changes])
        complete[number] = statements
        effective = only_statement(context, node.statements, ast.Effective)
        if effective is None:
            if not node.damaged:
                context.report("plan-lacks", node.name.span, name=node.name.text, word="effective from")
            continue
        found.append(Resolved(node, statements, date_range(context, effective.dates)))
    return found


def _stand_alone(context: Context, node: ast.Plan) -> tuple[ast.Statement, ...]:
    """Return the statements of a version that changes no other one; report change statements."""
    for statement in node.statements:
        if isinstance(statement, ast.Replace | ast.Add | ast.Remove):
            context.report("change-without-base", statement.span, name=node.name.text, version=node.version)
    own = [item for item in node.statements if not isinstance(item, ast.Replace | ast.Add | ast.Remove)]
    return tuple(part for item in own for part in _expanded(context, item))


def _expanded(context: Context, item: ast.Statement) -> tuple[ast.Statement, ...]:
    """Return the statements of an applied template, or the statement itself."""
    return expand_template(context, item) if isinstance(item, ast.Apply) else (item,)


def _changed(context: Context, node: ast.Plan, base: tuple[ast.Statement, ...]) -> tuple[ast.Statement, ...]:
    """Return the statements of version `base` with the changes of `node` applied.

    The dates, the reason and the gap are those of `node`.
    """
    statements: list[ast.Statement] = [item for item in base if kind_in(PLAN, item).inherited]
    for change in node.statements:
        match change:
            case ast.Replace():
                for new in _expanded(context, change.new):
                    _replace(context, node.name.text, statements, new)
            case ast.Add():
                for new in _expanded(context, change.new):
                    _add(context, node.name.text, statements, new)
            case ast.Remove():
                _remove(context, node.name.text, statements, change)
            case _ if kind_in(PLAN, change).inherited:
                context.report("change-how", change.span, version=node.version)
    own = [item for item in node.statements if not kind_in(PLAN, item).inherited]
    return (*own, *statements)


def _component_at(
    context: Context,
    plan: str,
    statements: list[ast.Statement],
    change: ast.Component | ast.ComponentStatement | ast.Remove,
) -> tuple[int, ast.Component] | None:
    """Return the position among the statements of the component that is changed, and the component.

    An unknown name, or a component of another kind, is reported.
    """
    name, kind = change.name, change.kind
    for index, item in enumerate(statements):
        if isinstance(item, ast.Component) and item.name.text == name.text:
            if item.kind != kind:
                why = [Label(item.name.span, "declared here")]
                context.report("other-kind", name.span, why, found=item.kind, kind=kind)
                return None
            return index, item
    known = [item.name.text for item in statements if isinstance(item, ast.Component)]
    report_unknown_component(context, plan, name, known, kind=kind)
    return None


def _replace(context: Context, plan: str, statements: list[ast.Statement], new: ast.Statement) -> None:
    """Replace a component, a statement of a component, or a property of the plan in `statements`."""
    if isinstance(new, ast.Component):
        found = _component_at(context, plan, statements, new)
        if found is not None:
            statements[found[0]] = new
    elif isinstance(new, ast.ComponentStatement):
        found = _component_at(context, plan, statements, new)
        if found is not None:
            index, component = found
            statements[index] = replace(component, statements=_with_part(context, component, new))
    else:
        kept = [item for item in statements if not _is_replaced_by(item, new)]
        if isinstance(new, ast.Draw) and len(kept) == len(statements):
            known = [item.name.text for item in statements if isinstance(item, ast.Draw)]
            report_unknown_component(context, plan, new.name, known, kind="draw")
        statements[:] = [*kept, new]


def _is_replaced_by(item: ast.Statement, new: ast.Statement) -> bool:
    """Return True if a new property of the plan replaces an old one.

    A draw replaces only the draw with the same name.
    """
    return type(item) is type(new) and not (
        isinstance(item, ast.Draw) and isinstance(new, ast.Draw) and item.name.text != new.name.text
    )


def _with_part(context: Context, component: ast.Component, part: ast.ComponentStatement) -> tuple[ast.Statement, ...]:
    """Return the component's statements with one replaced.

    New tiers without `by …` keep the basis, mode and quota of the old ones. A new cap replaces the cap of the same
    interval, if there are several.
    """
    new = part.statement
    old = next((item for item in component.statements if isinstance(item, ast.Tiers)), None)
    if isinstance(new, ast.Tiers) and new.basis is None and old is not None:
        new = replace(new, basis=old.basis, mode=old.mode, quota=old.quota)
    kind = kind_in(COMPONENT, new)
    gone = [item for item in component.statements if isinstance(item, kind.replaces or type(new))]
    if isinstance(new, ast.Cap) and len(gone) > 1:
        gone = [cap for cap in gone if isinstance(cap, ast.Cap) and _grain(cap) == _grain(new)] or gone
    words = {"kind": part.kind, "name": component.name.text, "part": part.statement.span.text.split()[0]}
    if context.is_damaged(component.span):
        return (*(item for item in component.statements if item not in gone), new)
    if not gone and not kind.has_default:
        context.report("nothing-to-replace", part.span, [Label(component.name.span, "the component")], **words)
    elif len(gone) > 1 and COMPONENT in kind.several:
        why = [Label(item.span, "this one?") for item in gone]
        context.report("replace-which", part.span, why, count=len(gone), **words)
    return (*(item for item in component.statements if item not in gone), new)


def _grain(cap: ast.Cap) -> str:
    return cap.grain.word if cap.grain else "period"


def _add(context: Context, plan: str, statements: list[ast.Statement], new: ast.Statement) -> None:
    """Add a component, a statement of a component, or a property of the plan to `statements`."""
    if isinstance(new, ast.ComponentStatement):
        found = _component_at(context, plan, statements, new)
        if found is not None:
            index, component = found
            statements[index] = replace(component, statements=(*component.statements, new.statement))
        return
    if isinstance(new, ast.Component):
        old = next((x for x in statements if isinstance(x, ast.Component) and x.name.text == new.name.text), None)
        if old is not None:
            why = [Label(old.name.span, "it is declared here")]
            context.report("already-there", new.name.span, why, kind=new.kind, name=new.name.text)
            return
    statements.append(new)


def _remove(context: Context, plan: str, statements: list[ast.Statement], change: ast.Remove) -> None:
    """Remove a component, a statement of a component, or a property of the plan from `statements`."""
    if removed_by(PLAN, change.kind):
        _remove_of_plan(context, plan, statements, change)
        return
    found = _component_at(context, plan, statements, change)
    if found is None:
        return
    index, component = found
    if change.part is None:
        name = component.name.text
        statements[:] = [
            item
            for item in statements
            if item is not component and not (isinstance(item, ast.Watch) and item.component.text == name)
        ]
        return
    gone = removed_by(COMPONENT, change.part)
    left = tuple(item for item in component.statements if not isinstance(item, gone))
    if len(left) == len(component.statements) and not context.is_damaged(component.span):
        context.report("nothing-to-remove", change.span, name=component.name.text, part=change.part)
    statements[index] = replace(component, statements=left)


def _remove_of_plan(context: Context, plan: str, statements: list[ast.Statement], change: ast.Remove) -> None:
    """Remove a property of the plan, or its watch, quota or draw of the name."""
    kinds, name = removed_by(PLAN, change.kind), change.name.text
    kept = [item for item in statements if not (isinstance(item, kinds) and _name(item) in (None, name))]
    if len(kept) < len(statements):
        statements[:] = kept
    elif change.kind == name:
        context.report("nothing-to-remove", change.span, name=plan, part=change.kind)
    else:
        known = [other for item in statements if isinstance(item, kinds) and (other := _name(item)) is not None]
        report_unknown_component(context, plan, change.name, known, kind=change.kind)


def _name(statement: ast.Statement) -> str | None:
    """Return the name by which `remove` refers to a watch, a quota or a draw; None for a property of the plan."""
    match statement:
        case ast.Watch():
            return statement.component.text
        case ast.Quota() | ast.Draw():
            return statement.name.text
    return None


def _timeline(context: Context, versions: list[Resolved]) -> list[Resolved]:
    """Return the versions in order of time, each ending before the next one starts.

    An overlap is reported, and so is a gap that the later version does not declare.
    """
    versions.sort(key=lambda item: (item.dates.start, item.node.version))
    closed = []
    for earlier, later in pairwise(versions):
        end, start = earlier.dates.through, later.dates.start
        if start == earlier.dates.start:
            why = [Label(_effective_span(earlier), f"version {earlier.node.version} starts here")]
            numbers = {"earlier": earlier.node.version, "later": later.node.version}
            context.report(
                "versions-start-together", _effective_span(later), why, name=later.node.name.text, day=start, **numbers
            )
        elif end is not None and end >= start:
            _overlap(context, earlier, later)
        elif end is not None and end + timedelta(days=1) < start and not _declares_gap(later):
            why = [Label(_effective_span(earlier), f"version {earlier.node.version} ends here")]
            days = {"start": end + timedelta(days=1), "through": _day_before(start)}
            context.report("version-gap", _effective_span(later), why, name=later.node.name.text, **days)
        through = _day_before(start) if end is None or end >= start else end
        closed.append(replace(earlier, dates=DateRange(earlier.dates.start, through)))
    return closed + versions[-1:]


def _overlap(context: Context, earlier: Resolved, later: Resolved) -> None:
    why = [Label(_effective_span(earlier), f"version {earlier.node.version} holds on that day")]
    context.report(
        "versions-overlap",
        _effective_span(later),
        why,
        name=later.node.name.text,
        earlier=earlier.node.version,
        later=later.node.version,
        day=later.dates.start,
        before=_day_before(later.dates.start),
    )


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


def _declares_gap(version: Resolved) -> bool:
    return any(isinstance(statement, ast.Gap) for statement in version.node.statements)


def _effective_span(version: Resolved) -> Span:
    return next(item for item in version.node.statements if isinstance(item, ast.Effective)).span
