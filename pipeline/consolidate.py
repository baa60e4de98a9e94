"""Consolidate: a district that holds only the communes' thong-ke.xlsx gets the same rollup from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from pipeline import __version__
from pipeline.accept import accept, accept_units, choose_rollup_edition, say_of_parcel
from pipeline.collect import cut
from pipeline.fault import Fault
from pipeline.find import Source, as_source, find_workbooks
from pipeline.finding import Catalogue, Finding, count_by_severity, load_catalogue, order
from pipeline.form import FORM_VERSION, Form, load_form
from pipeline.night import mail_about, recording, tell_of
from pipeline.outcome import Outcome
from pipeline.prove import SUITE, prove
from pipeline.readers import Failure, Readers
from pipeline.register import read_register
from pipeline.rollup import BORN, Statistics, add_units_above
from pipeline.secrets_file import secrets_folder
from pipeline.settings import Settings
from pipeline.statistics import STATUSES, Edition, Receipt
from pipeline.units import Register, Unit, build_register
from pipeline.unpack import Parcel, unpack_all
from pipeline.validate import load_suites
from pipeline.watch import Watch
from pipeline.workers import Workers
from pipeline.write.rollup_folder import publish_rollup

_DISTRICTS_END = date(2025, 7, 1)
"""From this day a commune's parent is its province or city."""


def consolidate(settings: Settings, files: Sequence[Path], watch: Watch | None = None, *, isolated: bool = True) -> Outcome:
    """Roll up the communes' statistics workbooks, in inputs/ or given by name, into outputs/<period>/.

    Raises Fault, publishing nothing, when there is no file or none can be counted; that too is remembered and mailed.
    """
    watch = watch or Watch()
    readers, workers = Readers(settings.workers, isolated=isolated), Workers(settings.workers)
    try:
        with recording(settings, "rollup") as entry, secrets_folder() as desk:
            outcome = _consolidate(settings, _sources(settings, files), watch, readers, workers, desk, entry.held.check)
            entry.close(tell_of(outcome))
    finally:
        readers.close()
        workers.close()
    mail_about(settings, tell_of(outcome))
    return outcome


def _sources(settings: Settings, files: Sequence[Path]) -> list[Source]:
    folders = [path for path in files if path.is_dir()] if files else [settings.inputs]
    found = [source for folder in folders for source in find_workbooks(folder) if not source.path.name.startswith("tong-hop-")]
    sources = [*_named_apart([path for path in files if not path.is_dir()]), *found]
    if not sources:
        raise Fault(f"Chưa có tệp thong-ke.xlsx nào trong thư mục {settings.inputs.name}. Hãy chép tệp của các xã vào rồi chạy lại.")
    return sources


def _named_apart(files: Sequence[Path]) -> list[Source]:
    """Name each file by its folder too: every commune's file is called thong-ke.xlsx."""
    return [as_source(path)._replace(name="/".join(path.absolute().parts[-2:])) for path in dict.fromkeys(files)]


def _consolidate(settings: Settings, sources: Sequence[Source], watch: Watch, readers: Readers, workers: Workers, desk: Path,
                 still_ours: Callable[[], None]) -> Outcome:
    form, catalogue = load_form(), load_catalogue(settings.expectations_folder / "messages.csv")
    suite = load_suites(settings.expectations_folder, (SUITE,))[SUITE]
    watch.stage("find")
    register = read_register(settings.inputs)
    watch.stage("read", len(sources))
    parcels: list[Parcel] = []
    for task, sent in readers.spread(unpack_all, cut(sources), desk):
        parcels += _failed(task, sent) if isinstance(sent, Failure) else sent
        watch.step(len(task))
    watch.stage("place")
    whole = [parcel for parcel in parcels if not parcel.trouble]
    if not whole:
        raise Fault("Không có tệp thống kê nào tính được. " + _first_reason(parcels, catalogue))
    edition = choose_rollup_edition(whole, settings)
    accepted, findings = accept(parcels, edition, catalogue)
    if not register.given:
        register = register_of(accepted, edition)
    accepted, found = accept_units(accepted, register, edition, catalogue)
    findings += found
    watch.stage("prove")
    alone = build_statistics(accepted, register, edition, form, only_sent=True)
    broken = [f for f in prove(alone, edition.mass_orgs, suite, catalogue) if f.severity == "critical"]
    findings += [_in_file(f, accepted) for f in broken]
    accepted = {unit_id: parcel for unit_id, parcel in accepted.items() if unit_id not in {f.commune_id for f in broken}}
    if not accepted:
        raise Fault("Không có tệp thống kê nào tính được. " + findings[0].message)
    watch.stage("aggregate")
    statistics = build_statistics(accepted, register, edition, form)
    wrong = [f for f in prove(statistics, edition.mass_orgs, suite, catalogue) if f.severity == "critical"]
    if wrong:
        raise Fault(f"Số liệu tổng hợp không khớp nên không phát hành: {wrong[0].message}")
    receipts = tuple(_receipts(statistics.units, statistics.statuses, accepted, parcels))
    counted = tuple(order(findings))
    hashes = {unit_id: ((parcel.source.name, parcel.sha256),) for unit_id, parcel in accepted.items()}
    outcome = Outcome(edition, settings.outputs / edition.period, counted, receipts, len(parcels), {})
    _refuse_to_replace_a_run(outcome.folder)
    publish_rollup(settings.outputs, statistics, hashes, outcome, _facts(outcome, parcels), watch, workers, still_ours)
    return outcome


def _failed(task: Sequence[Source], failure: Failure) -> list[Parcel]:
    return [Parcel(source, "", {}, trouble="reader_failed", values=(("why", failure.why),)) for source in task]


def register_of(accepted: Mapping[str, Parcel], edition: Edition) -> Register:
    """Make the units from what the files say of themselves; nobody knows then which commune is missing."""
    level = "district" if edition.cutoff < _DISTRICTS_END else "province"
    parents = {p.seal["parent_id"]: p.seal.get("parent_name") or p.seal["parent_id"] for p in accepted.values() if p.seal["parent_id"]}
    units = [Unit(unit_id, level, "", name) for unit_id, name in sorted(parents.items())]
    for unit_id, parcel in sorted(accepted.items()):
        kind = parcel.seal.get("unit_type", "")
        units.append(Unit(unit_id, "commune", kind, parcel.seal.get("unit_name", unit_id).removeprefix(f"{kind} "),
                          parcel.seal["parent_id"]))
    return Register(build_register(units).units, given=False)


def build_statistics(accepted: Mapping[str, Parcel], register: Register, edition: Edition, form: Form, *,
                     only_sent: bool = False) -> Statistics:
    """Return the figures of every commune and every unit above; of the sent communes alone when `only_sent`."""
    statistics = Statistics(form, known=register.given)
    children = register.children(edition.cutoff)
    for unit in register.at(edition.cutoff):
        parcel = accepted.get(unit.unit_id)
        if unit.level != "commune" or (only_sent and parcel is None):
            continue
        parent = register.parent(unit, edition.cutoff)
        hamlets = sum(1 for child in children.get(unit.unit_id, ()) if child.level == "hamlet")
        _add_commune(statistics, unit, parent.unit_id if parent else "", parcel, hamlets)
    if not only_sent:
        add_units_above(statistics, register, edition)
    return statistics.freeze()


def _add_commune(statistics: Statistics, unit: Unit, parent_id: str, parcel: Parcel | None, hamlets: int) -> None:
    indicators = statistics.form.indicators
    if parcel is None:
        nothing = np.full(len(indicators), np.nan)
        statistics.add(unit, parent_id, "missing", nothing, (0, 0, 0), (hamlets, 1, hamlets + 1), (0, 0, 0, 0, hamlets))
        return
    told = {figure.indicator: figure for figure in parcel.figures()}
    known = {key: figure.value for key, figure in told.items() if figure.value is not None}
    values = np.array([known.get(indicator.key, np.nan) for indicator in indicators], dtype=float)
    firsts = [told[next(i.key for i in indicators if i.born == born)] for born in BORN]
    progress = [int(parcel.seal.get(f"progress_{status}") or 0) for status in STATUSES]
    statistics.add(unit, parent_id, parcel.seal.get("status", "reported"), values, [one.reported or 0 for one in firsts],
                   [one.expected or 0 for one in firsts], progress)


def _receipts(units: Sequence[Unit], statuses: Sequence[str], accepted: Mapping[str, Parcel],
              parcels: Sequence[Parcel]) -> Iterator[Receipt]:
    refused = {parcel.seal.get("unit_id", ""): parcel for parcel in parcels if parcel not in accepted.values()}
    for unit, status in zip(units, statuses, strict=True):
        if unit.level == "commune":
            parcel = accepted.get(unit.unit_id) or refused.get(unit.unit_id)
            state = "blocked" if parcel else "missing"
            if unit.unit_id in accepted:  # a file that came is a report, even where hamlets are missing from it
                state = "reported" if status == "partial" else status
            yield Receipt(unit.unit_id, unit.full_name, state, parcel.source.name if parcel else "", parcel.sha256 if parcel else "")


def _in_file(finding: Finding, accepted: Mapping[str, Parcel]) -> Finding:
    parcel = accepted.get(finding.commune_id)
    return finding._replace(file=parcel.source.name, sheet="Số liệu") if parcel else finding


def _first_reason(parcels: Sequence[Parcel], catalogue: Catalogue) -> str:
    return f"{parcels[0].source.name}: {say_of_parcel(catalogue, parcels[0].trouble, parcels[0], **dict(parcels[0].values)).message}"


def _refuse_to_replace_a_run(folder: Path) -> None:
    """Refuse to write over a period that `run` published: its commune folders would be lost."""
    try:
        facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if not isinstance(facts, dict) or facts.get("command") != "rollup":
        raise Fault(f"Thư mục {folder} đang chứa kết quả của lệnh run. Hãy tổng hợp vào thư mục khác bằng --outputs.")


def _facts(outcome: Outcome, parcels: Sequence[Parcel]) -> dict[str, object]:
    edition = outcome.edition
    return {
        "command": "rollup", "program_version": __version__, "form_version": FORM_VERSION, "period": edition.period,
        "cutoff": edition.cutoff.isoformat(), "previous_cutoff": edition.previous_cutoff.isoformat(),
        "settings": {"conditional_release_policy": edition.policy, "mass_orgs": list(edition.mass_orgs)},
        "inputs": {parcel.source.name: parcel.sha256 for parcel in parcels},
        "counts": {"workbooks": outcome.files, "findings": count_by_severity(outcome.findings)}, "exit_code": outcome.exit_code,
    }
