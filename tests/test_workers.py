"""Workers end with the run that they work for, also with one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from pipeline.alive import is_alive

_RUN = """
import os, time
from pipeline.readers import Readers, answer
from pipeline.workers import Workers

if __name__ == "__main__":
    writing, reading = Workers(2), Readers(2)
    print(*{call.result() for call in [writing.submit(os.getpid) for _ in range(4)]},
          *{answer(call) for call in [reading.submit(os.getpid) for _ in range(4)]}, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_no_worker_outlives_a_run_that_is_killed(tmp_path: os.PathLike[str]) -> None:
    script = os.path.join(tmp_path, "run.py")  # noqa: PTH118
    with open(script, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(_RUN)
    run = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()})  # noqa: PTH109
    assert run.stdout
    workers = [int(pid) for pid in run.stdout.readline().split()]
    assert len(workers) >= 2
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + 20
    while any(is_alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in workers if is_alive(pid)] == []
