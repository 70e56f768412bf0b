"""Broken files and broken clients: the right status with its place, and the old run stays."""

import gzip
import json
import re

import pytest

from client import Client, form
from samples import (array, big_results, detection, detections, element_offsets, reasons, rows,
                     street)

GOOD = json.dumps(detection(1))
DEEP = 10_000


@pytest.fixture(scope="module")
def shared_run(site, shared_dataset):
    path = f"/datasets/{shared_dataset}/runs/run"
    assert Client(site).put(path, detections(5)).status == 200
    return path


@pytest.fixture
def run(web, db, shared_dataset, shared_run):
    """The path of a run of five rows, which must be the same rows afterwards."""
    before = rows(db, shared_dataset, "run")
    yield shared_run
    assert len(before) == 5
    assert rows(db, shared_dataset, "run") == before
    assert web.get(shared_run).json()["prediction_count"] == 5


def text(before, bad=b"", after=b""):
    """A body, and the byte at which it goes wrong."""
    return before + bad + after, len(before)


START = f"[{GOOD}, ".encode()
NOT_JSON = {
    "words": text(b"", b"hello"),
    "a second byte order mark": text(b"\xef\xbb\xbf", b"\xef\xbb\xbf", b"[]"),
    "a trailing comma": text(f"[{GOOD},".encode(), b"]"),
    "a missing comma": text(f"[{GOOD} ".encode(), GOOD.encode(), b"]"),
    "something after the end": text(f"[{GOOD}] ".encode(), b"x"),
    "a second array": text(f"[{GOOD}]\n".encode(), b"[]"),
    "a NUL after the end": text(f"[{GOOD}]".encode(), b"\0"),
    "a NUL before the end": text(START, b"\0", GOOD.encode() + b"]"),
    "a missing colon": text(START + b'{"image_id" ', b"1}]"),
    "a key that is no string": text(START + b"{", b"1: 2}]"),
    "a wrong literal": text(START + b'{"a": ', b"tru}]"),
    "a leading zero": text(START + b'{"a": ', b"01}]"),
    "a number without digits": text(START + b'{"a": ', b"-}]"),
    "a wrong bracket": text(START + b'{"a": [1', b"}]"),
    "single quotes": text(START + b"{", b"'a': 1}]"),
    "a control character": text(START + b'{"a": "x', b"\n", b'"}]'),
    "a wrong escape": text(START + b'{"a": "x', b"\\q", b'"}]'),
    "bytes that are not UTF-8": text(START + b'{"a": "x', b"\xff", b'"}]'),
    "an overlong UTF-8 sequence": text(START + b'{"a": "', b"\xc0\xaf", b'"}]'),
    "a surrogate in UTF-8": text(START + b'{"a": "', b"\xed\xa0\x80", b'"}]'),
    "UTF-16": text(b"", "[]".encode("utf-16")),
}

NO_TEXT = ("a NUL before the end", "bytes that are not UTF-8", "an overlong UTF-8 sequence",
           "a surrogate in UTF-8")


@pytest.mark.parametrize("what", NOT_JSON)
def test_what_is_not_json_is_400_with_its_byte(web, run, what):
    body, offset = NOT_JSON[what]
    reply = web.put(run, body)
    assert reply.status == 400, reply
    problem = reply.json()
    assert (problem["code"], problem["status"]) == ("not_json", 400)
    # The error is at that byte, or at the token that holds it.
    assert offset - 2 <= problem["offset"] <= offset + 4, (problem, offset)
    # Bytes that no text can hold are found before it is known in which element they lie.
    if body.startswith(START) and what not in NO_TEXT:
        assert problem["index"] == 1


@pytest.mark.parametrize("how", ["plain", "gzip", "form"])
def test_a_problem_names_line_and_column_in_the_file(web, dataset, how):
    """Of the file itself, not of the form or the compressed body that brings it."""
    file = ('[{"note": "\u00e9\u4e2d\U0001f600"},\n {"note": "x"},\n'
            ' {"\u00e9\u4e2d": 1, "b" 2}]').encode()
    headers, body = {}, file
    if how == "gzip":
        body = gzip.compress(file)
    if how == "form":
        body, headers["Content-Type"] = form([("file", "run.json", file)])
    problem = web.post(f"/datasets/{dataset}/predictions", body, {"run_name": "r"},
                       headers=headers).json()
    assert (problem["code"], problem["index"], problem["offset"]) == (
        "not_json", 2, file.index(b" 2}") + 1), problem
    assert (problem["line"], problem["column"]) == (3, len(' {"\u00e9\u4e2d": 1, "b" ') + 1)


def test_a_skipped_row_is_named_by_line_and_column(web, dataset):
    rows = [json.dumps(detection(n, category_id=999 if n == 2 else 1)) for n in range(4)]
    example = web.put_run(dataset, "lines", "\n".join(rows)).json()["skipped"][0]["examples"][0]
    assert (example["index"], example["line"], example["column"]) == (2, 3, 1)
    ground_truth = json.dumps(street(annotations=[{"id": 1}]), indent=1)
    example = web.put(f"/datasets/{dataset}x", ground_truth).json()
    line = 1 + ground_truth[:ground_truth.index('{\n   "id": 1\n  }')].count("\n")
    assert (example["skipped"][0]["examples"][0]["line"],
            example["skipped"][0]["examples"][0]["column"]) == (line, 3)


def test_an_empty_body_is_400(web, run):
    for headers in ({}, {"Content-Type": "application/json"}):
        reply = web.put(run, b"", headers=headers)
        assert (reply.status, reply.json()["code"]) == (400, "empty_body")
    assert web.put(run, iter([])).json()["code"] == "empty_body"  # chunked


def test_a_body_of_white_space_is_400(web, run):
    reply = web.put(run, b" \r\n\t ")
    assert reply.status == 400
    assert reply.json()["code"] in ("empty_body", "truncated")


@pytest.mark.parametrize("cut", [1, 2, 20, -1])
def test_a_truncated_body_is_400(web, run, cut):
    body = array(*detections(3))
    body = body[:element_offsets(body)[2]][:len(body) if cut < 0
                                           else element_offsets(body)[1] + cut]
    reply = web.put(run, body)
    assert (reply.status, reply.json()["code"]) == (400, "truncated"), reply
    assert reply.json()["offset"] <= len(body)
    assert reply.json()["index"] in (1, 2)


def test_a_large_truncated_body_is_400(web, run, collect):
    body = b"".join(big_results(3_000_000))[:-1]
    reply = web.put(run, body)
    assert (reply.status, reply.json()["code"]) == (400, "truncated")
    assert reply.json()["offset"] <= len(body)
    assert "index" in reply.json()
    collect()


def test_a_mistake_late_in_a_large_body_is_named_by_its_byte_and_takes_everything_back(
        web, run, collect):
    pieces = list(big_results(3_000_000))[:-1]
    body = b"".join(pieces) + b', {"a" 1}]'
    reply = web.put(run, body)
    assert (reply.status, reply.json()["code"]) == (400, "not_json")
    assert abs(reply.json()["offset"] - (len(body) - 3)) <= 2
    assert reply.json()["index"] == 700 * len(pieces)
    collect()


@pytest.mark.parametrize("body", ['"text"', "17", "null", "true"])
def test_something_else_where_the_array_of_results_is_due_is_422(web, run, body):
    reply = web.put(run, " " + body)
    assert (reply.status, reply.json()["code"]) == (422, "wrong_shape"), reply
    assert reply.json()["offset"] == 1


@pytest.mark.parametrize("body, offset", [
    ('[{"id": 1}]', 0),
    ('{"images": {}}', 11),
    ('{"images": [], "annotations": 7}', 30),
    ('{"categories": "none"}', 15),
    ('"text"', 0),
])
def test_something_else_where_the_arrays_of_a_ground_truth_are_due_is_422(web, name, body, offset):
    reply = web.put(f"/datasets/{name}", body)
    assert (reply.status, reply.json()["code"]) == (422, "wrong_shape"), reply
    assert reply.json()["offset"] == offset
    assert web.get(f"/datasets/{name}").status == 404


def test_a_ground_truth_as_results_is_422(web, run, data):
    """Its images are not the dataset's. If they were, its annotations would still have no score."""
    body = json.loads(data("coco_val2014_100/instances_val2014_100.json").read_bytes())
    reply = web.put(run, body)
    assert (reply.status, reply.json()["code"]) == (422, "nothing_taken")
    assert reasons(reply.json()).keys() <= {"unknown_image", "unknown_category", "missing_field"}
    assert web.put(run, street()).json()["code"] == "nothing_taken"


def test_elements_that_are_no_objects_are_skipped(web, db, dataset):
    reply = web.put_run(dataset, "run", f'[1, "x", null, [], {GOOD}]')
    assert reply.status == 200, reply
    assert reasons(reply.json()) == {"wrong_type": 4}
    assert [row[0] for row in rows(db, dataset, "run")] == [5]


def test_a_string_of_5_mb_in_an_unknown_key_is_kept(web, db, dataset):
    long = "x" * 5_000_000
    assert web.put_run(dataset, "run",
                       [detection(1), detection(2, remark=long), detection(3)]).status == 200
    assert json.loads(rows(db, dataset, "run")[1][12]) == {"remark": long}


@pytest.mark.parametrize("element", [
    '{"remark": "' + "x" * (17 << 20) + '"}',
    '{"remark": [' + "1," * 1_100_000 + "1]}",
], ids=["17 MB", "1,100,000 numbers"])
def test_an_element_beyond_the_limits_is_422(web, run, element, collect):
    reply = web.put(run, f"[{GOOD}, {element}]")
    assert (reply.status, reply.json()["code"]) == (422, "element_too_large"), reply
    assert reply.json()["index"] == 1
    assert reply.json()["offset"] >= len(START)
    collect()


@pytest.mark.parametrize("before, after", [("", ""), (f'[{GOOD}, {{"a": ', "}]")],
                         ids=["everything", "unknown key"])
@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")],
                         ids=["arrays", "objects"])
def test_a_depth_of_10000_is_422(web, run, before, after, opening, closing):
    body = before + opening * DEEP + "1" + closing * DEEP + after
    reply = web.put(run, body)
    assert reply.status == 422, reply
    if before or opening == "[":
        assert reply.json()["code"] == "too_deep"
        assert len(before) <= reply.json()["offset"] <= len(before) + 100 * len(opening)
    if before:
        assert reply.json()["index"] == 1


def test_a_deep_ground_truth_is_422(web, name):
    reply = web.put(f"/datasets/{name}", '{"info": ' + "[" * DEEP + "]" * DEEP + "}")
    assert (reply.status, reply.json()["code"]) == (422, "too_deep")


@pytest.mark.parametrize("vanish", [True, False], ids=["reset", "closed"])
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "with a length"])
def test_a_client_that_goes_away_half_way_changes_nothing(
        web, run, token, collect, chunked, vanish):
    pieces = list(big_results(1_000_000))
    with web.sender("PUT", f"{run}?import={token}",
                    length=None if chunked else sum(map(len, pieces))) as sender:
        for piece in pieces[:len(pieces) // 2]:
            sender.send(piece)
        web.wait_for_state(token, "running")
        if vanish:
            sender.vanish()
    assert web.wait_for_state(token, "failed", "lost")["state"] == "failed"
    collect()


def test_a_chunked_body_without_its_last_chunk_is_not_published_although_its_json_is_complete(
        web, run, token, collect):
    with web.sender("PUT", f"{run}?import={token}") as sender:
        for piece in big_results(300_000):
            sender.send(piece)
        web.wait_for_state(token, "running")
    web.wait_for_state(token, "failed")
    collect()


def test_a_body_shorter_than_its_length_is_not_published_although_its_json_is_complete(
        web, run, token, collect):
    pieces = list(big_results(300_000))
    with web.sender("PUT", f"{run}?import={token}", length=sum(map(len, pieces)) + 1) as sender:
        for piece in pieces:
            sender.send(piece)
        web.wait_for_state(token, "running")
    web.wait_for_state(token, "failed")
    collect()


def test_a_client_that_leaves_before_its_body_starts_is_no_trouble(web, run):
    for _ in range(5):
        with web.sender("PUT", run, length=1000):
            pass
    assert web.get(run).status == 200


def test_a_bad_chunk_is_refused(web, run):
    with web.sender("PUT", run) as sender:
        sender.send(array(*detections(2)))
        sender.socket.sendall(b"zz\r\n")
        assert sender.reply(end=False).status == 400


def test_the_workers_live_through_all_of_this(web, site, run):
    before = site.workers()
    for body, _ in NOT_JSON.values():
        web.put(run, body)
    web.put(run, "[" * 100_000)
    web.put(run, b"[" + b"\xff" * 1_000_000)
    web.put(run, '[{"' + "a" * 20_000_000)
    assert site.workers() == before


def test_a_body_of_500_mb_to_an_unknown_dataset_gets_its_404(web, tmp_path):
    sparse = tmp_path / "sparse.json"
    with open(sparse, "wb") as file:
        file.truncate(500_000_000)
    code, status, sent, body = web.curl("/datasets/nobody/runs/run", "-T", sparse)
    assert (code, status, json.loads(body)["code"]) == (0, 404, "unknown_dataset")
    assert sent < 50_000_000
    code, status, sent, body = web.curl("/datasets/nobody/runs/run", "-T", sparse, "-H",
                                        "Transfer-Encoding: chunked")
    assert (code, status, json.loads(body)["code"]) == (0, 404, "unknown_dataset")
    assert sent < 50_000_000
    code, status, sent, body = web.curl("/datasets/nobody/predictions", "-F", f"file=@{sparse}",
                                        "-H", "Expect:")
    assert (code, status, json.loads(body)["code"]) == (0, 404, "unknown_dataset")


def test_an_early_error_in_a_large_body_reaches_the_client(web, run, tmp_path):
    bad = tmp_path / "bad.json"
    with open(bad, "wb") as file:
        file.write(b"[")
        file.truncate(200_000_000)  # all NUL
    code, status, sent, body = web.curl(run, "-T", bad)
    assert (code, status) == (0, 400)
    assert (json.loads(body)["code"], json.loads(body)["offset"]) == ("not_json", 1)
    assert sent < 50_000_000


def test_a_coding_that_is_not_known_is_415(web, run):
    for coding in ("br", "deflate", "gzip, gzip", "nonsense"):
        reply = web.put(run, array(*detections(5)), headers={"Content-Encoding": coding})
        assert (reply.status, reply.json()["code"]) == (415, "unsupported_media_type")
    # An identity coding is no coding.
    body = array(*detections(5))
    assert web.put(run, body, headers={"Content-Encoding": "identity"}).status == 200


def test_a_body_over_the_limit_is_413(own_site, dataset):
    client = own_site("--max-body", "1000")
    path = f"/datasets/{dataset}/runs/run"
    body = array(*detections(3))
    assert len(body) < 1000
    assert client.put(path, body).status == 200
    assert client.put(path, body + b" " * (1000 - len(body))).status == 200
    for longer in (body + b" " * (1001 - len(body)), iter([body, b" " * 1000])):
        reply = client.put(path, longer)
        assert (reply.status, reply.json()["code"]) == (413, "body_too_large")
    assert client.get(path).json()["prediction_count"] == 3


def test_problem_documents_hold_no_byte_of_the_body(web, run):
    secret = "s3cretvalue"
    for body in (f'[{GOOD}, {{"a": "{secret}" x', f"[{secret}", f'[{GOOD}, {{"{secret}": tru'):
        reply = web.put(run, body)
        assert reply.status == 400
        assert not re.search(secret, reply.text)
