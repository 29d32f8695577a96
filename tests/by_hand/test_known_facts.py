"""The table of known facts copies no figure wrongly: each is read again from the release's facts.

Our own chains are not looked at here; `evaluation/known_facts.py` reports on them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from lodestone.desk.library import library
from lodestone.terms import material

EVALUATION = Path(__file__).resolve().parents[2] / "evaluation"


@pytest.fixture(scope="module")
def evaluation() -> ModuleType:
    sys.path.insert(0, str(EVALUATION))
    try:
        import known_facts
    finally:
        sys.path.remove(str(EVALUATION))
    return known_facts


def test_every_figure_is_what_its_publishers_print(evaluation: ModuleType) -> None:
    wrong = []
    for fact in evaluation.known_facts():
        read = list(evaluation.published(library(), fact).values())
        if not read:
            continue
        # The table is printed to a tenth of a per cent.
        off = max(abs(min(read) - fact.low), abs(max(read) - fact.high))
        off = max(off, min(abs(x - fact.central) for x in read))
        if off > 0.00051:
            wrong.append((fact.id, read, (fact.low, fact.central, fact.high)))
    assert not wrong


def test_quoted_figures_name_their_source(evaluation: ModuleType) -> None:
    quoted = [fact for fact in evaluation.known_facts() if not fact.read_from]
    assert all("secondary" in fact.source for fact in quoted)


def test_a_known_share_by_hand(evaluation: ModuleType) -> None:
    # USGS MCS 2026, p. of cobalt: Congo (Kinshasa) 226,000 t of 302,000 t in 2024.
    fact = next(f for f in evaluation.known_facts() if f.id == "cobalt-mine-COD-2024")
    assert evaluation.published(library(), fact)["usgs_mcs2026"] == pytest.approx(226 / 302)


def test_rows_are_distinct_and_of_known_materials(evaluation: ModuleType) -> None:
    facts = evaluation.known_facts()
    assert len({fact.id for fact in facts}) == len(facts)
    assert all(material(fact.material).id == fact.material for fact in facts)
