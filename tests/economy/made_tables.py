"""Small input-output tables: one by hand, and random ones that balance."""

from __future__ import annotations

import numpy as np

from lodestone.economy.table import EconomyTable

SECTORS = ("power", "chips", "cars")


def three_sectors() -> EconomyTable:
    """Power, chips and cars; million USD. Worked in docs/methods/losses.md."""
    return EconomyTable(
        place="USA",
        year=2024,
        source="by hand",
        sectors=SECTORS,
        names=("Power", "Chips", "Cars"),
        flows=np.array([[0.0, 10.0, 20.0], [0.0, 0.0, 30.0], [0.0, 0.0, 0.0]]),
        final_use=np.array([70.0, 20.0, 200.0]),
        imported=np.array([40.0, 10.0, 50.0]),
        value_added=np.array([60.0, 30.0, 100.0]),
        output=np.array([100.0, 50.0, 200.0]),
    )


def random_table(n: int, rng: np.random.Generator, filled: float = 0.6) -> EconomyTable:
    """A table of n sectors that balances, with some imported intermediates."""
    a = rng.uniform(0.0, 1.0, (n, n)) * (rng.random((n, n)) < filled)
    a *= rng.uniform(0.1, 0.6, n) / np.maximum(a.sum(axis=0), 1.0)
    final = rng.uniform(0.0, 1.0, n) + 0.01
    output = np.linalg.solve(np.eye(n) - a, final)
    flows = a * output
    imported = 0.1 * output * rng.random(n)
    added = output - flows.sum(axis=0) - imported
    names = tuple(f"s{i}" for i in range(n))
    return EconomyTable("USA", 2024, "random", names, names, flows, final, imported, added, output)
