"""The page of a book or source: what it counts and shows, hostile texts, and the browser's view of it."""

import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assets.errors import BadInput
from assets.pairs.deciding import kind_book
from assets.pairs.report.view import EACH, holding_view
from assets.pairs.report.write import copy_page, write_page, write_pages
from assets.records import Cluster, Pair, Split, TestHit, TestSet
from assets.store import Home, open_home, read_rows, state_of, write_rows
from tests.builders import put
from tests.pairs.pictured import NAMING, Shown, pictured

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> \u202e </ul>{{ 7*7 }}'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path / "corpus")
    pictured(home, "first", [Shown(kind, caption, 1) for kind, caption in NAMING.items()])
    shown = [Shown("he", NAMING["he"], seed) for seed in range(EACH + 4)]
    pictured(home, "second", [*shown, Shown("ihc", HOSTILE, 1), Shown("person", "A man.", 3)])
    pairs = {key: read_rows(home.station("pairs", key) / "pairs.parquet", Pair) for key in ("first", "second")}
    reprint, original = pairs["second"][1], pairs["first"][2]
    clusters = [
        Cluster(pair_id=p.pair_id, cluster_id=p.pair_id, book="second", pixels=p.image, duplicate_of=None, evidence="")
        for p in pairs["second"]
    ]
    clusters[1] = Cluster(
        pair_id=reprint.pair_id, cluster_id=original.pair_id, book="second", pixels=reprint.image,
        duplicate_of=original.pair_id, evidence=f"equal pixels {HOSTILE}", founder="first", duplicate_in="first",
    )  # fmt: skip
    splits = [Split(cluster_id=p.pair_id, split="train", purpose="sft", book="second") for p in pairs["second"]]
    put(home, "ledger", "second", {"clusters": (clusters, Cluster), "splits": (splits, Split)})
    row = TestSet(testset="pathmmu", form="pathmmu", path="/x", policy="drop", items=3, pictures=3, problems=0,
                  digest="0", added_at=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    write_rows(home.corpus("testsets") / "pathmmu" / "testset.parquet", [row], TestSet)
    hit = TestHit(pair_id=pairs["second"][2].pair_id, book="second", testset="pathmmu", item_ids=["a", "b"], by="image",
                  score=0.93, evidence=f"18 bits {HOSTILE}")  # fmt: skip
    put(home, "decontamination", "second", {"hits": ([hit], TestHit)})
    for key in ("first", "second"):
        kind_book(home, key)
    return home


class Page(HTMLParser):
    """Tags with their attributes, and what a reader would read."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_the_page_counts_and_shows(home):
    outcome = write_page(home, "second")
    assert outcome.counts == {
        "pairs": EACH + 6, "of the five kinds": EACH + 4, "waiting for review": 2, "duplicates": 0, "in a test set": 1,
    }  # fmt: skip
    view = holding_view(home, "second")
    assert view.kinds["he"].total == EACH + 4 and len(view.kinds["he"].tiles) == EACH
    assert {tile.pair.text for tile in view.queue.tiles} == {"A man.", HOSTILE}
    (cluster,) = view.clusters
    assert [tile.key for tile in cluster.tiles] == ["first", "second"]
    page = Page(outcome.folder / "index.html")
    assert "Waiting for a review of the kind" in page.text and "pathmmu" in page.text and "18 bits" in page.text
    assert "words and picture facts alone" in page.text


def test_every_picture_that_the_page_names_is_beside_it(home):
    folder = write_page(home, "second").folder
    names = {attributes["src"] for tag, attributes in Page(folder / "index.html").tags if tag == "img"}
    assert names == {f"img/{path.name}" for path in (folder / "img").iterdir()} and len(names) > EACH


def test_hostile_texts_stay_texts(home):
    page = Page(write_page(home, "second").folder / "index.html")
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert all(set(attributes) <= {"src", "alt", "loading"} for tag, attributes in page.tags if tag == "img")
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert page.text.count("<script>alert(1)</script>") >= 3 and "{{ 7*7 }}" in page.text
    policy = next(attributes["content"] for tag, attributes in page.tags if attributes.get("http-equiv"))
    assert "default-src 'none'" in policy and "script-src" not in policy


def test_a_second_writing_changes_nothing_and_another_book_no_page(home):
    assert write_pages(home).counts == {"pages": 2, "written": 2}
    before = state_of(home.station("report", "second"))
    index = (home.corpus("report") / "index.html").read_bytes()
    assert not write_pages(home).changed
    pictured(home, "third", [Shown("he", NAMING["he"], 5)])
    kind_book(home, "third")
    assert write_pages(home).counts == {"pages": 3, "written": 1}
    assert state_of(home.station("report", "second")) == before
    assert (home.corpus("report") / "index.html").read_bytes() != index
    hrefs = [attributes["href"] for tag, attributes in Page(home.corpus("report") / "index.html").tags if tag == "a"]
    assert hrefs == ["first/index.html", "second/index.html", "third/index.html"]


def test_a_picture_of_a_book_that_was_taken_down_is_said_to_be_gone(home):
    shutil.rmtree(home.station("figures", "first"))
    page = Page(write_page(home, "second").folder / "index.html")
    assert "not at hand" in page.text
    with pytest.raises(BadInput, match="images.parquet is missing"):
        write_page(home, "first")
    assert not (home.station("report", "first") / "index.html").exists()


def test_copies_go_into_their_own_folder_only(home, tmp_path):
    page = write_page(home, "first")
    index = copy_page(page, tmp_path / "out")
    assert index == tmp_path / "out" / "first" / "index.html" and index.exists()
    assert not list(index.parent.glob("*.json"))
    copy_page(page, tmp_path / "out")
    (tmp_path / "other" / "first").mkdir(parents=True)
    (tmp_path / "other" / "first" / "thesis.txt").write_text("mine")
    with pytest.raises(BadInput, match="holds other files"):
        copy_page(page, tmp_path / "other")


def test_a_book_that_has_not_gone_through_is_named(home):
    pictured(home, "third", [Shown("he", NAMING["he"], 5)])
    with pytest.raises(BadInput, match="third has no finished kinds; run `pathcorpus run --book third` first"):
        write_page(home, "third")
    assert write_pages(home).counts["pages"] == 2


@pytest.mark.browser
def test_the_browser_shows_all_pictures_and_complains_of_nothing(home):
    executable = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    if executable is None:
        pytest.skip("chromium is missing")
    from playwright.sync_api import sync_playwright

    index = write_page(home, "second").folder / "index.html"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800})
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(index.as_uri())
        page.evaluate("for (const i of document.images) i.loading = 'eager'")
        page.wait_for_function("[...document.images].every(i => i.complete)")
        assert page.evaluate("[...document.images].every(i => i.naturalWidth > 0)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        links = page.eval_on_selector_all("nav a", "all => all.map(a => a.getAttribute('href'))")
        assert links and all(page.query_selector(re.sub("^#", "[id='", link) + "']") for link in links)
        browser.close()
    assert said == []
