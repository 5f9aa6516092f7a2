"""Build the worst files of a given size: a small valid project in which one thing grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count

Files = dict[str, bytes]

SETTINGS = """\
name: large
data: .
roster: roster
managers: reports
sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: from_date}
    columns:
      payee: text
      name: text
      from_date: date
  reports:
    files: reports.csv
    key: [payee]
    dated: {from: from_date}
    columns:
      payee: {type: text, references: roster}
      manager: {type: text, references: roster}
      from_date: date
  deals:
    files: deals.csv
    key: [number]
    columns:
      number: text
      day: date
      seller: {type: text, references: roster}
      amount: {type: money, currency: USD}
      region: {type: text, optional: true}
      pieces: {type: count, optional: true}
"""

PLAN = """\
calendar plain {
  year starts January
  pay monthly
}

measure bookings in USD {
  sum    deals.amount
  on     deals.day
  credit deals.seller
}

plan rep version 1 {
  effective from 2025-01-01
  for       payee.name != ""
  currency  USD

  commission base {
    on bookings
    pays 1% of bookings
  }
}
"""

ROSTER = "payee,name,from_date\nann,Ann,2025-01-01\nbob,Bob,2025-01-01\n"
REPORTS = "payee,manager,from_date\nann,bob,2025-01-01\n"
DEALS = "number,day,seller,amount,region,pieces\n"
ROW = "{number},2025-01-15,ann,800.00,west,3\n"
LONGEST_PLAN = 1_900_000  # characters of one plan file

CHECK, RUN = ["check"], ["run", "--out", "out/large"]


@dataclass(frozen=True)
class Case:
    """A case: `make` builds the files for a size in bytes. Sizes above `most` bytes show nothing new."""

    name: str
    make: Callable[[int], Files]
    command: list[str]
    most: int = 10_000_000


def project(**others: str | bytes) -> Files:
    """Return the valid project with other or further files; `deals_csv` is deals.csv."""
    known: dict[str, str | bytes] = {
        "spm_yaml": SETTINGS,
        "base_spm": PLAN,
        "roster_csv": ROSTER,
        "reports_csv": REPORTS,
        "deals_csv": DEALS + ROW.format(number=1),
    }
    texts = {**known, **others}
    return {
        name.replace("_csv", ".csv").replace("_spm", ".spm").replace("_yaml", ".yaml"): (
            text.encode() if isinstance(text, str) else text
        )
        for name, text in texts.items()
    }


def filled(size: int, pieces: Iterable[str]) -> str:
    """Join as many of the pieces as fit in so many characters."""
    taken, length = [], 0
    for piece in pieces:
        length += len(piece)
        if length > size:
            break
        taken.append(piece)
    return "".join(taken)


def many(form: str) -> Iterator[str]:
    """Yield the form again and again; `{0}` counts from 0, and `{1}` from 1."""
    return (form.format(number, number + 1) for number in count())


def plans(size: int, pieces: Iterable[str]) -> Files:
    """Return the valid project with declarations in as many files as they need."""
    files, found = project(), iter(pieces)
    for number in range(max(-(-size // LONGEST_PLAN), 1)):
        text = filled(min(size - number * LONGEST_PLAN, LONGEST_PLAN), found)
        files[f"part_{number}.spm"] = f"use base\n{text}".encode()
    return files


def in_plan(more: str = "", pays: str = "    pays 1% of bookings\n") -> Files:
    """Return the valid project with further statements in its component, or with another `pays` statement."""
    return project(base_spm=PLAN.replace("    pays 1% of bookings\n", pays + more))


def instead(old: str, new: str, **others: str | bytes) -> Files:
    """Return the valid project with replaced text in spm.yaml."""
    assert old in SETTINGS
    return project(spm_yaml=SETTINGS.replace(old, new), **others)
