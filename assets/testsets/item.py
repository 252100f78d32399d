"""What a reader of a test set gives: items and problems. Belongs here: these records, and how item ids are made."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assets.errors import RowFault
from assets.schema import stable_id
from assets.testsets.pictures import Picture

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True)
class TestItem:
    """One question, labelled picture or captioned picture of a test set.

    testset, item_id: name of the set, as the user knows it, and 20 hex digits, the same whatever the order of files,
        shards and rows (see `Ids`); `rows.read_rows` fills both in.
    subset: part that is scored by itself: PathMMU's five, "broad/narrow" category or task of SlideBench, language of
        SLAKE, answer type of Quilt-VQA; empty where there is none.
    split: as the set names it: test, test_tiny, val, train, ...
    question: empty for classification and retrieval.
    options: texts in the order A, B, ..., without letters; the class names for classification; else empty.
    answer: the option's letter; the answer's text for open questions, and for the rare closed one whose answer is none
        of its options; the class for classification; the caption for retrieval.
    explanation: of the right answer, where the set has one.
    image: where the picture lies; None for sets without pictures of their own (whole slides), and where it is missing.
    image_name: as the set names the picture, at hand or not; the SHA-256 of one that lies in the table itself, where
        names say nothing; None for sets without.
    slide_or_patient_id: raw, as the set writes it (`assets.testsets.slides` reads it).
    """

    __test__ = False  # pytest takes every class named Test... for tests

    answer: str
    testset: str = ""
    subset: str = ""
    split: str = "test"
    item_id: str = ""
    question: str = ""
    options: list[str] = field(default_factory=list)
    explanation: str | None = None
    image: Picture | None = None
    image_name: str | None = None
    slide_or_patient_id: str | None = None

    @property
    def held_out(self) -> bool:
        """Whether it is for scoring. A set's own training split is for training: nothing is kept apart from it."""
        return not self.split.startswith("train")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A row that could not be used, or an item whose picture could not: counted, so that nothing is lost in silence.

    file: path of the file. row: 1-based row or entry of it (or of the list within it), 0 for the whole.
    reason: short code, e.g. no-picture. detail: one sentence for a person.
    item_id: of the item that is given all the same, without its picture; None where the row is lost.
    """

    file: str
    row: int
    reason: str
    detail: str
    item_id: str | None = None


class Ids:
    """Gives out the ids of one set's items.

    An id covers what is asked: set, subset, split, picture, question, options and answer (a question with another
    answer is scored otherwise, so it is another item). Rows that agree in all of it are counted, and as they are
    interchangeable, ids do not depend on the order in which files are read.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def item_id(self, testset: str, item: TestItem) -> str:
        """The id of the next item of the set."""
        picture = item.image_name or item.slide_or_patient_id
        # Class names are no options here: a class more must not rename the pictures of the others.
        options = item.options if item.question else []
        first = stable_id(testset, item.subset, item.split, picture, item.question, options, item.answer)
        self._seen[first] += 1
        again = self._seen[first] - 1
        return stable_id(first, again) if again else first


def text_in(value: object, name: str) -> str:
    """The text in a field, without blanks at its ends. Raises RowFault when there is none or it is no Unicode."""
    if value is None or value != value or isinstance(value, bool | list | dict):
        raise RowFault("no-text", f"{name} is missing or holds no text")
    text = str(value).strip()
    if not text:
        raise RowFault("no-text", f"{name} is empty")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise RowFault("not-utf8", f"{name} holds bytes that are no UTF-8 text") from error
    return text


def optional_text(value: object, name: str) -> str | None:
    """As `text_in`, but None for nothing and blanks."""
    blank = value is None or value != value or not str(value).strip()
    return None if blank else text_in(value, name)


def answer_among(options: list[str], answer: str) -> str:
    """The letter of the answer: a letter as it is, an option's text as that option's letter; else the answer itself."""
    if len(answer) == 1 and answer.upper() in LETTERS[: len(options)]:
        return answer.upper()
    same = [" ".join(option.casefold().split()) for option in options]
    wanted = " ".join(answer.casefold().split())
    return LETTERS[same.index(wanted)] if wanted in same[: len(LETTERS)] else answer


def items_of(found: Iterable[TestItem | Problem]) -> Iterator[TestItem]:
    """The items alone, for those who have counted the problems or do not want to."""
    return (one for one in found if isinstance(one, TestItem))
