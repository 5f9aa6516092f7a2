"""What every pass of the model shares: the project, the declared names, who may see whom, and the problems found."""

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

#: How many declarations may follow each other, each of which needs the next one.
LONGEST_CHAIN = 50
#: Components of all plan versions, with those that versions take over and templates put in.
MOST_COMPONENTS = 50_000


class TooManyProblems(Exception):
    """The check goes no further: what is found so far is enough."""


@dataclass
class Context:
    """The declarations of all files by name, with the types that later passes ask for.

    `lost` are names whose declarations could not be read: never called unknown. `broken` are those of which a mistake was
    reported already: "component base", "quota bookings", "plan rep" (a statement was cut out of one of its versions),
    "twice bookings" (declared twice), "file …" (a `use` that is missing). `unread` are the places of what could not be read:
    nothing is concluded from what is missing around them. `asked` are the keys that tables are asked with: the table's name, the
    number of the key, and the key. `visible` maps a file's path to the paths it may see (itself and
    what it uses).
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
        """Declared sources."""
        return self.project.contracts

    def report(self, slug: str, where: Span | None, why: Iterable[Label] = (), **words: object) -> None:
        """Note a problem, once for a place: an inherited statement is checked in every version but said once."""
        self._note(diagnose(slug, where, why, **words))

    def report_mended(
        self, fix: Fix | None, slug: str, where: Span, why: Iterable[Label] = (), **words: object
    ) -> None:
        """The same with the edit that mends it."""
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
        """The declared source of that name; reports an unknown one."""
        contract = self.contracts.get(name.text)
        if contract is None:
            self.unknown("source", name, self.contracts)
        return contract

    def measure(self, name: ast.Name) -> Type | None:
        """The type of a measure; reports an unknown one, or one whose file is not used."""
        declared = self.measures.get(name.text)
        if declared is None:
            self.unknown("measure", name, self.measures)
            return None
        self.sees(name, "measure", declared.name.span)
        return self.measure_types.get(name.text)

    def table(self, name: ast.Name) -> Table | None:
        """The table of that name; reports an unknown one, or one whose file is not used."""
        declared = self.tables.get(name.text)
        if declared is None:
            self.unknown("table", name, self.tables)
            return None
        self.sees(name, "table", declared.name.span)
        return self.known_tables.get(name.text)

    def sees(self, name: ast.Name, kind: str, declared: Span) -> None:
        """Report a name whose file the asking file does not use; not where two files declare it."""
        asking, holding = name.span.source.path, declared.source.path
        if f"twice {name.text}" in self.broken or f"file {asking}: {holding}" in self.broken:
            return
        if holding not in self.visible.get(asking, {holding}):
            self.broken |= {f"file {asking}: {path}" for path in self.visible.get(holding, ())}
            module = module_name(holding, asking)
            why = [Label(declared, f"{kind} `{name.text}` is declared here")]
            self.report("not-used-file", name.span, why, kind=kind, name=name.text, module=module)

    def no_quota(self, name: str, where: Span) -> None:
        """Report a measure without a quota: once, and not where there is one that was not understood."""
        if name not in self.lost and not self.broken & {f"quota {name}", "quota of an unknown measure"}:
            self.report("no-quota", where, name=name)
            self.broken.add(f"quota {name}")

    def is_too_long(self, chain: Sized, where: Span) -> bool:
        """True for a chain of declarations that is too long to be followed, which is reported."""
        if len(chain) <= LONGEST_CHAIN:
            return False
        self.report("too-large", where, what=f"more than {LONGEST_CHAIN} declarations need each other in a row")
        return True

    def count_components(self, more: int, where: Span) -> None:
        """Count components of a plan version. Raises TooManyProblems beyond the most."""
        self.components += more
        if self.components > MOST_COMPONENTS:
            self.report(
                "too-large", where, what=f"versions and templates make more than {MOST_COMPONENTS:,} components"
            )
            raise TooManyProblems

    def is_damaged(self, block: Span) -> bool:
        """True where something within the block could not be read."""
        return any(
            place.source.path == block.source.path and block.start <= place.start <= block.end for place in self.unread
        )

    def unknown(self, kind: str, name: ast.Name, known: Iterable[str]) -> None:
        """Report a name that nothing declares, with the nearest known one."""
        if name.text not in self.lost:
            declared = sorted(set(known))
            hint = did_you_mean(name.text, declared)
            if not hint and declared:
                hint = f" There is {listed(declared)}."
            self.report("unknown-name", name.span, kind=kind, name=name.text, hint=hint)

    def unknown_component(self, plan: str, name: ast.Name, known: Iterable[str], kind: str = "component") -> None:
        """Report a component that a plan does not have; not where it may have had it before something was cut out."""
        if f"component {name.text}" not in self.broken and f"plan {plan}" not in self.broken:
            self.unknown(kind, name, known)


def every(statements: Iterable[ast.Statement], kind: type[S]) -> list[S]:
    """The statements of a kind."""
    return [statement for statement in statements if isinstance(statement, kind)]


def single(context: Context, statements: Iterable[ast.Statement], kind: type[S]) -> S | None:
    """The statement of a kind, which may stand once in a block; reports a second one."""
    found = every(statements, kind)
    for extra in found[1:]:
        context.report("said-twice", extra.span, [Label(found[0].span, "it is said here first")])
    return found[0] if found else None


def label_of(context: Context, statements: Iterable[ast.Statement], name: str) -> str:
    """The block's label, or its name in words."""
    label = single(context, statements, ast.Label)
    return label.text if label else name.replace("_", " ").capitalize()
