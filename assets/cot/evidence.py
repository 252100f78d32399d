"""What a pair's caption and citing sentences say of its picture: topic, disease, findings, background.

    evidence = read_evidence(pair)
    evidence.weight          # number of source sentences: decides which difficulties the pair supports

Nothing here is inferred: every part is a piece of `pair.text` or `pair.context`, cleaned by sentences.py.
"""

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from assets.cot.entities import entities, first_entity, only_entity, same_entity
from assets.cot.sentences import STAIN, clean, finished, is_clause, lower_first, split, statements
from assets.records import Pair

# Sentences of the body that speak of what can be seen, as opposed to what is known of the disease.
_VISIBLE = re.compile(
    r"\b(?:cells?|nucle\w+|chromatin|cytoplasm\w*|glands?|ducts?|lobul\w+|stroma\w*|tubul\w+|follic\w+|papill\w+"
    r"|nests?|sheets?|cords?|islands?"
    r"|epitheli\w+|membran\w+|stain\w*|positiv\w+|negativ\w+|signals?|section\w*|cut surface|surface|border\w*"
    r"|margin\w*|mass|nodul\w+|colou?r\w*"
    r"|mitos\w+|mitotic|necro\w+|infiltrat\w+|fibro\w+|collagen|vessels?|capillar\w+|lumen\w*|architectur\w+"
    r"|pattern|palisad\w+|pleomorphi\w+|lymphocyt\w+"
    r"|inflammat\w+|haemorrhag\w+|hemorrhag\w+|cyst\w*|keratin\w*|granul\w+|inclusions?|grooves?|capsul\w+|smear"
    r"|background|clusters?|groups?|amplif\w+|fusion|"
    r"split|copies|glomerul\w+|alveol\w+|villi|crypts?|mucin\w*|pigment\w*|lesion|tumou?r)\b"
    r"|细胞|核|染色质|胞质|胞浆|腺|导管|小叶|间质|滤泡|乳头|巢|片|索|上皮|膜|阳性|阴性|信号|切面|表面|边界|包膜"
    r"|肿块|结节|颜色|灰|黄|红|白|坏死|浸润|纤维|血管|管腔|排列"
    r"|异型|分裂象|淋巴|炎|出血|囊|角化|颗粒|包涵体|核沟|涂片|背景|团|扩增|融合|肾小球|肺泡|绒毛|隐窝|黏液|色素|病变",
    re.IGNORECASE,
)
# General knowledge of a disease: true of most cases, not to be seen in this one. Hedges ("often") mark it too.
_KNOWN = re.compile(
    r"\b(?:patients?|incidence|prevalence|prognos\w+|survival|mortality|years?|decades?|women|men|children|adults|risk"
    r"|treatment|therap\w+|surg\w+|recur\w*|most common|per cent|percent|clinical\w*|symptom\w*|mutations?|guidelines?"
    r"|classification|WHO|system|screening|often|usual\w*|typically|commonly|frequently|sometimes|rarely|may|can|cases"
    r"|at least|criteri\w+|requires?|defines?|defined|diagnos\w+|subtypes?|called|scored|reported|sensitiv\w+"
    r"|specificity|useful|helps?|because)\b"
    r"|\d\s*%|患者|发病|预后|生存|死亡率|女性|男性|儿童|治疗|手术|复发|多见|常见|常(?=有|伴|呈|为|大|可|在|与)|通常"
    r"|往往"
    r"|一般|有助于|敏感性|特异性|临床|症状|突变|指南|分类|可(?=有|伴|呈|为|出现|继发)",
    re.IGNORECASE,
)
# Advice to the reader is neither.
_ADVICE = re.compile(
    r"\b(?:should|must|readers?|students?|pathologists?)\b|应当|应该|必须|应(?=注意|写|与|在)|医师|读者|报告中", re.I
)
_CONNECTIVE = re.compile(
    r"^(?:however|moreover|furthermore|thus|therefore|hence|in addition|additionally|by contrast|in contrast|for "
    r"example|for instance|on the other hand"
    r"|similarly|likewise|consequently|typically|characteristically|microscopically|histologically|grossly"
    r"|macroscopically|here|indeed|also|and|but|then"
    r"|under the microscope|in cross section|因此|然而|此外|但是?|同时|另外|例如|所以|(?:光?镜下|低倍镜下"
    r"|高倍镜下)(?!见|可见)|肉眼观?|大体上?观?|典型者|其中)[,，:：]?\s*(?![-\w]*ly\b)",
    re.IGNORECASE,
)
_INTERJECTION = re.compile(r",\s*(?:in contrast|by contrast|however|for example|therefore|on the other hand),\s*", re.I)
_ANAPHORA = re.compile(
    r"^(?:it|its|they|their|them|this|these|those|such|he|she|both|the (?:latter|former)|其|它|该|这|此|后者|前者|二者"
    r"|两者)(?:\b|(?=[\u4e00-\u9fff]))",
    re.I,
)
_COMPARES = re.compile(
    r"^as in\b|\b(?:unlike|alike|similar to|whereas|in contrast to|compared (?:with|to)|as opposed to|differs?"
    r"|distinguish\w*|mimics?"
    r"|confused|both"
    r" (?:patterns|grades|categories|forms))\b|不同于|相比|区别于|鉴别",
    re.I,
)
_TOPIC_CUT = re.compile(
    r"\s*(?:(?<!:)[:：](?!:)|,?\s+(?:showing|shows|demonstrating|illustrating|displaying|revealing"
    r"|characteri[sz]ed by|composed "
    r"of|consisting of|with)\s)|[，,](?=[\u4e00-\u9fff])",
    re.I,
)
_OPENS_SENTENCE = re.compile(r"(?:an?|the|each|most|all|some|both|in|on|at|under)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Evidence:
    """Sentences end with a full stop; `topic` and `entity` are noun phrases without one."""

    topic: str | None
    entity: str | None
    findings: tuple[str, ...]
    background: tuple[str, ...]

    @property
    def weight(self) -> int:
        """Number of source sentences, the topic counting as one."""
        return len(self.findings) + len(self.background) + (self.topic is not None)


def read_evidence(pair: Pair) -> Evidence:
    """Evidence of one pair; empty when its text says nothing that can be used."""
    language = pair.language
    topic, rest = _split_topic(split(pair.text), language)
    findings = [s for piece in rest for s in statements(piece, language)]
    entity = first_entity(topic or "", language) or only_entity(" ".join(rest), language)
    background: list[str] = []
    for piece in pair.context:
        for said in _free_standing(piece, language):
            if _is_about_another(said, entity, language) or _is_repeated(said, [*findings, *background]):
                continue
            if _ADVICE.search(said):
                continue
            visible = _VISIBLE.search(said) and not _KNOWN.search(said)
            (findings if visible else background).append(said)
    if topic:
        findings = [s for s in findings if fuzz.ratio(s.casefold(), topic.casefold()) < 85]
    return Evidence(topic, entity, tuple(findings), tuple(background))


def _split_topic(pieces: list[str], language: str) -> tuple[str | None, list[str]]:
    """The noun phrase that names what the picture is of, and the pieces that describe it.

    A panel's text opens with the part shared by all panels, so a title that names a disease is preferred to one that
    does not.
    """
    if not pieces:
        return None, []
    topic, rest = _title(clean(pieces[0]).strip(" .。;；"), language)
    later: list[str] = []
    for piece in pieces[1:]:
        said = clean(piece).strip(" .。;；")
        # "Ductal carcinoma in situ of the breast. Comedo type. High-grade cells surround …"
        if rest or later or not _is_short(said, language) or is_clause(said, language) or _OPENS_SENTENCE.match(said):
            later.append(piece)
        elif topic is None or (first_entity(said, language) and not first_entity(topic, language)):
            topic = said
        else:
            topic += ("，" if language == "zh" else ", ") + lower_first(said)
    return (lower_first(topic) if topic and language == "en" else topic), [*rest, *later]


def _title(said: str, language: str) -> tuple[str | None, list[str]]:
    """The first piece of a caption as (title, what follows the title in it); (None, [piece]) when it is no title."""
    cut = _TOPIC_CUT.search(said)
    head, tail = (said[: cut.start()].strip(" ,，"), said[cut.end() :]) if cut else (said, "")
    if tail and not first_entity(head, language) and first_entity(tail, language) and not is_clause(tail, language):
        head, tail = (f"{head}，{tail}" if language == "zh" else f"{head}, {lower_first(tail.strip())}"), ""
    if language == "en" and 0 < len(tail.split()) <= 4 and not is_clause(tail, language):
        head, tail = said, ""  # "Tubular adenoma of the colon with low-grade dysplasia"
    if language == "zh" and tail and len(tail) <= 8 and not is_clause(tail, language):
        head, tail = said, ""  # "皮肤基底细胞癌，结节型"
    short = 2 < len(head) <= 22 if language == "zh" else 0 < len(head.split()) <= 14
    verbless = not is_clause(head, language) or first_entity(head, language) == head
    says = len(head) > 3 or language == "zh"
    if short and says and verbless and not _OPENS_SENTENCE.match(head) and not re.fullmatch(STAIN, head, re.I):
        return head, [tail] if len(tail) > 3 else []
    return None, [said] if said else []


def _is_short(title: str, language: str) -> bool:
    return 1 < len(title) <= 8 if language == "zh" else 0 < len(title.split()) <= 4


def _free_standing(piece: str, language: str) -> list[str]:
    """Statements of a citing sentence that can be understood without the sentences around it."""
    out = []
    for said in statements(piece, language):
        bare = _INTERJECTION.sub(" ", _CONNECTIVE.sub("", said))
        if not _ANAPHORA.match(bare) and not _COMPARES.search(bare):
            out.append(finished(bare, language))
    return out


def _is_about_another(sentence: str, entity: str | None, language: str) -> bool:
    named = entities(sentence, language)
    return entity is not None and bool(named) and not any(same_entity(name, entity) for name in named)


def _is_repeated(sentence: str, said: list[str]) -> bool:
    return any(fuzz.token_set_ratio(sentence.casefold(), other.casefold()) >= 90 for other in said)
