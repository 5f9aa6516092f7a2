"""Other names for what a random project names: words of our SQL, one letter, 200 letters, alike but for the last letter."""

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

#: Columns that say by their names what they are for: of the roster, reporting lines, quotas, assignments and owners.
_FIXED = frozenset(["payee", "name", "manager", "period", "target", "amount", "plan", "territory"])

_NAME = r"[a-z][a-z0-9_]*"
_DECLARED = re.compile(rf"\b(?:calendar|table|territory|measure|quota|plan|commission|bonus|spif|draw) ({_NAME})")
#: A text, a comment, or a name; what follows a point is a column.
_TOKEN = re.compile(rf'"[^"]*"|#.*|(?<![\w.])(?P<name>{_NAME})|(?<=[a-z0-9_])\.(?P<column>{_NAME})')

_LONG = "a_very_long_name_" + 182 * "x"  # 199 letters

#: What a header may be, besides words.
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
    """What things and columns are called, by their plain names; headers and files of sources, by the source's own name."""

    things: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def thing(self, name: str) -> str:
        """What a measure, quota, table, plan, component, source or file of plans is called."""
        return self.things.get(name, name)

    def column(self, name: str) -> str:
        """What a column of a source is called."""
        return self.columns.get(name, name)

    def plans(self, text: str) -> str:
        """Plan text with these names."""
        return _TOKEN.sub(self._token, text)

    def _token(self, found: re.Match[str]) -> str:
        if found["column"]:
            return f".{self.column(found['column'])}"
        name = found["name"]
        if not name or name in reserved_words():
            return found[0]
        return self.things.get(name) or self.column(name)

    def contract(self, text: str) -> str:
        """The project file with these names."""
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
        """The project file and the files of plans with these names."""
        modules = {path.removesuffix(".spm"): text for path, text in files.items() if path.endswith(".spm")}
        named = {f"{self.thing(name)}.spm": self.plans(text) for name, text in modules.items()}
        return {"spm.yaml": self.contract(files["spm.yaml"]), **named}

    def rows(self, source: str, rows: list[str]) -> list[str]:
        """The rows of a source of that plain name; those of assignments name plans."""
        if source != "assignments":
            return rows
        return [",".join([payee, self.thing(plan), *days]) for payee, plan, *days in (row.split(",") for row in rows)]

    def csv(self, source: str, rows: list[str]) -> tuple[str, str]:
        """The path and the text of a source, by its own name."""
        header = io.StringIO()
        csv.writer(header, lineterminator="").writerow(self.headers.get(source) or COLUMNS[source])
        return self.path(source), "\n".join([header.getvalue(), *rows]) + "\n"

    def path(self, source: str) -> str:
        """The file of a source, by its own name."""
        return f"data/{self.files.get(source, f'{source}.csv')}"


def _pairs(value: object) -> list[tuple[str, object]]:
    assert isinstance(value, dict)
    return list(value.items())


def other_names(drawing: Drawing, files: Mapping[str, str]) -> Names:
    """Other names for some of what the files of a project name."""
    sources = [path.removeprefix("data/").removesuffix(".csv") for path in files if path.startswith("data/")]
    modules = [path.removesuffix(".spm") for path in files if path.endswith(".spm")]
    text = "\n".join(text for path, text in files.items() if path.endswith(".spm"))
    reserved = reserved_words()
    declared = dict.fromkeys(name for name in [*sources, *modules, *_DECLARED.findall(text)] if name not in reserved)
    words = [word for word in sql_words() if re.fullmatch(_NAME, word)]
    columns = dict.fromkeys(column for source in sources for column in COLUMNS[source] if column not in _FIXED)
    # Where a territory's column has the name of the source, its text means the source.
    kept = frozenset({*COLUMNS, *columns})
    things = _drawn(drawing, list(declared), [word for word in words if word not in reserved], kept)
    called = _drawn(drawing, list(columns), words, _FIXED | {things[source] for source in sources})
    named = {things[source]: [called.get(column, column) for column in COLUMNS[source]] for source in sources}
    headers = {source: _unlike(drawing, own, _header_words(own)) for source, own in named.items()}
    paths = _unlike(drawing, list(named), [*_FILES, *words])
    return Names(things, called, headers, {source: f"{path}.csv" for source, path in zip(named, paths, strict=True)})


def _drawn(drawing: Drawing, names: list[str], words: list[str], kept: frozenset[str] = frozenset()) -> dict[str, str]:
    """A name for each, all unlike."""
    taken, found = {*names, *kept, *reserved_words()}, {}
    for name in names:
        other = _other(drawing, name, words)
        found[name] = name if other in taken else other
        taken.add(found[name])
    return found


def _other(drawing: Drawing, name: str, words: list[str]) -> str:
    """One letter, or two as long as any; a word of SQL, alone or at the end of another name; or as before."""
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
    """Others for some of them, all unlike, also to those that stay; what differs in case alone is unlike."""
    found = list(plain)
    for place in range(len(found)):
        if drawing.chance(50):
            drawn = drawing.one(others)
            found[place] = found[place] if drawn in found else drawn
    return found
