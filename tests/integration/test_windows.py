"""Neither the size of the window nor that of the reads makes a difference to the rows."""

import pytest

from samples import array, detections, rows

def put(pgcoco, path, file, window):
    with open(file, "rb") as body:
        done = pgcoco("--window", str(window), stdin=body, REQUEST_METHOD="PUT", PATH_INFO=path)
    assert done.stdout.startswith((b"Status: 200", b"Status: 201")), done


@pytest.mark.parametrize("window", [1, 2, 3, 7, 64, 1000, 65536, 16777216])
def test_predictions_are_the_same_rows_at_every_window(pgcoco, web, db, dataset, tmp_path, window):
    whole = array(*detections(40), {"image_id": 1}, *detections(3), 7)
    file = tmp_path / "results.json"
    file.write_bytes(whole)
    assert web.put_run(dataset, "http", whole).status == 200
    put(pgcoco, f"/datasets/{dataset}/runs/cgi", file, window)
    assert len(rows(db, dataset, "http")) == 43
    assert rows(db, dataset, "cgi") == rows(db, dataset, "http")
    documents = [web.get(f"/datasets/{dataset}/runs/{run}").json() for run in ("cgi", "http")]
    assert documents[0]["skipped"] == documents[1]["skipped"]


@pytest.mark.parametrize("window", [1, 100, 65536])
@pytest.mark.parametrize("file", ["coco_val2014_100/instances_val2014_100.json",
                                  "synthetic_keypoints/pair.gt.json"])
def test_ground_truth_is_the_same_rows_at_every_window(pgcoco, web, db, data, name, file, window):
    path = data(file)
    assert web.put(f"/datasets/{name}", path.read_bytes()).status == 201
    put(pgcoco, f"/datasets/{name}w", path, window)
    assert rows(db, name, "ground_truth")
    assert rows(db, name + "w", "ground_truth") == rows(db, name, "ground_truth")
