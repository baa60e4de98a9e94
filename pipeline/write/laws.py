"""The laws that the figures of one unit must keep (DESIGN §4), as formulas over named cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.form import Form
from pipeline.statistics import OUTS


class Side(NamedTuple):
    """One side of a law: a formula with {indicator} for each cell, and the same in Python."""

    keys: tuple[str, ...]
    formula: str
    work_out: Callable[[Mapping[str, float]], float]


class Law(NamedTuple):
    """left = right, or left ≤ right."""

    text: str
    left: Side
    sign: str
    right: Side

    @property
    def keys(self) -> tuple[str, ...]:
        """Return every indicator that the law speaks of."""
        return self.left.keys + self.right.keys

    def holds(self, values: Mapping[str, float]) -> bool:
        """Tell whether the law is kept."""
        left, right = self.left.work_out(values), self.right.work_out(values)
        return left == right if self.sign == "=" else left <= right


def laws(form: Form, mass_orgs: Sequence[str]) -> Iterator[Law]:
    """Yield every law."""
    for parent, children in form.partitions():
        group = form.indicator[children[0]].group.lower()
        yield Law(f"{form.indicator[parent].label} = cộng các mục chia ra ({group})", _one(parent), "=", _sum(children))
    moves = Side(("opening", "in_new", *OUTS), "{opening}+{in_new}-" + "-".join(f"{{{key}}}" for key in OUTS),
                 lambda values: values["opening"] + values["in_new"] - sum(values[key] for key in OUTS))
    yield Law("Số đầu kỳ + tiếp nhận mới − giảm trong kỳ = tổng số", moves, "=", _one("total"))
    for parent, part in form.parts():
        yield Law(f"{form.indicator[part].label} ≤ {form.indicator[parent].label}", _one(part), "≤", _one(parent))
    orgs = tuple(f"org_{org}" for org in mass_orgs)
    commas = ",".join(f"{{{key}}}" for key in orgs)
    most = Side(orgs, f"MAX({commas})", lambda values: max(values[key] for key in orgs))
    room = Side(("total", *orgs), f"MIN({{total}},SUM({commas}))",
                lambda values: min(values["total"], sum(values[key] for key in orgs)))
    yield Law("Tổ chức đoàn thể nhiều người nhất ≤ được đoàn thể giúp đỡ (không tính trùng)", most, "≤", _one("org_any"))
    yield Law("Được đoàn thể giúp đỡ (không tính trùng) ≤ tổng số, và ≤ cộng các tổ chức", _one("org_any"), "≤", room)


def _one(key: str) -> Side:
    return Side((key,), f"{{{key}}}", lambda values: values[key])


def _sum(keys: tuple[str, ...]) -> Side:
    return Side(keys, "+".join(f"{{{key}}}" for key in keys), lambda values: sum(values[key] for key in keys))
