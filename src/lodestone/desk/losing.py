"""The verb `losses`: what each supplier's full stop would cost a place, in sectors and GDP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lodestone.atlas.recipe import oxide_shares
from lodestone.desk.answer import Answer, citations
from lodestone.desk.answer import known as _known
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.group_shortages import GROUP, with_parts
from lodestone.desk.impact_cache import Progress, impacts
from lodestone.desk.worlds import world
from lodestone.terms import attribute, group_members, material
from lodestone.terms import place as find_place
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from lodestone.economy.exposure import Exposure
    from lodestone.economy.largest_gdp import LargestGdp
    from lodestone.economy.losses import Loss, Shortage
    from lodestone.economy.table import EconomyTable

#: Sectors named for each cut.
LEADING = 5
_MILLION = 1e6
#: A table of fewer sectors is coarse.
_COARSE = 100


@dataclass(frozen=True)
class Cut:
    """One supplier's stop of one material, as it meets one place.

    Attributes
    ----------
    missing, price_cost, price_outside : (T,) by month; money in USD; NaN where unknown
    spend : what the place pays for the material in a normal year, USD; NaN where unknown
    """

    material: str
    supplier: str
    missing: np.ndarray[Any, Any]
    price_cost: np.ndarray[Any, Any]
    price_outside: np.ndarray[Any, Any]
    spend: float
    residual: float


def losses(
    place: str,
    *,
    suppliers: Sequence[str] = (),
    materials: Sequence[str] = (),
    months: int = 12,
    severity: float = 1.0,
    year: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Answer:
    """What each supplier's stop of each material would cost a place.

    Parameters
    ----------
    place : whose losses: a country or bloc with an input-output table
    suppliers, materials : only these; all suppliers of more than 1 % of a stage if left out
    months : how long exports stay cut; losses are of these months
    severity : share of the supplier's exports that is withheld

    Returns
    -------
    Answer
        Rows `loss` (ranked: low, central, high, and what they are made of), `sector` (who carries
        the worst ones), `assumption`, and `proof`. Money in million USD.

    Raises
    ------
    RequestError
        A place without a table, or nothing to ask.
    MarketError
        A month that cannot be proved.
    """
    from lodestone.desk.economies import economy
    from lodestone.desk.exposures import exposures
    from lodestone.economy.losses import programs

    there = world(year)
    who = buyer(place, there.year)
    if not 0.0 < severity <= 1.0 or not 1 <= months <= 60:
        raise RequestError(f"severity {severity:g}, months {months}: above 0 to 1, and 1 to 60")
    table = economy(who.id, there.year)
    exposed = exposures(who.id, there.year)
    solvers = programs(table)
    cuts = cuts_of(who.id, there.year, months, [severity], materials, suppliers, workers, progress)
    found = ranked_losses(table, exposed, cuts[severity], who.members, solvers)
    asked = {material(m).id for m in materials}
    found = [f for f in found if not asked or f[0].material in asked]
    if not found:
        raise RequestError(f"no supplier outside {who.id} among those named sells more than 1 %")
    rows = [
        loss_row(n, cut, loss, exposed.get(cut.material)) for n, (cut, loss) in enumerate(found, 1)
    ]
    for cut, loss in found[:20]:
        label = {"material": cut.material, "supplier": cut.supplier}
        rows += sector_rows(loss, LEADING, label)
    rows += assumption_rows(table)
    rows.append(_proof(found, solvers))
    return Answer(
        query={
            "verb": "losses",
            "place": who.id,
            "year": there.year,
            "suppliers": sorted(find_place(s).iso3 for s in suppliers),
            "materials": sorted(material(m).id for m in materials),
            "months": months,
            "severity": severity,
        },
        results=tuple(rows),
        units=dict.fromkeys(("low", "central", "high", "value"), "million USD"),
        sources=citations(sources_of_losses(table)),
        notes=notes_of(table, months),
        data_release=there.data_release,
        content_hash=there.content_hash,
    )


def ranked_losses(
    table: EconomyTable,
    exposed: Mapping[str, Exposure],
    cuts: Sequence[Cut],
    members: Sequence[str],
    solvers: Mapping[float, LargestGdp] | None,
) -> list[tuple[Cut, Loss]]:
    """Cuts of suppliers outside the place with their losses, the largest central loss first."""
    parts: dict[str, list[Cut]] = {}
    for cut in cuts:
        if cut.material in group_members(GROUP):
            parts.setdefault(cut.supplier, []).append(cut)
    found = [
        (cut, one_loss(table, exposed, cut, solvers, parts.get(cut.supplier, ())))
        for cut in cuts
        if cut.supplier not in members
    ]
    return sorted(found, key=lambda f: (-_rank(f[1]), f[0].material, f[0].supplier))


def cuts_of(
    place: str,
    year: int,
    months: int,
    severities: Sequence[float],
    materials: Sequence[str] = (),
    suppliers: Sequence[str] = (),
    workers: int = 1,
    progress: Progress | None = None,
) -> dict[float, list[Cut]]:
    """Walked cuts of every supplier, by severity; kept between questions."""
    from lodestone.desk.impacts import impact_study
    from lodestone.desk.shocking import PLACES

    places = list(dict.fromkeys([*PLACES, place]))
    wanted = with_parts({material(m).id for m in materials}) if materials else []
    named = {find_place(s).iso3 for s in suppliers}
    study = impact_study(year, places, severities, months, wanted, sorted(named))
    if not study.tasks:
        raise RequestError("nothing to ask: no supplier of more than 1 % among those named")
    frame = impacts(study, workers, progress).frame
    return _cuts(frame, place, severities)


def one_loss(
    table: EconomyTable,
    exposed: Mapping[str, Exposure],
    cut: Cut,
    solvers: Mapping[float, LargestGdp] | None,
    parts: Sequence[Cut] = (),
) -> Loss:
    """Losses of one cut; without known uses or spend there is a price cost alone.

    Parameters
    ----------
    parts : the same supplier's cuts of the elements, which belong to a cut of their group
    """
    from lodestone.economy.losses import losses as economy_losses

    price_cost = float(cut.price_cost.sum()) / _MILLION
    inside = tuple(shortage(exposed, p) for p in parts) if cut.material == GROUP else ()
    short = replace(shortage(exposed, cut), members=inside)
    return economy_losses(table, [short], price_cost, solvers=solvers if short.known else None)


def shortage(exposed: Mapping[str, Exposure], cut: Cut) -> Shortage:
    """A cut as a shortage; of nothing where no use or no spend is known."""
    import numpy as np

    from lodestone.economy.losses import Shortage

    one = exposed.get(cut.material)
    if one is None or not np.isfinite(cut.spend):
        return Shortage(_nothing(cut.material), 0.0, cut.missing)
    return Shortage(one, cut.spend / _MILLION, cut.missing)


def _nothing(name: str) -> Exposure:
    """No known part."""
    import numpy as np

    from lodestone.economy.exposure import Exposure

    return Exposure(name, (), np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((3, 0)), 1.0)


def loss_row(n: int, cut: Cut, loss: Loss, exposed: Exposure | None) -> dict[str, Any]:
    """One line of the ranking."""
    import numpy as np

    table = loss.table
    known = loss.known and not loss.too_deep
    leading = [table.names[k] for k in leading_sectors(loss, 3)]
    gdp = table.gdp * loss.months / 12.0
    central = None if loss.too_deep else loss.central
    notes = [loss.beyond] if loss.beyond else []
    if exposed is None:
        notes.append("no use known: the price cost alone")
    elif not np.isfinite(cut.spend):
        notes.append("no price in tonnes known")
    if cut.material in oxide_shares():
        notes.append("tonnes judged (share of all rare-earth oxide); also counted in rare_earths")
    if cut.material == GROUP:
        notes.append("a sector loses what the worst element takes")
    return {
        "table": "loss",
        "rank": n,
        "material": cut.material,
        "supplier": cut.supplier,
        "low": _known(loss.low),
        "central": _known(central),
        "high": _known(loss.high) if known else None,
        "share_of_gdp": None if central is None else _known(central / gdp),
        "price_outside": _known(_mean(cut.price_outside)),
        "price_outside_peak": _known(_top(cut.price_outside)),
        "missing": _known(cut.missing.mean()),
        "output_direct": _known(loss.direct[1]) if known else None,
        "output_low": _known(loss.economy[0]) if known else None,
        "output_central": _known(loss.economy[1]) if known else None,
        "output_high": _known(loss.economy[2]) if known else None,
        "spend": _known(cut.spend / _MILLION),
        "cost_share": _known(loss.cost_share) if known else None,
        "unmapped": _known(exposed.unmapped) if exposed is not None else None,
        "sector": leading[0] if leading else None,
        "sectors": "; ".join(leading) or None,
        "unit": "million USD",
        "kind": "modelled",
        "note": "; ".join(notes) or None,
    }


def leading_sectors(loss: Loss, most: int) -> list[int]:
    """Positions of the sectors that can make least for want of the material, by value added."""
    import numpy as np

    by = loss.direct_by_sector
    order = np.argsort(-by, kind="stable")[:most]
    return [int(k) for k in order if by[k] > 0.0]


def sector_rows(loss: Loss, most: int, label: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who carries a loss: own and upstream, the largest first, with the part that is its own."""
    import numpy as np

    table, by = loss.table, loss.by_sector
    if loss.too_deep:
        return []
    total = float(by.sum())
    order = [int(k) for k in np.argsort(-by, kind="stable")[:most] if by[k] > 0.0]
    return [
        {
            "table": "sector",
            **label,
            "sector": table.sectors[k],
            "name": table.names[k],
            "value": float(by[k]),
            "own": float(loss.direct_by_sector[k]),
            "share": float(by[k] / total),
            "kept": float(loss.kept[k]),
            "unit": "million USD",
            "kind": "modelled",
        }
        for k in order
    ]


def assumption_rows(table: EconomyTable) -> list[dict[str, Any]]:
    """What every figure rests on beside the data."""
    rows = [
        {
            "table": "assumption",
            "assumption": name,
            "low": float(attribute(name).low),
            "value": float(attribute(name).default),
            "high": float(attribute(name).high),
            "unit": attribute(name).unit,
            "what": attribute(name).description,
            "source": attribute(name).source,
        }
        for name in ("sigma", "criticality_threshold", "eta_S", "eta_L", "stock_months", "choke")
    ]
    rows.append(
        {
            "table": "assumption",
            "assumption": "input-output table",
            "value": float(len(table.sectors)),
            "unit": "sectors",
            "what": f"{table.place} {table.year} ({table.source})",
            "source": "; ".join(table.notes),
        }
    )
    return rows


def notes_of(table: EconomyTable, months: int) -> tuple[str, ...]:
    """What a reader must know."""
    return (
        f"Losses of {months} months, million USD; shares are of the value added of the table of "
        f"{table.place}, {table.gdp / 1e6:.2f} trillion USD ({'; '.join(table.notes[-1:])}).",
        "Low: what users pay more, less gains of own producers and treasury. Central: the larger "
        "of that and the value added of what cannot be made, with suppliers who lose orders. "
        "High: when those who need a short product cannot work either.",
        "No high figure is printed where a sector keeps less than 30 % of its output, or where "
        "the criticality threshold moves the answer more than five times: beyond this model.",
        "Shares of use: EC study 2023, IEA, USGS chapters and Open-File Report 2024-1057, else judged.",
        "Exposures are judged (docs: Applications); a material's missing share hits all its uses "
        "alike, and counts what users learn to do without: central and high err on the high side.",
        "Where low, central and high agree, or nearly, the loss is one of prices; `lodestone shock` "
        "gives its band. A low figure below zero: own makers gain more than users lose.",
        *(
            (
                f"The table has {len(table.sectors)} sectors of an older year, and exposures are "
                "carried over from US industries: read these figures as orders of magnitude.",
            )
            if len(table.sectors) < _COARSE
            else ()
        ),
    )


def sources_of_losses(table: EconomyTable) -> list[str]:
    """Sources of uses, tables, prices and trade."""
    return [
        table.source,
        "ec_crm2023",
        "usgs_mcs2026",
        "usgs_mcs2025",
        "iea_cm2025",
        "baci_hs92",
        "wdi_gdp",
    ]


def _cuts(frame: pl.DataFrame, place: str, severities: Sequence[float]) -> dict[float, list[Cut]]:
    import numpy as np
    import polars as pl

    failed = frame.filter(pl.col("status") != "ok")
    if failed.height:
        raise RequestError(f"{failed['task'][0]}: {failed['reason'][0]}")
    here = frame.filter(pl.col("place") == place).sort("task", "severity", "month")
    found: dict[float, list[Cut]] = {s: [] for s in severities}
    keys = ("severity", "material", "supplier")
    for key, part in here.group_by(keys, maintain_order=True):
        severity, name, supplier = key

        def column(name: str, part: pl.DataFrame = part) -> np.ndarray[Any, Any]:
            return part[name].cast(pl.Float64).fill_null(np.nan).to_numpy()

        found[float(str(severity))].append(
            Cut(
                str(name),
                str(supplier),
                column("missing"),
                column("price_cost"),
                column("price_outside"),
                float(column("spend")[0]),
                float(column("residual").max()),
            )
        )
    return found


def _proof(
    found: Sequence[tuple[Cut, Loss]], solvers: Mapping[float, LargestGdp]
) -> dict[str, Any]:
    return {
        "table": "proof",
        "cuts": len(found),
        "residual": max((cut.residual for cut, _ in found), default=0.0),
        "programs": sum(loss.by_threshold is not None for _, loss in found) * len(solvers),
        "gap": max((s.worst_gap for s in solvers.values()), default=0.0),
    }


def _rank(loss: Loss) -> float:
    value = loss.central
    return value if value == value else float("-inf")  # unknown comes last


def _mean(values: np.ndarray[Any, Any]) -> float:
    import numpy as np

    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _top(values: np.ndarray[Any, Any]) -> float:
    import numpy as np

    return float(np.nanmax(values)) if np.isfinite(values).any() else float("nan")
