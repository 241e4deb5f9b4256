"""The organisation as the API says it."""

from datetime import date

from ninja import Schema
from pydantic import Field


class UnitOut(Schema):
    """A unit as it stands on a day."""

    id: int
    code: str
    level: str = Field(description="The code of the level: central, province, district, commune, cell …")
    kind: str
    name: str
    short_name: str
    parent_id: int | None
    latitude: float | None
    longitude: float | None
    since: date = Field(description="The first day of this name, level, code and place.")
    until: date | None = Field(description="The first day on which it is so no more; null while it lasts.")


class UnitPageOut(Schema):
    """Some units, in the order of levels, then of names; `next` is the cursor of the page after, or null."""

    on: date
    units: list[UnitOut]
    next: int | None


class UnitsBelowOut(Schema):
    """How many units of a level stand below."""

    level: str
    units: int


class UnitDetailOut(UnitOut):
    """A unit, what stands above it (the highest first), and how many units of each level stand below."""

    on: date
    above: list[UnitOut]
    below: list[UnitsBelowOut]
