"""What a request leaves unnamed, misnames or names twice changes nothing, and is said."""

import gzip
import json

import pytest

from client import refused
from samples import detections, street

FILE = ("file", "mine.json", detections(2))
TRUTH = ("file", "gt.json", street())


@pytest.fixture
def kept(web, dataset):
    """A dataset with runs that a misnamed upload could hit; nothing may happen to it."""
    for run in ("mine", "prediction"):
        assert web.put_run(dataset, run, detections(3)).status == 200

    def state():
        return web.get("/datasets").json(), web.get(f"/datasets/{dataset}/runs").json()
    before = state()
    yield dataset
    assert state() == before


def misnamed(reply, *words):
    refused(reply, 400, "bad_request", *words)


RUNS, RUN = ("POST", "/datasets/{}/predictions"), ("PUT", "/datasets/{}/runs/mine")
PAGE, NEW, SET = ("POST", "/predictions"), ("POST", "/datasets"), ("PUT", "/datasets/{}")


@pytest.mark.parametrize("to, parts, words", [
    (RUNS, [("runname", "other"), FILE], ['no part "runname"', "it has: dataset, run_name, file"]),
    (RUNS, [("dry_run", "1"), FILE], ['"dry_run"', "belong in the address"]),
    (RUNS, [("files", "mine.json", b"[]")], ['"files"', "file"]),
    (RUNS, [("", "x"), FILE], ["has no name"]),
    (RUNS, [("submit", ""), FILE], ['"submit"']),
    (RUNS, [("<b>é\x7f", "1"), FILE], ["control character"]),
    (RUNS, [("<b>é", "1"), FILE], ['"<b>é"']),
    (RUNS, [FILE, ("runname", "other")], ['no part "runname"']),
    (RUNS, [FILE, ("run_name", "late")], ["run_name must come before the file"]),
    (RUN, [("name", "other"), FILE], ['"name"']),
    (RUN, [("run_name", "other"), FILE], ["run_name in the form and in the address differ"]),
    (RUN, [("dataset", "other"), FILE], ["dataset in the form and in the address differ"]),
    (PAGE, [("run_name", "x"), ("dataset", "{}"), ("split", "val"), FILE], ['"split"']),
    (NEW, [("name", "new"), ("run_name", "x"), TRUTH], ['"run_name"', "name, split, file"]),
    (NEW, [("name", "new"), ("split", "val"), TRUTH, ("more", "x")], ['"more"']),
    (SET, [("category_offset", "1"), TRUTH], ['"category_offset"']),
], ids=lambda value: None if isinstance(value, tuple) else "")
def test_a_part_that_a_form_does_not_have_is_400(web, kept, to, parts, words):
    parts = [(name, *(value.format(kept) if value == "{}" else value for value in rest))
             for name, *rest in parts]
    method, path = to
    misnamed(web.post_form(path.format(kept), parts, method), *words)
    assert web.get("/datasets/new").status == 404


@pytest.mark.parametrize("to, parts, name", [
    (RUNS, [("run_name", "a"), ("run_name", "b"), FILE], "run_name"),
    (RUNS, [("run_name", ""), ("run_name", ""), FILE], "run_name"),
    (PAGE, [("dataset", "x"), ("dataset", "y"), FILE], "dataset"),
    (NEW, [("name", "new"), ("split", "a"), ("split", "a"), TRUTH], "split"),
])
def test_a_part_that_comes_twice_is_400(web, kept, to, parts, name):
    misnamed(web.post_form(to[1].format(kept), parts, to[0]), f"the form has {name} twice")


def test_a_form_may_repeat_what_the_address_says(web, dataset):
    parts = [("dataset", dataset), ("run_name", "x"), ("file", "a.json", detections(2))]
    for method, path in ((RUNS[0], RUNS[1] + "?run_name=x"), ("PUT", "/datasets/{}/runs/x")):
        reply = web.post_form(path.format(dataset), parts, method)
        assert (reply.status, reply.json()["run_name"]) == (200, "x"), reply


@pytest.mark.parametrize("send", [
    lambda web, path: web.post(path, detections(1)),
    lambda web, path: web.post(path, b""),
    lambda web, path: web.post(path, gzip.compress(json.dumps(detections(1)).encode())),
    lambda web, path: web.post(path + "?run_name=", detections(1)),
    lambda web, path: web.post_form(path, [("file", json.dumps(detections(1)))]),
], ids=["raw", "empty", "gzip", "empty parameter", "part without a file name"])
def test_a_run_without_a_name_is_400(web, kept, send):
    misnamed(send(web, f"/datasets/{kept}/predictions"),
             "the run has no name", "?run_name=NAME", "curl -F file=@FILE")


@pytest.mark.parametrize("filename", ["(((.json", ".json", "...", "é.json"])
def test_a_file_name_that_gives_no_name_is_400(web, kept, filename):
    parts = [("file", filename, detections(1))]
    misnamed(web.post_form(f"/datasets/{kept}/predictions", parts), filename, "?run_name=NAME")
    reply = web.post_form(f"/datasets/{kept}/predictions?run_name=x&dry_run=1", parts)
    assert reply.status == 200, reply


def test_a_file_alone_at_the_address_of_the_form_is_400(web, kept):
    misnamed(web.post("/predictions?run_name=mine", detections(1)), "dataset", "curl -F")


def test_a_dataset_without_a_name_is_400(web, kept):
    for reply in (web.post("/datasets", street()), web.post("/datasets?name=", street()),
                  web.post_form("/datasets", [TRUTH])):
        misnamed(reply, "the dataset has no name", "?name=NAME")


@pytest.mark.parametrize("args", [
    ["-d", "file=@x.json"], ["-d", "run_name=a", "-d", "file=b"], ["--data-urlencode", "[]"],
    ["-d", "a.b+c=1"], ["-d", "=x"]])
@pytest.mark.parametrize("path", ["/datasets/{}/predictions", "/datasets/{}/runs/mine"])
def test_an_urlencoded_form_is_told_what_to_be(web, kept, path, args):
    code, status, _, body = web.curl(path.format(kept), *args, "-X",
                                     "PUT" if path.endswith("mine") else "POST")
    assert (code, status, json.loads(body)["code"]) == (0, 415, "unsupported_media_type"), body
    assert "curl -F file=@FILE" in json.loads(body)["detail"]


def test_json_may_come_as_curl_sends_it(web, dataset):
    for rows in ("[]", " \n[]", json.dumps(detections(2))):
        code, status, _, body = web.curl(f"/datasets/{dataset}/predictions?run_name=x", "-d", rows)
        assert (code, status) == (0, 200), body


# ---- names of datasets ------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["201700000000", "0", "00", "007", "9" * 30])
def test_a_dataset_is_not_called_by_a_number_and_told_why(web, number):
    for reply in (web.put(f"/datasets/{number}", street()),
                  web.post(f"/datasets?name={number}", street()),
                  web.post_form("/datasets", [("name", number), TRUTH])):
        misnamed(reply, f'must not be a number, not "{number}"', "is the id of a dataset")


def test_an_id_is_written_in_one_way(web, dataset):
    number = web.get(f"/datasets/{dataset}").json()["id"]
    assert web.get(f"/datasets/{number}").json()["name"] == dataset
    for other in (f"0{number}", f"00{number}", "0", "00"):
        for reply in (web.get(f"/datasets/{other}"), web.get(f"/datasets/{other}/runs"),
                      web.get(f"/datasets/{other}/annotations"),
                      web.put(f"/datasets/{other}/runs/run", detections(1)),
                      web.delete(f"/datasets/{other}")):
            refused(reply, 404, "unknown_dataset", f"no dataset {other}")
        misnamed(web.put(f"/datasets/{other}", street()), other)
    reply = web.put(f"/datasets/{number}", street())
    assert (reply.status, reply.json()["name"]) == (200, dataset)


# ---- the end of an address --------------------------------------------------------------------


@pytest.mark.parametrize("path", [
    "/healthz", "/readyz", "/datasets", "/datasets/{}", "/datasets/{}/annotations",
    "/datasets/{}/runs", "/datasets/{}/runs/run", "/datasets/{}/runs/run/predictions",
    "/imports/{token}"])
def test_a_slash_at_the_end_makes_no_difference(web, dataset, token, path):
    web.put_run(dataset, "run", detections(2), **{"import": token})
    path = path.format(dataset, token=token)
    for method in ("GET", "HEAD", "PATCH"):
        bare, slashed = web.request(method, path), web.request(method, path + "/")
        assert (bare.status, bare.body) == (slashed.status, slashed.body)
        assert bare.headers.get("Allow") == slashed.headers.get("Allow")
        # Datasets and runs can be changed; the body is empty.
        changes = path in (f"/datasets/{dataset}", f"/datasets/{dataset}/runs/run")
        assert bare.status == (200 if method != "PATCH" else 400 if changes else 405)


def test_files_may_go_to_an_address_with_a_slash(web, dataset, name):
    assert web.put(f"/datasets/{name}/?split=a", street()).status == 201
    assert web.put(f"/datasets/{dataset}/runs/x/", detections(1)).status == 200
    assert web.post(f"/datasets/{dataset}/predictions/?run_name=y", detections(1)).status == 200
    assert web.delete(f"/datasets/{dataset}/runs/x/").status == 204
    assert web.get(f"/datasets/{dataset}/x/").status == 404


# ---- a request for a file of the server -------------------------------------------------------


@pytest.mark.parametrize("request_it, words", [
    ('{"prediction_path": "a", "prediction_path": "b"}', ["prediction_path is given twice"]),
    ('{"prediction_path": "a", "run_name": "x", "run_name": "x"}', ["run_name is given twice"]),
    ('{"prediction_path": "a", "run\\u005fname": "x", "run_name": "y"}',
     ["run_name is given twice"]),
    ('{"prediction_path": "a", "runname": "x"}', ['no member "runname"', "format and run_name"]),
    ('{"prediction_path": "a", "dry_run": true}', ['"dry_run"', "belong in the address"]),
    ('{"prediction_path": "a", "\\u0007<b>": 1}', ['"?<b>"']),
])
def test_a_request_for_a_file_of_the_server_has_each_member_once(web, kept, request_it, words):
    misnamed(web.post(f"/datasets/{kept}/predictions", request_it), *words)
