"""Statistics are counted while a file streams past, and equal what counting the rows gives."""

import pytest

from samples import array, detection, detections, street

COUNTED = """
    select c.category_id, c.n, c.scores
      from coco.class_counts c join coco.sources s using (import_id)
      join coco.datasets d on d.id = s.dataset_id
     where d.name = %s and s.source = %s order by 1"""

SCANNED = """
    select category_id, sum(n)::bigint, array_agg(n order by bin)
      from (select bins.bin, c.category_id, count(a.annotation_id) as n
              from generate_series(0, 19) as bins (bin)
              cross join (select distinct category_id
                            from coco.annotations a join coco.datasets d on d.id = a.dataset_id
                           where d.name = %(dataset)s and source = %(source)s) c
              left join (select a.*
                           from coco.annotations a join coco.datasets d on d.id = a.dataset_id
                          where d.name = %(dataset)s and source = %(source)s) a
                on a.category_id = c.category_id
               and greatest(0, least(19, floor(a.confidence * 20))) = bins.bin
             group by bins.bin, c.category_id) counts
     group by category_id order by 1"""


def counted(db, dataset, source):
    return db.execute(COUNTED, (dataset, source)).fetchall()


def scanned(db, dataset, source):
    return db.execute(SCANNED, {"dataset": dataset, "source": source}).fetchall()


def test_a_runs_classes_and_scores_are_counted(web, db, dataset):
    odd = [detection(0, score=score) for score in (-3, 0, 0.05, 0.999999, 1, 7.5)]
    assert web.put_run(dataset, "run",
                       array(*detections(500), *odd, detection(1, category_id=999))).status == 200
    assert counted(db, dataset, "run") == scanned(db, dataset, "run")
    assert sum(n for _, n, _ in counted(db, dataset, "run")) == 506
    assert all(sum(scores) == n for _, n, scores in counted(db, dataset, "run"))


@pytest.mark.parametrize("count", [0, 1, 6000])
@pytest.mark.parametrize("order", [("images", "categories", "annotations"),
                                   ("annotations", "images", "categories")], ids="-".join)
def test_many_classes_are_counted_while_rows_pass_and_when_names_come_after_them(
        web, db, name, count, order):
    images = [{"id": 1, "file_name": "one.jpg"}]
    categories = [{"id": n + 1, "name": f"class {n}"} for n in range(count)]
    truth = {"images": images, "categories": categories, "annotations": []}
    assert web.put(f"/datasets/{name}", truth).status == 201
    annotations = [{**detection(0), "category_id": 1 + n % max(count, 1), "score": n % 31 / 30}
                   for n in range(3 * count)]
    body = {"images": images, "categories": categories, "annotations": annotations}
    reply = web.put_run(name, "run", {key: body[key] for key in order}, match="name")
    assert (reply.status, reply.json()["prediction_count"]) == (200, 3 * count)
    assert counted(db, name, "run") == scanned(db, name, "run")
    assert len(counted(db, name, "run")) == count


def test_replacing_and_deleting_a_run_leaves_no_counts_behind(web, db, dataset):
    for rows in (100, 7):
        assert web.put_run(dataset, "run", array(*detections(rows))).status == 200
    assert counted(db, dataset, "run") == scanned(db, dataset, "run")
    assert web.delete(f"/datasets/{dataset}/runs/run").status == 204
    orphans = ("select count(*) from coco.class_counts where import_id not in"
               " (select import_id from coco.sources)")
    assert db.execute(orphans).fetchone()[0] == 0


def test_ground_truth_is_counted_without_the_rows_that_were_skipped(web, db, name):
    truth = street()
    truth["annotations"] += [{"id": 90, "image_id": 999, "category_id": 1, "bbox": [1, 1, 1, 1]},
                             {"id": 10, "image_id": 1, "category_id": 1, "bbox": [1, 1, 1, 1]}]
    assert web.put(f"/datasets/{name}", truth, {"split": "val"}).status == 201
    assert db.execute("""select c.category_id, c.n, c.split, c.scores
                           from coco.class_counts c join coco.sources s using (import_id)
                           join coco.datasets d on d.id = s.dataset_id
                          where d.name = %s order by 1""", (name,)).fetchall() == [
        (1, 2, "val", None), (3, 1, "val", None), (18, 1, "val", None)]


def test_a_real_run_is_counted(web, db, data, name):
    folder = data("coco_val2014_100")
    assert web.put(f"/datasets/{name}",
                   (folder / "instances_val2014_100.json").read_bytes()).status == 201
    results = (folder / "instances_val2014_fakebbox100_results.json").read_bytes()
    assert web.put_run(name, "fake", results).status == 200
    assert counted(db, name, "fake") == scanned(db, name, "fake")
    assert sum(n for _, n, _ in counted(db, name, "fake")) == 734
