"""A batch of samples for one reviewer, as a folder that opens with a double-click on its index.html.

    review/batches/<batch_id>/    index.html, img/, manifest.json

It needs no network and no installation: texts are in the page, pictures beside it, and the page's policy forbids every
connection. Chosen are samples that passed the filters in their present state, were written from the present picture
and text, have no decision, and are in no batch of this reviewer yet, spread over as many pictures as the limit allows.
Pictures come in an order of the reviewer's own, samples of one picture together. The batch holds no score, no other
reviewer's verdict and no generator's name.
"""

import base64
import hashlib
import io
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image as PillowImage

from assets.errors import BadInput
from assets.records import DIFFICULTIES, TASKS, Pair, Sample, Verdict
from assets.review.decisions import current_samples, read_decisions
from assets.review.protocol import FORMAT, REVIEWER, ROLE, TAG_CODES, TOOL, batch_hash, read_manifest
from assets.review.turns import base_hash, turns_of
from assets.schema import stable_id
from assets.store import SEAL, Home, Outcome, locked, pack_of, publish, read_rows, sealed, write_bytes, write_json
from assets.tables import passed_states

PAGE = Path(__file__).parent / "page"
MAX_SIDE = 2400  # pixels; a 4K screen shows no more beside the text
MANIFEST = "manifest.json"


def passed_samples(home: Home, book: str) -> list[Sample]:
    """Samples of a book whose present state passed every filter."""
    if not all(sealed(home.station(station, book)) for station in ("pairs", "cot", "filters")):
        return []
    passed = passed_states(read_rows(home.station("filters", book) / "verdicts.parquet", Verdict))
    return [s for s in current_samples(home, book) if passed.get((s.sample_id, s.content_hash))]


def issued_to(home: Home, reviewer: str) -> list[dict[str, Any]]:
    """Manifests of all finished batches of a reviewer, by batch id."""
    paths = sorted((home.corpus("review") / "batches").glob(f"*/{MANIFEST}"))
    manifests = [read_manifest(path) for path in paths if sealed(path.parent)]
    return [manifest for manifest in manifests if manifest["reviewer"] == reviewer]


def export_batch(home: Home, reviewer: str, out: Path | None = None, limit: int | None = None) -> Outcome:
    """Write the next batch of at most `limit` samples for `reviewer` (a pseudonym), and copy it to `out` when given.

    When nothing is left to hand out but an earlier batch of the reviewer is unfinished, that batch is given again.
    Raises BadInput for a bad pseudonym or limit, when nothing waits for review, or when `out` holds something else.
    """
    if not REVIEWER.match(reviewer):
        raise BadInput(f"reviewer {reviewer!r} is no pseudonym; use 1 to 40 letters, digits, '-' or '_'")
    if limit is not None and limit < 1:
        raise BadInput(f"limit {limit} is no number of samples; give 1 or more")
    if out is not None and out.exists() and not out.is_dir():
        raise BadInput(f"{out} is a file; name a folder for the batch")
    with locked(home, "review"):
        decisions = read_decisions(home)
        issued = issued_to(home, reviewer)
        given = {(item["subject_id"], item["content_hash"]) for batch in issued for item in batch["items"]}

        def waits(subject: str, content: str) -> bool:
            decision = decisions.get(subject)
            return decision is None or decision.content_hash != content or decision.state in ("open", "stale")

        waiting: list[tuple[Sample, Pair]] = []
        for book in home.books():
            samples = [s for s in passed_samples(home, book) if waits(s.sample_id, s.content_hash)]
            samples = [s for s in samples if (s.sample_id, s.content_hash) not in given]
            pairs = (
                {p.pair_id: p for p in read_rows(home.station("pairs", book) / "pairs.parquet", Pair)}
                if samples
                else {}
            )
            known = [(s, pairs[s.pair_id]) for s in samples if s.pair_id in pairs]
            waiting += [(sample, pair) for sample, pair in known if pair.content_hash == sample.pair_hash]
        if waiting:
            if out is not None and out.exists() and any(out.iterdir()):
                raise BadInput(f"{out} holds other files; name a new or empty folder for the batch")
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)  # a batch that cannot be handed out must not count as issued
            chosen = _spread(reviewer, waiting)[:limit]
            outcome = _publish(home, reviewer, sorted(chosen, key=lambda w: _place(reviewer, w[0])))
        else:
            unfinished = [b for b in issued if any(waits(i["subject_id"], i["content_hash"]) for i in b["items"])]
            if not unfinished:
                raise BadInput(
                    f"no sample waits for a review by {reviewer}: run `pathcorpus run` for new samples, "
                    "or see `pathcorpus review status`"
                )
            outcome = _again(home, unfinished[0]["batch_id"])
    if out is not None:
        copy_to(outcome.folder, out)
    return outcome


def _spread(reviewer: str, waiting: list[tuple[Sample, Pair]]) -> list[tuple[Sample, Pair]]:
    """One sample of every pair, then a second of every pair, …: a short batch says something of many pictures."""
    ranked: Counter[str] = Counter()
    rank: dict[str, int] = {}
    for sample, _ in sorted(waiting, key=lambda w: stable_id("draw", reviewer, w[0].sample_id)):
        rank[sample.sample_id] = ranked[sample.pair_id]
        ranked[sample.pair_id] += 1
    return sorted(waiting, key=lambda w: (rank[w[0].sample_id], *_place(reviewer, w[0])))


def _place(reviewer: str, sample: Sample) -> tuple[str, int, int, str]:
    order = stable_id("order", reviewer, sample.pair_id)
    return order, TASKS.index(sample.task), DIFFICULTIES.index(sample.difficulty), sample.sample_id


def _again(home: Home, batch: str) -> Outcome:
    started = time.monotonic()
    folder = home.corpus("review") / "batches" / batch
    counts = (sealed(folder) or {"counts": {}})["counts"]
    return Outcome("review", None, False, counts, folder, time.monotonic() - started)


def page_item(sample: Sample, pair: Pair, image: str) -> dict[str, Any]:
    """What the page shows of a sample. `image` is the picture's path beside the page."""
    turns = []
    for number, turn in enumerate(turns_of(sample)):
        fields = {path.rsplit("/", 1)[1]: {"path": path, "base_hash": base_hash(text)}
                  for path, text in turn.fields(number).items()}  # fmt: skip
        turns.append({"question": turn.question, "reasoning": turn.reasoning, "answer": turn.answer, "fields": fields})
    return {
        "subject_id": sample.sample_id, "content_hash": sample.content_hash, "image_hash": pair.image, "image": image,
        "pair_id": pair.pair_id, "task": sample.task, "difficulty": sample.difficulty, "language": sample.language,
        "image_kind": sample.image_kind, "organ_system": sample.organ_system, "options": list(sample.options),
        "turns": turns, "label": pair.label, "caption": pair.text, "context": list(pair.context),
    }  # fmt: skip


def manifest_item(item: dict[str, Any]) -> dict[str, Any]:
    """What an import checks of a sample: what was shown, and which texts may be replaced."""
    fields = {f["path"]: f["base_hash"] for turn in item["turns"] for f in turn["fields"].values()}
    named = {name: item[name] for name in ("subject_id", "content_hash", "image_hash", "image")}
    return named | {"fields": fields, "options": len(item["options"])}


def _publish(home: Home, reviewer: str, chosen: list[tuple[Sample, Pair]]) -> Outcome:
    names: dict[str, str] = {}
    books: dict[str, str] = {}
    items = []
    for sample, pair in chosen:
        image = names.setdefault(pair.image, f"img/{len(names) + 1:04d}.jpg")
        books[pair.image] = pair.book or pair.source
        items.append(page_item(sample, pair, image))
    digest = batch_hash(items)
    batch_id = stable_id("batch", reviewer, digest)
    batch = {"format": FORMAT, "batch_id": batch_id, "batch_hash": digest, "reviewer": reviewer, "role": ROLE}

    def build(scratch: Path) -> dict[str, int]:
        packs = {book: pack_of(home, book) for book in sorted(set(books.values()))}
        for sha256, name in names.items():
            write_bytes(scratch / name, screen_jpeg(packs[books[sha256]].read(sha256).data))
        write_json(scratch / MANIFEST, batch | {"items": [manifest_item(item) for item in items]})
        write_bytes(scratch / "index.html", render(batch, items).encode("utf-8"))
        return {"samples": len(items), "pictures": len(names)}

    return publish(home.corpus("review") / "batches" / batch_id, station="review", book=None,
                   inputs={"batch": batch, "items": items}, build=build)  # fmt: skip


def screen_jpeg(data: bytes) -> bytes:
    """The picture encoded anew for the screen, so that no byte of a foreign file reaches the reviewer's browser."""
    with PillowImage.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((MAX_SIDE, MAX_SIDE), PillowImage.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92, subsampling=0)
    return buffer.getvalue()


def _csp_hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def render(batch: dict[str, Any], items: list[dict[str, Any]]) -> str:
    """The page: data as JSON with < > & escaped, script and style allowed by their hash, all else forbidden."""
    parts = [(PAGE / name).read_text(encoding="utf-8") for name in ("texts.js", "log.js", "page.js")]
    script = "".join(['"use strict";\n(() => {\n', *parts, "})();\n"])
    style = (PAGE / "page.css").read_text(encoding="utf-8")
    data = json.dumps(batch | {"items": items, "tags": TAG_CODES, "tool": TOOL}, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        data = data.replace(char, f"\\u{ord(char):04x}")
    environment = Environment(loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html").render(
        batch=batch,
        data=Markup(data),
        script=Markup(script),
        style=Markup(style),
        script_hash=Markup(_csp_hash(script)),
        style_hash=Markup(_csp_hash(style)),
    )


def copy_to(folder: Path, out: Path) -> None:
    """Copy a batch's folder to `out`, which must be new, empty, or hold the same batch."""
    if out.exists():
        if not out.is_dir():
            raise BadInput(f"{out} is a file; name a folder for the batch")
        manifest = out / MANIFEST
        same = manifest.exists() and manifest.read_bytes() == (folder / MANIFEST).read_bytes()
        if any(out.iterdir()) and not same:
            raise BadInput(f"{out} holds other files; name a new or empty folder for the batch")
    for name in sorted((sealed(folder) or {"files": {}})["files"]):
        if name != SEAL:
            write_bytes(out / name, (folder / name).read_bytes())
