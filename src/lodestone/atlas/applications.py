"""What a material is used for, which industries make that, and how much of their output needs it.

Gallium goes into the radio chips of phones and radars. The chip industry makes those, but they are
a tenth of its output: that tenth, the *exposure* phi, stops without gallium; the silicon chips go on.
An `Application` is the use, a `Need` is one industry that makes it, with the part of the use that
goes there (weight) and phi. Both are judged tables (decision 0007), `rules/applications.csv` and
`rules/application_industries.csv`; shares of the EC study carry over as printed.
Method, limits and the figures that matter most: docs/methods/applications.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TypeVar

from lodestone.atlas.recipe import STAGES, Band, recipes
from lodestone.atlas.release import load_release
from lodestone.terms.errors import DataError, Problems
from lodestone.terms.gazetteer import find_place
from lodestone.terms.table import parse_table

#: Where a row holds: everywhere that has no row of its own.
WORLD = "WLD"
#: The use that nobody describes; it has no industries.
OTHER = "other"
LENSES = ("batteries", "magnets", "semiconductors", "defence", "wind", "solar", "ev", "grid")
#: Shares of one material in one place may miss 1 by this much: sources round.
TOLERANCE = 0.02

_USES, _NEEDS = "applications.csv", "application_industries.csv"
Row = dict[str, str]
T = TypeVar("T")
#: (material, application, NACE-2 division or "") -> share that the EC study prints.
EcRows = Mapping[tuple[str, str, str], float]


@dataclass(frozen=True)
class Need:
    """An industry whose output contains an application.

    Attributes
    ----------
    industry : code of the BEA 2017 table (402 industries)
    weight : share of the application's use that goes to this industry
    phi : share of the industry's output that needs the application and cannot be made without
        it in the short run
    basis : `judged: reason`, or a source
    """

    industry: str
    weight: float
    phi: Band
    basis: str


@dataclass(frozen=True)
class Application:
    """One use of one material in one place.

    Attributes
    ----------
    material, id, label : of what, short name, plain words
    place : `WLD`, or the place or bloc whose own share this is
    stage : stage of the chain that this use buys from; empty where uses are not told apart
    share : share of the material's use; over all rows of the material and place they sum to 1
    lens : technologies it belongs to, of `LENSES`
    ec_application, nace2 : name and division in the EC study 2023, empty if it is not from there
    source, flag : who says so; `odd: why` where the printed cell is strange
    needs : industries, none for `other`
    """

    material: str
    id: str
    label: str
    place: str
    stage: str
    share: Band
    lens: tuple[str, ...]
    ec_application: str
    nace2: str
    source: str
    flag: str
    needs: tuple[Need, ...]


def applications(place: str | None = None) -> tuple[Application, ...]:
    """All applications, or those that hold in `place`: its own rows, else those of the world.

    A place with own rows for a stage of a material replaces the world's rows of that stage.

    Raises
    ------
    DataError
        Listing every bad row of the two tables.
    """
    found = _shipped()
    if place is None:
        return found
    own = {(a.material, a.stage) for a in found if a.place == place}
    return tuple(
        a
        for a in found
        if a.place == place or (a.place == WORLD and (a.material, a.stage) not in own)
    )


@cache
def _shipped() -> tuple[Application, ...]:
    folder = files("lodestone.atlas") / "rules"
    texts = [(folder / name).read_text(encoding="utf-8") for name in (_USES, _NEEDS)]
    return _parse(texts[0], texts[1], _industries(), _ec_rows())


def _industries() -> frozenset[str]:
    names = load_release().table("bea2017_names").columns("code", where="kind = 'industry'")
    return frozenset(str(c) for c in names["code"])


def _ec_rows() -> EcRows:
    """Rows of the EC study that the tables must cover: those of materials with a chain."""
    table = load_release().table("ec_end_uses")
    rows = table.columns("material", "application", "nace2", "share")
    chains = recipes()
    cells = zip(rows["material"], rows["application"], rows["nace2"], rows["share"], strict=True)
    return {(m, a, n or ""): float(s) for m, a, n, s in cells if m in chains}


def _parse(
    uses: str, needs: str, industries: frozenset[str], ec: EcRows
) -> tuple[Application, ...]:
    """Both tables read, checked on their own and against each other."""
    problems = Problems(f"rules/{_USES}, rules/{_NEEDS}")
    made = _rows(parse_table(uses, _USES), _application, _USES, problems)
    wanted = _rows(parse_table(needs, _NEEDS), _need, _NEEDS, problems)
    _check_uses(made, problems)
    _check_needs(made, wanted, industries, problems)
    _check_ec(made, ec, problems)
    problems.raise_if_any(DataError)
    by_use: dict[tuple[str, str], list[Need]] = defaultdict(list)
    for _, (key, need) in wanted:
        by_use[key].append(need)
    return tuple(replace(a, needs=tuple(by_use[a.material, a.id])) for _, a in made)


def _rows(
    rows: Iterable[Row], read: Callable[[Row], T], table: str, problems: Problems
) -> list[tuple[str, T]]:
    """(where, thing) a row; a row that cannot be read is a problem and is left out."""
    found = []
    for number, row in enumerate(rows, start=1):
        where = f"{table} row {number}"
        try:
            found.append((where, read(row)))
        except _CellError as error:
            problems.add(error.what, f"{where}, column {error.column}", error.mend)
    return found


class _CellError(Exception):
    def __init__(self, column: str, what: str, mend: str) -> None:
        super().__init__(what)
        self.column, self.what, self.mend = column, what, mend


def _application(row: Row) -> Application:
    lens = () if row["lens"] == "none" else tuple(row["lens"].split(";"))
    _must(set(lens) <= set(LENSES), "lens", row["lens"], f"use none or {', '.join(LENSES)}")
    _must(row["material"] in recipes(), "material", row["material"], "use the id of a chain")
    place = row["place"]
    known = place in (WORLD, "EU27") or find_place(place) is not None
    _must(known, "place", place, "use WLD, EU27 or an ISO3 code")
    _must(row["stage"] in ("", *STAGES), "stage", row["stage"], f"use {', '.join(STAGES)} or empty")
    _must(row["application"].isidentifier(), "application", row["application"], "use snake_case")
    for column in ("label", "source"):
        _must(bool(row[column]), column, "(empty)", "fill it in")
    odd = row["flag"] == "" or row["flag"].startswith("odd: ")
    _must(odd, "flag", row["flag"], "start with 'odd: '")
    share = _band(row, "share")
    return Application(
        material=row["material"],
        id=row["application"],
        label=row["label"],
        place=place,
        stage=row["stage"],
        share=share,
        lens=lens,
        ec_application=row["ec_application"],
        nace2=row["nace2"],
        source=row["source"],
        flag=row["flag"],
        needs=(),
    )


def _need(row: Row) -> tuple[tuple[str, str], Need]:
    phi = _band(row, "phi")
    _must(phi.low > 0, "phi_low", row["phi_low"], "an exposure is above 0; else drop the row")
    weight = _number(row, "weight")
    _must(0 < weight <= 1, "weight", row["weight"], "give a share above 0, at most 1")
    said = bool(row["basis"].removeprefix("judged:").strip())
    _must(said, "basis", row["basis"], "say why: 'judged: reason', or a source")
    return (row["material"], row["application"]), Need(row["industry"], weight, phi, row["basis"])


def _band(row: Row, name: str) -> Band:
    low, central, high = (_number(row, c) for c in (f"{name}_low", name, f"{name}_high"))
    ordered = 0 <= low <= central <= high <= 1
    _must(ordered, name, f"{low} {central} {high}", "give 0 <= low <= central <= high <= 1")
    return Band(low, central, high)


def _number(row: Row, column: str) -> float:
    try:
        return float(row[column])
    except ValueError:
        raise _CellError(column, f"{row[column]!r} is no number", "give a number") from None


def _must(holds: bool, column: str, cell: str, mend: str) -> None:
    if not holds:
        raise _CellError(column, f"{cell!r} is not allowed", mend)


def _check_uses(made: list[tuple[str, Application]], problems: Problems) -> None:
    """One row a (material, application, place); shares sum to 1; the world is the fallback."""
    totals: dict[tuple[str, str], float] = defaultdict(float)
    seen: set[tuple[str, str, str]] = set()
    staged: dict[str, set[bool]] = defaultdict(set)
    described: dict[tuple[str, str], tuple[object, ...]] = {}
    for where, a in made:
        words = (a.label, a.lens, a.stage)
        if described.setdefault((a.material, a.id), words) != words and a.id != OTHER:
            what = f"{a.material} {a.id} is described in two ways"
            problems.add(what, where, "give one label, lens and stage in all places")
        if (key := (a.material, a.id, a.place)) in seen:
            problems.add(f"{' '.join(key)} is given twice", where, "keep one row")
        seen.add(key)
        totals[a.material, a.place] += a.share.central
        staged[a.material].add(bool(a.stage))
    for (material, place), total in totals.items():
        if abs(total - 1) > TOLERANCE + 1e-9:
            what = f"shares of {material} in {place} sum to {total:.4g}"
            problems.add(what, f"{_USES}, column share", f"add a row `{OTHER}` or mend the shares")
        if (material, WORLD) not in totals:
            problems.add(f"{material} has no row for {WORLD}", _USES, "add the world's shares")
    for material, kinds in staged.items():
        if len(kinds) > 1:
            what = f"some rows of {material} name a stage and some do not"
            problems.add(what, f"{_USES}, column stage", "name it in all rows or in none")


def _check_needs(
    made: list[tuple[str, Application]],
    wanted: list[tuple[str, tuple[tuple[str, str], Need]]],
    industries: frozenset[str],
    problems: Problems,
) -> None:
    """Industries exist and are named once; weights sum to 1; every use but `other` has some."""
    weights: dict[tuple[str, str], float] = defaultdict(float)
    seen: set[tuple[str, str, str]] = set()
    uses = {(a.material, a.id): where for where, a in made}
    for where, (key, need) in wanted:
        if need.industry not in industries:
            what = f"unknown industry {need.industry!r}"
            problems.add(
                what, f"{where}, column industry", "use a code of the BEA 2017 detail table"
            )
        if key not in uses or key[1] == OTHER:
            mend = f"add it to {_USES} (never `{OTHER}`), or drop this row"
            problems.add(f"no application {' '.join(key)}", f"{where}, column application", mend)
        if (full := (*key, need.industry)) in seen:
            problems.add(f"{' '.join(full)} is given twice", where, "add the weights up in one row")
        seen.add(full)
        weights[key] += need.weight
    for key, total in weights.items():
        if abs(total - 1) > 1e-6:
            what = f"weights of {' '.join(key)} sum to {total:.6g}"
            problems.add(what, f"{_NEEDS}, column weight", "make them sum to 1")
    for key, where in uses.items():
        if key[1] != OTHER and key not in weights:
            mend = f"add rows to {_NEEDS}, or count it as `{OTHER}`"
            problems.add(f"{' '.join(key)} has no industries", where, mend)


def _check_ec(made: list[tuple[str, Application]], ec: EcRows, problems: Problems) -> None:
    """Every row of the EC study stands exactly once, with its share unless flagged."""
    times: Counter[tuple[str, str, str]] = Counter()
    for where, a in made:
        if not a.ec_application:
            continue
        key = (a.material, a.ec_application, a.nace2)
        times[key] += 1
        if key not in ec:
            mend = "copy application and division from the EC table"
            problems.add(f"no EC row {' | '.join(key)}", f"{where}, column ec_application", mend)
        elif abs(a.share.central - ec[key]) > 1e-9 and not a.flag:
            what = f"share {a.share.central:g} where the EC prints {ec[key]:g}"
            problems.add(what, f"{where}, column share", "copy it, or flag why it is odd")
    for key in ec:
        if times[key] != 1:
            what = f"EC row {' | '.join(key)} is named {times[key]} times"
            problems.add(what, f"{_USES}, column ec_application", "name it in exactly one row")
