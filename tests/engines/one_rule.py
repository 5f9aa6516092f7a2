"""Projects of one rule each, of which a test computes the payouts itself."""

from __future__ import annotations

from datetime import date

from tests.projects import BOOKINGS, Project, plan_text, small_project

_ROSTER = """
sources:
  roster:
    columns:
      role: text
      incentive: {type: money, currency: USD}
"""


def usd(amount: int) -> str:
    """Cents as a table or a plan writes them."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def project(body: str, roster: list[str], deals: list[tuple[date, str, int]]) -> Project:
    """A project that pays what `body` says, through March 2025."""
    rows = [f"{number},{day},{seller},{usd(amount)}" for number, (day, seller, amount) in enumerate(deals)]
    text = BOOKINGS + plan_text(body, members='payee.role == "rep"')
    return small_project(text, _ROSTER, days=(date(2025, 1, 1), date(2025, 3, 31)), roster=roster, deals=rows)
