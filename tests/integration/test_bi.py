"""What a BI tool sees: the views of its role, the settings of its login, the locks it takes."""

import re

import psycopg
import pytest

from bi_login import bi_login
from evaluated import store
from samples import detections, id_of, rows, street
from stack import TOP

TYPES = {"bigint", "integer", "text", "double precision", "boolean", "timestamp with time zone"}
LOGIN = "metabase"


@pytest.fixture(scope="module")
def make_login(home, postgres):
    """Runs the script for administrators; check=False for one that fails."""
    script = home.bring(TOP / "sql/bi_login.sql")
    return lambda *options, check=True: postgres.psql(*options, "-f", script, check=check)


@pytest.fixture(scope="module")
def bi(postgres):
    """A connection of a BI tool: a login of its own."""
    with bi_login(postgres, LOGIN):
        with psycopg.connect(postgres.conninfo(LOGIN), autocommit=True) as connection:
            yield connection


def visible(connection):
    """What a tool lists, and so may read as a whole."""
    return [name for name, in connection.execute(
        "select table_name from information_schema.tables"
        " where table_schema not in ('pg_catalog', 'information_schema') order by 1")]


def leaves_of(db, datasets):
    """The leaves of the imports of these datasets, with their schema."""
    return {leaf for leaf, in db.execute(
        "select 'coco_parts.a_' || s.import_id from coco.sources s"
        " join coco.datasets d on d.id = s.dataset_id where d.name = any (%s)", (datasets,))}


def locks_of(connection, query):
    """The relations that a query locks, with their schema, but for the catalog."""
    with connection.transaction(force_rollback=True):
        connection.execute(query)
        return sorted(name for name, in connection.execute(
            "select n.nspname || '.' || c.relname from pg_locks l join pg_class c"
            " on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace"
            " where l.pid = pg_backend_pid() and n.nspname in ('coco', 'coco_parts')"))


def make_matches(pgcoco, dataset, run="run"):
    done = pgcoco("evaluate", dataset, run, "--errors")
    assert done.returncode == 0, done


def test_the_script_gives_a_login_its_settings(postgres, make_login, bi):
    make_login("-v", f"login={LOGIN}")  # again is harmless
    with psycopg.connect(postgres.conninfo(LOGIN)) as connection:
        settings = {name: connection.execute(f"show {name}").fetchone()[0] for name in (
            "search_path", "default_transaction_read_only", "statement_timeout",
            "idle_in_transaction_session_timeout", "lock_timeout", "temp_file_limit")}
    assert settings == {
        "search_path": "coco", "default_transaction_read_only": "on", "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min", "lock_timeout": "5s",
        "temp_file_limit": "1GB"}


def test_without_a_name_the_script_says_how_to_give_one(make_login):
    done = make_login(check=False)
    assert done.returncode != 0 and "psql -v login=metabase" in done.stdout
    assert "the variable login is not set" in done.stderr


def test_an_odd_name_of_a_login_is_quoted(make_login, db):
    odd = "o'dd \"login\"; drop table x"
    make_login("-v", f"login={odd}")
    try:
        assert db.execute("select pg_has_role(%s, 'coco_bi', 'member')", (odd,)).fetchone() == (
            True,)
    finally:
        db.execute('drop role "o\'dd ""login""; drop table x"')


def test_without_a_superuser_the_script_leaves_out_one_setting(home, postgres, db):
    db.execute("create role helper login createrole")
    db.execute("grant coco_bi to helper with admin option")
    try:
        postgres.psql("-v", "login=hosted", "-f", home.bring(TOP / "sql/bi_login.sql"),
                      user="helper")
        with psycopg.connect(postgres.conninfo("hosted"), autocommit=True) as hosted:
            assert hosted.execute("select count(*) >= 0 from run_summary").fetchone() == (True,)
            assert hosted.execute("select name from pg_settings where name = 'temp_file_limit'"
                                  " and source = 'database user'").fetchall() == []
            assert hosted.execute("show statement_timeout").fetchone() == ("30s",)
    finally:
        db.execute("drop role if exists hosted")
        db.execute("drop owned by helper; drop role helper")


def test_each_view_of_a_tool_has_names_numbers_a_time_and_comments(bi):
    columns = bi.execute(
        "select c.table_name, c.column_name, c.data_type,"
        "       col_description(format('%I.%I', c.table_schema, c.table_name)::regclass,"
        "                       c.ordinal_position)"
        " from information_schema.columns c where c.table_schema = 'coco'").fetchall()
    views = visible(bi)
    assert len(views) >= 15 and {row[0] for row in columns} == set(views)
    assert {row[2] for row in columns} <= TYPES
    assert [row for row in columns if not row[3]] == []
    for view in views:
        own = {row[1]: row[2] for row in columns if row[0] == view}
        assert "timestamp with time zone" in own.values(), view
        assert own["dataset"] == "text", view


@pytest.mark.parametrize("statement", [
    "select * from annotations limit 1", "select * from annotation_view limit 1",
    "select * from matches limit 1", "select * from images limit 1", "table imports",
    "select coco.dataset_delete('x')"])
def test_a_tool_reads_nothing_else(bi, statement):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)):
        bi.execute(statement)


def test_a_tool_changes_nothing_not_even_after_set(bi):
    with bi.transaction(force_rollback=True):
        bi.execute("set transaction read write")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bi.execute("delete from coco.slices")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        bi.execute("create temporary table t (x int)")


def test_reading_all_that_a_tool_sees_takes_the_same_locks_however_many_runs_there_are(
        web, db, bi, name, pgcoco, collect_until):
    """Metabase reads the first 10,000 rows of each view, and all values of some columns."""
    sample = "select * from {} limit 10000"
    first = {}
    datasets = [f"{name}n{n}" for n in range(12)]
    for dataset in datasets:
        assert web.put(f"/datasets/{dataset}", street(), {"split": "val"}).status == 201
        for run in ("run", "other"):
            assert web.put_run(dataset, run, detections(9)).status == 200
            store(db, dataset, run)
        make_matches(pgcoco, dataset)
        if dataset == datasets[0]:
            collect_until(lambda: bi.execute(
                "select count(*) from dataset_health where dataset = %s", (dataset,)
            ).fetchone()[0], "a report of the ground truth")
            db.execute("analyze")
            first = {view: set(locks_of(bi, sample.format(view))) for view in visible(bi)}
    for view in visible(bi):
        assert bi.execute(f"select count(*) from {view} where dataset = %s",
                          (datasets[0],)).fetchone()[0] > 0, f"{view} has nothing to lock"
        locked = locks_of(bi, sample.format(view))
        assert "coco." + view in locked and not any("coco_parts" in one for one in locked)
        assert len(locked) <= len(first[view]) + 8, view  # another plan may use other indexes
        assert len(locked) <= 40, (view, locked)
    everything = locks_of(db, "select * from coco.annotation_view limit 10000")
    assert len(leaves_of(db, datasets)) == 3 * 12 and leaves_of(db, datasets) <= {*everything}


def test_annotations_are_listed_from_one_leaf(web, db, bi, name):
    assert web.put(f"/datasets/{name}", street()).status == 201
    for run in ("run", "other"):
        assert web.put_run(name, run, detections(9)).status == 200
    listed = bi.execute("select annotation_id, image_id, file_name, category, bbox_w, confidence"
                        " from list_annotations(%s, 'run')", (name,)).fetchall()
    kept = rows(db, name, "run")
    names = {1: "person", 3: "car", 18: "dog"}
    files = {1: "one.jpg", 2: "two.jpg", 3: "three.jpg"}
    assert sorted(listed) == [(row[0], row[1], files[row[1]], names[row[2]], row[5], row[8])
                              for row in kept]
    assert [row[1] for row in listed] == sorted(row[1] for row in kept)
    locked = locks_of(bi, f"select * from list_annotations('{name}', 'run')")
    import_id, = db.execute("select import_id from coco.sources where dataset_id = %s"
                            " and source = 'run'", (id_of(db, name),)).fetchone()
    leaves = {one for one in locked if one.startswith("coco_parts.a_")}
    assert leaves and all(one.startswith(f"coco_parts.a_{import_id}") for one in leaves)

    def ids(arguments):
        return [row[0] for row in bi.execute(
            f"select annotation_id from list_annotations('{name}', {arguments})")]

    assert ids("'run', of_category => 'car'") == ids("'run', of_category => '3'") == [
        row[0] for row in kept if row[2] == 3]
    assert ids("'run', of_image => 2") == [row[0] for row in kept if row[1] == 2]
    assert ids("'run', after_image => 2") == [row[0] for row in kept if row[1] == 3]
    assert len(ids("'run', list_size => 4")) == 4
    assert sorted(ids("'ground_truth'")) == [10, 11, 12, 13]
    assert bi.execute("select current_user").fetchone() == (LOGIN,)


@pytest.mark.parametrize("arguments, code", [
    ("'nowhere', 'run'", "CO401"), ("'{}', 'nobody'", "CO402"),
    ("'{}', 'ground_truth', of_category => 'x'' or true --'", "CO400")])
def test_a_list_of_something_unknown_says_so(bi, shared_dataset, arguments, code):
    with pytest.raises(psycopg.Error) as raised:
        bi.execute(f"select * from list_annotations({arguments.format(shared_dataset)})")
    assert raised.value.sqlstate == code


def test_a_list_has_at_most_ten_thousand_rows(web, bi, dataset):
    assert web.put_run(dataset, "run", detections(10_050)).status == 200
    asked = "select count(*) from list_annotations(%s, 'run', list_size => {})"
    for size, given in ((2_000_000_000, 10_000), (0, 1), (-1, 1), ("null", 1000)):
        assert bi.execute(asked.format(size), (dataset,)).fetchone() == (given,)


@pytest.mark.parametrize("odd", ["it's \"odd\"; drop table coco.images; --", "%s %I $$ \\ \\'",
                                 "\N{SNOWMAN}\N{PILE OF POO}" * 8, "<b>x</b>", " "])
def test_odd_names_are_shown_and_asked_for_as_they_are(web, bi, name, odd, pgcoco):
    truth = street()
    truth["categories"][0]["name"] = truth["images"][0]["file_name"] = odd
    run = "r" * 63
    assert web.put(f"/datasets/{name}", truth).status == 201
    assert web.put_run(name, run, detections(3)).status == 200
    make_matches(pgcoco, name, run)
    assert bi.execute("select file_name, category from list_annotations(%s, %s, of_category => %s)",
                      (name, run, odd)).fetchall() == [(odd, odd)]
    for query in ("select distinct category from class_statistics where dataset = %s",
                  "select distinct category from score_histogram where dataset = %s",
                  "select distinct category from class_evaluation_history where dataset = %s",
                  "select distinct category from match_summary where dataset = %s",
                  "select file_name from image_view where dataset = %s"):
        assert (odd,) in bi.execute(query, (name,)).fetchall(), query
    with pytest.raises(psycopg.Error) as raised:
        bi.execute("select * from list_annotations(%s, %s)", (name, odd))
    assert raised.value.sqlstate == "CO402"
    with pytest.raises(psycopg.Error) as raised:
        bi.execute("select * from list_matches(%s, %s, %s)", (name, run, odd))
    assert raised.value.sqlstate == "CO400"


def test_errors_are_listed_as_the_matches_have_them(web, db, bi, name, pgcoco):
    assert web.put(f"/datasets/{name}", street()).status == 201
    assert web.put_run(name, "run", detections(9)).status == 200
    query = f"select * from list_matches('{name}', 'run', 'background')"
    with pytest.raises(psycopg.Error) as raised:
        bi.execute(query)
    assert raised.value.sqlstate == "CO405" and "has no matches for bbox yet" in str(raised.value)
    make_matches(pgcoco, name)
    where = f"dataset_id = {id_of(db, name)} and source = 'run' and iou_type = 'bbox'"
    matched = db.execute("select annotation_id, image_id, confidence, truth_id, outcome::text"
                         f" from coco.matches where {where}").fetchall()
    wrong = sorted(((row[2], row[0]) for row in matched if row[4] == "background"), reverse=True)
    assert wrong and [(row[4], row[0]) for row in bi.execute(query)] == wrong
    missed = [row for row in matched if row[4] == "missed"]
    assert missed and [row[6] for row in bi.execute(
        f"select * from list_matches('{name}', 'run', 'missed')")] == sorted(
            row[3] for row in missed)
    images = bi.execute(f"select * from list_missed_images('{name}', 'run')").fetchall()
    assert sum(row[2] for row in images) == len(missed)
    assert [row[2] for row in images] == sorted((row[2] for row in images), reverse=True)


def test_the_numbers_of_the_views_are_those_of_the_rows(web, db, bi, name):
    assert web.put(f"/datasets/{name}", street(), {"split": "val"}).status == 201
    assert web.put_run(name, "run", detections(7)).status == 200
    assert web.put_run(name, "run", [{"image_id": 77}, *detections(9)]).status == 200
    code = web.put_run(name, "bad", b"[{").json()["code"]
    of = (name,)

    def one(query):
        return bi.execute(query, of).fetchone()

    kept, truths = rows(db, name, "run"), rows(db, name, "ground_truth")
    assert one("select image_count, annotation_count, category_count, mean_per_image, run_count,"
               " prediction_count from dataset_summary where dataset = %s") == (
                   3, len(truths), 3, len(truths) / 3, 1, len(kept))
    assert one("select count(*), sum(pixels) from image_view where dataset = %s") == (
        3, 2 * 640 * 480 + 800 * 600)
    for view, column in (("score_histogram", "n"), ("size_histogram", "n")):
        assert one(f"select sum({column}) from {view} where dataset = %s"
                   + (" and source = 'run'" if view == "size_histogram" else "")) == (len(kept),)
    for low, high, n in bi.execute("select low, high, sum(n) from score_histogram"
                                   " where dataset = %s group by low, high", of):
        assert n == sum(low <= row[8] < high for row in kept)
    for low, high, n in bi.execute("select low, high, n from size_histogram"
                                   " where dataset = %s and source = 'ground_truth'", of):
        assert n == sum(low <= row[7] and (high is None or row[7] < high) for row in truths)
    per_image = [sum(row[1] == image for row in truths) for image in (1, 2, 3)]
    for low, high, n in bi.execute("select low, high, image_count from per_image_histogram"
                                   " where dataset = %s and source = 'ground_truth'", of):
        assert n == sum(low <= rows and (high is None or rows <= high) for rows in per_image)
    history = bi.execute("select source, kind, state, row_count, skipped_count, bytes > 0, code"
                         " from import_history where dataset = %s order by import_id",
                         of).fetchall()
    assert history[:3] == [("ground_truth", "ground truth", "published", 4, 0, True, None),
                           ("run", "run", "replaced", 7, 0, True, None),
                           ("run", "run", "published", 9, 1, True, None)]
    assert history[3][:5] == ("bad", "run", "failed", None, None)
    assert history[3][6] == code


def test_every_pair_of_the_confusion_matrix_is_a_row(web, db, bi, dataset):
    assert web.put_run(dataset, "run", detections(3)).status == 200
    store(db, dataset, "run")
    assert bi.execute("select truth_category, detected_category, n from confusion_pairs"
                      " where dataset = %s order by n desc", (dataset,)).fetchall() == [
                          ("person", "person", 3), ("background", "car", 2),
                          ("dog", "background", 1)]
    assert web.put_run(dataset, "run", detections(4)).status == 200
    assert bi.execute("select count(*) from confusion_pairs where dataset = %s",
                      (dataset,)).fetchone() == (0,)


def table_of(title, column):
    """A column of the first table of a section of doc/tools.md."""
    text = (TOP / "doc/tools.md").read_text()
    part = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    lines = [line.split("|") for line in part.splitlines() if line.startswith("|")]
    return [line[column].strip().strip("`") for line in lines[2:]]


def test_the_documentation_lists_what_a_tool_sees_with_its_time(bi):
    views = table_of("What the tool sees", 1)
    assert sorted(views) == visible(bi)
    for view, time in zip(views, table_of("What the tool sees", 2)):
        assert bi.execute(
            "select data_type from information_schema.columns where table_name = %s"
            " and column_name = %s", (view, time)).fetchone() == ("timestamp with time zone",)


def test_the_documentation_lists_the_settings_of_a_login(postgres, bi):
    names = table_of("A login for a tool", 1)
    assert bi.execute("select setconfig from pg_db_role_setting"
                      " where setrole = current_user::regrole").fetchone()[0] == [
                          f"{name}={value}" for name, value in
                          zip(names, table_of("A login for a tool", 2))]


def test_settings_of_a_group_do_not_reach_its_members(postgres, db):
    db.execute("alter role coco_bi set statement_timeout = '77s'")
    try:
        with bi_login(postgres, "member") as login:
            db.execute(f"alter role {login} in database coco reset all")
            with psycopg.connect(postgres.conninfo(login)) as connection:
                assert connection.execute("show statement_timeout").fetchone() == ("0",)
    finally:
        db.execute("alter role coco_bi reset all")
