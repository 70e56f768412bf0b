"""What an evaluation reads of masks, keypoints and areas, in the order of the file."""

import pytest

from evaluated import begin
from samples import detection, without

TYPES = ["int8", "int8", "int4", "float8", "float8", "float8", "float8", "float8"]
MASK = {"size": [480, 640], "counts": [0, 20, 307180]}
POINTS = [1, 2, 1, 11, 22, 1]


@pytest.fixture
def rows(db, web, dataset):
    """rows(results, iou_type, types) imports a run and gives `has_area` and its rows without their
    boxes, as the worker reads them."""
    def read(results, iou_type, *types):
        assert web.put_run(dataset, "run", results).json()["skipped"] == []
        begun = begin(db, dataset, "run")
        with db.transaction():
            db.execute("set local role pgcoco")
            parts = {part: (command, has_area) for part, command, has_area in db.execute(
                "select part, command, has_area from coco.evaluation_rows(%s, %s, %s, %s)",
                (*begun[:3], iou_type))}
            command, has_area = parts["detections"]
            with db.cursor().copy(command) as copy:
                copy.set_types(TYPES + list(types))
                return has_area, [row[:1] + row[7:] for row in copy.rows()]
    return read


def masked(**more):
    return {**without(detection(), "bbox"), "segmentation": MASK, **more}


def pointed(**more):
    return {**without(detection(), "bbox"), "keypoints": POINTS, **more}


def test_rows_have_their_masks(rows):
    has_area, found = rows([{**detection(), "segmentation": MASK}, detection()], "segm", "json")
    assert not has_area
    assert found == [(1, 0, MASK), (2, 0, None)]


def test_rows_have_their_keypoints(rows):
    has_area, found = rows([{**detection(), "keypoints": POINTS}, detection()], "keypoints", "json")
    assert not has_area
    assert found == [(1, 0, POINTS), (2, 0, None)]


@pytest.mark.parametrize("iou_type, first, area", [
    ("segm", masked(), 20), ("keypoints", pointed(), 200), ("keypoints", masked(), 20)])
def test_the_first_row_decides_what_areas_are(rows, iou_type, first, area):
    """As in loadRes. Where it has no box, the boxes of others do not count."""
    has_area, found = rows([first, {**first, "bbox": [1, 2, 3, 4]}], iou_type, "float8", "json")
    assert has_area
    assert [row[2] for row in found] == [area, None]
    has_area, _ = rows([{**first, "bbox": [1, 2, 3, 4]}, first], iou_type, "json")
    assert not has_area


def test_ground_truths_have_their_masks_keypoints_and_other_members(db, web, dataset):
    web.put_run(dataset, "run", [detection()])
    begun = begin(db, dataset, "run")
    for iou_type, columns in (("bbox", 9), ("segm", 10), ("keypoints", 11)):
        with db.transaction():
            (command,) = db.execute(
                "select command from coco.evaluation_rows(%s, %s, %s, %s) where part = 'truths'",
                (*begun[:3], iou_type)).fetchone()
            with db.cursor().copy(command) as copy:
                assert {len(row) for row in copy.rows()} == {columns}


def test_the_pieces_of_both_sides_are_all_rows_in_the_order_of_the_file(db, web, dataset):
    web.put_run(dataset, "run", [detection(image_id=1 + i % 2) for i in range(500)])
    begun = begin(db, dataset, "run")

    def read(pieces):
        with db.transaction():
            found = {"truths": [], "detections": []}
            for part, command in db.execute(
                    "select part, command from coco.evaluation_rows(%s, %s, %s, 'bbox', %s)",
                    (*begun[:3], pieces)).fetchall():
                with db.cursor().copy(command.replace(" (format binary)", "")) as copy:
                    found.setdefault(part, []).append([bytes(line) for line in copy])
            return found["truths"], found["detections"]

    truths, detections = read(1)
    assert len(truths) == len(detections) == 1
    for pieces in (2, 3):
        more_truths, more_detections = read(pieces)
        assert len(more_truths) == len(more_detections) == pieces
        assert sum(more_truths, []) == truths[0]
        assert sum(more_detections, []) == detections[0] and all(more_detections)
