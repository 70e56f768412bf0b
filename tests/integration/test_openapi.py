"""The OpenAPI document describes every route, and every answer is as it says."""

import gzip
import html
import json
import re
import shlex
import subprocess
from urllib.parse import quote

import pytest
from hypothesis import given, settings, strategies as st

from client import HTML, form
from openapi import Document
from openapi_requests import (NAMES, RESULTS, SECOND, SETTINGS, TRUTH, one_value, requests,
                              wrong_values)
from stack import FIXTURES

EXAMPLES = 25  # requests to each operation


@pytest.fixture(scope="module")
def pgcoco_document(home):
    done = subprocess.run([home.binary, "openapi"], capture_output=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def api(pgcoco_document):
    return Document(json.loads(pgcoco_document))


# ---- a world in which every operation can go well


def make_world(web):
    for dataset in (NAMES["dataset"], SECOND):
        for path, body, query in [
                ("", TRUTH, {"split": "val"}),
                ("/runs/yolov8", RESULTS, {"evaluate": "bbox"}),
                ("/runs/yolov9", json.dumps(json.loads(RESULTS)[:4]), {}),
                ("/slices/night", {"image_ids": [101, 104]}, {})]:
            reply = web.put(f"/datasets/{dataset}{path}", body, query)
            assert reply.status in (200, 201), reply
    pictures = {"url": "https://example.org/{file_name}"}
    assert web.put(f"/datasets/{NAMES['dataset']}/pictures", pictures).status == 200
    run = f"/datasets/{NAMES['dataset']}/runs/yolov8"
    assert web.put(run, RESULTS, {"import": NAMES["import"]}).status == 200
    assert web.get(f"{run}/evaluation?evaluation={NAMES['evaluation']}").status == 200


def clear_world(web, db):
    for document in web.get("/datasets").json()["datasets"]:
        if re.match("street|copy$", document["name"]):
            assert web.delete(f"/datasets/{document['name']}").status == 204
    db.execute("delete from coco.imports where token = %s", (NAMES["import"],))
    db.execute("delete from coco.evaluation_requests where token = %s", (NAMES["evaluation"],))


@pytest.fixture(scope="module")
def connection(postgres):
    with postgres.connect(autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def world(inside, put_file, connection):
    """A client of a service where every example of the document works."""
    make_world(inside)
    yield inside
    clear_world(inside, connection)


@pytest.fixture(scope="module")
def put_file(folder):
    (folder / "results.json").write_bytes(RESULTS)


# ---- the document

def test_the_service_answers_the_document_that_the_command_prints(web, pgcoco_document):
    reply = web.get("/openapi.json")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.body == pgcoco_document
    assert web.get("/openapi.json").body == pgcoco_document


def test_it_says_the_version_of_the_program(api, pgcoco):
    assert f"pgcoco {api.document['info']['version']}\n" == pgcoco("version").stdout.decode()


def test_every_operation_has_a_name_of_its_own_and_a_subject(api):
    names = [operation.id for operation in api.operations]
    assert len(names) == len(set(names)) >= 40
    subjects = {tag["name"] for tag in api.document["tags"]}
    assert {tag for operation in api.operations for tag in operation.tags} == subjects


def test_every_schema_is_used_and_every_reference_leads_somewhere(api):
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(api.document)))
    assert used == set(api.schemas)


def test_the_variable_parts_of_an_address_are_its_parameters(api):
    for operation in api.operations:
        declared = [one["name"] for one in operation.parameters_in("path")]
        assert declared == re.findall(r"\{(\w+)\}", operation.path), operation


# ---- answers that go well

def values_of(operation):
    """The names of the world for the parameters that an operation must have."""
    path = {one["name"]: NAMES[one["name"]] for one in operation.parameters_in("path")}
    given = {**NAMES, "image_ids": "101,102", "name": "copy"}
    query = {one["name"]: given[one["name"]]
             for one in operation.parameters_in("query") if one.get("required")}
    return path, query


def send(web, operation, path, query=(), headers=None, body=None, accept="application/json"):
    """query: pairs, or texts as they stand."""
    address = re.sub(r"\{(\w+)\}", lambda part: quote(path[part[1]], safe=""), operation.path)
    pairs = [one if isinstance(one, str) else f"{one[0]}={quote(one[1], safe=',:')}"
             for one in query]
    return web.request(operation.method, address + ("?" + "&".join(pairs) if pairs else ""),
                       body, headers, accept)


def form_of(*parts):
    body, kind = form(parts)
    return {"Content-Type": kind}, body


# How operations that have a body, or end something, go well: path, query, headers, body.
def good_requests():
    file = ("file", "results.json", RESULTS)
    second = {**NAMES, "dataset": SECOND}
    return {
        "addDataset": [({}, {"name": "street3"}, {}, TRUTH),
                       ({}, {"name": "street4", "dry_run": "1"}, {}, TRUTH),
                       ({}, {}, *form_of(("name", "street5"), ("file", "a.json", TRUTH)))],
        "putDataset": [({"dataset": "street6"}, {}, {}, TRUTH),
                       ({"dataset": "street6"}, {"split": "val"}, {}, gzip.compress(TRUTH))],
        "putRun": [(second, {"evaluate": "bbox"}, {}, RESULTS),
                   (second, {"dry_run": "1"}, {}, RESULTS)],
        "changeDataset": [({"dataset": "street5"}, {}, {}, json.dumps({"name": "street9"}))],
        "addAnnotations": [({"dataset": "street6"}, {"split": "more", "renumber": "1"}, {},
                            TRUTH)],
        "putPictures": [({"dataset": "street6"}, {}, {},
                         json.dumps({"url": "https://example.org/{file_name}"}))],
        "deletePictures": [({"dataset": "street6"}, {}, {}, None)],
        "changeRun": [(second, {}, {}, json.dumps({"tags": ["a"], "metadata": {"epoch": 1}})),
                      (second, {}, {}, json.dumps({"name": "renamed"})),
                      ({**second, "run": "renamed"}, {}, {}, json.dumps({"name": "yolov8"}))],
        "cloneDataset": [(second, {"name": "street8"}, {}, None)],
        "cloneRun": [(second, {"name": "copy"}, {}, None)],
        "putSlice": [(second, {}, {}, json.dumps({"filter": {"category_id": 3}}))],
        "addPredictions": [
            (second, {"run_name": "third"}, {}, RESULTS),
            (second, {}, *form_of(file, ("file", "b.json", RESULTS))),
            (second, {"evaluate": "bbox"}, {}, json.dumps({"prediction_path": "results.json"}))],
        "addPredictionsFromPage": [({}, {}, *form_of(("dataset", SECOND), file)),
                                   ({}, {"dry_run": "1"}, *form_of(("dataset", SECOND), file))],
        "deleteSlice": [(second, {}, {}, None)],
        "deleteRun": [(second, {}, {}, None)],
        "deleteDataset": [(second, {}, {}, None)],
        "cancelEvaluation": [(NAMES, {}, {}, None)],
    }


def requests_to(operation):
    """Requests that go well. An operation with a body needs a line in good_requests."""
    if operation.id in good_requests():
        return good_requests()[operation.id]
    assert not operation.body, f"good_requests has no request to {operation}"
    path, query = values_of(operation)
    return [(path, query, {}, None)]


def test_every_operation_goes_well_as_the_document_says(api, world):
    """Those that delete come last, datasets after what is in them."""
    seen = {}
    first = ("putDataset", "addDataset")
    for operation in sorted(api.operations, key=lambda one: (one.method == "DELETE",
                                                             one.id not in first,
                                                             -one.path.count("/"))):
        for path, query, headers, body in requests_to(operation):
            reply = send(world, operation, path, query.items(), headers, body)
            assert reply.status < 400, f"{operation}: {reply}"
            api.check(operation, reply)
            seen.setdefault(operation.id, set()).add(str(reply.status))
    for operation in api.operations:
        # A browser is led to the page of its import; see the next test.
        good = {status for status in operation.responses if status < "400"} - {"303", "304"}
        if operation.id == "getPicture":
            good -= {"200"}  # the world's pictures are elsewhere
        assert good <= seen[operation.id] or seen[operation.id] == {"303", "200"}, operation
    clear_world_of_second(world)


def clear_world_of_second(web):
    for name in ("street3", "street6", "street8", "street9"):
        assert web.delete(f"/datasets/{name}").status == 204
    for path, body in [("", TRUTH), ("/runs/yolov8", RESULTS),
                       ("/slices/night", {"image_ids": [101, 104]})]:
        assert web.put(f"/datasets/{SECOND}{path}", body).status in (200, 201)


def test_a_browser_gets_pages_where_the_document_says_so(api, world):
    for operation in api.operations:
        if operation.method == "GET":
            path, query = values_of(operation)
            reply = send(world, operation, path, query.items(), accept=HTML)
            api.check(operation, reply)
            page = reply.status < 300 and "text/html" in operation.responses["200"]["content"]
            kind = reply.headers["Content-Type"] or ""
            assert kind.startswith("text/html") == page, operation
    operation = api["addDataset"]
    reply = send(world, operation, {}, [("name", "street7")], body=TRUTH, accept=HTML)
    assert reply.status == 303
    api.check(operation, reply)


HOSTILE = "'; drop table \" <b>\u2603\U0001f600 % \\ \n" + "x" * 300


def odd_truth():
    """Texts as ids of images, names that hurt, masks and keypoints, and nothing that a file may
    lack."""
    size = {"width": 640, "height": 480}
    person = {"id": 1, "name": HOSTILE, "supercategory": HOSTILE,
              "keypoints": [f"point {n}" for n in range(17)]}
    row = {"iscrowd": 0, "category_id": 1, "keypoints": [5, 6, 2] * 17, "num_keypoints": 17,
           "segmentation": {"size": [480, 640], "counts": [10, 20, 307170]}, "note": [HOSTILE]}
    return {"images": [{"id": "a", "file_name": HOSTILE, **size, "note": {"x": None}},
                       {"id": "b", "file_name": "b.jpg", **size}, {"id": "c", **size}],
            "categories": [person, {"id": 2, "name": "car"}],
            "annotations": [{**row, "id": n, "image_id": "a" if n else "b",
                             "bbox": [n, 0, 50, 60]} for n in range(3)]
            + [{**row, "id": 1, "image_id": "a"}, {"image_id": "c", "category_id": 2, "id": 9,
                                                   "bbox": [600, 0, 100, 0], "area": 0}]}


def odd_results():
    truth = odd_truth()["annotations"]
    row = {key: truth[0][key] for key in ("category_id", "keypoints", "segmentation")}
    return [{**row, "image_id": image, "bbox": [1, 0, 50, 60], "score": score, "extra": HOSTILE}
            for image, score in (("a", 0.9), ("a", 0.2), ("b", -1), ("c", 0.5), ("nobody", 1))]


# Besides the request without any parameters, those that change what a document holds.
VARIANTS = {
    "evaluateRun": [{"include": "curves,matrix,calibration,interval"}],
    "listImages": [{"limit": "1"}, {"source": "odd", "outcome": "missed"}, {"search": "b"},
                   {"category": "1", "sort": "-annotations"}, {"at": "2"},
                   {"sort": "errors", "run": "odd"},
                   {"min_area": "1", "below_area": "9e9", "min_count": "1", "max_count": "9"}],
    "listErrors": [{"limit": "1"}, {"type": "ignored"}, {"type": "true_positive"}],
    "listErrorImages": [{"truth": "1", "predicted": "background"}, {"limit": "1"}],
    "listLabelErrors": [{"min_confidence": "0", "min_iou": "0", "limit": "1"}],
    "getStatistics": [{"slice": "odd", "run": "odd"}, {"slice": "odd"}, {"run": "odd"}],
    "listDatasets": [{"after": "street"}],
    "compareRuns": [{"resamples": "0"}, {"categories": "2"}],
}


@pytest.fixture
def odd(world, name):
    """The names of an odd dataset."""
    for path, body in [("", odd_truth()), ("/runs/odd", odd_results()),
                       ("/runs/other", odd_results()[1:]), ("/slices/odd", {"image_ids": ["a"]})]:
        reply = world.put(f"/datasets/{name}{path}", body)
        assert reply.status in (200, 201), reply
    return {**NAMES, "dataset": name, "run": "odd", "slice": "odd", "image": "a"}


@pytest.mark.parametrize("iou_type", ["bbox", "segm", "keypoints"])
def test_documents_about_odd_files_are_as_the_document_says(api, world, odd, iou_type):
    """Requests for errors come first: images are chosen by what they find."""
    needed = {"run": "odd", "with": "other", "image_ids": "a,b,c"}
    kept = {}
    reads = [operation for operation in api.operations if operation.method == "GET"]
    for operation in sorted(reads, key=lambda one: "Errors" not in one.tags):
        declared = {one["name"]: one for one in operation.parameters_in("query")}
        for more in [{}, *VARIANTS.get(operation.id, [])]:
            query = {name: needed[name] for name, one in declared.items() if one.get("required")}
            if "iou_type" in declared:
                query["iou_type"] = iou_type
            reply = send(world, operation, odd, {**query, **more}.items())
            good = 404 if operation.id == "getPicture" else 200
            assert reply.status == good, (operation, more, reply)
            api.check(operation, reply)
            kept[operation.id] = reply
    # It was about what the test means.
    rows = kept["listAnnotationsOfImages"].json()["images"][0]["annotations"]
    assert rows[0]["segmentation"] and rows[0]["keypoints"]
    assert rows[0]["extra"]["note"] == [HOSTILE]
    assert kept["getImage"].json()["text_id"] == "a"


def test_uploads_that_fail_or_last_are_as_the_document_says(api, world, token):
    operation = api["getImport"]
    bad = RESULTS[:200]
    for name, query in (("putRun", []), ("addPredictions", [("run_name", "bad")])):
        reply = send(world, api[name], {**NAMES, "dataset": SECOND, "run": "bad"},
                     [("import", f"{token}-{name}"), *query], body=bad)
        assert (reply.status, reply.json()["code"]) == (400, "truncated")
        api.check(api[name], reply)
        state = send(world, operation, {"import": f"{token}-{name}"})
        assert state.status == 200 and state.json()["state"] == "failed", (reply, state)
        api.check(operation, state)
    with world.sender("PUT", f"/datasets/{SECOND}/runs/slow?import={token}") as sender:
        sender.send(RESULTS.rstrip()[:-1] + b" " * 300000)
        world.wait_for_state(token, "running")
        api.check(operation, send(world, operation, {"import": token}))
        sender.send(b"]")
        assert sender.reply().status == 200
    state = send(world, operation, {"import": token})
    assert state.json()["state"] == "done"
    api.check(operation, state)


# ---- the page for people

def examples(page):
    """{operationId: command line} of the reference."""
    found = re.findall(r'<section id="(\w+)">.*?<pre>(.*?)</pre>', page, re.DOTALL)
    return {name: html.unescape(command) for name, command in found}


def place(operation):
    """Reads first; then what adds to a dataset; what ends something; a dataset as a whole."""
    whole = ["changeDataset", "putDataset", "deleteDataset", "addDataset"]
    return (whole.index(operation.id) + 1 if operation.id in whole else 0,
            operation.method == "DELETE", -operation.path.count("/"))


def test_every_example_of_the_reference_works_as_it_is_typed(api, own_world, tmp_path):
    (tmp_path / "instances.json").write_bytes(TRUTH)
    (tmp_path / "results.json").write_bytes(RESULTS)
    (tmp_path / "more.json").write_text(json.dumps(more_truth()))
    commands = examples(own_world.get("/reference").text)
    assert sorted(commands) == sorted(one.id for one in api.operations)
    for operation in sorted(api.operations, key=place):
        words = shlex.split(commands[operation.id].replace("localhost:8080", own_world.site.url))
        done = subprocess.run([*words, "-sS", "-w", "\n%{http_code}"], capture_output=True,
                              cwd=tmp_path, check=True, text=True)
        status = done.stdout.rpartition("\n")[2]
        assert status in operation.responses and status < "400", (words, done.stdout)


def more_truth():
    """A file that can be added to TRUTH."""
    truth = json.loads(TRUTH)
    for row in truth["images"] + truth["annotations"]:
        row["id"] += 5000
    for row in truth["annotations"]:
        row["image_id"] += 5000
    return truth


@pytest.fixture
def own_world(world, connection):
    """The world, which the test may use up."""
    yield world
    clear_world(world, connection)
    make_world(world)


def test_the_reference_has_no_script_and_asks_no_other_site(web):
    reply = web.get("/reference")
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<img|<link|javascript:|\bon\w+=|\w=.https?:|url\(", reply.text)
    assert web.get("/openapi.json", accept=HTML).body == reply.body
    assert '<a href="/reference">' in web.get("/", accept=HTML).text


def test_the_links_of_the_reference_lead_somewhere(web):
    page = web.get("/reference").text
    targets = re.findall(r'href="#([^"]*)"', page)
    assert len(targets) > 200
    assert set(targets) <= set(re.findall(r'id="([^"]*)"', page))


# ---- odd and wrong requests

def operation_ids():
    """Read from the source: there is no program when tests are collected."""
    source = (FIXTURES.parent / "src/api/routes.c").read_text()
    return re.findall(r'\.id = "(\w+)"', source)


def test_the_operations_that_are_tried_are_those_of_the_document(api):
    assert sorted(operation_ids()) == sorted(operation.id for operation in api.operations)


@pytest.mark.parametrize("name", operation_ids())
def test_whatever_is_asked_the_answer_is_as_the_document_says(api, world, name):
    operation = api[name]

    @settings(SETTINGS, max_examples=EXAMPLES)
    @given(requests(operation))
    def ask(request):
        reply = send(world, operation, *request)
        assert reply.status < 500, f"{operation} {request}: {reply}"
        if reply.status != 414:  # nginx refuses an address of more than 8 KB
            api.check(operation, reply)

    ask()


def is_checked_at_once(parameter):
    """Whether a value that its schema allows cannot be wrong otherwise. A page says what `after`
    may be, and iou_type which metrics there are."""
    schema = parameter["schema"]
    return parameter["name"] not in ("after", "metric") and (
        schema["type"] != "string" or "minLength" not in schema)


def test_a_value_that_the_document_allows_is_not_refused(api, world):
    """Each parameter at one operation that has it: it may be unknown, and the like."""
    places = {(one["name"], json.dumps(one["schema"])): (operation, one)
              for operation in api.operations if operation.method == "GET"
              for one in operation.parameters_in("query") if is_checked_at_once(one)}
    assert len(places) > 20

    @settings(SETTINGS, max_examples=8)
    @given(st.data())
    def ask(data):
        for operation, parameter in places.values():
            path, query = values_of(operation)
            value = data.draw(one_value(parameter["schema"]))
            reply = send(world, operation, path, {**query, parameter["name"]: value}.items())
            if reply.status == 400:
                assert f"{parameter['name']} must be" not in reply.json()["detail"], (
                    operation, value, reply)

    ask()


def test_a_value_that_the_document_does_not_allow_is_400(api, world):
    tried = 0
    for operation in api.operations:
        path, query = values_of(operation)
        for parameter in operation.parameters_in("query"):
            for value in wrong_values(parameter["schema"]):
                if value == "" and parameter["schema"]["type"] not in ("integer", "number"):
                    continue  # an empty field of a form counts as not given
                pairs = [*{**query, parameter["name"]: value}.items()]
                body = b"[]" if operation.body else None
                reply = send(world, operation, path, pairs, body=body)
                assert (reply.status, reply.json()["code"]) == (400, "bad_request"), (
                    operation, pairs, reply)
                api.check(operation, reply)
                tried += 1
    assert tried > 500


# ---- other methods

def test_options_names_the_methods_and_head_answers_like_get(api, world):
    for path, item in api.document["paths"].items():
        address = re.sub(r"\{(\w+)\}", lambda part: NAMES[part[1]], path)
        reply = world.request("OPTIONS", address)
        methods = {method.upper() for method in item} | ({"HEAD"} if "get" in item else set())
        assert (reply.status, reply.body) == (204, b"")
        assert set(reply.headers["Allow"].split(", ")) == methods
    for operation in api.operations:
        if operation.method == "GET":
            path, query = values_of(operation)
            whole = send(world, operation, path, query.items())
            operation.method = "HEAD"
            head = send(world, operation, path, query.items())
            operation.method = "GET"
            assert (head.status, head.body) == (whole.status, b""), operation
            assert head.headers["Content-Type"] == whole.headers["Content-Type"]


def test_options_of_no_address_is_404(web):
    assert web.request("OPTIONS", "/nothing").status == 404
