"""Made-up words in the place of names, keys and texts: one for each, in the same order, in plan text and data alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from spmlang.diagnostics.text import SourceText
from spmlang.program.program import Program
from spmlang.syntax.grammar import reserved_words
from spmlang.syntax.parse import parse
from spmlang.syntax.tree import Parsed, Token

#: Columns that are found by their names, besides those that are words of the language; and where the standard library lies.
_KEPT = frozenset({"name", "std"})

_TEXT, _EXAMPLE = "STRING", "example"


def _named(token: Token) -> str | None:
    """The name that a token is, or is a dot and a name."""
    return token.text.removeprefix(".") if token.kind in ("NAME", "MEMBER") else None


def made_up(words: Iterable[str], letter: str = "n") -> dict[str, str]:
    """A word for each, equally long, in the same order: what is sorted by them stays in its order."""
    known = sorted(set(words))
    digits = len(str(len(known)))
    return {word: f"{letter}{number:0{digits}}" for number, word in enumerate(known, 1)}


def plan_files(program: Program) -> dict[str, Parsed]:
    """The plan files of a project, read."""
    return {path: parse(SourceText(path, text)) for path, text in program.files.items()}


def spoken(files: Mapping[str, Parsed]) -> set[str]:
    """The names and texts of plan files that stand for something of one's own."""
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
    """The names that stay: words of the language, and all that the standard library says."""
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
    """The file with other words, and without comments and examples."""
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
    """What lies between two tokens, without its comments."""
    return "\n".join(line.partition("#")[0].rstrip() if "#" in line else line for line in between.split("\n"))


def _standard(path: str) -> bool:
    return path.startswith("std/")
