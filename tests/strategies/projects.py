"""Random plan projects as text: spm.yaml, plan files and CSV tables that check without an error.

Everything is drawn small and near to what decides: days at the edges of periods, versions and roster rows, amounts that hit
the bounds of tiers. What a plan may ask for but data need not give (quotas without a row, references without a row in force) is
answered in the text most of the time, so that most projects run to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from spmlang.data.tables import Tables
from spmlang.engines.result import Request
from spmlang.model.program import Program
from spmlang.runs.opening import Opened, open_data, open_project
from spmlang.source.diagnostics import Problems
from spmlang.values.calendar import Calendar, Grain

T = TypeVar("T")
_DAY = timedelta(days=1)
FIRST, LAST = date(2024, 1, 1), date(2025, 6, 30)

Line = tuple[str, ...]
_TIES = ("share", "higher", "lower")
_UNLIKE = ("customer", "status")
_SPREADS = {2: "40%, 60%", 3: "20%, 30%, 50%", 4: "0%, 25%, 25%, 50%", 6: "10%, 10%, 20%, 20%, 20%, 20%"}
_SPREADS[12] = "5%, 5%, 5%, 5%, 10%, 10%, 10%, 10%, 10%, 10%, 10%, 10%"


@dataclass(frozen=True)
class ProjectText:
    """A project's files by path below its folder, and the days whose pay periods are asked for."""

    files: dict[str, str]
    first: date
    last: date

    def __repr__(self) -> str:
        """As a person would read the folder."""
        shown = "".join(f"--- {path}\n{text}" for path, text in self.files.items())
        return f"\n{shown}--- asked for: {self.first} to {self.last}\n"

    def write(self, folder: Path) -> None:
        """The files in a folder."""
        for path, text in self.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")

    @contextmanager
    def opened(self, *, lines: bool = True) -> Iterator[tuple[Program, Tables, Request]]:
        """The project read, checked and loaded as a run does it. Raises Problems where it has a mistake."""
        with TemporaryDirectory() as name:
            folder = Path(name)
            self.write(folder)
            opened = _opened(folder)
            tables, _ = open_data(opened, folder / "data")
            tables.connection.execute("set threads = 1")  # several times as fast on tables so small
            try:
                calendar = opened.program.calendar
                request = Request(calendar.pay_period(self.first), calendar.pay_period(self.last), lines)
                yield opened.program, tables, request
            finally:
                tables.connection.close()


def _opened(folder: Path) -> Opened:
    """The project, unless its products need more decimal places than the engines have: such a one is not looked at."""
    try:
        return open_project(folder)
    except Problems as refused:
        if {problem.slug for problem in refused.diagnostics} == {"too-many-places"}:
            reject()
        raise


def projects() -> st.SearchStrategy[ProjectText]:
    """Whole projects."""
    return st.composite(lambda draw: _Maker(draw).project())()


@dataclass(frozen=True)
class _Measure:
    """A measure as plans may use it."""

    name: str
    kind: str  # "money", "count" or "number"


@dataclass(frozen=True)
class _Quota:
    """A quota that components may ask for."""

    measure: str
    grain: Grain
    name: str


@dataclass(frozen=True)
class _Component:
    """A component's text, without its braces."""

    kind: str
    name: str
    lines: Line
    grain: Grain
    window: tuple[date, date] | None = None

    @property
    def reads_another(self) -> bool:
        """Whether it reads the earning of another component, which then may not change its interval."""
        return any("earning of" in line for line in self.lines)


@dataclass(frozen=True)
class _Version:
    """A version's content."""

    start: date
    members: str
    cap: str | None
    terms: Line
    quotas: Line
    components: tuple[_Component, ...]


@dataclass
class _Maker:
    """Draws one project. Simple choices stand first, so that failures shrink towards them."""

    draw: st.DrawFn
    days: list[date] = field(default_factory=lambda: [FIRST])
    payees: list[str] = field(default_factory=list)

    # ---- drawing --------------------------------------------------------------------------------------------------

    def one(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.draw(st.sampled_from(options))

    def some(self, options: Sequence[T], least: int = 0, most: int | None = None) -> list[T]:
        """Several different options, in their order."""
        chosen = self.draw(st.lists(st.sampled_from(range(len(options))), min_size=least, max_size=most, unique=True))
        return [options[index] for index in sorted(chosen)]

    def chance(self, percent: int) -> bool:
        """True now and then; shrinks to False."""
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def day(self, first: date = FIRST, last: date = LAST) -> date:
        """A day: often one that something else begins or ends on."""
        near = sorted({day for day in self.days if first <= day <= last})
        if near and not self.chance(40):
            return self.one(near)
        return first + timedelta(days=self.draw(st.integers(0, (last - first).days)))

    def noted(self, day: date) -> date:
        """A day to come back to, and the day before."""
        self.days += [day, day - _DAY]
        return day

    def money(self, values: Sequence[str]) -> str:
        """An amount as plan text."""
        return f"{self.one(values)} {self.currency}"

    # ---- the project ----------------------------------------------------------------------------------------------

    def project(self) -> ProjectText:
        """Everything, in the order in which things depend on each other."""
        self.currency = self.one(["USD", "USD", "USD", "USD", "JPY", "KWD"])
        self.scale = self.one([2, 4])
        calendar_text = self.make_calendar()
        self.payees = ["p1", "p2", "o'neil", "p10", "Änne"][: self.draw(st.integers(2, 5))]
        self.gaps = {name: self.chance(25) for name in ("grades", "products", "accounts")}
        starts = self.version_starts()
        data = {
            "roster": self.roster(),
            "reporting": self.reporting(),
            "assignments": self.assignments(),
            "holders": self.holders(),
            "grades": self.dated_rows("grades", ["g1", "g2"], [["0.01", "0.025"], ["100.00", "35.005", "0"]]),
            "products": self.dated_rows("products", ["x", "y"], [["1.5", "0.25", "-1"], ["tent", "boot"]]),
            "accounts": self.dated_rows("accounts", ["a1", "a2"], [self.payees]),
            "regions": ["n1,north", "s1,south", "e1,east"],
            "customers": [
                f"c{number},{self.one(['n1', 's1', 'e1'])},{self.one(['chain', 'shop'])}" for number in (1, 2, 3)
            ],
        }
        territories = self.territories()
        measures, texts = self.measures()
        quotas, quota_texts = self.project_quotas(measures)
        plans = {f"plan_{name}": self.plan(name, starts[name], measures, quotas) for name in starts}
        data["targets"] = self.targets()
        data["relief"] = [
            f"{number},{self.one(self.payees)},{self.day()},{self.one(['-100.00', '50.005', '10.00', '-5.005'])}"
            for number in range(self.draw(st.integers(0, 3)))
        ]
        deals = self.deals()
        data["deals"] = deals
        data["items"] = self.items(deals)
        data["contracts"] = self.contracts()
        data["pods"] = self.pods()
        files = {"spm.yaml": self.yaml(), "calendar.spm": calendar_text}
        files["tables.spm"] = _TABLES.replace("CUR", self.currency)
        files["territories.spm"] = "\n".join(territories)
        files["measures.spm"] = "use tables\nuse territories\n\n" + "\n".join(texts)
        files["quotas.spm"] = "use measures\n\n" + "\n".join(quota_texts)
        for name, text in plans.items():
            files[f"{name}.spm"] = "use measures\nuse quotas\nuse tables\n\n" + text
        for name, rows in data.items():
            files[f"data/{name}.csv"] = "\n".join([",".join(_COLUMNS[name]), *rows]) + "\n"
        _leave_out_unused(files)
        first = self.day(FIRST - 40 * _DAY, LAST) if self.chance(40) else starts["alpha"][0]
        last = self.day(first, LAST) if self.chance(50) else LAST
        return ProjectText({path: text for path, text in files.items() if text}, first, last)

    def make_calendar(self) -> str:
        """The calendar, and its text."""
        starts, month, day, weeks, weekday = self.one(
            [
                ("January", 1, 1, None, None),
                ("July", 7, 1, None, None),
                ("October", 10, 1, None, None),
                ("January 31", 1, 31, None, None),
                ("March 30", 3, 30, None, None),
                ("Sunday nearest February 1", 2, 1, (4, 4, 5), 6),
            ]
        )
        pay = self.one([Grain.MONTH, Grain.MONTH, Grain.MONTH, Grain.QUARTER, Grain.YEAR])
        self.calendar = Calendar("main", pay, month, day, weeks, weekday)
        self.grains = [grain for grain in Grain if grain.months >= pay.months]
        for period in self.calendar.intervals(pay, FIRST, LAST)[1:]:
            self.noted(period.start)
        word = {Grain.MONTH: "monthly", Grain.QUARTER: "quarterly", Grain.YEAR: "yearly"}[pay]
        lines = [f"year starts {starts}", *(["weeks 4-4-5"] if weeks else []), f"pay {word}"]
        return _block("calendar main", lines)

    def version_starts(self) -> dict[str, list[date]]:
        """When the versions of each plan begin."""
        found = {}
        for name in ["alpha", "beta"][: self.draw(st.integers(1, 2))]:
            starts = {self.day(FIRST, date(2024, 9, 30))}
            for _ in range(self.draw(st.integers(0, 2))):
                starts.add(self.day(FIRST, date(2025, 3, 31)))
            found[name] = [self.noted(start) for start in sorted(starts)]
        return found

    # ---- tables ---------------------------------------------------------------------------------------------------

    def stretches(self, most: int, *, gap: int) -> list[tuple[date, str]]:
        """Days that follow each other: from and through (empty: open), with a gap now and then."""
        cuts = sorted({self.day() for _ in range(self.draw(st.integers(1, most)))})
        if not self.chance(30):
            cuts[0] = FIRST
        found = []
        for start, following in zip(cuts, [*cuts[1:], None], strict=True):
            self.noted(start)
            if following is None:
                end = "" if not self.chance(20) else str(self.noted(self.day(start, LAST) + _DAY) - _DAY)
            else:
                shorter = self.chance(gap) and (following - start).days > 1
                end = str(self.day(start, following - 2 * _DAY) if shorter else following - _DAY)
            found.append((start, end))
        return found

    def roster(self) -> list[str]:
        """Joining, leaving, coming back, and changing role, rate, base and grade."""
        rows = []
        for payee in self.payees:
            for start, end in self.stretches(3, gap=25):
                role, rate = self.one(["rep", "rep", "lead"]), self.one(["0.02", "0.0333"])
                base, extra = self.one(["100.00", "250.00", "33.33", "1000.00"]), self.one(["50.00", "", "7.125"])
                rows.append(
                    f"{payee},{payee.upper()},{role},{rate},{base},{extra},{self.one(['g1', 'g2'])},{start},{end}"
                )
        return rows

    def reporting(self) -> list[str]:
        """Everybody reports to somebody before them, or the other way round for a while."""
        rows = []
        for number, payee in enumerate(self.payees):
            above = self.payees[:number] if not self.chance(2) else [item for item in self.payees if item != payee]
            if not above:
                continue
            starts = sorted({self.day() for _ in range(self.draw(st.integers(0, 2)))})
            rows += [f"{payee},{self.one(above)},{start}" for start in starts]
        return rows

    def assignments(self) -> list[str]:
        """Some are assigned to plan alpha for some time."""
        rows = []
        for payee in self.payees:
            if not self.chance(30):
                rows += [f"{payee},alpha,{start},{end}" for start, end in self.stretches(2, gap=40)]
        return rows

    def holders(self) -> list[str]:
        """The owners of the territory whose owners stand in a table."""
        return [f"SOUTH,{self.one(self.payees)},{start},{end}" for start, end in self.stretches(3, gap=20)]

    def dated_rows(self, source: str, keys: Iterable[str], columns: Iterable[Sequence[str]]) -> list[str]:
        """Rows that hold for some time; of most tables, all the time."""
        rows = []
        for key in keys:
            cuts = sorted({FIRST, *(self.day() for _ in range(self.draw(st.integers(0, 2))))})
            for place, start in enumerate(cuts):
                self.noted(start)
                end = str(cuts[place + 1] - _DAY) if place + 1 < len(cuts) else ""
                if self.gaps[source] and self.chance(40):
                    continue
                values = ",".join(self.one(options) for options in columns)
                rows.append(f"{key},{values},{start if place else '2000-01-01'},{end}")
        present = {row.split(",")[0] for row in rows}
        lost = [key for key in keys if key not in present]
        return rows + [f"{key},{','.join(options[0] for options in columns)},2000-01-01,2000-12-31" for key in lost]

    def targets(self) -> list[str]:
        """Targets for most intervals of most payees; some are zero, some stand nowhere."""
        rows = []
        for payee in self.payees:
            usual = self.one(["1000.00", "333.33", "0", "250.00"])
            skipped = self.chance(15)
            for period in self.calendar.intervals(self.table_grain, *self.whole_years()):
                if skipped and self.chance(50):
                    continue
                rows.append(f"{payee},main,{period.start},{usual}")
        if self.chance(2):
            rows.append(f"{self.payees[0]},main,{self.day(FIRST + _DAY)},{self.one(['5.00', '-5.00'])}")
        rows += [f"{self.payees[0]},stretch,{FIRST},5.00"]
        return list({tuple(row.split(",")[:3]): row for row in rows}.values())

    def whole_years(self) -> tuple[date, date]:
        """The days of all fiscal years that hold a day of interest."""
        return self.calendar.interval(FIRST, Grain.YEAR).start, self.calendar.interval(LAST, Grain.YEAR).end

    def amount(self) -> str:
        """An amount near to what decides."""
        if not self.chance(30):
            return self.one(
                ["100.00", "250.00", "500.00", "1000.00", "-100.00", "-250.00", "400.00", "33.33", "-1000.00", "0"]
            )
        if self.chance(15):
            return self.one(
                [f"0.{'1':0>{self.scale}}", "1000000000000.00", f"-0.{'1':0>{self.scale}}", "-1000000000000.00"]
            )
        units = self.draw(st.integers(-200_000, 1_000_000))
        return f"{'-' if units < 0 else ''}{abs(units) // 100}.{abs(units) % 100:02d}"

    def deals(self) -> list[str]:
        """The transactions."""
        rows = []
        for number in range(self.draw(st.integers(0, 40))):
            seller = self.one(["", *self.payees, *self.payees, *self.payees])
            helper = self.one([*self.payees, "", ""])
            values = [
                f"s{number}",
                str(self.day(FIRST - 40 * _DAY if self.chance(5) else FIRST)),
                self.one(["c1", "c2", "c3"]),
                self.one(["x", "y", ""]),
                self.one(["a1", "a2", ""]),
                seller,
                helper,
                self.one(self.payees),
                self.one(["shipped", "shipped", "shipped", "open"]),
                self.amount(),
                self.one(["0", "10.00", ""]),
                self.one(["1", "2", "3", "-1", "0", "12"]),
                self.one(["1", "0.125", "0.9"]),
                self.one(["t1", "t2", "", "t3"]),
            ]
            rows.append(",".join(values))
        return rows

    def items(self, deals: list[str]) -> list[str]:
        """Lines of some of the transactions."""
        if not deals:
            return []
        names = [row.split(",")[0] for row in deals]
        count = self.draw(st.integers(0, 6))
        return [f"{self.one(names)},{number},{self.one(['x', 'y'])},{self.amount()}" for number in range(count)]

    def contracts(self) -> list[str]:
        """A dated table whose own rows are counted."""
        rows = []
        for key in ("k1", "k2"):
            for start, end in self.stretches(2, gap=30):
                rows.append(f"{key},{self.one(self.payees)},{self.one(['5.00', '120.00'])},{start},{end}")
        return rows

    def pods(self) -> list[str]:
        """Who shares in which team, and when; now and then the shares do not add up."""
        rows = []
        for pod in ("t1", "t2"):
            for start, end in self.stretches(2, gap=30):
                members = self.some(self.payees, 1, 2)
                shares = {1: ["1"], 2: self.one([["0.5", "0.5"], ["0.333", "0.667"], ["1.2", "-0.2"]])}[len(members)]
                if self.chance(2):
                    shares = ["0.9", "0.3"]
                rows += [
                    f"{pod},{member},{share},{start},{end}" for member, share in zip(members, shares, strict=False)
                ]
        return rows

    def yaml(self) -> str:
        """The data contract."""
        return _YAML.replace("CUR", self.currency).replace("SCALE", str(self.scale))

    # ---- territories, measures, quotas ----------------------------------------------------------------------------

    def territories(self) -> list[str]:
        """Of regions (owners in the text), of customers (owners in a table) and of the dated products."""
        start = self.day(FIRST, date(2024, 8, 1))
        owners = [f'owner "{self.one(self.payees)}" from {start}']
        if self.chance(60):
            change = self.noted(self.day(start + _DAY, LAST))
            owners[0] += f" through {change - _DAY}"
            owners.append(f'owner "{self.one(self.payees)}" from {change}')
            if self.chance(30):
                owners[1] += f" through {self.day(change, LAST)}"
        # Two columns that are compared: whether the territories overlap is left to the run.
        east = "zone != region" if self.chance(2) else 'zone == "east"'
        return [
            _block("territory north of regions", ['covers zone == "north"', *owners]),
            _block(
                "territory east of regions",
                [f"covers {east}", f'owner "{self.one(self.payees)}" from {FIRST}'],
            ),
            _block(
                "territory south of customers",
                ['covers region.zone in ("south", "north")', "owners from holders", 'code "SOUTH"'],
            ),
            _block(
                "territory tents of products",
                ['covers category == "tent"', f'owner "{self.one(self.payees)}" from {self.day()}'],
            ),
        ]

    def credit(self) -> str:
        """Who is credited with a sale."""
        direct = ["deals.seller", "deals.booker", "deals.account.holder"]
        owned = [
            "owner of territory of deals.customer.region",
            "owner of territory of deals.customer",
            "owner of territory of deals.product",
        ]
        over = ""
        if self.chance(25):
            ways = [*direct, *owned, "members of deals.pod in pods", "members of deals.pod in pods by pods.share"]
            over = f", overlay {self.one(ways)}{self.one(['', ' 50%', ' 12.5%'])}"
        if self.chance(15):
            return f"credit members of deals.pod in pods by pods.share{over}"
        if not self.chance(50):
            return f"credit {self.one([*direct, *owned])}{over}"
        first, second = self.one([("70%", "30%"), ("33.3%", "66.7%"), ("12.5%", "87.5%")])
        return f"credit {self.one([*direct, *owned])} {first}, {self.one(['deals.helper', *direct, *owned])} {second}{over}"

    def where(self) -> list[str]:
        """Which sales count."""
        tests = [
            'deals.status == "shipped"',
            'deals.customer.segment == "shop"',
            'deals.customer.region.zone != "east"',
            'deals.product.category or else "none" == "tent"',
            "deals.product.category is present",
            "deals.seller is present or not deals.helper is present",
            f"deals.amount >= {self.money(['0', '100', '-100.00'])}",
            f"deals.discount or else 0.00 {self.currency} < 5 {self.currency}",
            "deals.quantity in (1, 2, 12)",
            'not (deals.status == "open" and deals.quantity > 1)',
            f"deals.day >= {self.day()}",
            'deals.booker.role or else "gone" == "rep"',
            *(['deals.booker.role == "rep"'] if self.chance(3) else []),
        ]
        chosen = self.some(tests, 0, 2)
        return [f"where {' and '.join(f'({test})' for test in chosen)}"] if chosen else []

    def counts(self) -> list[str]:
        """Which days count."""
        if not self.chance(20):
            return []
        start = self.noted(self.day())
        return [f"counts from {start}" + (f" through {self.day(start, LAST)}" if self.chance(70) else "")]

    def measures(self) -> tuple[list[_Measure], list[str]]:
        """The measures and their texts."""
        cur = self.currency
        money_sums = [
            "deals.amount",
            f"deals.amount - (deals.discount or else 0.00 {cur})",
            "deals.amount * deals.weight",
            "50% of deals.amount",
            f"deals.quantity * 2.50 {cur} + deals.amount",
            "(mix at (deals.status, deals.amount)) of deals.amount",
            f"deals.amount rounded down to 7.5 {cur}",
            f"deals.weight converted to {cur} at deals.quantity",
            f"(deals.amount converted to {cur} at deals.weight) rounded to 0.01 {cur}",
            "(ratio of deals.quantity to deals.weight else 5% rounded to 0.1%) of deals.amount",
        ]
        found = [_Measure("bookings", "money")]
        rest = ["on deals.day", self.credit(), *self.where(), *self.counts()]
        texts = [_block(f"measure bookings in {cur}", [f"sum {self.one(money_sums)}", *rest])]
        for name in self.some(["margin", "units", "orders", "weight", "item_sales", "contracts_held"], 1, 3):
            rest = ["on deals.day", self.credit(), *self.where(), *self.counts()]
            if name == "margin":
                texts.append(_block(f"measure margin in {cur}", [f"sum {self.one(money_sums)}", *rest]))
                found.append(_Measure(name, "money"))
            elif name == "units":
                texts.append(_block("measure units", ["sum deals.quantity", *rest]))
                found.append(_Measure(name, "count"))
            elif name == "orders":
                counted = self.one(
                    [
                        "deals",
                        "deals",
                        *(f"distinct deals.{x} each {_word(g)}" for x in _UNLIKE for g in self.grains),
                    ]
                )
                texts.append(_block("measure orders", [f"count {counted}", *rest]))
                found.append(_Measure(name, "count"))
            elif name == "weight":
                factor = self.one(["deals.weight", "(deals.product.price or else 1.0)"])
                texts.append(_block("measure weight", [f"sum deals.quantity * {factor}", *rest]))
                found.append(_Measure(name, "number"))
            elif name == "item_sales":
                lines = ["sum items.price", "on items.sale.day", "credit items.sale.seller"]
                tests = ['where items.sale.status == "shipped"']
                tests += ['where items.product.category == "tent"'] if self.may_ask("products") else []
                lines += [self.one(tests)] if self.chance(50) else []
                if self.may_ask("products") and self.chance(50):
                    lines[0] = "sum items.price * items.product.price"
                texts.append(_block(f"measure item_sales in {cur}", lines))
                found.append(_Measure(name, "money"))
            else:
                texts.append(
                    _block(
                        f"measure contracts_held in {cur}",
                        ["sum contracts.worth", "on contracts.from_date", "credit contracts.seller"],
                    )
                )
                found.append(_Measure(name, "money"))
        base = found[0]
        for name in ["team", "company"][: self.draw(st.integers(0, 2))]:
            head = f"measure {name} in {cur}" if base.kind == "money" else f"measure {name}"
            overlays, whom = self.one(["", " with overlays"]), self.one(["manager", "managers"])
            texts.append(_block(head, [f"rollup {base.name}{overlays} to {whom} of payee"]))
            found.append(_Measure(name, base.kind))
            base = found[-1] if self.chance(40) else found[0]
        return found, texts

    def answers(self, *, money: bool = True) -> list[str]:
        """A ramp and the like, and what holds where a target is zero or missing; now and then nothing is said."""
        lines = [f"ramp {self.one(['25%, 50%, 75%', '0%, 33.3%', '110.5%'])}"] if self.chance(20) else []
        if self.chance(20):
            lines.append(f"prorate by {self.one(['calendar', 'working'])} days")
        if money and self.chance(15):
            lines.append("adjust from relief")
        if not self.chance(8):
            lines.append(f"when zero attainment is {self.one(['0%', '50%', '100%', '120%'])}")
        if not self.chance(8):
            lines.append(f"when missing attainment is {self.one(['0%', '75%', '100%'])}")
        return lines

    def project_quotas(self, measures: list[_Measure]) -> tuple[list[_Quota], list[str]]:
        """Targets of bookings from the table, and of other measures from the text."""
        self.table_grain = self.one(self.grains)
        tests = ['targets.kind == "main"'] * 6
        tests.append('targets.kind == "main" and (targets.payee.role or else "gone") != "lead"')
        tests += ['targets.kind == "main" and targets.payee.role != "lead"'] if self.chance(20) else []
        texts = [
            _block(
                "quota bookings",
                [f"from targets, each {_word(self.table_grain)}", f"where {self.one(tests)}", *self.answers()],
            )
        ]
        found = [_Quota("bookings", self.table_grain, "bookings")]
        for measure in measures[1:]:
            if self.chance(50):
                quota, text = self.quota(measure)
                found.append(quota)
                texts.append(text)
        if self.chance(30):
            quota, text = self.quota(measures[0], "stretch")
            found.append(quota)
            texts.append(text)
        return found, texts

    def quota(self, measure: _Measure, name: str = "") -> tuple[_Quota, str]:
        """A target from the text."""
        grain = self.one(self.grains)
        if measure.kind == "money":
            value = self.one(
                [
                    f"250.00 {self.currency}",
                    "payee.base",
                    f"payee.extra or else 0.00 {self.currency}",
                    f"200% of payee.base + 0.50 {self.currency}",
                    "payee.grade.step" if self.may_ask("grades") else f"payee.grade.step or else 10 {self.currency}",
                ]
            )
        else:
            value = self.one(["4", "12", "0"])
        lines = [f"target {value} each {_word(grain)}", *self.answers(money=measure.kind == "money")]
        finer = [item for item in self.grains if item.months < grain.months]
        if finer and self.chance(30):
            grain, over = self.one(finer), grain
            lines.append(f"spread {_SPREADS[over.months // grain.months]}")
        head = f"{name} of {measure.name}" if name else measure.name
        return _Quota(measure.name, grain, name or measure.name), _block(f"quota {head}", lines)

    # ---- plans ----------------------------------------------------------------------------------------------------

    def plan(self, name: str, starts: list[date], measures: list[_Measure], shared: list[_Quota]) -> str:
        """A plan with all its versions."""
        versions = [self.first_version(starts, measures, shared)]
        for start in starts[1:]:
            versions.append(self.next_version(versions[-1], start, measures, shared))
        last = self.noted(self.day(max(starts[-1], self.window_end(versions)), LAST) + _DAY) - _DAY
        ends = str(last) if self.chance(20) else None
        revenue = f"revenue {self.one(['bookings', 'bookings', *[m.name for m in measures if m.kind == 'money']])}"
        head = [f"currency {self.currency}", *([revenue] if self.chance(50) else [])]
        texts = []
        for number, version in enumerate(versions, 1):
            through = f" through {ends}" if ends and number == len(versions) else ""
            effective = f"effective from {version.start}{through}"
            before = versions[number - 2] if number > 1 else None
            changed = before and self.chance(60) and not (before.cap and not version.cap)
            if before and changed:
                lines = [effective, 'reason "A change"', *_changes(before, version)]
                texts.append(_block(f"plan {name} version {number} changes version {number - 1}", lines))
            else:
                lines = [
                    effective,
                    f"for {version.members}",
                    *head,
                    *([version.cap] if version.cap else []),
                    *version.terms,
                ]
                lines += [*version.quotas, *(_component(component) for component in version.components)]
                texts.append(_block(f"plan {name} version {number}", lines))
        return "\n".join(texts)

    def window_end(self, versions: list[_Version]) -> date:
        """The last day of any window that the last version has."""
        return max((c.window[1] for c in versions[-1].components if c.window), default=FIRST)

    def members(self) -> str:
        """Who is on the plan."""
        usual = [
            'payee.role in ("rep", "lead")',
            'payee.role == "rep"',
            "payees assigned in assignments",
            'not payee.role == "lead"',
            "payee.extra is present",
            f"payee.base >= 100 {self.currency}",
            "(payee.grade.factor or else 0%) > 1%",
        ]
        return self.one([*usual, "payee.grade.factor > 1%"] if self.may_ask("grades") else usual)

    def may_ask(self, source: str) -> bool:
        """Whether text may ask for a column of a dated table as if a row were always in force."""
        return not self.gaps[source] or self.chance(10)

    def first_version(self, starts: list[date], measures: list[_Measure], shared: list[_Quota]) -> _Version:
        """A version from scratch."""
        quotas, texts = list(shared), []
        for measure in measures:
            if self.chance(15):
                quota, text = self.quota(measure)
                quotas = [*(other for other in quotas if other.name != quota.name), quota]
                texts.append(text)
        self.quotas = quotas
        names = ["base", "extra_pay", "push", "reward"][: self.draw(st.integers(1, 4))]
        self.peers: list[_Component] = []
        for name in names:
            self.peers.append(self.component(name, starts[0], measures))
        components, self.peers = tuple(self.peers), []
        return _Version(starts[0], self.members(), self.plan_cap(), self.terms(), tuple(texts), components)

    def next_version(self, before: _Version, start: date, measures: list[_Measure], shared: list[_Quota]) -> _Version:
        """The same with changes. A window that has begun stays; a plan's cap changes only where a pay period starts."""
        components = []
        for old in before.components:
            fixed = old.window is not None
            if fixed and old.window and old.window[1] < start and self.chance(50):
                continue
            if fixed or any(item.reads_another for item in before.components) or not self.chance(60):
                components.append(old)
            else:
                components.append(self.component(old.name, start, measures, windows=False, kind=old.kind))
        if self.chance(30):
            components.append(self.component(f"added_{start:%Y%m%d}", start, measures))
        if not components:
            components.append(self.component("base", start, measures, windows=False))
        cap = before.cap
        if self.calendar.pay_period(start).start == start and self.chance(50):
            cap = self.plan_cap()
        members = self.members() if self.chance(20) else before.members
        return replace(before, start=start, members=members, cap=cap, components=tuple(components))

    def terms(self) -> Line:
        """The terms of payment; mostly nothing is said."""
        if not self.chance(30):
            return ()
        lines = []
        if self.chance(50):
            lines.append(f"negative {self.one(['carried forward', 'forgiven', 'charged'])}")
        for word, percent in (("guarantee", 40), ("draw one", 50), ("draw two", 25)):
            if not self.chance(percent):
                continue
            line = f"{word} {self.one(['payee.base', f'20 {self.currency}', f'33.335 {self.currency}'])}"
            line += self.one(["", " for first 2 periods"])
            if word != "guarantee" and self.chance(50):
                line += f", recover{self.one(['', f' from {self.day()}'])} at most {self.one(['10%', '50%'])}"
            lines.append(line)
        return tuple(lines)

    def when_paid(self) -> str:
        """When a component's amounts are paid."""
        held = ['payee.role == "rep"', f"payee.base >= 100 {self.currency}"]
        return self.one(
            [
                "release 50%, 50%",
                f"release 33.3%, 33.3%, 33.4% each {_word(self.one(self.grains))}",
                f"hold 20% until end of {_word(self.one(self.grains))}",
                f"hold 12.5% until {self.day()}",
                f"hold 100% while {self.one(held)}",
            ]
        )

    def limit(self) -> str:
        """A cap's limit."""
        if self.chance(3):
            return f"payee.base - 50.00 {self.currency}"
        return self.one(
            [
                f"20.00 {self.currency}",
                f"100 {self.currency}",
                "payee.base",
                "10% of payee.base",
                f"payee.extra or else 0.00 {self.currency}",
                f"33.335 {self.currency}",
                "payee.grade.step" if self.may_ask("grades") else f"payee.grade.step or else 5 {self.currency}",
            ]
        )

    def plan_cap(self) -> str | None:
        """The plan's cap, if any."""
        return f"cap {self.limit()} each {_word(self.one(self.grains))}" if self.chance(35) else None

    def component(
        self, name: str, start: date, measures: list[_Measure], *, windows: bool = True, kind: str | None = None
    ) -> _Component:
        """A component."""
        window = None
        if windows and kind is None and self.chance(20):
            begins = self.noted(self.day(start, LAST))
            window = (begins, self.day(begins, LAST))
            self.noted(window[1] + _DAY)
            kind = "spif"
        kind = kind or self.one(["commission", "bonus"])
        grain = self.calendar.pay if window else self.one([self.calendar.pay, *self.grains])
        to_date = not window and grain != self.calendar.pay and self.chance(50)
        earnings = [] if window else [item.name for item in self.peers if item.grain == grain and not item.window]
        quotas = [] if window else [quota for quota in self.quotas if quota.grain.months <= grain.months]
        lines: list[str] = []
        if window:
            lines.append(f"window from {window[0]} through {window[1]}")
        elif not to_date and (grain != self.calendar.pay or self.chance(10)):
            lines.append(f"each {_word(grain)}")
        tiered = self.chance(50)
        on = self.one(measures)
        if tiered or to_date:
            lines.append(f"on {on.name}" + (f", {_word(grain)} to date" if to_date else ""))
        if earnings and not tiered and self.chance(40):
            other = f"earning of {self.one(earnings)}"
            lines.append(
                f"pays {self.one(['50%', 'payee.rate'])} of {self.one([other, f'({other} at least 5 {self.currency})'])}"
            )
        elif self.chance(8):
            prizes = ["1 : 500 CUR", "2 to 3 : 101 CUR", "4 : 7 CUR"][: self.draw(st.integers(1, 3))]
            head = f"ranks {self.one([on.name, f'{on.name} rounded to {self.unit_of(on)}'])}, ties {self.one(_TIES)}"
            lines.append(_block(head, [row.replace("CUR", self.currency) for row in prizes]).rstrip())
        else:
            lines.append(self.tiers(on, quotas) if tiered else f"pays {self.formula(measures, quotas)}")
            if self.chance(8):
                lines.append(f"pool 1000 {self.currency}")
        if earnings and self.chance(15):
            lines.append(f"gate when earning of {self.one(earnings)} > {self.money(['0', '10.00'])}")
        for word in ["when", "gate when"]:
            if self.chance(25):
                lines.append(f"{word} {self.condition(measures, quotas, None if window else grain)}")
        if self.chance(30):
            lines += [f"cap {self.limit()} each {_word(grain)}" for grain in self.some(self.grains, 1, 2)]
        if self.chance(50):
            lines.append(self.rounding())
        if self.chance(20):
            lines.append(self.when_paid())
        if window and self.chance(60):
            budget = {"USD": ["10.01", "100", "500.00"], "JPY": ["11", "100"], "KWD": ["10.001", "100"]}[self.currency]
            lines.append(f"budget {self.money(budget)}{', pro rata' if self.chance(50) else ''}")
        return _Component(kind, name, tuple(lines), grain, window)

    def unit_of(self, measure: _Measure) -> str:
        """A step so coarse that payees reach the same."""
        return f"500 {self.currency}" if measure.kind == "money" else "5"

    def rounding(self) -> str:
        """Where, to what and how a component rounds."""
        steps = {"USD": ["0.01", "0.05", "1.00", "5"], "JPY": ["1", "10"], "KWD": ["0.001", "0.005", "1"]}[
            self.currency
        ]
        to = f" to {self.one(steps)}" if self.chance(50) else ""
        mode = f", {self.one(['half up', 'half even', 'up', 'down'])}" if self.chance(70) else ""
        return f"round per {self.one(['payee and period', 'line'])}{to}{mode}"

    def tiers(self, on: _Measure, quotas: list[_Quota]) -> str:
        """A table of one to four tiers."""
        own = [quota for quota in quotas if quota.measure == on.name]
        by_attainment = bool(own) and self.chance(65)
        if by_attainment:
            bounds = ["0%", *self.some(["25%", "50%", "100%", "133.3%"], 0, 3)]
        elif on.kind == "money":
            bounds = [
                f"{value} {self.currency}" for value in ["0", *self.some(["100.00", "250", "500.5", "1000"], 0, 3)]
            ]
        else:
            bounds = ["0", *self.some(["1", "2.5", "10"], 0, 3)]
        rows = []
        for place, low in enumerate(bounds):
            until = f"to {bounds[place + 1]}" if place + 1 < len(bounds) else "and above"
            rows.append(f"{low} {until} : {self.tier_value(on)}")
        basis = "amount"
        if by_attainment:
            quota = self.one(own)
            basis = "attainment" if quota.name == on.name else f"attainment of {quota.name}"
        return _block(f"tiers by {basis}, {self.one(['marginal', 'retroactive'])}", rows).rstrip()

    def tier_value(self, on: _Measure) -> str:
        """What a tier pays on each unit."""
        if on.kind == "money":
            plain = ["2%", "10%", "0%", "3.75%", "payee.rate", "payee.grade.factor or else 1%", "payee.rate + 1%"]
            return self.one([*plain, "payee.grade.factor"] if self.may_ask("grades") else plain)
        return self.one([f"1.50 {self.currency}", f"0.005 {self.currency}", "payee.base", f"0 {self.currency}"])

    def formula(self, measures: list[_Measure], quotas: list[_Quota]) -> str:
        """What a component pays."""
        cur = self.currency
        if not self.chance(70):
            flat = [
                f"50.00 {cur}",
                "payee.base",
                f"payee.extra or else 1.005 {cur}",
                f"10% of payee.base + 0.335 {cur}",
            ]
            return self.one([*flat, "payee.grade.step"] if self.may_ask("grades") else flat)
        parts = []
        for measure in self.some(measures, 1, 2):
            if measure.kind == "money":
                rates = [
                    f"5% of {measure.name}",
                    f"payee.rate of {measure.name}",
                    f"10% of ({measure.name} - 100.00 {cur})",
                ]
                asked = [
                    f"by_amount at {measure.name} of {measure.name}",
                    f"({measure.name} rounded {self.one(['', 'down ', 'half even '])}to 7.5 {cur})",
                    f"(ratio of {measure.name} to bookings else 12.5%) * 20.00 {cur}",
                    f"by_share at (ratio of bookings to {measure.name} else 12.5%) of {measure.name}",
                    *(
                        f"5% of (ratio of {measure.name} to {m.name} else 1.5 {cur})"
                        for m in measures
                        if m.kind != "money"
                    ),
                ]
                own = [quota.name for quota in quotas if quota.measure == measure.name]
                if own:
                    attained = f"attainment of {self.one(own)}"
                    asked += [
                        f"by_share at {attained} of {measure.name}",
                        f"(curve at {attained}) * 100.00 {cur}",
                        f"(curve at ({attained} rounded down to 5%)) * 100.00 {cur}",
                        f"grid at ({attained}, {measure.name}) of {measure.name}",
                        f"50% of quota of {self.one(own)}",
                        f"{attained} * 300.00 {cur}",
                        f"({attained} at most 150% at least 10%) * 33.33 {cur}",
                        f"(50% * {attained} + 10%) of ({measure.name} at least 0.00 {cur})",
                    ]
                parts.append(self.one([*rates, *asked]))
            else:
                parts.append(f"{self.one([f'1.50 {cur}', f'0.335 {cur}', 'payee.base'])} per {measure.name}")
        return self.one([" + ", " - "]).join(parts) + (f" + 7.00 {cur}" if self.chance(15) else "")

    def condition(self, measures: list[_Measure], quotas: list[_Quota], grain: Grain | None = None) -> str:
        """When it pays."""
        money_measures = [measure.name for measure in measures if measure.kind == "money"]
        plain = [
            f"{self.one(money_measures)} >= {self.money(['100.00', '0', '1000'])}",
            f"{self.one(money_measures)} > 20% of {self.one(money_measures)}",
            'payee.role == "rep"',
            'payee.role not in ("lead")',
            "payee.extra is present",
            f"payee.base * 2 >= {self.one(money_measures)}",
            "(payee.grade.factor or else 0%) < 2%",
        ]
        plain += [f"{item.name} in (1, 2, 3)" for item in measures if item.kind != "money"]
        rates = ["100%", "50%", "33.3%", "0%", "payee.rate"]
        plain += [
            f"attainment of {quota.name} {self.one(['>=', '>', '<', '<=', '==', '!='])} {self.one(rates)}"
            for quota in quotas
        ]
        plain += [f"{self.one(rates)} <= attainment of {quota.name}" for quota in quotas]
        plain += [f"attainment of {quota.name} * 50% + 10% >= {self.one(rates)}" for quota in quotas]
        longer = [item for item in self.grains if grain is not None and item.months > grain.months]
        if longer:
            over = f"{_word(self.one(longer))} to date"
            plain += [f"{self.one(money_measures)} {over} >= {self.money(['100.00', '1000'])}"]
            plain += [f"attainment of {quota.name} {over} >= {self.one(rates)}" for quota in quotas]
        first = self.one(plain)
        if not self.chance(30):
            return first
        second = self.one(plain)
        return self.one([f"{first} and {second}", f"{first} or {second}", f"not ({first} and {second})"])


# ---- text -------------------------------------------------------------------------------------


def _leave_out_unused(files: dict[str, str]) -> None:
    """Tables that no plan text reads need not be loaded, which takes most of an example's time."""
    text = "".join(text for path, text in files.items() if path.endswith(".spm"))
    for name, word in [
        ("items", "items."),
        ("contracts", "contracts."),
        ("pods", " in pods"),
        ("relief", "from relief"),
        ("assignments", " assignments"),
    ]:
        if word not in text:
            del files[f"data/{name}.csv"]
            files["spm.yaml"] = re.sub(rf"^  {name}:\n(    .*\n)*", "", files["spm.yaml"], flags=re.MULTILINE)


def _word(grain: Grain) -> str:
    return "month" if grain is Grain.MONTH else grain.value


def _block(head: str, lines: Iterable[str]) -> str:
    body = "\n".join("  " + line for text in lines for line in text.splitlines())
    return f"{head} {{\n{body}\n}}\n"


def _component(component: _Component) -> str:
    return _block(f"{component.kind} {component.name}", component.lines).rstrip()


def _changes(before: _Version, after: _Version) -> Iterator[str]:
    """What makes the version after of the version before."""
    if after.members != before.members:
        yield f"replace for {after.members}"
    if after.cap != before.cap:
        yield f"replace {after.cap}"
    old = {component.name: component for component in before.components}
    new = {component.name: component for component in after.components}
    for name, component in old.items():
        if name not in new:
            yield f"remove {component.kind} {name}"
    for name, component in new.items():
        if name not in old:
            yield f"add {_component(component)}"
        elif component != old[name]:
            if component.kind == old[name].kind:
                yield f"replace {_component(component)}"
            else:
                yield f"remove {old[name].kind} {name}"
                yield f"add {_component(component)}"


_TABLES = """
table by_amount {
  below -100 CUR      : 0.5%
  -100 CUR to 250 CUR : 1%
  250 CUR to 1_000 CUR : 2.5%
  1_000 CUR and above : 4%
}

table by_share {
  0% to 50%      : 1%
  50% to 100%    : 3.5%
  100% and above : 2%
}

table curve interpolated {
  25%  : 10%
  80%  : 33%
  100% : 100%
  175% : 90%
}

table mix {
  "shipped", 0 CUR to 250 CUR  : 90%
  "shipped", 250 CUR and above : 110.5%
  else,      0 CUR and above   : 20%
}

table grid {
  0% to 100%,     0 CUR to 500 CUR  : 1%
  0% to 100%,     500 CUR and above : 2%
  100% and above, 0 CUR to 500 CUR  : 3%
  100% and above, 500 CUR and above : 5%
}
"""

_COLUMNS = {
    "roster": ["payee", "name", "role", "rate", "base", "extra", "grade", "from_date", "through_date"],
    "reporting": ["payee", "manager", "from_date"],
    "assignments": ["payee", "plan", "from_date", "through_date"],
    "holders": ["territory", "payee", "from_date", "through_date"],
    "grades": ["grade", "factor", "step", "from_date", "through_date"],
    "products": ["product", "price", "category", "from_date", "through_date"],
    "accounts": ["account", "holder", "from_date", "through_date"],
    "regions": ["region", "zone"],
    "customers": ["customer", "region", "segment"],
    "targets": ["payee", "kind", "period", "target"],
    "deals": [
        "sale",
        "day",
        "customer",
        "product",
        "account",
        "seller",
        "helper",
        "booker",
        "status",
        "amount",
        "discount",
        "quantity",
        "weight",
        "pod",
    ],
    "items": ["sale", "number", "product", "price"],
    "pods": ["pod", "payee", "share", "from_date", "through_date"],
    "relief": ["number", "payee", "period", "amount"],
    "contracts": ["contract", "seller", "worth", "from_date", "through_date"],
}

_YAML = """name: generated
data: data
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
      rate: {type: rate, scale: 4}
      base: {type: money, currency: CUR, scale: 2}
      extra: {type: money, currency: CUR, scale: 3, optional: true}
      grade: {type: text, references: grades}
      from_date: date
      through_date: {type: date, optional: true}
  reporting:
    files: reporting.csv
    key: [payee]
    dated: {from: from_date}
    columns:
      payee: {type: text, references: roster}
      manager: {type: text, references: roster}
      from_date: date
  assignments:
    files: assignments.csv
    key: [payee, plan]
    dated: {from: from_date, through: through_date}
    columns:
      payee: {type: text, references: roster}
      plan: text
      from_date: date
      through_date: {type: date, optional: true}
  holders:
    files: holders.csv
    key: [territory]
    dated: {from: from_date, through: through_date}
    columns:
      territory: text
      payee: {type: text, references: roster}
      from_date: date
      through_date: {type: date, optional: true}
  grades:
    files: grades.csv
    key: [grade]
    dated: {from: from_date, through: through_date}
    columns:
      grade: text
      factor: {type: rate, scale: 4}
      step: {type: money, currency: CUR, scale: 3}
      from_date: date
      through_date: {type: date, optional: true}
  products:
    files: products.csv
    key: [product]
    dated: {from: from_date, through: through_date}
    columns:
      product: text
      price: {type: number, scale: 2}
      category: text
      from_date: date
      through_date: {type: date, optional: true}
  accounts:
    files: accounts.csv
    key: [account]
    dated: {from: from_date, through: through_date}
    columns:
      account: text
      holder: {type: text, references: roster}
      from_date: date
      through_date: {type: date, optional: true}
  regions:
    files: regions.csv
    key: [region]
    columns:
      region: text
      zone: text
  customers:
    files: customers.csv
    key: [customer]
    columns:
      customer: text
      region: {type: text, references: regions}
      segment: text
  targets:
    files: targets.csv
    key: [payee, kind, period]
    columns:
      payee: {type: text, references: roster}
      kind: text
      period: date
      target: {type: money, currency: CUR, scale: 2}
  deals:
    files: deals*.csv
    key: [sale]
    columns:
      sale: text
      day: date
      customer: {type: text, references: customers}
      product: {type: text, references: products, optional: true}
      account: {type: text, references: accounts, optional: true}
      seller: {type: text, references: roster, optional: true}
      helper: {type: text, references: roster, optional: true}
      booker: {type: text, references: roster}
      status: text
      amount: {type: money, currency: CUR, scale: SCALE}
      discount: {type: money, currency: CUR, scale: 2, optional: true}
      quantity: count
      weight: {type: number, scale: 3}
      pod: {type: text, optional: true}
  items:
    files: items.csv
    key: [sale, number]
    columns:
      sale: {type: text, references: deals}
      number: count
      product: {type: text, references: products}
      price: {type: money, currency: CUR, scale: SCALE}
  contracts:
    files: contracts.csv
    key: [contract]
    dated: {from: from_date, through: through_date}
    columns:
      contract: text
      seller: {type: text, references: roster}
      worth: {type: money, currency: CUR, scale: 2}
      from_date: date
      through_date: {type: date, optional: true}
  relief:
    files: relief.csv
    key: [number]
    columns:
      number: count
      payee: {type: text, references: roster}
      period: date
      amount: {type: money, currency: CUR, scale: 3}
  pods:
    files: pods.csv
    key: [pod, payee]
    dated: {from: from_date, through: through_date}
    columns:
      pod: text
      payee: {type: text, references: roster}
      share: {type: rate, scale: 3}
      from_date: date
      through_date: {type: date, optional: true}
"""
