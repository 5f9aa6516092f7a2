"""The plan text and the diagnostics that the tests of all renderers show."""

from __future__ import annotations

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Label, Severity
from spmlang.diagnostics.text import SourceText, Span

MEASURES = SourceText(
    "plans/measures.spm",
    """measure bookings in USD {
  sum    orders.subtotal
  on     orders.order_date
  credit orders.salesperson
}
""",
)

PLAN = SourceText(
    "plans/account executive.spm",
    """plan account_executive version 1 {
  label "Kundenbetreuer 客户"
  commission base {
    on bookingz
  }
}
""",
)


def span(source: SourceText, text: str, to: str = "") -> Span:
    """The first place of `text` in the source; up to the end of the first `to` after it, if given."""
    start = source.text.index(text)
    end = source.text.index(to, start) + len(to) if to else start + len(text)
    return Span(source, start, end)


def problem(
    slug: str,
    code: str,
    *,
    message: str,
    remedy: str,
    where: Span | Cell | None,
    why: tuple[Label, ...] = (),
    severity: Severity = Severity.ERROR,
) -> Diagnostic:
    """A diagnostic with a wording of its own."""
    return Diagnostic(slug=slug, code=code, severity=severity, message=message, remedy=remedy, where=where, why=why)


ONE_LINE = problem(
    "unexpected",
    "SPM101",
    message="There is no measure called `bookingz`.",
    remedy="Check the spelling. Did you mean `bookings`?",
    where=span(PLAN, "bookingz"),
    why=(
        Label(span(MEASURES, "bookings"), "this one is near"),
        Label(span(PLAN, "base"), "the component that asks for it"),
    ),
)
MANY_LINES = problem(
    "unclosed-brace",
    "SPM103",
    message="The block is odd: 100%, say.",
    remedy="Close it,\nthen go on.",
    where=span(PLAN, "commission", "  }"),
    severity=Severity.WARNING,
)
DATA = problem(
    "data-number",
    "SPM513",
    message="`x` is not a number.",
    remedy="Write a plain decimal.",
    where=Cell("data/deals 2013.csv", 5, "amount"),
)
WHOLE_FILE = problem(
    "data-empty-file",
    "SPM505",
    message="The file is empty.",
    remedy="Export it again.",
    where=Cell("data/deals 2013.csv"),
)
NOWHERE = problem("no-project", "SPM001", message="There is no spm.yaml.", remedy="Run `spm new`.", where=None)

#: In no order at all.
ALL = [ONE_LINE, DATA, MANY_LINES, NOWHERE, WHOLE_FILE]
IN_ORDER = [NOWHERE, WHOLE_FILE, DATA, MANY_LINES, ONE_LINE]
