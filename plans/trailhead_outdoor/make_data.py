"""Writes the sample company's data into data/: the same bytes on every run (`python make_data.py`). Nothing in it is real."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

FOLDER = Path(__file__).parent / "data"
FIRST, LAST = date(2024, 7, 1), date(2026, 6, 30)
CENT = Decimal("0.01")
# Roles
AE, INSIDE, ENGINEER = "Account executive", "Inside sales", "Sales engineer"
KEY, MANAGER, VP = "Key account manager", "Sales manager", "Vice president"

# payee, name, role, quarterly team target, from, through
ROSTER: list[tuple[str, str, str, str, str, str]] = [
    ("mdelacroix", "Margot Delacroix", VP, "", "2024-07-01", ""),
    ("hlindqvist", "Henrik Lindqvist", MANAGER, "560000.00", "2024-07-01", "2025-09-14"),
    ("praman", "Priya Raman", MANAGER, "440000.00", "2024-07-01", "2025-06-30"),
    ("praman", "Priya Raman", MANAGER, "560000.00", "2025-07-01", ""),
    ("tokafor", "Tomas Okafor", MANAGER, "540000.00", "2024-07-01", ""),
    ("icalder", "Ines Calder", AE, "", "2024-07-01", "2025-09-14"),
    ("icalder", "Ines Calder", MANAGER, "500000.00", "2025-09-15", ""),
    ("awhitehorse", "Ada Whitehorse", AE, "", "2024-07-01", ""),
    ("jmoreno", "Julian Moreno", AE, "", "2024-07-01", ""),
    ("kbjornstad", "Kari Bjørnstad", AE, "", "2024-07-01", ""),
    ("lnguyen", "Linh Nguyen", AE, "", "2024-07-01", ""),
    ("dfairbanks", "Dana Fairbanks", AE, "", "2024-07-01", ""),
    ("sokonkwo", "Samuel Okonkwo", AE, "", "2024-07-01", ""),
    ("rtanaka", "Rei Tanaka", AE, "", "2024-07-01", ""),
    ("eprescott", "Eleanor Prescott", AE, "", "2024-07-01", ""),
    ("mvasquez", "Marisol Vasquez", AE, "", "2024-07-01", ""),
    ("bholloway", "Brett Holloway", AE, "", "2024-07-01", "2025-11-30"),
    ("cadeyemi", "Chidi Adeyemi", AE, "", "2026-04-06", ""),
    ("pkowalski", "Piotr Kowalski", AE, "", "2026-06-08", ""),
    ("gpatel", "Gita Patel", INSIDE, "", "2024-07-01", "2025-02-14"),
    ("gpatel", "Gita Patel", AE, "", "2025-02-15", ""),
    ("omarchetti", "Olivia Marchetti", INSIDE, "", "2024-07-01", ""),
    ("yfujimoto", "Yuki Fujimoto", INSIDE, "", "2024-07-01", ""),
    ("tbaxter", "Theo Baxter", INSIDE, "", "2024-07-01", ""),
    ("nreyes", "Nadia Reyes", INSIDE, "", "2024-07-01", ""),
    ("vstone", "Victor Stone", ENGINEER, "", "2024-07-01", ""),
    ("wlarsen", "Wenche Larsen", ENGINEER, "", "2024-07-01", ""),
    ("zhaddad", "Zeina Haddad", ENGINEER, "", "2025-01-13", ""),
    ("crousseau", "Camille Rousseau", KEY, "", "2024-07-01", ""),
    ("fgreenwood", "Felix Greenwood", KEY, "", "2024-07-01", ""),
]

# payee, manager, from
MANAGERS = [
    *((payee, "mdelacroix", "2024-07-01") for payee in ("hlindqvist", "praman", "tokafor", "crousseau", "fgreenwood")),
    *((payee, "hlindqvist", "2024-07-01") for payee in ("icalder", "awhitehorse", "jmoreno", "kbjornstad")),
    *((payee, "hlindqvist", "2024-07-01") for payee in ("rtanaka", "omarchetti", "yfujimoto")),
    *(
        (payee, "praman", "2024-07-01")
        for payee in ("lnguyen", "dfairbanks", "sokonkwo", "gpatel", "vstone", "wlarsen")
    ),
    *((payee, "tokafor", "2024-07-01") for payee in ("eprescott", "mvasquez", "bholloway", "tbaxter", "nreyes")),
    ("zhaddad", "praman", "2025-01-13"),
    ("kbjornstad", "praman", "2025-03-10"),
    *((payee, "icalder", "2025-09-15") for payee in ("awhitehorse", "jmoreno", "rtanaka", "omarchetti", "yfujimoto")),
    ("icalder", "mdelacroix", "2025-09-15"),
    ("cadeyemi", "tokafor", "2026-04-06"),
    ("pkowalski", "icalder", "2026-06-08"),
]

ASSIGNMENTS = [
    ("vstone", "sales_engineer", "2024-07-01", ""),
    ("wlarsen", "sales_engineer", "2024-07-01", ""),
    ("zhaddad", "sales_engineer", "2025-02-01", ""),  # the first weeks are training, without commission
]

ACCOUNT_OWNERS = [
    ("STRATEGIC-WEST", "crousseau", "2024-07-01", ""),
    ("STRATEGIC-EAST", "fgreenwood", "2024-07-01", "2025-10-19"),
    ("STRATEGIC-EAST", "crousseau", "2025-10-20", "2026-01-04"),  # leave of absence
    ("STRATEGIC-EAST", "fgreenwood", "2026-01-05", ""),
]

STATES = [
    ("WA", "Washington"), ("OR", "Oregon"), ("CA", "California"), ("NV", "Nevada"), ("CO", "Colorado"),
    ("UT", "Utah"), ("ID", "Idaho"), ("MT", "Montana"), ("WY", "Wyoming"), ("AZ", "Arizona"), ("NY", "New York"),
    ("MA", "Massachusetts"), ("VT", "Vermont"), ("NH", "New Hampshire"), ("ME", "Maine"), ("NC", "North Carolina"),
    ("AK", "Alaska"),
]  # fmt: skip
PACIFIC, MOUNTAIN = ("WA", "OR", "CA", "NV", "AK"), ("CO", "UT", "ID", "MT", "WY", "AZ")

# product, name, category, wholesale price, how often it sells
PRODUCTS: list[tuple[str, str, str, str, int]] = [
    ("T1", "Cirque 2 tent", "Tents", "219.47", 6),
    ("T2", "Cirque 4 tent", "Tents", "338.93", 4),
    ("T3", "Basecamp 6 tent", "Tents", "612.15", 2),
    ("P1", "Switchback 24 pack", "Packs", "61.79", 9),
    ("P2", "Switchback 45 pack", "Packs", "118.36", 7),
    ("P3", "Expedition 70 pack", "Packs", "187.52", 3),
    ("F1", "Scree approach shoe", "Footwear", "74.83", 8),
    ("F2", "Talus boot", "Footwear", "112.29", 7),
    ("F3", "Ridgeline trail runner", "Footwear", "69.94", 6),
    ("A1", "Fogline rain shell", "Apparel", "92.41", 9),
    ("A2", "Larch fleece", "Apparel", "43.68", 10),
    ("A3", "Granite trousers", "Apparel", "51.17", 8),
    ("C1", "Aspect harness", "Climbing", "38.26", 5),
    ("C2", "Dyad rope 9.6, 60 m", "Climbing", "126.74", 4),
    ("C3", "Gym hold set", "Climbing", "284.55", 2),
    ("L1", "Glowworm headlamp", "Lighting", "12.95", 7),
    ("L2", "Lighthouse lantern", "Lighting", "27.38", 4),
]
LAUNCH_OF_F3 = date(2025, 3, 1)
PUSH = (date(2025, 9, 1), date(2025, 10, 31))  # everyone stocks headlamps

# Who looks after whom: state group, kind of customer -> salespeople in turn
FIELD = {
    "pacific": ["icalder", "awhitehorse", "jmoreno", "rtanaka"],
    "mountain": ["lnguyen", "dfairbanks", "sokonkwo", "kbjornstad"],
    "east": ["eprescott", "mvasquez", "bholloway"],
}
DESK = {
    "pacific": ["omarchetti", "yfujimoto"],
    "mountain": ["gpatel", "omarchetti", "yfujimoto"],
    "east": ["tbaxter", "nreyes"],
}
TAKEN_OVER = {"icalder": "rtanaka", "bholloway": "mvasquez"}
STRENGTH = {"awhitehorse": 1.5, "sokonkwo": 1.3, "mvasquez": 1.2, "nreyes": 1.6, "kbjornstad": 0.8}
# How ambitious the quota was, against what was then sold in the fiscal year (two years)
AMBITION = {
    "icalder": (0.94, 0.90), "awhitehorse": (0.78, 0.85), "jmoreno": (1.15, 1.22), "kbjornstad": (1.30, 1.05),
    "lnguyen": (1.00, 0.97), "dfairbanks": (1.10, 1.18), "sokonkwo": (0.88, 0.93), "rtanaka": (1.06, 0.91),
    "eprescott": (1.02, 1.12), "mvasquez": (0.96, 0.82), "bholloway": (1.45, 1.60), "gpatel": (1.08, 1.03),
    "omarchetti": (0.97, 1.04), "yfujimoto": (1.12, 1.01), "tbaxter": (1.20, 1.09), "nreyes": (0.84, 0.92),
}  # fmt: skip
SEASON = [9, 9, 8, 7, 9, 11, 6, 7, 10, 12, 12, 10]  # July to June
NAMES_A = "Cascade Summit Alder Timberline Juniper Granite Copper Bristlecone Larkspur Osprey Kestrel Northfork".split()
NAMES_B = [
    "Outfitters",
    "Mountain Supply",
    "Sports",
    "Trading Post",
    "Climbing Gym",
    "Co-op",
    "Gear Exchange",
    "& Sons",
]


@dataclass(frozen=True)
class Customer:
    """A buyer and who serves it."""

    id: str
    name: str
    state: str
    segment: str
    salesperson: str


@dataclass
class Order:
    """An order with its lines (product, quantity, amount)."""

    day: date
    customer: Customer
    salesperson: str
    engineer: str
    kind: str
    status: str
    lines: list[tuple[str, int, Decimal]]
    return_of: Order | None = None
    id: str = ""

    @property
    def subtotal(self) -> Decimal:
        """Sum of the lines, in dollars."""
        return sum((amount for _, _, amount in self.lines), Decimal(0))


def main() -> None:
    """Write every table."""
    chance = random.Random(19_740_615)
    customers = _customers(chance)
    orders = _orders(chance, customers)
    FOLDER.mkdir(exist_ok=True)
    _write("roster", ("payee", "name", "role", "team_target", "from_date", "through_date"), ROSTER)
    _write("managers", ("payee", "manager", "from_date"), sorted(MANAGERS))
    _write("assignments", ("payee", "plan", "from_date", "through_date"), ASSIGNMENTS)
    _write("account_owners", ("territory", "payee", "from_date", "through_date"), ACCOUNT_OWNERS)
    _write("states", ("state", "name"), STATES)
    _write("products", ("product", "name", "category", "price"), (row[:4] for row in PRODUCTS))
    named = ((item.id, item.name, item.state, item.segment) for item in customers)
    _write("customers", ("customer", "name", "state", "segment"), named)
    _write(
        "orders",
        ("order", "order_date", "customer", "salesperson", "engineer", "kind", "status", "return_of", "subtotal"),
        (_order_row(order) for order in orders),
    )
    lines = ((o.id, n, *line) for o in orders for n, line in enumerate(o.lines, start=1))
    _write("order_lines", ("order", "line", "product", "quantity", "amount"), lines)
    _write("targets", ("payee", "kind", "period", "target"), _targets(orders))


def _write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (FOLDER / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _region(state: str) -> str:
    return "pacific" if state in PACIFIC else "mountain" if state in MOUNTAIN else "east"


def _customers(chance: random.Random) -> list[Customer]:
    names = [f"{a} {b}" for a in NAMES_A for b in NAMES_B]
    chance.shuffle(names)
    turns: dict[tuple[str, str], int] = defaultdict(int)
    customers = []
    for number, name in enumerate(names, start=1):
        state = "AK" if number == 41 else STATES[number % 16][0]
        segment = "Strategic" if number % 12 == 0 else "Chain" if number % 4 == 1 else "Independent"
        desk = segment == "Independent" and number % 3 != 0
        pool = (DESK if desk else FIELD)[_region(state)]
        turn = turns[_region(state), "desk" if desk else "field"]
        turns[_region(state), "desk" if desk else "field"] += 1
        customers.append(Customer(f"K{number:02}", name, state, segment, pool[turn % len(pool)]))
    return customers


def _serves(customer: Customer, day: date) -> str:
    """The customer's salesperson on that day: whoever leaves or is promoted hands over."""
    person = customer.salesperson
    if person == "icalder" and day >= date(2025, 9, 15):
        person = "pkowalski" if day >= date(2026, 6, 8) else TAKEN_OVER[person]
    if person == "bholloway" and day > date(2025, 11, 30):
        person = "cadeyemi" if day >= date(2026, 4, 6) else TAKEN_OVER[person]
    return person


def _orders(chance: random.Random, customers: list[Customer]) -> list[Order]:
    orders: list[Order] = []
    for month in range(24):
        year, index = 2024 + (month + 6) // 12, (month + 6) % 12 + 1
        start = date(year, index, 1)
        days = (date(year + index // 12, index % 12 + 1, 1) - start).days
        for _ in range(SEASON[month % 12] * 11):
            day = start + timedelta(days=chance.randrange(days))
            orders += _order(chance, customers, day)
    orders = [order for order in orders if order.day <= LAST]
    orders.sort(key=lambda order: (order.day, order.customer.id))
    for number, order in enumerate(orders, start=10_001):
        order.id = str(number)
    return orders


def _order(chance: random.Random, customers: list[Customer], day: date) -> list[Order]:
    weights = [STRENGTH.get(customer.salesperson, 1.0) for customer in customers]
    customer = chance.choices(customers, weights)[0]
    person = "" if chance.random() < 0.006 else _serves(customer, day)  # a web order that nobody claimed
    project = customer.segment != "Independent" and chance.random() < 0.09
    engineer = ""
    if project and chance.random() < 0.85:
        engineer = chance.choice(["vstone", "wlarsen", "zhaddad"] if day >= date(2025, 2, 1) else ["vstone", "wlarsen"])
    lines = _lines(chance, customer, day, project)
    status = "cancelled" if chance.random() < 0.02 else "shipped"
    order = Order(day, customer, person, engineer, "project" if project else "standard", status, lines)
    if status == "shipped" and chance.random() < 0.045:
        return [order, _returned(chance, order)]
    return [order]


def _lines(chance: random.Random, customer: Customer, day: date, project: bool) -> list[tuple[str, int, Decimal]]:
    push = PUSH[0] <= day <= PUSH[1]
    stocked = [row for row in PRODUCTS if row[0] != "F3" or day >= LAUNCH_OF_F3]
    count = chance.choice([4, 5, 6]) if project else chance.choice([1, 2, 2, 2, 3, 3, 4])
    chosen = {row[0]: row for row in chance.choices(stocked, [row[4] for row in stocked], k=count)}
    if push and chance.random() < 0.45:
        chosen["L1"] = next(row for row in PRODUCTS if row[0] == "L1")
    most = {"Strategic": 110, "Chain": 80, "Independent": 36}[customer.segment]
    lines = []
    for product, _, category, price, _ in chosen.values():
        quantity = chance.randint(1, most // 3 if category == "Tents" else most) * (2 if project else 1)
        if product == "L1" and push:
            quantity = chance.randint(8, 40)
        discount = chance.choice([0, 0, 0, 5, 8, 12] if quantity > 10 else [0, 0, 0, 3])
        lines.append((product, quantity, _amount(quantity, Decimal(price), discount)))
    return lines


def _amount(quantity: int, price: Decimal, discount: int) -> Decimal:
    return (quantity * price * (100 - discount) / 100).quantize(CENT, ROUND_HALF_UP)


def _returned(chance: random.Random, order: Order) -> Order:
    """Some weeks later a part of one line comes back at the price it was sold for."""
    product, quantity, amount = chance.choice(order.lines)
    back = chance.randint(1, quantity)
    value = (amount * back / quantity).quantize(CENT, ROUND_HALF_UP)
    day = order.day + timedelta(days=chance.randint(6, 60))
    person = order.salesperson and _serves(order.customer, day)
    return Order(day, order.customer, person, order.engineer, order.kind, "shipped", [(product, -back, -value)], order)


def _order_row(order: Order) -> Sequence[object]:
    original = order.return_of.id if order.return_of else ""
    return (
        order.id, order.day, order.customer.id, order.salesperson, order.engineer, order.kind, order.status, original,
        order.subtotal,
    )  # fmt: skip


def _targets(orders: list[Order]) -> list[tuple[str, str, date, Decimal]]:
    """Quarterly targets in whole thousands.

    Adeyemi's first quarter is a ramp without target, Calder has none to sell to after her promotion, Kowalski's is not set yet.
    """
    sold: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for order in orders:
        if order.status == "shipped":
            sold[order.salesperson, 0 if order.day < date(2025, 7, 1) else 1] += order.subtotal
    rows = []
    for payee, ambition in AMBITION.items():
        for quarter in range(8):
            start = date(2024 + (quarter + 2) // 4, (quarter * 3 + 6) % 12 + 1, 1)
            if payee == "bholloway" and quarter > 5:
                continue
            # Those who leave the role early in a year sold for part of it only.
            part = {("icalder", 1): 0.84, ("bholloway", 1): 1.6}.get((payee, quarter // 4), 4)
            share = Decimal(SEASON[quarter % 4 * 3] + SEASON[quarter % 4 * 3 + 2]) / Decimal("19.25")
            year = sold[payee, quarter // 4] * Decimal(str(ambition[quarter // 4])) / Decimal(str(part))
            target = (year * share / 1000).quantize(Decimal(1), ROUND_HALF_UP) * 1000
            if payee == "icalder" and quarter > 4:
                target = Decimal(0)
            rows.append((payee, "bookings", start, target.quantize(CENT)))
            rows.append((payee, "stretch", start, (target * Decimal("1.25")).quantize(CENT)))
    rows.append(("cadeyemi", "bookings", date(2026, 4, 1), Decimal("0.00")))
    return sorted(rows)


if __name__ == "__main__":
    main()
