"""What went in comes out: the same numbers, ids, order and masks, as a file that goes in again."""

import http.client
import json
import os
import signal
import socket

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from samples import array, big_results, detection, detections, street
from stack import DATA, wait_for

HEIGHT, WIDTH = 480, 640  # of images 1 and 2 of samples.street()

# ---- generated files -------------------------------------------------------------------------

doubles = st.floats(allow_nan=False, allow_infinity=False, width=64)
sizes = st.floats(min_value=0, max_value=1e150)
numbers = st.one_of(doubles, st.integers(-2**53, 2**53), st.floats(0, 1000, width=32))
texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=8)
anything = st.recursive(st.one_of(st.none(), st.booleans(), numbers, texts),
                        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(
                            texts, inner, max_size=3)), max_leaves=6)


@st.composite
def run_lengths(draw):
    """An RLE of an image of HEIGHT x WIDTH."""
    cuts = sorted(draw(st.lists(st.integers(0, HEIGHT * WIDTH), max_size=8)))
    counts = [b - a for a, b in zip([0, *cuts], [*cuts, HEIGHT * WIDTH])]
    packed = draw(st.booleans())
    return {"size": [HEIGHT, WIDTH], "counts": pack(counts) if packed else counts}


def pack(counts):
    """COCO's compressed text of runs: five bits a character.

    From the fourth run on, it holds the difference to the run two before.
    """
    text = ""
    for i, run in enumerate(counts):
        rest = run - counts[i - 2] if i > 2 else run
        while True:
            bits, rest = rest & 0x1F, rest >> 5
            last = rest == (-1 if bits & 0x10 else 0)
            text += chr(48 + (bits if last else bits | 0x20))
            if last:
                break
    return text


polygons = st.lists(st.lists(numbers, min_size=6, max_size=10).filter(lambda p: len(p) % 2 == 0),
                    min_size=1, max_size=2)
keypoints = st.lists(st.tuples(st.floats(0, 640), st.floats(0, 480),
                               st.sampled_from([0, 1, 2, 0.25])), min_size=1, max_size=4).map(
    lambda points: [number for point in points for number in point])
boxes = st.tuples(numbers, numbers, sizes, sizes).map(list)
names = texts.filter(lambda name: name not in {
    "image_id", "category_id", "bbox", "score", "segmentation", "keypoints",
    "file_name", "category_name"})


@st.composite
def results_rows(draw):
    row = {"image_id": draw(st.sampled_from([1, 2])),
           "category_id": draw(st.sampled_from([1, 3, 18])), "score": draw(numbers)}
    shape = draw(st.sampled_from(
        ["box", "box and mask", "box and polygons", "mask", "points", "box and points"]))
    if "box" in shape:
        row["bbox"] = draw(boxes)
    if "mask" in shape:
        row["segmentation"] = draw(run_lengths())
    if "polygons" in shape:
        row["segmentation"] = draw(polygons)
    if "points" in shape:
        row["keypoints"] = draw(keypoints)
    row.update(draw(st.dictionaries(names, anything, max_size=2)))
    return dict(draw(st.permutations(list(row.items()))))


@st.composite
def ground_truths(draw):
    truth = street()
    truth["annotations"] = [
        {"id": id, "image_id": draw(st.sampled_from([1, 2, 3])),
         "category_id": draw(st.sampled_from([1, 3, 18])), "bbox": draw(boxes), "area": draw(sizes),
         "iscrowd": draw(st.sampled_from([0, 1])),
         **draw(st.dictionaries(names, anything, max_size=1))}
        for id in draw(st.lists(st.integers(0, 2**62), min_size=1, max_size=6, unique=True))]
    truth["more"] = draw(anything.filter(lambda value: value is not None))
    return truth


# A run that can be repeated; a failure found elsewhere can be added with @example.
generated = settings(max_examples=25, deadline=None, database=None, derandomize=True,
                     suppress_health_check=list(HealthCheck))


@generated
@given(rows=st.lists(results_rows(), max_size=8), data=st.data())
def test_any_results_file_comes_back(web, shared_dataset, rows, data):
    path = f"/datasets/{shared_dataset}/runs/generated"
    body = json.dumps(rows, ensure_ascii=data.draw(st.booleans()),
                      indent=data.draw(st.sampled_from([None, 1])))
    reply = web.put(path, body)
    assert reply.status == 200 and reply.json()["prediction_count"] == len(rows), reply.json()
    out = web.get(path + "/predictions")
    assert out.status == 200
    assert json.loads(out.body) == rows
    assert web.put(path, out.body).json()["replaced_count"] == len(rows)
    assert web.get(path + "/predictions").body == out.body


@generated
@given(truth=ground_truths())
def test_any_ground_truth_comes_back(web, name, truth):
    path = f"/datasets/{name}g"
    assert web.put(path, json.dumps(truth)).status in (200, 201)
    out = web.get(path + "/annotations")
    assert json.loads(out.body) == truth
    assert web.put(path, out.body).status == 200
    assert web.get(path + "/annotations").body == out.body


# ---- real files ------------------------------------------------------------------------------

PAIRS = [("coco_val2014_100/instances_val2014_100.json",
          "coco_val2014_100/instances_val2014_fakesegm100_results.json"),
         ("coco_val2014_100/instances_val2014_100.json",
          "coco_val2014_100/instances_val2014_fakebbox100_results.json"),
         *((f"synthetic_{kind}/pair.gt.json", f"synthetic_{kind}/pair.dt.json")
           for kind in ("bbox", "segm", "keypoints"))]


def by_id(things):
    return sorted(things, key=lambda thing: thing["id"])


@pytest.mark.parametrize("truth, results", PAIRS)
def test_real_files_come_back_bit_for_bit(web, name, truth, results):
    if not (DATA / truth).exists():
        pytest.skip(f"{truth} is not here")
    truth, results = (json.loads((DATA / path).read_bytes()) for path in (truth, results))
    assert web.put(f"/datasets/{name}", json.dumps(truth)).status == 201
    reply = web.put_run(name, "run", json.dumps(results))
    assert (reply.json()["prediction_count"], reply.json()["skipped_count"]) == (len(results), 0)
    assert json.loads(web.get(f"/datasets/{name}/runs/run/predictions").body) == results

    out = json.loads(web.get(f"/datasets/{name}/annotations").body)
    assert out["annotations"] == [{"iscrowd": 0, **annotation}
                                  for annotation in truth["annotations"]]
    assert out["images"] == by_id(truth["images"])
    assert out["categories"] == by_id(truth["categories"])
    arrays = ("images", "annotations", "categories")
    assert {key: out[key] for key in out if key not in arrays} == {
        key: truth[key] for key in truth if key not in arrays and truth[key] is not None}


# ---- the answer ------------------------------------------------------------------------------

def test_it_is_a_file_to_save(web, dataset):
    web.put_run(dataset, "yolo.v8", detections(2))
    reply = web.get(f"/datasets/{dataset}/runs/yolo.v8/predictions")
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="yolo.v8.json"'
    opening, *lines, closing = reply.text.splitlines()
    assert (opening, closing) == ("[", "]")
    assert [json.loads(line.rstrip(",")) for line in lines] == detections(2)
    head = web.request("HEAD", f"/datasets/{dataset}/runs/yolo.v8/predictions")
    assert (head.status, head.body) == (200, b"")
    reply = web.get(f"/datasets/{dataset}/annotations")
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{dataset}.json"'


def test_a_file_is_called_after_its_dataset_however_that_was_named(web, dataset):
    web.put_run(dataset, "run", detections(2))
    number = web.get(f"/datasets/{dataset}").json()["id"]
    for path, name in (("annotations", dataset), ("runs/run/predictions", "run")):
        reply = web.get(f"/datasets/{number}/{path}")
        assert (reply.status, reply.headers["Content-Disposition"]) == (
            200, f'attachment; filename="{name}.json"')


def test_an_empty_run(web, dataset):
    web.put_run(dataset, "empty", b"[]")
    assert web.get(f"/datasets/{dataset}/runs/empty/predictions").json() == []


def test_skipped_rows_are_not_in_it_and_ids_are_the_datasets(web, dataset):
    web.put_run(dataset, "run",
                array(detection(0, image_id="two"), detection(1, category_id=99), detection(2)))
    rows = web.get(f"/datasets/{dataset}/runs/run/predictions").json()
    assert rows == [{**detection(0), "image_id": 2}, detection(2)]


@pytest.mark.parametrize("path, code", [("/datasets/none/annotations", "unknown_dataset"),
                                        ("/datasets/none/runs/x/predictions", "unknown_dataset"),
                                        ("/datasets/{}/runs/none/predictions", "unknown_run"),
                                        ("/datasets/{}/runs/ground_truth/predictions",
                                         "unknown_run")])
def test_what_is_not_there(web, shared_dataset, path, code):
    reply = web.get(path.format(shared_dataset))
    assert (reply.status, reply.json()["code"]) == (404, code)


EXPORTING = ("select pid from pg_stat_activity where query like '%copy (select concat(%'"
             " and pid <> pg_backend_pid() and state = 'active'")


def test_a_replacement_meanwhile_does_not_mix(web, site, db, dataset, collect):
    """A slow reader gets the run as it was at its start; these rows are not collected meanwhile."""
    old = detections(100_000)
    web.put_run(dataset, "run", old)
    with socket.create_connection(("127.0.0.1", site.port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(f"GET /datasets/{dataset}/runs/run/predictions HTTP/1.0\r\n\r\n".encode())
        beginning = client.recv(100)
        assert web.put_run(dataset, "run", detections(3)).json()["replaced_count"] == len(old)
        assert db.execute(EXPORTING).fetchone(), "all of it was sent at once"
        with client.makefile("rb") as rest:
            body = (beginning + rest.read()).partition(b"\r\n\r\n")[2]
    assert json.loads(body) == old
    collect()


def test_a_failure_in_the_middle_is_not_a_whole_file(web, dataset, db):
    web.put_run(dataset, "run", detections(40_000))
    with web.stream(f"/datasets/{dataset}/runs/run/predictions") as reply:
        reply.read(1000)
        pid, = wait_for(lambda: db.execute(EXPORTING).fetchone(), "the export's backend")
        db.execute("select pg_terminate_backend(%s)", (pid,))
        with pytest.raises(http.client.IncompleteRead):
            reply.read()
    assert web.get(f"/datasets/{dataset}").status == 200


def test_a_worker_that_is_killed_in_the_middle_is_no_end(web, own_site, dataset):
    web.put_run(dataset, "run", detections(100_000))
    other = own_site(watched=True)
    with other.stream(f"/datasets/{dataset}/runs/run/predictions") as reply:
        reply.read(1000)
        for worker in other.site.workers():
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(http.client.IncompleteRead):
            reply.read()
    wait_for(lambda: other.get("/readyz").status == 200, "another worker")


def test_one_that_is_taken_in_pieces_and_others_after_it(web, dataset):
    """nginx may keep the connection to a worker: nothing of one answer is in the next."""
    web.put_run(dataset, "run", detections(2_000))
    path = f"/datasets/{dataset}/runs/run/predictions"
    for _ in range(5):
        assert web.get(path).json() == detections(2_000)
        assert web.get(f"/datasets/{dataset}/runs/none/predictions").status == 404
        assert web.request("HEAD", path).body == b""
        assert web.put(path, detections(10_000)).json()["code"] == "method_not_allowed"
        assert web.put(path, big_results(3_000_000)).json()["code"] == "method_not_allowed"
    assert web.get(f"/datasets/{dataset}").status == 200


def test_a_client_that_takes_nothing_is_given_up(own_site, web, dataset, db):
    """It would hold a snapshot and a connection for as long as it likes."""
    web.put_run(dataset, "run", detections(100_000))
    slow = own_site("--body-timeout", "1")
    with socket.create_connection(("127.0.0.1", slow.site.port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(f"GET /datasets/{dataset}/runs/run/predictions HTTP/1.0\r\n\r\n".encode())
        wait_for(lambda: db.execute(EXPORTING).fetchone(), "the export")
        wait_for(lambda: not db.execute(EXPORTING).fetchone(), "its end")
        with client.makefile("rb") as rest:
            body = rest.read().partition(b"\r\n\r\n")[2]
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
