"""The report of a book in a real browser, opened from disk: boxes, texts, failures, filters; and hostile texts."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.errors import BadInput
from assets.figures.extract import Extraction
from assets.figures.limits import LIMITS
from assets.figures.report.overlay import shown_score
from assets.figures.report.view import missing_numbers, pages_to_picture
from assets.figures.report.write import check_report, write_index, write_report
from assets.figures.sandbox import extract_into
from assets.figures.tables import read_extraction
from assets.records import Failure
from tests.figures.conftest import Drawn, photo

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
HOSTILE = [
    "<script>window.ran=1</script>",
    "</title></style></script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "</text></svg><svg onload=window.ran=1>",
    '" onmouseover="window.ran=1" x=\'',
    "{{ 7 * 7 }} {% raw %} ${window.ran=1}",
    "&lt;script&gt;window.ran=1 \u202e\u2028]]>",
    "javascript:window.ran=1",
]
RED, BLUE = (100, 100, 400, 260), (120, 420, 470, 560)


def tinted(channel: int, width: int, height: int) -> Image.Image:
    """A picture with detail in one colour that nothing else of the page has."""
    noise = np.random.default_rng(channel).integers(0, 60, (height // 10, width // 10, 3), dtype=np.uint8)
    noise[:, :, channel] += 180
    return Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST)


@dataclass
class Made:
    """A PDF, the folder that it was extracted into, and what came out."""

    pdf: Path
    extracted: Path
    extraction: Extraction


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Pages: 1 upright, 2 with /Rotate 90, 3 landscape text stored sideways, 4 text, 5 a caption alone, 6 text."""
    folder = tmp_path_factory.mktemp("book")
    drawn = Drawn(folder / "a book.pdf")
    for number, rotation in ((1, 0), (2, 90)):
        page = drawn.page()
        drawn.image(page, RED, tinted(0, 600, 320))
        drawn.text(page, (100, 268, 400, 300), f"Figure {number}. Red nests of cells between bands of collagen.")
        drawn.body(page, (72, 320, 523, 410))
        drawn.image(page, BLUE, tinted(2, 700, 280))
        drawn.text(page, (120, 568, 470, 600), f"Figure {number + 4}. Blue nuclei in a palisade at the border.")
        drawn.body(page, (72, 620, 523, 720), f"Figure {number} shows nests, and Figure {number + 4} nuclei.")
        page.set_rotation(rotation)
    page = drawn.page()
    drawn.image(page, (150, 200, 350, 560), photo(400, 720, 3))
    for top, text in ((374, "Figure 9. A plate that was set sideways in the book, with its caption."), (400, "Words.")):
        page.insert_text((top, 700), text, fontsize=10, fontname="tiro", rotate=90)
    drawn.body(drawn.page(), (72, 72, 523, 300))
    page = drawn.page()
    drawn.body(page, (72, 72, 523, 300))
    drawn.text(page, (72, 400, 523, 440), "Figure 12. A caption whose picture is nowhere in the book, neither here.")
    drawn.body(page, (72, 600, 523, 700))
    drawn.body(drawn.page(), (72, 72, 523, 300))
    pdf = drawn.save()
    extracted = folder / "extracted"
    extracted.mkdir()
    extract_into(extracted, pdf, "book")
    return Made(pdf, extracted, read_extraction(extracted))


@pytest.fixture(scope="module")
def report(book: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book's report; it must not be changed."""
    folder = tmp_path_factory.mktemp("reports")
    assert write_report(folder, book.pdf, book.extracted, book.extraction) == []
    return folder / "a book"


@pytest.fixture
def own(report: Path, tmp_path: Path) -> Path:
    """A copy of the report, in a folder that holds nothing else."""
    return Path(shutil.copytree(report, tmp_path / "reports" / report.name))


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
    """Opens a folder's index.html; fails the test on any request but to files, and on any error of the page."""
    wrong: list[str] = []
    contexts = []

    def open_page(folder: Path, width: int = 1280, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.on("request", lambda r: None if r.url.startswith("file:") else wrong.append(r.url))
        context.on("requestfailed", lambda r: wrong.append(f"failed: {r.url}"))
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto((folder / "index.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def number(element, name: str) -> float:
    return float(element.get_attribute(name))


def coloured(picture: Path, channel: int) -> tuple[float, ...]:
    """Where a page picture has the colour of `tinted`, as shares of its width and height."""
    with Image.open(picture) as opened:
        pixels = np.asarray(opened.convert("RGB"), dtype=int)
    other = np.delete(pixels, channel, axis=2).max(axis=2)
    ys, xs = np.nonzero(pixels[:, :, channel] - other > 80)
    high, wide = pixels.shape[:2]
    return xs.min() / wide, ys.min() / high, (xs.max() + 1) / wide, (ys.max() + 1) / high


@pytest.mark.browser
def test_boxes_lie_over_what_they_name_on_upright_and_rotated_pages(book: Made, report: Path, show: Callable) -> None:
    page = show(report)
    for row in (figure for figure in book.extraction.figures if figure.page in (1, 2)):
        section = page.locator(f"#p{row.page}")
        image = section.locator("img").first
        image.scroll_into_view_if_needed()
        page.wait_for_function("e => e.complete && e.naturalWidth > 0", arg=image.element_handle())
        rect = section.locator(f'svg .body[data-figure="{row.figure_id}"] rect')
        x, y, w, h = (number(rect, name) for name in ("x", "y", "width", "height"))
        assert (x, y, x + w, y + h) == pytest.approx(row.bbox, abs=0.02)
        paper, drawn = image.bounding_box(), rect.bounding_box()
        share = (
            (drawn["x"] - paper["x"]) / paper["width"], (drawn["y"] - paper["y"]) / paper["height"],
            (drawn["x"] + drawn["width"] - paper["x"]) / paper["width"],
            (drawn["y"] + drawn["height"] - paper["y"]) / paper["height"],
        )  # fmt: skip
        picture = report / image.get_attribute("src")
        assert share == pytest.approx(coloured(picture, 0 if "Red" in row.caption else 2), abs=0.01)


@pytest.mark.browser
def test_a_page_that_was_set_sideways_reads_upright(book: Made, report: Path, show: Callable) -> None:
    (plate,) = [figure for figure in book.extraction.figures if figure.page == 3]
    page = show(report)
    svg = page.locator("#p3 svg")
    assert svg.get_attribute("viewBox") == "0 0 842.0 595.0"
    body, caption = (page.locator(f"#p3 svg .{kind} rect") for kind in ("body", "caption"))
    assert (number(body, "width"), number(body, "height")) == pytest.approx((360, 200), abs=2)
    assert number(caption, "y") > number(body, "y") + number(body, "height")
    assert number(caption, "width") > number(caption, "height")
    with Image.open(report / page.locator("#p3 img").first.get_attribute("src")) as picture:
        assert picture.width > picture.height
    assert plate.bbox == pytest.approx([150, 200, 350, 560], abs=1)


@pytest.mark.browser
def test_figures_sentences_and_failures_are_shown(book: Made, report: Path, show: Callable) -> None:
    page = show(report)
    figures, references = book.extraction.figures, book.extraction.references
    assert len(figures) == 5 and references
    assert page.locator(".tile").count() == page.locator(".card").count() == len(figures)
    for figure in figures:
        card = page.locator(f"#f-{figure.figure_id}")
        card.scroll_into_view_if_needed()
        assert card.locator("h3").inner_text() == f"{figure.label} {shown_score(figure.score)}"
        assert card.locator(".caption").inner_text() == figure.caption
        assert all(word in card.inner_text() for word in (figure.rule, figure.pixels, f"{figure.dpi:g} dpi"))
    for reference in references:
        mark = page.locator(f"#c-{reference.page}-{reference.char_start}")
        assert mark.text_content() == reference.sentence
        assert page.locator(f"#p{reference.page} .citing li", has_text=reference.sentence).count() == 1
    (failure,) = book.extraction.failures
    assert (failure.page, failure.reason) == (5, "caption-without-body")
    assert failure.detail in page.locator("#failures").inner_text()
    page.locator("#p5").scroll_into_view_if_needed()
    assert failure.detail in page.locator("#p5 .failure").inner_text()
    assert page.locator("#missing").inner_text().startswith("Numbers that the labels skip: 3 to 4, 7 to 8.")
    assert page.locator(".gap summary").all_inner_texts() == ["Page 4: nothing found", "Page 6: nothing found"]
    assert sorted(path.name[:5] for path in (report / "pages").iterdir()) == ["p0001", "p0002", "p0003", "p0005"]


@pytest.mark.browser
def test_keys_and_filters(book: Made, tmp_path: Path, show: Callable) -> None:
    first, *others = book.extraction.figures
    figures = [replace(first, score=0.4), *(replace(figure, score=0.97) for figure in others)]
    write_report(tmp_path, book.pdf, book.extracted, replace(book.extraction, figures=figures[::-1]))
    page = show(tmp_path / "a book")

    def pages() -> list[str]:
        return [p.get_attribute("id") for p in page.locator("section.page").all() if p.is_visible()]

    assert page.locator(".tile").first.get_attribute("class") == "tile low"
    assert page.locator(".tile").first.locator(".score").inner_text() == "0.40"
    page.click("#sort")
    assert [tile.get_attribute("data-page") for tile in page.locator(".tile").all()] == ["1", "1", "2", "2", "3"]
    for key, current in (("j", "p1"), ("j", "p2"), ("j", "p3"), ("k", "p2")):
        page.keyboard.press(key)
        assert page.locator("section.current").get_attribute("id") == current
        assert (
            abs(page.locator(f"#{current}").bounding_box()["y"] - page.locator("header").bounding_box()["height"]) < 40
        )
    page.keyboard.press("2")
    assert pages() == ["p1"]
    page.keyboard.press("3")
    assert pages() == ["p5"]
    page.keyboard.press("1")
    assert pages() == ["p1", "p2", "p3", "p5"]
    page.keyboard.press("b")
    assert not page.locator("#p1 svg .body rect").first.is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 400])
def test_the_essentials_work_without_javascript_and_in_a_narrow_window(
    report: Path, show: Callable, width: int
) -> None:
    page = show(report, width=width, java_script_enabled=False)
    assert page.locator("#p1 svg .body rect").first.is_visible()
    assert page.locator("#sort").is_hidden()
    page.locator("label", has_text="Failures").click()
    assert page.locator("#p5").is_visible() and not page.locator("#p1").is_visible()
    assert page.locator("html").bounding_box()["width"] <= width
    sheet, details = (page.locator(f"#p5 .{name}").bounding_box() for name in ("sheet", "details"))
    assert (details["y"] > sheet["y"] + 300) == (width == 400)


@pytest.mark.browser
def test_hostile_texts_stay_text(book: Made, tmp_path: Path, show: Callable) -> None:
    found = book.extraction
    figures = [
        replace(figure, label=text, caption=text, rule=text, method=text, pixels=text, score=0.5)
        for figure, text in zip(found.figures, HOSTILE, strict=False)
    ]
    pages = [replace(p, text=HOSTILE[p.page] + p.text[len(HOSTILE[p.page]) :], sections=[HOSTILE[0]], method=HOSTILE[1])
             for p in found.pages]  # fmt: skip
    references = [replace(r, sentence=t, letter=t) for r, t in zip(found.references, HOSTILE, strict=False)]
    failures = [Failure(book="b", stage=t, page=n % 7 or None, reason=t, detail=t) for n, t in enumerate(HOSTILE)]
    bad = replace(found, figures=figures, pages=pages, references=references, failures=failures)
    pdf = tmp_path / '"><script>window.ran=1<' / "<img src=x onerror=window.ran=1>.pdf"
    pdf.parent.mkdir(parents=True)
    pdf.write_bytes(book.pdf.read_bytes())
    write_report(tmp_path / "out", pdf, book.extracted, bad)
    write_index(tmp_path / "out", HOSTILE)
    page = show(tmp_path / "out" / pdf.stem)
    shown = page.locator("body").evaluate("body => body.textContent")
    assert all(text in shown for text in HOSTILE)
    assert page.locator("svg .body text").first.text_content() == f"{figures[0].label} · 0.50"
    page.locator(".tile").first.hover()
    index = show(tmp_path / "out")
    assert all(text in index.locator("#refused").evaluate("e => e.textContent") for text in HOSTILE)
    for opened in (page, index):
        assert opened.evaluate("window.ran") is None
        assert opened.locator("script").count() == opened.locator("style").count() == 1
        assert opened.locator("iframe, object, [onload], [onerror], [onmouseover], [style]").count() == 0
    assert all(src.startswith(("pages/p", "figures/")) for src in page.locator("img").evaluate_all(
        "all => all.map(image => image.getAttribute('src'))"))  # fmt: skip
    index.click("tbody a")
    assert page.title() == index.title() == f"{pdf.name}: figures"


@pytest.mark.browser
def test_the_policy_stops_a_changed_script(own: Path, show: Callable, chromium) -> None:
    policy = show(own).locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    assert policy.startswith("default-src 'none'; img-src 'self'; script-src 'sha256-")
    index = own / "index.html"
    index.write_text(index.read_text(encoding="utf-8").replace('"use strict";', '"use strict"; '), encoding="utf-8")
    changed = chromium.new_page()
    changed.goto(index.as_uri())
    assert changed.locator("body[data-ready]").count() == 0
    changed.close()


def test_an_older_report_is_replaced_and_kept_when_the_new_one_fails(book: Made, own: Path) -> None:
    before = (own / "index.html").read_bytes()
    with pytest.raises(BadInput, match="no such file"):
        write_report(own.parent, book.pdf.parent / "gone" / book.pdf.name, book.extracted, book.extraction)
    assert (own / "index.html").read_bytes() == before
    fewer = replace(book.extraction, figures=[], panels=[], references=[])
    write_report(own.parent, book.pdf, book.extracted, fewer)
    assert [path.name[:5] for path in (own / "pages").iterdir()] == ["p0005"]
    assert [path.name for path in own.parent.iterdir()] == ["a book"]


def test_foreign_files_are_left_alone(book: Made, own: Path) -> None:
    folder = own.parent
    (folder / "notes.txt").write_text("beside")
    check_report(folder, [book.pdf])
    (own / "notes.txt").write_text("mine")
    for attempt in (check_report, lambda r, _: write_report(r, book.pdf, book.extracted, book.extraction)):
        with pytest.raises(BadInput, match=r"notes\.txt is not part of a report"):
            attempt(folder, [book.pdf])
    assert (own / "notes.txt").read_text() == "mine"
    (folder / "other").mkdir()
    with pytest.raises(BadInput, match="other is not part of a report"):
        check_report(folder, [Path("other.pdf")])
    with pytest.raises(BadInput, match="share the report"):
        check_report(folder, [Path("a/x.pdf"), Path("b/x.pdf")])
    with pytest.raises(BadInput, match="rename the PDF"):
        check_report(folder, [Path("...pdf")])
    (folder / "index.html").write_text("<html>mine</html>")
    with pytest.raises(BadInput, match="index.html is not a report"):
        check_report(folder, [Path("new.pdf")])


@pytest.mark.browser
def test_pages_that_cannot_be_drawn_in_time_are_reported(book: Made, tmp_path: Path, show: Callable) -> None:
    failures = write_report(tmp_path, book.pdf, book.extracted, book.extraction, replace(LIMITS, wall=0.001))
    assert {"hung"} == {failure.reason for failure in failures}
    assert {failure.page for failure in failures} >= {1, 2, 3}
    page = show(tmp_path / "a book")
    assert page.locator("#p1 .nopicture").inner_text().startswith("No picture of this page: page 1 took more than")
    assert "hung" in page.locator("#failures").inner_text()
    assert page.locator(".card").count() == 5


def test_only_pages_that_tell_something_are_pictured(book: Made) -> None:
    def failed(page: int | None, reason: str, stage: str = "figures.text") -> Failure:
        return Failure(book="book", stage=stage, page=page, reason=reason, detail="")

    found = book.extraction
    assert pages_to_picture(replace(found, failures=[])) == [1, 2, 3]
    scans = [failed(page, "no-text-layer") for page in range(10, 100)]
    assert pages_to_picture(replace(found, failures=scans)) == [1, 2, 3, *range(10, 30)]
    assert pages_to_picture(replace(found, failures=[failed(2, "timed-out", "figures.read"), failed(None, "x")])) == [
        1,
        3,
    ]


def test_numbers_that_a_series_skips() -> None:
    assert missing_numbers(["Fig. 7-1", "Fig. 7-2", "Fig. 7-6", "图 8-3", "Fig. 8-5a", "Figure 2", "Plate"]) == [
        "7-3 to 7-5", "8-4",
    ]  # fmt: skip
    assert missing_numbers(["Figure 1", "Figure S1", "Figure S3", "Figure 2"]) == ["s2"]


def test_a_score_is_never_shown_as_more_than_it_is() -> None:
    assert [shown_score(score) for score in (0.8999, 0.9, 0.29, 1.0, 0.0)] == ["0.89", "0.90", "0.29", "1.00", "0.00"]
