"""What many drawn years say: mean loss, how bad a bad year is, and who makes it bad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lodestone.risk.sampling import CHUNK, Draws
from lodestone.terms.errors import RequestError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LossSample:
    """All drawn years.

    Attributes
    ----------
    years : how many
    draws : the cuts in them, by year
    """

    years: int
    draws: Draws

    @cached_property
    def by_year(self) -> Floats:
        """(K, years) loss of each year: the losses of its cuts added up."""
        kinds = self.draws.loss.shape[0]
        total = np.zeros((kinds, self.years))
        for k in range(kinds):
            np.add.at(total[k], self.draws.year, self.draws.loss[k])
        return total

    def mean(self, kind: int) -> tuple[float, float]:
        """Mean yearly loss and its standard error."""
        x = self.by_year[kind]
        return float(x.mean()), float(x.std(ddof=1) / np.sqrt(x.size))

    def worst(self, kind: int, level: float) -> tuple[float, float, float]:
        """(VaR, CVaR, standard error of CVaR): loss reached in 1 - level of years, and its mean.

        The estimator of Rockafellar & Uryasev (2000), doi:10.21314/JOR.2000.038; its error by the
        central limit theorem of the excess over VaR.
        """
        if not 0.0 < level < 1.0:
            raise RequestError(f"level {level:g}: between 0 and 1")
        x = self.by_year[kind]
        var = float(np.quantile(x, level, method="inverted_cdf"))
        excess = np.maximum(x - var, 0.0) / (1.0 - level)
        error = float(excess.std(ddof=1) / np.sqrt(x.size))
        return var, var + float(excess.mean()), error

    def in_bad_years(self, kind: int, level: float, pairs: int) -> Floats:
        """(pairs,) mean loss by pair in the years beyond VaR: sums to about CVaR."""
        x = self.by_year[kind]
        var, _, _ = self.worst(kind, level)
        bad = x >= var if var > 0.0 else x > 0.0
        found = np.zeros(pairs)
        pick = bad[self.draws.year]
        np.add.at(found, self.draws.pair[pick], self.draws.loss[kind][pick])
        return found / max(int(bad.sum()), 1)

    def exceedance(self, kind: int, periods: Sequence[float]) -> list[float]:
        """Loss reached or passed once in so many years."""
        x = self.by_year[kind]
        return [float(np.quantile(x, 1.0 - 1.0 / p, method="inverted_cdf")) for p in periods]

    def convergence(self, kind: int) -> list[tuple[int, float, float]]:
        """(years, mean, standard error) after 1, 2, 4, ... chunks and at the end."""
        x, marks = self.by_year[kind], []
        size = CHUNK
        while size < self.years:
            marks.append(size)
            size *= 2
        marks.append(self.years)
        return [(m, float(x[:m].mean()), float(x[:m].std(ddof=1) / np.sqrt(m))) for m in marks]


def gathered(chunks: Sequence[Draws]) -> LossSample:
    """The sample of chunks 0, 1, ... in this order."""
    joined = Draws(
        year=np.concatenate([d.year for d in chunks]),
        pair=np.concatenate([d.pair for d in chunks]),
        severity=np.concatenate([d.severity for d in chunks]),
        months=np.concatenate([d.months for d in chunks]),
        loss=np.concatenate([d.loss for d in chunks], axis=1),
    )
    return LossSample(CHUNK * len(chunks), joined)
