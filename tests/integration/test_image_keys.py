"""What the collection prepares for lists of images, and lists that reach their bounds."""

import psycopg
import pytest

from client import Client
from samples import street

IMAGES, ROWS = 10100, 21000


@pytest.fixture(scope="module")
def large(site, postgres):
    """A client, a connection and a dataset that is just large enough; the run is sparse."""
    web, name = Client(site), "img-large"
    assert web.put(f"/datasets/{name}", street(
        images=[{"id": 3 * n, "file_name": f"{n * 7919 % 10007:05}/{n}.jpg", "width": n % 9 + 1,
                 "height": 2} for n in range(IMAGES)],
        categories=[{"id": id, "name": f"class {id}"} for id in (1, 2)],
        annotations=[{"id": n, "image_id": 3 * (n * n % IMAGES), "category_id": 1 + n % 2,
                      "bbox": [n % 50, 1, 9, 9], "area": 81, "iscrowd": 0} for n in range(ROWS)]),
                   ).status == 201
    body = [{"image_id": 3 * (n % IMAGES), "category_id": 2 if n % 5000 == 0 else 1,
             "bbox": [1, 1, n % 7 + 1, 9], "score": n % 1000 / 1000} for n in range(ROWS)]
    assert web.put_run(name, "r", body).status == 200
    assert web.get(f"/datasets/{name}/runs/r/errors").status == 200
    with postgres.connect(autocommit=True) as db:
        yield web, db, name
    assert web.delete(f"/datasets/{name}").status == 204


def prepared(db, name):
    """Whether each leaf of the dataset has what lists use: indexes of three leaves, and keys."""
    return db.execute(
        "select (select count(*) from coco.sources s where s.dataset_id = d.id"
        " and coco.leaf_has_index('a_' || s.import_id, '_class'))"
        " + (select count(*) from coco.match_sources m where m.dataset_id = d.id"
        " and coco.leaf_has_index('m_' || m.matches_id, '_outcome')), (select count(*)"
        " from coco.image_keys k where k.import_id = coco.ground_truth_of(d.id))"
        " from coco.datasets d where d.name = %s", [name]).fetchone() == (3, IMAGES)


def follow(web, address):
    found, sizes = [], []
    while address:
        page = web.get(address).json()
        found += [image["image_id"] for image in page["images"]]
        sizes.append(len(page["images"]))
        address = page.get("next")
    return found, sizes


LISTS = [
    ("sort=-annotations", "true",
     "(select count(*) from coco.annotations a where a.dataset_id = ID"
     " and a.source = 'ground_truth' and a.image_id = i.image_id) desc, image_id desc"),
    ("sort=file_name", "true", 'file_name collate "C", image_id'),
    ("sort=-size", "true", "width desc, image_id desc"),
    ("search=00*", "starts_with(file_name, '00')", 'file_name collate "C", image_id'),
    ("search=77.jpg", "position('77.jpg' in file_name) > 0", "image_id"),
    ("source=r&category=2", "image_id in (select image_id from coco.annotations a"
     " where a.dataset_id = ID and source = 'r' and category_id = 2)", "image_id"),
    ("source=r&min_confidence=0.999&sort=-id", "image_id in (select image_id"
     " from coco.annotations a where a.dataset_id = ID and source = 'r'"
     " and confidence >= 0.999)", "image_id desc"),
    ("sort=-annotations&min_count=2&max_count=3", "(select count(*) from coco.annotations a"
     " where a.dataset_id = ID and source = 'ground_truth' and a.image_id = i.image_id)"
     " between 2 and 3", "(select count(*) from coco.annotations a where a.dataset_id = ID"
     " and a.source = 'ground_truth' and a.image_id = i.image_id) desc, image_id desc"),
    ("source=r&max_count=2", "(select count(*) from coco.annotations a where a.dataset_id = ID"
     " and source = 'r' and a.image_id = i.image_id) <= 2", "image_id"),
    ("source=r&category=2&min_area=40&sort=file_name", "image_id in (select image_id"
     " from coco.annotations a where a.dataset_id = ID and source = 'r' and category_id = 2"
     " and bbox_w * bbox_h >= 40)", 'file_name collate "C", image_id'),
    ("source=r&outcome=background&category=2&sort=size", "image_id in (select image_id"
     " from coco.matches m where m.dataset_id = ID and source = 'r'"
     " and outcome = 'background' and category_id = 2)", "width, image_id")]


@pytest.mark.parametrize("query, where, order", LISTS, ids=[query for query, *_ in LISTS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_lists_are_the_same_before_and_after_the_collection(
        large, undone, collect_until, when, query, where, order):
    web, db, name = large
    collect_until(lambda: prepared(db, name), "the collection to prepare the dataset")
    dataset, = db.execute("select id::text from coco.datasets where name = %s", [name]).fetchone()
    wanted = [id for id, in db.execute(
        f"select image_id from coco.images i where dataset_id = ID and {where} order by {order}"
        .replace("ID", dataset))]
    if when == "after":
        assert follow(web, f"/datasets/{name}/images?limit=500&{query}")[0] == wanted
        return
    # As if nothing were prepared, which the service would make up for at once.
    undone.execute("delete from coco.image_keys")
    undone.execute("create or replace function coco.leaf_has_index(leaf text, suffix text)"
                   " returns boolean language sql return false")
    names = ("after", "sort", "category", "source", "outcome", "search")
    types = dict.fromkeys(names, "text") | {
        "limit": "integer", "min_confidence": "float8", "min_area": "float8",
        "min_count": "bigint", "max_count": "bigint"}
    given = dict(one.split("=") for one in query.split("&")) | {"limit": "500"}
    found = []
    while given:
        arguments = ", ".join(
            f"{'page_size' if key == 'limit' else key} => %s::{types[key]}" for key in given)
        page = undone.execute(f"select coco.images_document('{name}', {arguments})",
                              list(given.values())).fetchone()[0]
        found += [image["image_id"] for image in page["images"]]
        given = given | {"after": page["after"]} if page["after"] else None
    assert found == wanted


@pytest.mark.parametrize("query", ["search=*", "search=0*&min_count=2",
                                   "search=05*&source=r&min_confidence=0.1"])
def test_an_export_has_all_images_of_the_list(large, query):
    """More than are chosen at a time; by a beginning of their names lists have another order."""
    web, _, name = large
    ids = follow(web, f"/datasets/{name}/images?limit=500&{query}")[0]
    reply = web.get(f"/datasets/{name}/annotations?{query}")
    assert [image["id"] for image in reply.json()["images"]] == sorted(ids)
    assert len(ids) > 700


def test_a_page_whose_bound_is_reached_is_short_and_goes_on(large):
    web, db, name = large
    found, sizes = follow(web, f"/datasets/{name}/images?source=r&min_confidence=0.999")
    assert len(found) == sum(sizes) == 21 and max(sizes) < 21 and len(sizes) > 3


@pytest.mark.parametrize("place", [1, 2, 999, 1000, 1001, 5000, 10000, IMAGES])
@pytest.mark.parametrize("sort", ["id", "-id"])
def test_a_place_is_found_by_marks(large, collect_until, place, sort):
    web, db, name = large
    collect_until(lambda: prepared(db, name), "the collection to prepare the dataset")
    image, = web.get(f"/datasets/{name}/images?limit=1&at={place}&sort={sort}").json()["images"]
    assert image["image_id"] == 3 * (place - 1 if sort == "id" else IMAGES - place)


def test_a_large_run_must_be_counted_before_images_are_sorted_by_its_errors(
        large, undone, collect_until):
    web, db, name = large
    path = f"/datasets/{name}/images?sort=-errors&source=r&limit=500"
    collect_until(lambda: web.get(path).status == 200, "errors by image")
    most = web.get(f"/datasets/{name}/runs/r/errors/images?limit=500").json()["images"]
    assert [image["errors"] for image in web.get(path).json()["images"]] \
        == [image["errors"] for image in most]
    found, _ = follow(web, path)
    assert len({*found}) == IMAGES
    undone.execute("delete from coco.error_keys")
    with pytest.raises(psycopg.DatabaseError) as refusal:
        undone.execute("select coco.images_document(%s, sort => 'errors', source => 'r')", [name])
    assert refusal.value.sqlstate == "CO905" and "try again soon" in str(refusal.value)


@pytest.mark.parametrize("keys, make", [
    ("image_keys", "select coco.make_image_keys(s.import_id) from coco.sources s"
     " where s.dataset_id = %s and s.source = 'ground_truth'"),
    ("error_keys", "select coco.make_error_keys(m.matches_id) from coco.match_sources m"
     " where m.dataset_id = %s")])
def test_keys_are_made_by_a_join_that_needs_no_estimates(
        large, undone, collect_until, keys, make):
    """While images are new, the planner takes them for few, and would go through all counts for
    each of them."""
    web, db, name = large
    by_errors = f"/datasets/{name}/images?sort=errors&source=r"
    collect_until(lambda: prepared(db, name) and web.get(by_errors).status == 200, "all keys")
    dataset, = undone.execute("select id from coco.datasets where name = %s",
                              [name]).fetchone()
    undone.execute(f"delete from coco.{keys}")
    undone.execute("delete from pg_statistic where starelid = 'coco.images'::regclass")
    undone.execute("update pg_class set reltuples = 1, relpages = 1000"
                   " where oid = 'coco.images'::regclass")
    plans = []
    undone.add_notice_handler(lambda notice: plans.append(notice.message_primary))
    undone.execute("load 'auto_explain'")
    for setting, value in (("auto_explain.log_min_duration", "0"), ("client_min_messages", "log"),
                           ("auto_explain.log_nested_statements", "on")):
        undone.execute("select set_config(%s, %s, true)", [setting, value])
    assert undone.execute(make, [dataset]).fetchone() == (IMAGES,)
    plan, = [plan for plan in plans if f"Insert on {keys}" in plan]
    assert "Join" in plan and "Nested Loop" not in plan


def test_keys_of_errors_go_with_their_matches(large, collect_until):
    web, db, name = large
    keys = "select count(*) from coco.error_keys where matches_id = %s"
    first, = db.execute("select matches_id from coco.match_sources m join coco.datasets d"
                        " on d.id = m.dataset_id where d.name = %s", [name]).fetchone()
    collect_until(lambda: db.execute(keys, [first]).fetchone() == (IMAGES,), "the keys")
    body = web.get(f"/datasets/{name}/runs/r/predictions").json()
    assert web.put_run(name, "r", body).status == 200
    collect_until(lambda: db.execute(keys, [first]).fetchone() == (0,), "the old keys to go")
    assert web.get(f"/datasets/{name}/runs/r/errors").status == 200


def test_keys_go_with_their_ground_truth(large, collect_until):
    web, db, name = large
    other = "img-gone"
    truth = web.get(f"/datasets/{name}/annotations").json()
    assert web.put(f"/datasets/{other}", truth).status == 201
    keys = "select count(*) from coco.image_keys where import_id = %s"
    first, = db.execute("select import_id from coco.sources s join coco.datasets d"
                        " on d.id = s.dataset_id where d.name = %s", [other]).fetchone()
    collect_until(lambda: db.execute(keys, [first]).fetchone() == (IMAGES,), "the keys")
    assert web.put(f"/datasets/{other}", truth).status == 200
    collect_until(lambda: db.execute(keys, [first]).fetchone() == (0,), "the old keys to go")
    assert web.delete(f"/datasets/{other}").status == 204
    collect_until(lambda: db.execute(
        "select count(*) from coco.preparations() where action = 'keys'").fetchone() == (0,),
        "keys of all that needs them, and no others")
    assert db.execute("select count(*) from coco.image_keys k where not exists"
                      " (select from coco.sources s where s.import_id = k.import_id)"
                      ).fetchone() == (0,)
