"""What words and picture say together of a picture's kind, and when a person must look first.

    words and picture agree                      the kind, surer than either
    words name it, the picture is undecided      what the words name, less sure
    they disagree, or neither is sure            queued: the proposal of the surer one, with a score below any use
    the words are silent                         a picture of tissue or cells that is clearly like those that were
                                                 learnt decides alone; other photographs are queued, for nothing says
                                                 that they show no person
    no classifier could say                      the words and picture facts alone, and the evidence says so

Only pairs that are not queued and of the five kinds get a Chain of Thought, which is how they leave for an endpoint.
"""

from dataclasses import dataclass

from assets.pairs.appearance.classifier import Look
from assets.pairs.kinds import SHOWN, Kind
from assets.tables import NAMED_SCORE

SURE = 0.6  # probability from which the picture's word counts against the caption's
CLEAR = 0.9  # probability from which the picture speaks alone
DOUBTED = 0.25  # share of the picture's probability that the named kind needs not to be contradicted
BELIEVED = 0.6  # score from which words alone are believed
QUEUED = 0.4  # the most that a queued pair scores: eligible pairs have 0.5 or more
SILENT = 0.5  # score of words that name no kind of a photograph
MICROSCOPY = ("he", "ihc", "cytology", "fish")  # gross photographs and those of people are too much alike


@dataclass(frozen=True)
class Decision:
    """Kind, score (0..1), what decided; `queued` says why a person must look first, empty when none must."""

    kind: str
    score: float
    evidence: str
    queued: str = ""


def decide(words: Kind, look: Look | None, learnt: tuple[str, ...], why_none: str = "") -> Decision:
    """`look` is what the picture looks like, `learnt` the kinds that its classifier knows.

    `why_none` says why there is no look.
    """
    if look is None or (words.kind not in learnt and words.score > SILENT):
        why = why_none if look is None else f"the classifier learnt no {SHOWN[words.kind]}"
        evidence = f"{words.evidence}; words and picture facts alone: {why}"
        return _believed_or_queued(words.kind, words.score, evidence)
    said = f"looks like {SHOWN[look.kind]} {look.score:.2f}"
    if words.kind == "other" and words.score <= SILENT:
        return _picture_alone(words, look, said)
    if look.kind == words.kind:
        score = 1 - (1 - words.score) * (1 - look.score)
        return _believed_or_queued(words.kind, min(0.99, round(score, 2)), f"{words.evidence}; {said}")
    named = words.score >= NAMED_SCORE
    contradicted = look.score >= SURE and look.probabilities.get(words.kind, 0.0) < DOUBTED * look.score
    if contradicted:
        kind = words.kind if named else look.kind
        reason = f"the caption says {SHOWN[words.kind]}, the picture {said}"
        return Decision(kind, round(min(QUEUED, 1 - look.score), 2), f"{words.evidence}; {said}", reason)
    score = round(words.score * (1 - 0.5 * (look.score - look.probabilities.get(words.kind, 0.0))), 2)
    return _believed_or_queued(words.kind, score, f"{words.evidence}; {said}")


def _believed_or_queued(kind: str, score: float, evidence: str) -> Decision:
    if score >= BELIEVED:
        return Decision(kind, score, evidence)
    return Decision(kind, min(QUEUED, score), evidence, f"not sure that it is {SHOWN[kind]}")


def _picture_alone(words: Kind, look: Look, said: str) -> Decision:
    evidence = f"{words.evidence}; {said}"
    if look.kind == "other" and look.score >= SURE:
        return Decision("other", round(look.score, 2), evidence)
    if look.kind in MICROSCOPY and look.score >= CLEAR and look.familiar:
        return Decision(look.kind, round(0.8 * look.score, 2), f"{evidence}, like those that were learnt")
    unlike = "" if look.familiar else ", but unlike those that were learnt"
    proposal = look.kind if look.familiar else "other"
    reason = f"no stain or preparation is named; the picture {said}{unlike}"
    return Decision(proposal, round(min(QUEUED, look.score), 2), evidence + unlike, reason)
