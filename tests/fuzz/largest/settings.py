"""The worst spm.yaml files: many entries, deep, long and wrong."""

from __future__ import annotations

from itertools import count

from .making import CHECK, RUN, SETTINGS, Case, Files, filled, instead, many, project

_SOURCE = "  s{0}:\n    files: s{0}.csv\n    key: [a]\n    columns: {{a: text}}\n"
_COLUMN = "      amount: {type: money, currency: USD}\n"
_DEEP = "  deep: "


def _sources(size: int, form: str) -> Files:
    return project(spm_yaml=SETTINGS + filled(size, many(form)))


def _more_columns(size: int, form: str) -> Files:
    return instead(_COLUMN, _COLUMN + filled(size, many(form)))


CASES = [
    Case("settings: columns", lambda n: _more_columns(n, "      c{0}: text\n"), CHECK, 990_000),
    Case("settings: bad columns", lambda n: _more_columns(n, "      c{0}: texte\n"), CHECK, 990_000),
    Case("settings: bad names", lambda n: _more_columns(n, "      C {0}: text\n"), CHECK, 990_000),
    Case("settings: a key twice", lambda n: _more_columns(n, "      c: text\n"), CHECK, 990_000),
    Case(
        "settings: a header twice",
        lambda n: _more_columns(n, "      c{0}: {{type: text, header: c}}\n"),
        CHECK,
        990_000,
    ),
    Case(
        "settings: references",
        lambda n: _more_columns(n, "      c{0}: {{type: text, references: rosters}}\n"),
        CHECK,
        990_000,
    ),
    Case("settings: sources", lambda n: _sources(n, _SOURCE), CHECK, 990_000),
    Case("settings: bad sources", lambda n: _sources(n, "  s{0}: {{}}\n"), CHECK, 990_000),
    Case(
        "settings: unknown keys",
        lambda n: project(spm_yaml=SETTINGS + filled(n, many("  roster_{0}: 1\n")).replace("  ", "")),
        CHECK,
        990_000,
    ),
    Case("settings: nested lists", lambda n: project(spm_yaml=SETTINGS + _DEEP + "[" * n), CHECK),
    Case(
        "settings: nested blocks",
        lambda n: project(spm_yaml=SETTINGS + filled(n, (" " * (i + 2) + "a:\n" for i in count()))),
        CHECK,
    ),
    Case("settings: sequences", lambda n: project(spm_yaml=SETTINGS + _DEEP + "- " * (n // 2)), CHECK),
    Case("settings: a long text", lambda n: instead("name: large", f"name: {'x' * n}"), CHECK),
    Case(
        "settings: a long quoted text", lambda n: instead("name: large", f'name: "{"x " * (n // 2)}"'), CHECK, 990_000
    ),
    Case("settings: escapes", lambda n: instead("name: large", 'name: "' + "\\n" * (n // 2) + '"'), CHECK, 990_000),
    Case("settings: a long comment", lambda n: project(spm_yaml=SETTINGS + "#" * n), CHECK),
    Case("settings: blank lines", lambda n: project(spm_yaml=SETTINGS + "\n" * n), CHECK, 990_000),
    Case(
        "settings: aliases",
        lambda n: project(spm_yaml=SETTINGS + "  a: &a [1]\n" + filled(n, many("  b{0}: *a\n"))),
        CHECK,
        990_000,
    ),
    Case(
        "settings: anchors",
        lambda n: project(spm_yaml=SETTINGS + filled(n, many("  b{0}: &b{0} 1\n"))),
        CHECK,
        990_000,
    ),
    Case(
        "settings: merged keys",
        lambda n: project(spm_yaml=SETTINGS + "  a: &a {x: 1}\n" + filled(n, many("  b{0}: {{<<: *a}}\n"))),
        CHECK,
        990_000,
    ),
    Case(
        "settings: allowed values",
        lambda n: instead("region: {type: text,", f"region: {{type: text, values: [{filled(n, many('v{0}, '))}],"),
        RUN,
        990_000,
    ),
    Case(
        "settings: patterns of plans",
        lambda n: instead("data: .", f"data: .\nplans: [{filled(n, many('a{0}.spm, '))}'*.spm']"),
        CHECK,
        990_000,
    ),
    Case(
        "settings: stars in a pattern",
        lambda n: instead("data: .", f"data: .\nplans: ['{'**/' * (n // 3)}*.spm']"),
        CHECK,
        990_000,
    ),
    Case(
        "settings: patterns of files",
        lambda n: instead("files: deals.csv", f"files: [{filled(n, many('a{0}.csv, '))}'deals.csv']"),
        RUN,
        990_000,
    ),
    Case(
        "settings: hidden characters",
        lambda n: project(spm_yaml=SETTINGS + "#" + "\u202e" * (n // 3)),
        CHECK,
        2_900_000,
    ),
    Case("settings: documents", lambda n: project(spm_yaml=SETTINGS + "---\n" * (n // 4)), CHECK, 990_000),
]
