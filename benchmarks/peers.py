"""The peers: what an office's IT friend would write with pandas, as separate programs.

python -m benchmarks.peers clerk-openpyxl|clerk-calamine INPUTS OUT.xlsx
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

SHEET = "Danh sách"
EMPLOYED = ("Có việc làm ổn định", "Có việc làm không ổn định", "Có việc làm")
ORGANISATIONS = ("Hội LHPN", "Đoàn TN", "Hội CCB", "Hội NCT", "Hội ND", "MTTQ", "Tổ chức khác")


def clerk(inputs: Path, out: Path, engine: str) -> int:
    """Read every hamlet's list, count by hamlet and by commune, write one workbook; no checks, no other output."""
    import pandas as pd

    parts = [read_list(path, engine) for path in sorted(inputs.glob("*/*.xlsx")) if path.stem.count("-") == 2]
    people = pd.concat(parts, ignore_index=True)
    people["employed"] = people["Tình trạng việc làm"].isin(EMPLOYED)
    flags = {"Tổng": people["Họ và tên"].notna(), "Có việc làm": people["employed"],
             **{name: people[name].eq("x") for name in ORGANISATIONS}}
    counts = pd.DataFrame(flags).astype(int).groupby(people["Thôn"]).sum()
    communes = counts.groupby(counts.index.str.split("-").str[0]).sum()
    with pd.ExcelWriter(out) as writer:
        counts.to_excel(writer, sheet_name="Theo thôn")
        communes.to_excel(writer, sheet_name="Theo xã")
    return len(people)


def read_list(path: Path, engine: str) -> Any:
    """Read one list: the header row is the one that holds "Họ và tên", the hamlet's code stands in the file's name."""
    import pandas as pd

    raw = pd.read_excel(path, sheet_name=SHEET, header=None, dtype=str, engine=engine)
    header = next(at for at, row in enumerate(raw.itertuples(index=False)) if "Họ và tên" in row)
    table = raw.iloc[header + 1:].set_axis(raw.iloc[header].tolist(), axis=1)
    return table[table["Họ và tên"].notna()].assign(Thôn=path.stem.split("_")[1])


if __name__ == "__main__":
    kind, folder, target = sys.argv[1:4]
    print(clerk(Path(folder), Path(target), kind.removeprefix("clerk-")))
