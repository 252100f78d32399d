"""A source's chain in Dagster: its partition, its run, what its page shows, what starts by itself."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance

from assets.asset import SOURCES
from assets.pairs.external import registry
from assets.store import Home, sealed
from pipelines.definitions import defs
from pipelines.sensors import corpus_sensor, source_sensor
from tests.pairs.external_files import jpeg, write_csv

PARTITIONS = str(SOURCES.name)


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def atlas(home: Home, tmp_path: Path) -> Path:
    for n in range(3):
        (tmp_path / f"{n}.jpg").write_bytes(jpeg(n))
    rows = [{"caption": f"<script>alert({n})</script> H&E", "image": f"{n}.jpg"} for n in range(4)]
    table = write_csv(tmp_path / "atlas.csv", ("caption", "image"), rows)
    registry.add(home, "generic", table)
    return table


def tick(instance: DagsterInstance, cursor: str | None = None) -> dg.SensorResult:
    """One tick of the sensor, as the daemon does it; the partitions that it asks for are added."""
    with dg.build_sensor_context(instance=instance, cursor=cursor, definitions=defs) as context:
        result = source_sensor(context)
    assert isinstance(result, dg.SensorResult)
    for request in result.dynamic_partitions_requests or []:
        instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
    return result


def run_chain(instance: DagsterInstance) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("source_chain")
    return job.execute_in_process(partition_key="atlas", instance=instance, raise_on_error=False)


def test_a_source_goes_through_its_chain(home: Home, instance: DagsterInstance, atlas: Path) -> None:
    instance.add_dynamic_partitions(PARTITIONS, ["atlas"])
    result = run_chain(instance)
    assert result.success
    (event,) = result.asset_materializations_for_node("source_pairs")
    shown = {name: value.value for name, value in event.metadata.items()}
    assert (shown["dagster/row_count"], shown["problems"], shown["table"]) == (3, 1, str(atlas))
    assert shown["problems by reason"] == {"no-picture": 1}
    (problem,) = event.metadata["first problems"].records  # type: ignore[union-attr]
    assert (problem.data["file"], problem.data["line"]) == ("atlas.csv", 5)
    assert all(sealed(home.station(station, "atlas")) for station in ("pairs", "kinds", "ledger"))
    again = run_chain(instance)
    (event,) = again.asset_materializations_for_node("source_pairs")
    assert event.metadata["changed by this run"].value is False


def test_an_unknown_source_fails_with_one_clear_line(home: Home, instance: DagsterInstance) -> None:
    instance.add_dynamic_partitions(PARTITIONS, ["atlas"])
    result = run_chain(instance)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert "no source 'atlas'" in str(failure.step_failure_data.user_failure_data.description)  # type: ignore[union-attr]


def test_a_source_is_launched_when_it_is_added_and_when_it_is_edited(
    home: Home, instance: DagsterInstance, atlas: Path
) -> None:
    first = tick(instance)
    assert [request.partition_key for request in first.run_requests or []] == ["atlas"]
    assert instance.get_dynamic_partitions(PARTITIONS) == ["atlas"]
    assert not tick(instance, first.cursor).run_requests
    registry.edit(home, "atlas", licence="CC0-1.0")
    second = tick(instance, first.cursor)
    keys = [request.run_key for result in (first, second) for request in result.run_requests or []]
    assert len(keys) == len(set(keys)) == 2
    registry.remove(home, "atlas")
    assert not tick(instance, second.cursor).run_requests


def test_corpus_wide_assets_follow_a_source(home: Home, instance: DagsterInstance, atlas: Path) -> None:
    def corpus() -> dg.SensorResult | dg.SkipReason:
        with dg.build_sensor_context(instance=instance, definitions=defs) as context:
            return corpus_sensor(context)  # type: ignore[return-value]

    assert isinstance(corpus(), dg.SkipReason)
    tick(instance)
    assert run_chain(instance).success
    result = corpus()
    assert isinstance(result, dg.SensorResult) and result.run_requests
