"""What whoever runs the service reads: one line for each import."""

import re

import pytest

from samples import detections, street

FIGURES = re.compile(
    r"import (?P<token>\S+): (?P<outcome>\w+) rows=(?P<rows>\d+) skipped=(?P<skipped>\d+)"
    r" bytes=(?P<bytes>\d+) duration_ms=\d+ client=(?P<client>\S+) dataset=(?P<dataset>\S+)"
    r" run=(?P<run>\S+)$", re.MULTILINE)


@pytest.fixture
def lines(home, token):
    """The figures of this test's imports, in the order of the log."""
    def read():
        text = home.logs["site_worker"][0].read_text()
        return [line for line in map(re.Match.groupdict, FIGURES.finditer(text))
                if line["token"] == token]
    return read


def test_a_run_has_one_line(web, dataset, token, lines):
    body = detections(5)
    body[2]["category_id"] = 999
    reply = web.put_run(dataset, "run", body, **{"import": token})
    assert reply.status == 200
    assert lines() == [{"token": token, "outcome": "published", "rows": "4", "skipped": "1",
                        "bytes": str(reply.json()["bytes"]), "client": "127.0.0.1",
                        "dataset": dataset, "run": "run"}]


def test_a_ground_truth_has_one_line(web, name, token, lines):
    assert web.put(f"/datasets/{name}", street(), {"import": token}).status == 201
    (line,) = lines()
    assert (line["outcome"], line["rows"], line["run"]) == ("published", "4", "-")


def test_a_dry_run_says_so(web, dataset, token, lines):
    assert web.put_run(dataset, "run", detections(5),
                       **{"import": token, "dry_run": 1}).status == 200
    assert [(line["outcome"], line["rows"]) for line in lines()] == [("dry_run", "5")]


def test_a_failed_import_has_its_reason(web, dataset, token, lines):
    assert web.put_run(dataset, "run", b"[{]", **{"import": token}).status == 400
    assert [(line["outcome"], line["rows"], line["dataset"]) for line in lines()] == [
        ("not_json", "0", dataset)]


def test_files_of_a_form_have_a_line_each(web, dataset, token, lines):
    parts = [("file", "one.json", detections(2)), ("file", "two.json", detections(3))]
    reply = web.post_form(f"/datasets/{dataset}/predictions?import={token}", parts)
    assert reply.status == 200
    assert [(line["run"], line["rows"]) for line in lines()] == [("one", "2"), ("two", "3")]
