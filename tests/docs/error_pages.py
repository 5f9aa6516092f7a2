"""A page for every message, made from the catalogue of messages."""

from __future__ import annotations

import re
import textwrap
from string import Formatter

from spmlang.diagnostics.diagnostic import Severity, Wording, catalogue

#: What the first digit of a code says.
GROUPS = {
    "0": ("The project file", "Messages about `spm.yaml`: [the project file](../project-file.md)."),
    "1": ("How plan text is written", "Messages about words, signs and lines: [the language](../language.md)."),
    "2": (
        "Names",
        "Messages about names, and about the files that declare them: [files and `use`](../language.md#files-and-use).",
    ),
    "3": (
        "Kinds of values",
        "Messages about values of different kinds: [values](../language.md#values-and-calculations).",
    ),
    "4": (
        "Time, tables and structure",
        "Messages about parts of a plan that contradict each other: [the language](../language.md).",
    ),
    "5": (
        "Data",
        "Messages about rows that break their contract: [the rules of the data](../project-file.md#what-data-must-be-like).",
    ),
    "6": ("The run", "Messages about values that the data lacks, and about examples."),
    "8": (
        "Plans as a whole",
        "Messages about several declarations together, and about the cost of a run: [plans](../language.md#plans).",
    ),
    "7": ("Commands", "Messages about commands: [outputs and commands](../outputs.md)."),
}

#: Fields that the program fills with a whole sentence of its own, or with nothing.
_SENTENCES = ("hint",)


def wordings() -> list[Wording]:
    """Every message, in the order of the codes."""
    return sorted(catalogue().values(), key=lambda wording: wording.code)


def page(wording: Wording) -> str:
    """The page of one message."""
    parts = [
        f"# {wording.code}: {wording.title}",
        f"> **{wording.severity}**: {shown(wording.message)}",
        f"**What to do.** {shown(wording.remedy) or 'The message itself says what to write.'}",
        wording.explain.strip(),
    ]
    if wording.severity is Severity.WARNING:
        parts.append("This is a warning: it does not stop a run.")
    parts.append("[All messages](README.md)")
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """The table of all messages."""
    lines = [
        "# Messages",
        "",
        "Every message of `spm` has a code that never changes. Its page explains the mistake and its remedy.",
        "On the pages, ‹…› marks a name or value of your project.",
        "",
    ]
    for digit, (title, words) in GROUPS.items():
        lines += [
            f"## SPM{digit}: {title[0].lower()}{title[1:]}",
            "",
            words,
            "",
            "| code | title | message |",
            "|---|---|---|",
        ]
        for wording in wordings():
            if wording.code[3] == digit:
                message = shown(wording.message).replace("|", "\\|")
                lines.append(f"| [{wording.code}]({wording.code}.md) | {wording.title} | {message} |")
        lines.append("")
    lines += ["[The other pages](../README.md)"]
    return "\n".join(lines) + "\n"


def shown(template: str) -> str:
    """A format string as a reader sees it: a field `{name}` is ‹name›."""
    words = []
    for text, name, _, _ in Formatter().parse(template):
        words.append(text)
        if name is not None and name not in _SENTENCES:
            words.append(f"‹{name.replace('_', ' ')}›")
    return re.sub(r"  +", " ", "".join(words)).strip()


def snippets(wording: Wording, language: str) -> list[str]:
    """The snippets of that language in a message's explanation."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", wording.explain, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(text) for text in found]
