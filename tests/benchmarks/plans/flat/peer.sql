-- Decimals are exact, and `round` takes a half away from zero.
with sold as (
  select payee, month(day) as m, cast(sum(amount) as decimal(18, 2)) as amount
  from 'orders_*.parquet'
  group by all
), sellers as (
  select distinct payee from 'roster.csv' where level = 1
)
select r.payee, format('2025-{:02d}', m.m) as period, 'seller' as plan, 1 as version, 'base' as component,
       cast(coalesce(round(s.amount * 0.035, 2), 0) * 100 as bigint) as cents
from sellers r cross join range(1, 13) m(m) left join sold s on s.payee = r.payee and s.m = m.m
