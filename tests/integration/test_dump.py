"""A database is dumped and restored."""

import psycopg
import pytest

from samples import detections, hold_bucket, rows
from stack import wait_for


@pytest.fixture
def all_kinds_of_leaves(web, postgres, db, holder, dataset, token):
    """Published, loaded and not attached, replaced and detached by half."""
    assert web.put_run(dataset, "run", detections(4)).status == 200
    hold_bucket(holder, dataset)
    assert web.put_run(dataset, "run", detections(5)).status == 200
    with postgres.connect(user="pgcoco", autocommit=True) as owner:
        import_id, dataset_id, name, leaf = owner.execute("select * from coco.run_import_begin(%s, 'other', %s)", (dataset, token)).fetchone()
        owner.execute(f"insert into {leaf} values (1, 1, 1, 1, 1, 1, 1, 0.5, 1)")
        owner.execute("select coco.import_loaded(%s, %s, %s, %s, 'other')", (import_id, token, dataset_id, name))
    wait_for(lambda: db.execute("select count(*) from pg_inherits where inhdetachpending").fetchone() == (1,), "a pending detach")
    return dataset


def test_a_dump_can_be_restored(
        client_program, postgres, db, all_kinds_of_leaves, home, collect, pgcoco, holder):
    dataset = all_kinds_of_leaves
    client_program("pg_dump")
    dump = home.folder("dump") / "coco.dump"
    here = ["-h", home.path, "-U", "postgres"]
    postgres.run("pg_dump", *here, "-Fc", "-f", dump, "coco")
    db.execute("create database restored")
    try:
        postgres.run("pg_restore", *here, "--exit-on-error", "-d", "restored", dump)
        with psycopg.connect(postgres.conninfo("postgres", "restored")) as restored:
            for source in ("run", "ground_truth"):
                assert rows(restored, dataset, source) == rows(db, dataset, source)
            document = "select coco.run_document(%s, 'run')::text"
            assert restored.execute(document, (dataset,)).fetchone() == db.execute(document, (dataset,)).fetchone()
    finally:
        db.execute("drop database restored with (force)")
    holder.rollback()
    assert pgcoco("gc", "--grace", "0").returncode == 0
    collect()
