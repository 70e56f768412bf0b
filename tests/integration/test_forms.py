"""What browsers and curl -F send, and the pages that they get."""

import gzip
import json
import re

import pytest

from client import HTML, form
from samples import array, big_results, count, detection, detections, rows, street
from stack import wait_for


def location(reply):
    """The path that a redirect leads to."""
    return re.sub(r"^https?://[^/]+", "", reply.headers["Location"])


@pytest.mark.parametrize("method, path",
                         [("POST", "/datasets/{}/predictions"), ("PUT", "/datasets/{}/runs/run")])
def test_a_form_imports_a_run(web, db, dataset, method, path):
    reply = web.post_form(path.format(dataset),
                          [("run_name", "run"), ("file", "any.json", detections(3))], method)
    assert reply.status == 200, reply
    assert (reply.json()["run_name"], reply.json()["prediction_count"]) == ("run", 3)
    assert count(db, dataset, "run") == 3


@pytest.mark.parametrize("filename, expected", [
    ("yolov8.json", "yolov8"),
    ("yolov8 (1).json", "yolov8-1"),
    ("C:\\\\fake\\\\yolo.json", "yolo"),
    ("results", "results"),
    ("v1.2.final.json", None),
    ("../../etc/passwd", "passwd"),
    ("lines.jsonl", "lines"),
    ("yolo.JSON.gz", "yolo"),
    ("yolo.json.GZ.Zst", "yolo"),
    ("yolo.zip", "yolo.zip"),
])
def test_a_run_is_called_after_its_file(web, dataset, filename, expected):
    reply = web.post_form(f"/datasets/{dataset}/predictions", [("file", filename, detections(1))])
    assert reply.status == 200, reply
    if expected:
        assert reply.json()["run_name"] == expected
    assert re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]{0,62}", reply.json()["run_name"])


def test_an_empty_run_name_is_no_name(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions",
                          [("run_name", ""), ("file", "mine.json", "[]")])
    assert (reply.status, reply.json()["run_name"]) == (200, "mine")


def test_a_run_name_after_the_file_is_400(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions", [
        ("file", "any.json", detections(1)), ("run_name", "late")])
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply
    assert "run_name" in reply.json()["detail"] and "file" in reply.json()["detail"]
    assert web.get(f"/datasets/{dataset}/runs").json() == {"runs": []}


@pytest.mark.parametrize("parts", [[], [("run_name", "x")], [("run_name", "x"), ("other", "y")]])
def test_a_form_without_a_file_is_400(web, dataset, parts):
    reply = web.post_form(f"/datasets/{dataset}/predictions", parts)
    assert reply.status == 400, reply
    assert reply.json()["code"] in ("bad_request", "truncated", "empty_body")


def test_a_form_with_an_empty_file_is_400(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions",
                          [("run_name", "x"), ("file", "", b"")])
    assert reply.status == 400, reply
    assert "file" in reply.json()["detail"]


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=",
                                  "multipart/form-data; boundary=" + "x" * 200,
                                  "multipart/form-data; boundary=\"x"])
def test_a_form_without_a_usable_boundary_is_400(web, dataset, kind):
    body, _ = form([("file", "x.json", "[]")])
    reply = web.request("POST", f"/datasets/{dataset}/predictions", body, {"Content-Type": kind})
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply


def test_a_form_that_ends_too_early_is_not_imported(web, dataset):
    body, kind = form([("run_name", "run"), ("file", "x.json", detections(3))])
    for cut in (3, 20, len(body) - 20, len(body) - 200):
        reply = web.request("POST", f"/datasets/{dataset}/predictions", body[:-cut],
                            {"Content-Type": kind})
        assert reply.status == 400, (cut, reply)
    assert web.get(f"/datasets/{dataset}/runs").json() == {"runs": []}


# Much of this looks like the boundary for a while.
TRICKY = (b"\r\n[\r\n\r\r\n" + json.dumps(detection(0, remark="--BOUND--")).encode()
          + b"\r\n,\r\n"
          + b'{"image_id": 1, "category_id": 1, "bbox": [\r\n-1,\r\n-2.5, 3, 4], "score":\r\n-0.5,'
          + b' "dashes": ["\\r\\n--BOUN", "--BOUND", "-----------"]}' + b"\r\n]\r\n\r\n\r")


@pytest.mark.parametrize("boundary", ["BOUND", "-", "--", "-1", "--BOUND", "a'()+_,-./:=?b"])
def test_bytes_like_the_boundary_belong_to_the_file(web, db, dataset, boundary):
    body, _ = form([("run_name", "run"), ("file", "x.json", TRICKY)], boundary)
    if f"\r\n--{boundary}".encode() in TRICKY:
        pytest.fail("the sample holds a real boundary")
    reply = web.request("POST", f"/datasets/{dataset}/predictions",
                        b"a preamble\r\n" + body + b"an epilogue",
                        {"Content-Type": f'multipart/form-data; charset=utf-8;'
                                         f' boundary="{boundary}"'})
    assert reply.status == 200, reply
    found = rows(db, dataset, "run")
    assert [row[3:5] for row in found] == [(0.0, 2.5), (-1.0, -2.5)]
    assert json.loads(found[1][12])["dashes"] == ["\r\n--BOUN", "--BOUND", "-----------"]
    assert reply.json()["bytes"] == len(TRICKY)


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_a_form_may_arrive_byte_by_byte(web, dataset, chunked):
    body, kind = form([("run_name", "slow"), ("file", "x.json", TRICKY)], "BOUND")
    with web.sender("POST", f"/datasets/{dataset}/predictions", {"Content-Type": kind},
                    None if chunked else len(body)) as sender:
        for byte in body:
            sender.send(bytes([byte]))
        reply = sender.reply()
    assert reply.status == 200, reply
    assert (reply.json()["run_name"], reply.json()["prediction_count"]) == ("slow", 2)


def test_the_offset_of_an_error_counts_from_the_files_first_byte(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions",
                          [("run_name", "x"), ("file", "x.json", "[1, ?]")])
    assert (reply.status, reply.json()["code"], reply.json()["offset"]) == (400, "not_json", 4)


def test_other_content_types_are_the_file_itself(web, dataset):
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/octet-stream",
                 "multipart/mixed"):
        reply = web.put(f"/datasets/{dataset}/runs/run", detections(2),
                        headers={"Content-Type": kind})
        assert (reply.status, reply.json()["prediction_count"]) == (200, 2)


def test_chunked_bodies_are_imported(web, db, dataset):
    body = array(*detections(2000))
    pieces = (body[at:at + 1000] for at in range(0, len(body), 1000))
    reply = web.request("PUT", f"/datasets/{dataset}/runs/run", pieces)
    assert (reply.status, reply.json()["prediction_count"], reply.json()["bytes"]) == (
        200, 2000, len(body))
    assert count(db, dataset, "run") == 2000


def test_a_client_that_expects_100_continue_gets_it(web, dataset):
    body = array(*detections(2))
    with web.sender("PUT", f"/datasets/{dataset}/runs/run", {"Expect": "100-continue"},
                    len(body)) as sender:
        assert sender.interim() == b"HTTP/1.1 100 Continue"
        sender.send(body)
        assert sender.reply().json()["prediction_count"] == 2


def test_curl_uploads_files_and_forms(web, dataset, tmp_path):
    path = tmp_path / "yolov8 (1).json"
    path.write_bytes(array(*detections(20_000)))  # large enough for curl to expect 100-continue
    for args in (["-T", path], ["-T", "-", "-H", "Transfer-Encoding: chunked"],
                 ["-X", "PUT", "--data-binary", f"@{path}"]):
        with open(path, "rb") as stdin:
            code, status, _, body = web.curl(f"/datasets/{dataset}/runs/run", *args, stdin=stdin)
        assert (code, status, json.loads(body)["prediction_count"]) == (0, 200, 20_000)
    code, status, _, body = web.curl(f"/datasets/{dataset}/predictions", "-F", f"file=@{path}")
    assert (code, status, json.loads(body)["run_name"]) == (0, 200, "yolov8-1")
    code, status, _, body = web.curl(f"/datasets/{dataset}/predictions", "-F", "run_name=x", "-F",
                                     f"file=@{path}")
    assert (code, status, json.loads(body)["run_name"]) == (0, 200, "x")


def test_the_first_page_has_forms_and_one_script(web):
    """That one leads to the web page."""
    reply = web.get("/", accept=HTML)
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")
    assert re.findall("<script[^>]*>[^<]*", reply.text.lower()) == ['<script src="/web/enter.js">']
    assert len(re.findall("<form", reply.text.lower())) == 2
    assert 'enctype="multipart/form-data"' in reply.text


def test_the_predictions_form_leads_to_a_page_with_the_outcome(web, db, dataset):
    reply = web.post_form("/predictions", [
        ("dataset", dataset), ("run_name", ""),
        ("file", "model.json", [*detections(3), detection(4, category_id=999)])], accept=HTML)
    assert reply.status == 303, reply
    assert location(reply).startswith("/imports/")

    page = web.get(location(reply), accept=HTML)

    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    for word in (dataset, "model", "3", "unknown_category", "999"):
        assert word in page.text
    document = web.get(location(reply)).json()
    assert (document["state"], document["outcome"]["prediction_count"]) == ("done", 3)
    assert count(db, dataset, "model") == 3


@pytest.mark.parametrize("parts, code, word", [
    ([("dataset", "nobody"), ("run_name", "r"), ("file", "x.json", "[]")], "unknown_dataset",
     "nobody"),
    ([("dataset", "{}"), ("run_name", "r"), ("file", "x.json", "[1, ?")], "not_json", "4"),
    ([("dataset", "{}"), ("run_name", "r"), ("file", "x.json", "17")], "wrong_shape", ""),
    ([("dataset", "{}"), ("run_name", "r"), ("file", "x.json", [detection(1, category_id=999)])],
     "nothing_taken", "unknown_category"),
    ([("dataset", "{}"), ("run_name", "r"), ("file", "", "")], "bad_request", "file"),
    ([("dataset", "{}"), ("run_name", "<b>"), ("file", "x.json", "[]")], "bad_request", ""),
    ([("dataset", "<script>"), ("run_name", "r"), ("file", "x.json", "[]")], None, ""),
], ids=lambda value: value if isinstance(value, str) else "")
def test_the_predictions_form_leads_to_a_page_with_the_error(web, dataset, parts, code, word):
    parts = [(name, *(value.format(dataset) if value == "{}" and name == "dataset" else value
                      for value in rest))
             for name, *rest in parts]
    reply = web.post_form("/predictions", parts, accept=HTML)
    # An import that never began has no page of its own: its answer is the page.
    page = web.get(location(reply), accept=HTML) if reply.status == 303 else reply
    assert page.headers["Content-Type"].startswith("text/html")
    assert word in page.text
    assert "<script" not in page.text and "<b>" not in page.text
    if reply.status != 303:
        assert reply.status in (400, 404) and code in ("unknown_dataset", "bad_request", None)
        return
    document = web.get(location(reply)).json()
    assert document["state"] == "failed"
    assert document["outcome"]["code"] == code or code is None
    assert document["outcome"]["detail"]


def test_a_dataset_is_added_by_a_form(web, name):
    reply = web.post_form("/datasets",
                          [("name", name), ("split", "val"), ("file", "gt.json", street())])
    assert reply.status == 201, reply
    assert reply.headers["Location"].endswith(f"/datasets/{name}")
    assert (reply.json()["annotation_count"], reply.json()["splits"]) == (4, ["val"])


def test_a_browser_that_adds_a_dataset_lands_on_a_page(web, name):
    parts = [("name", name), ("split", ""), ("file", "gt.json", street())]
    reply = web.post_form("/datasets", parts, accept=HTML)
    assert reply.status == 303, reply
    page = web.get(location(reply), accept=HTML)
    assert page.status == 200 and name in page.text
    assert web.get(f"/datasets/{name}").json()["splits"] == []

    again = web.post_form("/datasets", parts, accept=HTML)

    assert again.status == 409, again
    assert "dataset_exists" in again.text


def test_a_put_form_may_set_the_split(web, name):
    reply = web.post_form(f"/datasets/{name}", [("split", "test"), ("file", "gt.json", street())],
                          "PUT")
    assert (reply.status, reply.json()["splits"]) == (201, ["test"]), reply


def test_a_dataset_form_with_the_name_after_the_file_is_400(web, name):
    reply = web.post_form("/datasets", [("file", "gt.json", street()), ("name", name)])
    assert (reply.status, reply.json()["code"]) == (400, "bad_request")
    assert web.get(f"/datasets/{name}").status == 404


def test_the_page_of_an_import_begins_with_what_came_of_it(web, dataset):
    rows = array(*detections(3), detection(0, category_id=999))
    reply = web.post_form("/predictions",
                          [("dataset", dataset), ("run_name", "run"), ("file", "a.json", rows)])
    page = web.get(reply.headers["Location"], accept=HTML).text
    assert '<p class="message">imported 3 predictions as run run of ' in page
    reply = web.post_form("/predictions",
                          [("dataset", dataset), ("run_name", "run"), ("file", "a.json", b"[")])
    page = web.get(reply.headers["Location"], accept=HTML).text
    assert ('<p class="message">the JSON ends in the middle; upload the whole file'
            ' (line 1, column 2)</p>') in page


def test_what_the_address_names_need_not_be_a_field(web, dataset):
    reply = web.post_form("/predictions?run_name=named",
                          [("dataset", dataset), ("file", "a.json", array(*detections(2)))])
    assert reply.status == 303
    assert web.get(f"/datasets/{dataset}/runs/named").json()["prediction_count"] == 2


# ---- several files in one form ----------------------------------------------------------------


def run_names(web, dataset):
    return [run["run_name"] for run in web.get(f"/datasets/{dataset}/runs").json()["runs"]]


def test_each_file_of_a_form_becomes_a_run(web, db, dataset, token):
    reply = web.post_form(f"/datasets/{dataset}/predictions?import={token}", [
        ("file", "first.json", detections(2)),
        ("file", "second.json", [*detections(3), detection(0, category_id=999)])])
    assert reply.status == 200, reply
    assert set(reply.json()) == {"runs", "message"}
    assert [(run["run_name"], run["prediction_count"], run["skipped_count"], run["import"])
            for run in reply.json()["runs"]] == [("first", 2, 0, token), ("second", 3, 1, token)]
    assert reply.json()["message"] == "imported 2 files as the runs first, second"
    assert [count(db, dataset, run) for run in ("first", "second")] == [2, 3]
    imports = web.import_state(token)
    assert (imports["run_name"], imports["outcome"]) == ("second", reply.json()["runs"][1])
    assert [(one["state"], one["outcome"]) for one in imports["imports"]] == [
        ("done", run) for run in reply.json()["runs"]]


def test_what_a_form_has_imported_is_known_while_the_next_file_comes(web, dataset, token):
    body, kind = form([("file", "first.json", detections(2)),
                       ("file", "second.json", b"".join(big_results(400_000)))])
    with web.sender("POST", f"/datasets/{dataset}/predictions?import={token}",
                    {"Content-Type": kind}) as sender:
        sender.send(body[:-100_000])
        now = wait_for(lambda: (now := web.import_state(token)).get("imports")
                       and now["state"] == "running" and now,
                       "the second import, running")
        assert [(one["run_name"], one["state"]) for one in now["imports"]] == [("first", "done")]
        assert run_names(web, dataset) == ["first"]
        sender.send(body[-100_000:])
        reply = sender.reply()
    assert (reply.status, len(reply.json()["runs"])) == (200, 2), reply
    assert run_names(web, dataset) == ["first", "second"]


def test_one_file_is_answered_without_a_list(web, dataset, token):
    reply = web.post_form(f"/datasets/{dataset}/predictions?import={token}",
                          [("file", "only.json", detections(2))])
    assert (reply.status, reply.json()["run_name"]) == (200, "only")
    assert "imports" not in web.import_state(token)


def test_each_file_may_be_compressed_on_its_own(web, db, dataset):
    body, kind = form([("file", "a.json", detections(3)),
                       ("file", "b.json.gz", gzip.compress(array(*detections(4)))),
                       ("file", "c.json", array(*detections(5)))])
    reply = web.request("POST", f"/datasets/{dataset}/predictions", body, {"Content-Type": kind})
    assert reply.status == 200, reply
    assert [count(db, dataset, run) for run in "abc"] == [3, 4, 5]
    twice = web.request("POST", f"/datasets/{dataset}/predictions", gzip.compress(body),
                        {"Content-Type": kind, "Content-Encoding": "gzip"})
    assert (twice.status, twice.json()["code"], twice.json()["file"]) == (
        415, "unsupported_media_type", "b.json.gz"), twice
    assert twice.json()["published"] == ["a"]


def test_several_files_may_arrive_byte_by_byte(web, dataset):
    body, kind = form([("file", "a.json", TRICKY), ("file", "b.json", b"[]"),
                       ("file", "c.json", TRICKY)], "BOUND")
    with web.sender("POST", f"/datasets/{dataset}/predictions", {"Content-Type": kind}) as sender:
        for byte in body:
            sender.send(bytes([byte]))
        reply = sender.reply()
    assert reply.status == 200, reply
    assert [run["prediction_count"] for run in reply.json()["runs"]] == [2, 0, 2]


def test_two_files_of_one_name_are_400_before_the_first_is_published(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions", [
        ("file", "a/same.json", detections(2)), ("file", "b/same.json.gz", detections(3))])
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply
    assert reply.json()["detail"] == "two files of the form would become the run same"
    assert run_names(web, dataset) == []


def test_a_name_that_comes_back_later_fails_the_file_before_it(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions", [
        ("file", "a.json", detections(2)), ("file", "b.json", detections(3)),
        ("file", "a.json", detections(4))])
    assert (reply.status, reply.json()["file"], reply.json()["published"]) == (
        400, "b.json", ["a"]), reply
    assert run_names(web, dataset) == ["a"]


@pytest.mark.parametrize("query, fields", [("?run_name=x", []), ("", [("run_name", "x")])],
                         ids=["query", "field"])
def test_a_run_name_for_two_files_is_400(web, dataset, query, fields):
    reply = web.post_form(f"/datasets/{dataset}/predictions{query}", [
        *fields, ("file", "a.json", detections(2)), ("file", "b.json", detections(3))])
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply
    assert "run_name names one run" in reply.json()["detail"]
    assert run_names(web, dataset) == []


def test_a_bad_second_file_leaves_the_first_published(web, db, dataset, token):
    web.put_run(dataset, "second", detections(7))
    reply = web.post_form(f"/datasets/{dataset}/predictions?import={token}", [
        ("file", "first.json", detections(2)), ("file", "second.json", "[1, ?]"),
        ("file", "third.json", detections(2))])
    assert (reply.status, reply.json()["code"], reply.json()["offset"]) == (
        400, "not_json", 4), reply
    assert (reply.json()["file"], reply.json()["published"]) == ("second.json", ["first"])
    assert [count(db, dataset, run) for run in ("first", "second", "third")] == [2, 7, 0]
    imports = web.import_state(token)
    assert (imports["state"], imports["outcome"]) == ("failed", reply.json())
    assert [(one["run_name"], one["state"])
            for one in imports["imports"]] == [("first", "done"), ("second", "failed")]


def test_a_bad_first_file_is_answered_like_an_only_one(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions", [
        ("file", "first.json", "17"), ("file", "second.json", detections(2))])
    assert (reply.status, reply.json()["code"]) == (422, "wrong_shape"), reply
    assert "published" not in reply.json()
    assert run_names(web, dataset) == []


def test_the_name_of_a_failed_file_is_shown_as_text_whatever_it_holds(web, dataset):
    body, kind = form([("file", "a.json", detections(1)), ("file", "FILE", "[?]")])
    for name, shown in ((b"\xff\xe9b.json", "??b.json"),
                        ("éb\\\\c.json".encode(), "éb\\c.json")):
        reply = web.request("POST", f"/datasets/{dataset}/predictions", body.replace(b"FILE", name),
                            {"Content-Type": kind})
        assert (reply.status, reply.json()["file"]) == (400, shown), reply


def test_a_form_cut_off_behind_its_first_file_publishes_nothing(web, dataset):
    body, kind = form([("file", "a.json", detections(2)), ("file", "b.json", detections(3))],
                      "BOUND")
    second = body.index(b"--BOUND", 10)
    headers_end = body.index(b"\r\n\r\n", second)
    for end in (second, second + 7, second + 9, headers_end - 5, headers_end + 3):
        reply = web.request("POST", f"/datasets/{dataset}/predictions", body[:end],
                            {"Content-Type": kind})
        assert (reply.status, reply.json()["code"]) == (400, "truncated"), (end, reply)
    assert run_names(web, dataset) == []
    reply = web.request("POST", f"/datasets/{dataset}/predictions", body[:-4],
                        {"Content-Type": kind})
    assert (reply.status, reply.json()["code"], reply.json()["published"]) == (
        400, "truncated", ["a"]), reply
    assert run_names(web, dataset) == ["a"]


def test_a_field_between_two_files_is_400(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions", [
        ("file", "a.json", detections(2)), ("run_name", "x"), ("file", "b.json", detections(3))])
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply
    assert run_names(web, dataset) == []


def test_a_second_file_that_was_not_chosen_is_400(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions",
                          [("file", "a.json", detections(2)), ("file", "", "")])
    assert (reply.status, reply.json()["detail"]) == (400, "no file was chosen"), reply
    assert run_names(web, dataset) == []


def test_a_form_has_a_hundred_files_at_the_most(web, dataset):
    reply = web.post_form(f"/datasets/{dataset}/predictions?dry_run=1",
                          [("file", f"f{n}.json", "[]") for n in range(100)])
    assert (reply.status, len(reply.json()["runs"])) == (200, 100), reply
    reply = web.post_form(f"/datasets/{dataset}/predictions?dry_run=1",
                          [("file", f"f{n}.json", "[]") for n in range(101)])
    assert (reply.status, reply.json()["file"], reply.json()["published"]) == (
        400, "f99.json", []), reply
    assert "100 files" in reply.json()["detail"]


def test_conditions_hold_for_each_file(web, dataset):
    bad = detection(0, category_id=999)
    parts = [("file", "a.json", [*detections(3), bad]),
             ("file", "b.json", [*detections(3), bad, bad])]
    path = f"/datasets/{dataset}/predictions"
    reply = web.post_form(path + "?max_skipped=2&dry_run=1", parts)
    assert (reply.status, [run["dry_run"] for run in reply.json()["runs"]]) == (
        200, [True, True]), reply
    assert reply.json()["message"] == "would import 2 files as the runs a, b"
    assert run_names(web, dataset) == []
    reply = web.post_form(path + "?max_skipped=1", parts)
    assert (reply.status, reply.json()["code"], reply.json()["file"]) == (
        422, "too_many_skipped", "b.json"), reply
    assert (reply.json()["published"], run_names(web, dataset)) == (["a"], ["a"])


@pytest.mark.parametrize("method, path",
                         [("PUT", "/datasets/{}/runs/run"), ("PUT", "/datasets/other-{}"),
                          ("POST", "/datasets?name=other-{}")])
def test_what_names_one_target_takes_one_file(web, dataset, method, path):
    content = detections(1) if "runs" in path else street()
    reply = web.post_form(path.format(dataset),
                          [("file", "a.json", content), ("file", "b.json", content)], method)
    assert (reply.status, reply.json()["detail"]) == (
        400, 'the form has more than one part "file", but this address takes one file'), reply
    assert run_names(web, dataset) == []
    assert web.get(f"/datasets/other-{dataset}").status == 404


def test_a_browser_may_choose_several_files(web, dataset):
    assert re.search('<input type="file" name="file" multiple', web.get("/", accept=HTML).text)
    reply = web.post_form(
        "/predictions", [("dataset", dataset), ("run_name", ""), ("file", "a.json", detections(2)),
                         ("file", "b.json", detections(3))], accept=HTML)
    assert reply.status == 303, reply
    page = web.get(location(reply), accept=HTML).text
    for message in (f"imported 2 predictions as run a of {dataset}",
                    f"imported 3 predictions as run b of {dataset}"):
        assert message in page
    reply = web.post_form(
        "/predictions", [("dataset", dataset), ("run_name", ""), ("file", "c.json", detections(2)),
                         ("file", "<b>.json", "[")], accept=HTML)
    assert reply.status == 303, reply
    page = web.get(location(reply), accept=HTML).text
    assert f"imported 2 predictions as run c of {dataset}" in page and "ends in the middle" in page
    assert "&lt;b&gt;.json" in page and "<b>" not in page
