"""Parse bad text with Lark: report each mistake, repair it or cut it out, and parse the rest again.

A statement is repaired if the known mistakes show its meaning, else it is cut out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import lark
from lark.lexer import Token as LarkToken

from spmlang.diagnostics.diagnostic import Diagnostic, Fix, diagnose
from spmlang.diagnostics.text import SourceText, Span

from .ambiguous_spellings import find_ambiguity
from .foreign_spelling import find_misleading_phrase
from .lark_parser import parser
from .parse_errors import explain
from .patched_text import Edit, shown_line
from .recovery_text import blanked, position, readable_header, statement, unclosed_parenthesis
from .repairs import Repair, find_repair
from .single_statement import isolate
from .split_items import RawItem
from .tree import DEEPEST, Node, ParseBudget, Token

_MOST_MISTAKES = 50
_MOST_IN_A_STATEMENT = 6


class Recovered(NamedTuple):
    """An item's tree, its diagnostics, and True if its header is readable.

    `node` is None if the item could not be parsed at all.
    """

    node: Node | None
    problems: list[Diagnostic]
    readable: bool


def parse_item(source: SourceText, raw: RawItem, budget: ParseBudget, *, with_repairs: bool = True) -> Recovered:
    """Parse the item, repairing or cutting out one statement after another.

    Args:
        source: The file.
        raw: The item.
        budget: The characters that may still be parsed.
        with_repairs: If False, statements are only cut out, which is quick.
    """
    return _Recovery(source, raw, budget, with_repairs).recover()


class _Recovery:
    """The text of an item with its repairs so far, and the diagnostics so far."""

    def __init__(self, source: SourceText, raw: RawItem, budget: ParseBudget, with_repairs: bool) -> None:
        self.source = source
        self.budget = budget
        self.start = raw.start
        self.text = raw.text
        self.problems: list[Diagnostic] = []
        self.readable = True
        self.with_repairs = with_repairs
        #: Starts of blocks with an unreadable header. Their statements are parsed, then the blocks are cut out.
        self.unreadable_blocks: list[int] = []

    def recover(self) -> Recovered:
        """Parse to the end, or until there are too many mistakes."""
        while len(self.problems) < _MOST_MISTAKES and (found := find_misleading_phrase(self.text.text)) is not None:
            step = Repair("other-word", Edit(*found), reads=True)
            self._report_repair(step)
            self.text = self.text.edited(step.edit)
        while len(self.problems) < _MOST_MISTAKES and self.budget.allows(self.text.text):
            try:
                tree = parser().parse(self.text.text)
            except lark.exceptions.UnexpectedInput as mistake:
                if not self._repair_or_cut(mistake):
                    return Recovered(None, self.problems, readable=False)
            else:
                return self._read(tree)
        last = self.problems[-1].where if self.problems else Span(self.source, self.start, self.start + 1)
        self.problems.append(diagnose("too-many-mistakes", last))
        return Recovered(None, self.problems, readable=False)

    def _read(self, tree: lark.Tree[LarkToken]) -> Recovered:
        """Convert Lark's tree, after cutting out the blocks whose headers are unreadable."""
        if self.unreadable_blocks:
            text = self.text.text
            for start in self.unreadable_blocks:
                text = blanked(text, statement(text, start))
            self.text = self.text._replace(text=text)
            tree = parser().parse(text)
        node = _convert(tree, self._place, self.start)
        if node is None:
            where = Span(self.source, self.start, self.start + 1)
            self.problems.append(diagnose("too-deep", where, most=DEEPEST))
        return Recovered(node, self.problems, self.readable)

    def _repair_or_cut(self, mistake: lark.exceptions.UnexpectedInput) -> bool:
        """Report the mistake and change the text so that the parser gets further.

        Returns:
            False if the text cannot be changed so.
        """
        text = self.text.text
        at = position(mistake, text)
        opened = unclosed_parenthesis(mistake, text, at)
        if opened is not None:
            self.problems.append(diagnose("unclosed-parenthesis", self._span(opened, opened + 1)))
            return self._cut_statement(opened, text.rfind("\n", 0, at))
        steps, asked = self._find_repairs(at) if self.with_repairs else ([], None)
        if asked is not None:
            self.problems.append(asked)
            return self._cut_statement(at)
        if steps and steps[-1].reads:
            for step in steps:
                self._report_repair(step)
                self.text = self.text.edited(step.edit)
            return True
        if steps:
            self._report_repair(steps[0])
        else:
            self.problems.append(explain(mistake, text, at, self._span))
        return self._cut_statement(at)

    def _find_repairs(self, at: int) -> tuple[list[Repair], Diagnostic | None]:
        """Return the edits that make the statement around `at` readable, as far as they are known.

        If a person must decide between several readings, there are no edits but a diagnostic.
        """
        steps: list[Repair] = []
        text = self.text
        start, end = statement(text.text, at)
        frame = isolate(text.text, start, end)
        stop = frame.stop() if frame else None
        while frame and stop and len(steps) < _MOST_IN_A_STATEMENT:
            asked = find_ambiguity(frame, stop.at)
            if asked is not None:
                place = (self.start + text.before(start + offset) for offset in (asked.start, asked.end))
                return [], diagnose(asked.slug, Span(self.source, *place), (), **asked.words)
            step = find_repair(frame, stop)
            if step is None:
                break
            frame = frame.edited(step.edit)
            stop = frame.stop()
            steps.append(step._replace(edit=step.edit.shifted(start)))
            text = text.edited(steps[-1].edit)
        return steps, None

    def _report_repair(self, step: Repair) -> None:
        """Report the mistake of an edit, with the edit as its fix."""
        edit, text = step.edit, self.text.text
        place = self._span(edit.start, edit.end)
        start = text.rfind("\n", 0, edit.start) + 1
        end = text.find("\n", edit.end)
        line = edit.applied(text[: end if end >= 0 else len(text)])[start:]
        self.problems.append(
            diagnose(
                step.slug,
                place,
                found=text[edit.start : edit.end].strip(),
                better=edit.text.strip(),
                word=next(iter(edit.applied(text)[edit.start :].split()), ""),
                line=shown_line(line),
            ).mended_by(Fix(place, edit.text))
        )

    def _cut_statement(self, at: int, until: int | None = None) -> bool:
        """Cut out the statement around `at`. Of an item or a block only the header is replaced.

        Args:
            at: An offset in the statement.
            until: The end of the text to cut out, if it is not the end of the statement.

        Returns:
            False if nothing could be cut out.
        """
        text = self.text.text
        start, end = statement(text, at)
        line_end = text.find("\n", start)
        line_end = len(text) if line_end < 0 else line_end
        header = readable_header(text[start:line_end], declares=start == 0) if at <= line_end else None
        if header is not None and until is None:
            if start == 0:
                if not self.readable:
                    return False
                self.readable = False
            else:
                self.unreadable_blocks.append(start)
            self.text = self.text.edited(Edit(start, line_end, header))
            return True
        cut = blanked(text, (start, end if until is None else until))
        if start == 0 or cut == text:
            return False
        self.text = self.text._replace(text=cut)
        return True

    def _place(self, offset: int) -> int:
        return self.start + self.text.before(offset)

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, self._place(start), self._place(end))


def _convert(tree: lark.Tree[LarkToken], place: Callable[[int], int], start: int, depth: int = 0) -> Node | None:
    """Convert Lark's tree to nodes with offsets in the file. Returns None above DEEPEST levels."""
    if depth > DEEPEST:
        return None
    children: list[Node | Token] = []
    for child in tree.children:
        if not isinstance(child, LarkToken):
            node = _convert(child, place, start, depth + 1)
            if node is None:
                return None
            children.append(node)
        elif child.type != "_NL":
            assert child.start_pos is not None
            assert child.end_pos is not None
            children.append(Token(child.type, str(child), place(child.start_pos), place(child.end_pos)))
    begins = children[0].start if children else start
    return Node(tree.data, tuple(children), begins, children[-1].end if children else begins)
