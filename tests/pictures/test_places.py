"""Pictures where they lie: zips read without unpacking, names that would lead out, cells, slides' folders."""

import hashlib
import struct
import zipfile
from pathlib import Path

import pytest

from assets.errors import BadInput, RowFault
from assets.pictures.places import Places, places_of
from assets.pictures.zips import zip_bytes, zip_entries
from tests.pairs.external_files import jpeg, write_zip


def test_zips_are_read_as_zipfile_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"PK\x01\x02 a comment"
        archive.writestr("图/1.txt", "x" * 5000)
        with archive.open("streamed.txt", "w", force_zip64=True) as file:
            file.write(b"y" * 99)
    path.write_bytes(b"#!stub\n" + path.read_bytes())
    with path.open("rb") as file:
        read = {entry.name: zip_bytes(file, entry) for entry in zip_entries(path)}
    with zipfile.ZipFile(path) as archive:
        assert read == {name: archive.read(name) for name in archive.namelist()}


def test_a_zip_with_more_than_65535_files_is_read(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(65_600):
            archive.writestr(f"{n}.txt", b"")
    assert sum(1 for _ in zip_entries(path)) == 65_600


def test_bad_zips_and_members_are_said(tmp_path: Path) -> None:
    one = write_zip(
        tmp_path / "1.zip", {"a/x.jpg": jpeg(1), "same.jpg": jpeg(1), "../up.jpg": jpeg(2)}, zipfile.ZIP_STORED
    )
    write_zip(tmp_path / "2.zip", {"b/x.jpg": jpeg(2), "c/same.jpg": jpeg(1)})
    data = bytearray(one.read_bytes())
    data[data.index(jpeg(2)) + 100] ^= 1
    one.write_bytes(data)
    said = []
    with Places() as places:
        for name in ("x.jpg", "b/x.jpg", "same.jpg", "up.jpg", "z"):
            try:
                uri, member = places.find(places_of(tmp_path), name)
                said.append(hashlib.sha256(places.read(uri, member)).hexdigest())
            except RowFault as fault:
                said.append(fault.reason)
    first, second = (hashlib.sha256(jpeg(seed)).hexdigest() for seed in (1, 2))
    assert said == ["two-pictures", second, first, "damaged", "no-picture"]
    (tmp_path / "3.zip").write_bytes(one.read_bytes()[:-30])
    with Places() as places, pytest.raises(BadInput, match=r"3\.zip is no whole zip archive .*; get it again"):
        places.find(places_of(tmp_path), "x.jpg")


def test_a_zip_bomb_is_not_inflated(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "b.zip", {"x.jpg": bytes(1 << 20)})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 4000)  # says that it is small
    path.write_bytes(data)
    with path.open("rb") as file, pytest.raises(ValueError, match="checksum or size"):
        zip_bytes(file, next(zip_entries(path)))


def test_no_name_and_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    outside, folder = tmp_path / "secret.jpg", tmp_path / "images"
    outside.write_bytes(jpeg(1))
    (folder / "a").mkdir(parents=True)
    (folder / "b.jpg").write_bytes(jpeg(2))
    (folder / "a" / "inside.jpg").symlink_to(folder / "b.jpg")
    (folder / "a" / "out.jpg").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    with Places() as places:
        assert places.read(folder.as_uri(), "a/inside.jpg") == jpeg(2)
        for name in ("../secret.jpg", "a/../../secret.jpg", str(outside), "a/out.jpg", "up/secret.jpg", "a\\..\\x", ""):
            with pytest.raises(RowFault) as raised:
                places.read(folder.as_uri(), name)
            assert raised.value.reason == "unsafe-name", name
        for name in ("none.jpg", "a"):
            with pytest.raises(RowFault) as raised:
                places.read(folder.as_uri(), name)
            assert raised.value.reason == "no-picture", name
