"""Make the demo that the command line asks for, and say what was made."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.edition import preset_cutoff
from pipeline.fault import Fault
from pipeline.register import read_register
from pipeline.settings import Settings, check
from pipeline.units import REGISTER_FILE

MANY = 60
"""From so many workbooks on, worker processes write them."""


def make_asked(folder: Path, sample: bool, options: Mapping[str, Any]) -> Iterator[str]:
    """Write the sample communes or a demo into `folder`; yield the lines to print.

    Raises Fault when the folder has a register with units in it: it may be an office's own.
    """
    if read_register(folder).units:
        raise Fault(f"Thư mục {folder} đã có sổ đơn vị {REGISTER_FILE}. Hãy chọn thư mục khác để không ghi đè lên sổ thật.")
    if sample:
        from pipeline.demo.sample import make_sample

        make_sample(folder)
        yield f"Đã ghi hai xã mẫu vào {folder}."
        return
    from pipeline.demo.make import make_demo

    period = check(replace(Settings(), period=options["period"]))
    many = options["communes"] * (options["hamlets"] + 1) > MANY
    made = make_demo(folder, **options, cutoff=preset_cutoff(period.period, "nd09"), workers=(os.cpu_count() or 1) if many else 1)
    yield f"Đã ghi {made.workbooks} sổ ({made.people} người do máy đặt tên) và sổ đơn vị vào {folder}."
    for planted in made.planted:
        yield f"  lỗi gài: {planted.file} › {planted.sheet}, dòng {planted.row}, cột {planted.column} ({planted.kind})"
