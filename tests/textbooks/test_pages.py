"""The pages of a PDF are counted in a process of its own: whatever it does there, its caller hears one sentence."""

import json
import os
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pymupdf
import pytest

from assets.errors import BadInput
from assets.store import open_home
from assets.textbooks import library
from assets.textbooks.pages import CountLimits, count_pages
from tests.waiting import until

MIB = 1 << 20
ROOT = Path(__file__).parents[2]
IN_COUNTER = "import sys\nif 'assets.textbooks.pages' in sys.orig_argv:\n    import os, signal, time, assets.pdf\n"
HANG = IN_COUNTER + "    assets.pdf.open_pdf = lambda path: {}time.sleep(10_000)\n"
CRASH = IN_COUNTER + "    assets.pdf.open_pdf = lambda path: os.kill(os.getpid(), signal.SIGSEGV)\n"


@pytest.fixture
def pdf(tmp_path) -> Path:
    document = pymupdf.open()
    for _ in range(3):
        document.new_page()
    document.save(tmp_path / "three.pdf")
    return tmp_path / "three.pdf"


def catalog_of(start: bytes, piece: bytes, times: int) -> bytes:
    """A Flate stream: a catalog whose last entry is `start` and then `piece` over and over."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"4 0 <</Type/Catalog/Pages 1 0 R/X " + start) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + (packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)) * times + packer.flush()


def with_catalog(path: Path, packed: bytes, filters: str) -> Path:
    """A PDF of one page whose catalog, which is read when the file is opened, lies in the object stream `packed`."""
    bodies = [
        b"<</Type/Pages/Count 1/Kids[2 0 R]>>",
        b"<</Type/Page/Parent 1 0 R/MediaBox[0 0 9 9]>>",
        b"<</Type/ObjStm/N 1/First 4/Filter[%s]/Length %d>>stream\n%s\nendstream"
        % (filters.encode(), len(packed), packed),
    ]
    out = b"%PDF-1.7\n"
    entries = [(0, 0)]
    for number, body in enumerate(bodies, 1):
        entries.append((1, len(out)))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    entries += [(2, 3), (1, len(out))]
    table = b"".join(bytes([kind]) + where.to_bytes(4, "big") for kind, where in entries)
    out += b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 0]/Root 4 0 R/Length %d>>stream\n%s\nendstream\nendobj\n" % (30, table)
    path.write_bytes(out + b"startxref\n%d\n%%%%EOF\n" % entries[-1][1])
    return path


def refusal(pdf: Path, limits: CountLimits) -> str:
    with pytest.raises(BadInput) as refused:
        count_pages(pdf, limits)
    said = str(refused.value)
    assert said.startswith(f"{pdf} ") and "save it again with another program" in said and "\n" not in said
    return said


def test_pages_are_counted_wherever_the_caller_is(pdf, tmp_path, monkeypatch):
    (tmp_path / "assets").mkdir()  # a folder that Python must not take for ours
    (tmp_path / "assets" / "__init__.py").write_text("raise SystemExit('the wrong assets')")
    monkeypatch.chdir(tmp_path)
    assert count_pages(Path("three.pdf")) == 3
    with_catalog(tmp_path / "one.pdf", catalog_of(b"1", b">>", 1), "/FlateDecode")
    assert count_pages(Path("one.pdf")) == 1


def test_a_refusal_names_the_file_as_it_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    with pytest.raises(BadInput, match=r"^broken\.pdf "):
        count_pages(Path("broken.pdf"))
    with pytest.raises(BadInput, match=r"^gone\.pdf: no such file"):
        count_pages(Path("gone.pdf"))


@pytest.mark.parametrize(("start", "piece"), [(b"[", b"0 " * (MIB // 2)), (b"(", b"x" * MIB)], ids=["array", "string"])
def test_a_pdf_that_floods_memory_when_it_is_opened(tmp_path, processes, start, piece):
    """Some hundred kB that unpack to an array of 200 million numbers, or to one string of 400 MB."""
    bomb = with_catalog(tmp_path / "flood.pdf", catalog_of(start, piece, 400), "/FlateDecode")
    assert "takes more than 0.2 GiB of memory" in refusal(bomb, CountLimits(memory=205 * MIB))
    assert processes() == []


def test_a_pdf_that_computes_without_end_when_it_is_opened(tmp_path, processes):
    """150 kB that unpack, twice, to 64 GiB of spaces."""
    packed = zlib.compress(catalog_of(b"", b" " * MIB, 1 << 16), 9)
    bomb = with_catalog(tmp_path / "endless.pdf", packed, "/FlateDecode/FlateDecode")
    assert "takes more than 0.5 seconds of computing" in refusal(bomb, CountLimits(cpu=0.5))
    assert processes() == []


def test_a_pdf_whose_reader_waits_without_end(pdf, at_start, processes):
    at_start(HANG.format(""))
    assert "takes more than 0.5 seconds to open" in refusal(pdf, CountLimits(wall=0.5))
    assert processes() == []


def test_a_pdf_that_crashes_its_reader_is_not_registered(pdf, at_start, tmp_path):
    home = open_home(tmp_path / "corpus")
    library.add(home, pdf, key="atlas")
    before = library.pdf_path(home, "atlas").read_bytes()
    other = tmp_path / "other.pdf"
    other.write_bytes(pdf.read_bytes() + b"% another printing")
    at_start(CRASH)
    for register in (lambda: library.add(home, other), lambda: library.replace(home, "atlas", other)):
        with pytest.raises(BadInput, match=r"other\.pdf makes the PDF library crash .*SIGSEGV.*another program"):
            register()
    assert home.books() == ["atlas"]
    assert library.pdf_path(home, "atlas").read_bytes() == before


def test_a_fault_of_our_own_comes_back_with_its_traceback(pdf, at_start):
    at_start(IN_COUNTER + "    assets.pdf.open_pdf = lambda path: {}['left out']\n")
    with pytest.raises(RuntimeError, match=r"(?s)three\.pdf.*Traceback.*KeyError: 'left out'"):
        count_pages(pdf)


def test_a_thread_may_count(pdf):
    counted = []
    threads = [threading.Thread(target=lambda: counted.append(count_pages(pdf))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [3] * 4


def test_a_caller_that_is_killed_leaves_no_counter(pdf, at_start, processes, tmp_path):
    sign = tmp_path / "sign"
    at_start(HANG.format(f"open({str(sign)!r}, 'w').close() or "))
    script = "import sys; from pathlib import Path; from assets.textbooks.pages import CountLimits, count_pages; " \
             "count_pages(Path(sys.argv[1]), CountLimits(wall=10_000))"  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", script, str(pdf)], cwd=ROOT) as caller:
        until(sign.exists)
        assert len(processes()) == 2
        caller.kill()
    until(lambda: processes() == [])


def test_whoever_registers_loads_no_pdf_library(pdf, tmp_path):
    script = "import json, sys; from pathlib import Path; from assets.store import open_home; " \
             "from assets.textbooks.library import add; row = add(open_home(), Path(sys.argv[1])); " \
             "print(json.dumps([row.pages, 'pymupdf' in sys.modules]))"  # fmt: skip
    environment = os.environ | {"PATHCORPUS_HOME": str(tmp_path / "corpus")}
    done = subprocess.run(
        [sys.executable, "-c", script, str(pdf)], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [3, False]
