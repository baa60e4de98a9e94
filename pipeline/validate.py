"""Validate: the expectation suites judge; nothing is changed.

The only module that knows Great Expectations, imported when used: an ephemeral context, plain JSON suites, no network,
no telemetry. GX shows offending values by default: none of them leaves this module; what does is codes and positions.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.fault import SettingsFault
from pipeline.form import Form
from pipeline.merge import SOURCE_COLUMNS
from pipeline.statistics import Edition
from pipeline.tidy.columns import Array

SUITES = ("people", "support", "loans", "models", "outreach", "funds")
EARLIEST = date(1930, 1, 1)
"""Before it a release, return, end or event date is a typing error (DESIGN §4)."""
EARLIEST_BIRTH = date(1900, 1, 1)


@dataclass(frozen=True)
class Failure:
    """One expectation that some rows do not meet."""

    code: str
    severity: str
    column: str
    """The form's column the finding points at; "{value}" in it stands for a helper's code."""
    positions: Array
    """0-based positions of the rows in the judged frame."""
    meta: Mapping[str, Any]
    judged: str
    """The column of the frame that was judged."""


def prepare() -> None:
    """Import Great Expectations now; takes seconds, so it is done while workers read."""
    watched = gc.isenabled()
    gc.disable()  # importing makes no garbage worth looking for, and looking is a tenth of it
    try:
        _context()
    finally:
        if watched:
            gc.enable()


def validate(frame: pd.DataFrame, suite: Mapping[str, Any], parameters: Mapping[str, Any]) -> list[Failure]:
    """Judge a frame by a suite, in one Batch.validate; a second one lists the rows of what failed.

    Raises SettingsFault for a rule that cannot be judged (an unknown column, a wrong parameter).
    """
    if frame.empty:
        return []
    narrow = frame[[*SOURCE_COLUMNS, *sorted(_columns_of(suite) & set(frame.columns))]]
    batch = _context().get_batch(batch_parameters={"dataframe": narrow})
    first = _judge(batch, suite, parameters, {"result_format": "BOOLEAN_ONLY"})
    failed = [spec for spec, result in first if not result.success]
    if not failed:
        return []
    listing = {"result_format": "COMPLETE", "unexpected_index_column_names": list(SOURCE_COLUMNS),
               "return_unexpected_index_query": False, "partial_unexpected_count": 0}
    second = _judge(batch, {**suite, "expectations": failed}, parameters, listing)
    position_of = _positions(narrow)
    return [_failure(spec, result, position_of) for spec, result in second]


def load_suites(folder: Path, names: Sequence[str] = SUITES) -> dict[str, dict[str, Any]]:
    """Read expectations/<name>.json.

    Raises SettingsFault naming the file when it is missing or is not JSON.
    """
    suites = {}
    for name in names:
        try:
            suites[name] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise SettingsFault(f"Không đọc được bộ quy tắc expectations/{name}.json: {error}.") from error
        for number, spec in enumerate(suites[name].get("expectations", ()), start=1):
            if not isinstance(spec.get("kwargs"), dict) or "type" not in spec or "code" not in spec.get("meta", {}):
                raise SettingsFault(f"Bộ quy tắc expectations/{name}.json, quy tắc thứ {number}: phải có type, kwargs và meta.code.")
    return suites


def parameters_for(form: Form, edition: Edition) -> dict[str, Any]:
    """Return the suites' parameters: every code list by name, and the dates that rules compare with."""
    limit = pd.Timestamp(edition.cutoff) - pd.DateOffset(months=6)
    dates = {"cutoff": edition.cutoff, "previous_cutoff": edition.previous_cutoff, "earliest_date": EARLIEST,
             "latest_date": date(edition.cutoff.year + 10, 12, 31), "earliest_birth": EARLIEST_BIRTH, "review_limit": limit.date()}
    lists = {name: list(form.codes(name)) for name in form.lists}
    return {**lists, **{key: f"{day.isoformat()}T00:00:00" for key, day in dates.items()}}


def _judge(batch: Any, suite: Mapping[str, Any], parameters: Mapping[str, Any],
           result_format: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    import great_expectations as gx

    # GX hands its results back sorted by column: the position in the suite, carried in meta, finds the rule again.
    specs = [{**spec, "meta": {**spec.get("meta", {}), "position": at}} for at, spec in enumerate(suite["expectations"])]
    try:
        loaded = gx.ExpectationSuite(name=str(suite["name"]), expectations=specs)
        outcome = batch.validate(loaded, result_format=dict(result_format), expectation_parameters=dict(parameters))
    except Exception as error:  # GX has no common base for a bad suite; the message may hold values
        raise SettingsFault(f"Bộ quy tắc expectations/{suite['name']}.json không dùng được ({type(error).__name__}).") from None
    results = sorted(outcome.results, key=lambda result: result.expectation_config.meta["position"])
    if len(results) != len(specs):  # GX drops an expectation whose type it does not know, with only a log line
        known = {result.expectation_config.meta["position"] for result in results}
        lost = next(spec for spec in specs if spec["meta"]["position"] not in known)
        raise SettingsFault(f"Bộ quy tắc expectations/{suite['name']}.json: không có loại quy tắc {lost['type']}.")
    for spec, result in zip(suite["expectations"], results, strict=True):
        if result.exception_info and _raised(result.exception_info):
            where = spec["kwargs"].get("column") or spec["kwargs"].get("column_A", "")
            raise SettingsFault(f"Bộ quy tắc expectations/{suite['name']}.json: không xét được quy tắc "
                                f"{spec['meta'].get('code', spec['type'])} trên cột {where}.")
        yield spec, result


def _raised(info: Mapping[str, Any]) -> bool:
    return bool(info.get("raised_exception")) or any(isinstance(v, Mapping) and v.get("raised_exception") for v in info.values())


def _columns_of(suite: Mapping[str, Any]) -> set[str]:
    """Return every column that a suite's rules name, in kwargs or in a row condition."""
    columns: set[str] = set()
    for spec in suite["expectations"]:
        kwargs = spec["kwargs"]
        columns |= {kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs} | set(kwargs.get("column_list", ()))
        columns |= _columns_of_condition(kwargs.get("row_condition"))
    return columns


def _columns_of_condition(condition: object) -> set[str]:
    """Return the columns of a condition: of a comparison, a null test, or several joined by "and" or "or"."""
    if isinstance(condition, str):  # the old way of writing one, as pandas would
        return set("".join(c if c.isalnum() or c == "_" else " " for c in condition).split())
    if not isinstance(condition, Mapping):
        return set()
    joined = (_columns_of_condition(part) for part in condition.get("conditions", ()))
    return {condition["column"]["name"]} if "column" in condition else set().union(*joined)


def _positions(frame: pd.DataFrame) -> dict[tuple[str, str, int], int]:
    files, sheets, rows = (frame[column].tolist() for column in SOURCE_COLUMNS)
    return {key: at for at, key in enumerate(zip(files, sheets, rows, strict=True))}


def _failure(spec: Mapping[str, Any], result: Any, position_of: Mapping[tuple[str, str, int], int]) -> Failure:
    listed = result.result.get("unexpected_index_list") or []
    positions = [position_of[(row["source_file"], row["source_sheet"], int(row["source_row"]))] for row in listed]
    meta, kwargs = spec.get("meta", {}), spec["kwargs"]
    judged = kwargs.get("column") or kwargs.get("column_A", "")
    return Failure(meta["code"], spec.get("severity", "critical"), meta.get("column", judged),
                   np.array(sorted(positions), dtype=np.int64), meta, judged)


@lru_cache(maxsize=1)
def _context() -> Any:
    """Return the whole-dataframe batch definition of an ephemeral, silent context."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)  # its tracebacks may hold values
    _postpone("scipy", "stats")
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_pandas("workbooks")
    return source.add_dataframe_asset("table").add_batch_definition_whole_dataframe("all")


def _postpone(package: str, part: str) -> None:
    """Let a module that Great Expectations imports for rules of distributions alone load when it is first used.

    No suite here has such a rule, and scipy.stats is a third of the import's time and 54 MiB.
    """
    name = f"{package}.{part}"
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Without the attribute, "from scipy import stats" would look the module up, and so load it.
    setattr(importlib.import_module(package), part, module)
