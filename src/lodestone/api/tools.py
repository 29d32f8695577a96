"""What an assistant may ask for: the verbs that change nothing, each with its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import Field, create_model

from lodestone.api.words import (
    AllianceWords,
    AssessWords,
    ChainWords,
    CompareWords,
    EconomyWords,
    ExplainWords,
    ExposureWords,
    LossesWords,
    NoWords,
    PlanWords,
    ProfileWords,
    RiskWords,
    ShockWords,
    TechnologyWords,
    VaultWords,
    Words,
)

#: Names what a user keeps in a service: an assistant has none.
SAVED = "saved"
#: Rows of a page: what an assistant reads at once, and the most that it may.
_USUAL_ROWS, _MOST_ROWS = 50, 1000


@dataclass(frozen=True)
class Tool:
    """One tool.

    Attributes
    ----------
    verb : what the desk is asked
    words : of the verb
    more : what an assistant must know besides what the words say
    long : whether it needs a solver, and may take minutes
    """

    verb: str
    words: type[Words]
    more: str = ""
    long: bool = False

    @property
    def about(self) -> str:
        """What it answers, in words."""
        first = (self.words.__doc__ or "").split("\n\n")[0].strip()
        return f"{first} {self.more}".strip()


class _Scenarios(NoWords):
    """List the ready scenarios: what each is about, and what to check."""


class _Materials(NoWords):
    """List the materials that can be asked about, with symbols and groups."""


class _Places(NoWords):
    """List the places that can be asked about: countries and blocs, with their codes."""


class _Plans(NoWords):
    """List the ready plans: what each promises, and to whom."""


class _Unseen(NoWords):
    """List what the open files cannot show, and what that does to the answers."""


class _Sources(NoWords):
    """List the data sources: publisher, title, year, licence."""


TOOLS: dict[str, Tool] = {
    "assess": Tool("assess", AssessWords, "One row for each material and method."),
    "chain": Tool("chain", ChainWords, "Output, trade, use and stocks of each place and stage."),
    "exposure": Tool("exposure", ExposureWords),
    "profile": Tool("profile", ProfileWords),
    "technology": Tool("technology", TechnologyWords),
    "explain": Tool("explain", ExplainWords, "Ids stand in the rows of other answers."),
    "economy": Tool("economy", EconomyWords),
    "scenarios": Tool("scenarios", _Scenarios),
    "materials": Tool("materials", _Materials),
    "places": Tool("places", _Places),
    "plans": Tool("plans", _Plans),
    "sources": Tool("data sources", _Sources),
    "unseen": Tool("data unseen", _Unseen),
    "shock": Tool(
        "shock",
        ShockWords,
        "Name a ready `scenario` (the tool scenarios lists them), or say measures, such as "
        '`ban`: ["CHN:gallium"]. Bands come with `draws`, such as 100.',
        long=True,
    ),
    "compare": Tool(
        "compare",
        CompareWords,
        "Each of `first` and `second` is said as the words of shock.",
        long=True,
    ),
    "losses": Tool("losses", LossesWords, "Minutes, unless few are named.", long=True),
    "risk": Tool("risk", RiskWords, "Minutes.", long=True),
    "alliance": Tool("alliance", AllianceWords, "Minutes.", long=True),
    "vault": Tool(
        "vault",
        VaultWords,
        "`ask` is size, run or finance. Minutes, the first time of a place.",
        long=True,
    ),
    "plan": Tool(
        "plan", PlanWords, "Name a ready `plan` (the tool plans lists them). Minutes.", long=True
    ),
}


@cache
def tool_words(name: str) -> type[Words]:
    """The words of a tool: the verb's, and a page of rows."""
    words = TOOLS[name].words
    limit = Field(_USUAL_ROWS, ge=1, le=_MOST_ROWS, description="Rows of a page.")
    offset = Field(0, ge=0, le=2**31 - 1, description="Rows before the page.")
    return create_model(
        words.__name__, __base__=words, __doc__="", limit=(int, limit), offset=(int, offset)
    )


@cache
def tool_schema(name: str) -> dict[str, Any]:
    """The words of a tool as a JSON schema, without those that only a service understands."""
    return _without_saved(tool_words(name).model_json_schema())


def _without_saved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, and those within it, whose properties do not name what a service keeps."""
    kept = dict(schema)
    if "properties" in kept:
        kept["properties"] = {k: v for k, v in kept["properties"].items() if k != SAVED}
        kept.pop("description", None)  # of the verb, which the tool's own replaces
    if "$defs" in kept:
        kept["$defs"] = {k: _without_saved(v) for k, v in kept["$defs"].items()}
    return kept
