"""The sharing rule of the International Energy Programme for oil, for any material.

In an emergency each member may use its *permissible consumption* (what it used, less a restraint
that all bear alike), less a *reserve drawdown obligation*: the shortfall of the group, shared in
proportion to net imports, since reserves are owed in days of net imports. That is its supply
right; what it has beside that it gives, what it lacks it gets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lodestone.alliance.game import Floats
from lodestone.terms.errors import RequestError


@dataclass(frozen=True)
class EmergencySharing:
    """Who gets what under the rule; all (n,), in the units of the inputs.

    Attributes
    ----------
    permissible : use after restraint
    obligation : what each must cover from its own reserve
    right : what it may take from the group's supply
    allocation : right less its own supply: above 0 it receives, below it gives
    """

    permissible: Floats
    obligation: Floats
    right: Floats
    allocation: Floats


def emergency_sharing(
    use: ArrayLike, net_imports: ArrayLike, supply: ArrayLike, restraint: float
) -> EmergencySharing:
    """Allocate what a group of members still has among them, as for oil.

    Parameters
    ----------
    use : (n,) normal use
    net_imports : (n,) normal net imports; those of a net exporter count as 0
    supply : (n,) what each has in the emergency, of its own and arriving
    restraint : share of use that all forgo, 0 to 1

    Returns
    -------
    EmergencySharing
        Rights add up to the supply; allocations to 0. There is none where supply covers what is
        permitted: nobody is obliged, and all keep what they have.

    References
    ----------
    Agreement on an International Energy Program (Paris, 18 November 1974), Articles 5 to 9.
    """
    used, imported, held = (np.asarray(x, dtype=np.float64) for x in (use, net_imports, supply))
    fine = used.ndim == 1 and used.shape == imported.shape == held.shape
    if not fine or not all(np.isfinite(x).all() for x in (used, imported, held)):
        raise RequestError("emergency sharing: use, net imports and supply, one number a member")
    if not 0.0 <= restraint < 1.0 or (used < 0.0).any() or (held < 0.0).any():
        raise RequestError("emergency sharing: restraint from 0 to below 1, nothing negative")
    permissible = used * (1.0 - restraint)
    short = float(permissible.sum() - held.sum())
    if short <= 0.0:
        return EmergencySharing(permissible, np.zeros_like(used), held, np.zeros_like(used))
    weight = np.maximum(imported, 0.0)
    if not weight.any():
        weight = used
    obligation = short * weight / weight.sum()
    right = permissible - obligation
    return EmergencySharing(permissible, obligation, right, right - held)
