"""Logical replication of all tables does not get in the way of the service."""

import pytest

from samples import detections, street


@pytest.fixture
def publication(db):
    db.execute("create publication everything for all tables")
    yield
    db.execute("drop publication everything")


def test_everything_works_while_all_tables_are_published(publication, web, name, collect):
    """PostgreSQL refuses to update and delete rows of a published table without an identity."""
    truth = street()
    first = truth["annotations"][0]
    truth["annotations"] += [{**first, "category_id": 99}, first]
    truth["images"].append(truth["images"][0])
    for status in (201, 200):
        reply = web.put(f"/datasets/{name}", truth)
        assert (reply.status, reply.json()["annotation_count"]) == (status, 4), reply
    for rows in (5, 6):
        assert web.put_run(name, "run", detections(rows)).json()["prediction_count"] == rows
    collect()
    assert web.delete(f"/datasets/{name}/runs/run").status == 204
    assert web.delete(f"/datasets/{name}").status == 204
    collect()
