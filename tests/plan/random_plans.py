"""Small plans drawn by lot, for laws and comparisons."""

from __future__ import annotations

import numpy as np

from lodestone.plan.need import Need
from lodestone.plan.option import Effect, Option
from lodestone.plan.outlook import Outlook, StateCurve, convex_lines
from lodestone.plan.question import PlanQuestion
from lodestone.plan.target import Budget, Target

YEARS = (2026, 2027, 2028, 2029)


def random_plan(seed: int, *, materials: int = 3, scenarios: int = 4) -> PlanQuestion:
    """A plan that can be met, with projects, divisible options, shared sectors and a CVaR."""
    rng = np.random.default_rng(seed)
    needs, options = [], []
    for m in range(materials):
        name = f"m{m}"
        use = float(rng.uniform(50, 500))
        needs.append(
            Need(
                name,
                use,
                price=float(rng.uniform(1, 20)),
                growth=0.02,
                made={"extraction": 0.02 * use, "recycling": 0.05 * use},
                steps={"refine": 0.2 * use},
                supply={"refine": use},
                shares={"refine": {"CHN": 0.7, "CAN": 0.1}},
                shifts={
                    ("refine", "CHN"): dict.fromkeys(
                        (("refine", "refine"), ("refine", "recycling")), -0.7 / use
                    ),
                    ("refine", "CAN"): {("refine", "refine"): -0.1 / use},
                },
            )
        )
        for kind, channel, stage in (
            ("mine", "mine", "mine"),
            ("refinery", "refine", "refine"),
            ("recycling", "recycling", "refine"),
            ("stock", "stock", "refine"),
            ("project", "refine", "refine"),
            ("project", "mine", "mine"),
        ):
            n = len(options)
            options.append(
                Option(
                    f"o{n}",
                    f"option {n}",
                    kind,
                    (Effect(name, stage, channel, use * float(rng.uniform(0.1, 0.6))),),
                    earliest=int(rng.choice(YEARS[:3])),
                    capital=float(rng.uniform(5, 80)),
                    running=float(rng.uniform(1, 20)),
                    avoided=0.0 if kind == "stock" else float(rng.uniform(0, 15)),
                    divisible=kind != "project",
                    public=float(rng.uniform(0, 1)),
                )
            )
    sectors = ("chips", "cars", "power", "tools")
    curves = []
    for _ in range(materials):
        states = []
        for s in range(3):
            depth = float(rng.uniform(20, 200))
            relief = np.linspace(-0.2, 0.4, 5)
            shape = np.maximum(0.3 - relief, 0.0) ** 2
            lines = [
                convex_lines(relief, depth * float(w) * shape / 0.09, 0.0)
                for w in rng.uniform(0, 1, len(sectors)) * (rng.random(len(sectors)) < 0.7)
            ]
            most = max(x.shape[0] for x in lines)
            padded = np.array([np.pad(x, ((0, most - x.shape[0]), (0, 0)), "edge") for x in lines])
            states.append(
                StateCurve(
                    f"state {s}",
                    {
                        ("mine", "mine"): 0.3,
                        ("refine", "refine"): 1.0,
                        ("refine", "recycling"): 0.9,
                        ("refine", "stock"): 0.8,
                    },
                    convex_lines(relief, depth * shape / 0.05 - 1.0, -1.0),
                    padded,
                )
            )
        curves.append(tuple(states))
    state = rng.integers(0, 4, (scenarios, len(YEARS), materials))
    p = rng.uniform(0.5, 1.0, scenarios)
    return PlanQuestion(
        YEARS,
        2025,
        tuple(needs),
        tuple(options),
        (
            Target("processing", 0.25, 2029, weighting=str(rng.choice(["mass", "value", "mean"]))),
            Target("recycling", 0.08, 2028, price=float(rng.uniform(10, 500))),
            Target("supplier_cap", 0.68, 2029),
            Target("stock_days", 10.0, 2029, materials=("m0",)),
        ),
        (Budget(10_000.0), Budget(4_000.0, 2027, "public")),
        Outlook(p / p.sum(), state, tuple(curves), sectors),
        rate=0.05,
        risk_weight=float(rng.choice([0.0, 0.5, 2.0])),
        tail=0.4,
    )
