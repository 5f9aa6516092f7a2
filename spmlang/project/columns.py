"""Checks of one column in spm.yaml: its options must fit its type."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from spmlang.values.money import is_currency, minor_places

from .contract import Column, ColumnKind
from .reading import Reading
from .schema import ColumnShape
from .yaml_places import Path

DECIMALS = (ColumnKind.MONEY, ColumnKind.RATE, ColumnKind.NUMBER)
_MOST_DIGITS = 38
_DIGITS, _RATE_SCALE = 18, 6
_COUNT_DIGITS = 18  # all whole numbers with this many digits fit into 64 bits

#: The limit of a rate's absolute value (100%) if the column declares none.
_WHOLE = "1"

#: Options that are allowed only for some types of column.
_FITS = {
    "currency": (ColumnKind.MONEY,),
    "scale": DECIMALS,
    "digits": DECIMALS,
    "values": (ColumnKind.TEXT,),
    "minimum": (*DECIMALS, ColumnKind.COUNT, ColumnKind.DATE),
    "maximum": (*DECIMALS, ColumnKind.COUNT, ColumnKind.DATE),
}


def make_column(reading: Reading, at: Path, name: str, shape: ColumnShape) -> Column:
    """Build the column and report every option that does not fit.

    A limit or size that does not fit is replaced by the default. A rate without `minimum` or `maximum` gets -1 or 1, if
    it has a digit before the point.
    """
    kind = shape.type
    for option, kinds in _FITS.items():
        if option in shape.model_fields_set and kind not in kinds:
            reading.report("column-option", (*at, option), key=True, option=option, type=kind)
    if kind is ColumnKind.MONEY and not (shape.currency and is_currency(shape.currency)):
        _report_currency(reading, at, name, shape.currency)
    scale, digits = 0, _DIGITS
    if kind in DECIMALS:
        scale, digits = _size(reading, at, name, shape)
    minimum = _limit(reading, at, shape, "minimum", scale=scale, digits=digits)
    maximum = _limit(reading, at, shape, "maximum", scale=scale, digits=digits)
    if kind is ColumnKind.RATE and digits > scale:
        maximum = _WHOLE if shape.maximum is None else maximum
        minimum = f"-{_WHOLE}" if shape.minimum is None else minimum
    if minimum is not None and maximum is not None and _is_more(kind, minimum, maximum):
        at_most = "maximum" if shape.maximum is not None else "minimum"
        reading.report("column-limits", (*at, at_most), column=name, minimum=minimum, maximum=maximum)
    return Column(
        name=name,
        header=shape.header or name,
        kind=kind,
        span=reading.placed.span_of(at, key=True),
        currency=shape.currency,
        scale=scale,
        digits=digits,
        optional=shape.optional,
        values=tuple(shape.values),
        references=shape.references,
        minimum=minimum,
        maximum=maximum,
    )


def _report_currency(reading: Reading, at: Path, name: str, found: str | None) -> None:
    if found is None:
        reading.report("column-currency", at, key=True, column=name)
        return
    hint = f" Did you mean `{found.upper()}`?" if is_currency(found.upper()) else ""
    reading.report("column-currency-unknown", (*at, "currency"), found=found, hint=hint)


def _size(reading: Reading, at: Path, name: str, shape: ColumnShape) -> tuple[int, int]:
    """Return scale and digits of an exact decimal; the defaults depend on the type of column."""
    digits = _DIGITS if shape.digits is None else shape.digits
    scale = shape.scale
    if scale is None:
        if shape.type is ColumnKind.NUMBER:
            reading.report("column-scale-missing", at, key=True, column=name)
        places = {ColumnKind.MONEY: minor_places(shape.currency or ""), ColumnKind.RATE: _RATE_SCALE}
        scale = min(places.get(shape.type, 0), digits)
    if 0 <= scale <= digits <= _MOST_DIGITS and digits > 0:
        return scale, digits
    option = "scale" if shape.digits is None else "digits"
    reading.report("column-scale", (*at, option), column=name, scale=scale, digits=digits)
    return 0, _DIGITS


def _limit(reading: Reading, at: Path, shape: ColumnShape, option: str, *, scale: int, digits: int) -> str | None:
    """Return the `minimum` or `maximum` as a plain decimal or an ISO date; None if there is no valid one."""
    written: str | None = getattr(shape, option)
    kind = shape.type
    if written is None or kind not in _FITS[option]:
        return None
    whole = _COUNT_DIGITS if kind is ColumnKind.COUNT else digits - scale
    plain = _as_fraction(written) if kind is ColumnKind.RATE else written
    if _is_day(written) if kind is ColumnKind.DATE else _fits(plain, whole, scale):
        if kind is ColumnKind.RATE and "%" not in written and abs(Decimal(plain)) > 1:
            times = f"{Decimal(plain) * 100:f}%"
            reading.report("column-rate-limit", (*at, option), option=option, found=written, times=times)
        return plain
    reading.report("column-minimum", (*at, option), option=option, column=at[-1], type=kind, whole=whole, scale=scale)
    return None


def _is_more(kind: ColumnKind, minimum: str, maximum: str) -> bool:
    return minimum > maximum if kind is ColumnKind.DATE else Decimal(minimum) > Decimal(maximum)


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _as_fraction(written: str) -> str:
    """Convert a percentage: `300%` becomes `3.00`. Any other text is returned unchanged."""
    match = re.fullmatch(r"(-?)([0-9]+)(?:\.([0-9]+))?%", written)
    if match is None:
        return written
    digits = match[2].rjust(3, "0")
    return f"{match[1]}{digits[:-2]}.{digits[-2:]}{match[3] or ''}"


def _fits(number: str, whole: int, scale: int) -> bool:
    """Return True for a plain decimal with at most `whole` digits before the point and `scale` after it."""
    match = re.fullmatch(r"-?0*([0-9]*?)(?:\.([0-9]*?)0*)?", number)
    if match is None or not re.search(r"[0-9]", number):
        return False
    return len(match[1]) <= whole and len(match[2] or "") <= scale
