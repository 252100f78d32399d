"""python docs/draw_architecture.py [OUT.svg]: draw docs/images/architecture.svg from the code itself.

The upper half is Dagster's asset graph as the definitions load it, with the records that each station writes (read
from its calls). The lower half shows the floors: what lies on each, and which others it imports. Nothing is stated by
hand, so a test can ask whether the picture is still true.
"""

import ast
import functools
import sys
from collections import defaultdict
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
FLOORS = ("pipelines", "wiring (asset.py)", "training", "stations", "base layer")
STATIONS = ("textbooks", "figures", "pairs", "cot", "filters", "review", "shards")
INK, SOFT, LINE = "#1d2733", "#5b6875", "#9aa7b4"
FILL = {"book": "#e8f1fb", "corpus": "#fdf1e3", "floor": "#f5f7f9", "module": "#ffffff"}
WIDTH, MARGIN = 1480, 30


# ------------------------------------------------------------------------------------------------ what the code says
def modules() -> dict[Path, ast.Module]:
    folders = ("assets", "pipelines", "training")
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def floor_of(path: Path) -> str:
    if path.name == "asset.py":
        return "wiring (asset.py)"
    if path.parts[0] in ("pipelines", "training"):
        return path.parts[0]
    return "stations" if path.parts[1] in STATIONS else "base layer"


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def imports_between_floors(trees: dict[Path, ast.Module]) -> dict[str, list[str]]:
    """Floor -> the other floors that any of its modules imports from."""
    known = {".".join(path.with_suffix("").parts): path for path in trees}
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in trees.items():
        found[floor_of(path)] |= {floor_of(known[name]) for name in imported(tree) & known.keys()}
    return {floor: [other for other in FLOORS if other in found[floor] - {floor}] for floor in FLOORS}


def records_written(trees: dict[Path, ast.Module]) -> dict[str, list[str]]:
    """Station, or module of its own asset -> record types written, from its calls f(path, rows, Record)."""
    from assets import records

    written: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees.items():
        place = path.stem if path.stem in asset_graph() else path.parts[1]
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or len(node.args) < 3:
                continue
            record = getattr(node.args[2], "id", "")
            if isinstance(getattr(records, record, None), type) and record not in written[place]:
                written[place].append(record)
    written["shards"] = [record.__name__ for record in records.SHARD_ROWS.values()]
    return written


@functools.cache
def asset_graph() -> dict[str, dict]:
    """Asset name -> parents (transitively reduced), folder of its code, whether it is per book, depth."""
    from pipelines.definitions import defs

    graph = defs.resolve_asset_graph()
    nodes: dict[str, dict] = {}
    for key in graph.toposorted_asset_keys:
        node, name = graph.get(key), key.to_user_string()
        parents = {parent.to_user_string() for parent in node.parent_keys}
        above = {name: set(nodes[name]["above"]) | {name} for name in parents}
        direct = {p for p in parents if not any(p in above[q] for q in parents - {p})}
        nodes[name] = {
            "parents": sorted(direct),
            "above": set().union(*above.values()) if above else set(),
            "group": node.group_name or "",
            "book": node.partitions_def is not None,
            "depth": 1 + max((nodes[p]["depth"] for p in parents), default=-1),
        }
    return nodes


# ---------------------------------------------------------------------------------------------------------- the picture
def text(
    x: float, y: float, words: str, size: int = 13, colour: str = INK, weight: int = 400, anchor: str = "middle"
) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def box(x: float, y: float, w: float, h: float, fill: str) -> str:
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{h:.0f}" rx="7" fill="{fill}" stroke="{LINE}"/>'


def draw_line(top: float, written: dict[str, list[str]]) -> tuple[list[str], float]:
    nodes = asset_graph()
    columns: dict[int, list[str]] = defaultdict(list)
    for name, node in nodes.items():
        columns[node["depth"]].append(name)
    step = (WIDTH - 2 * MARGIN) / len(columns)
    width, height, gap = step - 16, 40, 66
    tallest = max(map(len, columns.values()))
    place: dict[str, tuple[float, float]] = {}
    for depth, names in columns.items():
        for row, name in enumerate(sorted(names)):
            offset = (tallest - len(names)) * gap / 2
            place[name] = (MARGIN + depth * step + 8, top + offset + row * gap)
    parts = []
    for name, node in nodes.items():
        x1, y1 = place[name]
        for parent in node["parents"]:
            x0, y0 = place[parent]
            a, b = x0 + width, y0 + height / 2
            c, d = x1, y1 + height / 2
            parts.append(
                f'<path d="M{a:.0f},{b:.0f} C{a + 14:.0f},{b:.0f} {c - 14:.0f},{d:.0f} {c - 2:.0f},{d:.0f}" '
                f'fill="none" stroke="{SOFT}" stroke-width="1.3" marker-end="url(#arrow)"/>'
            )
    for name, (x, y) in place.items():
        parts.append(box(x, y, width, height, FILL["book" if nodes[name]["book"] else "corpus"]))
        short = name.replace("evaluation_", "eval ").replace("review_decisions", "review").replace("cot_samples", "cot")
        parts.append(text(x + width / 2, y + 25, short, 13, weight=600))
    bottom = top + tallest * gap + 26
    for name, (x, y) in place.items():
        mine = written.get(station_of(name), [])
        for row, record in enumerate(mine):
            parts.append(text(x + width / 2, y + height + 16 + 14 * row, record, 11, SOFT))
        bottom = max(bottom, y + height + 30 + 14 * len(mine))
    return parts, bottom


def station_of(asset: str) -> str:
    names = {"textbook": "textbooks", "cot_samples": "cot", "verdicts": "filters", "review_decisions": "review"}
    return names.get(asset, asset)


def draw_floors(top: float, trees: dict[Path, ast.Module]) -> tuple[list[str], float]:
    members: dict[str, set[str]] = defaultdict(set)
    for path in trees:
        if path.name != "__init__.py":
            wired = path.name == "asset.py"
            members[floor_of(path)].add(path.parts[-2] if wired else Path(path.parts[1]).stem)
    crossing = imports_between_floors(trees)
    parts, y, height = [], top, 58
    for floor in FLOORS:
        parts.append(box(MARGIN, y, WIDTH - 2 * MARGIN - 400, height - 14, FILL["floor"]))
        parts.append(text(MARGIN + 14, y + 22, floor, 14, weight=600, anchor="start"))
        for row, part in enumerate(wrapped(", ".join(sorted(members[floor])), 120)):
            parts.append(text(MARGIN + 170, y + 22 + 16 * row, part, 12, SOFT, anchor="start"))
        imports = "imports " + (", ".join(crossing[floor]) or "none of the others")
        parts.append(text(WIDTH - MARGIN - 384, y + 22, imports, 13, INK, anchor="start"))
        y += height
    return parts, y


def wrapped(words: str, width: int) -> list[str]:
    lines = [""]
    for word in words.split(" "):
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def draw() -> str:
    trees = modules()
    upper, middle = draw_line(86, records_written(trees))
    lower, bottom = draw_floors(middle + 50, trees)
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + 10:.0f}" '
        f'viewBox="0 0 {WIDTH} {bottom + 10:.0f}" font-family="Helvetica, Arial, sans-serif">',
        f'<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0 L8,4 L0,8 z" fill="{SOFT}"/></marker></defs>',
        '<rect width="100%" height="100%" fill="white"/>',
        text(MARGIN, 36, "The line", 20, weight=700, anchor="start"),
        text(MARGIN + 100, 36, "assets and what they write", 14, SOFT, anchor="start"),
        box(WIDTH - 330, 22, 16, 16, FILL["book"]),
        text(WIDTH - 306, 35, "once per textbook", 13, SOFT, anchor="start"),
        box(WIDTH - 180, 22, 16, 16, FILL["corpus"]),
        text(WIDTH - 156, 35, "once per corpus", 13, SOFT, anchor="start"),
        text(MARGIN, middle + 32, "The floors", 20, weight=700, anchor="start"),
        text(MARGIN + 120, middle + 32, "what lies on each, and what it imports", 14, SOFT, anchor="start"),
    ]
    return "\n".join([*head, *upper, *lower, "</svg>"]) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draw(), encoding="utf-8")
