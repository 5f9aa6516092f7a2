"""Check that the header of a file has the declared columns."""

from __future__ import annotations

from spmlang.data.files import DataFile
from spmlang.diagnostics.diagnostic import Cell, Diagnostic, diagnose
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.project.contract import Contract


def check_header(contract: Contract, file: DataFile, header: list[str]) -> list[Diagnostic]:
    """Return an error for each declared column that is not exactly once in the header. Other columns are allowed."""
    problems = []
    for column in contract.columns:
        place = Cell(file.shown, None, column.header)
        count = header.count(column.header)
        if count == 0:
            spare = [name for name in header if not any(other.header == name for other in contract.columns)]
            words = {"source": contract.name, "column": column.name, "header": column.header}
            hint = did_you_mean(column.header, spare)
            problems.append(diagnose("data-missing-column", place, (), hint=hint, **words))
        elif count > 1:
            problems.append(diagnose("data-header-twice", place, header=column.header))
    return problems
