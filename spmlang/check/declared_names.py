"""Find the declaration of a name, and report a name that is not declared or not visible."""

from __future__ import annotations

from spmlang.diagnostics.diagnostic import Label
from spmlang.diagnostics.text import Span
from spmlang.program.expressions import Table
from spmlang.program.types import Type
from spmlang.project.contract import Contract
from spmlang.syntax import ast

from .context import Context
from .files import module_name
from .unknown_names import report_unknown


def declared_source(context: Context, name: ast.Name) -> Contract | None:
    """Return the source of this name, or report an unknown name."""
    contract = context.contracts.get(name.text)
    if contract is None:
        report_unknown(context, "source", name, context.contracts)
    return contract


def measure_type(context: Context, name: ast.Name) -> Type | None:
    """Return the type of a measure; report an unknown measure, or one whose file is not used."""
    declared = context.measures.get(name.text)
    if declared is None:
        report_unknown(context, "measure", name, context.measures)
        return None
    require_visible(context, name, "measure", declared.name.span)
    return context.measure_types.get(name.text)


def declared_table(context: Context, name: ast.Name) -> Table | None:
    """Return a table by name; report an unknown table, or one whose file is not used."""
    declared = context.tables.get(name.text)
    if declared is None:
        report_unknown(context, "table", name, context.tables)
        return None
    require_visible(context, name, "table", declared.name.span)
    return context.known_tables.get(name.text)


def require_visible(context: Context, name: ast.Name, kind: str, declared: Span) -> None:
    """Report a name that is declared in a file which the reading file does not use.

    A name that is declared in two files is not reported. An unused file is reported once, also for the files that
    it uses itself.
    """
    reader, file = name.span.source.path, declared.source.path
    if f"twice {name.text}" in context.failed or f"file {reader}: {file}" in context.failed:
        return
    if file not in context.visible.get(reader, {file}):
        context.failed |= {f"file {reader}: {path}" for path in context.visible.get(file, ())}
        module = module_name(file, reader)
        why = [Label(declared, f"{kind} `{name.text}` is declared here")]
        context.report("not-used-file", name.span, why, kind=kind, name=name.text, module=module)
