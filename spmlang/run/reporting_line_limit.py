"""The bound on the length of reporting lines.

A rollup passes a credit to every manager above its payee, so the number of steps up must be limited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.program import Program

#: The most steps up that are followed: in total for all payees, or for each row of the managers table if that is more.
_MOST, _MOST_OF_A_ROW = 10_000_000, 100

_Managers = Mapping[str, set[str]]


def lines_too_long(program: Program, tables: Tables) -> Iterator[Diagnostic]:
    """Yield an error if the reporting lines of the managers table are too long to follow.

    Nothing is checked if no measure has a rollup.
    """
    if program.managers is None or all(measure.rollup is None for measure in program.measures.values()):
        return
    found = tables.arrow(program.managers, ("payee", "manager"))
    managers: dict[str, set[str]] = defaultdict(set)
    for payee, manager in zip(found["payee"].to_pylist(), found["manager"].to_pylist(), strict=True):
        if manager is not None:
            managers[payee].add(manager)
    most = max(_MOST, _MOST_OF_A_ROW * found.num_rows)
    if _at_most(managers, most):
        return
    steps = 0
    longest = ("", 0)
    for payee in managers:
        own = _steps_above(managers, payee, most - steps)
        longest = max(longest, (payee, own), key=lambda item: item[1])
        steps += own
        if steps > most:
            words = {"source": program.managers, "most": most, "payee": longest[0], "steps": longest[1]}
            yield diagnose("run-lines-too-long", None, (), **words)
            return


def _at_most(managers: _Managers, most: int) -> bool:
    """Return True if the reporting lines surely have at most `most` steps, found by one fast search.

    The search counts a step once for each path that leads to it, so the result is an upper bound. It returns False for
    a circle.
    """
    above: dict[str, int] = {}
    trail: list[tuple[str, Iterator[str]]] = []
    for payee in managers:
        on_trail = {payee}
        trail.append((payee, iter(managers[payee])))
        while trail:
            person, others = trail[-1]
            manager = next((other for other in others if other not in above), None)
            if manager is None:
                own = managers.get(person, ())
                above[person] = min(len(own) + sum(above[other] for other in own), most + 1)
                trail.pop()
                on_trail.discard(person)
            elif manager in on_trail:
                return False
            else:
                on_trail.add(manager)
                trail.append((manager, iter(managers.get(manager, ()))))
    return sum(above[payee] for payee in managers) <= most


def _steps_above(managers: _Managers, payee: str, most: int) -> int:
    """Count the steps from an employee to a manager, for `payee` and everyone ever above `payee`.

    Counting stops soon after it exceeds `most`.
    """
    found = {payee}
    waiting = [payee]
    steps = 0
    while waiting and steps <= most:
        own = managers.get(waiting.pop(), ())
        steps += len(own)
        waiting += [manager for manager in own if manager not in found]
        found.update(own)
    return steps
