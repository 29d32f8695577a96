"""A vault along sampled years: the tables that a run reads, the cuts it meets, and what it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lodestone.desk.loss_surfaces import CENTRAL
from lodestone.desk.vault_walks import DAYS, NONE

if TYPE_CHECKING:
    import numpy as np

    from lodestone.desk.vault_contents import Held
    from lodestone.desk.vault_curves import VaultCurves
    from lodestone.desk.vault_plans import AskedVault
    from lodestone.vault.relief import Relief
    from lodestone.vault.vault_run import Contents, Cuts

    Floats = np.ndarray[Any, Any]

#: Rule of a vault that never releases: what the others are held against.
HOLD = "hold"


def relief_of(curves: VaultCurves, held: Sequence[Held], rule: str | None = None) -> Relief:
    """Tables of the vault's materials, all parts of the place together, million USD.

    Parameters
    ----------
    rule : one for all; each material's own if left out
    """
    import numpy as np

    from lodestone.vault.relief import Relief

    names = [h.option.material for h in held]
    pick = [p for p, (_, m) in enumerate(curves.pairs) if m in names]
    pairs = tuple(curves.pairs[p] for p in pick)
    own = {h.option.material: rule or h.option.rule for h in held}
    first = next(iter(curves.relief.values()))
    depth = first.without.surface.severities
    released, price = _walked(curves, pairs, own, depth)
    loss = np.zeros_like(released)
    for part in curves.relief.values():
        for i, p in enumerate(pick):
            loss[i, 0] += part.without.surface.losses[CENTRAL, p]
            for k, d in enumerate(DAYS, 1):
                sized = (
                    part.without if own[pairs[i][1]] == HOLD else part.with_it[own[pairs[i][1]], d]
                )
                loss[i, k] += sized.surface.losses[CENTRAL, p]
    return Relief(
        pairs,
        np.array([names.index(m) for _, m in pairs], dtype=np.int64),
        np.array([0.0, *DAYS]),
        depth,
        released,
        loss,
        price,
    )


def _walked(
    curves: VaultCurves, pairs: Sequence[tuple[str, str]], rule: dict[str, str], depth: Floats
) -> tuple[Floats, Floats]:
    """(P, K, S, T+1) released so far and (P, K, S, T) price outside, of each material's rule."""
    import numpy as np
    import polars as pl

    place = next(iter(curves.relief))
    frame = curves.walked.filter(pl.col("place") == place)
    months = int(frame["month"].max()) + 1  # type: ignore[arg-type]
    shape = (len(pairs), len(DAYS) + 1, depth.size, months)
    released, price = np.zeros(shape), np.ones(shape)
    for i, (supplier, name) in enumerate(pairs):
        mine = frame.filter((pl.col("supplier") == supplier) & (pl.col("material") == name))
        wanted = (rule[name], NONE) if rule[name] != HOLD else (NONE,)
        mine = mine.filter(pl.col("rule").is_in(wanted)).sort("days", "severity", "month")
        sizes = 1 if rule[name] == HOLD else len(DAYS) + 1
        out = mine["released"].to_numpy().reshape(sizes, depth.size - 1, months)
        paid = mine["price_outside"].fill_null(1.0).to_numpy().reshape(out.shape)
        released[i, :, 1:] = out
        price[i, :, 1:] = paid
    total = np.cumsum(released, axis=3)
    return np.concatenate([np.zeros((*shape[:3], 1)), total], axis=3), price


def contents_of(asked: AskedVault, held: Sequence[Held]) -> Contents:
    """Wanted days, what a day costs with its market impact (million USD), and how fast it is bought."""
    import numpy as np

    from lodestone.vault.vault_run import Contents

    days = np.array([h.days for h in held])
    value = np.array([h.cost / h.days for h in held])
    return Contents(days, value, days / asked.months("fill_months"))


def sampled_cuts(curves: VaultCurves, relief: Relief, paths: int, months: int, seed: int) -> Cuts:
    """Cuts of the vault's materials on sampled paths, drawn as `risk` draws years."""
    import numpy as np

    from lodestone.risk.sampling import CHUNK, chances, draw_years
    from lodestone.vault.vault_run import Cuts

    first = next(iter(curves.relief.values()))
    hazards = {h.pair: h for h in first.weighed.hazards}
    c = chances([hazards[p] for p in relief.pairs], first.weighed.chances.correlation)
    pick = [first.pairs.index(p) for p in relief.pairs]
    surface = _picked(first.without.surface, pick)
    each = -(-months // 12)
    chunks = -(-paths * each // CHUNK)
    drawn = [draw_years(c, surface, seed, k) for k in range(chunks)]
    year = np.concatenate([d.year for d in drawn])
    path = year // each
    # the month is drawn apart, so that the years are those of `risk`
    rng = np.random.Generator(np.random.Philox(key=[seed, 2**32]))
    start = 12 * (year % each) + rng.integers(0, 12, year.size)
    keep = (path < paths) & (start < months)
    return Cuts(
        path[keep],
        np.concatenate([d.pair for d in drawn])[keep],
        start[keep],
        np.concatenate([d.severity for d in drawn])[keep],
        np.concatenate([d.months for d in drawn])[keep],
    )


def _picked(surface: Any, pick: Sequence[int]) -> Any:
    from lodestone.risk.loss_surface import LossSurface

    return LossSurface(surface.severities, surface.losses[:, list(pick)])
