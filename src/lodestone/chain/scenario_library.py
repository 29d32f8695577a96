"""The library of ready scenarios: dated events of the control catalogue, and what-ifs.

Each is a TOML file beside this module that says where its event is documented. Measures are those
of the event, with general assumptions: none is tuned to what happened after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from lodestone.chain.scenario import Scenario
from lodestone.chain.scenario_check import near
from lodestone.chain.scenario_file import read_scenario, suspension_expired
from lodestone.terms.errors import RequestError

#: Events of the catalogue without a ready scenario, and why.
LEFT_OUT = {
    "CN-WMO-QUOTA-END": "it ends quotas and restricts nothing",
    "RU-THREAT-2024": "a threat; no measure followed",
    "RU-SCRAP-2022": "scrap of steel and tungsten, which is not traded in the chains, and uranium, "
    "which has none",
}


@cache
def scenario_names() -> tuple[str, ...]:
    """Names of the ready scenarios, in order."""
    from importlib import resources

    folder = resources.files("lodestone.chain").joinpath("scenarios")
    files = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml")))


def ready_scenario(name: str, today: date | None = None) -> Scenario:
    """A scenario of the library.

    Parameters
    ----------
    today : day on which suspensions are held against their end; the present day by default

    Raises
    ------
    RequestError
        If there is none of that name; the nearest ones are said.
    """
    return read_scenario(scenario_text(name).encode(), today)


def scenario_text(name: str) -> str:
    """The file of a ready scenario: a form to copy for one's own."""
    from importlib import resources

    if name not in scenario_names():
        raise RequestError(f"no ready scenario {name!r}: {near(name, scenario_names())}")
    file = resources.files("lodestone.chain").joinpath("scenarios", f"{name}.toml")
    return file.read_text(encoding="utf-8")


def scenario_events(name: str) -> tuple[str, ...]:
    """Ids of the catalogue's events that a ready scenario is made from; none for a what-if."""
    import tomllib

    return tuple(tomllib.loads(scenario_text(name)).get("events", ()))


def status_checks(controls: Iterable[Mapping[str, Any]], on: date) -> dict[str, str]:
    """What to check in the catalogue on a day: suspensions whose end has passed.

    Parameters
    ----------
    controls : rows of the table `controls`

    Returns
    -------
    event id -> words, such as "suspension expired on 2026-11-10: check"
    """
    from lodestone.atlas.readers.controls import status_on

    return {
        str(row["event_id"]): suspension_expired(row["suspended_until"])
        for row in controls
        if status_on(row, on) == "suspension expired: check"
    }
