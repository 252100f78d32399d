"""The shards that trainers read, as one corpus-wide asset."""

import json

import dagster as dg
import pyarrow.parquet as pq

from assets.asset import numbers, readable, version_of
from assets.store import Home, open_home


def clusters_of(home: Home, kind: str) -> set[str]:
    """Clusters that feed the training split of one kind of published shard."""
    files = sorted((home.corpus("shards") / kind / "train").glob("*.parquet"))
    return {name for file in files for name in pq.read_table(file, columns=["cluster_id"])["cluster_id"].to_pylist()}


@dg.asset(
    deps=["pairs", "image_kinds", "ledger", "testsets", "cot_samples", "verdicts", "review_decisions", "source_pairs",
          "source_image_kinds", "source_ledger"],
    group_name="shards",
    kinds={"parquet", "dataset"},
    code_version=version_of("assets.shards.station"),
    check_specs=[
        dg.AssetCheckSpec("rl_and_sft_disjoint", asset="shards", blocking=True,
                          description="No duplicate cluster feeds both supervised and reinforcement learning."),
    ],
)  # fmt: skip
def shards() -> dg.MaterializeResult:
    """Immutable training files by kind (cpt, sft, rl, clip), split and book, with the manifest that lists them.

    Holds the books that are ready now; it never waits for one that is not.
    """
    from assets.shards.station import write_shards

    home = open_home()
    with readable():
        outcome = write_shards(home)
    manifest = json.loads((outcome.folder / "manifest.json").read_text(encoding="utf-8"))
    shown = ("kind", "split", "book", "rows", "bytes")
    files = [dg.TableRecord({name: entry[name] for name in shown}) for entry in manifest["files"]]
    both = sorted(clusters_of(home, "rl") & clusters_of(home, "sft"))
    metadata = numbers(outcome, rows="files") | {
        "dagster/row_count": sum(entry["rows"] for entry in manifest["files"]),
        "manifest": dg.MetadataValue.path(str(outcome.folder / "manifest.json")),
        "first files": dg.MetadataValue.table(files[:24]) if files else "none",
    }
    disjoint = dg.AssetCheckResult(
        check_name="rl_and_sft_disjoint", passed=not both, metadata={"clusters in both": len(both), "first": both[:5]}
    )
    return dg.MaterializeResult(metadata=metadata, check_results=[disjoint])
