"""The images of a dataset over HTTP: filters, orders, pages. SQL counts each number again."""

import random
from contextlib import ExitStack, contextmanager
from urllib.parse import quote

import pytest

from client import Client, refused
from meanwhile import no_collection
from samples import street

CLASSES = (1, 2, 3, 4)
NAMES = ["a b'c\"<i>&amp;.jpg", "😀/été.png", "100%.jpg", "x_y%z.jpg", "n" * 63, "[1,2].jpg",
         "a\\b.jpg", "l" * 300 + ".jpg"]


def ground_truth(seed=5, images=240, annotations=700):
    """Classes are unevenly spread; class 4 has one row; some images have none, no name or size."""
    draw = random.Random(seed)
    ids = draw.sample(range(-50, 5000), images)
    pictures = [{"id": id, "file_name": NAMES[n] if n < len(NAMES) else f"cam{n % 7}/{id:05}.jpg",
                 "width": 100 + draw.randrange(5), "height": 50} for n, id in enumerate(ids)]
    for bare in pictures[20:24]:
        del bare["width"], bare["height"]
    return street(
        images=pictures, categories=[{"id": id, "name": f"class {id}"} for id in CLASSES],
        annotations=[{"id": n, "image_id": draw.choice(ids[:-30]),
                      "category_id": 4 if n == 300 else draw.choice((1, 1, 1, 1, 2, 3)),
                      "bbox": [draw.randrange(40), draw.randrange(20), 9, 9],
                      "area": 81 - n % 9 * 9, "iscrowd": 0} for n in range(annotations)])


def results(truth, rows, seed=6):
    """Detections: half of them near a ground truth."""
    draw = random.Random(seed)
    ids = [image["id"] for image in truth["images"]]
    made = []
    for _ in range(rows):
        near = draw.choice(truth["annotations"])
        close = draw.random() < .5
        x, y, *size = near["bbox"] if close else [*near["bbox"][:3], 9 - len(made) % 5]
        made.append({"image_id": near["image_id"] if close else draw.choice(ids),
                     "category_id": near["category_id"] if close else draw.choice((1, 2, 3)),
                     "bbox": [x + draw.choice((0, 0, 1, 4)), y, *size],
                     "score": round(draw.random(), 3)})
    return made


class Images:
    """A dataset with the run r, for which matches were made, and the slice s. Its leaves are
    analyzed."""

    def __init__(self, site, postgres, name, rows):
        self.web, self.path, self.name = Client(site), f"/datasets/{name}", name
        truth = ground_truth()
        assert self.web.put(self.path, truth, {"split": "val"}).status == 201
        assert self.web.put_run(name, "r", results(truth, rows)).status == 200
        assert self.web.get(self.path + "/runs/r/errors").status == 200
        chosen = [image["id"] for image in truth["images"]][::3]
        assert self.web.put(self.path + "/slices/s", {"image_ids": chosen}).status == 200
        self.postgres, self.db = postgres, postgres.connect(autocommit=True)
        self.id = self.one("select id from coco.datasets where name = %s", [name])
        self.imports = dict(self.db.execute(
            "select source, import_id from coco.sources where dataset_id = %s", [self.id]))
        self.matches = self.one("select matches_id from coco.match_sources where dataset_id = %s",
                                [self.id])
        for leaf in (*(f"a_{id}" for id in self.imports.values()), f"m_{self.matches}"):
            self.db.execute(f"analyze coco_parts.{leaf}")

    def one(self, query, params=()):
        return self.db.execute(query, params).fetchone()[0]

    def prepare(self):
        """What the collection does for large leaves, whatever their size."""
        with no_collection(self.postgres):  # of two that make the same index one may fail
            for leaf in self.imports.values():
                self.db.execute(f"create index if not exists a_{leaf}_class on coco_parts.a_{leaf}"
                                " (category_id, image_id)")
            leaf = self.matches
            self.db.execute(f"create index if not exists m_{leaf}_outcome on coco_parts.m_{leaf}"
                            " (outcome, image_id)")
        self.db.execute(
            "insert into coco.image_keys select %s, image_id,"
            " row_number() over (order by image_id), coalesce(left(file_name, 200), ''),"
            " coalesce(width::bigint * height, 0),"
            " (select count(*) from coco.annotations a where a.dataset_id = i.dataset_id"
            " and a.source = 'ground_truth' and a.image_id = i.image_id)"
            " from coco.images i where dataset_id = %s", [self.imports["ground_truth"], self.id])

    def usual(self, text):
        """With the mean number of rows an image for USUAL: of r, if the text is about it."""
        source = "r" if "'r'" in text or "source=r" in text else "ground_truth"
        return text.replace("USUAL", str(self.one(
            "select row_count / 240 from coco.sources where import_id = %s",
            [self.imports[source]])))

    def page(self, query=""):
        reply = self.web.get(f"{self.path}/images?{query}")
        assert reply.status == 200, reply
        return reply.json()

    def follow(self, query):
        """All images of all pages, and the first page."""
        first = page = self.page(query)
        found = page["images"]
        while "next" in page:
            page = self.web.get(page["next"]).json()
            found += page["images"]
        return found, first

    def ids(self, where, order="image_id"):
        """The images that an independent query finds."""
        return [id for id, in self.db.execute(
            "select image_id from (select i.*, coalesce(left(file_name, 200), '') as name,"
            " coalesce(width::bigint * height, 0) as pixels, (select count(*) from coco.annotations"
            " a where a.dataset_id = i.dataset_id and a.source = 'ground_truth'"
            " and a.image_id = i.image_id) as n from coco.images i) i"
            f" where dataset_id = {self.id} and ({where}) order by {order}")]


KINDS = ["few rows", "many rows", "prepared"]


@contextmanager
def images_of(site, postgres, prefix, kind):
    """Leaves that are read as a whole; large ones before the collection came, and afterwards. It
    comes to "many rows" after let_collect()."""
    with ExitStack() as held:
        if kind == "many rows":
            held.enter_context(no_collection(postgres))
        made = Images(site, postgres, f"{prefix}-{kind.replace(' ', '-')}",
                      2000 if kind == "few rows" else 21000)
        made.let_collect = held.close
        if kind == "prepared":
            made.prepare()
        yield made
    made.db.close()
    assert made.web.delete(made.path).status == 204


@pytest.fixture(scope="module", params=KINDS)
def images(site, postgres, request):
    with images_of(site, postgres, "img", request.param) as made:
        yield made


ROW = ("exists (select from coco.annotations a where a.dataset_id = i.dataset_id"
       " and a.image_id = i.image_id and a.source = 'SOURCE' and {})")
TRUTH, RUN = ROW.replace("SOURCE", "ground_truth"), ROW.replace("SOURCE", "r")
COUNT = ("(select count(*) from coco.annotations a where a.dataset_id = i.dataset_id"
         " and a.image_id = i.image_id and a.source = '{}' and {})")
MATCHES = ("(select count(*) from coco.matches m where m.dataset_id = i.dataset_id"
           " and m.source = 'r' and m.image_id = i.image_id and m.iou_type = 'bbox' and {})")
MATCH = ("exists (select from coco.matches m where m.dataset_id = i.dataset_id and m.source = 'r'"
         " and m.image_id = i.image_id and m.iou_type = 'bbox' and {})")
SLICE = ("exists (select from coco.slices s where s.dataset_id = i.dataset_id and s.slice = 's'"
         " and s.image_id = i.image_id)")

FILTERS = [
    ("", "true"),
    ("split=val", "split = 'val'"),
    ("slice=s", SLICE),
    ("category=2", TRUTH.format("category_id = 2")),
    ("category=class+4", TRUTH.format("category_id = 4")),
    ("category=3&source=r", RUN.format("category_id = 3")),
    ("source=r", RUN.format("true")),
    ("source=ground_truth", TRUTH.format("true")),
    ("source=r&min_confidence=0.98", RUN.format("confidence >= 0.98")),
    ("source=r&category=1&min_confidence=0.9",
     RUN.format("category_id = 1 and confidence >= 0.9")),
    ("source=r&outcome=background", MATCH.format("outcome = 'background'")),
    ("source=r&outcome=missed&category=2",
     MATCH.format("outcome = 'missed' and category_id = 2")),
    ("source=r&outcome=classification&category=1",
     MATCH.format("outcome = 'classification' and category_id = 1")),
    ("source=r&outcome=true_positive&category=3&min_confidence=0.7",
     MATCH.format("outcome = 'true_positive' and category_id = 3"
                  " and (is_truth or confidence >= 0.7)")),
    ("search=cam3%2F", "position('cam3/' in file_name) > 0"),
    ("search=cam3%2F0*", "starts_with(file_name, 'cam3/0')"),
    ("min_area=45", TRUTH.format("area >= 45")),
    ("source=r&below_area=60", RUN.format("bbox_w * bbox_h < 60")),
    ("source=r&category=2&min_area=54&below_area=72&min_confidence=0.2",
     RUN.format("category_id = 2 and confidence >= 0.2 and bbox_w * bbox_h >= 54"
                " and bbox_w * bbox_h < 72")),
    ("min_count=USUAL", COUNT.format("ground_truth", "true") + " >= USUAL"),
    ("max_count=USUAL", COUNT.format("ground_truth", "true") + " <= USUAL"),
    ("source=r&min_count=USUAL&max_count=USUAL", COUNT.format("r", "true") + " = USUAL"),
    ("category=2&max_count=0", COUNT.format("ground_truth", "category_id = 2") + " = 0"),
    ("source=r&category=1&min_confidence=0.5&min_count=2",
     COUNT.format("r", "category_id = 1 and confidence >= 0.5") + " >= 2"),
    ("source=r&min_area=72&max_count=USUAL",
     COUNT.format("r", "bbox_w * bbox_h >= 72") + " <= USUAL"),
    ("source=r&outcome=missed&min_count=2", MATCHES.format("outcome = 'missed'") + " >= 2"),
    ("source=r&outcome=background&category=2&max_count=0",
     MATCHES.format("outcome = 'background' and category_id = 2") + " = 0"),
    ("slice=s&split=val&category=1&source=r&search=am&max_count=1",
     f"{SLICE} and split = 'val' and position('am' in file_name) > 0 and "
     + COUNT.format("r", "category_id = 1") + " <= 1"),
    ("source=ground_truth&min_count=0", "true"),
    ("slice=s&split=val&category=1&source=r&search=am",
     f"{SLICE} and split = 'val' and position('am' in file_name) > 0 and "
     + RUN.format("category_id = 1")),
]
ORDERS = [("id", "image_id"), ("-id", "image_id desc"), ("file_name", 'name collate "C", image_id'),
          ("-file_name", 'name collate "C" desc, image_id desc'), ("size", "pixels, image_id"),
          ("-size", "pixels desc, image_id desc"), ("annotations", "n, image_id"),
          ("-annotations", "n desc, image_id desc")]


@pytest.mark.parametrize("query, where", FILTERS, ids=[query for query, _ in FILTERS])
def test_filters_choose_images_in_each_order(images, query, where):
    query, where = images.usual(query), images.usual(where)
    for sort, order in ORDERS:
        wanted = images.ids(where, order)
        for limit in (500, 37):
            found, first = images.follow(f"{query}&sort={sort}&limit={limit}")
            assert [image["image_id"] for image in found] == wanted, (sort, limit)
            if not first["total_is_estimate"]:
                assert first["total"] == len(wanted)
            elif first["total"] is not None:
                assert len(wanted) / 5 <= first["total"] <= len(wanted) * 5
            assert ("next" in first) == (first["after"] is not None)


def test_a_filter_hides_no_box_of_an_image(images):
    for image in images.page("category=4")["images"]:
        assert image["counts"] == {
            source: images.one("select count(*) from coco.annotations where dataset_id = %s"
                               " and source = %s and image_id = %s",
                               [images.id, source, image["image_id"]])
            for source in ("ground_truth", "r")}


def test_images_are_shown_as_the_file_has_them(images):
    shown = {image["image_id"]: image for image in images.follow("limit=200")[0]}
    for id, name, width, height, split in images.db.execute(
            "select image_id, left(file_name, 1024), width, height, split from coco.images"
            " where dataset_id = %s", [images.id]):
        image = shown[id]
        assert (image["file_name"], image["width"], image["height"], image["split"],
                image["text_id"]) == (name, width, height, split, None)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_is_found_by_its_name_or_a_part_of_it(images, name):
    wanted = images.one("select image_id from coco.images where dataset_id = %s"
                        " and file_name = %s", [images.id, name])
    for query in (f"file_name={quote(name)}", f"search={quote(name[1:])}",
                  f"search={quote(name)}*", f"file_name={quote(name)}&sort=-size"):
        found, _ = images.follow(query)
        assert [image["image_id"] for image in found] == [wanted], query


ERRORS = ("(select count(*) from coco.matches m where {0} and m.confidence >= 0.25"
          " and m.outcome in ('localisation', 'classification', 'both', 'duplicate', 'background'))"
          " + (select count(*) from coco.matches m where {0} and m.is_truth"
          " and m.outcome <> 'ignored')"
          " - (select count(*) from coco.matches m where {0} and m.confidence >= 0.25"
          " and m.outcome = 'true_positive')").format(
              "m.dataset_id = i.dataset_id and m.source = 'r' and m.iou_type = 'bbox'"
              " and m.image_id = i.image_id")


@pytest.fixture
def by_errors(images, collect_until):
    """They can be sorted once the collection has counted the errors of a run that is not small."""
    path = f"{images.path}/images?sort=errors&source=r"
    images.let_collect()
    collect_until(lambda: images.web.get(path).status == 200, "errors by image")
    return images


@pytest.mark.parametrize("query, where", FILTERS, ids=[query for query, _ in FILTERS])
def test_filters_choose_images_in_the_order_of_errors(by_errors, query, where):
    query, where = by_errors.usual(query) + "&run=r", by_errors.usual(where)
    for sort, order in [("errors", "asc"), ("-errors", "desc")]:
        wanted = by_errors.ids(where, f"{ERRORS} {order}, image_id {order}")
        for limit in (500, 37):
            found, _ = by_errors.follow(f"{query}&sort={sort}&limit={limit}")
            assert [image["image_id"] for image in found] == wanted, (sort, limit)


@pytest.mark.parametrize("query, where", [
    ("", "true"), ("split=val", "split = 'val'"), ("search=cam3/", "position('cam3/' in name) > 0"),
    ("category=3", RUN.format("category_id = 3")),
    ("max_count=0", COUNT.format("r", "true") + " = 0")])
def test_the_source_is_the_run_of_an_order_by_errors_unless_that_is_named(by_errors, query, where):
    found, _ = by_errors.follow(f"{query}&sort=errors&source=r&limit=500")
    assert [image["image_id"] for image in found] == by_errors.ids(where, f"{ERRORS}, image_id")


def test_images_have_the_errors_that_they_are_sorted_by(by_errors):
    found, first = by_errors.follow("sort=-errors&source=r&limit=100")
    counted = by_errors.web.get(f"{by_errors.path}/runs/r/errors/images?limit=1000").json()
    assert {image["image_id"]: image["errors"] for image in found if image["errors"]} \
        == {image["image_id"]: image["errors"] for image in counted["images"]}
    assert first["total"] == len(found) == 240 and not first["total_is_estimate"]
    assert "errors" not in by_errors.page("source=r")["images"][0]


@pytest.mark.parametrize("sort, order", ORDERS[:2])
def test_a_list_begins_at_any_place(images, sort, order):
    wanted = images.ids("true", order)
    for place in (1, 2, 120, 239, 240):
        page = images.page(f"at={place}&sort={sort}&limit=5")
        assert [image["image_id"] for image in page["images"]] == wanted[place - 1:][:5]
        assert page["total"] == 240 and not page["total_is_estimate"]


@pytest.mark.parametrize("query, status, code, word", [
    ("limit=0", 400, "bad_request", "limit"), ("limit=501", 400, "bad_request", "limit"),
    ("sort=name", 400, "bad_request", "sort"), ("after=x", 400, "bad_request", "after"),
    ("after=i99999999999999999999", 400, "bad_request", "after"),
    ("after=i7777&sort=size", 400, "bad_request", "no longer"),
    ("split=none", 400, "bad_request", "no split none (its splits: val)"),
    ("slice=none", 404, "unknown_slice", "none"),
    ("category=99", 400, "bad_request", "category 99"),
    ("source=other", 404, "unknown_run", "other"), ("source=r,r", 404, "unknown_run", "r,r"),
    ("min_confidence=1", 400, "bad_request", "source"),
    ("outcome=missed", 400, "bad_request", "source"),
    ("outcome=missed&source=r&iou_type=segm", 404, "no_matches", "segm"),
    ("outcome=hit&source=r", 400, "bad_request", "outcome"),
    ("outcome=missed&source=r&min_area=5", 400, "bad_request", "min_area and below_area"),
    ("min_count=2&max_count=1", 400, "bad_request", "cannot be more than max_count (2, 1)"),
    ("min_area=8&below_area=8", 400, "bad_request", "less than below_area (8, 8)"),
    ("max_count=-1", 400, "bad_request", "max_count"),
    ("at=2&max_count=1", 400, "bad_request", "without a filter"),
    ("at=0", 400, "bad_request", "at"), ("at=241", 400, "bad_request", "240 images"),
    ("at=2&split=val", 400, "bad_request", "without a filter"),
    ("at=2&sort=size", 400, "bad_request", "sort=id"),
    ("sort=errors", 400, "bad_request", "source"),
    ("run=r", 400, "bad_request", "run is for sort=errors"),
    ("sort=errors&run=other", 404, "unknown_run", "other"),
    ("sort=errors&run=ground_truth", 400, "bad_request", "for a run"),
    ("min_area=1e-400", 400, "bad_request", "min_area must be a number"),
    ("sort=errors&source=ground_truth", 400, "bad_request", "source"),
    ("sort=errors&source=r&iou_type=segm", 404, "no_matches", "segm"),
    ("sort=errors&source=other", 404, "unknown_run", "other"),
    ("sort=errors&source=r&at=2", 400, "bad_request", "sort=id"),
    ("at=2&after=i1", 400, "bad_request", "after"), ("search=%ff", 400, "bad_request", "")])
def test_what_makes_no_sense_is_refused(images, query, status, code, word):
    refused(images.web.get(f"{images.path}/images?{query}"), status, code, word)


def test_an_empty_value_is_no_filter(images):
    assert images.page("search=&file_name=&category=&source=&split=&slice=")["total"] == 240


def test_a_cursor_goes_on_after_its_image_is_gone_in_the_order_of_ids(images):
    wanted = images.ids("image_id > 777")
    assert [image["image_id"] for image in images.page("after=i777&limit=500")["images"]] == wanted
