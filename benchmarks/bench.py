"""Measure: the pipeline and its peers on the same files in the same run, as ratios, against the goals.

python -m benchmarks.bench [--only small,large,inside,help] [--workbooks N] [--times N] [--big] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path

from benchmarks.corpus import CORPORA, Corpus, change, lay_out, make_corpus, multiply
from benchmarks.goals import AGAIN, COLD, FULL, SOME, judge
from benchmarks.measure import Measured, measure

PARTS = ("help", "small", "large", "inside")
PEERS = {"clerk-openpyxl": "pandas + openpyxl script", "clerk-calamine": "the same on calamine",
         "clerk-calamine-all": "the same on calamine, every sheet counted"}
HEAVY = ("pandas", "numpy", "great_expectations", "pyarrow", "scipy", "openpyxl", "xlsxwriter", "python_calamine")
_ASK_HEAVY = f"""
import sys
from pipeline.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
print(",".join(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""
_HEAD = ("what", "wall s", "CPU s", "largest process MiB", "all together MiB (PSS)", "wall : ours", "CPU : ours")
_PACKAGES = ("pandas", "pyarrow", "great_expectations", "python-calamine", "openpyxl", "xlsxwriter")
Runs = dict[str, Measured]


def main(arguments: list[str] | None = None) -> None:
    options = _options().parse_args(arguments)
    parts = options.only.split(",") if options.only else PARTS
    facts: dict[str, object] = {}
    print(_surroundings())
    with tempfile.TemporaryDirectory(prefix="bench-", dir=_room()) as room:
        if "help" in parts:
            facts["help"] = show_help()
        if "small" in parts:
            facts["small"] = show_runs(make_corpus(1, 12, 1), Path(room), 3, options.times or 3)
        if "large" in parts or "inside" in parts:
            corpus = make_corpus(max(1, options.workbooks // 10), 10, max(1, options.workbooks // 100))
            if "large" in parts:
                facts["large"] = show_runs(corpus, Path(room), options.times or 3, options.times or 1)
            if "inside" in parts:
                facts["inside"] = show_inside(corpus)
        if options.big:
            facts["big"] = show_runs(multiply(make_corpus(300, 10, 30), 30), Path(room), 1, 0)
    _table("Goals", ("goal", "wanted", "found", ""), judge(facts))
    if options.json:
        options.json.write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"parts, of {','.join(PARTS)}")
    parser.add_argument("--workbooks", type=int, default=3000, help="hamlet workbooks of the large corpus, ten to a commune")
    parser.add_argument("--times", type=int, default=0, help="runs of each program (default: 3; 1 of each peer on many)")
    parser.add_argument("--big", action="store_true", help="ours alone on 90,000 workbooks: ten minutes to make, 5 GB of disk")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured to FILE")
    return parser


def _surroundings() -> str:
    """Say on what was measured; pyarrow, where it is, makes pandas and so everybody slower to start and larger."""
    known = {found.name.lower(): found.version for found in distributions()}
    packages = [f"{name} {known[name]}" for name in _PACKAGES if name in known]
    return f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, {', '.join(packages)}"


def _room() -> Path:
    CORPORA.mkdir(exist_ok=True)
    return CORPORA


def show_runs(corpus: Corpus, room: Path, ours: int, peers: int) -> dict[str, object]:
    """Run ours on four kinds of night, the peers and the bare import of Great Expectations; print two tables."""
    made = f", made in {corpus.seconds:.0f} s" if corpus.seconds else ""
    print(f"\n## {corpus.workbooks} workbooks of hamlets, {corpus.communes} of communes, {corpus.rows} people{made}\n")
    inputs, outputs, state = room / "inputs", room / "outputs", room / "state"
    command = [sys.executable, "-m", "pipeline", "run", "--inputs", inputs, "--outputs", outputs, "--state", state]

    def clear() -> None:
        for folder in (outputs, state):
            shutil.rmtree(folder, ignore_errors=True)

    lay_out(corpus, inputs)
    time.sleep(3)  # files that changed a moment ago are hashed again the next night
    runs: Runs = {COLD: measure(command, ours, clear)}
    stages = json.loads(next(outputs.glob("*/run.json")).read_text(encoding="utf-8"))["durations"]
    books = len(list(outputs.glob("[0-9]*/**/*.xlsx")))
    runs[AGAIN] = measure(command)
    change(inputs, max(1, corpus.workbooks // 100))
    runs[SOME] = measure(command)
    runs[FULL] = measure([*command, "--full"])
    clear()
    shutil.rmtree(inputs)
    for peer, label in PEERS.items() if peers else ():
        runs[label] = measure([sys.executable, "-m", "benchmarks.peers", peer, corpus.folder, room / "clerk.xlsx"], peers)
    runs["import great_expectations"] = measure([sys.executable, "-c", "import great_expectations"], max(peers, 1))
    _table("", _HEAD, _lines(runs))
    _table("", ("stage of the last cold run", "s"), [(name, f"{taken:.2f}") for name, taken in stages.items()])
    return {"workbooks": corpus.workbooks, "rows": corpus.rows, "written": books, "stages": stages,
            "runs": {name: asdict(run) for name, run in runs.items()}}


def _lines(runs: Runs) -> list[tuple[str, ...]]:
    first = next(iter(runs.values()))
    return [(name, f"{run.wall:.2f}", f"{run.cpu:.2f}", f"{run.largest:.0f}", f"{run.together:.0f}" if run.together else "-",
             f"{run.wall / first.wall:.2f}", f"{run.cpu / first.cpu:.2f}") for name, run in runs.items()]


def show_inside(corpus: Corpus) -> dict[str, object]:
    """Time one workbook read, Great Expectations by the row and one workbook written, in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.inside", str(corpus.folder)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    facts: dict[str, Mapping[str, float]] = json.loads(found.stdout)
    bound = facts["workbook"]["inflate and expat"]
    _table("One workbook", ("what", "CPU ms", ": inflate and expat"),
           [(name, f"{taken:.2f}", f"{taken / bound:.2f}") for name, taken in facts["workbook"].items()])
    _table("Great Expectations on the merged list", ("what", ""),
           [(name, f"{value:.1f}") for name, value in facts["judging"].items()])
    print(f"\nOne commune workbook written: {facts['writing']['ms']:.1f} ms")
    return dict(facts)


def show_help() -> dict[str, object]:
    """Time `pipeline --help` and ask which heavy modules it loads."""
    run = measure([sys.executable, "-m", "pipeline", "--help"], 7)
    asked = subprocess.run([sys.executable, "-c", _ASK_HEAVY], capture_output=True, text=True, check=True)
    heavy = asked.stderr.strip()
    bare = measure([sys.executable, "-c", "pass"], 7)
    print(f"\n`pipeline --help`: {run.wall:.3f} s (bare Python {bare.wall:.3f} s), heavy modules loaded: {heavy or 'none'}")
    return {"wall": run.wall, "bare": bare.wall, "heavy": heavy}


def _table(title: str, head: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    """Print a Markdown table."""
    print(f"\n### {title}\n" if title else "")
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for line in lines:
        print(f"| {' | '.join(line)} |", flush=True)


if __name__ == "__main__":
    main()
