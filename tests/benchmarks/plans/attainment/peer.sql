-- Amounts are whole cents, or finer units, in HUGEINT; halves are rounded away from zero.
with sold as (
  select payee, month(day) as m, cast(sum(amount) * 100 as hugeint) as cents,
         cast(sum(units) filter (product = 'P3' and month(day) = 6) as hugeint) as push
  from 'orders_*.parquet'
  group by all
), people as (
  select payee, cast(cast(incentive as decimal(18, 2)) * 100 as hugeint) as incentive, from_date
  from read_csv('roster.csv', types = {'incentive': 'DECIMAL(18,2)'})
  where level = 1
), grid as (
  -- every seller's months, with the limits of the roster row that holds on the last day
  select p.payee, m.m, (p.incentive * 65 + 50) // 100 as year_limit, (p.incentive * 25 + 50) // 100 as period_limit
  from (select distinct payee, m, last_day(make_date(2025, m, 1)) as last from people cross join range(1, 13) t(m)) m
  asof join people p on p.payee = m.payee and p.from_date <= m.last
), quotas as (
  select payee, cast(sum(target) * 100 as hugeint) as year_quota, list(cast(target * 100 as hugeint) order by period) as quarters
  from read_csv('targets.csv', types = {'target': 'DECIMAL(18,2)'})
  where kind = 'own'
  group by payee
), standing as (
  select g.*, coalesce(s.push, 0) as push, q.year_quota as quota, q.quarters[(g.m + 2) // 3] as quarter_quota,
         coalesce(sum(s.cents) over (partition by g.payee order by g.m), 0) as ytd,
         coalesce(sum(s.cents) over (partition by g.payee, (g.m + 2) // 3 order by g.m), 0) as qtd
  from grid g join quotas q on q.payee = g.payee left join sold s on s.payee = g.payee and s.m = g.m
), entitled as (
  -- in units of 1/8000 cent: 1.25% of a cent is 100, and 50 for half of it, as the bound of 50% needs
  select *, case when ytd < 0 then 100 * ytd else
              50 * least(2 * ytd, quota) + 100 * greatest(least(2 * ytd, 2 * quota) - quota, 0)
            + 400 * greatest(ytd - quota, 0) end as exact
  from standing
), rounded as (
  select *, sign(exact) * ((abs(exact) + 4000) // 8000) as to_date from entitled
), capped as (
  select *, least(to_date, year_limit) - least(lag(to_date, 1, 0) over (partition by payee order by m), year_limit) as base
  from rounded
), rows as (
  select payee, m, period_limit, 'base' as component, base as cents from capped
  union all
  select payee, m, period_limit, 'quarter_made', case when qtd >= quarter_quota then 100000 else 0 end from capped where m % 3 = 0
  union all
  select payee, m, period_limit, 'push', 500 * push from capped where m = 6
), totals as (
  select *, sum(cents) over (partition by payee, m) as total from rows
), shares as (
  -- the plan's limit of a month, in proportion, the largest remainder first
  select *, ((cents * period_limit) % total + total) % total as rest from totals where total > period_limit
), ranked as (
  select *, (cents * period_limit - rest) // total as share,
         row_number() over (partition by payee, m order by rest desc, component) as place
  from shares
), paid as (
  select payee, m, component, cents from totals where total <= period_limit
  union all
  select payee, m, component,
         share + case when place <= period_limit - sum(share) over (partition by payee, m) then 1 else 0 end
  from ranked
)
select payee, format('2025-{:02d}', m) as period, 'account_executive' as plan, 1 as version, component, cast(cents as bigint) as cents
from paid
