"""The shape of spm.yaml for pydantic: which keys and types of values are allowed where.

`columns.py` and `roles.py` check the meaning afterwards. The columns of a source and the sources of a project are
validated one by one, so that one mistake does not hide the others.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from .contract import BadRows, ColumnKind

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Listed = BeforeValidator(_listed)
Limit = Annotated[Text | None, BeforeValidator(lambda value: str(value) if type(value) is int else value)]


class Shape(BaseModel):
    """One group of keys of the file. Other keys are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class ColumnShape(Shape):
    """A column: `amount: {type: money, currency: USD}`. `amount: text` is short for `amount: {type: text}`."""

    type: Annotated[ColumnKind, Field(strict=False)]
    header: Text | None = None
    currency: Text | None = None
    scale: int | None = None
    digits: int | None = None
    optional: bool = False
    values: list[Text] = Field(default_factory=list)
    references: Text | None = None
    minimum: Limit = None
    maximum: Limit = None


class DatedShape(Shape):
    """The dates of a source: `dated: {from: start_date, through: end_date}`."""

    start: Text = Field(alias="from")
    through: Text | None = None


class SourceShape(Shape):
    """One source. Its columns are not validated yet."""

    files: Annotated[list[Text], Listed, Field(min_length=1)]
    key: Annotated[list[Text], Listed] = Field(default_factory=list)
    delimiter: Annotated[str, StringConstraints(pattern=r'^[^"\r\n]$')] = ","
    bad_rows: Annotated[BadRows, Field(strict=False)] = BadRows.STOP
    dated: DatedShape | None = None
    columns: dict[Name, object] = Field(min_length=1)


class ProjectShape(Shape):
    """The whole file. Its sources are not validated yet."""

    name: Text
    data: Text = "data"
    plans: Annotated[list[Text], Listed, Field(min_length=1)] = Field(default_factory=lambda: ["**/*.spm"])
    roster: Text
    managers: Text | None = None
    sources: dict[Name, object] = Field(min_length=1)


def known_keys(shape: type[Shape]) -> list[str]:
    """Return the keys that are allowed in this group, as they are written."""
    return [field.alias or name for name, field in shape.model_fields.items()]
