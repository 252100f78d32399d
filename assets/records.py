"""Every row type of the corpus, once: name, columns, units, meaning; and how ids are made.

An id names a thing, a content hash names its present state: ids survive a better box or a corrected PDF, because boxes,
texts and files enter content hashes alone. Boxes are [x0, y0, x1, y1] in PDF points (1/72 in) of the unrotated page,
origin at the top left. Pictures are named by the SHA-256 of their stored bytes. To change what a station writes, change
its record here; the Arrow schema follows.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from assets.schema import column, content_hash, stable_id

IMAGE_KINDS = ("he", "gross", "cytology", "ihc", "fish", "other")
COT_KINDS = IMAGE_KINDS[:-1]
TASKS = ("mcq", "description", "reasoning", "conversation")
DIFFICULTIES = ("easy", "medium", "hard")
ORGAN_SYSTEMS = (
    "breast", "digestive", "thoracic", "urinary_male_genital", "female_genital", "haematolymphoid", "head_neck",
    "endocrine", "skin", "soft_tissue_bone", "central_nervous_system", "cardiovascular", "liver_pancreas_biliary",
    "kidney", "eye", "other",
)  # fmt: skip
BOOK_KEY = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}\Z")

BBOX = pa.list_(pa.float64(), 4)
MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
IMAGE_STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
TAGS = pa.list_(pa.struct([("code", pa.string()), ("severity", pa.string()), ("field", pa.string())]))
EDITS = pa.list_(pa.struct([("field_path", pa.string()), ("base_hash", pa.string()), ("new_text", pa.string())]))
RATINGS = pa.list_(pa.struct([("name", pa.string()), ("value", pa.int8())]))


# ---------------------------------------------------------------------------------------------------------------- ids
def normalise_label(label: str) -> str:
    """The number of a figure label in one spelling: "Fig. 7–26" and "图 7-26" give "7-26", "Figure 3.2" gives "3-2".

    Letters before the number stay ("Fig. A.1" gives "a-1", "FigS2" gives "s2"), and so does what sets a series apart:
    "Supplementary Figure 1" gives "s1", "Extended Data Fig. 1" "ed1", "Plate 4" "plate4", "Scheme 2" "scheme2".
    """
    text = unicodedata.normalize("NFKC", label).lower().strip()
    dash = r"[.\-\u2010-\u2015\u2212]"
    letters = rf"(?:(?<![a-z])[a-z]{{1,2}}{dash}?|(?<=fig)s|(?<=figure)s)"
    number = re.search(rf"{letters}?\d+(?:\s*{dash}\s*\d+)*[a-z]?", text)
    if not number:
        return text
    short = re.sub(rf"\s*{dash}\s*", "-", number.group())
    series = re.match(r"(s)uppl|(e)xtended\s+(d)ata|(a)ppendix|(o)nline|(plate|scheme)|[图圖](版)", text)
    mark = "".join(filter(None, series.groups())).replace("版", "plate") if series else ""
    return short if short.startswith(mark) else mark + short


def figure_id(book: str, label: str, ordinal: int) -> str:
    """`ordinal` counts figures of the same normalised label within the book, from 0."""
    return stable_id("figure", book, normalise_label(label), ordinal)


def panel_id(figure: str, letter: str) -> str:
    return stable_id("panel", figure, letter)


def pair_id(source: str, figure: str, panel: str | None) -> str:
    return stable_id("pair", source, figure, panel)


def sample_id(pair: str, task: str, difficulty: str, draw: int) -> str:
    return stable_id("sample", pair, task, difficulty, draw)


# ------------------------------------------------------------------------------------------------------- from the PDF
@dataclass(frozen=True, kw_only=True)
class Textbook:
    """A registered book. The PDF itself lies beside this row in the library."""

    book: str = column("key, ^[a-z0-9][a-z0-9_-]{0,63}$: the title's slug or book-<sha8>")
    sha256: str = column("of the PDF as registered")
    file_name: str = column("as given by the user")
    title: str = column("")
    edition: str | None = column("")
    language: str | None = column("BCP 47 tag of the main language, null when unknown")
    licence: str | None = column("SPDX identifier or LicenseRef-…; null blocks a release")
    rights: str | None = column("free note on who allowed what")
    pages: int = column("number of pages")
    added_at: datetime = column("UTC")


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a book and its text in reading order."""

    book: str = column("")
    page: int = column("1-based")
    width: float = column("points, unrotated")
    height: float = column("points, unrotated")
    text: str = column("body, headings and captions in reading order, lines joined, Unicode NFC")
    captions: list[int] = column("start and end of every caption in `text`, one after the other: captions cite nothing")
    sections: list[str] = column("titles of the chapter and section that the page belongs to or opens")
    method: str = column("native, ocr, vlm, or none when the page has no readable text")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure with its caption; panels point to it."""

    figure_id: str = column("hash of book, normalised label and ordinal")
    book: str = column("")
    page: int = column("1-based page of the figure body")
    label: str = column("as printed, e.g. Fig. 7-26")
    bbox: list[float] = column("of the body without its caption", arrow=BBOX)
    caption_page: int = column("1-based page on which the caption begins; differs for plates and facing pages")
    caption_bbox: list[float] = column("of the caption, on caption_page", arrow=BBOX)
    caption: str = column("whole caption without its label; ligatures, hyphens at line ends and Unicode normalised")
    caption_printed: str = column("label and caption as printed, one printed line a line")
    image: str = column("SHA-256 of the picture in the book's image pack")
    width: int = column("pixels")
    height: int = column("pixels")
    dpi: float = column("native resolution of the picture on the page, dots per inch")
    pixels: str = column("embedded (bytes unchanged), decoded (to sRGB PNG) or rendered")
    method: str = column("native, ocr or vlm")
    rule: str = column("which rule bound the caption to the body")
    score: float = column("0..1, calibrated: the share of figures with this score whose body and caption are right")
    content_hash: str = column("over everything above but ids")


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One lettered part of a multi-panel figure."""

    panel_id: str = column("hash of figure_id and letter")
    figure_id: str = column("")
    book: str = column("")
    letter: str = column("upper case, A, B, …")
    bbox: list[float] = column("", arrow=BBOX)
    image: str = column("SHA-256 in the book's image pack")
    width: int = column("pixels")
    height: int = column("pixels")
    dpi: float = column("dots per inch")
    pixels: str = column("embedded, decoded or rendered")
    method: str = column("native, ocr or vlm")
    rule: str = column("what told the panels apart: rasters, letters or gutters")
    score: float = column("0..1, calibrated: the share of panels with this score whose box and letter are right")
    lead: str = column("part of the caption that all panels share")
    own: str = column("this panel's own part of the caption, without its letter")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A sentence of the body that cites a figure."""

    reference_id: str = column("hash of figure_id, page, span and letter")
    figure_id: str = column("")
    letter: str | None = column("panel that is cited, null for the whole figure")
    book: str = column("")
    page: int = column("1-based page of the sentence")
    sentence: str = column("")
    char_start: int = column("into Page.text, inclusive")
    char_end: int = column("into Page.text, exclusive")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What a station could not do, so that nothing is lost in silence."""

    book: str = column("")
    stage: str = column("station and step, e.g. figures.text")
    page: int | None = column("1-based, null for the whole book")
    reason: str = column("short code, e.g. no-text-layer")
    detail: str = column("one sentence for a person")


@dataclass(frozen=True, kw_only=True)
class Image:
    """A row of a book's image pack."""

    sha256: str = column("of `data`")
    media_type: str = column("image/jpeg or image/png")
    width: int = column("pixels")
    height: int = column("pixels")
    data: bytes = column("encoded picture, shown right by every browser and trainer")


# ---------------------------------------------------------------------------------------------------- pairs and splits
@dataclass(frozen=True, kw_only=True)
class Pair:
    """A picture with its text: a whole figure, or one panel of it."""

    pair_id: str = column("hash of source, figure and panel")
    source: str = column("textbook, pathcap, quilt, pathgen or a generic source's name")
    book: str | None = column("key for textbooks")
    figure_id: str = column("")
    panel_id: str | None = column("null for a whole figure")
    label: str = column("label as printed and letter, e.g. Fig. 7-26A")
    image: str = column("SHA-256 of the picture in the image pack")
    text: str = column("caption: lead and own part for a panel")
    context: list[str] = column("citing sentences, in page order")
    reference_ids: list[str] = column("of the citing sentences, in the same order")
    language: str = column("en or zh, of the caption")
    image_kind: str = column("he, gross, cytology, ihc, fish or other")
    image_kind_score: float = column("0..1")
    image_kind_evidence: str = column("the words or picture facts that decided")
    organ_system: str = column("one of ORGAN_SYSTEMS")
    organ_system_score: float = column("0..1")
    organ_system_evidence: str = column("the words that decided")
    licence: str | None = column("of the source")
    slide_or_patient_id: str | None = column("where the source names one")
    content_hash: str = column("over texts, picture and labels")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A registered external source. Its tables and pictures stay where they are."""

    source: str = column("name, as a book's key and never equal to one")
    kind: str = column("reader: pathcap, quilt, pathgen or generic")
    path: str = column("absolute path of the table, or of the folder that holds it")
    images: str = column("absolute path of the folder or archive in which its pictures or slides lie")
    layout: str = column("JSON object: the columns of its table by what they hold, and the language of its texts")
    title: str = column("")
    licence: str | None = column("of rows that name none: SPDX identifier or LicenseRef-…; null blocks a release")
    rights: str | None = column("free note on who allowed what")
    added_at: datetime = column("UTC")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One picture with its text, as a row of a source names it."""

    file: str = column("path of the table below the source's folder")
    line: int | None = column("1-based line on which the row begins; null in binary files")
    row: int = column("1-based row, entry or sample of the file")
    key: str = column("names this picture with this text within the source")
    figure: str = column("names the picture within the source: items that share it are kept together")
    uri: str = column("file:// URI of the folder, zip, tar, Parquet file or slide that holds the picture")
    member: str = column("path in the folder, zip or tar; column[row] of a Parquet file; region of a slide")
    text: str = column("caption, as the source has it but for blanks at both ends")
    topics: list[str] = column("organs or classes under which the source files the item")
    language: str | None = column("en or zh where the source says so")
    licence: str | None = column("where the row names one")
    slide_or_patient_id: str | None = column("where the source names one")
    facts: str = column("JSON object of what else the source says")


@dataclass(frozen=True, kw_only=True)
class Reading(Item):
    """An item whose picture has been read once, where it lies; pairs are made of it without reading it again."""

    image: str = column("SHA-256 of the picture's bytes")
    size: int = column("bytes of the picture; of a slide's region: of its pixels as PPM")
    picture: str = column("JSON object of what the picture itself says (assets.pairs.picture)")


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where a pair of an external source comes from and where its picture lies; in the order of the pairs."""

    pair_id: str = column("")
    image: str = column("SHA-256 of the picture's bytes, as in the pair")
    uri: str = column("file:// URI of the folder, zip, tar, Parquet file or slide that holds the picture")
    member: str = column("path in the folder, zip or tar; column[row] of a Parquet file; region of a slide")
    size: int = column("bytes of the picture; of a slide's region: of its pixels as PPM")
    file: str = column("path of the table below the source's folder")
    line: int | None = column("1-based line on which the row begins; null in binary files")
    row: int = column("1-based row, entry or sample of the file")
    facts: str = column("JSON object of what else the source says")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A row of an external source that became no pair, where to find it, and why: nothing is lost in silence."""

    source: str = column("")
    file: str = column("path of the table below the source's folder")
    line: int | None = column("1-based line on which the row begins; null in binary files")
    row: int = column("1-based row, entry or sample of the file")
    reason: str = column("short code, e.g. no-text")
    detail: str = column("one sentence for a person")
    raw: str = column("how the row begins, at most 2,000 characters; hostile, escape it wherever it is shown")


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """What the picture of a pair looks like, as numbers."""

    pair_id: str = column("")
    vector: list[float] = column("the features in assets/pairs/appearance/features.py", arrow=pa.list_(pa.float32()))


@dataclass(frozen=True, kw_only=True)
class PictureKind:
    """What a trained network takes a pair's picture for; it never saw that figure while it learnt."""

    pair_id: str = column("")
    image: str = column("SHA-256 of the picture that was judged")
    probabilities: list[float] = column("in the order of IMAGE_KINDS, 0 for a kind that it did not learn")
    model: str = column("name of the network with its training set")


@dataclass(frozen=True, kw_only=True)
class PairKind:
    """The kind of a pair's picture after words and picture were both asked. pairs.parquet keeps what the words say."""

    pair_id: str = column("")
    figure_id: str = column("")
    image: str = column("SHA-256 of the picture")
    pair_hash: str = column("content hash of the pair that was judged")
    content_hash: str = column("over pair_hash and the kind that was proposed: what a reviewer of this row accepts")
    words_kind: str = column("kind by words and picture facts")
    words_score: float = column("0..1")
    picture_kind: str | None = column("kind that the picture looks like, null where no classifier could say")
    picture_score: float = column("0..1, 0 where no classifier could say")
    image_kind: str = column("the decision, or of a queued pair the proposal: he, gross, cytology, ihc, fish or other")
    image_kind_score: float = column("0..1; at most 0.4 for a queued pair")
    image_kind_evidence: str = column("what words and picture say, and which classifier looked")
    queued: str = column("why a person must look first, else empty; a queued pair gets no Chain of Thought")
    model: str | None = column("classifier that looked at the picture, null for none")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """To which duplicate cluster a pair belongs. A figure and its panels always share one."""

    pair_id: str = column("")
    cluster_id: str = column("named after its first pair; never changes")
    book: str = column("book or source of the pair")
    pixels: str = column("SHA-256 of size and decoded RGB pixels: equal for equal pictures, whatever the file")
    duplicate_of: str | None = column("pair seen earlier that shows the same picture; such a pair buys no samples")
    evidence: str = column("why it is in this cluster")
    founder: str | None = column("book or source whose splits.parquet has the cluster", default=None)
    duplicate_in: str | None = column("book or source of `duplicate_of`", default=None)


@dataclass(frozen=True, kw_only=True)
class PictureHash:
    """Fingerprint of one picture: made once, compared with every picture that comes later."""

    image: str = column("SHA-256 in the pairs")
    pixels: str = column("SHA-256 of size and decoded RGB pixels")
    width: int = column("pixels")
    height: int = column("pixels")
    whole: bytes = column("256-bit perceptual hash, 32 bytes")
    whole_quality: int = column("0..100; below 50 a hash says little")
    trimmed: bytes | None = column("hash of what a uniform border surrounds; null without such a border")
    trimmed_quality: int = column("0..100; 0 without a border")
    blank: bool = column("hardly a pixel differs from one colour")
    drawing: bool = column("mostly paper, such as charts: close hashes say little")


@dataclass(frozen=True, kw_only=True)
class Keypoints:
    """ORB keypoints of one picture shrunk to a long side of 400 pixels, for crops and for verification."""

    image: str = column("SHA-256 in the pairs")
    width: int = column("pixels of the shrunk picture")
    height: int = column("pixels of the shrunk picture")
    points: bytes = column("x, y of each as little-endian float16, pixels")
    descriptors: bytes = column(
        "32 bytes each, in the order of the points: coarse and fine scales mixed, strongest first"
    )


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Two pictures that were compared, and what was found. They are named by book or source, /, SHA-256."""

    a: str = column("picture; a < b")
    b: str = column("picture")
    rule: str = column(
        "equal pixels, hash, hash and caption, keypoints, ink, not confirmed, or over the budget (not looked at)"
    )
    joins: bool = column("whether the two belong to one cluster")
    same_view: bool = column(
        "whether they show the same field, not one a detail of the other: the later is a duplicate"
    )
    distance: int | None = column("bits of 256 between their closest hashes in any turn")
    turn: str = column("how b has to be turned or mirrored")
    keypoints: int | None = column("agreeing ORB keypoints; null where nobody had to look")
    ink: float | None = column("of drawings: correlation of their edges; null where nobody had to look")
    shared: float | None = column("share of either picture, the lesser, that the other shows too, by the keypoints")
    caption: float | None = column("0..1, similarity of the captions; never joins by itself")
    votes: int | None = column("keypoints of one that the index found in the other")


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which split a cluster belongs to, once and for ever."""

    cluster_id: str = column("")
    split: str = column("train, validation or quarantine (a newcomer that bridges two splits)")
    purpose: str = column("sft or rl: which of the two a training cluster feeds; RL and SFT never share a cluster")
    book: str = column("book that brought the cluster first")


# ----------------------------------------------------------------------------------------------------------- test sets
@dataclass(frozen=True, kw_only=True)
class TestSet:
    """A registered test set. Its files stay where they are, and no question of it is kept here."""

    __test__ = False  # pytest takes every class named Test... for tests

    testset: str = column("name, as a book's key")
    form: str = column("reader, one of assets.testsets.registry.READERS")
    path: str = column("absolute path of its file or folder")
    policy: str = column("what becomes of a pair that is in it: drop (no samples, no shard) or flag (kept, shown)")
    items: int = column("questions, labelled or captioned pictures that are for scoring: not of its training split")
    pictures: int = column("of these items whose picture is at hand")
    problems: int = column("rows that could not be used, and items whose picture is missing")
    digest: str = column("hash over the ids of its items: which state of its files was read")
    added_at: datetime = column("UTC")


@dataclass(frozen=True, kw_only=True)
class TestPicture:
    """Which items of a test set show a picture. The picture is not kept; its hash and keypoints lie beside this."""

    __test__ = False

    image: str = column("SHA-256 of size and decoded RGB pixels")
    name: str = column("as the set names it")
    item_ids: list[str] = column("items that show it")


@dataclass(frozen=True, kw_only=True)
class TestHit:
    """A pair that is in a test set, by one of the ways in which that shows."""

    __test__ = False

    pair_id: str = column("")
    book: str = column("book or source of the pair")
    testset: str = column("")
    item_ids: list[str] = column("every item of the set that this hit is about")
    by: str = column("slide, patient, image or text")
    score: float = column("0..1: 1 for an id, what is alike of a picture, what is covered of a question")
    evidence: str = column("which slide, which picture and how alike, which rule; never a question's words")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Which state of a test set was compared with which of the pairs: what was not compared is not taken for clean."""

    testset: str = column("")
    digest: str = column("of the test set")
    pairs: str = column("state of the pairs' tables")
    pictures: str = column("state of the pictures' hashes, empty where no test set has pictures")
    code: str = column("hash of the code that compared")


# ------------------------------------------------------------------------------------------------- samples and verdicts
@dataclass(frozen=True, kw_only=True)
class Sample:
    """A Chain-of-Thought sample. `messages` is what a trainer reads; the single fields are what filters read."""

    sample_id: str = column("hash of pair_id, task, difficulty and draw")
    pair_id: str = column("")
    pair_hash: str = column("content hash of the pair that it was written from")
    book: str | None = column("")
    task: str = column("mcq, description, reasoning or conversation")
    difficulty: str = column("easy, medium or hard: short, medium or long reasoning")
    image_kind: str = column("of the pair")
    organ_system: str = column("of the pair")
    language: str = column("en or zh")
    messages: list[dict] = column(
        "user and assistant turns; the first user turn starts with <image>, every assistant turn is "
        "<think>…</think><answer>…</answer>", arrow=MESSAGES,
    )  # fmt: skip
    question: str = column("first question, without <image>")
    options: list[str] = column("option texts in order A, B, …; empty but for mcq")
    answer: str = column("option letter for mcq, else the answer's text")
    reasoning: str = column("reasoning of the first assistant turn")
    prompt_id: str = column("template's id")
    prompt_hash: str = column("content hash of the template")
    model: str = column("as the reply names it; extractive for the embedded generator")
    params: str = column("JSON of the parameters of the request that was answered")
    seed: int | None = column("of the embedded generator's choices; null where none was sent to a model")
    usage: str = column("JSON of tokens used by all calls paid for it, {} without any; paid once per reply_sha256")
    reply_sha256: str = column("of the reply as received")
    revision: int = column("0 as generated, +1 for every applied edit")
    parent_hash: str | None = column("content hash of the revision before")
    content_hash: str = column("over task, difficulty, messages, options and answer")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one filter says of one state of a sample. Filters never delete."""

    sample_id: str = column("")
    content_hash: str = column("of the sample's state that was judged")
    rule: str = column("filter's name")
    rule_version: str = column("")
    passed: bool = column("")
    score: float = column("0..1, 1 is clean")
    reason: str = column("empty when passed, else one sentence")


@dataclass(frozen=True, kw_only=True)
class PassRate:
    """How often a model answers a question right."""

    sample_id: str = column("")
    content_hash: str = column("")
    model: str = column("")
    k: int = column("number of tries")
    correct: int = column("number of right answers")


# ------------------------------------------------------------------------------------------------------------- review
@dataclass(frozen=True, kw_only=True)
class Annotation:
    """One saved action of a reviewer: an append-only event."""

    event_id: str = column("hash of batch, reviewer, device, sequence and payload: the idempotency key")
    batch_id: str = column("")
    batch_hash: str = column("SHA-256 over the batch's sorted (subject, content hash, image hash)")
    reviewer: str = column("pseudonym")
    role: str = column("primary, secondary or adjudicator")
    device_id: str = column("random, made by the page at first opening")
    client_seq: int = column("counts the events of one device from 1")
    subject_type: str = column("sample, pair or prompt")
    subject_id: str = column("")
    content_hash: str = column("state of the subject that the reviewer saw")
    image_hash: str = column("picture that the reviewer saw")
    verdict: str | None = column("accept, revise, reject or abstain")
    tags: list[dict] = column("error tags", arrow=TAGS)
    edits: list[dict] = column("new texts with the hash of the text that they replace", arrow=EDITS)
    ratings: list[dict] = column("", arrow=RATINGS)
    comment: str = column("")
    blind: bool = column("whether caption and references were hidden")
    client_at: str = column("ISO time as the reviewer's PC claims it")
    active_ms: int = column("milliseconds that the page was in front")
    tool: str = column("program that made the event, with version")
    prev_event_hash: str = column("hash of the device's event before: the chain")
    source_file_sha256: str = column("of the imported file")
    imported_at: datetime = column("UTC")


@dataclass(frozen=True, kw_only=True)
class ReviewDecision:
    """What follows from all events on one subject; rebuilt from the log, never edited."""

    subject_id: str = column("")
    content_hash: str = column("current state of the subject")
    state: str = column("open, accepted, revised, rejected, conflict or stale")
    events: list[str] = column("event ids that count")


# -------------------------------------------------------------------------------------------------------- shard rows
@dataclass(frozen=True, kw_only=True)
class ShardRow:
    """What every shard row carries so that it can be traced back."""

    row_id: str = column("sample_id or pair_id")
    pair_id: str = column("")
    figure_id: str = column("")
    cluster_id: str = column("")
    book: str = column("book, or the external source's name")
    page: int | None = column("1-based page of the figure; null for external sources")
    image_kind: str = column("")
    organ_system: str = column("")
    language: str = column("")
    licence: str | None = column("")
    slide_or_patient_id: str | None = column("where the source names one")


@dataclass(frozen=True, kw_only=True)
class CptRow(ShardRow):
    """Continued pretraining: picture, then its caption and citing sentences."""

    images: list[dict] = column("one embedded picture", arrow=pa.list_(IMAGE_STRUCT))
    text: str = column("caption, then citing sentences")


@dataclass(frozen=True, kw_only=True)
class SftRow(ShardRow):
    """Supervised fine-tuning on conversations."""

    images: list[dict] = column("one embedded picture", arrow=pa.list_(IMAGE_STRUCT))
    messages: list[dict] = column("user and assistant turns, <image> in the first", arrow=MESSAGES)
    task: str = column("")
    difficulty: str = column("")
    model: str = column("generator")
    review: str = column("state of the review decision: open, accepted or revised")
    content_hash: str = column("of the sample")


@dataclass(frozen=True, kw_only=True)
class RlRow(ShardRow):
    """A rule-verifiable question for GRPO and DAPO."""

    images: list[dict] = column("one embedded picture", arrow=pa.list_(IMAGE_STRUCT))
    prompt: list[dict] = column("one user turn with <image>, question and lettered options", arrow=MESSAGES)
    options: list[str] = column("option texts in order A, B, …")
    answer: str = column("letter of the right option")
    difficulty: str = column("")
    model: str = column("generator")
    review: str = column("open, accepted or revised")
    content_hash: str = column("of the sample")


@dataclass(frozen=True, kw_only=True)
class ClipRow(ShardRow):
    """Contrastive pretraining: one picture, one text."""

    image: dict = column("embedded picture", arrow=IMAGE_STRUCT)
    text: str = column("caption of the picture")


SHARD_ROWS: dict[str, type] = {"cpt": CptRow, "sft": SftRow, "rl": RlRow, "clip": ClipRow}


def hash_of_sample(task: str, difficulty: str, messages: list[dict], options: list[str], answer: str) -> str:
    """Content hash of a sample: everything that a trainer or reviewer sees."""
    turns = [{"role": m["role"], "content": m["content"]} for m in messages]
    return content_hash([task, difficulty, turns, options, answer])


def present_state(sample: Sample, revisions: Mapping[tuple[str, str | None], Sample]) -> Sample:
    """The sample after every revision whose chain starts at it. `revisions`: (sample_id, parent_hash) to revision.

    Revisions of an earlier text do not count: a sample that was generated anew begins a new chain. Nor do those of a
    text that was written from another state of the pair.
    """
    while True:
        following = revisions.get((sample.sample_id, sample.content_hash))
        if following is None or following.revision != sample.revision + 1 or following.pair_hash != sample.pair_hash:
            return sample
        sample = following
