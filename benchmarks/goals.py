"""The goals, as ratios within one run, and whether what was measured reaches them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

OPENPYXL, CALAMINE, GX = "pandas + openpyxl script", "the same on calamine", "import great_expectations"
COLD, AGAIN, SOME, FULL = "ours, cold", "ours, nothing changed since", "ours, a hundredth changed", "ours, --full"
Line = tuple[str, str, str, str]


def judge(facts: Mapping[str, Any]) -> list[Line]:
    """Return goal, what is wanted, what was found and whether that is enough, for all that was measured."""
    lines: list[Line] = []
    if "large" in facts:
        lines += _large(facts["large"], facts.get("inside"))
    if "small" in facts:
        lines += _small(facts["small"])
    if "inside" in facts:
        lines += _inside(facts["inside"])
    if "help" in facts:
        found = facts["help"]
        lines.append(_at_most("`pipeline --help`", found["wall"], 0.1, "s"))
        lines.append(("`pipeline --help` loads nothing heavy", "none", found["heavy"] or "none", _mark(not found["heavy"])))
    if "big" in facts:
        run = facts["big"]["runs"][COLD]
        again = facts["big"]["runs"][AGAIN]
        lines += [_at_most("90,000 workbooks, everything", run["wall"] / 60, 6, "min"),
                  _at_most("90,000 workbooks, nothing changed since", again["wall"], 1, "s"),
                  _at_most("90,000 workbooks, memory", (run["together"] or run["largest"]) / 1024, 4, "GiB")]
    return lines


def _large(found: Mapping[str, Any], inside: Mapping[str, Any] | None) -> Iterator[Line]:
    runs = found["runs"]
    ours, size = runs[COLD], f"{found['workbooks']} workbooks"
    if OPENPYXL in runs:
        yield _at_least(f"{size}, everything: openpyxl script : ours", runs[OPENPYXL]["wall"] / ours["wall"], 5)
        yield _at_least(f"{size}, everything: calamine script : ours", runs[CALAMINE]["wall"] / ours["wall"], 1)
    if OPENPYXL in runs and inside:
        without = ours["cpu"] - found["written"] * inside["writing"]["ms"] / 1000
        yield _at_least(f"{size} to the figures, CPU: openpyxl script : ours", runs[OPENPYXL]["cpu"] / without, 11)
        yield _at_least(f"{size} to the figures, CPU: calamine script : ours", runs[CALAMINE]["cpu"] / without, 2)
    yield _at_most(f"{size}, memory of all processes together", ours["together"] or ours["largest"], 800, "MiB")
    yield _at_most(f"{size}, nothing changed since", runs[AGAIN]["wall"], 0.2, "s")
    yield _at_most(f"{size}, a hundredth changed : cold", runs[SOME]["wall"] / ours["wall"], 0.5, "")


def _small(found: Mapping[str, Any]) -> Iterator[Line]:
    runs = found["runs"]
    ours, size = runs[COLD]["wall"], f"{found['workbooks']} workbooks"
    if OPENPYXL in runs:
        yield _at_most(f"{size}: ours : openpyxl script + import of Great Expectations",
                       ours / (runs[OPENPYXL]["wall"] + runs[GX]["wall"]), 1, "")
    yield _at_most(f"{size}, with Great Expectations", ours, 3.5, "s")
    yield _at_most(f"{size}, ours besides the import of Great Expectations", ours - runs[GX]["wall"], 0.8, "s")


def _inside(found: Mapping[str, Any]) -> Iterator[Line]:
    taken = found["workbook"]
    yield _at_most("ingest: ours : inflate and expat", taken["ours, read and tidied"] / taken["inflate and expat"], 2, "")
    yield _at_most("Great Expectations, a row and 25 rules", found["judging"]["us_per_row_25_rules"], 12, "µs")
    yield _at_most("a commune workbook written", found["writing"]["ms"], 65, "ms")


def _at_least(goal: str, found: float, wanted: float) -> Line:
    return goal, f"≥ {wanted:g}", f"{found:.2f}", _mark(found >= wanted)


def _at_most(goal: str, found: float, wanted: float, unit: str) -> Line:
    return goal, f"≤ {wanted:g} {unit}".rstrip(), f"{found:.2f} {unit}".rstrip(), _mark(found <= wanted)


def _mark(reached: bool) -> str:
    return "reached" if reached else "not reached"
