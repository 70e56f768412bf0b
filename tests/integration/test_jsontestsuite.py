"""JSONTestSuite: no file that must be refused is ever taken as results."""

from samples import detections, rows


def test_no_broken_file_of_jsontestsuite_becomes_a_run(web, db, dataset, data):
    folder = data("JSONTestSuite") / "test_parsing"
    web.put_run(dataset, "run", detections(5))
    before = rows(db, dataset, "run")
    files = sorted(folder.glob("n_*.json"))
    assert len(files) > 180
    wrong = {}
    for file in files:
        reply = web.put_run(dataset, "run", file.read_bytes())
        if reply.status not in (400, 422):
            wrong[file.name] = repr(reply)
    assert wrong == {}
    assert rows(db, dataset, "run") == before
