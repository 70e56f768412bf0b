"""The worker is killed, or the database stops, while the server copies rows: nothing half-done is
ever seen, nothing is left, and the next request succeeds."""

import http.client
import json
import threading

import pytest

from meanwhile import no_collection
from samples import array, count, detections, grow_old, leaves, published_leaves, rows, street
from stack import wait_for
from test_killed_steps import PENDING, STEPS, gone, is_at, kill_workers

SMALLER = json.dumps(street(images=street()["images"][:2],
                            annotations=street()["annotations"][:3])).encode()
MORE = json.dumps(street(images=[{"id": 11}], annotations=[])).encode()
# Each takes an import's token, and leaves the dataset with other rows if it succeeds.
CHANGES = {
    "a ground truth that takes rows from a run": ("PUT", "?force=1&import=", SMALLER),
    "a second file": ("POST", "/annotations?import=", MORE),
    "another name of a run": ("PATCH", "/runs/run?import=", b'{"name": "other"}'),
    "a clone of a run": ("POST", "/runs/run/clone?name=other&import=", b""),
}


class Request(threading.Thread):
    """A request whose answer may never come."""

    def __init__(self, web, method, path, body):
        super().__init__(daemon=True)
        self.web, self.request, self.reply = web, (method, path, body), None
        self.start()

    def run(self):
        try:
            self.reply = self.web.request(*self.request)
        except (OSError, http.client.HTTPException):
            pass  # its worker was killed


@pytest.fixture
def path(web, dataset):
    """The path of a dataset with a run."""
    assert web.put_run(dataset, "run", array(*detections(30))).status == 200
    return f"/datasets/{dataset}"


def state(web, db, dataset):
    """What readers see of the dataset."""
    return ([rows(db, dataset, source) for source in ("ground_truth", "run")],
            count(db, dataset, "other"), web.get(f"/datasets/{dataset}").json(),
            web.get(f"/datasets/{dataset}/runs").json())


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("change", CHANGES)
def test_killed_in_a_step_after_the_copy(
        web, site, postgres, db, holder, path, dataset, token, collect, change, step):
    before = state(web, db, dataset)
    method, rest, body = CHANGES[change]
    with no_collection(postgres):
        STEPS[step](holder, dataset)
        request = Request(web, method, path + rest + token, body)
        wait_for(lambda: is_at(db, token, step), f"the change to wait in {step}")
        kill_workers(site)
        request.join(30)
        assert not request.is_alive()
        assert request.reply is None or request.reply.status == 502, request.reply
        holder.rollback()
        wait_for(lambda: gone(db, token), "the killed backend to end")
        assert state(web, db, dataset) == before
        assert web.import_state(token)["state"] in ("running", "lost")
        assert leaves(db) - published_leaves(db)  # there was something to collect
    collect()
    assert db.execute(PENDING).fetchone() == (0,)
    reply = web.request(method, path + rest + token + "x", body)
    assert reply.status in (200, 201), reply
    assert state(web, db, dataset) != before
    collect()


@pytest.mark.parametrize("change", CHANGES)
def test_a_database_that_stops_between_two_steps(web, postgres, path, dataset, token, change):
    method, rest, body = CHANGES[change]
    holder = postgres.connect()
    with postgres.connect(autocommit=True) as db:
        before = state(web, db, dataset)
        STEPS["attach"](holder, dataset)
        request = Request(web, method, path + rest + token, body)
        wait_for(lambda: is_at(db, token, "attach"), "the change to wait for the attach")
    postgres.stop("immediate")
    try:
        request.join(30)
        assert request.reply.json()["code"] == "database_away", request.reply
    finally:
        holder.close()
        postgres.start()
    wait_for(lambda: web.get("/readyz").status == 200, "the service to find the database")
    with postgres.connect(autocommit=True) as db:
        assert state(web, db, dataset) == before
        grow_old(db)
    wait_for(lambda: web.request(method, path + rest + token + "x", body).status in (200, 201),
             "the change to be made")
