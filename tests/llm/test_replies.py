"""Every shape in which providers send reasoning ends in one form, without tags in the answer."""

import json

import pytest

from assets.llm.replies import Unusable, read_reply
from tests.servers.openai_server import completion


@pytest.mark.parametrize(
    ("fields", "reasoning", "text"),
    [
        ({"content": "B"}, "", "B"),
        ({"content": "B", "reasoning_content": "why"}, "why", "B"),
        ({"content": "B", "reasoning": "why"}, "why", "B"),
        ({"content": "<think>why</think>\nB"}, "why", "B"),
        ({"content": "why</think>B"}, "why", "B"),
        ({"content": "<think></think>B"}, "", "B"),
        ({"content": "<think>a<think>b</think>c</think>B"}, "abc", "B"),
        ({"content": "<think>cut off in thou"}, "cut off in thou", ""),
        ({"content": "<THINK>why</THINK> B"}, "why", "B"),
        ({"content": "<think>x</think>B", "reasoning_content": "<think>why</think>"}, "why", "B"),
        ({"content": [{"type": "text", "text": "B"}]}, "", "B"),
        ({"content": None, "reasoning_content": "why"}, "why", ""),
    ],
)
def test_reasoning_is_one_field(fields: dict, reasoning: str, text: str) -> None:
    reply = read_reply(completion(fields))
    assert (reply.reasoning, reply.text) == (reasoning, text)


def test_usage_is_flat_and_optional() -> None:
    reply = read_reply(completion({"content": "B"}))
    assert reply.usage == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10, "reasoning_tokens": 2}
    bare = json.loads(completion({"content": "B"}))
    del bare["usage"]
    assert read_reply(json.dumps(bare)).usage == {}


@pytest.mark.parametrize("body", ["", "   ", "<html>", "[]", "null", '{"error": {"message": "x"}}', '{"choices": []}',
                                  '{"choices": [{}]}', '{"choices": ["x"]}', '{"choices": [{"message'])  # fmt: skip
def test_what_is_no_completion_is_said_to_be_none(body: str) -> None:
    with pytest.raises(Unusable):
        read_reply(body)
