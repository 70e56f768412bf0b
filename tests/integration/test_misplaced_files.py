"""A file that is something else is called what it is, with what to do; nothing is changed."""

import bz2
import io
import json
import lzma
import pickle
import tarfile
import zipfile

import pytest

from client import HTML, form
from samples import array, detection, detections, street

ROWS = array(*detections(3))


def packed(kind):
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("results.json", ROWS)
    else:
        with tarfile.open(fileobj=file, mode=kind) as archive:
            member = tarfile.TarInfo("2017.json")
            member.size = len(ROWS)
            archive.addfile(member, io.BytesIO(ROWS))
    return file.getvalue()


LFS = (b"version https://git-lfs.github.com/spec/v1\n"
       b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n")
CSV = b"image_id,category_id,x,y,w,h,score\r\n1,1,2,3,4,5,0.5\r\n"
PYTHON = repr(detections(3)).encode()
RLE = {"size": [480, 640], "counts": "b'" + "0" * 5 + "'"}

NOT_JSON = {
    "zip": (packed("zip"), "a zip archive; unpack it"),
    "tar": (packed("w"), "a tar archive; unpack it"),
    "tar.gz": (packed("w:gz"), "a tar archive; unpack it"),
    "xz": (lzma.compress(ROWS), "compressed with xz; decompress it"),
    "bzip2": (bz2.compress(ROWS), "compressed with bzip2; decompress it"),
    "Git LFS": (LFS, "a Git LFS pointer and not the file; run git lfs pull"),
    "pickle": (pickle.dumps(detections(3)), "a Python pickle"),
    "HTML": (b"\n<!DOCTYPE html>\n<html><head><title>Sign in</title>", "an HTML page"),
    "upper case HTML": (b"<HTML><BODY>504", "an HTML page"),
    "XML": (b'<?xml version="1.0"?><annotation>', "XML, such as Pascal VOC"),
    "CSV": (CSV, "a CSV file or another table"),
    "CSV of numbers": (b"1,2,3.5,4\n1,2,3.5,4\n", "a CSV file or another table"),
    "CSV in quotes": (b'"image_id","category_id","score"\n', "a CSV file or another table"),
    "TSV": (CSV.replace(b",", b"\t"), "a CSV file or another table"),
    "CSV with a mark": (b"\xef\xbb\xbf" + CSV.replace(b",", b";"), "a CSV file or another table"),
    "YOLO labels": (b"0 0.5 0.5 0.25 0.25 0.9\n1 0.5 0.5 0.25 0.25 0.8\n", "numbers in columns"),
    "UTF-16": (ROWS.decode().encode("utf-16"), "UTF-16 or UTF-32"),
    "UTF-16 without a mark": (ROWS.decode().encode("utf-16-le"), "UTF-16 or UTF-32"),
    "UTF-16, big end first": (ROWS.decode().encode("utf-16-be"), "UTF-16 or UTF-32"),
    "UTF-32": (ROWS.decode().encode("utf-32"), "UTF-16 or UTF-32"),
    "base64": (b"W3siaW1hZ2VfaWQiOiAxfV0=", "base64; decode it"),
    "a name": (b"@results.json", "the name of a file and not what is in it"),
    "an address": (b"https://example.org/results.json", "an address; download"),
    "a form without its type": (form([("file", "x.json", ROWS)])[0], "a multipart form whose"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "an image"),
    "Python": (PYTHON, "single quotes, as Python prints; write the file with json.dump()"),
    "Python, a row on each line": (b"\n".join(repr(row).encode() for row in detections(3)),
                                   "single quotes, as Python prints"),
    "None": (b'[{"image_id": None}]', "None, as Python prints"),
    "True": (b'[{"image_id": 1, "iscrowd": True}]', "True, as Python prints"),
    "bytes": (b'[{"image_id": 1, "segmentation": {"counts": b"abc"}}]', "bytes, as Python prints"),
    "a tuple": (b'[{"image_id": 1, "bbox": (1, 2, 3, 4)}]', "a tuple, as Python prints"),
    "an array": (b'[{"image_id": 1, "bbox": array([1, 2])}]', "a NumPy array; call tolist()"),
    "nan": (b'[{"image_id": 1, "score": nan}]', "nan is no number in JSON"),
    "a comment": (b"[ // results\n]", "a comment; JSON has none"),
    "a comma before ]": (ROWS[:-1] + b",]", "the comma before ] is one too many"),
    "a comma before ], in a row": (b'[{"bbox": [1, 2, 3, 4,]}]',
                                   "the comma before ] is one too many"),
    "a comma before }": (b'[{"image_id": 1, }]', "the comma before } is one too many"),
    "a comma before } of all": (b'{"annotations": [],\n}', "the comma before } is one too many"),
    "two files": (ROWS + b"\n" + ROWS, "are these two files in one?"),
    "lines without their ends": (json.dumps(detection(1)).encode() * 2,
                                 "curl -d removes line ends"),
}


@pytest.fixture
def kept(web, dataset):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    yield dataset
    assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == 5
    assert web.get(f"/datasets/{dataset}").json()["annotation_count"] == 4


@pytest.mark.parametrize("what", NOT_JSON)
def test_a_file_that_is_not_json_is_named(web, kept, what):
    body, words = NOT_JSON[what]
    paths = [f"/datasets/{kept}/runs/run", f"/datasets/new-{kept}"]
    if body.startswith(b"[") or "lines" in what:
        paths.pop()  # looks like results, which is said first
    for path in paths:
        reply = web.put(path, body)
        assert (reply.status, reply.json()["code"]) == (400, "not_json"), reply
        assert words in reply.json()["detail"]
        assert {"offset", "line", "column"} <= reply.json().keys()
    reply = web.post_form(f"/datasets/{kept}/predictions", [("file", "run.json", body)])
    assert words in reply.json()["detail"], reply


def test_json_that_looks_like_something_else_is_taken(web, dataset):
    for body in (b" \n" + ROWS, b"\xef\xbb\xbf" + ROWS, b"[\n]",
                 array(detection(1, note="<html>, a, b, c, None 'x' (1)"))):
        assert web.put_run(dataset, "odd", body).status == 200


MISPLACED = {
    "results as a ground truth": (
        "/datasets/new-{}", ROWS, "wrong_shape", "results, which go to /datasets/{dataset}/runs/"),
    "lines as a ground truth": (
        "/datasets/new-{}", b"\n".join(json.dumps(row).encode() for row in detections(2)),
        "wrong_shape", "results, which go to /datasets/{dataset}/runs/"),
    "wrapped results as a ground truth": (
        "/datasets/new-{}", {"annotations": []}, "wrong_shape", "results go to /datasets/"),
    "a ground truth as a run": (
        "/datasets/{}/runs/run", street(), "nothing_taken",
        "a ground truth, which goes to /datasets/{dataset}"),
    "annotations of a ground truth as a run": (
        "/datasets/{}/runs/run", street()["annotations"], "nothing_taken",
        "a ground truth, which goes to /datasets/{dataset}"),
    "captions as a ground truth": (
        "/datasets/new-{}",
        street(annotations=[{"id": 1, "image_id": 1, "caption": "a street"}]), "nothing_taken",
        "captions, which have no boxes"),
    "captions as a run": (
        "/datasets/{}/runs/run", [{"image_id": 1, "caption": "a street"}], "nothing_taken",
        "captions, which have no boxes"),
    "panoptic segments as a ground truth": (
        "/datasets/new-{}",
        street(annotations=[{"image_id": 1, "file_name": "1.png", "segments_info": [
            {"id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0}]}]),
        "nothing_taken", "panoptic segments; convert them"),
    "panoptic segments as a run": (
        "/datasets/{}/runs/run",
        {"annotations": [{"image_id": 1, "file_name": "1.png", "segments_info": []}]},
        "nothing_taken", "panoptic segments; convert them"),
}


@pytest.mark.parametrize("what", MISPLACED)
def test_a_file_in_the_wrong_place_is_told_where_it_belongs(web, kept, what):
    path, body, code, words = MISPLACED[what]
    reply = web.put(path.format(kept), body)
    assert (reply.status, reply.json()["code"]) == (422, code), reply
    assert words in reply.json()["detail"]
    assert web.get(f"/datasets/new-{kept}").status == 404


def test_a_shell_is_told_in_its_own_words(shell, kept):
    for name, content in (("run.json", detections(2)), ("gt.json", street()),
                          ("z.json", packed("zip"))):
        shell.write(name, content)
    _, err = shell.run("import", "dataset", "run.json", status=1)
    assert "results, which pgcoco import run takes (wrong_shape, line 1, column 1)" in err
    _, err = shell.run("import", "run", kept, "gt.json", status=1)
    assert "a ground truth, which pgcoco import dataset takes" in err
    _, err = shell.run("import", "run", kept, "z.json", status=1)
    assert "not JSON: this is a zip archive" in err


# ---- what was not found -----------------------------------------------------------------------


def example(reply, reason):
    found, = (group for group in reply.json()["skipped"] if group["reason"] == reason)
    return found["examples"][0]


@pytest.mark.parametrize("row, reason, words", [
    ({"file_name": "nowhere/a.jpg"}, "unknown_image", 'no image called "nowhere/a.jpg"'),
    ({"image_id": "caf\u00e9"}, "unknown_image", 'no image called "caf\u00e9"'),
    ({"image_id": "<b>\x1b[2J"}, "unknown_image", 'no image called "<b>?[2J"'),
    ({"image_id": "\u202ex" * 100}, "unknown_image", '"?x?x?x'),
    ({"image_id": "\u96ea" * 100}, "unknown_image", "\u96ea" * 22 + '..."'),
    ({"category_name": "dragon"}, "unknown_category", 'no category called "dragon"'),
])
def test_a_name_that_is_not_found_is_named(web, db, dataset, token, row, reason, words):
    bad = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5, **row}
    drop = "category_id" if "category_name" in row else "image_id" if "file_name" in row else ""
    bad.pop(drop, None)
    reply = web.put_run(dataset, "run", [detection(1), bad], **{"import": token})
    assert reply.status == 200, reply
    assert words in example(reply, reason)["detail"]
    assert web.import_state(token)["outcome"] == reply.json()
    page = web.get(f"/imports/{token}", accept=HTML).text
    assert "<b>" not in page and "\x1b" not in page and "\u202e" not in page


def test_a_name_of_a_row_does_not_get_into_the_log(web, home, dataset):
    secret = "s3cret-picture.jpg"
    row = {"file_name": secret, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}
    assert secret in web.put_run(dataset, "run", [row]).text
    for log in ("site_worker", "postgres"):
        assert secret not in home.logs[log][0].read_text(errors="replace")


def test_counts_that_are_the_text_of_python_bytes_are_named(web, dataset):
    reply = web.put_run(dataset, "run", [detection(1), detection(0, segmentation=RLE)])
    assert "counts.decode()" in example(reply, "invalid_segmentation")["detail"]


def test_a_page_says_where_a_file_is_wrong(web, dataset):
    reply = web.put(f"/datasets/{dataset}/runs/run", b'[\n {"image_id": ]', accept=HTML)
    assert " (line 2, column 15)</p>" in reply.text
