"""Check: the findings of single workbooks, without publishing anything."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipeline.collect import Job, collect, gather
from pipeline.edition import choose_edition
from pipeline.fault import Fault
from pipeline.find import Source, as_source
from pipeline.finding import Finding, load_catalogue, order
from pipeline.form import load_form
from pipeline.place import place_workbooks
from pipeline.readers import Readers
from pipeline.register import read_register
from pipeline.secrets_file import secrets_folder
from pipeline.settings import Settings
from pipeline.word import Speaker


def check_files(paths: Sequence[Path], settings: Settings, today: date, *, isolated: bool = True) -> list[Finding]:
    """Read and judge the given workbooks as a run would, against the register of inputs/ where there is one.

    Nothing is written, not even a key: people are compared within these files alone.

    Raises Fault when a path is no file.
    """
    for path in paths:
        if not path.is_file():
            raise Fault(f"Không thấy tệp {path.name}.")
    from pipeline.judge import drop_repeated, judge_tables
    from pipeline.merge import merge_tables
    from pipeline.validate import load_suites

    form = load_form()
    speaker = Speaker(form, load_catalogue(settings.expectations_folder / "messages.csv"))
    readers = Readers(1, isolated=isolated)
    try:
        with secrets_folder() as private:
            jobs = [Job(number, source) for number, source in enumerate(_sources(paths))]
            collected = gather(collect(jobs, secrets.token_bytes(32), readers, private))
    finally:
        readers.close()
    if not settings.period and not any(book.period for book in collected.workbooks):
        settings = replace(settings, period=f"{today:%Y-%m}")
    edition = choose_edition(collected.workbooks, settings, today, {})
    intake = place_workbooks(collected.workbooks, read_register(settings.inputs), edition, speaker)
    frames = merge_tables(collected, intake.placed, form)
    judged = judge_tables(frames, intake.placed, edition, load_suites(settings.expectations_folder), speaker)
    return order(drop_repeated(intake.findings, judged.findings))


def _sources(paths: Sequence[Path]) -> list[Source]:
    """Take each file once; files of one name are called by the whole path that was given."""
    given = [as_source(path) for path in dict.fromkeys(paths)]
    times = Counter(source.name for source in given)
    return [source._replace(name=source.path.as_posix()) if times[source.name] > 1 else source for source in given]
