"""Draw the components of random plans."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from spmlang.values.calendar import Grain

from .drawing import DAY, LAST, Drawing, Line, Measure, block, word
from .quotas import Quota

_TIES = ("share", "higher", "lower")


@dataclass(frozen=True)
class Component:
    """A component's text without its braces, with its interval."""

    kind: str
    name: str
    lines: Line
    grain: Grain
    window: tuple[date, date] | None = None

    @property
    def reads_another(self) -> bool:
        """True if the component reads the earning of another one.

        Its interval may then not change.
        """
        return any("earning of" in line for line in self.lines)

    @property
    def to_date(self) -> bool:
        """True if the component is due in each pay period of its interval.

        The targets of its quotas must be known by then.
        """
        return any(line.startswith("on ") and line.endswith("to date") for line in self.lines)


@dataclass
class Components(Drawing):
    """The maker of components: interval, pay, conditions, limits and rounding."""

    quotas: list[Quota] = field(default_factory=list)  # that the plan being drawn may read
    peers: list[Component] = field(default_factory=list)  # of the version being drawn, whose earnings may be read

    def when_paid(self, lines: list[str], measures: list[Measure]) -> str:
        """Draw a statement that delays the payment of a component.

        If the component reads measures of deals, each line may be paid on a day of its own row.
        """
        read = {word for line in lines for word in re.findall(r"\w+", re.sub(r"quota of \w+", "", line))}
        if any(item.name in read and item.source == "deals" for item in measures) and self.chance(50):
            return self.one(
                [
                    "hold 50% until deals.paid_on",
                    "hold 100% until deals.paid_on",
                    "release with receipts.amount of receipts.deal.amount on receipts.received",
                ]
            )
        held = ['payee.role == "rep"', f"payee.base >= 100 {self.currency}"]
        return self.one(
            [
                "release 50%, 50%",
                f"release 33.3%, 33.3%, 33.4% each {word(self.one(self.grains))}",
                f"hold 20% until end of {word(self.one(self.grains))}",
                f"hold 12.5% until {self.day()}",
                f"hold 100% while {self.one(held)}",
            ]
        )

    def limit(self) -> str:
        """Draw the limit of a cap."""
        if self.chance(3):
            return f"payee.base - 50.00 {self.currency}"
        return self.one(
            [
                f"20.00 {self.currency}",
                f"100 {self.currency}",
                "payee.base",
                "10% of payee.base",
                f"payee.extra or else 0.00 {self.currency}",
                f"33.3350 {self.currency}",
                f"9999999999999.99 {self.currency}",
                "payee.grade.step" if self.may_ask("grades") else f"payee.grade.step or else 5 {self.currency}",
            ]
        )

    def component(
        self, name: str, start: date, measures: list[Measure], *, windows: bool = True, kind: str | None = None
    ) -> Component:
        """Draw a component.

        Args:
            name: Its name.
            start: The first day of its version.
            measures: The measures that it may read.
            windows: True if it may have a window.
            kind: "commission", "bonus" or "spif"; None to draw it.
        """
        window = None
        if windows and kind is None and self.chance(20):
            begins = self.noted(self.day(start, LAST))
            window = (begins, self.day(begins, LAST))
            self.noted(window[1] + DAY)
            kind = "spif"
        kind = kind or self.one(["commission", "bonus"])
        grain = self.calendar.pay if window else self.one([self.calendar.pay, *self.grains])
        to_date = not window and grain != self.calendar.pay and self.chance(50)
        peers = [] if window else [item for item in self.peers if not item.window]
        earnings = [item.name for item in peers if item.grain == grain and (item.to_date or not to_date)]
        earned = [item.name for item in peers if item.grain.months < grain.months]
        quotas = [] if window else [quota for quota in self.quotas if quota.grain.months <= grain.months]
        if to_date:
            quotas = [quota for quota in quotas if quota.known(grain)]
        lines: list[str] = []
        if window:
            lines.append(f"window from {window[0]} through {window[1]}")
        elif not to_date and (grain != self.calendar.pay or self.chance(10)):
            lines.append(f"each {word(grain)}")
        tiered = self.chance(50)
        on = self.one(measures)
        if tiered or to_date:
            lines.append(f"on {on.name}" + (f", {word(grain)} to date" if to_date else ""))
        if earnings and not tiered and self.chance(40):
            other = f"earning of {self.one(earnings)}"
            lines.append(
                f"pays {self.one(['50%', 'payee.rate'])} of {self.one([other, f'({other} at least 5 {self.currency})'])}"
            )
        elif self.chance(15):
            lines += self.contest(on, quotas, said=tiered or to_date)
        else:
            less = f" - earning of {self.one(earned)}" if earned and not tiered and self.chance(75) else ""
            lines.append(self.tiers(on, quotas) if tiered else f"pays {self.formula(measures, quotas)}{less}")
            if self.chance(8):
                lines.append(f"pool 1000 {self.currency}")
        if (earnings or earned) and self.chance(15):
            lines.append(f"gate when earning of {self.one([*earnings, *earned])} > {self.money(['0', '10.00'])}")
        for head in ["when", "gate when"]:
            if self.chance(25):
                lines.append(f"{head} {self.condition(measures, quotas, None if window else grain)}")
        if self.chance(30):
            lines += [f"cap {self.limit()} each {word(grain)}" for grain in self.some(self.grains, 1, 2)]
        if not window and not to_date and self.chance(35):
            lines.append(f"prorate by {self.one(['calendar', 'working'])} days")
        if self.chance(50):
            lines.append(self.rounding(lines=not any("prorate by" in line or "earning of" in line for line in lines)))
        if self.chance(20):
            lines.append(self.when_paid(lines, measures))
        if window and self.chance(70):
            lines.append(self.budget())
        return Component(kind, name, tuple(lines), grain, window)

    def tweaked(self, old: Component) -> Component:
        """Return the component with another budget, proration or rounding."""
        heads = [line.split()[0] for line in old.lines]
        per_line = any(line.startswith("round per line") for line in old.lines)
        whole = old.window is None and not any(
            "to date" in line.splitlines()[0] for line in old.lines if line.startswith("on ")
        )
        new = self.rounding(lines="prorate" not in heads and not old.reads_another)
        if old.window is not None and not self.chance(30):
            new = self.budget()
        elif whole and not per_line and not self.chance(30):
            new = f"prorate by {self.one(['calendar', 'working'])} days"
        head = new.split()[0]
        gone = head in heads and head != "round" and self.chance(40)
        kept = [line for line in old.lines if line.split()[0] != head]
        return replace(old, lines=(*kept, *([] if gone else [new])))

    def budget(self) -> str:
        """Draw a limit on what all payees together earn in a window."""
        limits = {"USD": ["10.01", "100", "500.00"], "JPY": ["11", "100"], "KWD": ["10.001", "100"]}[self.currency]
        return f"budget {self.money([*limits, '0'])}{self.one(['', ', pro rata', ', first come', ', first come'])}"

    def contest(self, on: Measure, quotas: list[Quota], *, said: bool) -> Line:
        """Draw prizes by rank, which are amounts or shares of the measure.

        Shares need an `on` statement, which is added unless the component already has one (`said`).
        """
        ranked = [on.name, f"{on.name} rounded to {self.unit_of(on)}"]
        ranked += [f"attainment of {quota.name}" for quota in quotas if quota.measure == on.name]
        prizes = [("1", "500 CUR", "5%"), ("2 to 3", "101 CUR", "3.33%"), ("4", "7 CUR", "0.1%")]
        rows = [
            f"{places} : {self.one([amount, share][: 1 + (on.kind == 'money')])}" for places, amount, share in prizes
        ]
        rows = [row.replace("CUR", self.currency) for row in rows[: self.number(1, 3)]]
        ranks = block(f"ranks {self.one(ranked)}, ties {self.one(_TIES)}", rows).rstrip()
        return (ranks,) if said or not any("%" in row for row in rows) else (f"on {on.name}", ranks)

    def unit_of(self, measure: Measure) -> str:
        """Return a step so coarse that several payees have the same rounded measure."""
        return f"500 {self.currency}" if measure.kind == "money" else "5"

    def rounding(self, *, lines: bool = True) -> str:
        """Draw a rounding statement; `lines` is True if rounding per line is allowed."""
        steps = {"USD": ["0.01", "0.05", "1.00", "5"], "JPY": ["1", "10"], "KWD": ["0.001", "0.005", "1"]}[
            self.currency
        ]
        to = f" to {self.one(steps)}" if self.chance(50) else ""
        mode = f", {self.one(['half up', 'half even', 'up', 'down'])}" if self.chance(70) else ""
        return f"round per {self.one(['payee and period', 'line'] if lines else ['payee and period'])}{to}{mode}"

    def tiers(self, on: Measure, quotas: list[Quota]) -> str:
        """Draw a table of one to four tiers."""
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
        return block(f"tiers by {basis}, {self.one(['marginal', 'retroactive'])}", rows).rstrip()

    def tier_value(self, on: Measure) -> str:
        """Draw the rate of a tier."""
        if on.kind == "money":
            plain = [
                "2%",
                "10%",
                "0%",
                "3.75%",
                "-1%",
                "0.01%",
                "payee.rate",
                "payee.grade.factor or else 1%",
                "payee.rate + 1%",
            ]
            return self.one([*plain, "payee.grade.factor"] if self.may_ask("grades") else plain)
        return self.one([f"1.50 {self.currency}", f"0.005 {self.currency}", "payee.base", f"0 {self.currency}"])

    def formula(self, measures: list[Measure], quotas: list[Quota]) -> str:
        """Draw the expression of a `pays` statement."""
        cur = self.currency
        if not self.chance(70):
            flat = [
                f"50.00 {cur}",
                "payee.base",
                f"payee.extra or else 1.0050 {cur}",
                f"10% of payee.base + 0.335 {cur}",
                "-5% of payee.base",
            ]
            return self.one([*flat, "payee.grade.step"] if self.may_ask("grades") else flat)
        parts = []
        for measure in self.some(measures, 1, 2):
            if measure.kind == "money":
                rates = [
                    f"5% of {measure.name}",
                    f"payee.rate of {measure.name}",
                    f"10% of ({measure.name} - 100.00 {cur})",
                    f"-2.5% of {measure.name}",
                ]
                asked = [
                    f"by_amount at {measure.name} of {measure.name}",
                    f"({measure.name} rounded {self.one(['', 'down ', 'half even '])}to 7.5 {cur})",
                    f"(ratio of {measure.name} to bookings else 12.5%) * 20.00 {cur}",
                    f"by_growth at (ratio of {measure.name} to bookings else -12.5%) of {measure.name}",
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
                        f"by_growth at ({attained} - 100%) of {measure.name}",
                        f"by_growth at ({attained} - 100%) of payee.base",
                        f"({attained} - 100% at least -10%) * 200.00 {cur}",
                        f"{attained} * 300.00 {cur}",
                        f"({attained} at most 150% at least 10%) * 33.33 {cur}",
                        f"(50% * {attained} + 10%) of ({measure.name} at least 0.00 {cur})",
                    ]
                parts.append(self.one([*rates, *asked]))
            else:
                parts.append(f"{self.one([f'1.50 {cur}', f'0.335 {cur}', 'payee.base'])} per {measure.name}")
        return self.one([" + ", " - "]).join(parts) + (f" + 7.00 {cur}" if self.chance(15) else "")

    def condition(self, measures: list[Measure], quotas: list[Quota], grain: Grain | None = None) -> str:
        """Draw a condition; `grain` is the component's interval, or None for a window."""
        money_measures = [measure.name for measure in measures if measure.kind == "money"]
        plain = [
            f"{self.one(money_measures)} >= {self.money(['100.00', '0', '1000'])}",
            f"{self.one(money_measures)} > 20% of {self.one(money_measures)}",
            'payee.role == "rep"',
            'payee.role not in ("lead")',
            "payee.extra is present",
            f"payee.base * 2 >= {self.one(money_measures)}",
            "(payee.grade.factor or else 0%) < 2%",
            "payee on plan at end",
        ]
        plain += [f"{item.name} in (1, 2, 3)" for item in measures if item.kind != "money"]
        rates = ["100%", "50%", "33.3%", "0%", "payee.rate", "-10%"]
        compared = [">=", ">", "<", "<=", "==", "!="]
        plain += [
            f"attainment of {quota.name}{self.one(['', ' - 100%'])} {self.one(compared)} {self.one(rates)}"
            for quota in quotas
        ]
        plain += [f"{self.one(rates)} <= attainment of {quota.name}" for quota in quotas]
        plain += [f"attainment of {quota.name} * 50% + 10% >= {self.one(rates)}" for quota in quotas]
        longer = [item for item in self.grains if grain is not None and item.months > grain.months]
        if longer:
            over = self.one(longer)
            plain += [f"{self.one(money_measures)} {word(over)} to date >= {self.money(['100.00', '1000'])}"]
            for quota in quotas:
                plain += [f"attainment of {quota.name} {word(over)} so far >= {self.one(rates)}"]
                if quota.known(over):
                    plain += [f"attainment of {quota.name} {word(over)} to date >= {self.one(rates)}"]
        first = self.one(plain)
        if not self.chance(30):
            return first
        second = self.one(plain)
        return self.one([f"{first} and {second}", f"{first} or {second}", f"not ({first} and {second})"])


def component_text(component: Component) -> str:
    """Return the component as plan text."""
    return block(f"{component.kind} {component.name}", component.lines).rstrip()
