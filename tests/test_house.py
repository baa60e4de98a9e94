"""The house as DESIGN §7 wants it: one doorkeeper per library, imports one way, small files, words that are kept up."""

from __future__ import annotations

import ast
import csv
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from readme import HOME, PARTS, renewed

MODULES = sorted((HOME / "pipeline").rglob("*.py"))
LINES = 220
"""Lines of a file that say something; about 200 are wanted."""
FUNCTION_LINES = 45
DOORKEEPERS = {"click": ("cli.py", "cli_words.py"), "watchfiles": ("settle.py",), "great_expectations": ("validate.py",),
               "python_calamine": ("read.py", "containers/load.py"), "filelock": ("lock.py",), "xlsxwriter": ("write/",),
               "ahocorasick": ("tripwire.py",), "pyarrow": ("shelf.py", "lay_bare_arrow.py")}
FOUNDATIONS = ("archive", "blank", "details", "directory", "fault", "find", "finding", "form", "form_values", "guard", "holder", "kinds",
               "limits", "locate", "parts", "raw", "read", "refusal", "repack", "scan", "settings", "statistics", "text", "tidy", "units",
               "watch")
"""What reads and types a row; it knows nothing of the stages that follow."""
LATER = ("cli", "run", "consolidate", "check", "prepare", "summary", "publish", "restore", "lock", "state", "collect", "place", "merge",
         "judge", "validate", "duplicates", "aggregate", "rollup", "prove", "account", "write", "accept", "unpack", "demo")
CLOCK = {"today", "now", "utcnow", "fromtimestamp", "time"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(HOME / "pipeline").as_posix()


def module_of(path: Path) -> str:
    return "pipeline." + name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def imported(nodes: Iterator[ast.AST] | list[ast.stmt]) -> Iterator[str]:
    """Yield every module imported, and for `from a import b` both a and a.b."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below_type_checking(path: Path) -> set[ast.AST]:
    tests = (node for node in ast.walk(tree(path)) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    return {inner for node in tests for inner in ast.walk(node)}


def imported_when_loaded(path: Path) -> set[str]:
    """Return the modules of ours that loading a module loads."""
    known = {module_of(one) for one in MODULES}
    return set(imported(list(tree(path).body))) & known


def functions() -> Iterator[tuple[str, Function]]:
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, Function):
                yield f"{name_of(path)}:{node.name}", node


def tracked(*patterns: str) -> list[Path]:
    """Return the files under version control; the test that asks is skipped where there is none."""
    try:
        told = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=HOME, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not under version control")
    return [HOME / name for name in told.stdout.split("\0") if name and (HOME / name).is_file()]


@pytest.mark.parametrize("library", DOORKEEPERS)
def test_each_library_has_its_doorkeeper(library: str) -> None:
    users = [name_of(path) for path in MODULES if any(name.split(".")[0] == library for name in imported(ast.walk(tree(path))))]
    assert users
    assert [name for name in users if not name.startswith(DOORKEEPERS[library])] == []


def test_great_expectations_is_imported_only_inside_functions() -> None:
    assert not [name for name in imported(list(tree(HOME / "pipeline" / "validate.py").body)) if name.startswith("great")]


def test_the_command_line_loads_nothing_of_ours_but_faults_and_its_words_until_a_command_runs() -> None:
    assert imported_when_loaded(HOME / "pipeline" / "cli.py") <= {"pipeline", "pipeline.cli_words", "pipeline.fault"}


def test_imports_run_one_way() -> None:
    above = {module_of(path): imported_when_loaded(path) - {"pipeline", module_of(path)} for path in MODULES}
    while free := {module for module, needs in above.items() if not needs}:
        above = {module: needs - free for module, needs in above.items() if module not in free}
    assert above == {}, "these modules import each other in a circle"


def test_what_reads_and_types_a_row_knows_nothing_of_the_stages_after_it() -> None:
    for path in MODULES:
        if name_of(path).removesuffix(".py").split("/")[0] in FOUNDATIONS:
            hidden = below_type_checking(path)
            named = {name.split(".")[1] for name in imported(node for node in ast.walk(tree(path)) if node not in hidden)
                     if name.startswith("pipeline.")}
            assert named.isdisjoint(LATER), name_of(path)


def test_nothing_but_the_entry_imports_the_command_line() -> None:
    users = [name_of(path) for path in MODULES if "pipeline.cli" in set(imported(ast.walk(tree(path))))]
    assert users == ["__main__.py"]


def test_only_the_command_line_asks_what_day_it_is() -> None:
    for path in (one for one in MODULES if name_of(one) != "cli.py"):
        calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and not node.args]
        assert [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in CLOCK] == [], name_of(path)


def test_files_are_read_in_one_go() -> None:
    sizes = {name_of(path): sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip()) for path in MODULES}
    assert {name: size for name, size in sizes.items() if size > LINES} == {}


def test_functions_fit_on_a_screen() -> None:
    long = {name: size for name, node in functions() if (size := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES}
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [name_of(path) for path in MODULES if not ast.get_docstring(tree(path))] == []


def test_everything_public_says_what_it_does() -> None:
    silent = []
    for path in MODULES:
        for node in tree(path).body:
            inner = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else []
            public = [one for one in (node, *inner) if isinstance(one, Function | ast.ClassDef) and not one.name.startswith("_")]
            silent += [f"{name_of(path)}:{one.name}" for one in public if not ast.get_docstring(one)]
    assert silent == []


def test_no_path_of_a_machine_is_written_down() -> None:
    machine = re.compile(r"(?<![\w.])(/(home|root|work|tmp|Users|mnt|opt)/\w|[C-Z]:\\\w)")
    texts = tracked("*.py", "*.md", "*.toml", "*.csv", "*.json", "*.lock", "*.sh", "Makefile", ".gitignore")
    assert len(texts) > 80
    assert [path.name for path in texts if machine.search(path.read_text(encoding="utf-8")) and path != Path(__file__)] == []


def test_a_finding_s_code_stands_once_in_the_catalogue() -> None:
    with (HOME / "expectations" / "messages.csv").open(encoding="utf-8-sig", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert sorted(set(codes)) == sorted(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


def test_every_rule_of_a_suite_is_worded_in_the_catalogue() -> None:
    with (HOME / "expectations" / "messages.csv").open(encoding="utf-8-sig", newline="") as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    for path in sorted((HOME / "expectations").glob("*.json")):
        used = {spec["meta"]["code"] for spec in json.loads(path.read_text(encoding="utf-8"))["expectations"]}
        assert used - codes == set(), path.name


@pytest.mark.parametrize("name", PARTS)
def test_a_readme_says_what_the_program_says(name: str) -> None:
    assert (HOME / name).read_text(encoding="utf-8") == renewed(name), "run: python tests/readme.py --write"


@pytest.mark.parametrize("name", PARTS)
def test_what_a_readme_points_at_is_there(name: str) -> None:
    text = (HOME / name).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert targets
    assert [target for target in targets if not (HOME / target).exists()] == []
