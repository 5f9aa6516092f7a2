"""Test that the largest cases can be built, and that small ones end with a message."""

import pytest

from .bytes import warm_up, write
from .largest import packed, settings, tables, text
from .largest.__main__ import wrong_with
from .largest.making import CHECK, RUN, Case, project
from .trying import Bounds, Tried, attempt

CASES = [*settings.CASES, *tables.CASES, *packed.CASES, *text.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_can_be_made(case: Case) -> None:
    assert case.make(3_000) != project()


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_ends_with_a_message(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("large") / "project"
    warm_up()
    write(folder, case.make(min(case.most, 100_000)))
    bounds = Bounds(60, 8 << 30)
    done = attempt(case.command, folder, bounds)
    assert done.wrong(bounds) is None, done.said[:5_000]


@pytest.mark.parametrize("command", [CHECK, RUN])
def test_the_project_in_which_something_grows_is_sound(
    command: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sound") / "project"
    write(folder, project())
    assert attempt(command, folder, Bounds(60, 8 << 30)).code == 0


@pytest.mark.parametrize(
    ("done", "before", "found"),
    [
        (Tried(1, "error[SPM101]: x", 5.0, 1), 2.5, None),
        (Tried(1, "error[SPM101]: x", 10.0, 1), 2.5, "grows as the size to the power 2.0"),
        (Tried(1, "error[SPM101]: x", 1.0, 1), 0.1, None),
        (Tried(0, "", 61.0, 1), 31.0, "slow: 61 s of CPU time"),
        (Tried(0, "", 1.0, 3_000_000_000), 1.0, "3.0 GB"),
        (Tried(1, "error[SPM101]: x" * 200_000, 1.0, 1), 1.0, "3,200,000 characters are said"),
    ],
)
def test_what_a_finding_is(done: Tried, before: float, found: str | None) -> None:
    assert wrong_with(done, [before, done.seconds]) == found
