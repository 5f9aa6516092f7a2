"""Where a row of `rows.txt` stands: a file of the project in ../base, with `@` in the place of the row."""

from __future__ import annotations

_PLAN = """use measures
use quotas
use further

plan rep version 1 {{
  effective from 2024-01-01
  for       payee.role == "Rep"
  currency  USD

{}
}}
"""

FURTHER = """use measures

measure returns in USD {
  sum    orders.subtotal
  where  orders.status == "cancelled"
  on     orders.order_date
  credit orders.salesperson
}

measure quarter_bookings in USD {
  sum    orders.subtotal
  on     orders.order_date
  credit orders.salesperson
}
"""

_BONUS = "  bonus extra {{\n    each quarter\n{}\n  }}"
_TIERS = "  commission base {{\n    on bookings, year to date\n    tiers by attainment, marginal {{\n{}\n    }}\n  }}"

#: The name of a place: the file, and its text.
PLACES = {
    "pays": ("rep.spm", _PLAN.format(_BONUS.format("    @"))),
    "cap": ("rep.spm", _PLAN.format(_BONUS.format("    pays 500.00 USD\n    @"))),
    "tiers": ("rep.spm", _PLAN.format(_TIERS.format("      @\n      100% and above : 8%"))),
    "last tier": ("rep.spm", _PLAN.format(_TIERS.format("      0% to 100% : 5%\n      @"))),
    "plan": (
        "rep.spm",
        _PLAN.format(_BONUS.format("    pays 500.00 USD")).replace("  effective from 2024-01-01", "  @"),
    ),
    "property": ("rep.spm", _PLAN.format("  @\n\n" + _BONUS.format("    pays 500.00 USD"))),
    "members": (
        "rep.spm",
        _PLAN.format(_BONUS.format("    pays 500.00 USD")).replace('  for       payee.role == "Rep"', "  @"),
    ),
    "measure": (
        "deals.spm",
        "measure deals in USD {\n  sum orders.subtotal\n  on orders.order_date\n  credit orders.salesperson\n  @\n}\n",
    ),
    "credit": (
        "deals.spm",
        "measure deals in USD {\n  sum orders.subtotal\n  on orders.order_date\n  @\n}\n",
    ),
    "table": ("rates.spm", "table rates {\n  @\n}\n"),
    "file": ("more.spm", "use measures\nuse quotas\nuse further\n\n@\n"),
    "component": ("rep.spm", _PLAN.format("  @")),
}
