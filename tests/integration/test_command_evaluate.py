"""pgcoco evaluate: the table, bars for CI jobs, and two files that are not kept."""

import csv
import json
import re
import signal
import time

import pytest

from samples import array, detections, street
from stack import wait_for

LINES = [
    " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = {:.3f}",
    " Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = {:.3f}",
    " Average Precision  (AP) @[ IoU=0.75      | area=   all | maxDets=100 ] = {:.3f}",
    " Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = {:.3f}",
    " Average Precision  (AP) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = {:.3f}",
    " Average Precision  (AP) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = {:.3f}",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = {:.3f}",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 10 ] = {:.3f}",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = {:.3f}",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = {:.3f}",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = {:.3f}",
    " Average Recall     (AR) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = {:.3f}",
]
GOOD = [{"image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40], "score": 0.9},
        {"image_id": 3, "category_id": 18, "bbox": [5, 5, 5, 4], "score": 0.8}]


@pytest.fixture
def run(web, dataset):
    assert web.put_run(dataset, "run", array(*GOOD, *detections(9))).status == 200
    return dataset


def leftovers(db):
    return db.execute("select name from coco.datasets where name like 'pgcoco-evaluate-%%'"
                      ).fetchall()


def test_the_table_is_cocos_and_the_numbers_are_too(shell, db, data):
    folder = data("coco_val2014_100")
    expected = json.loads((folder / "expected.json").read_text())["bbox"]
    out, err = shell.run("evaluate", "--ground-truth", str(folder / "instances_val2014_100.json"),
                         str(folder / expected["results"]))
    assert out.splitlines()[:12] == [line.format(stat)
                                     for line, stat in zip(LINES, expected["stats"])]
    rows = dict(re.findall(r"^(\S+(?: \S+)*)  +\d+  +\d+  +(-?\d\.\d{3})  ", out, re.MULTILINE))
    assert (rows["person"], rows["car"]) == (f"{expected['per_category_ap']['1']:.3f}",
                                             f"{expected['per_category_ap']['3']:.3f}")
    assert len(rows) == len(expected["per_category_ap"])
    assert "dataset pgcoco-evaluate-" in err and leftovers(db) == []


def test_json_is_the_document_of_http(shell, web, run):
    out, err = shell.run("evaluate", run, "run", "--json", "-q")
    assert json.loads(out) == web.get(f"/datasets/{run}/runs/run/evaluation").json()
    assert err == ""


def test_csv_has_all_digits_and_quotes_names(shell, web, name):
    truth = street()
    truth["categories"][1]["name"] = 'car, "old"'
    web.put(f"/datasets/{name}", truth)
    web.put_run(name, "run", array(*GOOD, *detections(9)))
    document = web.get(f"/datasets/{name}/runs/run/evaluation").json()
    rows = list(csv.DictReader(shell.run("evaluate", name, "run", "--csv")[0].splitlines()))
    assert list(rows[0])[:4] == ["category_id", "category", "truths", "detections"]
    assert [row["category"] for row in rows] == ["", "person", 'car, "old"', "dog"]
    for key, value in document["metrics"].items():
        assert float(rows[0][key]) == value
        assert [float(row[key]) for row in rows[1:]] == [one[key] for one in document["per_class"]]
    assert int(rows[1]["truths"]) == document["per_class"][0]["truths"]


def test_a_bar_that_is_missed_is_exit_status_1(shell, web, run):
    ap = web.get(f"/datasets/{run}/runs/run/evaluation").json()["metrics"]["AP"]
    out, err = shell.run("evaluate", run, "run", "--fail-under", f"AP={ap:.17f}",
                         "--fail-under", "AR1=0", "-q")
    assert out.startswith(LINES[0].format(ap)) and err == ""
    out, err = shell.run("evaluate", run, "run", "--fail-under", "AP=0.99", "--fail-under",
                         "AP50=.1", "--fail-under", "APl=0.1", "-q", status=1)
    assert out.startswith(LINES[0].format(ap))
    assert re.fullmatch(r"pgcoco: AP is 0\.\d+, below 0\.99 \(--fail-under\)\n"
                        r"pgcoco: APl does not apply, [^\n]* 0\.1 \(--fail-under\)\n", err)


@pytest.mark.parametrize("options, words", [
    (["--fail-under", "mAP=0.4"], 'no number "mAP" here; there are AP, AP50, AP75, APs, APm'),
    (["--fail-under", "AP"], "takes NAME=NUMBER"),
    (["--fail-under", "AP=40"], "a number from 0 to 1"),
    (["--fail-under", "AP=x"], "such as AP=0.40"),
    (["--iou-thresholds", "0.5", "--fail-under", "AP75=0.4"], "there are AP, AP50, APs"),
    (["--iou-type", "boxes"], "--iou-type takes bbox, segm or keypoints"),
    (["--iou-thresholds", "2"], "--iou-thresholds: must be up to 32 ascending"),
    (["--max-dets", "0"], "--max-dets: must be up to 8"),
    (["--areas", "all"], "--areas: must be up to 8 ranges"),
    (["--sigmas", "1"], "--sigmas is for --iou-type keypoints"),
    (["--iou", "0"], "--iou takes a number"),
    (["--confidence", "x"], "--confidence takes a number"),
    (["--json", "--csv"], "exclude each other"),
    (["--ground-truth", "gt.json"], "one more file"),
    (["--evaluation-threads", "0"], "--evaluation-threads takes a number from 1"),
], ids=str)
def test_a_wrong_command_line_is_refused_before_any_work(pgcoco, options, words):
    done = pgcoco("evaluate", "dataset", "run", *options, database=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode(), done.stderr
    done = pgcoco("evaluate", "dataset", database=False)
    assert done.returncode == 2 and b"give DATASET and RUN, or --ground-truth" in done.stderr


def test_what_does_not_exist_is_named(shell, run):
    _, err = shell.run("evaluate", run, "nobody", status=1)
    assert "nobody" in err and "(unknown_run)" in err
    _, err = shell.run("evaluate", "nowhere", "run", status=1)
    assert "(unknown_dataset)" in err
    _, err = shell.run("evaluate", run, "run", "--categories", "1,x", status=1)
    assert "categories must be ids" in err


def test_options_change_what_is_printed(shell, run):
    out, _ = shell.run("evaluate", run, "run", "--iou-thresholds", "0.5", "--max-dets", "5",
                       "--areas", "all:0-1e10,tiny:0-99", "--categories", "1", "--no-exact",
                       "--iou", ".6", "--confidence", ".1", "-q")
    lines = out.splitlines()
    assert "(AP) @[ IoU=0.50:0.50 | area=   all | maxDets=  5 ]" in lines[0]
    assert any("area=  tiny | maxDets=  5" in line for line in lines)
    assert [line.split()[0] for line in lines if re.match(r"(person|car|dog) ", line)] == ["person"]


# ---- two files


def files(shell):
    shell.write("gt.json", street())
    shell.write("results.json", array(*GOOD, *detections(9), {"image_id": 99}))


def test_two_files_are_evaluated_and_not_kept(shell, db, run):
    files(shell)
    kept, _ = shell.run("evaluate", run, "run", "--csv")
    out, err = shell.run("evaluate", "--ground-truth", "gt.json", "results.json", "--csv")
    assert out == kept
    assert "11 predictions imported, 1 skipped" in err and leftovers(db) == []
    assert db.execute("select count(*) from coco.evaluations where run_name = 'results'"
                      ).fetchone() == (0,)


@pytest.mark.parametrize("truth, results, words", [
    (b"{", array(*GOOD), "gt.json: "), (street(), b"[", "results.json: "),
    (street(), array({"image_id": 99}), "nothing"), (None, array(*GOOD), "gt.json"),
])
def test_files_that_are_refused_leave_nothing(shell, db, truth, results, words):
    if truth is not None:
        shell.write("gt.json", truth)
    shell.write("results.json", results)
    out, err = shell.run("evaluate", "--ground-truth", "gt.json", "results.json", status=1)
    assert out == "" and words in err and leftovers(db) == []


def test_a_directory_is_no_file(shell, db):
    files(shell)
    (shell.folder / "both").mkdir()
    for pair in (("both", "results.json"), ("gt.json", "both")):
        _, err = shell.run("evaluate", "--ground-truth", *pair, status=1)
        assert "both is a directory, not a file; only pgcoco import run" in err
    assert leftovers(db) == []


def blocked(db, holder, process):
    """Waits until the command stands at the lock that holder has."""
    wait_for(lambda: db.execute("select count(*) from pg_stat_activity where wait_event_type = "
                                "'Lock' and query like '%%evaluation_store%%'").fetchone() == (1,),
             "the evaluation at the lock")
    assert process.poll() is None


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_the_files_go(shell, db, holder, number, status):
    files(shell)
    holder.execute("lock table coco.evaluation_classes in share row exclusive mode")
    process = shell.start("evaluate", "--ground-truth", "gt.json", "results.json")
    blocked(db, holder, process)
    assert len(leftovers(db)) == 1
    process.send_signal(number)
    wait_for(lambda: not db.execute("select from pg_stat_activity where wait_event_type = 'Lock' "
                                    "and query like '%%evaluation_store%%'").fetchall(),
             "the statement to be cancelled")
    holder.rollback()
    out, err = (text.decode() for text in process.communicate(timeout=60))
    assert (process.returncode, out) == (status, "")
    assert "interrupted" in err and leftovers(db) == []


def test_the_same_signal_right_after_the_first_one_is_none(shell, db, holder):
    """coreutils' timeout sends it to the command and to its group."""
    files(shell)
    holder.execute("lock table coco.evaluation_classes in share row exclusive mode")
    process = shell.start("evaluate", "--ground-truth", "gt.json", "results.json")
    blocked(db, holder, process)
    for _ in range(20):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.002)
    _, err = process.communicate(timeout=60)
    holder.rollback()
    assert process.returncode == 143 and b"interrupted" in err
    assert leftovers(db) == []


def test_what_a_killed_command_left_is_deleted_a_day_later(shell, db, holder):
    files(shell)
    holder.execute("lock table coco.evaluation_classes in share row exclusive mode")
    process = shell.start("evaluate", "--ground-truth", "gt.json", "results.json")
    blocked(db, holder, process)
    process.kill()
    process.communicate()
    holder.rollback()
    (name,), = leftovers(db)
    shell.run("evaluate", "--ground-truth", "gt.json", "results.json")
    assert leftovers(db) == [(name,)]  # another command may be at work with it
    mine = "pgcoco-evaluate-mine"
    shell.run("import", "dataset", "--quiet", mine, "gt.json")
    db.execute("update coco.datasets set created_at = now() - interval '25 hours'"
               " where name in (%s, %s)", (name, mine))
    _, err = shell.run("evaluate", "--ground-truth", "gt.json", "results.json")
    assert f"deleted {name}, which a command that was killed had left" in err
    assert leftovers(db) == [(mine,)]
    db.execute("select coco.dataset_delete(%s)", (mine,))


def test_progress_is_said_while_it_lasts(shell, db, holder, run):
    holder.execute("lock table coco.evaluation_classes in share row exclusive mode")
    process = shell.start("evaluate", run, "run")
    blocked(db, holder, process)
    line = process.stderr.readline().decode()
    holder.rollback()
    out, _ = process.communicate(timeout=60)
    assert re.fullmatch(r"run: store, \d+\.\d s\n", line)
    assert process.returncode == 0 and out.startswith(b" Average Precision")
