"""What a stock of each material keeps away from a place, and what it costs: curves over days of use.

Expected avoided loss is likelihood times (loss of the cut without a vault, less loss with it), over
all suppliers, depths and lengths of cuts, with the hazards and the economy of `risk`. A place
without an input-output table of its own (the pooled alliance) is the sum of its parts that have one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lodestone.desk.group_shortages import GROUP
from lodestone.desk.loss_surfaces import CENTRAL, MONTHS
from lodestone.desk.vault_walks import (
    ABROAD,
    DAYS,
    NONE,
    SEVERITIES,
    fill_study,
    relief_study,
)
from lodestone.terms import group_members
from lodestone.terms.errors import MarketError, RequestError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from lodestone.desk.impact_cache import Progress
    from lodestone.desk.losing import Cut
    from lodestone.desk.loss_surfaces import Surfaces
    from lodestone.desk.risking import Weighed
    from lodestone.risk.sampling import Chances

    Floats = np.ndarray[Any, Any]
    #: (supplier, material)
    Pair = tuple[str, str]

#: Cuts are walked until this share of the expected loss of the vault's materials is covered.
COVERED = 0.95
#: and so is the worst supplier of each further material that makes up at least this share of it.
_LEAST_WORTH = 0.001
#: Parts of the alliance that have an economy of their own.
_PARTS = {"ALLIANCE": ("EU27", "USA", "JPN")}
_MILLION = 1e6
#: Curves of the last questions: the three verbs, and budgets of one vault, ask for the same ones.
_KEPT: dict[tuple[Any, ...], VaultCurves] = {}
_MOST_KEPT = 4


@dataclass(frozen=True)
class PartRelief:
    """What a vault does for one place that has an economy.

    Attributes
    ----------
    weighed : its expected losses without a vault
    pairs : (P) walked pairs, parts of a group not beside it
    chances : of these pairs
    without : their loss surfaces without a vault, million USD
    with_it : (rule, days) -> the same with a vault
    avoided : (rule, days) -> (K, P) expected yearly loss avoided, million USD
    """

    weighed: Weighed
    pairs: tuple[Pair, ...]
    chances: Chances
    without: Surfaces
    with_it: Mapping[tuple[str, int], Surfaces]
    avoided: Mapping[tuple[str, int], Floats]


@dataclass(frozen=True)
class Fill:
    """What it costs to buy a stock, by size; USD, NaN where no price is known.

    Attributes
    ----------
    paid, at_base : (K,) with and without the rise of prices that the purchase brings
    own_cost : (K,) what the place pays in all, premium and dearer purchases of its users, less
        gains of its makers; abroad_cost : what everybody else pays
    tonnes : stage -> (K,)
    peak : (K,) highest price, base prices
    dominant : largest maker of the stage with the dearest part of the stock
    offtake : (K,) what all other makers sell more while the vault buys, USD a year
    """

    paid: Floats
    at_base: Floats
    own_cost: Floats
    abroad_cost: Floats
    tonnes: Mapping[str, Floats]
    peak: Floats
    dominant: str
    offtake: Floats


@dataclass(frozen=True)
class VaultCurves:
    """All that sizing and running ask of walked markets.

    Attributes
    ----------
    place, members, parts : who holds the vault; id of each part with an economy
    materials : asked for, groups counted once
    rules : walked
    relief : part -> its relief
    abroad : (rule, days) -> (P,) expected yearly loss avoided elsewhere, million USD, price cost alone
    walked : table of the walks, for runs
    fills : material -> what buying it costs
    without : materials for which no cut is walked, and why
    unproved : pairs that are left out, since a walk of them cannot be proved, and why
    share_covered : of the expected loss of these materials
    """

    place: str
    year: int
    members: tuple[str, ...]
    materials: tuple[str, ...]
    rules: tuple[str, ...]
    relief: Mapping[str, PartRelief]
    abroad: Mapping[tuple[str, int], Floats]
    walked: pl.DataFrame
    fills: Mapping[str, Fill]
    without: Mapping[str, str]
    unproved: Mapping[tuple[str, str], str]
    share_covered: float

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Pairs walked, in one order for all parts."""
        return next(iter(self.relief.values())).pairs

    def avoided(self, name: str, rule: str, figure: int = CENTRAL) -> Floats:
        """(K+1,) expected yearly loss avoided by 0 and each of `DAYS` days of a material."""
        import numpy as np

        pick = [p for p, (_, m) in enumerate(self.pairs) if m == name]
        by_size = [
            sum(float(part.avoided[rule, d][figure, pick].sum()) for part in self.relief.values())
            for d in DAYS
        ]
        return np.array([0.0, *by_size])

    def avoided_abroad(self, name: str, rule: str) -> Floats:
        """(K+1,) the same for everybody else, price cost alone."""
        import numpy as np

        pick = [p for p, (_, m) in enumerate(self.pairs) if m == name]
        return np.array([0.0, *(float(self.abroad[rule, d][pick].sum()) for d in DAYS)])

    def expected_loss(self, figure: int = CENTRAL) -> float:
        """Expected yearly loss of the place without a vault, all suppliers and materials."""
        return sum(float(part.weighed.mean[figure].sum()) for part in self.relief.values())


def parts_of(place: str, year: int) -> tuple[str, ...]:
    """Places with an economy that make up a place.

    Raises
    ------
    RequestError
        If there is a part without an input-output table.
    """
    from lodestone.desk.assess_buyer import buyer
    from lodestone.desk.economies import economy
    from lodestone.terms.membership import UNION

    who = buyer(place, year).id
    parts = _PARTS.get(who, tuple(who.split(UNION)))
    for part in parts:
        economy(part, year)
    return parts


def counted_once(names: Collection[str]) -> tuple[str, ...]:
    """Materials with rare earths as one basket, if the basket or most of its parts are named."""
    parts = group_members(GROUP)
    named = [n for n in names if n in parts]
    if GROUP not in names and 2 * len(named) <= len(parts):
        return tuple(sorted(names))
    return tuple(sorted({n for n in names if n not in parts} | {GROUP}))


def vault_curves(
    place: str,
    year: int,
    materials: Sequence[str],
    rules: Sequence[str],
    *,
    span: int,
    fill_months: int,
    as_of: date,
    workers: int = 1,
    progress: Progress | None = None,
) -> VaultCurves:
    """Walk what is not yet kept, and weigh it.

    Parameters
    ----------
    materials : ids; `counted_once` is applied
    span : months that the keeper plans for; fill_months : how long buying takes
    """
    names = counted_once(materials)
    asked = (place, year, names, tuple(rules), span, fill_months, as_of)
    if asked not in _KEPT:
        while len(_KEPT) >= _MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[asked] = _made(*asked, workers, progress)
    return _KEPT[asked]


def _made(
    place: str,
    year: int,
    names: tuple[str, ...],
    rules: tuple[str, ...],
    span: int,
    fill_months: int,
    as_of: date,
    workers: int,
    progress: Progress | None,
) -> VaultCurves:
    from lodestone.desk.assess_buyer import buyer
    from lodestone.desk.impact_cache import impacts
    from lodestone.desk.weighed_losses import weighed_losses

    who, parts = buyer(place, year), parts_of(place, year)
    weighed = {p: weighed_losses(p, year, as_of, workers, progress) for p in parts}
    pairs, covered = _pairs_worth(weighed, names, who.members)
    walked_pairs = [*pairs, *_element_pairs(weighed, pairs)]
    study = relief_study(year, who.id, parts, walked_pairs, SEVERITIES, MONTHS, rules, span)
    frame, unproved = _proved(impacts(study, workers, progress).frame)
    pairs = [p for p in pairs if p not in unproved]
    if not pairs:
        raise MarketError(f"no cut of these materials is proved: {next(iter(unproved.values()))}")
    relief = {p: _relief(weighed[p], frame, p, pairs, rules, who.members) for p in parts}
    known = next(iter(relief.values())).pairs
    fills = impacts(fill_study(year, who.id, names, fill_months), workers, progress).frame
    silent = dict.fromkeys(
        names,
        f"cuts of it cost too little to weigh (below {_LEAST_WORTH:.1%} of the expected loss), or unknown",
    )
    silent |= {name: f"not proved: {why}" for (_, name), why in unproved.items() if name in names}
    for _, name in known:
        silent.pop(name, None)
    return VaultCurves(
        who.id,
        year,
        who.members,
        names,
        tuple(rules),
        relief,
        _abroad(frame, known, relief[parts[0]].chances, rules),
        frame,
        _fills(_fine(fills)),
        silent,
        unproved,
        covered,
    )


def _pairs_worth(
    weighed: Mapping[str, Weighed], names: Collection[str], members: Collection[str]
) -> tuple[list[Pair], float]:
    """Pairs outside the place that make up `COVERED` of its expected loss, and the first of each."""
    worth: dict[Pair, float] = {}
    for w in weighed.values():
        for pair, value in zip(w.chances.pairs, w.mean[CENTRAL], strict=True):
            if pair[1] in names and pair[0] not in members:
                worth[pair] = worth.get(pair, 0.0) + max(float(value), 0.0)
    ranked = sorted(worth, key=lambda p: (-worth[p], p))
    total = sum(worth.values())
    found: list[Pair] = []
    reached, seen = 0.0, set()
    for pair in ranked:
        first = pair[1] not in seen and worth[pair] >= _LEAST_WORTH * total
        if worth[pair] > 0.0 and (reached < COVERED * total or first):
            found.append(pair)
            reached += worth[pair]
        seen.add(pair[1])
    if not found:
        raise RequestError(
            "no cut of these materials costs the place anything we can tell: name others"
        )
    return sorted(found), reached / total


def _element_pairs(weighed: Mapping[str, Weighed], pairs: Sequence[Pair]) -> list[Pair]:
    """The same suppliers' cuts of the elements, for pairs of the group."""
    suppliers = {s for s, m in pairs if m == GROUP}
    parts = set(group_members(GROUP))
    there = {
        (cut.supplier, cut.material)
        for w in weighed.values()
        for cut in next(iter(w.cuts.values()))
        if cut.supplier in suppliers and cut.material in parts
    }
    return sorted(there - set(pairs))


def _proved(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[Pair, str]]:
    """Rows of walks that are proved; and pairs with a walk that is not, which are left out whole."""
    import polars as pl

    failed = frame.filter(pl.col("status") != "ok")
    found: dict[Pair, str] = {}
    for task, reason in failed.select("task", "reason").iter_rows():
        name, _, supplier = str(task).partition(":")
        found[supplier, name] = str(reason).splitlines()[0]
    return frame.filter(pl.col("status") == "ok"), found


def _fine(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    failed = frame.filter(pl.col("status") != "ok")
    if failed.height:
        raise RequestError(f"{failed['task'][0]}: {failed['reason'][0]}")
    return frame


def _relief(
    weighed: Weighed,
    frame: pl.DataFrame,
    part: str,
    pairs: Sequence[Pair],
    rules: Sequence[str],
    members: Collection[str],
) -> PartRelief:
    """Expected losses of one part with each vault."""
    from lodestone.desk.loss_surfaces import surfaces
    from lodestone.risk.sampling import chances, expected

    cuts = _cuts(frame, part)
    none = surfaces(weighed.table, weighed.exposed, cuts[NONE, 0], tuple(members))
    scale = dict(zip(none.pairs, none.upstream, strict=True))
    held = {h.pair: h for h in weighed.hazards}
    c = chances([held[p] for p in none.pairs], weighed.chances.correlation)
    before = expected(c, none.surface)
    with_it, avoided = {}, {}
    for key, sized in cuts.items():
        if key != (NONE, 0):
            with_it[key] = surfaces(
                weighed.table, weighed.exposed, sized, tuple(members), upstream=scale
            )
            avoided[key] = before - expected(c, with_it[key].surface)
    return PartRelief(weighed, none.pairs, c, none, with_it, avoided)


def _cuts(frame: pl.DataFrame, place: str) -> dict[tuple[str, int], dict[float, list[Cut]]]:
    """Walked cuts of a place by rule and size, then by severity."""
    import numpy as np
    import polars as pl

    from lodestone.desk.losing import Cut

    here = frame.filter(pl.col("place") == place).sort(
        "rule", "days", "severity", "material", "supplier", "month"
    )
    months = int(here["month"].max()) + 1  # type: ignore[arg-type]
    columns = {
        name: here[name].cast(pl.Float64).fill_null(np.nan).to_numpy().reshape(-1, months)
        for name in ("missing", "price_cost", "price_outside", "spend", "residual")
    }
    heads = here.filter(pl.col("month") == 0).select(
        "rule", "days", "severity", "material", "supplier"
    )
    found: dict[tuple[str, int], dict[float, list[Cut]]] = {}
    for k, (rule, days, severity, name, supplier) in enumerate(heads.iter_rows()):
        found.setdefault((rule, days), {}).setdefault(severity, []).append(
            Cut(
                name,
                supplier,
                columns["missing"][k],
                columns["price_cost"][k],
                columns["price_outside"][k],
                float(columns["spend"][k, 0]),
                float(columns["residual"][k].max()),
            )
        )
    return found


def _abroad(
    frame: pl.DataFrame, pairs: Sequence[Pair], c: Chances, rules: Sequence[str]
) -> dict[tuple[str, int], Floats]:
    """Expected yearly loss avoided outside the place and the supplier, price cost alone."""
    from lodestone.risk.sampling import expected

    tables = {key: _price_surface(by, pairs) for key, by in _cuts(frame, ABROAD).items()}
    before = expected(c, tables[NONE, 0])[0]
    return {key: before - expected(c, t)[0] for key, t in tables.items() if key != (NONE, 0)}


def _price_surface(by_severity: Mapping[float, Sequence[Cut]], pairs: Sequence[Pair]) -> Any:
    """Cumulative price cost of pairs, million USD; nothing where unknown."""
    import numpy as np

    from lodestone.risk.loss_surface import LossSurface

    grid = sorted(by_severity)
    at = [{(c.supplier, c.material): c for c in by_severity[s]} for s in grid]
    months = by_severity[grid[0]][0].price_cost.size
    losses = np.zeros((1, len(pairs), len(grid) + 1, months + 1))
    for p, pair in enumerate(pairs):
        for s, cuts in enumerate(at):
            cost = np.nan_to_num(cuts[pair].price_cost)
            losses[0, p, s + 1, 1:] = np.cumsum(cost) / _MILLION
    return LossSurface(np.array([0.0, *grid]), losses)


def _fills(frame: pl.DataFrame) -> dict[str, Fill]:
    import numpy as np
    import polars as pl

    def whole(part: pl.DataFrame, column: str) -> Floats:
        """Sum over stages by size; NaN where one is unknown."""
        table = part.sort("stage", "days")[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return np.asarray(table.reshape(-1, len(DAYS)).sum(axis=0))

    found = {}
    for (name,), part in frame.group_by("material", maintain_order=True):
        first = part.filter(pl.col("stage") == part["stage"][0]).sort("days")
        largest = part.filter(pl.col("days") == DAYS[-1]).sort("at_base", nulls_last=False)

        def alone(column: str, first: pl.DataFrame = first) -> Floats:
            return np.asarray(first[column].cast(pl.Float64).fill_null(np.nan).to_numpy())

        found[str(name)] = Fill(
            whole(part, "paid"),
            whole(part, "at_base"),
            alone("own_cost"),
            alone("abroad_cost"),
            {
                str(s): part.filter(pl.col("stage") == s)
                .sort("days")["tonnes"]
                .cast(pl.Float64)
                .fill_null(np.nan)
                .to_numpy()
                for s in dict.fromkeys(part["stage"].to_list())
            },
            np.asarray(
                part.sort("stage", "days")["price_peak"]
                .to_numpy()
                .reshape(-1, len(DAYS))
                .max(axis=0)
            ),
            str(largest["dominant"][-1]),
            whole(part, "offtake"),
        )
    return found
