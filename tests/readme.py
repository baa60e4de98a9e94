"""Generate what the READMEs say of commands, findings and columns; `python tests/readme.py --write` renews it in place."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(HOME))

import click  # noqa: E402

from pipeline.cli import cli  # noqa: E402
from pipeline.finding import SEVERITIES, load_catalogue  # noqa: E402
from pipeline.form import Column, load_form  # noqa: E402
from pipeline.summary import SEVERITY_LABELS  # noqa: E402

PARTS = {"README.md": ("help", "findings"), "README.vi.md": ("columns", "findings")}
_WIDTH = 100
_PROFILES = {"hamlet": "sổ thôn", "commune": "sổ xã"}
_TYPES = {"serial": "số thứ tự", "record_id": "chữ", "unit_id": "mã", "text": "chữ", "personal": "chữ", "name": "chữ",
          "birth": "ngày hoặc năm", "date": "ngày", "period": "tháng (năm-tháng)", "tick": "dấu x", "citizen_id": "12 chữ số",
          "count": "số", "rate": "số", "money": "số tiền (đồng)"}


def help_part() -> str:
    """Return what --help says of the program and of every command."""
    whole = click.Context(cli, info_name="pipeline", terminal_width=_WIDTH)
    texts = [cli.get_help(whole)]
    for name, command in sorted(cli.commands.items()):
        texts.append(command.get_help(click.Context(command, info_name=name, parent=whole, terminal_width=_WIDTH)))
    return "\n\n".join(f"```\n{text}\n```" for text in texts)


def findings_part() -> str:
    """Return the catalogue of findings, a table for each severity."""
    wordings = load_catalogue(HOME / "expectations" / "messages.csv").wordings.values()
    lines: list[str] = []
    for severity in SEVERITIES:
        mine = [one for one in wordings if one.severity == severity]
        lines += ["", f"**{SEVERITY_LABELS[severity]}** (`{severity}`, {len(mine)})", ""]
        lines += _table(("Mã", "Phát hiện", "Cách sửa"), ((f"`{one.code}`", one.title, _plain(one.fix)) for one in mine))
    return "\n".join(lines[1:])


def columns_part() -> str:
    """Return the sheets of the standard workbook, a table of columns for each."""
    form = load_form()
    lines: list[str] = []
    for sheet in (one for one in form.sheets if one.columns):
        owners = ", ".join(_PROFILES[profile] for profile in sheet.profiles)
        lines += ["", f"**{sheet.name}** ({owners}; {sheet.grain})", ""]
        lines += _table(("Cột", "Bắt buộc", "Ghi gì", "Hướng dẫn", "Ví dụ"),
                        ((one.header, _needed(one), _accepted(one), one.help, one.example) for one in sheet.columns))
    return "\n".join(lines[1:])


def renewed(name: str) -> str:
    """Return a README's text with its generated parts as the program says them now."""
    makers = {"help": help_part, "findings": findings_part, "columns": columns_part}
    text = (HOME / name).read_text(encoding="utf-8")
    for part in PARTS[name]:
        marks = re.compile(rf"(<!-- begin: {part} -->\n).*?(<!-- end: {part} -->)", re.DOTALL)
        if len(marks.findall(text)) != 1:
            raise ValueError(f"{name} needs one place <!-- begin: {part} --> … <!-- end: {part} -->")
        made = makers[part]()
        text = marks.sub(lambda found, made=made: f"{found[1]}{made}\n{found[2]}", text)
    return text


def _plain(fix: str) -> str:
    """Return a fix without the places that are filled in for each cell."""
    return re.sub(r"\{\w+\}", "…", re.sub(r",? ví dụ \{example\}", "", fix))


def _needed(column: Column) -> str:
    return "có" if column.required else "tùy trường hợp" if column.required_if else ""


def _accepted(column: Column) -> str:
    if not column.list:
        return _TYPES[column.type]
    codes = (one for one in load_form().lists[column.list])
    return "; ".join(one.label for one in codes)


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> list[str]:
    lines = [heads, ("---",) * len(heads), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def main() -> None:
    """Renew the READMEs, or say which of them are behind."""
    behind = [name for name in PARTS if renewed(name) != (HOME / name).read_text(encoding="utf-8")]
    if "--write" in sys.argv[1:]:
        for name in behind:
            (HOME / name).write_text(renewed(name), encoding="utf-8")
    elif behind:
        raise SystemExit(f"Behind: {', '.join(behind)}. Run: python tests/readme.py --write")


if __name__ == "__main__":
    main()
