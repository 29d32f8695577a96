"""Commands that answer others: over HTTP, and to assistants.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from typing import Literal

import click
from click.core import ParameterSource

from lodestone.cli.options import workers_asked


@click.command()
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; another than this machine's own demands keys.",
)
@click.option(
    "--port",
    type=click.IntRange(min=1, max=65535),
    metavar="N",
    default=8321,
    show_default=True,
    help="Where to listen.",
)
@workers_asked
@click.option(
    "--store",
    metavar="PATH|URL",
    envvar="LODESTONE_STORE",
    help="Where saved scenarios and runs lie: a SQLite file, or postgresql://... for a team. "
    "LODESTONE_STORE when left out.",
)
@click.option("--new-key", metavar="NAME", help="Make an API key, print it once, and end.")
@click.option(
    "--role",
    type=click.Choice(("reader", "analyst", "admin")),
    default="reader",
    show_default=True,
    help="What the new key may do.",
)
@click.option("--keys", "listed", is_flag=True, help="Name the keys and their roles, and end.")
@click.option("--drop-key", metavar="NAME", help="Refuse a key from now on, and end.")
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    workers: int,
    store: str | None,
    new_key: str | None,
    role: Literal["reader", "analyst", "admin"],
    listed: bool,
    drop_key: str | None,
) -> None:
    """Answer in a browser and over HTTP: the pages and the REST service.

    This machine needs no account. Others need a key (--new-key).
    """
    from lodestone.api.serving import hand_out_key, known_keys, serve, store_at, take_back_key
    from lodestone.api.settings import Settings
    from lodestone.desk.impact_cache import cache_folder

    asked = [
        name
        for name, given in (
            ("--new-key", new_key is not None),
            ("--drop-key", drop_key is not None),
            ("--keys", listed),
        )
        if given
    ]
    if len(asked) > 1:
        raise click.UsageError(f"{' and '.join(asked)}: one at a time")
    if new_key is None and context.get_parameter_source("role") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--role is that of a new key: name it with --new-key")
    where = store_at(store) if store else cache_folder() / "service.sqlite"
    if new_key is not None:
        click.echo(hand_out_key(where, new_key, role))
        return
    if drop_key is not None:
        take_back_key(where, drop_key)
        click.echo(f"{drop_key} is refused from now on")
        return
    if listed:
        for key in known_keys(where):
            click.echo(f"{key.role:8} {key.name}")
        return
    serve(Settings.of(host, port, workers, where))


@click.command()
@workers_asked
def mcp(workers: int) -> None:
    """Answer an assistant: the read-only verbs as tools (Model Context Protocol).

    Started by the assistant's program, which speaks over standard input and output.
    """
    from lodestone.api.mcp_serving import serve_mcp
    from lodestone.api.settings import Settings

    serve_mcp(Settings(workers=workers))
