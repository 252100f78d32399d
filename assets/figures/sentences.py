"""Where sentences end, in English and Chinese print."""

import re
from collections.abc import Iterator

ABBREVIATION = re.compile(
    r"(?:\b(?:figs?|tabs?|eqs?|refs?|nos?|vols?|pp?|al|vs|approx|ca|cf|resp|dr|prof|st|mr|mrs|ms|sp|spp|var|incl|i\.e|e\.g|"
    r"viz|ed|eds|chap|sect|min|max|mag|orig|obj|av|suppl|inc|co|ltd|corp))\.$",
    re.I,
)
# A full stop ends a sentence before a capital, a digit or a bracket; so does one with a superscript number behind it.
BOUNDARY = re.compile(
    r"(?:[.!?][\"'”’)\]]*(?:\s*\[[\d,\s–-]+\])?|(?<=[A-Za-z)\]])[.!?]\d{1,3}(?:[,–-]\d{1,3})*)"
    r"\s+(?=[\"'“‘(\[]*[A-Z0-9\u4e00-\u9fff])|[。！？][”’）]*|\n+"
)
ONLY_BRACKET = re.compile(r"[(（\[][^()（）]*[)）\]]\W*")


# "J. Smith" goes on, "Figs. 2A and B. The" does not.
INITIAL = re.compile(r"(?<!and )(?<!or )(?<![\d,&\u2010-\u2015-] )(?<![\w\u2010-\u2015-])[A-Z]\.$")
CLOSED = re.compile(r"(?:[.!?:;。！？：；][\"')\]”’）]*|(?<=[^\W\d])[.!?]\d{1,3}(?:[,–-]\d{1,3})*)$")


def ended(text: str) -> bool:
    """Whether `text` stops where a sentence or clause may stop."""
    text = text.rstrip()
    return bool(CLOSED.search(text)) and not ABBREVIATION.search(text[-12:])


def stopped(text: str) -> bool:
    """Whether `text` stops where a whole sentence may stop: a clause before ";" goes on in the next column."""
    return ended(text) and not re.search(r"[:;：；][\"')\]”’）]*$", text.rstrip())


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of `text`, without surrounding white space; a line feed always ends a sentence."""
    start = 0
    for match in BOUNDARY.finditer(text):
        if match.start() < start:
            continue
        stop = text[start : match.start() + 1]
        closing = "\n" in match.group()
        if (
            not closing
            and match.group().strip() == "."
            and (ABBREVIATION.search(stop[-12:]) or INITIAL.search(stop[-12:]))
        ):
            continue
        following = ONLY_BRACKET.match(text, match.end())
        if following and not closing and (following.end() == len(text) or "\n" in following.group()):
            continue  # "… of the tumour. (Fig. 3)": the bracket belongs to the sentence before it
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield start, end
