import pytest

from training.rewards import LengthReward, accuracy_reward, format_reward

OPTIONS = ["Adenoma", "Carcinoma"]
OUTPUTS = {  # output: (well formed, right when B is)
    "<think>Atypia.</think><answer>B</answer>": (1.0, 1.0),
    "<think>Atypia.</think><answer>A</answer>": (1.0, 0.0),
    "<think>Atypia.</think>\n<answer>B. Carcinoma</answer>": (1.0, 1.0),
    "<answer>B</answer>": (0.0, 1.0),
    "<think>B</think>": (0.0, 0.0),
    "<think>It must be B": (0.0, 0.0),
    "<think>a</think><answer>B</answer> and more": (0.0, 1.0),
    "<think>a</think><answer>A or B</answer>": (1.0, 0.0),
    "": (0.0, 0.0),
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_format_and_accuracy(output: str) -> None:
    completion = [[{"role": "assistant", "content": output}]]
    well_formed, right = OUTPUTS[output]
    assert format_reward(completions=completion, trainer_state=None) == [well_formed]
    assert accuracy_reward(completions=completion, answer=["B"], options=[OPTIONS], trainer_state=None) == [right]


def test_overlong_outputs_lose_linearly() -> None:
    reward = LengthReward(max_completion_tokens=100, overlong_cache=20)
    lengths = [1, 80, 81, 90, 99, 100, 130]
    assert reward(completion_ids=[[0] * n for n in lengths]) == pytest.approx([0, 0, -0.05, -0.5, -0.95, -1, -1])


def test_the_length_reward_is_that_of_trl() -> None:
    from trl.rewards import get_soft_overlong_punishment

    ids = [[0] * n for n in range(1, 101)]
    ours = LengthReward(max_completion_tokens=100, overlong_cache=20)(completion_ids=ids)
    assert ours == pytest.approx(get_soft_overlong_punishment(100, 20)(ids))
