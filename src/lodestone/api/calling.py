"""Answers an assistant's questions: a tool's words in, a page of the envelope out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from pydantic import BaseModel, Field, ValidationError

from lodestone.api.kept import Kept
from lodestone.api.pool import FailedError, Pool, Ticket
from lodestone.api.problems import ProblemError, of_failure, of_validation, plain
from lodestone.api.service import Answering, Envelope, dated
from lodestone.api.settings import Settings
from lodestone.api.tools import SAVED, TOOLS, tool_words
from lodestone.api.work import Answered, Task, Tell

#: Answers kept, so that their pages are not worked out again, and quick reads that may wait.
_MOST_KEPT, _MOST_READS = 16, 200
_MOST_ROWS = 300_000


class Page(BaseModel):
    """The envelope of a verb, with a page of its rows."""

    query: dict[str, Any] = Field(description="The question as understood.")
    run_id: str = Field(description="Names question, data and version: cite it.")
    data_release: str
    results: list[dict[str, Any]] = Field(description="Rows of this page.")
    units: dict[str, str] = Field(description="Column -> unit, where one holds for all rows.")
    sources: list[Any] = Field(description="Where the data come from: cite them.")
    notes: list[str] = Field(description="What to know when reading the rows.")
    total: int = Field(description="Rows of all pages.")
    limit: int
    offset: int
    next_offset: int | None = Field(description="Of the next page, if there is one.")


class Calls:
    """Worker processes that answer tools, within the limits of a service.

    Parameters
    ----------
    settings : of a service
    answer : what a worker does with a task
    """

    def __init__(self, settings: Settings, answer: Answering) -> None:
        self._settings, self._answer = settings, answer
        self._readers, self._solvers = Pool(settings.readers), Pool(settings.workers)
        self._kept = Kept(_MOST_KEPT, _MOST_ROWS)
        self._waiting = {True: 0, False: 0}

    def close(self) -> None:
        """Kill the workers."""
        self._readers.close()
        self._solvers.close()

    async def call(self, name: str, given: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
        """A page of what a tool answers.

        Parameters
        ----------
        name : of a tool
        given : its words, unchecked
        tell : called from a thread as long work goes on

        Raises
        ------
        ToolError
            The question cannot be answered: why.
        """
        if _names_saved(given):
            what = "nothing is saved here"
            problem = {"what": what, "where": SAVED, "mend": "say the words themselves"}
            raise ToolError(plain(422, "the request has 1 problem", [problem]))
        try:
            words = tool_words(name).model_validate(dict(given))
        except ValidationError as error:
            errors = cast("list[dict[str, Any]]", error.errors(include_url=False))
            raise ToolError(of_validation(errors)) from None
        try:
            envelope = await self._envelope(name, words.plain(), tell)
        except FailedError as error:
            raise ToolError(of_failure(error.failure)) from None
        except ProblemError as error:
            raise ToolError(error.body) from None
        asked = words.model_dump()
        return _page(envelope, asked["limit"], asked["offset"])

    async def _envelope(self, name: str, words: dict[str, Any], tell: Tell) -> Envelope:
        tool, today = TOOLS[name], date.today().isoformat()
        words = dict(dated(tool.verb, words))
        key = f"{today} {name} {json.dumps(words, sort_keys=True)}"
        kept = self._kept.get(key)
        if kept is None:
            kept = await self._worked(Task(tool.verb, words), tool.long, tell)
            self._kept.put(key, kept)
        return kept

    async def _worked(self, task: Task, long: bool, tell: Tell) -> Envelope:
        settings = self._settings
        if self._waiting[long] >= (settings.most_waiting if long else _MOST_READS):
            raise ProblemError(429, "too many questions wait: try again later")
        pool = self._solvers if long else self._readers
        seconds = settings.job_seconds if long else settings.read_seconds
        self._waiting[long] += 1
        try:
            ticket = pool.submit(self._answer, task, seconds=seconds, progress=tell)
            return await _answer_of(ticket)
        finally:
            self._waiting[long] -= 1


class ToolError(Exception):
    """A question that cannot be answered, in words for whoever asked."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        lines = [f"{problem['title']}: {problem['detail']}"]
        for one in problem["problems"]:
            where = f"{one['where']}: " if one["where"] else ""
            mend = f" -> {one['mend']}" if one["mend"] else ""
            lines.append(f"- {where}{one['what']}{mend}")
        super().__init__("\n".join(lines))


def _names_saved(given: Any) -> bool:
    """Whether words, or words within them, name what only a service keeps."""
    if not isinstance(given, Mapping):
        return False
    return SAVED in given or any(_names_saved(inner) for inner in given.values())


async def _answer_of(ticket: Ticket) -> Envelope:
    """What a ticket ends with; nobody works on for somebody who has gone away."""
    waited: asyncio.Future[Answered] = asyncio.wrap_future(ticket.future)
    try:
        # Cancelled itself, the pool could not set it any more.
        return (await asyncio.shield(waited)).envelope
    except asyncio.CancelledError:
        waited.add_done_callback(lambda future: future.cancelled() or future.exception())
        ticket.dismiss()
        raise


def _page(envelope: Envelope, limit: int, offset: int) -> dict[str, Any]:
    rows = envelope["results"]
    after = offset + limit
    where = {"total": len(rows), "limit": limit, "offset": offset}
    following = after if after < len(rows) else None
    part = rows[offset:after]
    return {**envelope, "results": part, **where, "next_offset": following}
