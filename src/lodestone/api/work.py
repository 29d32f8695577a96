"""What the worker processes do: one task in, one answer out. Only here are verbs asked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.api.store import File

if TYPE_CHECKING:
    from lodestone.desk.answer import Answer

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """One question.

    Attributes
    ----------
    verb : what is asked
    words : the verb's words, checked
    text : the user's own scenario or table, if the words name a saved one
    second : that of the second side of a comparison
    """

    verb: str
    words: Mapping[str, Any]
    text: str | None = None
    second: str | None = None


@dataclass(frozen=True)
class Answered:
    """The answer of a task: its envelope, and files where the verb writes some."""

    envelope: Mapping[str, Any]
    files: tuple[File, ...] = ()


def answer(task: Task, tell: Tell) -> Answered:
    """Ask the desk one question; runs in a worker process."""
    with tempfile.TemporaryDirectory(prefix="lodestone-") as name:
        folder = Path(name)
        found = _VERBS[task.verb](task, folder, tell)
        envelope = found.envelope()
        # Where this machine wrote something is of no use to anybody else.
        envelope["notes"] = [note for note in envelope["notes"] if name not in note]
        query = {k: v for k, v in envelope["query"].items() if name not in str(v)}
        return Answered({**envelope, "query": query}, tuple(_files(folder)))


def release(tell: Tell) -> tuple[str, str]:
    """Version and content hash of the data release; runs in a worker process."""
    from lodestone import desk

    found = desk.data_sources()
    return found.data_release, found.content_hash


_SHOWN = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".parquet": "application/vnd.apache.parquet",
}


def _files(folder: Path) -> list[File]:
    """What the verb wrote for its reader, by name."""
    found = sorted(path for path in folder.glob("result/*") if path.suffix in _SHOWN)
    return [File(path.name, _SHOWN[path.suffix], path.read_bytes()) for path in found]


def _assess(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    w = task.words
    return desk.assess(
        w["material"], w["place"], w["year"], w["method"], w["inputs"], seed=w["seed"]
    )


def _chain(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.chain(task.words["material"], task.words["year"])


def _exposure(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    w = task.words
    return desk.exposure(w["material"], place=w["place"], on=w["on"], year=w["year"])


def _profile(task: Task, folder: Path, tell: Tell) -> Answer:
    from datetime import date

    from lodestone import desk

    w = task.words
    day = date.fromisoformat(w["as_of"]) if w["as_of"] else None
    return desk.profile(w["material"], w["place"], w["year"], as_of=day)


def _technology(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    w = task.words
    return desk.technology_position(w["place"], w["technology"] or None, w["year"])


def _explain(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.explain(task.words["id"])


def _economy(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.economy_summary(task.words["place"], task.words["year"])


def _scenarios(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.scenarios()


def _sources(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.data_sources()


def _unseen(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.data_unseen()


def _materials(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.materials()


def _places(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.known_places()


def _shock(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    w = task.words
    return desk.shock_in_words(
        _own_file(task.text, folder / "scenario.toml") or _ready(w["scenario"]),
        bans=w["ban"],
        licences=w["licence"],
        quotas=w["quota"],
        outages=w["outage"],
        to=w["to"],
        months=w["months"],
        year=w["year"],
        places=w["place"],
        draws=w["draws"],
        seed=w["seed"],
        sensitivity=w["sensitivity"],
    )


def _compare(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    w = task.words
    texts = {"first": task.text, "second": task.second}
    sides = [
        desk.scenario_in_words(
            _own_file(text, folder / f"{name}.toml") or _ready(w[name]["scenario"]),
            bans=w[name]["ban"],
            licences=w[name]["licence"],
            quotas=w[name]["quota"],
            outages=w[name]["outage"],
            to=w[name]["to"],
            months=w["months"],
            year=w["year"],
        )
        for name, text in texts.items()
    ]
    return desk.compare(
        *sides,
        places=w["place"],
        months=w["months"],
        year=w["year"],
        draws=w["draws"],
        seed=w["seed"],
    )


def _losses(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    w = task.words
    return desk.losses(
        w["place"],
        suppliers=w["supplier"],
        materials=w["material"],
        months=w["months"],
        severity=w["severity"],
        year=w["year"],
        progress=tell,
    )


def _risk(task: Task, folder: Path, tell: Tell) -> Answer:
    from datetime import date

    from lodestone import desk

    w = task.words
    own = _own_file(task.text, folder / "hazards.csv")
    return desk.risk(
        w["place"],
        hazards=Path(own) if own else None,
        years=w["years"],
        seed=w["seed"],
        year=w["year"],
        as_of=date.fromisoformat(w["as_of"]) if w["as_of"] else None,
        progress=tell,
    )


def _alliance(task: Task, folder: Path, tell: Tell) -> Answer:
    from datetime import date

    from lodestone import desk

    w = task.words
    floor = w["floor"]
    wanted = f"{floor['material']}:{floor['usd_per_kg']!r}" if floor else None
    plan = desk.ready_plan(w["plan"]) if w["plan"] else None
    day = date.fromisoformat(w["as_of"]) if w["as_of"] else None
    if task.text is not None:
        return desk.alliance_in_words(
            file=task.text, floor=wanted, plan=plan, as_of=day, progress=tell
        )
    return desk.alliance_in_words(
        w["members"],
        invite=w["invite"],
        supplier=w["against"],
        materials=w["material"],
        months=w["months"],
        severity=w["severity"],
        shares=w["share"],
        cover=w["stock_days"],
        terms=w["terms"],
        floor=wanted,
        plan=plan,
        as_of=day,
        draws=w["draws"],
        year=w["year"],
        seed=w["seed"],
        progress=tell,
    )


def _plan(task: Task, folder: Path, tell: Tell) -> Answer:
    from datetime import date

    from lodestone import desk

    w = task.words
    own = _own_file(task.text, folder / "plan.toml")
    return desk.plan(
        Path(own) if own else desk.ready_plan(w["plan"]),
        year=w["year"],
        gap=w["gap"],
        judge=w["judge"],
        rounds=w["rounds"],
        frontier=desk.FRONTIER if w["frontier"] else (),
        as_of=date.fromisoformat(w["as_of"]) if w["as_of"] else None,
        watch=lambda _, done, total: tell(done, total),
    )


def _vault(task: Task, folder: Path, tell: Tell) -> Answer:
    from datetime import date

    from lodestone import desk

    w = task.words
    own = _own_file(task.text, folder / "vault.toml")
    common = {
        "place": w["place"],
        "budget": w["budget"],
        "year": w["year"],
        "as_of": date.fromisoformat(w["as_of"]) if w["as_of"] else None,
        "progress": tell,
    }
    vault = Path(own) if own else desk.ready_vault(w["vault"])
    if w["ask"] == "size":
        return desk.vault_size(vault, **common)
    if w["ask"] == "finance":
        return desk.vault_finance(vault, fall=w["fall"], ban_months=w["ban_months"], **common)
    return desk.vault_run(
        vault,
        scenario=_ready(w["scenario"]),
        bans=w["ban"],
        paths=w["paths"],
        months=w["months"],
        full=w["full"],
        seed=w["seed"],
        **common,
    )


def _plans(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    return desk.plans()


def _brief(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    w = task.words
    return desk.brief(w["place"], w["against"], w["year"], folder / "result")


def _dossier(task: Task, folder: Path, tell: Tell) -> Answer:
    from datetime import date

    from lodestone import desk

    w = task.words
    return desk.dossier(
        (task.text or "").encode(),
        w["place"],
        against=w["against"],
        months=w["months"],
        year=w["year"],
        as_of=date.fromisoformat(w["as_of"]) if w["as_of"] else None,
        draws=w["draws"],
        out=folder / "result",
        name="bill.csv",
    )


def _study(task: Task, folder: Path, tell: Tell) -> Answer:
    from lodestone import desk

    w = task.words
    return desk.study_run(
        folder / "result",
        grid=w["grid"],
        samples=w["sample"],
        year=w["year"],
        materials=w["material"],
        suppliers=w["supplier"],
        places=w["place"],
        months=w["months"],
        seed=w["seed"],
        progress=tell,
    )


def _ready(name: str | None) -> str | None:
    """The name of a ready scenario; any other word would be taken for a file of this machine."""
    from lodestone.chain.scenario_library import ready_scenario

    if name is not None:
        ready_scenario(name)
    return name


def _own_file(text: str | None, file: Path) -> str | None:
    """The user's own text as a file with a name of ours; verbs read files."""
    if text is None:
        return None
    file.write_text(text, encoding="utf-8", newline="")
    return str(file)


_VERBS: dict[str, Callable[[Task, Path, Tell], Answer]] = {
    "alliance": _alliance,
    "assess": _assess,
    "brief": _brief,
    "chain": _chain,
    "compare": _compare,
    "data sources": _sources,
    "data unseen": _unseen,
    "dossier": _dossier,
    "economy": _economy,
    "explain": _explain,
    "exposure": _exposure,
    "losses": _losses,
    "materials": _materials,
    "places": _places,
    "plan": _plan,
    "plans": _plans,
    "profile": _profile,
    "risk": _risk,
    "scenarios": _scenarios,
    "shock": _shock,
    "study": _study,
    "technology": _technology,
    "vault": _vault,
}
