"""Nothing that comes from outside reaches SQL as text, a path, or a log line as it is."""

import base64
import hashlib
import re
from urllib.parse import quote

import pytest

from client import HTML, form
from samples import array, detections, street

BAD_NAMES = ["a'b", "../x", "a/b", "\0", "a\0b", '"; drop table coco.datasets; --', "x' or '1'='1",
             "", " ", "-x", ".x", "a b", "a%27b", "x" * 64, "\n", "a\r\nX-Injected: 1",
             "\x1b[31mred", "naïve", "\N{SNOWMAN}", "$(id)", "a;b", "a\\b", "<script>"]
IDS = [f"{n}-{re.sub('[^a-z]+', '', bad)[:10]}" for n, bad in enumerate(BAD_NAMES)]


@pytest.fixture(scope="module")
def dataset(shared_dataset):
    return shared_dataset


@pytest.fixture
def unchanged(db, dataset):
    assert dataset  # made before the state is looked at
    def state():
        return [db.execute(query).fetchall() for query in (
            "select id, name, image_count, annotation_count, prediction_count from coco.datasets"
            " order by id",
            "select dataset_id, source, import_id from coco.sources order by 1, 2",
            "select relname from pg_class where relnamespace = 'coco'::regnamespace order by 1")]

    before = state()
    yield
    for now, then in zip(state(), before):
        assert set(now) ^ set(then) == set()


def refused(reply):
    assert 400 <= reply.status < 500, reply
    assert "X-Injected" not in reply.headers
    assert b"<script>" not in reply.body or "json" in reply.headers["Content-Type"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("bad", BAD_NAMES, ids=IDS)
def test_odd_names_in_a_path_are_refused(web, dataset, bad):
    name = quote(bad, safe="")
    body = detections(1)
    if bad:
        refused(web.put(f"/datasets/{name}", street()))
        refused(web.get(f"/datasets/{name}"))
        refused(web.delete(f"/datasets/{name}"))
        refused(web.put(f"/datasets/{dataset}/runs/{name}", body))
        refused(web.get(f"/datasets/{dataset}/runs/{name}"))
        refused(web.delete(f"/datasets/{dataset}/runs/{name}"))
        refused(web.get(f"/imports/{name}"))
        refused(web.get(f"/imports/{name}", accept=HTML))
    refused(web.put(f"/datasets/{name}/runs/run", body))
    refused(web.post(f"/datasets/{name}/predictions", body))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("bad", BAD_NAMES, ids=IDS)
def test_odd_names_in_a_query_are_refused(web, dataset, name, bad):
    refused(web.post("/datasets", street(), {"name": bad}))
    if bad:  # an empty field of a form is no field
        refused(web.post(f"/datasets/{dataset}/predictions", detections(1), {"run_name": bad}))
    if bad not in ("", "-x"):  # a token may begin with a dash
        refused(web.put_run(dataset, "run", detections(1), **{"import": bad}))
        refused(web.put(f"/datasets/{name}", street(), {"import": bad}))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("bad", BAD_NAMES, ids=IDS)
def test_odd_names_in_a_form_are_refused(web, dataset, bad):
    refused(web.post_form("/datasets", [("name", bad), ("file", "x.json", street())]))
    if bad:
        refused(web.post_form(f"/datasets/{dataset}/predictions",
                              [("run_name", bad), ("file", "x.json", "[]")]))
    reply = web.post_form("/predictions",
                          [("dataset", bad), ("run_name", "r"), ("file", "x.json", "[]")])
    assert reply.status == 303 or 400 <= reply.status < 500
    assert "X-Injected" not in reply.headers


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("bad", [b"\xff", b"a\xed\xa0\x80", b"\xc0\xaf"], ids=repr)
@pytest.mark.usefixtures("unchanged")
def test_names_that_are_not_utf8_are_refused(web, dataset, bad):
    name = quote(bad)
    refused(web.put(f"/datasets/{name}", street()))
    refused(web.get(f"/datasets/{name}"))
    refused(web.put(f"/datasets/{dataset}/runs/{name}", detections(1)))
    refused(web.post(f"/datasets?name={name}", street()))
    refused(web.put(f"/datasets/new?split={name}", street()))
    refused(web.post(f"/datasets/{dataset}/predictions?run_name={name}", detections(1)))
    refused(web.put(f"/datasets/{dataset}/runs/run?import={name}", detections(1)))
    refused(web.get(f"/imports/{name}"))


def test_a_dataset_is_not_called_by_a_number(web):
    refused(web.put("/datasets/12345678", street()))
    refused(web.post("/datasets", street(), {"name": "12345678"}))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("split", ["a'b", "\0", "x" * 1000, "\n", "\x1b[31m", "<script>"])
def test_an_odd_split_is_refused(web, name, split):
    refused(web.put(f"/datasets/{name}", street(), {"split": split}))
    refused(web.post("/datasets", street(), {"name": name, "split": split}))


def test_odd_names_inside_a_file_are_only_text(web, db, name):
    odd = "'; drop table coco.images; -- \" \\ \n \t \u2603 <script>alert(1)</script> \\."
    truth = street()
    truth["images"][0]["file_name"] = odd
    truth["categories"][0]["name"] = odd
    truth["info"] = {"description": odd}
    assert web.put(f"/datasets/{name}", truth).status == 201
    assert db.execute(
        "select file_name from coco.images i join coco.datasets d on d.id = i.dataset_id"
        " where d.name = %s and image_id = 1", (name,)).fetchone() == (odd,)
    assert db.execute(
        "select c.name from coco.categories c join coco.datasets d on d.id = c.dataset_id"
        " where d.name = %s and category_id = 1", (name,)).fetchone() == (odd,)
    assert web.get(f"/datasets/{name}").json()["info"] == {"description": odd}


def test_a_nul_in_a_name_of_the_file_does_not_break_the_import(web, name):
    """PostgreSQL's text cannot hold it: the row is skipped, or the text kept otherwise."""
    truth = street()
    truth["images"][2]["file_name"] = "a\0b"
    truth["categories"][2]["name"] = "a\0b"
    reply = web.put(f"/datasets/{name}", truth)
    assert reply.status == 201, reply


def test_log_lines_hold_no_raw_control_characters_and_no_bytes_of_a_body(web, home, dataset):
    log = home.path / "site_worker.log"
    before = log.stat().st_size
    for bad in ("x\r\n2030-01-01T00:00:00.000Z pgcoco[1] info: forged", "\x1b[2J", "\x07\x9b\xff"):
        web.put(f"/datasets/{quote(bad)}", street())
        web.put_run(dataset, quote(bad), detections(1))
        web.post(f"/datasets/{dataset}/predictions", detections(1),
                 {"run_name": bad, "import": bad})
        body, kind = form([("run_name", bad), ("file", bad, "[]")])
        web.request("POST", f"/datasets/{dataset}/predictions", body, {"Content-Type": kind})
    web.put_run(dataset, "run", b'[{"s3cret": tru')
    with open(log, "rb") as file:
        file.seek(before)
        lines = file.read().splitlines()
    for line in lines:
        assert re.fullmatch(rb"\d{4}-\d\d-\d\dT[\d:.]+Z pgcoco\[\d+\] [ -~]*", line), line
        assert not line.startswith(b"2030-01-01")
        assert b"s3cret" not in line


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("header", ["'; drop table x; --", "\x1b[31m", "x" * 3000])
def test_odd_headers_change_nothing(web, dataset, header):
    for name in ("Accept", "Content-Type", "User-Agent", "X-Forwarded-For"):
        assert web.request("GET", f"/datasets/{dataset}",
                           headers={name: header}).status in (200, 400)
    body = array(*detections(1))
    refused(web.request("PUT", f"/datasets/{dataset}/runs/-", body, {"Content-Type": header}))


def test_the_services_role_is_no_superuser(db):
    assert db.execute("select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles"
                      " where rolname = 'pgcoco'").fetchall() == [(False, False, False, False)]


def test_the_rights_of_the_services_role_are_lent_to_three_functions_that_read(db):
    """BI tools call them (sql/functions/lists.sql)."""
    assert db.execute(
        "select proname, provolatile from pg_proc"
        " where prosecdef and pronamespace = 'coco'::regnamespace order by 1").fetchall() == [
            (name, "s") for name in ("list_annotations", "list_matches", "list_missed_images")]


@pytest.mark.parametrize("headers, taken", [
    ({"Sec-Fetch-Site": "cross-site"}, False), ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://elsewhere.example"}, False), ({"Origin": "http://127.0.0.1"}, False),
    ({"Origin": "http://127.0.0.1:1{port}"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:{port}"}, False),
    ({"Sec-Fetch-Site": "same-origin"}, True), ({"Sec-Fetch-Site": "none"}, True),
    ({"Origin": "http://127.0.0.1:{port}"}, True), ({}, True)])
def test_the_page_of_another_site_changes_nothing(web, site, dataset, headers, taken):
    """A browser sends it with the passwords that its user has given to this one."""
    headers = {name: value.format(port=site.port) for name, value in headers.items()}
    body, kind = form([("dataset", dataset), ("run_name", "guest"), ("file", "x.json", "[]")])
    for reply in (web.post("/predictions", body, headers={"Content-Type": kind, **headers}),
                  web.put(f"/datasets/{dataset}/runs/guest", b"[]", headers=headers)):
        assert reply.status in ((200, 303) if taken else (403,)), reply
        assert taken or reply.json()["code"] == "forbidden"
    assert web.get(f"/datasets/{dataset}", headers=headers).status == 200
    assert web.request("DELETE", f"/datasets/{dataset}/runs/guest",
                       headers=headers).status == (204 if taken else 403)


def test_pages_have_a_policy_that_names_their_style(web, dataset):
    """Styles are allowed by their digest, scripts only on the page that leads to the web page."""
    for path in ("/", "/reference", "/datasets", f"/datasets/{dataset}", "/datasets/nobody"):
        reply = web.get(path, headers={"Accept": "text/html"})
        policy = reply.headers["Content-Security-Policy"]
        style = re.search(rb"<style>(.*?)</style>", reply.body, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
        assert f"style-src 'sha256-{digest}';" in policy
        assert ("script-src 'self'" in policy) == (path == "/") == (b"<script" in reply.body)
        assert "unsafe" not in policy and b"style=" not in reply.body
