-- Amounts are whole cents in HUGEINT. A day's sales go up the reporting line one level at a time, as it stands on that day.
with own as materialized (
  select payee, day, cast(sum(amount) * 100 as hugeint) as cents from 'orders_*.parquet' group by all
), reports as materialized (
  select payee, manager, from_date, lead(from_date, 1, date '2026-01-01') over (partition by payee order by from_date) as until
  from 'reporting.csv'
), up1 as materialized (
  select manager as payee, day, sum(cents) as cents
  from own join reports using (payee) where day >= from_date and day < until group by all
), up2 as materialized (
  select manager as payee, day, sum(cents) as cents
  from up1 join reports using (payee) where day >= from_date and day < until group by all
), up3 as materialized (
  select manager as payee, day, sum(cents) as cents
  from up2 join reports using (payee) where day >= from_date and day < until group by all
), up4 as materialized (
  select manager as payee, day, sum(cents) as cents
  from up3 join reports using (payee) where day >= from_date and day < until group by all
), up5 as materialized (
  select manager as payee, day, sum(cents) as cents
  from up4 join reports using (payee) where day >= from_date and day < until group by all
), sold as (
  select 'own' as kind, payee, month(day) as m, sum(cents) as cents from own group by all
  union all
  select 'team', payee, month(day), sum(cents)
  from (from up1 union all from up2 union all from up3 union all from up4 union all from up5) group by all
), people as (
  select payee, level, cast(cast(incentive as decimal(18, 2)) * 100 as hugeint) as incentive, from_date
  from read_csv('roster.csv', types = {'incentive': 'DECIMAL(18,2)'})
), quotas as (
  select payee, kind, cast(sum(target) * 100 as hugeint) as quota, list(cast(target * 100 as hugeint) order by period) as quarters
  from read_csv('targets.csv', types = {'target': 'DECIMAL(18,2)'})
  group by all
), grid as (
  select p.payee, m.m, (m.m + 2) // 3 as q, p.level, (p.incentive * 10 + 50) // 100 as quarter_limit,
         case when p.level = 1 then 'own' else 'team' end as kind
  from (select distinct payee, m, last_day(make_date(2025, m, 1)) as last from people cross join range(1, 13) t(m)) m
  asof join people p on p.payee = m.payee and p.from_date <= m.last
), standing as (
  select g.*, quotas.quota, quotas.quarters[g.q] as quarter_quota,
         sum(coalesce(s.cents, 0)) over (partition by g.payee order by g.m) as ytd,
         sum(coalesce(s.cents, 0)) over (partition by g.payee, g.q order by g.m) as qtd
  from grid g join quotas using (payee, kind) left join sold s using (payee, kind, m)
), base as (
  -- 2% and 4% of a cent are 1 and 2 of 50
  select *, case when ytd < 0 then ytd else least(ytd, quota) + 2 * greatest(ytd - quota, 0) end as exact
  from standing where level = 1
), base_to_date as (
  select payee, m, sign(exact) * ((abs(exact) + 25) // 50) as to_date from base
), team as (
  select *, qtd * case when qtd * 100 < 80 * quarter_quota then 2 when qtd < quarter_quota then 3 else 4 end as exact
  from standing where level >= 2
), team_to_date as (
  select *, sign(exact) * ((abs(exact) + 500) // 1000) as to_date from team
), paid as (
  select payee, m, 'seller' as plan, 'base' as component, to_date - lag(to_date, 1, 0) over (partition by payee order by m) as cents
  from base_to_date
  union all
  select payee, m, 'leader', 'team',
         least(to_date, quarter_limit) - least(lag(to_date, 1, 0) over (partition by payee, q order by m), quarter_limit)
  from team_to_date
  union all
  select payee, m, 'leader', 'year_made', case when ytd >= quota then 500000 else 0 end from team where m = 12
)
select payee, format('2025-{:02d}', m) as period, plan, 1 as version, component, cast(cents as bigint) as cents
from paid
