"""Generate a company's data for all plans of the benchmark. The same seed gives the same files.

DuckDB streams rows into Parquet, so memory stays small for any number of rows. A row's values depend only on its number
and the seed, so a return can compute the values of the sale that it takes back.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.benchmarks.machine import THREADS
from tests.benchmarks.people import levels
from tests.benchmarks.tables import drawn, write_tables

# The last of each ten rows is a return of one of the nine before it, less than 90 days later and never after the year's
# end. One return in ten belongs to a sale of the year before.
# A payee's number is a squared draw, so the first ones are the busiest: of 5,000 payees the first has 1.4% of the rows.
# Amounts are products of two draws, from 10.00 to 2,500.01 USD. Every fifth sale is shared with a partner.
_ORDERS = """
copy (
  with numbered as (
    select i, i % 10 = 9 as returned, case when i % 10 = 9 and {old} <> 0 then i - 1 - {return_of} else i end as sale
    from range({start}, {stop}) t(i)
  ), drawn as (
    select i, sale, returned, {draw} * {draw} * {payees} // 1000000000000 as payee, {other} as other,
           {helper} as engineer, {shared} = 0 as shared, 1000 + {size} * {factor} as cents,
           date '2025-01-01' + cast(sale * 365 // {rows} as integer) as sold, cast({delay} as integer) as delay,
           {currency} as currency, {region} as region, {product} as product, 1 + {units} as units
    from numbered
  ), rated as (
    select *, case currency when 0 then 'USD' when 1 then 'USD' when 2 then 'EUR' else 'GBP' end as code,
           case currency when 2 then 92 when 3 then 79 else 100 end as per_usd,
           case when returned then -1 else 1 end as sign
    from drawn
  )
  select i as id, {payee_name} as payee, {partner_name} as partner, {engineer_name} as engineer,
         case when returned then least(sold + delay, date '2025-12-31') else sold end as day,
         cast(cast(sign * cents as decimal(18, 0)) * 0.01 as decimal(18, 2)) as amount, code as currency,
         cast(cast(sign * (cents * per_usd // 100) as decimal(18, 0)) * 0.01 as decimal(18, 2)) as local,
         'P' || product as product, 'R' || lpad(cast(region as varchar), 3, '0') as region, sign * units as units
  from rated
) to '{path}' (format parquet, row_group_size 122880)
"""


def generate(folder: Path, rows: int, *, payees: int, seed: int, files: int = 1) -> None:
    """Write `rows` orders of 2025, a tenth of them returns, in `files` Parquet files, and the other tables."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"set threads = {THREADS}")
    for number in range(files):
        path = folder / f"orders_{number + 1:03d}.parquet"
        connection.execute(
            orders_query(
                path, rows, payees=payees, seed=seed, start=rows * number // files, stop=rows * (number + 1) // files
            )
        )
    write_tables(connection, folder, levels(payees), seed)


def orders_query(path: Path, rows: int, *, payees: int, seed: int, start: int, stop: int) -> str:
    """Return the statement that writes the orders numbered from `start` to before `stop`."""

    def draw(salt: int, below: int, of: str = "sale") -> str:
        return drawn(seed, salt, below, of)

    def name(expression: str) -> str:
        return f"'E' || lpad(cast({expression} as varchar), 7, '0')"

    return _ORDERS.format(
        start=start,
        stop=stop,
        rows=rows,
        payees=payees,
        path=path.as_posix(),
        return_of=draw(1, 9, "i"),
        old=draw(12, 10, "i"),
        draw=draw(2, 1_000_000),
        other=draw(3, payees),
        helper=draw(4, payees),
        shared=draw(5, 5),
        size=draw(6, 500),
        factor=draw(7, 500),
        delay=draw(8, 90, "i"),
        currency=draw(9, 4),
        region=draw(10, 100),
        product=draw(11, 10),
        units=draw(12, 5),
        payee_name=name("payee"),
        partner_name=name("case when shared then other else payee end"),
        engineer_name=name("engineer"),
    )
