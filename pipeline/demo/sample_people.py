"""List the people of the sample communes: what each is to be; names, dates and numbers are drawn."""

from __future__ import annotations

from typing import NamedTuple


class Person(NamedTuple):
    """What the sample asks of one person, in codes."""

    hamlet: int
    stay: str = "managed"
    status: str = "NONE"
    occupation: str = ""
    release_type: str = "SERVED"
    orgs: tuple[str, ...] = ()
    sex: str = "M"
    end_reason: str = ""
    loan: str = ""
    """The day of a loan and, after a blank, the day it was settled; as ISO text."""
    namesake: bool = False
    """The same name as the person before."""


HOP_DUC_PEOPLE = (
    Person(1, status="STABLE", occupation="MASON"),
    Person(1),
    Person(1, stay="left", status="STABLE", occupation="MASON", end_reason="EXPUNGED"),
    Person(2, status="STABLE", occupation="CARPENTER"),
    Person(2),
    Person(2, release_type="AMNESTY"),
    Person(3, status="UNSTABLE", occupation="FREELANCE"),
    Person(3, stay="new"),
    Person(3, stay="probation", release_type="CONDITIONAL"),
    Person(4, status="STABLE", occupation="MASON"),
    Person(4, sex="F"),
    Person(4, stay="gone", end_reason="MOVED"),
    Person(5, status="UNSTABLE", occupation="FREELANCE", release_type="CONDITIONAL"),
    Person(5, status="STABLE", occupation="CARPENTER"),
    Person(5, status="NONE"),
    Person(5, stay="coming"),
)
"""May 2024: 12 managed, 6 of them in work as mason, carpenter or freelance; no organisation helps; nobody in hamlet 6."""
CHI_MINH_PEOPLE = (
    Person(1, status="STABLE", occupation="FACTORY", orgs=("YOUTH",), loan="2026-04-22"),
    Person(1, orgs=("WOMEN", "FRONT"), sex="F"),
    Person(1, status="UNSTABLE", occupation="FREELANCE", orgs=("FARMERS",)),
    Person(1, stay="probation", release_type="CONDITIONAL"),
    Person(2, status="STABLE", occupation="MASON", orgs=("VETERANS",)),
    Person(2, status="STABLE", occupation="FISHERY", loan="2025-09-15"),
    Person(2, orgs=("ELDERLY",)),
    Person(2, stay="new", release_type="AMNESTY"),
    Person(3, status="STABLE", occupation="CARPENTER", orgs=("YOUTH", "VETERANS")),
    Person(3, status="EMPLOYED", occupation="TRADE"),
    Person(3, stay="left", status="STABLE", occupation="DRIVER", end_reason="EXPUNGED"),
    Person(3, status="UNABLE", orgs=("ELDERLY",)),
    Person(4, status="STABLE", occupation="FARMING", orgs=("FARMERS",), loan="2026-05-05"),
    Person(4, namesake=True, orgs=("YOUTH",)),
    Person(4, status="UNSTABLE", occupation="MASON", release_type="CONDITIONAL", orgs=("FRONT",)),
    Person(4, stay="coming"),
    Person(5, status="STABLE", occupation="MECHANIC", orgs=("YOUTH",)),
    Person(5, status="STUDYING", orgs=("WOMEN",), sex="F"),
    Person(5, status="STABLE", occupation="FACTORY", release_type="AMNESTY"),
    Person(5, stay="left", end_reason="MOVED"),
    Person(6, status="STABLE", occupation="FARMING", orgs=("FARMERS", "OTHER"), loan="2025-03-18 2026-03-20"),
    Person(6, orgs=("VETERANS",)),
    Person(6, stay="new", status="UNSTABLE", occupation="FREELANCE", release_type="CONDITIONAL"),
    Person(6, status="STABLE", occupation="FACTORY", release_type="AMNESTY"),
    Person(7, status="STABLE", occupation="SERVICE", orgs=("WOMEN",), sex="F"),
    Person(7, status="UNSTABLE", occupation="FREELANCE"),
    Person(7, orgs=("OTHER",)),
    Person(7, stay="gone", end_reason="REOFFENDED"),
    Person(7, status="STABLE", occupation="MASON", orgs=("ELDERLY",)),
    Person(7, stay="probation", release_type="CONDITIONAL"),
)
"""May 2026: 24 managed, every organisation at work; nobody in hamlet 8."""
