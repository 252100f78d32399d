"""Slide and patient ids of TCGA, CPTAC and BCNB in one spelling: the key that catches another patch of the same slide.

TCGA barcodes name the patient with their first 12 characters (TCGA-F7-A50J), the slide with the parts behind
(-01Z-00-DX1); a uuid and file endings may follow. CPTAC patients are C3L-00001 or C3N-00001, slides add two digits.
BCNB numbers its patients, one slide each, so a number means a patient in that set alone.
"""

import re
from pathlib import PurePosixPath

TCGA = re.compile(r"(TCGA-[A-Z0-9]{2}-[A-Z0-9]{4})(-\d{2}[A-Z]?(?:-\d{2}[A-Z]?)?-[A-Z]{2}[A-Z0-9]{1,2})?(?=[-._\s]|$)")
CPTAC = re.compile(r"(C3[LN]-\d{5})(-\d{2})?(?=[-._\s]|$)")
BCNB = re.compile(r"0*(\d{1,6})(?:\.0)?(?:\.(?:csv|h5|jpe?g|png|pt|svs|tiff?))?")


def patient_of(source: str, raw: str | None) -> str | None:
    """The patient behind an id as a source writes it: "tcga:TCGA-F7-A50J", "cptac:C3L-00001", "bcnb:12".

    `source` is the name of the test set or external source; plain numbers are patients only where it names BCNB. Paths,
    lower case, file endings and uuids are accepted. None where the id names no patient that is known here.
    """
    text = _last_part(raw)
    if found := TCGA.match(text):
        return f"tcga:{found[1]}"
    if found := CPTAC.match(text):
        return f"cptac:{found[1]}"
    if "bcnb" in source.lower() and (found := BCNB.fullmatch(text.lower())):
        return f"bcnb:{int(found[1])}"
    return None


def slide_of(source: str, raw: str | None) -> str | None:
    """The slide: "tcga:TCGA-F7-A50J-01Z-00-DX1", "cptac:C3L-00001-21", "bcnb:12".

    None where the id names a patient alone, or nothing that is known here.
    """
    text = _last_part(raw)
    if found := TCGA.match(text):
        return f"tcga:{found[1]}{found[2]}" if found[2] else None
    if found := CPTAC.match(text):
        return f"cptac:{found[1]}{found[2]}" if found[2] else None
    return patient_of(source, raw)


def _last_part(raw: str | None) -> str:
    return PurePosixPath((raw or "").strip().replace("\\", "/")).name.upper()
