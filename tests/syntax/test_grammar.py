"""What the grammar promises in its first lines, and how its tables are kept."""

from __future__ import annotations

import re
from pathlib import Path

import lark
import pytest

from spmlang.source.text import SourceText
from spmlang.syntax import grammar, parse_tables
from spmlang.syntax.grammar import grammar_text, keyword_terminals, reserved_words
from spmlang.syntax.parse import parse
from spmlang.syntax.words import in_words


def test_reserved_words_are_the_keywords_and_the_frequencies() -> None:
    match = re.search(r"^FREQUENCY: /\(([a-z|]+)\)", grammar_text(), flags=re.MULTILINE)
    assert match is not None
    assert reserved_words() == {*keyword_terminals().values(), *match.group(1).split("|")}


def test_every_terminal_ends_at_a_word_boundary_or_is_a_sign() -> None:
    terminals = dict(re.findall(r"^([A-Z][A-Z_]*)(?:\.\d+)?: (.*)$", grammar_text(), flags=re.MULTILINE))
    words = {name: pattern for name, pattern in terminals.items() if re.match(r"/\(?[a-zA-Z]", pattern)}
    assert len(words) > 90
    assert [name for name, pattern in words.items() if not pattern.endswith(r"(?!\w)/")] == []


def test_every_terminal_can_be_put_in_words() -> None:
    terminals = re.findall(r"^([A-Z][A-Z_]*)(?:\.\d+)?: ", grammar_text(), flags=re.MULTILINE)
    assert [name for name in terminals if not in_words([name])] == ["COMMENT", "SPACE"]


def test_no_text_fits_two_terminals_at_one_place() -> None:
    """Lark's own proof over all parser states (15 s); without `interegular` it cannot be made."""
    pytest.importorskip("interegular")
    lark.Lark(grammar_text(), parser="lalr", start="item", strict=True, maybe_placeholders=False)


SOURCE = SourceText("a.spm", "calendar c {\n  pay monthly\n}\n")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "spmlang"


def test_kept_tables_parse_as_built_ones_do(cache: Path) -> None:
    built = grammar.parser.__wrapped__()
    assert len(list(cache.iterdir())) == 1
    kept = parse_tables.cached_tables(grammar_text())
    assert kept is not None
    assert kept.parse(SOURCE.text.rstrip()) == built.parse(SOURCE.text.rstrip())


def test_damaged_tables_are_built_anew(cache: Path) -> None:
    grammar.parser.__wrapped__()
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert parse_tables.cached_tables(grammar_text()) is None
    grammar.parser.__wrapped__()
    assert parse_tables.cached_tables(grammar_text()) is not None


def test_tables_in_a_folder_that_others_can_write_to_are_not_read(cache: Path) -> None:
    grammar.parser.__wrapped__()
    cache.chmod(0o777)
    assert parse_tables.cached_tables(grammar_text()) is None


def test_tables_of_another_grammar_are_not_read(cache: Path) -> None:
    grammar.parser.__wrapped__()
    assert parse_tables.cached_tables(grammar_text() + "\n") is None


def test_without_a_folder_to_write_to_the_parser_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/none")
    assert grammar.parser.__wrapped__().parse(SOURCE.text.rstrip()) is not None
    assert parse(SOURCE).diagnostics == ()
