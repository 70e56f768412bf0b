"""Two runs side by side: their numbers, how sure a difference is, and images that flip."""

import json
import re

import pytest

from client import refused

CAR, DOG, BIRD = 1, 2, 3
HERE, THERE, NOWHERE = [10, 10, 50, 50], [200, 200, 50, 50], [400, 400, 50, 50]
PERFECT = pytest.approx(1)


def truths():
    """Eight images with a car in each, a dog in the first four, and no bird."""
    return {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 640, "height": 480}
                   for i in range(1, 9)],
        "categories": [{"id": CAR, "name": "car"}, {"id": DOG, "name": "dog \u00e4"},
                       {"id": BIRD, "name": "bird"}],
        "annotations": [
            {"id": 10 * i + c, "image_id": i, "category_id": c, "bbox": bbox, "area": 2500,
             "iscrowd": 0}
            for i in range(1, 9) for c, bbox in ((CAR, HERE), (DOG, THERE)) if c == CAR or i < 5],
    }


def found(category, bbox, *images, score=0.9):
    return [{"image_id": i, "category_id": category, "bbox": bbox, "score": score} for i in images]


RUNS = {
    # Right in the first four images.
    "old": found(CAR, HERE, 1, 2, 3, 4) + found(DOG, THERE, 1, 2, 3, 4),
    # Right in the last four: no dogs.
    "new": found(CAR, HERE, *range(1, 9)),
    # Right in the first two.
    "bad": found(CAR, HERE, 1, 2) + found(DOG, THERE, 1, 2) + found(DOG, NOWHERE, 3),
    # Everywhere, but without confidence in the last image.
    "best": (found(CAR, HERE, *range(1, 8)) + found(CAR, HERE, 8, score=0.2)
             + found(DOG, THERE, 1, 2, 3, 4)),
}


@pytest.fixture
def runs(web, name):
    """A dataset with RUNS."""
    assert web.put(f"/datasets/{name}", json.dumps(truths())).status == 201
    for run, rows in RUNS.items():
        assert web.put_run(name, run, json.dumps(rows)).status == 200
    return name


@pytest.fixture
def compare(shell, runs):
    """Compares two runs with the command; returns the document."""
    def compare(a, b, *words):
        return json.loads(shell.run("compare", runs, a, b, "--json", *words)[0])
    return compare


# ---- the document -------------------------------------------------------------------------------

def test_all_numbers_of_both_and_their_difference(compare, runs):
    document = compare("old", "new")
    assert document["dataset"]["name"] == runs
    assert (document["a"]["run"], document["b"]["run"]) == ("old", "new")
    assert document["ground_truth_import"] < document["a"]["import"] < document["b"]["import"]
    assert document["params"]["iou_type"] == "bbox"
    metrics = document["metrics"]
    # Cars: 51 of 101 recall points, then all; dogs: all, then none.
    assert metrics["a"]["AP"] == pytest.approx((51 / 101 + 1) / 2)
    assert metrics["b"]["AP"] == pytest.approx(1 / 2)
    assert metrics["difference"]["AP"] == metrics["b"]["AP"] - metrics["a"]["AP"]
    assert metrics["a"]["APs"] == -1 and metrics["difference"]["APs"] is None
    assert metrics["a"]["APm"] == metrics["a"]["AP"]
    assert list(metrics["a"]) == list(metrics["b"]) == list(metrics["difference"])
    assert len(metrics["a"]) == 12


def test_operating_points_and_errors_of_both(compare):
    document = compare("bad", "best")
    a, b = (document["operating_point"][run] for run in "ab")
    assert (a["iou"], a["confidence"]) == (0.5, 0.25)
    assert [a[n] for n in ("true_positives", "false_positives", "false_negatives")] == [4, 1, 8]
    # The car in the last image has not the confidence.
    assert [b[n] for n in ("true_positives", "false_positives", "false_negatives")] == [11, 0, 1]
    dog = document["per_class"][1]["operating_point"]
    assert (dog["a"]["precision"], dog["b"]["precision"]) == (2 / 3, 1)
    counts = document["errors"]["a"]["counts"]
    assert (counts["background"], counts["missed"]) == (1, 8)
    assert document["errors"]["b"]["counts"]["missed"] == 0


def test_classes_have_names_numbers_and_what_became_of_them(compare):
    document = compare("old", "new")
    car, dog, bird = document["per_class"]
    assert (car["category_id"], car["category"], car["truths"]) == (CAR, "car", 8)
    assert (dog["category"], dog["a"]["AP"], dog["b"]["AP"]) == ("dog \u00e4", PERFECT, 0)
    assert (bird["a"]["AP"], bird["difference"]["AP"], bird["bootstrap"]) == (-1, None, None)
    better, worse = document["better"], document["worse"]
    assert [(c["category_id"], c["category"]) for c in better] == [(CAR, "car")]
    assert better[0]["difference"] == pytest.approx(50 / 101)
    assert [(c["category_id"], c["difference"]) for c in worse] == [(DOG, pytest.approx(-1))]
    assert document["equal"] == 0
    assert compare("old", "old")["equal"] == 2


def test_images_that_flip_have_names_and_counts(compare):
    flips = compare("old", "new")["flips"]
    assert (flips["iou"], flips["confidence"]) == (0.5, 0.25)
    assert (flips["images"], flips["both"], flips["neither"]) == (8, 0, 0)
    assert flips["better"]["count"] == flips["worse"]["count"] == 4
    assert [image["file_name"] for image in flips["better"]["images"]] == [
        f"{i}.jpg" for i in (5, 6, 7, 8)]
    assert flips["worse"]["images"][0] == {
        "image_id": 1, "file_name": "1.jpg",
        "a": {"true_positives": 2, "false_positives": 0, "false_negatives": 0},
        "b": {"true_positives": 1, "false_positives": 0, "false_negatives": 1}}


def test_detections_without_confidence_count_for_ap_but_not_for_flips(compare):
    document = compare("new", "best")
    assert document["metrics"]["b"]["AP"] == PERFECT
    assert [image["image_id"] for image in document["flips"]["worse"]["images"]] == [8]


# ---- the bootstrap ------------------------------------------------------------------------------

def test_intervals_and_who_wins(compare):
    bootstrap = compare("bad", "best")["bootstrap"]
    assert (bootstrap["resamples"], bootstrap["seed"]) == (1000, 0)
    assert list(bootstrap["metrics"]) == ["AP", "AP50", "AP75"]
    ap = bootstrap["metrics"]["AP"]
    assert 0 <= ap["a"][0] < ap["a"][1] < 1
    assert ap["b"] == [PERFECT, PERFECT]
    assert 0 < ap["difference"][0] < ap["difference"][1] <= 1
    # A is as good only where nothing but the first two images was drawn: (1/4)^8.
    assert ap["b_wins"] > 0.99 and ap["verdict"] == "better"
    reverse = compare("best", "bad")["bootstrap"]["metrics"]["AP"]
    assert reverse["verdict"] == "worse"
    assert reverse["b_wins"] == pytest.approx(1 - ap["b_wins"])
    assert reverse["difference"] == pytest.approx([-x for x in reversed(ap["difference"])])


def test_ties_count_half(compare):
    ap = compare("new", "new")["bootstrap"]["metrics"]["AP"]
    assert (ap["b_wins"], ap["verdict"], ap["difference"]) == (0.5, "unclear", [0, 0])


def test_resamples_without_a_ground_truth_of_a_class_are_left_out(compare):
    car, dog, _ = compare("old", "new")["per_class"]
    assert car["bootstrap"]["resamples"] == 1000
    # No image with a dog: half of the images are without, eight are drawn.
    assert 980 <= dog["bootstrap"]["resamples"] < 1000
    assert dog["bootstrap"]["verdict"] == "worse"


def test_the_same_seed_gives_the_same_numbers(compare):
    words = ("old", "bad", "--resamples", "200")
    first = compare(*words, "--seed", "7")
    assert first["bootstrap"]["seed"] == 7
    assert compare(*words, "--seed", "7") == first
    assert compare(*words, "--seed", "8")["bootstrap"] != first["bootstrap"]
    assert compare(*words, "--seed", "8")["metrics"] == first["metrics"]


def test_no_resamples_no_intervals(compare):
    document = compare("old", "new", "--resamples", "0")
    assert document["bootstrap"] is None
    assert {c["bootstrap"] for c in document["per_class"]} == {None}
    assert document["metrics"]["a"]["AP"] > 0


def test_a_slice_is_a_dataset_of_its_own(compare, db, runs):
    db.execute("insert into coco.slices (dataset_id, slice, image_id)"
               " select id, 'last', i from coco.datasets, generate_series(5, 8) i where name = %s",
               (runs,))
    document = compare("old", "new", "--slice", "last")
    assert document["params"]["slice"] == "last"
    assert document["flips"]["images"] == document["flips"]["better"]["count"] == 4
    assert (document["metrics"]["a"]["AP"], document["metrics"]["b"]["AP"]) == (0, PERFECT)
    assert document["bootstrap"]["metrics"]["AP"]["difference"] == [PERFECT, PERFECT]
    car, dog, _ = document["per_class"]
    assert (car["truths"], dog["truths"], dog["a"]["AP"]) == (4, 0, -1)


# ---- the command --------------------------------------------------------------------------------

def joined(words):
    return " ".join(words) if isinstance(words, (list, tuple)) else ""


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_table(shell, runs):
    out, err = shell.run("compare", runs, "old", "new")
    lines = squeezed(out)
    assert err == "" or err.endswith("\n")
    assert lines[0] == "bbox of 8 images"
    assert re.fullmatch(r"A old \(import \d+\)", lines[1])
    assert re.fullmatch(r"B new \(import \d+\)", lines[2])
    assert "A B B - A 95 % interval B wins" in lines
    number = r"[+-]\d\.\d{4}"
    assert any(re.fullmatch(rf"AP 0\.7525 0\.5000 -0\.2525 {number} \.\. {number} [\d.]+ % worse",
                            line) for line in lines)
    assert "APs - - -" in lines
    assert "recall 0.6667 0.6667 +0.0000" in lines
    assert any(line.startswith("car 0.5050 1.0000 +0.4950 ") for line in lines)
    assert any(line.startswith("dog \u00e4 1.0000 0.0000 -1.0000 -1.0000 .. -1.0000 0.0 % worse")
               for line in lines)
    assert lines[-4:] == ["0 in both", "4 only in A", "4 only in B", "0 in none"]


def test_the_table_without_resamples(shell, runs):
    out, _ = shell.run("compare", runs, "old", "new", "--resamples", "0")
    assert "AP 0.7525 0.5000 -0.2525" in squeezed(out)
    assert "interval" not in out


@pytest.mark.parametrize("words, status", [
    (("best", "bad", "--fail-if-worse", "AP"), 1),
    (("best", "bad", "--fail-if-worse", "AP50", "--json"), 1),
    (("bad", "best", "--fail-if-worse", "AP"), 0),
    (("new", "new", "--fail-if-worse", "AP75"), 0),  # unclear
    (("best", "bad"), 0),
], ids=joined)
def test_a_bar_for_ci_jobs(shell, runs, words, status):
    out, err = shell.run("compare", runs, *words, "--quiet", status=status)
    assert "AP50" in out
    metric = words[3] if status else None
    assert err == "" or re.fullmatch(
        rf"pgcoco compare: bad is worse than best in {metric}: the 95 % interval of the difference"
        r" is -\d\.\d{4} \.\. -\d\.\d{4}\n", err)
    assert bool(err) == bool(status)


@pytest.mark.parametrize("words, status, said", [
    (["no-such-set", "old", "new"], 1, "there is no dataset no-such-set (unknown_dataset)"),
    (["DATASET", "old", "nope"], 1, "has no run nope"),
    (["DATASET", "nope", "old"], 1, "has no run nope"),
    (["DATASET", "old", "new", "--slice", "night"], 1, "has no slice night"),
    (["DATASET", "old"], 2, "usage: pgcoco compare [OPTIONS] DATASET RUN_A RUN_B"),
    (["DATASET", "old", "new", "--iou-type", "mask"], 2, "takes bbox, segm or keypoints"),
    (["DATASET", "old", "new", "--fail-if-worse", "APs"], 2, "takes AP, AP50 or AP75"),
    (["DATASET", "old", "new", "--fail-if-worse", "AP", "--resamples", "0"], 2,
     "needs --resamples above 0"),
    (["DATASET", "old", "new", "--resamples", "10001"], 2, "--resamples"),
], ids=joined)
def test_what_is_refused(shell, runs, words, status, said):
    _, err = shell.run("compare", *(runs if word == "DATASET" else word for word in words),
                       status=status)
    assert said in err


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
def test_numbers_are_those_of_pycocotools(shell, web, name, data, kind):
    folder = data(f"synthetic_{kind}")
    assert web.put(f"/datasets/{name}", (folder / "pair.gt.json").read_bytes()).status == 201
    assert web.put_run(name, "run", (folder / "pair.dt.json").read_bytes()).status == 200
    out, _ = shell.run("compare", name, "run", "run", "--iou-type", kind, "--json",
                       "--resamples", "20")
    document = json.loads(out)
    due = json.loads((folder / "expected.json").read_text())[kind]
    exactly = (lambda x: x) if kind != "keypoints" else lambda x: pytest.approx(x, abs=1e-12)
    for run in "ab":
        assert list(document["metrics"][run].values()) == exactly(due["stats"])
        assert {str(c["category_id"]): c[run]["AP"] for c in document["per_class"]} == exactly(
            due["per_category_ap"])


# ---- over HTTP ----------------------------------------------------------------------------------

def test_an_answer_is_what_the_command_prints(web, compare, runs):
    path = f"/datasets/{runs}/comparison?run=old&with=new"
    assert web.get(path).json() == compare("old", "new")
    assert web.get(path + "&resamples=50&seed=9").json() == compare(
        "old", "new", "--resamples", "50", "--seed", "9")
    assert web.get(path, accept="text/html").status == 200


def test_parameters_are_those_of_an_evaluation(web, runs):
    answer = web.get(f"/datasets/{runs}/comparison?run=new&with=best&resamples=0&categories=1"
                     "&iou_thresholds=0.5&iou=0.75&confidence=0.1").json()
    assert answer["bootstrap"] is None
    assert [c["category"] for c in answer["per_class"]] == ["car"]
    assert "AP75" not in answer["metrics"]["a"]
    assert (answer["flips"]["iou"], answer["flips"]["confidence"]) == (0.75, 0.1)
    assert answer["flips"]["both"] == 8
    assert answer["operating_point"]["b"]["true_positives"] == 8


def test_who_follows_a_comparison_sees_its_end(web, runs, token):
    path = f"/datasets/{runs}/comparison?run=old&with=new&evaluation={token}"
    assert web.get(path).status == 200
    followed = web.get(f"/evaluations/{token}").json()
    assert (followed["run_name"], followed["state"]) == ("old", "done")


@pytest.mark.parametrize("query, status, code", [
    ("run=old", 400, "bad_request"),
    ("with=old", 400, "bad_request"),
    ("run=&with=old", 400, "bad_request"),
    ("run=old&with=nope", 404, "unknown_run"),
    ("run=nope&with=old", 404, "unknown_run"),
    ("run=old&with=new&slice=night", 404, "unknown_slice"),
    ("run=old&with=new&split=night", 400, "bad_request"),
    ("run=old&with=new&resamples=10001", 400, "bad_request"),
    ("run=old&with=new&seed=-1", 400, "bad_request"),
    ("run=old&with=new&seed=4294967296", 400, "bad_request"),
    ("run=old&with=new&include=curves", 400, "bad_request"),
    ("run=old&with=new&categories=7", 400, "bad_request"),
])
def test_what_is_refused_over_http(web, runs, query, status, code):
    refused(web.get(f"/datasets/{runs}/comparison?{query}"), status, code)


def test_an_unknown_dataset_has_no_runs(web, name):
    refused(web.get(f"/datasets/{name}/comparison?run=a&with=b"), 404, "unknown_dataset")
