"""The schema of a database: migrations, rights, and what nobody else can slip into it."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from samples import detections, street
from stack import TOP, wait_for

READABLE = {"annotation_view", "annotations", "categories", "class_counts",
            "class_evaluation_history", "class_statistics", "confusion_pairs", "dataset_health",
            "dataset_summary", "datasets", "error_keys", "evaluation_classes", "evaluation_curves",
            "evaluation_history", "evaluation_summary", "evaluations", "health_reports",
            "image_keys", "image_view", "images", "import_history", "import_statistics",
            "match_counts", "match_sources", "match_summary", "matches", "outcome_counts",
            "per_image_histogram", "picture_checks", "pictures", "run_notes", "run_summary", "runs",
            "schema_versions", "score_histogram", "size_histogram", "slices", "sources", "splits"}
EXECUTABLE = {"added", "after_image", "all_class_counts", "annotation_rows",
              "annotations_and_images", "as_dataset_id", "asked_sources", "batch_document",
              "batch_ids", "bins", "box_area", "box_conditions", "box_findings", "candidates",
              "candidates_by_id", "candidates_by_key", "category_of", "cell_images",
              "check_image_filters", "check_iou_type", "check_metric", "check_part", "check_place",
              "check_split",
              "choose_rows", "chosen_rows", "class_distribution", "class_findings",
              "class_objects", "count_parts", "count_rows", "counted_sources",
              "cursor_of", "curves_object", "dataset_document",
              "dataset_find", "dataset_outcome", "dataset_summary", "datasets_document",
              "driver_rows", "driver_satisfies", "driver_size", "error_images",
              "error_images_document", "error_page",
              "error_rows", "error_weight", "errors_by_key", "errors_document",
              "evaluation_document", "evaluation_facts", "evaluation_numbers", "evaluation_or_null",
              "evaluations_document", "facet_categories", "facet_skeletons",
              "facets_document", "finding",
              "first_runs", "ground_truth_of", "has_error_keys", "has_image_keys", "has_text_ids",
              "health_document", "health_findings", "health_words", "hear_of_new_leaves",
              "histogram", "id_finding", "image_annotations_document", "image_at", "image_bin",
              "image_choice_of", "image_counts", "image_document", "image_driver", "image_errors",
              "image_find", "image_findings", "image_key", "image_objects", "image_of",
              "image_outcomes", "image_tests", "images_at_once", "images_document",
              "is_by_truths", "is_default_without_sigmas", "is_in_part", "is_judged_at_once",
              "joined",
              "kept_counts",
              "known_total", "label_errors_document", "leaderboard_document", "leaderboard_params",
              "leaderboard_rows", "leaderboard_run", "leaf_has_index", "list_annotations",
              "list_matches", "list_missed_images", "list_size", "match_totals", "matches_current",
              "matches_head", "matches_of", "matches_of_image", "mean_curves", "metrics_object",
              "missed_truths", "name_test", "needs_error_keys", "next_images", "number_after",
              "numbers_of", "order_by_errors", "outcome_of", "overlaid", "page_size", "place_of",
              "place_to_follow", "point_object", "raise_large_slice", "raise_unknown_run",
              "raise_unknown_slice", "ratio", "read_cursor", "refuse_images", "repeated_finding",
              "required_matches", "row_test", "rows_to_index", "run_document", "run_summary",
              "run_words", "runs_document", "runs_with_counts", "shown", "shown_counts",
              "shown_params", "slice_counts", "slice_document", "slice_image_count", "slice_names",
              "slice_size", "slices_document", "small_facts", "source_import", "split_breakdown",
              "statistics_document", "summary_document", "surest_matches", "total_of_first_page",
              "url_encoded", "with_links", "with_next", "with_next_page", "without_examples",
              "without_members"}
EXECUTABLE |= {"name_faults", "picture_find", "picture_links", "picture_version",
               "pictures_object", "picture_finding", "raise_no_picture"}
MIGRATIONS = sorted(int(path.name[:4]) for path in (TOP / "sql/migrations").glob("*.sql"))


@pytest.fixture
def schema_sql(home):
    """The one file for administrators."""
    script = subprocess.run([TOP / "tools/bundle-sql", TOP / "sql"], capture_output=True, text=True,
                            check=True).stdout
    return home.write("schema.sql", script)


def layout(postgres, database):
    """Every object with its definition and rights."""
    with psycopg.connect(postgres.conninfo("postgres", database)) as db:
        return db.execute("""
            select p.proname, pg_get_functiondef(p.oid), p.proacl::text from pg_proc p
                where p.pronamespace = 'coco'::regnamespace
            union all
            select c.relname, coalesce(pg_get_viewdef(c.oid), c.relkind::text), c.relacl::text
                from pg_class c
                where c.relnamespace = 'coco'::regnamespace or c.relname ~ 'bucket_'
            union all
            select conname, pg_get_constraintdef(oid), conrelid::regclass::text from pg_constraint
                where connamespace = 'coco'::regnamespace
            order by 1, 2, 3""").fetchall()


def versions(postgres, database):
    with psycopg.connect(postgres.conninfo("pgcoco", database)) as db:
        return db.execute("select version, file, applied_at from coco.schema_versions").fetchall()


def test_migrate_makes_the_schema_once(postgres, empty):
    first = postgres.migrate(database=empty)
    assert "applied migrations/0001_tables.sql" in first.stdout
    before = versions(postgres, empty)
    assert [version for version, *_ in before] == MIGRATIONS
    again = postgres.migrate(database=empty)
    assert again.stdout == f"nothing to do: the schema has version {MIGRATIONS[-1]}\n"
    assert versions(postgres, empty) == before


def test_migrations_at_the_same_time_take_turns(postgres, empty):
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: postgres.migrate(database=empty), range(4)))
    assert sum("applied migrations/0001_tables.sql" in one.stdout for one in done) == 1
    assert len(versions(postgres, empty)) == len(MIGRATIONS)


def test_a_dry_run_prints_sql_that_psql_takes_and_changes_nothing(postgres, home, db, empty):
    done = postgres.migrate("--dry-run", database=empty)
    with psycopg.connect(postgres.conninfo("postgres", empty)) as connection:
        assert connection.execute("select to_regnamespace('coco')").fetchone() == (None,)
    script = home.write("dry_run.sql", done.stdout)
    postgres.psql("-f", script, user="pgcoco", database=empty)
    assert layout(postgres, empty) == layout(postgres, "coco")
    assert postgres.migrate(database=empty).stdout.startswith("nothing to do")


def test_the_one_file_for_administrators_makes_the_same_schema(postgres, empty, schema_sql):
    for _ in range(2):  # again is harmless
        postgres.psql("-f", schema_sql, user="pgcoco", database=empty)
        assert layout(postgres, empty) == layout(postgres, "coco")
        assert postgres.migrate(database=empty).stdout.startswith("nothing to do")


def test_the_one_file_does_not_go_back_to_an_older_schema(postgres, empty, schema_sql):
    postgres.migrate(database=empty)
    with psycopg.connect(postgres.conninfo("pgcoco", empty)) as db:
        db.execute("insert into coco.schema_versions (version, file) values (99, 'future')")
        db.execute("create function coco.newer() returns int language sql return 1")
    done = postgres.psql("-f", schema_sql, user="pgcoco", database=empty, check=False)
    assert done.returncode != 0 and "has version 99" in done.stderr
    with psycopg.connect(postgres.conninfo("pgcoco", empty)) as db:
        assert db.execute("select coco.newer()").fetchone() == (1,)


def test_the_one_file_waits_for_no_reader_when_nothing_has_changed(postgres, empty, schema_sql):
    postgres.migrate(database=empty)
    with psycopg.connect(postgres.conninfo("postgres", empty)) as long_query:
        long_query.execute("select count(*) from coco.annotations, coco.runs")
        postgres.psql("-f", schema_sql, user="pgcoco", database=empty)  # it gives up a lock at once


def test_a_superuser_does_not_run_the_code_of_pgcoco(postgres, empty, schema_sql):
    done = postgres.migrate(user="postgres", database=empty, check=False)
    assert done.returncode == 1 and "connect as pgcoco, not as postgres" in done.stderr
    done = postgres.psql("-f", schema_sql, database=empty, check=False)
    assert done.returncode != 0 and "connect as pgcoco, not as postgres" in done.stderr


def test_a_schema_that_somebody_else_made_is_refused_unread(postgres, db, empty, schema_sql,
                                                            pgcoco):
    """Its views and functions would run with the rights of whoever reads them."""
    db.execute("create role mallory login")
    db.execute("grant create on database empty to mallory")
    try:
        with psycopg.connect(postgres.conninfo("mallory", empty), autocommit=True) as mallory:
            mallory.execute("create schema coco")
            mallory.execute("grant usage on schema coco to public")
            mallory.execute("create table coco.caught (who text)")
            mallory.execute("grant all on coco.caught to public")
            mallory.execute("""
                create function coco.trap() returns int language plpgsql as $$
                begin insert into coco.caught values (current_user); return 0; end $$""")
            mallory.execute("create table coco.schema_files (file text, checksum text)")
            mallory.execute("create view coco.schema_versions as select coco.trap() as version")
            mallory.execute("grant select on coco.schema_files, coco.schema_versions to public")
            for arguments in ([], ["--dry-run"]):
                done = postgres.migrate(*arguments, database=empty, check=False)
                assert done.returncode == 1 and "belongs to the role mallory" in done.stderr
            done = postgres.psql("-f", schema_sql, user="pgcoco", database=empty, check=False)
            assert done.returncode != 0 and "belongs to the role mallory" in done.stderr
            assert b"belongs to the role mallory" in pgcoco(
                "export", "nothing", PGDATABASE=empty).stderr
            assert mallory.execute("select who from coco.caught").fetchall() == []
    finally:
        db.execute("drop database empty with (force)")
        db.execute("drop role mallory")
        db.execute("create database empty")


def test_a_schema_of_a_newer_program_is_left_alone(postgres, empty):
    postgres.migrate(database=empty)
    with psycopg.connect(postgres.conninfo("pgcoco", empty)) as db:
        db.execute("insert into coco.schema_versions (version, file)"
                   " values (99, 'migrations/0099_future.sql')")
    done = postgres.migrate(database=empty, check=False)
    assert done.returncode == 1
    assert "version 99" in done.stderr and "use the pgcoco that migrated it" in done.stderr


def test_without_the_role_migrate_says_what_to_run(postgres, db, empty):
    # A cluster has its roles in common: another name for a moment, in which nobody else connects.
    db.execute("alter role pgcoco rename to pgcoco_away")
    try:
        done = postgres.migrate(user="postgres", database=empty, check=False)
    finally:
        db.execute("alter role pgcoco_away rename to pgcoco")
    assert done.returncode == 1 and "psql -f roles.sql" in done.stderr


def test_without_the_role_of_tools_migrate_says_what_to_run(postgres, db, empty):
    db.execute("alter role coco_bi rename to coco_bi_away")
    try:
        done = postgres.migrate(database=empty, check=False)
    finally:
        db.execute("alter role coco_bi_away rename to coco_bi")
    assert done.returncode == 1 and "psql -d empty -f roles.sql" in done.stderr


def test_functions_are_replaced_and_stale_ones_dropped(postgres, empty):
    postgres.migrate(database=empty)
    with psycopg.connect(postgres.conninfo("pgcoco", empty)) as db:
        db.execute("create function coco.of_an_older_version() returns int language sql return 1")
        # The same name with other arguments, and with another result.
        db.execute("create function coco.import_failed(bigint) returns int language sql return 1")
        db.execute("drop function coco.skipped_summary(json)")
        db.execute("create function coco.skipped_summary(json) returns int language sql return 1")
        db.execute(
            "create or replace function coco.imported() returns text language sql return 'old'")
        db.execute(
            "update coco.schema_files set checksum = 'old' where file = 'functions/publish.sql'")
    done = postgres.migrate(database=empty)
    assert done.stdout == "replaced functions/publish.sql\n"
    with psycopg.connect(postgres.conninfo("pgcoco", empty)) as db:
        assert db.execute("select to_regprocedure('coco.of_an_older_version()')").fetchone() == (
            None,)
        assert db.execute("select coco.imported()").fetchone() == ("imported",)
        older = "select to_regprocedure('coco.import_failed(bigint)')"
        assert db.execute(older).fetchone() == (None,)
    assert layout(postgres, empty) == layout(postgres, "coco")


def test_a_worker_goes_on_over_an_upgrade(postgres, db, web, dataset):
    """Its connections have compiled functions that call dropped ones."""
    for rows in (3, 4, 5):
        assert web.put_run(dataset, "run", detections(rows)).status == 200
        assert web.put(f"/datasets/{dataset}x", street()).status in (200, 201)
        assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == rows
        assert len(web.get(f"/datasets/{dataset}/runs/run/predictions").json()) == rows
        db.execute("update coco.schema_files set checksum = 'old'")
        assert "replaced functions/import.sql" in postgres.migrate().stdout


def test_an_upgrade_waits_for_no_reader_and_no_reader_for_it(postgres, empty):
    """A query that holds the views does not delay new functions.

    A view that changes gives up its lock in time.
    """
    postgres.migrate(database=empty)
    change = "update coco.schema_files set checksum = 'old' where file = %s"
    with (psycopg.connect(postgres.conninfo("postgres", empty)) as long_query,
          psycopg.connect(postgres.conninfo("pgcoco", empty), autocommit=True) as admin,
          psycopg.connect(postgres.conninfo("postgres", empty), autocommit=True) as reader):
        long_query.execute("select count(*) from coco.annotations, coco.runs")
        admin.execute(change, ("functions/names.sql",))
        assert postgres.migrate("--lock-wait", "0",
                                database=empty).stdout == "replaced functions/names.sql\n"
        admin.execute(change, ("views/runs.sql",))
        reader.execute("set statement_timeout = '20s'")  # shorter than the migration tries
        with ThreadPoolExecutor(1) as pool:
            upgrade = pool.submit(postgres.migrate, "--lock-timeout", "100", "--lock-wait", "60",
                                  database=empty)
            for _ in range(50):
                reader.execute("select count(*) from coco.runs")
            assert not upgrade.done()
            long_query.rollback()
            assert "replaced views/runs.sql" in upgrade.result().stdout


def test_a_lock_that_is_never_free_is_named(postgres, empty):
    postgres.migrate(database=empty)
    with psycopg.connect(postgres.conninfo("pgcoco", empty)) as holder:
        holder.execute(
            "update coco.schema_files set checksum = 'old' where file = 'views/runs.sql'")
        holder.commit()
        holder.execute("select count(*) from coco.runs")
        done = postgres.migrate("--lock-timeout", "50", "--lock-wait", "1", database=empty,
                                check=False)
    assert done.returncode == 1 and "a lock was not free for 1 s" in done.stderr


def test_a_restored_database_gets_its_settings_again(postgres, db, empty):
    postgres.migrate(database=empty)
    db.execute("alter database empty reset all")
    done = postgres.migrate(database=empty)  # pgcoco does not own this database
    assert "lacks the setting plan_cache_mode" in done.stdout and "roles.sql" in done.stdout
    postgres.apply_roles(empty)
    assert postgres.migrate(database=empty).stdout.startswith("nothing to do")


def test_the_owner_of_the_database_restores_its_settings_by_migrate(postgres, db, empty):
    postgres.migrate(database=empty)
    db.execute("alter database empty owner to pgcoco")
    db.execute("alter database empty reset all")
    assert "restored the settings" in postgres.migrate(database=empty).stdout
    assert postgres.migrate(database=empty).stdout.startswith("nothing to do")


def test_a_worker_names_settings_that_the_database_lacks(own_site, home, db):
    db.execute("alter database coco reset plan_cache_mode")
    try:
        own_site("--threads", "1")
        wait_for(lambda: any(b"lacks the setting plan_cache_mode" in log
                             for log in home.fresh_logs(keep=True).values()), "a warning in a log")
    finally:
        db.execute("alter database coco set plan_cache_mode = force_custom_plan")


def test_nobody_gains_rights_by_a_function_in_public(postgres, db, empty, schema_sql):
    """Functions that stand in for pg_catalog's in the search path of whoever applies the SQL."""
    db.execute("create role mallory login")
    try:
        with psycopg.connect(postgres.conninfo("postgres", empty), autocommit=True) as owner:
            owner.execute("grant create on schema public to mallory")
            with psycopg.connect(postgres.conninfo("mallory", empty), autocommit=True) as mallory:
                mallory.execute("create table public.caught (who text)")
                mallory.execute("grant all on public.caught to public")
                for arguments in ("text, text", "text, variadic text[]", "text, name"):
                    mallory.execute(f"""
                        create function public.format({arguments}) returns text
                            language plpgsql as $$
                        begin
                            insert into public.caught values (current_user); return 'select 1';
                        end $$""")
                mallory.execute("""
                    create function public.current_setting(text) returns text language plpgsql as $$
                    begin
                        insert into public.caught values (current_user); return '150000';
                    end $$""")
            owner.execute("alter database empty set search_path = public, pg_catalog")
            postgres.apply_roles("empty")
            postgres.migrate(database=empty)
            postgres.psql("-f", schema_sql, user="pgcoco", database=empty)
            with psycopg.connect(postgres.conninfo("pgcoco", empty), autocommit=True) as pgcoco:
                pgcoco.execute("set search_path = public, pg_catalog")
                pgcoco.execute(
                    "select coco.bucket_of(1), coco.leaves_warning(), coco.bounds_check(1, 'a', 1)")
            assert owner.execute("select who from public.caught").fetchall() == []
    finally:
        db.execute("drop database empty with (force)")
        db.execute("drop role mallory")
        db.execute("create database empty")


def test_every_function_pins_its_search_path(db):
    assert db.execute(
        "select oid::regprocedure::text from pg_proc where pronamespace = 'coco'::regnamespace"
        " and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)"
    ).fetchall() == []


def test_a_reader_sees_what_is_listed_and_nothing_else(postgres, db, web, dataset):
    assert web.put_run(dataset, "run", detections(3)).status == 200
    assert {name for name, in db.execute(
        "select relname from pg_class"
        " where relnamespace in ('coco'::regnamespace, 'coco_parts'::regnamespace)"
        " and relkind in ('r', 'p', 'v')"
        " and has_table_privilege('coco_reader', oid, 'select')")} == READABLE
    assert db.execute(
        "select relname from pg_class"
        " where relnamespace in ('coco'::regnamespace, 'coco_parts'::regnamespace)"
        " and relkind in ('r', 'p', 'v') and has_table_privilege("
        "'coco_reader', oid, 'insert, update, delete, truncate, references, trigger')"
    ).fetchall() == []
    assert {name for name, in db.execute(
        "select proname from pg_proc where pronamespace = 'coco'::regnamespace"
        " and has_function_privilege('coco_reader', oid, 'execute')")} == EXECUTABLE
    assert db.execute("select has_schema_privilege('coco_reader', 'coco_parts', 'usage'),"
                      " has_schema_privilege('coco_reader', 'coco', 'create')").fetchone() == (
                          False, False)


def test_a_reader_can_use_what_it_may(db, web, dataset):
    assert web.put_run(dataset, "run", detections(3)).status == 200
    with db.transaction(force_rollback=True):
        db.execute("set local role coco_reader")
        assert db.execute(
            "select count(*) from coco.annotations a join coco.datasets d on d.id = a.dataset_id"
            " where d.name = %s and source = 'run'", (dataset,)).fetchone() == (3,)
        for document in ("datasets_document()", "summary_document()",
                         f"dataset_document('{dataset}')", f"runs_document('{dataset}')",
                         f"run_document('{dataset}', 'run')"):
            assert db.execute(f"select coco.{document}").fetchone()[0]


@pytest.mark.parametrize("statement", [
    "select coco.lock_dataset('street')",
    "select coco.lock_collection()",
    "select token from coco.imports",
    "select count(*) from coco.annotation_versions",
    "select count(*) from coco.match_versions",
    "select coco.matches_failed(1)",
    "select coco.import_document('token')",
])
def test_a_reader_cannot(db, statement):
    with db.transaction(force_rollback=True):
        db.execute("set local role coco_reader")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


def test_the_tables_are_joined_by_foreign_keys(db):
    keys = db.execute(
        "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint"
        " where contype = 'f' and connamespace = 'coco'::regnamespace order by 1, 2").fetchall()
    assert keys == [("coco.categories", "coco.datasets"), ("coco.class_counts", "coco.categories"),
                    ("coco.class_counts", "coco.sources"),
                    ("coco.evaluation_classes", "coco.evaluations"),
                    ("coco.evaluation_curves", "coco.evaluations"),
                    ("coco.evaluations", "coco.datasets"),
                    ("coco.health_reports", "coco.sources"), ("coco.images", "coco.datasets"),
                    ("coco.import_statistics", "coco.sources"),
                    ("coco.match_counts", "coco.categories"),
                    ("coco.match_counts", "coco.match_sources"),
                    ("coco.match_sources", "coco.datasets"),
                    ("coco.match_sources", "coco.sources"), ("coco.match_sources", "coco.sources"),
                    ("coco.picture_checks", "coco.pictures"), ("coco.pictures", "coco.datasets"),
                    ("coco.run_notes", "coco.sources"),
                    ("coco.slice_changes", "coco.datasets"), ("coco.slices", "coco.datasets"),
                    ("coco.sources", "coco.datasets"),
                    ("coco.splits", "coco.datasets")]
