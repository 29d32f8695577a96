"""One trade counterfactual at 45 and 80 countries: our market beside gegravity's OneSectorGE.

The same synthetic world for both: countries of random size and place, trade by gravity. The
counterfactual is the same too: one exporter's trade costs rise. The models differ (ours a partial
equilibrium of one material with capacities, stocks and a proof; theirs a general equilibrium of one
sector), so this compares what a counterfactual costs, not what it says.

The rival gets its own virtual environment (made on the first run, never the project's).

Run: python benchmarks/market_vs_gegravity.py [--env DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SIZES, REPEATS, COST = (45, 80), 20, 0.7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cache = Path(tempfile.gettempdir()) / "lodestone-gegravity"
    parser.add_argument("--env", type=Path, default=cache, help="the rival's environment")
    parser.add_argument("--rival", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rival:
        rival(options.rival)
        return
    python = rival_python(options.env)
    print(f"load average {os.getloadavg()[0]:.1f}; median of {REPEATS} (ours), one run (theirs)")
    for n in SIZES:
        done = subprocess.run(
            [python, __file__, "--rival", str(n)], capture_output=True, text=True, check=True
        )
        theirs = json.loads(done.stdout.splitlines()[-1])
        build, clear = ours(n)
        print(
            f"{n} countries: gegravity {theirs['build']:.2f} s to build, {theirs['solve']:.2f} s a "
            f"counterfactual; ours {1e3 * build:.2f} ms, {1e3 * clear:.3f} ms with proof: "
            f"{theirs['solve'] / clear:,.0f} x a counterfactual (target 1,000)"
        )


def rival_python(env: Path) -> str:
    """The interpreter of the rival's environment."""
    python = env / "bin" / "python"
    if not python.exists():
        venv.create(env, with_pip=True)
        wanted = str(HERE / "requirements-gegravity.txt")
        subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", wanted], check=True)
    return str(python)


def synthetic(n: int) -> tuple[Any, Any]:
    """Trade (n, n) by gravity, and the distances."""
    import numpy as np

    rng = np.random.default_rng(0)
    where, size = rng.uniform(0, 1, (n, 2)), np.exp(rng.normal(0, 1.2, n))
    far = np.sqrt(((where[:, None] - where[None]) ** 2).sum(-1)) + 0.05
    np.fill_diagonal(far, 0.02)
    return size[:, None] * size[None, :] / far, far


def ours(n: int) -> tuple[float, float]:
    """Seconds to build our market, and median seconds a counterfactual."""
    import numpy as np

    from lodestone.chain.edits import Duty, no_edits
    from lodestone.chain.supply_chain import ChainStage, SupplyChain
    from lodestone.chain.world import World
    from lodestone.market.assumptions import central
    from lodestone.market.baseline import market_baseline
    from lodestone.market.path import clear

    trade, far = synthetic(n)
    places = tuple(f"C{k:02d}" for k in range(n))
    flow = trade * (1.0 - np.eye(n))
    zero = np.zeros(n)
    stage = ChainStage(
        "refine",
        "t",
        float("nan"),
        trade.sum(axis=1),
        zero,
        zero,
        trade.sum(axis=0),
        zero,
        flow,
        np.zeros((n, n)),
        ("A",) * n,
    )
    there = World(2024, {"toy": SupplyChain("toy", 2024, places, (stage,))}, {}, places, 1e3 * far)
    a = central()
    began = time.perf_counter()
    base = market_baseline(there, "toy", a)
    build = time.perf_counter() - began
    one = np.arange(n) == 1
    duty = Duty(0, one, ~one, np.array([COST]), "specific")
    edits = replace(no_edits("toy", 1, n, 1, "2025-01"), duties=(duty,))
    spent = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        clear(there, edits, a, baseline=base)
        spent.append(time.perf_counter() - began)
    return build, statistics.median(spent[1:])


def rival(n: int) -> None:
    """Run in the rival's environment: build and solve, seconds as JSON."""
    import warnings

    warnings.filterwarnings("ignore")
    import gegravity as ge
    import numpy as np
    import pandas as pd

    trade, far = synthetic(n)
    names = [f"C{k:02d}" for k in range(n)]
    rows = [
        {
            "exporter": names[i],
            "importer": names[j],
            "year": 2020,
            "trade": trade[i, j],
            "Y": trade[i].sum(),
            "E": trade[:, j].sum(),
            "lndist": np.log(far[i, j]),
            "contiguity": 0.0,
        }
        for i in range(n)
        for j in range(n)
    ]
    data = ge.BaselineData(
        pd.DataFrame(rows), trade_var_name="trade", output_var_name="Y", expend_var_name="E"
    )
    costs = ge.CostCoeffs(
        pd.DataFrame({"var": ["lndist", "contiguity"], "beta": [-1.0, 0.5], "se": [0.01, 0.01]}),
        identifier_col="var",
        coeff_col="beta",
        stderr_col="se",
    )
    began = time.perf_counter()
    model = ge.OneSectorGE(
        data,
        year="2020",
        reference_importer=names[0],
        sigma=5,
        cost_variables=["lndist", "contiguity"],
        cost_coeff_values=costs,
        quiet=True,
    )
    model.build_baseline(omr_rescale=10)
    build = time.perf_counter() - began
    changed = model.baseline_data.copy()
    hit = (changed["exporter"] == names[1]) & (changed["importer"] != names[1])
    changed.loc[hit, "lndist"] += COST
    began = time.perf_counter()
    model.define_experiment(changed)
    model.simulate()
    print(json.dumps({"build": build, "solve": time.perf_counter() - began}))


if __name__ == "__main__":
    sys.exit(main())
