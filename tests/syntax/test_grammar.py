"""What the grammar promises in its first lines, and how its tables are kept."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import lark
import pytest

from spmlang.diagnostics.text import SourceText
from spmlang.syntax import lalr_tables, lark_parser
from spmlang.syntax.fast_parser import parse_good_item
from spmlang.syntax.grammar import grammar_text, keyword_terminals, reserved_words
from spmlang.syntax.lalr_tables import tables
from spmlang.syntax.lark_parser import parser
from spmlang.syntax.parse import parse
from spmlang.syntax.terminals_in_words import in_words


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


@pytest.mark.slow
def test_no_text_fits_two_terminals_at_one_place() -> None:
    """Lark's own proof over all parser states (15 s); without `interegular` it cannot be made."""
    pytest.importorskip("interegular")
    lark.Lark(grammar_text(), parser="lalr", start="item", strict=True, maybe_placeholders=False)


SOURCE = SourceText("a.spm", "calendar c {\n  pay monthly\n}\n")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder, and nothing remembered."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    forget()
    yield tmp_path / "spmlang"
    forget()


def forget() -> None:
    parser.cache_clear()
    tables.cache_clear()


def anew() -> tuple[object, object]:
    """What a new start makes of a text: with Lark, and with the tables alone."""
    forget()
    return parser().parse(SOURCE.text.rstrip()), parse_good_item(SOURCE.text.rstrip(), 0)


def spoil_building(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("built anew")

    monkeypatch.setattr(lark.Lark, "__init__", refuse)


def test_kept_tables_parse_as_built_ones_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = anew()
    assert len(list(cache.iterdir())) == 2
    spoil_building(monkeypatch)
    assert anew() == built


def test_damaged_tables_are_built_anew(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = anew()
    for file in cache.iterdir():
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
    assert anew() == built
    spoil_building(monkeypatch)
    assert anew() == built


def test_tables_of_something_else_are_built_anew(cache: Path) -> None:
    built = anew()
    (file,) = cache.glob("tables-*")
    file.write_bytes(pickle.dumps("something else"))
    assert anew() == built


def test_tables_in_a_folder_that_others_can_write_to_are_not_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anew()
    cache.chmod(0o777)
    spoil_building(monkeypatch)
    with pytest.raises(AssertionError, match="built anew"):
        anew()


def test_tables_of_another_grammar_are_not_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anew()
    another = grammar_text() + "\n"
    for module in (lark_parser, lalr_tables):
        monkeypatch.setattr(module, "grammar_text", lambda: another)
    spoil_building(monkeypatch)
    with pytest.raises(AssertionError, match="built anew"):
        anew()


def test_without_a_folder_to_write_to_the_parser_works(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/none")
    assert anew()[0] is not None
    assert parse(SOURCE).diagnostics == ()
