"""A small project that reproduces one payee's pay of one period, to be sent to another person.

Its names, keys and texts are made up.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path, PurePosixPath

from spmlang.data.tables import Cell, Row, Tables
from spmlang.diagnostics.diagnostic import Problems, diagnose
from spmlang.explain.payouts import known_payee
from spmlang.program.program import Program
from spmlang.project.contract import BadRows, Column, ColumnKind, Contract
from spmlang.reference.credits.rows_of_payees import RowsOfPayees
from spmlang.reference.recompute import recompute, rows_needed
from spmlang.reference.result_tables import payout_table
from spmlang.results import Request
from spmlang.run.open import open_data, open_project
from spmlang.run.run import Run, run_program
from spmlang.values.calendar import Interval
from spmlang.values.money import minor_places, money_text, number_text

from .differences import Key, Values, payouts_by_key
from .made_up_names import kept_names, made_up, plan_files, replaceable_words, rewritten
from .rows_needed import needed_rows


@dataclass(frozen=True)
class Amounts:
    """The amounts that a component pays by the engine and by the reference interpreter, as exact texts."""

    component: str
    engine: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle that was written.

    Attributes:
        payee: The payee's made-up name.
        rows: The number of data rows.
        before: The amounts of each component in the project, under the names of the bundle.
        after: The amounts of each component in the bundle.
        problem: The error that stopped the run of the bundle, if any.
    """

    payee: str
    rows: int
    before: tuple[Amounts, ...]
    after: tuple[Amounts, ...]
    problem: str | None

    @property
    def equal(self) -> bool:
        """True if the bundle pays what the project pays, by the engine and by the reference."""
        return self.problem is None and self.before == self.after


def bundle(program: Program, tables: Tables, *, payee: str, period: Interval, engine: str, folder: Path) -> Bundle:
    """Write a bundle into a new folder, and run it.

    Args:
        program: The project's program.
        tables: The project's data.
        payee: The payee's id.
        period: The pay period.
        engine: The engine to compare with the reference.
        folder: The folder to make.

    Raises:
        Problems: If the folder exists, if the payee is not on the roster, or if the project's data lacks a value.
            Errors in the run of the bundle are in the result.
    """
    known_payee(program, tables, payee)
    if folder.exists():
        raise Problems([diagnose("bundle-folder-taken", None, folder=folder.as_posix())])
    before = _amounts(program, tables, payee=payee, period=period, engine=engine)
    rows = _rows(tables, needed_rows(program, tables, payee, period))
    words, numbers = _words(program, rows)
    folder.mkdir(parents=True)
    _write_plans(program, words, folder)
    kept = kept_names(plan_files(program))
    names = {word: word if word in kept else words[word] for word in [*_names(program)]}
    (folder / "spm.yaml").write_text("\n".join(_settings(program, names, words)) + "\n", encoding="utf-8")
    for source, found in rows.items():
        _write_rows(
            folder / f"{names[source]}.csv",
            program.contracts[source],
            rows=found,
            names=names,
            words=words,
            numbers=numbers,
        )
    renamed = {item.component: names[item.component] for item in before}
    told = tuple(Amounts(renamed[item.component], item.engine, item.reference) for item in before)
    count = sum(map(len, rows.values()))
    try:
        opened = open_project(folder)
        own, _ = open_data(opened, None)
        after = _amounts(opened.program, own, payee=words[payee], period=period, engine=engine)
    except Problems as problems:
        return Bundle(payee=words[payee], rows=count, before=told, after=(), problem=str(problems))
    return Bundle(payee=words[payee], rows=count, before=_sorted(told), after=_sorted(after), problem=None)


def _sorted(amounts: tuple[Amounts, ...]) -> tuple[Amounts, ...]:
    return tuple(sorted(amounts, key=lambda item: item.component))


def _amounts(program: Program, tables: Tables, *, payee: str, period: Interval, engine: str) -> tuple[Amounts, ...]:
    """Return both amounts of each component that pays the payee in the period."""
    run = run_program(program, tables, Request(first=period, last=period), engine)
    sources = RowsOfPayees(program, tables)
    found = payouts_by_key(run.result.payouts)
    own = {key: values for key, values in found.items() if key[:2] == (period.label, payee)}
    expected: dict[Key, Values] = {}
    for plan, names in program.component_names().items():
        earnings = recompute(sources, rows_needed(sources, payee, period=period, plan=plan, names=names))
        expected |= payouts_by_key(payout_table(program, earnings))
    both = sorted({*own, *expected})
    return tuple(
        Amounts(
            key[4],
            _text(run, key, own.get(key)),
            _text(run, key, expected.get(key)),
        )
        for key in both
    )


def _text(run: Run, key: Key, values: Values | None) -> str:
    currency = run.names.components[f"{key[2]} {key[3]} {key[4]}"][0].currency
    minor = None if values is None else values["amount_minor"]
    return "nothing" if minor is None else money_text(Fraction(minor, 10 ** minor_places(currency)), currency)


# ---- words ------------------------------------------------------------------------------------


def _rows(tables: Tables, places: Mapping[str, set[tuple[str, int]]]) -> dict[str, list[Row]]:
    return {
        source: [row for row in tables.rows(source) if (row["_file"], row["_row"]) in found]
        for source, found in places.items()
    }


def _words(program: Program, rows: Mapping[str, list[Row]]) -> tuple[dict[str, str], dict[Cell, str]]:
    """Return a made-up word for each name and text, and a made-up number for each numeric key."""
    texts: set[str] = {*replaceable_words(plan_files(program)), *_names(program)}
    keys: set[Cell] = set()
    for source, found in rows.items():
        for column in program.contracts[source].columns:
            values = {row[column.name] for row in found} - {None}
            if column.kind is ColumnKind.TEXT:
                texts |= {str(value) for value in values} | set(column.values)
            elif _is_number_of_a_row(program.contracts[source], column):
                keys |= values
    ordered = sorted(keys, key=str)
    return made_up(texts), {key: str(10 ** len(str(len(ordered))) + place) for place, key in enumerate(ordered)}


def _names(program: Program) -> Iterator[str]:
    """Yield the names of sources, columns and components, and of the folders and files of plans."""
    for contract in program.contracts.values():
        yield contract.name
        yield from (column.name for column in contract.columns)
    yield from (component.name for plan in program.plans for component in plan.components)
    for path in program.files:
        yield from PurePosixPath(program.shown(path)).with_suffix("").parts


def _is_number_of_a_row(contract: Contract, column: Column) -> bool:
    return column.kind is ColumnKind.COUNT and (contract.key == (column.name,) or column.references is not None)


# ---- files ------------------------------------------------------------------------------------


def _write_plans(program: Program, words: Mapping[str, str], folder: Path) -> None:
    """Write the plan files with made-up names, but not those of the standard library."""
    files = plan_files(program)
    kept = kept_names(files)
    for path, file in files.items():
        shown = PurePosixPath(program.shown(path))
        if shown.parts[0] == "std":
            continue
        parts = shown.with_suffix("").parts
        target = folder.joinpath(*(part if part in kept else words[part] for part in parts)).with_suffix(".spm")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rewritten(file, words, kept), encoding="utf-8")


def _settings(program: Program, names: Mapping[str, str], words: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the bundle's spm.yaml."""
    yield from ("name: bundle", "data: .", f"roster: {names[program.roster]}")
    if program.managers is not None:
        yield f"managers: {names[program.managers]}"
    yield "sources:"
    for contract in program.contracts.values():
        yield f"  {names[contract.name]}:"
        yield f"    files: {names[contract.name]}.csv"
        if contract.key:
            yield f"    key: [{', '.join(names[name] for name in contract.key)}]"
        if contract.bad_rows is not BadRows.STOP:
            yield f"    bad_rows: {contract.bad_rows}"
        if contract.dated is not None:
            through = f", through: {names[contract.dated.through]}" if contract.dated.through else ""
            yield f"    dated: {{from: {names[contract.dated.start]}{through}}}"
        yield "    columns:"
        for column in contract.columns:
            yield f"      {names[column.name]}: {{{', '.join(_promises(column, names, words))}}}"


def _promises(column: Column, names: Mapping[str, str], words: Mapping[str, str]) -> Iterator[str]:
    """Yield the settings of one column in spm.yaml."""
    yield f"type: {column.kind}"
    if column.currency is not None:
        yield f"currency: {column.currency}"
    if column.kind in (ColumnKind.MONEY, ColumnKind.RATE, ColumnKind.NUMBER):
        yield from (f"scale: {column.scale}", f"digits: {column.digits}")
    if column.optional:
        yield "optional: true"
    if column.values:
        yield f"values: [{', '.join(words[value] for value in column.values)}]"
    if column.references is not None:
        yield f"references: {names[column.references]}"
    if column.minimum is not None:
        yield f'minimum: "{column.minimum}"'
    if column.maximum is not None:
        yield f'maximum: "{column.maximum}"'


def _write_rows(
    path: Path,
    contract: Contract,
    *,
    rows: list[Row],
    names: Mapping[str, str],
    words: Mapping[str, str],
    numbers: Mapping[Cell, str],
) -> None:
    """Write the rows of a source as CSV, with made-up texts and keys."""

    def shown(column: Column, value: Cell) -> str:
        if value is None:
            return ""
        if column.kind is ColumnKind.TEXT:
            return words[str(value)]
        if _is_number_of_a_row(contract, column):
            return numbers[value]
        return _plain(value)

    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([names[column.name] for column in contract.columns])
        writer.writerows([shown(column, row[column.name]) for column in contract.columns] for row in rows)


def _plain(value: Cell) -> str:
    """Return a number, day or flag as a data file has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    assert isinstance(value, Fraction)
    return number_text(value).replace(",", "")
