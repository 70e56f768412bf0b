"""What went wrong: the documents and views made of a run's matches."""

import json

import psycopg
import pytest

from matching import Maker, found, street_matches
from samples import detections, id_of, street


@pytest.fixture(scope="module")
def made(site, postgres):
    """The name of a dataset whose run has the matches of street_matches()."""
    from conftest import make_dataset
    from client import Client
    dataset = make_dataset(site)
    assert Client(site).put_run(dataset, "run", detections(5)).status == 200
    with postgres.connect(user="pgcoco") as connection:
        Maker(connection, dataset).make()
    return dataset


@pytest.fixture
def ask(reader, made):
    """ask("errors", type="missed") is a document, as a reader of the database gets it."""

    def ask(what, dataset=made, run="run", **more):
        more = {"page_size" if name == "limit" else name: value for name, value in more.items()}
        named = "".join(f", {name} => %s" for name in more)
        return reader.execute(f"select coco.{what}_document(%s, %s{named})",
                              (dataset, run, *more.values())).fetchone()[0]

    return ask


def ids(document):
    return [row["annotation_id"] or row["truth_id"] for row in document["errors"]]


def test_errors_come_surest_first_and_missed_ground_truths_last(ask):
    document = ask("errors")
    assert ids(document) == [3, 2, 4, 6, 8, 7, 14]
    assert [row["type"] for row in document["errors"]] == [
        "background", "classification", "duplicate", "localisation", "both", "background", "missed"]
    assert document["errors"][1] == {
        "type": "classification", "annotation_id": 2, "confidence": .8, "image_id": 1,
        "file_name": "one.jpg", "category_id": 1, "category": "person", "iou": .75,
        "truth_id": 11, "truth_category_id": 3, "truth_category": "car"}
    assert "next" not in document


@pytest.mark.parametrize("choice, expected", [
    ({"type": "background"}, [3, 7]),
    ({"type": "missed"}, [14]),
    ({"type": "true_positive"}, [1]),
    ({"type": "ignored"}, [5]),
    ({"category": "1"}, [2, 4, 8]),
    ({"category": "person"}, [2, 4, 8]),
    ({"category": "car"}, [3, 14]),
    ({"image_id": 3}, [6, 8, 7, 14]),
    ({"image_id": 3, "category": "dog"}, [6, 7]),
    ({"image_id": 99}, []),
    ({"min_confidence": .5}, [3, 2, 4, 14]),
    ({"min_confidence": .5, "image_id": 1}, [2, 4]),
    ({"type": "both", "category": "person", "min_confidence": .2}, [8]),
    ({"type": "both", "category": "person", "min_confidence": .21}, []),
], ids=str)
def test_errors_can_be_chosen(ask, choice, expected):
    assert ids(ask("errors", **choice)) == expected


def follow(ask, what, **choice):
    """All rows, page by page, by the addresses of the pages."""
    rows, pages = [], 0
    while True:
        document = ask(what, **choice)
        rows += document["errors" if what == "errors" else
                         "images" if what == "error_images" else "label_errors"]
        pages += 1
        assert ("totals" in document) == (what == "errors" and "after" not in choice)
        if "next" not in document:
            return rows, pages
        path, _, query = document["next"].partition("?")
        assert path.startswith("/datasets/") and "/runs/run/errors" in path
        for name, value in (pair.split("=") for pair in query.split("&")):
            choice[name] = int(value) if name in ("limit", "image_id") else value
        choice["min_confidence"] = choice.get("min_confidence") and float(choice["min_confidence"])


@pytest.mark.parametrize("choice", [{}, {"image_id": 3}, {"category": "person"},
                                    {"type": "background"}, {"min_confidence": .2}], ids=str)
@pytest.mark.parametrize("limit", [1, 2, 6])
def test_pages_of_errors_are_one_list(ask, choice, limit):
    whole = ask("errors", **choice)["errors"]
    rows, pages = follow(ask, "errors", limit=limit, **choice)
    assert rows == whole
    assert pages == -(-len(whole) // limit)


def test_equal_scores_do_not_hide_rows_between_pages(postgres, web, ask, dataset):
    assert web.put_run(dataset, "run", detections(2)).status == 200
    rows = [found(n, 1, (1, 3)[n % 2], 1e-05 if n < 20 else 3e20, "background")
            for n in range(1, 41)]
    with postgres.connect(user="pgcoco") as connection:
        Maker(connection, dataset, rows=rows).make()
    pages = follow(lambda what, **choice: ask(what, dataset=dataset, **choice), "errors", limit=7)
    assert [row["annotation_id"] for row in pages[0]] == [*range(20, 41), *range(1, 20)]


def test_totals_are_by_type_and_class(ask):
    totals = ask("errors", limit=1)["totals"]
    assert totals["types"] == {
        "true_positive": 1, "localisation": 1, "classification": 1, "both": 1, "duplicate": 1,
        "background": 2, "missed": 1, "ignored": 1}
    assert (totals["detections"], totals["truths"]) == (8, 5)
    classes = {row["category"]: row["types"] for row in totals["per_class"]}
    assert [*classes] == ["person", "car", "dog"]
    assert classes["person"] == {
        "true_positive": 1, "localisation": 0, "classification": 1, "both": 1, "duplicate": 1,
        "background": 0, "missed": 0, "ignored": 1}
    assert (classes["car"]["missed"], classes["dog"]["missed"]) == (1, 0)


def test_the_summary_counts_each_detection_once(ask, reader, made):
    """A label error claims its ground truth; what is only badly placed is a false negative."""
    assert ask("errors")["totals"]["summary"] == {
        "true_positives": 1, "hard_false_positives": 5, "label_errors": 1, "false_negatives": 2}
    assert reader.execute(
        "select category_id, true_positives, hard_false_positives, label_errors, false_negatives"
        " from coco.match_summary where dataset_id = %s and source = 'run' order by 1",
        (id_of(reader, made),)).fetchall() == [(1, 1, 2, 1, 0), (3, 0, 1, 0, 1), (18, 0, 2, 0, 1)]


def test_images_with_most_errors_come_first(ask):
    document = ask("error_images", min_confidence=0)
    assert [(row["image_id"], row["errors"]) for row in document["images"]] == [
        (3, 5), (1, 3), (2, 1)]
    assert document["images"][1] == {
        "image_id": 1, "file_name": "one.jpg", "errors": 3, "true_positives": 1,
        "false_positives": 2, "false_negatives": 1,
        "types": {"localisation": 0, "classification": 1, "both": 0, "duplicate": 1,
                  "background": 0, "missed": 0},
        "precision": 1 / 3, "recall": .5, "f1": .4}
    assert (document["images"][2]["precision"], document["images"][2]["recall"]) == (0, -1)


def test_images_count_detections_from_a_confidence(ask):
    document = ask("error_images")
    assert document["min_confidence"] == .25
    assert [(row["image_id"], row["errors"]) for row in document["images"]] == [
        (1, 3), (3, 3), (2, 1)]
    sure = ask("error_images", min_confidence=.92)["images"]
    assert [(row["image_id"], row["true_positives"], row["false_negatives"]) for row in sure] == [
        (1, 0, 2), (3, 0, 2), (2, 0, 0)]


@pytest.mark.parametrize("truth, predicted, confidence, expected", [
    ("1", "1", 0, [(1, 1)]),
    ("car", "person", 0, [(1, 1)]),
    ("3", "1", .81, []),
    ("background", "1", 0, [(1, 1), (3, 1)]),  # the duplicate and `both`; not what is left out
    ("background", "18", 0, [(3, 2)]),
    ("3", "background", 0, [(3, 1)]),
    ("3", "background", .81, [(1, 1), (3, 1)]),  # nobody as sure takes the one in image 1
    ("1", "background", .9, []),
    ("1", "background", .91, [(1, 1)]),
])
def test_the_images_behind_a_cell_of_the_confusion_matrix(
        ask, truth, predicted, confidence, expected):
    document = ask("error_images", truth=truth, predicted=predicted, min_confidence=confidence)
    assert [(row["image_id"], row["count"]) for row in document["images"]] == expected


@pytest.mark.parametrize("choice", [{"min_confidence": 0}, {
    "truth": "background", "predicted": "1", "min_confidence": 0}], ids=["errors", "cell"])
def test_pages_of_images_are_one_list(ask, choice):
    assert follow(ask, "error_images", limit=1, **choice)[0] == ask("error_images", **choice)[
        "images"]


def test_suspected_label_errors_are_sure(ask):
    document = ask("label_errors")
    assert (document["min_confidence"], document["min_iou"]) == (.7, .7)
    assert [(row["type"], row["annotation_id"], row["truth_category"])
            for row in document["label_errors"]] == [("background", 3, None),
                                                     ("classification", 2, "car")]
    assert [row["annotation_id"] for row in ask("label_errors", min_iou=.76)["label_errors"]] == [3]
    assert [row["annotation_id"] for row in ask("label_errors", min_confidence=.1)["label_errors"]
            ] == [3, 2, 7]
    assert len(follow(ask, "label_errors", limit=1)[0]) == 2


@pytest.mark.parametrize("what, choice, state, words", [
    ("errors", {"dataset": "nowhere"}, "CO401", "nowhere"),
    ("errors", {"run": "other"}, "CO402", "no run other"),
    ("errors", {"iou_type": "segm"}, "CO405", "/runs/run/errors?iou_type=segm makes them"),
    ("error_images", {"iou_type": "segm"}, "CO405", "makes them"),
    ("label_errors", {"iou_type": "segm"}, "CO405", "makes them"),
    ("errors", {"iou_type": "box"}, "CO400", "bbox, segm or keypoints"),
    ("errors", {"type": "wrong"}, "CO400", "localisation, classification"),
    ("errors", {"category": "cat"}, "CO400", "category cat is not in dataset"),
    ("errors", {"category": "99999999999"}, "CO400", "category 99999999999"),
    ("errors", {"after": "run"}, "CO400", "next"),
    ("errors", {"after": "d1e999_1"}, "CO400", "next"),
    ("errors", {"after": "d1.2.3_1"}, "CO400", "next"),
    ("error_images", {"truth": "1"}, "CO400", "go together"),
    ("error_images", {"truth": "background", "predicted": "background"}, "CO400", "go together"),
])
def test_what_cannot_be_answered_is_told(ask, what, choice, state, words):
    with pytest.raises(psycopg.Error, match=words.replace("?", r"\?")) as told:
        ask(what, **choice)
    assert told.value.sqlstate == state


def test_whether_matches_have_to_be_made(reader, db, made):
    current, none = reader.execute(
        "select coco.matches_current(%s, 'run'), coco.matches_current(%s, 'run', 'segm')",
        (made, made)).fetchone()
    assert none is None
    assert current == db.execute("select matches_id from coco.match_sources where dataset_id = %s",
                                 (id_of(db, made),)).fetchone()[0]


def test_documents_of_many_classes_are_bounded(postgres, web, name, ask):
    truth = street()
    truth["categories"] += [{"id": n, "name": "x" * 1000} for n in range(100, 2400)]
    assert web.put(f"/datasets/{name}", truth).status == 201
    assert web.put_run(name, "run", detections(2)).status == 200
    rows = street_matches() + [found(n, 1, n, .5, "background") for n in range(100, 2400)]
    with postgres.connect(user="pgcoco") as connection:
        Maker(connection, name, rows=rows).make()
    document = ask("errors", dataset=name, limit=5000)
    assert len(document["errors"]) == 1000
    assert len(document["totals"]["per_class"]) == 2000
    assert len(json.dumps(document)) < 2_000_000
