"""Payouts as payees and payroll read them: names, labels, decimals and the plan line of each component."""

from __future__ import annotations

import pyarrow as pa

from spmlang.diagnostics.text import Span
from spmlang.program.program import Component, PlanVersion, Program
from spmlang.results import PAYOUTS, WHOLE
from spmlang.run.labels import component_keys
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers, texts, values_of_keys
from spmlang.values.money import minor_places, units_text
from spmlang.values.rounding import Mode, div_round

#: Decimals of a printed attainment (half up). The rounded value is never used in a calculation.
ATTAINMENT_PLACES = 6


def payout_table(run: Run) -> pa.Table:
    """Return the columns of payouts.csv, sorted by period, payee, plan, version and component.

    Decimals are texts with the places of their own measure or currency. All are exact but the attainment, which is
    rounded half up to ATTAINMENT_PLACES. `source` is `file:line` of the component, with the file relative to the
    project's folder.
    """
    found = run.result.payouts
    keys = component_keys(found)
    components = run.names.components
    versions = {key: version for key, (version, _) in components.items()}
    measured = {key: _scale(run.program, component) for key, (_, component) in components.items()}
    quota = {key: _quota_scale(*both) for key, both in components.items()}
    currencies = {key: version.currency for key, version in versions.items()}
    columns = {
        **_facts(run),
        "kind": values_of_keys(keys, {key: str(component.kind) for key, (_, component) in components.items()}),
        "measure": values_of_keys(keys, {key: component.main for key, (_, component) in components.items()}),
        "measure_value": texts(found["measure_units"], keys, measured),
        "quota": texts(found["quota_units"], keys, quota),
        "attainment": _attainments(found, keys, measured, quota),
        "currency": values_of_keys(keys, currencies),
        "amount": texts(found["amount_minor"], keys, {key: minor_places(word) for key, word in currencies.items()}),
        "source": values_of_keys(keys, {key: place(run.program, both[1].span) for key, both in components.items()}),
    }
    return pa.table(columns)


#: Columns of the engines' payouts that have another name in payouts.csv.
_NAMES = {"payee": "payee_id", "version": "plan_version"}


def _facts(run: Run) -> dict[str, pa.ChunkedArray]:
    """Return the columns of payouts that are no amounts, as they are, and after each payee the payee's name."""
    found = run.result.payouts
    columns = {}
    for field in PAYOUTS:
        if field.type != WHOLE:
            columns[_NAMES.get(field.name, field.name)] = found[field.name]
        if field.name == "payee":
            columns["payee_name"] = run.names.payees(found["payee"], found["period"])
    return columns


def typed_payouts(program: Program, table: pa.Table) -> pa.Table:
    """Cast the table of `payout_table` to decimals, at the largest scale of the program's measures and currencies."""
    values = max((measure.type.scale for measure in program.measures.values()), default=0)
    values = max([values, *(quota.type.scale for plan in program.plans for quota in plan.quotas.values())])
    money = max((minor_places(plan.currency) for plan in program.plans), default=2)
    types = {
        "measure_value": pa.decimal128(38, values),
        "quota": pa.decimal128(38, values),
        "attainment": pa.decimal128(38, ATTAINMENT_PLACES),
        "amount": pa.decimal128(38, money),
    }
    return table.cast(pa.schema([(item.name, types.get(item.name, item.type)) for item in table.schema]))


def _scale(program: Program, component: Component) -> int:
    return program.measures[component.main].type.scale if component.main else 0


def _quota_scale(version: PlanVersion, component: Component) -> int:
    return version.quotas[component.quota].type.scale if component.quota else 0


def _attainments(
    found: pa.Table, keys: pa.ChunkedArray, scales: dict[str, int], quota_scales: dict[str, int]
) -> pa.ChunkedArray:
    """Return measure divided by quota as text, for readers only.

    The text is null without a quota, or with a quota of zero.
    """
    columns = (keys.to_pylist(), integers(found["measure_units"]), integers(found["quota_units"]))
    shown = [
        _attainment(value, quota, scales[key], quota_scales[key]) for key, value, quota in zip(*columns, strict=True)
    ]
    return pa.chunked_array([pa.array(shown, pa.string())])


def _attainment(value: int | None, quota: int | None, scale: int, quota_scale: int) -> str | None:
    if value is None or not quota:
        return None
    above, below = value * 10 ** (quota_scale + ATTAINMENT_PLACES), quota * 10**scale
    if below < 0:
        above, below = -above, -below
    return units_text(div_round(above, below, Mode.HALF_UP), ATTAINMENT_PLACES)


def place(program: Program, span: Span) -> str:
    """Return `file:line` of a span, with the file relative to the project's folder."""
    path = span.source.path
    return f"{program.shown(path)}:{span.line}"
