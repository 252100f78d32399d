import csv
from pathlib import Path
from typing import Any

import pytest
import torch

from assets.errors import BadInput
from tests.training import samples
from training import dapo, grpo, policy
from training.config import DapoConfig, GrpoConfig
from training.data import load_rows, shard_files
from training.dynamic_sampling import DynamicSamplingTrainer

SIZE = 4


def dapo_settings(opening: Path, **changes: Any) -> DapoConfig:
    values: dict[str, Any] = {
        **samples.STEPS, **samples.SIZES, "model": str(opening), "steps": 2, "batch": 4, "generations": SIZE,
        "temperature": 1.0, "max_completion_tokens": 8, "epsilon_low": 0.2, "epsilon_high": 0.28, "beta": 0.0,
        "accuracy_weight": 0.5, "length_weight": 0.5, "overlong_cache": 4, "max_resample": 2, "learning_rate": 0.001,
    }  # fmt: skip
    return DapoConfig(**(values | changes))


def grpo_settings(opening: Path, **changes: Any) -> GrpoConfig:
    gone = ("length_weight", "overlong_cache", "max_resample")
    values = {name: value for name, value in dapo_settings(opening).model_dump().items() if name not in gone}
    return GrpoConfig(**(values | {"beta": 0.04, "epsilon_high": 0.2, "format_weight": 0.1} | changes))


class Scripted:
    """Rewards by question: some earn always 0, some always 1, all others alternate within their group."""

    __name__ = "accuracy_reward"

    def __init__(self, always_0: set[str], always_1: set[str]) -> None:
        self.always = dict.fromkeys(always_0, 0.0) | dict.fromkeys(always_1, 1.0)

    def __call__(self, row_id: list[str], **_: Any) -> list[float]:
        return [self.always.get(name, float(index % 2)) for index, name in enumerate(row_id)]


def trainer(corpus: Path, opening: Path, work: Path, reward: Any, **changes: Any) -> DynamicSamplingTrainer:
    from trl import GRPOConfig

    from training.checkpoints import load_processor

    config = dapo_settings(opening, **changes)
    rows = policy.questions(load_rows(shard_files(corpus, "rl", "train"), work / "cache"), config)
    return DynamicSamplingTrainer(
        filter_reward="accuracy_reward",
        max_resample=config.max_resample,
        model=str(opening),
        reward_funcs=[reward],
        args=GRPOConfig(
            output_dir=str(work), report_to="none", per_device_train_batch_size=config.batch * SIZE, bf16=False,
            num_generations=SIZE, max_completion_length=8, model_init_kwargs={"dtype": "float32"}, beta=0.0,
        ),
        train_dataset=rows,
        processing_class=load_processor(opening, **samples.SIZES),
    )  # fmt: skip


def batch_of(made: DynamicSamplingTrainer, *indices: int) -> list[dict[str, Any]]:
    made.model.train()
    return [made.questions[index] for index in indices for _ in range(SIZE)]


def names(groups: list[Any]) -> list[str]:
    for group in groups:
        assert len(group.rows) == SIZE and len({row["row_id"] for row in group.rows}) == 1
    return [group.rows[0]["row_id"] for group in groups]


def counts(made: DynamicSamplingTrainer) -> dict[str, float]:
    return {name.split("/")[1]: v[-1] for name, v in made._metrics["train"].items() if name.startswith("groups/")}


def test_all_wrong_and_all_right_groups_are_replaced(corpus: Path, opening: Path, tmp_path: Path) -> None:
    made = trainer(corpus, opening, tmp_path, Scripted({"row0000"}, {"row0001"}))
    chosen = names(made._groups_with_signal(batch_of(made, 0, 1, 2, 3)))
    assert chosen[:2] == ["row0002", "row0003"]
    assert len(set(chosen)) == 4 and not {"row0000", "row0001"} & set(chosen)
    assert counts(made) == {"attempts": 1, "generated": 6, "kept": 4, "dropped": 2, "unfilled": 0}
    assert chosen == names(
        made._groups_with_signal(batch_of(made, 0, 1, 2, 3))
    )  # drawn from the step, not from a state


def test_what_cannot_be_filled_is_counted(corpus: Path, opening: Path, tmp_path: Path) -> None:
    everything = {f"row{index:04d}" for index in range(16)}
    made = trainer(corpus, opening, tmp_path, Scripted(everything - {"row0003"}, set()))
    chosen = names(made._groups_with_signal(batch_of(made, 0, 1, 2, 3)))
    assert chosen[0] == "row0003" and len(set(chosen)) == 4
    assert counts(made) == {"attempts": 2, "generated": 10, "kept": 1, "dropped": 9, "unfilled": 3}


def test_no_question_is_tried_twice_in_a_step(corpus: Path, opening: Path, tmp_path: Path) -> None:
    everything = {f"row{index:04d}" for index in range(16)}
    made = trainer(corpus, opening, tmp_path, Scripted(set(), everything), max_resample=20)
    made._groups_with_signal(batch_of(made, 0, 1, 2, 3))
    assert counts(made)["generated"] == 16 and counts(made)["unfilled"] == 4


def test_the_chosen_groups_are_what_is_trained_on(corpus: Path, opening: Path, tmp_path: Path) -> None:
    made = trainer(corpus, opening, tmp_path, Scripted({"row0000"}, {"row0001"}))
    output = made._generate_and_score_completions(batch_of(made, 0, 1, 2, 3))
    advantages = output["advantages"].view(4, SIZE)
    assert (advantages.abs() > 0.5).all() and torch.allclose(advantages.sum(1), torch.zeros(4), atol=1e-5)
    assert output["image_grid_thw"].shape[0] == 4 * SIZE
    assert made._replay is None


def test_groups_without_signal_have_no_advantage(corpus: Path, opening: Path, tmp_path: Path) -> None:
    made = trainer(corpus, opening, tmp_path, Scripted({"row0000"}, {"row0001"}), max_resample=0)
    advantages = made._generate_and_score_completions(batch_of(made, 0, 1, 2, 3))["advantages"].view(4, SIZE)
    assert (advantages[2:] == 0).all() and (advantages[:2] != 0).all()


def test_dapo_from_shards_to_checkpoint(corpus: Path, opening: Path, tmp_path: Path) -> None:
    """An untrained model earns nothing: the job ends all the same, and says so."""
    result = dapo.run(dapo_settings(opening), corpus, tmp_path / "dapo")
    assert result["steps"] == 2 and set(result["rewards_last"]) == {"accuracy_reward", "length_reward"}
    groups = result["groups"]
    assert groups["generated"] == groups["kept"] + groups["dropped"]
    assert groups["unfilled"] == max(0, 8 - groups["kept"])
    assert "groups/unfilled" in (tmp_path / "dapo" / "loss.csv").read_text(encoding="utf-8").splitlines()[0]
    assert result["kl_last"] is None


def test_grpo_moves_away_from_its_reference_model(corpus: Path, opening: Path, tmp_path: Path) -> None:
    from training.dynamic_sampling import PolicyTrainer

    def make_trainer(arguments: Any, **shared: Any) -> Any:
        return PolicyTrainer(reward_funcs=[Scripted(set(), set())], args=arguments(loss_type="grpo"), **shared)

    settings = grpo_settings(opening, steps=4)
    result = policy.run("grpo", settings, corpus, tmp_path / "grpo", make_trainer)
    with open(tmp_path / "grpo" / "loss.csv", encoding="utf-8") as handle:
        kl = [float(row["kl"]) for row in csv.DictReader(handle)]
    assert kl[0] == pytest.approx(0, abs=1e-6) and kl[-1] > 1e-4
    assert result["model_hash"] != result["opening_hash"]


def test_a_killed_run_goes_on_bit_by_bit(corpus: Path, opening: Path, tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def making(killed_at: int | None) -> policy.MakeTrainer:
        class Reward(Scripted):
            def __call__(self, row_id: list[str], **others: Any) -> list[float]:
                if others["trainer_state"].global_step == killed_at:
                    raise Killed
                return super().__call__(row_id)

        def make_trainer(arguments: Any, **shared: Any) -> Any:
            reward = Reward({"row0000", "row0004", "row0008"}, {"row0001", "row0005"})
            own = {"filter_reward": "accuracy_reward", "max_resample": 1, "reward_funcs": [reward]}
            return DynamicSamplingTrainer(**own, args=arguments(loss_type="dapo"), **shared)

        return make_trainer

    settings = dapo_settings(opening, steps=4, save_every=2)
    whole = policy.run("dapo", settings, corpus, tmp_path / "whole", making(None))
    with pytest.raises(Killed):
        policy.run("dapo", settings, corpus, tmp_path / "cut", making(3))
    assert not (tmp_path / "cut").exists()
    again = policy.run("dapo", settings, corpus, tmp_path / "cut", making(None))
    assert again["model_hash"] == whole["model_hash"] and again["groups"] == whole["groups"]


def test_grpo_from_shards_to_checkpoint(corpus: Path, opening: Path, tmp_path: Path) -> None:
    result = grpo.run(grpo_settings(opening, steps=1), corpus, tmp_path / "grpo")
    assert result["steps"] == 1 and set(result["rewards_last"]) == {"format_reward", "accuracy_reward"}
    assert result["kl_last"] == pytest.approx(0, abs=1e-6)
    assert not grpo.run(grpo_settings(opening, steps=1), corpus, tmp_path / "grpo")["changed"]


def test_fewer_questions_than_a_step_needs(opening: Path, tmp_path: Path) -> None:
    home = samples.write_corpus(tmp_path / "home", {("rl", "train"): [samples.rl_row(0)]})
    with pytest.raises(BadInput, match="holds 1 questions, but batch asks for 4"):
        grpo.run(grpo_settings(opening), home)
