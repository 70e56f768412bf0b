"""Requests that name a file of the server: only files below --import-dir can be read."""

import gzip
import json
import os
import shutil

import pytest

from client import ask_for_file as ask
from client import form, refused
from samples import array, count, detection, detections, reasons, rows, street


# ---- what can be reached ----------------------------------------------------------------------


def test_without_the_option_no_file_is_imported(web, dataset):
    refused(ask(web, dataset, "results.json"), 403, "forbidden", "--import-dir")
    refused(ask(web, dataset, "/etc/passwd"), 403, "forbidden", "--import-dir")


def test_a_file_of_the_server_becomes_a_run(inside, db, dataset, put):
    put("yolo/results.json", [*detections(3), detection(0, category_id=999)])
    reply = ask(inside, dataset, "yolo/results.json", format="coco", run_name="x")
    assert reply.status == 200, reply
    assert (reply.json()["run_name"], reply.json()["prediction_count"]) == ("x", 3)
    assert reasons(reply.json()) == {"unknown_category": 1}
    again = inside.put_run(dataset, "y", [*detections(3), detection(0, category_id=999)])
    assert reply.json()["bytes"] == again.json()["bytes"]
    assert rows(db, dataset, "x") == rows(db, dataset, "y")


@pytest.mark.parametrize("path", [
    "/etc/passwd", "{folder}/good.json", "..", "../", "../import/good.json",
    "sub/../../import/good.json", "/", "./../pg"])
def test_no_path_leads_out(inside, dataset, put, folder, path):
    put("good.json", detections(1))
    put("sub/other.json", detections(1))
    assert ask(inside, dataset, "sub/../good.json").status == 200
    reply = ask(inside, dataset, path.format(folder=folder), run_name="out")
    refused(reply, 403, "forbidden")
    assert "passwd" not in reply.text and str(folder) not in reply.text


def test_the_answer_does_not_tell_what_exists_outside(inside, dataset):
    for there, missing in (("/etc/passwd", "/etc/nothing-like-it"),
                           ("../import", "../nothing-like-it")):
        one, other = ask(inside, dataset, there), ask(inside, dataset, missing)
        assert (one.status, one.body) == (other.status, other.body)


@pytest.mark.parametrize(
    "path", ["missing.json", "missing/results.json", "good.json/results.json", "good.json/",
             "x" * 300])
def test_a_missing_file_is_404(inside, dataset, put, path):
    put("good.json", detections(1))
    refused(ask(inside, dataset, path), 404, "unknown_file")


def test_no_link_is_followed(inside, dataset, put, folder):
    put("good.json", detections(1))
    put("real/good.json", detections(1))
    for name, target in (("out.json", "/etc/passwd"), ("in.json", "good.json"),
                         ("gone.json", "nothing"),
                         ("linked", "real"), ("root", "/"), ("up", "..")):
        (folder / name).symlink_to(target)
    for path in ("out.json", "in.json", "gone.json", "linked/good.json", "root/etc/passwd",
                 "up/import/good.json"):
        refused(ask(inside, dataset, path), 403, "forbidden")
    refused(ask(inside, dataset, "linked", format="detection_annotation"), 403, "forbidden")


@pytest.mark.skipif(os.geteuid() != 0, reason="the workers are the user that runs the tests")
def test_a_file_that_the_worker_may_not_read_is_403(inside, dataset, put):
    put("secret.json", detections(1)).chmod(0o600)
    refused(ask(inside, dataset, "secret.json"), 403, "forbidden", "may not be read")


def test_a_path_that_no_file_can_have_is_400(inside, dataset):
    refused(ask(inside, dataset, "a\0b"), 400, "bad_request", "prediction_path")
    refused(ask(inside, dataset, "x/" * 2100), 400, "bad_request", "longer")
    refused(ask(inside, dataset, ""), 400, "bad_request", "empty")
    refused(ask(inside, dataset, None), 400, "bad_request", "empty")
    refused(ask(inside, dataset, 17), 400, "bad_request", "prediction_path")
    refused(ask(inside, dataset, "\ud800"), 400, "bad_request", "prediction_path")


# ---- what is asked for ------------------------------------------------------------------------


def test_a_format_is_one_of_two(inside, dataset, put):
    put("good.json", detections(1))
    refused(ask(inside, dataset, "good.json", format="yolo"), 400, "bad_request",
            "coco or detection_annotation")
    refused(ask(inside, dataset, "good.json", format=1), 400, "bad_request", "format")
    assert ask(inside, dataset, "good.json", format=None,
               run_name=None).json()["run_name"] == "good"


def test_an_unknown_member_is_400(inside, dataset, put):
    put("good.json", detections(1))
    refused(ask(inside, dataset, "good.json", split="val"), 400, "bad_request", "prediction_path")


def test_file_and_directory_are_not_taken_for_each_other(inside, dataset, put):
    put("some/good.json", detections(1))
    refused(ask(inside, dataset, "some"), 400, "bad_request", "is a directory")
    refused(ask(inside, dataset, "."), 400, "bad_request", "is a directory")
    refused(ask(inside, dataset, "some/good.json", format="detection_annotation"), 400,
            "bad_request", "is a file")


@pytest.mark.parametrize("path, body, query, expected", [
    ("a/yolov8 (1).json.gz", {}, {}, "yolov8-1"),
    ("a/b.json", {"run_name": "body"}, {}, "body"),
    ("a/b.json", {}, {"run_name": "query"}, "query"),
    ("a/b.json", {"run_name": "both"}, {"run_name": "both"}, "both"),
    ("a/b.json", {"run_name": ""}, {}, "b"),
])
def test_the_run_is_named_by_the_request_or_after_the_file(
        inside, dataset, put, path, body, query, expected):
    put(path, array(*detections(2)))
    reply = ask(inside, dataset, path, query, **body)
    assert (reply.status, reply.json()["run_name"]) == (200, expected), reply


def test_two_names_for_one_run_are_400(inside, dataset, put):
    put("b.json", detections(2))
    refused(ask(inside, dataset, "b.json", {"run_name": "one"}, run_name="other"), 400,
            "bad_request", "run_name")
    refused(ask(inside, dataset, "b.json", run_name="x" * 200), 400, "bad_request", "run_name")
    refused(ask(inside, dataset, "b.json", run_name="a b"), 400, "bad_request")
    assert inside.get(f"/datasets/{dataset}/runs").json() == {"runs": []}


def test_a_file_may_be_compressed(inside, db, dataset, put):
    put("packed.json.gz", gzip.compress(array(*detections(5000))))
    assert ask(inside, dataset, "packed.json.gz").json()["run_name"] == "packed"
    assert count(db, dataset, "packed") == 5000
    put("cut.json.gz", gzip.compress(array(*detections(5000)))[:-20])
    refused(ask(inside, dataset, "cut.json.gz"), 400, "truncated")


def test_a_file_is_all_or_nothing_and_has_conditions_like_an_upload(inside, db, dataset, put):
    put("f.json", detections(4))
    assert ask(inside, dataset, "f.json", {"dry_run": "1"}).json()["dry_run"] is True
    assert count(db, dataset, "f") == 0
    put("f.json", [*detections(4), detection(0, category_id=999)])
    refused(ask(inside, dataset, "f.json", {"max_skipped": "0"}), 422, "too_many_skipped")
    put("f.json", b"[1, ?")
    reply = ask(inside, dataset, "f.json")
    refused(reply, 400, "not_json")
    assert reply.json()["offset"] == 4
    put("f.json", b"")
    refused(ask(inside, dataset, "f.json"), 400, "empty_body")
    assert count(db, dataset, "f") == 0
    refused(ask(inside, "nobody", "f.json"), 404, "unknown_dataset")


def test_the_limit_of_bodies_holds_for_files(own_site, folder, dataset, put):
    client = own_site("--import-dir", folder, "--max-body", "10K")
    put("small.json", detections(10))
    put("large.json", detections(200))
    put("large.json.gz", gzip.compress(array(*detections(200))))
    assert ask(client, dataset, "small.json").status == 200
    refused(ask(client, dataset, "large.json"), 413, "body_too_large")
    refused(ask(client, dataset, "large.json.gz"), 413, "body_too_large")


def test_what_only_looks_like_a_request_is_a_file_of_results(inside, db, dataset, put):
    put("good.json", detections(2))
    path = f"/datasets/{dataset}/predictions?run_name=run"
    wrapped = inside.post(path, {"prediction_path": "good.json", "annotations": detections(5)})
    assert (wrapped.status, wrapped.json()["prediction_count"]) == (200, 5), wrapped
    lines = b"\n".join(json.dumps(detection(n, prediction_path="good.json")).encode()
                       for n in range(3))
    assert inside.post(path, lines).json()["prediction_count"] == 3
    request = json.dumps({"prediction_path": "good.json"}).encode()
    for body in (request + b" " * 70_000, request + request, b"[" + request + b"]", request[:-1]):
        assert inside.post(path, body).status in (400, 422)
    packed = inside.post(path, gzip.compress(request), headers={"Content-Encoding": "gzip"})
    assert packed.status == 422, packed
    body, kind = form([("file", "x.json", request)])
    assert inside.request("POST", path, body, {"Content-Type": kind}).status == 422
    assert inside.put_run(dataset, "run", request).status == 422
    assert count(db, dataset, "run") == 3
    assert inside.post(path, b" \n" + request + b"\n ").json()["prediction_count"] == 2


def test_one_request_by_hand_may_name_a_file(pgcoco, folder, dataset, put):
    put("cgi.json", detections(2))
    body = json.dumps({"prediction_path": "cgi.json"}).encode()
    done = pgcoco("--import-dir", folder, input=body, REQUEST_METHOD="POST",
                  CONTENT_LENGTH=len(body), PATH_INFO=f"/datasets/{dataset}/predictions")
    assert b"Status: 200" in done.stdout and b'"run_name" : "cgi"' in done.stdout, done


@pytest.mark.parametrize("path", ["/nothing/like/it", "file"])
def test_a_start_without_the_directory_fails_and_says_so(pgcoco, put, folder, path):
    put("file", b"")
    done = pgcoco("--import-dir", path if path[0] == "/" else folder / path, "--socket",
                  "never.sock")
    assert done.returncode == 1
    assert b"--import-dir" in done.stderr and (
        b"No such file" in done.stderr or b"Not a directory" in done.stderr)


# ---- a directory of detection_annotation files ------------------------------------------------


def annotated(filename, *annotations, categories=None, **more):
    return {"filename": filename,
            "categories": {"1": "person", "2": "car"} if categories is None else categories,
            "annotations": list(annotations), **more}


def box(class_id=1, x=0.5, y=0.25, w=0.125, h=0.5, confidence=0.5, **more):
    return {"bbox": {"x": x, "y": y, "w": w, "h": h}, "confidence": confidence,
            "class_id": class_id, **more}


def ask_directory(client, dataset, path, query=None, **more):
    return ask(client, dataset, path, query, format="detection_annotation", **more)


def test_the_sample_gives_what_the_same_boxes_give_as_coco(inside, db, name, put, data):
    sample = data("formats/data_visor")
    assert inside.put(f"/datasets/{name}", (sample / "small_coco.json").read_bytes()).status == 201
    for file in (sample / "detection_annotation").iterdir():
        put(f"sample/{file.name}", file.read_bytes())
    reply = ask_directory(inside, name, "sample")
    assert reply.status == 200, reply
    assert reply.json()["run_name"] == "yolov8n_2026-02-14"
    assert (reply.json()["prediction_count"], reply.json()["skipped_count"]) == (8, 3)
    assert reasons(reply.json()) == {"unknown_category": 1, "unknown_image": 1, "invalid_file": 1}
    details = {group["reason"]: group["examples"][0] for group in reply.json()["skipped"]}
    assert details["invalid_file"]["detail"].startswith("zz_broken.json: ")
    assert "index" not in details["invalid_file"]
    assert details["unknown_category"]["index"] == 7
    assert details["unknown_category"]["detail"].startswith("img_007.json")
    assert reply.json()["bytes"] == sum(f.stat().st_size
                                        for f in (sample / "detection_annotation").iterdir())
    assert inside.put_run(name, "coco",
                          (sample / "coco_predictions.json").read_bytes()).status == 200
    found, expected = rows(db, name, "yolov8n_2026-02-14"), rows(db, name, "coco")
    assert len(found) == len(expected) == 8
    for one, other in zip(found, expected):
        assert one[:3] == other[:3] and one[8:] == other[8:]
        assert one[3:7] == pytest.approx(other[3:7], rel=0, abs=1e-9)
        assert one[7] == pytest.approx(other[7], rel=1e-9)


def test_boxes_become_pixels_and_names_become_ids(inside, db, dataset, put):
    put("d/b.json", annotated("two.jpg", box(2, x=0, y=0, w=1, h=1, confidence=1)))
    put("d/a.json", annotated("one.jpg", box(note="kept"), box("2", x=-0.5)))
    put("d/ignored.txt", b"no JSON")
    put("d/sub/c.json", annotated("one.jpg", box()))
    put("d/sub.json/c.json", annotated("one.jpg", box()))
    reply = ask_directory(inside, dataset, "d/")
    assert (reply.status, reply.json()["run_name"], reply.json()["skipped"]) == (
        200, "d", []), reply
    assert [row[:10] for row in rows(db, dataset, "d")] == [
        (1, 1, 1, 320.0, 120.0, 80.0, 240.0, 19200.0, 0.5, False),
        (2, 1, 3, -320.0, 120.0, 80.0, 240.0, 19200.0, 0.5, False),
        (3, 2, 3, 0.0, 0.0, 640.0, 480.0, 307200.0, 1.0, False)]
    assert [row[12] for row in rows(db, dataset, "d")] == ['{"note":"kept"}', None, None]


def test_a_class_without_a_name_is_called_by_its_number(inside, db, name, put):
    ground_truth = street()
    ground_truth["categories"][0]["name"] = "class_7"
    inside.put(f"/datasets/{name}", ground_truth)
    put("e/a.json", annotated("one.jpg", box(7), box(8), box(-1),
                              categories={"8": "car", "08": "dog", "x": "dog"}))
    reply = ask_directory(inside, name, "e")
    assert (reply.status, reasons(reply.json())) == (200, {"unknown_category": 1}), reply
    assert [row[2] for row in rows(db, name, "e")] == [1, 3]
    put("e/a.json", {"filename": "one.jpg", "annotations": [box(7)]})
    assert ask_directory(inside, name, "e").json()["prediction_count"] == 1


@pytest.mark.parametrize("annotation, reason", [
    (box("person"), "wrong_type"),
    ({**box(), "class_id": None}, "missing_field"),
    ({"class_id": 1, "confidence": 1}, "missing_field"),
    ({**box(), "bbox": [1, 2, 3, 4]}, "wrong_type"),
    ({**box(), "bbox": {"x": 1, "y": 1, "w": 1}}, "invalid_bbox"),
    (box(x="0.5"), "invalid_bbox"),
    (box(w=-0.5), "invalid_bbox"),
    (box(x=1e307), "out_of_range"),
    (box(note=float("nan")), "non_finite"),
    (box(confidence="high"), "wrong_type"),
    ({"bbox": box()["bbox"], "class_id": 1}, "missing_field"),
    (17, "wrong_type"),
])
def test_each_bad_box_has_its_reason(inside, db, dataset, put, annotation, reason):
    put("bad/a.json", annotated("one.jpg", box(), annotation, box(2)))
    reply = ask_directory(inside, dataset, "bad")
    assert (reply.status, reasons(reply.json())) == (200, {reason: 1}), reply
    assert reply.json()["skipped"][0]["examples"][0]["index"] == 1
    assert [row[0] for row in rows(db, dataset, "bad")] == [1, 3]


def test_an_image_without_a_size_has_no_pixels(inside, name, put):
    ground_truth = street()
    del ground_truth["images"][0]["width"]
    inside.put(f"/datasets/{name}", ground_truth)
    put("size/a.json", annotated("one.jpg", box()))
    put("size/b.json", annotated("two.jpg", box()))
    reply = ask_directory(inside, name, "size")
    assert (reply.status, reasons(reply.json())) == (200, {"missing_field": 1}), reply


@pytest.mark.parametrize("content", [
    b"", b"{", b"17", b"[]", b"{}", b'{"filename": "one.jpg"}', b'{"annotations": []}',
    json.dumps(annotated("one.jpg", box())).encode() + b"x", b'{"filename": 1, "annotations": []}',
    b"\xff", b"[" * 100, b'{"filename": "one.jpg", "annotations": {}}',
    b'{"filename": "\\ud800", "annotations": []}'])
def test_a_file_that_is_none_is_skipped_as_a_whole(inside, db, dataset, put, content):
    put("broken/a.json", annotated("one.jpg", box()))
    put("broken/b.json", content)
    put("broken/c.json", annotated("one.jpg", box()))
    reply = ask_directory(inside, dataset, "broken")
    assert (reply.status, reasons(reply.json())) == (200, {"invalid_file": 1}), reply
    assert reply.json()["skipped"][0]["examples"][0]["detail"].startswith("b.json: ")
    assert [row[0] for row in rows(db, dataset, "broken")] == [1, 2]


def test_what_is_no_file_in_the_directory_is_an_invalid_file(inside, dataset, put, folder):
    put("mixed/a.json", annotated("one.jpg", box()))
    (folder / "mixed/b.json").symlink_to("a.json")
    os.mkfifo(folder / "mixed/c.json", 0o666)
    put("mixed/é\N{SNOWMAN}.json", b"?")
    reply = ask_directory(inside, dataset, "mixed")
    assert (reply.status, reply.json()["prediction_count"], reasons(reply.json())) == (
        200, 1, {"invalid_file": 3}), reply
    assert {example["detail"].partition(":")[0]
            for example in reply.json()["skipped"][0]["examples"]} == {
        "b.json", "c.json", "?????.json"}


def test_a_directory_of_bad_files_changes_nothing(inside, db, dataset, put):
    inside.put_run(dataset, "none", detections(3))
    put("none/a.json", b"?")
    refused(ask_directory(inside, dataset, "none"), 422, "nothing_taken")
    put("empty/readme", b"")
    refused(ask_directory(inside, dataset, "empty", run_name="none"), 422, "wrong_shape", ".json")
    assert count(db, dataset, "none") == 3
    put("none/a.json", annotated("one.jpg"))
    assert ask_directory(inside, dataset, "none").json()["prediction_count"] == 0


@pytest.mark.parametrize("infos, expected", [
    ([{"annotations_source": "yolo", "created_at": "2026-02-14T09:30:00Z"}], "yolo_2026-02-14"),
    ([None, {}, {"annotations_source": ""}, {"annotations_source": "late"}], "late"),
    ([{"annotations_source": "yolo v8!", "created_at": "yesterday"}], "yolo-v8"),
    ([{"annotations_source": 8, "created_at": "2026-02-14"}], "named"),
    ([{"annotations_source": "é" * 3000}], "named"),
])
def test_the_run_of_a_directory_is_called_after_its_source(
        inside, dataset, put, folder, infos, expected):
    shutil.rmtree(folder / "named", ignore_errors=True)
    put("named/0.json", b"no JSON")
    for n, info in enumerate(infos, 1):
        put(f"named/{n}.json",
            annotated("one.jpg", box(), **({} if info is None else {"info": info})))
    reply = ask_directory(inside, dataset, "named")
    assert (reply.status, reply.json()["run_name"], reply.json()["prediction_count"]) == (
        200, expected, len(infos)), reply
    assert ask_directory(inside, dataset, "named", run_name="mine").json()["run_name"] == "mine"


def test_a_directory_has_conditions_like_an_upload(inside, own_site, db, folder, dataset, put):
    put("cond/a.json", annotated("one.jpg", box(), box(99)))
    refused(ask_directory(inside, dataset, "cond", {"max_skipped": "0"}), 422, "too_many_skipped")
    assert ask_directory(inside, dataset, "cond", {"dry_run": "1"}).json()["dry_run"] is True
    refused(ask_directory(inside, dataset, "cond", {"category_offset": "1"}), 400, "bad_request",
            "category_offset")
    assert count(db, dataset, "cond") == 0
    client = own_site("--import-dir", folder, "--max-body", "1K", "--max-element", "600")
    assert ask_directory(client, dataset, "cond").json()["prediction_count"] == 1
    put("cond/b.json", annotated("one.jpg", *[box()] * 6))
    assert reasons(ask_directory(client, dataset, "cond").json()) == {
        "unknown_category": 1, "invalid_file": 1}
    put("cond/c.json", annotated("one.jpg", *[box()] * 6))
    refused(ask_directory(client, dataset, "cond"), 413, "body_too_large")


def test_many_files_are_read_in_the_order_of_their_names(inside, db, dataset, put):
    for n in range(2000):
        put(f"many/{n}.json", annotated("one.jpg", box(x=n / 64)))
    reply = ask_directory(inside, dataset, "many")
    assert (reply.status, reply.json()["prediction_count"]) == (200, 2000), reply
    assert [row[3] / 10 for row in rows(db, dataset, "many")] == [
        int(n) for n in sorted(str(n) for n in range(2000))]
