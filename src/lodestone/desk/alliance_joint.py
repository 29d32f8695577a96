"""The plan that members of an alliance also make together: read first, its rows added at the end."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lodestone.desk.alliance_more import with_more
from lodestone.desk.joint_planning import joint_members, joint_plan, read_plan_of

if TYPE_CHECKING:
    from lodestone.desk.alliance_question import AllianceQuestion
    from lodestone.desk.alliancing import AllianceAnswer
    from lodestone.desk.impact_cache import Progress
    from lodestone.desk.plan_request import PlanRequest


def plan_together(asked: AllianceQuestion, what: str | Path | PlanRequest) -> PlanRequest:
    """The plan, once it is sure that the members of a question can make it together.

    Raises
    ------
    RequestError
        A plan that cannot be read, or too many members.
    """
    found = read_plan_of(what)
    joint_members(asked.members, asked.year)
    return found


def with_joint_plan(
    answer: AllianceAnswer, plan: PlanRequest, as_of: date | None, progress: Progress | None
) -> AllianceAnswer:
    """The answer with what it is worth to the members, not the invited, to plan together."""
    asked = answer.asked
    watch = None if progress is None else lambda _, done, of: progress(done, of)
    found = joint_plan(asked.members, plan, year=asked.year, as_of=as_of, watch=watch)
    words = {k: v for k, v in found.query.items() if k not in ("verb", "members", "world")}
    return with_more(answer, "plan", words, found)
