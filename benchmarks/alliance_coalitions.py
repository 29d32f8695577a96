"""Exact shares of twelve members: every coalition valued, beside separate runs of single coalitions.

The rival asks for one coalition at a time: markets of all materials walked for it, losses of all
members by the economy's own verb. It is measured on a sample of coalitions and scaled to 2^12, and
the values are held against ours.

Run: python benchmarks/alliance_coalitions.py (some minutes)
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time

MEMBERS = ("EU27", "USA", "JPN", "KOR", "AUS", "CAN", "GBR", "IND", "NOR", "CHE", "MEX", "BRA")
SAMPLE = 12
AIM, SAME = 50.0, 1e-9


def main() -> None:
    parser = argparse.ArgumentParser(description="Exact Shapley of twelve members")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="coalitions asked one by one")
    sample = parser.parse_args().sample
    os.environ["LODESTONE_CACHE"] = tempfile.mkdtemp()  # nothing kept from before

    import numpy as np

    from lodestone.alliance.from_losses import acting, game_of_losses
    from lodestone.alliance.shapley import shapley
    from lodestone.desk.alliance_question import question
    from lodestone.desk.alliance_study import alliance_study
    from lodestone.desk.alliance_values import values_of
    from lodestone.desk.alliance_work import SCRAMBLE
    from lodestone.desk.alliancing import walked
    from lodestone.economy.exposure import Case

    asked = question(MEMBERS)
    payloads = [t.payload for t in alliance_study(asked).tasks if t.payload["mode"] == SCRAMBLE]
    separate(payloads[:1], 3)  # compiles
    started = time.perf_counter()
    frame = walked(asked).frame
    values = values_of(frame, asked.all, asked.year, SCRAMBLE)
    losses = values.losses(Case.CENTRAL)
    shares = shapley(game_of_losses(asked.all, acting(losses)))
    ours = time.perf_counter() - started
    markets = sum(len(t.coalitions) for t in values.materials.values())

    picked = random.Random(0).sample(range(1, 1 << len(MEMBERS)), sample)
    started = time.perf_counter()
    worst = 0.0
    for which in picked:
        apart = np.abs(separate(payloads, which) - losses[which])
        worst = max(worst, float(apart.max()) / float(np.abs(losses[0]).sum()))
    each = (time.perf_counter() - started) / sample
    rival = each * (1 << len(MEMBERS))

    print(f"{len(MEMBERS)} members, {len(payloads)} materials, {1 << len(MEMBERS)} coalitions")
    print(
        f"ours: {ours:.1f} s for both ways of acting alone, {markets} distinct markets of one of them"
    )
    print(
        f"separate: {each:.2f} s a coalition and way ({sample} of them), {rival:,.0f} s scaled to all"
    )
    print(f"largest difference of a value: {worst:.1e} of all losses (at most {SAME:.0e})")
    print(f"ratio for one way of acting alone: {rival / (ours / 2.0):.0f} x (aim {AIM:.0f} x)")
    print(
        "shares, bn USD:",
        {m: round(float(x) / 1000.0, 2) for m, x in zip(MEMBERS, shares, strict=True)},
    )
    if worst > SAME:
        raise SystemExit("values differ")


def separate(payloads: list, which: int):  # type: ignore[no-untyped-def]
    """(n,) million USD that members lose when one coalition acts: nothing kept from others."""
    import numpy as np

    from lodestone.desk.alliance_work import search
    from lodestone.desk.exposures import exposures
    from lodestone.desk.group_shortages import counted_in_group, once
    from lodestone.desk.shock_losses import _table
    from lodestone.economy.losses import Shortage, losses

    found = {p["material"]: search(p) for p in payloads}
    outcomes = {name: s.best(s.acting(which))[1] for name, s in found.items()}
    priced = {n: o for n, o in outcomes.items() if np.isfinite(o.price_cost).all()}
    total = []
    for k, member in enumerate(MEMBERS):
        table = _table(member, 2024)
        cost = sum(
            float(o.price_cost[k].sum()) / 1e6
            for n, o in priced.items()
            if not counted_in_group(n, priced)
        )
        if table is None:
            total.append(cost)
            continue
        exposed = exposures(member, 2024)
        short = {
            n: Shortage(exposed[n], float(found[n].market.spend[k]) / 1e6, o.missing[k])
            for n, o in priced.items()
            if n in exposed
        }
        total.append(losses(table, once(short), cost).central)
    return np.array(total)


if __name__ == "__main__":
    main()
