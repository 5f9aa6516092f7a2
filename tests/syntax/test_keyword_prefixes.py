"""A name may begin with any word of the language: `orders`, `inside`, `notable` are never read as `or`, `in`, `not`."""

from __future__ import annotations

import pytest

from spmlang.diagnostics.text import SourceText
from spmlang.syntax.grammar import reserved_words
from spmlang.syntax.parse import parse

#: `@` stands for the name, in every place where an expression, a path or a name may stand.
FILE = """\
use @.x
measure @ in USD {
  sum @
  sum @ + @ - @ * 2
  sum 5% of @
  sum 2 per @
  sum (@)
  sum - 1 + @.x
  count @
  rollup @ to managers of payee
  where @ == @
  where not @
  where not @ and not @ or @
  where @ and (@ or @)
  where 1 < @ and 1 <= @
  where @ in (1, 2) and @ not in (3)
  where @ is present
  where @.x or else 0 == 1
  where attainment of @ >= 5% or quota of @ > 3
  on @.x
  credit @ 5%, owner of territory of @
}
territory @ of @ {
  owners from @
}
quota @ {
  from @, each month
  target @ each month
}
plan @ version 1 {
  for @
  for payees assigned in @
  watch @ when cost > 5%
  revenue @
  cap @ each month
  commission @ {
    on @, year to date
    when @
    gate when @
    pays @
    cap @
    tiers by amount, marginal {
      0 to 5 : @
      5 and above : @ * 2
    }
  }
  replace bonus @.pays @
  remove watch @
}
example "x" {
  plan @ on 2013-08
  given @ = 5, quota @ = 5
  expect @ = 5 USD
}
"""


@pytest.mark.parametrize("word", sorted(reserved_words()))
def test_a_name_that_begins_with_a_keyword(word: str) -> None:
    for name in {f"{word}{end}" for end in ("s", "_x", "1", "ders", "table")} - reserved_words():
        parsed = parse(SourceText("names.spm", FILE.replace("@", name)))
        assert parsed.diagnostics == ()
        assert [token.text for token in parsed.tokens() if token.kind == "NAME"] == [name] * FILE.count("@")


@pytest.mark.parametrize("word", sorted(reserved_words()))
def test_a_column_may_be_any_word(word: str) -> None:
    parsed = parse(SourceText("columns.spm", f"measure m {{\n  where orders.{word} == 1 or not orders.{word}.x\n}}\n"))
    assert parsed.diagnostics == ()
    assert [token.text for token in parsed.tokens() if token.kind == "MEMBER"] == [f".{word}", f".{word}", ".x"]


@pytest.mark.parametrize("word", sorted(reserved_words()))
def test_a_word_of_the_language_is_not_a_name(word: str) -> None:
    (problem,) = parse(SourceText("reserved.spm", f"measure {word} {{\n}}\n")).diagnostics
    assert problem.slug == "reserved-word"
