"""Templates: the statements of a plan with names for what a plan gives, put in where the plan applies them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar

from spmlang.diagnostics.diagnostic import Label
from spmlang.syntax import ast

from .context import Context, every

N = TypeVar("N")
Given = Mapping[str, ast.Expr]


def applied(context: Context, node: ast.Apply) -> tuple[ast.Statement, ...]:
    """The statements with the arguments in the places of the parameters; none where that cannot be (and was reported)."""
    template = context.templates.get(node.template.text)
    if template is None:
        context.unknown("template", node.template, context.templates)
        return ()
    context.sees(node.template, "template", template.name.span)
    parameters = {parameter.text: parameter for parameter in template.parameters}
    given: dict[str, ast.Expr] = {}
    for argument in node.arguments:
        if argument.name.text not in parameters:
            context.unknown("parameter", argument.name, parameters)
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
        context.count_components(len(every(template.statements, ast.Component)), node.span)
        before = len(context.problems)
        statements = tuple(_put_in(context, statement, given) for statement in template.statements)
        if len(context.problems) == before:
            return statements
    context.broken |= {f"component {item.name.text}" for item in template.statements if isinstance(item, ast.Component)}
    return ()


def _put_in(context: Context, node: N, given: Given) -> N:
    """A part of the tree with every parameter replaced; the one place where a tree is walked without knowing its nodes."""
    match node:
        case ast.Path(root=root, members=()) if root.text in given:
            return given[root.text]  # type: ignore[return-value]
        case ast.Path():
            return node
        case ast.Name() if node.text in given:
            return _as_name(context, node, given[node.text])  # type: ignore[return-value]
        case tuple():
            return tuple(_put_in(context, item, given) for item in node)  # type: ignore[return-value]
        case ast.Ast():
            inner = {
                item.name: _put_in(context, getattr(node, item.name), given)
                for item in fields(node)
                if item.name != "span"
            }
            return replace(node, **inner)
    return node


def _as_name(context: Context, place: ast.Name, value: ast.Expr) -> ast.Name:
    """An argument that stands where a measure, quota, table or component is named."""
    if isinstance(value, ast.Path) and not value.members:
        return value.root
    context.report("argument-no-name", value.span, [Label(place.span, "a name is needed here")], found=value.span.text)
    return place
