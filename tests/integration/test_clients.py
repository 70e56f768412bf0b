"""Programs that people read the tables with, each as it is: psql, psycopg, postgres_fdw,
PostGraphile. pgbouncer has a file of its own."""

import csv
import datetime
import filecmp
import json
import re
import shutil
import subprocess

import psycopg
import pytest

from bi_login import bi_login
from evaluated import store
from samples import detections, id_of, street
from stack import TOP

LOGIN = "client"


def documented(text):
    """The SQL of doc/tools.md that has this text."""
    found, = [block for block in re.findall(r"```postgresql\n(.*?)```",
                                            (TOP / "doc/tools.md").read_text(), re.DOTALL)
              if text in block]
    return found


@pytest.fixture(scope="module")
def login(postgres):
    with bi_login(postgres, LOGIN) as name:
        yield name


@pytest.fixture
def evaluated(web, db, name):
    """A dataset with a run, and its numbers: AP is .5."""
    assert web.put(f"/datasets/{name}", street()).status == 201
    assert web.put_run(name, "run", detections(9)).status == 200
    store(db, name, "run")
    return name


@pytest.fixture
def psql(postgres, login):
    """psql("…") gives what psql prints for a BI tool's login."""
    return lambda command: postgres.psql("-c", command, user=login).stdout


def test_psql_describes_a_view_with_its_columns(psql):
    described = psql(r"\d+ run_summary")
    assert 'View "coco.run_summary"' in described
    assert "Predictions per image of the dataset" in described
    listed = psql(r"\dv")
    assert "import_history" in listed and "evaluation_summary" in listed


def test_psql_copies_a_view_to_a_file(psql, home, evaluated):
    file = home.write("runs.csv", "")
    psql(rf"\copy (select * from run_summary where dataset = '{evaluated}') to '{file}' csv header")
    with open(file, newline="") as text:
        copied, = csv.DictReader(text)
    assert (copied["run_name"], copied["prediction_count"], float(copied["ap"])) == (
        "run", "9", 0.5)


def test_psycopg_gives_numbers_and_times(postgres, login, evaluated):
    with psycopg.connect(postgres.conninfo(login)) as connection:
        ap, n, at, taken = connection.execute(
            "select ap, prediction_count, evaluated_at, mean_per_image from run_summary"
            " where dataset = %s", (evaluated,)).fetchone()
    assert (ap, n, taken) == (0.5, 9, 3.0)
    assert isinstance(at, datetime.datetime) and at.tzinfo


def test_a_prepared_statement_of_psycopg_sees_each_replacement(postgres, login, web, dataset):
    """psycopg prepares what is executed again and again."""
    with psycopg.connect(postgres.conninfo(login), autocommit=True,
                         prepare_threshold=0) as connection:
        for count in range(1, 9):
            assert web.put_run(dataset, "run", detections(count)).status == 200
            assert connection.execute("select count(*) from list_annotations(%s, 'run')",
                                      (dataset,)).fetchone() == (count,)


def test_another_database_imports_the_views_as_foreign_tables(postgres, home, db, login, evaluated):
    if not db.execute("select 1 from pg_available_extensions"
                      " where name = 'postgres_fdw'").fetchone():
        pytest.skip("this PostgreSQL comes without postgres_fdw")
    db.execute("create database elsewhere")
    try:
        with psycopg.connect(postgres.conninfo("postgres", "elsewhere"),
                             autocommit=True) as other:
            other.execute(documented("import foreign schema")
                          .replace("'/run/postgresql'", f"'{home.path}'")
                          .replace("'metabase'", f"'{login}'"))
            assert other.execute("select run_name, ap from coco.run_summary where dataset = %s",
                                 (evaluated,)).fetchall() == [("run", 0.5)]
            assert other.execute(
                "select d.image_count, count(*) from coco.dataset_summary d"
                " join coco.class_evaluation_history c using (dataset)"
                " where dataset = %s group by 1", (evaluated,)).fetchone() == (3, 3)
            plan = other.execute("explain (verbose) select ap from coco.evaluation_history"
                                 f" where dataset = '{evaluated}' and is_default").fetchall()
            assert any("Remote SQL" in line and f"'{evaluated}'" in line for line, in plan), plan
    finally:
        db.execute("drop database elsewhere with (force)")


@pytest.fixture(scope="session")
def postgraphile():
    """The node_modules with PostGraphile, as tests/postgraphile pins it."""
    pinned, installed = TOP / "tests/postgraphile", TOP / "build/postgraphile"
    lock, mark = pinned / "package-lock.json", installed / "installed-lock.json"
    if not mark.exists() or not filecmp.cmp(lock, mark, shallow=False):
        shutil.rmtree(installed, ignore_errors=True)
        installed.mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(pinned / name, installed / name)
        done = subprocess.run(["npm", "ci"], cwd=installed, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        shutil.copy(lock, mark)
    return installed / "node_modules"


@pytest.fixture
def graphile(postgraphile, home):
    """graphile(user, query) is what PostGraphile makes of the schema for this login."""

    def ask(user, query):
        done = subprocess.run(
            ["node", TOP / "tests/postgraphile/query.cjs", postgraphile, home.path, user, "coco",
             "coco", query], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def test_postgraphile_finds_the_views_and_answers_a_query(graphile, login, web, evaluated):
    for n in range(20):  # more leaves, which its introspection must not show
        assert web.put_run(evaluated, f"more{n}", detections(1)).status == 200
    asked = graphile(login, f"""{{
        allRunSummaries(condition: {{dataset: "{evaluated}", runName: "run"}}) {{
            nodes {{ runName predictionCount ap evaluatedAt }} }}
        allDatasetSummaries(condition: {{dataset: "{evaluated}"}}) {{ nodes {{ runCount }} }}
        listAnnotations(dataset: "{evaluated}", source: "run", listSize: 2) {{
            nodes {{ fileName category confidence }} }} }}""")
    assert "errors" not in asked["answer"], asked
    data = asked["answer"]["data"]
    run, = data["allRunSummaries"]["nodes"]
    assert (run["runName"], run["predictionCount"], run["ap"]) == ("run", "9", 0.5)
    assert run["evaluatedAt"] and data["allDatasetSummaries"]["nodes"] == [{"runCount": "21"}]
    assert data["listAnnotations"]["nodes"] == [
        {"fileName": "one.jpg", "category": "person", "confidence": n / 1000} for n in (0, 3)]
    assert asked["mutations"] == []
    assert not [field for field in asked["fields"]
                if "Version" in field or "Bucket" in field or "Annotations" in field
                and field != "listAnnotations"], asked["fields"]


def test_postgrest_is_told_of_changes_that_it_can_show_and_not_of_imports(
        postgres, web, db, collect, dataset):
    heard = []
    db.execute(documented("notify_postgrest"))
    try:
        with postgres.connect(autocommit=True) as postgrest:
            postgrest.add_notify_handler(lambda notify: heard.append(notify.payload))
            postgrest.execute("listen pgrst")
            for count in (3, 4):
                assert web.put_run(dataset, "run", detections(count)).status == 200
            assert web.put(f"/datasets/{dataset}new", street()).status == 201
            collect()
            postgrest.execute("select 1")
            assert heard == []
            db.execute("update coco.schema_files set checksum = 'old'"
                       " where file = 'views/runs.sql'")
            assert "replaced views/runs.sql" in postgres.migrate().stdout
            postgrest.execute("select 1")
            assert set(heard) == {"reload schema"}
    finally:
        db.execute("drop event trigger notify_postgrest; drop function public.notify_postgrest()")


def test_what_duckdb_is_told_to_ask_reads_one_leaf(postgres, web, db, dataset):
    for run in ("yolov8", "other"):
        assert web.put_run(dataset, run, detections(5)).status == 200
    asked, = re.findall(r"postgres_query\('pg', \$\$(.*?)\$\$",
                        (TOP / "doc/tools.md").read_text(), re.DOTALL)
    asked = asked.replace("dataset_id = 1", f"dataset_id = {id_of(db, dataset)}")
    with postgres.connect(autocommit=True) as connection:
        connection.execute("set role coco_reader")
        assert len(connection.execute(asked).fetchall()) == 5
        plan = "\n".join(line for line, in connection.execute("explain " + asked))
    assert len(set(re.findall(r" on (a_\d+)", plan))) == 1, plan
