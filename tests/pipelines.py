"""Check every pipeline that a test builds: its invariants, and that its stages are those that the compiler declares."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import pytest

from spmlang.compile.stages import attainment, credits, earnings, limits, payees, periods, reconciliation
from spmlang.engines import pipelines
from spmlang.relations.invariants import BrokenInvariants, check_invariants, examine
from spmlang.relations.nodes import Pipeline
from spmlang.relations.stage_spec import StageSpec, undeclared

_Parameters = ParamSpec("_Parameters")

#: What the compiler declares of its stages.
DECLARED = tuple(
    spec
    for module in (periods, payees, credits, attainment, earnings, limits, reconciliation)
    for spec in vars(module).values()
    if isinstance(spec, StageSpec)
)

#: What `engines.pipelines` makes pipelines with: the compiler, and passes over its pipelines.
COMPILERS = ("build_pipeline", "build_crediting")
PASSES = ("split_by_file", "inline_single_use")


def check_compiled(pipeline: Pipeline) -> None:
    """Raise BrokenInvariants unless a pipeline of the compiler holds its invariants and has the declared stages."""
    check_invariants(pipeline)
    differences = undeclared(examine(pipeline).stages, DECLARED)
    if differences:
        raise BrokenInvariants("\n".join(differences))


def check_every_pipeline(patch: pytest.MonkeyPatch) -> None:
    """Have each pipeline that an engine asks for checked once it is compiled, and after each pass."""
    for names, check in ((COMPILERS, check_compiled), (PASSES, check_invariants)):
        for name in names:
            patch.setattr(pipelines, name, _checked(getattr(pipelines, name), check))


def _checked(
    make: Callable[_Parameters, Pipeline], check: Callable[[Pipeline], None]
) -> Callable[_Parameters, Pipeline]:
    @wraps(make)
    def made(*arguments: _Parameters.args, **named: _Parameters.kwargs) -> Pipeline:
        pipeline = make(*arguments, **named)
        check(pipeline)
        return pipeline

    return made
