"""Who somebody is called on the day that a period ends."""

import pyarrow as pa

from spmlang.run.labels import Labels
from tests.engines.one_rule import project

ROSTER = """\
ann,Ann Lee,2025-01-01,2025-02-09,rep,0
ann,Ann Day,2025-02-10,,rep,0
bob,Bob,2025-01-01,2025-02-28,rep,0
bob,Bob,2025-03-01,,rep,1
dan,Dan,2025-03-01,2025-03-05,rep,0
dan,Dan Orr,2025-03-06,,rep,0
"""


def test_a_name_holds_from_its_day_and_the_first_one_before_it() -> None:
    asked = {
        ("ann", "2025-01"): "Ann Lee",
        ("ann", "2025-02"): "Ann Day",
        ("bob", "2025-03"): "Bob",
        ("ann", "2025-03"): "Ann Day",
        ("dan", "2025-01"): "Dan",
    }
    payees, periods = (pa.chunked_array([column[:2], column[2:]]) for column in map(list, zip(*asked, strict=True)))
    pays = "  commission base {\n    pays 1% of bookings\n  }"
    with project(pays, ROSTER.splitlines(), []).opened() as (program, tables, request):
        assert Labels(program, tables, request).payees(payees, periods).to_pylist() == list(asked.values())
