"""A component of a version at work: what it stands on, and what its columns are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spmlang.compile.attainment.measures_to_date import AccumulationWindow, scope_of
from spmlang.compile.attainment.quotas import QuotaKey, QuotaRequest
from spmlang.compile.sources.columns_read import payee_columns
from spmlang.compile.sources.expressions import Bindings
from spmlang.compile.sources.references import column_aliases
from spmlang.program.expressions import longer_key
from spmlang.program.program import Component, PlanVersion, Program, RoundPer
from spmlang.relations.exact_numbers import Number
from spmlang.relations.nodes import Ref
from spmlang.values.money import minor_places

from .due_periods import so_far_column
from .entitlement import quotas_used
from .payout_rows import PayoutKeys, component_stage


@dataclass(frozen=True)
class CompiledComponent:
    """A component of a version, with what it stands on."""

    program: Program
    version: PlanVersion
    component: Component
    quotas: Mapping[str, QuotaRequest]
    keys: PayoutKeys

    def stage(self, word: str) -> str:
        """One of its stages."""
        return component_stage(word, self.version, self.component.name)

    @property
    def scope(self) -> AccumulationWindow:
        """Over what it accumulates."""
        return scope_of(self.component)

    @property
    def read(self) -> list[tuple[str, str, AccumulationWindow]]:
        """The values of measures that it reads: key, measure, and over what it accumulates."""
        own = [(name, name, self.scope) for name in self.component.measures]
        return own + [
            (longer_key(name, over), name, AccumulationWindow(over, None)) for name, over in self.component.longer
        ]

    @property
    def per_line(self) -> bool:
        """Whether it rounds each credit's line."""
        return self.component.rounding.per is RoundPer.LINE

    @property
    def walked(self) -> bool:
        """Whether its credits are walked one by one, also where nobody asks for lines."""
        first_come = self.program.first_come(self.version.name, self.component.name)
        return self.per_line or self.component.paid_by_line or first_come

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures whose sums it needs: its own, and the one that stands for its revenue."""
        revenue = self.version.revenue_of(self.component, self.program.measures)
        return tuple(dict.fromkeys([*self.component.measures, *([revenue] if revenue else [])]))

    def names(self, measures: Mapping[str, Number], *, earlier: bool = False) -> Bindings:
        """What expressions call things; with `earlier` as of the day before the slice for what shorter intervals have earned."""
        columns = column_aliases(payee_columns(self.version))
        targets = {name: asked.target() for name, asked in self.quotas.items()}
        places = minor_places(self.version.currency)
        earned = {name: Number(Ref(so_far_column(name, earlier=earlier)), places) for name in self.component.earlier}
        return Bindings(columns, measures, targets, so_far=earned)

    def scale(self, measure: str) -> int:
        """Decimal places of a measure's units."""
        return self.program.measures[measure].type.scale


def quotas_needed(component: Component) -> dict[str, QuotaKey]:
    """The quotas a component asks for, by key; never within a window."""
    if component.window is not None:
        return {}
    found: dict[str, QuotaKey] = {}
    for key, wanted in quotas_used(component).items():
        grain = wanted.over or component.accumulates
        found[key] = (wanted.quota, component.due, grain) if wanted.so_far else (wanted.quota, grain, None)
    return found


def context_columns(work: CompiledComponent, *, earlier: bool = False) -> list[str]:
    """What a component reads besides measures and quotas: of the roster, and of what is known of the interval."""
    own = list(column_aliases(payee_columns(work.version)).values())
    own += [so_far_column(name, earlier=earlier) for name in work.component.earlier]
    return list(dict.fromkeys([*own, *(["at_end"] if work.component.at_end else [])]))
