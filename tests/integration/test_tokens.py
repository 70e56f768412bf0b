"""A token is the name of one upload: another one cannot take it over."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from samples import array, big_results, count, detections, street
from stack import wait_for

OTHERS = {
    "a run": ("PUT", "/datasets/{}/runs/other", array(*detections(2))),
    "the same run": ("PUT", "/datasets/{}/runs/run", array(*detections(2))),
    "a bad file": ("PUT", "/datasets/{}/runs/other", b"[?]"),
    "a dry run": ("PUT", "/datasets/{}/runs/other?dry_run=1", array(*detections(2))),
    "a new dataset": ("PUT", "/datasets/new-{}", json.dumps(street()).encode()),
    "a posted dataset": ("POST", "/datasets?name=new-{}", b"{?}"),
}


def send(web, dataset, other, token):
    method, path, body = OTHERS[other]
    path = path.format(dataset)
    return web.request(method, f"{path}{'&' if '?' in path else '?'}import={token}", body)


@pytest.fixture
def running(web, dataset, token):
    """finish() ends an upload under the test's token, whose rows are still being copied."""
    pieces = list(big_results(500_000))
    with web.sender("PUT", f"/datasets/{dataset}/runs/run?import={token}") as sender:
        for piece in pieces[:-1]:
            sender.send(piece)
        web.wait_for_state(token, "running")

        def finish():
            sender.send(pieces[-1])
            return sender.reply()
        yield finish


@pytest.mark.parametrize("other", OTHERS)
def test_the_token_of_a_running_upload_is_in_use(web, db, dataset, token, running, other):
    reply = send(web, dataset, other, token)
    assert (reply.status, reply.json()["code"]) == (409, "token_in_use"), reply
    assert token in reply.json()["detail"] and "still running" in reply.json()["detail"]
    assert web.import_state(token)["state"] == "running"
    done = running()
    assert done.status == 200, done
    assert web.import_state(token)["outcome"] == done.json()
    assert count(db, dataset, "other") == 0 and web.get(f"/datasets/new-{dataset}").status == 404


@pytest.mark.parametrize("other", OTHERS)
def test_the_token_of_a_published_upload_is_in_use(web, db, dataset, token, other):
    outcome = web.put_run(dataset, "run", detections(3), **{"import": token}).json()
    reply = send(web, dataset, other, token)
    assert (reply.status, reply.json()["code"]) == (409, "token_in_use"), reply
    assert "is published" in reply.json()["detail"]
    state = web.import_state(token)
    assert (state["state"], state["outcome"]) == ("done", outcome)
    assert "imports" not in state
    assert count(db, dataset, "run") == 3


def test_a_failed_upload_may_be_tried_again_under_its_token(web, dataset, token):
    for _ in range(3):
        assert web.put_run(dataset, "run", b"[?]", **{"import": token}).status == 400
        assert web.import_state(token)["state"] == "failed"
    assert web.put_run(dataset, "run", detections(3), **{"import": token}).status == 200
    assert web.import_state(token)["state"] == "done"


def test_a_dry_run_leaves_its_token_free(web, dataset, token):
    for query in ({"dry_run": 1}, {"dry_run": 1}, {}):
        assert web.put_run(dataset, "run", detections(3), **{"import": token},
                           **query).status == 200


@pytest.mark.parametrize("last, status", [(detections(2), 200), (b"[?]", 400)],
                         ids=["published", "failed"])
def test_the_files_of_a_form_share_a_token_that_nobody_else_gets(
        web, dataset, token, last, status):
    parts = [("file", "a.json", detections(2)), ("file", "b.json", detections(3)),
             ("file", "c.json", last)]
    path = f"/datasets/{dataset}/predictions?import={token}"
    assert web.post_form(path, parts).status == status
    before = web.import_state(token)
    assert len(before["imports"]) == 3
    for reply in (web.post_form(path, parts), web.post_form(path, parts[:1])):
        assert (reply.status, reply.json()["code"]) == (409, "token_in_use"), reply
    assert web.import_state(token) == before


def test_one_of_many_uploads_that_begin_under_one_token_has_it(web, dataset, token):
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(
            lambda n: web.put_run(dataset, f"run{n}", detections(500), **{"import": token}),
            range(6)))
    assert [reply.status for reply in replies].count(200) == 1, replies
    assert {reply.json()["code"] for reply in replies if reply.status != 200} == {"token_in_use"}
    won, = (reply.json() for reply in replies if reply.status == 200)
    assert web.import_state(token)["outcome"] == won
    assert len(web.get(f"/datasets/{dataset}/runs").json()["runs"]) == 1


def test_an_upload_runs_although_the_failure_of_an_earlier_one_is_written_late(
        web, db, dataset, token, running):
    db.execute("select coco.import_failed("
               "nextval(pg_get_serial_sequence('coco.imports', 'import_id')), %s, %s, 'run',"
               " '{}', 0)", (token, dataset))
    assert web.import_state(token)["state"] == "running"
    assert running().status == 200


def test_the_token_is_held_between_and_in_all_transactions(web, holder, db, dataset, token):
    """Also while the publication waits, when nothing was committed for long."""
    assert web.put_run(dataset, "run", detections(3)).status == 200
    holder.execute("select from coco.sources s join coco.datasets d on d.id = s.dataset_id"
                   " where d.name = %s for update of s", (dataset,))
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(web.put_run, dataset, "run", detections(4), **{"import": token})
        wait_for(lambda: db.execute(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            " and application_name = %s", (f"pgcoco {token} publish",)).fetchone() == (1,),
            "the publication waits")
        db.execute("update coco.imports set phase_at = now() - interval '1 hour'"
                   " where token = %s", (token,))
        reply = web.put_run(dataset, "other", detections(2), **{"import": token})
        assert (reply.status, reply.json()["code"]) == (409, "token_in_use"), reply
        holder.rollback()
        assert upload.result().status == 200


def test_files_of_a_command_share_a_token(shell, dataset, token):
    for name in ("a.json", "b.json"):
        shell.write(name, array(*detections(2)))
    shell.run("import", "run", dataset, "a.json", "b.json", "--token", token)
    _, err = shell.run("import", "run", dataset, "a.json", "--token", token, status=1)
    assert f"--token {token} has been used" in err and "token_in_use" in err
