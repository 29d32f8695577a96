"""The baseline: one balanced chain per material and year, estimated from sources that disagree.

Every place keeps a ledger at every stage,

    output + imports = exports + intake of the next stage + direct use + stock change,
    output of the next stage = yield * intake + output from scrap,

and every entry has an estimate with an error (see `estimates`, `unseen`). `reconcile` moves the
entries as little as possible, in units of their errors, until all ledgers add up; the answer is
proved (`balance`). Trade that the open customs codes do not show travels in an *unseen* channel
with a wide error. Published shares of imports (US) and of supply (EU) enter as soft rows.

Quantities inside are in units of the stage's world output, so that numbers are near 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from lodestone.atlas.balance import Balanced, BalanceProgram
from lodestone.atlas.estimates import Estimate, OutputEstimates
from lodestone.atlas.recipe import Band, Recipe, StageRecipe, judged_routes
from lodestone.atlas.unseen import unseen_flows
from lodestone.terms import attribute
from lodestone.terms.errors import ChainError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: What an entry of the account is.
OUTPUT, SCRAP, INTAKE, USE, STOCK, SEEN, UNSEEN, HELPER = range(8)
ENTRY_NAMES = ("output", "scrap", "intake", "use", "stock_change", "seen", "unseen", "helper")


@dataclass(frozen=True)
class Link:
    """Trade seen in customs: contained tonnes, relative error, codes it came in, quality."""

    origin: str
    destination: str
    tonnes: float
    relative_error: float
    codes: tuple[str, ...] = ()
    modelled: bool = False


@dataclass(frozen=True)
class ShareAnchor:
    """Published shares of what a buyer gets, by origin; a soft row of the balance.

    `own_output` counts the members' own production as one of the origins (EU sourcing);
    without it the shares are of imports only (US import sources).
    """

    buyer: str
    members: tuple[str, ...]
    shares: Mapping[str, float]
    error: float
    own_output: bool
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageInputs:
    """All that is known of one stage before balancing (tonnes of reference content).

    Attributes
    ----------
    recipe : the stage's recipe
    output : output by place
    links : customs trade
    use : observed direct use by place (US apparent consumption ...)
    anchors : published import or sourcing shares
    """

    recipe: StageRecipe
    output: OutputEstimates
    links: tuple[Link, ...]
    use: Mapping[str, Estimate]
    anchors: tuple[ShareAnchor, ...] = ()


@dataclass(frozen=True)
class ChainInputs:
    """All that is known of one material and year before balancing.

    `use_weights` (by place, sum 1) say where use is where nobody publishes it; `distance`
    gives kilometres between two places.
    """

    recipe: Recipe
    year: int
    stages: tuple[StageInputs, ...]
    use_weights: Mapping[str, float]
    distance: Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class ChainAccount:
    """A balanced chain as one list of entries, with what each was before.

    Attributes
    ----------
    entry : (n,) what it is (OUTPUT ... HELPER)
    stage : (n,) index of the stage
    place : (n,) index of the place (origin for a flow)
    other : (n,) index of the destination for a flow, else -1
    estimate, error, value : (n,) tonnes (or index units)
    scale : (stages,) world output of each stage, the unit inside the solver
    facts : entry index -> ids of facts and codes behind the estimate
    kinds : entry index -> kind of the estimate ('reported', 'shares', ...)
    """

    material: str
    year: int
    stages: tuple[StageRecipe, ...]
    places: tuple[str, ...]
    entry: Ints
    stage: Ints
    place: Ints
    other: Ints
    estimate: Floats
    error: Floats
    value: Floats
    scale: Floats
    facts: Mapping[int, tuple[str, ...]]
    kinds: Mapping[int, str]
    balanced: Balanced
    program: BalanceProgram

    @property
    def adjustment(self) -> Floats:
        """Move of each entry in units of its own error."""
        return (self.value - self.estimate) / self.error

    def resample(self, draws: int, seed: int) -> Floats:
        """Balanced values under re-drawn estimates: the band of everything computed from them.

        Estimates are drawn log-normally (mean kept) with their relative errors. What an origin
        ships unseen is drawn together, half its variance in common, because one guess places it
        all; unseen flows guessed at nothing are drawn up to a quarter of their error, since
        nobody has looked. Each draw is balanced and proved like the baseline.

        Returns
        -------
        (draws, n) array of values in the units of `value`
        """
        rng = np.random.default_rng(seed)
        unit = self.scale[self.stage]
        estimate, error = self.estimate / unit, self.error / unit
        positive = (estimate > 0) & np.isfinite(self.program.lower)
        spread = np.sqrt(np.log1p((error / np.where(positive, estimate, 1.0)) ** 2))
        spread = np.where(positive, np.minimum(spread, 1.5), 0.0)
        dark = np.where((self.entry == UNSEEN) & (estimate < error), 0.25 * error, 0.0)
        unseen = self.entry == UNSEEN
        origin = self.stage * len(self.places) + np.maximum(self.place, 0)
        out = np.empty((draws, estimate.size))
        for k in range(draws):
            noise = rng.standard_normal(estimate.size)
            shared = rng.standard_normal(len(self.stages) * len(self.places))[origin]
            noise = np.where(unseen, (noise + shared) / np.sqrt(2.0), noise)
            drawn = estimate * np.exp(spread * noise - 0.5 * spread**2)
            drawn += dark * np.abs(shared)
            answer = self.program.solve(
                drawn, error, start=self.balanced.multiplier, subject=f"{self.material} {self.year}"
            )
            out[k] = answer.value * unit
        return out


class _Entries:
    """Collects entries and matrix cells; turns into arrays once."""

    def __init__(self, places: tuple[str, ...], stages: int) -> None:
        self.index = {p: k for k, p in enumerate(places)}
        self.n_places, self.n_stages = len(places), stages
        self.entry: list[int] = []
        self.stage: list[int] = []
        self.place: list[int] = []
        self.other: list[int] = []
        self.estimate: list[float] = []
        self.error: list[float] = []
        self.lower: list[float] = []
        self.cells: list[tuple[int, int, float]] = []
        self.facts: dict[int, tuple[str, ...]] = {}
        self.kinds: dict[int, str] = {}
        self.n_rows = stages * len(places) + max(0, stages - 1) * len(places)

    def ledger(self, stage: int, place: int) -> int:
        """Row of the ledger of one place at one stage."""
        return stage * self.n_places + place

    def conversion(self, stage: int, place: int) -> int:
        """Row that turns intake of `stage - 1` into output of `stage` at one place."""
        return self.n_stages * self.n_places + (stage - 1) * self.n_places + place

    def new_row(self) -> int:
        """A further row, for a soft constraint."""
        self.n_rows += 1
        return self.n_rows - 1

    def add(
        self,
        entry: int,
        stage: int,
        place: int,
        estimate: float,
        error: float,
        cells: Iterable[tuple[int, float]],
        *,
        other: int = -1,
        free: bool = False,
        facts: tuple[str, ...] = (),
        kind: str = "",
    ) -> int:
        """Add one entry with its cells (row, coefficient); returns its index."""
        k = len(self.entry)
        self.entry.append(entry)
        self.stage.append(stage)
        self.place.append(place)
        self.other.append(other)
        self.estimate.append(estimate)
        self.error.append(error)
        self.lower.append(-np.inf if free else 0.0)
        self.cells.extend((row, k, value) for row, value in cells)
        if facts:
            self.facts[k] = facts
        if kind:
            self.kinds[k] = kind
        return k


def reconcile(inputs: ChainInputs) -> ChainAccount:
    """Balance one material and year.

    Raises
    ------
    ChainError
        If a stage has no output at all, or the balance cannot be proved.
    """
    name = f"{inputs.recipe.material} {inputs.year}"
    for stage in inputs.stages:
        if not stage.output.total > 0:
            raise ChainError(f"{name}: no output figure for stage {stage.recipe.stage}")
    places = _places(inputs)
    scale = np.array([s.output.total for s in inputs.stages])
    build = _Entries(places, len(inputs.stages))
    needs = _needs(inputs, places, scale)
    for s, stage in enumerate(inputs.stages):
        _add_output(build, inputs, s, scale, needs[s - 1].intake if s > 0 else None)
        _add_use(build, inputs, s, scale, needs[s])
        flows = _add_trade(build, inputs, s, scale, needs[s])
        _add_anchors(build, stage, s, scale, flows)
    return _solve(build, inputs, places, scale, name)


def _solve(
    build: _Entries, inputs: ChainInputs, places: tuple[str, ...], scale: Floats, name: str
) -> ChainAccount:
    rows, columns, values = zip(*build.cells, strict=True)
    n = len(build.entry)
    program = BalanceProgram(
        sp.csr_matrix((values, (rows, columns)), shape=(build.n_rows, n)),
        np.zeros(build.n_rows),
        np.array(build.lower),
    )
    estimate, error = np.array(build.estimate), np.array(build.error)
    balanced = program.solve(estimate, error, subject=name)
    stage = np.array(build.stage)
    unit = scale[stage]
    return ChainAccount(
        material=inputs.recipe.material,
        year=inputs.year,
        stages=tuple(s.recipe for s in inputs.stages),
        places=places,
        entry=np.array(build.entry),
        stage=stage,
        place=np.array(build.place),
        other=np.array(build.other),
        estimate=estimate * unit,
        error=error * unit,
        value=balanced.value * unit,
        scale=scale,
        facts=build.facts,
        kinds=build.kinds,
        balanced=balanced,
        program=program,
    )


def _places(inputs: ChainInputs) -> tuple[str, ...]:
    """Every place that produces, trades or uses more than a trace."""
    cut = attribute("use_weight_cut").default
    found = {p for p, w in inputs.use_weights.items() if w >= cut}
    for stage in inputs.stages:
        trace = attribute("link_drop").default * stage.output.total
        found |= {p for p, e in stage.output.places.items() if e.value > 0}
        found |= set(stage.use)
        for link in stage.links:
            if link.tonnes > trace:
                found |= {link.origin, link.destination}
    return tuple(sorted(found))


def _weights(inputs: ChainInputs, places: tuple[str, ...]) -> Floats:
    weights = np.array([inputs.use_weights.get(p, 0.0) for p in places])
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class _Need:
    """Prior need at one stage, by place, in stage units: direct use and intake."""

    use: Floats
    use_error: Floats
    intake: Floats
    use_facts: Mapping[int, tuple[str, ...]]


def _needs(inputs: ChainInputs, places: tuple[str, ...], scale: Floats) -> list[_Need]:
    """Where each stage's output is wanted, before balancing (stage units)."""
    weights = _weights(inputs, places)
    needs = []
    for s, stage in enumerate(inputs.stages):
        last = s == len(inputs.stages) - 1
        intake = np.zeros(len(places))
        if not last:
            nxt = inputs.stages[s + 1]
            process_yield = nxt.recipe.process_yield
            assert process_yield is not None
            out = _vector(nxt.output.places, places)
            intake = _feed(stage, nxt, places, out) / scale[s]
        direct = stage.recipe.direct
        left = float(np.clip(1.0 - intake.sum(), direct.low, direct.high))
        total = 1.0 if last else left
        used_here = last or direct.central >= 0.5
        needs.append(_use_prior(stage, places, weights, total, scale[s], intake, used_here))
    return needs


def _vector(estimates: Mapping[str, Estimate], places: tuple[str, ...]) -> Floats:
    return np.array([estimates[p].value if p in estimates else 0.0 for p in places])


def _feed(stage: StageInputs, nxt: StageInputs, places: tuple[str, ...], out: Floats) -> Floats:
    """Prior intake of each place, tonnes: what its output needs after the world share of scrap.

    Where scrap is a large part of the charge (steel, lead) its share differs too much from place
    to place: there a place takes in the feed it has, up to what it could use, and scrap is the
    rest.
    """
    process_yield = nxt.recipe.process_yield
    assert process_yield is not None
    most = out / process_yield.central
    if nxt.recipe.scrap.central < attribute("scrap_led").default:
        return np.asarray(most * (1.0 - nxt.recipe.scrap.central))
    has = _vector(stage.output.places, places) + _net_imports(stage, places)
    return np.clip(has, 0.0, most)


def _use_prior(
    stage: StageInputs,
    places: tuple[str, ...],
    weights: Floats,
    total: float,
    unit: float,
    intake: Floats,
    used_here: bool,
) -> _Need:
    """Observed use where somebody publishes it; the rest spread by weight with a wide error."""
    use = np.zeros(len(places))
    error = np.zeros(len(places))
    seen: dict[int, tuple[str, ...]] = {}
    for k, place in enumerate(places):
        observed = stage.use.get(place)
        if observed is not None:
            use[k], error[k] = observed.value / unit, observed.error / unit
            seen[k] = observed.facts
    rest = np.array([k not in seen for k in range(len(places))])
    left = max(total - use.sum(), 0.1 * total)
    made = _vector(stage.output.places, places)
    home = stage.recipe.home
    spread = (1.0 - home) * _shared(weights * rest) + home * _shared(made * rest)
    spread = _shared(spread) * left
    # A place that keeps what it imports evidently uses it, however small its industry; before
    # the last stage it may as well feed its refiners.
    kept = np.maximum(_net_imports(stage, places) / unit, 0.0) * used_here
    wide = attribute("error_use_prior").default
    floor = attribute("error_floor").default
    use = np.where(rest, spread, use)
    error = np.where(rest, np.maximum(wide * spread, attribute("error_kept").default * kept), error)
    return _Need(use, np.maximum(error, floor), intake, seen)


def _shared(amount: Floats) -> Floats:
    """Scaled to sum to 1; zeros stay zeros."""
    total = float(amount.sum())
    return amount / total if total > 0 else amount


def _net_imports(stage: StageInputs, places: tuple[str, ...]) -> Floats:
    """Customs imports less exports by place, tonnes."""
    index = {p: k for k, p in enumerate(places)}
    net = np.zeros(len(places))
    for link in stage.links:
        if link.origin in index and link.destination in index:
            net[index[link.destination]] += link.tonnes
            net[index[link.origin]] -= link.tonnes
    return net


def _add_output(
    build: _Entries, inputs: ChainInputs, s: int, scale: Floats, feed: Floats | None
) -> None:
    """Output of a stage by place and, after the first, the part of it made from scrap."""
    stage = inputs.stages[s]
    unit = scale[s]
    floor = attribute("error_floor").default
    exporters = {link.origin for link in stage.links}
    omitted = attribute(
        "error_omitted_floor" if stage.output.complete else "error_unlisted"
    ).default
    for place, k in build.index.items():
        found = stage.output.places.get(place)
        if found is not None:
            value, error = found.value / unit, max(found.error / unit, floor)
            kind, facts = found.kind, found.facts
        elif place in exporters:
            value, error, kind, facts = 0.0, omitted, "unlisted", ()
        else:
            continue
        cells = [(build.ledger(s, k), 1.0)]
        if s > 0:
            cells.append((build.conversion(s, k), 1.0))
        build.add(OUTPUT, s, k, value, error, cells, facts=facts, kind=kind)
        if feed is not None:
            process_yield = stage.recipe.process_yield
            assert process_yield is not None
            fed = process_yield.central * feed[k] * scale[s - 1] / unit
            scrap = max(value - fed, 0.0)
            share = stage.recipe.scrap
            wide = max(share.relative_error, attribute("error_scrap").default)
            spread = max(wide * max(scrap, share.central * value), floor)
            cells = [(build.conversion(s, k), -1.0)]
            build.add(SCRAP, s, k, scrap, spread, cells, kind="judged")


def _add_use(build: _Entries, inputs: ChainInputs, s: int, scale: Floats, need: _Need) -> None:
    floor = attribute("error_floor").default
    stock = attribute("error_stock").default
    last = s == len(inputs.stages) - 1
    stage = inputs.stages[s]
    received = _by_place(build, ((x.destination, x.tonnes / scale[s]) for x in stage.links))
    made = _by_place(build, ((p, e.value / scale[s]) for p, e in stage.output.places.items()))
    for k in range(build.n_places):
        row = build.ledger(s, k)
        if need.use[k] > 0:
            kind = "reported" if k in need.use_facts else "judged"
            facts = need.use_facts.get(k, ())
            cells = [(row, -1.0)]
            build.add(USE, s, k, need.use[k], need.use_error[k], cells, facts=facts, kind=kind)
        through = max(need.use[k] + need.intake[k], made[k], received[k])
        error = max(stock * through, floor)
        build.add(STOCK, s, k, 0.0, error, [(row, -1.0)], free=True, kind="judged")
        if not last and need.intake[k] > 0:
            _add_intake(build, inputs, s, k, need.intake[k], scale)


def _add_intake(
    build: _Entries, inputs: ChainInputs, s: int, k: int, intake: float, scale: Floats
) -> None:
    """Intake of place k: leaves the ledger of stage s, feeds the conversion row of s + 1."""
    process_yield = inputs.stages[s + 1].recipe.process_yield
    assert process_yield is not None
    feed = -process_yield.central * scale[s] / scale[s + 1]
    cells = [(build.ledger(s, k), -1.0), (build.conversion(s + 1, k), feed)]
    error = max(attribute("error_intake").default, process_yield.relative_error) * intake
    floor = attribute("error_floor").default
    build.add(INTAKE, s, k, intake, max(error, floor), cells, kind="judged")


def _by_place(build: _Entries, items: Iterable[tuple[str, float]]) -> Floats:
    out = np.zeros(build.n_places)
    for place, value in items:
        if place in build.index:
            out[build.index[place]] += value
    return out


def _add_trade(
    build: _Entries, inputs: ChainInputs, s: int, scale: Floats, need: _Need
) -> list[tuple[int, int, int]]:
    """Seen links, then the unseen channel; returns (entry, origin, destination) of each."""
    stage = inputs.stages[s]
    unit = scale[s]
    drop = attribute("link_drop").default
    least = attribute("error_trade_least").default
    floor = attribute("error_floor").default
    flows: list[tuple[int, int, int]] = []
    customs = np.zeros((build.n_places, build.n_places))
    for link in stage.links:
        value = link.tonnes / unit
        if value <= drop or link.origin == link.destination:
            continue
        i, j = build.index[link.origin], build.index[link.destination]
        error = max(link.relative_error * value, least * value, floor)
        cells = [(build.ledger(s, i), -1.0), (build.ledger(s, j), 1.0)]
        kind = "modelled" if link.modelled else "reported"
        k = build.add(SEEN, s, i, value, error, cells, other=j, facts=link.codes, kind=kind)
        flows.append((k, i, j))
        customs[i, j] += value
    made = _by_place(build, ((p, e.value / unit) for p, e in stage.output.places.items()))
    wanted = need.use + need.intake
    prior = unseen_flows(
        made=made,
        wanted=wanted,
        known_need=float(need.intake.sum() / wanted.sum()),
        customs=customs,
        seen=stage.recipe.seen_share(inputs.year),
        distance=_distance_matrix(inputs, build),
        routes=_routes(build, inputs.recipe.material, stage.recipe.stage),
    )
    for i, j, value, error in prior:
        cells = [(build.ledger(s, i), -1.0), (build.ledger(s, j), 1.0)]
        k = build.add(UNSEEN, s, i, value, error, cells, other=j, kind="inferred")
        flows.append((k, i, j))
    imports = np.maximum(wanted - made, 0.0) * (1.0 - stage.recipe.seen_share(inputs.year))
    return flows + _add_anchored_links(build, stage, s, imports, flows)


def _routes(build: _Entries, material: str, stage: str) -> dict[tuple[int, int], Band]:
    """Judged routes of one stage between places of the chain."""
    return {
        (build.index[r.origin], build.index[r.destination]): r.share
        for r in judged_routes()
        if (r.material, r.stage) == (material, stage)
        and r.origin in build.index
        and r.destination in build.index
    }


def _add_anchored_links(
    build: _Entries,
    stage: StageInputs,
    s: int,
    imports: Floats,
    flows: list[tuple[int, int, int]],
) -> list[tuple[int, int, int]]:
    """Links that a publisher names as a source but customs codes do not show.

    US import sources of gallium name Canada and Germany, which make none and have no code:
    they pass it on. A link starts at the published share of what each buyer must import, and
    only for the part of trade that the codes do not show.
    """
    added: list[tuple[int, int, int]] = []
    floor = attribute("error_floor").default
    wide = attribute("error_split").default
    for anchor in stage.anchors:
        buyers = [build.index[m] for m in anchor.members if m in build.index]
        outside = {p: share for p, share in anchor.shares.items() if p not in anchor.members}
        bought = sum(outside.values())
        for place, share in outside.items() if bought > 0 else ():
            i = build.index.get(place, -1)
            for j in buyers if i >= 0 else ():
                value = share / bought * float(imports[j])
                value -= sum(build.estimate[k] for k, a, b in flows if (a, b) == (i, j))
                if value <= floor:
                    continue
                cells = [(build.ledger(s, i), -1.0), (build.ledger(s, j), 1.0)]
                k = build.add(
                    UNSEEN,
                    s,
                    i,
                    value,
                    max(wide * value, floor),
                    cells,
                    other=j,
                    facts=anchor.facts,
                    kind="inferred",
                )
                added.append((k, i, j))
    return added


def _distance_matrix(inputs: ChainInputs, build: _Entries) -> Floats:
    """Kilometres between places; the median where CEPII has no figure."""
    names = list(build.index)
    out = np.full((len(names), len(names)), np.nan)
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            out[i, j] = inputs.distance.get((a, b), np.nan)
    middle = float(np.nanmedian(out)) if np.isfinite(out).any() else 1.0
    return np.where(np.isfinite(out), out, middle)


def _add_anchors(
    build: _Entries,
    stage: StageInputs,
    s: int,
    scale: Floats,
    flows: list[tuple[int, int, int]],
) -> None:
    for anchor in stage.anchors:
        members = {build.index[m] for m in anchor.members if m in build.index}
        arriving = [(k, i) for k, i, j in flows if j in members and i not in members]
        own = [
            (k, build.place[k])
            for k in range(len(build.entry))
            if build.entry[k] == OUTPUT and build.stage[k] == s and build.place[k] in members
        ]
        counted = arriving + (own if anchor.own_output else [])
        if not counted:
            continue
        size = max(sum(build.estimate[k] for k, _ in counted), 1e-4)
        row = build.new_row()
        build.cells.extend((row, k, 1.0) for k, _ in counted)
        total = build.add(HELPER, s, -1, size, 10.0 * size, [(row, -1.0)])
        _add_share_rows(build, anchor, s, counted, total, size)


def _add_share_rows(
    build: _Entries,
    anchor: ShareAnchor,
    s: int,
    counted: list[tuple[int, int]],
    total: int,
    size: float,
) -> None:
    """One soft row an origin: what came from it - share * total = slack, slack about 0.

    Origins that the chain has no flow from drop out, and the other shares are of the rest.
    """
    least = attribute("error_share_anchor_floor").default
    arriving: dict[str, list[int]] = {}
    for place in anchor.shares:
        if place in build.index:
            arriving[place] = [k for k, i in counted if i == build.index[place]]
    lost = sum(share for place, share in anchor.shares.items() if not arriving.get(place))
    if lost > 0.9:
        return
    for place, entries in arriving.items():
        if not entries:
            continue
        share = anchor.shares[place] / (1.0 - lost)
        row = build.new_row()
        build.cells.extend((row, k, 1.0) for k in entries)
        build.cells.append((row, total, -share))
        # Near 0 the error is a part of the share, near 1 a part of what is left to others.
        spread = min(share, (max(share * (1.0 - share), 0.0)) ** 0.5)
        error = (anchor.error * spread + least) * size
        build.add(HELPER, s, -1, 0.0, error, [(row, -1.0)], free=True)
