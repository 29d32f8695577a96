"""What a vault question asks for: the plan, with its materials, terms and days filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.vault_curves import VaultCurves, counted_once, vault_curves
from lodestone.desk.worlds import world
from lodestone.terms import attribute
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.impact_cache import Progress
    from lodestone.vault.finance import VaultTerms
    from lodestone.vault.vault_file import VaultPlan

#: Terms that the attribute table holds -> their attribute.
_ATTRIBUTES = {
    "interest": "vault_interest",
    "cash_yield": "vault_cash_yield",
    "storage": "vault_storage",
    "insurance": "vault_insurance",
    "decay": "vault_decay",
    "entry_fee": "vault_entry_fee",
    "committed": "vault_committed",
    "walk_away": "vault_walk_away",
    "sale_discount": "vault_sale_discount",
    "draw_months": "vault_draw_months",
    "replenish_months": "vault_replenish_months",
    "equity_return": "vault_equity_return",
    "loan_months": "vault_loan_months",
    "fill_months": "vault_fill_months",
    "plan_months": "vault_plan_months",
}
_WHOLE = ("loan_months", "fill_months", "plan_months", "draw_months", "replenish_months")


@dataclass(frozen=True)
class AskedVault:
    """A vault question, understood.

    Attributes
    ----------
    plan : as read, with the question's own place and budget
    ready : name of the preset it is, unchanged; empty for any other vault
    year, as_of : of the world, and of the hazards
    materials : asked for that have a chain, groups counted once
    silent : asked for and left out -> why
    """

    plan: VaultPlan
    ready: str
    year: int
    as_of: date
    materials: tuple[str, ...]
    silent: Mapping[str, str]

    @property
    def query(self) -> dict[str, Any]:
        """What the answer's run id hangs on."""
        p = self.plan
        return {
            "vault": p.name,
            "place": p.place,
            "year": self.year,
            "as_of": self.as_of.isoformat(),
            "materials": list(self.materials),
            "budget_usd": p.budget_usd,
            "cover_days": p.cover_days,
            "more_days": dict(p.more_days),
            "release": p.release,
            "aims": dict(p.aims),
            "terms": dict(p.terms),
            "stated": [[s.material, s.tonnes, s.usd_per_t, s.market_t] for s in p.stated],
        }

    def term(self, name: str) -> float:
        """A term of the file, or the central value of its attribute."""
        stated = self.plan.terms.get(name)
        if stated is not None:
            return float(stated)
        return float(attribute(_ATTRIBUTES[name]).default)

    def months(self, name: str) -> int:
        """A term in whole months."""
        return int(self.term(name))

    @property
    def carry(self) -> float:
        """Storage, insurance and decay a year, of the value held."""
        return self.term("storage") + self.term("insurance") + self.term("decay")

    def days(self, name: str) -> float | None:
        """Days of cover asked for a material; None where none are."""
        if name in self.plan.more_days:
            return float(self.plan.more_days[name])
        return self.plan.cover_days

    def terms_for(self, cost: float, **changed: float | None) -> VaultTerms:
        """Terms of the finance for contents of this cost, USD."""
        from lodestone.vault.finance import BULLET, VaultTerms

        given = {n: self.term(n) for n in _ATTRIBUTES if n != "plan_months"}
        for name in _WHOLE:
            if name in given:
                given[name] = int(given[name])
        stated, part = self.plan.terms, float(attribute("vault_equity_part").default)
        fee = stated.get("carrying_fee")
        values: dict[str, Any] = {
            **given,
            "loan": float(stated.get("loan_usd", cost * (1.0 - part))),
            "equity": float(stated.get("equity_usd", cost * part)),
            "carrying_fee": None if fee is None else float(fee),
            "repayment": str(stated.get("repayment", BULLET)),
            **changed,
        }
        return VaultTerms(**values)


def release_day() -> date:
    """Day of the data release: hazards are as of it unless another day is asked for."""
    from lodestone.desk.briefing import RELEASE_DATE

    return date.fromisoformat(RELEASE_DATE)


def asked_vault(
    vault: str | Path,
    place: str | None = None,
    budget: float | None = None,
    year: int | None = None,
    as_of: date | None = None,
) -> AskedVault:
    """Read a vault question.

    Parameters
    ----------
    vault : name of a ready vault, path of a TOML file, or the text of one
    place, budget : instead of those of the file; USD

    Raises
    ------
    RequestError
        A file with all its problems, an unknown ready vault, or no material with a chain.
    """
    from lodestone.vault.vault_file import preset_names, preset_text, read_vault

    ready = str(vault) if str(vault) in preset_names() else ""
    if ready:
        plan = read_vault(preset_text(ready))
    elif isinstance(vault, Path) or str(vault).endswith(".toml"):
        plan = read_vault(Path(vault))
    elif "\n" in str(vault):
        plan = read_vault(str(vault))
    else:
        plan = read_vault(preset_text(str(vault)))
    if budget is not None:
        if not 0.0 < budget < 1e13:
            raise RequestError(f"a budget of {budget:g} USD: above 0")
        plan, ready = replace(plan, budget_usd=float(budget)), ""
    if place is not None and place != plan.place:
        plan, ready = replace(plan, place=place), ""
    there = world(year)
    wanted = plan.materials or tuple(there.chains)
    chains = [n for n in wanted if n in there.chains]
    silent = {n: "no chain: what a cut of it does is unknown" for n in wanted if n not in chains}
    if not chains:
        raise RequestError("none of these materials has a chain: name others")
    names = counted_once(chains)
    inside = {n: "counted in rare_earths" for n in chains if n not in names}
    return AskedVault(plan, ready, there.year, as_of or release_day(), names, {**silent, **inside})


def ready_vault(name: str | None) -> str:
    """The name of a ready vault; any other word would be taken for a file of this machine.

    Raises
    ------
    RequestError
        If there is none of that name.
    """
    from lodestone.vault.vault_file import preset_names

    wanted = name or "project-vault"
    if wanted not in preset_names():
        raise RequestError(f"no ready vault {wanted!r}: one of {', '.join(preset_names())}")
    return wanted


def write_vault(vault: str, file: Path) -> None:
    """Write the file of a ready vault, or of another file, to be edited.

    Raises
    ------
    RequestError
        A file with all its problems, or an unknown ready vault.
    """
    from lodestone.report.brief import write_whole
    from lodestone.vault.vault_file import preset_names, preset_text, read_vault

    text = preset_text(vault) if vault in preset_names() else Path(vault).read_text("utf-8")
    read_vault(text)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, text.encode())


def curves_of(asked: AskedVault, workers: int = 1, progress: Progress | None = None) -> VaultCurves:
    """The curves behind a vault question: walked once, then kept."""
    from lodestone.vault.release import RULES
    from lodestone.vault.vault_file import BEST

    rules = RULES if asked.plan.release == BEST else (asked.plan.release,)
    return vault_curves(
        asked.plan.place,
        asked.year,
        asked.materials,
        rules,
        span=asked.months("plan_months"),
        fill_months=asked.months("fill_months"),
        as_of=asked.as_of,
        workers=workers,
        progress=progress,
    )
