"""Check of lookup tables: for every combination of keys one row decides, or the first gap or overlap is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from math import prod

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import Key, Row, Table
from spmlang.program.types import TEXT, Kind, Type
from spmlang.syntax import ast

from .context import Context
from .number_meanings import how_to_cover
from .type_rules import literal, same

Bound = ast.Percent | ast.Money | ast.Number


def build_tables(context: Context) -> dict[str, Table]:
    """Build all tables by name, without those that have a mistake, which is reported."""
    built = {name: _table(context, node) for name, node in context.tables.items()}
    context.failed |= {f"table {name}" for name, table in built.items() if table is None}
    return {name: table for name, table in built.items() if table is not None}


def _table(context: Context, node: ast.Table) -> Table | None:
    rows = [row for row in node.statements if isinstance(row, ast.TableRow)]
    if not rows:
        if not node.damaged:
            context.report("table-empty", node.name.span, name=node.name.text)
        return None
    types = _types(context, rows)
    value = _value_type(context, rows)
    fine = _keys_fit(context, node, rows)
    if types is None or value is None or not fine:
        return None
    if node.interpolated:
        points = _ascending_points(context, rows)
        if points is None:
            return None
        rows = points
    else:
        rows = sorted(_open_below(rows), key=lambda row: len(_else_dimensions(row)))
        if not node.damaged and not _is_proven(context, node, rows):
            return None
    built = tuple(Row(tuple(_key(key) for key in row.keys), _value_of(row.value), row.span) for row in rows)
    return Table(
        name=node.name.text,
        interpolated=node.interpolated,
        dimensions=types,
        rows=built,
        type=value,
        listed=_texts_with_rows(rows),
        span=node.span,
    )


def _value_of(value: ast.Literal) -> Fraction:
    assert isinstance(value, ast.Percent | ast.Money | ast.Number)
    return value.value


def _key(key: ast.TableKey) -> Key:
    return Key(key.low.value if key.low else None, key.high.value if key.high else None, key.text)


def _types(context: Context, rows: list[ast.TableRow]) -> tuple[Type, ...] | None:
    """Return the type of each dimension. The rows must agree."""
    width = len(rows[0].keys)
    found: list[Type | None] = [None] * width
    fine = True
    for row in rows:
        if len(row.keys) != width:
            why = [Label(rows[0].span, f"this row has {width}")]
            context.report("table-width", row.span, why, found=len(row.keys), wanted=width)
            return None
        for at, key in enumerate(row.keys):
            for kind in _key_types(key):
                known = found[at]
                if known is not None and not same(known, kind):
                    context.report(
                        "table-mixed", key.span, [Label(rows[0].span, "the first row")], found=kind, wanted=known
                    )
                    fine = False
                elif known is None or kind.scale > known.scale:
                    found[at] = kind
    return tuple(kind or TEXT for kind in found) if fine else None


def _key_types(key: ast.TableKey) -> list[Type]:
    if key.text is not None:
        return [TEXT]
    return [literal(bound).type for bound in (key.low, key.high) if bound is not None]


def _value_type(context: Context, rows: list[ast.TableRow]) -> Type | None:
    """Return the type of the values: money of one currency, rates, or numbers."""
    found: Type | None = None
    fine = True
    for row in rows:
        kind = literal(row.value).type
        if not kind.numeric:
            context.report("table-value", row.value.span, found=kind)
            fine = False
        elif found is None:
            found = kind
        elif not same(found, kind):
            context.report(
                "table-mixed", row.value.span, [Label(rows[0].span, "the first row")], found=kind, wanted=found
            )
            fine = False
        else:
            larger = found if found.kind is not Kind.COUNT else kind
            found = replace(larger, scale=max(found.scale, kind.scale))
    return found if fine else None


def _keys_fit(context: Context, node: ast.Table, rows: list[ast.TableRow]) -> bool:
    """Return True if each row has the kinds of keys that its table needs; report the first row that does not.

    An interpolated table has at least two rows with one point each. Other tables have ranges and texts.
    """
    wrong = [
        row for row in rows if node.interpolated != all(key.point for key in row.keys) or _has_points_and_ranges(row)
    ]
    for row in wrong[:1]:
        context.report("table-points" if node.interpolated else "table-ranges", row.span, name=node.name.text)
    if node.interpolated and not wrong and (len(rows) < 2 or len(rows[0].keys) > 1):
        context.report("table-points", rows[0].span, name=node.name.text)
        return False
    return not wrong


def _has_points_and_ranges(row: ast.TableRow) -> bool:
    return any(key.point for key in row.keys) and not all(key.point for key in row.keys)


def _ascending_points(context: Context, rows: list[ast.TableRow]) -> list[ast.TableRow] | None:
    """Return the points in ascending order; None, and a report, if a point is there twice."""
    ordered = sorted(rows, key=_lowest_point)
    for row, following in pairwise(ordered):
        if _lowest_point(row) == _lowest_point(following):
            context.report("table-point-twice", following.span, [Label(row.span, "it stands here first")])
            return None
    return ordered


def _lowest_point(row: ast.TableRow) -> Fraction:
    low = row.keys[0].low
    assert low is not None
    return low.value


def _open_below(rows: list[ast.TableRow]) -> list[ast.TableRow]:
    """Open the lowest row below zero in each dimension that begins at zero, as in tiers."""
    width = len(rows[0].keys)
    lowest = [min((row.keys[at].low.value for row in rows if row.keys[at].low), default=None) for at in range(width)]  # type: ignore[union-attr]
    below = [any(row.keys[at].low is None and row.keys[at].high for row in rows) for at in range(width)]

    def open_below(at: int, key: ast.TableKey) -> ast.TableKey:
        starts = key.low is not None and key.low.value == lowest[at] == 0 and not below[at]
        return replace(key, low=None) if starts else key

    return [replace(row, keys=tuple(open_below(at, key) for at, key in enumerate(row.keys))) for row in rows]


# ---- proof ------------------------------------------------------------------------------------

#: The most combinations of pieces that are checked.
_MOST_COMBINATIONS = 1_000_000

#: A piece of a dimension, which is cut at all its bounds and texts. Each row covers some of the pieces.
Piece = tuple[Bound | None, Bound | None] | str | None


def _is_proven(context: Context, node: ast.Table, rows: list[ast.TableRow]) -> bool:
    """Return True if for every combination of pieces one row decides; else report the first problem.

    Two rows may cover a combination only if the dimensions with `else` of the one are a proper subset of the other's.
    """
    for row in rows:
        for key in row.keys:
            if key.low is not None and key.high is not None and key.high.value <= key.low.value:
                context.report("tier-backwards", row.span, low=key.low.span.text, high=key.high.span.text)
                return False
    width = len(rows[0].keys)
    pieces = [_pieces([row.keys[at] for row in rows]) for at in range(width)]
    if prod(map(len, pieces)) > _MOST_COMBINATIONS:
        context.report(
            "too-large", node.name.span, what=f"a table with more than {_MOST_COMBINATIONS:,} combinations of keys"
        )
        return False
    pieces_by_key = [_pieces_by_key(found) for found in pieces]
    row_of: dict[tuple[int, ...], ast.TableRow] = {}
    for row in rows:
        for place in product(*(pieces_of(key) for pieces_of, key in zip(pieces_by_key, row.keys, strict=True))):
            first = row_of.setdefault(place, row)
            if first is not row and not _else_dimensions(first) < _else_dimensions(row):
                context.report("table-overlap", row.span, [Label(first.span, "this row holds it, too")])
                return False
    missing = [place for place in product(*(range(len(found)) for found in pieces)) if place not in row_of]
    if missing:
        shown = ", ".join(_piece_text(pieces[at][n]) for at, n in enumerate(missing[0]))
        texts = any(not isinstance(pieces[at][n], tuple) for at, n in enumerate(missing[0]))
        hint = how_to_cover(shown, texts=texts)
        context.report("table-gap", node.name.span, name=node.name.text, missing=shown, hint=hint)
    return not missing


def _else_dimensions(row: ast.TableRow) -> frozenset[int]:
    """Return the dimensions in which a row has `else`."""
    return frozenset(at for at, key in enumerate(row.keys) if _is_else(key))


def _is_else(key: ast.TableKey) -> bool:
    return key.text is None and key.low is None and key.high is None


def _texts_with_rows(rows: list[ast.TableRow]) -> tuple[frozenset[str] | None, ...]:
    """Return, for each dimension of texts without an `else` row, the texts that have a row.

    The entry is None for other dimensions.
    """
    found: list[frozenset[str] | None] = []
    for at in range(len(rows[0].keys)):
        texts = [row.keys[at].text for row in rows]
        found.append(None if None in texts else frozenset(text for text in texts if text is not None))
    return tuple(found)


def _pieces(keys: list[ast.TableKey]) -> list[Piece]:
    bounds = {bound.value: bound for key in keys for bound in (key.low, key.high) if bound is not None}
    if not bounds:
        texts = sorted({key.text for key in keys if key.text is not None})
        return [*texts, None] if any(_is_else(key) for key in keys) else [*texts]
    order = [bounds[value] for value in sorted(bounds)]
    return [(None, order[0]), *pairwise(order), (order[-1], None)]


def _pieces_by_key(pieces: list[Piece]) -> Callable[[ast.TableKey], range]:
    """Return a function from a key to the indexes of the pieces that it covers."""
    places: dict[object, int] = {
        piece[0].value if isinstance(piece, tuple) and piece[0] else piece: at for at, piece in enumerate(pieces)
    }
    every = range(len(pieces))
    if not isinstance(pieces[0], tuple):
        return lambda key: every if _is_else(key) else range(places[key.text], places[key.text] + 1)

    def pieces_of(key: ast.TableKey) -> range:
        first = places[key.low.value] if key.low is not None else 0
        return range(first, places[key.high.value] if key.high is not None else len(pieces))

    return pieces_of


def _piece_text(piece: Piece) -> str:
    if not isinstance(piece, tuple):
        return f'"{piece}"' if piece is not None else "else"
    low, high = piece
    if low is None:
        return f"below {high.span.text}" if high else "any value"
    return f"{low.span.text} to {high.span.text}" if high else f"{low.span.text} and above"
