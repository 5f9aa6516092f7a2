-- What each credit moved: the quarter's commission to date with it less that without it. Credits of a day count by their
-- measure, then by their key as a text, then by their rule. In units as in peer.sql.
with weighed as (
  select payee, partner, engineer, day, cast(id as varchar) as key,
         cast(amount * 100 as bigint) * case when product in ('P0', 'P1') then 3 when product in ('P8', 'P9') then 1 else 2 end as halves
  from 'orders_*.parquet'
), covered as (
  select region,
         case when segment = 'key' then 'key_accounts'
              when country in ('AT', 'CH', 'DE') then 'central'
              when country in ('DK', 'NO', 'SE') then 'north'
              when country in ('CA', 'US') then 'overseas'
              when country in ('ES', 'IT', 'PT') then 'south'
              else 'west' end as territory
  from 'regions.csv'
), credits as (
  select payee, day, 1 as measure, key, 0 as rule, 7 * halves as twentieths, 0 as cents from weighed
  union all
  select partner, day, 1, key, 1, 3 * halves, 0 from weighed
  union all
  select engineer, day, 1, key, 2, 5 * halves, 0 from weighed
  union all
  select o.payee, s.day, 2, s.key, 0, 0, s.cents
  from (
    select territory, day, cast(id as varchar) as key, cast(amount * 100 as bigint) as cents
    from 'orders_*.parquet' join covered using (region)
  ) s asof join 'owners.csv' o on o.territory = s.territory and o.from_date <= s.day
), quotas as (
  select payee, quarter(period) as q, cast(target * 100 as bigint) as quota
  from read_csv('targets.csv', types = {'target': 'DECIMAL(18,2)'})
  where kind = 'own'
), standing as (
  select c.*, q.quota,
         sum(twentieths) over to_date as credited, sum(cents) over to_date as regional
  from credits c join quotas q on q.payee = c.payee and q.q = quarter(c.day)
  where c.payee in (select payee from 'roster.csv' where level = 1)
  window to_date as (partition by c.payee, q.q order by day, measure, key, rule rows unbounded preceding)
), entitled as (
  select *, credited - twentieths as before,
         case when credited >= 10 * quota then 4 * regional else 0 end as area,
         case when credited - twentieths >= 10 * quota then 4 * (regional - cents) else 0 end as area_before
  from standing
), moved as (
  select *, 'base' as component,
         credited * case when credited < 16 * quota then 1 when credited < 20 * quota then 2
                         when credited < 24 * quota then 3 else 4 end as reached,
         before * case when before < 16 * quota then 1 when before < 20 * quota then 2
                       when before < 24 * quota then 3 else 4 end as was,
         1000 as half
  from entitled
  where measure = 1
  union all
  select *, 'area', area, area_before, 500 from entitled
), lines as (
  select *, cast((reached + sign(reached) * half) // (2 * half) - (was + sign(was) * half) // (2 * half) as bigint) as moved from moved
)
select format('2025-{:02d}', month(day)) as period, payee, 'account_manager' as plan, 1 as version, component, day, measure, key, rule, moved as cents
from lines
where moved <> 0
order by period, payee, component, day, measure, key, rule
