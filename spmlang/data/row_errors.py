"""Rows that break their contract: collected whole, reported a handful at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Severity, diagnose
from spmlang.project.contract import BadRows, Column, ColumnKind, Contract
from spmlang.values.money import number_text, rate_text

from .column_checks import LONGEST_TEXT
from .tables import Reject

SHOWN = 20
#: So many values that break their contract are noted of a source at once; where there are more the file is not what was declared.
MOST = 1_000_000
_LONGEST_VALUE = 60
#: Characters of a bad value that are noted, and stand in rejects.csv.
SHOWN_OF_A_VALUE = 1_000

Place = tuple[str, int]


@dataclass(frozen=True)
class RowError:
    """What is wrong in one row: `slug` names the message, `column` is the contract's name, `words` fill the message."""

    file: str
    row: int
    column: str | None
    value: str | None
    slug: str
    words: Mapping[str, object] = field(default_factory=dict)


@dataclass
class RowErrors:
    """What was refused so far, as diagnostics (20 of a kind and column at most) and as rejects (all that are set aside)."""

    problems: list[Diagnostic] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def add(self, contract: Contract, found: Sequence[RowError]) -> set[Place]:
        """Note rows of a source, and an error where they are more than the most; returns their places."""
        is_set_aside = contract.bad_rows is BadRows.REJECT
        severity = Severity.WARNING if is_set_aside else Severity.ERROR
        first_more: dict[tuple[str | None, str], Diagnostic] = {}
        seen: dict[tuple[str | None, str], int] = {}
        for finding in found:
            kind = (finding.column, finding.slug)
            seen[kind] = seen.get(kind, 0) + 1
            if seen[kind] > SHOWN and kind in first_more and not is_set_aside:
                continue
            diagnostic = replace(_diagnostic(contract, finding), severity=severity)
            if is_set_aside:
                self.rejects.append(_reject(contract, finding, diagnostic))
            if seen[kind] <= SHOWN:
                self.problems.append(diagnostic)
            else:
                first_more.setdefault(kind, diagnostic)
        for kind, diagnostic in first_more.items():
            more = diagnose("data-more", diagnostic.where, count=seen[kind] - SHOWN, code=diagnostic.code)
            self.problems.append(replace(more, severity=severity))
        if len(found) > MOST:
            where = Cell(found[MOST].file, found[MOST].row)
            self.problems.append(diagnose("data-too-many", where, source=contract.name, most=MOST))
        return {(finding.file, finding.row) for finding in found}


def _diagnostic(contract: Contract, finding: RowError) -> Diagnostic:
    declared = contract.column(finding.column or "")
    words: dict[str, object] = {"source": contract.name, "column": finding.column, "value": _short(finding.value)}
    header = finding.column
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
            **_readings(finding),
            "values": ", ".join(declared.values),
            "references": declared.references,
        }
    return diagnose(finding.slug, Cell(finding.file, finding.row, header), (), **{**words, **finding.words})


def _limit(declared: Column, limit: str | None) -> str | None:
    """A limit as people write it: of a rate in percent."""
    return _percent(Fraction(limit)) if limit is not None and declared.kind is ColumnKind.RATE else limit


def _readings(finding: RowError) -> dict[str, str]:
    """A rate that is too large, as it stands in percent, and what it says where a percentage was meant, in both forms."""
    if finding.slug != "data-rate-maximum" or finding.value is None:
        return {}
    number = Fraction(finding.value.rstrip("%"))
    rate = number / 100 if finding.value.endswith("%") else number
    return {"percent": _percent(rate), "meant": _percent(rate / 100), "fraction": number_text(rate / 100)}


def _percent(rate: Fraction) -> str:
    """As spm.yaml and a file may have it: no comma between thousands."""
    return rate_text(rate).replace(",", "")


def _reject(contract: Contract, finding: RowError, diagnostic: Diagnostic) -> Reject:
    declared = contract.column(finding.column or "")
    column = declared.header if declared else finding.column
    return Reject(contract.name, finding.file, finding.row, column, finding.value, diagnostic.code, diagnostic.message)


def _short(value: str | None) -> str:
    text = value or ""
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
