"""Routes, methods, and answers that every resource shares."""

import pytest

from client import HTML
from samples import detections


@pytest.mark.parametrize("path",
                         ["/nope", "/datasets/a/b/c", "/datasets/a/run", "/datasetsx", "/imports",
                          "/imports/a/b", "/healthz/x", "/predictionsx", "/datasets/a/runs/b/c"])
def test_an_unknown_route_is_404(web, path):
    reply = web.get(path)
    assert (reply.status, reply.json()["code"]) == (404, "unknown_route"), reply
    assert reply.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("path, allowed, refused", [
    ("/", {"GET"}, ["POST", "PUT", "DELETE"]),
    ("/healthz", {"GET"}, ["POST", "PUT", "DELETE"]),
    ("/readyz", {"GET"}, ["POST", "PUT", "DELETE"]),
    ("/datasets", {"GET", "POST"}, ["PUT", "DELETE", "PATCH"]),
    ("/datasets/{}", {"GET", "PUT", "PATCH", "DELETE"}, ["POST"]),
    ("/datasets/{}/runs", {"GET"}, ["POST", "PUT", "DELETE"]),
    ("/datasets/{}/runs/run", {"GET", "PUT", "PATCH", "DELETE"}, ["POST"]),
    ("/datasets/{}/annotations", {"GET", "POST"}, ["PUT", "DELETE"]),
    ("/datasets/{}/clone", {"POST"}, ["GET", "PUT", "DELETE"]),
    ("/datasets/{}/runs/run/clone", {"POST"}, ["GET", "PUT", "DELETE"]),
    ("/datasets/{}/runs/run/evaluations", {"GET"}, ["POST", "PUT", "DELETE"]),
    ("/datasets/{}/leaderboard", {"GET"}, ["POST", "PUT", "DELETE"]),
    ("/datasets/{}/slices", {"GET"}, ["POST", "PUT", "DELETE"]),
    ("/datasets/{}/slices/night", {"GET", "PUT", "DELETE"}, ["POST", "PATCH"]),
    ("/datasets/{}/pictures", {"PUT", "DELETE"}, ["GET", "POST", "PATCH"]),
    ("/datasets/{}/images/1/picture", {"GET"}, ["PUT", "DELETE", "POST"]),
    ("/datasets/{}/predictions", {"POST"}, ["PUT", "GET", "DELETE"]),
    ("/predictions", {"POST"}, ["PUT", "GET", "DELETE"]),
    ("/imports/token", {"GET"}, ["POST", "PUT", "DELETE"]),
])
def test_a_wrong_method_is_405_and_the_right_ones_are_named(web, dataset, path, allowed, refused):
    for method in refused:
        reply = web.request(method, path.format(dataset), b"[]" if method != "GET" else None)
        assert (reply.status, reply.json()["code"]) == (405, "method_not_allowed"), (method, reply)
        assert {word.strip()
                for word in reply.headers["Allow"].split(",")} - {"HEAD", "OPTIONS"} == allowed


def test_unknown_things_are_404(web, dataset):
    for path, code in [("/datasets/nobody", "unknown_dataset"),
                       ("/datasets/nobody/runs", "unknown_dataset"),
                       ("/datasets/nobody/runs/run", "unknown_dataset"),
                       (f"/datasets/{dataset}/runs/no", "unknown_run"),
                       ("/imports/no", "unknown_import")]:
        reply = web.get(path)
        assert (reply.status, reply.json()["code"]) == (404, code), reply
    assert web.delete("/datasets/nobody").json()["code"] == "unknown_dataset"
    assert web.delete("/datasets/nobody/runs/run").json()["code"] == "unknown_dataset"
    assert web.delete(f"/datasets/{dataset}/runs/no").json()["code"] == "unknown_run"


def test_a_browser_gets_a_page_for_an_error(web):
    reply = web.get("/datasets/nobody", accept=HTML)
    assert reply.status == 404
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "nobody" in reply.text


def test_head_is_get_without_a_body(web, dataset):
    reply = web.request("HEAD", f"/datasets/{dataset}")
    assert (reply.status, reply.body) == (200, b"")
    assert web.request("HEAD", "/datasets/nobody").status == 404


def test_an_answer_is_json_whatever_else_is_asked_for(web, dataset):
    for accept in ("*/*", "application/json", "text/plain", ""):
        reply = web.get(f"/datasets/{dataset}", accept=accept)
        assert reply.status == 200
        assert reply.headers["Content-Type"].startswith("application/json")


def test_a_put_run_name_may_hold_dots_dashes_and_64_less_one_characters(web, dataset):
    for run in ("a", "0", "a.b-c_d", "X" * 63, "123"):
        assert web.put_run(dataset, run, detections(1)).status == 200
        assert web.get(f"/datasets/{dataset}/runs/{run}").json()["run_name"] == run
