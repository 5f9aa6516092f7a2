"""A version that changes another one says everything else as that one does."""

import shutil
from pathlib import Path

from spmlang.check.check_project import build_program
from spmlang.program.program import PlanVersion
from spmlang.project.file import load_project

BASE = Path(__file__).parent / "base"


def versions(folder: Path, first: str, changes: str) -> tuple[PlanVersion, PlanVersion]:
    """The two versions of plan `push`: `first` is what version 1 says besides a bonus, `changes` what version 2 says."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    text = (
        "use measures\nuse quotas\n\nplan push version 1 {\n  effective from 2024-01-01\n"
        '  for payee.role == "Rep"\n  currency USD\n'
        f"{first}\n  bonus flat {{\n    pays 5.00 USD\n    cap 4.00 USD\n  }}\n}}\n\n"
        f'plan push version 2 changes version 1 {{\n  effective from 2025-01-01\n  reason "why"\n{changes}\n}}\n'
    )
    (folder / "push.spm").write_text(text, encoding="utf-8")
    project, _ = load_project(folder)
    assert project is not None
    program, problems = build_program(project)
    assert program is not None, problems
    one, other = (plan for plan in program.plans if plan.name == "push")
    return one, other


def test_what_is_not_changed_stays(tmp_path: Path) -> None:
    one, other = versions(tmp_path, "  cap 9.00 USD\n  threshold 70%\n  revenue bookings", "")
    assert (one.cap, one.threshold, one.revenue, one.components) == (
        other.cap,
        other.threshold,
        other.revenue,
        other.components,
    )


def test_a_property_of_the_plan_is_replaced_or_removed(tmp_path: Path) -> None:
    first = "  cap 9.00 USD\n  threshold 70%\n  revenue bookings"
    one, other = versions(tmp_path, first, "  remove cap\n  replace threshold 80%\n  remove revenue")
    assert one.cap is not None
    assert one.revenue == "bookings"
    assert (other.cap, other.revenue) == (None, None)
    assert other.threshold * 100 == 80


def test_a_part_of_a_component_is_replaced_added_or_removed(tmp_path: Path) -> None:
    changes = "  replace bonus flat.pays 6.00 USD\n  remove bonus flat.cap\n  add bonus flat.when bookings > 0.00 USD"
    one, other = versions(tmp_path, "", changes)
    before, after = one.components[0], other.components[0]
    assert (len(before.caps), len(before.conditions)) == (1, 0)
    assert (len(after.caps), len(after.conditions)) == (0, 1)
    assert before.pay != after.pay
