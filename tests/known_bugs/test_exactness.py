"""Gaps, shares, ratios and order, as systems are known to get them wrong. Each docstring says what goes wrong there."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from spmlang.diagnostics.diagnostic import Diagnostic, Problems
from spmlang.diagnostics.text import Span
from spmlang.outputs.payouts import payout_table
from spmlang.run.open import check_project
from tests.known_bugs.small import Bench, amounts, by_component, cents, of, plan, small
from tests.projects import Project

pytestmark = pytest.mark.cases

TIERS = """
  commission base {{
    on    bookings
    tiers by amount, {mode} {{
      0 USD to 1_000 USD      : 1%
      {low} USD to 5_000 USD  : 10%
      5_000 USD and above     : 20%
    }}
  }}
"""


def problems(folder: Path, project: Project) -> list[Diagnostic]:
    """What the check says about a project, before any data is read."""
    project.write(folder)
    return check_project(folder)[1]


@pytest.mark.parametrize("mode", ["marginal", "retroactive"])
def test_a_gap_of_one_dollar_between_tiers_is_refused(mode: str, tmp_path: Path) -> None:
    """Faulty: bounds such as 1,000 and 1,001 are taken, and an amount of 1,000.50 between them finds no rate and pays nothing."""
    (found,) = problems(tmp_path / "p", small(plan(TIERS.format(mode=mode, low="1_001")), []))
    assert found.slug == "tier-gap"
    assert "1,000 USD" in found.message or "1_000 USD" in found.message


@pytest.mark.parametrize(
    ("mode", "amount", "pays"),
    [
        ("marginal", "999.99", "10.00"),
        ("marginal", "1000.00", "10.00"),
        ("marginal", "1000.50", "10.05"),
        ("marginal", "5000.50", "410.10"),
        ("retroactive", "999.99", "10.00"),
        ("retroactive", "1000.00", "100.00"),
        ("retroactive", "1000.50", "100.05"),
        ("retroactive", "5000.50", "1000.10"),
    ],
)
def test_every_cent_about_a_bound_finds_its_tier(bench: Bench, mode: str, amount: str, pays: str) -> None:
    """Faulty: as above; or the amount exactly on the bound belongs to both tiers, or to none."""
    project = small(plan(TIERS.format(mode=mode, low="1_000")), [f"a 2025-01-10 ann {amount}"])
    assert bench.amounts(project) == {("2025-01", "base"): Decimal(pays)}


SHARED = """
measure shared in USD {
  sum    deals.amount
  on     deals.day
  credit members of deals.number in teams by teams.share
}

""" + plan("""
  commission base {
    pays 100% of shared
  }
""")
SEVEN = ("14.29%", "14.29%", "14.29%", "14.29%", "14.29%", "14.29%", "14.26%")
TEN = ("10%",) * 10
THREE = ("33.33%", "33.33%", "33.34%")


def team(*shares: str) -> Project:
    payees = [f"p{number}" for number in range(len(shares))]
    rows = [f"a {payee} {share}" for payee, share in zip(payees, shares, strict=True)]
    return small(SHARED, ["a 2025-01-10 p0 1000.01"], teams=rows, payees=payees)


@pytest.mark.parametrize("shares", [SEVEN, TEN, THREE], ids=["seven", "ten", "three"])
def test_shares_that_make_a_whole_are_taken_as_a_whole(bench: Bench, shares: tuple[str, ...]) -> None:
    """Faulty: shares are added as binary fractions, miss 100% by a hair, and a right split is refused, or loses a cent."""
    run = bench.run(team(*shares))
    assert run.result.credits is not None
    scale = run.program.measures["shared"].type.scale
    credited = [int(row["units"]) for row in run.result.credits.to_pylist() if row["measure"] == "shared"]
    assert len(credited) == len(shares)
    assert Decimal(sum(credited)).scaleb(-scale) == Decimal("1000.01")


def test_the_shares_of_these_tests_would_be_refused_if_added_as_binary_fractions() -> None:
    """Without this the test above would prove nothing."""
    assert sum(float(share.rstrip("%")) for share in SEVEN) != 100
    assert sum(float(share.rstrip("%")) / 100 for share in TEN) != 1


@pytest.mark.parametrize(
    "shares",
    [("33.33%", "33.33%", "33.33%"), ("50%", "50.01%"), ("99.99%",)],
    ids=["a_hundredth_short", "a_hundredth_over", "one_member"],
)
def test_shares_that_nearly_make_a_whole_are_refused(bench: Bench, shares: tuple[str, ...]) -> None:
    """Faulty: to live with binary fractions, a tolerance lets real mistakes of a hundredth of a percent pass."""
    with pytest.raises(Problems) as refused:
        bench.run(team(*shares))
    assert [problem.slug for problem in refused.value.diagnostics] == ["run-shares"]


SPLIT = """
measure split in USD {{
  sum    deals.amount
  on     deals.day
  credit {shares}
}}

"""


def split(shares: tuple[str, ...]) -> Project:
    text = SPLIT.format(shares=", ".join(f"deals.seller {share}" for share in shares))
    return small(
        text + plan("\n  commission base {\n    pays 100% of split\n  }\n"),
        ["a 2025-01-10 ann 1000.01"],
    )


@pytest.mark.parametrize("shares", [SEVEN, TEN, THREE], ids=["seven", "ten", "three"])
def test_shares_in_plan_text_are_added_exactly(bench: Bench, shares: tuple[str, ...]) -> None:
    """Faulty: as above, where the shares stand in the plan."""
    assert bench.amounts(split(shares)) == {("2025-01", "base"): Decimal("1000.01")}


def test_shares_in_plan_text_that_nearly_make_a_whole_are_refused(tmp_path: Path) -> None:
    """Faulty: as above."""
    (found,) = problems(tmp_path / "p", split(("33.33%", "33.33%", "33.33%")))
    assert found.slug == "split-total"
    assert "99.99%" in found.message


PLAIN = {
    "accelerated": """
  commission accelerated {
    on    bookings
    each  quarter
    tiers by attainment, retroactive {
      0%   to 100%   : 1%
      100% and above : 3%
    }
  }
""",
    "made": """
  bonus made {
    each quarter
    when attainment of bookings >= 100%
    pays 500.00 USD
  }
""",
    "incentive": """
  bonus incentive {
    each quarter
    pays attainment of bookings * 1_000.00 USD
  }
""",
    "push": """
  commission push {
    on    bookings
    each  quarter
    pays  2% of bookings
    cap   10.00 USD each quarter
  }
""",
}
QUOTA = "quota bookings {\n  from targets, each quarter\n}\n\n"
QUARTER = ["a 2025-01-10 ann 700", "b 2025-02-10 ann 400", "c 2025-03-10 ann 100", "d 2025-04-10 ann 300"]
TARGETS = ["ann 2025-01-01 1000", "ann 2025-04-01 900"]
ALONE = {
    "accelerated": ("36.00", "3.00"),
    "made": ("500.00", "0.00"),
    "incentive": ("1200.00", "333.33"),
    "push": ("10.00", "6.00"),
}


def with_quota(components: list[str]) -> Project:
    return small(QUOTA + plan("".join(PLAIN[name] for name in components)), QUARTER, targets=TARGETS)


@pytest.mark.parametrize("order", list(permutations(PLAIN))[::5], ids="-".join)
def test_the_order_of_components_changes_nothing(bench: Bench, order: tuple[str, ...]) -> None:
    """Faulty: a rule that has paid for a row takes it away from the rules below it, so that attainment hangs on their order."""
    _assert_alone(bench, list(order))


@pytest.mark.parametrize("removed", PLAIN)
def test_a_removed_component_leaves_the_others_as_they_were(bench: Bench, removed: str) -> None:
    """Faulty: attainment is a by-product of the rule that pays; without that rule nothing counts towards the quota."""
    _assert_alone(bench, [name for name in PLAIN if name != removed])


@pytest.mark.parametrize("name", PLAIN)
def test_a_component_by_itself_pays_what_it_pays_among_others(bench: Bench, name: str) -> None:
    """Faulty: as above."""
    _assert_alone(bench, [name])


def _assert_alone(bench: Bench, names: list[str]) -> None:
    run = bench.run(with_quota(names), "2025-01", "2025-06")
    for name in names:
        months = of(amounts(run), name)
        assert (months["2025-03"], months["2025-06"]) == tuple(map(Decimal, ALONE[name]))
    rows = payout_table(run).to_pylist()
    attained = {(row["period"], row["attainment"]) for row in rows if row["component"] == "accelerated"}
    if "accelerated" in names:
        assert attained == {("2025-03", "1.200000"), ("2025-06", "0.333333")}


def test_statements_in_another_order_mean_the_same(bench: Bench) -> None:
    """Faulty: statements are steps, and a step sees what those above it have changed."""
    lines = ["on bookings", "each quarter", "when attainment of bookings >= 30%", "pays 2% of bookings", "cap 7.00 USD"]
    found = []
    for order in permutations(lines):
        if order[0] in (lines[0], lines[3]) and order[-1] in (lines[2], lines[4]):
            text = "\n".join(["  commission base {", *order, "  }"])
            project = small(QUOTA + plan(text), QUARTER, targets=TARGETS)
            found.append(bench.amounts(project, "2025-01", "2025-06"))
    assert all(one == found[0] for one in found)
    assert of(found[0], "base") == {"2025-03": Decimal("7.00"), "2025-06": Decimal("6.00")}


THIRDS = """
  bonus back_to_the_whole {
    pays (ratio of bookings to sales_made else 0.00 USD) * 3
  }

  bonus of_constants {
    pays (ratio of 100.00 USD to 3 else 0.00 USD) * 3
  }

  bonus third {
    pays ratio of bookings to sales_made else 0.00 USD
  }

  bonus no_whole_number {
    pays (ratio of units to sales_made else 0%) * 90.00 USD
  }

  bonus of_the_quota {
    pays attainment of bookings * 300.00 USD
  }

  bonus two_thirds_and_one {
    pays (ratio of units to sales_made else 0%) * 50.00 USD + (attainment of bookings * 150.00 USD)
  }

  bonus exactly_a_third {
    when 300% * (ratio of units to sales_made else 0%) >= 100%
    pays 8.00 USD
  }
"""


def test_a_ratio_is_exact_until_the_component_rounds(bench: Bench) -> None:
    """Faulty: a division of whole numbers drops what is behind the point, or its result is cut to some digits on the way."""
    project = small(
        "quota bookings {\n  from targets, each month\n}\n\n" + plan(THIRDS),
        ["a 2025-01-10 ann 50 1", "b 2025-01-11 ann 30", "c 2025-01-12 ann 20"],
        targets=["ann 2025-01-01 300"],
    )
    assert by_component(bench.amounts(project)) == {
        "back_to_the_whole": Decimal("100.00"),  # 100 / 3 * 3
        "of_constants": Decimal("100.00"),
        "third": Decimal("33.33"),
        "no_whole_number": Decimal("30.00"),  # 1 / 3 * 90
        "of_the_quota": Decimal("100.00"),  # 100 / 300 * 300
        "two_thirds_and_one": Decimal("66.67"),  # 16.666… + 50
        "exactly_a_third": Decimal("8.00"),
    }


def test_thirds_of_a_cent_are_rounded_once(bench: Bench) -> None:
    """Faulty: each period rounds its own third of a cent, so that a year of periods misses the amount of the year."""
    rule = """
  commission base {
    on   bookings, year to date
    pays ratio of bookings to sales_made else 0.00 USD
  }
"""
    run = bench.run(small(plan(rule), ["a 2025-01-10 ann 100", "b 2025-02-10 ann 0", "c 2025-03-10 ann 0"]))
    assert of(amounts(run), "base") == {
        "2025-01": Decimal("100.00"),
        "2025-02": Decimal("-50.00"),
        "2025-03": Decimal("-16.67"),  # 33.333… to date
    }
    assert cents(sum(row["amount_minor"] for row in run.result.payouts.to_pylist())) == Decimal("33.33")


def test_an_amount_of_more_than_38_digits_is_told(bench: Bench) -> None:
    """Faulty: a database's error, or a float, where an amount has no room."""
    rule = """
  bonus large {
    each month
    pays 1_000_000_000_000_000_000_000_000_000_000_000_000 USD
  }
"""
    with pytest.raises(Problems) as told:
        bench.run(small(plan(rule), ["a 2025-01-10 ann 100"]))
    assert [item.slug for item in told.value.diagnostics] == ["run-too-large"]


def test_the_check_names_the_line_of_an_amount_that_may_have_no_room(tmp_path: Path) -> None:
    """Faulty: only the run tells, and not where."""
    rule = """
  bonus large {
    each month
    pays 1_000_000_000_000_000_000_000_000_000_000_000_000 USD
  }
"""
    (found,) = problems(tmp_path / "p", small(plan(rule), []))
    assert (found.code, found.severity.value) == ("SPM812", "warning")
    assert isinstance(found.where, Span)
    assert "1_000_000" in found.where.text
    assert not problems(tmp_path / "q", small(plan(rule.replace("000_000 USD", "000 USD")), []))
