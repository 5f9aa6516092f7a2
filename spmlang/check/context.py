"""The state that all passes of the check share.

It holds the project, the declared names, the files that each file may use, and the problems found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from typing import TypeVar

from spmlang.diagnostics.diagnostic import MOST_PROBLEMS, Diagnostic, Fix, Label, diagnose
from spmlang.diagnostics.text import Span
from spmlang.program.expressions import Expr, Table
from spmlang.program.types import Type
from spmlang.project.contract import Contract, Project
from spmlang.syntax import ast
from spmlang.values.calendar import Calendar

S = TypeVar("S", bound=ast.Ast)

#: The most declarations in a chain in which each one needs the next.
LONGEST_CHAIN = 50
#: The most components of all plan versions, including those inherited by versions and inserted by templates.
MOST_COMPONENTS = 50_000


class TooManyProblems(Exception):
    """A signal to end the check, because enough problems have been found."""


@dataclass(kw_only=True)
class Context:
    """The declarations of all files by name, and the results of earlier passes.

    Attributes:
        undeclared_after_error: Names whose declarations could not be read. They are never reported as unknown.
        visible: For each file's path the paths it may see: its own, and those it uses.
        unparsed: The places of text that could not be read. No problem is concluded from something missing around them.
        failed: Names with a mistake that was already reported: "component base", "quota bookings", "plan rep" (a
            statement was cut out of one of its versions), "twice bookings" (declared twice), "file …" (a `use` is
            missing).
        table_keys: The keys that tables are looked up with: the table's name, the number of the dimension, and the key.
        reported: The code and place of each problem already reported.
    """

    project: Project
    calendar: Calendar | None = None
    measures: dict[str, ast.Measure] = field(default_factory=dict)
    territories: dict[str, ast.Territory] = field(default_factory=dict)
    tables: dict[str, ast.Table] = field(default_factory=dict)
    quotas: dict[str, ast.Quota] = field(default_factory=dict)
    templates: dict[str, ast.Template] = field(default_factory=dict)
    plans: list[ast.Plan] = field(default_factory=list)
    examples: list[ast.Example] = field(default_factory=list)
    undeclared_after_error: set[str] = field(default_factory=set)
    visible: dict[str, frozenset[str]] = field(default_factory=dict)
    measure_types: dict[str, Type] = field(default_factory=dict)
    known_tables: dict[str, Table] = field(default_factory=dict)
    unparsed: tuple[Span, ...] = ()
    failed: set[str] = field(default_factory=set)
    table_keys: list[tuple[str, int, Expr]] = field(default_factory=list)
    reported: set[tuple[str, str, int, int]] = field(default_factory=set)
    problems: list[Diagnostic] = field(default_factory=list)
    components: int = 0

    @property
    def contracts(self) -> dict[str, Contract]:
        """The declared sources by name."""
        return self.project.contracts

    def report(self, slug: str, where: Span | None, why: Iterable[Label] = (), **words: object) -> None:
        """Note a problem, once for each place.

        An inherited statement is checked in every version, but its problem is reported once.

        Args:
            slug: The code of the message.
            where: The place, if there is one.
            why: Other places that explain the problem.
            words: The values of the message's placeholders.

        Raises:
            TooManyProblems: More problems than the limit were found.
        """
        self._note(diagnose(slug, where, why, **words))

    def report_mended(
        self, fix: Fix | None, slug: str, where: Span, why: Iterable[Label] = (), **words: object
    ) -> None:
        """Note a problem like `report`, with the edit that repairs it."""
        self._note(diagnose(slug, where, why, **words).mended_by(fix))

    def _note(self, problem: Diagnostic) -> None:
        where = problem.where if isinstance(problem.where, Span) else None
        place = (problem.slug, where.source.path, where.start, where.end) if where else (problem.slug, "", 0, 0)
        if place not in self.reported:
            self.reported.add(place)
            self.problems.append(problem)
            if len(self.problems) > MOST_PROBLEMS:
                raise TooManyProblems

    def is_too_long(self, chain: Sized, where: Span) -> bool:
        """Return True, and report it, if a chain of declarations is too long to be followed."""
        if len(chain) <= LONGEST_CHAIN:
            return False
        self.report("too-large", where, what=f"more than {LONGEST_CHAIN} declarations need each other in a row")
        return True

    def count_components(self, more: int, where: Span) -> None:
        """Add to the number of components. Raises TooManyProblems beyond the limit."""
        self.components += more
        if self.components > MOST_COMPONENTS:
            self.report(
                "too-large", where, what=f"versions and templates make more than {MOST_COMPONENTS:,} components"
            )
            raise TooManyProblems

    def is_damaged(self, block: Span) -> bool:
        """Return True if some text within the block could not be read."""
        return any(
            place.source.path == block.source.path and block.start <= place.start <= block.end
            for place in self.unparsed
        )


def statements_of(statements: Iterable[ast.Statement], kind: type[S]) -> list[S]:
    """Return the statements of a kind."""
    return [statement for statement in statements if isinstance(statement, kind)]


def only_statement(context: Context, statements: Iterable[ast.Statement], kind: type[S]) -> S | None:
    """Return the statement of a kind that is allowed once in a block; report a second one."""
    found = statements_of(statements, kind)
    for extra in found[1:]:
        context.report("said-twice", extra.span, [Label(found[0].span, "it is said here first")])
    return found[0] if found else None


def label_of(context: Context, statements: Iterable[ast.Statement], name: str) -> str:
    """Return the block's label, or its name in words."""
    label = only_statement(context, statements, ast.Label)
    return label.text if label else name.replace("_", " ").capitalize()
