"""The operator's commands: `partner-compliance …`.

Exit codes: 0 all is well, 1 a command failed or found something wrong, 2 it was used wrongly.
"""

import os
from importlib import import_module
from typing import Any

import click

from partner_compliance.commands.errors import JapaneseGroup

#: Where each command lives; it is imported when it is needed, so that a server stays small.
_COMMANDS = {
    "init": "setup:init",
    "password-link": "setup:password_link",
    "second-factor": "setup:second_factor",
    "migrate": "setup:migrate",
    "demo": "setup:demo",
    "serve": "serving:serve",
    "tick": "serving:tick_once",
    "binders": "serving:binders",
    "content": "reports:content",
    "sheets": "reports:sheets",
    "readiness": "readiness:readiness",
    "gate": "gate:gate",
    "credential": "credentials:credential",
    "history": "reports:history",
    "doctor": "doctor:doctor",
    "backup": "backups:backup",
    "restore": "backups:restore",
}


class _Commands(JapaneseGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), name)
        return command


@click.group(cls=_Commands, help="情報管理パートナーを動かし、見守るためのコマンドです。")
@click.version_option(None, "--version", package_name="partner-compliance", help="版を表示します。")
def main(**_options: Any) -> None:
    """Begin every command with files that only their owner can read."""
    os.umask(0o077)
