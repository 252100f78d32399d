"""Frames that one process writes and another reads, also when the writer died within one."""

import pytest

from assets.figures.spool import HEAD, RECENT, Spool, SpoolWriter


def written(folder, frames, part=0):
    with SpoolWriter(folder, "words", part) as spool:
        for page, value in frames:
            spool.append(page, value)
    return folder / f"words-{part:06d}.spool"


def test_frames_come_back_in_page_order_from_all_parts(tmp_path):
    written(tmp_path, [(7, "seven"), (8, {"a": [1, 2]})], part=1)
    written(tmp_path, [(2, "two"), (1, "one")], part=0)
    (tmp_path / "others-000000.spool").write_bytes(b"of another stage")
    spool = Spool(tmp_path, "words")
    assert list(spool) == [(1, "one"), (2, "two"), (7, "seven"), (8, {"a": [1, 2]})]
    assert (spool.pages(), len(spool)) == ([1, 2, 7, 8], 4)
    assert (2 in spool, 3 in spool) == (True, False)
    with pytest.raises(KeyError):
        spool[3]


def test_a_later_frame_and_a_later_part_replace_an_earlier_one(tmp_path):
    written(tmp_path, [(1, "lost")], part=999_999)
    written(tmp_path, [(1, "first"), (2, "first"), (2, "second")])
    assert list(Spool(tmp_path, "words")) == [(1, "lost"), (2, "second")]


@pytest.mark.parametrize("missing", [1, 5, HEAD.size + 3])
def test_the_frame_within_which_a_writer_died_does_not_exist(tmp_path, missing):
    path = written(tmp_path, [(1, "whole"), (2, "torn")])
    path.write_bytes(path.read_bytes()[:-missing])
    assert list(Spool(tmp_path, "words")) == [(1, "whole")]


def test_a_second_writer_goes_on_behind_the_last_whole_frame(tmp_path):
    path = written(tmp_path, [(1, "whole"), (2, "torn")])
    path.write_bytes(path.read_bytes()[:-4])
    written(tmp_path, [(3, "of the second writer")])
    assert list(Spool(tmp_path, "words")) == [(1, "whole"), (3, "of the second writer")]


def test_a_head_that_promises_more_than_there_is_ends_the_file(tmp_path):
    path = written(tmp_path, [(1, "whole")])
    with path.open("ab") as file:
        file.write(HEAD.pack(2, 1 << 63, 0) + b"little")
    assert list(Spool(tmp_path, "words")) == [(1, "whole")]


def test_damage_within_a_frame_is_an_error(tmp_path):
    path = written(tmp_path, [(1, "whole"), (2, "damaged")])
    data = bytearray(path.read_bytes())
    data[-3] ^= 0xFF
    path.write_bytes(data)
    spool = Spool(tmp_path, "words")
    assert spool[1] == "whole"
    with pytest.raises(OSError, match="is damaged"):
        spool[2]


def test_a_reader_sees_what_was_there_when_it_opened_the_spool(tmp_path):
    with SpoolWriter(tmp_path, "words") as writer:
        writer.append(1, "before")
        spool = Spool(tmp_path, "words")
        writer.append(2, "after")
        assert spool.pages() == [1]


def test_recent_frames_are_the_same_objects_and_old_ones_are_let_go(tmp_path):
    written(tmp_path, [(page, [page]) for page in range(RECENT + 1)])
    spool = Spool(tmp_path, "words")
    assert spool[0] is spool[0]
    first = spool[0]
    for page in range(1, RECENT + 1):
        spool[page]
    assert spool[0] == first
    assert spool[0] is not first
