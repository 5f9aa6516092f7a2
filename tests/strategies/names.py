"""Draw other names for the things of a random project.

They are words of the SQL that spmlang writes, names of one letter, long names, and names that differ only in their last
letter.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from spmlang.syntax.grammar import reserved_words

from .contract import COLUMNS
from .drawing import Drawing
from .sql_words import sql_words

#: Columns whose names have a meaning: those of the roster, reporting lines, quotas, assignments and owners.
_FIXED = frozenset(["payee", "name", "manager", "period", "target", "amount", "plan", "territory"])

_NAME = r"[a-z][a-z0-9_]*"
_DECLARED = re.compile(rf"\b(?:calendar|table|territory|measure|quota|plan|commission|bonus|spif|draw) ({_NAME})")
#: A text, a comment, or a name. A name behind a point is a column.
_TOKEN = re.compile(rf'"[^"]*"|#.*|(?<![\w.])(?P<name>{_NAME})|(?<=[a-z0-9_])\.(?P<column>{_NAME})')

_LONG = "a_very_long_name_" + 182 * "x"  # 199 letters

#: Headers that are no words.
_HEADERS = [
    "Amount (USD)",
    " amount",
    'C"A',
    '"quoted"',
    "it's",
    "a,b;c",
    "a.b",
    "a:b",
    "`back`",
    "größe",
    "GRÖSSE",
    "売上",
    "сумма",
    "π",
    "%",
    "1",
    "=1+1",
    "null",
    "_row",
    "_file",
    "_key",
    "_cause",
]
_FILES = ["Deals 2025", "it's", 'a "b"', "größe", "売上", "a,b", "a=b", "source", "a.csv", "%20", "p+q"]


@dataclass(frozen=True)
class Names:
    """The names of things and columns, by their plain names.

    Headers and files are keyed by the drawn name of their source.
    """

    things: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def thing(self, name: str) -> str:
        """Return the name of a measure, quota, table, plan, component, source or plan file."""
        return self.things.get(name, name)

    def column(self, name: str) -> str:
        """Return the name of a source's column."""
        return self.columns.get(name, name)

    def plans(self, text: str) -> str:
        """Return plan text with these names."""
        return _TOKEN.sub(self._token, text)

    def _token(self, found: re.Match[str]) -> str:
        if found["column"]:
            return f".{self.column(found['column'])}"
        name = found["name"]
        if not name or name in reserved_words():
            return found[0]
        return self.things.get(name) or self.column(name)

    def contract(self, text: str) -> str:
        """Return the project file with these names."""
        if not self.things:
            return text
        said = yaml.safe_load(text)
        said["roster"], said["managers"] = self.thing(said["roster"]), self.thing(said["managers"])
        said["sources"] = {self.thing(name): self._source(name, source) for name, source in said["sources"].items()}
        return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=1000)

    def _source(self, name: str, said: Mapping[str, object]) -> dict[str, object]:
        own = self.thing(name)
        columns = {}
        for (column, told), header in zip(_pairs(said["columns"]), self.headers[own], strict=True):
            shape = dict(_pairs(told)) if isinstance(told, dict) else {"type": told}
            if "references" in shape:
                shape["references"] = self.thing(str(shape["references"]))
            columns[self.column(column)] = shape if header == self.column(column) else {**shape, "header": header}
        dated = {"dated": {word: self.column(str(column)) for word, column in _pairs(said.get("dated", {}))}}
        key = [self.column(column) for column in said["key"]]  # type: ignore[attr-defined]
        return {**said, "files": self.files[own], "key": key, **(dated if "dated" in said else {}), "columns": columns}

    def plan_files(self, files: Mapping[str, str]) -> dict[str, str]:
        """Return the project file and the plan files with these names."""
        modules = {path.removesuffix(".spm"): text for path, text in files.items() if path.endswith(".spm")}
        named = {f"{self.thing(name)}.spm": self.plans(text) for name, text in modules.items()}
        return {"spm.yaml": self.contract(files["spm.yaml"]), **named}

    def rows(self, source: str, rows: list[str]) -> list[str]:
        """Return the rows of a source, by its plain name.

        Rows of assignments contain names of plans, which are replaced.
        """
        if source != "assignments":
            return rows
        return [",".join([payee, self.thing(plan), *days]) for payee, plan, *days in (row.split(",") for row in rows)]

    def csv(self, source: str, rows: list[str]) -> tuple[str, str]:
        """Return the path and the text of a source, by its drawn name."""
        header = io.StringIO()
        csv.writer(header, lineterminator="").writerow(self.headers.get(source) or COLUMNS[source])
        return self.path(source), "\n".join([header.getvalue(), *rows]) + "\n"

    def path(self, source: str) -> str:
        """Return the file of a source, by its drawn name."""
        return f"data/{self.files.get(source, f'{source}.csv')}"


def _pairs(value: object) -> list[tuple[str, object]]:
    assert isinstance(value, dict)
    return list(value.items())


def other_names(drawing: Drawing, files: Mapping[str, str]) -> Names:
    """Draw other names for some of the things in the files of a project."""
    sources = [path.removeprefix("data/").removesuffix(".csv") for path in files if path.startswith("data/")]
    modules = [path.removesuffix(".spm") for path in files if path.endswith(".spm")]
    text = "\n".join(text for path, text in files.items() if path.endswith(".spm"))
    reserved = reserved_words()
    declared = dict.fromkeys(name for name in [*sources, *modules, *_DECLARED.findall(text)] if name not in reserved)
    words = [word for word in sql_words() if re.fullmatch(_NAME, word)]
    columns = dict.fromkeys(column for source in sources for column in COLUMNS[source] if column not in _FIXED)
    # If a territory's column has the name of the source, plan text means the source.
    kept = frozenset({*COLUMNS, *columns})
    things = _drawn(drawing, list(declared), [word for word in words if word not in reserved], kept)
    called = _drawn(drawing, list(columns), words, _FIXED | {things[source] for source in sources})
    named = {things[source]: [called.get(column, column) for column in COLUMNS[source]] for source in sources}
    headers = {source: _unlike(drawing, own, _header_words(own)) for source, own in named.items()}
    paths = _unlike(drawing, list(named), [*_FILES, *words])
    return Names(things, called, headers, {source: f"{path}.csv" for source, path in zip(named, paths, strict=True)})


def _drawn(drawing: Drawing, names: list[str], words: list[str], kept: frozenset[str] = frozenset()) -> dict[str, str]:
    """Draw a name for each; all are different."""
    taken, found = {*names, *kept, *reserved_words()}, {}
    for name in names:
        other = _other(drawing, name, words)
        found[name] = name if other in taken else other
        taken.add(found[name])
    return found


def _other(drawing: Drawing, name: str, words: list[str]) -> str:
    """Draw a name for one thing.

    It is a letter, one of three names of 200 letters that differ in the last one, a word of SQL alone or joined to the
    name, the name with `_1`, or the name itself.
    """
    kind = drawing.one(["plain", "letter", "word", "word", "word", "joined", "long"])
    match kind:
        case "letter":
            return drawing.one("abcdefghijklmnopqrstuvwxyz")
        case "long":
            return _LONG + drawing.one("abc")
        case "word":
            return drawing.one(words)
        case "joined":
            return drawing.one([f"{name}_{drawing.one(words)}", f"{drawing.one(words)}_{name}", f"{name}_1"])
    return name


def _header_words(columns: list[str]) -> list[str]:
    return [*_HEADERS, *(name.upper() for name in columns), *(name.title() for name in columns), *sql_words()]


def _unlike(drawing: Drawing, plain: list[str], others: list[str]) -> list[str]:
    """Replace some of the texts by others, so that all are different.

    Texts that differ only in case count as different.
    """
    found = list(plain)
    for place in range(len(found)):
        if drawing.chance(50):
            drawn = drawing.one(others)
            found[place] = found[place] if drawn in found else drawn
    return found
