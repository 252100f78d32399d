"""The cot station: samples of one book, by the embedded generator or by an endpoint.

    generate_book(home, "my-book", "extractive")        # no network
    generate_book(home, "my-book", "deepseek")          # [deepseek] in <home>/endpoints.toml, see endpoint.py

Reads pairs/<book>/, kinds/<book>/ and the ledger, writes cot/<book>/samples.parquet and failures.parquet.
"""

from pathlib import Path

from assets.cot import extractive
from assets.cot.evidence import read_evidence
from assets.cot.plan import cells_of, count_cells, eligible_pairs
from assets.cot.prompts import prompts_hash
from assets.errors import BadInput
from assets.llm.endpoints import Endpoint, read_endpoint
from assets.records import Failure, Sample
from assets.sources import source_hash
from assets.store import Home, Outcome, expire, publish, read_rows, state_of, write_rows
from assets.tables import finished, leaked_pairs, read_clusters, read_pairs, read_splits

# Failures that a later run may not meet again: such a run asks for these rows once more.
TRANSIENT = frozenset({"connection", "rate-limit", "server"})


def generate_book(home: Home, book: str, generator: str) -> Outcome:
    """Generate the samples of one book. `generator` is extractive or a name in <home>/endpoints.toml.

    counts: pairs, eligible, samples, failures, samples per task, too_thin (cells that the texts do not support).
    Raises BadInput when the generator is unknown, the book has no pairs yet, or the endpoint refuses the account.
    """
    endpoint = None if generator == extractive.MODEL else read_endpoint(home, generator)
    upstream = finished(home.station("pairs", book), book, "pairs")
    finished(home.station("ledger", book), book, "ledger")
    pairs = read_pairs(home, book)
    clusters = read_clusters(home, book)
    splits = read_splits(home, clusters.values())
    chosen = eligible_pairs(pairs, clusters, splits, leaked_pairs(home, book))
    folder = home.station("cot", book)
    if endpoint is None and _holds_paid_samples(folder):
        raise BadInput(
            f"{folder} holds samples of a language model, and the extractive generator does not write over them; "
            "move that folder away first if you want it to"
        )

    def build(scratch: Path) -> dict[str, int]:
        failures: list[Failure] = []
        if endpoint is None:
            samples = extractive.compose_book(chosen)
        else:
            from assets.cot.endpoint import generate  # brings in the HTTP client, half a second

            cells = [cell for pair in chosen for cell in cells_of(pair, read_evidence(pair))]
            samples, failures = generate(home, book, endpoint, cells)
            if failures and not samples:
                raise BadInput(
                    f"endpoint {endpoint.name} gave no usable reply to any of {len(failures)} requests "
                    f"({failures[0].reason}: {failures[0].detail}); check it, then run again; nothing was changed"
                )
        write_rows(scratch / "samples.parquet", sorted(samples, key=lambda row: row.sample_id), Sample)
        write_rows(scratch / "failures.parquet", sorted(failures, key=lambda row: row.detail), Failure)
        counts = {"pairs": len(pairs), "eligible": len(chosen), "samples": len(samples), "failures": len(failures)}
        return counts | count_cells(samples, len(chosen))

    if endpoint is not None:
        endpoint.api_key()  # a key that is not set is said before anything is touched
        if _left_transient_failures(folder):
            expire(folder)
    inputs = {
        "code": source_hash(__name__),
        "generator": _settings(generator, endpoint),
        "pairs": state_of(upstream),
        "kinds": state_of(home.station("kinds", book)),
        "eligible": sorted(pair.pair_id for pair in chosen),
    }
    return publish(folder, station="cot", book=book, inputs=inputs, build=build)


def _settings(generator: str, endpoint: Endpoint | None) -> list[object]:
    if endpoint is None:
        return [generator]
    return [generator, endpoint.base_url, endpoint.model, endpoint.temperature, endpoint.max_tokens, endpoint.images,
            prompts_hash()]  # fmt: skip


def _holds_paid_samples(folder: Path) -> bool:
    path = folder / "samples.parquet"
    return path.exists() and any(row.model != extractive.MODEL for row in read_rows(path, Sample))


def _left_transient_failures(folder: Path) -> bool:
    path = folder / "failures.parquet"
    return path.exists() and any(row.reason in TRANSIENT for row in read_rows(path, Failure))
