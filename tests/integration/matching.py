"""Sets of matches, made with the functions that the service calls, without comparing anything."""

import collections
import json

from samples import id_of

COLUMNS = ("annotation_id", "truth_id", "image_id", "confidence", "iou", "category_id",
           "truth_category_id", "confused_category_id", "outcome", "found_by",
           "confused_confidence", "left_out")


def found(id, image, category, confidence, outcome, truth=None, truth_category=None, iou=None,
          confused=None, left_out=None):
    """What became of a detection."""
    return dict(annotation_id=id, truth_id=truth, image_id=image, confidence=confidence, iou=iou,
                category_id=category, truth_category_id=truth_category,
                confused_category_id=confused, outcome=outcome, left_out=left_out)


def truth(id, image, category, outcome, found_by=None, iou=None, confused=None, confidence=None,
          left_out=None):
    """What became of a ground truth."""
    return dict(truth_id=id, image_id=image, category_id=category, truth_category_id=category,
                outcome=outcome, found_by=found_by, iou=iou, confused_category_id=confused,
                confused_confidence=confidence, left_out=left_out)


def street_matches():
    """Every outcome, on the classes person (1), car (3) and dog (18) of samples.street()."""
    return [
        found(1, 1, 1, .9, "true_positive", 10, 1, .8, confused=1),
        found(2, 1, 1, .8, "classification", 11, 3, .75, confused=3),
        found(3, 2, 3, .95, "background"),
        found(4, 1, 1, .5, "duplicate", 10, 1, .6),
        found(5, 2, 1, .4, "ignored", left_out=True),
        found(6, 3, 18, .3, "localisation", 13, 18, .3),
        found(7, 3, 18, .1, "background"),
        found(8, 3, 1, .2, "both", 13, 18, .2),
        truth(10, 1, 1, "true_positive", 1, .8, 1, .9),
        truth(11, 1, 3, "classification", 2, .75, 1, .8),
        truth(12, 2, 1, "ignored", left_out=True),
        truth(13, 3, 18, "localisation", 6, .3),
        truth(14, 3, 3, "missed"),
    ]


def counts(rows):
    """What matches_publish takes."""
    claimed = {row["truth_id"] for row in rows
               if row["outcome"] == "classification" and "found_by" not in row}
    counted = collections.Counter()
    pointed = collections.Counter()
    for row in rows:
        key = row["category_id"], "found_by" in row, row["outcome"]
        counted[key] += 1
        pointed[key] += key[1] and row["truth_id"] in claimed
    return json.dumps([dict(category_id=category, is_truth=is_truth, outcome=outcome, n=n,
                            claimed=pointed[category, is_truth, outcome])
                       for (category, is_truth, outcome), n in counted.items()])


class Maker:
    """Makes the matches of a run, transaction by transaction, over a connection of the owner."""

    def __init__(self, connection, dataset, run="run", iou_type="bbox", rows=None):
        self.connection, self.run, self.iou_type = connection, run, iou_type
        self.rows = street_matches() if rows is None else rows
        self.dataset_id = id_of(connection, dataset)
        self.imports = [connection.execute(
            "select import_id from coco.sources where dataset_id = %s and source = %s",
            (self.dataset_id, source)).fetchone()[0] for source in ("ground_truth", run)]
        connection.commit()

    def call(self, statement, *params):
        return self.connection.execute(statement, params).fetchone()

    def begin(self):
        """False if there is nothing to make."""
        self.id, self.leaf = self.call(
            "select * from coco.matches_begin(%s, %s, %s, %s, %s)", self.dataset_id, self.run,
            self.iou_type, *self.imports)
        return self.id is not None

    def load(self):
        with self.connection.cursor() as cursor:
            cursor.executemany(
                f"insert into {self.leaf} ({', '.join(COLUMNS)}) values"
                f" ({', '.join(['%s'] * len(COLUMNS))})",
                [[row.get(column) for column in COLUMNS] for row in self.rows])
        self.call("select coco.matches_loaded(%s, %s, %s, %s, %s, %s)", self.id, self.dataset_id,
                  self.run, self.iou_type, *self.imports)
        self.connection.commit()

    def attach(self):
        self.call("select coco.matches_attach(%s)", self.id)
        self.connection.commit()
        self.call("select coco.matches_announce(%s)", self.id)
        self.connection.commit()

    def publish(self):
        published, = self.call("select coco.matches_publish(%s, %s)", self.id, counts(self.rows))
        self.connection.commit()
        return published

    def prepare(self):
        """All but the publication."""
        assert self.begin()
        self.load()
        self.attach()
        return self

    def make(self):
        self.prepare().publish()
        return self
