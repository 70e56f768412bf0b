"""A refused upload is its client's affair: its sessions leave no ERROR in PostgreSQL's log."""

import json
import re
import signal
import subprocess

import pytest

from samples import array, big_results, detection, detections, street
from stack import wait_for

# log_line_prefix ends with the application's name, which says what an import is at.
OF_AN_IMPORT = re.compile(r"pgcoco \S+ (copy|index|attach|publish)[ \d]*(ERROR|FATAL|WARNING):")
MANY = b"".join(big_results(400_000))[:-1]  # without its closing bracket
MASK = {"size": [480, 640], "counts": [640 * 480]}
GT = json.dumps(street()).encode()
IMAGES = GT[:GT.index(b'"categories"')]


@pytest.fixture
def log(home):
    """The lines that PostgreSQL has logged since the test began."""
    path = home.logs["postgres"][0]
    before = path.stat().st_size

    def read():
        with open(path, "rb") as file:
            file.seek(before)
            return file.read().decode(errors="replace").splitlines()
    return read


@pytest.fixture
def quiet(log, web, dataset):
    """The test's dataset, whose old run must stay; and no ERROR may be logged."""
    assert web.put_run(dataset, "run", detections(5)).status == 200
    yield dataset
    assert [line for line in log() if OF_AN_IMPORT.search(line)] == []
    assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == 5


@pytest.mark.parametrize("body, query, code", [
    (b"[?]", "", "not_json"),
    (MANY + b", ?]", "", "not_json"),
    (MANY, "", "truncated"),
    (MANY + b"\xff", "", "not_json"),
    (MANY + b"] []", "", "not_json"),
    (MANY + b"," + b"[" * 100, "", "too_deep"),
    (MANY + b', "' + b"x" * (17 << 20) + b'"]', "", "element_too_large"),
    (b"17", "", "wrong_shape"),
    (array(*detections(3), detection(0, category_id=999)), "?max_skipped=0", "too_many_skipped"),
    (array(detection(0, category_id=999)), "", "nothing_taken"),
    (array(*detections(2), detection(0, segmentation=MASK))[:-1] + b"?", "", "not_json"),
    (b'{"annotations": ' + MANY + b'], "categories": [?]}', "?match=name", "not_json"),
    (json.dumps({"annotations": detections(3), "images": [{"id": 1, "file_name": "x"}]}).encode(),
     "", "wrong_shape"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_refused_results_file(web, quiet, body, query, code):
    reply = web.put(f"/datasets/{quiet}/runs/run{query}", body)
    assert reply.json()["code"] == code, reply


@pytest.mark.parametrize("body, code", [
    (GT[:-5], "truncated"),
    (GT + b"?", "not_json"),
    (IMAGES[:-4] + b"?", "not_json"),
    (IMAGES + b'"images": []}', "wrong_shape"),
    (IMAGES + b'"annotations": [17]}', "nothing_taken"),
    (b"[]", "wrong_shape"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_refused_ground_truth(web, quiet, name, body, code):
    reply = web.put(f"/datasets/{name}", body)
    assert reply.json()["code"] == code, reply


@pytest.mark.parametrize("vanish", [True, False], ids=["reset", "closed"])
def test_a_client_that_goes_away(web, quiet, token, vanish):
    with web.sender("PUT", f"/datasets/{quiet}/runs/run?import={token}") as sender:
        sender.send(MANY)
        web.wait_for_state(token, "running")
        if vanish:
            sender.vanish()
    assert web.wait_for_state(token, "failed")["outcome"]["code"] == "client_gone"


def test_a_body_that_is_silent_for_too_long(own_site, web, quiet, token):
    client = own_site("--body-timeout", "1")
    with client.sender("PUT", f"/datasets/{quiet}/runs/run?import={token}") as sender:
        sender.send(MANY)
        assert sender.reply(end=False).json()["code"] == "slow_body"


def test_a_body_that_is_too_large(own_site, quiet):
    client = own_site("--max-body", "300000")
    reply = client.put(f"/datasets/{quiet}/runs/run", iter([MANY, b"]"]))
    assert reply.json()["code"] == "body_too_large"


def test_a_form_that_goes_wrong_after_its_file(web, quiet):
    reply = web.post_form(f"/datasets/{quiet}/predictions",
                          [("file", "run.json", MANY + b"]"), ("run_name", "late")])
    assert reply.json()["code"] == "bad_request"


def test_a_command_that_is_interrupted(shell, web, quiet, token):
    process = shell.start("import", "run", quiet, "run", "-", "--token", token,
                          stdin=subprocess.PIPE)
    process.stdin.write(MANY)
    process.stdin.flush()
    wait_for(lambda: web.import_state(token).get("rows", 0) > 0, "rows in the database")
    process.send_signal(signal.SIGINT)
    assert b"interrupted" in process.communicate(timeout=120)[1]
    assert process.returncode == 130


def test_a_command_whose_file_is_bad(shell, quiet):
    shell.write("run.json", MANY + b", ?]")
    _, err = shell.run("import", "run", quiet, "run.json", status=1)
    assert "not JSON" in err
