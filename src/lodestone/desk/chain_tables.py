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
from lodestone.atlas.precision import keep_bits
from lodestone.atlas.recipe import Recipe
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
    "value": pl.Float32,
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
LEDGER_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "year": pl.Int16,
    "stage": pl.String,
    "entry": pl.String,
    "place": pl.String,
    "other": pl.String,
    "before": pl.Float32,
    "after": pl.Float32,
    "adjustment": pl.Float32,
    "world_share": pl.Float32,
}
DEPENDENCE_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "year": pl.Int16,
    "buyer": pl.String,
    "lens": pl.String,
    "stage": pl.String,
    "origin": pl.String,
    "grade": pl.String,
    "share": pl.Float32,
    "low": pl.Float32,
    "high": pl.Float32,
}
_SCHEMAS = {
    "stages": STAGE_SCHEMA,
    "cells": CELL_SCHEMA,
    "links": LINK_SCHEMA,
    "dependence": DEPENDENCE_SCHEMA,
    "ledger": LEDGER_SCHEMA,
}


@dataclass(frozen=True)
class ChainTables:
    """The tables of balanced chains."""

    stages: pl.DataFrame
    cells: pl.DataFrame
    links: pl.DataFrame
    dependence: pl.DataFrame
    ledger: pl.DataFrame


@dataclass(frozen=True)
class _Task:
    inputs: ChainInputs
    draws: int
    seed: int


def chain_tables(
    evidence: Evidence,
    years: Iterable[int],
    recipes: Iterable[Recipe],
    *,
    seed: int,
    workers: int | None = None,
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
    for recipe in recipes:
        for year in years:
            inputs = gather(evidence, recipe, year)
            if inputs is not None:
                tasks.append(_Task(inputs, draws, _task_seed(seed, recipe.material, year)))
    results = _run(tasks, workers or os.cpu_count() or 1)
    tables = {
        name: _frame([row for found in results for row in found[name]], schema)
        for name, schema in _SCHEMAS.items()
    }
    # Estimates and errors are known to some per cent; balanced values keep seven digits.
    cells = keep_bits(tables["cells"], ("estimate", "error", "adjustment"), 12)
    links = keep_bits(tables["links"], ("unseen", "customs", "customs_error", "adjustment"), 12)
    return ChainTables(tables["stages"], cells, links, tables["dependence"], tables["ledger"])


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
    from lodestone.chain.published import cell_rows, ledger_rows, link_rows, stage_rows

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
        "ledger": ledger_rows(account),
        "dependence": dependence_rows(account, chain, buyers, draws=task.draws, seed=task.seed),
    }


def _frame(rows: list[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    columns = {name: [row[name] for row in rows] for name in schema}
    return pl.DataFrame(columns, schema=schema)
