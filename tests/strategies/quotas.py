"""Draw the quotas of a random project."""

from __future__ import annotations

from dataclasses import dataclass

from spmlang.values.calendar import Grain

from .drawing import Drawing, Measure, block, word

_SPREADS = {2: "40%, 60%", 3: "20%, 30%, 50%", 4: "0%, 25%, 25%, 50%", 6: "10%, 10%, 20%, 20%, 20%, 20%"}
_SPREADS[12] = "5%, 5%, 5%, 5%, 10%, 10%, 10%, 10%, 10%, 10%, 10%, 10%"


@dataclass(frozen=True)
class Quota:
    """A quota that components may read."""

    measure: str
    grain: Grain
    name: str
    back: Grain | None = None  # how long before its interval the results lie that are its targets

    def known(self, grain: Grain) -> bool:
        """Return True if all targets of an interval of that grain are known when the interval begins."""
        return self.back is None or self.back.months >= grain.months


class Quotas(Drawing):
    """The maker of targets, and of the attainment for a target that is zero or missing."""

    def answers(self, *, money: bool = True) -> list[str]:
        """Draw ramp, proration and adjustment, and the attainment for a zero or missing target.

        In a few cases the attainment is left out, so that the run may be refused.
        """
        lines = [f"ramp {self.one(['25%, 50%, 75%', '0%, 33.3%', '110.5%'])}"] if self.chance(20) else []
        if self.chance(35):
            lines.append(f"prorate by {self.one(['calendar', 'working'])} days{self.one(['', ' on plan', ' on plan'])}")
        if money and self.chance(15):
            lines.append("adjust from relief")
        if not self.chance(8):
            lines.append(f"when zero attainment is {self.one(['0%', '50%', '100%', '120%'])}")
        if not self.chance(8):
            lines.append(f"when missing attainment is {self.one(['0%', '75%', '100%'])}")
        return lines

    def project_quotas(self, measures: list[Measure]) -> tuple[list[Quota], list[str]]:
        """Draw the quotas of the project: bookings from a table, other measures from the text."""
        self.table_grain = self.one(self.grains)
        tests = ['targets.kind == "main"'] * 6
        tests.append('targets.kind == "main" and (targets.payee.role or else "gone") != "lead"')
        tests += ['targets.kind == "main" and targets.payee.role != "lead"'] if self.chance(20) else []
        self.known = measures
        texts = [
            block(
                "quota bookings",
                [f"from targets, each {word(self.table_grain)}", f"where {self.one(tests)}", *self.answers()],
            )
        ]
        found = [Quota("bookings", self.table_grain, "bookings")]
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

    def quota(self, measure: Measure, name: str = "") -> tuple[Quota, str]:
        """Draw a quota with a target in the text."""
        grain = self.one(self.grains)
        back = None
        if self.chance(30):
            back = self.one([item for item in Grain if item.months >= grain.months][::-1])
            value = self.earlier(measure, back)
        elif measure.kind == "money":
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
        lines = [f"target {value} each {word(grain)}", *self.answers(money=measure.kind == "money")]
        finer = [item for item in self.grains if item.months < grain.months]
        if finer and self.chance(30):
            grain, over = self.one(finer), grain
            lines.append(f"spread {_SPREADS[over.months // grain.months]}")
        head = f"{name} of {measure.name}" if name else measure.name
        return Quota(measure.name, grain, name or measure.name, back), block(f"quota {head}", lines)

    def earlier(self, measure: Measure, back: Grain) -> str:
        """Draw a target made from the results of an earlier interval, in most cases not below zero."""
        read = self.one([measure, measure, *(other for other in self.known if other.kind == measure.kind)])
        brought = f"{read.name} a {word(back)} before"
        if measure.kind != "money":
            some = {"count": ["", " + 2"], "number": ["", " * 1.1", " - 0.5"]}[measure.kind]
            return f"{brought}{self.one(some)} at least 0"
        shares = ["110%", "100%", "33.3%", "payee.rate"]
        value = f"{self.one(shares)} of {brought}"
        if self.chance(30):
            value += self.one([" + payee.base", f" - 10.00 {self.currency}", f" + 5% of {brought}"])
        return value if self.chance(8) else f"{value} at least {self.money(['0.00', '100.00'])}"
