"""Compare the payouts of two computations, and describe the first difference."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose
from spmlang.results import PAYOUTS
from spmlang.run.run import Run
from spmlang.values.money import minor_places, money_text

#: The key of a payout: period, payee, plan, version and component.
Key = tuple[str, str, str, int, str]

#: The values of a payout, by the names of the result's columns.
Values = Mapping[str, Any]


class Differs(Problems):
    """The error for a payout on which the engine and the reference interpreter differ."""

    def __init__(self, key: Key, diagnostic: Diagnostic) -> None:
        super().__init__([diagnostic])
        self.period, self.payee = key[:2]


_KEY = ("period", "payee", "plan", "version", "component")

#: Revenue is left out because no payee is paid by it, and its measure may not be read to recompute a payout.
_COMPARED = [name for name in PAYOUTS.names if name not in (*_KEY, "revenue_units")]


def payouts_by_key(payouts: pa.Table) -> dict[Key, Values]:
    """Return the compared values of each row of a result table, by the key of the payout."""
    return {
        (row["period"], row["payee"], row["plan"], row["version"], row["component"]): {
            name: _value(row[name]) for name in _COMPARED
        }
        for row in payouts.select([*_KEY, *_COMPARED]).to_pylist()
    }


def _value(cell: object) -> object:
    """Return a cell of a result table, with a whole number as int."""
    return int(cell) if isinstance(cell, Decimal) else cell


def compare(run: Run, expected: Mapping[Key, Values], found: Mapping[Key, Values], *, limits: bool = True) -> None:
    """Compare the payouts of a run with the expected ones.

    Without `limits` everything is compared but the amount after caps, budgets and shares.

    Raises:
        Differs: For the first payout that differs. Differences in the amount paid (without `limits`, earned) come
            first.
    """
    names = [name for name in _COMPARED if limits or name != "amount_minor"]
    unlike = [at for at in sorted({*expected, *found}) if not _alike(expected.get(at), found.get(at), names)]
    if unlike:
        paid = [at for at in unlike if not _alike(expected.get(at), found.get(at), names[-1:])]
        at = (paid or unlike)[0]
        raise Differs(at, _difference(run, at, own=expected.get(at), other=found.get(at), names=names))


def _alike(own: Values | None, other: Values | None, names: list[str]) -> bool:
    return own is not None and other is not None and all(own[name] == other[name] for name in names)


def _difference(run: Run, at: Key, *, own: Values | None, other: Values | None, names: list[str]) -> Diagnostic:
    """Return the error for one payout, with the amounts of both computations."""
    period, payee, plan, version, component = at
    shown = _text if own is None or other is None else _unlike
    return diagnose(
        "run-differs",
        run.names.components[f"{plan} {version} {component}"][1].span,
        (),
        payee=payee,
        period=period,
        plan=f"{plan} {version}",
        component=component,
        engine=run.engine,
        **shown(run, at, own=own, other=other, names=names),
    )


def _text(run: Run, at: Key, *, own: Values | None, other: Values | None, names: list[str]) -> dict[str, str]:
    return {"paid": _amount(run, at, other, names), "expected": _amount(run, at, own, names), "also": ""}


def _unlike(run: Run, at: Key, *, own: Values | None, other: Values | None, names: list[str]) -> dict[str, str]:
    """Return both amounts, and the other values that differ, in units, as a help to find the cause."""
    assert own is not None
    assert other is not None
    unlike = [name for name in names if own[name] != other[name] and name != "amount_minor"]
    also = ", ".join(f"{name} {other[name]} and {own[name]}" for name in unlike)
    return {**_text(run, at, own=own, other=other, names=names), "also": f" ({also})" if also else ""}


def _amount(run: Run, at: Key, values: Values | None, names: list[str]) -> str:
    currency = run.names.components[f"{at[2]} {at[3]} {at[4]}"][0].currency
    if values is None:
        return f"nothing ({currency})"
    minor = values["amount_minor" if "amount_minor" in names else "earned_minor"]
    text = money_text(Fraction(minor, 10 ** minor_places(currency)), currency)
    return text if "amount_minor" in names else f"{text} before caps and what payees share"
