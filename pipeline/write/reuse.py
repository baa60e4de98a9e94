"""Reuse: a workbook that would say just what it says already is copied instead of being written again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from pipeline.find import try_hash
from pipeline.ledger import Written


class Reuse:
    """Compares what a workbook is about to be made from with what the published one was made from."""

    def __init__(self, old: Path, known: Mapping[str, Written], rules: str = "") -> None:
        """Prepare; `old` is the published folder, `known` what its workbooks were made from, `rules` what else decides."""
        self._old, self._known, self._rules = old, known, rules
        self._signatures: dict[str, str] = {}
        self.spared: set[str] = set()

    def take(self, folder: Path, path: str, content: object) -> bool:
        """Copy the published workbook `path` into `folder` when it was made from the same content and nobody touched it."""
        signature = hashlib.sha256(f"{self._rules}|{content!r}".encode()).hexdigest()
        self._signatures[path] = signature
        known = self._known.get(path)
        if known is None or known.signature != signature or try_hash(self._old / path) != known.sha256:
            return False
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._old / path, target)
        self.spared.add(path)
        return True

    def written(self, folder: Path) -> dict[str, Written]:
        """Return what to remember of the workbooks in `folder`."""
        return {path: Written(signature, try_hash(folder / path)) for path, signature in self._signatures.items()}
