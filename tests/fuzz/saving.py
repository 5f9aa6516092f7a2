"""Save a pair on which engines differ, as a folder that a person can read and run."""

from __future__ import annotations

from pathlib import Path

from .pairs import Difference
from .plans import Data, Plan


def save(folder: Path, plan: Plan, *, data: Data, difference: Difference, engine: str) -> Path:
    """Write the project with its data, and a file that describes the difference."""
    place = folder / f"{plan.seed}-{difference.plan}-{difference.data}"
    project = plan.project(data)
    project.write(place)
    again = f"python -m tests.fuzz --seed {plan.seed} --only {difference.plan}:{difference.data} --engine {engine}"
    asked = f"{plan.request.first.label} to {plan.request.last.label}" + (", with lines" * plan.request.lines)
    text = f"{again}\npay periods {asked}\n\n{difference.said}\n"
    (place / "difference.txt").write_text(text, encoding="utf-8", newline="\n")
    return place
