"""Click's words in Vietnamese, and the progress that a person watches; beside cli.py the only module that knows click."""

from __future__ import annotations

import sys
from typing import Any

import click

_USAGE_WORDS = {"[OPTIONS]": "[TÙY CHỌN]", "COMMAND [ARGS]...": "LỆNH [THAM SỐ]..."}


class _Words:
    """Click's own words in Vietnamese."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        for word, ours in _USAGE_WORDS.items():
            pieces = pieces.replace(word, ours)
        formatter.write_usage(ctx.command_path, pieces, prefix="Cách dùng: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and the commands of a group."""
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]  # type: ignore[attr-defined]
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section("Tùy chọn"):
            formatter.write_dl(records)
        if isinstance(self, click.Group):
            with formatter.section("Lệnh"):
                formatter.write_dl([(name, command.get_short_help_str(200)) for name, command in sorted(self.commands.items())])


class Command(_Words, click.Command):
    """A command that explains itself in Vietnamese."""


class Group(_Words, click.Group):
    """The program: a group of such commands."""

    command_class = Command


class Progress:
    """A bar while a person watches (stderr is a terminal), plain lines in a log otherwise."""

    def __init__(self) -> None:
        from pipeline.watch import Watch

        self.watch = Watch(self._begin, self._step)
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def _begin(self, stage: str, steps: int) -> None:
        from pipeline.summary import STAGE_LABELS

        self._close()
        label = STAGE_LABELS.get(stage, stage)
        if sys.stderr.isatty() and steps:
            self._bar = click.progressbar(length=steps, label=label.ljust(14), file=sys.stderr)
            self._bar.__enter__()
        elif not sys.stderr.isatty():
            click.echo(f"{label}{f' ({steps})' if steps else ''}", err=True)

    def _step(self, done: int) -> None:
        if self._bar is not None:
            self._bar.update(done)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


def explain(error: click.UsageError) -> str:
    """Say a usage error in Vietnamese."""
    if isinstance(error, click.NoSuchOption):
        return f"Không có tùy chọn {error.option_name}."
    if isinstance(error, click.MissingParameter) and error.param:
        return f"Thiếu {(error.param.metavar or error.param.opts[0]).strip('.')}."
    if isinstance(error, click.BadParameter):
        return f"Giá trị của {error.param.opts[0] if error.param else 'tham số'} chưa đúng."
    if isinstance(error, click.BadOptionUsage):
        return f"Tùy chọn {error.option_name} thiếu hoặc thừa giá trị."
    if error.ctx and isinstance(error.ctx.command, click.Group):
        return f"Lệnh phải là một trong: {', '.join(sorted(error.ctx.command.commands))}."
    return "Lệnh có phần thừa."
