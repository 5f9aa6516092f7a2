"""Draw the plans of random projects: successive versions, complete or as changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from .components import Component, Components, component_text
from .drawing import DAY, FIRST, LAST, Line, Measure, block, word
from .quotas import Quota, Quotas


@dataclass(frozen=True)
class Version:
    """The content of a plan version."""

    start: date
    members: str
    cap: str | None
    terms: Line
    quotas: Line
    components: tuple[Component, ...]


class Plans(Components, Quotas):
    """The maker of plans and their terms of payment."""

    def plan(self, name: str, starts: list[date], measures: list[Measure], shared: list[Quota]) -> str:
        """Draw a plan with all its versions.

        Args:
            name: The plan's name.
            starts: The first day of each version.
            measures: The measures that the plan may read.
            shared: The quotas of the project.
        """
        versions = [self.first_version(starts, measures, shared)]
        for start in starts[1:]:
            versions.append(self.next_version(versions[-1], start, measures, shared))
        last = self.noted(self.day(max(starts[-1], self.window_end(versions)), LAST) + DAY) - DAY
        ends = str(last) if self.chance(20) else None
        revenue = f"revenue {self.one(['bookings', 'bookings', *[m.name for m in measures if m.kind == 'money']])}"
        head = [f"currency {self.currency}", *([revenue] if self.chance(50) else [])]
        texts = []
        for number, version in enumerate(versions, 1):
            through = f" through {ends}" if ends and number == len(versions) else ""
            effective = f"effective from {version.start}{through}"
            before = versions[number - 2] if number > 1 else None
            changed = before and self.chance(60) and not (before.cap and not version.cap)
            if before and changed:
                lines = [effective, 'reason "A change"', *_changes(before, version)]
                texts.append(block(f"plan {name} version {number} changes version {number - 1}", lines))
            else:
                lines = [
                    effective,
                    f"for {version.members}",
                    *head,
                    *([version.cap] if version.cap else []),
                    *version.terms,
                ]
                lines += [*version.quotas, *(component_text(component) for component in version.components)]
                texts.append(block(f"plan {name} version {number}", lines))
        return "\n".join(texts)

    def window_end(self, versions: list[Version]) -> date:
        """Return the last day of the windows of the last version."""
        return max((c.window[1] for c in versions[-1].components if c.window), default=FIRST)

    def members(self) -> str:
        """Draw the condition that selects the payees of the plan."""
        usual = [
            'payee.role in ("rep", "lead")',
            'payee.role == "rep"',
            "payees assigned in assignments",
            'not payee.role == "lead"',
            "payee.extra is present",
            f"payee.base >= 100 {self.currency}",
            "(payee.grade.factor or else 0%) > 1%",
        ]
        return self.one([*usual, "payee.grade.factor > 1%"] if self.may_ask("grades") else usual)

    def first_version(self, starts: list[date], measures: list[Measure], shared: list[Quota]) -> Version:
        """Draw the first version of a plan."""
        quotas, texts = list(shared), []
        for measure in measures:
            if self.chance(15):
                quota, text = self.quota(measure)
                quotas = [*(other for other in quotas if other.name != quota.name), quota]
                texts.append(text)
        self.quotas = quotas
        names = ["base", "extra_pay", "push", "reward"][: self.number(1, self.most(4))]
        self.peers = []
        for name in names:
            self.peers.append(self.component(name, starts[0], measures))
        components, self.peers = tuple(self.peers), []
        return Version(starts[0], self.members(), self.plan_cap(), self.terms(), tuple(texts), components)

    def next_version(self, before: Version, start: date, measures: list[Measure], shared: list[Quota]) -> Version:
        """Draw the version after `before`, with some changes.

        A window that has begun is kept. A plan's cap changes only on the first day of a pay period.
        """
        components = []
        for old in before.components:
            fixed = old.window is not None
            if fixed and old.window and old.window[1] < start and self.chance(50):
                continue
            if self.chance(25):
                components.append(self.tweaked(old))
            elif fixed or any(item.reads_another for item in before.components) or not self.chance(60):
                components.append(old)
            else:
                components.append(self.component(old.name, start, measures, windows=False, kind=old.kind))
        if self.chance(30):
            components.append(self.component(f"added_{start:%Y%m%d}", start, measures))
        if not components:
            components.append(self.component("base", start, measures, windows=False))
        cap = before.cap
        if self.calendar.pay_period(start).start == start and self.chance(50):
            cap = self.plan_cap()
        members = self.members() if self.chance(20) else before.members
        terms = self.terms() if self.chance(20) else before.terms
        return replace(before, start=start, members=members, cap=cap, terms=terms, components=tuple(components))

    def terms(self) -> Line:
        """Draw the terms of payment, in most cases none."""
        if not self.chance(40):
            return ()
        lines = []
        if self.chance(60):
            lines.append(f"negative {self.negative()}")
        for head, percent in (("guarantee", 40), ("draw one", 50), ("draw two", 25)):
            if not self.chance(percent):
                continue
            line = f"{head} {self.one(['payee.base', f'20 {self.currency}', f'33.3350 {self.currency}'])}"
            line += self.one(["", " for first 2 periods"])
            if head != "guarantee" and self.chance(50):
                line += f", recover{self.one(['', f' from {self.day()}'])} at most {self.one(['10%', '50%'])}"
            lines.append(line)
        return tuple(lines)

    def negative(self) -> str:
        """Draw the rule for an amount below zero."""
        if not self.chance(60):
            return self.one(["carried forward", "forgiven", "charged"])
        most = self.one(["", f" at most {self.money(['50', '7', '0'])}"])
        share = self.one([", recover at most 50%", ", recover at most 12.5%", ", recover at most 0%", ""])
        return f"carried forward{most}{share}"

    def plan_cap(self) -> str | None:
        """Draw the plan's cap, or None."""
        return f"cap {self.limit()} each {word(self.one(self.grains))}" if self.chance(35) else None


def _changes(before: Version, after: Version) -> Iterator[str]:
    """Yield the statements that change one version into the next."""
    if after.members != before.members:
        yield f"replace for {after.members}"
    if after.cap != before.cap:
        yield f"replace {after.cap}"
    yield from _new_terms(before.terms, after.terms)
    old = {component.name: component for component in before.components}
    new = {component.name: component for component in after.components}
    for name, component in old.items():
        if name not in new:
            yield f"remove {component.kind} {name}"
    for name, component in new.items():
        if name not in old:
            yield f"add {component_text(component)}"
        elif component != old[name]:
            if parts := _parts(old[name], component):
                yield from parts
            elif component.kind == old[name].kind:
                yield f"replace {component_text(component)}"
            else:
                yield f"remove {old[name].kind} {name}"
                yield f"add {component_text(component)}"


def _new_terms(before: Line, after: Line) -> Iterator[str]:
    """Yield the statements that add, change or remove terms of payment. Draws are compared by name."""
    old, new = ({_head(line): line for line in terms} for terms in (before, after))
    yield from (f"remove {head}" for head in old if head not in new)
    for head, line in new.items():
        if line != old.get(head):
            yield f"{'replace' if head in old or not head.startswith('draw') else 'add'} {line}"


def _head(term: str) -> str:
    words = term.split()
    return " ".join(words[:2]) if words[0] == "draw" else words[0]


#: Statements that a component has at most once, with the word that removes them.
_PARTS = {"budget": "budget", "prorate": "prorate", "round": "round", "pool": "pool"}


def _parts(before: Component, after: Component) -> list[str]:
    """Return the changes of a component as changes of its statements, or an empty list if it must be replaced."""
    old, new = ({line.split()[0]: line for line in item.lines if line.split()[0] in _PARTS} for item in (before, after))
    rest = [[line for line in item.lines if line.split()[0] not in _PARTS] for item in (before, after)]
    if (before.kind, rest[0]) != (after.kind, rest[1]):
        return []
    name = f"{after.kind} {after.name}."
    found = [f"remove {name}{_PARTS[head]}" for head in old if head not in new]
    found += [f"add {name}{line}" for head, line in new.items() if head not in old]
    return found + [f"replace {name}{line}" for head, line in new.items() if head in old and line != old[head]]
