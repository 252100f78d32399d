"""Pairs of what was read of a source. Pure: records in, records out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from assets.pairs.external.item import RAW_CHARS
from assets.pairs.labelled import labelled_pair
from assets.pairs.picture import PictureFacts
from assets.records import Pair, Placed, Problem, Reading, Source
from assets.schema import stable_id


@dataclass
class Seen:
    """What earlier rows of the source were, as 80-bit hashes: 100 bytes a pair."""

    said: set[int] = field(default_factory=set)
    pairs: set[int] = field(default_factory=set)


@dataclass
class Paired:
    """Of some rows: their pairs, in the same order where these come from, rows that cannot be pairs, and repeats."""

    pairs: list[Pair] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    repeats: int = 0


def pair_up(source: Source, readings: Iterable[Reading], seen: Seen) -> Paired:
    """Pairs of the rows that follow those in `seen`, which grows.

    A row that says what an earlier one says (picture, text, licence, slide or patient) is a repeat; one that has an
    earlier one's key and says something else is a problem.
    """
    paired = Paired()
    for reading in readings:
        licence = reading.licence or source.licence
        said = int(stable_id(reading.image, reading.text, licence, reading.slide_or_patient_id), 16)
        if said in seen.said:
            paired.repeats += 1
            continue
        pair = _pair(source, reading, licence)
        name = int(pair.pair_id, 16)
        if name in seen.pairs:
            paired.problems.append(_same_key(source, reading))
            continue
        seen.said.add(said)
        seen.pairs.add(name)
        paired.pairs.append(pair)
        paired.placed.append(
            Placed(
                pair_id=pair.pair_id,
                image=reading.image,
                uri=reading.uri,
                member=reading.member,
                size=reading.size,
                file=reading.file,
                line=reading.line,
                row=reading.row,
                facts=reading.facts,
            )
        )
    return paired


def _pair(source: Source, reading: Reading, licence: str | None) -> Pair:
    return labelled_pair(
        PictureFacts(**json.loads(reading.picture)),
        [("caption", reading.text)],
        [("source's topics", ", ".join(reading.topics), 1.0)],
        source=source.source,
        book=None,
        figure=stable_id("figure", source.source, reading.figure),
        part=reading.key,
        panel=None,
        label="",
        image=reading.image,
        text=reading.text,
        cites={},
        language=reading.language,
        licence=licence,
        slide_or_patient_id=reading.slide_or_patient_id,
    )


def _same_key(source: Source, reading: Reading) -> Problem:
    return Problem(
        source=source.source, file=reading.file, line=reading.line, row=reading.row, reason="same-key",
        detail=f"an earlier row has the key {reading.key[:80]!r}, too, and says something else",
        raw=reading.text[:RAW_CHARS],
    )  # fmt: skip
