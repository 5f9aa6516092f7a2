"""What a project may hold at most is told, and what is told is bounded."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spmlang.check import files as plan_files
from spmlang.cli.main import main
from spmlang.diagnostics.diagnostic import MOST_PROBLEMS, Diagnostic, diagnose, limit_diagnostics
from spmlang.run import reporting_line_limit
from tests.fuzz.bytes import write
from tests.fuzz.largest.making import PLAN, project

TEAM = """
measure team in USD {
  rollup bookings to managers of payee
}
"""


def chain(payees: int) -> Callable[[int], int | None]:
    """Everybody reports to the one before."""
    return lambda payee: payee - 1 if payee else None


def company(folder: Path, payees: int, manager: Callable[[int], int | None], plan: str = PLAN + TEAM) -> Path:
    roster = "".join(f"p{number},P,2025-01-01\n" for number in range(payees))
    lines = [(number, above) for number in range(payees) if (above := manager(number)) is not None]
    reports = "".join(f"p{number},p{above},2025-01-01\n" for number, above in lines)
    files = project(
        roster_csv=f"payee,name,from_date\nann,Ann,2025-01-01\n{roster}",
        reports_csv=f"payee,manager,from_date\n{reports}",
        base_spm=plan,
    )
    write(folder, files)
    return folder


@pytest.mark.parametrize(
    ("payees", "manager"),
    [(60, chain(60)), (60, lambda payee: (payee + 1) % 60), (400, lambda payee: payee - 1 if payee % 50 else None)],
    ids=["a chain", "a circle", "many chains"],
)
def test_reporting_lines_that_are_too_long_are_told(
    payees: int,
    manager: Callable[[int], int | None],
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(reporting_line_limit, "_MOST", 1_000)
    monkeypatch.setattr(reporting_line_limit, "_MOST_OF_A_ROW", 10)
    folder = company(tmp_path / "p", payees, manager)
    assert main(["run", str(folder), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "error[SPM660]: The reporting lines of `reports` are too long: more than" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("payees", "manager", "plan"),
    [
        (400, lambda payee: payee // 3 if payee else None, PLAN + TEAM),
        (44, chain(44), PLAN + TEAM),
        (60, chain(60), PLAN),
    ],
    ids=["a company", "a chain", "nothing is passed up"],
)
def test_lines_of_usual_length_are_followed(
    payees: int, manager: Callable[[int], int | None], *, plan: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reporting_line_limit, "_MOST", 1_000)
    monkeypatch.setattr(reporting_line_limit, "_MOST_OF_A_ROW", 10)
    folder = company(tmp_path / "p", payees, manager, plan)
    assert main(["run", str(folder), "--out", str(tmp_path / "out")]) == 0


def test_too_many_plan_files_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(plan_files, "_MOST_FILES", 3)
    write(tmp_path, project() | {f"more_{number}.spm": b"use base\n" for number in range(3)})
    assert main(["check", str(tmp_path)]) == 1
    assert "error[SPM659]: The plans are too large to be checked: more than 3 plan files." in capsys.readouterr().err


def test_of_very_many_problems_the_first_are_told_errors_before_warnings() -> None:
    warnings = [diagnose("costly", None, what="", instead="")] * 2_000
    error = diagnose("no-roster", None)
    told = limit_diagnostics([*warnings, error])
    assert (len(told), told[0], told[-1].slug) == (MOST_PROBLEMS + 1, error, "check-too-many")
    few: list[Diagnostic] = [error, *warnings[:10]]
    assert limit_diagnostics(few) == few


@pytest.mark.parametrize("command", ["check", "test", "run"])
def test_what_a_command_says_is_bounded(command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = {
        "check": project(spm_yaml=project()["spm.yaml"].decode() + "".join(f"  s{at}: {{}}\n" for at in range(3_000))),
        "test": project()
        | {
            "more.spm": b"use base\n"
            + b"".join(
                b'example "%d" {\n  plan rep on 2025-01\n  given bookings = 1.00 USD\n  expect base = 1.00 USD\n}\n'
                % at
                for at in range(2_000)
            )
        },
        "run": project(
            spm_yaml=project()["spm.yaml"].decode().replace("deals.csv", str([f"{at}.csv" for at in range(2_000)]))
        ),
    }
    write(tmp_path, files[command])
    assert main([command, str(tmp_path)]) == 1
    said = "".join(capsys.readouterr())
    assert said.count("error[") == MOST_PROBLEMS + 1
    assert "error[SPM658]: More than 1,000 problems were found; the others are not listed." in said
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("pattern", ["**/" * 1_000 + "*.spm", "a/" * 40 + "*.spm", "**/a/**/*.spm"])
def test_a_pattern_of_too_many_folders_is_told(
    pattern: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = project()["spm.yaml"].decode().replace("data: .", f"data: .\nplans: ['{pattern}']")
    write(tmp_path, project(spm_yaml=settings))
    assert main(["check", str(tmp_path)]) == 1
    assert "error[SPM038]" in capsys.readouterr().err
