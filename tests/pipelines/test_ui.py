"""`pathcorpus ui` for real: web server, daemon and code server on loopback, and headless Chromium in front of them.

PATHCORPUS_SCREENSHOTS=1 writes what the browser shows to docs/images.
"""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pymupdf
import pytest
from PIL import Image as PillowImage
from PIL import ImageOps

from assets.store import Home, open_home, sealed
from assets.textbooks import library

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 300  # seconds; the servers alone need 15 to 40
RUNS = "{runsOrError{... on Runs{results{runId jobName status tags{key value}}}}}"
SHOW_RUN = "query($id: ID!){runOrError(runId: $id){... on Run{status stepStats{stepKey status}}}}"


@dataclass(frozen=True)
class Page:
    """A running `pathcorpus ui`."""

    home: Home
    port: int
    process: subprocess.Popen

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, query: str, **variables: Any) -> Any:
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def runs(self, job: str, book: str | None = None) -> list[dict[str, Any]]:
        """Runs of a job (of one book), newest first, with `tags` as a dict."""
        found = self.ask(RUNS)["runsOrError"]["results"]
        runs = [run | {"tags": {tag["key"]: tag["value"] for tag in run["tags"]}} for run in found]
        return [r for r in runs if r["jobName"] == job and book in (None, r["tags"].get("dagster/partition"))]


def wait(what: str, look: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true value of `look`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if value := look():
                return value
        except httpx.TransportError:
            pass
        time.sleep(1)
    return pytest.fail(f"waited {seconds:.0f} s for {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(port: int, home: Path) -> list[str]:
    code = "from pipelines.cli import main; main()"
    return [sys.executable, "-c", code, "ui", "--port", str(port), "--home", str(home), "--generator", "extractive"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, sample_book: tuple[Path, dict]) -> Iterator[Page]:
    """The page of a home in which the sample textbook is registered; it is stopped as Ctrl+C stops it."""
    home = open_home(tmp_path_factory.mktemp("ui") / "corpus")
    library.add(home, sample_book[0], key="sample")
    log = home.root.parent / "ui.log"
    port = free_port()
    with log.open("wb") as output:
        # Started as a shell starts a background job: with SIGINT ignored. Away from the checkout, too.
        process = subprocess.Popen(
            command(port, home.root), stdout=output, stderr=subprocess.STDOUT, cwd=home.root.parent,
            start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )  # fmt: skip
    running = Page(home, port, process)
    try:
        wait("the web server", lambda: httpx.get(f"{running.url}/server_info").status_code == 200)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=90)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            pytest.fail(f"`pathcorpus ui` did not stop on SIGINT:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("PATHCORPUS_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"{CHROMIUM} is missing")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = ROOT / "docs" / "images" if os.environ.get("PATHCORPUS_SCREENSHOTS") == "1" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def succeeded(page: Page, run: str) -> bool:
    """Whether a run has succeeded; fails the test at once when it has failed."""
    status = page.ask(SHOW_RUN, id=run)["runOrError"]["status"]
    assert status not in ("FAILURE", "CANCELED"), f"run {run} ended as {status}"
    return status == "SUCCESS"


def test_a_book_is_materialized_by_hand_and_its_figures_are_seen(page: Page, browser: Any, pictures: Path) -> None:
    wait("the sensor's partition", lambda: page.runs("book_chain", "sample"))
    tab = browser.new_page(viewport={"width": 1600, "height": 1000})
    tab.set_default_timeout(120_000)
    tab.goto(f"{page.url}/locations/pipelines.definitions/jobs/book_chain")
    tab.get_by_role("button", name="Materialize all").click()
    tab.get_by_text("Select a partition or create one").click()
    tab.get_by_role("menuitem").filter(has_text="sample").click()
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Launch 1 run").click()

    def launched() -> str | None:
        by_hand = [r for r in page.runs("book_chain", "sample") if "dagster/sensor_name" not in r["tags"]]
        return by_hand[0]["runId"] if by_hand else None

    run = wait("the run launched by hand", launched)
    wait("its success", lambda: succeeded(page, run))
    steps = page.ask(SHOW_RUN, id=run)["runOrError"]["stepStats"]
    assert {step["stepKey"] for step in steps if step["status"] == "SUCCESS"} == {
        "textbook", "figures", "pairs", "picture_hashes", "image_kinds", "ledger", "decontamination", "cot_samples",
        "verdicts",
    }  # fmt: skip

    tab.goto(f"{page.url}/assets/figures")
    tab.get_by_text("Row count").wait_for()
    row = tab.get_by_role("row").filter(has_text="contact sheet")
    row.get_by_text("[Show Markdown]").click()
    picture = tab.locator("img[src^='data:image/jpeg']")
    picture.wait_for()
    wait("the picture", lambda: picture.evaluate("image => image.complete && image.naturalWidth > 300"))
    tab.wait_for_timeout(1000)
    tab.screenshot(path=pictures / "ui-figures.png")
    tab.close()


def test_the_asset_graph_shows_the_line(page: Page, browser: Any, pictures: Path) -> None:
    run = wait("the corpus-wide run", lambda: page.runs("corpus_wide"))[0]
    wait("the shards", lambda: succeeded(page, run["runId"]))
    tab = browser.new_page(viewport={"width": 2400, "height": 2600})
    tab.set_default_timeout(120_000)
    tab.goto(f"{page.url}/asset-groups")
    tab.get_by_text("Materialize all").wait_for()
    tab.get_by_text("Hide navigation").click()
    for group in ("textbooks", "figures", "pairs", "samples", "review", "shards", "training", "evaluation"):
        assert tab.get_by_text(group, exact=True).count()
    tab.get_by_placeholder("Jump to").locator("xpath=following::button[1]").click()  # hide the list of groups
    tab.keyboard.press("Alt+e")  # open all groups
    for asset in ("textbook", "cot_samples", "verdicts", "review_decisions", "grpo", "dapo"):
        tab.get_by_text(asset, exact=True).first.wait_for()
    tab.wait_for_timeout(2000)
    tab.screenshot(path=pictures / "ui-assets.png")
    assert not tab.get_by_text("Join the Dagster").count(), "no pop-up at the first visit"
    tab.close()


def draw_chapter(path: Path) -> None:
    """A PDF of two pages, each with a drawn figure, its caption and a sentence that cites it."""
    with pymupdf.open() as document:
        for number in (1, 2):
            tissue = PillowImage.effect_noise((640, 480), 60 + number).convert("L")
            picture = ImageOps.colorize(tissue, (90, 30, 120), (250, 225, 240))
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG")
            sheet = document.new_page()
            sheet.insert_image((72, 72, 392, 312), stream=buffer.getvalue())
            caption = f"Figure 1.{number} Clear cell renal cell carcinoma, nests of clear cells. H&E, x{number}00."
            sheet.insert_text((72, 328), caption, fontsize=9)
            sheet.insert_text((72, 400), f"The nests are set apart by thin vessels (Figure 1.{number}).", fontsize=11)
        document.save(path)


def test_a_pdf_in_the_inbox_goes_through_the_whole_line(page: Page) -> None:
    draw_chapter(page.home.inbox / "chapter.pdf")
    sidecar = 'title = "One Chapter"\nlicence = "CC0-1.0"\nlanguage = "en"\nkey = "chapter"\n'
    (page.home.inbox / "chapter.toml").write_text(sidecar, encoding="utf-8")
    (page.home.inbox / "broken.pdf").write_bytes(b"no PDF at all")

    run = wait("the sensor's run", lambda: page.runs("book_chain", "chapter"))[0]
    assert run["tags"]["dagster/sensor_name"] == "inbox"
    wait("its success", lambda: succeeded(page, run["runId"]))
    assert library.get(page.home, "chapter").title == "One Chapter"
    assert (page.home.inbox / "done" / "chapter.pdf").exists()
    assert (page.home.inbox / "refused" / "broken.pdf.error.txt").exists()
    assert sealed(page.home.station("filters", "chapter"))
    assert (sealed(page.home.station("figures", "chapter")) or {})["counts"]["figures"] == 2

    def shards_hold_it() -> bool:
        return bool(list(page.home.corpus("shards").glob("*/*/chapter-*.parquet")))

    wait("the shards of the new book", shards_hold_it)
    assert len(page.runs("book_chain", "chapter")) == 1


def test_a_second_page_on_the_same_home_or_port_is_refused(page: Page, tmp_path: Path) -> None:
    for arguments, reason in (
        (command(free_port(), page.home.root), f"in use by another `pathcorpus ui` (process {page.process.pid})"),
        (command(page.port, tmp_path / "other"), f"port {page.port} is taken"),
    ):
        refused = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
        assert refused.returncode == 2
        assert reason in refused.stderr and len(refused.stderr.strip().splitlines()) == 1


def test_it_listens_on_loopback_only(page: Page) -> None:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    hosts = {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[1].endswith(f":{page.port:04X}")}
    assert hosts == {"0100007F"}  # 127.0.0.1
