"""Write findings for reading: how many of which kind, then each with its place and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.finding import SEVERITIES, Finding
from pipeline.write.style import Book, Worksheet, line_count, write_text, write_title

SEVERITY_LABELS = {"critical": "Nghiêm trọng", "warning": "Cần xem", "info": "Ghi nhận"}
_HEAD = "box bold small center wrap fill"
LIST_LIMIT = 2000
"""A workbook of more findings than anybody reads opens slowly; findings.csv has them all."""
_WIDTHS = (13.0, 20.0, 32.0, 13.0, 10.0, 18.0, 54.0, 48.0)
_LIST_HEADERS = ("Mức độ", "Thôn", "Tệp", "Sheet", "Ô", "Cột", "Nội dung", "Cách sửa")


def write_findings(out: Book, name: str, findings: Sequence[Finding], units: Mapping[str, str],
                   titles: Mapping[str, str]) -> None:
    """Write a sheet of findings; units: names by unit_id; titles: the catalogue's title of each code."""
    sheet = out.sheet(name, _WIDTHS)
    lines = ("CHẤT LƯỢNG SỐ LIỆU", "Sửa trong sổ của thôn rồi chạy lại; không sửa trong tệp này.")
    row = write_title(out, sheet, len(_WIDTHS) - 1, lines)
    row = _write_summary(out, sheet, row + 1, findings, titles)
    _write_list(out, sheet, row + 1, findings, units)


def _write_summary(out: Book, sheet: Worksheet, top: int, findings: Sequence[Finding], titles: Mapping[str, str]) -> int:
    out.text(sheet, top, 0, 6, f"1. Số phát hiện theo loại và mức độ: {len(findings)}", "bold left")
    if not findings:
        return top + 1
    out.text(sheet, top + 1, 0, 2, "Loại phát hiện", _HEAD)
    for column, header in enumerate((*SEVERITY_LABELS.values(), "Mã trong findings.csv"), start=3):
        sheet.write_string(top + 1, column, header, out.style(_HEAD))
    counts = Counter((finding.code, finding.severity) for finding in findings)
    order = sorted({f.code for f in findings}, key=lambda code: ([-counts[code, severity] for severity in SEVERITIES], code))
    first = row = top + 2
    for code in order:
        out.text(sheet, row, 0, 2, titles.get(code, code), "box wrap left")
        for column, severity in enumerate(SEVERITIES, start=3):
            sheet.write_number(row, column, counts[code, severity], out.style("box count"))
        sheet.write_string(row, 6, code, out.style("box left small grey"))
        sheet.set_row(row, 2 + 16 * line_count(titles.get(code, code), sum(_WIDTHS[:3]) - 1))
        row += 1
    out.text(sheet, row, 0, 2, "Cộng", "box bold center band")
    for column, severity in enumerate(SEVERITIES, start=3):
        letter, count = chr(65 + column), sum(counts[code, severity] for code in order)
        sheet.write_formula(row, column, f"=SUM({letter}{first + 1}:{letter}{row})", out.style("box bold band count"), count)
    return row + 1


def _write_list(out: Book, sheet: Worksheet, top: int, findings: Sequence[Finding], units: Mapping[str, str]) -> None:
    out.text(sheet, top, 0, 6, "2. Danh sách phát hiện" if findings else "2. Không có phát hiện nào", "bold left")
    if not findings:
        return
    for column, header in enumerate(_LIST_HEADERS):
        sheet.write_string(top + 1, column, header, out.style(_HEAD))
    sheet.repeat_rows(top + 1)
    for row, finding in enumerate(findings[:LIST_LIMIT], start=top + 2):
        _write_finding(out, sheet, row, finding, units)
    shown = min(len(findings), LIST_LIMIT)
    sheet.autofilter(top + 1, 0, top + 1 + shown, len(_WIDTHS) - 1)
    if shown < len(findings):
        text = f"Còn {len(findings) - shown} phát hiện khác: xem tệp findings.csv."
        out.text(sheet, top + 2 + shown, 0, 6, text, "bold italic left")


def _write_finding(out: Book, sheet: Worksheet, row: int, finding: Finding, units: Mapping[str, str]) -> None:
    plain = out.style("box small wrap left top")
    severity = out.style("box small wrap left top bold alert") if finding.severity == "critical" else plain
    sheet.write_string(row, 0, SEVERITY_LABELS[finding.severity], severity)
    where = finding.cell or (f"dòng {finding.row}" if finding.row else "")
    texts = (units.get(finding.hamlet_id, finding.hamlet_id), finding.file, finding.sheet, where, finding.column, finding.message,
             finding.fix)
    lines = 1
    for column, text in enumerate(texts, start=1):
        write_text(sheet, row, column, text, plain)
        lines = max(lines, line_count(text, _WIDTHS[column] - 1))
    sheet.set_row(row, 2 + 15 * lines)
