"""What a request may cost is bounded by its bytes."""

import gzip
import json

import pytest

from samples import detection, street, without

WIDE = [[0, 0, 262144, 0, 262144, 9, 0, 9]]  # crosses 2 * 262144 columns of pixels
STEEP = [[0, 0, 200000, 1048576, 0, 900000]]  # crosses 2 * 200000
ALLOWED = 2 << 20  # columns, and 24 more for each byte


@pytest.fixture
def unsized(web, name):
    """A dataset whose images have no size, so that polygons may be of any."""
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in (1, 2, 3)]
    assert web.put(f"/datasets/{name}", street(images=images)).status == 201
    return name


def masks(count, polygons):
    row = without(detection(0), "bbox")
    return json.dumps([{**row, "segmentation": polygons}] * count).encode()


@pytest.mark.parametrize("polygons, columns", [(WIDE, 524288), (STEEP, 400000)])
@pytest.mark.parametrize("pack", [lambda body: body, gzip.compress])
def test_outlines_are_measured_as_far_as_the_bytes_of_the_upload_pay(
        web, unsized, polygons, columns, pack):
    body = pack(masks(300, polygons))
    outcome = web.put_run(unsized, "run", body, dry_run=1).json()
    measured = (ALLOWED + 24 * len(body)) // columns
    assert outcome["prediction_count"] == measured
    skipped, = outcome["skipped"]
    assert (skipped["reason"], skipped["count"]) == ("out_of_range", 300 - measured)
    assert "24 columns of pixels for each of its bytes" in skipped["examples"][0]["detail"]


@pytest.mark.parametrize("pack", [lambda body: body, gzip.compress])
def test_masks_of_a_ground_truth_are_measured_as_far_as_well(web, name, pack):
    rows = [{"id": n, "image_id": 1, "category_id": 1, "segmentation": WIDE} for n in range(300)]
    boxed = {"id": 300, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4],
             "segmentation": WIDE}  # its area is that of the box
    body = pack(json.dumps(street(images=[{"id": 1}], annotations=[*rows, boxed])).encode())
    outcome = web.put(f"/datasets/{name}", body, {"dry_run": 1}).json()
    measured = (ALLOWED + 24 * len(body)) // 524288
    assert outcome["annotation_count"] == measured + 1
    skipped, = outcome["skipped"]
    assert (skipped["reason"], skipped["count"]) == ("out_of_range", 300 - measured)
    assert any("that were not measured" in note or "that was not measured" in note
               for note in outcome["notes"])


def test_the_files_of_a_form_share_what_their_bytes_pay_for(web, unsized):
    rows = masks(4, WIDE)[:-1] + b"," + json.dumps(detection(1)).encode() + b"]"
    files = [("file", f"{n}.json", gzip.compress(rows)) for n in range(3)]
    reply = web.post_form(f"/datasets/{unsized}/predictions?dry_run=1", files)
    assert reply.status == 200, reply
    runs = reply.json()["runs"]
    assert [run["prediction_count"] for run in runs] == [5, 1, 1]


def test_a_row_with_a_box_is_not_measured(web, unsized):
    body = json.dumps([detection(n, segmentation=WIDE) for n in range(300)])
    assert web.put_run(unsized, "run", body).json()["prediction_count"] == 300
