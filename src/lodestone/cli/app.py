"""The commands. Each reads its words, asks the desk one question and shows the answer."""

from __future__ import annotations

import click

from lodestone import __version__
from lodestone.cli.commands_answers import alliance, plan, vault
from lodestone.cli.commands_data import data
from lodestone.cli.commands_documents import brief, dossier
from lodestone.cli.commands_reads import assess, chain, explain, exposure, profile, technology
from lodestone.cli.commands_service import mcp, serve
from lodestone.cli.commands_shocks import compare, losses, risk, shock
from lodestone.cli.commands_study import study


@click.group()
@click.version_option(__version__, message="%(prog)s %(version)s", help="Print the version.")
def app() -> None:
    """Who depends on whom for raw materials, and what a cut-off does."""


for command in (
    assess,
    chain,
    exposure,
    profile,
    technology,
    explain,
    shock,
    compare,
    losses,
    risk,
    alliance,
    vault,
    plan,
    study,
    brief,
    dossier,
    serve,
    mcp,
    data,
):
    app.add_command(command)
