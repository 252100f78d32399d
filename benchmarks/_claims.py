"""What every benchmark prints: one JSON line per claim on stdout, nothing else; progress goes to stderr."""

import json
import sys
import time
from typing import Literal

_started = time.monotonic()


def claim(
    text: str, value: float, unit: str, goal: float | None = None, better: Literal["higher", "lower"] = "higher"
) -> bool:
    """Print a claim and return whether it holds; one without a goal is a measurement and always holds."""
    holds = goal is None or (value >= goal if better == "higher" else value <= goal)
    line = {"claim": text, "value": round(value, 4), "unit": unit, "goal": goal, "better": better, "holds": holds}
    print(json.dumps({**line, "seconds": round(time.monotonic() - _started, 1)}, ensure_ascii=False), flush=True)
    return holds


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
