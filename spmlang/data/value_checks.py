"""SQL that checks one column of a source.

For each row it gives the exact value, or the slug of the message for a value that breaks the contract.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from spmlang.project.contract import Column, ColumnKind, Contract

from .sql_text import string

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")
_WHOLE = frozenset("TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT".split())
#: The DuckDB types that a column of a kind may be stored in, besides text.
_STORED = {
    ColumnKind.TEXT: _WHOLE,
    ColumnKind.DATE: frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}),
    ColumnKind.FLAG: frozenset({"BOOLEAN"}),
    ColumnKind.COUNT: _WHOLE | {"DECIMAL"},
    ColumnKind.MONEY: _WHOLE | {"DECIMAL"},
    ColumnKind.RATE: _WHOLE | {"DECIMAL"},
    ColumnKind.NUMBER: _WHOLE | {"DECIMAL"},
}

#: The most bytes of a text: the most characters of a spreadsheet's cell. Without a limit, a small packed file could
#: repeat one long text in all rows.
LONGEST_TEXT = 32_767

#: Errors, each as an SQL condition with the slug of its message. The first condition that holds is the cause.
Tests = list[tuple[str, str]]


@dataclass(frozen=True)
class ColumnCheck:
    """The check of one column, as SQL over the columns as they arrive from files.

    Attributes:
        column: The column of the contract.
        text: SQL for the arriving value, as text.
        cause: SQL for the slug of the message if the value is wrong, else null. None if no value can be wrong.
        value: SQL for the typed value, if `cause` is null.
    """

    column: Column
    text: str
    cause: str | None
    value: str


def sql_type(column: Column) -> str:
    """Return the DuckDB type of a column."""
    match column.kind:
        case ColumnKind.TEXT:
            return "VARCHAR"
        case ColumnKind.DATE:
            return "DATE"
        case ColumnKind.FLAG:
            return "BOOLEAN"
        case ColumnKind.COUNT:
            return "BIGINT"
    return f"DECIMAL({column.digits},{column.scale})"


def check_text_column(contract: Contract, column: Column, v: str, before: Tests | None = None) -> ColumnCheck:
    """Return the check of a column that arrives as text.

    Args:
        contract: The contract of the source.
        column: The column.
        v: SQL for the text, which is never null. The empty text means an absent value.
        before: Tests that follow the test of the length and precede all others.
    """
    tests: Tests = [(f"strlen({v}) > {LONGEST_TEXT}", "data-text-length"), *(before or [])]
    tests += [] if column.optional else [(f"{v} = ''", "data-empty")]
    if column.kind is not ColumnKind.TEXT or column.name in contract.key or column.references or column.values:
        tests.append((_has_blanks(v), "data-blanks"))
    match column.kind:
        case ColumnKind.TEXT:
            value = f"nullif({v}, '')"
        case ColumnKind.DATE:
            value = _add_date(v, tests)
        case ColumnKind.FLAG:
            value = _add_flag(v, tests)
        case ColumnKind.COUNT:
            value = _add_count(v, tests)
        case _:
            value = _add_decimal(column, v, tests)
    _add_limits(column, value, tests)
    return ColumnCheck(column, v, _first(tests), value)


def check_stored_column(contract: Contract, column: Column, v: str, stored: str) -> ColumnCheck | None:
    """Return the check of a column that arrives with a DuckDB type.

    Args:
        contract: The contract of the source.
        column: The column.
        v: SQL for the value.
        stored: Its DuckDB type.

    Returns:
        The check, or None if values of that type cannot be converted exactly.
    """
    base = stored.split("(")[0].upper()
    if base == "VARCHAR":
        return _check_stored_text(contract, column, v)
    if base not in _STORED[column.kind]:
        return None
    wanted = sql_type(column)
    value = v if stored.upper() == wanted else f"try_cast({v} as {wanted})"
    text = f"cast({v} as varchar)"
    tests: Tests = [] if column.optional else [(f"{v} is null", "data-empty")]
    if column.kind is ColumnKind.DATE:
        text = _add_stored_date(v, value, base, tests)
    elif value != v and column.kind is not ColumnKind.TEXT:
        tests.append((f"{v} is not null and {value} is null", "data-digits"))
        tests.append((f"{value} <> {v}", "data-count" if column.kind is ColumnKind.COUNT else "data-decimals"))
    _add_limits(column, value, tests)
    return ColumnCheck(column, text, _first(tests), value)


def _check_stored_text(contract: Contract, column: Column, v: str) -> ColumnCheck:
    """Return the check of a column that is stored as text, in which null means an absent value, too."""
    no_nul = [(f"contains({v}, chr(0))", "data-nul-value")]
    check = check_text_column(contract, column, f"coalesce({v}, '')", no_nul)
    # A required text is its own value because empty texts are errors, so rows need no conversion.
    return replace(check, value=v) if column.kind is ColumnKind.TEXT and not column.optional else check


def _add_stored_date(v: str, value: str, stored: str, tests: Tests) -> str:
    """Add the tests of a date that is stored as a date or timestamp, and return SQL for its text.

    Args:
        v: SQL for the stored value.
        value: SQL for the date.
        stored: The DuckDB type of the stored value.
        tests: Receives the tests.
    """
    # The CASE makes DuckDB read the values. From the file's statistics alone it would not find a damaged page.
    read = f"case when {v} is not null then {v} end"
    day = read if value == v else f"try_cast({read} as DATE)"
    out_of_range = f"(not isfinite({read}) or {day} not between date '0001-01-01' and date '9999-12-31')"
    tests.append((out_of_range, "data-date"))
    if value != v:
        tests.append((f"{v} is not null and try_cast({value} as {stored}) is distinct from {v}", "data-date-form"))
    # DuckDB cannot print every timestamp that it can store, so a timestamp out of range is printed as its day.
    printable = f"case when not isfinite({v}) or not {out_of_range} then {v} end"
    return f"coalesce(cast({printable} as varchar), cast({value} as varchar))"


def _add_limits(column: Column, value: str, tests: Tests) -> None:
    """Add the tests of allowed values, minimum and maximum."""
    if column.values:
        tests.append((f"{value} not in ({', '.join(map(string, column.values))})", "data-value"))
    if column.minimum is not None:
        tests.append((f"{value} < cast({string(column.minimum)} as {sql_type(column)})", "data-minimum"))
    if column.maximum is not None:
        slug = "data-rate-maximum" if column.kind is ColumnKind.RATE else "data-maximum"
        tests.append((f"{value} > cast({string(column.maximum)} as {sql_type(column)})", slug))


def _has_blanks(v: str) -> str:
    """Return an SQL condition for a text that begins or ends with white space."""
    # Comparisons are several times as fast as a regular expression, which only texts beyond ASCII need.
    ends = " or ".join(f"ends_with({v}, {end})" for end in ("' '", "chr(9)", "chr(10)", "chr(13)"))
    beyond = rf"strlen({v}) <> length({v}) and regexp_matches({v}, '^[\s\p{{Z}}\x{{FEFF}}]|[\s\p{{Z}}\x{{FEFF}}]$')"
    return f"{v} <> '' and ({v} < '!' or {ends} or ({beyond}))"


def _add_date(v: str, tests: Tests) -> str:
    """Add the tests of a date, and return SQL for its value. The time of day must be absent or midnight."""
    day = f"try_cast(left({v}, 10) as date)"
    form = r"^\d{4}-\d{2}-\d{2}([T ]00:00(:00(\.0+)?)?)?$"
    tests.append((f"{v} <> '' and not regexp_matches({v}, '{form}')", "data-date-form"))
    tests.append((f"{v} <> '' and ({day} is null or {v} < '0001')", "data-date"))
    return day


def _add_flag(v: str, tests: Tests) -> str:
    """Add the test of a flag, and return SQL for its value."""
    true, either = (", ".join(map(string, words)) for words in (_TRUE, _TRUE + _FALSE))
    tests.append((f"{v} <> '' and lower({v}) not in ({either})", "data-flag"))
    return f"case when {v} <> '' then lower({v}) in ({true}) end"


def _add_count(v: str, tests: Tests) -> str:
    """Add the tests of a whole number, and return SQL for its value."""
    tests.append((_is_grouped(v), "data-thousands"))
    tests.append((rf"{v} <> '' and not regexp_matches({v}, '^-?\d+$')", "data-count"))
    tests.append((f"{v} <> '' and try_cast({v} as bigint) is null", "data-count-digits"))
    return f"try_cast({v} as bigint)"


def _add_decimal(column: Column, v: str, tests: Tests) -> str:
    """Add the tests of a decimal number, and return SQL for its value. Rates may end with `%`."""
    percent = "%?" if column.kind is ColumnKind.RATE else ""
    tests.append((_is_grouped(v, percent), "data-thousands"))
    tests.append((rf"{v} <> '' and not regexp_matches({v}, '^-?\d+(\.\d+)?{percent}$')", "data-number"))
    if percent:
        # Move the point of `6.5%` two places to the left in the text: 0.065.
        padded = rf"regexp_replace({v}, '^(-?)', '\100')"
        moved = rf"regexp_replace({padded}, '^(-?)(\d+)(\d\d)\.?(\d*)%$', '\1\2.\3\4')"
        v = f"(case when ends_with({v}, '%') then {moved} else {v} end)"
    # Allow no more decimals than declared, except zeros, so that the cast never rounds.
    tests.append((rf"{v} <> '' and not regexp_matches({v}, '^-?\d+(\.\d{{0,{column.scale}}}0*)?$')", "data-decimals"))
    value = f"try_cast({v} as {sql_type(column)})"
    tests.append((f"{v} <> '' and {value} is null", "data-digits"))
    return value


def _is_grouped(v: str, percent: str = "") -> str:
    """Return an SQL condition for a number with commas between thousands."""
    return rf"regexp_matches({v}, '^-?\d{{1,3}}(,\d{{3}})+(\.\d+)?{percent}$')"


def _first(tests: Tests) -> str | None:
    """Return SQL for the slug of the first test that holds, or null; None without tests."""
    if not tests:
        return None
    branches = " ".join(f"when {test} then {string(slug)}" for test, slug in tests)
    return f"case {branches} end"
