"""The worst plan texts: many, long and deep declarations, chains of them, and mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from .making import CHECK, LONGEST_PLAN, PLAN, RUN, SETTINGS, Case, Files, filled, in_plan, many, plans, project

_TERRITORY = 'territory t{0} of deals {{\n  covers %s\n  owner "ann" from 2025-01-01\n}}\n'
_MEASURE = "measure m{0} in USD {{\n  sum deals.amount\n  on deals.day\n  credit deals.seller\n}}\n"
_VERSION = (
    'plan other version {1} changes version {0} {{\n  effective from %s\n  reason "x"\n  replace label "{0}"\n}}\n'
)
_EXAMPLE = 'example "e{0}" {{\n  plan rep on 2025-01\n  given bookings = {0}.00 USD\n  expect base = 1.00 USD\n}}\n'
_OTHER = """\
plan p{0} version 1 {{
  effective from 2025-01-01
  for payee.name == "{0}"
  currency USD
  bonus b {{
    pays 1.00 USD
    when bookings > 0 USD
  }}
}}
"""


def _territories(size: int, covers: str) -> Files:
    pieces = many(_TERRITORY % covers)
    credit = (
        "measure owned in USD {\n  sum deals.amount\n  on deals.day\n  credit owner of territory of deals.number\n}\n"
    )
    settings = (
        SETTINGS
        + "  places:\n    files: roster.csv\n    key: [payee]\n    columns: {payee: text, name: text, from_date: date}\n"
    )
    settings = settings.replace("      number: text", "      number: {type: text, references: places}")
    files = plans(size, (piece.replace("of deals", "of places") for piece in pieces))
    files["spm.yaml"] = settings.encode()
    files["owned.spm"] = (
        "use base\n" + "".join(f"use part_{i}\n" for i in range(-(-size // LONGEST_PLAN))) + credit
    ).encode()
    return files


def _versions(size: int) -> Files:
    first = PLAN[PLAN.index("plan rep") :].replace("plan rep", "plan other").replace('!= ""', '== "Bob"')
    days = (f"{2026 + i // 336:04}-{1 + i // 28 % 12:02}-{1 + i % 28:02}" for i in range(2_000_000))
    return plans(
        size, [first, *(_VERSION.format(i + 1, i + 2) % day for i, day in zip(range(100_000), days, strict=False))]
    )


def _after(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    next(others)
    yield from others


def _terms(joint: str, term: str) -> Callable[[int], Files]:
    return lambda n: in_plan(
        f"    when {joint.join(['bookings > 0 USD', *filled(n, many(term + '|')).split('|')[:-1]])}\n"
    )


def _one(size: int, text: str) -> Files:
    return project(more_spm=f"use base\n{text}")


_L = 1_950_000

CASES = [
    Case("plans: headers without braces", lambda n: plans(n, many("measure m{0}\n  count deals\n")), CHECK),
    Case("plans: a header of blanks", lambda n: _one(n, f"measure m{' ' * n}x"), CHECK, _L),
    Case("plans: parameters", lambda n: _one(n, "template t(" + "a,\n" * (n // 3)), CHECK, _L),
    Case("plans: territories apart", lambda n: _territories(n, 'name == "n{0}"'), CHECK),
    Case(
        "plans: territories by ranges",
        lambda n: _territories(n, 'name == "n{0}" and from_date < 2030-01-01'),
        CHECK,
    ),
    Case("plans: territories that overlap", lambda n: _territories(n, 'name != "n{0}"'), CHECK),
    Case("plans: territories alike", lambda n: _territories(n, 'name == "n"'), CHECK),
    Case("plans: measures", lambda n: plans(n, many(_MEASURE)), CHECK),
    Case("plans: measures alike", lambda n: plans(n, many(_MEASURE.replace("m{0}", "m"))), CHECK),
    Case("plans: plans", lambda n: plans(n, many(_OTHER)), CHECK),
    Case("plans: plans that run", lambda n: plans(n, many(_OTHER)), RUN, 100_000),
    Case("plans: versions", _versions, CHECK),
    Case("plans: examples", lambda n: plans(n, many(_EXAMPLE)), CHECK),
    Case("plans: examples tested", lambda n: plans(n, many(_EXAMPLE)), ["test"], 2_000_000),
    Case("plans: files", lambda n: project() | {f"f{i}.spm": b"use base\n" for i in range(n // 100)}, CHECK, 2_000_000),
    Case(
        "plans: a chain of files",
        lambda n: (
            project()
            | {f"f{i}.spm": f"use f{i + 1}\n".encode() for i in range(n // 100)}
            | {f"f{n // 100}.spm": b"use base\n"}
        ),
        CHECK,
        2_000_000,
    ),
    Case("plans: uses", lambda n: _one(n, "use base\n" * (n // 9)), CHECK, _L),
    Case("plans: unknown uses", lambda n: _one(n, filled(n, many("use x{0}\n"))), CHECK, _L),
    Case(
        "plans: tiers",
        lambda n: in_plan(
            pays="    tiers by amount, marginal {\n" + filled(n, many("      {0} USD to {1} USD : 1%\n")) + "    }\n"
        ),
        CHECK,
        _L,
    ),
    Case(
        "plans: components",
        lambda n: in_plan(
            "  }\n"
            + filled(n, many("  bonus b{0} {{\n    on bookings\n    pays 1.00 USD\n  }}\n"))
            + "  bonus last {\n    on bookings\n    pays 1.00 USD\n"
        ),
        CHECK,
        _L,
    ),
    Case(
        "plans: watches",
        lambda n: in_plan(
            "  }\n"
            + filled(n, many("  watch base when cost of sales > 4%\n"))
            + "  bonus last {\n    on bookings\n    pays 1.00 USD\n"
        ),
        CHECK,
        _L,
    ),
    Case("plans: and", _terms(" and ", "bookings > {0} USD"), CHECK, _L),
    Case("plans: or", _terms(" or ", "bookings > {0} USD"), CHECK, _L),
    Case("plans: or, run", _terms(" or ", "bookings > {0} USD"), RUN, 200_000),
    Case("plans: sums", lambda n: in_plan(f"    when {'bookings + ' * (n // 11)}bookings > 1 USD\n"), CHECK, _L),
    Case(
        "plans: a list",
        lambda n: (
            _territories(n // 2, 'name == "n{0}"')
            | _one(
                n,
                "measure x {\n  count deals\n  on deals.day\n  credit deals.seller\n  where deals.region in ("
                + filled(n // 2, many('"v{0}", '))
                + '"x")\n}\n',
            )
        ),
        CHECK,
        _L,
    ),
    Case(
        "plans: members",
        lambda n: _one(
            n,
            _OTHER.format(1).replace(
                'payee.name == "1"', " or ".join(filled(n, many('payee.name == "{0}"|')).split("|")[:-1])
            ),
        ),
        CHECK,
        _L,
    ),
    Case(
        "plans: parentheses",
        lambda n: in_plan(f"    when {'(' * (n // 2)}bookings > 1 USD{')' * (n // 2)}\n"),
        CHECK,
        _L,
    ),
    Case("plans: open parentheses", lambda n: in_plan(f"    when {'(' * n}\n"), CHECK, _L),
    Case("plans: not", lambda n: in_plan(f"    when {'not ' * (n // 4)}bookings > 1 USD\n"), CHECK, _L),
    Case("plans: braces", lambda n: _one(n, "{" * n), CHECK, _L),
    Case("plans: closing braces", lambda n: _one(n, "}\n" * (n // 2)), CHECK, _L),
    Case(
        "plans: a long name",
        lambda n: _one(n, f"measure {'x' * n} {{\n  count deals\n  on deals.day\n  credit deals.seller\n}}\n"),
        CHECK,
        _L,
    ),
    Case(
        "plans: a long name, run",
        lambda n: _one(n, f"measure {'x' * n} {{\n  count deals\n  on deals.day\n  credit deals.seller\n}}\n"),
        RUN,
        _L,
    ),
    Case("plans: a long unknown name", lambda n: in_plan(f"    when {'x' * n} > 1\n"), CHECK, _L),
    Case(
        "plans: unknown names",
        lambda n: in_plan(f"    when {' and '.join(filled(n, many('book{0} > 1|')).split('|')[:-1])}\n"),
        CHECK,
        _L,
    ),
    Case("plans: a long text", lambda n: in_plan(f'    label "{"x" * n}"\n'), CHECK, _L),
    Case("plans: a long text, run", lambda n: in_plan(f'    label "{"x" * n}"\n'), RUN, _L),
    Case("plans: an open text", lambda n: _one(n, f'measure m {{\n  label "{"x" * n}'), CHECK, _L),
    Case("plans: quotes", lambda n: _one(n, '"' * n), CHECK, _L),
    Case("plans: a long comment", lambda n: _one(n, "#" * n), CHECK, _L),
    Case("plans: comments", lambda n: _one(n, "#\n" * (n // 2)), CHECK, _L),
    Case("plans: blanks", lambda n: _one(n, " " * n), CHECK, _L),
    Case("plans: blank lines", lambda n: _one(n, "\n" * n), CHECK, _L),
    Case("plans: a long number", lambda n: in_plan(f"    cap {'9' * n} USD\n"), CHECK, _L),
    Case("plans: a long path", lambda n: in_plan(f"    when payee{'.name' * (n // 5)} == 1\n"), CHECK, _L),
    Case("plans: words", lambda n: _one(n, "plan " * (n // 5)), CHECK, _L),
    Case("plans: wrong words", lambda n: _one(n, filled(n, many("wrong{0} "))), CHECK, _L),
    Case("plans: wrong lines", lambda n: _one(n, filled(n, many("wrong{0}\n"))), CHECK, _L),
    Case("plans: wrong statements", lambda n: in_plan(filled(n, many("    paid {0}\n"))), CHECK, _L),
    Case("plans: wrong measures", lambda n: plans(n, many(_MEASURE.replace("deals.day", "deals.date{0}"))), CHECK),
    Case("plans: measures without an end", lambda n: plans(n, many(_MEASURE.replace("}}", ""))), CHECK),
    Case("plans: measures spelled wrong", lambda n: plans(n, many(_MEASURE.replace("credit", "credits"))), CHECK),
    Case("plans: a statement many times", lambda n: in_plan("    pays 1% of bookings\n" * (n // 25)), CHECK, _L),
    Case(
        "plans: a table",
        lambda n: _one(n, "table r {\n" + filled(n, many('  "v{0}" : {0}%\n')) + "  else : 1%\n}\n"),
        CHECK,
        _L,
    ),
    Case(
        "plans: a table of ranges",
        lambda n: _one(n, "table r {\n" + filled(n, many("  {0} to {1} : 1%\n")) + "}\n"),
        CHECK,
        _L,
    ),
    Case(
        "plans: a table of two",
        lambda n: _one(n, "table r {\n" + filled(n, many('  "v{0}", "w{0}" : {0}%\n')) + "  else, else : 1%\n}\n"),
        CHECK,
        _L,
    ),
    Case(
        "plans: a table of two ranges",
        lambda n: _one(
            n,
            "table r {\n"
            + filled(n, (f"  {i % 700} to {i % 700 + 1}, {i // 700} to {i // 700 + 1} : 1%\n" for i in count()))
            + "}\n",
        ),
        CHECK,
        _L,
    ),
    Case(
        "plans: a table of wide ranges",
        lambda n: _one(n, "table r {\n" + filled(n, many("  0 to {1}, {0} to {1} : 1%\n")) + "}\n"),
        CHECK,
        _L,
    ),
    Case(
        "plans: a chain of rollups",
        lambda n: plans(
            n, _after(_MEASURE.format(0, 1), many("measure m{1} in USD {{\n  rollup m{0} to manager of payee\n}}\n"))
        ),
        CHECK,
    ),
    Case(
        "plans: a chain of earnings",
        lambda n: in_plan(
            "  }\n  bonus b0 {\n    pays 1.00 USD\n  }\n"
            + filled(n, many("  bonus b{1} {{\n    pays 1% of earning of b{0}\n  }}\n"))
            + "  bonus last {\n    on bookings\n    pays 1.00 USD\n"
        ),
        CHECK,
        _L,
    ),
    Case(
        "plans: templates",
        lambda n: plans(n, many("template t{0}(rate) {{\n  bonus x{0} {{\n    pays rate of bookings\n  }}\n}}\n")),
        CHECK,
    ),
    Case(
        "plans: applied",
        lambda n: _one(
            n,
            "template t(rate) {\n  bonus x {\n    pays rate of bookings\n  }\n}\n"
            + _OTHER.format(1).replace("  bonus b", filled(n, many("  apply t(rate = {0}%)\n")) + "  bonus b"),
        ),
        CHECK,
        _L,
    ),
    Case(
        "plans: a wide template",
        lambda n: _one(
            n,
            "template t(rate) {\n"
            + filled(n // 2, many("  bonus x{0} {{\n    pays rate of bookings\n  }}\n"))
            + "}\n"
            + filled(
                n // 2, (_OTHER.format(i).replace("  bonus b", "  apply t(rate = 1%)\n  bonus b") for i in count())
            ),
        ),
        CHECK,
        _L,
    ),
    Case("plans: excepted territories", lambda n: _territories(n, 'name == "n{0}"\n  except t0'), CHECK),
    Case("plans: a chain of exceptions", lambda n: _territories(n, 'name != "n{0}"\n  except t{1}'), CHECK),
    Case("plans: layout", lambda n: plans(n, many(_MEASURE)), ["fmt", "--check"], 4_000_000),
    Case("plans: layout of mistakes", lambda n: _one(n, filled(n, many("wrong{0} "))), ["fmt", "--check"], _L),
    Case("plans: not utf-8", lambda n: project(more_spm=b"#" * n + b"\xe4"), CHECK, _L),
]
