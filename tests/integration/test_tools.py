"""The tables of doc/formats.md: each line is typed at a shell, with a small file of its tool.

A line without a sample fails, and a sample without a line.
"""

import json
import re
import shlex
import subprocess

import pytest

from samples import rows, without
from stack import TOP

TRUTH = {
    "images": [{"id": 1, "file_name": "one.jpg", "width": 64, "height": 48},
               {"id": 2, "file_name": "two.jpg", "width": 64, "height": 48}],
    "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "car"}],
    "annotations": [],
}
NUMBERED = {**TRUTH, "images": [{"id": 1, "file_name": "2.jpg"}, {"id": 2, "file_name": "1.jpg"}]}
RLE = {"size": [48, 64], "counts": [100, 20, 48 * 64 - 120]}


def row(image=1, category=1, **more):
    return {"image_id": image, "category_id": category, "bbox": [1.5, 2, 30, 40],
            "score": 0.8445390462875366, **more}


def lines(*elements):
    return "".join(json.dumps(element) + "\n" for element in elements).encode()


PLAIN = [row(1, 1), row(2, 2)]
FROM_0 = [row(1, 0), row(2, 1)]
IN_IMAGES = [without(one, "image_id") for one in PLAIN]
PERSONS = [row(1, 1), row(2, 1)]
STEMS = [row("one", 1), row("two", 2)]
POSE = [1.5, 2.5, 0.9, 20, 30, 0.8]

# The file of each tool, and the ground truth that it is for. Its rows are the images 1 and 2 with
# the classes 1 and 2, or 1 and 1 of a tool that knows persons only.
RESULTS = {
    "detectron2": ([row(1, 1, segmentation=RLE), row(2, 2)], TRUTH),
    "detectron2, classes from 0": (FROM_0, TRUTH),
    "mmdetection": ([{key: one[key] for key in ("image_id", "bbox", "score", "category_id")}
                     for one in PLAIN], TRUTH),
    "mmpose, HRNet": ([{"category_id": 1, "center": [9.5, 9.5], "image_id": image,
                        "keypoints": POSE, "scale": [1.0, 2.0], "score": 1.25}
                       for image in (1, 2)], TRUTH),
    "mmpose's person detections": (PERSONS, TRUTH),
    "ultralytics": (STEMS, TRUTH),
    "ultralytics, classes from 0": ([row("one", 0), row("two", 1)], TRUTH),
    "ultralytics, images `1.jpg` ...": ([row(2, 1, file_name="2.jpg"),
                                         row(1, 2, file_name="1.jpg")], NUMBERED),
    "ultralytics pose": ([row("one", 1, keypoints=POSE),
                          row("two", 2, keypoints=[1.5, 2.5, 20, 30])], TRUTH),
    "ultralytics obb": ([{"image_id": stem, "file_name": stem + ".jpg", "category_id": category,
                          "score": 0.87012, "rbox": [30, 20, 20, 10, 0.5],
                          "poly": [36.379, 29.182, 41.173, 20.406, 23.621, 10.818, 18.827, 19.594]}
                         for stem, category in (("one", 1), ("two", 2))], TRUTH),
    "sahi": ([row(1, 1, category_name="person", segmentation=[], iscrowd=0, area=1200),
              row(2, 2, category_name="car", segmentation=[], iscrowd=0, area=1200)], TRUTH),
    "darknet": (b'[\n{"image_id":1, "category_id":1, "bbox":[0.000000, 8.756958, 7.350349, 19.4],'
                b' "score":0.005845},\n{"image_id":2, "category_id":2, "bbox":[6.825806, 9.209442,'
                b' 3.507965, 8.169418], "score":0.014847}\n]\n', TRUTH),
    "RT-DETR, PP-YOLOE": ([row(1, 1, bbox=[-39.4, -10.5, 46.9, 38.1]), row(2, 2)], TRUTH),
    "faster-coco-eval": ([{**without(one, "bbox"), "id": n, "iscrowd": 0,
                           "segmentation": [[5, 5, 20, 5, 20, 30]]}
                          for n, one in enumerate(PLAIN, 21)], TRUTH),
    "a COCO file with scores": ({"images": [{"id": 0, "file_name": "two.jpg"},
                                            {"id": 1, "file_name": "one.jpg"}],
                                 "annotations": [row(1, 9, id=1), row(0, 3, id=2)],
                                 "categories": [{"id": 3, "name": "car"},
                                                {"id": 9, "name": "person"}]}, TRUTH),
    "a script, in a member": ({"model": "m", "predictions": PLAIN}, TRUTH),
    "a script, image by image": ([{"file_name": "one.jpg", "detections": IN_IMAGES[:1]},
                                  {"file_name": "two.jpg", "detections": IN_IMAGES[1:]}], TRUTH),
    "a script, by file name": ({"one.jpg": IN_IMAGES[:1], "two.jpg": IN_IMAGES[1:]}, TRUTH),
    "a script, by id": ({"1": IN_IMAGES[:1], "2": IN_IMAGES[1:]}, TRUTH),
    "a script, line by line": (lines(row(1, 1), {"image_id": 2, "results": IN_IMAGES[1:]}), TRUTH),
}
ONE_CLASS = {"mmpose, HRNet", "mmpose's person detections"}


def annotated(*annotations, **more):
    """A ground truth with these annotations of the first image, and what else is peculiar."""
    return {**TRUTH, "annotations": list(annotations), **more}


BOX = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0}
TRUTHS = {
    "COCO": annotated({"segmentation": [[1, 2, 4, 2, 4, 6]], **BOX}, info={"year": 2017},
                      licenses=[{"id": 1}]),
    "CVAT": annotated({**BOX, "segmentation": [], "attributes": {"a b": True}},
                      info={"year": ""}, licenses=[{"name": "", "id": 0, "url": ""}]),
    "Label Studio": annotated({**BOX, "ignore": 0, "id": 0},
                              images=[{"id": 1, "file_name": "images/one.jpg"}]),
    "Roboflow": annotated({**BOX, "id": 0, "segmentation": []},
                          categories=[{"id": 0, "name": "person", "supercategory": "none"},
                                      {"id": 1, "name": "person", "supercategory": "person"}]),
    "detectron2": annotated(BOX, licenses=None),
    "sahi": annotated({**BOX, "area": 3072}),
    "LVIS, CrowdPose, TACO": annotated(without(BOX, "iscrowd")),
    "datumaro": annotated({**BOX, "iscrowd": 1, "segmentation": RLE}),
}


def table(title):
    """{tool: what to type} of a section."""
    text = (TOP / "doc/formats.md").read_text()
    section = re.search(rf"^## {title}\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]
    found = [re.fullmatch(r"\| (.*) \| (.*) \| `(.*)` \|", line)
             for line in section.splitlines() if line.startswith("|")]
    return {line[1]: line[3] for line in found if line}


def test_every_line_has_a_sample_and_every_sample_a_line():
    assert table("Results, tool by tool").keys() == RESULTS.keys()
    assert table("Ground truth, tool by tool").keys() == TRUTHS.keys()


def type_curl(site, shell, command, file, **names):
    """Types the line as it stands; the shell knows the addresses."""
    assert command.startswith("curl -T FILE ")
    done = subprocess.run(["sh", "-c", command.replace("FILE", file).replace("curl", "curl -sSf")],
                          cwd=shell.folder, capture_output=True, timeout=120,
                          env={"PATH": "/usr/bin:/bin",
                               **{key: site.url + path for key, path in names.items()}})
    assert done.returncode == 0, (command, done.stderr)
    return json.loads(done.stdout)


def options_of(command):
    """The query of the address, as options of pgcoco import."""
    query = shlex.split(command)[-1].partition("?")[2]
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return [word for key, _, value in pairs for word in ("--" + key.replace("_", "-"), value)]


def as_file(sample):
    return sample if isinstance(sample, bytes) else json.dumps(sample).encode()


def check_run(db, name, run, tool):
    due = [(1, 1), (2, 1)] if tool in ONE_CLASS else [(1, 1), (2, 2)]
    assert [found[1:3] for found in rows(db, name, run)] == due


@pytest.mark.parametrize("tool, command", table("Results, tool by tool").items())
def test_what_to_type_imports_results(site, web, db, shell, name, tool, command):
    sample, truth = RESULTS[tool]
    assert web.put(f"/datasets/{name}", truth).status == 201
    file = shell.write("results.json", as_file(sample))
    outcome = type_curl(site, shell, command, file, R=f"/datasets/{name}/runs/run")
    assert (outcome["prediction_count"], outcome["skipped"]) == (2, [])
    assert "hint" not in outcome
    check_run(db, name, "run", tool)
    shell.run("import", "run", name, "--name", "typed", *options_of(command), file)
    check_run(db, name, "typed", tool)


@pytest.mark.parametrize("tool, command", table("Ground truth, tool by tool").items())
def test_what_to_type_imports_a_ground_truth(site, db, shell, name, tool, command):
    file = shell.write("truth.json", as_file(TRUTHS[tool]))
    outcome = type_curl(site, shell, command, file, D=f"/datasets/{name}")
    assert (outcome["annotation_count"], outcome["skipped"]) == (1, [])
    shell.run("import", "dataset", name + "x", *options_of(command), file)
    assert rows(db, name + "x", "ground_truth") == rows(db, name, "ground_truth")
    assert len(rows(db, name, "ground_truth")) == 1


def test_the_samples_need_what_is_typed(web, name):
    """With another line the rows would be skipped, refused, or of other images and classes."""
    for tool, command in table("Results, tool by tool").items():
        sample, truth = RESULTS[tool]
        if "?" not in command:
            continue
        assert web.put(f"/datasets/{name}", truth).status in (200, 201)
        reply = web.put_run(name, "plain", as_file(sample))
        exported = web.get(f"/datasets/{name}/runs/plain/predictions")
        found = [(one["image_id"], one["category_id"])
                 for one in exported.json()] if exported.status == 200 else []
        assert reply.status == 422 or found != [(1, 1), (2, 2)], tool
        web.delete(f"/datasets/{name}/runs/plain")
