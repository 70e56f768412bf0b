"""Imports, exports and reads do not depend on settings of the role or of the database."""

import contextlib
import json
import re
import threading
import time

import pytest
from psycopg import sql

from samples import array, detections, rows, street
from stack import wait_for

# Odd values of settings that a role may have. A setting that the server does not know is left out.
SETTINGS = {
    "extra_float_digits": "-15",
    "DateStyle": "German, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Pacific/Chatham",
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "standard_conforming_strings": "off",
    "backslash_quote": "off",
    "escape_string_warning": "off",
    "search_path": "nowhere",
    "statement_timeout": "2s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "2s",
    "idle_session_timeout": "2s",
    "transaction_timeout": "2s",
    "row_security": "off",
    "client_encoding": "LATIN1",
    "bytea_output": "escape",
    "xmlbinary": "hex",
    "xmloption": "document",
    "default_toast_compression": "pglz",
    "default_table_access_method": "heap",
    "default_tablespace": "pg_default",
    "temp_tablespaces": "pg_default",
    "check_function_bodies": "off",
    "transform_null_equals": "on",
    "array_nulls": "off",
    "quote_all_identifiers": "on",
    "client_min_messages": "debug5",
    # The planner methods that are off below make costs high, and high costs turn on compilation.
    "jit": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_nestloop": "off",
    "enable_indexscan": "off",
    "enable_seqscan": "off",
    "enable_sort": "off",
    "enable_hashagg": "off",
    "enable_material": "off",
    "enable_partition_pruning": "off",
    "enable_partitionwise_join": "on",
    "enable_partitionwise_aggregate": "on",
    "debug_parallel_query": "regress",
    "force_parallel_mode": "regress",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    "min_parallel_table_scan_size": "0",
    "max_parallel_workers_per_gather": "8",
    "plan_cache_mode": "force_generic_plan",
    "from_collapse_limit": "1",
    "join_collapse_limit": "1",
    "geqo_threshold": "2",
    "synchronous_commit": "local",
    "synchronize_seqscans": "on",
    "constraint_exclusion": "on",
    "default_transaction_deferrable": "on",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_statistics_target": "1",
    "work_mem": "64kB",
    "maintenance_work_mem": "1MB",
    "temp_buffers": "100",
    "session_replication_role": "replica",
    "stats_fetch_consistency": "snapshot",
    "application_name": "somebody",
    "gin_fuzzy_search_limit": "1",
}
BATCH = 10
NAMES = list(SETTINGS)


@contextlib.contextmanager
def role_settings(db, settings):
    """Gives the role pgcoco these settings in the database, and afterwards its earlier ones."""
    find = ("select unnest(setconfig) from pg_db_role_setting where setrole = 'pgcoco'::regrole"
            " and setdatabase = (select oid from pg_database where datname = 'coco')")
    before = [row[0].split("=", 1) for row in db.execute(find)]

    def put(pairs):
        for name, value in pairs:  # a list of schemas is not one text
            text = sql.SQL(value) if name == "search_path" else sql.Literal(value)
            db.execute(sql.SQL("alter role pgcoco in database coco set {} = {}").format(
                sql.Identifier(name), text))

    try:
        put(settings.items())
        yield
    finally:
        db.execute("alter role pgcoco in database coco reset all")
        put(before)


@pytest.fixture
def cgi(pgcoco, tmp_path):
    """cgi(method, path, body) is (status, text) of a request over a connection of its own."""

    file = tmp_path / "body"

    def request(method, path, body=b"", query=""):
        file.write_bytes(body)
        with open(file, "rb") as stdin:
            done = pgcoco(REQUEST_METHOD=method, PATH_INFO=path, QUERY_STRING=query, stdin=stdin)
        assert done.stdout, done
        head, _, text = done.stdout.partition(b"\r\n\r\n")
        return int(re.match(rb"Status: (\d+)", head).group(1)), text.decode()

    return request


WRAPPED = json.dumps({  # matched by name when all is read: its images and categories come last
    "annotations": [
        {"image_id": 7, "category_id": 4, "bbox": [1, 2, 3, 4], "score": 0.1234567890123456}],
    "images": [{"id": 7, "file_name": "two.jpg"}],
    "categories": [{"id": 4, "name": "dog"}]}).encode()


def comparable(text):
    """A document without what differs from import to import."""
    return re.sub(r'"(id|dataset_id|import|created_at|imported_at|duration_ms)" ?: ?'
                  r'("[^"]*"|[0-9.]+)', "", text)


def journey(cgi, db, name):
    """All that a client sees when it imports, exports, reads and deletes."""
    run, seen = f"/datasets/{name}/runs/run", []

    def step(expected, *request):
        status, text = cgi(*request)
        assert status == expected, (request[:2], status, text)
        seen.append(comparable(text).replace(name, "NAME"))

    odd = [*detections(40),
           {**detections(1)[0], "score": 0.1 + 0.2, "note": "\u00e9", "keypoints": [1, 2, 2]},
           {**detections(1)[0], "category_id": 999}]
    step(201, "PUT", f"/datasets/{name}", json.dumps(street()).encode(), "split=val")
    step(200, "PUT", run, array(*odd))
    step(200, "PUT", f"/datasets/{name}/runs/named", WRAPPED, "match=name")
    step(200, "PUT", run, array(*odd))
    step(200, "GET", f"{run}/predictions")
    step(200, "GET", f"/datasets/{name}/annotations")
    step(200, "GET", f"/datasets/{name}")
    step(200, "GET", f"/datasets/{name}/runs")
    seen.append(rows(db, name, "run") + rows(db, name, "named") + rows(db, name, "ground_truth"))
    step(204, "DELETE", f"/datasets/{name}/runs/run")
    step(204, "DELETE", f"/datasets/{name}")
    return seen


usual = []  # the journey without settings, made once


@pytest.mark.parametrize("batch", range(0, len(NAMES), BATCH), ids=lambda start: NAMES[start])
def test_settings_of_the_role_change_nothing(db, cgi, name, batch):
    if not usual:
        usual.extend(journey(cgi, db, name + "usual"))
    known = {row[0] for row in db.execute("select name from pg_settings")}
    settings = {key: SETTINGS[key] for key in NAMES[batch:batch + BATCH] if key in known}
    assert settings

    def problem(settings, name):
        try:
            with role_settings(db, settings):
                seen = journey(cgi, db, name)
        except AssertionError as error:
            return str(error)
        return None if seen == usual else "another answer"

    if problem(settings, name + "s"):  # name the culprits
        alone = {key: problem({key: value}, f"{name}s{key.lower()}")
                 for key, value in settings.items()}
        pytest.fail(
            f"{settings} together; alone: { {key: what for key, what in alone.items() if what} }")


WAITING = {
    # The publication could not update a row that others have updated since its first statement.
    "isolation": {"default_transaction_isolation": "repeatable read"},
    "time-outs": {"statement_timeout": "300ms", "idle_in_transaction_session_timeout": "300ms",
                  "transaction_timeout": "300ms"},
}


@pytest.mark.parametrize("what", WAITING)
def test_an_import_may_wait_for_others(db, web, holder, cgi, dataset, token, what):
    known = {row[0] for row in db.execute("select name from pg_settings")}
    with role_settings(db, {key: value for key, value in WAITING[what].items() if key in known}):
        holder.execute("update coco.datasets set prediction_count = prediction_count + 1"
                       " where name = %s", (dataset,))
        answers = []
        upload = threading.Thread(target=lambda: answers.append(
            cgi("PUT", f"/datasets/{dataset}/runs/run", array(*detections(5)), f"import={token}")))
        upload.start()
        wait_for(lambda: db.execute(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            " and application_name = %s", (f"pgcoco {token} publish",)).fetchone() == (1,),
            "the publication to wait for the row")
        time.sleep(0.6)  # longer than the time-outs
        holder.commit()
        upload.join()
    assert answers[0][0] == 200, answers
    assert web.get(f"/datasets/{dataset}").json()["prediction_count"] == 6


def test_garbage_is_collected_whatever_the_settings(db, web, dataset, collect):
    settings = {"default_transaction_read_only": "on",
                "default_transaction_isolation": "serializable", "statement_timeout": "2s",
                "quote_all_identifiers": "on"}
    collect()
    for n in (3, 4):
        assert web.put_run(dataset, "run", array(*detections(n))).status == 200
    with role_settings(db, settings):
        collect()
