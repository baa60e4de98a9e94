"""The peers: what an office's IT friend would write with pandas, as separate programs.

python -m benchmarks.peers clerk-openpyxl|clerk-calamine|clerk-calamine-all INPUTS OUT.xlsx
The first two read the list of people alone; the last every sheet that figures come from, as the pipeline must.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

SHEET = "Danh sách"
ACTS = {"Hỗ trợ": "Hình thức hỗ trợ", "Vay vốn": "Số tiền vay (đồng)", "Tuyên truyền": "Hình thức"}
"""Sheets of acts and a column that each act fills in."""
EMPLOYED = ("Có việc làm ổn định", "Có việc làm không ổn định", "Có việc làm")
ORGANISATIONS = ("Hội LHPN", "Đoàn TN", "Hội CCB", "Hội NCT", "Hội ND", "MTTQ", "Tổ chức khác")


def clerk(inputs: Path, out: Path, engine: str, acts: bool) -> None:
    """Read every hamlet's list, count by hamlet and by commune, write one workbook; no checks, no other output."""
    import pandas as pd

    paths = [path for path in sorted(inputs.glob("*/*.xlsx")) if path.stem.count("-") == 2]
    sheets = [read_sheets(path, engine, [SHEET, *ACTS] if acts else [SHEET]) for path in paths]
    people = pd.concat([one[SHEET] for one in sheets], ignore_index=True)
    flags = {"Tổng": people["Họ và tên"].notna(), "Có việc làm": people["Tình trạng việc làm"].isin(EMPLOYED),
             **{name: people[name].eq("x") for name in ORGANISATIONS}}
    counts = pd.DataFrame(flags).astype(int).groupby(people["Thôn"]).sum()
    for name, column in ACTS.items() if acts else ():
        rows = pd.concat([one[name] for one in sheets], ignore_index=True)
        counts[name] = rows[column].notna().groupby(rows["Thôn"]).sum()
    communes = counts.groupby(counts.index.str.split("-").str[0]).sum()
    with pd.ExcelWriter(out) as writer:
        counts.to_excel(writer, sheet_name="Theo thôn")
        communes.to_excel(writer, sheet_name="Theo xã")


def read_sheets(path: Path, engine: str, names: list[str]) -> dict[str, Any]:
    """Read sheets: the header row is the first that holds a header everyone knows; the hamlet's code stands in the file's name."""
    import pandas as pd

    tables = {}
    for name, raw in pd.read_excel(path, sheet_name=names, header=None, dtype=str, engine=engine).items():
        marker = "Họ và tên" if name != "Tuyên truyền" else "Hình thức"
        header = next(at for at, row in enumerate(raw.itertuples(index=False)) if marker in row)
        table = raw.iloc[header + 1:].set_axis(raw.iloc[header].tolist(), axis=1)
        tables[name] = table[table[marker].notna()].assign(Thôn=path.stem.split("_")[1])
    return tables


if __name__ == "__main__":
    kind, folder, target = sys.argv[1:4]
    clerk(Path(folder), Path(target), kind.split("-")[1], acts=kind.endswith("-all"))
