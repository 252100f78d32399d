"""GRPO that replaces groups without signal: DAPO's dynamic sampling (arXiv 2503.14476, section 3.2), which TRL lacks.

A group is the completions of one prompt. When all of them earn the same, its advantages and so its gradient are zero;
such groups are set aside and fresh prompts are drawn for them, `max_resample` times a step. What is then still missing
is filled with groups that were set aside, and counted as unfilled.

Overrides private methods of trl 1.16.0 (_generate, _calculate_rewards, _generate_and_score_completions): the pin and
tests/training/test_dynamic_sampling.py hold them. One process only.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from trl import GRPOTrainer
from trl.data_utils import prepare_multimodal_messages

from training.checkpoints import ExactResumeMixin

SIGNAL = 1e-6  # smallest difference of rewards within a group that counts
COUNTS = ("attempts", "generated", "kept", "dropped", "unfilled")


@dataclass
class Group:
    """One prompt's completions: its row repeated, TRL's per-sample lists, rewards (completions x functions)."""

    rows: list[dict[str, Any]]
    generated: list[list[Any] | None]
    rewards: torch.Tensor

    def spread(self, column: int) -> float:
        """Largest minus smallest reward: not their deviation, whose threshold would depend on the group's size."""
        return float(self.rewards[:, column].max() - self.rewards[:, column].min())


class PolicyTrainer(ExactResumeMixin, GRPOTrainer):
    """TRL's GRPOTrainer that resumes with its weights."""


class DynamicSamplingTrainer(PolicyTrainer):
    """`filter_reward` names the reward function that decides whether a group has signal.

    It should be the accuracy: an overlong penalty differs within a group whose answers are all right.
    """

    def __init__(self, *, filter_reward: str, max_resample: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.accelerator.num_processes > 1:
            raise NotImplementedError("dynamic sampling filters whole groups on one process only")
        self.group_size: int = kwargs["args"].num_generations
        self.questions: Any = kwargs["train_dataset"]
        self.filter_column = self.reward_func_names.index(filter_reward)
        self.max_resample = max_resample
        self._replay: tuple[Any, torch.Tensor] | None = None

    def _generate(self, prompts: list[Any]) -> Any:
        return self._replay[0] if self._replay else super()._generate(prompts)

    def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any) -> Any:
        if self._replay:
            return self._replay[1]
        return super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> Any:
        if not self.model.training:
            return super()._generate_and_score_completions(inputs)
        groups = self._groups_with_signal(inputs)
        self._replay = _joined(groups), torch.cat([group.rewards for group in groups])
        try:
            return super()._generate_and_score_completions([row for group in groups for row in group.rows])
        finally:
            self._replay = None

    def _groups_with_signal(self, inputs: list[dict[str, Any]]) -> list[Group]:
        """As many groups as `inputs` holds, those with signal first."""
        need = len(inputs) // self.group_size
        kept: list[Group] = []
        aside: list[Group] = []
        attempt = 0
        batch = inputs
        while batch:
            for group in self._drawn(batch):
                (kept if group.spread(self.filter_column) > SIGNAL else aside).append(group)
            if len(kept) >= need or attempt == self.max_resample:
                break
            attempt += 1
            batch = self._fresh_rows(attempt, need - len(kept), {group.rows[0]["row_id"] for group in kept + aside})
        figures = (attempt, len(kept) + len(aside), len(kept), len(aside), max(0, need - len(kept)))
        for name, value in zip(COUNTS, figures, strict=True):
            self._metrics["train"][f"groups/{name}"].append(float(value))
        return (kept + aside)[:need]

    def _drawn(self, rows: list[dict[str, Any]]) -> list[Group]:
        """Generate and reward completions for rows that come in groups of `num_generations`."""
        prompts = [prepare_multimodal_messages(row["prompt"], images=row["images"]) for row in rows]
        generated = super()._generate(prompts)
        rewards = super()._calculate_rewards(rows, prompts, generated[3], generated[1])
        size = self.group_size
        groups = []
        for start in range(0, len(rows), size):
            part = slice(start, start + size)
            lists = [member[part] if isinstance(member, list) and member else None for member in generated]
            if any(member for member in generated if not isinstance(member, list)):
                raise NotImplementedError("dynamic sampling knows no extra fields of a rollout")
            groups.append(Group(rows[part], lists, rewards[part]))
        return groups

    def _fresh_rows(self, attempt: int, prompts: int, tried: set[str]) -> list[dict[str, Any]]:
        """Prompts that this step has not tried, each repeated; none when the data set is used up.

        Drawn from (seed, global step, attempt) and no running generator, so that a resumed run draws the same.
        """
        order = np.random.default_rng([self.args.seed, self.state.global_step, attempt])
        fresh: list[dict[str, Any]] = []
        for index in order.permutation(len(self.questions)):
            if len(fresh) == prompts:
                break
            row = self.questions[int(index)]
            if row["row_id"] not in tried:
                fresh.append(row)
        return [row for row in fresh for _ in range(self.group_size)]


def _joined(groups: list[Group]) -> Any:
    """TRL's 8-tuple of `_generate` for the chosen groups; members that were no lists go back to what they were."""
    members: list[Any] = []
    for position in range(8):
        lists = [group.generated[position] for group in groups]
        members.append(None if None in lists else [item for part in lists for item in part or []])
    members[5] = {}  # extra fields of a rollout
    members[7] = members[7] or []  # pictures from tools
    return tuple(members)
