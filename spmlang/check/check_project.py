"""Build one typed, checked program from the project file and the plan files."""

from __future__ import annotations

from collections.abc import Mapping

from spmlang.diagnostics.diagnostic import MOST_PROBLEMS, Diagnostic, Label, Severity, diagnose, errors
from spmlang.diagnostics.text import Span
from spmlang.program.program import Program
from spmlang.project.contract import Project
from spmlang.syntax import ast
from spmlang.values.calendar import Calendar, Grain

from .context import Context, TooManyProblems, only_statement
from .examples import build_examples
from .files import PlanFiles, read_plan_files
from .impossible_texts import tables_agree_with_contracts
from .measures import build_measures
from .number_size import warn_of_overflow
from .plans import build_plans
from .tables import build_tables
from .territories import build_territories

_PAY = {"monthly": Grain.MONTH, "quarterly": Grain.QUARTER, "yearly": Grain.YEAR}


def build_program(project: Project) -> tuple[Program | None, list[Diagnostic]]:
    """Build the program, and return it with all diagnostics, warnings last, in the order of their places.

    The program is None if there are errors.
    """
    files = read_plan_files(project)
    context = Context(project=project, visible=files.visible, problems=list(files.problems))
    context.unparsed = tuple(problem.where for problem in files.problems if isinstance(problem.where, Span))
    try:
        program = _build(context, files)
    except TooManyProblems:
        context.problems.append(diagnose("check-too-many", None, most=MOST_PROBLEMS))
        program = None
    problems = [*context.problems, *(warn_of_overflow(program) if program is not None else ())]
    problems.sort(key=_place)
    return (None if errors(problems) else program), problems


def _build(context: Context, files: PlanFiles) -> Program | None:
    """Build the program; None without a calendar or a roster. Raises TooManyProblems."""
    project = context.project
    calendars: list[ast.Calendar] = []
    for file in files.files.values():
        context.undeclared_after_error.update(file.undeclared_after_error)
        for item in file.items:
            _declare(context, calendars, item)
    context.calendar = _calendar(context, calendars, is_whole=not files.problems)
    context.known_tables = build_tables(context)
    territories = build_territories(context)
    measures = build_measures(context)
    plans = build_plans(context)
    examples = build_examples(context, plans)
    tables_agree_with_contracts(context)
    if project.roster is None:
        context.report("no-roster", project.span)
    if context.calendar is None or project.roster is None:
        return None
    return Program(
        name=project.name,
        calendar=context.calendar,
        contracts=project.contracts,
        roster=project.roster,
        managers=project.managers,
        measures=measures,
        territories=territories,
        plans=plans,
        examples=examples,
        files=files.texts,
        root=project.root,
    )


def _place(problem: Diagnostic) -> tuple[bool, str, int]:
    where = problem.where
    severe = problem.severity is Severity.WARNING
    return (severe, where.source.path, where.start) if isinstance(where, Span) else (severe, "", 0)


def _declare(context: Context, calendars: list[ast.Calendar], item: ast.TopLevel) -> None:
    match item:
        case ast.Calendar():
            calendars.append(item)
        case ast.Measure():
            _declare_once(context, context.measures, item)
        case ast.Territory():
            _declare_once(context, context.territories, item)
        case ast.Table():
            _declare_once(context, context.tables, item)
        case ast.Quota():
            _declare_once(context, context.quotas, item)
        case ast.Template():
            _declare_once(context, context.templates, item)
        case ast.Plan():
            if item.damaged:
                context.failed.add(f"plan {item.name.text}")
            context.plans.append(item)
        case ast.Example():
            context.examples.append(item)


def _declare_once(context: Context, known: Mapping[str, ast.Declaration], item: ast.Declaration) -> None:
    first = known.get(item.name.text)
    if first is not None:
        why = [Label(first.name.span, "it is declared here first")]
        context.report("declared-twice", item.name.span, why, name=item.name.text)
        context.failed.add(f"twice {item.name.text}")
        return
    known[item.name.text] = item  # type: ignore[index]


def _calendar(context: Context, calendars: list[ast.Calendar], is_whole: bool) -> Calendar | None:
    """Build the project's calendar.

    A missing calendar is reported only if all files were read without a problem (`is_whole`), because an unread part
    may declare it.
    """
    if not calendars:
        if is_whole:
            context.report("no-calendar", context.project.span)
        return None
    for extra in calendars[1:]:
        why = [Label(calendars[0].name.span, "it is declared here first")]
        context.report("calendar-twice", extra.name.span, why)
    node = calendars[0]
    starts = only_statement(context, node.statements, ast.YearStarts)
    pay = only_statement(context, node.statements, ast.PayFrequency)
    weeks = only_statement(context, node.statements, ast.Weeks)
    if not _year_and_weeks_agree(context, node, starts, weeks):
        return None
    return Calendar(
        name=node.name.text,
        pay=_PAY[pay.word] if pay else Grain.MONTH,
        month=starts.month if starts else 1,
        day=starts.day if starts else 1,
        weeks=weeks.pattern if weeks else None,
        weekday=starts.weekday if starts else None,
    )


def _year_and_weeks_agree(
    context: Context, node: ast.Calendar, starts: ast.YearStarts | None, weeks: ast.Weeks | None
) -> bool:
    """Return True if the start of the year is a day and the weeks form a calendar; report anything else."""
    if starts is not None and not _is_day(starts):
        context.report("no-year-start", starts.span, found=starts.span.text.removeprefix("year starts").strip())
        return False
    if weeks is not None and sorted(weeks.pattern) != [4, 4, 5]:
        context.report("weeks-pattern", weeks.span, found="-".join(map(str, weeks.pattern)), weeks=sum(weeks.pattern))
        return False
    weekday = starts is not None and starts.weekday is not None
    if weekday != (weeks is not None):
        if node.damaged:
            return False
        if weeks is not None:
            context.report("weeks-without-weekday", weeks.span)
        elif starts is not None:
            context.report("weeks-and-weekday", starts.span)
        return False
    return True


def _is_day(starts: ast.YearStarts) -> bool:
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    return 1 <= starts.day <= longest.get(starts.month, 31)
