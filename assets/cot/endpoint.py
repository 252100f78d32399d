"""The endpoint generator: one request per cell to a model behind an OpenAI-compatible endpoint.

Renders the cell's prompt, lets the client complete it (journalled, so nothing is paid twice) and reads the reply into
the same Sample rows as the embedded generator makes. A cell that fails becomes a Failure row; the others are kept.
"""

from collections.abc import Iterator

from assets.cot.compose import make_sample
from assets.cot.plan import Cell
from assets.cot.prompts import Prompt, prompt_for
from assets.cot.replies import NotAsAsked, json_schema, read_turns
from assets.llm.client import CallFailure, complete_all
from assets.llm.endpoints import Endpoint
from assets.llm.journal import Journal
from assets.llm.replies import Reply
from assets.llm.requests import Message, Request
from assets.records import Failure, Sample
from assets.store import Home, pack_of

STAGE = "cot.generate"


def generate(home: Home, book: str, endpoint: Endpoint, cells: list[Cell]) -> tuple[list[Sample], list[Failure]]:
    """Samples and failures of all cells, each cell in exactly one of the two.

    Raises BadInput when the endpoint refuses the account; replies until then stay in journal/<book>/.
    """
    by_tag = {cell.sample_id: cell for cell in cells}
    prompts = {cell.sample_id: prompt_for(cell.pair.image_kind, cell.task, cell.difficulty) for cell in cells}
    samples: list[Sample] = []
    failures: list[Failure] = []

    def take(request: Request, outcome: Reply | CallFailure) -> None:
        cell, prompt = by_tag[request.tag], prompts[request.tag]
        if isinstance(outcome, CallFailure):
            failures.append(_failure(book, cell, outcome.reason, outcome.detail))
            return
        try:
            samples.append(_sample(cell, prompt, request, outcome))
        except NotAsAsked as error:
            failures.append(_failure(book, cell, "reply-format", str(error)))

    with Journal(home.root / "journal" / book) as journal:
        complete_all(endpoint, _requests(home, book, endpoint, cells, prompts), journal, take)
    return samples, failures


def _requests(
    home: Home, book: str, endpoint: Endpoint, cells: list[Cell], prompts: dict[str, Prompt]
) -> Iterator[Request]:
    pack = pack_of(home, book) if endpoint.images else None
    for cell in cells:
        prompt = prompts[cell.sample_id]
        schema = json_schema(prompt.output_schema)
        pair = cell.pair
        text = prompt.render(caption=pair.text, sentences=pair.context, language=pair.language, schema=schema)
        pictures = (pack.read(pair.image),) if pack else ()
        yield Request(
            tag=cell.sample_id,
            messages=(Message("user", text, pictures),),
            model=endpoint.model,
            params={"temperature": endpoint.temperature, "max_tokens": endpoint.max_tokens},
            schema=schema,
        )


def _sample(cell: Cell, prompt: Prompt, request: Request, reply: Reply) -> Sample:
    """`request` is the one that was answered. No seed: none is sent, so that equal texts stay one request."""
    turns, question, options = read_turns(cell, prompt.output_schema, reply.text)
    fingerprint = {"system_fingerprint": reply.system_fingerprint} if reply.system_fingerprint else {}
    return make_sample(
        cell, turns, question=question, options=options, prompt_id=prompt.id, prompt_hash=prompt.hash,
        model=reply.model or request.model, params={"model": request.model, **request.params, **fingerprint},
        seed=None, usage=reply.usage, reply_sha256=reply.sha256,
    )  # fmt: skip


def _failure(book: str, cell: Cell, reason: str, detail: str) -> Failure:
    what = f"sample {cell.sample_id} ({cell.task}, {cell.difficulty}, pair {cell.pair.pair_id})"
    return Failure(book=book, stage=STAGE, page=None, reason=reason, detail=f"{what}: {detail}")
