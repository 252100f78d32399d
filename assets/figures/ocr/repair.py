"""What OCR often gets wrong in the names of figures, put right where nothing else can be meant.

A token in front of a number is taken for a figure word when it differs from one only by letters that look alike in
print, and by no more than two of six (one of three): "Fiqure 1", "Flgure", "Ficure", "Fig . 2". In the number behind a
figure word "l" and "I" are ones and "O" is a zero: "Fig. l" is figure 1, whereas "Plate II" stays.
"""

import re

from assets.figures.labels import DASH

WORDS = ("figures", "figure", "figs", "fig")
# Letters that print alike, by the letter of the word that they stand for.
ALIKE = {"f": "ftr", "i": "il1|!íìïj", "g": "gqc9ye6", "u": "uvnoa", "r": "rtn", "e": "ecoa", "s": "s5z"}
SHORT = {**ALIKE, "f": "f", "g": "gq9", "s": "s5"}
TOKEN = r"[A-Za-z][A-Za-z0-9|!íìïé]{1,7}"
DIGIT = {"l": "1", "I": "1", "|": "1", "!": "1", "O": "0", "o": "0"}
MENTION = re.compile(
    rf"(?<![\w])(?P<word>{TOKEN})(?P<join>\s?[.,]\s?|\s?[{DASH}]\s?|\s)(?P<number>[0-9lIOo|!S][0-9lIOo|!]{{0,2}})"
    rf"(?P<more>(?:[.{DASH}](?=[lIOo|!]?[0-9])[0-9lIOo|!]{{1,3}}|[{DASH}][lI|])?)(?![0-9])(?=[A-Za-z]{{0,3}}(?:\W|$))"
)
CHINESE = re.compile(rf"(?P<word>[图圖表])\s?(?P<first>[0-9lIOo|]{{1,3}})\s?[{DASH}一]\s?(?P<second>[0-9lIOo|]{{1,3}})")
# "I" is a word, too: in front of one of these it is the number.
CLOSED = re.compile(r"\s*(?:[.:,;)\]|]|$)|[A-Z]\b|\s+[A-Z(]")
RINGED = {"(@)": "(a)", "(©)": "(c)"}
RING = re.compile(r"\(\s?[@©]\s?\)")


def repaired(text: str) -> str:
    """`text` of one line with the names of figures and the letters of panels put right."""
    text = MENTION.sub(_mention, text)
    text = CHINESE.sub(lambda m: f"{m['word']}{_digits(m['first'])}-{_digits(m['second'])}", text)
    return RING.sub(lambda m: RINGED[m.group().replace(" ", "")], text)


def _mention(match: re.Match[str]) -> str:
    word = _figure_word(match["word"], dotted="." in match["join"])
    number, more = match["number"], match["more"]
    if word is None or not _is_number(number, match.string[match.end() :], word.lower() == match["word"].lower()):
        return match.group()
    join = "-" if re.search(rf"[{DASH}]", match["join"]) else ". " if re.search(r"[.,]", match["join"]) else " "
    lead = "S" if number.startswith("S") else ""
    return word + join + lead + _digits(number[len(lead) :]) + _digits(more)


def _figure_word(token: str, dotted: bool) -> str | None:
    """The figure word that `token` is or looks like, in the token's case."""
    low = token.lower()
    for word in WORDS:
        if len(word) != len(low):
            continue
        alike = SHORT if len(word) < 5 else ALIKE
        wrong = sum(a != b for a, b in zip(low, word, strict=True))
        if wrong > len(word) // 3 or any(a not in alike[b] for a, b in zip(low, word, strict=True)):
            continue
        if wrong and len(word) < 5 and not dotted:
            return None
        return word.upper() if token.isupper() and not wrong else word.capitalize() if token[0].isupper() else word
    return None


def _is_number(text: str, rest: str, sure: bool) -> bool:
    """Digits, or a single letter that prints like one; "II" is a Roman number, "So" a word."""
    if any(c.isdigit() for c in text):
        return True
    return sure and (text in ("l", "|", "!") or (text == "I" and bool(CLOSED.match(rest))))


def _digits(text: str) -> str:
    return "".join(DIGIT.get(c, c) for c in text)
