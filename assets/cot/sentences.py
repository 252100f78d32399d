"""From a caption and its citing sentences to statements about a picture, in English and Chinese.

    statements("Fig. 3-2 shows nests of tumour cells (arrow).", "en")   # ["Nests of tumour cells."]

A sample must reason as if looking at the picture. So citations of figures, tables and literature, panel letters,
magnifications and marks are taken out by rewriting, and a sentence that still speaks of them afterwards is dropped
whole. Nothing is added.
"""

import re

from assets.cot.vocabulary import EPONYMS

NUMBER = (
    r"[A-Za-z]?\d+(?:\s*[-.–—‑]\s*\d+)*\s*(?:(?:[A-Z]{1,8}"
    r"|[a-h])(?![a-z])(?:\s*[-–,和、及]\s*[A-Za-z](?![a-z]))*)?"
)
_MORE = rf"(?:{NUMBER}|[A-H](?!\w))"  # "Figs. 2-6A and B"
CITE_EN = (  # possessive: a long list could be divided in very many ways
    rf"(?:Supplementary\s+)?(?:Figures?|Figs?\.?|Plates?|Tables?)\s*{NUMBER}"
    rf"(?:\s*(?:,\s*(?:and\s)?|and\s|&|to\s|[-–])\s*{_MORE})*+"
)
CITE_ZH = rf"[图圖表]\s*{NUMBER}(?:\s*[,，、和及与]\s*(?:[图圖表]\s*)?{_MORE})*"
PANEL_EN = r"(?:panels?|parts?)\s+[A-Za-z](?![a-z])(?:\s*(?:,|and|[-–])\s*[A-Za-z](?![a-z]))*"
PANEL_ZH = r"(?:分图|小图|子图)\s*[A-Za-z](?![a-z])"
MARK = (
    r"(?:(?:thin|thick|long|short|black|white|red|blue|green|yellow|open|solid|curved|double|small|large)\s+)*"
    r"(?:arrow\s?-?heads?|arrows?|asterisks?|stars?|insets?|箭头|箭|星号|插图|\*)"
)
MAGNIFICATION = (
    r"(?:original\s+magnification|magnification|mag\.?|objective|原始放大倍数|放大)?[\s:：]*"
    r"(?:(?<!\d)(?<!\d\s)[×xX]\s?\d{1,4}(?![\d%]|\.\d)|\d{1,4}\s?[×xX](?!\s?\d|\w)(?:\s*(?:objective|倍))?"
    r"|\d{2,4}\s?倍)"
)
STAIN = (
    r"(?:H\s?&(?:amp;)?\s?E|HE|h(?:a)?ematoxylin\s+and\s+eosin|苏木精[-—–]?伊红|Papanicolaou|Pap|MGG|Giemsa|Diff[- "
    r"]?Quik"
    r"|Wright|巴氏|瑞氏|吉姆萨|免疫组化|免疫组织化学|immunohistochemistry|immunoperoxidase|IHC|FISH|DAPI|DAB)"
    r"(?:[- ]?(?:stain(?:ed|ing)?|染色|法))?"
)
_REST = r"[\s,，、;；:：.。&/和与]*"
_ONLY_RESIDUE = re.compile(
    rf"(?:{_REST}(?:see\s+(?:also\s+)?|as\s+in\s+|cf\.?\s*|compare\s+|见|参见|如)?"
    rf"(?:{CITE_EN}|{CITE_ZH}|{PANEL_EN}|{PANEL_ZH}|{MARK}(?:\s*(?:in\s+)?[A-Za-z](?![a-z]))?(?:所示|所指)?"
    rf"|{MAGNIFICATION}"
    rf"|{STAIN}|(?:left|right|top|bottom|upper|lower|centre|center)|[左右上下]|scale\s+bars?[^,;]*|bar\s*[=:][^,;]*"
    rf"|标尺[^,，]*"
    r"|(?<![A-Za-z])[A-Z](?![A-Za-z])|\d+(?:\s*[-–,]\s*\d+)*|[A-Z][\w-]+(?:\s+(?:et\s+al\.?"
    r"|and\s+[A-Z][\w-]+))?,?\s+(?:19|20)\d\d[a-z]?))+"
    rf"{_REST}",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
_CITE_INSIDE = re.compile(rf"[,;，；]?\s*(?:see\s+|见)?(?:{CITE_EN}|{CITE_ZH})")

# "As shown in Figure 3-2, X" / "X, as seen in Figure 3-2" / "In Figure 3-2, X" / "Figure 3-2 shows X"
_AS_SHOWN = re.compile(
    rf",?\s*\b(?:as\s+(?:is\s+|are\s+)?(?:well\s+)?(?:shown|seen|depicted|illustrated|demonstrated|described"
    rf"|indicated)|see|like\s+that)"
    rf"\s+(?:here\s+)?(?:in|by|on)?\s*(?:the\s+)?(?:{CITE_EN}|{PANEL_EN}|(?:figure|image|picture|caption"
    rf"|legend)\b)[,:]?\s*",
    re.IGNORECASE,
)
_AS_FIGURE_SHOWS = re.compile(
    rf",?\s*\bas\s+(?:{CITE_EN}|{PANEL_EN})\s+(?:shows?|illustrates?|demonstrates?|depicts?)[,:]?\s*", re.IGNORECASE
)
_IN_FIGURE = re.compile(
    rf"(?:^|\b(?P<seen>shown|seen|illustrated|depicted|demonstrated|visible|evident|apparent|present|found)\s+)"
    rf"(?:in|on)\s+(?:{CITE_EN}|{PANEL_EN}|the\s+(?:figure|panel))(?![\w-])[,:]?\s*",
    re.IGNORECASE,
)
_FIGURE_SHOWS = re.compile(
    rf"^(?:{CITE_EN}|{PANEL_EN}|(?:this|the)\s+(?:figure|photomicrograph|micrograph|photograph|picture|image|panel"
    rf"|section))"
    r"[,:]?\s+(?:is\s+a(?:n)?\s+(?:example|photomicrograph|picture|image)\s+of|shows?|illustrates?|depicts?"
    r"|demonstrates?"
    r"|displays?|reveals?|presents?)\s+(that\s+)?",
    re.IGNORECASE,
)
_SHOWN_END = re.compile(
    r"\s+(is|are)\s+(?:shown|illustrated|depicted|demonstrated|presented|displayed)(?:\s+here)?\s*(?=[.。;,]|$)", re.I
)
_ZH_SHOWN = re.compile(rf"(?:如|见|参见|详见)\s*(?:上|下|本|左|右)?(?:{CITE_ZH}|图)\s*(?:所示|所见)?[,，:：]?\s*")
_ZH_SHOWS = re.compile(
    rf"^(?:{CITE_ZH}|本图|该图|上图|下图|图像)\s*[,，:：]?\s*(?:所示|为|示|显示|可见|展示)\s*[,，:：]?(?:的是)?\s*"
)
_LEADING_LETTER = re.compile(r"^(?:[(（]?[A-Ha-h](?:\s*[-–,，、]\s*[A-Ha-h])*[)）.:：、,，]|[A-H](?=\s+[A-Z][a-z]))\s*")
_INNER_LETTER = re.compile(r"(?<=[,;，；。.])\s*[(（]?[A-H][)）.:：]\s*")
_POSITION = re.compile(r"^(?:left|right|top|bottom|upper|lower|inset|左|右|上|下|插图)\s*[:：]\s*", re.IGNORECASE)
_IN_PANEL = re.compile(rf"\s*\(?\b(?:in|on)\s+[A-H](?:\s*(?:,|and)\s*[A-H])*(?=[\s,.;)])|\s*\b{MARK}\s+in\s+[A-H]\b")
_MARKS_RUN = re.compile(
    rf"[,，]?\s*(?:\(|（)?(?:at|by|indicated\s+by|marked\s+by|see)?\s*(?:the\s+)?{MARK}(?:所示|所指)(?:为|处)?"
)
_VIEW = re.compile(
    r"^(?:an?\s+|the\s+)?(?:"
    r"(?:(?:very\s+)?(?:low|medium|intermediate|high)(?:er)?[- ](?:power|magnification)|close[- ]up)"
    r"(?:\s+(?:views?|fields?|appearance))?(?:\s*[,:]|\s+(?:of|showing|shows?|to show)\b)?"
    r"|(?:typical\s+)?(?:gross|macroscopic|microscopic|histologic(?:al)?|cytologic(?:al)?)?\s*"
    r"(?:photo(?:micro)?graph|micrograph|appearance|features|view|picture|image)s?\s+of"
    r")(?:\s+(?:an?|the)\b)?\s*|^(?:低倍|高倍|中倍)(?:镜下?)?(?:观|所见)?[,，:：]?\s*",
    re.IGNORECASE,
)
_STAIN_TAIL = re.compile(
    rf"(?:[,，.。;；]\s*{STAIN}|[,，.。;；\s]+{MAGNIFICATION})(?:[,，;；.\s]+(?:{STAIN}"
    rf"|{MAGNIFICATION}))*\s*[.。]?$",
    re.I,
)
_MAGNIFICATION = re.compile(rf"[,，]?\s*(?<![\w.×x])(?<![×x]\s)(?:{MAGNIFICATION})(?![\w%])", re.IGNORECASE)
_TAGS = re.compile(r"</?(?:think|answer|image)>", re.IGNORECASE)  # a book's text must not end a think block
_LITERATURE = re.compile(r"\s*\[\d+(?:\s*[-–,]\s*\d+)*\]")
_META = re.compile(
    r"\b(?:figs?|(?<!mitotic )figures?|plates?|tables?|panels?|caption|legend|chapter|section\s+\d|page\s+\d+"
    r"|references?|textbook|photomicrographs?|micrographs?"
    r"|arrows?|arrowheads?|asterisks?|insets?|courtesy|reproduced|permission|copyright|see\s+(?:above|below|also)"
    r"|described\s+(?:above|below|earlier)"
    r"|compare|see\s+text|preceding|aforementioned|previous(?:ly)?\s+described|magnification|scale\s+bar)\b"
    r"|[图圖表]\s*\d|见图|如图|上图|下图|左图|右图|图示|图中|箭头|箭示|插图|本章|前述|上述|所述|图注|如前|标尺"
    r"|放大倍数|https?:|www\.|[©®]",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(
    r"\b(?:Fig|Figs|e\.g|i\.e|cf|vs|approx|Dr|Prof|al|ca|etc|no|sp|spp|cm|mm|resp|max|min|St|var)\.$", re.I
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|may|will|must|should|does|do|shows?|contains?|consists?|comprises?"
    r"|forms?|infiltrates?|invades?"
    r"|replaces?|expands?|surrounds?|lines?|covers?|fills?|extends?|occupies|occupy|appears?|reveals?|displays?"
    r"|exhibits?|demonstrates?|lies?|lacks?"
    r"|remains?|indicates?|suggests?|supports?|confirms?|excludes?|arises?|grows?|occurs?|reacts?|stains?|expresses"
    r"|express|produces?|encloses?|compress(?:es)?"
    r"|bulges?|projects?|protrudes?|destroys?|separates?|varies|vary|resembles?|represents?|includes?|bears?|carry"
    r"|carries|merges?|ranges?|points?|makes?|gives?"
    r"|sits?|stands?|runs?|rests?|spreads?|penetrates?|palisades?|hugs?|rims?|outlines?|distends?|obliterates?"
    r"|accompan(?:y|ies)|predominates?|differs?|"
    r"outnumbers?|overlaps?|mould|molds?|cluster|float|retain|retains|reflects?|favou?rs?|requires?|defines?"
    r"|distinguish(?:es)?|correspond|corresponds|persists?|"
    r"pushes|push|entraps?|encases?|effaces?|involves?|follows?|need|needs|crowd|stream|stratify|keeps?|loses?|lose"
    r"|splits?|fuses?|fuse|bridge|bridges|meet|meets|"
    r"affects?|causes?|develops?|presents?|harbou?rs?|leads?|results?|helps?|allows?|tends?|proves?|marks?"
    r"|identif(?:y|ies)|highlights?|decorates?|outline)\b"
)
_ZH_VERB = re.compile(
    r"[是为呈有可见示由在]|显示|形成|浸润|排列|构成|增生|增大|深染|消失|破坏|侵犯|着色|阳性|阴性|表达|提示|支持"
    r"|符合|扩增|融合|分离|充满|围绕|覆盖|取代|不规则|清楚|清晰|丰富|明显|一致|稀少|轻度"
)


def split(text: str) -> list[str]:
    """Sentences of an English or Chinese text; abbreviations, initials and decimals do not end one."""
    text = re.sub(r"\s+", " ", text).strip()
    out: list[str] = []
    start = 0
    for match in re.finditer(r"[.!?](?=\s+[\"“(]?[A-Z0-9\u4e00-\u9fff]|\s*$|[\u4e00-\u9fff])|[。！？；]|;(?=\s)", text):
        piece = text[start : match.end()]
        if match.group() == "." and (_ABBREVIATION.search(piece) or re.search(r"(?:^|\s|\()[A-Z]\.$", piece)):
            continue
        if piece.count("(") + piece.count("（") > piece.count(")") + piece.count("）"):
            continue
        out.append(piece.strip())
        start = match.end()
    out.append(text[start:].strip())
    return [piece for piece in out if len(piece) > 1]


def clean(sentence: str) -> str:
    """One sentence without citations, panel letters, marks and magnifications; "" when it cannot be freed of them."""
    text = _LITERATURE.sub("", _TAGS.sub(" ", sentence))
    for _ in range(2):
        text = _BRACKET.sub(_mend_bracket, text)
    text = _POSITION.sub("", _LEADING_LETTER.sub("", text.strip()))
    text = _ZH_SHOWN.sub("", _ZH_SHOWS.sub("", _AS_SHOWN.sub(" ", _AS_FIGURE_SHOWS.sub(" ", text)).strip()))
    text = _FIGURE_SHOWS.sub("", text)
    text = _IN_PANEL.sub("", _IN_FIGURE.sub(_keep_seen, text).strip())
    text = _MARKS_RUN.sub("", _INNER_LETTER.sub(" ", text))
    text = _SHOWN_END.sub(r" \1 seen", text)
    text = _MAGNIFICATION.sub("", _STAIN_TAIL.sub("", text))
    text = _VIEW.sub("", _tidy(text))
    return "" if _META.search(text) or not _balanced(text) else text


def _keep_seen(match: re.Match[str]) -> str:
    return f"{match['seen']} " if match["seen"] else ""


def _mend_bracket(match: re.Match[str]) -> str:
    inside = match.group(1)
    before = match.string[match.start() - 1 : match.start()]
    if before.isascii() and before.isalnum() and not match.group()[0].isspace():
        return match.group()  # t(14;18), IgG(4): part of a name
    if not inside.strip() or _ONLY_RESIDUE.fullmatch(inside):
        return ""
    kept = _CITE_INSIDE.sub("", inside).strip(" ,;，；")
    kept = re.sub(rf"[,;，；]?\s*(?:{MARK}|{MAGNIFICATION})(?=[,;，；]|$)", "", kept, flags=re.IGNORECASE).strip(
        " ,;，；"
    )
    opening = match.group().lstrip()[0]
    closing = {"(": ")", "（": "）", "[": "]", "【": "】"}[opening]
    space = " " if match.group()[0].isspace() else ""
    return f"{space}{opening}{kept}{closing}" if kept and not _META.search(kept) else ""


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([,.;:，。；：、)）])", r"\1", text)
    text = re.sub(r"([,，、;；:：])(?:\s*[,，、;；]|\s+[:：])+", r"\1", text)
    text = re.sub(r"[,，、;；:：]\s*([.。])", r"\1", text)
    text = re.sub(r"(?<=[\u4e00-\u9fff，。；])\s+(?=[\u4e00-\u9fff，。；])", "", text)
    return text.strip(" ,;:，；：、-–—")


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "（）", "[]", "“”"))


def is_clause(text: str, language: str) -> bool:
    """Whether a text says something rather than only naming it (a finite verb, told by a list of the field's verbs)."""
    return bool((_ZH_VERB if language == "zh" else _VERB).search(text[1:] if language == "zh" else text))


def lower_first(text: str) -> str:
    """Without its sentence capital; names, abbreviations and gene symbols keep theirs."""
    word = re.match(r"[A-Za-zÀ-ÿ]+", text)
    if (
        not word
        or (len(word.group()) > 1 and not word.group()[1:].islower())
        or text[word.end() : word.end() + 1].isdigit()
    ):
        return text
    if word.group().lower() in EPONYMS or (len(word.group()) == 1 and word.group() not in "AI"):
        return text
    if len(word.group()) == 1 and text[1:2] != " ":
        return text
    return text[0].lower() + text[1:]


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:] if not re.match(r"[a-z]+[A-Z0-9]", text) else text


def finished(text: str, language: str, capital: bool = True) -> str:
    """With one full stop, and the capital of a sentence."""
    text = text.rstrip(" .。;；,，:：")
    return (upper_first(text) if capital else text) + ("." if language == "en" else "。")


def flowing(sentences: list[str], language: str) -> str:
    """Sentences as one text, none twice."""
    return ("" if language == "zh" else " ").join(dict.fromkeys(sentences))


def statements(text: str, language: str) -> list[str]:
    """Cleaned, complete sentences of a caption or of a citing sentence, in order, none twice.

    A noun phrase stays one ("Loss of membranous staining."): pathologists describe in this style, and a verb put in by
    rule would be wrong at times. Fragments of less than four English words or five Chinese characters say too little
    and are left out.
    """
    out: list[str] = []
    for piece in split(text):
        said = clean(piece).strip(" .。;；")
        if len(said) < 5 if language == "zh" else len(said.split()) < 4:
            continue
        sentence = finished(said, language)
        if sentence.casefold() not in {s.casefold() for s in out}:
            out.append(sentence)
    return out
