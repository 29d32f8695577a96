"""European Commission: criticality studies of 2017 and 2023, and the lists of the CRM Act.

World supply shares, EU sourcing shares, end uses by NACE sector, scores since 2011, the inputs
and results of 2017, the two annexes of Regulation (EU) 2024/1252, and the groups of materials.
Materials outside Lodestone's scope (natural cork, aggregates, hydrogen) give no facts; in the
score tables they stay, by name and without a material id, because the method is tested on them.

Traps it meets: `<0.1%` and `>0%`; processed shares that are steel, aluminium or pigment; EU
shares of chromium ore that cover 9 %; EU rows that repeat the world (germanium and five light
rare earths); a magnesium row printed twice; indium uses that sum to 0.90; manganese uses under
the wrong sector; gold and silver in two groups; a line break inside a name.
"""

from __future__ import annotations

from pathlib import Path

from lodestone.atlas.facts import Reading, facts_frame
from lodestone.atlas.readers.ec.cards import CARDS
from lodestone.atlas.readers.ec.end_uses import read_end_uses
from lodestone.atlas.readers.ec.lists import read_groupings, read_lists
from lodestone.atlas.readers.ec.scores import read_results_2017, read_scores
from lodestone.atlas.readers.ec.shares import read_shares
from lodestone.terms.errors import Problems

__all__ = ["CARDS", "read"]


def read(raw: Path) -> Reading:
    """Facts of world and EU supply shares, and the tables that criticality methods need.

    Returns
    -------
    Reading
        `facts` : `supply_share` (share of world supply by country) and `sourcing_share` (place
        EU27, partner = origin), unit `share`, means of about 2016-2020: the studies' own data
        period, which differs by a year or two between materials. `low` and `high` are the
        rounding of the printed per cent.
        `ec_trade_parameter` : the multiplier t (0.8-1.5) of each share row.
        `ec_end_uses` : share by application with NACE-2 sector and its value added (million
        EUR). `ec_scores` : supply risk and economic importance 2011-2023.
        `ec_crm2017` : inputs and results of 2017. `ec_lists`, `ec_groupings`.

    Raises
    ------
    DataError
        Once, with every missing column, unknown country, material, stage or bad number.
    """
    problems = Problems("ec")
    notes: list[str] = []
    facts, parameters = read_shares(raw, problems, notes)
    tables = {
        "ec_trade_parameter": parameters,
        "ec_end_uses": read_end_uses(raw, problems, notes),
        "ec_scores": read_scores(raw, problems),
        "ec_crm2017": read_results_2017(raw, problems),
        "ec_lists": read_lists(raw, problems),
        "ec_groupings": read_groupings(raw, problems, notes),
    }
    problems.raise_if_any()
    return Reading(tables={"facts": facts_frame(facts), **tables}, notes=notes)
