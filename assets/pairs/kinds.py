"""Image kind (H&E, gross, cytology, IHC, FISH, other) from the words of caption and citing sentences.

Each pattern is a way in which books name a stain or preparation. The nearest text decides: a panel's own part, then
the shared lead, then the sentences that cite the figure. Named stains outweigh circumstantial words ("expression of
Bax protein"), and special stains, charts and radiology outweigh those, because they are said on purpose.
"""

import re
from dataclasses import dataclass

from assets.pairs.picture import PictureFacts

DECLARED = 1.2  # named in a parenthesis of its own, "(H&E, ×200)": where books say what the picture is
OPENING = 1.1  # named in the first words, "Immunohistochemistry for HER2 …"
NAMED = 1.0  # named anywhere: the stain of the picture, or of another one that is talked about
CIRCUMSTANTIAL = 0.6  # words that go with it
HINT = 0.5  # words that speak for it where nothing else does
OPENING_CHARS = 40
SHOWN = {"he": "H&E", "gross": "gross", "cytology": "cytology", "ihc": "IHC", "fish": "FISH", "other": "other"}
NO_PHOTOGRAPH = "the picture is no colour photograph"
PARENTHESIS = re.compile(r"[(（\[]([^()（）\[\]]{2,60})[)）\]]")

MARKERS = (
    r"HER[\s-]?2(?:/neu)?|Ki[\s-]?67|p(?:16|40|53|63|57|27|504s)|ER|PR|AR|CD\s?\d{1,3}[a-z]?|CK\s?\d{1,2}(?:/\d{1,2})?|"
    r"[Cc]ytokeratin(?:\s?\d+)?|TTF[\s-]?1|[Nn]apsin\s?A|S[\s-]?100|SOX\s?10|Melan[\s-]?A|HMB[\s-]?45|"
    r"[Cc]hromogranin(?:\s?A)?|[Ss]ynaptophysin|GATA[\s-]?3|PAX[\s-]?\d|CDX[\s-]?2|WT[\s-]?1|Bcl[\s-]?\d(?:L\d+)?|Bax|"
    r"E-cadherin|[Vv]imentin|[Dd]esmin|[Aa]ctin|[Cc]alretinin|[Cc]alponin|GFAP|IDH1|ALK|PD-?L1|MLH1|MSH[26]|PMS2|"
    r"DOG[\s-]?1|c-?KIT|EMA|PSA|TdT|MUM[\s-]?1|[Cc]yclin\s?D1|EGFR|[Cc]aspase[\s-]?\d|VEGF|[Ii]nhibin|[Tt]hyroglobulin|"
    r"[Cc]alcitonin|OCT\s?3/4"
)
VERBS = (
    r"immunoreactiv|immunopositiv|stain(?:s|ed|ing)?|express(?:es|ed|ion)?|positiv|negativ|protein|antibod|"
    r"阳性|阴性|表达|染色"
)

# Case is ignored except inside (?-i:…), where small letters would be other words: HE, CT, FISH, ER. Word borders are
# ASCII, so that "H&E染色" holds the word H&E.
PATTERNS: list[tuple[str, float, str]] = [
    ("he", NAMED, r"\bH\s?(?:&|＆)\s?E\b|(?-i:\bH and E\b|\bHE\b)|ha?ematoxylin(?:\s+(?:and|&)\s+|\s?[-–/]\s?)eosin"),
    ("he", NAMED, r"苏木[精素][\s\-–—、和与]*伊红|(?-i:(?<![A-Za-z])HE\s?(?:染色|[,，×x）)]))"),
    ("ihc", NAMED, r"immuno[\s-]?histo[\s-]?chem|immuno[\s-]?stain|immuno[\s-]?peroxidase|immunoreactiv|(?-i:\bIHC\b)"),
    ("ihc", NAMED, r"immuno[\s-]?cyto[\s-]?chem|免疫组织?化"),
    ("ihc", CIRCUMSTANTIAL, rf"(?-i:\b(?:{MARKERS})(?![A-Za-z0-9]))[^.;。；]{{0,40}}?(?:{VERBS})"),
    ("ihc", CIRCUMSTANTIAL, rf"(?:{VERBS})[^.;。；]{{0,40}}?(?-i:\b(?:{MARKERS})(?![A-Za-z0-9]))"),
    ("fish", NAMED, r"(?-i:\bFISH\b)|fluorescen(?:ce|t) in[\s-]?situ|break[\s-]?apart|dual[\s-]?colou?r probe"),
    ("fish", NAMED, r"荧光原位杂交"),
    ("fish", CIRCUMSTANTIAL, r"\bfusion signals?\b|(?-i:\bCEP\s?\d+\b)|\b(?:red|green) signals?\b"),
    ("cytology", NAMED, r"papanicolaou|\bPap (?:stain|smear|test)|diff[\s-]?quik|\bsmears?\b|\bcytolog(?:y|ic)"),
    ("cytology", NAMED, r"fine[\s-]?needle|\bFNAC?\b|liquid[\s-]?based|touch (?:imprint|prep)|\bcytospin|\baspirate\b"),
    ("cytology", NAMED, r"巴氏染色|涂片|细胞学|针吸|液基"),
    ("cytology", CIRCUMSTANTIAL, r"\bGiemsa\b|(?-i:\bMGG\b)"),
    ("gross", NAMED, r"\bgross(?:ly)?\b|\bmacroscop|\bcut[\s-]?surfaces?\b|\bresection specimen|大体|肉眼|切面"),
    ("gross", CIRCUMSTANTIAL, r"\bspecimen\b|\bbisected\b|标本"),
    ("gross", HINT, r"\b[a-z]+ectomy\b|切除术?[后。，]"),
    ("other", NAMED, r"(?-i:\bTUNEL\b)|nick[\s-]?end label|immunofluorescen|electron[\s-]micro|免疫荧光|电镜"),
    ("other", NAMED, r"\bMasson|\btrichrome|(?-i:\bPAS\b|\bGMS\b)|periodic acid|Congo red|\bsilver stain|methenamine"),
    ("other", NAMED, r"reticulin stain|Prussian blue|oil red|toluidine|cresyl|Ziehl|Alcian|\bblots?\b|SDS-PAGE"),
    ("other", NAMED, r"(?-i:\b(?:MRI|CT|PET)\b)|radiograph|ultrasono|X-ray|mammogra|angiogra|\bKaplan"),
    ("other", NAMED, r"\bclinical (?:photo|picture|image|appearance)|临床照片|患者照片|患者面部|超声|磁共振|胸片"),
    ("other", NAMED, r"\b(?:photo(?:graph)?|portrait) of (?:the|a) (?:patient|face|man|woman|child|boy|girl|infant)\b"),
    ("other", NAMED, r"\bdiagram|\bschematic|\bflow[\s-]?chart|\bbar (?:chart|graph)|示意图|模式图|曲线|柱状图|流程图"),
    ("other", CIRCUMSTANTIAL, r"\bincidence\b|\bsurvival\b|\balgorithm\b|\bgraph\b|\bendoscop|内镜|发病率|生存率"),
    ("he", CIRCUMSTANTIAL, r"histolog|histopatholog|photomicrograph|\b(?:low|medium|high)[\s-]power\b|镜下|光镜"),
    ("he", CIRCUMSTANTIAL, r"\bnucle(?:i|us|oli|olus)\b|\bcytoplasm|\bglands?\b|\bstroma\b|\bmitos"),
    ("he", CIRCUMSTANTIAL, r"腺[体管]|间质|细胞核"),
]  # fmt: skip
COMPILED = [(kind, weight, re.compile(pattern, re.IGNORECASE | re.ASCII)) for kind, weight, pattern in PATTERNS]


@dataclass(frozen=True)
class Kind:
    """Image kind with its score (0..1) and the words or picture facts that decided."""

    kind: str
    score: float
    evidence: str


def votes(text: str) -> dict[str, tuple[float, str]]:
    """Per kind the strongest way in which the text names it: weight and the words found."""
    found: dict[str, tuple[float, str]] = {}
    asides = [match.span(1) for match in PARENTHESIS.finditer(text)]
    for kind, base, pattern in COMPILED:
        for match in pattern.finditer(text):
            weight = base
            if base == NAMED and any(start <= match.start() < end for start, end in asides):
                weight = DECLARED
            elif base == NAMED and match.start() < OPENING_CHARS:
                weight = OPENING
            if weight > found.get(kind, (0.0, ""))[0]:
                found[kind] = (weight, " ".join(match.group().split()))
    return found


def image_kind(near: list[tuple[str, str]], context: str, picture: PictureFacts) -> Kind:
    """Kind of a picture.

    `near` are (where, text) of what is printed with it, nearest first: a panel's own part, then the shared lead.
    `context` (citing sentences) is asked only when those are silent, because it also talks of other pictures. In each,
    named stains go before circumstantial words; rivals of equal weight are not believed.
    """
    for tier, texts in enumerate((near, [("citing sentences", context)])):
        found = [(where, _without_weak_he(votes(text))) for where, text in texts]
        for threshold in (NAMED, CIRCUMSTANTIAL, HINT):
            for rank, (where, kinds) in enumerate(found):
                strong = {kind: vote for kind, vote in kinds.items() if vote[0] >= threshold}
                if strong:
                    return _decided(where, strong, 0.05 * rank + 0.1 * tier, picture)
    evidence = "no stain or preparation named"
    return Kind("other", 0.5, evidence) if picture.photograph else Kind("other", 0.8, f"{evidence}; {NO_PHOTOGRAPH}")


def _without_weak_he(found: dict[str, tuple[float, str]]) -> dict[str, tuple[float, str]]:
    """Nuclei and glands are seen in every preparation: they say H&E only when nothing else is said."""
    others = [weight for kind, (weight, _) in found.items() if kind != "he"]
    if max(others, default=HINT) > HINT and found.get("he", (NAMED, ""))[0] == CIRCUMSTANTIAL:
        return {kind: vote for kind, vote in found.items() if kind != "he"}
    return found


def _decided(where: str, found: dict[str, tuple[float, str]], doubt: float, picture: PictureFacts) -> Kind:
    kind, (weight, words) = max(found.items(), key=lambda item: item[1][0])
    evidence = f"{where}: {words}"
    rivals = [other for other, vote in found.items() if other != kind and vote[0] == weight]
    if kind != "other" and not picture.photograph:
        # A stain that is named and a picture without colour contradict each other: that is no label to learn from.
        return Kind("other", 0.7 if weight >= NAMED else 0.8, f"{evidence}; but {NO_PHOTOGRAPH}")
    if kind == "he" and weight == CIRCUMSTANTIAL and picture.pink_purple < 0.2:
        return Kind("other", 0.5, f"{evidence}; but no stain is named and the picture is not pink to purple")
    if rivals:
        return Kind(kind, 0.4, f"{evidence}; but also {', '.join(rivals)}")
    return Kind(kind, round((0.95 if weight >= NAMED else 0.7) - doubt, 2), evidence)
