-- Credits are whole tenths of a cent in HUGEINT. The year is cut into 13 slices: its months, and August where version 2 starts.
with rates as (
  select currency, month(from_date) as m, cast(usd * 1000000 as bigint) as millionths
  from read_csv('currencies.csv', types = {'usd': 'DECIMAL(18,6)'})
), converted as (
  -- to whole cents, a half away from zero
  select o.payee, o.partner, o.day, sign(o.local) * ((abs(cast(o.local * 100 as bigint)) * r.millionths + 500000) // 1000000) as cents,
         case when o.product = 'P3' and month(o.day) = 6 then o.units end as push
  from 'orders_*.parquet' o join rates r on r.currency = o.currency and r.m = month(o.day)
), own as materialized (
  select payee, day, cast(sum(tenths) as hugeint) as tenths, cast(sum(push) as hugeint) as push
  from (
    select payee, day, case when partner = payee then 10 else 7 end * cents as tenths, push from converted
    union all
    select partner, day, 3 * cents, 0 from converted where partner <> payee
  )
  group by all
), reports as materialized (
  select payee, manager, from_date, lead(from_date, 1, date '2026-01-01') over (partition by payee order by from_date) as until
  from 'reporting.csv'
), up1 as materialized (
  select manager as payee, day, sum(tenths) as tenths
  from own join reports using (payee) where day >= from_date and day < until group by all
), up2 as materialized (
  select manager as payee, day, sum(tenths) as tenths
  from up1 join reports using (payee) where day >= from_date and day < until group by all
), up3 as materialized (
  select manager as payee, day, sum(tenths) as tenths
  from up2 join reports using (payee) where day >= from_date and day < until group by all
), up4 as materialized (
  select manager as payee, day, sum(tenths) as tenths
  from up3 join reports using (payee) where day >= from_date and day < until group by all
), up5 as materialized (
  select manager as payee, day, sum(tenths) as tenths
  from up4 join reports using (payee) where day >= from_date and day < until group by all
), people as materialized (
  select payee, level, from_date, cast(rate * 10000 as integer) as rate, cast(cast(incentive as decimal(18, 2)) * 100 as hugeint) as incentive
  from read_csv('roster.csv', types = {'incentive': 'DECIMAL(18,2)', 'rate': 'DECIMAL(5,4)'})
), careers as (
  -- a payee's rate before and after the promotion, in ten-thousandths
  select payee, any_value(level) as level, min_by(rate, from_date) as rate, max_by(rate, from_date) as rate_after,
         case when count(*) > 1 then max(from_date) else date '2026-01-01' end as promoted
  from people group by payee
), quotas as (
  select payee, kind, cast(sum(target) * 1000 as hugeint) as quota, list(cast(target * 1000 as hugeint) order by period) as quarters
  from read_csv('targets.csv', types = {'target': 'DECIMAL(18,2)'})
  group by all
), slices as (
  select t.slice, t.slice - case when t.slice > 8 then 1 else 0 end as m, case when t.slice > 8 then 2 else 1 end as version,
         case when t.slice = 8 then date '2025-08-14' else last_day(make_date(2025, m, 1)) end as last
  from range(1, 14) t(slice)
), sold as (
  select payee, month(day) + case when day >= date '2025-08-15' then 1 else 0 end as slice, sum(tenths) as tenths,
         sum(tenths) filter (day >= promoted) as promoted_tenths, sum(push) as push
  from own join careers using (payee) where level = 1 group by all
), rows_in_force as (
  select s.*, p.payee, p.incentive from (select distinct payee, level, slices.* from people cross join slices) s
  asof join people p on p.payee = s.payee and p.from_date <= s.last
), standing as (
  select f.payee, f.slice, f.m, (f.m + 2) // 3 as q, f.version, q.quota, q.quarters[(f.m + 2) // 3] as quarter_quota,
         (f.incentive * 60 + 50) // 100 as year_limit, (f.incentive * 20 + 50) // 100 as period_limit, c.rate, c.rate_after,
         coalesce(s.push, 0) as push, coalesce(s.tenths, 0) as now, coalesce(s.promoted_tenths, 0) as now_promoted,
         sum(coalesce(s.tenths, 0)) over (partition by f.payee order by f.slice) as ytd,
         sum(coalesce(s.tenths, 0)) over (partition by f.payee, (f.m + 2) // 3 order by f.slice) as qtd,
         sum(coalesce(s.tenths, 0)) over (partition by f.payee, f.m order by f.slice) as mtd
  from rows_in_force f join careers c on c.payee = f.payee and c.level = 1
  join quotas q on q.payee = f.payee and q.kind = 'own' left join sold s on s.payee = f.payee and s.slice = f.slice
), points as (
  -- each slice twice: what its version entitles to by its end, and by the day before it began; bounds of tiers are tenths of a tenth
  select s.*, p.at_end, s.ytd - p.less as y, s.qtd - p.less as k, s.mtd - p.less as n
  from standing s, lateral (select true as at_end, 0::hugeint as less union all select false, s.now) p
), exact as (
  -- base in 1/10000 of a tenth of a tenth, growth and minimum in 1/1000 of a tenth, personal in 1/10000 of a tenth
  select *,
         case when y < 0 then y * 10 * case version when 1 then 12 else 10 end
              when version = 1 then 12 * least(10 * y, 5 * quota) + 24 * greatest(least(10 * y, 10 * quota) - 5 * quota, 0) + 40 * greatest(10 * y - 10 * quota, 0)
              else 10 * least(10 * y, 6 * quota) + 25 * greatest(least(10 * y, 10 * quota) - 6 * quota, 0) + 50 * greatest(10 * y - 10 * quota, 0) end as base,
         case when version = 1 then k * case when 10 * k < 8 * quarter_quota then 2 when k < quarter_quota then 4 else 6 end
              else k * case when 10 * k < 9 * quarter_quota then 2 when 10 * k < 11 * quarter_quota then 5 else 8 end end as growth
  from points
), entitled as (
  select payee, slice, at_end,
         sign(base) * ((abs(base) + 50000) // 100000) as base,
         sign(growth) * ((abs(growth) + 5000) // 10000) as growth,
         -- the month's first day has nothing before it, not even the minimum
         case when at_end or slice = 9 then least(greatest(sign(n) * ((abs(n) + 5000) // 10000), 2500), 25000) else 0 end as minimum,
         case when k >= quarter_quota then 100000 else 0 end as quarter_made,
         k as pot
  from exact
), earned as (
  select s.*, e.base - b.base as base, e.growth - b.growth as growth, e.minimum - b.minimum as minimum,
         e.quarter_made - b.quarter_made as quarter_made, e.pot - b.pot as pot
  from standing s join entitled e on e.payee = s.payee and e.slice = s.slice and e.at_end
  join entitled b on b.payee = s.payee and b.slice = s.slice and not b.at_end
), personal as (
  -- the days before a promotion by the old rate, those after it by the new one
  select payee, slice,
         sign(a1) * ((abs(a1) + 50000) // 100000) - sign(a0) * ((abs(a0) + 50000) // 100000)
       + sign(b1) * ((abs(b1) + 50000) // 100000) - sign(b0) * ((abs(b0) + 50000) // 100000) as cents
  from (
    select payee, slice, rate * (mtd - now) as a0, rate * (mtd - now_promoted) as a1, rate_after * (mtd - now_promoted) as b0, rate_after * mtd as b1
    from standing
  )
), base_summed as (
  select *, sum(base) over (partition by payee order by slice) as to_date from earned
), pots as (
  -- each version's quarter has its pot, shared by those with more than nothing
  select payee, q, version, sum(pot) as weight, sum(quarter_made) as made from earned group by all
), pot_shares as (
  select *, (weight * 1000000) // whole as share, (weight * 1000000) % whole as rest
  from (select *, sum(weight) over (partition by q, version) as whole from pots where weight > 0)
), pot_paid as (
  select payee, q, version,
         share + case when row_number() over (partition by q, version order by rest desc, payee) <= 1000000 - sum(share) over (partition by q, version) then 1 else 0 end as cents
  from pot_shares
), pushed as (
  select payee, 2000 * push as cents, sum(2000 * push) over () as whole from standing where slice = 6
), push_shares as (
  select *, case when whole > 200000 then (cents * 200000 - rest) // whole else cents end as share
  from (select *, case when whole > 200000 then ((cents * 200000) % whole + whole) % whole else 0 end as rest from pushed)
), push_paid as (
  select payee, share + case when whole > 200000 and row_number() over (order by rest desc, payee) <= 200000 - sum(share) over () then 1 else 0 end as cents
  from push_shares
), raced as (
  -- those of one score share the prizes of their places; what cannot be divided goes to the first ones by name
  select *, rank() over (order by score desc) as place, count(*) over (partition by score) as tied,
         row_number() over (partition by score order by payee) as turn
  from (select payee, now as score from standing where slice = 10) where score > 0
), prizes as (
  select t.place, case t.place when 1 then 500000 when 2 then 300000 else 50000 end as prize from range(1, 11) t(place)
), race_paid as (
  select r.payee, r.pot // r.tied + case when r.turn <= r.pot % r.tied then 1 else 0 end as cents
  from (select *, coalesce((select sum(prize) from prizes p where p.place >= raced.place and p.place < raced.place + tied), 0) as pot from raced) r
), seller_rows as (
  select payee, m, version, 'base' as component,
         least(to_date, year_limit) - least(to_date - base, year_limit) as cents from base_summed
  union all select payee, m, version, 'growth', growth from earned
  union all select payee, m, version, 'minimum', minimum from earned
  union all select s.payee, s.m, s.version, 'personal', p.cents from standing s join personal p using (payee, slice)
  union all select payee, 3 * q, version, 'quarter_made', made from pots
  union all select p.payee, 3 * p.q, p.version, 'pot', coalesce(paid.cents, 0) from pots p left join pot_paid paid using (payee, q, version)
  union all select payee, 6, 1, 'push', cents from push_paid
  union all select s.payee, 9, 2, 'race', coalesce(r.cents, 0) from standing s left join race_paid r using (payee) where s.slice = 10
), seller_totals as (
  select r.*, l.period_limit, sum(cents) over (partition by r.payee, r.m) as total
  from seller_rows r join standing l on l.payee = r.payee and l.m = r.m and l.slice <> 8
), team_sold as (
  select payee, month(day) as m, sum(tenths) as tenths
  from (from up1 union all from up2 union all from up3 union all from up4 union all from up5) group by all
), team as (
  select f.payee, f.m, (f.m + 2) // 3 as q, q.quota, q.quarters[(f.m + 2) // 3] as quarter_quota,
         (f.incentive * 10 + 50) // 100 as quarter_limit, (f.incentive * 105 + 50) // 100 as year_limit,
         sum(coalesce(s.tenths, 0)) over (partition by f.payee order by f.m) as ytd,
         sum(coalesce(s.tenths, 0)) over (partition by f.payee, (f.m + 2) // 3 order by f.m) as qtd
  from rows_in_force f join quotas q on q.payee = f.payee and q.kind = 'team' left join team_sold s on s.payee = f.payee and s.m = f.m
  where f.level >= 2 and f.slice <> 8
), team_exact as (
  -- 0.5% and 1% of a cent are 1 and 2 of 200
  select *, case when ytd < 0 then ytd else least(ytd, quota) + 2 * greatest(ytd - quota, 0) end as team,
         qtd * case when 10 * qtd < 8 * quarter_quota then 2 when qtd < quarter_quota then 3 else 4 end as overall
  from team
), team_to_date as (
  select *, sign(team) * ((abs(team) + 1000) // 2000) as team_cents, sign(overall) * ((abs(overall) + 5000) // 10000) as overall_cents
  from team_exact
), leader_rows as (
  select payee, m, 'team' as component, team_cents - lag(team_cents, 1, 0) over (partition by payee order by m) as cents, year_limit
  from team_to_date
  union all
  select payee, m, 'overall',
         least(overall_cents, quarter_limit) - least(lag(overall_cents, 1, 0) over (partition by payee, q order by m), quarter_limit), year_limit
  from team_to_date
  union all
  select payee, m, 'year_made', case when ytd >= quota then 500000 else 0 end, year_limit from team_to_date where m = 12
), leader_months as (
  select payee, m, any_value(year_limit) as year_limit, sum(cents) as total, sum(sum(cents)) over (partition by payee order by m) as to_date
  from leader_rows group by payee, m
), leader_totals as (
  select r.payee, r.m, r.component, r.cents, t.total,
         least(t.to_date, t.year_limit) - least(t.to_date - t.total, t.year_limit) as target
  from leader_rows r join leader_months t using (payee, m)
), totals as (
  select payee, m, 'seller' as plan, version, component, cents, total, least(total, period_limit) as target from seller_totals
  union all
  select payee, m, 'leader', 1, component, cents, total, target from leader_totals
), shares as (
  -- a limited month in proportion, the largest remainder first; where the month is below zero all is negated
  select *, case when total < 0 then -1 else 1 end as sense, abs(total) as whole from totals where target <> total and total <> 0
), divided as (
  select *, ((sense * cents * target) % whole + whole) % whole as rest from shares
), ranked as (
  select *, (sense * cents * target - rest) // whole as share,
         row_number() over (partition by plan, payee, m order by rest desc, component, version) as place
  from divided
), paid as (
  select payee, m, plan, version, component, cents from totals where target = total or total = 0
  union all
  select payee, m, plan, version, component,
         share + case when place <= target - sum(share) over (partition by plan, payee, m) then 1 else 0 end
  from ranked
)
select payee, format('2025-{:02d}', m) as period, plan, version, component, cast(cents as bigint) as cents
from paid
