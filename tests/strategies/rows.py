"""Draw the rows of the tables of a random project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from spmlang.values.calendar import Grain

from .drawing import DAY, FIRST, LAST, Drawing

#: The largest amount that a column can hold, by its decimal places.
LARGEST = {2: "9999999999999999.99", 4: "99999999999999.9999"}


_GRADES = [["0.01", "0.025"], ["100.00", "35.005", "0"]]


class Rows(Drawing):
    """The maker of the rows of the CSV files."""

    def stretches(self, most: int, *, gap: int) -> list[tuple[date, str]]:
        """Draw successive first and last days, with some gaps.

        An empty last day means that the row has no end. `gap` is the chance of a gap in percent.
        """
        cuts = sorted({self.day() for _ in range(self.number(1, most))})
        if not self.chance(30):
            cuts[0] = FIRST
        found = []
        for start, following in zip(cuts, [*cuts[1:], None], strict=True):
            self.noted(start)
            if following is None:
                end = "" if not self.chance(20) else str(self.noted(self.day(start, LAST) + DAY) - DAY)
            else:
                shorter = self.chance(gap) and (following - start).days > 1
                end = str(self.day(start, following - 2 * DAY) if shorter else following - DAY)
            found.append((start, end))
        return found

    def roster(self) -> list[str]:
        """Draw payees who join, leave and return, and whose role, rate, base and grade change."""
        rows = []
        for payee in self.payees:
            for start, end in self.stretches(3, gap=25):
                rows.append(f"{payee},{payee.upper()},{self.terms_of_payee()},{start},{end}")
        return rows

    def terms_of_payee(self) -> str:
        """Draw role, rate, base, extra and grade."""
        role, rate = self.one(["rep", "rep", "lead"]), self.one(["0.02", "0.0333"])
        base, extra = self.one(["100.00", "250.00", "33.33", "1000.00"]), self.one(["50.00", "", "7.125"])
        if self.chance(4):
            largest = LARGEST[2] if self.extreme else base
            rate, base = self.one([("0.0001", "0.01"), ("0", "0"), ("0.0001", largest), ("99.9999", base)])
        return f"{role},{rate},{base},{extra},{self.one(['g1', 'g2'])}"

    def reporting(self) -> list[str]:
        """Draw managers. In most projects a payee reports only to payees earlier in the list."""
        rows = []
        for number, payee in enumerate(self.payees):
            above = self.payees[:number] if not self.chance(2) else [item for item in self.payees if item != payee]
            if not above:
                continue
            starts = sorted({self.day() for _ in range(self.number(0, 2))})
            rows += [f"{payee},{self.one(above)},{start}" for start in starts]
        return rows

    def assignments(self) -> list[str]:
        """Assign some payees to plan alpha for some time."""
        rows = []
        for payee in self.payees:
            if not self.chance(30):
                rows += [f"{payee},alpha,{start},{end}" for start, end in self.stretches(2, gap=40)]
        return rows

    def holders(self) -> list[str]:
        """Draw the owners of the territory whose owners are in a table."""
        return [f"SOUTH,{self.one(self.payees)},{start},{end}" for start, end in self.stretches(3, gap=20)]

    def dated_rows(self, source: str, keys: Iterable[str], columns: Iterable[Sequence[str]]) -> list[str]:
        """Draw rows that hold for some time.

        In a table without gaps each key has a row for every day.

        Args:
            source: The table's name.
            keys: The keys; each has at least one row.
            columns: The options of each column.
        """
        rows = []
        for key in keys:
            cuts = sorted({FIRST, *(self.day() for _ in range(self.number(0, 2)))})
            for place, start in enumerate(cuts):
                self.noted(start)
                end = str(cuts[place + 1] - DAY) if place + 1 < len(cuts) else ""
                if self.gaps[source] and self.chance(40):
                    continue
                values = ",".join(self.one(options) for options in columns)
                rows.append(f"{key},{values},{start if place else '2000-01-01'},{end}")
        present = {row.split(",")[0] for row in rows}
        lost = [key for key in keys if key not in present]
        return rows + [f"{key},{','.join(options[0] for options in columns)},2000-01-01,2000-12-31" for key in lost]

    def grades(self) -> list[str]:
        """Draw the table to which the roster refers."""
        return self.dated_rows("grades", ["g1", "g2"], _GRADES)

    def redrawn(self, dated: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Draw the dated tables with the same days, but for other payees and with other terms.

        Payees are exchanged consistently in all tables, so that no payee manages themselves.
        """
        left, other = list(self.payees), {}
        for payee in self.payees:
            other[payee] = self.one(left)
            left.remove(other[payee])
        found = {name: [_renamed(row, other) for row in rows] for name, rows in dated.items()}
        for number, row in enumerate(found["roster"]):
            payee, *_, start, end = row.split(",")
            found["roster"][number] = f"{payee},{payee.upper()},{self.terms_of_payee()},{start},{end}"
        for number, row in enumerate(found["grades"]):
            grade, *_, start, end = row.split(",")
            found["grades"][number] = f"{grade},{','.join(self.one(options) for options in _GRADES)},{start},{end}"
        return found

    def relief(self) -> list[str]:
        """Draw the amounts that are added to quotas."""
        values = ["-100.00", "50.005", "10.00", "-5.005"]
        return [
            f"{number},{self.one(self.payees)},{self.day()},{self.one(values)}" for number in range(self.number(0, 3))
        ]

    def targets(self) -> list[str]:
        """Draw targets for most intervals of most payees; some are zero, some are missing."""
        rows: list[str] = []
        if self.chance(1):
            return rows
        for payee in self.payees:
            usual = self.one(["1000.00", "333.33", "0", "250.00"])
            if self.chance(3):
                usual = self.one(["0.01", "1000000000000.00", *[LARGEST[2]] * self.extreme])
            skipped = self.chance(15)
            for period in self.calendar.intervals(self.table_grain, *self.whole_years()):
                if skipped and self.chance(50):
                    continue
                rows.append(f"{payee},main,{period.start},{usual}")
        if self.chance(2):
            rows.append(f"{self.payees[0]},main,{self.day(FIRST + DAY)},{self.one(['5.00', '-5.00'])}")
        rows += [f"{self.payees[0]},stretch,{FIRST},5.00"]
        return list({tuple(row.split(",")[:3]): row for row in rows}.values())

    def whole_years(self) -> tuple[date, date]:
        """Return the first and last day of the fiscal years that contain FIRST and LAST."""
        return self.calendar.interval(FIRST, Grain.YEAR).start, self.calendar.interval(LAST, Grain.YEAR).end

    def amount(self) -> str:
        """Draw an amount, mostly near the bounds of tiers."""
        if not self.chance(30):
            return self.one(
                ["100.00", "250.00", "500.00", "1000.00", "-100.00", "-250.00", "400.00", "33.33", "-1000.00", "0"]
            )
        if self.chance(15):
            least = f"0.{'1':0>{self.scale}}"
            return self.one([least, "1000000000000.00", f"-{least}", "-1000000000000.00"])
        if self.extreme and self.chance(5):
            return self.one(["", "-"]) + LARGEST[self.scale]
        units = self.number(-200_000, 1_000_000)
        return f"{'-' if units < 0 else ''}{abs(units) // 100}.{abs(units) % 100:02d}"

    def deals(self) -> list[str]:
        """Draw the transactions."""
        rows: list[str] = []
        for number in range(self.number(0, self.most(40))):
            if rows and self.chance(5):
                rows.append(f"s{number},{rows[-1].split(',', 1)[1]}")
                continue
            seller = self.one(["", *self.payees, *self.payees, *self.payees])
            helper = self.one([*self.payees, "", ""])
            values = [
                f"s{number}",
                str(self.day(FIRST - 40 * DAY if self.chance(5) else FIRST)),
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
                self.one(["", str(self.day())]),
            ]
            rows.append(",".join(values))
        return rows

    def items(self, deals: list[str]) -> list[str]:
        """Draw order lines of some of the transactions."""
        if not deals:
            return []
        names = [row.split(",")[0] for row in deals]
        count = self.number(0, 6)
        return [f"{self.one(names)},{number},{self.one(['x', 'y'])},{self.amount()}" for number in range(count)]

    def receipts(self, deals: list[str]) -> list[str]:
        """Draw cash receipts for some of the transactions."""
        if not deals:
            return []
        names = [row.split(",")[0] for row in deals]
        count = self.number(0, 6)
        return [f"{number},{self.one(names)},{self.day()},{self.amount()}" for number in range(count)]

    def contracts(self) -> list[str]:
        """Draw a dated table whose own rows are counted by a measure."""
        rows = []
        for key in ("k1", "k2"):
            for start, end in self.stretches(2, gap=30):
                rows.append(f"{key},{self.one(self.payees)},{self.one(['5.00', '120.00'])},{start},{end}")
        return rows

    def pods(self) -> list[str]:
        """Draw the members of teams and their shares, which in a few cases do not add up to 100%."""
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


def _renamed(row: str, other: Mapping[str, str]) -> str:
    return ",".join(other.get(cell, cell) for cell in row.split(","))
