"""The asset graph, its jobs, and a book's whole chain run by them in this process."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pymupdf
import pytest
from dagster import DagsterInstance

from assets.asset import SOURCES, TEXTBOOKS, plain
from assets.store import Home, open_home, sealed
from assets.textbooks import library
from pipelines import line
from pipelines.definitions import defs
from pipelines.partitions import PARTITIONS
from training.jobs import JOBS

ROOT = Path(__file__).parents[2]
Drop = Callable[[str], Path]
CHAIN = [
    "textbook",
    "figures",
    "pairs",
    "picture_hashes",
    "image_kinds",
    "ledger",
    "decontamination",
    "cot_samples",
    "verdicts",
]
SOURCE_CHAIN = [
    "source_pairs", "source_picture_hashes", "source_image_kinds", "source_ledger", "source_decontamination",
]  # fmt: skip
CORPUS = ["picture_classifier", "testsets", "pair_pages", "review_decisions", "shards"]
NETWORKS = ["image_kind_network"]
EVALUATIONS = ["evaluation_mcq", "evaluation_retrieval"]
GRAPH = defs.resolve_asset_graph()


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def book(home: Home, instance: DagsterInstance, sample_book: tuple[Path, dict]) -> str:
    """The sample textbook, registered and with its partition."""
    key = library.add(home, sample_book[0], key="sample").book
    instance.add_dynamic_partitions(PARTITIONS, [key])
    return key


def run_chain(instance: DagsterInstance, book: str, generator: str | None = None) -> dg.ExecuteInProcessResult:
    config = {"ops": {"cot_samples": {"config": {"generator": generator}}}} if generator is not None else {}
    job = defs.resolve_job_def("book_chain")
    return job.execute_in_process(partition_key=book, instance=instance, run_config=config, raise_on_error=False)


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict:
    (event,) = result.asset_materializations_for_node(asset)
    return {name: value.value for name, value in event.metadata.items()}


def test_every_asset_of_the_line_is_there() -> None:
    names = {key.to_user_string() for key in GRAPH.get_all_asset_keys()}
    assert names == {*CHAIN, *SOURCE_CHAIN, *CORPUS, *(job.name for job in JOBS), *NETWORKS, *EVALUATIONS}


@pytest.mark.parametrize("name", CHAIN + SOURCE_CHAIN + CORPUS + EVALUATIONS + NETWORKS + [job.name for job in JOBS])
def test_every_asset_says_what_it_is(name: str) -> None:
    node = GRAPH.get(dg.AssetKey(name))
    assert node.description and node.kinds and node.code_version and node.group_name != "default"
    assert (node.partitions_def == TEXTBOOKS) == (name in CHAIN)
    assert (node.partitions_def == SOURCES) == (name in SOURCE_CHAIN)


def test_no_asset_starts_by_itself() -> None:
    assert not [key for key in GRAPH.get_all_asset_keys() if GRAPH.get(key).automation_condition]


def test_jobs_hold_their_part_of_the_line() -> None:
    def assets_of(job: str) -> set[str]:
        return {key.to_user_string() for key in defs.resolve_job_def(job).asset_layer.executable_asset_keys}

    assert assets_of("book_chain") == set(CHAIN)
    assert assets_of("source_chain") == set(SOURCE_CHAIN)
    assert assets_of("corpus_wide") == set(CORPUS)
    assert assets_of("train") == {*(job.name for job in JOBS), *NETWORKS, *EVALUATIONS}


def test_dagster_and_the_command_line_walk_the_same_line(tmp_path: Path) -> None:
    """pipelines/line.py runs the stations for the command line; the graph must order them alike."""
    home = open_home(tmp_path / "corpus")
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "A page without figures.")
    document.save(tmp_path / "plain.pdf")
    book = library.add(home, tmp_path / "plain.pdf").book
    order = [key.to_user_string() for key in GRAPH.toposorted_asset_keys]
    asset_of = {
        "hashes": "picture_hashes",
        "kinds": "image_kinds",
        "classifier": "picture_classifier",
        "report": "pair_pages",
        "cot": "cot_samples",
        "filters": "verdicts",
        "review": "review_decisions",
    }
    walked = [asset_of.get(one.station, one.station) for one in line.run_book(home, book, "extractive")]
    assert [name for name in order if name in CHAIN] == ["textbook", *walked]
    corpus = [asset_of.get(one.station, one.station) for one in line.run_corpus(home)]
    assert [name for name in order if name in CORPUS] == corpus


def test_trained_models_start_from_the_checkpoints_that_the_jobs_name() -> None:
    for job in JOBS:
        parents = {key.to_user_string() for key in GRAPH.get(dg.AssetKey(job.name)).parent_keys}
        assert parents == {"shards", *([job.starts_from] if job.starts_from else [])}


def test_workspace_loads_from_another_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", str(ROOT / "workspace.yaml")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_book_goes_through_the_whole_line(home: Home, instance: DagsterInstance, book: str) -> None:
    result = run_chain(instance, book, "extractive")
    assert result.success
    figures = metadata(result, "figures")
    assert figures["figures"] > 10 and figures["dagster/row_count"] == figures["figures"]
    picture = figures["contact sheet"]
    assert picture.startswith("![extracted figures](data:image/jpeg;base64,") and len(picture) < 130_000
    assert metadata(result, "cot_samples")["generator"] == "extractive"
    assert metadata(result, "verdicts")["passed"] > 0
    assert all(check.passed for check in result.get_asset_check_evaluations())
    for name in CHAIN:
        assert instance.get_materialized_partitions(dg.AssetKey(name)) == {book}

    corpus = defs.resolve_job_def("corpus_wide").execute_in_process(instance=instance)
    assert corpus.success and metadata(corpus, "shards")["dagster/row_count"] > 0
    (disjoint,) = corpus.get_asset_check_evaluations()
    assert disjoint.passed and disjoint.check_name == "rl_and_sft_disjoint"

    seals = {path: path.stat().st_mtime_ns for path in home.root.rglob("seal.json")}
    again = run_chain(instance, book, "extractive")
    assert again.success and metadata(again, "figures")["changed by this run"] is False
    assert {path: path.stat().st_mtime_ns for path in home.root.rglob("seal.json")} == seals


def test_without_a_generator_nothing_is_generated(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    library.add(home, drop("renal"))
    instance.add_dynamic_partitions(PARTITIONS, ["renal"])
    result = run_chain(instance, "renal", "")
    assert result.success
    assert "no generator is chosen" in metadata(result, "cot_samples")["generated"]
    assert "no samples" in metadata(result, "verdicts")["judged"]
    assert sealed(home.station("ledger", "renal")) and not home.station("cot", "renal").exists()
    found = {check.check_name: check for check in result.get_asset_check_evaluations()}["has_figures"]
    assert not found.passed and found.severity == dg.AssetCheckSeverity.WARN


@pytest.mark.slow
def test_a_figureless_book_warns_on_its_own_runs_only(
    home: Home, instance: DagsterInstance, book: str, drop: Drop
) -> None:
    library.add(home, drop("renal"))
    instance.add_dynamic_partitions(PARTITIONS, ["renal"])
    selected = [GRAPH.assets_def_for_key(dg.AssetKey("figures"))]
    passed = {}
    for key in ("renal", book):
        (check,) = dg.materialize(selected, instance=instance, partition_key=key).get_asset_check_evaluations()
        passed[key] = check.passed
    assert passed == {"renal": False, book: True}


def test_an_unusable_book_fails_with_one_clear_line(home: Home, instance: DagsterInstance) -> None:
    instance.add_dynamic_partitions(PARTITIONS, ["gone"])
    result = run_chain(instance, "gone")
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    reason = failure.step_failure_data.user_failure_data
    assert reason and "no book 'gone' in the library" in str(reason.description)


def test_a_changed_pdf_stops_the_chain(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    library.add(home, drop("renal"))
    instance.add_dynamic_partitions(PARTITIONS, ["renal"])
    with library.pdf_path(home, "renal").open("ab") as handle:
        handle.write(b"\n% changed")
    result = run_chain(instance, "renal")
    (check,) = result.get_asset_check_evaluations()
    assert check.check_name == "file_unchanged" and not check.passed
    assert not home.station("figures", "renal").exists()


def test_one_unusable_book_does_not_hold_up_the_others(home: Home, instance: DagsterInstance, drop: Drop) -> None:
    library.add(home, drop("renal"))
    instance.add_dynamic_partitions(PARTITIONS, ["a-gone", "renal"])
    tags = {"dagster/asset_partition_range_start": "a-gone", "dagster/asset_partition_range_end": "renal"}
    selected = [GRAPH.assets_def_for_key(dg.AssetKey(name)) for name in ["figures"]]
    result = dg.materialize(selected, instance=instance, tags=tags, raise_on_error=False)
    assert not result.success
    assert sealed(home.station("figures", "renal"))


def test_training_output_and_failure_reach_the_log(home: Home, instance: DagsterInstance) -> None:
    """Without shards the job ends with one clear line, which is what the page shows."""
    model = GRAPH.assets_def_for_key(dg.AssetKey("cpt"))
    result = dg.materialize([model], instance=instance, raise_on_error=False)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert "shards" in str(failure.step_failure_data.user_failure_data.description)  # type: ignore[union-attr]


def test_hostile_text_is_one_plain_line() -> None:
    cell = plain("<script>alert(1)</script>\n| ![x](http://evil)\u202e\x00" + "a" * 500)
    assert isinstance(cell, str) and len(cell) <= 160 and cell.isprintable()
    assert json.dumps(cell) and plain(None) is None and plain([1, "b"]) == "1 · b"
