"""What `pathcorpus ui` does before the servers start, without starting them."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster import DagsterInstance, DagsterRunStatus

from assets.errors import BadInput
from assets.store import Home

ui = import_module("pipelines.cli.ui")  # the package has a function of this name


@pytest.fixture
def dagster_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = home.root / "dagster"
    folder.mkdir()
    (folder / "dagster.yaml").write_bytes(ui.TEMPLATE.read_bytes())
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


def test_runs_that_a_power_cut_left_open_are_closed_and_resumed(dagster_home: Path) -> None:
    chain = dg.job(name="book_chain", tags={"dagster/max_retries": "2"})(lambda: None)
    train = dg.job(name="train")(lambda: None)
    with DagsterInstance.get() as instance:
        started = instance.create_run_for_job(chain, status=DagsterRunStatus.STARTED, tags=chain.tags)
        training = instance.create_run_for_job(train, status=DagsterRunStatus.STARTING)
        waiting = instance.create_run_for_job(chain)
        done = instance.create_run_for_job(chain, status=DagsterRunStatus.SUCCESS)
    assert ui.close_lost_runs() == 2
    with DagsterInstance.get() as instance:
        after = {run.run_id: run for run in instance.get_runs()}
    assert after[started.run_id].status == after[training.run_id].status == DagsterRunStatus.FAILURE
    assert after[waiting.run_id].status == DagsterRunStatus.NOT_STARTED
    assert after[done.run_id].status == DagsterRunStatus.SUCCESS
    # What the daemon goes by: the chain is run again, a training never.
    assert after[started.run_id].tags.get("dagster/will_retry") == "true"
    assert after[training.run_id].tags.get("dagster/will_retry") != "true"
    assert ui.close_lost_runs() == 0


def test_a_first_start_has_nothing_to_close(dagster_home: Path) -> None:
    assert ui.close_lost_runs() == 0


def test_the_template_keeps_everything_at_home_and_quiet(dagster_home: Path) -> None:
    settings = yaml.safe_load(ui.TEMPLATE.read_text(encoding="utf-8"))
    assert settings["telemetry"] == {"enabled": False} and settings["nux"] == {"enabled": False}
    with DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled and not instance.nux_enabled
        assert Path(instance.storage_directory()).is_relative_to(dagster_home)


def test_the_lock_ends_with_its_process_and_survives_exec(dagster_home: Path) -> None:
    lock = dagster_home / "ui.lock"
    holding = f"""
import os, sys
from pathlib import Path
from importlib import import_module
import_module("pipelines.cli.ui").hold(Path({str(lock)!r}))
os.execv(sys.executable, [sys.executable, "-c", "print('held', flush=True); input()"])
"""
    other = subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/"
    )
    assert other.stdout and other.stdout.readline() == "held\n"
    with pytest.raises(BadInput, match=rf"process {other.pid}\)"):
        ui.hold(lock)
    other.kill()
    other.wait()
    ui.hold(lock)


def test_what_outlived_an_earlier_page_is_named(dagster_home: Path) -> None:
    ui.check_alone(dagster_home)
    script = "echo started; exec sleep 60"
    marked = os.environ | {ui.MARK: str(dagster_home)}
    left = subprocess.Popen(["sh", "-c", script], env=marked, stdout=subprocess.PIPE, text=True)
    try:
        assert left.stdout and left.stdout.readline() == "started\n"  # before its exec it shows our environment
        with pytest.raises(BadInput, match=rf"end them: kill {left.pid}$"):
            ui.check_alone(dagster_home)
    finally:
        left.kill()
        left.wait()
    ui.check_alone(dagster_home)


def test_a_folder_that_is_no_home_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    code = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", code, "ui", "--home", str(tmp_path)]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert refused.returncode == 2 and "is no corpus home" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
