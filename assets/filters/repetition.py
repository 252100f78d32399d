"""repetition: loops, duplicate sentences, text that compresses far too well.

A language model that has lost its way repeats itself: a phrase three times in a row, a sentence again and again. Looked
at in reasoning and answer separately, since an answer may well repeat a finding of the reasoning.
"""

import re
import zlib
from collections import Counter

from assets.filters.verdicts import parts, quoted, verdict
from assets.records import Pair, Sample, Verdict
from assets.sources import source_hash

RULE, VERSION = "repetition", source_hash(__name__)[:12]

LEAST_SENTENCE = {"en": 24, "zh": 8}  # characters; shorter sentences may recur ("The nuclei are dark.")
# Prose of this length compresses to 1/1.5 to 1/2.6 with zlib; loops go far beyond.
MOST_COMPRESSION = [(300, 2.9), (1200, 3.4), (4000, 4.2), (10**9, 5.0)]


def judge(sample: Sample, pair: Pair | None) -> Verdict:
    """Fails on loops, duplicate sentences or repeated answers; score is 1 minus the share of repeated text. Pure."""
    texts = parts(sample)
    for text in texts:
        reason = _loop(text) or _duplicates(text, sample.language) or _compression(text) or _filler(text)
        if reason:
            return verdict(sample, RULE, VERSION, reason, round(1 - _repeated_share(text), 3))
    answers = [answer for answer in texts[1::2] if len(answer) >= LEAST_SENTENCE["zh"]]
    if len(set(answers)) < len(answers):
        return verdict(sample, RULE, VERSION, "two turns give the same answer", 0.5)
    return verdict(sample, RULE, VERSION, "", 1.0)


def _tokens(text: str) -> list[str]:
    return re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", text.casefold())


def _loop(text: str) -> str:
    """A phrase of 2 to 12 tokens (words, Chinese characters) three times in a row, or one token five times."""
    tokens = _tokens(text)
    for size in range(1, 13):
        times = 5 if size == 1 else 3
        run = 0
        for index in range(size, len(tokens)):
            run = run + 1 if tokens[index] == tokens[index - size] else 0
            if run >= size * (times - 1):
                return f"repeats {quoted(' '.join(tokens[index - size + 1 : index + 1]))} {times} times in a row"
    return ""


def _sentences(text: str) -> list[str]:
    return [" ".join(_tokens(s)) for s in re.split(r"(?<=[.!?;])\s+|[。！？；\n]", text) if s.strip()]


def _duplicates(text: str, language: str) -> str:
    least = LEAST_SENTENCE.get(language, 24)
    for sentence, count in Counter(s for s in _sentences(text) if len(s.replace(" ", "")) >= least).items():
        if count > 1:
            return f"holds a sentence {count} times: {quoted(sentence)}"
    return ""


def _compression(text: str) -> str:
    data = text.encode()
    if len(data) < 200:
        return ""
    ratio = len(data) / len(zlib.compress(data, 9))
    most = next(limit for length, limit in MOST_COMPRESSION if len(data) < length)
    return f"compresses {ratio:.1f} times, more than {most} for {len(data)} bytes" if ratio > most else ""


def _filler(text: str) -> str:
    if match := re.search(r"([^\s\d=_\-*#|])\1{5,}", text):
        return f"repeats one character: {quoted(match.group())}"
    return "holds ellipses in place of content" if len(re.findall(r"\.{3,}|…+", text)) >= 2 else ""


def _repeated_share(text: str) -> float:
    tokens = _tokens(text)
    grams = [tuple(tokens[i : i + 4]) for i in range(len(tokens) - 3)]
    return 1 - len(set(grams)) / len(grams) if grams else 0.0
