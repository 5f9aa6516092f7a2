"""Templates: plan statements with parameters, inserted where a plan applies them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar

from spmlang.diagnostics.diagnostic import Label
from spmlang.syntax import ast

from .context import Context, statements_of
from .declared_names import require_visible
from .unknown_names import report_unknown

N = TypeVar("N")
Given = Mapping[str, ast.Expr]


def expand_template(context: Context, node: ast.Apply) -> tuple[ast.Statement, ...]:
    """Return the template's statements with the arguments in place of the parameters.

    The result is empty if there is a mistake, which is reported.
    """
    template = context.templates.get(node.template.text)
    if template is None:
        report_unknown(context, "template", node.template, context.templates)
        return ()
    require_visible(context, node.template, "template", template.name.span)
    parameters = {parameter.text: parameter for parameter in template.parameters}
    given: dict[str, ast.Expr] = {}
    for argument in node.arguments:
        if argument.name.text not in parameters:
            report_unknown(context, "parameter", argument.name, parameters)
        elif argument.name.text in given:
            context.report(
                "said-twice", argument.span, [Label(given[argument.name.text].span, "it is said here first")]
            )
        given.setdefault(argument.name.text, argument.value)
    missing = [name for name in parameters if name not in given]
    if missing:
        why = [Label(template.name.span, "the template")]
        names = ", ".join(f"`{name}`" for name in missing)
        context.report("argument-missing", node.span, why, name=template.name.text, missing=names)
    if not missing and set(given) == set(parameters):
        context.count_components(len(statements_of(template.statements, ast.Component)), node.span)
        before = len(context.problems)
        statements = tuple(_substitute(context, statement, given) for statement in template.statements)
        if len(context.problems) == before:
            return statements
    context.failed |= {f"component {item.name.text}" for item in template.statements if isinstance(item, ast.Component)}
    return ()


def _substitute(context: Context, node: N, given: Given) -> N:
    """Return a part of the tree with every parameter replaced.

    This is the only function that visits a tree without knowing its kinds of nodes.
    """
    match node:
        case ast.Path(root=root, members=()) if root.text in given:
            return given[root.text]  # type: ignore[return-value]
        case ast.Path():
            return node
        case ast.Name() if node.text in given:
            return _as_name(context, node, given[node.text])  # type: ignore[return-value]
        case tuple():
            return tuple(_substitute(context, item, given) for item in node)  # type: ignore[return-value]
        case ast.Ast():
            inner = {
                item.name: _substitute(context, getattr(node, item.name), given)
                for item in fields(node)
                if item.name != "span"
            }
            return replace(node, **inner)
    return node


def _as_name(context: Context, place: ast.Name, value: ast.Expr) -> ast.Name:
    """Return an argument as the name of a measure, quota, table or component; report any other argument."""
    if isinstance(value, ast.Path) and not value.members:
        return value.root
    context.report("argument-no-name", value.span, [Label(place.span, "a name is needed here")], found=value.span.text)
    return place
