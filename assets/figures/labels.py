"""How figures are named in print: labels that open a caption, and citations inside a sentence.

English and Chinese words, numbers such as 7, 7-26, 1.3, S2, 3a, "Figure-2". A citation may name several figures, ranges
and panels: "Figs. 3-2A and B", "Figures 3-1 and 3-4", "Fig. 5A–C, E", "图6-1和图6-3".
"""

import re
from dataclasses import dataclass

from assets.records import normalise_label

DASH = r"\-\u2010-\u2015\u2212"
WORD = r"(?:figures?|figs?|plates?|schemes?|图版|圖版|附图|图|圖)"
NUMBER = rf"(?:[A-Z]{{1,2}}[.{DASH}]?)?\d{{1,4}}(?:\s?[.{DASH}]\s?\d{{1,3}}(?!\d)){{0,2}}(?-i:[a-z](?![a-z]))?"
TABLE = re.compile(r"^\W*(?:supplementary\s+)?(?:tables?|boxe?s?|表)[\s.]{0,2}[" + DASH + r"]?\s?[A-Z]?\d", re.I)
TABLE_ALONE = re.compile(TABLE.pattern + r"[\d.\-\u2010-\u2015]*[A-Za-z]?\s*[.:：。]?\s*$", re.I)
LABEL = re.compile(
    rf"^[\s\u25a0-\u25ff\u2022]*(?P<label>(?:(?:supplementary|supplemental|extended\s+data|appendix|online)\s+)?"
    rf"(?P<word>{WORD})(?:\.?\s?[{DASH}]|[.\s\u00a0]{{0,3}})(?P<number>{NUMBER}))(?P<rest>.*)$",
    re.I | re.S,
)
# "(continued)" behind a number: a later part of a figure, or of its caption.
CONTINUED = re.compile(
    r"^\s*(?P<stop>[.:]?)\s*(?:[(（\[]\s*(?:continued|cont['’]?d?\.?|续|續)(?:\s+from\b[^)）\]]*)?\s*[)）\]]"
    r"|continued(?=\s*(?:[.:,;—–]|$))|cont['’]d\b\.?|cont\.)",
    re.I,
)
# Words that follow a number in running text, never in a caption.
VERBS = re.compile(
    r"^\s*(?:\(?[A-Ha-h]\)?\s+|[A-H](?:\s?[–—、~～至和-]\s?[A-H])+|[–—-]\s?[a-h]\s)?"
    r"(?:,|，|and\b|or\b|to\b|is\b|are\b|was\b|were\b|has\b|have\b|show|depict|illustrat|demonstrat|"
    r"present|represent|display|indicat|reveal|describ|summari[sz]|compar|provid|give|gives|contain|plot|report|suggest|"
    r"can\b|also\b|that\b|which\b|as\b|in\b|of\b|for\b|by\b|at\b|on\b|we\b|below\b|above\b|respectively|"
    r"\)|\]|;|所示|显示|示(?!意)|可见|為|为|中(?!央|心|枢|性)|和|及|、)"
)


@dataclass(frozen=True)
class Label:
    """The label that opens a line: as printed, its normalised number, the words before it, and what follows it.

    `continued` says that the label is repeated with "(continued)", which is left out of `rest`.
    """

    printed: str
    number: str
    words: str
    rest: str
    continued: bool = False

    @property
    def several(self) -> bool:
        """Whether the word is a plural, as it is in the text rather than before a caption."""
        return bool(re.match(r"(?:figures|figs|plates|schemes)\b", self.words.split()[-1] if self.words else "", re.I))

    @property
    def delimiter(self) -> str:
        """What separates the number from the text: one of . : | ) or 'wide', 'end', ''."""
        if not self.rest.strip():
            return "end"
        match = re.match(r"\s*([.:：。．|)\]]|[—–](?!\s?[A-Za-z]\b)|\s-\s)", self.rest)
        if match:
            return match.group(1).strip()
        return "wide" if re.match(r"\s{2,}|[\u2002\u2003\u3000\t]", self.rest) else ""


def opening_label(text: str) -> Label | None:
    """The label at the start of `text`, if it opens with one."""
    match = LABEL.match(text)
    if not match:
        return None
    printed, rest = match.group("label"), match.group("rest")
    words = printed[: match.start("number") - match.start("label")]
    # "Fig. 3AB": capitals glued to the number are panels; "Fig. 3rd" is no label
    if rest[:1].isalpha() and rest[:1].isascii() and not re.match(r"[A-Z]{1,3}\b", rest):
        return None
    again = CONTINUED.match(rest)
    rest = again.group("stop") + rest[again.end() :].removeprefix(again.group("stop")) if again else rest
    return Label(" ".join(printed.split()), normalise_label(printed), words.strip(), rest, again is not None)


def translates(first: Label, second: Label) -> bool:
    """Whether two labels name one figure in two languages: "图1-1" and "Fig. 1-1"."""
    return first.number == second.number and first.words.isascii() != second.words.isascii()


def without_label(text: str) -> str:
    """Caption text after its label, "(continued)" and the delimiter."""
    match = LABEL.match(text)
    rest = CONTINUED.sub("", match.group("rest")) if match else text
    return re.sub(r"^\s*[.:：。．|)\]—–-]*\s*", "", rest).strip()
