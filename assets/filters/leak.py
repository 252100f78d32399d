"""leak: the sample gives away its source or its answer.

Source: the text speaks of caption, description, references or figure numbers instead of the picture (Quilt-Instruct
asks its writer to speak as if seeing the image; PathReasoner's own example says "described in the question"). Answer:
the key's letter is named in the reasoning, or the question holds the answer's text.
"""

import re
import unicodedata

from assets.filters.verdicts import parts, quoted, turns, verdict
from assets.records import Pair, Sample, Verdict
from assets.sources import source_hash

RULE, VERSION = "leak", source_hash(__name__)[:12]

_SOURCE_NOUN = (
    r"(?:captions?|legends?|figure\s+(?:text|legend|caption|description)s?|(?:image\s+|text\s+"
    r"|textual\s+)?descriptions?|texts?|passages?|excerpts?"
    r"|context|references|reference\s+(?:text|sentence)s?|citing\s+sentences?|in-?line\s+(?:reference|sentence)s?"
    r"|source\s+(?:text|material)s?|textbooks?|books?|authors?"
    r"|question(?:\s+stem)?|prompt|provided\s+information|given\s+(?:information|answer|diagnosis))"
)
_STATES = (
    r"(?:states?|says?|mentions?|reads?|reports?|tells?|describes?|notes?|indicates?|specif(?:y|ies)|explains?"
    r"|confirms?|provides?|gives?|suggests?"
    r"|explicitly|clearly\s+states?|points?\s+out|refers?|identif(?:y|ies)|already)"
)
_SOURCE = [
    re.compile(
        rf"\b(?:the|this|its|an?|accompanying|provided|given|figure|image)\s+{_SOURCE_NOUN}\s+(?:itself\s+"
        rf"|also\s+|already\s+|clearly\s+)?{_STATES}\b", re.I),
    re.compile(
        rf"\b(?:according\s+to|as\s+per|based\s+(?:up)?on|given\s+(?:in|by)|consistent\s+with\s+what|from"
        rf"|per)\s+(?:what\s+)?(?:the|this)\s+"
        rf"(?:provided\s+|given\s+|accompanying\s+|supplied\s+|above\s+|reference\s+)?{_SOURCE_NOUN}\b(?!\s+(?:range"
        rf"|interval|gene|of\s+the\s+(?:lesion|tumou?r)))",
        re.I,
    ),
    re.compile(
        rf"\b(?:described|stated|mentioned|noted|reported|given|written|provided|specified|indicated|quoted"
        rf"|listed)\s+(?:\w+\s+)?(?:in|by|with|from)\s+the\s+"
        rf"(?:provided\s+|given\s+|accompanying\s+)?(?:figure|image\s+)?\s?{_SOURCE_NOUN}\b",
        re.I,
    ),
    re.compile(
        r"\b(?:the|this)\s+(?:text|description|passage|information|context|facts|details)\s+(?:that\s+(?:was|is)\s+)?"
        r"(?:given|provided|supplied)\b|\bin\s+the\s+(?:text|question|prompt|passage|excerpt)\b|\b(?:we|I)\s+(?:are"
        r"|am|was|were)\s+told\b",
        re.I,
    ),
    re.compile(r"\b(?:caption|legend)s?\b(?!\s+of\s+hono)", re.I),
    re.compile(
        r"\b(?:the|a)\s+(?:provided|supplied|accompanying|given)\s+(?:text|description|context|passage"
        r"|information|answer|diagnosis)\b", re.I),
    re.compile(r"(?<!mitotic )(?<!mitotic)\bfig(?:ure)?s?\.?\s*\d", re.I),
    re.compile(r"\b(?:[Pp]anel|[Ss]ubfigure|[Pp]late)\s+[A-H]\b(?!\s+of)"),
    re.compile(
        r"\b(?:arrow|arrowhead|asterisk)s?\s+in\s+(?:panel\s+)?[A-H]\b|\bas\s+(?:shown|seen"
        r"|illustrated)\s+in\s+(?:the\s+)?fig", re.I),
    re.compile(
        r"(?:根据|依据|按照|结合|参考|由|从)(?:所?给(?:出|定)?的?|提供的?|上述|该|以上|图像?的?)*(?:图注|图题|文字"
        r"|文本|描述|说明|题干|题目|材料|原文|参考(?:句|文)"
        r"|上下文|资料|标注|引文)"),
    re.compile(
        r"图注|图题|图例说明|题干|原文|文中|书中|教材|正文|引文|课本|如文|题目(?:中|已|所)|所给(?:的)?(?:文字|描述"
        r"|答案|信息)|(?:给定|提供)的?(?:答案|文字|描述|文本|信息)"),
    re.compile(r"[图圖]\s*\d|(?:分图|小图)\s*[A-H]|图\s*[A-H](?![A-Za-z])"),
    re.compile(r"(?:描述|说明|文字)(?:中)?(?:提到|指出|提及|明确|写明|称|表示|已)"),
]  # fmt: skip


def judge(sample: Sample, pair: Pair | None) -> Verdict:
    """Fails when source, answer letter or answer text leaks; pure."""
    return verdict(sample, RULE, VERSION, _source_leak(sample) or _letter_leak(sample) or _answer_in_question(sample))


def _source_leak(sample: Sample) -> str:
    stem = sample.question
    later = turns(sample, "user")[1:]
    for text in [stem, *later, *parts(sample)]:
        for pattern in _SOURCE:
            if match := pattern.search(text):
                return f"speaks of its source: {quoted(match.group())}"
    return ""


def _letter_leak(sample: Sample) -> str:
    if sample.task != "mcq" or not sample.answer or len(sample.answer) != 1:
        return ""
    key = re.escape(sample.answer)
    pattern = re.compile(
        rf"\b(?:[Oo]ption|[Aa]nswer|[Cc]hoice|[Ll]etter|[Kk]ey|[Aa]lternative)s?\s*(?:is|would\s+be|must\s+be"
        rf"|[:=])?\s*[(\"']?{key}\b"
        rf"|[(（]{key}[)）]|(?:^|[.。;；]\s*){key}\s+(?:is|seems)\s+(?:the\s+)?(?:right|correct|best)"
        rf"|(?:选项?|答案(?:[为是:：])?)\s*[(（]?{key}(?![A-Za-z0-9])|{key}\s*项"
    )
    match = pattern.search(unicodedata.normalize("NFC", sample.reasoning))
    return f"reasoning names the key's letter: {quoted(match.group())}" if match else ""


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _answer_in_question(sample: Sample) -> str:
    if sample.task == "mcq":
        place = ord(sample.answer[:1] or "?") - ord("A")
        answer = sample.options[place] if 0 <= place < len(sample.options) else ""
    else:
        answer = sample.answer
    key, question = _folded(answer), _folded(sample.question)
    if len(key) < 2 or (sample.task != "mcq" and len(key) < 6):
        return ""
    inside = key in question if re.search(r"[\u4e00-\u9fff]", key) else f" {key} " in f" {question} "
    return f"question holds the answer: {quoted(answer)}" if inside else ""
