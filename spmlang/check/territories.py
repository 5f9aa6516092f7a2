"""Check of territories: the rows they cover, and their owners by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import AllOf, Column, Expr, Literal, Negation, walk
from spmlang.program.measures import Ownership, Territory
from spmlang.program.types import FLAG, UNKNOWN
from spmlang.syntax import ast

from .allowed_references import AllowedReferences
from .context import Context, label_of, only_statement, statements_of
from .declared_names import declared_source
from .expressions import type_expression
from .measures import date_range
from .proofs.overlaps import find_overlaps
from .type_rules import expect_flag
from .unknown_names import report_unknown


def build_territories(context: Context) -> tuple[Territory, ...]:
    """Build all territories, sorted by name."""
    built = (_territory(context, node) for _, node in sorted(context.territories.items()))
    found = {territory.name: territory for territory in built if territory is not None}
    territories = tuple(_without_excepted(context, territory, found, ()) for territory in found.values())
    _no_overlaps(context, territories)
    return territories


def _no_overlaps(context: Context, territories: Sequence[Territory]) -> None:
    """Report territories that cover the same row, in the order in which they are written.

    Territories of which a part could not be read are left out.
    """
    whole = [territory for territory in territories if not context.territories[territory.name].damaged]
    whole.sort(key=lambda territory: (territory.span.source.path, territory.span.start))
    for overlap in find_overlaps(whole, context.contracts):
        first, later = overlap.first, overlap.later
        why = [Label(first.covers.span, f"`{first.name}` covers it, too")]
        words = {"first": first.name, "later": later.name, "witness": overlap.witness}
        context.report("territories-overlap", later.covers.span, why, **words)


def _without_excepted(
    context: Context, territory: Territory, all_of_them: dict[str, Territory], trail: tuple[str, ...]
) -> Territory:
    """Return the territory without the rows of the territories that it excepts.

    The excepted ones are taken without the rows that they except themselves. `trail` holds the names of the territories
    that led here, so that a circle is found and reported.
    """
    excepted = only_statement(context, context.territories[territory.name].statements, ast.Except)
    if excepted is None:
        return territory
    tests = [territory.covers]
    for name in excepted.territories:
        other = all_of_them.get(name.text)
        if name.text not in context.territories:
            report_unknown(context, "territory", name, context.territories)
        elif name.text in (territory.name, *trail):
            circle = (*trail[trail.index(name.text) :], territory.name) if name.text in trail else (territory.name,)
            said = f"except {' '.join(sorted(circle))}"
            if said not in context.failed:
                context.report("except-circle", name.span, circle=" excepts ".join((*circle, name.text)))
            context.failed.add(said)
        elif other is not None and other.source != territory.source:
            why = [Label(other.span, f"it is one of {other.source}")]
            context.report("except-other-source", name.span, why, name=name.text, source=territory.source)
        elif other is not None and not context.is_too_long(trail, name.span):
            # If this territory excepts all that the other one excepts, the other one's full condition can be
            # subtracted. This keeps a list of precedence short.
            listed = _excepted_by(context, other.name) <= _excepted_by(context, territory.name)
            inner = other if listed else _without_excepted(context, other, all_of_them, (*trail, territory.name))
            tests.append(Negation(FLAG, name.span, inner.covers))
            continue
        tests.append(Literal(UNKNOWN, name.span, Fraction(0)))
    return replace(territory, covers=AllOf(FLAG, territory.covers.span, tuple(tests)))


def _excepted_by(context: Context, name: str) -> frozenset[str]:
    """Return the names that a territory excepts."""
    statements = context.territories[name].statements
    return frozenset(
        item.text for statement in statements if isinstance(statement, ast.Except) for item in statement.territories
    )


def _territory(context: Context, node: ast.Territory) -> Territory | None:
    contract = declared_source(context, node.source)
    covers = only_statement(context, node.statements, ast.Covers)
    table = only_statement(context, node.statements, ast.Owners)
    code = only_statement(context, node.statements, ast.Code)
    owners = _owners(context, node)
    if contract is None:
        return None
    if covers is None and not node.damaged:
        context.report("territory-lacks", node.name.span, name=node.name.text, word="covers")
    if table is not None and owners:
        context.report("owners-twice", table.span, [Label(owners[0].span, "an owner is named here")])
    if table is None and not owners and not node.damaged:
        context.report("territory-lacks", node.name.span, name=node.name.text, word="owner")
    if table is not None:
        require_columns(context, table.table, ("territory", "payee"), dated=True)
    if covers is None:
        return None
    test = expect_flag(context, type_expression(context, covers.test, AllowedReferences(root=contract.name, bare=True)))
    _no_dated_references(context, test)
    return Territory(
        name=node.name.text,
        label=label_of(context, node.statements, node.name.text),
        source=contract.name,
        covers=test,
        owners=owners,
        owners_table=table.table.text if table else None,
        code=code.text if code else node.name.text,
        span=node.span,
    )


def _no_dated_references(context: Context, test: Expr) -> None:
    """Report conditions that read a dated table, because a territory covers the same rows on every day."""
    for column in walk(test):
        if isinstance(column, Column):
            dated = next((step for step in column.steps if context.contracts[step.target].dated), None)
            if dated is not None:
                context.report("covers-through-dated", column.span, column=dated.column, source=dated.target)


def _owners(context: Context, node: ast.Territory) -> tuple[Ownership, ...]:
    owners = [
        Ownership(owner.payee, date_range(context, owner.dates), owner.span)
        for owner in statements_of(node.statements, ast.Owner)
    ]
    owners.sort(key=lambda owner: owner.dates.start)
    for earlier, later in pairwise(owners):
        if earlier.dates.through is None or earlier.dates.through >= later.dates.start:
            why = [Label(earlier.span, "this owner still holds it")]
            context.report("owners-overlap", later.span, why, name=node.name.text, day=later.dates.start)
        elif earlier.dates.through + timedelta(days=1) < later.dates.start:
            why = [Label(earlier.span, "this owner's last day")]
            context.report(
                "owners-gap",
                later.span,
                why,
                name=node.name.text,
                start=earlier.dates.through + timedelta(days=1),
                through=later.dates.start - timedelta(days=1),
            )
    return tuple(owners)


def require_columns(context: Context, table: ast.Name, names: tuple[str, ...], *, dated: bool) -> bool:
    """Return True if a table has the columns (and, if `dated`, the dates) that its role needs; report what it lacks."""
    contract = declared_source(context, table)
    if contract is None:
        return False
    lacking = [name for name in names if contract.column(name) is None]
    if lacking:
        columns = ", ".join(lacking)
        context.report(
            "table-lacks-columns", table.span, [Label(contract.span, "the table")], table=table.text, columns=columns
        )
    if dated and contract.dated is None:
        context.report("table-not-dated", table.span, [Label(contract.span, "the table")], table=table.text)
    return not lacking and (contract.dated is not None or not dated)
