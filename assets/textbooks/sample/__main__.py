"""Write a sample textbook: python -m assets.textbooks.sample --seed 7 --out FILE.pdf [--every-class]"""

import argparse
from pathlib import Path

from assets.textbooks.sample.book import generate
from assets.textbooks.sample.classes.book import generate_classes


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a generated pathology textbook with its gold file.")
    parser.add_argument("out", type=Path, nargs="?", help="the PDF; .gold.json and .toml are written beside it")
    parser.add_argument("--out", dest="named", type=Path, help="the same")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every-class", action="store_true", help="every hard layout at least once, for tests")
    options = parser.parse_args()
    path = options.named or options.out
    if path is None:
        parser.error("name the PDF to write")
    gold = (generate_classes if options.every_class else generate)(path, options.seed)
    print(f"{path}: {gold['pages']} pages, {len(gold['figures'])} figures")


if __name__ == "__main__":
    main()
