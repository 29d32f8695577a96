"""Lets assistants ask: the tools as a server of the Model Context Protocol, over standard input."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

from lodestone import __version__
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp.server.lowlevel import Server
    from mcp_types import (
        CallToolRequestParams,
        CallToolResult,
        ListToolsResult,
        PaginatedRequestParams,
        Tool,
    )

    from lodestone.api.calling import Calls
    from lodestone.api.service import Answering
    from lodestone.api.settings import Settings
    from lodestone.api.work import Tell

_GUIDE = """\
Lodestone answers, from open data, who depends on whom for raw materials, what a cut-off does and \
what it costs. Say each number with its unit and its band (low, high), and its grade: A reported, \
B partly inferred, C inferred. Cite `sources`, `data_release` and `run_id`. `explain` leads from \
the id beside a number down to the publisher's file, row and licence. Do not fill gaps: what is \
missing is not zero. `total` counts all rows; ask for the next page with `offset` = `next_offset`. \
`materials`, `places` and `scenarios` list the words that are known."""


def serve_mcp(settings: Settings, answer: Answering | None = None) -> None:
    """Answer an assistant on standard input and output until it closes them.

    Parameters
    ----------
    settings : limits, as of a service
    answer : what a worker does with a task; asks the desk when left out

    Raises
    ------
    RequestError
        The protocol's library is not installed.
    """
    try:
        import mcp.server.lowlevel  # noqa: F401
    except ImportError:
        raise RequestError(
            "`lodestone mcp` needs the extra `mcp`: pip install 'lodestone[mcp]'"
        ) from None
    from lodestone.api import work

    asyncio.run(_serve(settings, answer or work.answer))


async def _serve(settings: Settings, answer: Answering) -> None:
    from mcp.server.stdio import stdio_server

    from lodestone.api.calling import Calls

    async with stdio_server() as (incoming, outgoing):
        # Not before: what the workers inherit as output is no longer the protocol's line.
        calls = Calls(settings, answer)
        try:
            server = _server(calls)
            await server.run(incoming, outgoing, server.create_initialization_options())
        finally:
            await asyncio.to_thread(calls.close)


def _server(calls: Calls) -> Server[Any]:
    from mcp.server.lowlevel import Server
    from mcp.shared.exceptions import MCPError
    from mcp_types import INVALID_PARAMS, CallToolResult, ListToolsResult, TextContent

    from lodestone.api.calling import ToolError
    from lodestone.api.tools import TOOLS

    async def list_tools(
        context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=[_described(name) for name in TOOLS])

    async def call_tool(
        context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        if params.name not in TOOLS:
            known = ", ".join(TOOLS)
            raise MCPError(INVALID_PARAMS, f"no tool {params.name!r}: one of {known}")
        try:
            page = await calls.call(params.name, params.arguments or {}, _teller(context))
            text = json.dumps(page, ensure_ascii=False, allow_nan=False)
        except ToolError as error:
            return CallToolResult(content=[TextContent(text=str(error))], is_error=True)
        except Exception:  # a defect: its words may hold anything, so they go to the log alone
            logging.getLogger("lodestone.api").exception("a tool failed")
            told = TextContent(text="The service failed: its log says how")
            return CallToolResult(content=[told], is_error=True)
        return CallToolResult(content=[TextContent(text=text)], structured_content=page)

    return Server(
        "lodestone",
        version=__version__,
        title="Lodestone",
        instructions=_GUIDE,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _described(name: str) -> Tool:
    from mcp_types import Tool, ToolAnnotations

    from lodestone.api.calling import Page
    from lodestone.api.tools import TOOLS, tool_schema

    return Tool(
        name=name,
        description=TOOLS[name].about,
        input_schema=tool_schema(name),
        output_schema=Page.model_json_schema(),
        annotations=ToolAnnotations(
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )


def _teller(context: ServerRequestContext[Any]) -> Tell:
    """Tells whoever asked how far the work is, from the thread that waits for it."""
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        if not loop.is_closed():
            asyncio.run_coroutine_threadsafe(context.session.report_progress(done, total), loop)

    return tell
