"""refusal: the model declines, speaks of itself as a machine, or adds a disclaimer instead of an answer.

Professional caution about the case ("malignancy cannot be excluded", "clinical correlation is advised") is no refusal.
"""

import re

from assets.filters.verdicts import parts, quoted, verdict
from assets.records import Pair, Sample, Verdict
from assets.sources import source_hash

RULE, VERSION = "refusal", source_hash(__name__)[:12]

_PATTERNS = [
    re.compile(
        r"\bas\s+an?\s+(?:AI|artificial\s+intelligence|(?:large\s+)?language\s+model|assistant|chatbot)\b", re.I),
    re.compile(
        r"\bI(?:'m| am)\s+(?:an?\s+)?(?:AI|language\s+model|assistant|not\s+able|unable|sorry|afraid"
        r"|not\s+a\s+(?:doctor|pathologist|physician))\b", re.I),
    re.compile(
        r"\bI\s+(?:can(?:no|')t|can\s+not|could\s+not|couldn[’']t|won[’']t|will\s+not|am\s+not\s+allowed\s+to"
        r"|do\s+not\s+have\s+(?:access|the\s+ability)"
        r"|don[’']t\s+have\s+(?:access|the\s+ability)|must\s+decline|apologi[sz]e)\b",
        re.I,
    ),
    re.compile(r"\bI\s+can’t\b|\b(?:sorry|apologies),?\s+(?:but\s+)?I\b|\bmy\s+apologies\b", re.I),
    re.compile(
        r"\b(?:no|without\s+(?:an?|the|seeing\s+the|access\s+to\s+the))\s+(?:actual\s+)?(?:image|picture"
        r"|photo)\s+(?:is|was|has\s+been|were)?\s*(?:provided|attached|supplied|available|given|to\s+(?:see|view"
        r"|analy[sz]e))", re.I),
    re.compile(
        r"\b(?:image|picture)\s+(?:itself\s+)?(?:cannot|can't|can not|could not)\s+be\s+(?:seen|viewed|opened"
        r"|loaded|displayed)\b", re.I),
    re.compile(
        r"\b(?:not\s+(?:intended\s+as\s+|to\s+be\s+(?:taken|used)\s+as\s+)?(?:a\s+)?(?:substitute\s+for"
        r"|medical\s+advice)|for\s+(?:educational|informational)\s+purposes\s+only"
        r"|(?:please\s+|should\s+|always\s+)?(?:consult|seek\s+advice\s+from|see)\s+(?:an?\s+"
        r"|your\s+)?(?:\w+\s+){0,2}(?:doctor|physician|pathologist|professional|healthcare\s+provider)\b"
        r"|this\s+is\s+not\s+(?:a\s+)?(?:medical|professional)\s+(?:advice|diagnosis|opinion)|disclaimer)",
        re.I,
    ),
    re.compile(
        r"作为(?:一个|一名)?(?:AI|人工智能|语言模型|大模型|助手)|我是(?:一个|一名)?(?:AI|人工智能|语言模型)", re.I),
    re.compile(
        r"我(?:无法|不能|没有(?:能力|办法|权限)|看不到|不具备)|(?:很|非常)?抱歉|对不起|无法(?:查看|看到|访问|打开"
        r"|识别|提供)(?:该|此|这|您|所)?(?:图|影像|照片)"),
    re.compile(
        r"(?:未|没有)(?:能)?(?:提供|上传|看到|收到)(?:任何)?(?:图|影像|照片)|仅供(?:参考|学习|教育)|不能(?:替代"
        r"|代替)(?:专业|医生|医师|病理)|不构成(?:医疗|诊断"
        r"|任何)|请(?:及时)?(?:咨询|就医)|建议咨询|免责"),
]  # fmt: skip


def judge(sample: Sample, pair: Pair | None) -> Verdict:
    """Fails on refusals, self-reference of a machine, and disclaimers; pure."""
    for text in parts(sample):
        for pattern in _PATTERNS:
            if match := pattern.search(text):
                return verdict(sample, RULE, VERSION, f"declines or disclaims: {quoted(match.group())}")
    return verdict(sample, RULE, VERSION, "")
