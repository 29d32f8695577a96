"""Where a place stands in a technology's value chain: what it controls, on whom it leans, what helps.

A technology is made in stages: ore, metal, parts, product. For one place the page asks at every
stage how much of the world's work is done at home, and how much of what the place uses was made
by a named supplier. Material stages are means over materials; a part or product is one item.
Dependence on one supplier is never added to that on another. No published method: our own,
stated in the method notes (docs/methods/technology-position.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lodestone.assess.technology_bands import ALIKE, NOTHING, ShareBand, weighted_mean

#: A stage is held where more than this share of world output is made at home.
HELD_ABOVE = 0.25
#: The lever that sets one stage's dependence to nil: an upper limit, and a ranking.
SECURED = "secured_stage"


@dataclass(frozen=True)
class Item:
    """One thing that a place needs at one stage: a material, or the part or product itself.

    Parameters
    ----------
    name : str
    controlled : ShareBand or None
        The place's share of world output; None is unknown.
    on : mapping of supplier to ShareBand or None
        Share of the place's use that the supplier made. A supplier that is the place itself is
        left out.
    abroad : float or None
        Share of the place's use that is made abroad.
    concentration : ShareBand or None
        Sum of squared shares of world output.
    weight : ShareBand
        Beside the other items of the stage.
    extra : mapping of lever to ShareBand or None
        Further safe supply that a lever brings, in shares of the place's use; None where it
        cannot be computed, left out where the lever does not apply.
    grade : str
    judged : bool
        Whether no publisher prints what it rests on.
    """

    name: str
    controlled: ShareBand | None
    on: Mapping[str, ShareBand | None]
    abroad: float | None = None
    concentration: ShareBand | None = None
    weight: ShareBand = ALIKE
    extra: Mapping[str, ShareBand | None] = field(default_factory=dict)
    grade: str = "C"
    judged: bool = False


@dataclass(frozen=True)
class StageSupply:
    """One stage as one place sees it; without items it is unknown, and `unknown` says why."""

    name: str
    order: int
    kind: str
    items: tuple[Item, ...]
    unknown: str = ""


@dataclass(frozen=True)
class StagePosition:
    """One stage of one technology for one place; None is unknown.

    Attributes
    ----------
    controlled : the place's share of world output
    on : supplier -> share of what the place uses that the supplier made
    concentration : sum of squared shares of world output
    worst : supplier -> the item with the highest dependence on it
    """

    supply: StageSupply
    controlled: ShareBand | None
    on: Mapping[str, ShareBand | None]
    concentration: ShareBand | None
    worst: Mapping[str, str]


@dataclass(frozen=True)
class LeverEffect:
    """What one lever does to the dependence of a technology on one supplier.

    Attributes
    ----------
    before, after : mean over the stages
    stage : where it helps most, None where it helps nowhere
    stage_effect : by how much that stage alone lowers the mean
    not_computed : number of items for which the lever is unknown; they are left as they are
    """

    lever: str
    supplier: str
    before: ShareBand
    after: ShareBand
    stage: str | None
    stage_effect: float
    not_computed: int

    @property
    def reduction(self) -> float:
        """By how much the mean falls."""
        return self.before.value - self.after.value


@dataclass(frozen=True)
class TechnologyPosition:
    """The position of one place in one technology.

    Attributes
    ----------
    stages : every stage, unknown ones too
    held : share of the stages where the place has more than `HELD_ABOVE` of world output
    on : supplier -> mean dependence over the stages; one number a supplier, never blended
    weakest : supplier -> the stage with the highest dependence on it
    levers : what changes the dependence on `against`
    """

    technology: str
    place: str
    stages: tuple[StagePosition, ...]
    held: ShareBand | None
    on: Mapping[str, ShareBand | None]
    weakest: Mapping[str, StagePosition]
    against: str
    levers: tuple[LeverEffect, ...]

    @property
    def best(self) -> LeverEffect | None:
        """The lever other than securing a stage outright that lowers dependence most."""
        able = [e for e in self.levers if e.lever != SECURED and e.stage is not None]
        return max(able, key=lambda e: e.stage_effect, default=None)


def made_by_supplier(
    own: ShareBand | None,
    use: ShareBand | None,
    supplier: ShareBand | None,
    interchangeable: ShareBand = ALIKE,
) -> ShareBand | None:
    """Share of a place's use that a supplier made, from shares of world output and use.

    `D = c max(0, 1 - own/use) supplier / (1 - own) + (1 - c) supplier`. Of the part c of the
    goods that any maker's can stand in for, the place buys only what its own output cannot
    cover, from the others in proportion to what they make. Of the rest (lithography does not
    stand in for etching) it buys as the world does, itself included. So too where its use is
    unknown (c = 0), and then the band goes from nothing to all of it bought abroad. The band
    takes each share at the end of its own band that lowers (raises) D.

    Parameters
    ----------
    own, use, supplier : ShareBand or None
        Shares of world output and use; None is unknown, and so is the answer without `own` or
        `supplier`.
    interchangeable : ShareBand
        c.

    Examples
    --------
    >>> third = ShareBand.exactly(1 / 3)
    >>> made_by_supplier(ShareBand.exactly(0.1), ShareBand.exactly(0.2), ShareBand.exactly(0.45))
    ShareBand(low=0.25, value=0.25, high=0.25)
    >>> made_by_supplier(None, third, third) is None
    True
    """
    if own is None or supplier is None:
        return None
    if use is None:
        return ShareBand.of(0.0, supplier.value, _outside(own.low, supplier.high))
    parts = interchangeable.low, interchangeable.high
    least = _mixed(own.high, use.low, supplier.low)
    most = _mixed(own.low, use.high, supplier.high)
    return ShareBand.of(
        min(least(c) for c in parts),
        _mixed(own.value, use.value, supplier.value)(interchangeable.value),
        max(most(c) for c in parts),
    )


def made_abroad(
    own: ShareBand | None, use: ShareBand | None, interchangeable: ShareBand = ALIKE
) -> float | None:
    """Share of a place's use that is made abroad, by the same rule; None without `own`."""
    if own is None:
        return None
    if use is None:
        return 1.0 - own.value
    c = interchangeable.value
    return c * import_need(own.value, use.value) + (1.0 - c) * (1.0 - own.value)


def import_need(own: float, use: float) -> float:
    """Share of a place's use that its own output cannot cover."""
    return max(0.0, 1.0 - own / use) if use > 0.0 else 0.0


def concentration(outputs: Sequence[ShareBand]) -> ShareBand:
    """Sum of squared shares; what nobody is named for counts as many small makers, or as one."""
    rest = max(0.0, 1.0 - sum(share.value for share in outputs))
    squares = sum(share.value**2 for share in outputs)
    return ShareBand.of(sum(s.low**2 for s in outputs), squares, squares + rest**2)


def eased(on: ShareBand | None, abroad: float | None, extra: ShareBand | None) -> ShareBand | None:
    """Dependence once a lever brings further safe supply.

    `D' = D * max(0, 1 - extra/abroad)`: it takes the place of all foreign supply in proportion.
    Low, it takes that of the supplier first; high, it is spread over all that is used. Unknown
    stays unknown; where the lever is unknown nothing changes.
    """
    if on is None or extra is None or abroad is None:
        return on
    left = max(0.0, 1.0 - extra.value / abroad) if abroad > 0.0 else 1.0
    return ShareBand.of(on.low - extra.high, on.value * left, on.high * (1.0 - extra.low))


def stage_position(supply: StageSupply, suppliers: Sequence[str]) -> StagePosition:
    """What a place controls at one stage and on whom it leans: means over the stage's items."""
    weights = [item.weight for item in supply.items]
    ours = [s for s in suppliers if any(s in item.on for item in supply.items) or not supply.items]
    worst = {}
    for supplier in ours:
        shares = [(_value(item.on.get(supplier)), item.name) for item in supply.items]
        if shares and max(shares)[0] >= 0.0:
            worst[supplier] = max(shares)[1]
    return StagePosition(
        supply=supply,
        controlled=weighted_mean([item.controlled for item in supply.items], weights),
        on={s: weighted_mean([i.on.get(s) for i in supply.items], weights) for s in ours},
        concentration=weighted_mean([item.concentration for item in supply.items], weights),
        worst=worst,
    )


def technology_position(
    technology: str,
    place: str,
    supplies: Sequence[StageSupply],
    *,
    suppliers: Sequence[str],
    against: str,
    levers: Sequence[str],
) -> TechnologyPosition:
    """Where a place stands in a technology, and what changes it.

    Parameters
    ----------
    technology, place : str
    supplies : sequence of StageSupply
        The stages in order.
    suppliers : sequence of str
        Whose share to show; the place itself left out.
    against : str
        The supplier on whom the levers are to lower dependence.
    levers : sequence of str
        Names used in the items' `extra`.

    Returns
    -------
    TechnologyPosition
        Means over stages count every stage the same. An unknown stage is left out of a value,
        and counts from nothing to all in its band.
    """
    stages = tuple(stage_position(supply, suppliers) for supply in supplies)
    means = {s: _mean([stage.on.get(s) for stage in stages]) for s in suppliers}
    return TechnologyPosition(
        technology=technology,
        place=place,
        stages=stages,
        held=stages_held([stage.controlled for stage in stages]),
        on=means,
        weakest={s: w for s in suppliers if (w := _weakest(stages, s)) is not None},
        against=against,
        levers=_effects(stages, against, levers, means.get(against)),
    )


def stages_held(controlled: Sequence[ShareBand | None]) -> ShareBand | None:
    """Share of stages held: of the known ones; an unknown one is not held (low) or held (high)."""
    known = [c for c in controlled if c is not None]
    if not known:
        return None
    count, unknown = len(controlled), len(controlled) - len(known)
    return ShareBand.of(
        sum(c.low > HELD_ABOVE for c in known) / count,
        sum(c.value > HELD_ABOVE for c in known) / len(known),
        (sum(c.high > HELD_ABOVE for c in known) + unknown) / count,
    )


def is_held(controlled: ShareBand | None) -> bool:
    """Whether a stage is held, by its central share; an unknown one is not."""
    return controlled is not None and controlled.value > HELD_ABOVE


def _mixed(own: float, use: float, supplier: float) -> Callable[[float], float]:
    """Dependence by the share of goods that any maker's can stand in for."""
    net = import_need(own, use) * _outside(own, supplier)
    return lambda part: part * net + (1.0 - part) * supplier


def _outside(own: float, supplier: float) -> float:
    """Share of the supplier in what is made outside the place."""
    return min(1.0, supplier / (1.0 - own)) if own < 1.0 else 0.0


def _mean(shares: Sequence[ShareBand | None]) -> ShareBand | None:
    return weighted_mean(shares, [ALIKE] * len(shares))


def _value(share: ShareBand | None) -> float:
    return -1.0 if share is None else share.value


def _weakest(stages: Sequence[StagePosition], supplier: str) -> StagePosition | None:
    known = [stage for stage in stages if stage.on.get(supplier) is not None]
    return max(known, key=lambda stage: _value(stage.on[supplier]), default=None)


def _effects(
    stages: Sequence[StagePosition],
    against: str,
    levers: Sequence[str],
    before: ShareBand | None,
) -> tuple[LeverEffect, ...]:
    if before is None:
        return ()
    return tuple(_effect(stages, against, lever, before) for lever in (*levers, SECURED))


def _effect(
    stages: Sequence[StagePosition], against: str, lever: str, before: ShareBand
) -> LeverEffect:
    now = [stage.on.get(against) for stage in stages]
    then = [_stage_after(stage, against, lever) for stage in stages]
    known = sum(share is not None for share in now)
    falls = [
        (a.value - b.value) / known if a is not None and b is not None else 0.0
        for a, b in zip(now, then, strict=True)
    ]
    best = max(range(len(stages)), key=lambda k: falls[k])
    if lever == SECURED:
        then = [share if k != best else then[k] for k, share in enumerate(now)]
    after = _mean(then)
    helps = falls[best] > 0.0
    return LeverEffect(
        lever=lever,
        supplier=against,
        before=before,
        after=before if after is None else after,
        stage=stages[best].supply.name if helps else None,
        stage_effect=falls[best] if helps else 0.0,
        not_computed=sum(
            item.extra.get(lever, NOTHING) is None
            for stage in stages
            for item in stage.supply.items
        ),
    )


def _stage_after(stage: StagePosition, against: str, lever: str) -> ShareBand | None:
    items = stage.supply.items
    if lever == SECURED:
        return None if stage.on.get(against) is None else NOTHING
    shares = [
        eased(item.on.get(against), item.abroad, item.extra.get(lever, NOTHING)) for item in items
    ]
    return weighted_mean(shares, [item.weight for item in items])
