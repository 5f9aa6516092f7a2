"""Generate the plan project of a large company: many plans in folders, many territories, a long roster.

Territories do not count as plan lines. Each takes five lines, blank ones included.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, pairwise
from pathlib import Path

import duckdb

REGIONS = 25
PLANS_PER_FILE = 10
INDUSTRIES = ("Banking", "Chemicals", "Education", "Energy", "Food", "Health", "Retail", "Transport")
FIRST_POSTCODE, POSTCODES = 10_000, 90_000

SETTINGS = """\
name: large_company
roster: roster
managers: reporting_line

sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: from_date}
    columns:
      payee: text
      name: text
      unit: text
      grade: {type: text, values: [junior, senior]}
      from_date: date
  reporting_line:
    files: reporting_line.csv
    key: [payee]
    dated: {from: from_date}
    columns:
      payee: {type: text, references: roster}
      manager: {type: text, references: roster}
      from_date: date
  assignments:
    files: assignments.csv
    key: [payee, plan]
    dated: {from: from_date}
    columns:
      payee: {type: text, references: roster}
      plan: text
      from_date: date
  targets:
    files: targets.csv
    key: [payee, period]
    columns:
      payee: {type: text, references: roster}
      period: date
      target: {type: money, currency: USD, minimum: 0}
  customers:
    files: customers.csv
    key: [customer]
    columns:
      customer: text
      region: text
      segment: {type: text, values: [Independent, Chain, Strategic]}
      industry: text
      postcode: count
  orders:
    files: orders.parquet
    key: [id]
    columns:
      id: count
      day: date
      customer: {type: text, references: customers}
      payee: {type: text, references: roster}
      amount: {type: money, currency: USD}
      product: text
      units: count
"""

BASE = """\
use std.calendar_year

measure bookings in USD {
  sum    orders.amount
  on     orders.day
  credit orders.payee
}

measure territory_bookings in USD {
  sum    orders.amount
  on     orders.day
  credit owner of territory of orders.customer
}

measure team_bookings in USD {
  rollup bookings to manager of payee
}

quota bookings {
  from targets, each quarter
}
"""

PRODUCT = """
measure units_{number} {{
  sum    orders.units
  where  orders.product == "P{number}"
  on     orders.day
  credit orders.payee
}}
"""

REGION = """
measure {region}_bookings in USD {{
  sum    orders.amount
  where  orders.customer.region == "{code}"
  on     orders.day
  credit orders.payee
}}
"""

TERRITORY = """\
territory {name} of customers {{
  covers {test}
  owner  "{owner}" from 2025-01-01
}}
"""

PLAN = """\
plan {name} version 1 {{
  label     "{label}"
  effective from 2025-01-01
  for       {members}
  currency  USD
{parts}}}
"""

#: The main statements of each plan, in turn. Smaller components fill its other lines.
MAIN = (
    """\
  commission base {{
    on  bookings, year to date
    tiers by attainment, marginal {{
      0%   to 50%    : {rate}%
      50%  to 100%   : 3%
      100% and above : 6%
    }}
  }}
""",
    """\
  cap 9_000.00 USD each period
  commission volume {{
    on bookings
    tiers by amount, retroactive {{
      0 USD      to 25_000 USD : {rate}%
      25_000 USD to 45_000 USD : 1.5%
      45_000 USD and above     : 3%
    }}
  }}
""",
    """\
  guarantee 1_500.00 USD for first 3 periods
  commission region {{
    pays {rate}% of {region}_bookings + 0.5% of territory_bookings
    hold 20% until end of quarter
  }}
""",
    """\
  commission team {{
    each quarter
    gate when attainment of bookings >= 75%
    pays {rate}% of team_bookings
    cap  30_000.00 USD each year
  }}
""",
    """\
  quota {region}_bookings {{
    target {target}_000.00 USD each quarter
  }}
  bonus incentive {{
    each quarter
    pays (attainment of {region}_bookings at most 150%) * 4_000.00 USD
  }}
""",
    """\
  bonus contest {{
    each quarter
    ranks territory_bookings, ties share {{
      1      : 5_000.00 USD
      2 to 3 : 2_000.00 USD
    }}
  }}
""",
)

FILLING = (
    """\
  spif push_{number} {{
    window from 2025-0{month}-01 through 2025-0{month}-28
    pays   {rate} USD per units_{product}
  }}
""",
    """\
  bonus step_{number} {{
    each quarter
    when units_{product} >= {target} and payee.grade == "senior"
    pays 250.00 USD
  }}
""",
    """\
  commission share_{number} {{
    pays  {rate}% of territory_bookings
    round per line, half even
  }}
""",
)

#: Lines of a plan around its components, and lines of the largest filling component with its blank line.
_FRAME, _MOST = PLAN.count("\n") - 1, 5


@dataclass(frozen=True, kw_only=True)
class Size:
    """The size of the project. `rows` is the number of transactions, 0 for a project without data."""

    plans: int = 1_000
    lines: int = 20_000
    payees: int = 50_000
    territories: int = 10_000
    rows: int = 0
    seed: int = 1


def write_plans(folder: Path, size: Size) -> int:
    """Write spm.yaml and all plan files, and return the number of lines that belong to no territory."""
    draw = random.Random(size.seed)
    regions = [f"r{number:02}" for number in range(1, REGIONS + 1)]
    shared = BASE + "".join(PRODUCT.format(number=number) for number in range(1, 9))
    shared += "".join(REGION.format(region=region, code=region.upper()) for region in regions)
    _write(folder / "spm.yaml", SETTINGS)
    _write(folder / "shared" / "measures.spm", shared)
    for region, tests in zip(regions, _territories(size.territories), strict=True):
        items = (
            TERRITORY.format(
                name=f"{region}_{at:04}", test=f'region == "{region.upper()}"{test}', owner=_payee(draw, size)
            )
            for at, test in enumerate(tests, start=1)
        )
        _write(folder / "territories" / f"{region}.spm", "\n".join(items))
    lines = shared.count("\n")
    files = range(0, size.plans, PLANS_PER_FILE)
    for first, region in zip(files, cycle(regions), strict=False):
        numbers = range(first, min(first + PLANS_PER_FILE, size.plans))
        text = "use shared.measures\n"
        for number in numbers:
            wanted = lines + (size.lines - lines) * (number + 1 - first) // (size.plans - first)
            text += "\n" + _plan(draw, number, region, wanted - lines - text.count("\n") - 1)
        lines += text.count("\n")
        _write(folder / f"plans_{region}_{first // PLANS_PER_FILE:03}.spm", text)
    return lines


def write_data(folder: Path, size: Size) -> None:
    """Write the data files. The same seed gives the same rows."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()

    def number(salt: int, below: int) -> str:
        return f"cast(hash(i, {size.seed}, {salt}) % {below} as bigint)"

    def payee(of: str) -> str:
        return f"'E' || lpad(cast({of} as varchar), 6, '0')"

    day, customers = "date '2025-01-01'", max(size.rows // 20, 1_000)
    segments, industries = "['Independent', 'Chain', 'Strategic']", str(list(INDUSTRIES))
    unit = f"'u' || lpad(cast(i % {size.plans} as varchar), 4, '0')"
    tables = {
        "roster.csv": (
            size.payees,
            f"{payee('i')} as payee, 'Payee ' || i as name, {unit} as unit, "
            f"['junior', 'senior'][1 + {number(1, 2)}] as grade, {day} as from_date",
        ),
        "reporting_line.csv": (
            size.payees - 1,
            f"{payee('i + 1')} as payee, {payee('i // 8')} as manager, {day} as from_date",
        ),
        "assignments.csv": (
            size.payees,
            f"{payee('i')} as payee, 'plan_' || lpad(cast(i % {size.plans} as varchar), 4, '0') as plan, "
            f"{day} as from_date",
        ),
        "targets.csv": (
            size.payees * 4,
            f"{payee('i // 4')} as payee, cast(date '2025-01-15' + to_months(3 * (i % 4)) as date) as period, "
            f"1000 + {number(2, 9_000)} as target",
        ),
        "customers.csv": (
            customers,
            f"'C' || i as customer, 'R' || lpad(cast(1 + {number(3, REGIONS)} as varchar), 2, '0') as region, "
            f"{segments}[1 + {number(4, 3)}] as segment, {industries}[1 + {number(5, len(INDUSTRIES))}] as industry, "
            f"{FIRST_POSTCODE} + {number(6, POSTCODES)} as postcode",
        ),
        "orders.parquet": (
            size.rows,
            f"i as id, {day} + cast({number(7, 365)} as integer) as day, 'C' || {number(8, customers)} as customer, "
            f"{payee(number(9, size.payees))} as payee, "
            f"cast(cast({number(10, 250_000)} as decimal(18, 2)) * 0.01 as decimal(18, 2)) as amount, "
            f"'P' || (1 + {number(11, 8)}) as product, 1 + {number(12, 5)} as units",
        ),
    }
    for name, (rows, columns) in tables.items():
        connection.execute(f"copy (select {columns} from range({rows}) t(i)) to '{data / name}'")


def _territories(wanted: int) -> Iterator[list[str]]:
    """Yield for each region the conditions of its territories behind the region's own.

    Accounts are divided by segment, then by industry, then by postcode. No two territories overlap. Together they cover
    the region, unless too few are wanted.
    """
    for region in range(REGIONS):
        many = wanted * (region + 1) // REGIONS - wanted * region // REGIONS
        pairs = [INDUSTRIES[at : at + 2] for at in range(0, len(INDUSTRIES), 2)]
        strategic = [f' and segment == "Strategic" and industry == "{industry}"' for industry in INDUSTRIES]
        each = max(many - len(strategic), 0) // (2 * len(pairs))
        chains = [
            f' and segment == "Chain" and industry in ("{one}", "{other}"){part}'
            for one, other in pairs
            for part in _postcodes(each)
        ]
        rest = max(many - len(strategic) - len(chains), 0)
        others = [f' and segment == "Independent"{part}' for part in _postcodes(rest)]
        yield [*strategic, *chains, *others][:many]


def _postcodes(parts: int) -> list[str]:
    edges = [FIRST_POSTCODE + POSTCODES * at // parts for at in range(parts + 1)] if parts else [0]
    return [f" and postcode >= {low:_} and postcode < {high:_}" for low, high in pairwise(edges)]


def _plan(draw: random.Random, number: int, region: str, lines: int) -> str:
    """Return a plan of about so many lines."""
    name = f"plan_{number:04}"
    members = "payees assigned in assignments" if number % 2 else f'payee.unit == "u{number:04}"'
    words: dict[str, object] = {"region": region, "number": 0, "product": 0, "month": 0, "rate": "", "target": 0}

    def part(template: str, at: int) -> str:
        words.update(number=at, product=draw.randint(1, 8), month=draw.randint(1, 9))
        words.update(rate=f"{draw.randint(2, 8) / 4:.2f}", target=draw.randint(20, 90))
        return "\n" + template.format(**words)

    parts = part(MAIN[number % len(MAIN)], 0)
    at = 0
    while parts.count("\n") + _FRAME + _MOST // 2 < lines:
        at += 1
        parts += part(FILLING[(number + at) % len(FILLING)], at)
    return PLAN.format(name=name, label=f"Plan {number}", members=members, parts=parts)


def _payee(draw: random.Random, size: Size) -> str:
    return f"E{draw.randrange(size.payees):06}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
