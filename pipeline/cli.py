"""The command line: parse, call, print, exit. With cli_words.py the only module that knows click; heavy imports stay inside commands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from time import time
from typing import Any, TypeVar

import click

from pipeline import __version__
from pipeline.cli_words import Group, Progress, explain
from pipeline.fault import Fault, where

F = TypeVar("F", bound=Callable[..., Any])
_DAY = click.DateTime(formats=["%Y-%m-%d"])


def _help(command: F) -> F:
    return click.help_option("--help", help="Hiện hướng dẫn này.")(command)


_FOLDERS = (
    click.option("--inputs", type=click.Path(path_type=Path), metavar="DIR", help="Thư mục chứa các sổ (mặc định: inputs)."),
    click.option("--outputs", type=click.Path(path_type=Path), metavar="DIR", help="Thư mục kết quả (mặc định: outputs)."),
    click.option("--state", type=click.Path(path_type=Path), metavar="DIR", help="Thư mục trạng thái (mặc định: .pipeline)."),
)
_EDITION = (
    click.option("--period", metavar="YYYY-MM", help="Kỳ báo cáo; mặc định là kỳ mới nhất mà các sổ xác nhận."),
    click.option("--cutoff", type=_DAY, metavar="YYYY-MM-DD", help="Ngày chốt số liệu; mặc định theo các sổ."),
    click.option("--previous-cutoff", type=_DAY, metavar="YYYY-MM-DD", help="Ngày chốt kỳ trước."),
)


def _folders(command: F) -> F:
    """Add the options that say where everything is."""
    for option in reversed(_FOLDERS):
        command = option(command)
    return _help(command)


def _common(command: F) -> F:
    """Add the options that every command about figures shares (DESIGN §5)."""
    for option in reversed((*_FOLDERS, *_EDITION)):
        command = option(command)
    return _help(command)


def _at_least_0(context: click.Context, option: click.Parameter, value: float) -> float:
    if value < 0:
        raise click.BadParameter("", context, option)
    return value


def _settings(**given: Any) -> Any:
    from pipeline.settings import load_settings

    plain = {key: value.date() if isinstance(value, datetime) else value for key, value in given.items()}
    return load_settings(Path(), plain)


@click.group(cls=Group, context_settings={"max_content_width": 110}, add_help_option=False)
@click.version_option(__version__, "--version", message="%(version)s", help="Hiện phiên bản.")
@_help
def cli() -> None:
    """Gộp sổ của các thôn thành số liệu của xã và bản tổng hợp của huyện, tỉnh hoặc cụm."""


@cli.command(add_help_option=False)
@click.option("--full", is_flag=True, help="Đọc và ghi lại tất cả, kể cả những gì không thay đổi từ lượt chạy trước.")
@_common
def run(full: bool, **options: Any) -> None:
    """Đọc mọi sổ trong inputs, kiểm tra, tính và ghi kết quả của một kỳ vào outputs."""
    raise SystemExit(_run_once(options, full))


def _run_once(options: dict[str, Any], full: bool = False) -> int:
    """Run, print how it went, and return the exit code."""
    from pipeline.night import spend

    with Progress() as progress:
        told = spend(_settings(**options), date.today(), progress.watch, full=full)  # noqa: DTZ011
    _print(told.lines)
    return told.exit_code


@cli.command(add_help_option=False)
@click.option("--quiet", default=30.0, callback=_at_least_0, metavar="GIÂY",
              help="Chạy khi các sổ đã yên trong bấy nhiêu giây (mặc định: 30).")
@click.option("--poll", is_flag=True, help="Tự dò thay đổi, cho thư mục mạng không báo thay đổi.")
@_common
def watch(quiet: float, poll: bool, **options: Any) -> None:
    """Canh thư mục inputs: chạy ngay một lượt, rồi chạy lại mỗi khi có sổ được sửa xong. Dừng bằng Ctrl+C."""
    from pipeline.settle import watch_inputs

    def tell(text: str) -> None:
        click.echo(f"{text} (Vẫn tiếp tục canh.)", err=True)

    inputs = _settings(**options).inputs
    click.echo(f"Đang canh thư mục {inputs}. Dừng bằng Ctrl+C.")
    try:
        watch_inputs(inputs, quiet, lambda: _run_and_go_on(options), poll=poll, tell=tell, clock=time)
    except KeyboardInterrupt:
        click.echo(f"Đã thôi canh thư mục {inputs}.")


def _run_and_go_on(options: dict[str, Any]) -> None:
    """Run once while watching: an error of ours is told and does not end the watching."""
    from pipeline.log import VIETNAM

    try:
        _run_once(options)
    except Fault:
        raise
    except Exception as error:
        click.echo(_crashed(error), err=True)
    click.echo(f"{datetime.now(VIETNAM):%H:%M %d/%m/%Y}: chờ sổ thay đổi.")


@cli.command(add_help_option=False)
@click.option("--last", default=7, callback=_at_least_0, metavar="N", help="Nêu bấy nhiêu lượt chạy gần nhất (mặc định: 7).")
@_folders
def status(last: int, **options: Any) -> None:
    """Nêu các lượt chạy gần đây, sổ đang chờ, dung lượng, lượt chạy tới; mã 1 khi quá 36 giờ không có lượt nào thành công."""
    from pipeline.status import ALARM, report

    told = _settings(**options)
    found = report(told.state, told.inputs, told.outputs, datetime.now(UTC), last)
    for line in found.lines:
        click.secho(line, fg="red" if line.startswith(ALARM) else None)
    raise SystemExit(1 if found.late else 0)


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

    with Progress() as progress:
        outcome = consolidate(_settings(**options), files, progress.watch)
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
@click.option("--days", default=90, callback=_at_least_0, metavar="N", help="Giữ trong bấy nhiêu ngày (mặc định: 90).")
@click.option("--yes", is_flag=True, help="Xóa thật; không có thì chỉ liệt kê.")
@_folders
def purge(days: int, yes: bool, **options: Any) -> None:
    """Liệt kê rồi xóa thứ không còn cần: bản đánh dấu mất sổ gốc, trạng thái của sổ đã bỏ, kết quả bản trước, nhật ký cũ, tệp dở dang."""
    from pipeline.purge import purge as purge_rests

    told = _settings(**options)
    _print(purge_rests(told.state, told.inputs, told.outputs, datetime.now(UTC), days, yes))


@cli.command(add_help_option=False)
@click.argument("period", metavar="YYYY-MM")
@_folders
def restore(period: str, **options: Any) -> None:
    """Đưa kết quả trước đó của một kỳ trở lại; bản đang có được giữ thay chỗ, gọi lần nữa là đổi lại."""
    from pipeline.lock import hold_lock
    from pipeline.restore import restore as put_back

    told = _settings(**options)
    with hold_lock(told.state):
        put_back(told.outputs, period)
    click.echo(f"Đã đưa kết quả trước đó của kỳ {period} trở lại trong {told.outputs}.")


@cli.command(add_help_option=False)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@_help
def init(folder: Path) -> None:
    """Tạo thư mục làm việc: inputs, outputs, expectations, pipeline.toml."""
    from pipeline.prepare import set_up_folder

    made = set_up_folder(folder, _settings())
    click.echo(f"Đã tạo trong {folder}: {', '.join(made)}." if made else f"Thư mục {folder} đã có đủ.")


def _print(lines: Any) -> None:
    for line in lines:
        click.echo(line)


def _crashed(error: BaseException) -> str:
    """Say that an error of ours ended a run, and where."""
    return f"Chương trình gặp lỗi ngoài dự kiến nên đã dừng ({where(error)}). Hãy báo người phụ trách kỹ thuật."


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
        message, code = f"{explain(error)} Xem hướng dẫn: {path} --help", 2
    except Fault as fault:
        message, code = str(fault), fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        message, code = "Đã dừng theo yêu cầu; kết quả cũ vẫn giữ nguyên.", 2
    except Exception as error:
        message, code = _crashed(error), 2
    else:
        return
    click.echo(message, err=True)
    raise SystemExit(code)
