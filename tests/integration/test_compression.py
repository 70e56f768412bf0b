"""Files come compressed: told by the request, or by the file's first bytes."""

import gzip
import json
import random
import subprocess

import pytest

from samples import array, count, detection, detections, rows, street


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, capture_output=True,
                          check=True).stdout


BODY = array(*detections(3000))
PACKERS = {"gzip": gzip.compress, "zstd": zstd}


@pytest.fixture(params=PACKERS)
def coding(request):
    return request.param


@pytest.fixture
def run(web, dataset):
    """A run of five rows, and its path."""
    assert web.put_run(dataset, "run", detections(5)).status == 200
    return f"/datasets/{dataset}/runs/run"


@pytest.fixture
def plain(web, db, dataset):
    """The rows of BODY, sent as it is."""
    assert web.put_run(dataset, "plain", BODY).json()["prediction_count"] == 3000
    return rows(db, dataset, "plain")


def test_by_its_first_bytes(web, db, dataset, plain, run, coding):
    outcome = web.put(run, PACKERS[coding](BODY)).json()
    assert (outcome["prediction_count"], outcome["bytes"]) == (3000, len(BODY))
    assert rows(db, dataset, "run") == plain


def test_by_the_header(web, db, dataset, plain, run, coding):
    assert web.put(run, PACKERS[coding](BODY),
                   headers={"Content-Encoding": coding}).json()["prediction_count"] == 3000
    assert rows(db, dataset, "run") == plain


def test_in_a_form_where_the_run_is_named_after_the_file(web, db, dataset, plain, coding):
    filename = "detector.json" + {"gzip": ".gz", "zstd": ".zst"}[coding]
    reply = web.post_form(f"/datasets/{dataset}/predictions",
                          [("file", filename, PACKERS[coding](BODY))])
    assert reply.json()["run_name"] == "detector"
    assert rows(db, dataset, "detector") == plain


def test_a_whole_form_may_be_compressed(web, db, dataset, plain, coding):
    from client import form
    body, kind = form([("run_name", "packed"), ("file", "x.json", BODY)])
    reply = web.post(f"/datasets/{dataset}/predictions", PACKERS[coding](body),
                     headers={"Content-Type": kind, "Content-Encoding": coding})
    assert reply.json()["run_name"] == "packed"
    assert rows(db, dataset, "packed") == plain


def test_a_ground_truth(web, db, name, coding):
    assert web.put(f"/datasets/{name}",
                   PACKERS[coding](json.dumps(street()).encode())).json()["annotation_count"] == 4


def test_several_members_are_one_file(web, db, dataset, plain, run, coding):
    half = len(BODY) // 2
    pack = PACKERS[coding]
    assert web.put(
        run, pack(BODY[:half]) + pack(b"") + pack(BODY[half:])).json()["prediction_count"] == 3000
    assert rows(db, dataset, "run") == plain


def test_bytes_are_those_of_the_unpacked_file(web, run, coding):
    body = BODY[:100_000] + b"?" + BODY[100_000:]
    reply = web.put(run, PACKERS[coding](body))
    assert (reply.status, reply.json()["code"], reply.json()["offset"]) == (
        400, "not_json", 100_000)


def test_one_that_is_cut_changes_nothing(web, db, dataset, run, coding):
    packed = PACKERS[coding](BODY)
    for length in (3, 9, 11, len(packed) // 2, len(packed) - 1):
        reply = web.put(run, packed[:length])
        assert reply.status == 400 and reply.json()["code"] in ("truncated", "not_json"), reply
        assert length < 9 or reply.json()["code"] == "truncated", reply
    assert count(db, dataset, "run") == 5


def test_one_that_is_damaged_changes_nothing(web, db, dataset, run, coding):
    packed = bytearray(zstd(BODY, "--check") if coding == "zstd" else gzip.compress(BODY))
    for place in (len(packed) // 2, len(packed) - 2):
        damaged = bytearray(packed)
        damaged[place] ^= 0xff
        reply = web.put(run, bytes(damaged))
        assert reply.status == 400, reply
        assert reply.json()["code"] in ("bad_compression", "not_json", "truncated"), reply
    assert web.put(run, bytes(packed) + b"more").json()["code"] == "bad_compression"
    assert count(db, dataset, "run") == 5


def test_a_bomb_is_413(web, db, dataset, run, coding):
    bomb = PACKERS[coding](b"[" + b" " * 40_000_000 + b"]")
    assert len(bomb) < 500_000
    reply = web.put(run, bomb)
    assert (reply.status, reply.json()["code"]) == (413, "body_too_large")
    assert count(db, dataset, "run") == 5


def numbers_among_spaces(megabytes, spaces):
    """An array that unpacks to so many bytes; more spaces compress better."""
    rng = random.Random(1)
    row = 9 + spaces
    return b"[1" + b"".join(b",%08d" % rng.randrange(10**7, 10**8) + b" " * spaces
                            for _ in range(megabytes * 1_000_000 // row)) + b"]"


@pytest.mark.parametrize("megabytes, spaces, code", [
    (16, 2000, "nothing_taken"), (20, 60, "nothing_taken"), (20, 2000, "body_too_large")])
def test_a_large_file_may_unpack_to_50_times_its_size(web, run, coding, megabytes, spaces, code):
    plain = numbers_among_spaces(megabytes, spaces)
    packed = PACKERS[coding](plain)
    assert (len(plain) > 50 * len(packed)) == (spaces > 60)
    assert web.put(run, packed).json()["code"] == code


def test_nesting_costs_time_and_must_be_paid_by_the_bytes_that_were_sent(web, run, coding):
    deep = "[" * 60 + "]" * 60
    row = json.dumps(detection(0))[:-1] + f', "deep": [{",".join([deep] * 20)}]}}'
    plain = f"[{','.join([row] * 400)}]".encode()
    assert web.put(run, plain).status == 200
    reply = web.put(run, PACKERS[coding](plain))
    assert (reply.status, reply.json()["code"]) == (422, "too_deep")
    assert "send it uncompressed" in reply.json()["detail"]


def test_the_limit_of_a_body_is_that_of_the_unpacked_one(own_site, dataset, coding):
    client = own_site("--max-body", "100000")
    packed = PACKERS[coding](BODY)
    assert len(packed) < 100_000 < len(BODY)
    assert client.put(f"/datasets/{dataset}/runs/run", packed).status == 413


def test_a_window_beyond_the_memory_of_a_worker_is_refused(web, run):
    reply = web.put(run, zstd(BODY * 100, "--long=27", "-19"))
    assert (reply.status, reply.json()["code"]) == (400, "bad_compression")
    assert "--long" in reply.json()["detail"]


def test_frames_without_text_are_passed_over(web, db, dataset, plain, run):
    """pzstd begins with one."""
    empty = b"\x50\x2a\x4d\x18\x04\x00\x00\x00\x01\x02\x03\x04"
    half = len(BODY) // 2
    body = empty + zstd(BODY[:half]) + empty.replace(b"\x50", b"\x5f") + zstd(BODY[half:]) + empty
    assert web.put(run, body).json()["prediction_count"] == 3000
    assert rows(db, dataset, "run") == plain


@pytest.mark.parametrize("inner", PACKERS)
def test_one_that_is_compressed_twice_is_415(web, db, dataset, run, coding, inner):
    """Each time within the limits, it could unpack to the square of them."""
    reply = web.put(run, PACKERS[coding](PACKERS[inner](BODY)),
                    headers={"Content-Encoding": coding})
    assert (reply.status, reply.json()["code"]) == (415, "unsupported_media_type")
    assert count(db, dataset, "run") == 5


@pytest.mark.parametrize("inner", PACKERS)
def test_a_file_in_a_file_is_415(web, pgcoco, db, dataset, run, coding, inner):
    twice = PACKERS[coding](PACKERS[inner](BODY))
    for reply in (web.put(run, twice),
                  web.post_form(f"/datasets/{dataset}/predictions", [("file", "run.gz", twice)])):
        assert (reply.status, reply.json()["code"]) == (415, "unsupported_media_type"), reply
        assert "compressed twice" in reply.json()["detail"]
    done = pgcoco("import", "run", dataset, "-", "--name", "run", input=twice)
    assert done.returncode != 0 and b"compressed twice" in done.stderr
    assert count(db, dataset, "run") == 5
