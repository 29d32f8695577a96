"""A plan decomposed, beside the extensive form in HiGHS built with linopy, in the same run.

Plans are drawn by lot in the shape of the EU's: 17 strategic materials x 10 years x 50 scenarios, then
34 x 10 x 200; ten options a material, four named projects a material all or nothing, the CRM Act's
targets, a public budget, CVaR. Printed are time, gap, memory, the rival's time (or that it was not
done in the limit), and how time grows with scenarios and with materials.

Run: python benchmarks/plan_decomposition.py [--limit SECONDS] [--small]
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
from scipy import sparse

from lodestone.plan.need import Need
from lodestone.plan.option import Effect, Option
from lodestone.plan.outlook import Outlook, StateCurve, convex_lines
from lodestone.plan.question import PlanQuestion
from lodestone.plan.solve import solve
from lodestone.plan.target import Budget, Target

GAP = 0.005
YEARS, SECTORS, STATES = tuple(range(2026, 2036)), 35, 20
CHANNELS = ("mine", "refine", "recycling", "substitution", "stock")
#: (stage, channel): mines come in at the mine, all else at the refinery.
WAYS = tuple(("mine" if c == "mine" else "refine", c) for c in CHANNELS)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for the rival")
    parser.add_argument("--small", action="store_true", help="leave the large case out")
    options = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; CPU seconds beside")
    first, _ = _ours("17 materials x 10 years x 50 scenarios", made(17, 50), target=120.0)
    if options.small:
        return
    question = made(34, 200)
    whole, value = _ours("34 materials x 10 years x 200 scenarios", question, target=None)
    by_scenarios = [_timed(made(17, n)) for n in (50, 100, 200)]
    by_materials = [_timed(made(n, 50)) for n in (9, 17, 34)]
    print(f"growth with scenarios {_exponent((50, 100, 200), by_scenarios):.2f}", by_scenarios)
    print(f"growth with materials {_exponent((9, 17, 34), by_materials):.2f}", by_materials)
    took, found, status = _limited(question, options.limit)
    apart = "" if found is None else f", best {found:,.0f} against ours {value:,.0f}"
    print(
        f"extensive form in HiGHS by linopy: {status} after {took:.0f} s{apart}; "
        f"ours {whole:.0f} s, {took / whole:.1f} x or more; first case {first:.0f} s"
    )


def made(materials: int, scenarios: int, seed: int = 0) -> PlanQuestion:
    """A plan in the shape of the EU's."""
    rng = np.random.default_rng([seed, materials])
    needs, options, curves = [], [], []
    for m in range(materials):
        name, use = f"m{m}", float(10 ** rng.uniform(1, 6))
        value = float(10 ** rng.uniform(1, 3.5))
        top = float(rng.uniform(0.3, 0.95))
        needs.append(
            Need(
                name,
                use,
                price=1e6 * value / use,
                growth=0.02,
                made={
                    "extraction": use * rng.uniform(0, 0.2),
                    "recycling": use * rng.uniform(0, 0.2),
                },
                steps={"refine": use * rng.uniform(0, 0.5)},
                supply={"refine": use},
                shares={"refine": {"CHN": top}},
                shifts={("refine", "CHN"): dict.fromkeys(WAYS[1:3], -top / use)},
            )
        )
        options += _options(rng, name, use, value)
        curves.append(tuple(_state(rng, k, value) for k in range(STATES)))
    quiet = rng.random((scenarios, len(YEARS), materials)) > 0.25
    state = rng.integers(1, STATES + 1, (scenarios, len(YEARS), materials))
    state[quiet] = 0
    return PlanQuestion(
        YEARS,
        2024,
        tuple(needs),
        tuple(options),
        (
            Target("extraction", 0.1, 2030, price=20_000.0),
            Target("processing", 0.4, 2030, price=20_000.0),
            Target("recycling", 0.25, 2030, price=20_000.0),
            Target("supplier_cap", 0.65, 2030, price=2_000.0),
        ),
        (Budget(20_000.0, None, "public"),),
        Outlook(
            np.full(scenarios, 1.0 / scenarios),
            state,
            tuple(curves),
            tuple(f"sector {n}" for n in range(SECTORS)),
        ),
        rate=0.07,
        risk_weight=0.5,
        tail=0.1,
    )


def _options(rng: np.random.Generator, name: str, use: float, value: float) -> list[Option]:
    found = []
    kinds = [("mine", "mine"), ("refinery", "refine"), ("recycling", "recycling")]
    kinds += [("substitution", "substitution"), ("stock", "stock")]
    for kind, channel in [
        *kinds,
        *[("project", c) for c in ("mine", "refine", "refine", "recycling")],
    ]:
        whole = kind == "project"
        size = float(rng.uniform(0.02, 0.08) if whole else rng.uniform(0.1, 0.5))
        worth = value * size
        found.append(
            Option(
                f"{name}-{len(found)}",
                f"{kind} of {name}",
                kind,
                (Effect(name, "mine" if channel == "mine" else "refine", channel, size * use),),
                int(rng.integers(2027, 2031)),
                worth * float(rng.uniform(0.5, 4.0)) if kind != "substitution" else 0.0,
                worth * float(rng.uniform(0.6, 1.3)) if kind != "stock" else 0.02 * worth,
                worth if kind != "stock" else 0.0,
                divisible=not whole,
                public=0.3,
            )
        )
    return found


def _state(rng: np.random.Generator, k: int, value: float) -> StateCurve:
    relief = np.array([-0.2, -0.1, 0.0, 0.1, 0.2])
    shape = np.maximum(0.5 - relief, 0.0) ** 2 / 0.25
    hit = rng.choice(SECTORS, 4, replace=False)
    lines = [
        convex_lines(relief, value * rng.uniform(0.1, 3.0) * shape * (n in hit), 0.0)
        for n in range(SECTORS)
    ]
    most = max(x.shape[0] for x in lines)
    padded = np.array([np.pad(x, ((0, most - x.shape[0]), (0, 0)), "edge") for x in lines])
    reach = {way: float(rng.uniform(0.0, 1.2)) for way in WAYS}
    return StateCurve(
        f"state {k}", reach, convex_lines(relief, value * rng.uniform(0, 2) * shape, 0.0), padded
    )


def _ours(words: str, question: PlanQuestion, target: float | None) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    plan = solve(question, gap=GAP)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    aim = f" (target {target:.0f} s)" if target else ""
    print(
        f"{words}: {took:.1f} s{aim}, {used:.1f} CPU s, gap {plan.gap:.2%}, {plan.rounds} rounds, "
        f"{plan.cuts} cuts, {memory:.2f} GB, objective {plan.value:,.0f}"
    )
    return took, plan.value


def _timed(question: PlanQuestion) -> float:
    cpu = time.process_time()
    solve(question, gap=GAP)
    return round(time.process_time() - cpu, 1)


def _exponent(sizes: tuple[int, ...], times: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def _limited(q: PlanQuestion, limit: float) -> tuple[float, float | None, str]:
    """The rival in a process of its own, ended at the limit: HiGHS looks at its clock too seldom."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_tell, args=(theirs, q, limit), daemon=True)
    began = time.perf_counter()
    child.start()
    answer = ours.recv() if ours.poll(limit + 30.0) else None
    child.kill()
    child.join()
    return answer or (time.perf_counter() - began, None, "not done")


def _tell(pipe: Connection, q: PlanQuestion, limit: float) -> None:
    pipe.send(_rival(q, limit))


def _rival(q: PlanQuestion, limit: float) -> tuple[float, float | None, str]:
    """The extensive form as a modeller would write it: a copy of the second stage a scenario."""
    import warnings

    import linopy
    import xarray as xr

    from lodestone.plan.program import first_stage

    warnings.simplefilter("ignore")  # of its own semantics to come
    began = time.perf_counter()
    program = first_stage(q)
    model = linopy.Model()
    n = len(program.keys)
    column = np.arange(n)
    x = model.add_variables(
        lower=xr.DataArray(np.array(program.lower), dims="column", coords={"column": column}),
        upper=xr.DataArray(np.array(program.upper), dims="column", coords={"column": column}),
        name="x",
        mask=xr.DataArray(~np.array(program.integer), dims="column", coords={"column": column}),
    )
    whole = model.add_variables(
        binary=True,
        coords=[("column", column)],
        name="whole",
        mask=xr.DataArray(np.array(program.integer), dims="column", coords={"column": column}),
    )
    labels = np.where(program.integer, whole.labels.values, x.labels.values)
    matrix = program.matrix().tocsr()
    bounds = (np.array(program.row_lower), np.array(program.row_upper))
    for name, bound, keep in (
        ("low", bounds[0], np.isfinite(bounds[0])),
        ("high", bounds[1], np.isfinite(bounds[1])),
    ):
        rows = _expression(model, labels, matrix[keep])
        limit_of = xr.DataArray(bound[keep], dims="row", coords={"row": np.arange(keep.sum())})
        made_of = rows >= limit_of if name == "low" else rows <= limit_of
        model.add_constraints(made_of, name=name)
    cost = _expression(model, labels, sparse.csr_matrix(program.cost[None, :])).sum()
    cost = cost + _second_stage(model, q, program, labels)
    model.add_objective(cost)
    model.solve(
        "highs", io_api="direct", time_limit=limit, mip_rel_gap=GAP, threads=1, output_flag=False
    )
    took = time.perf_counter() - began
    value = model.objective.value
    good = value is not None and math.isfinite(value)
    return took, float(value) if good else None, str(model.termination_condition)


def _expression(model: object, labels: np.ndarray, matrix: sparse.csr_matrix) -> object:
    """Rows of a matrix over the first stage's variables, all at once."""
    import linopy
    import xarray as xr

    width = int(np.diff(matrix.indptr).max())
    terms, weights = (np.full((matrix.shape[0], width), fill) for fill in (-1, 0.0))
    for r in range(matrix.shape[0]):
        span = slice(matrix.indptr[r], matrix.indptr[r + 1])
        size = span.stop - span.start
        terms[r, :size], weights[r, :size] = labels[matrix.indices[span]], matrix.data[span]
    rows = {"row": np.arange(matrix.shape[0])}
    data = xr.Dataset(
        {
            "coeffs": (("row", "_term"), weights),
            "vars": (("row", "_term"), terms),
            "const": (("row",), np.zeros(matrix.shape[0])),
        },
        coords=rows,
    )
    return linopy.LinearExpression(data, model)


def _second_stage(model: object, q: PlanQuestion, program: object, labels: np.ndarray) -> object:
    """Relief, price cost, output by sector and year's loss of every scenario and year; CVaR."""
    import xarray as xr

    S, Y, M = q.outlook.state.shape
    N, C = len(q.outlook.sectors), len(CHANNELS)
    state = q.outlook.state
    reach = np.zeros((M, STATES + 1, C))
    L = max(c.price.shape[0] for cs in q.outlook.curves for c in cs)
    K = max(c.sectors.shape[1] for cs in q.outlook.curves for c in cs)
    price, sectors = np.zeros((M, STATES + 1, L, 2)), np.zeros((M, STATES + 1, N, K, 2))
    for m, curves in enumerate(q.outlook.curves):
        for k, c in enumerate(curves, 1):
            reach[m, k] = [c.reach[way] for way in WAYS]
            price[m, k] = np.pad(c.price, ((0, L - c.price.shape[0]), (0, 0)), "edge")
            sectors[m, k] = np.pad(c.sectors, ((0, 0), (0, K - c.sectors.shape[1]), (0, 0)), "edge")
    growth = np.array([[q.growth(m, y) for m in range(M)] for y in range(Y)])
    hit = state > 0
    # tonnes held over base-year use, as one variable a material, channel and year
    held = model.add_variables(coords=_coords(material=M, channel=C, year=Y), name="held", lower=0)
    entries = []
    for m in range(M):
        for channel in CHANNELS:
            for y in range(Y):
                columns = program.held.get((f"m{m}", y), {})
                entries.append([v for (_, ch), v in columns.items() if ch == channel])
    matrix = sparse.csr_matrix(
        (
            np.ones(sum(map(len, entries))),
            [c for e in entries for c in e],
            np.cumsum([0, *map(len, entries)]),
        ),
        shape=(len(entries), labels.size),
    )
    own = held.labels.values.reshape(-1)
    terms = sparse.hstack([matrix, -sparse.identity(own.size)], format="csr")
    sums = _expression(model, np.concatenate([labels, own]), terms)
    model.add_constraints(sums == 0, name="held")
    pick = reach[np.arange(M)[None, None, :], state]
    weight = xr.DataArray(
        pick,
        dims=("scenario", "year", "material", "channel"),
        coords=dict(_pairs(scenario=S, year=Y, material=M, channel=C)),
    )
    alive = xr.DataArray(
        hit,
        dims=("scenario", "year", "material"),
        coords=dict(_pairs(scenario=S, year=Y, material=M)),
    )
    relief = model.add_variables(
        coords=_coords(scenario=S, year=Y, material=M), name="relief", mask=alive
    )
    model.add_constraints(relief - (held * weight).sum("channel") == 0, name="relief", mask=alive)
    paid = model.add_variables(
        coords=_coords(scenario=S, year=Y, material=M), name="paid", mask=alive
    )
    for k in range(L):
        line = price[np.arange(M)[None, None, :], state, k]
        a = xr.DataArray(line[..., 0] * growth[None], dims=alive.dims, coords=alive.coords)
        b = xr.DataArray(line[..., 1], dims=alive.dims, coords=alive.coords)
        model.add_constraints(paid - relief * b >= a, name=f"paid{k}", mask=alive)
    lost = model.add_variables(lower=0, coords=_coords(scenario=S, year=Y, sector=N), name="lost")
    dims = ("scenario", "year", "material", "sector")
    coords = dict(_pairs(scenario=S, year=Y, material=M, sector=N))
    for k in range(K):
        line = sectors[np.arange(M)[None, None, :], state, :, k]
        a = xr.DataArray(line[..., 0] * growth[None, :, :, None], dims=dims, coords=coords)
        b = xr.DataArray(line[..., 1], dims=dims, coords=coords)
        real = xr.DataArray(np.abs(line).max(axis=-1) > 0.0, dims=dims, coords=coords)
        model.add_constraints(lost - relief * b >= a, name=f"lost{k}", mask=real)
    year = model.add_variables(lower=0, coords=_coords(scenario=S, year=Y), name="loss")
    model.add_constraints(year - paid.sum("material") >= 0, name="prices")
    model.add_constraints(year - lost.sum("sector") >= 0, name="outputs")
    discount = xr.DataArray(
        [q.discount(y) for y in range(Y)], dims="year", coords={"year": np.arange(Y)}
    )
    var = model.add_variables(lower=0, name="var")
    excess = model.add_variables(lower=0, coords=_coords(scenario=S), name="excess")
    model.add_constraints(excess + var - (year * discount).sum("year") >= 0, name="tail")
    p = 1.0 / S
    mean = (year * (discount * p)).sum()
    return mean + q.risk_weight * var + (excess * (q.risk_weight * p / q.tail)).sum()


def _pairs(**sizes: int) -> list[tuple[str, np.ndarray]]:
    return [(name, np.arange(size)) for name, size in sizes.items()]


def _coords(**sizes: int) -> list[object]:
    import pandas as pd

    return [pd.RangeIndex(size, name=name) for name, size in sizes.items()]


if __name__ == "__main__":
    main()
