-- What each order moved: the month's commission to date with it less that without it. Within a day the key decides, as a text.
with ordered as (
  select payee, month(day) as m, day, cast(id as varchar) as key, amount,
         sum(amount) over (partition by payee, month(day) order by day, cast(id as varchar) rows unbounded preceding) as to_date
  from 'orders_*.parquet'
  where payee in (select payee from 'roster.csv' where level = 1)
), moved as (
  select *, cast((round(to_date * 0.035, 2) - round((to_date - amount) * 0.035, 2)) * 100 as bigint) as cents from ordered
)
select format('2025-{:02d}', m) as period, payee, 'seller' as plan, 1 as version, 'base' as component, day, key, cents
from moved
where cents <> 0
order by period, payee, day, key
