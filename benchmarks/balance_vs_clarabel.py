"""Speed of the chain balance beside Clarabel, a general interior-point solver, in the same run.

    OPENBLAS_NUM_THREADS=1 python benchmarks/balance_vs_clarabel.py

Both solve the reconciliation of the six largest chains of the release's last year, cold, from the
same arrays. Printed are entries, rows, median seconds of five runs, their ratio, and the largest
difference of any entry (in units of world output): the answers must agree.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import clarabel
import numpy as np
import polars as pl
import scipy.sparse as sp

from lodestone.atlas.balance import BalanceProgram
from lodestone.atlas.gather import evidence_from_tables, gather
from lodestone.atlas.recipe import recipes
from lodestone.atlas.reconcile import reconcile
from lodestone.atlas.release import EMBEDDED
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import ClassifiedTrade

YEAR, LARGEST, RUNS = 2024, 6, 5


def _median_time(run: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _clarabel(program: BalanceProgram, estimate: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The same program in deviations from the estimate, in units of its error."""
    n = estimate.size
    bounded = np.flatnonzero(np.isfinite(program.lower))
    scale = sp.diags(error)
    rows = sp.vstack([program.rows @ scale, -(sp.eye(n).tocsr()[bounded]) @ scale]).tocsc()
    right = np.concatenate(
        [program.right - program.rows @ estimate, (estimate - program.lower)[bounded]]
    )
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    cones = [clarabel.ZeroConeT(program.right.size), clarabel.NonnegativeConeT(bounded.size)]
    answer = clarabel.DefaultSolver(
        sp.eye(n).tocsc(), np.zeros(n), rows, right, cones, settings
    ).solve()
    return np.array(answer.x) * error + estimate


def main() -> None:
    """Print the table."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_parquet(EMBEDDED / f"{name}.parquet")

    confidence = {r.rule: r.confidence for r in load_trade_rules().rules}
    trade = ClassifiedTrade(read("trade"), read("trade_ledger"), confidence)
    evidence = evidence_from_tables(read("facts"), trade, read("distances"), read("use_weights"))
    accounts = [
        reconcile(inputs)
        for inputs in (gather(evidence, r, YEAR) for r in recipes().values())
        if inputs is not None
    ]
    accounts.sort(key=lambda a: -a.entry.size)
    print(f"{'chain':<14}{'entries':>9}{'rows':>7}{'ours ms':>9}{'rival ms':>10}{'ratio':>7}  gap")
    ratios = []
    for account in accounts[:LARGEST]:
        unit = account.scale[account.stage]
        estimate, error = account.estimate / unit, account.error / unit
        program = account.program
        ours = _median_time(lambda p=program, e=estimate, s=error: p.solve(e, s))
        theirs = _median_time(lambda p=program, e=estimate, s=error: _clarabel(p, e, s))
        gap = np.abs(_clarabel(program, estimate, error) - account.value / unit).max()
        ratios.append(theirs / ours)
        print(
            f"{account.material:<14}{estimate.size:>9}{program.right.size:>7}"
            f"{1e3 * ours:>9.1f}{1e3 * theirs:>10.1f}{ratios[-1]:>7.1f}  {gap:.1e}"
        )
    print(f"median ratio {statistics.median(ratios):.1f}")


if __name__ == "__main__":
    main()
