"""The command line: parse, call, print, exit. The only module that knows click; heavy imports stay inside commands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from traceback import extract_tb
from typing import Any, TypeVar

import click

from pipeline import __version__
from pipeline.fault import Fault

F = TypeVar("F", bound=Callable[..., Any])
_DAY = click.DateTime(formats=["%Y-%m-%d"])
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


class _Command(_Words, click.Command):
    pass


class _Group(_Words, click.Group):
    command_class = _Command


def _help(command: F) -> F:
    return click.help_option("--help", help="Hiện hướng dẫn này.")(command)


def _common(command: F) -> F:
    """Add the options that every command shares (DESIGN §5)."""
    for option in reversed((
        click.option("--inputs", type=click.Path(path_type=Path), metavar="DIR", help="Thư mục chứa các sổ (mặc định: inputs)."),
        click.option("--outputs", type=click.Path(path_type=Path), metavar="DIR", help="Thư mục kết quả (mặc định: outputs)."),
        click.option("--state", type=click.Path(path_type=Path), metavar="DIR", help="Thư mục trạng thái (mặc định: .pipeline)."),
        click.option("--period", metavar="YYYY-MM", help="Kỳ báo cáo; mặc định là kỳ mới nhất mà các sổ xác nhận."),
        click.option("--cutoff", type=_DAY, metavar="YYYY-MM-DD", help="Ngày chốt số liệu; mặc định theo các sổ."),
        click.option("--previous-cutoff", type=_DAY, metavar="YYYY-MM-DD", help="Ngày chốt kỳ trước."),
    )):
        command = option(command)
    return _help(command)


def _settings(**given: Any) -> Any:
    from pipeline.settings import load_settings

    plain = {key: value.date() if isinstance(value, datetime) else value for key, value in given.items()}
    return load_settings(Path(), plain)


@click.group(cls=_Group, context_settings={"max_content_width": 110}, add_help_option=False)
@click.version_option(__version__, "--version", message="%(version)s", help="Hiện phiên bản.")
@_help
def cli() -> None:
    """Gộp sổ của các thôn thành số liệu của xã và bản tổng hợp của huyện, tỉnh hoặc cụm."""


@cli.command(add_help_option=False)
@_common
def run(**options: Any) -> None:
    """Đọc mọi sổ trong inputs, kiểm tra, tính và ghi kết quả của một kỳ vào outputs."""
    from pipeline.run import run as run_pipeline
    from pipeline.summary import summarise

    with _Progress() as progress:
        outcome = run_pipeline(_settings(**options), date.today(), progress.watch)  # noqa: DTZ011
    _print(summarise(outcome))
    raise SystemExit(outcome.exit_code)


@cli.command(add_help_option=False)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@_common
def check(files: tuple[Path, ...], **options: Any) -> None:
    """Kiểm tra từng sổ: nêu sheet, ô, điều chưa đúng và cách sửa. Không ghi gì."""
    from pipeline.check import check_files
    from pipeline.summary import describe_findings

    findings = check_files(files, _settings(**options), date.today())  # noqa: DTZ011
    _print(describe_findings(findings))
    raise SystemExit(1 if any(finding.severity == "critical" for finding in findings) else 0)


@cli.command(add_help_option=False)
@click.argument("units", nargs=-1, metavar="[MÃ...]")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=Path("mau-so"), metavar="DIR",
              help="Thư mục ghi sổ mẫu (mặc định: mau-so).")
@_common
def template(units: tuple[str, ...], folder: Path, **options: Any) -> None:
    """Ghi sổ mẫu trống, đã điền sẵn phần thông tin, cho mọi thôn và xã trong sổ đơn vị hoặc cho các mã đã nêu."""
    from pipeline.prepare import write_templates

    written, kept = write_templates(folder, units, _settings(**options), date.today())  # noqa: DTZ011
    click.echo(f"Đã ghi {written} sổ mẫu vào {folder}." + (f" Giữ nguyên {kept} sổ đã có." if kept else ""))


@cli.command(add_help_option=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE...]")
@_common
def rollup(files: tuple[Path, ...], **options: Any) -> None:
    """Tổng hợp từ các tệp thong-ke.xlsx do xã gửi lên (trong inputs, hoặc các tệp đã nêu)."""
    from pipeline.consolidate import consolidate
    from pipeline.summary import summarise

    with _Progress() as progress:
        outcome = consolidate(_settings(**options), files, date.today(), progress.watch)  # noqa: DTZ011
    _print(summarise(outcome))
    raise SystemExit(outcome.exit_code)


@cli.command(add_help_option=False)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--communes", default=1, metavar="SỐ", help="Số xã (mặc định: 1).")
@click.option("--hamlets", default=10, metavar="SỐ", help="Số thôn mỗi xã (mặc định: 10).")
@click.option("--people", default=12, metavar="SỐ", help="Số người trung bình mỗi thôn (mặc định: 12).")
@click.option("--districts", default=1, metavar="SỐ", help="Số đơn vị cấp trên (mặc định: 1).")
@click.option("--mistakes", default=0, metavar="SỐ", help="Số lỗi gài sẵn để tập sửa (mặc định: 0).")
@click.option("--seed", default=1, metavar="SỐ", help="Số gieo: cùng số thì cùng dữ liệu (mặc định: 1).")
@click.option("--period", default="2026-05", metavar="YYYY-MM", help="Kỳ báo cáo (mặc định: 2026-05).")
@click.option("--sample", is_flag=True, help="Ghi hai xã mẫu đi kèm chương trình thay cho dữ liệu ngẫu nhiên.")
@_help
def demo(folder: Path, sample: bool, **options: Any) -> None:
    """Tạo sổ mẫu của các xã với người do máy đặt tên, để xem thử và tập dùng."""
    from pipeline.demo.ask import make_asked

    _print(make_asked(folder, sample, options))


@cli.command(add_help_option=False)
@click.option("--at", metavar="HH:MM", help="Đặt lịch chạy hằng đêm vào giờ này, giờ Việt Nam.")
@click.option("--remove", is_flag=True, help="Gỡ lịch đã đặt.")
@click.option("--print", "only_print", is_flag=True, help="Chỉ in nội dung và các lệnh đặt lịch, không đặt.")
@_help
def schedule(at: str | None, remove: bool, only_print: bool) -> None:
    """Đặt, xem hoặc gỡ lịch chạy hằng đêm của thư mục này trên máy này."""
    from pipeline.nightly import change_schedule

    _print(change_schedule(at, remove, only_print))


@cli.command(add_help_option=False)
@click.option("--days", default=90, metavar="N", help="Giữ nhật ký trong bấy nhiêu ngày (mặc định: 90).")
@click.option("--yes", is_flag=True, help="Xóa thật; không có thì chỉ liệt kê.")
@_common
def purge(days: int, yes: bool, **options: Any) -> None:
    """Liệt kê rồi xóa những thứ không còn cần: bản đánh dấu mất sổ gốc, thư mục tạm của lượt chạy dở, nhật ký cũ."""
    from pipeline.purge import purge as purge_rests

    told = _settings(**options)
    _print(purge_rests(told.state, told.inputs, told.outputs, date.today(), days, yes))  # noqa: DTZ011


@cli.command(add_help_option=False)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@_help
def init(folder: Path) -> None:
    """Tạo thư mục làm việc: inputs, outputs, expectations, pipeline.toml."""
    from pipeline.prepare import set_up_folder

    made = set_up_folder(folder, _settings())
    click.echo(f"Đã tạo trong {folder}: {', '.join(made)}." if made else f"Thư mục {folder} đã có đủ.")


class _Progress:
    """A bar while a person watches (stderr is a terminal), plain lines in a log otherwise."""

    def __init__(self) -> None:
        from pipeline.watch import Watch

        self.watch = Watch(self._begin, self._step)
        self._bar: Any = None

    def __enter__(self) -> _Progress:
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


def _print(lines: Any) -> None:
    for line in lines:
        click.echo(line)


def _explain(error: click.UsageError) -> str:
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


def _where(error: BaseException) -> str:
    """Name the last steps that led to an error of ours; never its message, which may hold a value from a row."""
    steps = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
    return f"{type(error).__name__} tại {' > '.join(steps[-3:])}"


def _speak_utf8() -> None:
    """Write logs in UTF-8, whatever the code page of the machine: the words are Vietnamese."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code of DESIGN §5."""
    _speak_utf8()
    try:
        cli.main(arguments, prog_name="pipeline", standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "pipeline"
        message, code = f"{_explain(error)} Xem hướng dẫn: {path} --help", 2
    except Fault as fault:
        message, code = str(fault), fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        message, code = "Đã dừng theo yêu cầu; kết quả cũ vẫn giữ nguyên.", 2
    except Exception as error:
        message, code = f"Chương trình gặp lỗi ngoài dự kiến nên đã dừng ({_where(error)}). Hãy báo người phụ trách kỹ thuật.", 2
    else:
        return
    click.echo(message, err=True)
    raise SystemExit(code)
