"""language: Chinese and English mixed, or the wrong language for the sample.

English rows hold no Chinese. Chinese rows may hold gene, antibody and stain symbols, names, units, and an English gloss
in brackets, but no English words in the running text. Letters of a third script (kana, Cyrillic …) fail in both.
"""

import re

from assets.filters.verdicts import parts, quoted, turns, verdict
from assets.records import Pair, Sample, Verdict
from assets.sources import source_hash

RULE, VERSION = "language", source_hash(__name__)[:12]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]")
_GLOSS = re.compile(r"[(（][^()（）]*[)）]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*(?:-[A-Za-z0-9]+)*\d*")
# Small-letter words that Chinese pathology writes in Latin script.
_ALLOWED = frozenset(  # one string reads better than a list of words
    "situ in vitro vivo de novo kappa lambda alpha beta gamma delta desmin vimentin calponin actin cyclin "  # noqa: SIM905
    "cytokeratin keratin synaptophysin chromogranin inhibin calretinin mammaglobin caldesmon myogenin catenin "
    "cadherin collagen laminin tau amyloid mucin ras raf myc kit menin perforin granzyme ubiquitin dystrophin "
    "napsin hepatocyte arginase glypican thyroglobulin calcitonin villin uroplakin mm cm nm um kg mg ml dl hpf bp "
    "kb pap von vs grade type score".split()
)


def judge(sample: Sample, pair: Pair | None) -> Verdict:
    """Fails when the texts are not in the sample's language, or the sample's is not the pair's; pure."""
    texts = [text for text in [*turns(sample, "user"), *parts(sample)] if text]
    if pair is not None and sample.language != pair.language:
        reason = f"sample is in {sample.language}, its pair in {pair.language}"
    elif sample.language == "en":
        reason = next((r for r in map(_not_english, texts) if r), "")
    elif sample.language == "zh":
        reason = next((r for r in map(_not_chinese, texts) if r), "")
    else:
        reason = f"language {quoted(sample.language)} is neither en nor zh"
    return verdict(sample, RULE, VERSION, reason)


def _not_english(text: str) -> str:
    if match := _OTHER_SCRIPT.search(text) or re.search(rf"{_HAN.pattern}+", text):
        return f"English sample holds {quoted(match.group())}"
    return ""


def _not_chinese(text: str) -> str:
    if match := _OTHER_SCRIPT.search(text):
        return f"Chinese sample holds {quoted(match.group())}"
    bare = text.replace("<image>", "").strip()
    if re.fullmatch(r"[A-J]", bare):
        return ""
    if len(bare) > 3 and not _HAN.search(bare) and any(_is_english(word) for word in _WORD.findall(bare)):
        return f"Chinese sample has an English text: {quoted(bare)}"
    for word in _WORD.findall(_GLOSS.sub("", bare)):
        if _is_english(word):
            return f"Chinese sample holds the English word {quoted(word)}"
    return ""


def _is_english(word: str) -> bool:
    """A word of running text: four small letters or more, no symbol (HER2, BerEP4, p63), no name (Hodgkin)."""
    return len(word) >= 4 and word.replace("-", "").isalpha() and word.islower() and word not in _ALLOWED
