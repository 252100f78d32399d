"""GRPO (arXiv 2402.03300): reinforcement learning with a KL term against the starting model.

    python -m training.grpo --config training/configs/grpo_tiny.yaml [--home DIR] [--out DIR]

Rewards form and accuracy. Reads shards/rl; writes <home>/training/grpo.
"""

from pathlib import Path
from typing import Any

from training import command, policy
from training.config import GrpoConfig
from training.rewards import accuracy_reward, format_reward


def run(config: GrpoConfig, home_root: Path, out: Path | None = None) -> dict[str, Any]:
    """Train and return the result; see training/policy.py."""

    def make_trainer(arguments: Any, **shared: Any) -> Any:
        from training.dynamic_sampling import PolicyTrainer

        return PolicyTrainer(
            reward_funcs=list[Any]([format_reward, accuracy_reward]),
            args=arguments(loss_type="grpo", reward_weights=[config.format_weight, config.accuracy_weight]),
            **shared,
        )

    return policy.run("grpo", config, home_root, out, make_trainer)


if __name__ == "__main__":
    command.main("grpo", GrpoConfig, run)
