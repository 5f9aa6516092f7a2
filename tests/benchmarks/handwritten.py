"""The peer: one DuckDB query for the payouts of `generate.PLAN`, as an expert would write it by hand, exact to the cent.

Amounts are whole cents (or finer units) in HUGEINT; halves are rounded away from zero.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

Payouts = dict[tuple[str, str, str], int]

QUERY = """
with sold as (
  select payee, month(day) as m, sum(amount) as amount,
         sum(units) filter (product = 'P3' and day between date '2025-06-01' and date '2025-06-30') as push
  from read_parquet('{folder}/data/orders.parquet')
  group by all
), grid as (
  select r.payee, m.m, coalesce(cast(s.amount * 100 as hugeint), 0) as cents, coalesce(cast(s.push as hugeint), 0) as push
  from read_csv('{folder}/data/roster.csv') r cross join range(1, 13) m(m) left join sold s on s.payee = r.payee and s.m = m.m
), quotas as (
  select payee, cast(sum(cast(target as decimal(18, 2))) * 100 as hugeint) as year_quota,
         list(cast(cast(target as decimal(18, 2)) * 100 as hugeint) order by period) as quarters
  from read_csv('{folder}/data/targets.csv', types = {{'target': 'DECIMAL(18,2)'}})
  group by payee
), standing as (
  select g.*, q.year_quota as quota, q.quarters[(g.m + 2) // 3] as quarter_quota,
         sum(cents) over (partition by g.payee order by g.m) as ytd,
         sum(cents) over (partition by g.payee, (g.m + 2) // 3 order by g.m) as qtd
  from grid g join quotas q on q.payee = g.payee
), entitled as (
  -- in units of 1/20000 cent: 1.25% is 250, 2.5% is 500, 5% is 1000; the bound of 50% needs one half more
  select *, case when ytd < 0 then 250 * ytd else
              125 * least(2 * ytd, quota)
            + 250 * greatest(least(2 * ytd, 2 * quota) - quota, 0)
            + 1000 * greatest(ytd - quota, 0) end as exact
  from standing
), rounded as (
  select *, case when exact < 0 then -1 else 1 end * ((abs(exact) + 10000) // 20000) as to_date from entitled
), base as (
  select payee, m, capped - coalesce(lag(capped) over (partition by payee order by m), 0) as cents
  from (select payee, m, least(to_date, 2000000) as capped from rounded)
), rows as (
  select payee, m, 'base' as component, cents from base
  union all
  select payee, m, 'quarter_made', case when qtd >= quarter_quota then 100000 else 0 end from rounded where m % 3 = 0
  union all
  select payee, m, 'push', 500 * push from rounded where m = 6
), totals as (
  select *, sum(cents) over (partition by payee, m) as total from rows
), shares as (
  -- the cap of 6,000.00 a month, in proportion, the largest remainder first
  select *, (cents * 600000 - rest) // total as q
  from (select *, ((cents * 600000) % total + total) % total as rest from totals where total > 600000)
), ranked as (
  select *, row_number() over (partition by payee, m order by rest desc, component) as place,
         sum(q) over (partition by payee, m) as given
  from shares
)
select payee, m, component, cast(cents as bigint) as cents from totals where total <= 600000
union all
select payee, m, component, cast(q + case when place <= 600000 - given then 1 else 0 end as bigint) from ranked
"""


def run(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Compute the payouts into the table `peer` (payee, m, component, cents)."""
    connection.execute(f"create or replace temp table peer as {QUERY.format(folder=folder.as_posix())}")


def payouts(connection: duckdb.DuckDBPyConnection) -> Payouts:
    """What `run` gave: cents by (payee, period, component)."""
    rows = connection.execute("select payee, m, component, cents from peer").fetchall()
    return {(payee, f"2025-{month:02d}", component): cents for payee, month, component, cents in rows}
