"""Exports as CSV, JSON Lines and labels for YOLO: the numbers of the database, whatever names."""

import csv
import gzip
import http.client
import io
import json
import subprocess
import tarfile
import zlib

import pytest

import loaders
from client import Client, refused
from samples import array, detection, detections, id_of, rows, street
from stack import DATA, wait_for

FORMATS = {"coco": ("application/json", "json"),
           "csv": ("text/csv; charset=utf-8", "csv"),
           "jsonl": ("application/jsonl", "jsonl"),
           "yolo": ("application/x-tar", "tar")}
SOURCES = [("annotations", "ground_truth"), ("runs/run/predictions", "run")]
EACH = pytest.mark.parametrize("path, source", SOURCES, ids=[source for _, source in SOURCES])
HOSTILE = ["=1+1|'x'!A0.jpg", "+1.jpg", "-1.jpg", "@SUM(1).jpg", "\t=2.jpg", "\r=3.jpg",
           "\uff1d4.jpg", 'a "b", c.jpg', "two\nlines.jpg", "tr\u00e8s \U0001f600.jpg", " a .jpg",
           "'q'.jpg", "",
           "../../etc/passwd", "/etc/passwd.jpg", "a/../b.jpg", "a//b.jpg", "./a.jpg", "a/", "..",
           "C:/images/x.jpg", "back\\slash.jpg", "nul\x01l.jpg", "\u202egnp.jpg", "line\u2028s.jpg",
           "x" * 100 + ".jpg", "\u00e9" * 110 + ".jpg", "f/" * 110 + "a.jpg", "n" * 300 + ".jpg",
           "twice.jpg", "twice.png", "TWICE.webp", "twice.jpg", "folder.txt/in.jpg", "folder.jpg",
           "data.yaml/images/a.jpg", "set/images/b.jpg", "images/images/c.jpg", "b/images",
           "images/renamed/1.jpg", "renamed/2.jpg", "images/plain.jpg", "plain.jpg", "dot./x.jpg",
           ".jpg", "no_ending", "a.b/no_ending", "one", "labels/d.jpg", "images", "left_out.txt"]


def hostile(**more):
    """A ground truth with an image of each name; classes are hostile, too."""
    classes = ["=cmd|' /C calc'!A0", 'q"uote, d', "n\nl", "\u2028\x7f\u0085\ufeff", "a # b: c", ""]
    images = [{"id": n - 3, "file_name": name, "width": 64 + n, "height": 48}
              for n, name in enumerate(HOSTILE)]
    del images[5]["width"], images[6]["height"], images[7]["file_name"]
    return {"images": images,
            "categories": [{"id": 7 * n - 9, "name": name} for n, name in enumerate(classes)],
            "annotations": [{"id": n, "image_id": n % len(images) - 3,
                             "category_id": 7 * (n % len(classes)) - 9, "bbox": box, "area": 1e-300,
                             "iscrowd": int(n % 11 == 0)}
                            for n, box in enumerate(BOXES * 20)], **more}


# Boxes that reach over an edge, lie outside, have no area, or numbers that no image has.
BOXES = [[1, 2, 3, 4], [-5, -5, 10.125, 10], [60.1, 40.7, 100, 100], [0, 0, 1e6, 1e6],
         [-1e300, 0, 1e300, 3], [1e308, 1, 1e300, 1], [-20, 3, 10, 10], [500, 3, 10, 10],
         [3, 3, 0, 5], [3, 3, 5, 0], [1.0000000000000002, 0.1, 1e-12, 5], [0, 0, 5e-324, 5e-324],
         [0.1, 0.2, 0.30000000000000004, 1e-7]]


@pytest.fixture(scope="module")
def strange(site):
    """A dataset with hostile names, and the run "run" of the same boxes."""
    web = Client(site)
    truth = hostile()
    reply = web.put("/datasets/strange", truth, {"split": "val"})
    assert reply.status == 201 and reply.json()["skipped_count"] == 0, reply
    reply = web.put_run("strange", "run", [
        {**{key: row[key] for key in ("image_id", "category_id", "bbox")},
         "score": 1 / (2 + row["id"])} for row in truth["annotations"]])
    assert reply.json()["skipped_count"] == 0, reply
    yield "strange"
    assert web.delete("/datasets/strange").status == 204


def get(web, dataset, path, query):
    reply = web.get(f"/datasets/{dataset}/{path}?{query}")
    assert reply.status == 200, reply
    return reply


def records(body):
    """The lines of a CSV file, by their columns."""
    return list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))


FIELDS = ("annotation_id", "image_id", "file_name", "image_width", "image_height", "split",
          "category_id", "category", "supercategory", "bbox_x", "bbox_y", "bbox_w", "bbox_h",
          "area", "confidence", "is_crowd")


def fields(db, dataset, source):
    """The same from the tables, in the order of the file."""
    id = id_of(db, dataset)
    return db.execute(
        "select a.annotation_id, a.image_id, i.file_name, i.width, i.height, i.split,"
        " a.category_id, k.name, k.supercategory, a.bbox_x, a.bbox_y, a.bbox_w, a.bbox_h, a.area,"
        " a.confidence, a.is_crowd"
        " from (select * from coco.annotations where dataset_id = %s::bigint and source = %s) a"
        " join coco.images i using (dataset_id, image_id)"
        " join coco.categories k using (dataset_id, category_id) order by annotation_id",
        (id, source)).fetchall()


def as_cell(value):
    """A value as a cell; numbers are compared as numbers."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value[:1] in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") - {""}:
        return "'" + value
    return "" if value is None else value


def same(cell, value):
    value = as_cell(value)
    return cell == value if isinstance(value, str) else float(cell) == value


# ---- each format ------------------------------------------------------------------------------

@EACH
def test_csv_has_the_numbers_and_names_of_the_database(web, db, strange, path, source):
    body = get(web, strange, path, "format=csv").body
    found, wanted = records(body), fields(db, strange, source)
    assert len(found) == len(wanted) == len(BOXES) * 20
    assert list(found[0]) == ["source", *FIELDS]
    for record, row in zip(found, wanted):
        assert record["source"] == source
        for name, value in zip(FIELDS, row):
            assert same(record[name], value), (name, record[name], value)
    assert body.endswith(b"\r\n") and b'\n=' not in body and b',=' not in body


def test_csv_cells_that_are_formulas_are_quoted_and_no_number_is(web, strange):
    body = get(web, strange, "annotations", "format=csv").text
    for name in HOSTILE[:5]:
        assert f'"\'{name}"' in body
    assert ',-1e+300,' in body


@EACH
def test_json_lines_are_the_rows_of_the_coco_file(web, strange, path, source):
    wanted = get(web, strange, path, "format=coco").json()
    *lines, end = get(web, strange, path, "format=jsonl").text.split("\n")
    assert end == "" and [json.loads(line) for line in lines] == (
        wanted if source == "run" else wanted["annotations"])


def test_json_lines_are_imported_again_and_stay_one_line_each(web, db, dataset):
    """Masks and other members keep the white space of their file, but for line breaks."""
    body = json.dumps([detection(n, segmentation=[[1, 1, 9, 1, 9, 9]], keypoints=[1, 2, 1],
                                 more={"a\n": [n, "\n\r"]}) for n in range(5)]
                      + [{"image_id": 1, "category_id": 3, "score": 1e-17,
                          "segmentation": [[1, 1, 90, 1, 90, 90]]}], indent=1)
    assert web.put_run(dataset, "run", body.replace("\n", "\r\n")).status == 200
    lines = get(web, dataset, "runs/run/predictions", "format=jsonl").body
    assert lines.count(b"\n") == 6 and b"\r" not in lines
    reply = web.put_run(dataset, "again", lines).json()
    assert (reply["prediction_count"], reply["skipped_count"]) == (6, 0)
    assert parsed(rows(db, dataset, "again")) == parsed(rows(db, dataset, "run"))
    assert get(web, dataset, "runs/again/predictions", "format=jsonl").body == lines


def parsed(rows):
    return [[json.loads(value) if isinstance(value, str) else value for value in row]
            for row in rows]


def test_ids_that_are_texts_are_those_of_the_file(web, name):
    truth = street()
    for image in truth["images"]:
        image["id"] = f"={image['id']}\""
    for annotation in truth["annotations"]:
        annotation["image_id"] = f"={annotation['image_id']}\""
    assert web.put(f"/datasets/{name}", truth).status == 201
    found = records(get(web, name, "annotations", "format=csv").body)
    assert [record["image_id"] for record in found] == [
        "'" + annotation["image_id"] for annotation in truth["annotations"]]
    lines = get(web, name, "annotations", "format=jsonl").text.splitlines()
    assert [json.loads(line)["image_id"] for line in lines] == [
        annotation["image_id"] for annotation in truth["annotations"]]


# ---- labels -----------------------------------------------------------------------------------

def shares(row, classes):
    """A line of labels as Python computes it; the number of the reason where there is none."""
    width, height, category, x, y, w, h, score, crowd = row
    if not width or not height:
        return 3
    if crowd:
        return 1
    x1, x2, y1, y2 = (min(max(edge, 0.0), float(size)) for edge, size in
                      ((x, width), (x + w, width), (y, height), (y + h, height)))
    if x2 - x1 < 1e-9 or y2 - y1 < 1e-9:
        return 2
    return [classes.index(category), (x1 + x2) / 2 / width, (y1 + y2) / 2 / height,
            (x2 - x1) / width, (y2 - y1) / height, *([] if score is None else [score])]


@EACH
def test_labels_are_the_boxes_of_the_database_as_shares(web, db, strange, path, source):
    files = loaders.members(get(web, strange, path, "format=yolo").body)
    classes = [id for id, in db.execute("select category_id from coco.categories where dataset_id"
                                        " = %s order by 1", (id_of(db, strange),))]
    wanted, left_out = {}, {1: 0, 2: 0, 3: 0}
    for row in fields(db, strange, source):
        line = shares((*row[3:5], row[6], *row[9:13], *row[14:16]), classes)
        if isinstance(line, int):
            left_out[line] += 1
        else:
            wanted.setdefault(row[1], []).append(line)
    assert all(left_out.values()) if source == "ground_truth" else left_out[2] and left_out[3]
    assert fates(files) == [sum(map(len, wanted.values())), *left_out.values()]
    for id, name in label_names(files).items():
        lines = [[float(number) for number in line.split()]
                 for line in files[name].decode().splitlines()]
        assert lines == wanted.pop(id, []), HOSTILE[id + 3]
    assert not wanted


def fates(files):
    """How many rows have a line, and how many have none, by reason."""
    return [int(line.split("\t")[0]) for line in files["left_out.txt"].decode().splitlines()]


def label_names(files):
    """{image_id: member} of strange: those that were renamed, and those that have their names."""
    renamed = {}
    for line in files["renamed.tsv"].decode().split("\n")[:-1]:
        id, picture, labels, name = line.split("\t")
        assert loaders.label_path(with_ending("/" + picture))[1:] == labels
        assert (json.loads(name) if name else None) == shown(int(id) + 3)
        renamed[int(id)] = labels
    without = {int(line.split("\t")[0])
               for line in files["left_out_images.tsv"].decode().split("\n")[:-1]}
    assert without == {5 - 3, 6 - 3}
    pictures = loaders.listed(files, "val.txt")
    own = {HOSTILE.index(found) - 3: loaders.label_path(with_ending(picture))[1:]
           for picture in pictures
           if (found := own_name(picture))}
    assert not own.keys() & renamed.keys()
    assert len(own) + len(renamed) == len(HOSTILE) - 2 == len(pictures)
    return {**renamed, **own}


def with_ending(picture):
    """ultralytics reads no picture without an ending. If it did, it would cut the folder "a.b"."""
    return picture if "." in picture.rpartition("/")[2] else picture + ".jpg"


def shown(place):
    return None if place == 7 else HOSTILE[place]


def own_name(picture):
    """The file name of a picture that kept it."""
    if picture.startswith("/images/renamed/") and picture[16:17].lstrip("-").isdigit() or (
            picture.startswith("/images/renamed/-")):
        return None
    return next(name for name in (picture[1:], picture[len("/images/"):]) if name in HOSTILE)


def test_only_names_that_cannot_stay_are_changed(web, strange):
    files = loaders.members(get(web, strange, "annotations", "format=yolo").body)
    kept = {own_name(picture) for picture in loaders.listed(files, "val.txt")} - {None}
    assert kept == {HOSTILE[0], "+1.jpg", "-1.jpg", "@SUM(1).jpg", "tr\u00e8s \U0001f600.jpg",
                    "'q'.jpg", "x" * 100 + ".jpg", "\u00e9" * 110 + ".jpg",
                    "f/" * 110 + "a.jpg", "twice.jpg", "folder.jpg", "set/images/b.jpg",
                    "images/images/c.jpg", "images/plain.jpg", ".jpg", "no_ending", "a.b/no_ending",
                    "one", "labels/d.jpg", "images", "left_out.txt", "b/images"}


def test_tar_unpacks_it(web, strange, tmp_path):
    body = get(web, strange, "annotations", "format=yolo").body
    done = subprocess.run(["tar", "-x", "-C", tmp_path], input=body, capture_output=True,
                          check=True)
    assert done.stderr == b""
    found = {str(path.relative_to(tmp_path)): path.read_bytes()
             for path in tmp_path.rglob("*") if path.is_file()}
    assert found == loaders.members(body)


@pytest.mark.parametrize("fraction", ["000000", "499999", "500000", "999999"])
def test_no_member_of_a_tar_is_from_the_future(web, db, strange, fraction):
    db.execute("update coco.sources set imported_at = %s::timestamptz where dataset_id = %s::bigint"
               " and source = 'ground_truth'",
               (f"2026-01-02 03:04:05.{fraction}+00", id_of(db, strange)))
    body = get(web, strange, "annotations", "format=yolo").body
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        assert {member.mtime for member in tar} == {1767323045}


def test_class_names_of_any_text_are_in_the_order_of_ids(web, strange):
    data = loaders.members(get(web, strange, "annotations", "format=yolo").body)["data.yaml"]
    wanted = [category["name"] for category in hostile()["categories"]]
    assert list(loaders.yaml(data)["names"].values()) == wanted
    assert all(char.isprintable() for char in data.decode().replace("\n", ""))


def test_splits_are_lists(web, db, name):
    web.put(f"/datasets/{name}", street(), {"split": "train"})
    data = lambda: loaders.yaml(loaders.members(
        get(web, name, "annotations", "format=yolo").body)["data.yaml"])
    assert (data()["train"], data()["val"]) == ("train.txt", "train.txt")
    id = id_of(db, name)
    for image, split in ((2, "val"), (3, "test")):
        db.execute("insert into coco.splits values (%s, %s, 1)", (id, split))
        db.execute("update coco.images set split = %s where dataset_id = %s and image_id = %s",
                   (split, id, image))
    files = loaders.members(get(web, name, "annotations", "format=yolo").body)
    assert {part: loaders.listed(files, data()[part]) for part in ("train", "val", "test")} == {
        "train": ["/images/one.jpg"], "val": ["/images/two.jpg"], "test": ["/images/three.jpg"]}
    db.execute("update coco.images set split = null where dataset_id = %s", (id,))
    assert data()["train"] == data()["val"] == "_no_split.txt"
    db.execute("update coco.images set split = 'night' where dataset_id = %s and image_id = 1",
               (id,))
    assert data()["train"] == data()["val"] == ["_no_split.txt", "night.txt"]


def test_an_export_of_nothing_is_a_whole_file(web, name):
    web.put(f"/datasets/{name}", {"images": [], "annotations": [], "categories": []})
    web.put_run(name, "run", b"[]")
    for path, _ in SOURCES:
        assert records(get(web, name, path, "format=csv").body) == []
        assert get(web, name, path, "format=jsonl").body == b""
        files = loaders.members(get(web, name, path, "format=yolo").body)
        assert loaders.ultralytics(files) == {} and set(files) == {"data.yaml", "left_out.txt"}


# ---- programs that load them ------------------------------------------------------------------

@pytest.mark.parametrize("query", ["", "&slice=some", "&category=person"])
def test_exports_load_where_people_take_them(web, dataset, query):
    web.put_run(dataset, "run", detections(30))
    web.put(f"/datasets/{dataset}/slices/some", {"image_ids": [1, 3]})
    truth = get(web, dataset, "annotations", "format=coco" + query).json()
    results = get(web, dataset, "runs/run/predictions",
                  "format=coco" + query + "&source=ground_truth" * (query != "")).json()
    assert truth["images"] and results
    loaders.pycocotools(truth, results)
    loaders.fiftyone(truth, results)
    labels = [loaders.ultralytics(loaders.members(
        get(web, dataset, path, "format=yolo" + query).body), columns)
        for (path, _), columns in zip(SOURCES, (5, 6))]
    crowds = sum(row["iscrowd"] for row in truth["annotations"])
    assert sum(map(len, labels[0].values())) == len(truth["annotations"]) - crowds
    assert len(labels[0]) == len(truth["images"])
    if not query:
        assert sum(map(len, labels[1].values())) == len(results)


@pytest.mark.parametrize("truth, results", [
    ("coco_val2014_100/instances_val2014_100.json",
     "coco_val2014_100/instances_val2014_fakebbox100_results.json"),
    ("synthetic_bbox/pair.gt.json", "synthetic_bbox/pair.dt.json")])
def test_exports_of_real_files_load(web, name, truth, results):
    if not (DATA / truth).exists():
        pytest.skip(f"{truth} is not here")
    assert web.put(f"/datasets/{name}", (DATA / truth).read_bytes()).status == 201
    assert web.put_run(name, "run", (DATA / results).read_bytes()).status == 200
    out = [get(web, name, path, "format=coco").json() for path, _ in SOURCES]
    loaders.pycocotools(*out)
    loaders.fiftyone(*out)
    for (path, _), columns in zip(SOURCES, (5, 6)):
        files = loaders.members(get(web, name, path, "format=yolo").body)
        loaded = loaders.ultralytics(files, columns)
        left_out = sum(fates(files)[1:])
        rows = out[0]["annotations"] if columns == 5 else out[1]
        assert sum(map(len, loaded.values())) == len(rows) - left_out > 0


# ---- the answer -------------------------------------------------------------------------------

@pytest.mark.parametrize("format", FORMATS)
@EACH
def test_the_head_and_the_bytes(shell, web, dataset, path, source, format):
    kind, ending = FORMATS[format]
    web.put_run(dataset, "run", detections(20))
    reply = get(web, dataset, path, f"format={format}")
    assert reply.headers["Content-Type"] == kind
    name = dataset if source == "ground_truth" else "run"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{name}.{ending}"'
    packed = get(web, dataset, path, f"format={format}&gzip=1")
    assert packed.headers["Content-Type"] == "application/gzip"
    assert packed.headers["Content-Disposition"] == f'attachment; filename="{name}.{ending}.gz"'
    assert gzip.decompress(packed.body) == reply.body
    head = web.request("HEAD", f"/datasets/{dataset}/{path}?format={format}&gzip=1")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Disposition"] == packed.headers["Content-Disposition"]
    words = [dataset, "run"] if source == "run" else [dataset]
    shell.run("export", *words, "--format", format, "-o", "file")
    assert (shell.folder / "file").read_bytes() == reply.body
    shell.run("export", *words, "--format", format, "--gzip", "-o", "file.gz")
    assert gzip.decompress((shell.folder / "file.gz").read_bytes()) == reply.body


def test_the_command_knows_the_formats_and_parts_of_a_dataset(shell, web, dataset):
    _, err = shell.run("export", dataset, "--format", "xml", status=2)
    assert err == 'pgcoco export: --format takes coco, csv, jsonl or yolo, not "xml"\n'
    web.put(f"/datasets/{dataset}/slices/some", {"image_ids": [1]})
    out, _ = shell.run("export", dataset, "--slice", "some", "--format", "csv")
    assert out.encode() == get(web, dataset, "annotations", "slice=some&format=csv").body
    _, err = shell.run("export", dataset, "--split", "none", status=1)
    assert "has no split none" in err


EXPORTING = ("select pid from pg_stat_activity where query ~ '^\\s*copy \\(' and"
             " pid <> pg_backend_pid() and state = 'active'")


@pytest.fixture(scope="module")
def large(site):
    """A dataset whose run has so many digits that it fits into no socket, compressed either."""
    web = Client(site)
    assert web.put("/datasets/large", street(), {"split": "val"}).status == 201
    assert web.put_run("large", "run", [
        {"image_id": 1 + n % 3, "category_id": 1, "score": 1 / (n + 7),
         "bbox": [n / 700001, 2, 1 + n / 800003, 2 + n / 900001]} for n in range(120_000)
    ]).status == 200
    yield "large"
    assert web.delete("/datasets/large").status == 204


@pytest.mark.parametrize("query", [f"format={format}{more}" for format in FORMATS
                                   for more in ("", "&gzip=1", "&split=val")])
def test_a_failure_in_the_middle_is_seen(web, large, db, query):
    received = b""
    with web.stream(f"/datasets/{large}/runs/run/predictions?{query}") as reply:
        received += reply.read(1000)
        pid, = wait_for(lambda: db.execute(EXPORTING).fetchone(), "the export's backend")
        db.execute("select pg_terminate_backend(%s)", (pid,))
        with pytest.raises(http.client.IncompleteRead) as broken:
            reply.read()
        received += broken.value.partial
    if "gzip" in query:
        unpacker = zlib.decompressobj(31)
        received = unpacker.decompress(received)
        assert not unpacker.eof
    if "yolo" in query:
        assert received[-1024:] != bytes(1024)


# ---- what is refused --------------------------------------------------------------------------

@pytest.mark.parametrize("path, query, status, code, word", [
    ("annotations", "format=xml", 400, "bad_request", "coco or csv or jsonl or yolo"),
    ("annotations", "gzip=yes", 400, "bad_request", "gzip"),
    ("annotations", "split=none", 400, "bad_request", "no split none"),
    ("annotations", "slice=none", 404, "unknown_slice", "none"),
    ("annotations", "category=99", 400, "bad_request", "category 99"),
    ("annotations", "source=none", 404, "unknown_run", "none"),
    ("annotations", "min_confidence=0.5", 400, "bad_request", "give the run as source"),
    ("annotations", "outcome=missed", 400, "bad_request", "give the run as source"),
    ("runs/run/predictions", "outcome=missed", 404, "no_matches", "run"),
    ("runs/run/predictions", "sort=size", 400, "bad_request", "sort"),
    ("runs/run/predictions", "limit=5", 400, "bad_request", "limit")])
def test_what_makes_no_sense_is_refused_before_the_file_begins(
        web, dataset, path, query, status, code, word):
    web.put_run(dataset, "run", array(detection()))
    refused(web.get(f"/datasets/{dataset}/{path}?{query}"), status, code, word)
