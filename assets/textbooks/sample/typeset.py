"""Words to lines: fonts, measuring, hyphenation, justified and ragged setting, Chinese line breaks."""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

import pymupdf

from assets.textbooks.sample.style import FAMILIES

CJK = re.compile(r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]")
PIECES = re.compile(r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]|[^\s\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]+|\s+")
LOOSEST = 1.1  # widest extra space between words, in ems; looser lines stay ragged
NO_START = set("，。、；：）！？”》")
PREFIX = re.compile(
    r"(?:"
    r"amplifi|follicu|haemato|synapto|translo|charac|chromo|differ|eosino|epithe|glandu|immuno|lympho|"
    r"membra|morpho|prolif|adeno|archi|capil|carci|compo|desmo|disco|exami|exten|fibro|histo|honey|hybri|"
    r"hyper|impor|infil|inter|intra|invol|macro|malig|micro|multi|neigh|nucle|papil|patho|pheno|promi|"
    r"recog|recur|resem|speci|trabe|trans|anti|cyto|diag|indi|kera|lobu|meta|mito|muta|nega|para|peri|"
    r"pleo|posi|reti|squa|con|epi|neo|sur|uro"
    r")",
    re.IGNORECASE,
)
SUFFIX = re.compile(
    r"(tions?|ments?|ness|ties|ular|sion|ical|ment|tive|tively|ology|lium|cytes?|plasm|genic|ling|ting)$"
)


def font_name(family: str, weight: str) -> str:
    """PyMuPDF name of a font: family serif, sans or zh; weight r, b or i."""
    return "china-s" if family == "zh" else FAMILIES[family]["rbi".index(weight)]


@cache
def font(name: str) -> pymupdf.Font:
    return pymupdf.Font(name)


@lru_cache(maxsize=20_000)
def unit_width(text: str, name: str) -> float:
    return float(font(name).text_length(text, fontsize=1))


def is_cjk(text: str) -> bool:
    return bool(CJK.match(text))


@dataclass
class Token:
    """What stands between two possible line breaks: pieces of (text, font name)."""

    pieces: list[tuple[str, str]]
    space: bool  # a space follows
    tag: int = -1  # number of the citing sentence it belongs to

    def width(self, size: float) -> float:
        return sum(unit_width(text, name) for text, name in self.pieces) * size

    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)


@dataclass
class Line:
    pieces: list[tuple[float, str, str]] = field(default_factory=list)  # x offset, text, font name
    tags: list[int] = field(default_factory=list)


def tokens(text: str, family: str, weight: str = "r", tag: int = -1) -> list[Token]:
    """Split text into tokens; *word* is set in italic type, Chinese characters one by one in the Chinese font."""
    out: list[Token] = []
    slanted = False
    for part in PIECES.findall(text):
        if part.isspace():
            if out:
                out[-1].space = True
            continue
        if is_cjk(part):
            out.append(Token([(part, font_name("zh", "r"))], False, tag))
            continue
        pieces = []
        for index, segment in enumerate(part.split("*")):
            slanted = slanted if index == 0 else not slanted
            if segment:
                pieces.append((segment, font_name(family, "i" if slanted else weight)))
        if pieces:
            out.append(Token(pieces, False, tag))
    return out


def hyphen_points(word: str) -> list[int]:
    """Places where a word may be divided, after its own hyphens, known prefixes and before common endings."""
    points = [match.end() for match in re.finditer(r"(?<=[A-Za-z0-9]{2})-(?=[a-z]{3})", word)]
    bare = word.rstrip(".,;:)")
    if len(bare) >= 9 and bare.isalpha() and bare[1:].islower():
        start = PREFIX.match(bare)
        if start and len(bare) - start.end() > 3:
            points.append(start.end())
        ending = SUFFIX.search(bare)
        if ending and ending.start() > 3:
            points.append(ending.start())
    return sorted(set(points))


def divide(token: Token, room: float, size: float) -> tuple[Token, Token] | None:
    if len(token.pieces) != 1:
        return None
    text, name = token.pieces[0]
    for point in reversed(hyphen_points(text)):
        head = text[:point] if text[point - 1] == "-" else text[:point] + "-"
        if unit_width(head, name) * size <= room:
            return Token([(head, name)], False, token.tag), Token([(text[point:], name)], token.space, token.tag)
    return None


def set_line(row: list[Token], size: float, start: float, width: float, justify: bool) -> Line:
    """Place tokens from `start`; justified lines spread what is left over the spaces between words."""
    line = Line()
    gaps = [index for index, token in enumerate(row[:-1]) if token.space]
    spaces = sum(unit_width(" ", row[index].pieces[-1][1]) for index in gaps) * size
    natural = sum(token.width(size) for token in row) + spaces
    extra = (width - start - natural) / len(gaps) if justify and gaps else 0.0
    extra = 0.0 if extra > LOOSEST * size else extra
    x = start
    for index, token in enumerate(row):
        for place, (text, name) in enumerate(token.pieces):
            final = place == len(token.pieces) - 1
            spaced = text + (" " if final and token.space and index < len(row) - 1 else "")
            joins = bool(line.pieces) and extra == 0 and line.pieces[-1][2] == name
            if joins:
                offset, before, _ = line.pieces[-1]
                line.pieces[-1] = (offset, before + spaced, name)
            else:
                line.pieces.append((x, spaced, name))
            x += unit_width(spaced, name) * size
        if index in gaps:
            x += extra
        if token.tag >= 0 and token.tag not in line.tags:
            line.tags.append(token.tag)
    return line


def break_lines(
    words: list[Token], size: float, width: float, justify: bool = False, indent: float = 0.0, hyphenate: bool = True
) -> list[Line]:
    """Greedy line breaking to `width` points at `size`; the last line is never stretched."""
    return break_some(words, size, width, justify, indent, hyphenate)[0]


def break_some(
    words: list[Token],
    size: float,
    width: float,
    justify: bool = False,
    indent: float = 0.0,
    hyphenate: bool = True,
    most: int | None = None,
) -> tuple[list[Line], list[Token]]:
    """The first `most` lines of `words`, broken to `width` points, and the words that are left."""
    lines: list[Line] = []
    queue = list(reversed(words))
    row: list[Token] = []
    used = start = indent
    while queue:
        token = queue.pop()
        wide = token.width(size)
        if used + wide <= width or not row:
            row.append(token)
            used += wide + (unit_width(" ", token.pieces[-1][1]) * size if token.space else 0)
            continue
        parts = divide(token, width - used, size) if hyphenate else None
        if parts:
            row.append(parts[0])
            queue.append(parts[1])
        else:
            queue.append(token)
            while len(row) > 1 and (queue[-1].text()[0] in NO_START or row[-1].text()[-1] in "（“"):
                queue.append(row.pop())
        lines.append(set_line(row, size, start, width, justify))
        row, used, start = [], 0.0, 0.0
        if len(lines) == most:
            return lines, queue[::-1]
    if row:
        lines.append(set_line(row, size, start, width, False))
    return lines, []
