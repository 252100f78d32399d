"""Filters: pure functions sample → verdict. They never delete; the shards read what they say.

verdicts = judge(sample, pair)      # one Verdict per rule of RULES, always all of them
"""

from collections.abc import Callable

from assets.filters import language, leak, refusal, repetition, schema
from assets.records import Pair, Sample, Verdict

# name of the rule → (version, function)
RULES: dict[str, tuple[str, Callable[[Sample, Pair | None], Verdict]]] = {
    module.RULE: (module.VERSION, module.judge) for module in (schema, leak, repetition, language, refusal)
}


def judge(sample: Sample, pair: Pair | None) -> list[Verdict]:
    """What every rule says of one state of a sample, in the order of RULES. `pair` is null where it is not known."""
    return [rule(sample, pair) for _, rule in RULES.values()]
