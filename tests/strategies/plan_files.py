"""Draw random plan files with every kind of statement, and random blanks, empty lines and comments.

The files are only grammatical: names refer to nothing, and types do not fit.
"""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from spmlang.syntax.grammar import reserved_words

#: Headers and statements by block. Words in capitals are placeholders.
_BLOCKS = {
    "calendar NAME": [
        "year starts July",
        "year starts Sunday nearest May 30",
        "pay monthly",
        "weeks 4-4-5",
    ],
    "measure NAME in USD": [
        "label STRING",
        "sum EXPR",
        "count NAME",
        "count distinct PATH each GRAIN",
        "rollup NAME to managers of payee",
        "rollup NAME with overlays to manager of payee",
        "rollup NAME to manager of payee",
        "where EXPR",
        "on PATH",
        "credit PATH",
        "credit PATH PERCENT , owner of territory of PATH PERCENT",
        "credit members of PATH in NAME by PATH , overlay PATH PERCENT",
        "credit PATH , overlay members of PATH in NAME PERCENT",
        "counts from DATE",
        "counts from DATE through DATE",
    ],
    "territory NAME of NAME": [
        "covers EXPR",
        "except NAME",
        "except NAME , NAME",
        "owner STRING from DATE",
        "owner STRING from DATE through DATE",
        "owners from NAME",
        "code STRING",
    ],
    "table NAME": [
        "BOUND to BOUND : LITERAL",
        "BOUND and above , STRING : LITERAL",
        "below BOUND , else : LITERAL",
    ],
    "table NAME interpolated": [
        "BOUND : LITERAL",
    ],
    "template NAME ( NAME , NAME )": [
        "commission NAME { COMPONENT }",
        "watch NAME when cost COMPARE LITERAL",
        "guarantee EXPR",
    ],
    "quota NAME of NAME": [
        "target EXPR each GRAIN",
    ],
    "quota NAME": [
        "from NAME , each GRAIN",
        "target EXPR each GRAIN",
        "where EXPR",
        "ramp PERCENT",
        "spread PERCENT , PERCENT",
        "prorate by calendar days",
        "prorate by working days",
        "prorate by calendar days on plan",
        "adjust from NAME",
        "ramp PERCENT , PERCENT , PERCENT",
        "when zero attainment is PERCENT",
        "when missing attainment is PERCENT",
    ],
    "plan NAME version INT changes version INT": [
        "effective from DATE through DATE",
        "for EXPR",
        "for payees assigned in NAME",
        "currency EUR",
        "reason STRING",
        "gap STRING",
        "cap EXPR each GRAIN",
        "threshold PERCENT",
        "revenue NAME",
        "apply NAME ( NAME = EXPR , NAME = LITERAL )",
        "replace apply NAME ( NAME = NAME )",
        "negative carried forward",
        "negative carried forward at~most MONEY , recover at~most PERCENT",
        "negative carried forward , recover at~most PERCENT",
        "negative forgiven",
        "guarantee EXPR",
        "guarantee MONEY for first INT periods",
        "draw NAME MONEY",
        "draw NAME EXPR for first INT periods , recover from DATE at~most PERCENT",
        "draw NAME MONEY , recover at~most PERCENT",
        "replace draw NAME MONEY",
        "remove draw NAME",
        "watch NAME when cost of sales COMPARE LITERAL",
        "watch NAME when share of cost below threshold COMPARE LITERAL",
        "quota NAME { QUOTA }",
        "commission NAME { COMPONENT }",
        "bonus NAME { COMPONENT }",
        "spif NAME { COMPONENT }",
        "replace commission NAME . tiers by amount , marginal { TIERS }",
        "replace bonus NAME . pays EXPR",
        "replace cap EXPR",
        "add spif NAME { COMPONENT }",
        "add watch NAME when cost COMPARE LITERAL",
        "remove bonus NAME",
        "remove commission NAME . gate",
        "remove quota NAME",
        "remove cap",
    ],
    "example STRING": [
        "plan NAME on DATE",
        "plan NAME on 2013-08",
        "given NAME = LITERAL , quota NAME = LITERAL , payee .role = LITERAL , earning NAME = MONEY",
        "expect NAME = MONEY",
    ],
}
_INNER = {
    "QUOTA": _BLOCKS["quota NAME"],
    "PLACES": ["INT : MONEY", "INT to INT : MONEY", "INT : PERCENT", "INT : NAME"],
    "TIERS": ["BOUND to BOUND : EXPR", "BOUND and above : EXPR"],
    "COMPONENT": [
        "label STRING",
        "on NAME",
        "on NAME , GRAIN to date",
        "each GRAIN",
        "window from DATE through DATE",
        "window from NAME through NAME",
        "prorate by calendar days",
        "prorate by working days",
        "when EXPR",
        "gate when EXPR",
        "pays EXPR",
        "tiers by attainment , retroactive { TIERS }",
        "tiers by attainment of NAME , marginal { TIERS }",
        "cap EXPR",
        "round per line",
        "round per payee and period to 0.05 , half even",
        "budget MONEY",
        "ranks EXPR , ties share { PLACES }",
        "pool MONEY",
        "pool NAME",
        "pool from NAME",
        "hold PERCENT until end of GRAIN",
        "hold PERCENT until DATE",
        "hold PERCENT until PATH",
        "hold PERCENT while EXPR",
        "release PERCENT , PERCENT",
        "release PERCENT , PERCENT each GRAIN",
        "release with PATH of PATH on PATH",
        "code STRING",
        "budget MONEY , pro rata",
        "budget MONEY , first come",
        "budget NAME",
    ],
}
_LEAVES = {
    "PERCENT": st.sampled_from(["0%", "6.5%", "100%", "1_000%"]),
    "MONEY": st.sampled_from(["5_000.00 USD", "0 EUR", "- 12.5 USD"]),
    "LITERAL": st.sampled_from(["5%", "- 5%", "- 3.25", "12 USD", '"WA"', "true", "false", "2014-01-31", "7"]),
    "BOUND": st.sampled_from(["0%", "- 10%", "100%", "25_000.00 USD", "10"]),
    "STRING": st.sampled_from(
        ['"shipped"', '""', '"# no { comment  }"', '"für   Ägypten"', '"a long label that fills the line"']
    ),
    "DATE": st.sampled_from(["2013-07-01", "2014-12-31"]),
    "INT": st.sampled_from(["1", "12"]),
    "GRAIN": st.sampled_from(["period", "month", "quarter", "half", "year"]),
    "COMPARE": st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
}
_OPERANDS = [
    "LITERAL",
    "PATH",
    "PATH or~else LITERAL",
    "PATH as~of~end~of GRAIN",
    "PATH as~of~start~of GRAIN or~else LITERAL",
    "attainment of NAME",
    "attainment of NAME year to date",
    "attainment of NAME half so~far",
    "NAME a~quarter~before",
    "NAME half to date",
    "quota of NAME",
    "earning of NAME",
    "NAME at PATH",
    "ratio of PATH to NAME else LITERAL",
]
_DEEP_OPERANDS = [
    "( EXPR )",
    "NAME at ( EXPR )",
    "NAME at ( EXPR , SUM )",
    "( SUM rounded to LITERAL )",
    "( SUM converted to EUR at PATH )",
    "( SUM rounded half even to LITERAL )",
]
_CONDITIONS = [
    "SUM",
    "SUM COMPARE SUM",
    "SUM in ( LITERAL , LITERAL , LITERAL )",
    "SUM not in ( LITERAL )",
    "PATH is present",
    "payee on plan at end",
    "not SUM COMPARE SUM",
]

#: Names, most of which begin with a word of the language.
names = st.sampled_from(
    [
        "a",
        "orders",
        "net_2",
        *sorted({f"{word}{end}" for word in reserved_words() for end in ("s", "_x", "1")} - reserved_words()),
    ]
)

_COMMENTS = ["#", "# why", "#why", "#!/bin/spm", "## part", '#  "quoted" (', "#\tß"]
_BLANKS = ["", " ", "  ", "\t"]


_PLAIN = {
    "PERCENT": "5%",
    "MONEY": "5 USD",
    "LITERAL": "5",
    "BOUND": "5",
    "STRING": '"a"',
    "DATE": "2014-12-31",
    "INT": "1",
    "GRAIN": "month",
    "COMPARE": "==",
    "NAME": "a",
    "PATH": "a.b",
    "EXPR": "a",
}


def file_of_all_templates() -> str:
    """Return the text of a file with each header and each statement once, all with the same values."""
    return "".join(f"{_plain(header)} {{\n{_lines(templates)}}}\n" for header, templates in _BLOCKS.items())


def _lines(templates: list[str]) -> str:
    return "".join(f"{_plain(template)}\n" for template in templates)


def _plain(template: str) -> str:
    words = [_lines(_INNER[word]) if word in _INNER else _PLAIN.get(word, word) for word in template.split()]
    return " ".join(words).replace("{ ", "{\n").replace("~", " ")


@st.composite
def tokens(draw: st.DrawFn) -> list[str]:
    """Draw the words of a random file, with "\\n" where a statement ends.

    A `~` joins words that are one token, as in `or~else`.
    """
    words: list[str] = []
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            words += ["use", draw(names), f".{draw(names)}", "\n"]
        header = draw(st.sampled_from(sorted(_BLOCKS)))
        words += _filled(draw, header, 2)
        words += ["{", *_statements(draw, _BLOCKS[header]), "}", "\n"]
    return words


def _statements(draw: st.DrawFn, templates: list[str]) -> list[str]:
    """Draw at most five statements of the templates."""
    words: list[str] = []
    for template in draw(st.lists(st.sampled_from(templates), max_size=5)):
        words += [*_filled(draw, template, 2), "\n"]
    return words[:-1]


def _filled(draw: st.DrawFn, template: str, depth: int) -> list[str]:
    """Return the words of a template; `depth` is the number of levels that its expressions may still have."""
    words: list[str] = []
    for word in template.split():
        if word in _LEAVES:
            words += draw(_LEAVES[word]).split(" ") if word != "STRING" else [draw(_LEAVES[word])]
        elif word in _INNER:
            words += _statements(draw, _INNER[word])
        elif word == "NAME":
            words.append(draw(names))
        elif word == "PATH":
            words += [draw(names), *(f".{name}" for name in draw(st.lists(names, max_size=2)))]
        elif word == "EXPR":
            words += _expression(draw, depth)
        elif word == "SUM":
            words += _sum(draw, depth)
        else:
            words.append(word)
    return words


def _expression(draw: st.DrawFn, depth: int) -> list[str]:
    joint = draw(st.sampled_from(["and", "or"]))
    words = _filled(draw, draw(st.sampled_from(_CONDITIONS)), depth)
    for _ in range(draw(st.integers(0, 2))):
        words += [joint, *_filled(draw, draw(st.sampled_from(_CONDITIONS)), depth)]
    return words


def _sum(draw: st.DrawFn, depth: int) -> list[str]:
    operands = [*_OPERANDS, *_DEEP_OPERANDS] if depth else _OPERANDS
    words = _filled(draw, draw(st.sampled_from(operands)), depth - 1)
    for operator in draw(st.lists(st.sampled_from(["+", "-", "*", "of", "per", "at~most", "at~least"]), max_size=2)):
        words += [operator, *_filled(draw, draw(st.sampled_from(operands)), depth - 1)]
    return words


@st.composite
def plan_files(draw: st.DrawFn) -> str:
    """Draw the text of a random file without syntax errors."""
    words, seed = draw(tokens()), draw(st.integers(0, 10_000))
    text = laid_out(words, Random(seed)) if seed else laid_out(words, None)
    return text.replace("\n", "\r\n") if seed % 2 else text


def laid_out(words: list[str], chance: Random | None) -> str:
    """Join the words with random blanks, empty lines and comments, or plainly if `chance` is None."""
    gaps = _Gaps(chance)
    text, depth = gaps.empty_lines(), 0
    for word in words:
        if word == "\n":
            text += gaps.line_end()
            continue
        if word == "}":
            text += gaps.anything()
        elif text[-1:] not in ("", "\n") and word not in (",", ")", ":") and not word.startswith("."):
            text += " "
        text += word.replace("~", gaps.blanks() + " ")
        depth += (word == "(") - (word == ")")
        if word == "{" or (depth and gaps.rarely()):
            text += gaps.anything()
        else:
            text += gaps.blanks()
    return text + gaps.empty_lines()


class _Gaps:
    """The text that may be between two words."""

    def __init__(self, chance: Random | None) -> None:
        self.chance = chance

    def rarely(self) -> bool:
        return self.chance is not None and self.chance.random() < 0.2

    def blanks(self) -> str:
        return self.chance.choice(_BLANKS) if self.chance else ""

    def comment(self) -> str:
        return self.chance.choice(_COMMENTS) if self.chance and self.rarely() else ""

    def line_end(self) -> str:
        """Return the rest of a line, with the empty lines and comment lines below it."""
        return f"{self.blanks()}{self.comment()}\n{self.empty_lines()}"

    def empty_lines(self) -> str:
        count = self.chance.choice([0, 0, 0, 1, 2]) if self.chance else 0
        return "".join(f"{self.blanks()}{self.comment()}\n" for _ in range(count))

    def anything(self) -> str:
        return self.line_end() if self.chance and self.chance.random() < 0.5 else self.blanks()
