"""Draw territories, tables of values and measures of a random project."""

from __future__ import annotations

from datetime import date

from .drawing import DAY, FIRST, LAST, Drawing, Measure, block, word

_UNLIKE = ("customer", "status")


class Measures(Drawing):
    """The maker of measures, and of the rules that credit payees."""

    def territories(self) -> list[str]:
        """Draw territories of regions, of customers and of products.

        Those of regions and products name their owners in the text, that of customers in a table. Products are dated.
        """
        start = self.day(FIRST, date(2024, 8, 1))
        owners = [f'owner "{self.one(self.payees)}" from {start}']
        if self.chance(60):
            change = self.noted(self.day(start + DAY, LAST))
            owners[0] += f" through {change - DAY}"
            owners.append(f'owner "{self.one(self.payees)}" from {change}')
            if self.chance(30):
                owners[1] += f" through {self.day(change, LAST)}"
        # A comparison of two columns is not checked statically, so only the run finds an overlap of the territories.
        east = "zone != region" if self.chance(2) else 'zone == "east"'
        return [
            block("territory north of regions", ['covers zone == "north"', *owners]),
            block(
                "territory east of regions",
                [f"covers {east}", f'owner "{self.one(self.payees)}" from {FIRST}'],
            ),
            block(
                "territory south of customers",
                ['covers region.zone in ("south", "north")', "owners from holders", 'code "SOUTH"'],
            ),
            block(
                "territory tents of products",
                ['covers category == "tent"', f'owner "{self.one(self.payees)}" from {self.day()}'],
            ),
        ]

    def credit(self) -> str:
        """Draw the credit clause of a measure of deals."""
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
        """Draw at most one `where` line, which selects deals."""
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
        """Draw at most one `counts` line, which limits the days."""
        if not self.chance(20):
            return []
        start = self.noted(self.day())
        return [f"counts from {start}" + (f" through {self.day(start, LAST)}" if self.chance(70) else "")]

    def measures(self) -> tuple[list[Measure], list[str]]:
        """Draw measures, and return them with their texts."""
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
        found = [Measure("bookings", "money")]
        rest = ["on deals.day", self.credit(), *self.where(), *self.counts()]
        texts = [block(f"measure bookings in {cur}", [f"sum {self.one(money_sums)}", *rest])]
        for name in self.some(["margin", "units", "orders", "weight", "item_sales", "contracts_held"], 1, self.most(3)):
            rest = ["on deals.day", self.credit(), *self.where(), *self.counts()]
            if name == "margin":
                texts.append(block(f"measure margin in {cur}", [f"sum {self.one(money_sums)}", *rest]))
                found.append(Measure(name, "money"))
            elif name == "units":
                texts.append(block("measure units", ["sum deals.quantity", *rest]))
                found.append(Measure(name, "count"))
            elif name == "orders":
                counted = self.one(
                    [
                        "deals",
                        "deals",
                        *(f"distinct deals.{x} each {word(g)}" for x in _UNLIKE for g in self.grains),
                    ]
                )
                texts.append(block("measure orders", [f"count {counted}", *rest]))
                found.append(Measure(name, "count"))
            elif name == "weight":
                factor = self.one(["deals.weight", "(deals.product.price or else 1.0)"])
                texts.append(block("measure weight", [f"sum deals.quantity * {factor}", *rest]))
                found.append(Measure(name, "number"))
            elif name == "item_sales":
                lines = ["sum items.price", "on items.sale.day", "credit items.sale.seller"]
                tests = ['where items.sale.status == "shipped"']
                tests += ['where items.product.category == "tent"'] if self.may_ask("products") else []
                lines += [self.one(tests)] if self.chance(50) else []
                if self.may_ask("products") and self.chance(50):
                    lines[0] = "sum items.price * items.product.price"
                texts.append(block(f"measure item_sales in {cur}", lines))
                found.append(Measure(name, "money", "items"))
            else:
                texts.append(
                    block(
                        f"measure contracts_held in {cur}",
                        ["sum contracts.worth", "on contracts.from_date", "credit contracts.seller"],
                    )
                )
                found.append(Measure(name, "money", "contracts"))
        base = found[0]
        for name in ["team", "company"][: self.number(0, self.most(2))]:
            head = f"measure {name} in {cur}" if base.kind == "money" else f"measure {name}"
            overlays, whom = self.one(["", " with overlays"]), self.one(["manager", "managers"])
            texts.append(block(head, [f"rollup {base.name}{overlays} to {whom} of payee"]))
            found.append(Measure(name, base.kind, base.source))
            base = found[-1] if self.chance(40) else found[0]
        return found, texts


TABLES = """
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

table by_growth {
  below -10%     : -1%
  -10% to 0%     : 0.5%
  0% to 12.5%    : 2%
  12.5% and above : 3.75%
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
