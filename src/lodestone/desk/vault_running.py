"""The verb `vault_run`: a vault month by month, in one scenario or in many sampled years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import Answer
from lodestone.desk.vault_contents import wanted_contents
from lodestone.desk.vault_options import options
from lodestone.desk.vault_paths import HOLD, contents_of, relief_of, sampled_cuts
from lodestone.desk.vault_plans import asked_vault, curves_of
from lodestone.desk.vault_policies import policy_rows
from lodestone.desk.vault_scenario import scenario_rows
from lodestone.desk.vault_sizing import vault_sources
from lodestone.desk.worlds import world
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.impact_cache import Progress
    from lodestone.desk.vault_contents import Held
    from lodestone.desk.vault_curves import VaultCurves
    from lodestone.desk.vault_plans import AskedVault
    from lodestone.vault.vault_run import VaultRun

PATHS, MONTHS = 1000, 60
_MOST_PATHS, _MOST_MONTHS = 100_000, 240
#: Materials whose rules are held against the best policy.
_POLICIES = 3
PLANNED = "as planned"


def vault_run(
    vault: str | Path = "project-vault",
    *,
    scenario: str | None = None,
    bans: Sequence[str] = (),
    paths: int = PATHS,
    months: int = MONTHS,
    full: bool = False,
    place: str | None = None,
    budget: float | None = None,
    seed: int = 0,
    year: int | None = None,
    as_of: date | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Answer:
    """Run a vault: fill it, hold it, hand out in cuts, buy back.

    Parameters
    ----------
    vault : a ready vault, or a TOML file
    scenario, bans : one scenario (a ready one, a file, or `SUPPLIER:MATERIAL,...`) in which a full
        vault is walked month by month; many sampled years if left out
    paths, months : how many sampled paths, and how long
    full : whether sampled paths begin with a full vault; else it is filled first
    place, budget : instead of those of the file; USD

    Returns
    -------
    Answer
        Sampled: rows `rule` (each release rule over the same years), `month` (what is in it),
        `policy` (rules against the best policy). In a scenario: `path` (released, stock, prices
        inside and outside, use missing), `path_total`, `allocation`. Million USD.

    Raises
    ------
    RequestError
        A vault file or a scenario with all their problems.
    PlanError
        If tonnes or money do not balance to 1e-9.
    """
    if not (1 <= paths <= _MOST_PATHS and 1 <= months <= _MOST_MONTHS and seed >= 0):
        raise RequestError(
            f"{paths} paths of {months} months, seed {seed}: 1 to {_MOST_PATHS}, 1 to "
            f"{_MOST_MONTHS}, and no negative seed"
        )
    asked = asked_vault(vault, place, budget, year, as_of)
    told = _scenario(scenario, bans, asked.year)
    curves = curves_of(asked, workers, progress)
    found, _ = options(asked, curves)
    held = wanted_contents(asked, found)
    if told is not None:
        rows = scenario_rows(asked, curves, held, told)
        query: dict[str, Any] = {"scenario": scenario, "bans": list(bans)}
    else:
        rows = _sampled_rows(asked, curves, held, paths, months, full, seed)
        query = {"paths": paths, "months": months, "full": full, "seed": seed}
    return Answer(
        query={"verb": "vault_run", **asked.query, **query},
        results=tuple(rows),
        units={"value": "million USD"},
        sources=vault_sources(curves),
        notes=_notes(asked, told is not None, paths, months),
        data_release=world(asked.year).data_release,
        content_hash=world(asked.year).content_hash,
    )


def _scenario(scenario: str | None, bans: Sequence[str], year: int) -> Any:
    """The scenario asked for, or None for sampled years."""
    from lodestone.chain.scenario import Scenario
    from lodestone.desk.asking import ban_measures, read_scenario_words

    if scenario and bans:
        raise RequestError("a scenario or bans, not both: put the bans into its file")
    if scenario:
        return read_scenario_words(scenario)
    if bans:
        return Scenario("bans", ban_measures(bans), f"{year + 1}-01", 24, year)
    return None


def _sampled_rows(
    asked: AskedVault,
    curves: VaultCurves,
    held: Sequence[Held],
    paths: int,
    months: int,
    full: bool,
    seed: int,
) -> list[dict[str, Any]]:
    """Every rule over the same sampled years; what the planned one leaves in the vault."""
    from lodestone.vault.vault_run import run_vault

    contents = contents_of(asked, held)
    planned = relief_of(curves, held)
    cuts = sampled_cuts(curves, planned, paths, months, seed)
    rows: list[dict[str, Any]] = []
    for rule in (None, *curves.rules, HOLD):
        relief = planned if rule is None else relief_of(curves, held, rule)
        run = run_vault(relief, contents, cuts, paths, months, full=full)
        rows.append(_rule_row(PLANNED if rule is None else rule, run, cuts.path.size, months))
        if rule is None:
            rows += _month_rows(run, held)
    for h in sorted(held, key=lambda h: -h.band[1])[:_POLICIES]:
        rows += policy_rows(asked, curves, h)
    return rows


def _rule_row(rule: str, run: VaultRun, cuts: int, months: int) -> dict[str, Any]:
    import numpy as np

    years = months / 12.0
    yearly = run.avoided / years
    n = run.avoided.size
    in_cuts = float(run.cut_months.sum())
    bad = np.argsort(-run.loss_without, kind="stable")[: max(n // 20, 1)]
    return {
        "table": "rule",
        "rule": rule,
        "paths": n,
        "cuts": cuts,
        "value": float(yearly.mean()),
        "error": float(yearly.std(ddof=1) / np.sqrt(n)) if n > 1 else None,
        "low": float(np.quantile(yearly, 0.05)),
        "high": float(np.quantile(yearly, 0.95)),
        "loss_without": float(run.loss_without.mean() / years),
        "loss_with": float(run.loss_with.mean() / years),
        "in_bad_years": float(yearly[bad].mean()),
        "spent": float(run.spent.mean()),
        "received": float(run.received.mean()),
        "empty": float(run.empty_months.sum() / in_cuts) if in_cuts > 0.0 else None,
        "unit": "million USD a year",
        "kind": "modelled",
    }


def _month_rows(run: VaultRun, held: Sequence[Held]) -> list[dict[str, Any]]:
    """What is in the vault, mean over paths, and at the fifth percentile."""
    import numpy as np

    value = np.array([h.cost / h.days for h in held])
    whole = float(sum(h.cost for h in held))
    mean = (run.stock * value).sum(axis=1) / whole
    return [
        {
            "table": "month",
            "month": t,
            "value": float(mean[t]),
            "low": float(run.least[t]),
            "unit": "share of the contents",
            "kind": "modelled",
        }
        for t in range(mean.size)
    ]


def _notes(asked: AskedVault, told: bool, paths: int, months: int) -> tuple[str, ...]:
    rules = (
        "cover hands out all that is missing until it is empty; even hands out what is missing above "
        f"a line that the stock can hold for {asked.months('plan_months')} months; supply serves all "
        "use; hold never releases. No rule knows when a cut ends."
    )
    if told:
        return (
            f"A full vault of {asked.plan.place}, walked through the market under each rule; price "
            "is a rule that sees last month's price alone.",
            rules,
            "Losses are central, of the first twelve months; price_gain is what the place gains in "
            "prices over all months, abroad what everybody else but the supplier gains.",
        )
    return (
        f"{paths:,} paths of {months} months, cuts drawn as in `risk`; losses, releases and prices "
        "of each cut are read off walked markets. Tonnes and money balance on every path.",
        rules,
        "policy: yearly cost of one material's rule in the long run, in months that are normal or "
        "cut (central depth and length), against the best policy of a dynamic program.",
    )
