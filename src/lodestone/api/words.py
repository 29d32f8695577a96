"""The words of each verb, as the command line has them: checked before anything is asked.

A word that nobody knows is refused, never passed over: an answer to another question than the one
that was meant is a wrong answer.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from lodestone.api.settings import MOST_ALLIANCE_DRAWS


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be printable text, and not empty")
    return text


Word = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Several = Annotated[list[Word], Field(max_length=200)]
Year = Annotated[
    int | None, Field(ge=1900, le=2200, description="Year of the data; the latest when left out.")
]
Seed = Annotated[int, Field(ge=0, le=2**53 - 1, description="Seed of the draws behind the bands.")]
Place = Annotated[Word, Field(description="Whose view: ISO3 code, country name or bloc (EU27).")]
SavedId = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{10,40}$")]

#: Named here, as the service itself loads no desk: another name is refused before a job begins.
ReadyPlan = Literal[
    "allies_four_metals",
    "eu_2030",
    "independent_of_china_2035",
    "independent_of_china_and_usa_2035",
    "japan",
    "usa_alternative_supply",
]


class Words(BaseModel):
    """Words of a verb."""

    model_config = ConfigDict(extra="forbid")

    def plain(self) -> dict[str, Any]:
        """The words as plain data, those of paging left out."""
        return self.model_dump(mode="json", exclude=set(Paging.model_fields))


class Paging(BaseModel):
    """How an answer is cut into pages and shown."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(1000, ge=1, le=100_000, description="Rows of a page.")
    offset: int = Field(0, ge=0, le=2**31 - 1, description="Rows before the page.")
    format: Literal["json", "csv"] = Field("json", description="The envelope, or its rows.")


class NoWords(Words):
    """A verb that is asked without words."""


class AssessWords(Words):
    """Score how critical materials are to a place."""

    place: Place
    material: Several = Field([], description="Names, symbols or groups; all when left out.")
    year: Year = None
    method: Several = Field([], description="Only these methods; all when left out.")
    inputs: Literal["live", "published"] = Field(
        "live", description="The data release, or figures printed by the methods' authors."
    )
    seed: Seed = 0


class ChainWords(Words):
    """Show the balanced supply chain of one material."""

    material: Word = Field(description="Name, symbol or alias.")
    year: Year = None


class ExposureWords(Words):
    """Show who leans on whom for a material: name a material, a place, or both."""

    material: Word | None = Field(None, description="Name, symbol or alias; all when left out.")
    place: Word | None = Field(None, description="Whose view; every buyer when left out.")
    on: Word | None = Field(None, description="One supplier; the largest foreign one.")
    year: Year = None


class ProfileWords(Words):
    """Show all else about a material: makers, trends, prices, controls, uses, official figures."""

    material: Word = Field(description="Name, symbol or alias.")
    place: Word = Field("EU27", description="Whose dependence and scores.")
    as_of: date | None = Field(None, description="Day on which controls hold or not; today.")
    year: Year = None


class TechnologyWords(Words):
    """Show what places control in technologies, and on whom they lean."""

    place: Several = Field(["EU27", "USA", "JPN", "CHN"], description="Whose view.")
    technology: Several = Field([], description="Such as batteries; all when left out.")
    year: Year = None


class ExplainWords(Words):
    """Say where a number comes from."""

    id: Word = Field(description="The id printed beside the number.")


class EconomyWords(Words):
    """Show what the industries of an economy make, add, import and sell."""

    place: Place
    year: Year = None


_Measures = Annotated[list[Word], Field(max_length=50)]


class ShockWords(Words):
    """Show what happens, month by month, when a supplier cuts off or a policy starts.

    One of: `scenario` (a ready one by name), `saved` (the id of one of your own), or measures.
    """

    scenario: Annotated[str, Field(pattern="^[a-z0-9_]{1,80}$")] | None = Field(
        None, description="Name of a ready scenario."
    )
    saved: SavedId | None = Field(None, description="Id of a saved scenario.")
    ban: _Measures = Field([], description="SUPPLIER:MATERIAL,...")
    licence: _Measures = Field([], description="SUPPLIER:MATERIAL,...")
    quota: _Measures = Field([], description="SUPPLIER:MATERIAL,...:SHARE that may leave")
    outage: _Measures = Field([], description="PLACE:MATERIAL,...:SHARE that is lost")
    to: Several = Field([], description="Whom bans, licences and quotas hit; all.")
    place: Several = Field(
        [], description="Whose prices and shortages; EU27, USA and JPN. ALL adds a row for each."
    )
    months: int | None = Field(None, ge=1, le=120, description="24, or what the scenario says.")
    year: Year = None
    draws: int = Field(0, ge=0, le=1000, description="Sets of assumptions behind the bands.")
    sensitivity: bool = Field(False, description="Say what moves the answer.")
    seed: Seed = 0


#: Words of a shock that are one for both sides of a comparison.
_SHARED = ("place", "months", "year", "draws", "seed")


class CompareWords(Words):
    """Lay two shocks side by side, under the same draws of the assumptions.

    Places, months, year, draws and seed hold for both: say them here, or the same in both.
    """

    first: ShockWords = Field(description="As of a shock.")
    second: ShockWords = Field(description="As of a shock.")
    place: Several = Field([], description="Whose prices and shortages; EU27, USA and JPN.")
    months: int | None = Field(None, ge=1, le=120, description="The longer of the two.")
    year: Year = None
    draws: int = Field(0, ge=0, le=1000, description="Sets of assumptions behind the bands.")
    seed: Seed = 0

    @model_validator(mode="after")
    def _one_for_both(self) -> CompareWords:
        """Take shared words from either side, if nothing contradicts them."""
        if self.first.sensitivity or self.second.sensitivity:
            raise ValueError("`sensitivity` is of a shock alone: ask /v1/shock")
        for name in _SHARED:
            usual = CompareWords.model_fields[name].get_default(call_default_factory=True)
            said = [
                getattr(x, name)
                for x in (self, self.first, self.second)
                if name in x.model_fields_set
            ]
            if any(x != said[0] for x in said[1:]):
                raise ValueError(f"`{name}` must be the same for both: say it once, outside them")
            setattr(self, name, said[0] if said else usual)
        return self


class LossesWords(Words):
    """Show what each supplier's stop would cost a place, in sectors and GDP."""

    place: Place
    supplier: Several = Field([], description="Only these; all when left out.")
    material: Several = Field([], description="Only these; all when left out.")
    months: int = Field(12, ge=1, le=60, description="How long exports stop.")
    severity: float = Field(1.0, gt=0, le=1, description="Share of exports that is withheld.")
    year: Year = None


class RiskWords(Words):
    """Rank cut-offs by expected loss: what a place should worry about first."""

    place: Place
    saved: SavedId | None = Field(None, description="Id of a saved table of hazards; ours.")
    years: int = Field(20_000, ge=1, le=1_000_000, description="Years to draw.")
    as_of: date | None = Field(None, description="Day on which controls hold or not; today.")
    year: Year = None
    seed: Seed = 0


_Days = Annotated[float, Field(ge=0, le=3650)]
_Few = Annotated[list[Word], Field(max_length=24)]


class FloorWords(Words):
    """A price floor of the members."""

    material: Word = Field(description="Such as NdPr.")
    usd_per_kg: float = Field(gt=0, lt=1e9, description="For refined content.")


class AllianceWords(Words):
    """Say what acting together is worth to each member, and who would rather stay out.

    One of: `members` and what goes with them, or `saved` (the id of a file of your own).
    """

    members: _Few = Field([], description="Places and blocs that do not overlap; two or more.")
    saved: SavedId | None = Field(None, description="Id of a saved alliance.")
    invite: _Few = Field([], description="Who may join, one by one.")
    against: Word = Field("CHN", description="Who withholds its exports.")
    material: Several = Field([], description="The EU's strategic raw materials when left out.")
    months: int = Field(12, ge=1, le=60, description="How long.")
    severity: float = Field(1.0, gt=0, le=1, description="Share of exports that is withheld.")
    share: list[Literal["stocks", "exports", "buying", "restraint"]] = Field(
        ["stocks", "exports", "buying", "restraint"], description="What members share."
    )
    stock_days: Annotated[dict[Word, _Days], Field(max_length=24)] = Field(
        {}, description="Days of use that single places hold."
    )
    terms: Annotated[dict[Word, _Days], Field(max_length=10)] = Field(
        {}, description="Other values of the alliance's assumptions, such as hoarding."
    )
    floor: FloorWords | None = Field(None, description="A price floor, and what else would do.")
    plan: ReadyPlan | None = Field(
        None, description="Name of a ready plan that members, four at most, also make together."
    )
    as_of: date | None = Field(
        None, description="Of the plan: day on which controls hold or not; today."
    )
    draws: int = Field(
        0, ge=0, le=MOST_ALLIANCE_DRAWS, description="Sets of assumptions behind the bands."
    )
    year: Year = None
    seed: Seed = 0

    @model_validator(mode="after")
    def _members_or_file(self) -> AllianceWords:
        if self.saved is None and len(self.members) < 2:
            raise ValueError("name two `members` or more, or a `saved` alliance")
        extra = self.model_fields_set - {"saved", "members", "floor", "plan", "as_of"}
        if self.saved is not None and extra:
            raise ValueError(f"{', '.join(sorted(extra))}: put these into the saved file")
        return self


class PlanWords(Words):
    """Choose the cheapest portfolio that keeps a promise, and let the market judge it.

    One of: `plan` (a ready one by name) or `saved` (the id of one of your own).
    """

    plan: ReadyPlan | None = Field(None, description="Name of a ready plan.")
    saved: SavedId | None = Field(None, description="Id of a saved plan.")
    gap: float | None = Field(None, gt=0, lt=1, description="Gap to prove; 0.005 or the plan's.")
    judge: bool = Field(True, description="Walk the plan through the market.")
    rounds: int = Field(6, ge=0, le=6, description="Rounds of measuring curves again.")
    frontier: bool = Field(False, description="Also trade cost against risk, at six weights.")
    as_of: date | None = Field(None, description="Day on which controls hold or not; today.")
    year: Year = None


class VaultWords(Words):
    """Size, run or pay for a stockpile: what it holds, when it releases, who pays.

    One of: `vault` (a ready one by name) or `saved` (the id of one of your own).
    """

    ask: Literal["size", "run", "finance"] = Field("size", description="What is asked.")
    vault: Annotated[str, Field(pattern="^[a-z0-9-]{1,80}$")] | None = Field(
        None, description="Name of a ready vault; project-vault."
    )
    saved: SavedId | None = Field(None, description="Id of a saved vault.")
    place: Word | None = Field(None, description="Who holds it, instead of the file's.")
    budget: float | None = Field(None, gt=0, lt=1e13, description="USD, instead of the file's.")
    scenario: Annotated[str, Field(pattern="^[a-z0-9_]{1,80}$")] | None = Field(
        None, description="Run: one scenario, by the name of a ready one."
    )
    ban: _Measures = Field([], description="Run: SUPPLIER:MATERIAL,...")
    paths: int = Field(1000, ge=1, le=10_000, description="Run: sampled paths.")
    months: int = Field(60, ge=1, le=240, description="Run: months of a sampled path.")
    full: bool = Field(False, description="Run: begin sampled paths with a full vault.")
    fall: float = Field(0.0, ge=0, lt=1, description="Finance: a lasting fall of prices.")
    ban_months: int = Field(0, ge=0, le=120, description="Finance: a major disruption.")
    as_of: date | None = Field(None, description="Day on which controls hold; that of the data.")
    year: Year = None
    seed: Seed = 0


class BriefWords(Words):
    """Write the decision brief of a place: JSON, HTML and PDF."""

    place: Place
    against: Word = Field(description="The supplier whose cut-off is feared.")
    year: Year = None


class DossierWords(Words):
    """Write the supply risk dossier of a company from its saved bill of materials."""

    saved: SavedId = Field(description="Id of a saved bill of materials.")
    place: Word | None = Field(None, description="Where the company works; or the bill's column.")
    against: Word | None = Field(None, description="A supplier whose stop is asked everywhere.")
    months: int = Field(24, ge=1, le=60, description="How long each stop lasts.")
    draws: int | None = Field(None, ge=0, le=256, description="Sets of assumptions behind bands.")
    as_of: date | None = Field(None, description="Day on which controls hold or not; today.")
    year: Year = None


class StudyWords(Words):
    """Run many scenarios: every supplier's stop, or sampled ones."""

    grid: bool = Field(False, description="Every supplier of a stage, one export stop each.")
    sample: int = Field(0, ge=0, le=10_000, description="Sampled scenarios.")
    material: Several = Field([], description="Only these; all when left out.")
    supplier: Several = Field([], description="Only these; all when left out.")
    place: Several = Field(["EU27", "USA", "JPN"], description="Whose losses to keep.")
    months: int | None = Field(None, ge=0, le=240, description="Months walked.")
    year: Year = None
    seed: Seed = 0


#: Long work, by the verb that is the id of its process.
PROCESSES: dict[str, type[Words]] = {
    "alliance": AllianceWords,
    "brief": BriefWords,
    "compare": CompareWords,
    "dossier": DossierWords,
    "losses": LossesWords,
    "plan": PlanWords,
    "risk": RiskWords,
    "shock": ShockWords,
    "study": StudyWords,
    "vault": VaultWords,
}
