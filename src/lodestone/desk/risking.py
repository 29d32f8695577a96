"""The verb `risk`: what a place should worry about first, likelihood times loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import Answer, citations
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.group_shortages import counted_in_group
from lodestone.desk.hazard_inputs import hazard_table
from lodestone.desk.impact_cache import Progress
from lodestone.desk.losing import cuts_of, sources_of_losses
from lodestone.desk.loss_surfaces import (
    CENTRAL,
    FIGURES,
    HIGH,
    LOW,
    MONTHS,
    PRICE,
    SEVERITIES,
    Surfaces,
    surfaces,
)
from lodestone.desk.worlds import world
from lodestone.terms import attribute
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    import numpy as np

    from lodestone.desk.assess_buyer import Buyer
    from lodestone.desk.losing import Cut
    from lodestone.economy.exposure import Exposure
    from lodestone.economy.table import EconomyTable
    from lodestone.risk.hazard import Hazard
    from lodestone.risk.loss_sample import LossSample
    from lodestone.risk.loss_surface import LossSurface
    from lodestone.risk.sampling import Chances

    Floats = np.ndarray[Any, Any]

#: Levels of VaR and CVaR; the last orders nothing but is shown.
LEVELS = (0.9, 0.95, 0.99)
PERIODS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
#: Thresholds of the reverse stress: shares of GDP, and of one sector's output.
GDP_SHARES, SECTOR_SHARE = (0.001, 0.005), 0.05
YEARS = 20_000
#: Power of two of quasi-random depths and lengths behind the chance to reach a threshold.
_LOTS = 14


@dataclass(frozen=True)
class RiskAnswer(Answer):
    """The answer of `risk`.

    Attributes
    ----------
    hazards : the table it rests on, to be written, edited and read again
    """

    hazards: tuple[Hazard, ...]

    def hazards_text(self) -> str:
        """The table of hazards as CSV."""
        from lodestone.risk.hazard import hazards_as_text

        return hazards_as_text(self.hazards)


def risk(
    place: str,
    *,
    hazards: Path | None = None,
    years: int = YEARS,
    seed: int = 0,
    year: int | None = None,
    as_of: date | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> RiskAnswer:
    """Rank cut-offs by expected loss: how likely, times what it costs.

    Parameters
    ----------
    place : a country or bloc with an input-output table
    hazards : a CSV file with hazards of one's own; pairs it does not name keep ours
    years : how many years are drawn; rounded up to thousands
    seed : of the draws; the same on one worker or many
    as_of : day on which controls are in force or not; today if left out
    workers : processes on this machine

    Returns
    -------
    RiskAnswer
        Rows `pair` (supplier and material; `once_begun` is the mean loss of a cut that has begun),
        `material`, `supplier` (ranked by expected loss), `tail`
        (mean, VaR, CVaR with standard errors), `exceedance`, `convergence`, `sensitivity` (how the
        ranking changes with each assumption), `reverse_stress`, `rate` (what was counted). Million
        USD a year.

    Raises
    ------
    RequestError
        A place without a table, or a bad table of hazards, with all that is wrong with it.
    """
    if years < 1 or seed < 0:
        raise RequestError(f"years {years}, seed {seed}: at least one year, and no negative seed")
    there = world(year)
    day = as_of or date.today()
    weighed = expected_losses(place, there.year, day, hazards, workers, progress)
    who, table, found = weighed.who, weighed.table, weighed.found
    held, c, mean = weighed.hazards, weighed.chances, weighed.mean
    sample = _sample(c, found.surface, years, seed, workers)
    rows = _pair_rows(held, c, found, mean, sample, table)
    rows += _grouped_rows("material", 1, c, mean, sample)
    rows += _grouped_rows("supplier", 0, c, mean, sample)
    rows += _tail_rows(sample, mean, table)
    rows += _sensitivity_rows(
        held, c, found, mean, table, weighed.exposed, weighed.cuts, who.members
    )
    rows += _stress_rows(c, found, table)
    rows += _rate_rows(pairs_at_risk(weighed.cuts), day)
    rows += [
        {"table": "unknown", "supplier": s, "material": m, "note": why}
        for (s, m), why in found.unknown.items()
    ]
    return RiskAnswer(
        query={
            "verb": "risk",
            "place": who.id,
            "year": there.year,
            "hazards": hazards.name if hazards else "ours",
            "hazards_digest": _digest(held),
            "years": sample.years,
            "seed": seed,
            "as_of": day.isoformat(),
        },
        results=tuple(rows),
        units=dict.fromkeys(("value", "low", "high"), "million USD a year"),
        sources=citations([*sources_of_losses(table), "controls", "usgs_mcs2026", "wgi"]),
        notes=_notes(table, hazards, day, sample),
        data_release=there.data_release,
        content_hash=there.content_hash,
        hazards=tuple(held),
    )


@dataclass(frozen=True)
class Weighed:
    """Expected losses of a place, with all that they were made from.

    Attributes
    ----------
    mean : (K, P) expected yearly loss in each of `loss_surfaces.FIGURES`, by pair
    """

    who: Buyer
    table: EconomyTable
    exposed: Mapping[str, Exposure]
    cuts: Mapping[float, Sequence[Cut]]
    found: Surfaces
    hazards: tuple[Hazard, ...]
    chances: Chances
    mean: Floats


def expected_losses(
    place: str,
    year: int,
    as_of: date,
    hazards: Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Weighed:
    """Likelihood times loss of every supplier and material, by quadrature."""
    from lodestone.desk.economies import economy
    from lodestone.desk.exposures import exposures
    from lodestone.risk.sampling import chances, expected

    who = buyer(place, year)
    table = economy(who.id, year)
    exposed = exposures(who.id, year)
    cuts = cuts_of(who.id, year, MONTHS, SEVERITIES, workers=workers, progress=progress)
    found = surfaces(table, exposed, cuts, who.members)
    held = hazard_table(found.pairs, pairs_at_risk(cuts), as_of, hazards)
    c = chances(held, float(attribute("cut_correlation").default))
    mean = expected(c, found.surface)
    return Weighed(who, table, exposed, cuts, found, tuple(held), c, mean)


def pairs_at_risk(cuts: Mapping[float, Sequence[Cut]]) -> tuple[tuple[str, str], ...]:
    """Every supplier and material that was walked, whoever asks; parts of a group not beside it."""
    walked = next(iter(cuts.values()))
    names = {cut.material for cut in walked}
    return tuple(
        (cut.supplier, cut.material) for cut in walked if not counted_in_group(cut.material, names)
    )


def write_hazards(answer: RiskAnswer, file: Path) -> RiskAnswer:
    """Write the table of hazards that an answer rests on; the answer names the file."""
    from lodestone.report.brief import write_whole

    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, answer.hazards_text().encode())
    return replace(answer, notes=(f"Hazards: {file}", *answer.notes))


def _sample(c: Chances, surface: LossSurface, years: int, seed: int, workers: int) -> LossSample:
    from lodestone.desk.risk_work import YearsWanted, drawn
    from lodestone.desk.studying import runner
    from lodestone.risk.loss_sample import gathered
    from lodestone.risk.sampling import CHUNK

    chunks = -(-years // CHUNK)
    wanted = [(k, YearsWanted(c, surface, seed, k)) for k in range(chunks)]
    done = dict(runner(min(workers, chunks), None).map(drawn, wanted))
    return gathered([done[k] for k in range(chunks)])


def _pair_rows(
    held: Sequence[Hazard],
    c: Chances,
    found: Surfaces,
    mean: Floats,
    sample: LossSample,
    table: EconomyTable,
) -> list[dict[str, Any]]:
    import numpy as np

    bad = sample.in_bad_years(CENTRAL, 0.95, len(c.pairs))
    full = found.surface.at(
        np.arange(len(c.pairs)), np.ones(len(c.pairs)), np.full(len(c.pairs), 12.0)
    )
    order = np.argsort(-mean[CENTRAL], kind="stable")
    rows = []
    for n, p in enumerate(order, 1):
        h = held[p]
        # expected losses are in proportion to the probability
        scale = 1.0 / h.probability if h.probability > 0.0 else 0.0
        leading = np.argsort(-found.sector_loss[p] * table.value_added, kind="stable")[:3]
        rows.append(
            {
                "table": "pair",
                "rank": n,
                "supplier": h.supplier,
                "material": h.material,
                "value": float(mean[CENTRAL, p]),
                "low": float(mean[[PRICE, CENTRAL], p].min()),
                "high": float(mean[HIGH, p]),
                "if_unlikely": float(mean[CENTRAL, p] * h.probability_low * scale),
                "if_likely": float(mean[CENTRAL, p] * h.probability_high * scale),
                "probability": h.probability,
                "once_begun": float(mean[CENTRAL, p] * scale) if scale else None,
                "full_stop": float(full[CENTRAL, p]),
                "in_bad_years": float(bad[p]),
                "sectors": "; ".join(
                    table.names[k] for k in leading if found.sector_loss[p, k] > 1e-9
                )
                or None,
                "evidence": h.evidence,
                "unit": "million USD a year",
                "kind": "modelled",
                "reason": h.reason,
            }
        )
    return rows


def _grouped_rows(
    what: str, at: int, c: Chances, mean: Floats, sample: LossSample
) -> list[dict[str, Any]]:
    import numpy as np

    bad = sample.in_bad_years(CENTRAL, 0.95, len(c.pairs))
    names = [pair[at] for pair in c.pairs]
    other = [pair[1 - at] for pair in c.pairs]
    rows: list[dict[str, Any]] = []
    for name in dict.fromkeys(names):
        pick = np.array([k for k, n in enumerate(names) if n == name])
        worst = pick[np.argsort(-mean[CENTRAL, pick], kind="stable")][:3]
        rows.append(
            {
                "table": what,
                what: name,
                "value": float(mean[CENTRAL, pick].sum()),
                "low": float(np.minimum(mean[PRICE, pick], mean[CENTRAL, pick]).sum()),
                "high": float(mean[HIGH, pick].sum()),
                "probability": float(1.0 - np.prod(1.0 - c.probability[pick])) if at == 1 else None,
                "in_bad_years": float(bad[pick].sum()),
                "mostly": ", ".join(other[k] for k in worst if mean[CENTRAL, k] > 0.0),
                "unit": "million USD a year",
                "kind": "modelled",
            }
        )
    rows.sort(key=lambda r: (-r["value"], r[what]))
    return [{"table": r["table"], "rank": n, **r} for n, r in enumerate(rows, 1)]


def _tail_rows(sample: LossSample, mean: Floats, table: EconomyTable) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for k, name in enumerate(FIGURES):
        drawn, error = sample.mean(k)
        rows.append(
            {
                "table": "tail",
                "figure": name,
                "what": "mean loss of a year",
                "value": drawn,
                "error": error,
                "exact": float(mean[k].sum()),
                # of the central figure, as in every ranking: from the price cost to the high one
                "low": float(mean[PRICE].sum()) if k == CENTRAL else None,
                "high": float(mean[HIGH].sum()) if k == CENTRAL else None,
                "share_of_gdp": drawn / table.gdp,
            }
        )
        for level in LEVELS:
            var, cvar, at = sample.worst(k, level)
            label = {"table": "tail", "figure": name, "quantile": level}
            rows.append({**label, "what": "VaR", "value": var, "share_of_gdp": var / table.gdp})
            rows.append(
                {
                    **label,
                    "what": "CVaR",
                    "value": cvar,
                    "error": at,
                    "share_of_gdp": cvar / table.gdp,
                }
            )
    curves = [sample.exceedance(k, PERIODS) for k in (PRICE, LOW, CENTRAL, HIGH)]
    for n, period in enumerate(PERIODS):
        rows.append(
            {
                "table": "exceedance",
                "once_in_years": period,
                "price_cost": curves[PRICE][n],
                "low": curves[LOW][n],
                "value": curves[CENTRAL][n],
                "high": curves[HIGH][n],
                "unit": "million USD",
            }
        )
    rows += [
        {"table": "convergence", "years": size, "value": value, "error": error}
        for size, value, error in sample.convergence(CENTRAL)
    ]
    return rows


def _sensitivity_rows(
    held: Sequence[Hazard],
    c: Chances,
    found: Surfaces,
    mean: Floats,
    table: EconomyTable,
    exposed: Mapping[str, Any],
    cuts: Mapping[float, Sequence[Any]],
    members: Sequence[str],
) -> list[dict[str, Any]]:
    """How the ranking of materials changes with each assumption, one at a time."""
    import numpy as np

    from lodestone.risk.ranking import compared, sums_by
    from lodestone.risk.sampling import chances, expected

    base = sums_by([m for _, m in c.pairs], mean[CENTRAL])

    def row(assumption: str, setting: str, values: Floats) -> dict[str, Any]:
        other = sums_by([m for _, m in c.pairs], values)
        seen = compared(base, other)
        return {
            "table": "sensitivity",
            "assumption": assumption,
            "setting": setting,
            "value": float(values.sum()),
            "rank_correlation": seen.spearman,
            "same_in_top_ten": seen.same_in_top,
            "first": seen.first,
            "enters": ", ".join(seen.enters) or None,
            "leaves": ", ".join(seen.leaves) or None,
        }

    def with_hazards(change: Callable[[Hazard], Hazard]) -> Floats:
        changed = chances([change(h) for h in held], c.correlation)
        return np.asarray(expected(changed, found.surface)[CENTRAL])

    rows = [row("as it stands", "central", mean[CENTRAL])]
    rows += [
        row("which figure", name, mean[k])
        for k, name in ((PRICE, "price cost alone"), (LOW, FIGURES[LOW]), (HIGH, FIGURES[HIGH]))
    ]
    low = with_hazards(lambda h: replace(h, probability=h.probability_low))
    high = with_hazards(lambda h: replace(h, probability=h.probability_high))
    flat = sum(h.probability for h in held) / max(len(held), 1)
    equal = with_hazards(lambda h: replace(h, probability=flat))
    rows += [
        row("probability", "low", low),
        row("probability", "high", high),
        row("probability", "the same for all", equal),
    ]
    for name, ends in (
        ("severity", ("severity_low", "severity_high")),
        ("months", ("months_low", "months_high")),
    ):
        for end, label in zip(ends, ("always low", "always high"), strict=True):
            rows.append(row(f"cut {name}", label, with_hazards(_fixed(name, end))))
    a = attribute("sigma")
    for value, label in ((float(a.low), "low"), (float(a.high), "high")):
        scales = dict(zip(found.pairs, found.upstream, strict=True))
        other = surfaces(table, exposed, cuts, members, (value, value, value), scales)
        rows.append(row("sigma", label, expected(c, other.surface)[CENTRAL]))
    return rows


def _fixed(name: str, end: str) -> Callable[[Hazard], Hazard]:
    """A hazard whose depth or length is always at one end."""

    def change(h: Hazard) -> Hazard:
        value = getattr(h, end)
        return replace(h, **{name: value, f"{name}_low": value, f"{name}_high": value})

    return change


def _stress_rows(c: Chances, found: Surfaces, table: EconomyTable) -> list[dict[str, Any]]:
    """The likeliest sets of full stops of a year that reach each threshold."""
    import numpy as np

    from lodestone.risk.reverse_stress import likeliest

    count = len(c.pairs)
    full = found.surface.at(np.arange(count), np.ones(count), np.full(count, 12.0))[CENTRAL]
    asked: list[tuple[str, Floats, float]] = [
        (f"GDP down {share:.1%}", full / table.gdp, share) for share in GDP_SHARES
    ]
    reach = found.sector_loss.sum(axis=0)
    sizes = np.where(reach >= SECTOR_SHARE, table.value_added, 0.0)
    for k in np.argsort(-sizes, kind="stable")[:3]:
        if sizes[k] > 0.0:
            words = f"{table.names[k]} down {SECTOR_SHARE:.0%}"
            asked.append((words, found.sector_loss[:, k], SECTOR_SHARE))
    rows = []
    for words, loss, threshold in asked:
        answer = likeliest(c, loss, threshold)
        reach = _chance_to_reach(
            c, found.surface, answer.cuts, loss / np.maximum(full, 1e-300), threshold
        )
        rows.append(
            {
                "table": "reverse_stress",
                "threshold": words,
                "cuts": ", ".join(":".join(c.pairs[k]) for k in answer.cuts) or None,
                "number": len(answer.cuts) if answer.reachable else None,
                "probability": answer.probability if answer.reachable else None,
                "reaches": answer.probability * reach if answer.reachable else None,
                "loss": answer.loss,
                "proved": answer.proved,
                "note": None if answer.reachable else "all cut-offs together do not reach it",
            }
        )
    return rows


def _chance_to_reach(
    c: Chances, surface: LossSurface, cuts: Sequence[int], unit: Floats, threshold: float
) -> float:
    """That cuts which have begun are deep and long enough to reach a threshold together.

    Parameters
    ----------
    unit : (P,) what one million of central loss is in the unit of the threshold
    """
    import numpy as np
    from scipy.stats import qmc

    from lodestone.risk.sampling import triangular

    if not cuts:
        return 0.0
    at = np.array(cuts, dtype=np.int64)
    drawn = qmc.Sobol(2 * at.size, scramble=False).random_base2(_LOTS)
    total = np.zeros(drawn.shape[0])
    for n, pair in enumerate(at):
        depth = triangular(drawn[:, 2 * n], c.severity[pair][None, :])
        span = np.exp(triangular(drawn[:, 2 * n + 1], np.log(c.months[pair])[None, :]))
        loss = surface.at(np.full(depth.size, pair), depth, span)[CENTRAL]
        total += loss * unit[pair]
    return float((total >= threshold).mean())


def _rate_rows(pairs: Sequence[tuple[str, str]], day: date) -> list[dict[str, Any]]:
    from lodestone.desk.hazard_inputs import restrictions
    from lodestone.risk.hazard_rules import counted_rates

    return [
        {
            "table": "rate",
            "evidence": rate.evidence,
            "begun": rate.begun,
            "pair_years": rate.pair_years,
            "all_begun": rate.all_begun,
            "all_pair_years": rate.all_pair_years,
            "low": rate.low,
            "value": rate.central,
            "high": rate.high,
            "unit": "1/year",
        }
        for rate in counted_rates(pairs, restrictions(), day).values()
    ]


def _digest(held: Sequence[Hazard]) -> str:
    import hashlib

    from lodestone.risk.hazard import hazards_as_text

    return hashlib.sha256(hazards_as_text(held).encode()).hexdigest()[:12]


def _notes(
    table: EconomyTable, hazards: Path | None, day: date, sample: LossSample
) -> tuple[str, ...]:
    whose = f"{hazards.name}, and ours for pairs it does not name" if hazards else "ours"
    return (
        f"Expected yearly loss of {table.place}: chance that a supplier begins to withhold a "
        "material within a year, times what that costs while it lasts (at most "
        f"{MONTHS} months). Hazards: {whose}; as of {day}.",
        "Our hazards are counted from the dated catalogue of controls: how often a restriction "
        "began on a pair in the same state (control in force, used on it before, supplier used "
        "others, never used). Depth and length are judged. Edit the table and ask again.",
        "Low is the price cost, high the high judgement of exposure and substitution; the band of "
        "the probability stands beside it. Cuts hit every buyer abroad alike.",
        f"{sample.years:,} years drawn; cuts of one supplier hang together (correlation "
        f"{attribute('cut_correlation').default:g}); losses of cuts in one year are added up.",
    )
