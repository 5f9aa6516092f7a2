"""Test the fuzzer of bytes: a number decides its input, and forbidden outcomes are findings."""

import pytest

from .bytes import draw
from .corpus import Sample, samples, with_parquet
from .trying import Bounds, Tried

KNOWN = samples()
TRACEBACK = 'Traceback (most recent call last):\n  File "/x/spmlang/check/plans.py", line 7, in a\nKeyError: 1\n'


def test_a_number_decides_its_input() -> None:
    assert [draw(7, number, KNOWN) for number in range(20)] == [draw(7, number, KNOWN) for number in range(20)]


@pytest.mark.parametrize("sample", [sample for sample in KNOWN if sample.runs], ids=lambda sample: sample.name)
def test_every_table_can_be_stored_as_parquet(sample: Sample) -> None:
    for name in sample.files:
        if name.endswith(".csv"):
            assert with_parquet(sample.files, name)[1].endswith(".parquet")


@pytest.mark.parametrize(
    ("code", "said", "wrong"),
    [
        (0, "no errors", None),
        (1, "error[SPM101]: x", None),
        (1, "", "exit code 1 without a word"),
        (99, TRACEBACK, "traceback KeyError at spmlang/check/plans.py:7"),
        (-11, "", "exit code -11"),
        (-14, "", "hangs"),
    ],
)
def test_what_a_finding_is(code: int, said: str, wrong: str | None) -> None:
    assert Tried(code, said, 1.0, 1).wrong(Bounds(10, 1 << 30)) == wrong
    assert Tried(0, "", 11.0, 1).wrong(Bounds(10, 1 << 30)) == "slow: 11 s of CPU time"
