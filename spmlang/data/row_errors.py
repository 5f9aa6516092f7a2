"""Rows that break their contract. All of them are collected, and a few of each kind are reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Severity, diagnose
from spmlang.project.contract import BadRows, Column, ColumnKind, Contract
from spmlang.values.money import number_text, rate_text

from .tables import Reject
from .value_checks import LONGEST_TEXT

#: The most errors of a kind and column that are shown.
_MOST_SHOWN = 20
#: The most wrong values of a source that are noted at once. A file with more errors is probably another file.
MOST = 1_000_000
_LONGEST_VALUE = 60
#: The most characters of a wrong value that are noted and written to rejects.csv.
SHOWN_OF_A_VALUE = 1_000

Place = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class RowError:
    """An error in one row.

    Attributes:
        file: The file as shown.
        row: The row's number in the file.
        column: The contract's name of the column, if one column is wrong.
        value: The wrong value.
        slug: The message.
        words: The words that fill the message.
    """

    file: str
    row: int
    column: str | None
    value: str | None
    slug: str
    words: Mapping[str, object] = field(default_factory=dict)


@dataclass
class RowErrors:
    """The rows with errors so far, and the errors of whole files.

    `problems` has at most 20 diagnostics of a kind and column, and `rejects` all rows that are set aside.
    """

    problems: list[Diagnostic] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def add(self, contract: Contract, found: Sequence[RowError]) -> set[Place]:
        """Note errors of a source's rows, and return the places of the rows.

        If there are more than MOST, one more problem says so.
        """
        is_set_aside = contract.bad_rows is BadRows.REJECT
        severity = Severity.WARNING if is_set_aside else Severity.ERROR
        first_hidden: dict[tuple[str | None, str], Diagnostic] = {}
        counts: dict[tuple[str | None, str], int] = {}
        for error in found:
            kind = (error.column, error.slug)
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] > _MOST_SHOWN and kind in first_hidden and not is_set_aside:
                continue
            diagnostic = replace(_diagnostic(contract, error), severity=severity)
            if is_set_aside:
                self.rejects.append(_reject(contract, error, diagnostic))
            if counts[kind] <= _MOST_SHOWN:
                self.problems.append(diagnostic)
            else:
                first_hidden.setdefault(kind, diagnostic)
        for kind, diagnostic in first_hidden.items():
            more = diagnose("data-more", diagnostic.where, count=counts[kind] - _MOST_SHOWN, code=diagnostic.code)
            self.problems.append(replace(more, severity=severity))
        if len(found) > MOST:
            where = Cell(found[MOST].file, found[MOST].row)
            self.problems.append(diagnose("data-too-many", where, source=contract.name, most=MOST))
        return {(error.file, error.row) for error in found}


def _diagnostic(contract: Contract, error: RowError) -> Diagnostic:
    """Return the diagnostic of a row error, with all words that its message may need."""
    declared = contract.column(error.column or "")
    words: dict[str, object] = {"source": contract.name, "column": error.column, "value": _shortened(error.value)}
    header = error.column
    if declared is not None:
        header = declared.header
        words |= {
            "column": header,
            "scale": declared.scale,
            "digits": declared.digits,
            "longest": LONGEST_TEXT,
            "whole": declared.digits - declared.scale,
            "minimum": _limit(declared, declared.minimum),
            "maximum": _limit(declared, declared.maximum),
            **_rate_words(error),
            "values": ", ".join(declared.values),
            "references": declared.references,
        }
    return diagnose(error.slug, Cell(error.file, error.row, header), (), **{**words, **error.words})


def _limit(declared: Column, limit: str | None) -> str | None:
    """Return a limit as people write it. A limit of a rate is in percent."""
    return _percent(Fraction(limit)) if limit is not None and declared.kind is ColumnKind.RATE else limit


def _rate_words(error: RowError) -> dict[str, str]:
    """Return the words for a rate above its maximum: the rate in percent, and a hundredth of it in both notations.

    The hundredth is what the file should say if its values are percentages.
    """
    if error.slug != "data-rate-maximum" or error.value is None:
        return {}
    number = Fraction(error.value.rstrip("%"))
    rate = number / 100 if error.value.endswith("%") else number
    return {"percent": _percent(rate), "meant": _percent(rate / 100), "fraction": number_text(rate / 100)}


def _percent(rate: Fraction) -> str:
    """Return a rate in percent, without commas between thousands, as spm.yaml and data files accept it."""
    return rate_text(rate).replace(",", "")


def _reject(contract: Contract, error: RowError, diagnostic: Diagnostic) -> Reject:
    declared = contract.column(error.column or "")
    column = declared.header if declared else error.column
    return Reject(
        source=contract.name,
        file=error.file,
        row=error.row,
        column=column,
        value=error.value,
        code=diagnostic.code,
        cause=diagnostic.message,
    )


def _shortened(value: str | None) -> str:
    text = value or ""
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
