"""Balances every chain and writes its tables: the long part of a data build, on several cores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import polars as pl

from lodestone.atlas.gather import Evidence, gather
from lodestone.atlas.recipe import recipes
from lodestone.atlas.reconcile import ChainInputs
from lodestone.terms import attribute, members

#: Blocs whose dependence is computed with bands beside that of every place.
BLOCS = ("EU27", "ALLIANCE", "G7", "MSP")

STAGE_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "year": pl.Int16,
    "stage": pl.String,
    "order": pl.Int8,
    "unit": pl.String,
    "process_yield": pl.Float64,
    "places": pl.String,
    "world_output": pl.Float64,
    "moved_share": pl.Float64,
    "seen_share": pl.Float64,
    "grade": pl.String,
    "residual": pl.Float64,
    "gap": pl.Float64,
    "missing_codes": pl.String,
}
CELL_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "year": pl.Int16,
    "stage": pl.String,
    "place": pl.String,
    "entry": pl.String,
    "estimate": pl.Float32,
    "error": pl.Float32,
    "value": pl.Float64,
    "adjustment": pl.Float32,
    "unit": pl.String,
    "kind": pl.String,
    "grade": pl.String,
    "facts": pl.String,
}
LINK_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "year": pl.Int16,
    "stage": pl.String,
    "origin": pl.String,
    "destination": pl.String,
    "value": pl.Float32,
    "unseen": pl.Float32,
    "customs": pl.Float32,
    "customs_error": pl.Float32,
    "adjustment": pl.Float32,
    "codes": pl.String,
}
DEPENDENCE_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "year": pl.Int16,
    "buyer": pl.String,
    "lens": pl.String,
    "stage": pl.String,
    "origin": pl.String,
    "share": pl.Float32,
    "low": pl.Float32,
    "high": pl.Float32,
}


@dataclass(frozen=True)
class ChainTables:
    """The four tables of balanced chains, and what could not be balanced."""

    stages: pl.DataFrame
    cells: pl.DataFrame
    links: pl.DataFrame
    dependence: pl.DataFrame


@dataclass(frozen=True)
class _Task:
    inputs: ChainInputs
    draws: int
    seed: int


def chain_tables(
    evidence: Evidence, years: Iterable[int], *, seed: int, workers: int | None = None
) -> ChainTables:
    """Balance every (material, year) that has any output figure.

    The same evidence, seed and years give the same tables, on one worker or many.

    Raises
    ------
    ChainError
        If any chain cannot be balanced or proved.
    """
    draws = int(attribute("bootstrap_draws").default)
    tasks = []
    for name, recipe in recipes().items():
        for year in years:
            inputs = gather(evidence, recipe, year)
            if inputs is not None:
                tasks.append(_Task(inputs, draws, _task_seed(seed, name, year)))
    results = _run(tasks, workers or os.cpu_count() or 1)
    return ChainTables(
        _frame([r for x in results for r in x["stages"]], STAGE_SCHEMA),
        _frame([r for x in results for r in x["cells"]], CELL_SCHEMA),
        _frame([r for x in results for r in x["links"]], LINK_SCHEMA),
        _frame([r for x in results for r in x["dependence"]], DEPENDENCE_SCHEMA),
    )


def _task_seed(seed: int, material: str, year: int) -> int:
    """A seed of its own for every chain, whatever else is built beside it."""
    import hashlib

    text = f"{seed}:{material}:{year}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")


def _run(tasks: Sequence[_Task], workers: int) -> list[dict[str, list[dict[str, Any]]]]:
    if workers <= 1:
        return [balance_one(t) for t in tasks]
    # One thread a process: matrices are small and cores are better used side by side.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(balance_one, tasks, chunksize=4))


def balance_one(task: _Task) -> dict[str, list[dict[str, Any]]]:
    """Balance, trace and resample one chain; its rows by table."""
    from lodestone.atlas.reconcile import reconcile
    from lodestone.chain.bands import dependence_rows
    from lodestone.chain.from_account import from_account, stage_grade
    from lodestone.chain.published import cell_rows, link_rows, stage_rows

    account = reconcile(task.inputs)
    chain = from_account(account)
    buyers: Mapping[str, Sequence[str]] = {p: (p,) for p in chain.places} | {
        b: members(b, chain.year) for b in BLOCS
    }
    stages = [
        {**row, "grade": stage_grade(stage)}
        for row, stage in zip(stage_rows(account), chain.stages, strict=True)
    ]
    return {
        "stages": stages,
        "cells": cell_rows(account, chain),
        "links": link_rows(account, chain),
        "dependence": dependence_rows(
            account, chain, buyers, draws=task.draws, seed=task.seed
        ),
    }


def _frame(rows: list[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    columns = {name: [row[name] for row in rows] for name in schema}
    return pl.DataFrame(columns, schema=schema)
