"""A component prepared for compilation: its quotas, its accumulation window and its column names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from spmlang.compile.attainment.measures_to_date import AccumulationWindow, scope_of
from spmlang.compile.attainment.quotas import QuotaKey, QuotaRequest
from spmlang.compile.sources.expressions import Bindings
from spmlang.compile.sources.references import column_aliases
from spmlang.program.expressions import longer_key
from spmlang.program.pay_rules import RoundPer
from spmlang.program.program import Component, PlanVersion, Program
from spmlang.program.reads import payee_columns, quotas_used
from spmlang.relations.exact_arithmetic import Number
from spmlang.relations.nodes import Ref
from spmlang.values.money import minor_places

from .due_periods import so_far_column
from .payout_rows import PayoutKeys


@dataclass(frozen=True, kw_only=True)
class CompiledComponent:
    """A component of a plan version, prepared for compilation.

    `quotas` are the requested quotas by the key that expressions use for them. `keys` has the numbers of plans and
    components.
    """

    program: Program
    version: PlanVersion
    component: Component
    quotas: Mapping[str, QuotaRequest]
    keys: PayoutKeys

    @property
    def key(self) -> tuple[str, int, str]:
        """The plan, version and component, which name the component's stages."""
        return (self.version.name, self.version.version, self.component.name)

    @property
    def scope(self) -> AccumulationWindow:
        """The grain or the window over which the component accumulates."""
        return scope_of(self.component)

    @property
    def read(self) -> list[tuple[str, str, AccumulationWindow]]:
        """The values of measures that the component reads: key, measure and accumulation window of each.

        The key of a measure over the component's own interval is its name. Over a longer one it is `longer_key`.
        """
        own = [(name, name, self.scope) for name in self.component.measures]
        return own + [
            (longer_key(name, over), name, AccumulationWindow(over, None)) for name, over in self.component.longer
        ]

    @property
    def per_line(self) -> bool:
        """True if the component rounds the line of each credit."""
        return self.component.rounding.per is RoundPer.LINE

    @cached_property
    def credit_by_credit(self) -> bool:
        """True if the component is computed credit by credit, even in a run without lines."""
        first_come = self.program.first_come(self.version.name, self.component.name)
        return self.per_line or self.component.paid_by_line or first_come

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures whose sums the component needs: those that it reads, and its revenue measure."""
        revenue = self.version.revenue_of(self.component, self.program.measures)
        return tuple(dict.fromkeys([*self.component.measures, *([revenue] if revenue else [])]))

    def names(self, measures: Mapping[str, Number], *, earlier: bool = False) -> Bindings:
        """Return the column names that the component's expressions use.

        Args:
            measures: The number of each measure, by key.
            earlier: True to take the earnings of shorter intervals as of the day before the slice, not as of its end.
        """
        columns = column_aliases(payee_columns(self.version))
        targets = {name: asked.target() for name, asked in self.quotas.items()}
        places = minor_places(self.version.currency)
        earned = {name: Number(Ref(so_far_column(name, earlier=earlier)), places) for name in self.component.earlier}
        return Bindings(columns=columns, measures=measures, targets=targets, so_far=earned)

    def scale(self, measure: str) -> int:
        """Return the decimal places of a measure's units."""
        return self.program.measures[measure].type.scale


def quotas_needed(component: Component) -> dict[str, QuotaKey]:
    """Return the quotas that a component needs, by the key that its expressions use.

    A component with a window needs none.
    """
    if component.window is not None:
        return {}
    found: dict[str, QuotaKey] = {}
    for key, wanted in quotas_used(component).items():
        grain = wanted.over or component.accumulates
        found[key] = (wanted.quota, component.due, grain) if wanted.so_far else (wanted.quota, grain, None)
    return found


def context_columns(compiled: CompiledComponent, *, earlier: bool = False) -> list[str]:
    """Return the columns that a component reads besides measures and quotas.

    They are roster columns, the earnings of shorter intervals (`earlier` as in `CompiledComponent.names`), and
    `at_end`.
    """
    own = list(column_aliases(payee_columns(compiled.version)).values())
    own += [so_far_column(name, earlier=earlier) for name in compiled.component.earlier]
    return list(dict.fromkeys([*own, *(["at_end"] if compiled.component.at_end else [])]))
