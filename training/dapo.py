"""DAPO (arXiv 2503.14476): token-level loss, a higher upper clip, soft overlong punishment, dynamic sampling, no KL.

    python -m training.dapo --config training/configs/dapo_tiny.yaml [--home DIR] [--out DIR]

Rewards accuracy and length; groups are filtered on accuracy. Reads shards/rl; writes <home>/training/dapo.
"""

from pathlib import Path
from typing import Any

from training import command, policy
from training.config import DapoConfig
from training.rewards import LengthReward, accuracy_reward


def run(config: DapoConfig, home_root: Path, out: Path | None = None) -> dict[str, Any]:
    """Train and return the result; see training/policy.py. `groups` counts what dynamic sampling did."""

    def make_trainer(arguments: Any, **shared: Any) -> Any:
        from training.dynamic_sampling import DynamicSamplingTrainer

        return DynamicSamplingTrainer(
            filter_reward="accuracy_reward",
            max_resample=config.max_resample,
            reward_funcs=[accuracy_reward, LengthReward(config.max_completion_tokens, config.overlong_cache)],
            args=arguments(loss_type="dapo", reward_weights=[config.accuracy_weight, config.length_weight]),
            **shared,
        )

    return policy.run("dapo", config, home_root, out, make_trainer)


if __name__ == "__main__":
    command.main("dapo", DapoConfig, run)
