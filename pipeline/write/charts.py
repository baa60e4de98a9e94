"""Draw the native charts, each with a text that says the same to who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_range_abs  # type: ignore[import-untyped, unused-ignore]

from pipeline.write.style import Book, Worksheet
from pipeline.write.table import Spot

# Told apart in print without colour too: dark to light, then a warm pair.
_COLOURS = ("#1F4E79", "#D9822B", "#7F7F7F", "#7FB2D6", "#E3D5B8")
_FONT = {"name": "Times New Roman", "size": 12}
_PIXELS_PER_CHARACTER = 7.3


_PERSONS = {"name": "Người", "name_font": {**_FONT, "bold": False}, "num_font": _FONT, "num_format": "#,##0", "min": 0,
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}, "label_position": "high"}


def _place(sheet: Worksheet, row: int, chart: Any, height: int, widths: Sequence[float], text: str) -> None:
    chart.set_size({"width": min(int(sum(widths) * _PIXELS_PER_CHARACTER), 1100), "height": height})
    sheet.insert_chart(row, 0, chart, {"description": text, "object_position": 2, "y_offset": 8})


def chart_height(units: int) -> int:
    """Return the pixels that a chart of so many bars needs, on one page where they can still be read."""
    return 150 + units * max(17, min(26, 1000 // max(units, 1)))


def insert_unit_chart(book: Book, sheet: Worksheet, row: int, spot: Spot, series: Sequence[tuple[str, str]], title: str,
                      widths: Sequence[float], label_column: int = 1) -> None:
    """Insert a stacked bar for each unit of a table; series: (name, indicator key)."""
    if spot.last < spot.first:
        return
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    names = f"='{spot.sheet}'!{xl_range_abs(spot.first, label_column, spot.last, label_column)}"
    for (label, key), colour in zip(series, _COLOURS, strict=False):
        place = spot.columns[key]
        chart.add_series({"name": label, "categories": names, "gap": 45, "fill": {"color": colour},
                          "values": f"='{spot.sheet}'!{xl_range_abs(spot.first, place, spot.last, place)}"})
    chart.set_title({"name": title, "name_font": {**_FONT, "size": 14}, "overlay": False})
    # The first unit of the table stands on top, as one reads.
    chart.set_y_axis({"reverse": True, "num_font": _FONT, "interval_unit": 1})
    chart.set_x_axis(_PERSONS)
    chart.set_legend({"position": "top", "font": _FONT})
    units = spot.last - spot.first + 1
    text = (f"{title}. Biểu đồ thanh chồng, mỗi thanh một đơn vị ({units} đơn vị), gồm: "
            f"{', '.join(label.lower() for label, _ in series)}. Số liệu ở bảng trong sheet {spot.sheet}.")
    _place(sheet, row, chart, chart_height(units), widths, text)


def insert_row_chart(book: Book, sheet: Worksheet, row: int, spot: Spot, keys: Sequence[str], title: str,
                     widths: Sequence[float]) -> None:
    """Insert bars of the total row: one for each of the neighbouring indicators."""
    first, last = spot.columns[keys[0]], spot.columns[keys[-1]]
    names, values = (f"='{spot.sheet}'!{xl_range_abs(line, first, line, last)}" for line in (spot.header, spot.total))
    chart = book.workbook.add_chart({"type": "bar"})
    chart.add_series({"name": "Số người", "categories": names, "values": values, "gap": 45, "fill": {"color": _COLOURS[0]},
                      "data_labels": {"value": True, "font": _FONT}})
    chart.set_title({"name": title, "name_font": {**_FONT, "size": 14}, "overlay": False})
    chart.set_y_axis({"reverse": True, "num_font": _FONT})
    chart.set_x_axis(_PERSONS)
    chart.set_legend({"none": True})
    text = f"{title}. Biểu đồ thanh, mỗi thanh một tổ chức. Số liệu ở dòng cộng của bảng trong sheet {spot.sheet}."
    _place(sheet, row, chart, 330, widths, text)
