"""The sensors on a real inbox, a real library and an ephemeral Dagster instance."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance, DagsterRunStatus

from assets.errors import BadInput
from assets.records import Textbook
from assets.store import Home, publish, write_rows
from assets.textbooks import library
from pipelines import inbox
from pipelines.jobs import book_chain, corpus_wide
from pipelines.partitions import PARTITIONS
from pipelines.sensors import corpus_sensor, inbox_sensor
from tests.waiting import until

Drop = Callable[[str], Path]


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as made:
        yield made


def tick(sensor: dg.SensorDefinition, instance: DagsterInstance, cursor: str | None = None) -> dg.SensorResult:
    """One tick as the daemon makes it: partitions are added, the result holds requests and the next cursor."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    result = sensor(context)
    if isinstance(result, dg.SkipReason):
        return dg.SensorResult(skip_reason=result, cursor=cursor)
    for request in result.dynamic_partitions_requests or ():
        instance.add_dynamic_partitions(PARTITIONS, list(request.partition_keys))
    return result


def registered(home: Home, instance: DagsterInstance, drop: Drop, key: str) -> dg.SensorResult:
    drop(key)
    return tick(inbox_sensor, instance, tick(inbox_sensor, instance).cursor)


def test_waits_until_a_file_is_whole(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    pdf = drop("growing")
    first = tick(inbox_sensor, instance)
    assert pdf.exists() and not first.run_requests
    with pdf.open("ab") as handle:
        handle.write(b"% more")
    second = tick(inbox_sensor, instance, first.cursor)
    assert pdf.exists() and not second.run_requests
    third = tick(inbox_sensor, instance, second.cursor)
    assert [request.partition_key for request in third.run_requests] == ["growing"]
    assert not pdf.exists()
    assert {path.name for path in (home.inbox / "done").iterdir()} == {"growing.pdf", "growing.toml"}


def test_a_late_sidecar_starts_the_wait_again(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    pdf = drop("late")
    sidecar = pdf.with_suffix(".toml").read_text(encoding="utf-8")
    pdf.with_suffix(".toml").unlink()
    first = tick(inbox_sensor, instance)
    pdf.with_suffix(".toml").write_text(sidecar, encoding="utf-8")
    second = tick(inbox_sensor, instance, first.cursor)
    assert pdf.exists()
    tick(inbox_sensor, instance, second.cursor)
    assert library.get(home, "late").licence == "CC0-1.0"


def test_registers_with_sidecar_and_asks_for_one_run(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    result = registered(home, instance, drop, "renal")
    row = library.get(home, "renal")
    assert (row.title, row.licence, row.language) == ("Book renal", "CC0-1.0", "en")
    assert instance.get_dynamic_partitions(PARTITIONS) == ["renal"]
    (request,) = result.run_requests
    assert request.partition_key == "renal" and row.sha256[:16] in request.run_key
    assert not tick(inbox_sensor, instance, result.cursor).run_requests


def test_a_refused_file_is_put_aside_with_one_line(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    (home.inbox / "broken.pdf").write_bytes(b"this is no PDF")
    drop("good")
    result = tick(inbox_sensor, instance, tick(inbox_sensor, instance).cursor)
    assert [request.partition_key for request in result.run_requests] == ["good"]
    assert (home.inbox / "refused" / "broken.pdf").exists()
    reason = (home.inbox / "refused" / "broken.pdf.error.txt").read_text(encoding="utf-8")
    assert "broken.pdf" in reason and len(reason.splitlines()) == 1


IN_COUNTER = (
    "import sys\nif 'assets.textbooks.pages' in sys.orig_argv:\n    import os, signal, time, assets.pdf\n"
    "    assets.pdf.open_pdf = lambda path: "
)


def test_a_pdf_that_crashes_its_reader_is_refused_and_the_next_tick_goes_on(
    home: Home, instance: DagsterInstance, drop: Drop, at_start: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("bad")
    at_start(IN_COUNTER + "os.kill(os.getpid(), signal.SIGSEGV)\n")
    result = tick(inbox_sensor, instance, tick(inbox_sensor, instance).cursor)
    assert not result.run_requests and home.books() == []
    reason = (home.inbox / "refused" / "bad.pdf.error.txt").read_text(encoding="utf-8")
    assert "bad.pdf makes the PDF library crash" in reason and len(reason.splitlines()) == 1
    monkeypatch.delenv("PYTHONPATH")
    assert [request.partition_key for request in registered(home, instance, drop, "good").run_requests] == ["good"]


def test_a_pdf_that_is_never_opened_is_refused_and_leaves_no_process(
    home: Home, drop: Drop, at_start: Callable[[str], None], processes: Callable[[], list[int]],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    sign = tmp_path / "sign"
    at_start(IN_COUNTER + f"open({str(sign)!r}, 'w').close() or time.sleep(10_000)\n")
    monkeypatch.setattr(inbox, "SECONDS", 5)
    with pytest.raises(BadInput, match=r"slow\.pdf could not be opened within 5 s"):
        inbox.take(home, drop("slow"))
    assert sign.exists() and (home.inbox / "refused" / "slow.pdf").exists()
    until(lambda: processes() == [], seconds=20)  # long before the counter's own alarm


def test_an_invalid_key_is_refused(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    pdf = drop("odd")
    pdf.with_suffix(".toml").write_text('key = "../odd"\n', encoding="utf-8")
    result = tick(inbox_sensor, instance, tick(inbox_sensor, instance).cursor)
    assert not result.run_requests and not instance.get_dynamic_partitions(PARTITIONS)
    assert "invalid key" in (home.inbox / "refused" / "odd.pdf.error.txt").read_text(encoding="utf-8")


def test_what_is_no_pdf_holds_nothing_up(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    registered(home, instance, drop, "renal")
    make_pairs(home, "renal", "a")
    (home.inbox / "._book.pdf").write_bytes(b"left by macOS")
    (home.inbox / "folder.pdf").mkdir()
    assert inbox.pdfs(home.inbox) == [] and tick(corpus_sensor, instance).run_requests


def test_killed_before_the_move_a_registered_pdf_is_done(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    pdf = drop("renal")
    library.add(home, pdf)
    result = tick(inbox_sensor, instance, tick(inbox_sensor, instance).cursor)
    assert not pdf.exists() and not (home.inbox / "refused").exists() and not result.run_requests
    assert {path.name for path in (home.inbox / "done").iterdir()} == {"renal.pdf", "renal.toml"}
    assert home.books() == ["renal"]


def test_a_damaged_row_does_not_hold_up_the_others(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    for key in ("broken", "renal"):
        library.add(home, drop(key))
        (home.inbox / f"{key}.pdf").unlink()
    (home.library / "broken" / "textbook.parquet").write_bytes(b"PAR1")
    pdf = drop("waiting")
    first = tick(inbox_sensor, instance)
    assert [request.partition_key for request in first.run_requests] == ["renal"]
    second = tick(inbox_sensor, instance, first.cursor)
    assert pdf.exists() and not (home.inbox / "refused").exists(), "the library is at fault, not the file"
    shutil.rmtree(home.library / "broken")
    third = tick(inbox_sensor, instance, second.cursor)
    assert "waiting" in [request.partition_key for request in third.run_requests]


def test_two_refused_files_of_one_name_are_both_kept(home: Home) -> None:
    for content in (b"first", b"second"):
        pdf = home.inbox / "same.pdf"
        pdf.write_bytes(content)
        inbox.move(pdf, home.inbox / "refused")
    kept = {path.read_bytes() for path in (home.inbox / "refused").glob("*.pdf")}
    assert kept == {b"first", b"second"}


def test_failing_to_register_leaves_the_file_and_says_so(home: Home, drop: Drop) -> None:
    pdf = drop("stays")
    (home.root / "pathcorpus.json").write_text("{", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"stays\.pdf"):
        inbox.take(home, pdf)
    assert pdf.exists()


def test_books_added_by_command_are_picked_up(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    library.add(home, drop("by-hand"))
    (home.inbox / "by-hand.pdf").unlink()
    result = tick(inbox_sensor, instance)
    assert [request.partition_key for request in result.run_requests] == ["by-hand"]
    assert instance.get_dynamic_partitions(PARTITIONS) == ["by-hand"]


def test_a_lost_cursor_asks_with_the_same_run_key(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    first = registered(home, instance, drop, "renal")
    again = tick(inbox_sensor, instance, cursor=None)
    assert [r.run_key for r in again.run_requests] == [r.run_key for r in first.run_requests]


def test_another_file_or_registration_has_another_run_key(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    first = registered(home, instance, drop, "renal")
    library.replace(home, "renal", drop("corrected"))
    (home.inbox / "corrected.pdf").unlink()
    second = tick(inbox_sensor, instance, first.cursor)
    shutil.rmtree(home.library / "renal")
    library.add(home, home.inbox / "done" / "renal.pdf")
    third = tick(inbox_sensor, instance, second.cursor)
    keys = [request.run_key for result in (first, second, third) for request in result.run_requests]
    assert len(keys) == len(set(keys)) == 3


def test_a_folder_that_is_no_key_never_becomes_a_partition(home: Home, instance: DagsterInstance) -> None:
    (home.library / "Not A Key").mkdir()
    write_rows(home.library / "Not A Key" / "textbook.parquet", [], Textbook)
    assert not tick(inbox_sensor, instance).run_requests
    assert not instance.get_dynamic_partitions(PARTITIONS)


def make_pairs(home: Home, book: str, content: str) -> None:
    """A finished pairs folder of a registered book; only its seal matters here."""

    def build(folder: Path) -> dict[str, int]:
        (folder / "pairs.parquet").write_text(content, encoding="utf-8")
        return {}

    publish(home.station("pairs", book), station="pairs", book=book, inputs={"content": content}, build=build)


def test_corpus_runs_once_per_change_when_all_is_quiet(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    assert tick(corpus_sensor, instance).skip_reason
    registered(home, instance, drop, "renal")
    assert tick(corpus_sensor, instance).skip_reason, "a registered book without tables changes nothing"
    make_pairs(home, "renal", "a")
    first = tick(corpus_sensor, instance)
    assert len(first.run_requests) == 1 and first.run_requests[0].run_key is None
    assert tick(corpus_sensor, instance, first.cursor).skip_reason
    make_pairs(home, "renal", "b")
    second = tick(corpus_sensor, instance, first.cursor)
    make_pairs(home, "renal", "a")
    assert tick(corpus_sensor, instance, second.cursor).run_requests, "a return to an earlier state is a change"


def test_corpus_waits_for_inbox_and_books(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    registered(home, instance, drop, "renal")
    make_pairs(home, "renal", "a")
    pdf = drop("another")
    assert "inbox" in str(tick(corpus_sensor, instance).skip_reason)
    pdf.unlink()
    for job_name, tags in ((book_chain.name, {"dagster/partition": "renal"}), (corpus_wide.name, {})):
        run = instance.create_run_for_job(
            dg.job(name=job_name)(lambda: None), status=DagsterRunStatus.STARTED, tags=tags
        )
        assert "on their way" in str(tick(corpus_sensor, instance).skip_reason)
        instance.report_run_failed(run)
    assert tick(corpus_sensor, instance).run_requests


def test_a_failed_corpus_run_is_asked_for_again_when_something_changes(
    home: Home, instance: DagsterInstance, drop: Drop
) -> None:
    registered(home, instance, drop, "renal")
    make_pairs(home, "renal", "a")
    first = tick(corpus_sensor, instance)
    run = instance.create_run_for_job(dg.job(name=corpus_wide.name)(lambda: None), status=DagsterRunStatus.STARTED)
    instance.report_run_failed(run)
    assert tick(corpus_sensor, instance, first.cursor).skip_reason
    make_pairs(home, "renal", "b")
    assert tick(corpus_sensor, instance, first.cursor).run_requests


def test_a_training_run_does_not_hold_up_the_corpus(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    registered(home, instance, drop, "renal")
    make_pairs(home, "renal", "a")
    instance.create_run_for_job(dg.job(name="train")(lambda: None), status=DagsterRunStatus.STARTED)
    assert tick(corpus_sensor, instance).run_requests


def test_cursors_stay_small(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    result = registered(home, instance, drop, "renal")
    assert json.loads(str(result.cursor))["seen"].keys() <= {"renal.pdf"}
    assert len(str(result.cursor)) < 300


@pytest.mark.parametrize("sensor", [inbox_sensor, corpus_sensor])
def test_sensors_are_on_from_the_start(sensor: dg.SensorDefinition) -> None:
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds and 10 <= sensor.minimum_interval_seconds <= 15
