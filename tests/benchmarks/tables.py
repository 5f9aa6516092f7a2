"""Write the other tables: people, reporting lines, targets, regions, owners of territories, exchange rates."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.benchmarks.people import LEVELS, Level

#: Territories of the plan `territories`, in the order of their names.
TERRITORIES = ("central", "key_accounts", "north", "overseas", "south", "west")
COUNTRIES = ("AT", "BE", "CA", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "NO", "PT", "SE", "US")

_NAME = "'E' || lpad(cast({} as varchar), 7, '0')"

# The year's sales of each payee (`own`) and of the line below a leader on January 1 (`team`), at least 400.00 USD.
_TARGETS = """
create temp table brought as
with recursive own as (
  select payee, cast(sum(amount) * 100 as hugeint) as cents from read_parquet('{orders}') group by payee
), line as (
  select payee as below, payee as above from people
  union all
  select line.below, r.manager from line join reports r on r.payee = line.above and r.from_date = date '2025-01-01'
)
select p.payee, p.i, 'own' as kind, greatest(coalesce(own.cents, 0), 40000) as cents from people p left join own using (payee)
union all
select p.payee, p.i, 'team', greatest(coalesce(sum(own.cents), 0), 40000)
from people p left join line on line.above = p.payee and line.below <> p.payee left join own on own.payee = line.below
group by p.payee, p.i
"""


def drawn(seed: int, salt: int, below: int, *of: str) -> str:
    """Return SQL for a number from 0 to below `below`, which depends on the seed and on `of`."""
    # Hashed twice, because hashes of several values that differ in one of them have similar last bits.
    return f"cast(hash(hash({', '.join(of)}, {seed}, {salt})) % {below} as bigint)"


def write_tables(connection: duckdb.DuckDBPyConnection, folder: Path, company: list[Level], seed: int) -> None:
    """Write the small tables as CSV; `folder` already contains the orders."""

    def draw(salt: int, below: int, *of: str) -> str:
        return drawn(seed, salt, below, *of)

    _people(connection, company, draw(21, 10, "i"), draw(22, 270, "i"))
    connection.execute(_TARGETS.format(orders=(folder / "orders_*.parquet").as_posix()))
    queries = {
        "targets": _targets(f"{draw(23, 150, 'i', 'kind')} + {draw(26, 40, 'i', 'q', 'kind')}"),
        "roster": _roster(),
        "reporting": "select payee, manager, from_date from reports order by payee, from_date",
        "regions": _regions(draw(24, 8, "i")),
        "owners": _owners(company[0].size),
        "currencies": _currencies(draw(25, 80_000, "currency", "m")),
    }
    for name, query in queries.items():
        connection.execute(f"copy ({query}) to '{(folder / f'{name}.csv').as_posix()}' (format csv, header)")


def _targets(spread: str) -> str:
    """Return the query of the targets.

    A target is 45% to 233% of a quarter of the year's sales. For each twentieth payee the targets of the year add up to
    its sales, so the attainment of the year is exactly 100%.
    """
    target = f"case when i % 20 = 3 then cents * (q + 1) // 4 - cents * q // 4 else cents * (45 + {spread}) // 400 end"
    return (
        f"select payee, cast(date '2025-01-15' + to_months(cast(q * 3 as integer)) as date) as period, kind, "
        f"{_decimal(target, 2)} as target from brought cross join range(4) s(q) order by kind, payee, period"
    )


def _roster() -> str:
    """Return the query of the roster.

    A payee's incentive is 3% of the own sales, a leader's 0.8% of the team's. After a promotion it is a quarter higher.
    """
    share = "cents * case when p.level = 1 then 30 else 8 end * {} // 100000"
    before, after = (_decimal(share.format(percent), 2) for percent in (100, 125))
    both = "from people p join brought b using (payee) where b.kind = case when p.level = 1 then 'own' else 'team' end"
    return (
        f"select payee, payee as name, level, 0.006 as rate, {before} as incentive, date '2025-01-01' as from_date {both} "
        f"union all select payee, payee, level, 0.0085, {after}, moved {both} and promoted order by payee, from_date"
    )


def _regions(eighth: str) -> str:
    countries = ", ".join(f"'{country}'" for country in COUNTRIES)
    return (
        f"select 'R' || lpad(cast(i as varchar), 3, '0') as region, "
        f"list_value({countries})[1 + i % {len(COUNTRIES)}] as country, "
        f"case when {eighth} = 0 then 'key' else 'other' end as segment from range(100) t(i)"
    )


def _owners(sellers: int) -> str:
    """Return the query of the owners.

    Each territory changes from one seller to another on a day of its own.
    """
    names = ", ".join(f"('{name}', {number})" for number, name in enumerate(TERRITORIES))
    return (
        f"select name as territory, {_NAME.format(f'(t.n * 7 + h.h * 3) % {sellers}')} as payee, "
        f"date '2025-01-01' + cast(h * (100 + 20 * t.n) as integer) as from_date "
        f"from (values {names}) t(name, n), range(2) h(h) order by territory, from_date"
    )


def _currencies(spread: str) -> str:
    """Return the query of the dollars that a unit of each currency is worth, by month."""
    dollars = f"case currency when 'USD' then 1000000 when 'EUR' then 1050000 + {spread} else 1230000 + {spread} end"
    return (
        f"select currency, {_decimal(dollars, 6)} as usd, "
        f"cast(date '2025-01-01' + to_months(cast(m as integer)) as date) as from_date "
        f"from (values ('EUR'), ('GBP'), ('USD')) c(currency), range(12) t(m) order by currency, from_date"
    )


def _decimal(units: str, places: int) -> str:
    """Return SQL that makes a whole number of the smallest units a decimal."""
    return f"cast(cast({units} as decimal(18, 0)) * 0.{1:0{places}} as decimal(18, {places}))"


def _people(connection: duckdb.DuckDBPyConnection, company: list[Level], tenth: str, days: str) -> None:
    """Create the tables `people` and `reports`.

    A tenth of the people are promoted, and another tenth change to the next manager, on some day of the year.
    """
    connection.execute(f"create temp table company as {_levels(company)}")
    connection.execute(
        f"create temp table people as select i, {_NAME.format('i')} as payee, c.level, "
        f"{tenth} = 0 as promoted, {tenth} = 1 as moves, "
        f"date '2025-01-20' + cast({days} as integer) as moved "
        f"from company c, range({sum(level.size for level in company)}) t(i) where i >= c.first and i < c.first + c.size"
    )
    manager = _NAME.format("up.first + (p.i - c.first + {}) % up.size")
    joined = "from people p join company c on c.level = p.level join company up on up.level = p.level + 1"
    connection.execute(
        f"create temp table reports as "
        f"select p.payee, {manager.format(0)} as manager, date '2025-01-01' as from_date {joined} union all "
        f"select p.payee, {manager.format(1)}, p.moved {joined} where p.moves and p.level < {LEVELS - 1}"
    )


def _levels(company: list[Level]) -> str:
    rows = ", ".join(f"({each.level}, {each.first}, {each.size})" for each in company)
    return f"select * from (values {rows}) c(level, first, size)"
