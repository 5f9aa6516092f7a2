"""A strategy for whole projects as text: spm.yaml, plan files and CSV tables, small and full of borders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hypothesis import strategies as st

Draw = st.DrawFn

FIRST = date(2024, 1, 1)
PAYEES = ("Ada", "Ben", "Cem", "Dee")
STATES = ("WA", "OR", "NY")
_MONTHS = ("January", "February", "April", "July", "October")

SETTINGS = """\
name: generated
roster: roster
managers: reporting
sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: from_date, through: through_date}
    columns:
      payee: text
      name: text
      role: text
      own_rate: {type: rate, scale: 4}
      own_cap: {type: money, currency: USD, optional: true}
      terms: {type: text, references: terms, optional: true}
      from_date: date
      through_date: {type: date, optional: true}
  reporting:
    files: line.csv
    key: [payee]
    dated: {from: since}
    columns:
      payee: {type: text, references: roster}
      manager: {type: text, references: roster}
      since: date
  terms:
    files: terms.csv
    key: [payee]
    dated: {from: since}
    columns:
      payee: text
      rate: {type: rate, scale: 3}
      since: date
  assignments:
    files: assigned.csv
    key: [payee, plan]
    dated: {from: from_date, through: through_date}
    columns:
      payee: {type: text, references: roster}
      plan: text
      from_date: date
      through_date: {type: date, optional: true}
  owner_table:
    files: owners.csv
    key: [territory]
    dated: {from: since}
    columns:
      territory: text
      payee: {type: text, references: roster}
      since: date
  customers:
    files: customers.csv
    key: [customer]
    columns:
      customer: text
      state: text
  targets:
    files: targets.csv
    key: [payee, kind, period]
    columns:
      payee: {type: text, references: roster}
      kind: text
      period: date
      target: {type: money, currency: USD}
  orders:
    files: orders*.csv
    key: [order]
    columns:
      order: text
      day: date
      payee: {type: text, references: roster, optional: true}
      second: {type: text, references: roster}
      customer: {type: text, references: customers}
      kind: {type: text, optional: true}
      amount: {type: money, currency: USD, scale: 4, digits: 24}
      quantity: count
      share: {type: rate, scale: 3}
"""


@dataclass(frozen=True)
class Generated:
    """Texts of a project by file name; `data` files are CSV with a header line."""

    plans: dict[str, str]
    data: dict[str, str]

    def write(self, folder: Path) -> Path:
        """Lay the project out in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "spm.yaml").write_text(SETTINGS, encoding="utf-8")
        (folder / "data").mkdir(exist_ok=True)
        for name, text in self.plans.items():
            (folder / name).write_text(text, encoding="utf-8")
        for name, text in self.data.items():
            (folder / "data" / name).write_text(text, encoding="utf-8")
        return folder


@st.composite
def projects(draw: Draw) -> Generated:
    """A project that checks without an error."""
    return Generated(draw(_plan_files()), draw(_tables()))


# ---- tables -----------------------------------------------------------------------------------


def _days(first: int = 0, last: int = 420) -> st.SearchStrategy[date]:
    """Days from the start of 2024; ends of months and quarters more often than others."""
    edges = [30, 31, 59, 60, 90, 91, 120, 121, 181, 182, 273, 274, 365, 366]
    inside = [day for day in edges if first <= day <= last]
    steps = st.integers(first, last)
    return (st.one_of(steps, st.sampled_from(inside)) if inside else steps).map(lambda step: FIRST + timedelta(step))


def _csv(header: str, rows: list[tuple[object, ...]]) -> str:
    lines = [",".join("" if value is None else str(value) for value in row) for row in rows]
    return "\n".join([header, *lines]) + "\n"


@st.composite
def _tables(draw: Draw) -> dict[str, str]:
    orders = draw(st.lists(_order(), max_size=25))
    rows = [(f"o{number}", *order) for number, order in enumerate(orders)]
    return {
        "roster.csv": _csv("payee,name,role,own_rate,own_cap,terms,from_date,through_date", draw(_roster())),
        "line.csv": _csv("payee,manager,since", draw(_line())),
        "terms.csv": _csv("payee,rate,since", draw(_terms())),
        "assigned.csv": _csv("payee,plan,from_date,through_date", draw(_assigned())),
        "owners.csv": _csv("territory,payee,since", draw(_owners())),
        "customers.csv": _csv("customer,state", [(f"c{state}", state) for state in (*STATES, "TX")]),
        "targets.csv": _csv("payee,kind,period,target", draw(_targets())),
        "orders.csv": _csv("order,day,payee,second,customer,kind,amount,quantity,share", rows),
    }


@st.composite
def _roster(draw: Draw) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for payee in PAYEES:
        cuts = sorted(set(draw(st.lists(_days(1, 400), max_size=2))))
        starts = [draw(st.sampled_from([FIRST - timedelta(40), FIRST, FIRST + timedelta(45)])), *cuts]
        starts = sorted(set(starts))
        for number, start in enumerate(starts):
            last = number + 1 == len(starts)
            end = None if last else starts[number + 1] - timedelta(1)
            if last and draw(st.integers(0, 3)) == 0:
                end = start + timedelta(draw(st.integers(0, 200)))
            cap = draw(st.sampled_from([None, "50.00", "0.00", "333.33"]))
            terms = draw(st.sampled_from([None, "t1", "t2"]))
            role, rate = draw(st.sampled_from(["Rep", "Lead"])), draw(st.sampled_from(["0.01", "0.0255", "0"]))
            rows.append((payee, payee, role, rate, cap, terms, start, end))
    return rows


@st.composite
def _line(draw: Draw) -> list[tuple[object, ...]]:
    """Everybody reports to somebody later in the list, so there is no circle."""
    rows: list[tuple[object, ...]] = []
    for number, payee in enumerate(PAYEES[:-1]):
        for since in sorted(set(draw(st.lists(_days(0, 300), max_size=2)))):
            rows.append((payee, draw(st.sampled_from(PAYEES[number + 1 :])), since))
    return rows


@st.composite
def _terms(draw: Draw) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for name in ("t1", "t2"):
        for since in sorted(set(draw(st.lists(_days(0, 250), min_size=1, max_size=2)))):
            rows.append((name, draw(st.sampled_from(["0.125", "0.333", "0"])), since))
    return rows


@st.composite
def _assigned(draw: Draw) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for payee in PAYEES:
        if draw(st.booleans()):
            start = draw(_days(0, 200))
            rows.append((payee, "second", start, draw(st.none() | st.just(start + timedelta(70)))))
    return rows


@st.composite
def _owners(draw: Draw) -> list[tuple[object, ...]]:
    found = sorted(set(draw(st.lists(_days(0, 250), max_size=3))))
    return [("COAST", draw(st.sampled_from(PAYEES)), since) for since in found]


@st.composite
def _targets(draw: Draw) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for payee in PAYEES:
        for month in (1, 4, 7, 10, 13):
            if draw(st.integers(0, 9)):
                period = date(2024 + (month > 12), (month - 1) % 12 + 1, 15)
                rows.append((payee, "a", period, draw(st.sampled_from(["100.00", "250.00", "0.00", "33.33"]))))
    return rows


@st.composite
def _order(draw: Draw) -> tuple[object, ...]:
    whole = st.sampled_from(["50", "100", "25", "0", "-100", "33.3333", "0.0001", "12.345", "1000000000000.01", "-50"])
    any_amount = st.integers(-99999, 299999).map(
        lambda cents: f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    )
    return (
        draw(_days()),
        draw(st.sampled_from([*PAYEES, *PAYEES, None])),
        draw(st.sampled_from(PAYEES)),
        f"c{draw(st.sampled_from([*STATES, *STATES, 'TX']))}",
        draw(st.sampled_from(["x", "y", None])),
        draw(st.one_of(whole, any_amount)),
        draw(st.integers(-3, 9)),
        draw(st.sampled_from(["0.5", "1", "0.333"])),
    )


# ---- plan files -------------------------------------------------------------------------------


@st.composite
def _plan_files(draw: Draw) -> dict[str, str]:
    calendar, grains = draw(_calendar())
    split = draw(
        st.sampled_from(["orders.payee", "orders.payee 70%, orders.second 30%", "orders.second 50%, orders.second 50%"])
    )
    where = draw(
        st.sampled_from(
            [
                "",
                'where orders.kind or else "x" == "x"',
                "where not orders.kind is present or orders.quantity > 2",
                'where orders.customer.state in ("WA", "NY") and orders.amount >= 0.00 USD',
            ]
        )
    )
    counts = draw(st.sampled_from(["", "counts from 2024-02-10 through 2024-11-30"]))
    owner_days = draw(_days(30, 300))
    zero = draw(st.sampled_from(["when zero attainment is 100%", "when zero attainment is 55%", ""]))
    missing = draw(st.sampled_from(["when missing attainment is 0%", "when missing attainment is 120%", ""]))
    base = f"""
measure sold in USD {{
  sum orders.amount
  {where}
  on orders.day
  credit {split}
  {counts}
}}
measure weighted in USD {{
  sum orders.amount * orders.share
  on orders.day
  credit orders.second
}}
measure pieces {{
  sum orders.quantity
  on orders.day
  credit orders.second
}}
measure deals {{
  count orders
  where orders.amount > 0.00 USD
  on orders.day
  credit orders.payee
}}
measure region in USD {{
  sum orders.amount
  on orders.day
  credit owner of territory of orders.customer
}}
measure team in USD {{
  rollup sold to manager of payee
}}
measure everyone in USD {{
  rollup sold to managers of payee
}}
measure upper in USD {{
  rollup team to managers of payee
}}
territory coast of customers {{
  covers state in ("WA", "OR")
  owners from owner_table
  code "COAST"
}}
territory east of customers {{
  covers state == "NY"
  owner "Ben" from 2024-01-01 through {owner_days}
  owner "Dee" from {owner_days + timedelta(1)}
}}
quota sold {{
  from targets, each {draw(st.sampled_from(["quarter"]))}
  where targets.kind == "a"
  {zero}
  {missing}
}}
quota team {{
  target {draw(st.sampled_from(["100.00 USD", "payee.own_cap or else 70.00 USD"]))} each {grains[0]}
  when zero attainment is 100%
}}
"""
    return {
        "calendar.spm": calendar,
        "base.spm": base,
        "first.spm": draw(_plan("first", 'payee.role == "Rep"', grains)),
        "second.spm": draw(_plan("second", None, grains)),
    }


@st.composite
def _calendar(draw: Draw) -> tuple[str, tuple[str, ...]]:
    """The calendar's text and the grains that a component may have, the pay period's first."""
    pay = draw(st.sampled_from(["monthly", "monthly", "quarterly"]))
    grains = ("month", "quarter", "half", "year") if pay == "monthly" else ("quarter", "half", "year")
    if draw(st.integers(0, 4)) == 0:
        start = draw(st.sampled_from(["Sunday nearest February 1", "Monday nearest January 1"]))
        weeks = draw(st.sampled_from(["4-4-5", "4-5-4", "5-4-4"]))
        return f"calendar c {{\n  year starts {start}\n  weeks {weeks}\n  pay {pay}\n}}\n", grains
    month = draw(st.sampled_from(_MONTHS))
    day = draw(st.sampled_from(["", "", " 15", " 30" if month != "February" else " 28"]))
    return f"calendar c {{\n  year starts {month}{day}\n  pay {pay}\n}}\n", grains


@st.composite
def _plan(draw: Draw, name: str, members: str | None, grains: tuple[str, ...]) -> str:
    who = (
        f"for {members}"
        if members
        else draw(st.sampled_from(["for payees assigned in assignments", 'for not payee.role == "Rep"']))
    )
    cap = draw(st.sampled_from(["", "", f"cap 400.00 USD each {draw(st.sampled_from(grains))}"]))
    parts = [
        # What version 2 replaces has no window: a window lies within the life of the versions that have it.
        draw(_component(f"c{number}", grains, FIRST + timedelta(20) if number else None))
        for number in range(draw(st.integers(1, 3)))
    ]
    text = (
        f"""use base

plan {name} version 1 {{
  effective from {draw(st.sampled_from(["2024-01-01", "2024-01-20"]))}
  {who}
  currency USD
  revenue sold
  {cap}
"""
        + "\n".join(parts)
        + "}\n"
    )
    if draw(st.booleans()):
        change = draw(_days(60, 300))
        new = draw(_component("c0", grains, change)).strip()
        text += f"""
plan {name} version 2 changes version 1 {{
  effective from {change}
  reason "a better one"
  {draw(st.sampled_from(["replace", "replace", "add"]))} {new}
}}
"""
        if "  add " in text:
            text = text.replace(f"  add {new}", f"  add {new.replace(' c0 {', ' c9 {', 1)}")
    return text


@st.composite
def _component(draw: Draw, name: str, grains: tuple[str, ...], window_from: date | None) -> str:
    """A commission (so that a change may replace it by any other); its window, if any, starts on or after a day."""
    measure = draw(st.sampled_from(["sold", "weighted", "team", "everyone", "region", "upper", "pieces", "deals"]))
    lines: list[str] = []
    # Whoever has a quota is judged over intervals that its own fit into.
    fits = [grain for grain in grains if grain not in ("month",)]
    window = window_from is not None and draw(st.integers(0, 4)) == 0
    tiers = draw(st.sampled_from(["", "attainment", "amount"]))
    if measure not in ("sold", "team") or window:
        tiers = "amount" if tiers else ""
    judged = tiers == "attainment"
    condition = draw(
        st.sampled_from(
            [
                "",
                "",
                "attainment of sold >= 80%",
                "sold > 100.00 USD and not deals == 2",
                'payee.role in ("Rep", "Lead")',
            ]
        )
    )
    judged = judged or "attainment" in condition
    if window:
        condition = "" if "attainment" in condition else condition
        judged = False
    interval = "window"
    if window and window_from is not None:
        start = window_from + timedelta(draw(st.integers(0, 120)))
        lines.append(f"window from {start} through {start + timedelta(draw(st.integers(0, 90)))}")
    else:
        own = fits if judged else list(grains)
        interval = draw(st.sampled_from(own))
        to_date = draw(st.booleans()) and interval != grains[0]
        if tiers:
            lines.append(f"on {measure}{f', {interval} to date' if to_date else ''}")
            lines += [] if to_date else [f"each {interval}"]
        else:
            lines.append(f"each {interval}")
    if window and tiers:
        lines.append(f"on {measure}")
    money = measure not in ("pieces", "deals")
    lines.append(draw(_tiers(tiers, money)) if tiers else f"pays {draw(_formula(measure, money))}")
    if condition:
        lines.append(f"{draw(st.sampled_from(['when', 'gate when']))} {condition}")
    lines.append(
        draw(
            st.sampled_from(
                [
                    "",
                    "round per line",
                    "round per line, half even",
                    "round per payee and period, up",
                    "round per payee and period to 0.05, down",
                    "round per payee and period to 5.00, half even",
                    "round per line to 0.10, up",
                ]
            )
        )
    )
    for grain in grains[: draw(st.integers(0, 2))]:
        lines.append(
            f"cap {draw(st.sampled_from(['25.00 USD', 'payee.own_cap or else 100.00 USD', '0.10 USD']))} each {grain}"
        )
    if window and draw(st.booleans()):
        lines.append("budget 60.00 USD, pro rata")
    body = "\n".join(f"    {line}" for line in lines if line)
    return f"  commission {name} {{\n{body}\n  }}\n"


@st.composite
def _tiers(draw: Draw, basis: str, money: bool) -> str:
    mode = draw(st.sampled_from(["marginal", "retroactive"]))
    values = ["1%", "payee.own_rate", "12.5%", "0%"] if money else ["1.00 USD", "0.335 USD", "0.00 USD", "7.10 USD"]
    if money:
        values.append("payee.terms.rate or else 2%")
    bounds = (
        ["50%", "100%", "150.5%"]
        if basis == "attainment"
        else ["50 USD", "100 USD", "1_000 USD"]
        if money
        else ["1", "3", "6"]
    )
    zero = "0%" if basis == "attainment" else "0 USD" if money else "0"
    used = bounds[: draw(st.integers(1, 3))]
    rows = [
        f"      {low} to {high} : {draw(st.sampled_from(values))}"
        for low, high in zip([zero, *used], used, strict=False)
    ]
    rows.append(f"      {used[-1]} and above : {draw(st.sampled_from(values))}")
    return f"tiers by {basis}, {mode} {{\n" + "\n".join(rows) + "\n    }"


@st.composite
def _formula(draw: Draw, measure: str, money: bool) -> str:
    if draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(["75.00 USD", "0.015 USD", "payee.own_cap or else 10.00 USD"]))
    if not money:
        return f"1.005 USD per {measure}"
    return draw(
        st.sampled_from(
            [
                f"3.33% of {measure}",
                f"payee.own_rate of {measure}",
                f"(payee.terms.rate or else 0.5%) of {measure}",
                f"10% of ({measure} - 20.00 USD)",
                f"1% of {measure} + 2% of weighted",
            ]
        )
    )
