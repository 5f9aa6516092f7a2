"""On which days the roster cuts time: where something begins, ends or changes that a plan can see."""

from pathlib import Path

import pytest

from spmlang.engines.pipelines import changes
from spmlang.run.open import open_data, open_project
from tests.projects import Project, case_project

CASE = Path(__file__).parent / "cases" / "change_that_no_plan_reads"


@pytest.mark.parametrize(
    ("change", "days"),
    [
        # another telephone on the 10th and the 16th, another rate on the 16th, an absence from the 20th
        (("", ""), ["2025-01-01", "2025-01-16", "2025-01-20", "2025-01-26"]),
        # nothing is read but the role
        (
            ("payee.rate of bookings\n    cap  payee.most", "2% of bookings\n    cap  18.00 USD"),
            ["2025-01-01", "2025-01-20", "2025-01-26"],
        ),
        # a cap reads the rate, on the interval's last day
        (
            ("payee.rate of bookings\n    cap  payee.most", "2% of bookings\n    cap  payee.rate of 900.00 USD"),
            ["2025-01-01", "2025-01-20", "2025-01-26"],
        ),
        # the days of each row count
        (
            ("when bookings >=", "prorate by calendar days\n    when bookings >="),
            ["2025-01-01", "2025-01-10", "2025-01-16", "2025-01-20", "2025-01-26"],
        ),
    ],
)
def test_days_on_which_the_roster_changes(change: tuple[str, str], days: list[str], tmp_path: Path) -> None:
    files = case_project(CASE).files
    opened = open_project(Project({**files, "plan.spm": files["plan.spm"].replace(*change)}).write(tmp_path))
    tables, _ = open_data(opened, None)
    assert [str(day) for day in changes(opened.program, tables)["roster"]] == days
