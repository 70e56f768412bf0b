"""Answers have versions: who has one asks whether it still holds, and gets 304 if it does."""

import re
from pathlib import Path

import pytest

from client import HTML
from evaluated import store
from meanwhile import no_collection
from samples import array, detections, id_of, leaves, published_leaves, street

ROOT = Path(__file__).resolve().parents[2]
ROUTES = (ROOT / "src/api/routes.c").read_text()
SQL_DOC = (ROOT / "doc/sql.md").read_text()
KEPT = [re.match(r'\{"GET",\s+"([^"]+)"', row)[1]
        for row in re.split(r'\n    (?=\{"[A-Z]+",)', ROUTES)
        if row.startswith('{"GET"') and re.search(r"\n +OF_\w+\}", row)]
WANTS = {
    "/comparison": "?run=run&with=other&resamples=10",
    "/annotations/batch": "?image_ids=1",
}
LISTS_OF_EVALUATIONS = ("/evaluations", "/leaderboard")


def address(pattern, dataset):
    path = (pattern.replace("{dataset}", dataset).replace("{run}", "run")
            .replace("{image}", "1").replace("{slice}", "night"))
    return path + next((query for end, query in WANTS.items() if path.endswith(end)), "")


@pytest.fixture
def settle(db, collect_until):
    """settle(dataset) has all made that is made after the imports of a dataset."""

    def settle(dataset):
        collect_until(lambda: db.execute(
            "select (select bool_and(analyzed) from coco.imports join coco.sources s"
            " using (import_id) where s.dataset_id = %(id)s) and exists (select"
            " from coco.health_reports where dataset_id = %(id)s and made_at is not null)",
            {"id": id_of(db, dataset)}).fetchone()[0], "what is made after imports")

    return settle


@pytest.fixture
def settled(web, settle, dataset):
    """Nothing of this dataset changes by itself any more: runs, a slice, matches, evaluations."""
    for run in ("run", "other"):
        web.put_run(dataset, run, array(*detections(3)))
    web.put(f"/datasets/{dataset}/slices/night", b'{"image_ids": [1]}')
    for what in ("errors", "evaluation", "evaluation/slices"):
        assert web.get(f"/datasets/{dataset}/runs/run/{what}").status == 200
    settle(dataset)
    return dataset


def etag(web, path):
    reply = web.get(path)
    assert reply.status == 200, reply
    return reply.headers["ETag"]


def ask(web, path, tag, **options):
    return web.get(path, headers={"If-None-Match": tag}, **options)


def test_the_table_of_routes_is_read():
    assert len(KEPT) == ROUTES.count("\n     OF_") > 15 and "/datasets/{dataset}/images" in KEPT


@pytest.mark.parametrize("pattern", KEPT)
def test_an_answer_that_the_client_has_is_not_sent_again(web, settled, pattern):
    path = address(pattern, settled)
    first = web.get(path)
    assert first.status == 200, first
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Vary"] == "Accept"
    again = ask(web, path, first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    head = web.request("HEAD", path, headers={"If-None-Match": first.headers["ETag"]})
    assert head.status == 304


@pytest.mark.parametrize("pattern", KEPT)
def test_an_import_of_a_run_is_another_version(web, settled, pattern):
    path = address(pattern, settled)
    before = etag(web, path)
    web.put_run(settled, "run", array(*detections(2)))
    # What must be computed has the version from before it is stored, once.
    assert ask(web, path, before).status == 200
    assert etag(web, path) != before


CHANGES = {
    "another run": lambda web, db, d: web.put_run(d, "third", array(*detections(1))),
    "a run is deleted": lambda web, db, d: web.delete(f"/datasets/{d}/runs/other"),
    "a slice": lambda web, db, d: web.put(f"/datasets/{d}/slices/day", b'{"image_ids": [2]}'),
    "a slice is made anew":
        lambda web, db, d: web.put(f"/datasets/{d}/slices/night", b'{"image_ids": [1, 2]}'),
    "a slice is deleted": lambda web, db, d: web.delete(f"/datasets/{d}/slices/night"),
    "rows of a slice by SQL": lambda web, db, d: db.execute(
        "insert into coco.slices values (%s, 'wide', 1)", (id_of(db, d),)),
    "rows of a slice are updated by SQL": lambda web, db, d: db.execute(
        "update coco.slices set slice = 'dark' where dataset_id = %s", (id_of(db, d),)),
    "what is said about a run": lambda web, db, d: web.request(
        "PATCH", f"/datasets/{d}/runs/other", b'{"notes": "x"}'),
    "matches": lambda web, db, d: web.get(f"/datasets/{d}/runs/other/errors"),
    "what is counted later": lambda web, db, d: db.execute(
        "update coco.import_statistics set sizes = sizes where dataset_id = %s", (id_of(db, d),)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_another_version(web, db, settled, change):
    path = f"/datasets/{settled}/facets"
    before = etag(web, path)
    CHANGES[change](web, db, settled)
    assert ask(web, path, before).status == 200
    assert etag(web, path) != before


def test_another_ground_truth_is_another_version(web, name):
    web.put(f"/datasets/{name}", street())
    paths = [f"/datasets/{name}{rest}" for rest in ("", "/images", "/annotations", "/health")]
    before = [etag(web, path) for path in paths]
    web.put(f"/datasets/{name}", street())
    for path, tag in zip(paths, before):
        assert ask(web, path, tag).status == 200


def test_a_dataset_of_another_id_with_the_same_name_is_another_version(web, name):
    path = f"/datasets/{name}/images"
    web.put(f"/datasets/{name}", street())
    before = etag(web, path)
    web.delete(f"/datasets/{name}")
    assert ask(web, path, before).status == 404
    web.put(f"/datasets/{name}", street())
    assert ask(web, path, before).status == 200


@pytest.mark.parametrize("rest", ["/leaderboard", "/runs/run/evaluations"])
def test_a_stored_evaluation_is_another_version_of_its_lists(web, db, settled, rest):
    path, other = f"/datasets/{settled}{rest}", f"/datasets/{settled}/images"
    before, of_images = etag(web, path), etag(web, other)
    store(db, settled, "run")
    assert ask(web, path, before).status == 200
    assert ask(web, other, of_images).status == 304


def test_other_datasets_change_nothing(web, settled):
    before = etag(web, f"/datasets/{settled}/images")
    web.put(f"/datasets/{settled}x", street())
    web.put(f"/datasets/{settled}x/slices/night", b'{"image_ids": [1]}')
    assert ask(web, f"/datasets/{settled}/images", before).status == 304


def test_the_answer_does_not_depend_on_how_the_tag_is_written(web, settled):
    path = f"/datasets/{settled}/images"
    tag = etag(web, path)
    bare = tag.strip('"')
    for known in (tag, "W/" + tag, f'"other", {tag}', f'{tag}, "other"', f'"a",W/"b",{tag}'):
        assert ask(web, path, known).status == 304, known
    for unknown in ('"other"', bare, f'"{bare}0"', f'"{bare[:-1]}"', f'"{bare}', "", ",", '"', "W/",
                    "*", 'W/"', f'"{bare.upper()}"'):
        assert ask(web, path, unknown).status == 200, unknown


def test_what_does_not_change_touches_no_rows(web, db, postgres, settled):
    paths = [f"/datasets/{settled}{rest}"
             for rest in ("/images", "/images/1/annotations", "/annotations", "/statistics",
                          "/runs/run/predictions", "/runs/run/evaluation", "/runs/run/errors")]
    tags = [etag(web, path) for path in paths]
    with no_collection(postgres) as holder:  # which reads these tables, in another order
        holder.execute("lock table coco.images, coco.categories, coco.annotation_versions,"
                       " coco.class_counts, coco.match_versions, coco.evaluations"
                       " in access exclusive mode")
        assert [ask(web, path, tag).status for path, tag in zip(paths, tags)] == [304] * len(paths)
        holder.rollback()


def test_an_evaluation_with_a_token_is_answered_and_followed(web, settled, token):
    path = f"/datasets/{settled}/runs/run/evaluation?evaluation={token}"
    assert ask(web, path, "*").status == 200
    assert web.get(f"/evaluations/{token}").json()["state"] == "done"


@pytest.mark.parametrize("rest, status", [
    ("/runs/nope", 404), ("/runs/nope/predictions", 404), ("/images/999999", 404),
    ("/slices/nope", 404), ("/images?split=nope", 400), ("/runs/nope/evaluation", 404),
    ("/images?limit=1", 200), ("/runs/run", 200)])
def test_the_version_of_one_answer_is_not_that_of_another(web, settled, rest, status):
    for tag in (etag(web, f"/datasets/{settled}/facets"), "*"):
        assert ask(web, f"/datasets/{settled}{rest}", tag).status == status


def test_pages_have_no_versions(web, settled):
    path = f"/datasets/{settled}/images"
    tag = etag(web, path)
    page = ask(web, path, tag, accept=HTML)
    assert page.status == 200 and "ETag" not in page.headers
    assert page.headers["Vary"] == "Accept"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/datasets", "/nothing",
                                  "/datasets/nobody", "/datasets/nobody/images"])
def test_other_answers_are_not_kept(web, path):
    reply = ask(web, path, "*")
    assert reply.status in (200, 404)
    assert reply.headers["Cache-Control"] == "no-store" and "ETag" not in reply.headers


def test_what_is_refused_is_not_kept(web, settled):
    reply = web.get(f"/datasets/{settled}/images?at=0")
    assert reply.status == 400 and reply.headers["Cache-Control"] == "no-store"


def test_the_rights_of_the_documentation_are_enough_to_write_slices(web, db, postgres, settled):
    path = f"/datasets/{settled}/slices"
    before = etag(web, path)
    db.execute("create role writer_of_slices")
    try:
        db.execute("grant coco_reader to writer_of_slices")
        for grant in re.findall(r"^ +(grant .+ on coco\.slice.*) to analyst;", SQL_DOC, re.M):
            db.execute(f"{grant} to writer_of_slices")
        with postgres.connect() as analyst:
            analyst.execute("set role writer_of_slices")
            analyst.execute("insert into coco.slices values (%s, 'mine', 1)",
                            (id_of(db, settled),))
            assert ask(web, path, before).status == 304  # not committed
        assert ask(web, path, before).status == 200
    finally:
        db.execute("drop owned by writer_of_slices")
        db.execute("drop role writer_of_slices")


def test_a_version_holds_while_the_maintenance_works(
        postgres, web, db, settle, collect, dataset):
    """It changes when what is counted later is there; then no more."""
    path = f"/datasets/{dataset}/runs"
    with postgres.connect() as reader:  # keeps the replaced leaf until the others are looked after
        reader.execute("set transaction isolation level repeatable read")
        assert reader.execute("select count(*) from coco.sources").fetchone()
        for rows in (2, 3):
            assert web.put_run(dataset, "run", array(*detections(rows))).status == 200
        settle(dataset)
        before = etag(web, path)
        assert leaves(db) > published_leaves(db)
    collect()
    assert ask(web, path, before).status == 304
