"""Makes the file that this project reads from the published one: gives each line a number and splits the time off its day.

    python plans/online_retail/prepare.py DIR TARGET

DIR holds transactions.csv.gz as published; TARGET gets lines.csv.gz. No line is left out, changed or added.
"""

import csv
import gzip
import sys
from pathlib import Path

COLUMNS = ("invoice_no", "stock_code", "quantity", "unit_price", "customer_id", "country")


def prepare(published: Path, target: Path) -> Path:
    """The prepared file in the folder `target`, which is made."""
    target.mkdir(parents=True, exist_ok=True)
    made = target / "lines.csv.gz"
    with (
        gzip.open(published / "transactions.csv.gz", "rt", encoding="utf-8", newline="") as source,
        gzip.open(made, "wt", encoding="utf-8", newline="", compresslevel=1) as stream,
    ):
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("line", "invoice_date", *COLUMNS))
        for number, row in enumerate(csv.DictReader(source), start=1):
            writer.writerow((number, row["invoice_datetime"].partition("T")[0], *(row[name] for name in COLUMNS)))
    return made


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
