"""Damage a file: its bytes, words or numbers and, in rare cases, its size."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]

_WORD = re.compile(rb'"[^"\n]*"|[A-Za-z_][\w.]*|\d[\d_.]*%?|\s+|.', re.DOTALL)
_NUMBER = re.compile(rb"\d+")

#: Values that often make programs fail. Each is inserted somewhere, or replaces a word.
_NASTY = (
    *(b"\0", b"\xff", b"\xe4", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x1b[31m", b"\x0b", b"\x0c", b"\r"),
    *(
        chr(code).encode()
        for code in (0xFEFF, 0x202E, 0x2066, 0x200B, 0x200D, 0xAD, 0x2028, 0x85, 0xA0, 0xFFFD, 0xE0041)
    ),
    *(letter.encode() for letter in "éßİ𝟙٣"),
    *(b"(", b")", b"{", b"}", b'"', b"#", b"%", b",", b";", b"'", b"\\", b"=", b"-", b"[", b"]", b": "),
    *(
        b"&a ",
        b"*a",
        b"!!python/x ",
        b"{}",
        b"[]",
        b"~",
        b"<<: ",
        b"? ",
        b"|\n",
        b">\n",
        b"--- ",
        b"...",
        b"%YAML 1.1\n",
    ),
    *(b"!!binary x", b"!!int x", b"!!timestamp x", b"!!bool x", b'"\\ud800"', b'"\\UFFFFFFFF"', b"0x" + b"f" * 5000),
    *(b"0", b"-0", b"1e999", b"NaN", b".inf", b"0x10", b"1_0", b"00", b"0.", b"9" * 20, b"9" * 39, b"9" * 5000),
    *(b"0." + b"0" * 60 + b"1", b"9" * 400 + b".5", b"1:60:60", b"2147483648", b"9223372036854775808", b"100%"),
    *(b"1000000%", b"0000-00-00", b"0001-01-01", b"9999-12-31", b"2024-02-30", b"2023-02-29", b"99999-01-01"),
    *(b"1900-01-01", b"2300-06-30", b"../../x", b"/x", b"NUL", b"**/**", b"null", b"true", b"payee", b"else"),
    *(b"year to date", b"at most", b"or else 0", b"payee.role", b"use std.proration", b"plan x version 1 {"),
    *(b'example "x" {', b"=1+1", b"@x", b"a" * 300),
)


def _bit(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = chance.randrange(max(len(data), 1))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :] if data else b"\0"


def _byte(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + chance.randrange(2) :]


def _cut(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    end = min(end, start + chance.choice((1, 4, 40, 100_000)))
    return data[:start] + data[end:]


def _end(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _again(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.randrange(1, 200)]
    at = chance.randrange(len(data) + 1)
    return data[:at] + piece * chance.choice((1, 1, 2, 50)) + data[at:]


def _splice(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    start, at = chance.randrange(len(other) + 1), chance.randrange(len(data) + 1)
    return data[:at] + other[start : start + chance.randrange(1, 400)] + data[at:]


def _put_nasty(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_NASTY) + data[at:]


def _for_a_word(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    return _replaced(chance, data, lambda word: chance.choice(_NASTY))


def _for_a_number(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return _put_nasty(chance, data, others)
    match = chance.choice(found)
    value = chance.choice(
        (b"0", b"1", b"31", b"32", b"99", b"2147483648", b"9" * 18, b"9" * 38, b"9" * 5000, b"0" * 50, b"7.5")
    )
    return data[: match.start()] + value + data[match.end() :]


def _words_of_another(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    words = _words(chance.choice(others))
    return _replaced(chance, data, lambda word: chance.choice(words) if words else b"")


def _shuffle_words(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    words = _WORD.findall(data)
    if len(words) < 2:
        return data
    for _ in range(chance.randrange(1, 4)):
        first, second = (chance.randrange(len(words)) for _ in range(2))
        match chance.randrange(3):
            case 0:
                words[first], words[second] = words[second], words[first]
            case 1:
                words[first] = b""
            case _:
                words.insert(first, words[second])
    return b"".join(words)


def _shuffle_lines(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    first, second = (chance.randrange(len(lines)) for _ in range(2))
    match chance.randrange(4):
        case 0:
            lines[first], lines[second] = lines[second], lines[first]
        case 1:
            del lines[first]
        case 2:
            lines.insert(first, lines[second])
        case _:
            more = chance.choice(others).split(b"\n")
            lines.insert(first, chance.choice(more))
    return b"\n".join(lines)


def _other_coding(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    text = data.decode("utf-8", errors="replace")
    match chance.randrange(4):
        case 0:
            return text.encode("utf-16")
        case 1:
            return text.replace("e", "é").encode("latin-1", errors="replace")
        case 2:
            return text.replace("\n", chance.choice(("\r\n", "\r", "\n\n"))).encode()
        case _:
            return b"\xef\xbb\xbf" * chance.randrange(1, 3) + data


def _nest(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Open a bracket, block or operator many times, and close it as often or not at all."""
    at, depth = chance.randrange(len(data) + 1), chance.choice((5, 149, 151, 1000, 30_000))
    opened, closed = chance.choice(
        (
            (b"(", b")"),
            (b"{", b"}"),
            (b"[", b"]"),
            (b"{a: ", b"}"),
            (b"- ", b""),
            (b"not ", b""),
            (b"a + ", b""),
            (b"a.", b"b"),
        )
    )
    end = chance.choice((closed, b"")) * depth
    return data[:at] + opened * depth + b"x" + end + data[at:]


def _swell(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Repeat a word, a line or the whole file thousands of times, up to some megabytes."""
    pieces = (_WORD.findall(data) or [b"x"], data.splitlines(keepends=True) or [b"x"], [data], list(_NASTY))
    piece = chance.choice(chance.choice(pieces)) or b"x"
    size = chance.choice((20_000, 200_000, 2_000_000))
    at = chance.randrange(len(data) + 1)
    joint = chance.choice((b"", b"", b" ", b"\n", b","))
    numbered = chance.random() < 0.3
    count = max(size // (len(piece) + len(joint) + 6 * numbered), 1)
    many = (piece + (b"%06d" % number) * numbered for number in range(count))
    return data[:at] + joint.join(many) + data[at:]


_COMMON: tuple[Mutation, ...] = (
    *(
        _bit,
        _byte,
        _cut,
        _again,
        _splice,
        _put_nasty,
        _put_nasty,
        _for_a_word,
        _for_a_word,
        _for_a_number,
        _for_a_number,
    ),
    *(_words_of_another, _words_of_another, _shuffle_words, _shuffle_words, _shuffle_lines, _shuffle_lines),
)
_RARE: tuple[Mutation, ...] = (_end, _other_coding, _nest, _swell)
_OF_BYTES: tuple[Mutation, ...] = (_bit, _bit, _byte, _byte, _cut, _again, _end, _put_nasty)


def spoil(chance: Random, data: bytes, others: Sequence[bytes], *, text: bool) -> bytes:
    """Return the file with one to four mutations.

    Args:
        chance: Decides the mutations.
        data: The file.
        others: Files of the same kind.
        text: False for Parquet, of which only bytes are changed.
    """
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        kinds = (_RARE if chance.random() < 0.06 else _COMMON) if text else _OF_BYTES
        data = chance.choice(kinds)(chance, data, others)
    return data


def _words(data: bytes) -> list[bytes]:
    return [word for word in _WORD.findall(data) if not word.isspace()]


def _replaced(chance: Random, data: bytes, by: Callable[[bytes], bytes]) -> bytes:
    found = [match for match in _WORD.finditer(data) if not match.group().isspace()]
    if not found:
        return data
    match = chance.choice(found)
    return data[: match.start()] + by(match.group()) + data[match.end() :]
