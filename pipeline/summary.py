"""Summary: what a person reads on the terminal after a run or a check, in Vietnamese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.finding import Finding, count_by_severity
from pipeline.outcome import Outcome
from pipeline.statistics import STATUS_LABELS

SEVERITY_LABELS = {"critical": "NGHIÊM TRỌNG", "warning": "CẦN XEM", "info": "GHI NHẬN"}
STAGE_LABELS = {"find": "Tìm sổ", "read": "Đọc sổ", "place": "Nhận đơn vị", "merge": "Gộp số liệu", "validate": "Kiểm tra",
                "aggregate": "Tính chỉ tiêu", "prove": "Đối chiếu", "write": "Ghi kết quả",
                "tripwire": "Soát dữ liệu cá nhân", "publish": "Phát hành"}
_LISTED = 10


def summarise(outcome: Outcome) -> Iterator[str]:
    """Yield the closing lines of a run: files, rows, findings, who is missing, where the outputs are."""
    edition, rows = outcome.edition, outcome.rows
    counts = count_by_severity(outcome.findings)
    yield (f"Kỳ {edition.period}: số liệu sau ngày {edition.previous_cutoff:%d/%m/%Y} đến hết ngày {edition.cutoff:%d/%m/%Y}.")
    yield f"Đã đọc {outcome.files} tệp" + (f", {rows['read']} dòng: tính {rows['counted']}, để riêng {rows['set_aside']}, "
                                           f"ngoài kỳ {rows['outside']}." if rows else ".")
    yield (f"Phát hiện: {counts['critical']} nghiêm trọng, {counts['warning']} cần xem, {counts['info']} ghi nhận "
           f"(chi tiết trong findings.csv).")
    for status in ("missing", "blocked", "stale"):
        names = [f"{receipt.unit_name} ({receipt.unit_id})" for receipt in outcome.receipts if receipt.status == status]
        if names:
            yield f"{STATUS_LABELS[status]} ({len(names)}): {_some(names)}."
    yield f"Kết quả: {outcome.folder}"


def describe_findings(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the findings of a check, grouped by file and sheet, the count first."""
    counts = count_by_severity(findings)
    if not findings:
        yield "Không có phát hiện nào. Sổ dùng được."
        return
    yield f"{counts['critical']} nghiêm trọng, {counts['warning']} cần xem, {counts['info']} ghi nhận."
    for (file, sheet), group in groupby(findings, key=lambda f: (f.file, f.sheet)):
        yield ""
        yield f"{file} › {sheet}" if sheet else file
        for finding in group:
            cell = f"ô {finding.cell}: " if finding.cell else ""
            yield f"  [{SEVERITY_LABELS[finding.severity]}] {cell}{finding.message}"
            yield f"      → {finding.fix}"


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" và {rest} đơn vị khác" if rest > 0 else "")
