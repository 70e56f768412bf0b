"""What programs that load exports ask of them, written as plain checks of their rules.

pycocotools: COCO.createIndex and loadRes. FiftyOne: its importer of COCO detections. ultralytics:
check_det_dataset, img2label_paths and verify_image_label, and save_txt for six columns.
"""

import io
import json
import re
import tarfile
from pathlib import PurePosixPath

ENDINGS = {"bmp", "jpeg", "jpg", "png", "tif", "tiff", "webp"}


def pycocotools(truth, results=None):
    """COCO(truth).loadRes(results)."""
    images = {image["id"]: image for image in truth["images"]}
    categories = {category["id"]: category["name"] for category in truth["categories"]}
    assert len(images) == len(truth["images"])
    assert len(categories) == len(truth["categories"])
    for annotation in truth["annotations"]:
        assert annotation["image_id"] in images and annotation["category_id"] in categories
        assert annotation["iscrowd"] in (0, 1) and annotation["area"] >= 0
    if results is None:
        return
    assert isinstance(results, list)
    assert {row["image_id"] for row in results} <= set(images), "loadRes asserts this"
    kind = next((kind for kind in ("bbox", "segmentation", "keypoints")
                 if results and results[0].get(kind)), None)
    for row in results:
        assert row["category_id"] in categories and isinstance(row["score"], (int, float))
        assert len(row["bbox"]) == 4 if kind == "bbox" else kind in row


def fiftyone(truth, predictions=None):
    """COCODetectionDatasetImporter(truth), and add_coco_labels(predictions)."""
    assert isinstance(truth.get("info", {}), dict) and isinstance(truth.get("licenses", []), list)
    classes = {category["id"]: category["name"] for category in truth["categories"]}
    assert all(isinstance(id, int) for id in classes), "classes are a list by ids"
    images = {image["id"]: image for image in truth["images"]}
    for image in images.values():
        assert PurePosixPath(image["file_name"]).name, "a sample is found by its file"
    for row in truth["annotations"] + (predictions or []):
        image = images[row["image_id"]]
        assert row["category_id"] in classes
        x, y, w, h = row["bbox"]
        assert all(isinstance(number / image["width"], float) for number in (x, w))
        assert all(isinstance(number / image["height"], float) for number in (y, h))
    assert all("score" in row for row in predictions or [])


def members(tar):
    """{name: bytes} of a tar, whose names must be safe and differ, also without capitals."""
    assert tar[-1024:] == bytes(1024), "a tar ends with two blocks of zeros"
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        found = archive.getmembers()
        assert all(member.isreg() and member.mode == 0o644 for member in found)
        names = [member.name for member in found]
        files = {member.name: archive.extractfile(member).read() for member in found}
    assert len({name.lower() for name in names}) == len(names), "two members with one name"
    folders = {str(folder).lower() for name in names for folder in PurePosixPath(name).parents}
    assert not folders & {name.lower() for name in names}, "a file where a folder must be"
    for name in names:
        assert not name.startswith("/") and "\\" not in name and name.isprintable(), name
        assert all(part not in ("", ".", "..") for part in name.split("/")), name
        assert all(len(part.encode()) <= 255 for part in name.split("/")), name
    return files


def yaml(text):
    """data.yaml: its lines are `key: value`, and `number: name` below names. Values are JSON."""
    data, lines = {}, text.decode().split("\n")
    assert lines.pop() == ""
    for line in lines:
        key, value = re.fullmatch(r"( *[^:]+):(?: (.*?))?(?: # category -?\d+)?", line).groups()
        if key.startswith("  "):
            data["names"][int(key)] = json.loads(value)
        else:
            data[key] = {} if not value or value == "{}" else json.loads(value)
    return data


def label_path(picture):
    """Where ultralytics looks for the labels of a picture."""
    before, _, after = picture.rpartition("/images/")
    return f"{before}/labels/{after}".rsplit(".", 1)[0] + ".txt"


def listed(files, lists):
    """The pictures that the lists name, as paths below the folder of data.yaml."""
    lists = [lists] if isinstance(lists, str) else lists
    lines = [line for name in lists for line in files[name].decode().strip().splitlines()]
    assert all(line.startswith("./") and line.count("./") == 1 for line in lines)
    return ["/" + line[2:] for line in lines]


def ultralytics(files, columns=5):
    """Loads train, val and test, and returns {picture: [numbers of a line]}."""
    data = yaml(files["data.yaml"])
    assert {"train", "val"} <= set(data)
    count = len(data["names"])
    assert list(data["names"]) == list(range(count))
    loaded = {}
    for part in ("train", "val", "test"):
        for picture in listed(files, data.get(part, [])):
            assert picture.rpartition(".")[2].lower() in ENDINGS, picture
            lines = files[label_path(picture)[1:]].decode().strip().splitlines()
            rows = [[float(number) for number in line.split()] for line in lines]
            for row in rows:
                assert len(row) == columns
                assert row[0].is_integer() and 0 <= row[0] < count
                assert all(0 <= number <= 1 for number in row[1:5])
            loaded[picture] = rows
    return loaded
