"""Apply pools and contests, in which a payee's amount depends on the results of other payees.

The formulas are those of decision 2 (docs/decisions/0002-meaning-of-a-run.md, "Caps, budget", step 0).
"""

from __future__ import annotations

from collections.abc import Iterable

from spmlang.compile.earnings.component import CompiledComponent
from spmlang.compile.earnings.payout_rows import (
    PayoutKeys,
    RowLocations,
    any_of,
    union_steps,
)
from spmlang.compile.periods.slices import Slices
from spmlang.compile.stages.columns import PAYOUT_KEY
from spmlang.compile.stages.limits import SHARED, SHARED_COMPONENTS, SHARED_OUT, TO_SHARE, WEIGHED
from spmlang.compile.stages.periods import PERIODS
from spmlang.program.pools_and_contests import Contest, Pool, Ties
from spmlang.relations.exact_arithmetic import (
    Division,
    Number,
    add,
    apportion_column,
    at_scale,
    constant,
    multiply,
    multiply_whole,
    round_columns,
)
from spmlang.relations.nodes import (
    AddColumns,
    Binary,
    Call,
    Case,
    Compare,
    Const,
    Filter,
    Input,
    IsNull,
    Join,
    Logic,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Step,
    WeightStage,
    Window,
    WindowColumn,
)
from spmlang.values.money import minor_places
from spmlang.values.rounding import Mode

from .pool_weights import weight

_GROUP = ("plan", "version", "period")


def sharing_stages(
    components: Iterable[CompiledComponent], keys: PayoutKeys, held: RowLocations, slices: Slices
) -> tuple[list[Step | Input | WeightStage], RowLocations]:
    """Build `SHARED_OUT`, the rows of components with a pool or contest.

    Rows of components that are paid into a pool are among them.

    Args:
        components: The compiled components.
        keys: The keys of payout rows.
        held: The stages that hold the rows before pools and contests.
        slices: The slices of the run.

    Returns:
        The stages, and the stages of the rows after. Components paid into a pool then have the amount 0.
    """
    parts: list[Step] = []
    weighing: list[WeightStage] = []
    concerned: list[tuple[int, ...]] = []
    for compiled in components:
        found = _shared_rows(compiled, slices)
        if found is not None:
            rows, weights = found
            weighing += weights
            parts.append(Step(SHARED.name(*compiled.key), rows, compiled.component.span.place))
            own = keys.of(compiled.version, compiled.component.name)
            concerned.append((own["version"], own["component"], 1))
    if not concerned:
        return [], held
    columns = tuple((name, "index") for name in (*_COMPONENT, "shared"))
    shared = Input(SHARED_COMPONENTS.name(), columns, tuple(concerned))
    numbers = {number for _, number, _ in concerned}
    before = held.rows(numbers)
    to_share = Step(TO_SHARE.name(), Join(before, SHARED_COMPONENTS.rows(), _COMPONENT), "")
    rest = Filter(Join(before, SHARED_COMPONENTS.rows(), _COMPONENT, optional=True), IsNull(Ref("shared")))
    stages: list[Relation] = [keys.keep(rest, Ref("amount")), *(Stage(part.name) for part in parts)]
    return [shared, to_share, *weighing, *parts, *union_steps(SHARED_OUT, stages)], held.after(
        SHARED_OUT.name(), numbers
    )


#: The columns that identify a component of a version.
_COMPONENT = ("version", "component")


def _shared_rows(compiled: CompiledComponent, slices: Slices) -> tuple[Relation, list[WeightStage]] | None:
    """Return a component's rows with the amounts of its pool or contest, and the stages of weights that they read.

    The result is None if the component has neither, and is not paid into a pool.
    """
    component = compiled.component
    rows = Filter(TO_SHARE.rows(), any_of([compiled.keys.of(compiled.version, component.name)]))
    if isinstance(component.shared, Pool):
        return _pool(compiled, component.shared, rows)
    if isinstance(component.shared, Contest):
        return _contest(compiled, component.shared, rows, slices)
    if component.name in compiled.version.pot_components():
        return compiled.keys.keep(rows, Const(0)), []
    return None


def _pool(compiled: CompiledComponent, pool: Pool, rows: Relation) -> tuple[Relation, list[WeightStage]]:
    """Return each row with its share of the pot as the amount, and the stages of weights.

    If no payee has a weight, a pot that a component paid in is shared equally, so that it is not lost.
    """
    equally = pool.component is not None
    rows, total = _with_pot(compiled, pool, rows)
    rows, weighing = _with_weights(compiled, rows, total, equally=equally)
    if weighing:
        return compiled.keys.keep(rows, Ref("found")), weighing
    return compiled.keys.keep(_shared(rows, total, equally=equally), Ref("share")), []


def _with_weights(
    compiled: CompiledComponent, rows: Relation, total: str | None, *, equally: bool = False
) -> tuple[Relation, list[WeightStage]]:
    """Join the exact weights to the rows as `exact` if they are whole numbers.

    If they are fractions, a stage of its own computes the payee's share of `total`, or without it the score, as column
    `found`.
    """
    by = weight(compiled)
    if by.whole:
        return by.summed(rows), []
    joined, top, bottom = by.fractions(rows)
    name = WEIGHED.name(*compiled.key)
    decided = WeightStage(
        name,
        joined,
        compiled.component.span.place,
        top=top,
        bottom=bottom,
        by=PAYOUT_KEY,
        group=_GROUP,
        total=total,
        equally=equally,
    )
    return WEIGHED.rows(*compiled.key), [decided]


def _with_pot(compiled: CompiledComponent, pool: Pool, rows: Relation) -> tuple[Relation, str]:
    """Add the pool's pot in minor units, and return the name of its column.

    The pot is a constant amount or the sum of the component that is paid in.
    """
    if pool.amount is not None:
        return AddColumns(rows, (("pot", Const(int(pool.amount * 10 ** _places(compiled)))),)), "pot"
    put_in = Filter(TO_SHARE.rows(), any_of([compiled.keys.of(compiled.version, str(pool.component))]))
    pots = Project(
        Window(
            put_in,
            (
                WindowColumn("pot", "sum", Ref("amount"), partition=_GROUP),
                WindowColumn("nth", "row_number", None, partition=_GROUP),
            ),
        ),
        (("period", Ref("period")), ("pot", Ref("pot")), ("nth", Ref("nth"))),
    )
    one = Project(Filter(pots, Compare("==", Ref("nth"), Const(1))), (("period", Ref("period")), ("pot", Ref("pot"))))
    joined = Join(rows, one, ("period",), optional=True)
    return AddColumns(joined, (("whole_pot", Call("coalesce", (Ref("pot"), Const(0)))),)), "whole_pot"


def _shared(rows: Relation, total: str, *, equally: bool) -> Relation:
    """Apportion the pot by weights above zero, ties in the order of payees (decision 2, "Apportioning").

    With `equally` all shares are equal if no payee has a weight above zero.
    """
    weight = Call("greatest", (Ref("exact"), Const(0)))
    weighed: Relation = AddColumns(rows, (("own_weight" if equally else "weight", weight),))
    if equally:
        whole = Window(weighed, (WindowColumn("weights", "sum", Ref("own_weight"), partition=_GROUP),))
        nobody = Compare("==", Ref("weights"), Const(0))
        weighed = AddColumns(whole, (("weight", Case(((nobody, Const(1)),), Ref("own_weight"))),))
    return apportion_column(weighed, "share", total=total, weight="weight", partition=_GROUP, order=("payee",))


def _contest(
    compiled: CompiledComponent, contest: Contest, rows: Relation, slices: Slices
) -> tuple[Relation, list[WeightStage]]:
    """Return each row with its prize as the amount, and the stages of weights.

    Only payees who are on the version on the last day, with a score above zero, get a prize.
    """
    rows, weighing = _with_weights(compiled, rows, None)
    reached = Ref("found") if weighing else Ref("exact")
    periods = Project(PERIODS.rows(), (("period", Ref("period")), ("final_slice", Ref("final_slice"))))
    dated = Join(rows, periods, ("period",))
    last: Scalar = Ref("final_slice")
    window = compiled.component.window
    if window is not None and window.through is not None:
        last = Const(slices.slice_of(window.through))
    there = Logic("and", (Compare(">", reached, Const(0)), Compare("==", Ref("last_slice"), last)))
    scored = AddColumns(dated, (("score", Case(((there, reached),), Const(0))),))
    order = (("score", True), ("payee", False))
    placed = Window(scored, (WindowColumn("place", "row_number", None, partition=_GROUP, order=order),))
    tied = (*_GROUP, "score")
    ranked = Window(
        placed,
        (
            WindowColumn("best", "min", Ref("place"), partition=tied),
            WindowColumn("worst", "max", Ref("place"), partition=tied),
        ),
    )
    found = (
        _rated_prizes(compiled, contest, ranked) if contest.rated else _prizes(contest, ranked, tied, _places(compiled))
    )
    amount = Case(((Compare(">", Ref("score"), Const(0)), Ref("given")),), Const(0))
    return compiled.keys.keep(found, amount), weighing


def _places(compiled: CompiledComponent) -> int:
    """Return the decimal places of the minor unit of the component's currency."""
    return minor_places(compiled.version.currency)


def _prizes(contest: Contest, ranked: Relation, tied: tuple[str, ...], places: int) -> Relation:
    """Add `given`: prizes that are constant amounts, in minor units."""

    def prize(place: str) -> Scalar:
        rungs = []
        for item in contest.prizes:
            within = Logic(
                "and", (Compare(">=", Ref(place), Const(item.low)), Compare("<=", Ref(place), Const(item.high)))
            )
            rungs.append((within, Const(int(item.amount * 10**places))))
        return Case(tuple(rungs), Const(0))

    if contest.ties is not Ties.SHARE:
        return AddColumns(ranked, (("given", prize("best" if contest.ties is Ties.HIGHER else "worst")),))
    own = AddColumns(ranked, (("prize", prize("place")), ("one", Const(1))))
    whole = Window(own, (WindowColumn("prizes", "sum", Ref("prize"), partition=tied),))
    return apportion_column(whole, "given", total="prizes", weight="one", partition=tied, order=("payee",))


def _rated_prizes(compiled: CompiledComponent, contest: Contest, ranked: Relation) -> Relation:
    """Add `given`: prizes that are shares of the payee's measure, each rounded half up, in minor units."""
    first, last = {
        Ties.SHARE: ("best", "worst"),
        Ties.HIGHER: ("best", "best"),
        Ties.LOWER: ("worst", "worst"),
    }[contest.ties]
    places = _places(compiled)
    measure = Number(Ref("measure_units"), compiled.scale(str(compiled.component.main)))
    total = Number(Const(0), 0)
    for item in contest.prizes:
        prize = add(constant(item.amount), multiply(constant(item.rate), measure))
        prize = Number(Call("greatest", (prize.value, Const(0))), prize.scale)
        upper, lower = Call("least", (Ref(last), Const(item.high))), Call("greatest", (Ref(first), Const(item.low)))
        held = Call("greatest", (Binary("+", Binary("-", upper, lower), Const(1)), Const(0)))
        total = add(total, multiply(prize, Number(held, 0)))
    scale = max(total.scale, places)
    count = Binary("+", Binary("-", Ref(last), Ref(first)), Const(1))
    exact = AddColumns(ranked, (("prize_exact", at_scale(total, scale)),), passing=True)
    divisor = multiply_whole(count, 10 ** (scale - places))
    return round_columns(exact, {"given": Division("prize_exact", divisor)}, Mode.HALF_UP)
