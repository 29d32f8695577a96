"""The market as bare arrays: what kernel and twin both read, with every shape and unit.

Units inside the market: prices in base prices of their stage, quantities in money of one common
unit (tonnes a year times the stage's base price, over the value of the last stage's world
output). A refiner then needs `cost` units of feed per unit of product, and the same `cost` is the
share of the feed in the price of the product: the program is symmetric across stages.

N supply nodes and M buyers, each sorted by stage; stage s holds nodes `ns[s]:ns[s+1]` and buyers
`ms[s]:ms[s+1]`, and its links are the row-major block `wo[s]:wo[s+1]` of a flat array (nodes by
buyers of that stage).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Layout(NamedTuple):
    """Who is where.

    Attributes
    ----------
    ns, ms, wo : (S+1,) offsets of nodes, buyers and links by stage
    feed : (N,) the buyer that a refining node buys through (same place, stage before), or -1
    cost : (N,) feed per product, in value; 0 where there is no feed
    rptr, ridx : (M+1,), (R,) refining nodes of each buyer
    scale : (N,) what residuals are measured in: baseline supply, at least 1e-6 of its mean
    """

    ns: Ints
    ms: Ints
    wo: Ints
    feed: Ints
    cost: Floats
    rptr: Ints
    ridx: Ints
    scale: Floats


class Supply(NamedTuple):
    """Supply curves of the N nodes, all (N,).

    Attributes
    ----------
    y, eps, cap : level at the base price, elasticity and ceiling of what is won without feed
        (a mine; scrap at a refinery)
    ry, reps, rcap : the same of what is refined from feed, against the refiner's margin
    margin, credit : baseline margin with credits (g0 + h, > 0) and the credits h
    given : what comes whatever the price (baseline draw-down of stocks)
    tail : price, in base prices, below which curves run straight to the origin
    floor : price guaranteed to the node by contract; 0 for none
    """

    y: Floats
    eps: Floats
    cap: Floats
    ry: Floats
    reps: Floats
    rcap: Floats
    margin: Floats
    credit: Floats
    given: Floats
    tail: float
    floor: Floats


class Demand(NamedTuple):
    """Needs of the M buyers, all (M,) unless said otherwise.

    Attributes
    ----------
    use : level of use at the base price (memory included); eta its elasticity, one number
    fixed : bought whatever the price, up to the choke (stock building)
    choke, kappa : price at which users give up, and the width of their fall; numbers
    months : purchases that a month of commercial stock is counted in
    stock, target, expected : stock held and wanted, in months; expected price
    handed : strategic release, taken from what must be bought
    rules : (6,) response, 1/return months, build limit, release limit, draw share, ceiling
    """

    use: Floats
    eta: float
    fixed: Floats
    choke: float
    kappa: float
    months: Floats
    stock: Floats
    target: Floats
    expected: Floats
    handed: Floats
    rules: Floats


class Links(NamedTuple):
    """Links, flat over stages (L,), and limits on them (Q).

    Attributes
    ----------
    weight : habit shares; 0 where closed
    theta : (S,) sharpness of sourcing
    tax : cost on the link in base prices; empty where there is none
    rate : ad-valorem rate on the price; floor : levy floor of the price (both general only)
    limit_of : index of the limit that counts the link, or -1; empty where there is none
    limit_node, limit : (Q,) the one node whose sales a limit counts, and its ceiling
    general : True if any rate, levy floor or floor of a refiner is there: one answer, but no convex program
    """

    weight: Floats
    theta: Floats
    tax: Floats
    rate: Floats
    floor: Floats
    limit_of: NDArray[np.int32]
    limit_node: Ints
    limit: Floats
    general: bool


class Solution(NamedTuple):
    """What a solve leaves behind.

    Attributes
    ----------
    v : (N,) price at each node; NaN where it sells nothing to nobody
    rent : (Q,) shadow price of each limit
    effective : (M,) V, price with the cost of switching; inf where a buyer has no open link
    inner : (M,) price at which users and refiners of the place decide (V, or less where stocks
        cover everything)
    bought : (M,) purchases
    made, refined : (N,) output without feed, output from feed
    residual : largest |supply - sales| over scale, and largest violation of a limit
    steps : Newton steps; negative if the solver gave up
    """

    v: Floats
    rent: Floats
    effective: Floats
    inner: Floats
    bought: Floats
    made: Floats
    refined: Floats
    residual: float
    steps: int


class Scratch(NamedTuple):
    """Room a solve computes in; see the kernel for what each holds.

    `work` (L,) discounted weights; `share`, `sold`, `made`, `refined`, `slope`, `rslope`, `bend`, `rfloor` (N,);
    `phi`, `far`, `shift`, `ratio`, `effective`, `inner`, `bought`, `pull`, `dv`, `gain` (M,); `limited`
    (Q,); `part`, single precision, by stage from `at` (S+1,) on and with rows of whole vectors, with
    `lead` (N,) and `lag` (M,): shares of purchases are their product; `give` and `lift` (S,): how
    all prices of a stage move together; `own` (N+Q,) and `hold` (M,) what of the Hessian is diagonal; `thin` and `other_thin` (max(N, M),) what
    it is multiplied with; `hoped` and `rise` (M,) logarithms of expected prices, and of prices over
    them; `spread` (N,) margins of refiners; `seen` and `power` (max(N, M),) rows for elementary
    functions; `jacobian` (N+Q, N+Q) and `limits` (N,) of a general market, else empty; the others
    (N+Q,) vectors of Newton's step.
    """

    work: Floats
    share: Floats
    phi: Floats
    far: NDArray[np.bool_]
    shift: Floats
    ratio: Floats
    effective: Floats
    inner: Floats
    bought: Floats
    pull: Floats
    made: Floats
    refined: Floats
    slope: Floats
    rslope: Floats
    sold: Floats
    limited: Floats
    gradient: Floats
    other: Floats
    soft: Floats
    step: Floats
    trial: Floats
    ridge: Floats
    own: Floats
    hold: Floats
    lead: Floats
    lag: Floats
    diag: Floats
    bend: Floats
    rfloor: Floats
    pre: Floats
    r: Floats
    p: Floats
    hp: Floats
    dv: Floats
    gain: Floats
    hoped: Floats
    rise: Floats
    spread: Floats
    seen: Floats
    power: Floats
    at: Ints
    part: NDArray[np.float32]
    thin: NDArray[np.float32]
    other_thin: NDArray[np.float32]
    jacobian: Floats
    limits: Ints
    give: Floats
    lift: Floats
