"""Pairs made by hand, in English and Chinese, in the style of textbook captions."""

from assets.records import Pair, figure_id, pair_id
from assets.schema import content_hash


def pair(number: int, text: str, context: list[str], *, kind: str = "he", organ: str = "breast", language: str = "en",
         panel: str | None = None, book: str = "book", score: float = 0.9) -> Pair:  # fmt: skip
    figure = figure_id(book, f"Fig. 3-{number}", 0)
    return Pair(
        pair_id=pair_id("textbook", figure, panel), source="textbook", book=book, figure_id=figure, panel_id=panel,
        label=f"Fig. 3-{number}{panel or ''}", image="0" * 64, text=text, context=context,
        reference_ids=[f"r{i}" for i in range(len(context))], language=language, image_kind=kind,
        image_kind_score=score, image_kind_evidence="caption", organ_system=organ, organ_system_score=0.9,
        organ_system_evidence=organ, licence=None, slide_or_patient_id=None,
        content_hash=content_hash([number, text, context]),
    )  # fmt: skip


def book_pairs() -> list[Pair]:
    return [
        pair(1, "Invasive ductal carcinoma of the breast, grade 2. Irregular nests and cords of tumour cells "
             "infiltrate a desmoplastic stroma (arrows). H&E, ×100.",
             ["The tumour cells have enlarged, hyperchromatic nuclei with visible nucleoli (Fig. 3-1).",
              "As shown in Figure 3-1, mitotic figures are frequent at the invasive edge.",
              "Invasive carcinoma is the most common malignancy of women (Fig. 3-1)."]),
        pair(2, "Fibroadenoma. Compressed, slit-like ducts lie in a myxoid stroma (H&E, ×40).",
             ["Fig. 3-2 shows a well-circumscribed nodule with a pushing border.",
              "The epithelial layer keeps its myoepithelial cells throughout (see Fig. 3-2)."]),
        pair(3, "Papillary carcinoma of the thyroid: branching papillae with fibrovascular cores, H&E ×200.",
             ["Nuclei overlap, with optically clear chromatin and longitudinal grooves (Fig. 3-3A)."],
             organ="endocrine"),
        pair(4, "Gross photograph of a renal cell carcinoma. The cut surface is golden yellow with haemorrhage.",
             ["The tumour bulges from the upper pole and is sharply demarcated (Fig. 3-4)."], kind="gross",
             organ="kidney"),
        pair(5, "HER2 immunohistochemistry. Strong complete membranous staining of most tumour cells (×400).", [],
             kind="ihc"),
        pair(6, "皮肤基底细胞癌。癌细胞呈巢状浸润真皮，周边细胞呈栅栏状排列（箭头）（HE×100）。",
             ["如图3-6所示，癌巢与间质之间可见收缩裂隙。", "核分裂象易见，核深染（图 3-6）。"],
             organ="skin", language="zh"),
        pair(7, "皮肤鳞状细胞癌。异型鳞状细胞呈片状排列，可见角化珠。", ["图3-7显示细胞间桥清楚，核仁明显。"],
             organ="skin",
             language="zh"),
    ]  # fmt: skip
