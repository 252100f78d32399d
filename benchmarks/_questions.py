"""Generated questions in the manner of the field's test sets, and the ways in which one comes back in a text.

Few templates and few terms, so that unrelated questions are more alike than real ones: a hard case for false hits.
Questions of half 1 are about other findings than those of half 0, from the same templates and the same options.
"""

import random
from collections.abc import Callable

from assets.testsets.item import TestItem
from assets.testsets.text import TextIndex

ORGANS = (
    "breast",
    "colon",
    "stomach",
    "lung",
    "kidney",
    "thyroid gland",
    "prostate",
    "skin",
    "uterine cervix",
    "ovary",
)
STEMS = (
    "adeno", "squamous", "fibro", "lipo", "myo", "neuro", "osteo", "chondro", "angio", "lympho", "melano", "xantho",
)  # fmt: skip
ENDS = (
    "carcinoma", "sarcoma", "blastoma", "cytoma", "dysplasia", "metaplasia", "necrosis", "fibrosis", "hyperplasia",
)  # fmt: skip
HOW = ("prominent", "scattered", "irregular", "bland", "pleomorphic", "hyperchromatic", "vesicular", "foamy")
WHAT = ("nuclei", "nucleoli", "glands", "papillae", "mitoses", "stroma with mucin", "cell nests", "giant cells")
WHERE = ("at the margin", "near the capsule", "within the stroma", "around vessels", "in the lumen")
FEATURES = [f"{how} {what} {where}" for how in HOW for what in WHAT for where in WHERE]
CLOSED = (
    "Which of the following features in the image is most characteristic of {x} in the {o}?",
    "What is the most likely diagnosis for this lesion of the {o} that resembles {x}?",
    "Based on the cellular morphology, what finding can be observed next to the {x}?",
    "Which histological feature supports {x} rather than {y}?",
    "What type of tissue surrounds the area of {x}?",
)
SHORT = ("Is {x} present?", "Where is the {x}?", "What does the {x} show?", "Is this {x} or {y}?", "Any {x} here?")
CHINESE = (
    "图中{c}伴{f}时最可能的组织学类型是什么",
    "{c}的镜下特征除{f}外不包括下列哪一项",
    "该切片中{c}的{f}提示周围的间质反应如何",
)
C_STEMS = (
    "乳腺",
    "结肠",
    "胃窦",
    "肺叶",
    "肾脏",
    "甲状腺",
    "前列腺",
    "皮肤",
    "肝脏",
    "宫颈",
    "卵巢",
    "膀胱",
    "食管",
    "胰腺",
)
C_ENDS = ("腺癌", "鳞癌", "肉瘤", "腺瘤", "囊肿", "结核", "溃疡", "息肉", "淋巴瘤", "畸胎瘤")
C_WHERE = ("腺腔内", "间质中", "包膜下", "血管旁", "上皮层", "基底部", "病灶边缘", "小叶间", "汗管周", "浆膜面")
C_WHAT = (
    "核分裂象多见",
    "纤维化明显",
    "可见坏死灶",
    "扩张充血",
    "炎细胞浸润",
    "钙盐沉着",
    "黏液潴留",
    "巨细胞反应",
    "玻璃样变",
)
C_OPTIONS = [where + what for where in C_WHERE for what in C_WHAT]

Question = tuple[str, list[str]]


def findings(half: int) -> list[str]:
    every = [f"{stem}{end}" for stem in STEMS for end in ENDS]
    random.Random(1).shuffle(every)
    return every[half::2]


def question(rng: random.Random, kind: str, half: int) -> Question:
    names = findings(half)
    x, y = rng.sample(names, 2)
    if kind == "closed":
        return rng.choice(CLOSED).format(x=x, y=y, o=rng.choice(ORGANS)), rng.sample(FEATURES, 4)
    if kind == "short":
        return rng.choice(SHORT).format(x=x, y=y), []
    chinese = [a + b for a in C_STEMS for b in C_ENDS][half::2]
    return rng.choice(CHINESE).format(c=rng.choice(chinese), f=rng.choice(C_OPTIONS[half::2])), rng.sample(C_OPTIONS, 4)


def index_of(questions: list[Question]) -> TextIndex:
    return TextIndex(
        TestItem(
            testset="made", subset="", split="test", item_id=str(number), question=text, options=options, answer="A",
            explanation=None, image=None, image_name=None, slide_or_patient_id=None,
        )
        for number, (text, options) in enumerate(questions)
    )  # fmt: skip


def rendered(asked: Question, labels: Callable[[int], str]) -> str:
    text, options = asked
    return "\n".join([text, *(f"{labels(number)} {option}" for number, option in enumerate(options))])


def noisy(text: str, rng: random.Random, share: float) -> str:
    """A share of the characters (rounded up) replaced, lost, doubled, or a blank put in."""
    letters = list(text)
    pool = "的一是不了人我在有他" if any(letter > "\u3400" for letter in text) else "abcdefghijklmnopqrstuvwxyz"
    for at in rng.sample(range(len(letters)), max(1, round(share * len(letters)))):
        letters[at] = rng.choice([rng.choice(pool), rng.choice(pool), "", letters[at] * 2, letters[at] + " "])
    return "".join(letters)


def shuffled(options: list[str], rng: random.Random) -> list[str]:
    return rng.sample(options, len(options))


PLANTED: dict[str, Callable[[Question, random.Random], Question]] = {
    "verbatim": lambda q, rng: q,
    "rendered with letters": lambda q, rng: (rendered(q, lambda n: f"{chr(65 + n)})"), []),
    "renumbered": lambda q, rng: (rendered(q, lambda n: f"{n + 1}."), []),
    "options in other order": lambda q, rng: (q[0], shuffled(q[1], rng)),
    "other order, rendered": lambda q, rng: (rendered((q[0], shuffled(q[1], rng)), lambda n: f"({chr(65 + n)})"), []),
    "OCR noise 1.5 %": lambda q, rng: (noisy(q[0], rng, 0.015), q[1]),
    "OCR noise 1.5 %, whole": lambda q, rng: unrendered(noisy(rendered(q, lambda n: "\t"), rng, 0.015)),
    "noise and other order": lambda q, rng: unrendered(
        noisy(rendered((q[0], shuffled(q[1], rng)), lambda n: "\t"), rng, 0.015)
    ),
}


def unrendered(text: str) -> Question:
    first, *options = text.split("\n\t ") if "\n\t " in text else [text]
    return first, options


def found_shares(kind: str, count: int, seed: int = 0) -> dict[str, float]:
    """Share of about `count` planted questions that is found, by kind of change."""
    rng = random.Random(seed)
    asked = distinct(kind, count, rng)
    index = index_of(asked)
    return {
        name: sum(
            any(("made", str(number)) in hit.items for hit in index.hits(*change(one, rng)))
            for number, one in enumerate(asked)
        ) / len(asked)
        for name, change in PLANTED.items()
    }  # fmt: skip


def false_share(kind: str, held: int, asked: int, seed: int = 0) -> float:
    """Share of unrelated questions that hit any of about `held` questions."""
    rng = random.Random(seed)
    index = index_of(distinct(kind, held, rng))
    return sum(bool(index.hits(*question(rng, kind, 1))) for _ in range(asked)) / asked


def distinct(kind: str, count: int, rng: random.Random) -> list[Question]:
    every = (question(rng, kind, 0) for _ in range(count))
    return list({(text, tuple(sorted(options))): (text, options) for text, options in every}.values())
