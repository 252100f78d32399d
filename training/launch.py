"""Start a training module in a process of its own and take its result; for the command line and Dagster.

result = run_module("training.sft", home.root, "--config", "my.yaml")

Imports nothing heavy: the process keeps torch and its memory to itself.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from assets.errors import BadInput


class ModuleFailed(Exception):
    """A training module that ended with an error; what it said stands on its stderr. `code` below 0 is a signal's."""

    def __init__(self, module: str, code: int) -> None:
        super().__init__(
            f"{module} ended with exit code {code}" if code > 0 else f"{module} was killed, signal {-code}"
        )
        self.code = code


def run_module(
    module: str, home_root: Path, *options: str, hear: Callable[[str], None] | None = None
) -> dict[str, Any]:  # fmt: skip
    """Run `python -m MODULE --home HOME --json …` and return the result that it prints. It ends with this process.

    Its stderr (progress, then the error if there is one) goes to this process's stderr, or line by line to `hear`.
    Raises ModuleFailed, and BadInput without torch.
    """
    if not find_spec("torch"):
        raise BadInput(
            "torch is not installed; install the training extra: pip install -c constraints.txt -e '.[train]'"
        )
    command = [sys.executable, "-u", "-m", module, "--home", str(home_root), "--json", *options]
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(
            command, stdout=answer, stderr=subprocess.PIPE if hear else None,
            text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        try:
            for line in process.stderr or ():
                if hear and line.strip():
                    hear(line.rstrip())
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if code:
            raise ModuleFailed(module, code)
        answer.seek(0)
        return json.loads(answer.read())
