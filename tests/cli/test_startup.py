"""A command imports what it needs, and no more: that is most of what its start takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("duckdb", "numpy", "pandas", "pyarrow", "sqlglot", "rich", "jinja2", "pyspark")


def imported(*command: str) -> set[str]:
    """The top-level modules that a command has imported when it is done."""
    program = (
        "import sys; from spmlang.cli.main import main\n"
        "try: code = main(sys.argv[1:])\n"
        "except SystemExit as end: code = end.code\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_help_imports_neither_the_parser_nor_the_project_file() -> None:
    assert not imported("--help") & {*HEAVY, "lark", "pydantic", "yaml", "tomllib"}


@pytest.mark.parametrize("project", ["trailhead_outdoor", "online_retail"])
def test_check_imports_nothing_that_reads_data(project: str) -> None:
    imported("check", f"plans/{project}")  # the first time the parse tables may be made
    assert not imported("check", f"plans/{project}") & {*HEAVY, "lark"}
