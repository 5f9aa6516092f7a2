"""Compare what two checkouts pay: every output file of every project, byte for byte, and the SQL that was made for it.

    python3 -m tests.same_outputs OTHER [--projects plans,docs,cases,benchmarks] [--engine duckdb]

The projects are those of this checkout; OTHER is the folder of another one, such as a worktree of an older commit.
SPM_TEST_DATA names the folder of the published tables; plans without their tables are left out, and told. The exit code is 1
where anything differs.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.generate import generate
from tests.docs.console import build
from tests.projects import case_project
from tests.real_data import data_folder

ROOT = Path(__file__).parents[1]

#: Runs the command line of the checkout in the working folder, and notes all SQL that is written on the way.
_NOTED = """
import sys
from sqlglot import exp
from spmlang.cli.main import main
write, noted = exp.Expression.sql, open(sys.argv.pop(1), "w", encoding="utf-8")
def sql(self, *arguments, **options):
    text = write(self, *arguments, **options)
    print(text, file=noted)
    return text
exp.Expression.sql = sql
sys.exit(main())
"""

#: Orders and payees of the generated company.
_ROWS, _PAYEES = 20_000, 60


@dataclass(frozen=True)
class Project:
    """A project that runs, and its data where these lie elsewhere."""

    name: str
    folder: Path
    data: Path | None = None


def projects(kinds: list[str], scratch: Path) -> Iterator[Project]:
    """The projects of the kinds asked for."""
    finders = {"plans": _plans, "docs": _pages, "cases": _cases, "benchmarks": _benchmarks}
    for kind in kinds:
        yield from finders[kind](scratch)


def _plans(scratch: Path) -> Iterator[Project]:
    for folder in sorted((ROOT / "plans").iterdir()):
        if not (folder / "spm.yaml").is_file():
            continue
        data = data_folder() / folder.name.replace("adventure_works", "adventureworks")
        if (folder / "data").is_dir():
            yield Project(folder.name, folder)
        elif not data.is_dir():
            print(f"left out: {folder.name}, as there is no folder {data}")
        elif (folder / "prepare.py").is_file():
            prepared = scratch / "prepared" / folder.name
            subprocess.run([sys.executable, str(folder / "prepare.py"), str(data), str(prepared)], check=True)
            yield Project(folder.name, folder, prepared)
        else:
            yield Project(folder.name, folder, data)


def _pages(scratch: Path) -> Iterator[Project]:
    for page in sorted((ROOT / "docs").rglob("*.md")):
        folder = scratch / "pages" / page.stem
        folder.mkdir(parents=True, exist_ok=True)
        build(page, folder)
        for settings in sorted(folder.rglob("spm.yaml")):
            yield Project(f"{page.stem}: {settings.parent.relative_to(folder)}", settings.parent)


def _cases(scratch: Path) -> Iterator[Project]:
    for cases in ("engines", "payments"):
        for case in sorted((ROOT / "tests" / cases / "cases").iterdir()):
            yield Project(case.name, case_project(case).write(scratch / cases / case.name))


def _benchmarks(scratch: Path) -> Iterator[Project]:
    generate(scratch / "company", _ROWS, payees=_PAYEES, seed=1, files=1)
    for settings in sorted((ROOT / "tests" / "benchmarks" / "plans").glob("*/spm.yaml")):
        yield Project(f"benchmark {settings.parent.name}", settings.parent, scratch / "company")


def ran(checkout: Path, project: Project, out: Path, engine: str) -> str:
    """Run the project by the code of a checkout; outputs, what was printed and SQL lie in `out`. Returns the exit code."""
    copy = out.parent / "project"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(project.folder, copy, ignore=shutil.ignore_patterns("out"))
    out.mkdir(parents=True)
    asked = ["run", str(copy), "--out", str(out / "outputs"), "--lines", "--verify", "off", "--engine", engine]
    asked += ["--data", str(project.data)] if project.data is not None else []
    done = subprocess.run(
        [sys.executable, "-c", _NOTED, str(out / "sql.txt"), *asked],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    (out / "printed.txt").write_text((done.stdout + done.stderr).replace(str(out.parent), "HERE"), encoding="utf-8")
    return str(done.returncode)


def unlike(one: Path, other: Path) -> list[str]:
    """The files that only one folder has, or that differ."""
    names = {path.relative_to(top).as_posix() for top in (one, other) for path in top.rglob("*") if path.is_file()}
    return [
        name
        for name in sorted(names)
        if not ((one / name).is_file() and (other / name).is_file())
        or not filecmp.cmp(one / name, other / name, shallow=False)
    ]


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path)
    parser.add_argument("--projects", default="plans,docs,cases,benchmarks")
    parser.add_argument("--engine", default="duckdb")
    asked = parser.parse_args()
    compared, refused, found = 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for project in projects(asked.projects.split(","), scratch):
            sides = [scratch / "runs" / side / str(compared) for side in ("own", "other")]
            codes = [
                ran(checkout.resolve(), project, out, asked.engine)
                for checkout, out in zip((ROOT, asked.other), sides, strict=True)
            ]
            compared, refused = compared + 1, refused + (codes[0] != "0")
            differ = [f"exit codes {' and '.join(codes)}"] if codes[0] != codes[1] else unlike(*sides)
            found += bool(differ)
            if differ:
                print(f"{project.name}: {', '.join(differ)}", flush=True)
            for side in sides:
                shutil.rmtree(side)
    print(f"{compared} projects compared, {refused} of them refused by both, {found} differ")
    return 1 if found or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
