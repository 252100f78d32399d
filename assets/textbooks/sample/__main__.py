"""Write a sample textbook: python -m assets.textbooks.sample --seed 7 --out FILE.pdf"""

import argparse
from pathlib import Path

from assets.textbooks.sample.book import generate


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a generated pathology textbook with its gold file.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="the PDF; .gold.json and .toml are written beside it")
    options = parser.parse_args()
    gold = generate(options.out, options.seed)
    print(f"{options.out}: {gold['pages']} pages, {len(gold['figures'])} figures")


if __name__ == "__main__":
    main()
