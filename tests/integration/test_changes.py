"""What people say about a run: notes, tags and metadata, changed with PATCH."""

import json

import pytest

from client import HTML, refused
from samples import array, detections, id_of

HOSTILE = "<script>alert('1')</script> \"quoted\" \\ back\nline \U0001f680 e\u0301 \u202e x"


@pytest.fixture
def run(web, dataset):
    """The path of a run."""
    assert web.put_run(dataset, "run", array(*detections(5))).status == 200
    return f"/datasets/{dataset}/runs/run"


def patch(web, path, body, **options):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return web.request("PATCH", path, body, **options)


def said(document):
    return tuple(document[key] for key in ("notes", "tags", "metadata"))


def listed(web, run):
    """The run in the list of all."""
    return web.get(run.rpartition("/")[0]).json()["runs"][0]


def test_a_run_has_notes_tags_and_metadata(web, run):
    assert said(web.get(run).json()) == (None, [], None)
    reply = patch(web, run, {"notes": "after the fix", "tags": ["best", "v8"],
                             "metadata": {"epoch": 90, "weights": "s3://b/w.pt", "lr": 1e-3}})
    assert reply.status == 200
    assert reply.json() == web.get(run).json()
    assert said(reply.json()) == ("after the fix", ["best", "v8"],
                                  {"epoch": 90, "weights": "s3://b/w.pt", "lr": 1e-3})
    assert said(listed(web, run)) == said(reply.json())


def test_a_change_leaves_what_it_does_not_name_and_null_removes(web, run):
    patch(web, run, {"notes": "one", "tags": ["a"], "metadata": {"epoch": 1}})
    assert said(patch(web, run, {"notes": "two"}).json()) == ("two", ["a"], {"epoch": 1})
    assert said(patch(web, run, {"tags": None}).json()) == ("two", [], {"epoch": 1})
    assert said(patch(web, run, {"metadata": None}).json()) == ("two", [], None)
    assert said(patch(web, run, {"notes": None}).json()) == (None, [], None)


def test_what_is_said_about_a_run_outlives_its_import_and_not_its_delete(web, run, dataset):
    patch(web, run, {"notes": "mine", "tags": ["x"], "metadata": {"epoch": 3}})
    assert web.put(run, array(*detections(7))).status == 200
    assert said(web.get(run).json()) == ("mine", ["x"], {"epoch": 3})
    assert web.delete(run).status == 204
    assert web.put(run, array(*detections(2))).status == 200
    assert said(web.get(run).json()) == (None, [], None)
    assert patch(web, run, {"notes": "with its dataset"}).status == 200
    assert web.delete(f"/datasets/{dataset}").status == 204


def test_any_text_comes_back_as_it_was_and_is_no_markup(web, run):
    words = {"notes": HOSTILE, "tags": [HOSTILE[:60], "'; drop table x; --", "\U0001f422"],
             "metadata": {HOSTILE: [HOSTILE, {"a": None}], "big": 12345678901234567890}}
    assert said(patch(web, run, words).json()) == tuple(words.values())
    assert said(listed(web, run)) == tuple(words.values())
    for path in (run, run.rpartition("/")[0]):
        page = web.get(path, accept=HTML)
        assert page.status == 200 and "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


def test_metadata_keeps_its_text(web, run, db, dataset):
    """Numbers, order and repeated members as they were sent."""
    text = b'{"z": 1.50, "a": 1e2, "z": "\\u0041"}'
    assert patch(web, run, b'{"metadata": ' + text + b"}").status == 200
    assert text in web.get(run).body
    assert db.execute("select metadata_bytes from coco.run_notes where dataset_id = %s",
                      (id_of(db, dataset),)).fetchone() == (len(text),)


@pytest.mark.parametrize("body, code, word", [
    ({}, "wrong_shape", "changes nothing"),
    ([], "wrong_shape", "object"),
    ({"note": "x"}, "wrong_shape", 'no member "note"'),
    (b'{"notes": "a", "notes": "b"}', "wrong_shape", "twice"),
    ({"notes": 1}, "wrong_shape", "notes must be a text"),
    ({"tags": "x"}, "wrong_shape", "tags must be an array"),
    ({"tags": [1]}, "wrong_shape", "tags must be an array"),
    ({"tags": [""]}, "wrong_shape", "1 to 64 characters"),
    ({"tags": ["x" * 65]}, "wrong_shape", "1 to 64 characters"),
    ({"tags": [str(n) for n in range(33)]}, "wrong_shape", "at most 32"),
    ({"metadata": [1]}, "wrong_shape", "metadata must be an object"),
    (b'{"notes": "\\u0000"}', "wrong_shape", "\\u0000"),
    (b'{"tags": ["\\u0000"]}', "wrong_shape", "\\u0000"),
    (b'{"metadata": {"a": "\\u0000"}}', "wrong_shape", "\\u0000"),
    (b'{"notes": "\\ud800"}', "wrong_shape", "surrogate"),
    (b'{"metadata": {"loss": NaN}}', "wrong_shape", "NaN"),
    (b'{"notes": ', "truncated", ""),
    (b"", "empty_body", ""),
    ({"notes": "x" * 65537}, "wrong_shape", "65536 bytes together"),
    ({"notes": "\U0001f680" * 8000, "metadata": {"k": "x" * 40000}}, "wrong_shape", "together"),
], ids=lambda value: str(value)[:24])
def test_what_cannot_be_used_is_refused_and_changes_nothing(web, run, body, code, word):
    patch(web, run, {"notes": "before", "tags": ["t"], "metadata": {"epoch": 1}})
    reply = patch(web, run, body)
    assert reply.json()["code"] == code, reply
    assert word in reply.json()["detail"], reply
    assert said(web.get(run).json()) == ("before", ["t"], {"epoch": 1})


def test_the_bound_is_for_all_that_is_said_together(web, run):
    assert patch(web, run, {"notes": "x" * 40000}).status == 200
    refused(patch(web, run, {"metadata": {"k": "x" * 40000}}), 422, "wrong_shape", "together")
    assert patch(web, run, {"notes": None, "metadata": {"k": "x" * 40000}}).status == 200
    assert patch(web, run, {"notes": "x" * (65536 - len('{"k": ""}') - 40000)}).status == 200
    assert patch(web, run, b" " * 600000).status == 413


def test_a_list_of_runs_has_a_bound(web, run):
    patch(web, run, {"notes": "n" * 1001, "metadata": {"k": "x" * 3000}})
    short = listed(web, run)
    assert said(short) == ("n" * 1000, [], None)
    assert short["metadata_bytes"] == len(json.dumps({"k": "x" * 3000}))
    whole = web.get(run).json()
    assert said(whole) == ("n" * 1001, [], {"k": "x" * 3000})


def test_repeated_tags_count_once(web, run):
    assert patch(web, run, {"tags": ["b", "a", "b"]}).json()["tags"] == ["b", "a"]


def test_what_does_not_exist_is_404(web, run, dataset):
    body = {"notes": "x"}
    assert patch(web, f"/datasets/{dataset}/runs/none", body).json()["code"] == "unknown_run"
    assert patch(web, f"/datasets/{dataset}/runs/ground_truth", body).status == 404
    assert patch(web, "/datasets/nobody/runs/run", body).json()["code"] == "unknown_dataset"


def test_the_view_for_people_has_notes_and_tags_as_text(web, run, db, dataset):
    select = "select notes, tags from coco.run_summary where dataset = %s"
    assert db.execute(select, (dataset,)).fetchone() == (None, None)
    patch(web, run, {"notes": HOSTILE, "tags": ["a", "b"]})
    assert db.execute(select, (dataset,)).fetchone() == (HOSTILE, "a, b")


def test_a_page_of_another_site_cannot_change_a_run(web, run):
    reply = patch(web, run, {"notes": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (reply.status, reply.json()["code"]) == (403, "forbidden")
