"""How commands speak: help and refusals in Japanese, never a traceback, and exit codes that mean something."""

import logging
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click
from sqlalchemy.exc import ArgumentError, DBAPIError

from partner_compliance.config import UnsafeSettings
from partner_compliance.errors import Refused
from partner_compliance.library.shelf import BrokenContent

log = logging.getLogger(__name__)

FAILED, WRONG_USE = 1, 2

_EXIT_CODES = "終了コード: 0 正常、1 失敗または問題あり、2 使い方の誤り。"


class Failed(click.ClickException):
    """A command that could not do its work, or found something wrong."""

    exit_code = FAILED


def wrong_use(message: str) -> NoReturn:
    """End the command because it was used wrongly."""
    raise click.UsageError(message)


class JapaneseCommand(click.Command):
    """A command whose help is all in Japanese."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="使い方: ")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "この説明を表示します。"
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx)) is not None]
        with formatter.section("オプション"):
            formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write_text(_EXIT_CODES)


class JapaneseGroup(JapaneseCommand, click.Group):
    """A group of such commands; whatever goes wrong in one ends in a sentence and an exit code."""

    command_class = JapaneseCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, command) for name, command in commands if command is not None and not command.hidden]
        with formatter.section("コマンド"):
            formatter.write_dl([(name, command.get_short_help_str(limit=200)) for name, command in shown])

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run, and turn every refusal into a message on stderr."""
        extra["standalone_mode"] = False
        try:
            status = super().main(args, prog_name or "partner-compliance", **extra)
        except click.UsageError as error:
            _say(_in_japanese(error))
            if error.ctx is not None:
                _say(f"使い方は「{error.ctx.command_path} --help」で表示されます。", label="")
            sys.exit(WRONG_USE)
        except click.ClickException as error:
            _say(error.format_message())
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            _say("中止しました。", label="")
            sys.exit(FAILED)
        except Exception as error:
            log.debug("a command failed", exc_info=True)
            _say(_explained(error))
            sys.exit(FAILED)
        sys.exit(status if isinstance(status, int) else 0)


def _say(message: str, *, label: str = "エラー: ") -> None:
    click.echo(f"{label}{message}", err=True)


def _explained(error: Exception) -> str:
    match error:
        case UnsafeSettings():
            return f"設定が安全ではないため、実行しません。\n{error}"
        case BrokenContent():
            return f"チェックシートなどの内容に誤りがあります。\n{error}"
        case Refused():
            return f"{error.message}{error.what_to_do}"
        case ArgumentError():
            return "DATABASE_URL を読み取れません。sqlite:///… または postgresql://… の形で指定してください。"
        case DBAPIError():
            return (
                f"データベースを読み書きできません（{error.orig or error}）。"
                "「partner-compliance doctor」で状態を確認してください。"
            )
        case OSError():
            return f"ファイルまたは通信の誤りです（{error}）。"
    return f"予期しない誤りです（{type(error).__name__}: {error}）。"


def _in_japanese(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            return f"「{error.option_name}」というオプションはありません。"
        case click.MissingParameter():
            name = error.param.get_error_hint(error.ctx) if error.param and error.ctx else error.param_hint
            return f"{name} を指定してください。"
        case click.BadParameter():
            name = error.param.get_error_hint(error.ctx) if error.param and error.ctx else error.param_hint
            if isinstance(error.param, click.Parameter) and isinstance(error.param.type, click.Choice):
                return f"{name} には {', '.join(map(str, error.param.type.choices))} のどれかを指定してください。"
            return f"{name} の値が正しくありません。{error.message if not error.message.isascii() else ''}"
    if error.message.startswith("No such command"):
        return f"そのようなコマンドはありません（{error.message.removeprefix('No such command ').rstrip('.')}）。"
    if error.message.isascii():
        return f"使い方が正しくありません（{error.message}）。"
    return error.message
