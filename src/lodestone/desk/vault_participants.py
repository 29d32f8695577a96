"""What a participant pays for cover, and what it gains: by sector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lodestone.desk.loss_surfaces import CENTRAL

if TYPE_CHECKING:
    import numpy as np

    from lodestone.desk.vault_contents import Held
    from lodestone.desk.vault_curves import PartRelief, VaultCurves
    from lodestone.vault.finance import VaultTerms

    Floats = np.ndarray[Any, Any]

#: Sectors shown for each part of the place.
_MOST = 12


def participant_rows(
    curves: VaultCurves, held: Sequence[Held], fee: float, terms: VaultTerms
) -> list[dict[str, Any]]:
    """Sectors by what they gain: metal they signed for, its fees a year, the loss it keeps away.

    A sector's part of a material is its part of the spend on it, and of that it signs for the
    committed share, which fees are of; entry fees are spread over the loan. Gains are of the same
    share: what nobody signed for is nobody's cover. The gain is that of output, with prices left
    out; where a material's loss is one of prices alone it goes by spend.
    """
    import numpy as np

    yearly = fee + terms.entry_fee * 12.0 / terms.loan_months
    rows: list[dict[str, Any]] = []
    for place, part in curves.relief.items():
        table = part.weighed.table
        whole = {p: _spend(q, held) for p, q in curves.relief.items()}
        metal, gain = np.zeros(len(table.sectors)), np.zeros(len(table.sectors))
        for h in held:
            name = h.option.material
            total = sum(w[name] for w in whole.values())
            share = whole[place][name] / total if total > 0.0 else 0.0
            by = _sector_spend(part, name)
            metal += terms.committed * h.cost * share * by
            gain += terms.committed * _sector_gain(part, h, by)
        cost = metal * yearly
        order = np.argsort(-gain, kind="stable")[:_MOST]
        rows += [
            {
                "table": "participant",
                "place": place,
                "sector": table.sectors[k],
                "name": table.names[k],
                "metal": float(metal[k]),
                "fees": float(cost[k]),
                "value": float(gain[k]),
                "ratio": float(gain[k] / cost[k]) if cost[k] > 0.0 else None,
                "share_of_output": float(cost[k] / table.output[k]) if table.output[k] else None,
                "unit": "million USD a year",
                "kind": "modelled",
            }
            for k in (int(i) for i in order)
            if gain[k] > 0.0
        ]
    return rows


def _spend(part: PartRelief, held: Sequence[Held]) -> dict[str, float]:
    """What a part spends on each material in a normal year."""
    cuts = next(iter(part.weighed.cuts.values()))
    spend = {c.material: c.spend for c in cuts if c.spend == c.spend}
    return {h.option.material: spend.get(h.option.material, 0.0) for h in held}


def _sector_spend(part: PartRelief, name: str) -> Floats:
    """(n,) share of the spend on a material by sector; less than 1 where uses are unmapped."""
    import numpy as np

    found = np.zeros(len(part.weighed.table.sectors))
    exposed = part.weighed.exposed.get(name)
    if exposed is not None:
        np.add.at(found, exposed.sector, exposed.spend_share)
    return found


def _sector_gain(part: PartRelief, h: Held, spend: Floats) -> Floats:
    """(n,) expected yearly loss avoided, by who would carry it in a year's full stop."""
    import numpy as np

    o = h.option
    weight = part.weighed.table.value_added
    found = np.zeros(weight.size)
    for p, (_, name) in enumerate(part.pairs):
        if name != o.material:
            continue
        sizes = [int(d) for d in o.days[1:]]
        avoided = [0.0, *(part.avoided[o.rule, d][CENTRAL, p] for d in sizes)]
        total = o.at(np.array(avoided), h.days)
        kept = np.array(
            [
                np.zeros(weight.size),
                *(
                    part.without.sector_loss[p] - part.with_it[o.rule, d].sector_loss[p]
                    for d in sizes
                ),
            ]
        )
        k = min(int(np.searchsorted(o.days, h.days)), o.days.size - 1)
        by = np.maximum(kept[k], 0.0) * weight
        share = by / by.sum() if by.sum() > 0.0 else spend
        found += max(total, 0.0) * share
    return found
