"""A request with an unknown, repeated or senseless parameter changes nothing."""

import pytest

from client import HTML
from samples import detections, street

ROUTES = [("GET", "/"), ("GET", "/healthz"), ("GET", "/datasets"), ("POST", "/datasets"),
          ("GET", "/datasets/{}"),
          ("PUT", "/datasets/{}"), ("PATCH", "/datasets/{}"), ("DELETE", "/datasets/{}"),
          ("GET", "/datasets/{}/annotations"),
          ("POST", "/datasets/{}/annotations"), ("POST", "/datasets/{}/clone"),
          ("POST", "/datasets/{}/runs/run/clone"),
          ("GET", "/datasets/{}/runs"), ("GET", "/datasets/{}/runs/run"),
          ("PUT", "/datasets/{}/runs/run"), ("PATCH", "/datasets/{}/runs/run"),
          ("DELETE", "/datasets/{}/runs/run"), ("GET", "/datasets/{}/runs/run/predictions"),
          ("POST", "/datasets/{}/predictions"), ("POST", "/predictions"), ("GET", "/imports/{}"),
          ("HEAD", "/datasets/{}")]
RUN = "/datasets/{}/runs/run"


@pytest.fixture
def run(web, dataset):
    """A dataset with a run, which the refused request must leave as they are."""
    assert web.put_run(dataset, "run", detections(3)).status == 200
    before = web.get("/datasets").json(), web.get(f"/datasets/{dataset}/runs").json()
    yield dataset
    assert (web.get("/datasets").json(), web.get(f"/datasets/{dataset}/runs").json()) == before


def ask(web, method, path, **options):
    body = None if method in ("GET", "HEAD", "DELETE") else b"[]"
    return web.request(method, path, body, **options)


def detail(reply):
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply
    return reply.json()["detail"]


@pytest.mark.parametrize("method, path", ROUTES)
def test_an_unknown_parameter_is_400_on_every_route(web, run, method, path):
    for query in ("pretty=1", "dryrun=1", "x", "=1", "%64ataset=1", "sql=select"):
        reply = ask(web, method, f"{path.format(run)}?{query}")
        assert reply.status == 400, reply
        if method != "HEAD":
            assert "there is no parameter" in detail(reply)


@pytest.mark.parametrize("method, path", ROUTES)
def test_a_query_of_nothing_is_none(web, shared_dataset, method, path):
    if method in ("GET", "HEAD"):
        path = path.format(shared_dataset)
        assert ask(web, method, path + "?&&").status == ask(web, method, path).status


@pytest.mark.parametrize("path, query, words", [
    (RUN, "dryrun=1", ['"dryrun"', "import, dry_run, max_skipped, category_offset, match"]),
    (RUN, "DRY_RUN=1", ['"DRY_RUN"']),
    (RUN, "run_name=other", ['"run_name"']),  # the address names the run
    (RUN, "dataset=other", ['"dataset"']),
    (RUN, "%3Cb%3E=1", ['"<b>"']),
    (RUN, "%C3%A9%0A%FF=1", ['"\u00e9??"']),
    (RUN, "x" * 100 + "=1", ['"' + "x" * 68 + '..."']),
    (RUN, "x" * 300 + "=1", ["too long"]),
    (RUN, "%zz=1", ["badly encoded"]),
    (RUN, "dry_run=%4", ["dry_run", "badly encoded"]),
    (RUN, "dry_run=%00", ["dry_run", "badly encoded"]),
    (RUN, "dry_run=yes", ['dry_run must be 0 or 1, not "yes"']),
    (RUN, "dry_run", ['dry_run must be 0 or 1, not ""']),
    (RUN, "dry_run=1&max_skipped=1&dry_run=1", ["dry_run is given twice"]),
    (RUN, "dry_run=0&dry%5Frun=1", ["dry_run is given twice"]),
    (RUN, "import=a&import=b", ["import is given twice"]),
    (RUN, "import=a b",
     ['import must be 1 to 40 letters, digits, dashes and underscores, not "a b"']),
    (RUN, "import=" + "x" * 41, ["1 to 40 letters"]),
    (RUN, "import=", ["1 to 40 letters"]),
    (RUN, "max_skipped=5%25%25",
     ['max_skipped must be a number of rows, or a percentage such as 2.5%, not "5%%"']),
    (RUN, "category_offset=1.5",
     ['category_offset must be a whole number from -1000000 to 1000000, not "1.5"']),
    (RUN, "category_offset=%201", ['not " 1"']),
    (RUN, "category_offset=%2B1", ['not "+1"']),
    (RUN, "category_offset=1000001", ["to 1000000"]),
    (RUN, "category_offset=99999999999999999999", ["to 1000000"]),
    (RUN, "match=luck", ['match must be id or name, not "luck"']),
    ("/datasets/{}", "match=name", ['"match"', "takes: import, dry_run, max_skipped, split"]),
    ("/datasets/{}", "split=a b", ['split must be 1 to 63 letters', 'not "a b"']),
    ("/datasets/a%20b", "", ['dataset must be 1 to 63 letters', 'not "a b"']),
    ("/datasets/" + "x" * 64, "", ["dataset must be 1 to 63 letters"]),
    ("/datasets/{}/runs/a%20b", "", ["run must be 1 to 63 letters"]),
], ids=lambda value: value[:30] if isinstance(value, str) else "")
def test_what_is_wrong_with_a_parameter_is_said(web, run, path, query, words):
    said = detail(ask(web, "PUT", f"{path.format(run)}?{query}".replace(" ", "%20")))
    for word in words:
        assert word in said


def test_a_path_that_names_nothing_possible_is_400_when_read(web):
    assert "import must be 1 to 40" in detail(web.get("/imports/a%20b"))
    assert "dataset must be" in detail(web.get("/datasets/-/runs"))
    assert "run must be" in detail(web.delete("/datasets/any/runs/.x"))
    page = web.get("/datasets/%3Cb%3E", accept=HTML)
    assert page.status == 400 and "&lt;b&gt;" in page.text and "<b>" not in page.text


def test_a_parameter_is_400_before_the_dataset_is_looked_for(web):
    assert detail(ask(web, "PUT", "/datasets/nobody/runs/run?dryrun=1"))
    assert web.get("/datasets/nobody?dryrun=1").status == 400
    assert web.get("/nothing?dryrun=1").status == 404


def test_a_refused_parameter_leaves_nothing_in_the_history(web, db, run, token):
    assert detail(ask(web, "PUT", f"/datasets/{run}/runs/run?import={token}&dry_run=yes"))
    assert db.execute("select count(*) from coco.imports where token = %s",
                      (token,)).fetchone() == (0,)


def test_an_empty_name_is_none(web, name):
    assert web.put(f"/datasets/{name}?split=", street()).json()["splits"] == []
    reply = web.post(f"/datasets/{name}/predictions?run_name=", detections(1))
    assert "the run has no name" in detail(reply)
