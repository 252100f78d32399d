"""A pair with its labels: the one place where texts and picture of a book's figure or a source's row become a Pair."""

import re
from collections.abc import Mapping, Sequence

from assets.pairs.kinds import image_kind
from assets.pairs.organs import organ_system
from assets.pairs.picture import PictureFacts
from assets.records import Pair, pair_id
from assets.schema import content_hash

CJK = re.compile(r"[\u3400-\u9fff]")


def language_of(text: str) -> str:
    """`zh` when at least a fifth of the characters that are no space are Chinese, else `en`."""
    letters = [c for c in text if not c.isspace()]
    return "zh" if letters and len(CJK.findall(text)) >= 0.2 * len(letters) else "en"


def labelled_pair(
    picture: PictureFacts,
    parts: Sequence[tuple[str, str]],
    around: Sequence[tuple[str, str, float]],
    *,
    source: str,
    book: str | None,
    figure: str,
    part: str | None,
    panel: str | None,
    label: str,
    image: str,
    text: str,
    cites: Mapping[str, str],
    language: str | None,
    licence: str | None,
    slide_or_patient_id: str | None,
) -> Pair:
    """`parts` of the caption as (where, text), nearest first; `around` it what else names an organ, with its weight.

    `part` tells the pairs of a figure apart, `cites` are the citing sentences with their reference ids, and `language`
    is what is said of the text, else the text decides.
    """
    context = list(cites)
    kind = image_kind(list(parts), " ".join(context), picture)
    organ = organ_system([*((where, said, 1.0) for where, said in parts), *around])
    return Pair(
        pair_id=pair_id(source, figure, part),
        source=source,
        book=book,
        figure_id=figure,
        panel_id=panel,
        label=label,
        image=image,
        text=text,
        context=context,
        reference_ids=list(cites.values()),
        language=language or language_of(text or " ".join(context)),
        image_kind=kind.kind,
        image_kind_score=kind.score,
        image_kind_evidence=kind.evidence,
        organ_system=organ.system,
        organ_system_score=organ.score,
        organ_system_evidence=organ.evidence,
        licence=licence,
        slide_or_patient_id=slide_or_patient_id,
        content_hash=content_hash([label, image, text, context, kind.kind, organ.system]),
    )
