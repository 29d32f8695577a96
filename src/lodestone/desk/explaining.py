"""The verb `explain`: where a number comes from, down to publisher, file, row and licence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import Answer, citations
from lodestone.desk.graded_shares import graded_shares
from lodestone.desk.inferred_output import INFERRED_NOTE, inferred_output
from lodestone.desk.library import Library, library
from lodestone.desk.provenance import NumberId, fact_source, parse_id
from lodestone.terms import attribute, members
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.shocking import ShockAnswer

#: How many of the largest parts of a number are followed down; how many assumptions are named.
_PARTS, _MOST_SWINGS = 5, 6


def explain(id: str) -> Answer:
    """Say where a number comes from.

    Parameters
    ----------
    id : the id printed beside the number, such as `dependence:cobalt:2024:EU27:direct:refine:CHN`,
        `cell:cobalt:2024:mine:COD:output`, `link:cobalt:2024:mine:COD>CHN`,
        `cutoff:ban:gallium:2024:CHN:EU27:use_lost_year`, `loss:gallium:2024:CHN:EU27:central`,
        `risk:gallium:2024:CHN:EU27:expected`,
        `alliance:2024:CHN:EU27+USA+JPN:scramble:worth`,
        `vault:gallium:2024:project-vault:avoided`, `option:2024:EU27:refinery-gallium`,
        `plan:eu_2030:2024:cost:capital`, a fact id with the prefix `fact:`, or
        `assumption:theta`

    Returns
    -------
    Answer
        Rows from the number down: `level` is `number`, `part` (the entries of the balanced chain
        it is made of, before and after balancing; of a cut-off also the assumptions that move it
        most, from end to end of their bands), `fact` (the printed figure with publisher, file and
        row) or `trade` (the customs row and the rule that read it).

    Raises
    ------
    RequestError
        If the id has no such shape, or no number has it.
    MarketError
        If a cut-off cannot be proved.
    """
    wanted = parse_id(id)
    books = library()
    rows = _EXPLAINERS[wanted.kind](books, wanted)
    if not rows:
        raise RequestError(f"no number has the id {id!r} in data release {books.release.version}")
    used = {str(r["source"]) for r in rows if r.get("source")}
    return Answer(
        query={"verb": "explain", "id": id},
        results=tuple(rows),
        units={"adjustment": "errors"},
        sources=citations(used),
        notes=(*_SAID_OF.get(wanted.kind, ()), _SAID),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


_SAID = (
    "`before` is the estimate from the sources, `after` the balanced value; "
    "`adjustment` is the move in units of the estimate's error."
)
#: What is said of one kind of number besides.
_SAID_OF = {
    "cutoff": (
        "An assumption goes from end to end of its band, `from` and `to`, alone; the number is then "
        "`at_low` and `at_high`.",
    )
}


def _dependence(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    material, year, buyer, lens, stage, origin = wanted.labels
    kept = books.dependence(buyer, year=int(year), material=material, lens=lens, stage=stage)
    found = [r for r in graded_shares(books, kept) if r["origin"] == origin]
    if not found:
        return _traced(books, wanted)
    number = _share(wanted, *(found[0][column] for column in ("share", "low", "high", "grade")))
    rows = [number | {"note": INFERRED_NOTE} if found[0]["inferred"] else number]
    inside = members(buyer, int(year))
    return rows + _under_share(books, wanted, inside)


def _under_share(books: Library, wanted: NumberId, inside: tuple[str, ...]) -> list[dict[str, Any]]:
    """What a share is made of: the origin's output, its flows, what the buyer uses and makes."""
    material, year, _, lens, stage, origin = wanted.labels
    rows = _cells(books, material, int(year), stage, (origin,), ("output",))
    rows += _links(books, material, int(year), stage, origin, inside if lens == "direct" else None)
    return rows + _cells(books, material, int(year), stage, inside, ("use", "output"))


def _share(
    wanted: NumberId, value: float | None, low: float | None, high: float | None, grade: str
) -> dict[str, Any]:
    material, year, buyer, lens, stage, origin = wanted.labels
    return {
        "level": "number",
        "what": f"share of {buyer}'s {material} ({stage}) from {origin}, {lens}, {year}",
        "value": value,
        "low": low,
        "high": high,
        "unit": "share",
        "grade": grade,
        "kind": "modelled",
    }


def _traced(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    """A share that the release does not keep: too small, or of a group of places of one's own."""
    from lodestone.chain.bands import CUT
    from lodestone.chain.look_through import SCRAP
    from lodestone.desk.assess_buyer import buyer as buyer_of
    from lodestone.desk.supplier_shares import traced_supply

    material, year, buyer, lens, stage, origin = wanted.labels
    if not year.isdecimal() or material not in books.materials(int(year)):
        return []
    who = buyer_of(buyer, int(year))
    banded = books.buyers()
    chain = books.chain(material, int(year))
    if origin not in (*chain.places, SCRAP):
        return []
    guessed = inferred_output(books, int(year))
    for supply in traced_supply(chain, {who.id: who.members}, (), banded, guessed):
        if (supply.stage, supply.lens) != (stage, lens):
            continue
        share = supply.of(origin)
        number = _share(wanted, share.value, share.low, share.high, supply.grade_of(origin))
        said = f"; {INFERRED_NOTE}" if supply.inferred(origin) else ""
        if who.id in banded:
            note = f"at most {CUT:.0%}: too small to be kept; a brief prints half of that"
            return [number | {"note": note + said}]
        note = "no band: chains of this group of places are not redrawn"
        return [number | {"note": note + said}, *_under_share(books, wanted, who.members)]
    return []


def _cell(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    material, year, stage, place, entry = wanted.labels
    return _cells(books, material, int(year), stage, (place,), (entry,))


def _link(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    material, year, stage, ends = wanted.labels
    origin, _, destination = ends.partition(">")
    found = _links(books, material, int(year), stage, origin, (destination,))
    return found or _vanished(books, material, int(year), stage, origin, destination)


def _vanished(
    books: Library, material: str, year: int, stage: str, origin: str, destination: str
) -> list[dict[str, Any]]:
    """A flow that customs print and balancing took away: it stands in the ledger only."""
    moved = books.rows(
        "SELECT * FROM ledger WHERE material = ? AND year = ? AND stage = ? AND place = ? "
        "AND other = ?",
        [material, year, stage, origin, destination],
    )
    rows: list[dict[str, Any]] = [
        {
            "level": "part",
            "what": f"flow {origin}>{destination}, {material} ({stage}), {year}",
            "before": r["before"],
            "after": r["after"],
            "adjustment": r["adjustment"],
            "unit": _unit(books, material, year, stage),
            "kind": "reported",
            "note": r["accepted"] or "taken away by balancing: nothing the origin has feeds it",
        }
        for r in moved
    ]
    if not rows:
        return []
    return rows + _trade_rows(books, material, year, origin, destination, "any")


def _chain(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    material, year = wanted.labels
    rows: list[dict[str, Any]] = []
    for stage in books.stages(int(year)):
        if stage["material"] != material:
            continue
        rows.append(
            {
                "level": "number",
                "what": f"world output of {material} ({stage['stage']}), {year}, before balancing",
                "value": stage["world_output"],
                "unit": stage["unit"],
                "grade": stage["grade"],
                "kind": "modelled",
                "note": f"missing codes: {stage['missing_codes'] or 'none'}",
            }
        )
        top = books.rows(
            "SELECT place FROM chain_cells WHERE material = ? AND year = ? AND stage = ? "
            f"AND entry = 'output' ORDER BY value DESC LIMIT {_PARTS}",
            [material, int(year), stage["stage"]],
        )
        places = tuple(str(r["place"]) for r in top)
        rows += _cells(books, material, int(year), str(stage["stage"]), places, ("output",))
    return rows


def _fact(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    return _fact_rows(books, [wanted.labels[0]]) or _ec_score_rows(books, wanted.labels[0])


def _ec_score_rows(books: Library, fact: str) -> list[dict[str, Any]]:
    """A score that the Commission printed: it has a table of its own."""
    from lodestone.atlas.source import source

    rows = books.rows("SELECT * FROM ec_scores WHERE fact = ?", [fact])
    return [
        {
            "level": "fact",
            "id": f"fact:{fact}",
            "what": f"{what.replace('_', ' ')} of {row['detail']}, EU study of {row['year']}",
            "value": row[what],
            "unit": "score",
            "kind": "reported",
            "source": fact_source(fact),
            "file": fact.split(":")[1],
            "row": fact.split(":")[2],
            "licence": source(fact_source(fact)).licence,
        }
        for row in rows
        for what in ("supply_risk", "economic_importance")
    ]


def _assumption(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    item = attribute(wanted.labels[0])
    return [
        {
            "level": "number",
            "what": item.description,
            "value": item.default,
            "low": item.low,
            "high": item.high,
            "unit": item.unit,
            "kind": "judged",
            "note": item.source,
        }
    ]


def _cutoff(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    """A number of a cut-off: walked again, what moves it, and what it starts from."""
    from lodestone.desk.brief_cutoffs import INSIDE, cut_off, moved_by
    from lodestone.desk.shock_reading import OUTSIDE
    from lodestone.market.outcome import headline_stage

    measure, name, year, supplier, place, what = wanted.labels
    if not year.isdecimal():
        raise RequestError(f"{year!r} is not a year")
    market = place in (OUTSIDE, INSIDE)
    answer = cut_off(measure, name, int(year), supplier, (supplier,) if market else (place,))
    path = answer.answers[name].path
    stage = path.market.stages[headline_stage(path)]
    head = _cutoff_number(answer, wanted)
    rows: list[dict[str, Any]] = [head]
    for swing in moved_by(answer, name, place, what)[:_MOST_SWINGS]:
        item = attribute(swing.assumption)
        rows.append(
            {
                "level": "part",
                "id": f"assumption:{swing.assumption}",
                "what": item.description,
                "from": swing.low,
                "to": swing.high,
                "at_low": swing.at_low,
                "at_high": swing.at_high,
                "unit": head["unit"],
                "kind": "judged",
            }
        )
    chain = path.world.chain(name)
    inside = tuple(path.edits.suppliers)
    others = tuple(p for p in chain.places if p not in inside)
    users = {OUTSIDE: others, INSIDE: inside}.get(place) or members(place, int(year))
    rows += _cells(books, name, int(year), stage, inside, ("output",))
    rows += _cells(books, name, int(year), stage, users, ("use",))
    return rows


def _cutoff_number(answer: ShockAnswer, wanted: NumberId) -> dict[str, Any]:
    from lodestone.chain.months import month_label
    from lodestone.desk.brief_cutoffs import MONTHLY, MONTHS, asked_in_words, number_of, priced_out
    from lodestone.desk.shock_reading import WHATS
    from lodestone.market.outcome import headline_stage

    measure, name, year, supplier, place, what = wanted.labels
    series, t = number_of(answer, name, place, what)
    plain, _, month = what.partition("@")
    unit, words = MONTHLY[plain] if month else WHATS[plain]
    found = answer.answers[name]
    if unit == "stage":
        market = found.path.market
        unit = market.units[headline_stage(found.path)]
    numbers = [float(x[t]) for x in (series.value, series.low, series.high)]
    known: list[float | None] = [None if x != x else x for x in numbers]
    note = [
        asked_in_words(measure, name, int(year), supplier),
        f"band: 5th to 95th percentile of {found.drawn} draws of the assumptions (seed 0), none of "
        "which was fitted to an event",
    ]
    if plain == "recovery":
        known = [None if x is not None and x > MONTHS - 1 else x for x in known]
        note.append(f"unknown where it is not within the {MONTHS} months walked")
    if plain.startswith("price_outside") and numbers[0] == numbers[0] and priced_out(numbers[0]):
        note.append("the price at which users give up (choke), an assumption, sets it")
    if found.failed:
        note.append(f"{found.failed} draws had no proved answer and are left out")
    at = f", month {t} ({month_label(answer.scenario.start, t)})" if month else ""
    return {
        "level": "number",
        "what": f"{words}{at}: {name}, {place}",
        "value": known[0],
        "low": known[1],
        "high": known[2],
        "unit": unit,
        "kind": "modelled",
        "note": "; ".join(note),
    }


def _score(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    """A score of a published method, and the output figures under it."""
    method, name, _, year, place = wanted.labels
    id = ":".join(("score", *wanted.labels))
    found = [r for r in _scored(method, name, place, int(year)) if r["id"] == id]
    if not found:
        return []
    row = dict(found[0])
    words = [row.pop("note", None), *row.pop("about", ())]
    head = {
        "level": "number",
        "what": f"{method} of {name} for {place}, {year}",
        **row,
        "note": "; ".join(str(w) for w in words if w),
    }
    below: list[dict[str, Any]] = []
    for part in ("mine", "refine", "product"):
        below += _cells(books, name, int(year), part, members(place, int(year)), ("output",))
    return [head, *below]


def _scored(method: str, name: str, place: str, year: int) -> list[dict[str, Any]]:
    from lodestone.desk.assess_scoreboard import scoreboard
    from lodestone.desk.assessing import assess

    if method.startswith("crm_act"):
        return [dict(r) for r in scoreboard(place, year)]
    return assess([name], place, year, [method]).to_rows()


def _economy(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    """A loss to sectors and GDP, or an expected loss: what it is made of and assumes."""
    from lodestone.desk.brief_losses import explained

    return explained(wanted.kind, wanted.labels)


def _alliance(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    """What acting together is worth, or what a member gets: what it is made of and assumes."""
    from lodestone.desk.brief_alliance import explained

    return explained(wanted.labels)


def _supplier(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    """Share of what a supplier's country sells that was worked somewhere, one or more stages back."""
    from lodestone.chain.supplier_origins import makes, supplier_origins

    material, year, supplier, stage, before, origin = wanted.labels
    if not year.isdecimal() or material not in books.materials(books.year(int(year))):
        return []
    chain = books.chain(material, int(year))
    share = supplier_origins(chain, supplier, stage, before)
    origins = (*chain.places, "scrap")
    if origin not in origins or share[origins.index(origin)] != share[origins.index(origin)]:
        return []
    worked = "is taken as made there" if makes(chain, supplier, stage) else "is traded, and traced"
    return [
        {
            "level": "number",
            "what": f"share of {material} ({stage}) bought from {supplier} that was worked in "
            f"{origin} ({before}), {year}",
            "value": float(share[origins.index(origin)]),
            "unit": "share",
            "kind": "modelled",
            "note": f"what is bought {worked}; further back by what the country takes in",
        },
        *_cells(books, material, int(year), stage, (supplier,), ("output", "from_scrap")),
        *_cells(books, material, int(year), before, (origin, supplier), ("output", "intake")),
        *_links(books, material, int(year), before, origin, (supplier,)),
    ]


def _vault(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    """Numbers of a ready vault."""
    from lodestone.desk.vault_explained import vault_explained

    return vault_explained(wanted.labels)


def _plan(books: Library, wanted: NumberId) -> list[dict[str, Any]]:
    """An option of a menu, or a number of a ready plan."""
    from lodestone.desk.plan_explaining import explained_option, explained_plan

    if wanted.kind == "option":
        return explained_option(*wanted.labels)
    return explained_plan(*wanted.labels)


_EXPLAINERS = {
    "dependence": _dependence,
    "chain": _chain,
    "cell": _cell,
    "link": _link,
    "fact": _fact,
    "assumption": _assumption,
    "cutoff": _cutoff,
    "loss": _economy,
    "risk": _economy,
    "alliance": _alliance,
    "vault": _vault,
    "option": _plan,
    "plan": _plan,
    "score": _score,
    "supplier": _supplier,
}


def _cells(
    books: Library,
    material: str,
    year: int,
    stage: str,
    places: tuple[str, ...],
    entries: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Ledger entries, largest first, each followed by the facts behind its estimate."""
    marks = ", ".join("?" for _ in places)
    kinds = ", ".join("?" for _ in entries)
    cells = books.rows(
        f"SELECT * FROM chain_cells WHERE material = ? AND year = ? AND stage = ? "
        f"AND place IN ({marks}) AND entry IN ({kinds}) ORDER BY abs(value) DESC LIMIT {_PARTS}",
        [material, year, stage, *places, *entries],
    )
    rows: list[dict[str, Any]] = []
    for cell in cells:
        rows.append(
            {
                "level": "part",
                "id": f"cell:{material}:{year}:{stage}:{cell['place']}:{cell['entry']}",
                "what": f"{cell['entry']} of {cell['place']}, {material} ({stage}), {year}",
                "before": cell["estimate"],
                "error": cell["error"],
                "after": cell["value"],
                "adjustment": cell["adjustment"],
                "unit": cell["unit"],
                "kind": cell["kind"],
                "grade": cell["grade"],
            }
        )
        rows += _fact_rows(books, [f for f in str(cell["facts"] or "").split(";") if f])
    return rows


def _links(
    books: Library,
    material: str,
    year: int,
    stage: str,
    origin: str,
    destinations: tuple[str, ...] | None,
) -> list[dict[str, Any]]:
    """Flows from an origin, largest first, each followed by the customs rows behind it."""
    where, values = "", []
    if destinations is not None:
        where = f"AND destination IN ({', '.join('?' for _ in destinations)})"
        values = list(destinations)
    flows = books.rows(
        f"SELECT * FROM chain_links WHERE material = ? AND year = ? AND stage = ? AND origin = ? "
        f"{where} ORDER BY value DESC LIMIT {_PARTS}",
        [material, year, stage, origin, *values],
    )
    rows: list[dict[str, Any]] = []
    unit = _unit(books, material, year, stage)
    for flow in flows:
        ends = f"{origin}>{flow['destination']}"
        rows.append(
            {
                "level": "part",
                "id": f"link:{material}:{year}:{stage}:{ends}",
                "what": f"flow {ends}, {material} ({stage}), {year}",
                "before": flow["customs"],
                "error": flow["customs_error"],
                "after": flow["value"],
                "adjustment": flow["adjustment"],
                "unit": unit,
                "kind": "inferred" if flow["customs"] is None else "reported",
                "note": f"of which not seen in customs: {flow['unseen']:.4g}",
            }
        )
        rows += _trade_rows(books, material, year, origin, str(flow["destination"]), flow["codes"])
    return rows


def _unit(books: Library, material: str, year: int, stage: str) -> str | None:
    """Unit of a stage: tonnes, or world output = 100."""
    found = [
        s["unit"] for s in books.stages(year) if (s["material"], s["stage"]) == (material, stage)
    ]
    return str(found[0]) if found else None


def _trade_rows(
    books: Library, material: str, year: int, origin: str, destination: str, codes: str | None
) -> list[dict[str, Any]]:
    from lodestone.atlas.source import source

    if not codes:
        return []
    found = books.rows(
        "SELECT * FROM trade WHERE material = ? AND year = ? AND exporter = ? AND importer = ?",
        [material, year, origin, destination],
    )
    return [
        {
            "level": "trade",
            "what": f"HS {r['code']} ({r['revision']}), {origin} to {destination}, {year}",
            "value": r["content_t"],
            "low": r["content_low"],
            "high": r["content_high"],
            "unit": "t",
            "raw_value": f"{_printed(r['gross_t'])} t gross, {_printed(r['value_kusd'])} kUSD",
            "kind": "reported",
            "source": r["source"],
            "file": "; ".join(source(str(r["source"])).files),
            "row": f"year={year} exporter={origin} importer={destination} code={r['code']}",
            "licence": source(str(r["source"])).licence,
            "note": f"{r['flag']}; rule {r['rule']}",
        }
        for r in found
    ]


def _printed(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.6g}"


def _fact_rows(books: Library, ids: list[str]) -> list[dict[str, Any]]:
    from lodestone.atlas.source import source

    rows: list[dict[str, Any]] = []
    for fact in books.facts(ids):
        place = source(fact_source(str(fact["fact"])))
        rows.append(
            {
                "level": "fact",
                "id": f"fact:{fact['fact']}",
                "what": f"{fact['detail']}, {fact['place']}, {fact['year']}",
                "value": fact["value"],
                "low": fact["low"],
                "high": fact["high"],
                "unit": fact["unit"],
                "raw_value": f"{fact['raw_value']} {fact['raw_unit'] or ''}".strip(),
                "kind": fact["kind"],
                "source": fact["source"],
                "file": fact["file"],
                "row": str(fact["fact"]).removeprefix(f"{fact['source']}:{fact['file']}:"),
                "licence": place.licence,
                "note": "; ".join(str(x) for x in (fact["flag"], fact["note"]) if x),
            }
        )
    return rows + _judged_rows([i for i in ids if i.startswith("judged_shares.csv:")])


def _judged_rows(ids: list[str]) -> list[dict[str, Any]]:
    """Shares judged by us: the row of the table that says so."""
    from lodestone.atlas.recipe import judged_shares

    by_row = {f"judged_shares.csv:{s.row}": s for s in judged_shares()}
    return [
        {
            "level": "fact",
            "id": i,
            "what": f"judged share of {by_row[i].place} in world output",
            "value": by_row[i].band.central,
            "low": by_row[i].band.low,
            "high": by_row[i].band.high,
            "unit": "share",
            "kind": "judged",
            "file": "rules/judged_shares.csv",
            "row": str(by_row[i].row),
            "note": by_row[i].source,
        }
        for i in ids
    ]
