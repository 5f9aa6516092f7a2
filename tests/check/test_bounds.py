"""A few lines can stand for very much: the check of any project ends within seconds."""

from pathlib import Path
from time import process_time

import pytest

from spmlang.run.open import check_project
from tests.projects import case_project

CASE = Path(__file__).parents[1] / "engines" / "cases" / "version_in_mid_period"
HEAD = 'plan x version 1 {\n  effective from 2025-01-01\n  for payee.payee == "x"\n  currency USD\n'


def bonus(name: str, pays: str, grain: str = "month") -> str:
    return f"  bonus {name} {{\n    each {grain}\n    pays {pays}\n  }}\n"


TEXTS = {
    "too-large chain": HEAD
    + bonus("a0", "1.00 USD")
    + "".join(bonus(f"a{number}", f"earning of a{number - 1}") for number in range(400, 0, -1))
    + "}\n",
    "too-large template": "template t(p) {\n"
    + "".join(bonus(f"b{number}", "p") for number in range(300))
    + "}\n"
    + "".join(HEAD.replace("plan x", f"plan x{number}") + "  apply t(p = 1.00 USD)\n}\n" for number in range(300)),
    "too-large table": "table t {\n"
    + "  "
    + ", ".join(f'"{key}"' for key in range(8))
    + " : 1%\n"
    + "".join("  " + ", ".join(f'"{row}-{key}"' for key in range(8)) + " : 1%\n" for row in range(20))
    + "}\n",
    "check-too-many": HEAD + "".join(bonus(f"b{number}", f"nothing_{number}") for number in range(3_000)) + "}\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_stands_for_too_much_is_told(name: str, tmp_path: Path) -> None:
    folder = case_project(CASE).write(tmp_path)
    (folder / "more.spm").write_text(TEXTS[name])
    start = process_time()
    opened, problems = check_project(folder)
    assert process_time() - start < 30
    assert opened is None
    assert name.split()[0] in {problem.slug for problem in problems}
