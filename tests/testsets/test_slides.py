"""Slide and patient ids in every shape in which sources write them."""

import pytest

from assets.testsets.slides import patient_of, slide_of

UUID = "bf88ce1f-0601-40c8-813e-4e3df51bd2f0"
SLIDE = "TCGA-F7-A50J-01Z-00-DX1"


@pytest.mark.parametrize(
    ("raw", "slide"),
    [
        (f"{SLIDE}.{UUID}", SLIDE),
        (f"{SLIDE}.{UUID.upper()}.svs", SLIDE),
        (f"{SLIDE}.svs", SLIDE),
        (SLIDE, SLIDE),
        (SLIDE.lower(), SLIDE),
        (f" /data/slides/{SLIDE}.{UUID}.h5\n", SLIDE),
        (f"C:\\slides\\{SLIDE}.svs", SLIDE),
        (f"{SLIDE}_35136_33344.jpg", SLIDE),
        ("TCGA-F7-A50J-01A-01-TS1", "TCGA-F7-A50J-01A-01-TS1"),
        ("TCGA-F7-A50J-01A-02-BSB.svs", "TCGA-F7-A50J-01A-02-BSB"),
        ("TCGA-F7-A50J-11A-DX2", "TCGA-F7-A50J-11A-DX2"),
        ("TCGA-F7-A50J", None),
        ("tcga-f7-a50j", None),
        ("TCGA-F7-A50J-01", None),
        ("TCGA-F7-A50J.pt", None),
    ],
)
def test_tcga(raw: str, slide: str | None) -> None:
    for source in ("pathgen", "wsi-vqa", "slidebench-tcga", "anything"):
        assert patient_of(source, raw) == "tcga:TCGA-F7-A50J"
        assert slide_of(source, raw) == (slide and f"tcga:{slide}")


@pytest.mark.parametrize(
    ("raw", "patient", "slide"),
    [
        ("C3L-00001", "cptac:C3L-00001", None),
        ("C3N-00154-26", "cptac:C3N-00154", "cptac:C3N-00154-26"),
        ("c3n-00154-26.svs", "cptac:C3N-00154", "cptac:C3N-00154-26"),
        ("LUAD/C3L-00001-21.svs", "cptac:C3L-00001", "cptac:C3L-00001-21"),
    ],
)
def test_cptac(raw: str, patient: str, slide: str | None) -> None:
    assert (patient_of("cptac", raw), slide_of("cptac", raw)) == (patient, slide)


@pytest.mark.parametrize("raw", ["12", " 12 ", "012", "12.csv", "12.jpg", "12.0", "BCNB/12.h5"])
def test_bcnb_numbers_mean_patients_in_bcnb_alone(raw: str) -> None:
    assert patient_of("slidebench-bcnb", raw) == slide_of("BCNB", raw) == "bcnb:12"
    assert patient_of("pathmmu", raw) is None


@pytest.mark.parametrize(
    "raw", [None, "", "TCGA", "TCGA-F7", "TCGA-F7-A50", "TCGA-F7-A50JX", "C3L-0001", "C3X-00001", "x12"]
)
def test_what_names_no_patient(raw: str | None) -> None:
    assert patient_of("slidebench-bcnb", raw) is None
    assert slide_of("slidebench-bcnb", raw) is None
