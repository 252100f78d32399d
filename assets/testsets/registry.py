"""Which reader reads which set. The user names the set; nothing is guessed from files.

for found in read_testset("pathmmu", Path("/data/pathmmu")): ...
for found in read_testset("image-folder", Path("/data/BACH"), name="bach"): ...
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from assets.errors import BadInput
from assets.testsets.image_folder import read_image_folder
from assets.testsets.item import Problem, TestItem
from assets.testsets.parquet_vqa import read_pathvqa, read_quilt_vqa
from assets.testsets.pathmmu import read_pathmmu
from assets.testsets.retrieval import read_retrieval
from assets.testsets.slake import read_slake
from assets.testsets.slidebench import read_slidebench_bcnb, read_slidebench_tcga
from assets.testsets.wsi_vqa import read_wsi_vqa

Reader = Callable[[Path, str], Iterator[TestItem | Problem]]

READERS: dict[str, Reader] = {
    "pathmmu": read_pathmmu,
    "slidebench-tcga": read_slidebench_tcga,
    "slidebench-bcnb": read_slidebench_bcnb,
    "wsi-vqa": read_wsi_vqa,
    "pathvqa": read_pathvqa,
    "quilt-vqa": read_quilt_vqa,
    "slake": read_slake,
    "image-folder": read_image_folder,
    "retrieval": read_retrieval,
}


def read_testset(form: str, path: Path, name: str | None = None) -> Iterator[TestItem | Problem]:
    """Items and problems of the set that lies at `path`; `form` is one of READERS.

    `name` is the set's name in its items, by default `form`: image-folder and retrieval are the forms of many sets.
    Raises BadInput at once for an unknown form, for missing files and for wrong columns.
    """
    if form not in READERS:
        raise BadInput(f"there is no reader for the test set {form}; name one of {', '.join(READERS)}")
    return READERS[form](path, name or form)
