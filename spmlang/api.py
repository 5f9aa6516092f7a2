"""The public Python API: open a project, check it, run it, explain it. The command line uses it, too.

DuckDB and PyArrow are imported when data is read, so that a project is opened and checked at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from spmlang.diagnostics.diagnostic import Diagnostic, Problems
from spmlang.program.program import Program
from spmlang.run.open import Opened, check_project, open_data
from spmlang.run.verification import SAMPLE_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

    from spmlang.data.tables import Tables
    from spmlang.explain.payouts import Explanation
    from spmlang.explain.transactions import Transaction
    from spmlang.outputs.components import ComponentReport
    from spmlang.outputs.summary import Summary
    from spmlang.run.examples import Outcome
    from spmlang.run.run import Run

__all__ = ["Diagnostic", "PayoutRun", "Problems", "Project", "open"]

#: Receives warnings.
OnWarnings: TypeAlias = Callable[[tuple[Diagnostic, ...]], object]


def _ignore(_warnings: tuple[Diagnostic, ...]) -> None:
    """Ignore warnings, which `run` returns, too."""


def open(folder: str | PathLike[str]) -> Project:  # noqa: A001 - spmlang.open reads as intended
    """Return the project in a folder. Nothing is read before it is asked for."""
    return Project(Path(folder))


@dataclass(frozen=True)
class Project:
    """A plan project: the folder with its spm.yaml and plan files."""

    folder: Path

    def check(self) -> tuple[Diagnostic, ...]:
        """Return all errors and warnings of the project. It is sound if none of them is an error."""
        return tuple(self._checked[1])

    @cached_property
    def _checked(self) -> tuple[Opened | None, list[Diagnostic]]:
        return check_project(self.folder)

    @property
    def _opened(self) -> Opened:
        """Return the checked project.

        Raises:
            Problems: If the project has errors.
        """
        opened, problems = self._checked
        if opened is None:
            raise Problems(problems)
        return opened

    @property
    def program(self) -> Program:
        """Return the typed program. Its classes are not part of the public API.

        Raises:
            Problems: If the project has errors.
        """
        return self._opened.program

    @property
    def name(self) -> str:
        """Return the name that spm.yaml gives the project.

        Raises:
            Problems: If the project has errors.
        """
        return self.program.name

    def test(self) -> tuple[Outcome, ...]:
        """Evaluate the examples of the project. An outcome without problems holds.

        Raises:
            Problems: If the project has errors.
        """
        from spmlang.run.examples import run_examples

        return tuple(run_examples(self.program))

    def run(
        self,
        first: str | None = None,
        last: str | None = None,
        *,
        data: str | PathLike[str] | None = None,
        engine: str = "duckdb",
        lines: bool = False,
        verify: str | int = SAMPLE_ROWS,
        out: str | PathLike[str] | None = None,
        partitioned: bool = False,
        memory: str | None = None,
        reuse: str | PathLike[str] | None = None,
        profile: bool = False,
        progress: Callable[[str], None] = lambda step: None,
    ) -> PayoutRun:
        """Compute what the project pays.

        Args:
            first: The first period, such as "2025-01" or "2025-Q1". Without it the run begins with the data.
            last: The last period. Without it the run ends with the data.
            data: The data folder. Without it the environment variable SPM_DATA applies, and without that spm.yaml.
            engine: "duckdb", "reference" or "spark".
            lines: True to compute credits and lines, too.
            verify: What the reference interpreter recomputes: "all", "off", or the most source rows of a sample.
            out: A folder to write all outputs into. Credits and lines are then written while they are computed, and
                are not kept.
            partitioned: True to write Parquet files as folders partitioned by time.
            memory: The memory limit of the database, such as "4GB".
            reuse: The folder that keeps results computed from each file.
            profile: True to record the cost of each stage.
            progress: Receives the name of each step as it begins. An exception from it stops the run, and leaves `out`
                as it was.

        Raises:
            Problems: If the project or the data has errors, a period is unknown, `out` holds other files, or the
                reference interpreter pays another amount.
            ValueError: If there is no such engine.
        """
        from spmlang.data.damaged_files import reporting_damage_of
        from spmlang.outputs.folder import refuse_foreign, whole_folder
        from spmlang.outputs.line_tables import line_sink
        from spmlang.outputs.parquet import writer
        from spmlang.outputs.summary import summarized
        from spmlang.outputs.write_folder import write_outputs
        from spmlang.run.dates import days_to_come
        from spmlang.run.run import make_request, run_program
        from spmlang.verify.sample import extent_of
        from spmlang.verify.sample import verify as verified

        _known(engine)
        extent = extent_of(str(verify))
        progress("checking the plans")
        program = self.program
        target = _path(out)
        if target is not None:
            refuse_foreign(target)
        progress("reading the data")
        tables, warnings = self._tables(data, memory, reuse)
        progress("computing")
        with reporting_damage_of(tables):
            request = make_request(program, tables, first, last, lines=lines, profile=profile)
            place: AbstractContextManager[Path | None] = whole_folder(target) if target is not None else nullcontext()
            with place as folder:
                if folder is not None:
                    request = replace(request, sink=line_sink(program, folder, writer(partitioned)))
                done = run_program(program, tables, request, engine)
                progress("checking a sample")
                verification = verified(done, extent)
                named = {"first_named": first is not None, "last_named": last is not None}
                progress("writing")
                summary = summarized(done, verification, **named)
                if folder is not None:
                    write_outputs(done, summary, folder, writer(partitioned))
                progress("done")
        ahead = days_to_come(program, tables, request.last.end, date.today())
        return PayoutRun(computed=done, summary=summary, warnings=(*warnings, *ahead))

    def explain(
        self,
        payee: str,
        period: str,
        component: str | None = None,
        *,
        data: str | PathLike[str] | None = None,
        engine: str = "duckdb",
        on_warnings: OnWarnings = _ignore,
    ) -> tuple[Explanation, ...]:
        """Explain every payout of a payee in a pay period, down to the source rows.

        `on_warnings` receives the warnings about plans and data.

        Raises:
            Problems: If the project or the data has errors, or there is no such payee, period or payout.
            ValueError: If there is no such engine.
        """
        from spmlang.data.damaged_files import reporting_damage_of
        from spmlang.explain.payouts import explain
        from spmlang.run.run import named_pay_period

        _known(engine)
        interval = named_pay_period(self.program, period)
        tables, warnings = self._tables(data)
        with reporting_damage_of(tables):
            found = tuple(
                explain(self.program, tables, payee=payee, period=interval, component=component, engine=engine)
            )
        on_warnings(warnings)
        return found

    def explain_transaction(
        self,
        source: str,
        key: str,
        payee: str | None = None,
        *,
        data: str | PathLike[str] | None = None,
        on_warnings: OnWarnings = _ignore,
    ) -> Transaction:
        """Explain who is credited with a source row, and why others are not.

        Args:
            source: The source, such as "orders".
            key: The key of the row.
            payee: A payee to say more about.
            data: The data folder, as for `run`.
            on_warnings: Receives the warnings about plans and data.

        Raises:
            Problems: If the project or the data has errors, or there is no such row or payee.
        """
        from spmlang.data.damaged_files import reporting_damage_of
        from spmlang.explain.transactions import explain_transaction

        tables, warnings = self._tables(data)
        with reporting_damage_of(tables):
            found = explain_transaction(self.program, tables, source=source, key=key, payee=payee)
        on_warnings(warnings)
        return found

    def _tables(
        self,
        data: str | PathLike[str] | None,
        memory: str | None = None,
        reuse: str | PathLike[str] | None = None,
    ) -> tuple[Tables, tuple[Diagnostic, ...]]:
        """Return the tables, and the warnings about plans and data."""
        opened = self._opened
        tables, warnings = open_data(opened, _path(data), memory, _path(reuse))
        return tables, (*opened.warnings, *warnings)


@dataclass(frozen=True, kw_only=True)
class PayoutRun:
    """The result of `Project.run`: the tables of the output files, with exact decimals.

    Tables are Arrow tables. `table.to_pandas()` gives `decimal.Decimal` objects, never floats.

    Attributes:
        computed: The run that the tables are made from. Its class is not part of the public API.
        summary: The report besides payouts: reconciliation, unpaid credits, verification, notes.
        warnings: The warnings about plans and data.
    """

    computed: Run
    summary: Summary
    warnings: tuple[Diagnostic, ...]

    @property
    def periods(self) -> tuple[str, str]:
        """Return the labels of the first and last pay period."""
        return self.computed.request.first.label, self.computed.request.last.label

    @cached_property
    def payouts(self) -> pa.Table:
        """Return what each payee earned: a row for each period, payee, plan version and component."""
        from spmlang.outputs.payouts import payout_table, typed_payouts

        return typed_payouts(self.computed.program, payout_table(self.computed))

    @cached_property
    def payments(self) -> pa.Table:
        """Return what payroll pays: the lines of each payment."""
        from spmlang.outputs.payments import payment_table

        return payment_table(self.computed, self.summary.paid)

    @cached_property
    def balances(self) -> pa.Table:
        """Return the amount paid to each payee, and what stays held, owed and drawn after it."""
        from spmlang.outputs.payments import balance_table

        return balance_table(self.computed, self.summary.paid)

    @cached_property
    def uncredited(self) -> pa.Table:
        """Return the source rows that no payee is credited with, and the reason."""
        from spmlang.outputs.line_tables import uncredited_table

        return uncredited_table(self.computed)

    @cached_property
    def credits(self) -> pa.Table | None:
        """Return the credits, if `run` was called with `lines` and without `out`."""
        from spmlang.outputs.line_tables import credit_table

        found = self.computed.result.credits
        return None if found is None else credit_table(self.computed.program, found)

    @cached_property
    def lines(self) -> pa.Table | None:
        """Return the part of each earning that each credit brings, if `run` was called with `lines` and without `out`."""
        from spmlang.outputs.line_tables import line_table

        found = self.computed.result.lines
        return None if found is None else line_table(self.computed.program, found)

    @property
    def components(self) -> tuple[ComponentReport, ...]:
        """Return what each component costs and brings, with the flags of its watches."""
        return self.summary.reports

    def write(self, folder: str | PathLike[str], *, partitioned: bool = False) -> None:
        """Write all outputs into a folder. It holds the outputs of the run before until all are written.

        Raises:
            Problems: If the folder holds other files.
            OSError: If the folder cannot be written.
        """
        from spmlang.outputs.folder import refuse_foreign, whole_folder
        from spmlang.outputs.line_tables import line_sink
        from spmlang.outputs.parquet import writer
        from spmlang.outputs.write_folder import write_outputs

        refuse_foreign(Path(folder))
        with whole_folder(Path(folder)) as new:
            sink = line_sink(self.computed.program, new, writer(partitioned))
            for name, table in (("credits", self.computed.result.credits), ("lines", self.computed.result.lines)):
                if table is not None:
                    sink(name, [table])
            write_outputs(self.computed, self.summary, new, writer(partitioned))


def _path(named: str | PathLike[str] | None) -> Path | None:
    return None if named is None else Path(named)


def _known(engine: str) -> None:
    """Refuse an engine that does not exist.

    Raises:
        ValueError: If there is no such engine.
    """
    from spmlang.run.run import ENGINES

    if engine not in ENGINES:
        raise ValueError(f"there is no engine {engine!r}; the engines are {', '.join(ENGINES)}")
