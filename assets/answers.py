"""The one strict reader of `<think>…</think><answer>…</answer>` outputs: filters, rewards and evaluation all use it.

    from assets.answers import read_answer
    read_answer("<think>Atypical glands.</think><answer>B</answer>", ["Adenoma", "Carcinoma"]).letter   # "B"

What a model means is accepted in this order, and nothing is guessed:

1. a bare letter: `B`, `(b)`, `**B**`, `\\boxed{B}`, `{"answer": "B"}`, `Option B`, `选项B`
2. a letter with text: `B. Carcinoma`, unless the text is that of another option
3. one declared answer: `The answer is B`, `答案：B`, `故选B`; two different declared letters are no answer
4. one option text and no other, not negated

All else is unparsed, which evaluation counts as wrong. Closed think blocks are dropped first; an open one means that
the output was cut off. Common harnesses draw a random option instead, which hides such failures.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

LETTERS = "ABCDEFGHIJ"
Status = Literal["parsed", "unparsed", "truncated"]

_THINK_TAG = re.compile(r"<(/?)think>", re.IGNORECASE)
_ANSWER_TAG = re.compile(r"<(/?)answer>", re.IGNORECASE)
_FORM = re.compile(r"\s*<think>(.*?)</think>\s*<answer>(.*?)</answer>\s*", re.DOTALL)
_ANY_TAG = re.compile(r"</?(?:think|answer)>", re.IGNORECASE)
_FENCE = re.compile(r"^```[a-z]*\s*(.*?)\s*```$", re.DOTALL | re.IGNORECASE)
_BOXED = re.compile(r"^\$*\\boxed\{\s*(?:\\text\{)?(.*?)\}*\$*\.?$", re.DOTALL)
_NAMED = re.compile(r"^(?:option|choice|选项)\s*", re.IGNORECASE)
_LETTER_TEXT = re.compile(r"^[(\[]?([A-Ja-j])(?:(?:[)\].:,、]|\s+[-–—])+|[ \t]*(?=\n))\s*(\S.*)$", re.DOTALL)
_LETTER_LIST = re.compile(r"^(?:[,/&+、;或和及与]|(?:and|or)\b)?\s*[(\[]?[A-J](?![A-Za-z])")
_DECLARED = [
    re.compile(
        r"(?:(?:answer|choice|option|diagnosis)\s*(?:is|:|=|would be|must be)|\b(?:choose|select|pick)s?)\s*"
        r"(?:option\s*|choice\s*|letter\s*)?[(\[*\s]*([A-Ja-j])(?![A-Za-z&-])",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:答案(?:应?该?[为是])?[:\s]*|故?应?(?<!挑)选择?(?:项)?[:\s]*)(?:选项)?[(\[*\s]*([A-Ja-j])(?![A-Za-z&-])"
    ),
]
_NEGATION = re.compile(
    r"\b(?:not|no|nor|never|neither|without|exclud\w*|rul\w+ out|rather than|instead of|unlikely|against|wrong)\b"
    r"|n't\b|不|非|无|未|排除|否定|并非"
)
_NEGATED_AFTER = re.compile(
    r"^[^.;。；]{0,40}?"
    r"(?:\b(?:not|no|never|unlikely|wrong|incorrect|excluded|ruled out|less likely)\b|n't\b|不|错|排除)"
)
_CLAUSE_END = re.compile(r"[.;:!?。；：！？\n]|,\s*(?:but|so|thus|hence|it is)\b|，|,(?=[\u4e00-\u9fff]|$)")


@dataclass(frozen=True)
class Answer:
    """What an output says. `reasoning` and `text` are stripped; null where the output holds none."""

    letter: str | None
    text: str | None
    reasoning: str | None
    status: Status
    well_formed: bool


def read_answer(output: str, options: list[str] | None) -> Answer:
    """Read one model output; `options` are the option texts in order A, B, …, None for free text.

    With options, `letter` is the option that was chosen and `text` its option text; without, `text` is the answer
    itself. `well_formed` says that the output is exactly one non-empty think block, then one non-empty answer block,
    and nothing else, whatever the answer says.
    """
    form = is_well_formed(output)
    reasoning, rest, closed = _split_thinking(output)
    if not closed:
        return Answer(None, None, reasoning, "truncated", False)
    body = _answer_body(rest)
    if body is None:
        return Answer(None, None, reasoning, "truncated", False)
    if not options:
        return Answer(None, body or None, reasoning, "parsed" if body else "unparsed", form)
    letter = _read_letter(body, options)
    if letter is None:
        return Answer(None, None, reasoning, "unparsed", form)
    return Answer(letter, options[LETTERS.index(letter)], reasoning, "parsed", form)


def write_answer(reasoning: str, answer: str) -> str:
    """The content of an assistant turn, as `read_answer` finds it well formed."""
    return f"<think>{reasoning}</think><answer>{answer}</answer>"


def is_well_formed(output: str) -> bool:
    """Exactly `<think>…</think><answer>…</answer>`, both with content, blanks allowed around them."""
    match = _FORM.fullmatch(output)
    if not match or not match.group(1).strip() or not match.group(2).strip():
        return False
    return not any(_ANY_TAG.search(part) for part in match.groups())


def _split_thinking(output: str) -> tuple[str | None, str, bool]:
    """(reasoning, text outside of think blocks, whether all blocks are closed); a lost opening tag is put back."""
    inside: list[str] = []
    outside: list[str] = []
    depth = start = 0
    for tag in _THINK_TAG.finditer(output):
        piece = output[start : tag.start()]
        start = tag.end()
        if tag.group(1) and depth == 0:
            # Some chat templates send the opening tag themselves: all that came before was thinking.
            inside += [*outside, piece]
            outside = []
        else:
            (inside if depth else outside).append(piece)
            depth += -1 if tag.group(1) else 1
    (inside if depth else outside).append(output[start:])
    reasoning = "\n".join(piece.strip() for piece in inside if piece.strip())
    return reasoning or None, "".join(outside), depth == 0


def _answer_body(rest: str) -> str | None:
    """Content of the last answer block, else the whole rest; None when the last block was cut off."""
    tags = list(_ANSWER_TAG.finditer(rest))
    if tags and not tags[-1].group(1):
        return None
    for opening, closing in zip(tags[-2::-1], tags[:0:-1], strict=False):
        if closing.group(1) and not opening.group(1):
            return rest[opening.end() : closing.start()].strip()
    return _ANSWER_TAG.sub("", rest).strip()


def _plain(text: str) -> str:
    """Without code fence, JSON, box and emphasis; full-width letters and brackets in their usual form."""
    text = unicodedata.normalize("NFKC", text).strip()
    if match := _FENCE.match(text):
        text = match.group(1)
    if text.startswith("{"):
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if isinstance(value, dict):
            named = [value[key] for key in ("answer", "choice", "option", "答案") if isinstance(value.get(key), str)]
            text = named[0].strip() if named else text
    text = re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", text).strip()
    if match := _BOXED.match(text):
        text = match.group(1)
    return text.strip().strip("\"'“”‘’「」").strip()


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).casefold()).strip(" .。;；,，:：")


def _read_letter(body: str, options: list[str]) -> str | None:
    letters = LETTERS[: len(options)]
    text = _plain(body)
    bare = _NAMED.sub("", text).strip(" ()[].。:,、;")
    if len(bare) == 1 and bare.upper() in letters:
        return bare.upper()
    folded = [_folded(option) for option in options]
    if _folded(text) in folded:
        return letters[folded.index(_folded(text))] if folded.count(_folded(text)) == 1 else None
    named = _NAMED.sub("", text)
    if (match := _LETTER_TEXT.match(named)) and match.group(1).upper() in letters:
        return _letter_with_text(match.group(1).upper(), match.group(2), folded)
    if len(named) > 2 and named[0] in letters and named[1] == " " and _folded(named[2:]) in folded:
        return _letter_with_text(named[0], named[2:], folded)
    declared = _declared(text, letters)
    if declared is not None:
        return declared if len(declared) == 1 else None
    return _unique_option(text, folded, letters)


def _letter_with_text(letter: str, text: str, folded: list[str]) -> str | None:
    """The letter, unless its text names another option or more letters follow."""
    if _LETTER_LIST.match(text) or re.search(r"(?:^|\n|\s)[(\[]?[A-J][.):]\s", text):
        return None
    said = _folded(text.split("\n")[0])
    if said in folded and folded[LETTERS.index(letter)] != said:
        return None
    return letter


def _declared(text: str, letters: str) -> str | None:
    """All letters declared as the answer, each once; "" when a list of letters is declared; None without any."""
    found: list[str] = []
    for pattern in _DECLARED:
        for match in pattern.finditer(text):
            letter, after = match.group(1), text[match.end() :].lstrip("*)] ")
            # "the answer is a carcinoma": a small letter before a word is an article
            if letter.islower() and re.match(r"\w", after):
                continue
            if re.match(r"(?:[,/&+、或和及与]|(?:and|or)\b)\s*(?:option\s*)?[(\[]?[A-J](?![A-Za-z])", after):
                return ""
            if _NEGATION.search(_clause_before(text, match.start())[-12:]):
                continue
            if letter.upper() not in letters:
                return ""
            found.append(letter.upper())
    return "".join(dict.fromkeys(found)) if found else None


def _clause_before(text: str, end: int) -> str:
    ends = [m.end() for m in _CLAUSE_END.finditer(text, 0, end)]
    return text[ends[-1] if ends else 0 : end]


def _unique_option(text: str, folded: list[str], letters: str) -> str | None:
    """The only option whose text occurs; an option inside a longer option that occurs does not count itself."""
    body = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).casefold())
    taken: list[tuple[int, int]] = []
    hits: set[int] = set()
    for index in sorted(range(len(folded)), key=lambda i: -len(folded[i])):
        if len(folded[index]) < 2:
            continue
        word = r"\w" if folded[index].isascii() else r"[a-z0-9]"
        for match in re.finditer(rf"(?<!{word}){re.escape(folded[index])}(?!{word})", body):
            if any(a <= match.start() and match.end() <= b for a, b in taken):
                continue
            taken.append(match.span())
            if _NEGATION.search(_clause_before(body, match.start())) or _NEGATED_AFTER.match(body[match.end() :]):
                return None
            hits.add(index)
    return letters[hits.pop()] if len(hits) == 1 else None
