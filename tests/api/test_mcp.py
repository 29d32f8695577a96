"""The tools of `lodestone mcp`, asked by the SDK's own client: the same answers as the verbs."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp_types import CallToolResult
from tests.api import stand_in

from lodestone import RequestError, desk
from lodestone.api import work
from lodestone.api.calling import Calls
from lodestone.api.mcp_serving import _server, serve_mcp
from lodestone.api.settings import Settings
from lodestone.api.tools import TOOLS, tool_schema, tool_words
from lodestone.api.words import NoWords
from lodestone.report.rows_text import as_json

COMMAND = [sys.executable, "-m", "lodestone", "mcp"]
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "mcp.md"


class Assistant:
    """A client whose server is a process of its own, as an assistant's program starts it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._stay()])
        self._thread.start()
        assert self._ready.wait(120)

    async def _stay(self) -> None:
        program = StdioServerParameters(
            command=COMMAND[0], args=COMMAND[1:], env={**os.environ, "PYTHONWARNINGS": "error"}
        )
        try:
            async with Client(program) as self.client:
                self._ready.set()
                await self._over.wait()
        finally:
            self._ready.set()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(600)

    def ask(self, tool: str, **words: Any) -> CallToolResult:
        return self.run(self.client.call_tool(tool, words))

    def page(self, tool: str, **words: Any) -> dict[str, Any]:
        got = self.ask(tool, **words)
        assert not got.is_error, got.content
        assert json.loads(got.content[0].text) == got.structured_content  # type: ignore[union-attr]
        return got.structured_content

    def whole(self, tool: str, **words: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The first page of an answer, and the rows of all pages."""
        first = page = self.page(tool, **words)
        rows = list(page["results"])
        while page["next_offset"] is not None:
            page = self.page(tool, **words, offset=page["next_offset"])
            rows += page["results"]
        return first, rows

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def assistant() -> Iterator[Assistant]:
    found = Assistant()
    yield found
    found.close()


# --- the tools -------------------------------------------------------------------------------


def test_every_verb_that_changes_nothing_is_a_tool() -> None:
    writing = {"brief", "dossier", "study"}  # they write files
    assert {tool.verb for tool in TOOLS.values()} == set(work._VERBS) - writing


def test_tools_are_described_as_what_they_are(assistant: Assistant) -> None:
    listed = {tool.name: tool for tool in assistant.run(assistant.client.list_tools()).tools}
    assert list(listed) == list(TOOLS)
    for name, tool in listed.items():
        assert tool.description
        assert tool.annotations.read_only_hint
        assert tool.annotations.open_world_hint is False
        assert tool.input_schema["additionalProperties"] is False
        assert {"limit", "offset"} <= set(tool.input_schema["properties"])
        assert "saved" not in tool.description
        assert '"saved"' not in json.dumps(tool.input_schema)
        own = {k for k in TOOLS[name].words.model_fields if k != "saved"}
        assert set(tool.input_schema["properties"]) == own | {"limit", "offset"}
    assert listed["chain"].input_schema["required"] == ["material"]
    assert "cite" in assistant.client.instructions.lower()


def test_words_are_those_of_the_service() -> None:
    for name, tool in TOOLS.items():
        ours, theirs = tool_schema(name), tool.words.model_json_schema()
        for word, schema in theirs.get("properties", {}).items():
            assert word == "saved" or ours["properties"][word] == schema
        assert ours.get("required") == theirs.get("required")


# --- the same answers as the verbs -----------------------------------------------------------

READS: dict[str, tuple[dict[str, Any], Callable[[], Any]]] = {
    "assess": (
        {"place": "EU27", "material": ["gallium", "Co"], "method": ["hhi"], "year": 2024},
        lambda: desk.assess(["gallium", "Co"], "EU27", 2024, ["hhi"]),
    ),
    "chain": ({"material": "cobalt", "year": 2024}, lambda: desk.chain("cobalt", 2024)),
    "technology": (
        {"place": ["EU27"], "technology": ["batteries"], "year": 2024},
        lambda: desk.technology_position(["EU27"], ["batteries"], 2024),
    ),
    "exposure": (
        {"material": "gallium", "place": "JPN", "year": 2024},
        lambda: desk.exposure("gallium", place="JPN", year=2024),
    ),
    "profile": (
        {"material": "gallium", "place": "JPN", "year": 2024, "as_of": "2026-01-02"},
        lambda: desk.profile("gallium", "JPN", 2024, as_of=date(2026, 1, 2)),
    ),
    "explain": ({"id": "assumption:theta"}, lambda: desk.explain("assumption:theta")),
    "economy": ({"place": "JPN", "year": 2023}, lambda: desk.economy_summary("JPN", 2023)),
    "scenarios": ({}, desk.scenarios),
    "materials": ({}, desk.materials),
    "places": ({}, desk.known_places),
    "plans": ({}, desk.plans),
    "unseen": ({}, desk.data_unseen),
    "sources": ({}, desk.data_sources),
    "shock": (
        {"ban": ["CHN:gallium"], "months": 3, "year": 2024, "place": ["JPN"]},
        lambda: desk.shock_in_words(
            None,
            bans=["CHN:gallium"],
            months=3,
            year=2024,
            places=["JPN"],
            draws=0,
            sensitivity=False,
        ),
    ),
    "losses": (
        {"place": "JPN", "supplier": ["CHN"], "material": ["gallium"], "months": 3},
        lambda: desk.losses("JPN", suppliers=["CHN"], materials=["gallium"], months=3),
    ),
}


@pytest.mark.parametrize("tool", READS)
def test_a_tool_answers_with_the_envelope_of_its_verb(assistant: Assistant, tool: str) -> None:
    words, verb = READS[tool]
    whole = json.loads(as_json(verb().envelope()))
    first, rows = assistant.whole(tool, **words)
    assert rows == whole.pop("results")
    assert rows
    assert {key: first[key] for key in whole} == whole
    assert first["sources"] or tool not in ("assess", "chain", "technology", "shock", "losses")
    assert first["total"] == len(rows)


def test_a_page_is_as_long_as_asked(assistant: Assistant) -> None:
    words = {"material": "cobalt", "year": 2024}
    usual = assistant.page("chain", **words)
    assert (len(usual["results"]), usual["limit"], usual["next_offset"]) == (50, 50, 50)
    few = assistant.page("chain", **words, limit=3, offset=4)
    assert few["results"] == usual["results"][4:7]
    last = assistant.page("chain", **words, limit=1000, offset=usual["total"] - 1)
    assert (len(last["results"]), last["next_offset"]) == (1, None)
    beyond = assistant.page("chain", **words, offset=10**6)
    assert (beyond["results"], beyond["next_offset"]) == ([], None)


@pytest.mark.parametrize(
    ("tool", "words", "said"),
    [
        ("chain", {}, "material: Field required"),
        ("chain", {"material": "cobalt", "colour": "blue"}, "colour"),
        ("chain", {"material": "cobalt", "limit": 1001}, "limit: "),
        ("chain", {"material": "cobalt", "offset": -1}, "offset: "),
        ("chain", {"material": "cobalt", "format": "csv"}, "format"),
        ("chain", {"material": "\u0000"}, "printable"),
        ("chain", {"material": "unobtainium"}, "unknown material 'unobtainium'"),
        ("economy", {"place": "JPN", "year": 1900}, "1900"),
        ("shock", {"ban": ["CHN"]}, "CHN"),
        ("shock", {"scenario": "../../x"}, "scenario"),
        ("shock", {"scenario": "nonsense"}, "nonsense"),
        ("shock", {"saved": "abcdefghijklmnop"}, "saved"),
        ("shock", {"ban": ["CHN:gallium"], "draws": 10**9}, "draws"),
        ("compare", {"first": {"ban": ["CHN:Ga"]}, "second": {"saved": "a" * 16}}, "saved"),
        ("compare", {"first": {"ban": ["CHN:Ga"]}}, "second: Field required"),
        ("compare", {"first": {"months": 3}, "second": {"months": 4}}, "`months` must be the same"),
        ("risk", {"place": "JPN", "years": 10**9}, "years"),
        ("plan", {"plan": "nonsense"}, "allies_four_metals"),
        ("plan", {}, "plan"),
        ("alliance", {"members": ["USA"]}, "members"),
        ("explain", {"id": "fact:../../x"}, "fact"),
    ],
)
def test_a_bad_word_is_said_with_its_place(
    assistant: Assistant, tool: str, words: dict[str, Any], said: str
) -> None:
    got = assistant.ask(tool, **words)
    assert got.is_error
    assert got.structured_content is None
    (told,) = got.content
    assert said in told.text  # type: ignore[union-attr]
    assert "Traceback" not in told.text  # type: ignore[union-attr]


def test_all_that_is_wrong_is_said_at_once(assistant: Assistant) -> None:
    (told,) = assistant.ask("assess", year=12, seed=-1, nonsense=1, inputs="x").content
    lines = told.text.splitlines()  # type: ignore[union-attr]
    assert lines[0].endswith("the request has 5 problems")
    assert {line.split(":")[0] for line in lines[1:]} == {
        f"- {word}" for word in ("place", "year", "seed", "nonsense", "inputs")
    }


def test_a_tool_that_is_not_there_is_an_error_of_the_protocol(assistant: Assistant) -> None:
    for name in ("brief", "dossier", "study", "nonsense", "data sources"):
        with pytest.raises(MCPError, match="no tool"):
            assistant.ask(name)


# --- the limits of a service -----------------------------------------------------------------


@asynccontextmanager
async def _asked(**settings: Any) -> AsyncIterator[tuple[Client, Calls]]:
    """A client of tools that are stood in for; see `stand_in`."""
    calls = Calls(Settings(**settings), stand_in.answer)
    try:
        async with Client(_server(calls)) as client:
            yield client, calls
    finally:
        await asyncio.to_thread(calls.close)


def _run(talk: Callable[[Client, Calls], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with _asked(**settings) as (client, calls):
            await talk(client, calls)

    asyncio.run(whole())


def _text(got: CallToolResult) -> str:
    (told,) = got.content
    return str(told.text)  # type: ignore[union-attr]


def test_a_worker_that_fails_is_said_and_the_next_question_is_answered() -> None:
    async def talk(client: Client, calls: Calls) -> None:
        for word, said in (
            ("raise:DataError", "A source, table or data release is damaged"),
            ("crash", "The calculation ended early"),
            ("defect", "The service failed"),
        ):
            for tool, name in (("explain", "id"), ("losses", "place")):
                got = await client.call_tool(tool, {name: word})
                assert got.is_error
                assert said in _text(got)
                assert "/srv" not in _text(got)
        got = await client.call_tool("explain", {"id": "raise:DataError"})
        assert "- table.csv: row 3: wrong -> mend it" in _text(got)
        got = await client.call_tool("explain", {"id": "x", "limit": 4})
        assert got.structured_content["results"] == stand_in.rows()[:4]

    _run(talk)


def test_what_takes_too_long_is_ended() -> None:
    async def talk(client: Client, calls: Calls) -> None:
        for tool, name in (("explain", "id"), ("risk", "place")):
            got = await client.call_tool(tool, {name: "sleep"})
            assert got.is_error
            assert "takes too long" in _text(got)
        for limit in ("read_seconds", "job_seconds"):  # a new process must have time to start
            object.__setattr__(calls._settings, limit, 60.0)
        for tool, name in (("explain", "id"), ("risk", "place")):
            assert not (await client.call_tool(tool, {name: "x"})).is_error

    _run(talk, read_seconds=0.2, job_seconds=0.2)


def test_more_than_may_wait_is_refused_and_reads_go_on() -> None:
    async def talk(client: Client, calls: Calls) -> None:
        asked = [asyncio.create_task(client.call_tool("losses", {"place": "sleep"})) for _ in "ab"]
        while calls._waiting[True] < 2:
            await asyncio.sleep(0.01)
        got = await client.call_tool("losses", {"place": "JPN"})
        assert got.is_error
        assert "too many questions" in _text(got)
        assert not (await client.call_tool("explain", {"id": "x"})).is_error
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    _run(talk, most_waiting=2)


def test_work_that_nobody_waits_for_is_killed() -> None:
    async def talk(client: Client, calls: Calls) -> None:
        pid = (await client.call_tool("losses", {"place": "pid"})).structured_content
        first = pid["results"][0]["value"]
        asked = asyncio.create_task(client.call_tool("losses", {"place": "sleep"}))
        while not calls._waiting[True]:
            await asyncio.sleep(0.01)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        second = (
            await client.call_tool("losses", {"place": "pid", "months": 2})
        ).structured_content
        assert second["results"][0]["value"] != first
        assert not psutil.pid_exists(first)

    _run(talk)


def test_how_far_long_work_is_can_be_heard() -> None:
    async def talk(client: Client, calls: Calls) -> None:
        heard = asyncio.Event()
        told: list[tuple[float, float | None]] = []

        async def hear(done: float, total: float | None, message: str | None) -> None:
            told.append((done, total))
            heard.set()

        asked = asyncio.create_task(
            client.call_tool("losses", {"place": "sleep"}, progress_callback=hear)
        )
        await asyncio.wait_for(heard.wait(), 60)
        assert told == [(1, 4)]
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)

    _run(talk)


def test_the_pages_of_an_answer_are_worked_out_once() -> None:
    async def talk(client: Client, calls: Calls) -> None:
        words = {"place": "JPN", "limit": 5}
        first = await client.call_tool("losses", words)
        calls._solvers.close()  # whoever asks again asks nobody
        later = await client.call_tool("losses", {**words, "offset": 20})
        assert first.structured_content["results"] == stand_in.rows()[:5]
        assert later.structured_content["results"] == stand_in.rows()[20:]

    _run(talk)


def test_the_day_of_a_risk_is_said() -> None:
    async def talk(client: Client, calls: Calls) -> None:
        got = await client.call_tool("risk", {"place": "JPN"})
        assert len(got.structured_content["query"]["as_of"]) == 10

    _run(talk)


# --- as it is started ------------------------------------------------------------------------


def _message(id: int | None, method: str, **params: Any) -> bytes:
    head = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(head if id is None else {**head, "id": id}).encode() + b"\n"


def test_nothing_but_the_protocol_is_printed_nobody_is_called_and_it_ends_with_its_input() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
        hello["clientInfo"] = {"name": "test", "version": "0"}
        words = {"place": "JPN", "supplier": ["CHN"], "material": ["gallium"], "months": 2}
        for message in (
            _message(1, "initialize", **hello),
            _message(None, "notifications/initialized"),
            b"this is not JSON\n",
            _message(2, "tools/call", name="losses", arguments=words),
            _message(3, "tools/call", name="chain", arguments={"material": "cobalt"}),
        ):
            process.stdin.write(message)
        process.stdin.flush()
        answers: dict[int, Any] = {}
        while not {1, 2, 3} <= set(answers):
            told = json.loads(process.stdout.readline())
            assert told["jsonrpc"] == "2.0"
            answers[told.get("id", 0)] = told
        assert not answers[2]["result"]["isError"]
        assert answers[3]["result"]["structuredContent"]["total"] > 50
        everybody = [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]
        assert len(everybody) > 1
        assert not [line for one in everybody for line in one.net_connections("inet")]
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(60) == 0
    _, alive = psutil.wait_procs(everybody[1:], timeout=30)
    assert not alive


# --- the guide -------------------------------------------------------------------------------


def _block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", GUIDE.read_text("utf-8"), re.M | re.S)
    return found


def test_the_guide_names_every_tool_with_its_words() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for name in TOOLS:
        (row,) = [line for line in text.splitlines() if re.match(rf"\|.*`{name}`.*\|.*\|", line)]
        words = set(tool_words(name).model_fields) - {"limit", "offset", "saved"}
        assert words <= set(re.findall(r"`(\w+)`", row))


def test_the_guides_configuration_starts_what_is_tested_here() -> None:
    (program,) = json.loads(_block("json"))["mcpServers"].values()
    assert [program["command"], *program["args"]] == ["lodestone", *COMMAND[3:]]


def test_the_guides_script_runs() -> None:
    ours = f"command={COMMAND[0]!r}, args={COMMAND[1:]!r}, env=dict(os.environ)"
    script = _block("python").replace('command="lodestone", args=["mcp"]', ours)
    done = subprocess.run(
        [sys.executable, "-c", f"import os\n{script}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[0-9a-f]{12} \d+ mine\n", done.stdout)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
    with pytest.raises(RequestError, match=r"lodestone\[mcp\]"):
        serve_mcp(Settings())


def test_verbs_without_words_have_tools_that_say_what_they_list() -> None:
    texts = [tool.about for tool in TOOLS.values() if issubclass(tool.words, NoWords)]
    assert len(texts) == 6
    assert all(text.startswith("List ") for text in texts)
