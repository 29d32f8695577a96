"""The study behind an alliance: every material, every coalition, kept between questions."""

from __future__ import annotations

from lodestone import __version__
from lodestone.desk.alliance_question import AllianceQuestion
from lodestone.desk.alliance_work import CALM, SCHEMA, SCRAMBLE
from lodestone.desk.impacts import code_digest
from lodestone.desk.studying import assumptions_table
from lodestone.desk.worlds import world
from lodestone.study.definition import StudyDefinition
from lodestone.study.task import Task
from lodestone.terms import attribute

COVER = "alliance_cover_days"
#: Attributes that say what members do, in the order of `Terms`.
TERMS = (
    "alliance_scramble_days",
    "alliance_scramble_months",
    "alliance_hoarding",
    "alliance_restraint",
    "alliance_least_share",
)
MODES = (CALM, SCRAMBLE)
#: The central assumptions.
CENTRAL_DRAW = -1


def alliance_study(asked: AllianceQuestion) -> StudyDefinition:
    """The study of all coalitions of those named, against one supplier's stop."""
    there = world(asked.year)
    members = asked.all
    terms = [float(asked.terms.get(name, attribute(name).default)) for name in TERMS]
    usual = float(asked.terms.get(COVER, attribute(COVER).default))
    sets: list[tuple[int, list[float]]] = [(CENTRAL_DRAW, []), *_drawn(asked.draws, asked.seed)]
    tasks = [
        Task(
            f"{name}:{mode}:{draw:03d}",
            {
                "year": there.year,
                "material": name,
                "supplier": asked.supplier,
                "severity": asked.severity,
                "months": asked.months,
                "members": list(members),
                "cover": [float(asked.cover.get(m, usual)) for m in members],
                "shares": sorted(asked.shares),
                "terms": terms,
                "mode": mode,
                "draw": draw,
                "quantiles": quantiles,
            },
        )
        for name in asked.materials
        for mode in MODES
        for draw, quantiles in sets
    ]
    return StudyDefinition(
        name=f"coalitions-{there.year}",
        tasks=tasks,
        work="lodestone.desk.alliance_work:coalition_impacts",
        schema=SCHEMA,
        identity={
            "code": f"{__version__} {code_digest('economy', 'alliance')}",
            "data": there.content_hash,
            "assumptions": assumptions_table(),
            "sigma": [float(getattr(attribute("sigma"), x)) for x in ("low", "default", "high")],
        },
        chunk_size=4,
        initialise="lodestone.desk.study_work:warm",
    )


def _drawn(count: int, seed: int) -> list[tuple[int, list[float]]]:
    import numpy as np
    from scipy.stats import qmc

    from lodestone.market.assumptions import NAMES

    if count == 0:
        return []
    sampler = qmc.Sobol(len(NAMES), scramble=True, rng=np.random.default_rng(seed))
    points = sampler.random_base2(max(int(np.ceil(np.log2(count))), 0))[:count]
    return [(k, [float(x) for x in u]) for k, u in enumerate(points)]
