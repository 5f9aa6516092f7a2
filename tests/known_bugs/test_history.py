"""What is paid stays paid, once: edits, repeated runs, late corrections. Docstrings say what systems are known to get wrong."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from tests.engines.every import QUICK
from tests.known_bugs.small import Amounts, Bench, amounts, of, of_rows, paid, periods, small

pytestmark = pytest.mark.cases

TIERS = """
    tiers by amount, {mode} {{
      0 USD to 1_000 USD  : 1%
      1_000 USD and above : 10%
    }}
"""
MARGINAL, RETROACTIVE = TIERS.format(mode="marginal"), TIERS.format(mode="retroactive")

#: Rules over every kind of interval.
COMPONENTS = f"""
  commission each_month {{
    pays 3% of bookings
  }}

  commission to_date {{
    on bookings, year to date
    {MARGINAL.strip()}
  }}

  commission reached {{
    on bookings, quarter to date
    {RETROACTIVE.strip()}
  }}

  bonus by_quarter {{
    each quarter
    when bookings >= 1_000.00 USD
    pays 75.00 USD
  }}

  commission capped {{
    pays 10% of bookings
    cap  150.00 USD each quarter
  }}
"""
PLAN = (
    """
plan rep version 1 {
  effective from 2025-01-01
  for       payee.name != ""
  currency  USD
"""
    + f"{COMPONENTS}}}\n"
)

VERSION_2 = """
plan rep version 2 changes version 1 {
  effective from 2025-03-01
  reason    "Other rates from March on"

  replace commission each_month.pays 50% of bookings
  replace commission to_date.tiers {
    0 USD to 200 USD  : 20%
    200 USD and above : 40%
  }
  replace commission reached.tiers {
    0 USD and above : 33%
  }
  remove bonus by_quarter
  add commission fresh {
    on   bookings, year to date
    pays 5% of bookings
  }
}
"""

DEALS = [
    "a 2025-01-10 ann   800",
    "b 2025-01-31 bob  1200",
    "c 2025-02-01 ann   900",
    "d 2025-02-14 bob  -300",
    "e 2025-03-01 ann   100",
    "f 2025-03-31 bob   500",
    "g 2025-04-01 ann  1500",
    "h 2025-05-10 bob   700",
    "i 2025-06-30 ann  -200",
]
SMALL = small(PLAN, DEALS, payees=("ann", "bob"))
CHANGED = small(PLAN + VERSION_2, DEALS, payees=("ann", "bob"))

#: What payroll and auditors keep of a run.
KEPT = (
    "payouts.csv",
    "payouts.parquet",
    "payments.csv",
    "balances.csv",
    "uncredited.csv",
    "lines.parquet",
    "credits.parquet",
)


def test_a_new_version_leaves_earlier_periods_as_they_are(bench: Bench) -> None:
    """Faulty: an edited rule holds for all time, so that the next run pays closed periods anew, by a rule of later days."""
    before = bench.outputs(SMALL, "2025-01", "2025-02")
    after = bench.outputs(CHANGED, "2025-01", "2025-02")
    assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}


def test_a_run_of_all_periods_shows_the_earlier_ones_as_they_were(bench: Bench) -> None:
    """Faulty: as above, where the run covers periods before and after the edit."""
    old, new = bench.outputs(SMALL), bench.outputs(CHANGED)
    for name in ("payouts.csv", "payments.csv", "balances.csv"):
        first, later = _split(old[name])
        again, changed = _split(new[name])
        assert again == first
        assert changed != later


def _split(rows: bytes) -> tuple[list[bytes], list[bytes]]:
    """The rows of January and February, and the later ones."""
    lines = rows.splitlines()[1:]
    first = [line for line in lines if line.startswith((b"2025-01,", b"2025-02,"))]
    assert first
    return first, lines[len(first) :]


def test_a_run_of_one_period_after_another_pays_what_one_run_pays(bench: Bench) -> None:
    """Faulty: each run settles what it finds, so that a row seen by two runs is paid by both, or by neither."""
    run = bench.run(SMALL)
    whole, whole_paid = amounts(run), paid(run)
    single: Amounts = {}
    sent: dict[str, Decimal] = {}
    for period in periods(run):
        alone = bench.run(SMALL, period.label)
        assert {at for at, _ in amounts(alone)} == {period.label}
        single |= amounts(alone)
        sent |= paid(alone)
    assert single == whole
    assert sent == whole_paid


def test_runs_over_periods_that_overlap_agree_on_what_they_share(bench: Bench) -> None:
    """Faulty: what an earlier run has settled is missing from a later one over the same days, or is added to it."""
    whole = bench.amounts(SMALL)
    for first, last in (("2025-01", "2025-03"), ("2025-02", "2025-05"), ("2025-03", "2025-06")):
        part = {at: amount for at, amount in whole.items() if first <= at[0] <= last}
        assert bench.amounts(SMALL, first, last) == part


def test_each_component_is_moved_by_a_row_once(bench: Bench) -> None:
    """Faulty: a row that two runs, two rates or two tiers have touched stands among the settled rows twice."""
    rows = [(component, key) for component, key, _ in of_rows(bench.run(SMALL))]
    assert {key for _, key in rows} == {row.split()[0] for row in DEALS}
    assert [at for at, times in Counter(rows).items() if times > 1] == []


def test_a_run_made_again_differs_in_no_byte(bench: Bench) -> None:
    """Faulty: the second run of a period adds what the first one wrote, or writes the same rows in another order."""
    once, twice = bench.outputs(SMALL), bench.outputs(SMALL)
    assert once == twice
    assert set(KEPT) < set(once)


def test_rows_in_another_order_are_paid_the_same(bench: Bench) -> None:
    """Faulty: the order in which rows arrive decides which of them reaches a tier, so that a reload changes what is paid."""
    turned = small(PLAN, DEALS[::-1], payees=("bob", "ann"))
    once, again = bench.outputs(SMALL), bench.outputs(turned)
    for name in ("payouts.csv", "payouts.parquet", "payments.csv", "balances.csv", "components.csv"):
        assert once[name] == again[name]
    assert of_rows(bench.run(SMALL)) == of_rows(bench.run(turned))


def test_both_engines_write_the_same_bytes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Faulty: a figure depends on which machine has computed it."""
    one, other = (Bench(tmp_path_factory.mktemp(engine), engine).outputs(CHANGED) for engine in QUICK)
    assert {name for name in one if one[name] != other[name]} <= {"manifest.json"}  # it names the engine


CORRECTED = (
    """
plan rep version 1 {
  effective from 2025-01-01
  for       payee.name != ""
  currency  USD

  commission base {
    on bookings, year to date
"""
    + f"    {MARGINAL.strip()}\n  }}\n}}\n"
)


def test_a_correction_by_hand_counts_for_the_tiers_of_later_periods(bench: Bench) -> None:
    """Faulty: an amount corrected by hand changes its own period, and the sums behind later tiers go on without it."""
    deals = ["a 2025-01-10 ann 800", "b 2025-03-10 ann 100", "c 2025-05-10 ann 100"]
    corrections = ["x 2025-02-28 ann 500 0 moved_from_bob", "y 2025-04-30 ann -700 0 moved_to_bob"]
    run = bench.run(small(CORRECTED, [*deals, *corrections]))
    assert of(amounts(run), "base") == {
        "2025-01": Decimal("8.00"),
        "2025-02": Decimal("32.00"),  # 200.00 at 1%, 300.00 at 10%
        "2025-03": Decimal("10.00"),  # beyond 1,000.00 because of the correction
        "2025-04": Decimal("-43.00"),  # 1,400.00 become 700.00: 400.00 at 10%, 300.00 at 1%
        "2025-05": Decimal("1.00"),  # below 1,000.00 again
    }
    assert [row for row in of_rows(run) if row[1] in ("x", "y")] == [
        ("base", "x", Decimal("32.00")),
        ("base", "y", Decimal("-43.00")),
    ]


MOVED = ["a 2025-01-05 ann 800", "{moved} ann 600", "b 2025-02-10 ann 500", "c 2025-03-10 ann 100"]


@pytest.mark.parametrize(
    ("mode", "early", "late"),
    [
        ("marginal", ("50.00", "50.00"), ("8.00", "92.00")),
        ("retroactive", ("140.00", "50.00"), ("8.00", "182.00")),
    ],
)
def test_a_date_moved_to_another_period_moves_pay_and_makes_none(
    bench: Bench, mode: str, early: tuple[str, str], late: tuple[str, str]
) -> None:
    """Faulty: a row whose date is mended is paid in its new period, and stays paid in the old one."""
    text = CORRECTED.replace("marginal", mode)
    found = []
    for day in ("2025-01-31", "2025-02-01"):
        deals = [row.format(moved=f"moved {day}") for row in MOVED]
        found.append(of(bench.amounts(small(text, deals)), "base"))
    before, after = found
    march = Decimal("10.00")
    assert list(before.values()) == [*map(Decimal, early), march]
    assert list(after.values()) == [*map(Decimal, late), march]
    assert sum(before.values()) == sum(after.values())
