"""No document grows with what is in the database: each has a bound in bytes, kept in SQL."""

import json

import pytest

from samples import array, detections, street, without
from stack import MIB

LARGEST = 4 * MIB - 1  # bytes of info that are kept
FAT = "<" * (LARGEST - 2)


@pytest.fixture
def fat(web, name):
    """A dataset whose info and licenses are as large as can be."""
    reply = web.put(f"/datasets/{name}", street(info=FAT, licenses=FAT), {"import": "fat-" + name})
    assert reply.status == 201, reply
    return name


def sizes(*documents):
    return [len(json.dumps(document)) for document in documents]


def test_outcomes_have_no_info_and_licenses(web, fat):
    document = web.get("/imports/fat-" + fat).json()
    assert not {"info", "licenses"} & set(document["outcome"])
    assert document["outcome"]["image_count"] == 3
    assert max(sizes(document)) < 20_000


def test_info_and_licenses_are_shown_if_they_are_small(web, name, fat):
    document = web.get(f"/datasets/{name}").json()
    assert [document[key] for key in ("info", "licenses", "info_bytes", "licenses_bytes")] == [
        None, None, LARGEST, LARGEST]
    export = web.get(f"/datasets/{name}/annotations").json()
    assert export["info"] == export["licenses"] == FAT, "the export has them whole"
    for length, shown in ((65536 - 4, True), (65536 - 3, False)):
        assert web.put(f"/datasets/{name}", street(info="x" * length, licenses=[])).status == 200
        document = web.get(f"/datasets/{name}").json()
        assert (document["info"] is not None, document["licenses"] is not None) == (shown, shown)
    assert web.put(f"/datasets/{name}", without(street(), "info", "licenses")).status == 200
    document = web.get(f"/datasets/{name}").json()
    assert [document[key] for key in ("info", "licenses", "info_bytes", "licenses_bytes")] == [
        None] * 4


@pytest.mark.parametrize("document", [
    "datasets_document()", "summary_document()", "dataset_document('{}')", "runs_document('{}')",
    "dataset_find('{}')", "import_document('fat-{}')"])
def test_large_members_are_not_even_read(web, undone, fat, document):
    assert web.put_run(fat, "run", array(*detections(3))).status == 200

    def reads():
        return undone.execute(
            "select sum(idx_scan) from pg_stat_xact_all_tables where relid = (select reltoastrelid"
            " from pg_class where oid = 'coco.datasets'::regclass)").fetchone()[0]

    before = reads()
    undone.execute("select coco." + document.format(fat))
    assert reads() == before
    undone.execute("select sum(length(info::text)) from coco.datasets where name = %s", (fat,))
    assert reads() > before, "a read would have shown"


def test_an_outcome_is_kept_within_64_kib(undone):
    skipped = [{"reason": "wrong_type", "count": 7,
                "examples": [{"index": 1, "offset": 2, "detail": "d" * 7000}] * 10}]
    document = {"prediction_count": 5, "skipped": skipped, "not_kept": ["k" * 20000]}

    def bounded(document):
        return undone.execute("select coco.bounded_outcome(%s)",
                              (json.dumps(document),)).fetchone()[0]

    small = without(document, "skipped")
    assert bounded(small) == small
    assert bounded(document) == {"prediction_count": 5,
                                 "skipped": [{"reason": "wrong_type", "count": 7}]}


@pytest.mark.parametrize("size, shown", [(100, 100), (50_000, 20)], ids=["rows", "bytes"])
def test_imports_of_a_token(web, undone, dataset, token, size, shown):
    undone.execute(
        "insert into coco.imports (token, dataset, source, started_at, phase, finished_at, outcome)"
        " select %s, 'd', 'r' || n, now(), 'failed', now(),"
        " json_build_object('n', n, 'detail', repeat('x', %s)) from generate_series(1, 130) n",
        (token, size))
    document, = undone.execute("select coco.import_document(%s)", (token,)).fetchone()
    assert [one["outcome"]["n"] for one in document["imports"]] == list(range(131 - shown, 131))
    assert document["imports_left_out"] == 130 - shown
    assert max(sizes(document)) < 1.25 * MIB


def add_datasets(db, count):
    db.execute("insert into coco.datasets (name, info, licenses)"
               " select rpad('zz' || lpad(n::text, 5, '0'), 63, 'z'), %s, %s"
               " from generate_series(1, %s) n", (json.dumps(FAT[:9]), "[]", count))


def add_runs(db, dataset, count):
    skipped = [{"reason": reason, "count": 1, "examples": [{"detail": "\u0001" * 160}] * 10}
               for reason in ("unknown_image", "unknown_category", "missing_field", "wrong_type")]
    db.execute(
        "insert into coco.sources select d.id, rpad('zz' || lpad(n::text, 5, '0'), 63, 'z'),"
        " nextval(pg_get_serial_sequence('coco.imports', 'import_id')), now(), 1, 1, %s, 0, 1, 1"
        " from coco.datasets d, generate_series(1, %s) n where d.name = %s",
        (json.dumps(skipped), count, dataset))


def pages(ask, key):
    """The pages of a list, by the member next of each."""
    after = None
    while True:
        page = ask(after)
        yield page
        if "next" not in page:
            return
        after = page["next"].split("?after=")[1]
        assert page[key]


def test_datasets_come_in_pages(undone):
    add_datasets(undone, 1200)
    known = [name for name, in undone.execute("select name from coco.datasets order by name")]
    found = list(pages(lambda after: undone.execute("select coco.datasets_document(%s)",
                                                    (after,)).fetchone()[0], "datasets"))
    assert [one["name"] for page in found for one in page["datasets"]] == known
    assert [len(page["datasets"]) for page in found][:2] == [500, 500]
    assert max(sizes(*found)) < MIB


def test_runs_come_in_pages_without_examples(undone, dataset):
    add_runs(undone, dataset, 1000)
    found = list(pages(lambda after: undone.execute("select coco.runs_document(%s, %s)",
                                                    (dataset, after)).fetchone()[0], "runs"))
    assert [len(page["runs"]) for page in found] == [500, 500]
    assert len({run["run_name"] for page in found for run in page["runs"]}) == 1000
    assert found[0]["runs"][0]["skipped"][0] == {"reason": "unknown_image", "count": 1}
    assert found[0]["next"].startswith(f"/datasets/{dataset}/runs?after=zz00500z")
    assert max(sizes(*found)) < MIB


def test_a_run_and_a_dataset_with_all_that_can_be_skipped(undone, dataset):
    """Ten examples of each of 11 reasons, of 160 bytes that JSON writes as six characters."""
    examples = [{"index": 2**63, "offset": 2**63, "line": 2**63, "column": 2**63,
                 "detail": "\u0001" * 159}] * 10
    skipped = [{"reason": "invalid_segmentation", "count": 2**63, "examples": examples}] * 11
    add_runs(undone, dataset, 1)
    undone.execute("update coco.sources set skipped = %s", (json.dumps(skipped),))
    info = json.dumps("x" * (65536 - 4))
    undone.execute("update coco.datasets set info = %s, info_bytes = %s, licenses = '[]',"
                   " licenses_bytes = 2 where name = %s", (info, len(info), dataset))
    run, whole = (undone.execute(f"select coco.{document}", (dataset,)).fetchone()[0]
                  for document in ("run_document(%s, rpad('zz00001', 63, 'z'))",
                                   "dataset_document(%s)"))
    assert len(whole["info"]) == 65532
    assert 100_000 < max(sizes(run)) < 192 * 1024
    assert 150_000 < max(sizes(whole)) < 256 * 1024


def test_the_first_page_names_some_of_all(undone, dataset):
    add_datasets(undone, 200)
    add_runs(undone, dataset, 30)
    document, = undone.execute("select coco.summary_document()").fetchone()
    assert len(document) == 100
    runs, = undone.execute("select coco.first_runs(id, 20) from coco.datasets where name = %s",
                           (dataset,)).fetchone()
    assert (len(runs), runs[-1]) == (21, "...")
    assert max(sizes(document)) < MIB / 4


def test_a_list_begins_after_a_name(web, dataset):
    for run in ("a", "b", "c"):
        assert web.put_run(dataset, run, array(*detections(1))).status == 200
    assert [run["run_name"] for run in web.get(f"/datasets/{dataset}/runs?after=a").json()["runs"]
            ] == ["b", "c"]
    assert "next" not in web.get(f"/datasets/{dataset}/runs").json()
    names = [one["name"] for one in web.get("/datasets").json()["datasets"]]
    assert [one["name"] for one in web.get(f"/datasets?after={names[0]}").json()["datasets"]
            ] == names[1:]
    assert web.get("/datasets?after=a/b").json()["code"] == "bad_request"
