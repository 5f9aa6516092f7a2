"""Check of examples: facts and expectations, resolved against the plan version in force."""

from __future__ import annotations

from datetime import date

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.program import Example, Expectation, Given, PlanVersion
from spmlang.program.types import Type, money
from spmlang.syntax import ast
from spmlang.values.money import minor_places

from .context import Context, only_statement, statements_of
from .declared_names import measure_type, require_visible
from .impossible_texts import fact_agrees_with_contract
from .number_meanings import how_to_write
from .type_rules import column_type, literal, same, unknown_column
from .unknown_names import report_no_quota, report_unknown, report_unknown_component


def build_examples(context: Context, plans: tuple[PlanVersion, ...]) -> tuple[Example, ...]:
    """Build all examples, in the order written."""
    built = (_example(context, node, plans) for node in context.examples)
    return tuple(example for example in built if example is not None)


def _example(context: Context, node: ast.Example, plans: tuple[PlanVersion, ...]) -> Example | None:
    about = only_statement(context, node.statements, ast.ExamplePlan)
    expect = statements_of(node.statements, ast.Expect)
    if (about is None or not expect) and not node.damaged:
        context.report("example-lacks", node.name.span, word="plan … on …" if about is None else "expect")
    if about is None:
        return None
    day = _day(context, about)
    plan = _plan(context, about, day, plans) if day else None
    if plan is None or day is None:
        return None
    facts = [fact for given in statements_of(node.statements, ast.Given) for fact in given.facts]
    given = [_given(context, fact, plan) for fact in facts]
    seen: dict[tuple[str, str], Given] = {}
    for fact in given:
        if fact is not None:
            first = seen.setdefault((fact.kind, fact.name), fact)
            if first is not fact:
                context.report("said-twice", fact.span, [Label(first.span, "it is said here first")])
    expectations = [_expectation(context, item, plan) for item in expect]
    return Example(
        title=node.name.text,
        plan=plan,
        on=day,
        given=tuple(seen.values()),
        expect=tuple(item for item in expectations if item is not None),
        span=node.span,
    )


def _day(context: Context, about: ast.ExamplePlan) -> date | None:
    if isinstance(about.on, date):
        return about.on
    if context.calendar is None:
        return None
    interval = context.calendar.find(about.on)
    if interval is None:
        context.report("unknown-period", about.span, period=about.on, calendar=context.calendar.name)
        return None
    return interval.end


def _plan(context: Context, about: ast.ExamplePlan, day: date, plans: tuple[PlanVersion, ...]) -> PlanVersion | None:
    declared = [node for node in context.plans if node.name.text == about.plan.text]
    if not declared:
        report_unknown(context, "plan", about.plan, [node.name.text for node in context.plans])
        return None
    require_visible(context, about.plan, "plan", declared[0].name.span)
    versions = [plan for plan in plans if plan.name == about.plan.text]
    found = next((plan for plan in versions if day in plan.effective), None)
    if found is None and len(versions) == len(declared) and about.plan.text not in context.undeclared_after_error:
        names = {node.version: node.name.span for node in declared}
        why = [Label(names[plan.version], f"version {plan.version} holds {plan.effective}") for plan in versions]
        context.report("no-version-then", about.span, why, plan=about.plan.text, day=day)
    return found


def _given(context: Context, fact: ast.GivenFact, plan: PlanVersion) -> Given | None:
    value = literal(fact.value)
    wanted: Type | None
    if fact.kind == "payee":
        roster = context.contracts.get(context.project.roster or "")
        if roster is None:
            return None
        column = roster.column(fact.name.text)
        if column is None:
            unknown_column(context, fact.name, roster)
            return None
        fact_agrees_with_contract(context, column, value)
        wanted = column_type(roster, fact.name.text)
    elif fact.kind == "earning":
        if plan.component(fact.name.text) is None:
            report_unknown_component(context, plan.name, fact.name, [item.name for item in plan.components])
            return None
        wanted = money(plan.currency, minor_places(plan.currency))
    else:
        quota = plan.quotas.get(fact.name.text) if fact.kind == "quota" else None
        wanted = quota.type if quota is not None else measure_type(context, fact.name)
        if fact.kind == "quota" and wanted is not None and quota is None:
            report_no_quota(context, fact.name.text, fact.span)
            return None
    if wanted is None:
        return None
    if not same(wanted, value.type):
        hint = how_to_write(wanted, value)
        context.report("given-type", value.span, name=fact.name.text, wanted=wanted, found=value.type, hint=hint)
        return None
    return Given(fact.kind, fact.name.text, value.value, fact.span)


def _expectation(context: Context, node: ast.Expect, plan: PlanVersion) -> Expectation | None:
    component = plan.component(node.component.text)
    if component is None:
        report_unknown_component(context, plan.name, node.component, [item.name for item in plan.components])
        return None
    if node.amount.currency != plan.currency:
        context.report("wrong-currency", node.amount.span, found=node.amount.currency, wanted=plan.currency)
        return None
    return Expectation(component.name, node.amount.value, node.span)
