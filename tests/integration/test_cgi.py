"""The program by itself: one plain CGI request, its options, its collection."""

import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from samples import array, count, detections, street
from stack import wait_for


def answer(done):
    """A CGI response: (status, headers, body)."""
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    return int(headers["Status"].split()[0]), headers, body


@pytest.fixture
def file(tmp_path):
    """file(bytes) is an open file with these bytes."""
    opened = []

    def make(content):
        path = tmp_path / f"body{len(opened)}"
        path.write_bytes(content)
        opened.append(open(path, "rb"))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_a_run_is_imported_from_a_file_as_plain_cgi(pgcoco, file, web, db, dataset):
    done = pgcoco(stdin=file(array(*detections(5))), REQUEST_METHOD="PUT",
                  PATH_INFO=f"/datasets/{dataset}/runs/cgi")
    status, headers, body = answer(done)
    assert (done.returncode, status) == (0, 200), done
    assert headers["Content-Type"].startswith("application/json")
    assert json.loads(body)["prediction_count"] == 5
    assert count(db, dataset, "cgi") == 5
    assert web.get(f"/datasets/{dataset}/runs/cgi").json()["prediction_count"] == 5


def test_a_dataset_is_made_read_and_deleted_as_plain_cgi(pgcoco, file, name):
    path = f"/datasets/{name}"
    body = json.dumps(street()).encode()
    assert answer(pgcoco(stdin=file(body), REQUEST_METHOD="PUT", PATH_INFO=path,
                         QUERY_STRING="split=val"))[0] == 201
    status, _, body = answer(pgcoco(REQUEST_METHOD="GET", PATH_INFO=path))
    assert (status, json.loads(body)["splits"]) == (200, ["val"])
    assert answer(pgcoco(REQUEST_METHOD="DELETE", PATH_INFO=path))[0] == 204
    assert answer(pgcoco(REQUEST_METHOD="GET", PATH_INFO=path))[0] == 404


@pytest.mark.parametrize("variable", ["PATH_INFO", "DOCUMENT_URI", "SCRIPT_NAME"])
def test_the_path_is_taken_from_what_a_server_sets(pgcoco, variable):
    assert answer(pgcoco(REQUEST_METHOD="GET", **{variable: "/healthz"}))[0] == 200


def test_a_database_may_be_given_by_option(pgcoco, postgres):
    done = pgcoco("--db", postgres.conninfo(), database=False, REQUEST_METHOD="GET",
                  PATH_INFO="/readyz")
    assert answer(done)[0] == 200


def test_a_pipe_without_a_length_is_411(pgcoco, dataset):
    done = pgcoco(input=b"[]", REQUEST_METHOD="PUT", PATH_INFO=f"/datasets/{dataset}/runs/cgi")
    status, _, body = answer(done)
    assert (status, json.loads(body)["code"]) == (411, "length_required")


def test_a_pipe_with_a_length_is_read_so_far(pgcoco, db, dataset):
    body = array(*detections(4))
    request = {"REQUEST_METHOD": "PUT", "PATH_INFO": f"/datasets/{dataset}/runs/cgi"}
    assert answer(pgcoco(input=body + b"more", CONTENT_LENGTH=len(body), **request))[0] == 200
    assert count(db, dataset, "cgi") == 4
    for length in (len(body) - 1, len(body) + 1):
        status, _, answered = answer(pgcoco(input=body, CONTENT_LENGTH=length, **request))
        assert status == 400, answered
    assert count(db, dataset, "cgi") == 4


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "99999999999999999999999"])
def test_a_length_that_is_no_number_is_400(pgcoco, dataset, length):
    done = pgcoco(input=b"[]", CONTENT_LENGTH=length, REQUEST_METHOD="PUT",
                  PATH_INFO=f"/datasets/{dataset}/runs/cgi")
    assert answer(done)[0] in (400, 413), done


def test_a_body_over_the_limit_is_413_as_plain_cgi(pgcoco, file, dataset):
    done = pgcoco("--max-body", "10", stdin=file(array(*detections(1))), REQUEST_METHOD="PUT",
                  PATH_INFO=f"/datasets/{dataset}/runs/cgi")
    status, _, body = answer(done)
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("option, body, code", [
    (("--max-depth", "3"), b'[{"a": [[[[1]]]]}]', "too_deep"),
    (("--max-tokens", "10"), b'[{"a": [1,2,3,4,5,6,7,8,9,0]}]', "element_too_large"),
    (("--max-element", "64K"), b'[{"a": "' + b"x" * 300_000 + b'"}]', "element_too_large"),
], ids=["depth", "tokens", "element"])
def test_limits_are_options(pgcoco, file, dataset, option, body, code):
    request = {"REQUEST_METHOD": "PUT", "PATH_INFO": f"/datasets/{dataset}/runs/cgi"}
    status, _, answered = answer(pgcoco(*option, stdin=file(body), **request))
    assert (status, json.loads(answered)["code"]) == (422, code)
    assert json.loads(answer(pgcoco(stdin=file(body), **request))[2])["code"] == "nothing_taken"


def test_without_the_database_the_answer_is_503(pgcoco, tmp_path):
    done = pgcoco("--db", f"host={tmp_path} user=pgcoco dbname=coco", REQUEST_METHOD="GET",
                  PATH_INFO="/readyz")
    status, headers, _ = answer(done)
    assert status == 503
    assert int(
        answer(pgcoco("--db", f"host={tmp_path}", REQUEST_METHOD="GET", PATH_INFO="/datasets"))[1]
        ["Retry-After"]) > 0


@pytest.mark.parametrize("args, word", [
    (["--nonsense"], "nonsense"), (["--threads"], "threads"), (["--threads", "many"], "many"),
    (["--threads", "0"], "threads"), (["--max-body", "-1"], "max-body"),
    (["--max-depth", "1e9"], "max-depth"),
    (["--max-element", "16Q"], "max-element"), (["stray"], "stray"), (["gc", "stray"], "stray"),
    ([], "REQUEST_METHOD"), (["serve"], "REQUEST_METHOD"),
    (["--body-timeout", ""], "body-timeout"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_wrong_option_is_explained_with_exit_status_2(pgcoco, args, word):
    done = pgcoco(*args, database=False)
    assert done.returncode == 2, done
    assert word.encode() in done.stderr
    assert done.stdout == b""


def test_a_collection_says_how_many_it_dropped(pgcoco, web, dataset, collect):
    web.put_run(dataset, "run", detections(2))
    collect()
    done = pgcoco("gc")
    assert done.returncode == 0
    assert b"0" in done.stdout


def test_a_collection_does_not_mind_an_import_that_is_being_published(
        pgcoco, postgres, web, db, dataset):
    assert web.put_run(dataset, "run", detections(2)).status == 200
    db.execute("update coco.imports set analyzed = false")
    with postgres.connect() as publishing:
        publishing.execute("select 1 from coco.imports for update")
        done = pgcoco("gc")
    assert done.returncode == 0, done


def test_collections_at_the_same_time_are_not_in_each_others_way(pgcoco, web, dataset, collect):
    for _ in range(3):
        for run in range(4):
            assert web.put_run(dataset, f"run{run}", detections(2)).status == 200
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: pgcoco("gc"), range(4)))
        assert [one.returncode for one in done] == [0] * 4, done
    collect()


def test_a_collection_without_a_database_fails(pgcoco, tmp_path):
    done = pgcoco("gc", "--db", f"host={tmp_path}", database=False)
    assert done.returncode not in (0, 2)
    assert done.stderr


def test_a_socket_that_cannot_be_made_is_explained(pgcoco, home):
    done = pgcoco("--socket", str(home.path / "no/such/folder/socket"))
    assert done.returncode != 0
    assert b"no/such/folder/socket" in done.stderr


def test_a_socket_left_by_a_dead_worker_is_taken_over(home):
    stale = home.path / f"stale{os.getpid()}.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(stale))
    left.close()
    home.own(stale)
    process = home.start("stale_worker", home.binary, "--db", "host=/nowhere", "--socket", stale)
    try:
        def connects():
            assert process.poll() is None, "the worker ended"
            with socket.socket(socket.AF_UNIX) as probe:
                return probe.connect_ex(str(stale)) == 0

        wait_for(connects, "the worker to listen")
        assert stale.stat().st_mode & 0o777 == 0o660
    finally:
        process.terminate()
        process.wait(30)
