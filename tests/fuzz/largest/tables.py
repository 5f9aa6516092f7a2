"""The worst CSV files, rosters and reporting lines."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from .making import DEALS, PLAN, REPORTS, ROSTER, ROW, RUN, SETTINGS, Case, Files, filled, instead, many, project


def _deals(size: int, form: str, **others: str | bytes) -> Files:
    return project(deals_csv=DEALS + filled(size, many(form)), **others)


def _tiny_files(size: int) -> Files:
    files = instead("files: deals.csv", "files: deals/*.csv")
    del files["deals.csv"]
    rows = (DEALS + ROW.format(number=number) for number in count())
    taken = filled(size, rows).split(DEALS)[1:]
    return files | {f"deals/d{number}.csv": (DEALS + row).encode() for number, row in enumerate(taken)}


def _payees(size: int, manager: Callable[[int], int]) -> Files:
    total = size // 55
    roster = "payee,name,from_date\nann,Ann,2025-01-01\n" + "".join(f"p{i},P,2025-01-01\n" for i in range(total))
    reports = "payee,manager,from_date\nann,p0,2025-01-01\n"
    reports += "".join(f"p{i},p{manager(i)},2025-01-01\n" for i in range(total) if i != manager(i) < total)
    team = "measure team in USD {\n  rollup bookings to managers of payee\n}\n\n"
    plan = (
        PLAN.replace("plan rep", f"{team}plan rep")
        .replace("1% of bookings", "1% of team")
        .replace("on bookings", "on team")
    )
    return project(roster_csv=roster, reports_csv=reports, base_spm=plan)


def _reject(form: str) -> Callable[[int], Files]:
    settings = SETTINGS.replace("files: deals.csv\n", "files: deals.csv\n    bad_rows: reject\n")
    return lambda size: _deals(size, form, spm_yaml=settings)


_FORM = "{0},2025-01-15,ann,800.00,west,3\n"

CASES = [
    Case("csv: columns", lambda n: project(deals_csv=DEALS[:-1] + filled(n, many(",c{0}")) + "\n"), RUN),
    Case(
        "csv: columns and a row",
        lambda n: project(
            deals_csv=DEALS[:-1] + filled(n // 2, many(",c{0}")) + "\n" + _FORM.format(1)[:-1] + "," * (n // 14) + "\n"
        ),
        RUN,
    ),
    Case("csv: empty columns", lambda n: project(deals_csv=DEALS[:-1] + "," * n + "\n"), RUN),
    Case("csv: one line", lambda n: project(deals_csv="x" * n), RUN),
    Case("csv: a line of commas", lambda n: project(deals_csv=DEALS + "," * n + "\n"), RUN),
    Case("csv: a long cell", lambda n: project(deals_csv=DEALS + "x" * n + _FORM.format(1)), RUN),
    Case("csv: a long number", lambda n: project(deals_csv=DEALS + f"1,2025-01-15,ann,{'8' * n}.00,west,3\n"), RUN),
    Case("csv: a long day", lambda n: project(deals_csv=DEALS + f"1,2025-01-{'1' * n},ann,8.00,west,3\n"), RUN),
    Case("csv: quotes", lambda n: project(deals_csv=DEALS + '"' * (n // 2 * 2)), RUN),
    Case("csv: quotes, odd", lambda n: project(deals_csv=DEALS + '"' * (n // 2 * 2 + 1)), RUN),
    Case("csv: quoted cells", lambda n: _deals(n, '"{0}","2025-01-15","ann","800.00","we""st","3"\n'), RUN),
    Case(
        "csv: an open quote",
        lambda n: project(deals_csv=DEALS + filled(n // 2, many(_FORM)) + '"' + "\n" * (n // 2)),
        RUN,
    ),
    Case("csv: rows of a byte", lambda n: project(deals_csv=DEALS + "1\n" * (n // 2)), RUN),
    Case("csv: rows of a byte set aside", lambda n: _reject("1\n")(n), RUN),
    Case("csv: blank lines", lambda n: project(deals_csv=DEALS + "\n" * n), RUN),
    Case("csv: rows of commas", lambda n: _deals(n, ",,,,,\n"), RUN),
    Case("csv: rows of commas set aside", _reject(",,,,,\n"), RUN),
    Case("csv: sound rows", lambda n: _deals(n, _FORM), RUN),
    Case("csv: sound rows with lines", lambda n: _deals(n, _FORM), [*RUN, "--lines"]),
    Case("csv: a key twice", lambda n: _deals(n, "1,2025-01-15,ann,800.00,,\n"), RUN),
    Case("csv: a key twice set aside", _reject("1,2025-01-15,ann,800.00,,\n"), RUN),
    Case("csv: unknown sellers", lambda n: _deals(n, "{0},2025-01-15,x{0},800.00,,\n"), RUN),
    Case("csv: unknown sellers set aside", _reject("{0},2025-01-15,x{0},800.00,,\n"), RUN),
    Case(
        "csv: bad byte at the end",
        lambda n: project(deals_csv=(DEALS + filled(n, many(_FORM))).encode() + b"\xe4\n"),
        RUN,
    ),
    Case("csv: zero bytes", lambda n: project(deals_csv=DEALS + "\0" * n), RUN),
    Case("csv: tiny files", _tiny_files, RUN, 2_000_000),
    Case("roster: payees", lambda n: _payees(n, lambda i: i // 8), RUN),
    Case("roster: one manager", lambda n: _payees(n, lambda i: 0), RUN),
    Case("roster: a chain", lambda n: _payees(n, lambda i: i + 1), RUN),
    Case("roster: a circle", lambda n: _payees(n, lambda i: (i + 1) % (n // 55)), RUN),
    Case(
        "roster: rows of a payee",
        lambda n: project(
            roster_csv=ROSTER
            + filled(n, (f"cat,C,{1 + i // 336:04}-{1 + i // 28 % 12:02}-{1 + i % 28:02}\n" for i in range(3_000_000)))
        ),
        RUN,
        1_500_000,
    ),
    Case("roster: a row many times", lambda n: project(roster_csv=ROSTER + filled(n, many("cat,C,2025-01-01\n"))), RUN),
    Case(
        "reports: managers by day",
        lambda n: project(
            reports_csv=REPORTS
            + filled(
                n, (f"bob,ann,{2025 + i // 336:04}-{1 + i // 28 % 12:02}-{1 + i % 28:02}\n" for i in range(3_000_000))
            )
        ),
        RUN,
        1_500_000,
    ),
]
