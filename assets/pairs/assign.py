"""Which cluster and split each pair of a book gets: pure, records in, records out. The rules:

together       pairs of one figure, of one slide or patient, and of pictures that an edge joins are one group
inherited      a group that meets clusters of one lane (split and purpose) joins them
founded        a group that meets none founds a cluster; new clusters are dealt to the lanes in the order of a salted
               hash, so that neither file order nor chance matters, and every book feeds every lane
quarantined    a group of newcomers that meets two lanes would carry one into the other: nobody uses it
standing       what was decided on a pair is never changed for another book's sake. When two old decisions turn out
               to concern one picture (a better detector, say), both stand and the leak is counted. Only a figure that
               itself gains a picture of another lane goes to quarantine
duplicates     a pair buys no samples when its picture shows the same view as one seen earlier: equal pixels, a near
               hash, or keypoints that agree over a good part of both. A detail of an earlier picture is in its
               cluster, but buys its own. First come, first kept, for samples may be there already; a pair whose
               original left the corpus with its book is free when its own book runs next
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assets.pairs.duplicates.clusters import group
from assets.records import Cluster, Split
from assets.schema import stable_id

SALT = "pathcorpus-split-1"  # changing it would move every pair of every corpus
SHARES = {("train", "sft"): 0.6, ("train", "rl"): 0.25, ("validation", "sft"): 0.15}
QUARANTINE = ("quarantine", "sft")
Lane = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """What decides about a pair; `patient`: a number that its slide or patient shares in all books."""

    pair_id: str
    figure: str
    image: str
    pixels: str
    patient: int | None
    usable: bool


@dataclass(frozen=True)
class Meeting:
    """A pair of another book that shows what ours does: its row in the ledger, whether as the same view, and why."""

    row: Cluster
    same_view: bool
    why: str


@dataclass(frozen=True)
class Link:
    """Two pictures of the book that an edge joins."""

    a: str
    b: str
    same_view: bool
    why: str


@dataclass
class Known:
    """What the ledger holds before the book is decided.

    `own`: pair to its row of the book's last run; `splits`: of all clusters in these rows and in the meetings, by
    cluster; `pictures`: what our pictures met; `patients`: whom our patients met; `gone`: books no longer registered.
    """

    own: Mapping[str, Cluster] = field(default_factory=dict)
    splits: Mapping[str, Split] = field(default_factory=dict)
    pictures: Mapping[str, Sequence[Meeting]] = field(default_factory=dict)
    patients: Mapping[int, Sequence[Meeting]] = field(default_factory=dict)
    gone: Collection[str] = ()

    def lane(self, cluster: str) -> Lane:
        return self.splits[cluster].split, self.splits[cluster].purpose

    def stands(self, member: Member) -> Cluster | None:
        """The earlier decision on a pair; none for one whose cluster lost its split to a kill."""
        row = self.own.get(member.pair_id)
        return row if row and row.cluster_id in self.splits else None

    def unchanged(self, member: Member) -> bool:
        row = self.stands(member)
        return row is not None and row.pixels == member.pixels

    def meetings(self, member: Member) -> list[Meeting]:
        """A cluster without a split was cut off while its book was published: as if it had not been there."""
        patients = () if member.patient is None else self.patients.get(member.patient, ())
        met = [*self.pictures.get(member.image, ()), *patients]
        return [one for one in met if one.row.cluster_id in self.splits]


@dataclass
class Decided:
    """Rows in the order of the members, the splits of the clusters that were founded, and counts."""

    clusters: list[Cluster]
    splits: list[Split]
    counts: Counter[str]


def assign(book: str, members: Sequence[Member], links: Sequence[Link], known: Known) -> Decided:
    """Decide all pairs of a book.

    counts: quarantined (pairs that join a quarantined cluster now), withheld (those among them that are no copies and
    would be used otherwise), known_leaks (old pairs that share a picture with another lane and stand).
    """
    cluster_of: dict[str, str] = {}
    founded: dict[str, Lane | None] = {}
    usable: dict[str, bool] = {}
    counts: Counter[str] = Counter(quarantined=0, withheld=0, known_leaks=0)
    quarantined: set[str] = set()
    for group_ in groups_of(members, links):
        fresh = [m for m in group_ if not known.unchanged(m)]
        old = {known.lane(row.cluster_id) for m in group_ if known.unchanged(m) and (row := known.stands(m))}
        brought = {known.lane(row.cluster_id) for m in fresh if (row := known.stands(m))}
        brought |= {known.lane(one.row.cluster_id) for m in fresh for one in known.meetings(m)}
        lanes = old | brought
        if not lanes:
            cluster = stable_id("cluster", group_[0].pair_id)
            founded[cluster] = None
            usable[cluster] = any(m.usable for m in group_)
        elif len(lanes) == 1:
            standing = {row.cluster_id for m in group_ if (row := known.stands(m))}
            cluster = min(standing or {one.row.cluster_id for m in fresh for one in known.meetings(m)})
        else:
            cluster = stable_id("quarantine", group_[0].pair_id)
        for m in group_:
            # Of several lanes the old decisions stand, unless there was one and what is new brings another.
            keeps = len(lanes) == 1 or (known.unchanged(m) and (len(old) > 1 or not fresh))
            row = known.stands(m) if keeps else None
            cluster_of[m.pair_id] = row.cluster_id if row else cluster
            if row is None and len(lanes) > 1:
                founded[cluster] = QUARANTINE
            if row is None and (len(lanes) > 1 or lanes == {QUARANTINE}):
                quarantined.add(m.pair_id)
            elif row and known.lane(row.cluster_id) != QUARANTINE:
                others = old | {known.lane(one.row.cluster_id) for one in known.meetings(m)}
                counts["known_leaks"] += bool(others - {known.lane(row.cluster_id), QUARANTINE})
    rows = {
        name: Split(cluster_id=name, split=lane[0], purpose=lane[1], book=book)
        for name, lane in _dealt(founded, usable).items()
    }
    # What this book founded before stands even where no pair of it is left: others may live there.
    rows |= {name: row for name, row in known.splits.items() if row.book == book}
    founders = {name: row.book for name, row in known.splits.items()} | dict.fromkeys(rows, book)
    clusters = list(_clusters(book, members, links, known, cluster_of, founders))
    counts["quarantined"] = len(quarantined)
    counts["withheld"] = sum(row.pair_id in quarantined and row.duplicate_of is None for row in clusters)
    return Decided(clusters, [rows[name] for name in sorted(rows)], counts)


def groups_of(members: Sequence[Member], links: Sequence[Link]) -> list[list[Member]]:
    """Members joined by a common figure, patient or picture, or by a link; in the order of their first."""
    ties = [
        *((f"image {m.image}", f"figure {m.figure}") for m in members),
        *((f"image {m.image}", f"patient {m.patient}") for m in members if m.patient is not None),
        *((f"image {m.image}", f"pixels {m.pixels}") for m in members),
        *((f"image {link.a}", f"image {link.b}") for link in links),
    ]
    root = group({name for tie in ties for name in tie}, ties)
    groups: dict[str, list[Member]] = defaultdict(list)
    for m in members:
        groups[root[f"image {m.image}"]].append(m)
    return list(groups.values())


def deal(clusters: list[str]) -> dict[str, Lane]:
    """Deal new clusters to (split, purpose) by SHARES, in salted-hash order, always to the one furthest behind."""
    dealt: dict[str, Lane] = {}
    counts: Counter[Lane] = Counter()
    for number, cluster in enumerate(sorted(clusters, key=lambda c: stable_id(SALT, c)), 1):
        lane = max(SHARES, key=lambda one: SHARES[one] * number - counts[one])
        counts[lane] += 1
        dealt[cluster] = lane
    return dealt


def _dealt(founded: Mapping[str, Lane | None], usable: Mapping[str, bool]) -> dict[str, Lane]:
    """Lanes of the founded clusters. Charts and drawings are dealt apart, or they would use up a book's shares."""
    new = [name for name, lane in founded.items() if lane is None]
    dealt = deal([c for c in new if usable[c]]) | deal([c for c in new if not usable[c]])
    return {name: lane or dealt[name] for name, lane in founded.items()}


def _clusters(
    book: str, members: Sequence[Member], links: Sequence[Link], known: Known, cluster_of: Mapping[str, str],
    founders: Mapping[str, str],
) -> Iterator[Cluster]:  # fmt: skip
    linked: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        linked[link.a].append(link)
        linked[link.b].append(link)
    mine = {m.pair_id for m in members}
    originals: dict[str, str] = {}  # picture of this book -> the first pair that shows it and is no duplicate
    for m in members:
        near = [Link(m.image, m.image, True, "equal pixels"), *linked[m.image]]
        within = [(originals[_other(link, m.image)], link) for link in near if _other(link, m.image) in originals]
        original, why = _original(m, within, known, mine, book)
        if original is None:
            originals.setdefault(m.image, m.pair_id)
        cluster = cluster_of[m.pair_id]
        yield Cluster(
            pair_id=m.pair_id, cluster_id=cluster, book=book, pixels=m.pixels, evidence=why,
            duplicate_of=original[0] if original else None, founder=founders[cluster],
            duplicate_in=original[1] if original else None,
        )  # fmt: skip


def _original(
    member: Member, within: Sequence[tuple[str, Link]], known: Known, mine: Collection[str], book: str
) -> tuple[tuple[str, str | None] | None, str]:
    """The earlier pair, with its book, that shows the same as a member, if any; and what is known of the member."""
    row = known.stands(member) if known.unchanged(member) else None
    if row and row.duplicate_of is None:
        return None, row.evidence
    if row and row.duplicate_of and row.duplicate_in not in known.gone:
        return (row.duplicate_of, row.duplicate_in), row.evidence
    met = known.meetings(member)
    for one in met:
        original = one.row.duplicate_of or one.row.pair_id
        where = one.row.duplicate_in if one.row.duplicate_of else one.row.book
        if one.same_view and original not in mine and where not in known.gone:
            return (original, where), f"{one.why} with pair {original}"
    for pair, link in within:
        if link.same_view:
            return (pair, book), f"{link.why} with pair {pair}"
    told = [f"{one.why} with pair {one.row.pair_id}" for one in met] + [
        f"{link.why} with pair {p}" for p, link in within
    ]
    return None, told[0] if told else f"figure {member.figure}"


def _other(link: Link, image: str) -> str:
    return link.b if link.a == image else link.a
