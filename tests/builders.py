"""A small corpus on disk, made by hand: what the stations up to the filters leave behind, with generated pictures.

    home = small_corpus(open_home(tmp_path), books=2)

Every book has 8 figures on 4 pages. Figure 0 has panels A and B. Of the clusters (one a figure) 0-2 feed sft, 3-4 rl,
5-6 are validation, 7 is quarantined. Figure 2 has a second pair's worth of duplicate in book 2 and later. Every pair
but a duplicate or quarantined one has an mcq, a reasoning and (figure 1) a two-turn conversation sample.
"""

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image as PillowImage
from PIL import ImageDraw

from assets.records import (
    Cluster,
    Failure,
    Figure,
    Image,
    Page,
    Pair,
    PairKind,
    Panel,
    Reference,
    Sample,
    Split,
    Textbook,
    Verdict,
    figure_id,
    hash_of_sample,
    pair_id,
    panel_id,
    sample_id,
)
from assets.schema import content_hash, stable_id
from assets.store import PACK, Home, publish, write_pack, write_rows

RULES = ("schema", "length")
FINDINGS = ("nests of atypical cells", "branching papillae", "necrosis", "a lymphoid follicle")


def picture(seed: int, size: tuple[int, int] = (96, 72), media_type: str = "image/png") -> Image:
    """A picture with blobs whose places and colours follow from the seed."""
    canvas = PillowImage.new("RGB", size, (246, 226, 238))
    draw = ImageDraw.Draw(canvas)
    for i in range(24):
        digest = hashlib.sha256(f"{seed}-{i}".encode()).digest()
        x, y, r = digest[0] % size[0], digest[1] % size[1], 2 + digest[2] % max(3, size[0] // 16)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(110 + digest[3] % 90, 40 + digest[4] % 80, 130))
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG" if media_type == "image/png" else "JPEG")
    data = buffer.getvalue()
    return Image(
        sha256=hashlib.sha256(data).hexdigest(), media_type=media_type, width=size[0], height=size[1], data=data
    )


def make_sample(
    pair: Pair,
    task: str,
    *,
    draw: int = 0,
    question: str = "Which finding is shown?",
    options: tuple[str, ...] = FINDINGS,
    answer: str | None = None,
    reasoning: str = "The cells form <nests> & cords; this points to an epithelial origin.",
) -> Sample:
    """A sample whose messages follow the corpus' rules. `answer` defaults to B for mcq."""
    mcq = task == "mcq"
    answer = answer or ("B" if mcq else "It shows an invasive carcinoma.")
    lettered = "\n".join(f"{chr(65 + i)}. {text}" for i, text in enumerate(options))
    user = f"{question}\n{lettered}\nAnswer with the letter of the right option." if mcq else question
    messages = [
        {"role": "user", "content": f"<image>\n{user}"},
        {"role": "assistant", "content": f"<think>{reasoning}</think><answer>{answer}</answer>"},
    ]
    if task == "conversation":
        messages += [
            {"role": "user", "content": "What follows from it?"},
            {"role": "assistant", "content": "<think>Invasion is seen.</think><answer>A staging work-up.</answer>"},
        ]
    listed = list(options) if mcq else []
    return Sample(
        sample_id=sample_id(pair.pair_id, task, "medium", draw),
        pair_id=pair.pair_id,
        pair_hash=pair.content_hash,
        book=pair.book,
        task=task,
        difficulty="medium",
        image_kind=pair.image_kind,
        organ_system=pair.organ_system,
        language=pair.language,
        messages=messages,
        question=question,
        options=listed,
        answer=answer,
        reasoning=reasoning,
        prompt_id=f"{task}-medium-he",
        prompt_hash=content_hash([task, "template"]),
        model="extractive",
        params="{}",
        seed=0,
        usage="{}",
        reply_sha256=hashlib.sha256(repr(messages).encode()).hexdigest(),
        revision=0,
        parent_hash=None,
        content_hash=hash_of_sample(task, "medium", messages, listed, answer),
    )


def verdicts_for(sample: Sample, failing: str | None = None) -> list[Verdict]:
    return [
        Verdict(
            sample_id=sample.sample_id,
            content_hash=sample.content_hash,
            rule=rule,
            rule_version="1",
            passed=rule != failing,
            score=0.0 if rule == failing else 1.0,
            reason="too short" if rule == failing else "",
        )
        for rule in RULES
    ]


def put(
    home: Home, station: str, book: str, tables: dict[str, tuple[list, type]], pack: list[Image] | None = None
) -> None:
    """Publish the tables of one station and book, sealed as the station itself would."""

    def build(scratch: Path) -> dict[str, int]:
        for name, (rows, record) in tables.items():
            write_rows(scratch / f"{name}.parquet", rows, record)
        if pack is not None:
            write_pack(scratch / PACK, pack)
        return {name: len(rows) for name, (rows, _) in tables.items()}

    seen = {name: [repr(row) for row in rows] for name, (rows, _) in tables.items()}
    names = sorted(image.sha256 for image in pack or [])
    publish(home.station(station, book), station=station, book=book, inputs={"rows": seen, "pack": names}, build=build)


def kinds_of(pairs: list[Pair]) -> list[PairKind]:
    """Rows of kinds.parquet as they are where no classifier looked: what the words say."""
    return [
        PairKind(
            pair_id=pair.pair_id, figure_id=pair.figure_id, image=pair.image, pair_hash=pair.content_hash,
            content_hash=content_hash([pair.content_hash, pair.image_kind]),
            words_kind=pair.image_kind, words_score=pair.image_kind_score,
            picture_kind=None, picture_score=0.0, image_kind=pair.image_kind, image_kind_score=pair.image_kind_score,
            image_kind_evidence=pair.image_kind_evidence, queued="", model=None,
        )
        for pair in pairs
    ]  # fmt: skip


def small_book(home: Home, book: str, seed: int, *, duplicates: bool = False) -> None:
    """One book with everything up to the filters; see the module's docstring."""
    added = datetime(2026, 1, 1, tzinfo=UTC)
    textbook = Textbook(
        book=book, sha256=content_hash(book), file_name=f"{book}.pdf", title=f"Atlas {seed}", edition=None,
        language="en", licence="CC-BY-4.0", rights=None, pages=4, added_at=added,
    )  # fmt: skip
    write_rows(home.library / book / "textbook.parquet", [textbook], Textbook)
    pages, figures, panels, references, images = [], [], [], [], []
    pairs, clusters, splits, samples, verdicts = [], [], [], [], []
    box = [72.0, 72.0, 272.0, 222.0]
    for number in range(8):
        label, page = f"Fig. {seed}-{number + 1}", number // 2 + 1
        fig = figure_id(book, label, 0)
        image = picture(seed * 100 + number, media_type="image/jpeg" if number % 2 else "image/png")
        images.append(image)
        caption = f"Case {number} of atlas {seed}: {FINDINGS[number % 4]}. (A) Overview. (B) Detail."
        figures.append(Figure(
            figure_id=fig, book=book, page=page, label=label, bbox=box, caption_page=page,
            caption_bbox=[72.0, 226.0, 272.0, 240.0], caption=caption, caption_printed=f"{label} {caption}",
            image=image.sha256, width=image.width, height=image.height, dpi=150.0, pixels="embedded",
            method="native", rule="below", score=0.9, content_hash=content_hash([caption, image.sha256]),
        ))  # fmt: skip
        sentence = f"As {label} shows, such cells are typical."
        reference = Reference(
            reference_id=stable_id("reference", fig, page), figure_id=fig, letter=None, book=book, page=page,
            sentence=sentence, char_start=10, char_end=10 + len(sentence),
        )  # fmt: skip
        references.append(reference)
        letters: list[str | None] = ["A", "B"] if number == 0 else [None]
        cluster = stable_id("cluster", pair_id("textbook", fig, None))
        for letter in [None, *letters] if number == 0 else letters:
            panel = panel_id(fig, letter) if letter else None
            shown = picture(seed * 100 + 50 + ord(letter)) if letter else image
            if letter and panel:
                images.append(shown)
                panels.append(Panel(
                    panel_id=panel, figure_id=fig, book=book, letter=letter, bbox=box, image=shown.sha256,
                    width=shown.width, height=shown.height, dpi=150.0, pixels="embedded", method="native",
                    rule="rasters", score=0.9, lead=caption, own="Detail.",
                ))  # fmt: skip
            pair = Pair(
                pair_id=pair_id("textbook", fig, panel), source="textbook", book=book, figure_id=fig, panel_id=panel,
                label=f"{label}{letter or ''}", image=shown.sha256, text=caption, context=[sentence],
                reference_ids=[reference.reference_id], language="en", image_kind="he", image_kind_score=0.9,
                image_kind_evidence="H&E", organ_system="breast", organ_system_score=0.8,
                organ_system_evidence="breast", licence="CC-BY-4.0", slide_or_patient_id=None,
                content_hash=content_hash([caption, shown.sha256]),
            )  # fmt: skip
            pairs.append(pair)
            duplicate = "0" * 20 if duplicates and number == 2 else None
            clusters.append(Cluster(
                pair_id=pair.pair_id, cluster_id=cluster, book=book, pixels=shown.sha256, duplicate_of=duplicate,
                evidence="first of its kind",
            ))  # fmt: skip
            if duplicate or number == 7 or (number == 0 and letter is None):
                continue
            for task in ("mcq", "reasoning", *(["conversation"] if number == 1 else [])):
                sample = make_sample(pair, task)
                samples.append(sample)
                verdicts += verdicts_for(sample, failing="length" if number == 4 and task == "mcq" else None)
        place = ("sft", "sft", "sft", "rl", "rl", "sft", "rl", "sft")[number]
        split = "quarantine" if number == 7 else "validation" if number in (5, 6) else "train"
        splits.append(Split(cluster_id=cluster, split=split, purpose=place, book=book))
    for page in range(1, 5):
        pages.append(Page(book=book, page=page, width=595.0, height=842.0, text="Page. " + "x" * 60, captions=[],
                          sections=[], method="native"))  # fmt: skip
    put(home, "figures", book, {
        "pages": (pages, Page), "figures": (figures, Figure), "panels": (panels, Panel),
        "references": (references, Reference), "failures": ([], Failure),
    }, images)  # fmt: skip
    put(home, "pairs", book, {"pairs": (pairs, Pair)})
    put(home, "kinds", book, {"kinds": (kinds_of(pairs), PairKind)})
    put(home, "ledger", book, {"clusters": (clusters, Cluster), "splits": (splits, Split)})
    put(home, "cot", book, {"samples": (samples, Sample), "failures": ([], Failure)})
    put(home, "filters", book, {"verdicts": (verdicts, Verdict)})


def small_corpus(home: Home, books: int = 1) -> Home:
    """`books` books named atlas-1, atlas-2, …; the second and later hold a duplicate pair."""
    for number in range(1, books + 1):
        small_book(home, f"atlas-{number}", number, duplicates=number > 1)
    return home


def change_sample(sample: Sample, **changes: str) -> Sample:
    """The sample as a later generation might bring it: other texts, same id, new content hash."""
    reasoning, answer = changes.get("reasoning", sample.reasoning), changes.get("answer", sample.answer)
    messages = [dict(m) for m in sample.messages]
    messages[1]["content"] = f"<think>{reasoning}</think><answer>{answer}</answer>"
    digest = hash_of_sample(sample.task, sample.difficulty, messages, sample.options, answer)
    return replace(sample, messages=messages, reasoning=reasoning, answer=answer, content_hash=digest)
