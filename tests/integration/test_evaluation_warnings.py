"""What an evaluation warns of: each code of doc/evaluation.md, and when it does not apply."""

import re

import pytest

from samples import array, detection, street
from stack import TOP

# A mask whose pixels do not fit 32 bits.
LARGE = {"size": [1 << 20, 1 << 20], "counts": [1 << 40]}
TRIANGLE = [[10, 20, 40, 20, 40, 60]]
POINTS = [n % 3 + 1 for n in range(51)]


def truth(**more):
    """The first annotation of street(), with more members or others."""
    return {**street()["annotations"][0], **more}


def good(**more):
    return {"image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40], "score": 0.9, **more}


def warnings(web, name, annotations, rows, query="", **more):
    """{code: message} of a run on the pictures of street()."""
    assert web.put(f"/datasets/{name}", street(annotations=annotations, **more)).status == 201
    assert web.put_run(name, "run", array(*rows)).status == 200
    reply = web.get(f"/datasets/{name}/runs/run/evaluation?{query}")
    assert reply.status == 200, reply
    return {each["code"]: each["message"] for each in reply.json()["warnings"]}


def nameless():
    """The pictures, without their sizes."""
    return [{"id": image["id"], "file_name": image["file_name"]} for image in street()["images"]]


@pytest.mark.parametrize("code, words, annotations, rows, query", [
    ("id_0", ["image 1", "exact=0"], [truth(id=0)], [good()], ""),
    ("no_ground_truth", ["-1"], [truth(iscrowd=1)], [good()], ""),
    ("no_predictions", ["1 of 3 images", "image 2 is the first"],
     [truth(), truth(id=2, image_id=2)], [good()], ""),
    ("equal_scores", ["all 2 predictions", "0.9"], [truth()], [good(), good(image_id=2)], ""),
    ("never_predicted", ["1 of 2 classes", ": 3"], [truth(), truth(id=2, category_id=3)],
     [good()], ""),
    ("import_hint", ["corners"], [truth()],
     [good(bbox=[300 + n, 300, 620, 470], score=n / 1000) for n in range(200)], ""),
    ("no_mask", ["1 ground truths"], [truth()], [good(segmentation=TRIANGLE)], "iou_type=segm"),
    ("no_keypoints", ["1 predictions"], [truth(keypoints=POINTS, num_keypoints=17)], [good()],
     "iou_type=keypoints"),
])
def test_what_is_doubtful_is_said(web, name, code, words, annotations, rows, query):
    said = warnings(web, name, annotations, rows, query)
    assert code in said and all(word in said[code] for word in words), said


def test_masks_that_had_to_be_made_up(web, name):
    said = warnings(web, name, [truth(segmentation=LARGE)], [good(segmentation=TRIANGLE)],
                    "iou_type=segm", images=nameless())
    assert said["unreadable"] == ("1 masks cannot be read: the boxes of their rows are taken for "
                                  "them")
    assert said["no_image_size"].startswith("2 polygons")
    found = web.get(f"/datasets/{name}/runs/run/evaluation?iou_type=segm").json()
    assert 0.4 < found["per_class"][0]["AP50"] <= 1  # the box is there


def test_nothing_is_said_of_what_is_in_order(web, name):
    assert warnings(web, name, [truth()], [good(), detection(1)]) == {}


def test_id_0_may_be_found(web, name):
    assert warnings(web, name, [truth(id=0)], [good()], "exact=0") == {}


def test_every_code_is_documented():
    table = (TOP / "doc/evaluation.md").read_text().split("## Warnings")[1].split("##")[0]
    documented = re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]+)\|", table, re.M)))
    source = (TOP / "src/evaluation/warnings.c").read_text()
    codes = re.findall(r'put\(warnings, "(\w+)"\)|(?:\.|->)\w+, "(\w+)",$', source, re.M)
    assert sorted(documented) == sorted(["import_hint", *("".join(code) for code in codes)])
