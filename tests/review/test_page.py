"""The exported page in a real browser, opened from disk: keys, resuming, export; and that hostile texts do not run."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets.records import Annotation, Pair, Sample, Verdict
from assets.review.batches import export_batch
from assets.review.decisions import apply_annotations, current_samples, read_decisions
from assets.review.events import import_file
from assets.review.scripted import items_of
from assets.shards.station import write_shards
from assets.store import Home, read_rows
from tests.builders import make_sample, put, verdicts_for
from tests.review.conftest import judge_again

pytestmark = pytest.mark.browser
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# Each would set window.ran, were it ever run.
HOSTILE = [
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "<!--<script>",
    "\" onmouseover=\"window.ran=1",
    "javascript:window.ran=1",
    "{{ 7 * 7 }} {% raw %} ${window.ran=1} `${window.ran=1}`",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "\u2028</ScRiPt\u2029><style>@import 'http://127.0.0.1:9/x'</style>",
    "&lt;script&gt;window.ran=1&lt;/script&gt; \u202e\ufeff",
    "]]><details open ontoggle=window.ran=1>",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    executable = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    if executable is None:
        if os.environ.get("PATHCORPUS_REQUIRE_BROWSER") == "1":
            pytest.fail("chromium is missing")
        pytest.skip("chromium is missing")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def show(chromium) -> Iterator[Callable]:
    """Opens a folder's page in one browser profile; fails the test on any request but to files, and on any error."""
    context = chromium.new_context(accept_downloads=True, locale="en-US", viewport={"width": 1400, "height": 900})
    wrong: list[str] = []
    context.on("request", lambda r: None if r.url.startswith(("file:", "blob:")) else wrong.append(r.url))

    def open_page(folder: Path):
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto((folder / "index.html").as_uri())
        page.wait_for_selector("body[data-ready]")
        return page

    yield open_page
    context.close()
    assert wrong == []


def saved(page, number: int) -> None:
    page.wait_for_selector(f'body[data-saved="{number}"]')


def exported(page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.click("#export")
    assert download.value.suggested_filename == "annotations.jsonl"
    path = folder / "annotations.jsonl"
    download.value.save_as(path)
    return path


def events_of(home: Home) -> list[Annotation]:
    return read_rows(home.corpus("review") / "annotations.parquet", Annotation)


def test_from_the_page_to_the_shards(home: Home, show: Callable, tmp_path: Path) -> None:
    out = tmp_path / "batch"
    batch = export_batch(home, "r1", out=out)
    items = items_of(batch.folder)
    page = show(out)
    assert page.locator("#img").evaluate("img => img.complete && img.naturalWidth") == 96
    assert not page.locator("#captiontext").is_visible()
    page.keyboard.press("a")
    saved(page, 1)
    page.keyboard.press("1")
    page.keyboard.press("r")
    saved(page, 3)
    page.keyboard.press("e")
    page.locator("textarea.edit").first.fill("A better chain: nests,\nno glands; é 中文 🔬 <b>")
    page.keyboard.press("Control+Enter")
    saved(page, 4)
    page.keyboard.press("c")
    assert page.locator("#captiontext").is_visible()
    page.fill("#comment", "seen with caption")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    saved(page, 6)
    path = exported(page, tmp_path)
    assert import_file(home, path) == {"events": 6, "added": 6, "known": 0, "quarantined": 0}
    assert import_file(home, path)["added"] == 0
    apply_annotations(home)
    decisions = read_decisions(home)
    ids = [item["subject_id"] for item in items[:4]]
    assert [decisions[i].state for i in ids] == ["accepted", "rejected", "revised", "accepted"]
    events = events_of(home)
    rejected = next(e for e in events if e.verdict == "reject")
    assert rejected.tags == [{"code": "hallucinated_finding", "severity": "major", "field": ""}] and rejected.blind
    last = events[-1]
    assert last.comment == "seen with caption" and not last.blind and last.active_ms >= 0
    assert last.tool.startswith("pathcorpus-page/")
    revision = next(s for s in current_samples(home, "atlas-1") if s.revision == 1)
    assert revision.sample_id == ids[2] and revision.reasoning == "A better chain: nests,\nno glands; é 中文 🔬 <b>"
    judge_again(home)
    write_shards(home)
    files = [p for kind in ("sft", "rl") for p in home.corpus("shards").glob(f"{kind}/*/*.parquet")]
    rows = {row["row_id"]: row for p in files for row in pq.read_table(p).to_pylist()}
    assert ids[1] not in rows
    assert all(rows[i]["review"] in ("accepted", "revised") for i in ids if i in rows)


def test_a_reload_resumes_where_it_was(home: Home, show: Callable, tmp_path: Path) -> None:
    folder = export_batch(home, "r1").folder
    page = show(folder)
    for key in "ara":
        page.keyboard.press(key)
    saved(page, 3)
    page.keyboard.press("e")
    page.locator("textarea.edit").first.fill("half a thought")
    page.wait_for_timeout(200)
    page.close()
    page = show(folder)
    assert page.locator("#count").text_content() == "3 of 16 reviewed"
    assert page.locator("textarea.edit").first.input_value() == "half a thought"
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#state").text_content() == "accepted"
    page.keyboard.press("u")
    saved(page, 4)
    assert page.locator("#count").text_content() == "2 of 16 reviewed"
    import_file(home, exported(page, tmp_path))
    assert [e.verdict for e in events_of(home)] == ["accept", "reject", "accept", None]
    apply_annotations(home)
    assert sorted(d.state for d in read_decisions(home).values()) == ["accepted", "open", "rejected"]


def test_one_key_an_accept_to_the_end(home: Home, show: Callable, tmp_path: Path) -> None:
    folder = export_batch(home, "r1").folder
    page = show(folder)
    for _ in items_of(folder):
        page.keyboard.press("a")
    saved(page, 16)
    assert "All samples are reviewed" in (page.locator("#banner").text_content() or "")
    page.click("#lang")
    assert page.locator("#count").text_content() == "16 / 16 已审核"
    assert page.locator("#export").text_content() == "导出"
    assert import_file(home, exported(page, tmp_path))["added"] == 16
    apply_annotations(home)
    assert {d.state for d in read_decisions(home).values()} == {"accepted"}


def test_the_page_refuses_edits_that_say_nothing_or_break_the_form(home: Home, show: Callable, tmp_path: Path) -> None:
    page = show(export_batch(home, "r1").folder)
    page.keyboard.press("e")
    box = page.locator("textarea.edit").first
    for text, problem in ((None, "Nothing was changed."), ("  ", "must not be empty"), ("a</think>", "must not hold")):
        if text is not None:
            box.fill(text)
        page.keyboard.press("Control+Enter")
        assert problem in (page.locator("#problem").text_content() or "")
    page.keyboard.press("Escape")
    assert page.locator("#count").text_content() == "0 of 16 reviewed"


def test_a_second_window_cannot_fork_the_chain(home: Home, show: Callable, tmp_path: Path) -> None:
    folder = export_batch(home, "r1").folder
    first, second = show(folder), show(folder)
    first.keyboard.press("a")
    saved(first, 1)
    second.keyboard.press("r")
    second.wait_for_selector("#banner.bad")
    assert "another window" in (second.locator("#banner").text_content() or "")
    assert import_file(home, exported(first, tmp_path))["added"] == 1


def test_hostile_texts_do_not_run(home: Home, show: Callable, tmp_path: Path) -> None:
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    hostile = [replace(p, text=h, label=h, context=[h]) for p, h in zip(pairs * 2, HOSTILE, strict=False)]
    samples: list[Sample] = []
    for number, (pair, text) in enumerate(zip(hostile, HOSTILE, strict=True)):
        task = "mcq" if number % 2 else "conversation"
        options = tuple(f"{text} {n}" for n in range(4))
        samples.append(make_sample(pair, task, draw=number, question=text, options=options, reasoning=f"r {text}",
                                   answer="A" if task == "mcq" else f"a {text}"))  # fmt: skip
    unique = {p.pair_id: p for p in [*pairs, *hostile]}
    put(home, "pairs", "atlas-1", {"pairs": (list(unique.values()), Pair)})
    put(home, "cot", "atlas-1", {"samples": (samples, Sample)})
    put(home, "filters", "atlas-1", {"verdicts": ([v for s in samples for v in verdicts_for(s)], Verdict)})
    batch = export_batch(home, "r1")
    by_id = {s.sample_id: s for s in samples}
    page = show(batch.folder)
    for number, item in enumerate(items_of(batch.folder)):
        sample = by_id[item["subject_id"]]
        assert page.locator(".question").first.text_content() == sample.question
        assert page.locator(".reasoning").first.text_content() == sample.reasoning
        page.keyboard.press("c")
        page.keyboard.press("e")
        page.locator("textarea.edit").first.fill(f"edited {number} {sample.question}")
        page.keyboard.press("Control+Enter")
        saved(page, number + 1)
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    assert page.locator("body script, body iframe, body svg, body style").count() == 2  # the page's own two scripts
    counts = import_file(home, exported(page, tmp_path))
    assert counts["added"] == len(samples) and counts["quarantined"] == 0
    apply_annotations(home)
    after = {s.sample_id: s for s in current_samples(home, "atlas-1")}
    assert all(after[s.sample_id].reasoning.endswith(s.question.strip("\n \ufeff")) for s in samples)


def test_the_policy_stops_every_connection(home: Home, show: Callable, tmp_path: Path) -> None:
    folder = tmp_path / "batch"
    export_batch(home, "r1", out=folder)
    page = show(folder)
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    assert policy.startswith("default-src 'none'; img-src 'self'; script-src 'sha256-")
    # a single changed byte of the script is no longer the script that the policy allows
    index = folder / "index.html"
    index.write_text(index.read_text(encoding="utf-8").replace('"use strict";', '"use strict"; '), encoding="utf-8")
    changed = page.context.browser.new_page()
    changed.goto(index.as_uri())
    changed.wait_for_timeout(300)
    assert changed.locator("body[data-ready]").count() == 0
    changed.close()


def test_the_page_writes_the_bytes_that_python_would(home: Home, show: Callable, tmp_path: Path) -> None:
    from assets.review.protocol import return_file

    page = show(export_batch(home, "r1").folder)
    page.fill("#comment", 'NFD e\u0301, CR\rLF, \u2028, \u007f, \\ " / 𝄞 \u0001 <&>')
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    saved(page, 2)
    data = exported(page, tmp_path).read_bytes()
    manifest, *events = [json.loads(line) for line in data.split(b"\n") if line]
    assert return_file({k: v for k, v in manifest.items() if k not in ("format", "events", "head")}, events) == data
    assert import_file(home, tmp_path / "annotations.jsonl")["added"] == 2
    assert "\u00e9" in events[-1]["comment"]
