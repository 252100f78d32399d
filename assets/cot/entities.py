"""Names of diseases in a text: noun phrases that end in a disease's head word ("invasive ductal carcinoma").

They are keys and wrong options of diagnosis questions, and tell whether a sentence speaks of another disease.
"""

import re

from rapidfuzz import fuzz

from assets.cot.sentences import is_clause, lower_first
from assets.cot.vocabulary import DISEASE_HEAD

_STOP_WORDS = frozenset(  # one string reads better than a list of words
    "of in from with the a an and or by to is are was shows show this that section sections view example examples "  # noqa: SIM905
    "features feature case typical classic classical image picture low-power high-power low high medium power "
    "magnification showing for as at on between through seen into within versus vs no not without cells area "
    "areas focus foci edge surface appearance photograph photomicrograph specimen smear aspirate resected excised "
    "biopsy part its their residual adjacent early late well".split()
)
_TUMOURS = re.compile(
    r"(?:stromal|carcinoid|neuroendocrine|phyllodes|warthin|wilms|brenner|krukenberg|giant[- ]cell|germ[- ]cell"
    r"|yolk sac"
    r"|granulosa(?:[- ]cell)?|sertoli\S*|leydig|nerve sheath|glomus|mixed|desmoid|fibrous|islet cell|klatskin|pancoast"
    r"|trophoblastic|rhabdoid|myofibroblastic|odontogenic|trichilemmal|spindle cell|small round cell)$",
    re.IGNORECASE,
)
_GENERIC = frozenset(  # one string reads better than a list of words
    "tumour tumor tumours tumors disease cyst ulcer polyp infarct infarction necrosis fibrosis hyperplasia "  # noqa: SIM905
    "dysplasia metaplasia carcinoma cancer abscess haemorrhage hemorrhage thrombus thrombosis mole oesophagus "
    "esophagus neoplasia sclerosis".split()
)
_AFTER_HEAD = re.compile(
    r"\s*(?:$|[,.;:()，。；：（）]|(?:of|in|from|with|showing|shows?|that|which|is|are|at|on|and|has|have|arising"
    r"|involving|invad\w+|infiltrat\w+)\b)",
    re.I,
)
_ZH_ORGAN_PREFIX = re.compile(
    r"^(?:皮肤|乳腺|结肠|直肠|胃|食管|肺|肝脏?|肾脏?|甲状腺|子宫体?|宫颈|卵巢|前列腺|膀胱|淋巴结|脑|胰腺|腮腺"
    r"|唾液腺|涎腺|睾丸|骨|软组织|鼻咽|口腔|喉)"
)


def entities(text: str, language: str) -> list[str]:
    """Names of diseases in a text, in order, as noun phrases without article or site."""
    if language == "zh":
        found = [m.group() for m in DISEASE_HEAD["zh"].finditer(text)]
        cut = [re.split(r"[的为是示见呈之于与和及或、]|显示|符合|提示|伴有?|一例|典型", name)[-1] for name in found]
        named = [_ZH_ORGAN_PREFIX.sub("", name) if len(_ZH_ORGAN_PREFIX.sub("", name)) >= 3 else name for name in cut]
        return [name for name in dict.fromkeys(named) if len(name) >= 3 or name in ("类癌", "银屑病")]
    out = []
    for match in re.finditer(r"[A-Za-zÀ-ÿ][\w-]*", text):
        if not DISEASE_HEAD["en"].fullmatch(match.group()) or not _AFTER_HEAD.match(
            text[match.end() :].replace(" in situ", "", 1)
        ):
            continue
        before = re.split(r"[,.;:()]", text[: match.start()])[-1].split()
        modifiers: list[str] = []
        while (
            before
            and before[-1].lower() not in _STOP_WORDS
            and not is_clause(" " + before[-1], "en")
            and len(modifiers) < 5
        ):
            modifiers.insert(0, before.pop())
        if before and before[-1].lower() in ("no", "not", "without", "versus", "vs"):
            continue
        name = " ".join([*modifiers, match.group()])
        after = text[match.end() :]
        if after.startswith(" in situ"):
            name += " in situ"
        elif re.fullmatch(r"tumou?rs?", match.group(), re.I) and not _TUMOURS.search(" ".join(modifiers)):
            continue  # "golden yellow tumour" describes, "phyllodes tumour" names
        elif not modifiers and match.group().lower() in _GENERIC:
            site = re.match(r"\sof\s(?:the\s)?[a-z]+(?:\s(?!with|showing|and|in|shows?)[a-z]+)?(?=\s|[,.;:]|$)", after)
            if not site:
                continue
            name += site.group()
        out.append(lower_first(name))
    return list(dict.fromkeys(out))


def first_entity(text: str, language: str) -> str | None:
    found = entities(text, language)
    return found[0] if found else None


def only_entity(text: str, language: str) -> str | None:
    found = entities(text, language)
    return found[0] if len(found) == 1 else None


# Carcinomas that are no adenocarcinoma; every other carcinoma may be one.
_NOT_GLANDULAR = re.compile(
    r"squamous|small cell|urothelial|transitional|basal cell|medullary|hepatocellular|anaplastic|undifferentiated"
    r"|merkel|nasopharyngeal|鳞|小细胞|尿路上皮|移行|基底|髓样|肝细胞|未分化|鼻咽",
    re.IGNORECASE,
)
_BROAD = frozenset(  # grade, spread and site: words that leave the type of a carcinoma open
    "invasive malignant metastatic primary high-grade low-grade differentiated breast mammary gastric colorectal "  # noqa: SIM905
    "colonic lung pulmonary renal prostatic ovarian cervical endometrial pancreatic oesophageal bladder thyroid".split()
)


def same_entity(first: str, second: str) -> bool:
    """Whether both names may be right for one picture: equal but for spelling, or one is the wider term."""
    a, b = first.casefold(), second.casefold()
    words_a, words_b = set(a.split()), set(b.split())
    if a in b or b in a or words_a <= words_b or words_b <= words_a or fuzz.token_sort_ratio(a, b) >= 82:
        return True
    return _may_be(a, b) or _may_be(b, a)


def _may_be(wide: str, other: str) -> bool:
    if not other.endswith(("carcinoma", "癌")):
        return False
    if wide.endswith(("adenocarcinoma", "腺癌")):
        return not _NOT_GLANDULAR.search(other)
    return wide.endswith("carcinoma") and set(wide.split()[:-1]) <= _BROAD
