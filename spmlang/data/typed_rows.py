"""SQL for the typed rows of a source: its checked values, its key as text, and its dates."""

from __future__ import annotations

from spmlang.project.contract import Contract

from .sql_text import quoted
from .value_checks import ColumnCheck


def typed_rows(contract: Contract, checks: list[ColumnCheck], rows: str) -> str:
    """Return a query for the typed rows of a relation or subquery `rows`, which has the columns as they arrive.

    It adds `_key`, for dated sources `_from` and `_through`, and `_cause`: the slug of the first error, or null.
    """
    values = [f"{check.value} as {quoted(check.column.name)}" for check in checks]
    causes = [check.cause for check in checks if check.cause is not None]
    typed = ", ".join([*values, "_file", "_row", f"coalesce({', '.join([*causes, 'null'])}) as _cause"])
    return f"select *, {_key(contract)} as _key{_dates(contract)} from (select {typed} from {rows})"


def _key(contract: Contract) -> str:
    """Return SQL for the key as one text. A `|` within a part is escaped, unlike the `|` between parts."""
    if not contract.key:
        return "cast(_row as varchar)"
    texts = [f"cast({quoted(name)} as varchar)" for name in contract.key]
    if len(texts) == 1:
        return texts[0]
    escaped = [rf"replace(replace({text}, '\', '\\'), '|', '\|')" for text in texts]
    return f"concat_ws('|', {', '.join(escaped)})"


def _dates(contract: Contract) -> str:
    """Return SQL for `_from` and `_through` of a dated source; empty for an undated one."""
    if contract.dated is None:
        return ""
    start = quoted(contract.dated.start)
    forever = "date '9999-12-31'"
    if contract.dated.through is not None:
        return f", {start} as _from, coalesce({quoted(contract.dated.through)}, {forever}) as _through"
    keys = ", ".join(map(quoted, contract.key))
    following = f"lead({start}) over (partition by {keys} order by {start}, _file, _row)"
    # Two rows of one key on one day are reported as an overlap, so the first must not end before it starts.
    ends = f"case when {following} is not null then greatest({following} - 1, {start}) end"
    return f", {start} as _from, coalesce({ends}, {forever}) as _through"
