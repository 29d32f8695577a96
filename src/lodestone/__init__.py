"""Lodestone: who depends on whom for raw materials, what a cut-off does, how to be safe.

``import lodestone as ls`` gives the verbs (``ls.chain("cobalt", 2024)``), the words they take
(``ls.material("Ga")``, ``ls.place("EU27")``) and the errors they raise. Importing loads nothing
else; a name is fetched from its room when it is first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodestone.chain.measure import (
        DemandChange,
        ExportBan,
        ExportLicence,
        ExportQuota,
        NewCapacity,
        Outage,
        PriceFloor,
        Recycling,
        StockBuild,
        StockRelease,
        Substitution,
        Tariff,
    )
    from lodestone.chain.scenario import Scenario
    from lodestone.desk import (
        alliance,
        assess,
        brief,
        chain,
        compare,
        data_build,
        data_fetch,
        data_sources,
        data_table,
        data_unseen,
        data_verify,
        dossier,
        economy,
        explain,
        exposure,
        joint_plan,
        losses,
        plan,
        plans,
        profile,
        risk,
        scenarios,
        shock,
        study_compare,
        study_resume,
        study_run,
        technology_charts,
        technology_position,
        vault_charts,
        vault_finance,
        vault_run,
        vault_size,
        world,
    )
    from lodestone.desk.asking import read_scenario_words as scenario
    from lodestone.terms import material, place
    from lodestone.terms.errors import (
        ChainError,
        DataError,
        LodestoneError,
        MarketError,
        PlanError,
        RequestError,
        StoreError,
    )

__version__ = "0.1.0"

__all__ = [
    "ChainError",
    "DataError",
    "DemandChange",
    "ExportBan",
    "ExportLicence",
    "ExportQuota",
    "LodestoneError",
    "MarketError",
    "NewCapacity",
    "Outage",
    "PlanError",
    "PriceFloor",
    "Recycling",
    "RequestError",
    "Scenario",
    "StockBuild",
    "StockRelease",
    "StoreError",
    "Substitution",
    "Tariff",
    "alliance",
    "assess",
    "brief",
    "chain",
    "compare",
    "data_build",
    "data_fetch",
    "data_sources",
    "data_table",
    "data_unseen",
    "data_verify",
    "dossier",
    "economy",
    "explain",
    "exposure",
    "joint_plan",
    "losses",
    "material",
    "place",
    "plan",
    "plans",
    "profile",
    "risk",
    "scenario",
    "scenarios",
    "shock",
    "study_compare",
    "study_resume",
    "study_run",
    "technology_charts",
    "technology_position",
    "vault_charts",
    "vault_finance",
    "vault_run",
    "vault_size",
    "world",
]

_WORDS = ("material", "place")


def _home(name: str) -> tuple[str, str]:
    """The module that a public name lives in, and what it is called there."""
    if name == "scenario":
        return "lodestone.desk.asking", "read_scenario_words"
    if name == "Scenario":
        return "lodestone.chain.scenario", name
    if name.endswith("Error"):
        return "lodestone.terms.errors", name
    if name[0].isupper():
        return "lodestone.chain.measure", name
    return ("lodestone.terms" if name in _WORDS else "lodestone.desk"), name


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'lodestone' has no attribute {name!r}")
    module, there = _home(name)
    return getattr(import_module(module), there)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


class _Front(ModuleType):
    """The package as its users see it: a verb is never hidden by the room of the same name.

    Importing ``lodestone.chain`` (the room) would otherwise set ``lodestone.chain`` to that
    module, and ``ls.chain("cobalt")`` would work or not depending on what was imported before.
    Rooms are reached by ``from lodestone.chain.<page> import ...``.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front
