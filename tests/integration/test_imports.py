"""An import can be watched while it runs, and its outcome looked up afterwards."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from client import HTML, as_bytes
from samples import array, big_results, count, detections, street
from stack import wait_for


def test_an_import_is_running_then_done(web, dataset, token):
    pieces = list(big_results(6_000_000))
    with web.sender("PUT", f"/datasets/{dataset}/runs/run?import={token}") as sender:
        for piece in pieces[:-1]:
            sender.send(piece)
        now = wait_for(lambda: (now := web.import_state(token)).get("rows") and now,
                       "rows of a running import")
        assert (now["token"], now["state"]) == (token, "running")
        assert now["phase"]
        assert 0 < now["rows"] <= 700 * (len(pieces) - 1)
        page = web.get("/imports/" + token, accept=HTML)
        assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
        sender.send(pieces[-1])
        reply = sender.reply()
    assert reply.status == 200, reply
    done = web.import_state(token)
    assert (done["token"], done["state"]) == (token, "done")
    assert done["outcome"] == reply.json()
    assert reply.json()["import"] == token
    assert done["outcome"]["prediction_count"] == 700 * (len(pieces) - 1)


def test_a_failed_import_keeps_its_problem(web, dataset, token):
    reply = web.put_run(dataset, "run", "[1, ?]", **{"import": token})
    assert reply.status == 400
    failed = web.import_state(token)
    assert (failed["state"], failed["token"]) == ("failed", token)
    assert failed["outcome"] == reply.json()
    assert (failed["outcome"]["code"], failed["outcome"]["offset"]) == ("not_json", 4)


def test_an_import_without_a_token_gets_one(web, dataset):
    outcome = web.put_run(dataset, "run", detections(2)).json()
    found = web.import_state(outcome["import"])
    assert (found["state"], found["outcome"]) == ("done", outcome)


def test_a_ground_truth_is_watched_the_same_way(web, name, token):
    reply = web.put(f"/datasets/{name}", street(), {"import": token})
    assert reply.status == 201
    found = web.import_state(token)
    assert (found["state"], found["outcome"]["annotation_count"]) == ("done", 4)
    page = web.get("/imports/" + token, accept=HTML)
    assert page.status == 200 and name in page.text


def test_the_history_is_in_the_database(web, db, dataset, token):
    web.put_run(dataset, "run", detections(2), **{"import": token})
    found = db.execute(
        "select dataset, source, finished_at is not null, outcome->>'prediction_count'"
        " from coco.imports where token = %s", (token,)).fetchall()
    assert found == [(dataset, "run", True, "2")]


@pytest.mark.parametrize("body", [detections(2), "[1, ?]", "17"],
                         ids=["done", "failed in the copy", "failed later"])
def test_the_history_has_name_and_id_of_a_dataset_that_was_given_by_its_id(
        web, db, dataset, token, body):
    number = web.get(f"/datasets/{dataset}").json()["id"]
    web.put_run(number, "run", body, **{"import": token})
    assert db.execute("select dataset_id, dataset, source from coco.imports where token = %s",
                      (token,)).fetchall() == [(number, dataset, "run")]
    assert web.import_state(token)["dataset"] == dataset


def test_nothing_is_written_about_an_import_that_never_began(web, db, dataset, token):
    for where, run, status in (("999999999", "run", 404), ("nobody", "run", 404),
                               (dataset, "ground_truth", 400)):
        assert web.put_run(where, run, detections(1), **{"import": token}).status == status
    assert db.execute("select count(*) from coco.imports where token = %s",
                      (token,)).fetchone() == (0,)
    assert web.get("/imports/" + token).status == 404


def test_an_unknown_import_is_404(web):
    reply = web.get("/imports/nothing-like-it")
    assert (reply.status, reply.json()["code"]) == (404, "unknown_import")
    page = web.get("/imports/nothing-like-it", accept=HTML)
    assert page.status == 404 and page.headers["Content-Type"].startswith("text/html")


def test_two_imports_of_one_run_at_once_are_one_200_and_one_409(web, db, dataset, token):
    first = list(big_results(500_000))
    with web.sender("PUT", f"/datasets/{dataset}/runs/run?import={token}") as sender:
        for piece in first[:-1]:
            sender.send(piece)
        web.wait_for_state(token, "running")

        second = web.put_run(dataset, "run", detections(2))

        assert (second.status, second.json()["code"]) == (409, "import_running")
        assert web.put_run(dataset, "other", detections(2)).status == 200
        sender.send(first[-1])
        assert sender.reply().status == 200
    assert count(db, dataset, "run") == 700 * (len(first) - 1)


def test_two_imports_of_one_run_started_together_never_mix(web, db, dataset):
    body = array(*detections(5000))
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: web.put_run(dataset, "run", body), range(8)))
    assert {reply.status for reply in replies} <= {200, 409}
    assert 200 in {reply.status for reply in replies}
    assert count(db, dataset, "run") == 5000


def test_two_ground_truths_of_one_dataset_at_once_are_one_201_and_one_409(web, name, token):
    with web.sender("PUT", f"/datasets/{name}?import={token}") as sender:
        sender.send(b'{"images": [' + b",".join(
            b'{"id": %d, "file_name": "picture%d.jpg", "width": 1, "height": 1}' % (n, n)
            for n in range(5000)))
        web.wait_for_state(token, "running")
        second = web.put(f"/datasets/{name}", street())
        assert (second.status, second.json()["code"]) == (409, "import_running")
        sender.send(b'], "categories": []}')
        assert sender.reply().status == 201
    assert web.get(f"/datasets/{name}").json()["image_count"] == 5000


@pytest.mark.parametrize("method, answers", [("POST", {201, 409}), ("PUT", {200, 201, 409})])
def test_ground_truths_of_one_name_started_together_become_one_dataset(
        web, db, name, method, answers):
    path = "/datasets?name=" + name if method == "POST" else "/datasets/" + name
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: web.request(method, path, as_bytes(street())), range(6)))
    assert {reply.status for reply in replies} <= answers, replies
    assert [reply.status for reply in replies].count(201) == 1
    assert count(db, name, "ground_truth") == 4
    assert web.get(f"/datasets/{name}").json()["image_count"] == 3


def test_nothing_is_deleted_or_replaced_under_a_running_import(web, db, dataset, token):
    assert web.put_run(dataset, "run", detections(3)).status == 200
    pieces = list(big_results(500_000))
    with web.sender("PUT", f"/datasets/{dataset}/runs/run?import={token}") as sender:
        for piece in pieces[:-1]:
            sender.send(piece)
        web.wait_for_state(token, "running")
        for request in (lambda: web.delete(f"/datasets/{dataset}"),
                        lambda: web.delete(f"/datasets/{dataset}/runs/run")):
            reply = request()
            assert (reply.status, reply.json()["code"]) == (409, "import_running"), reply
        assert web.put(f"/datasets/{dataset}", street()).status == 409
        assert count(db, dataset, "run") == 3
        sender.send(pieces[-1])
        assert sender.reply().status == 200
    assert count(db, dataset, "run") == 700 * (len(pieces) - 1)
    assert web.delete(f"/datasets/{dataset}").status == 204


def test_an_import_that_finds_no_free_connection_is_503(own_site, dataset, holder, token):
    client = own_site("--long-connections", "1")
    holder.execute("lock table coco.imports in share row exclusive mode")
    with ThreadPoolExecutor() as pool:
        first = pool.submit(client.put_run, dataset, "a", detections(5), **{"import": token})
        try:
            client.wait_for_state(token, "running")
            reply = client.put_run(dataset, "b", array(*detections(2)))
            assert (reply.status, reply.json()["code"]) == (503, "busy"), reply
            assert int(reply.headers["Retry-After"]) > 0
            assert client.get(f"/datasets/{dataset}").status == 200
        finally:
            holder.rollback()
        assert first.result().status == 200
    assert client.put_run(dataset, "b", detections(2)).status == 200


def test_nobody_else_says_how_far_an_import_is(web, db, postgres, token):
    """Any role may call itself as an import does."""
    db.execute("create role impostor login")
    try:
        with postgres.connect(user="impostor", autocommit=True) as impostor:
            for name in (f"pgcoco {token} copy lots", f"pgcoco {token} copy 123456"):
                impostor.execute("select set_config('application_name', %s, false)", (name,))
                with ThreadPoolExecutor(1) as pool:
                    busy = pool.submit(impostor.execute, "select pg_sleep(1)")
                    wait_for(lambda: db.execute(
                        "select count(*) from pg_stat_activity where usename = 'impostor'"
                        " and state = 'active'").fetchone() == (1,), "the impostor is at work")
                    assert web.get("/imports/" + token).status == 404
                    busy.result()
    finally:
        db.execute("drop role impostor")


def test_a_failed_import_began_when_its_upload_began(web, dataset, token):
    with web.sender("PUT", f"/datasets/{dataset}/runs/run?import={token}") as sender:
        sender.send(b"[" + b" " * 100_000)
        web.wait_for_state(token, "running")
        time.sleep(1)
        sender.send(b"?")
        assert sender.reply().status == 400
    failed = web.import_state(token)
    began, ended = (datetime.fromisoformat(failed[name]) for name in ("started_at", "finished_at"))
    assert (ended - began).total_seconds() >= 1
