"""Checks across the sources of spm.yaml: references, the roster and the reporting line."""

from __future__ import annotations

from collections.abc import Mapping

from spmlang.diagnostics.suggest import did_you_mean

from .contract import ColumnKind, Contract
from .reading import Reading

#: Sources by name. None marks a declared but damaged source: its name is known, and it is not reported again.
Contracts = Mapping[str, Contract | None]

ROSTER = ("payee", "name")
MANAGERS = ("payee", "manager")


def check_references(reading: Reading, contract: Contract, contracts: Contracts) -> None:
    """Check that every `references` names a source whose key is one column of the same type."""
    for column in contract.columns:
        if column.references is None:
            continue
        path = ("sources", contract.name, "columns", column.name, "references")
        if column.references not in contracts:
            hint = did_you_mean(column.references, contracts)
            reading.report("reference-unknown", path, source=column.references, hint=hint)
            continue
        target = contracts[column.references]
        if target is None:
            continue
        if len(target.key) != 1:
            reading.report("reference-key", path, source=target.name)
            continue
        key = target.column(target.key[0])
        if key is not None and key.kind is not column.kind:
            reading.report(
                "reference-kind",
                path,
                column=column.name,
                kind=column.kind,
                source=target.name,
                key_column=key.name,
                wanted=key.kind,
            )


def check_role(reading: Reading, role: str, name: str, *, columns: tuple[str, ...], contracts: Contracts) -> None:
    """Check that the source of a role (`roster`, `managers`) suits it: columns, key and dates.

    Args:
        reading: The file being read, which collects the problems.
        role: The role, `roster` or `managers`.
        name: The source that has the role.
        columns: The required text columns of the role.
        contracts: All declared sources.
    """
    if name not in contracts:
        reading.report("part-unknown", (role,), part=role, source=name, hint=did_you_mean(name, contracts))
        return
    contract = contracts[name]
    if contract is None:
        return
    missing = [column for column in columns if not _is_required_text(contract, column)]
    if missing:
        listed = " and ".join(f"`{column}`" for column in missing)
        reading.report("part-columns", ("sources", name), key=True, part=role, source=name, columns=listed)
    if contract.key != ("payee",):
        reading.report("part-key", ("sources", name, "key"), part=role, source=name)
    if contract.dated is None:
        reading.report("part-not-dated", ("sources", name), key=True, part=role, source=name)


def _is_required_text(contract: Contract, name: str) -> bool:
    column = contract.column(name)
    return column is not None and column.kind is ColumnKind.TEXT and not column.optional
