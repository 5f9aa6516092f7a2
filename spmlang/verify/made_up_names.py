"""Made-up words for names, keys and texts.

Each word has one replacement, in plan text and data alike. The replacements sort in the order of the words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from spmlang.diagnostics.text import SourceText
from spmlang.program.program import Program
from spmlang.syntax.grammar import reserved_words
from spmlang.syntax.parse import parse
from spmlang.syntax.tree import Parsed, Token

#: A column that is found by its name though it is no word of the language, and the folder of the standard library.
_KEPT = frozenset({"name", "std"})

_TEXT, _EXAMPLE = "STRING", "example"


def _named(token: Token) -> str | None:
    """Return the name in a token, without a leading dot; None if the token has none."""
    return token.text.removeprefix(".") if token.kind in ("NAME", "MEMBER") else None


def made_up(words: Iterable[str], letter: str = "n") -> dict[str, str]:
    """Return a made-up word for each word.

    All of them are equally long and sort in the order of the words, because some results depend on that order.
    """
    known = sorted(set(words))
    digits = len(str(len(known)))
    return {word: f"{letter}{number:0{digits}}" for number, word in enumerate(known, 1)}


def plan_files(program: Program) -> dict[str, Parsed]:
    """Parse the plan files of a project."""
    return {path: parse(SourceText(path, text)) for path, text in program.files.items()}


def replaceable_words(files: Mapping[str, Parsed]) -> set[str]:
    """Return the names and texts of plan files that must be replaced."""
    kept = kept_names(files)
    names = {name for file in files.values() for token in file.tokens() if (name := _named(token))} - kept
    texts = {
        token.text[1:-1]
        for path, file in files.items()
        if not _standard(path)
        for token in file.tokens()
        if token.kind == _TEXT
    }
    return names | texts


def kept_names(files: Mapping[str, Parsed]) -> frozenset[str]:
    """Return the names that must not be replaced.

    These are words of the language, and all names of the standard library.
    """
    said = {
        name for path, file in files.items() if _standard(path) for token in file.tokens() if (name := _named(token))
    }
    used = {
        _named(token) or ""
        for file in files.values()
        for item in file.items
        if item.node.kind == "use" and any(_named(token) == "std" for token in item.node.tokens())
        for token in item.node.tokens()
    }
    return frozenset(said | used) | reserved_words() | _KEPT


def rewritten(file: Parsed, words: Mapping[str, str], kept: Collection[str]) -> str:
    """Return the text of a plan file with replaced words, and without comments and examples."""
    return (
        "\n\n".join(
            _item(list(item.node.tokens()), file.source.text, words, kept)
            for item in file.items
            if item.node.kind != _EXAMPLE
        )
        + "\n"
    )


def _item(tokens: list[Token], text: str, words: Mapping[str, str], kept: Collection[str]) -> str:
    parts: list[str] = []
    end = tokens[0].start
    for token in tokens:
        parts += [_blanks(text[end : token.start]), _word(token, words, kept)]
        end = token.end
    return "".join(parts)


def _word(token: Token, words: Mapping[str, str], kept: Collection[str]) -> str:
    name = _named(token)
    if name is not None and name not in kept:
        return token.text.removesuffix(name) + words[name]
    return f'"{words[token.text[1:-1]]}"' if token.kind == _TEXT else token.text


def _blanks(between: str) -> str:
    """Return the text between two tokens without its comments."""
    return "\n".join(line.partition("#")[0].rstrip() if "#" in line else line for line in between.split("\n"))


def _standard(path: str) -> bool:
    return path.startswith("std/")
