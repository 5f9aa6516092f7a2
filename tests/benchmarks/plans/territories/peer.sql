-- Credits are whole twentieths of a cent: a product counts 1, 2 or 3 halves, a share 7, 3 or 5 tenths.
with weighed as (
  select payee, partner, engineer, month(day) as m,
         cast(amount * 100 as bigint) * case when product in ('P0', 'P1') then 3 when product in ('P8', 'P9') then 1 else 2 end as halves
  from 'orders_*.parquet'
), credited as (
  select payee, m, cast(sum(twentieths) as hugeint) as twentieths
  from (
    select payee, m, 7 * halves as twentieths from weighed
    union all
    select partner, m, 3 * halves from weighed
    union all
    select engineer, m, 5 * halves from weighed
  )
  group by all
), covered as (
  select region,
         case when segment = 'key' then 'key_accounts'
              when country in ('AT', 'CH', 'DE') then 'central'
              when country in ('DK', 'NO', 'SE') then 'north'
              when country in ('CA', 'US') then 'overseas'
              when country in ('ES', 'IT', 'PT') then 'south'
              else 'west' end as territory
  from 'regions.csv'
), regional as (
  select o.payee, month(s.day) as m, cast(sum(s.cents) as hugeint) as cents
  from (
    select c.territory, d.day, sum(d.cents) as cents
    from (select region, day, sum(cast(amount * 100 as bigint)) as cents from 'orders_*.parquet' group by all) d join covered c using (region)
    group by all
  ) s asof join 'owners.csv' o on o.territory = s.territory and o.from_date <= s.day
  group by all
), quotas as (
  select payee, quarter(period) as q, cast(target * 100 as hugeint) as quota
  from read_csv('targets.csv', types = {'target': 'DECIMAL(18,2)'})
  where kind = 'own'
), grid as (
  select r.payee, m.m, q.quota,
         sum(coalesce(c.twentieths, 0)) over quarter as credited, coalesce(c.twentieths, 0) as credited_now,
         sum(coalesce(a.cents, 0)) over quarter as regional, coalesce(a.cents, 0) as regional_now
  from (select distinct payee from 'roster.csv' where level = 1) r
  cross join range(1, 13) m(m)
  join quotas q on q.payee = r.payee and q.q = (m.m + 2) // 3
  left join credited c on c.payee = r.payee and c.m = m.m
  left join regional a on a.payee = r.payee and a.m = m.m
  window quarter as (partition by r.payee, (m.m + 2) // 3 order by m.m)
), entitled as (
  -- at the month's end, and the day before the month began (in a quarter's first month that is nothing); attainment is
  -- credited / 20 / quota. The base is in units of 1/2000 cent, the area in 1/1000.
  select payee, m,
         credited * case when credited < 16 * quota then 1 when credited < 20 * quota then 2
                         when credited < 24 * quota then 3 else 4 end as base,
         before * case when before < 16 * quota then 1 when before < 20 * quota then 2
                       when before < 24 * quota then 3 else 4 end as base_before,
         case when credited >= 10 * quota then 4 * regional else 0 end as area,
         case when before >= 10 * quota then 4 * (regional - regional_now) else 0 end as area_before
  from (select *, credited - credited_now as before from grid)
), paid as (
  select payee, m, 'base' as component,
         sign(base) * ((abs(base) + 1000) // 2000) - sign(base_before) * ((abs(base_before) + 1000) // 2000) as cents
  from entitled
  union all
  select payee, m, 'area',
         sign(area) * ((abs(area) + 500) // 1000) - sign(area_before) * ((abs(area_before) + 500) // 1000)
  from entitled
)
select payee, format('2025-{:02d}', m) as period, 'account_manager' as plan, 1 as version, component, cast(cents as bigint) as cents
from paid
