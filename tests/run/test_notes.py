"""What a run says of itself though it stops nothing: in its text, in its JSON and in the manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spmlang.cli.main import main
from spmlang.run.examples import run_examples
from spmlang.run.open import open_project
from tests.engines.every import EVERY
from tests.projects import BOOKINGS, plan_text, small_project

_ON_TERMS = BOOKINGS + plan_text(
    """\
  guarantee 200.00 USD
  draw      living 500.00 USD

  commission base {
    pays 10% of bookings
  }""",
    through="2025-03-31",
)

_ON_GROWTH = (
    BOOKINGS
    + """\
quota last_year of bookings {
  target bookings a year before each month
  ANSWER
}

"""
    + plan_text("""
  bonus growth {
    when attainment of last_year >= 100%
    pays 10.00 USD
  }""")
)


_PAYEES = ["ann,Ann,2024-01-01", "bob,Bob,2024-01-01"]


def test_a_leaver_and_a_joiner_draw_the_whole_month_and_the_run_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = ["ann,Ann,2025-01-01,2025-02-10", "bob,Bob,2025-02-15"]
    deals = ["1,2025-01-05,ann,0.00", "2,2025-03-05,bob,9000.00"]
    folder = small_project(_ON_TERMS, roster=roster, deals=deals).write(tmp_path / "project")
    run = ["run", str(folder), "--out", str(tmp_path / "out")]
    told = [
        "ann was on the plan `rep` for 10 of the 28 days of 2025-02: the guarantee holds for all of it, is not prorated, "
        "and adds 200.00 USD.",
        "ann was on the plan `rep` for 10 of the 28 days of 2025-02: the draw `living` holds for all of it, is not prorated, "
        "and adds 300.00 USD.",
        "bob was on the plan `rep` for 14 of the 28 days of 2025-02: the guarantee holds for all of it, is not prorated, "
        "and adds 200.00 USD.",
        "bob was on the plan `rep` for 14 of the 28 days of 2025-02: the draw `living` holds for all of it, is not prorated, "
        "and adds 300.00 USD.",
    ]
    assert main(run) == 0
    text = capsys.readouterr().out
    assert [line.removeprefix("note  ") for line in text.splitlines() if line.startswith("note  ")] == told
    assert main([*run, "--format", "json"]) == 0
    assert [note["text"] for note in json.loads(capsys.readouterr().out)["notes"]] == told
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert [note["text"] for note in manifest["notes"]] == told
    assert {note["code"] for note in manifest["notes"]} == {"SPM631"}
    # Of a run of later periods only these are told.
    assert main([*run, "--from", "2025-03", "--through", "2025-03"]) == 0
    assert "note  " not in capsys.readouterr().out


@pytest.mark.parametrize("engine", EVERY)
def test_a_year_below_zero_is_a_target_of_zero_and_the_run_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    plan = _ON_GROWTH.replace("ANSWER", "when   zero attainment is 100%")
    deals = ["1,2024-01-05,ann,-50.00", "2,2024-01-05,bob,50.00", "3,2025-01-05,ann,10.00", "4,2025-01-05,bob,10.00"]
    folder = small_project(plan, roster=_PAYEES, deals=deals).write(tmp_path / "project")
    run = ["run", str(folder), "--out", str(tmp_path / "out"), "--engine", engine, "--format", "json"]
    assert main(run) == 0
    done = json.loads(capsys.readouterr().out)
    assert [note["code"] for note in done["notes"]] == ["SPM632"]
    assert done["notes"][0]["text"].startswith("ann's target of the quota `last_year` for 2025-01 ")
    assert done["total"] == {"USD": "10.00"}


@pytest.mark.parametrize("engine", EVERY)
def test_without_an_answer_the_payees_are_listed_with_a_remedy_for_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    plan = _ON_GROWTH.replace("  ANSWER\n", "")
    deals = ["1,2024-01-05,ann,-50.00", "2,2024-01-05,bob,-50.00", "3,2025-01-05,ann,10.00", "4,2025-01-05,bob,10.00"]
    folder = small_project(plan, roster=_PAYEES, deals=deals).write(tmp_path / "project")
    assert main(["run", str(folder), "--out", str(tmp_path / "out"), "--engine", engine]) == 1
    told = capsys.readouterr().err
    assert "ann's quota of `last_year` for 2025-01 is zero" in told
    assert "bob's quota of `last_year` for 2025-01 is zero" in told
    assert "when zero attainment is" in " ".join(told.split())


@pytest.mark.parametrize(
    ("answer", "given", "slugs"),
    [
        ("when   zero attainment is 100%", "quota last_year = 0.00 USD", []),
        ("when   missing attainment is 100%", "quota last_year = 0.00 USD", ["run-quota-zero"]),
        ("when   zero attainment is 100%", "quota last_year = -1.00 USD", ["run-quota-negative"]),
        # Nothing came before an example, so a year before brought nothing.
        ("when   zero attainment is 100%", "bookings = 10.00 USD", []),
    ],
)
def test_a_quota_of_zero_that_an_example_gives_is_given(
    tmp_path: Path, answer: str, given: str, slugs: list[str]
) -> None:
    example = f"""
example "a quota of zero" {{
  plan   rep on 2025-03
  given  {given}
  expect growth = 10.00 USD
}}
"""
    folder = small_project(_ON_GROWTH.replace("ANSWER", answer) + example, deals=[]).write(tmp_path)
    (outcome,) = run_examples(open_project(folder).program)
    assert [problem.slug for problem in outcome.problems] == slugs
