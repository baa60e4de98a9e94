"""Small figures in code for the tests of the output workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped, unused-ignore]

from pipeline.finding import Finding
from pipeline.form import Form, load_form
from pipeline.statistics import Account, CommuneBook, Edition, Figures, Receipt, RollupBook
from pipeline.units import Unit

FORM: Form = load_form()
EDITION = Edition("2024-05", date(2024, 5, 6), date(2024, 4, 6))
STATUSES = ("reported", "missing", "stale", "nil", "blocked")
SHA = "ab" * 32


def values_of(scale: int, level: str = "hamlet") -> dict[str, float]:
    """Return figures that keep every law, all in proportion to `scale`."""
    born = ("hamlet", "both") if level == "hamlet" else ("commune", "both")
    values: dict[str, float] = {one.key: 0.0 for one in FORM.indicators if one.born in born and one.additive}
    if level == "commune":
        return values | {"models_m1": 1.0, "models_total": 1.0, "outreach_sessions": 8.0, "fund_received": 5_500_000.0}
    known = {"total": 4, "total_served": 2, "total_amnesty": 1, "total_unspecified": 1, "female": 1, "opening": 3, "in_new": 2,
             "out_expunged": 1, "expunged": 1, "employed": 2, "employed_stable": 1, "employed_unstable": 1, "unemployed": 2,
             "occ_mason": 1, "occ_freelance": 1, "org_women": 1, "org_veterans": 1, "org_any": 2, "helper_assigned": 4,
             "loan_people": 1, "loan_amount": 50_000_000, "outreach_sessions": 1}
    values |= {key: float(value * scale) for key, value in known.items()}
    return values | ({"employed_rate": 50.0} if scale else {})


def hamlet(number: int, status: str, commune_id: str = "HD") -> Figures:
    """Return a hamlet of the given status."""
    unit = Unit(f"{commune_id}-{number:02d}", "hamlet", "Thôn", f"Số {number}", commune_id)
    counted = int(status in ("reported", "stale", "nil"))
    values = values_of(0 if status == "nil" else number) if counted else {}
    return Figures(unit, commune_id, values, {"hamlet": counted, "both": counted}, {"hamlet": 1, "both": 1}, status)


def add_up(parts: list[Mapping[str, float]]) -> dict[str, float]:
    """Sum figures; the rate is worked out again."""
    total: dict[str, float] = {}
    for part in parts:
        for key, value in part.items():
            total[key] = total.get(key, 0.0) + value
    total.pop("employed_rate", None)
    return total | ({"employed_rate": round(total["employed"] / total["total"] * 100, 1)} if total.get("total") else {})


def commune_book(commune_id: str = "HD", name: str = "Hợp Đức", parent_id: str = "TY") -> CommuneBook:
    """Return a commune of five hamlets, one of each status, with its own workbook."""
    unit = Unit(commune_id, "commune", "Xã", name, parent_id)
    hamlets = tuple(hamlet(number, status, commune_id) for number, status in enumerate(STATUSES, start=1))
    own = Figures(unit, parent_id, values_of(1, "commune"), {"commune": 1, "both": 1}, {"commune": 1, "both": 1}, "reported")
    values = add_up([*(one.values for one in hamlets), own.values])
    commune = Figures(unit, parent_id, values, {"hamlet": 3, "commune": 1, "both": 4}, {"hamlet": 5, "commune": 1, "both": 6},
                      "partial", dict.fromkeys(STATUSES, 1))
    accounts = (Account(f"{commune_id}-01", "Thôn Số 1", "so-1.xlsx", "Danh sách", 7, 4, 1, 2),
                Account(f"{commune_id}-03", "Thôn Số 3", "so-3.xlsx", "Danh sách", 13, 12, 0, 1))
    receipts = (Receipt(f"{commune_id}-01", "Thôn Số 1", "reported", "so-1.xlsx", SHA, 7, 4, 1, 2),
                Receipt(f"{commune_id}-02", "Thôn Số 2", "missing"))
    findings = (Finding("birth_unreadable", "warning", commune_id, f"{commune_id}-01", "so-1.xlsx", "Danh sách", 12,
                        "Ngày, tháng, năm sinh", "D12", "=không đọc được ngày", "Ghi lại ngày."),)
    return CommuneBook(EDITION, commune, hamlets, own, accounts, receipts, findings, scheduled_sessions=8)


def rollup_book() -> RollupBook:
    """Return a district of three communes: one incomplete, one complete, one that handed in nothing."""
    first = commune_book("HD", "Hợp Đức").commune
    second = commune_book("PH", "Phúc Hòa").commune
    second = Figures(second.unit, "TY", second.values, {"hamlet": 5, "commune": 1, "both": 6}, second.expected, "reported",
                     {"reported": 5})
    third = Figures(Unit("LC", "commune", "Xã", "Liên Chung", "TY"), "TY", {}, {"hamlet": 0, "commune": 0, "both": 0},
                    {"hamlet": 4, "commune": 1, "both": 5}, "missing")
    parent = Figures(Unit("TY", "district", "Huyện", "Tân Yên", "BG"), "BG", add_up([first.values, second.values]),
                     {"hamlet": 8, "commune": 2, "both": 10}, {"hamlet": 14, "commune": 3, "both": 17}, "partial",
                     {"reported": 6, "nil": 1, "stale": 1, "blocked": 1, "missing": 5})
    return RollupBook(EDITION, parent, (first, second, third), (("HD/thong-ke.xlsx", SHA),))


def opened(file: BytesIO) -> tuple[Workbook, Workbook]:
    """Return the workbook with its formulas, and with its cached values."""
    return load_workbook(BytesIO(file.getvalue())), load_workbook(BytesIO(file.getvalue()), data_only=True)


def row_of(book: Workbook, sheet: str, label: str, column: int = 2) -> int:
    """Return the first row in which `column` begins with the label."""
    return next(row for row in range(1, book[sheet].max_row + 1)
                if str(book[sheet].cell(row, column).value or "").startswith(label))


def alt_texts(file: BytesIO) -> list[str]:
    """Return the description of every chart."""
    with ZipFile(BytesIO(file.getvalue())) as archive:
        drawings = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/drawings/drawing")]
    return [drawing.split('descr="')[1].split('"')[0] for drawing in drawings if 'descr="' in drawing]
