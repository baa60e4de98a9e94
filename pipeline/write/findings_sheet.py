"""Write findings for reading: how many of which kind, then each with its place and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.finding import SEVERITIES, Finding
from pipeline.write.style import Book, Worksheet, write_text, write_title

SEVERITY_LABELS = {"critical": "Nghiêm trọng", "warning": "Cần xem", "info": "Ghi nhận"}
LIST_LIMIT = 2000
"""A workbook of more findings than anybody reads opens slowly; findings.csv has them all."""
_WIDTHS = (14.0, 22.0, 34.0, 14.0, 9.0, 52.0, 46.0)
_LIST_HEADERS = ("Mức độ", "Thôn", "Tệp", "Sheet", "Ô", "Nội dung", "Cách sửa")
_SUMMARY_SPANS = ((0, 0), (1, 2), (3, 3), (4, 4), (5, 5))


def write_findings(out: Book, name: str, findings: Sequence[Finding], units: Mapping[str, str],
                   titles: Mapping[str, str]) -> None:
    """Write a sheet of findings; units: names by unit_id; titles: the catalogue's title of each code."""
    sheet = out.sheet(name, _WIDTHS)
    lines = ("CHẤT LƯỢNG SỐ LIỆU", "Sửa trong sổ của thôn rồi chạy lại; không sửa trong tệp này.")
    row = write_title(out, sheet, len(_WIDTHS) - 1, lines)
    row = _write_summary(out, sheet, row + 1, findings, titles)
    _write_list(out, sheet, row + 1, findings, units)


def _write_summary(out: Book, sheet: Worksheet, top: int, findings: Sequence[Finding], titles: Mapping[str, str]) -> int:
    out.text(sheet, top, 0, 6, f"1. Số phát hiện theo loại: {len(findings)}", "bold left")
    head = out.style("box bold small center wrap fill")
    for column, header in enumerate(("Mã", "Loại phát hiện", "", *SEVERITY_LABELS.values(), "Cộng")):
        sheet.write_string(top + 1, column, header, head)
    sheet.merge_range(top + 1, 1, top + 1, 2, "Loại phát hiện", head)
    counts = Counter((finding.code, finding.severity) for finding in findings)
    order = sorted({f.code for f in findings}, key=lambda code: ([-counts[code, severity] for severity in SEVERITIES], code))
    first = row = top + 2
    for code in order:
        sheet.write_string(row, 0, code, out.style("box left"))
        out.text(sheet, row, 1, 2, titles.get(code, code), "box wrap left")
        for column, severity in enumerate(SEVERITIES, start=3):
            sheet.write_number(row, column, counts[code, severity], out.style("box count"))
        of_code = sum(counts[code, severity] for severity in SEVERITIES)
        sheet.write_formula(row, 6, f"=SUM(D{row + 1}:F{row + 1})", out.style("box count"), of_code)
        row += 1
    return _write_summary_total(out, sheet, first, row, findings) if findings else row


def _write_summary_total(out: Book, sheet: Worksheet, first: int, row: int, findings: Sequence[Finding]) -> int:
    out.text(sheet, row, 0, 2, "Cộng", "box bold center band")
    by_severity = Counter(finding.severity for finding in findings)
    totals = (*(by_severity[severity] for severity in SEVERITIES), len(findings))
    for column, count in enumerate(totals, start=3):
        letter = chr(65 + column)
        sheet.write_formula(row, column, f"=SUM({letter}{first + 1}:{letter}{row})", out.style("box bold band count"), count)
    return row + 1


def _write_list(out: Book, sheet: Worksheet, top: int, findings: Sequence[Finding], units: Mapping[str, str]) -> None:
    out.text(sheet, top, 0, 6, "2. Danh sách phát hiện" if findings else "2. Không có phát hiện nào", "bold left")
    if not findings:
        return
    for column, header in enumerate(_LIST_HEADERS):
        sheet.write_string(top + 1, column, header, out.style("box bold small center wrap fill"))
    sheet.repeat_rows(top + 1)
    plain = out.style("box small wrap left top")
    for row, finding in enumerate(findings[:LIST_LIMIT], start=top + 2):
        style = out.style("box small wrap left top bold alert") if finding.severity == "critical" else plain
        where = finding.cell or (f"dòng {finding.row}" if finding.row else "")
        sheet.write_string(row, 0, SEVERITY_LABELS[finding.severity], style)
        unit = units.get(finding.hamlet_id, finding.hamlet_id)
        for column, text in enumerate((unit, finding.file, finding.sheet, where, finding.message, finding.fix), start=1):
            write_text(sheet, row, column, text, plain)
    shown = min(len(findings), LIST_LIMIT)
    sheet.autofilter(top + 1, 0, top + 1 + shown, 6)
    if shown < len(findings):
        text = f"Còn {len(findings) - shown} phát hiện khác: xem tệp findings.csv."
        out.text(sheet, top + 2 + shown, 0, 6, text, "bold italic left")
