"""Replies are read strictly."""

import json

import pytest

from assets.cot.plan import Cell
from assets.cot.replies import NotAsAsked, read_turns
from tests.cot.pairs import book_pairs

CELL = Cell(book_pairs()[0], "mcq", "easy", "0" * 20)
MCQ = {
    "question": "Which one?",
    "reasoning": "The nests are solid.",
    "right": "Nests",
    "wrong": ["Cords", "Rows", "Tubes"],
}
SINGLE = {"question": "Which one?", "reasoning": "The nests are solid.", "answer": "Nests."}


@pytest.mark.parametrize("wrap", ["{}", "```json\n{}\n```", "Here it is:\n{}\nDone.", "```\n{}"])
def test_fences_and_words_around_are_dropped(wrap: str) -> None:
    turns, question, options = read_turns(CELL, "mcq", wrap.replace("{}", json.dumps(MCQ)))
    assert question == "Which one?" and sorted(options) == ["Cords", "Nests", "Rows", "Tubes"]
    assert options["ABCD".index(turns[0][2])] == "Nests"


@pytest.mark.parametrize(
    ("schema", "reply"),
    [
        ("mcq", "no json"),
        ("mcq", json.dumps(MCQ)[:-5]),
        ("mcq", json.dumps(MCQ) + json.dumps(MCQ)),
        ("mcq", json.dumps(MCQ | {"wrong": ["Cords", "Rows"]})),
        ("mcq", json.dumps(MCQ | {"right": 3})),
        ("mcq", json.dumps(MCQ | {"extra": 1})),
        ("mcq", json.dumps(MCQ).replace('"Nests"', "NaN")),
        ("single", json.dumps(SINGLE | {"answer": "<think>x</think>"})),
        ("single", json.dumps(SINGLE | {"answer": None})),
        ("conversation", json.dumps({"turns": [SINGLE]})),
    ],
)
def test_what_does_not_fit_is_refused(schema: str, reply: str) -> None:
    with pytest.raises(NotAsAsked):
        read_turns(CELL, schema, reply)
