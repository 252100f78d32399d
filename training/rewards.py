"""Rewards that rules can check, in the form that TRL calls: lists in, one float per completion out.

`completions` are lists of one assistant message each; `answer` (letter) and `options` (texts) are columns of the RL
shards. Outputs are read through assets/answers.py, as filters and evaluation do. How the rewards are weighed against
each other is a matter of the job's settings.
"""

from typing import Any

from assets.answers import read_answer

Completions = list[list[dict[str, str]]]


def format_reward(completions: Completions, **_: Any) -> list[float]:
    """1 for exactly one think block, then one answer block, and nothing else; otherwise 0."""
    return [float(read_answer(turns[0]["content"], None).well_formed) for turns in completions]


def accuracy_reward(
    completions: Completions, answer: list[str], options: list[list[str]], **_: Any
) -> list[float]:  # fmt: skip
    """1 when the output names the right letter; an output that names none, or was cut off, gets 0."""
    return [
        float(read_answer(turns[0]["content"], texts).letter == letter)
        for turns, letter, texts in zip(completions, answer, options, strict=True)
    ]


class LengthReward:
    """0 down to -1 as an output runs into its limit: the soft overlong punishment of DAPO (arXiv 2503.14476, eq. 13).

    With limit L and cache C (tokens): 0 up to L - C, then linear, -1 at L and beyond. A shorter output earns nothing.
    """

    __name__ = "length_reward"  # TRL names the column of its logs after this

    def __init__(self, max_completion_tokens: int, overlong_cache: int) -> None:
        self.limit, self.cache = max_completion_tokens, overlong_cache

    def __call__(self, completion_ids: list[list[int]], **_: Any) -> list[float]:
        over = [len(ids) - (self.limit - self.cache) for ids in completion_ids]
        return [-min(max(tokens / self.cache, 0.0), 1.0) for tokens in over]
