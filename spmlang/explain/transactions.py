"""Explain which payees a source row credits, by the reference interpreter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from spmlang.data.sql_text import quoted
from spmlang.data.tables import Row, Tables
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.outputs.payouts import place
from spmlang.program.measures import DateRange, Measure
from spmlang.program.program import Program
from spmlang.reference.credits.credit_rows import Credit, Uncredited, counted_value, shown_key
from spmlang.reference.reconciliation import not_on_roster
from spmlang.reference.sources.lazy_rows import LazySourceRows
from spmlang.reference.sources.rows import MissingValue
from spmlang.reference.trace import trace

from .evidence import row_place
from .payouts import Reason, known_payee
from .transaction_reasons import TransactionExplainer
from .transaction_reasons_for_payee import PayeeTransactionExplainer

#: The most rows that refer to the transaction and are explained.
MOST_ROWS = 20
_SUGGESTED = 6
_PLACE = re.compile(r"(?P<file>.+), row (?P<row>[0-9]+)")


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """The explanation of one source row.

    Attributes:
        source: The source.
        key: The row's key.
        file: The row's file.
        row: The row's number in the file.
        payee: The only payee to explain, if any.
        credits: The credits of the row; with a `payee` only those of this payee.
        uncredited: The shares that no payee on the roster is credited with.
        reasons: A reason for each measure, then one for each source that refers to the row.
        answered: False if the data lacks a value that a measure needs.
    """

    source: str
    key: str
    file: str
    row: int
    payee: str | None
    credits: tuple[Credit, ...]
    uncredited: tuple[Uncredited, ...]
    reasons: tuple[Reason, ...]
    answered: bool


def explain_transaction(program: Program, tables: Tables, *, source: str, key: str, payee: str | None) -> Transaction:
    """Explain a source row for every measure.

    Args:
        program: The program.
        tables: The data.
        source: The row's source.
        key: The row's key, or its place such as `orders.csv, row 234`.
        payee: The only payee to explain, or None for all.

    Raises:
        Problems: If there is no such source, row or payee; if the key fits several rows; or if no measure counts the
            source or a source that refers to it.
    """
    leading = _known_source(program, source)
    if payee is not None:
        known_payee(program, tables, payee)
    row = _row(program, tables, source, key)
    sources = LazySourceRows(program, tables)
    try:
        found = trace(sources, source, row)
        explainer = (
            TransactionExplainer(sources, row) if payee is None else PayeeTransactionExplainer(sources, row, payee)
        )
        reasons = [explainer.explain_measure(traced, found) for traced in found.values()]
        reasons += [reason for at in leading for reason in _referring(sources, *at, row)]
    except MissingValue as refused:
        raise Problems([refused.diagnostic]) from refused
    return Transaction(
        source=source,
        key=shown_key(row),
        file=str(row["_file"]),
        row=int(str(row["_row"])),
        payee=payee,
        credits=tuple(item for traced in found.values() for item in traced.credits if payee in (None, item.payee)),
        uncredited=tuple(
            item for traced in found.values() for item in (*traced.uncredited, *not_on_roster(sources, traced.credits))
        ),
        reasons=tuple(reasons),
        answered=all(traced.missing is None for traced in found.values()),
    )


# ---- the row ----------------------------------------------------------------------------------


def _known_source(program: Program, source: str) -> list[tuple[str, str]]:
    """Return the counted sources that refer to a source, each with the referring column.

    Raises:
        Problems: If there is no such source, or no measure counts it or a source that refers to it.
    """
    if source not in program.contracts:
        words = {"source": source, "hint": did_you_mean(source, program.contracts)}
        raise Problems([diagnose("run-source-unknown", None, (), **words)])
    counted = list(dict.fromkeys(item.source for item in program.measures.values() if item.source is not None))
    leading = [
        (name, column.name)
        for name in counted
        for column in program.contracts[name].columns
        if column.references == source
    ]
    if source not in counted and not leading:
        words = {"source": source, "known": ", ".join(counted) or "none"}
        raise Problems([diagnose("run-source-uncounted", None, (), **words)])
    return leading


def _row(program: Program, tables: Tables, source: str, key: str) -> Row:
    """Return the row with a key, or at a place such as `orders.csv, row 234`.

    A key of several columns must be complete. If several rows begin with the given columns, the error lists these rows.

    Raises:
        Problems: If no row or more than one row fits.
    """
    found = list(tables.rows(source, "_key = ?", [key]))
    if not found and program.contracts[source].dated is not None:
        found = list(tables.rows(source, "_key || '|' || _from = ?", [key]))
    at = _PLACE.fullmatch(key)
    if not found and at is not None:
        found = list(tables.rows(source, "_file = ? and _row = ?", [at["file"], int(at["row"])]))
    if not found:
        # The user may have given only the first columns of a key of several columns.
        found = list(tables.rows(source, "starts_with(_key, ? || '|')", [key]))
        if len(found) == 1:
            raise Problems([_unknown_key(tables, source, key)])
    if not found:
        raise Problems([_unknown_key(tables, source, key)])
    if len(found) > 1:
        raise Problems([_ambiguous(source, key, found)])
    return found[0]


def _unknown_key(tables: Tables, source: str, key: str) -> Diagnostic:
    """Return the error for a key without a row, with the most similar key as a hint."""
    nearest = f"select distinct _key from {tables.relation(source)} order by levenshtein(_key, ?), _key limit 1"
    found = [str(near) for (near,) in tables.connection.cursor().execute(nearest, [key]).fetchall()]
    rejected = any(reject.source == source for reject in tables.rejects)
    hint = did_you_mean(key, found) + (" Rows of it were set aside: see rejects.csv." if rejected else "")
    return diagnose("run-key-unknown", None, (), source=source, key=key, hint=hint)


def _ambiguous(source: str, key: str, found: list[Row]) -> Diagnostic:
    """Return the error for a key of several rows, with the full names of these rows."""
    names = [shown_key(row) for row in found]
    if len(set(names)) < len(names):
        names = [row_place(row) for row in found]
    known = ", ".join(f"`{name}`" for name in names[:_SUGGESTED])
    known += f" and {len(names) - _SUGGESTED} more" if len(names) > _SUGGESTED else ""
    return diagnose("run-key-ambiguous", None, (), source=source, key=key, count=len(names), known=known)


# ---- rows that refer to it --------------------------------------------------------------------


def _referring(sources: LazySourceRows, source: str, column: str, row: Row) -> Iterator[Reason]:
    """Yield the rows of a source whose `column` refers to the row, with the measures that count them."""
    program, tables = sources.program, sources.tables
    contract = next(item for item in program.contracts[source].columns if item.name == column)
    key = row[program.contracts[str(contract.references)].key[0]]
    condition = f"{quoted(column)} = ?"
    rows = list(islice(tables.rows(source, condition, [key]), MOST_ROWS))
    if not rows:
        return
    counting = f"select count(*) from {tables.relation(source)} where {condition}"
    ((count,),) = tables.connection.cursor().execute(counting, [key]).fetchall()
    more = f" and {count - len(rows)} more" if count > len(rows) else ""
    names = ", ".join(shown_key(item) for item in rows)
    measures = [item for item in program.measures.values() if item.source == source]
    told = tuple(_counting(sources, measure, rows) for measure in measures)
    text = f"{source} with this {column}: {names}{more}"
    yield Reason(text, None, row_place(rows[0]), told)


def _counting(sources: LazySourceRows, measure: Measure, rows: list[Row]) -> Reason:
    """Return a reason with the rows that a measure counts."""
    days = DateRange(sources.first_day, None)
    counted = [shown_key(row) for row in rows if counted_value(sources, measure, row, days)[1] is not None]
    which = "all of these" if len(counted) == len(rows) else ", ".join(counted) or "none of these"
    return Reason(
        f"{measure.label} (measure {measure.name}) counts {which}", None, place(sources.program, measure.span)
    )
