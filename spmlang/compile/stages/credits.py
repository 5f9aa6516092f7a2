"""The stages of credits: territories, sums, and single credits."""

from __future__ import annotations

from spmlang.relations.stage_spec import DOTTED, StageSpec

from .columns import CREDIT_COLUMNS, PAIR, SUMS

_OWNER = ("territory", "owner", "owner_from", "owner_through")

TERRITORIES = StageSpec(
    word="territories_of",
    each="source",
    holds="the territories of a source, numbered",
    columns=("number", "territory"),
)
COVERS = StageSpec(
    word="covers",
    each="source and shape of condition",
    holds="the conditions of territories as rows: texts to equal, ranges to lie in",
    columns=("number",),
    families=("text", "low", "high"),
)
ASKED_BY_TERRITORIES = StageSpec(
    word="asked_by_territories_of",
    each="source",
    holds="the rows of a source with the columns that territories read",
    columns=("territory_key", "territory_file", "territory_row"),
    optional=("territory_from",),
    families=(DOTTED,),
)
TERRITORY_OF = StageSpec(
    word="territory_of",
    each="source",
    holds="the first and last territory that covers each row of a source",
    columns=("territory_key", "territory_file", "territory_row", "number", "last", "territory"),
    optional=("territory_from",),
)
OWNERS_IN_PLAN = StageSpec(word="owners_in_plan", holds="the owners that plan text names", columns=_OWNER)
CODES = StageSpec(
    word="codes_in",
    each="table of owners",
    holds="the codes of territories in a table of owners",
    columns=("territory", "code"),
)
OWNERS = StageSpec(word="owners", holds="the owners of all territories, with their first and last day", columns=_OWNER)
CREDITED = StageSpec(
    word="credited",
    each="source and scan",
    holds="the sums of credits per payee and slice that one scan of a source gives",
    columns=PAIR,
    families=SUMS,
)
DISTINCT = StageSpec(
    word="distinct",
    each="measure and rule",
    holds="the sums of a rule of a `count distinct` measure per payee and slice",
    columns=PAIR,
    families=SUMS,
)
CREDITS_OF = StageSpec(
    word="credits_of",
    each="measure",
    holds="the single credits of a measure",
    columns=(*PAIR, *(name for name in CREDIT_COLUMNS if name != "measure")),
)
#: (payee, place) identifies a credit; `sequence` numbers a payee's credits by `ordered_credits.ORDER`. Credits that are
#: equal in ORDER have the same `rank`. There are such credits because a payee may be a member of a group twice.
CREDITS = StageSpec(
    word="credits",
    holds="the single credits of all measures that are computed credit by credit, in order",
    columns=(*PAIR, *CREDIT_COLUMNS, "sequence", "rank"),
)
#: Measures that components read together with others have a column `in_slice:…` of their own. All others share
#: `in_slice`, the sum of the credit's own measure.
CREDITS_WITH_RUNNING_SUM = StageSpec(
    word="credits_in_slices",
    holds="the single credits with running sums in the slice up to and with the credit",
    columns=(*PAIR, "measure", "day", "sequence", "units"),
    optional=("in_slice",),
    families=("in_slice",),
)
