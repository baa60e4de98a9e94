"""Accept: which of the files that communes sent fit the edition being consolidated, and what is to be said of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from pipeline.fault import Fault
from pipeline.finding import Catalogue, Finding, Place
from pipeline.settings import POLICY_LABELS, Settings
from pipeline.statistics import Edition
from pipeline.units import Register
from pipeline.unpack import Parcel


def choose_rollup_edition(parcels: Sequence[Parcel], settings: Settings) -> Edition:
    """Settle what is consolidated: the period given or newest, then the cut-offs and policy that most files have."""
    period = settings.period or max(parcel.seal["period"] for parcel in parcels)
    mine = [parcel for parcel in parcels if parcel.seal["period"] == period]
    if not mine:
        raise Fault(f"Không có tệp thống kê nào của kỳ {period}.")
    dates = Counter((parcel.cutoff, parcel.previous_cutoff) for parcel in mine)
    cutoff, previous = max(dates, key=lambda pair: (dates[pair], pair))
    rules = Counter((parcel.seal["policy"], parcel.seal["mass_orgs"]) for parcel in mine)
    usual = (settings.conditional_release_policy, ",".join(settings.mass_orgs))
    policy, orgs = max(rules, key=lambda pair: (rules[pair], pair == usual, pair))
    return Edition(period, settings.cutoff or cutoff, settings.previous_cutoff or previous, policy, tuple(orgs.split(",")))


def accept(parcels: Sequence[Parcel], edition: Edition, catalogue: Catalogue) -> tuple[dict[str, Parcel], list[Finding]]:
    """Keep one whole file per commune that fits the edition; everything else is a finding and is not counted."""
    findings: list[Finding] = []
    fitting: dict[str, list[Parcel]] = {}
    for parcel in sorted(parcels, key=lambda parcel: parcel.source.name):
        code, values = _misfit(parcel, edition)
        if code:
            findings.append(say_of_parcel(catalogue, code, parcel, **values))
            continue
        same = next((one for one in fitting.get(parcel.seal["unit_id"], ()) if one.sha256 == parcel.sha256), None)
        if same:
            findings.append(say_of_parcel(catalogue, "book_twice_same", parcel, other=same.source.name))
        else:
            fitting.setdefault(parcel.seal["unit_id"], []).append(parcel)
    accepted = {}
    for unit_id, sent in fitting.items():
        if len(sent) == 1:
            accepted[unit_id] = sent[0]
        else:
            findings += [say_of_parcel(catalogue, "commune_twice", parcel, count=len(sent)) for parcel in sent]
    return accepted, findings


def _misfit(parcel: Parcel, edition: Edition) -> tuple[str, dict[str, object]]:
    if parcel.trouble:
        return parcel.trouble, dict(parcel.values)
    if (parcel.seal["period"], parcel.cutoff, parcel.previous_cutoff) != (edition.period, edition.cutoff, edition.previous_cutoff):
        return "book_period_differs", {"found": _span(parcel.seal["period"], parcel.previous_cutoff, parcel.cutoff),
                                       "cutoff": _span(edition.period, edition.previous_cutoff, edition.cutoff)}
    if parcel.seal["policy"] != edition.policy:
        return "book_policy_differs", {"found": POLICY_LABELS.get(parcel.seal["policy"], ""), "policy": POLICY_LABELS[edition.policy]}
    if parcel.seal["mass_orgs"] != ",".join(edition.mass_orgs):
        return "book_orgs_differ", {}
    return "", {}


def _span(period: str, previous: date, cutoff: date) -> str:
    return f"{cutoff:%d/%m/%Y} (kỳ {period}, sau ngày {previous:%d/%m/%Y})"


def accept_units(accepted: Mapping[str, Parcel], register: Register, edition: Edition,
                 catalogue: Catalogue) -> tuple[dict[str, Parcel], list[Finding]]:
    """Keep the files of communes that the register knows at the cut-off."""
    known, findings = {}, []
    for unit_id, parcel in accepted.items():
        unit = register.find(unit_id, edition.cutoff)
        if unit is not None and unit.level == "commune":
            known[unit_id] = parcel
        elif register.known(unit_id):
            findings.append(say_of_parcel(catalogue, "unit_outside", parcel, cutoff=f"{edition.cutoff:%d/%m/%Y}"))
        else:
            findings.append(say_of_parcel(catalogue, "unit_unknown", parcel, unit=unit_id))
    return known, findings


def say_of_parcel(catalogue: Catalogue, code: str, parcel: Parcel, **values: object) -> Finding:
    """Return the finding `code` about one file."""
    place = Place(parcel.source.name, parcel.sheet, commune_id=parcel.seal.get("unit_id", ""))
    spoken: dict[str, object] = {"unit": parcel.seal.get("unit_name", ""), **values}
    return catalogue.say(code, place, **spoken)
