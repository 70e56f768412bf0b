"""The schema is applied to the database of an earlier version; a database is dumped and restored."""

import psycopg
import pytest

from samples import detections, hold_bucket, leaves, rows
from stack import wait_for

# Buckets are what is new: an earlier version had all leaves on one level.
ONE_LEVEL = """
do $$
declare
    l record;
begin
    drop view coco.annotations;
    alter table coco.annotation_versions rename to in_buckets;
    create table coco.annotation_versions (like coco.in_buckets including defaults)
        partition by range (dataset_id, source, import_id);
    for l in select b.inhrelid::regclass as bucket, i.inhrelid::regclass as leaf, pg_get_expr(relpartbound, c.oid) as bounds
             from pg_inherits b join pg_inherits i on i.inhparent = b.inhrelid join pg_class c on c.oid = i.inhrelid
             where b.inhparent = 'coco.in_buckets'::regclass and c.relkind = 'r' loop
        execute format('alter table %s detach partition %s', l.bucket, l.leaf);
        execute format('alter table %s drop constraint bounds', l.leaf); -- it had one without the bucket
        execute format('alter table coco.annotation_versions attach partition %s %s', l.leaf, l.bounds);
    end loop;
    drop table coco.in_buckets;
    create view coco.annotations as select v.* from coco.annotation_versions v join coco.sources s using (import_id);
end
$$
"""


def in_buckets(db):
    return db.execute("""select count(*) from pg_inherits i join pg_inherits b on b.inhrelid = i.inhparent
                         where b.inhparent = 'coco.annotation_versions'::regclass and i.inhrelid in
                         (select ('coco_parts.a_' || import_id)::regclass from coco.sources)""").fetchone()[0]


def test_leaves_of_one_level_move_into_buckets(web, postgres, db, dataset, collect):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    collect()
    before = {source: rows(db, dataset, source) for source in ("run", "ground_truth")}
    published = leaves(db)
    with postgres.connect(user="pgcoco") as owner:
        owner.execute(ONE_LEVEL)
    assert in_buckets(db) == 0
    for _ in range(2):  # again is harmless
        postgres.apply_schema()
        assert in_buckets(db) == len(published)
        assert {source: rows(db, dataset, source) for source in before} == before
        assert leaves(db) == published
    assert web.put_run(dataset, "run", detections(6)).json()["replaced_count"] == 5
    assert len(rows(db, dataset, "run")) == 6
    collect()


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


def test_a_dump_can_be_restored(postgres, db, all_kinds_of_leaves, home, collect, pgcoco, holder):
    dataset = all_kinds_of_leaves
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
