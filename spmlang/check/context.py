"""The state that all passes of the check share.

It holds the project, the declared names, the files that each file may use, and the problems found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from typing import TypeVar

from spmlang.diagnostics.diagnostic import MOST_PROBLEMS, Diagnostic, Fix, Label, diagnose
from spmlang.diagnostics.suggest import did_you_mean, listed
from spmlang.diagnostics.text import Span
from spmlang.program.expressions import Expr, Table
from spmlang.program.types import Type
from spmlang.project.contract import Contract, Project
from spmlang.syntax import ast
from spmlang.values.calendar import Calendar

from .files import module_name

S = TypeVar("S", bound=ast.Ast)

#: The most declarations in a chain in which each one needs the next.
LONGEST_CHAIN = 50
#: The most components of all plan versions, including those inherited by versions and inserted by templates.
MOST_COMPONENTS = 50_000


class TooManyProblems(Exception):
    """A signal to end the check, because enough problems have been found."""


@dataclass
class Context:
    """The declarations of all files by name, and the results of earlier passes.

    Attributes:
        lost: Names whose declarations could not be read. They are never reported as unknown.
        visible: For each file's path the paths it may see: its own, and those it uses.
        unread: The places of text that could not be read. No problem is concluded from something missing around them.
        broken: Names with a mistake that was already reported: "component base", "quota bookings", "plan rep" (a
            statement was cut out of one of its versions), "twice bookings" (declared twice), "file …" (a `use` is
            missing).
        asked: The keys that tables are looked up with: the table's name, the number of the dimension, and the key.
        said: The code and place of each problem already reported.
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
    lost: set[str] = field(default_factory=set)
    visible: dict[str, frozenset[str]] = field(default_factory=dict)
    measure_types: dict[str, Type] = field(default_factory=dict)
    known_tables: dict[str, Table] = field(default_factory=dict)
    unread: tuple[Span, ...] = ()
    broken: set[str] = field(default_factory=set)
    asked: list[tuple[str, int, Expr]] = field(default_factory=list)
    said: set[tuple[str, str, int, int]] = field(default_factory=set)
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
        if place not in self.said:
            self.said.add(place)
            self.problems.append(problem)
            if len(self.problems) > MOST_PROBLEMS:
                raise TooManyProblems

    def source(self, name: ast.Name) -> Contract | None:
        """Return the declared source of this name, or report an unknown name."""
        contract = self.contracts.get(name.text)
        if contract is None:
            self.unknown("source", name, self.contracts)
        return contract

    def measure(self, name: ast.Name) -> Type | None:
        """Return the type of a measure; report an unknown measure, or one whose file is not used."""
        declared = self.measures.get(name.text)
        if declared is None:
            self.unknown("measure", name, self.measures)
            return None
        self.sees(name, "measure", declared.name.span)
        return self.measure_types.get(name.text)

    def table(self, name: ast.Name) -> Table | None:
        """Return a table by name; report an unknown table, or one whose file is not used."""
        declared = self.tables.get(name.text)
        if declared is None:
            self.unknown("table", name, self.tables)
            return None
        self.sees(name, "table", declared.name.span)
        return self.known_tables.get(name.text)

    def sees(self, name: ast.Name, kind: str, declared: Span) -> None:
        """Report a name that is declared in a file which the reading file does not use.

        A name that is declared in two files is not reported. An unused file is reported once, also for the files that
        it uses itself.
        """
        asking, holding = name.span.source.path, declared.source.path
        if f"twice {name.text}" in self.broken or f"file {asking}: {holding}" in self.broken:
            return
        if holding not in self.visible.get(asking, {holding}):
            self.broken |= {f"file {asking}: {path}" for path in self.visible.get(holding, ())}
            module = module_name(holding, asking)
            why = [Label(declared, f"{kind} `{name.text}` is declared here")]
            self.report("not-used-file", name.span, why, kind=kind, name=name.text, module=module)

    def no_quota(self, name: str, where: Span) -> None:
        """Report a measure without a quota, once; not if a quota for it could not be read."""
        if name not in self.lost and not self.broken & {f"quota {name}", "quota of an unknown measure"}:
            self.report("no-quota", where, name=name)
            self.broken.add(f"quota {name}")

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
            place.source.path == block.source.path and block.start <= place.start <= block.end for place in self.unread
        )

    def unknown(self, kind: str, name: ast.Name, known: Iterable[str]) -> None:
        """Report an undeclared name, with the most similar declared one."""
        if name.text not in self.lost:
            declared = sorted(set(known))
            hint = did_you_mean(name.text, declared)
            if not hint and declared:
                hint = f" There is {listed(declared)}."
            self.report("unknown-name", name.span, kind=kind, name=name.text, hint=hint)

    def unknown_component(self, plan: str, name: ast.Name, known: Iterable[str], kind: str = "component") -> None:
        """Report a component that a plan does not have; not if it may be missing because a statement was cut out."""
        if f"component {name.text}" not in self.broken and f"plan {plan}" not in self.broken:
            self.unknown(kind, name, known)


def every(statements: Iterable[ast.Statement], kind: type[S]) -> list[S]:
    """Return the statements of a kind."""
    return [statement for statement in statements if isinstance(statement, kind)]


def single(context: Context, statements: Iterable[ast.Statement], kind: type[S]) -> S | None:
    """Return the statement of a kind that is allowed once in a block; report a second one."""
    found = every(statements, kind)
    for extra in found[1:]:
        context.report("said-twice", extra.span, [Label(found[0].span, "it is said here first")])
    return found[0] if found else None


def label_of(context: Context, statements: Iterable[ast.Statement], name: str) -> str:
    """Return the block's label, or its name in words."""
    label = single(context, statements, ast.Label)
    return label.text if label else name.replace("_", " ").capitalize()
