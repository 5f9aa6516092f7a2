"""The command line: a parser, one module for each command, and the exit codes.

0: done. 1: plans, data or examples are wrong, or a format check failed. 2: the command itself is wrong. 3: the machine
failed (no space, no permission). 130: interrupted. Each command is imported only when it runs, so that `spm --help` is
quick.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import io
import os
import re
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from spmlang.cli import interrupt
from spmlang.run.verification import SAMPLE_ROWS
from spmlang.version import __version__

if TYPE_CHECKING:
    from spmlang.diagnostics.diagnostic import Diagnostic

_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"

_FORMATS = ("text", "json")


def command() -> NoReturn:
    """Run `main` and exit with its code.

    `os._exit` skips the garbage collection of the object graph, which may have a million objects.
    """
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()  # temporary files
    os._exit(code)


#: The message of DuckDB's RuntimeError for Ctrl-C during a query.
_STOPPED = "Query interrupted"


def _is_interrupt(problem: Exception) -> bool:
    """Return whether Ctrl-C caused an exception. Libraries turn a KeyboardInterrupt into exceptions of their own."""
    return interrupt.was_interrupted() or (isinstance(problem, RuntimeError) and str(problem) == _STOPPED)


def _interrupted() -> int:
    print("\ninterrupted; no outputs were written", file=sys.stderr)
    return 130


def _prepare_output(form: str) -> None:
    """Set the encoding of standard output.

    JSON and SARIF are UTF-8 everywhere. In text, letters that the terminal does not have are written as escapes.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        if form in ("json", "sarif"):
            sys.stdout.reconfigure(encoding="utf-8")
        else:
            sys.stdout.reconfigure(errors="backslashreplace")


def main(argv: list[str] | None = None) -> int:
    """Run the command line, and return the exit code."""
    interrupt.listen()
    # Plans and tables are many objects that live to the end. Scanning them repeatedly for garbage takes a fifth of the
    # time.
    gc.set_threshold(100_000, 50, 50)
    arguments = argparse.Namespace(format="text")
    try:
        arguments = _parser().parse_args(argv)
        _prepare_output(arguments.format)
        command = import_module(f"spmlang.cli.{arguments.module}")
        code: int = command.run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        # The reader has closed the pipe (`spm … | head`), so nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as problem:
        if _is_interrupt(problem):
            return _interrupted()
        from spmlang.diagnostics.diagnostic import diagnose

        place = f"{problem.filename}: " if problem.filename else ""
        return _report([diagnose("machine", None, place=place, problem=problem.strerror or problem)], arguments)
    except Exception as problem:
        if _is_interrupt(problem):
            return _interrupted()
        # The test compares names of types, so that a run without errors never imports the catalogue of messages.
        if all(kind.__name__ != "Problems" for kind in type(problem).__mro__):
            raise
        return _report(problem.diagnostics, arguments)  # type: ignore[attr-defined]


def _report(diagnostics: Iterable[Diagnostic], arguments: argparse.Namespace) -> int:
    """Print the errors that stopped a command, and return the exit code, which is never 0."""
    from spmlang.cli.shared import report

    return max(1, report(diagnostics, arguments.format, to_stdout=arguments.format != "text"))


class _Parser(argparse.ArgumentParser):
    """A parser that accepts values with a leading hyphen, such as ids of payees and rows.

    An argument with one hyphen that is no option is a value.
    """

    def _parse_optional(self, arg_string: str) -> Any:
        is_value = re.match(r"-[^-]", arg_string) and arg_string not in self._option_string_actions
        return None if is_value else super()._parse_optional(arg_string)


def _folder(text: str) -> Path:
    """Return a folder named without an option.

    Raises:
        ArgumentTypeError: If the text begins with a hyphen, as options do.
    """
    if text.startswith("-"):
        raise argparse.ArgumentTypeError(f"there is no option {text}; a folder of that name is written ./{text}")
    return Path(text)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = _Parser(
        prog="spm",
        description="Sales compensation plans as text files: checked, run, explained to the cent.",
        epilog="Exit codes: 0 done, 1 plans, data or examples are wrong, 2 wrong usage, 3 trouble with the machine.",
    )
    parser.add_argument("--version", action="version", version=f"spm {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_new(commands)
    _add_check(commands)
    _add_run(commands)
    _add_explain(commands)
    _add_bundle(commands)
    _add_test(commands)
    _add_fmt(commands)
    return parser


def _command(commands: _Commands, name: str, text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text[0].lower() + text[1:].rstrip("."), description=text)
    parser.set_defaults(module=name, format="text")
    return parser


def _project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "project", type=_folder, nargs="?", default=Path(), help="folder of spm.yaml (default: this one)"
    )


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="data folder (default: SPM_DATA, or what spm.yaml says)"
    )


def _format(parser: argparse.ArgumentParser, *more: str) -> None:
    parser.add_argument("--format", choices=[*_FORMATS, *more], default="text", help="how to print (default: text)")


def _engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", choices=["duckdb", "reference", "spark"], default="duckdb", help="default: duckdb")


def _add_new(commands: _Commands) -> None:
    parser = _command(commands, "new", "Start a plan project: a small one that runs, to change.")
    parser.add_argument("folder", type=_folder, help="a folder that does not exist, or is empty")


def _add_check(commands: _Commands) -> None:
    parser = _command(commands, "check", "Check the plans of a project without running them.")
    _project(parser)
    parser.add_argument("--cost", action="store_true", help="also name the statements that cost time in a large run")
    _format(parser, "sarif", "github")


def _add_run(commands: _Commands) -> None:
    parser = _command(commands, "run", "Compute payouts, and what each component costs and brings.")
    _project(parser)
    _data(parser)
    parser.add_argument(
        "--from", dest="first", metavar="PERIOD", help="first pay period (default: the first with data)"
    )
    parser.add_argument("--through", metavar="PERIOD", help="last pay period (default: the last with data)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the outputs go (default: out/PROJECT)")
    parser.add_argument("--lines", action="store_true", help="also write which source row earned which cent")
    parser.add_argument(
        "--partitioned", action="store_true", help="write Parquet as folders by pay period, not as files"
    )
    parser.add_argument(
        "--verify",
        default=str(SAMPLE_ROWS),
        metavar="all|ROWS|off",
        help="how much to compute a second time, by the reference interpreter: what so many rows tell (default: %(default)s)",
    )
    parser.add_argument("--profile", action="store_true", help="also show seconds and rows of every stage")
    parser.add_argument(
        "--reuse", type=Path, metavar="FOLDER", help="remember there what each Parquet file gave, and use it"
    )
    parser.add_argument("--memory", metavar="SIZE", help="what the database may use before it spills, such as 4GB")
    _engine(parser)
    _format(parser)


def _add_explain(commands: _Commands) -> None:
    parser = _command(
        commands,
        "explain",
        "Explain a payee's payouts of a pay period, from the cent to the source rows; or who was credited with one row.",
    )
    _project(parser)
    parser.add_argument("--payee", help="the payee's id on the roster")
    parser.add_argument("--period", help="a pay period such as 2014-01")
    parser.add_argument("--component", help="only this component")
    parser.add_argument(
        "--transaction",
        nargs=2,
        metavar=("SOURCE", "KEY"),
        help="instead of a period: who was credited with this row, and by what; with --payee, or why not",
    )
    _data(parser)
    _engine(parser)
    parser.set_defaults(engine=None, misused=parser.error)
    _format(parser)


def _add_bundle(commands: _Commands) -> None:
    parser = _command(
        commands,
        "bundle",
        "Write a small project that shows a payee's pay of a period, with names and texts replaced, to send to another person.",
    )
    _project(parser)
    parser.add_argument("--payee", help="the payee's id on the roster (default: whose pay differs in a run)")
    parser.add_argument("--period", help="a pay period such as 2014-01")
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="a folder that does not exist yet")
    _data(parser)
    _engine(parser)
    parser.set_defaults(misused=parser.error)


def _add_test(commands: _Commands) -> None:
    parser = _command(commands, "test", "Evaluate the examples written beside the plans.")
    _project(parser)
    _format(parser)


def _add_fmt(commands: _Commands) -> None:
    parser = _command(commands, "fmt", "Bring plan files into the one layout.")
    parser.add_argument(
        "paths", nargs="*", default=["."], help="files and folders; - reads standard input (default: .)"
    )
    parser.add_argument("--check", action="store_true", help="only say which files would change")
    parser.add_argument("--diff", action="store_true", help="only show what would change")


if __name__ == "__main__":
    command()
