-- A transaction that has locked a bucket already gets no invalidation of it when it plans a prepared
-- statement again: it would read the new pointer and miss the rows. Opening any other relation makes
-- the backend process pending invalidations. Declared immutable, so that it runs while a statement is
-- planned, before the leaves are looked up, and never for a row; parallel safe, so that queries on
-- coco.annotations may run in parallel. It opens a catalog that queries do not lock: with a table of
-- coco, a view of another owner would fail for users without rights on the schema.
create or replace function coco.hear_of_new_leaves() returns boolean
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
    return pg_relation_size('pg_catalog.pg_ts_parser') >= 0;
end
$$;
comment on function coco.hear_of_new_leaves is
    'Always true. Called while a query is planned: the planner then knows all leaves';

-- Logical subscribers and pg_receivewal are left out: nobody reads there what is replayed.
create or replace function coco.standbys() returns table (replayed pg_lsn)
language sql volatile set search_path = pg_catalog, pg_temp as $$
    select r.replay_lsn from pg_stat_replication r
    where (r.state = 'streaming' and r.replay_lsn is not null
           or r.state is null) -- roles without pg_read_all_stats do not see it
      and not exists (select from pg_replication_slots s
                      where s.active_pid = r.pid and s.slot_type = 'logical')
$$;
comment on function coco.standbys is
    'The physical standbys that stream, and how far each has replayed (null: this role cannot see '
    'it)';

create or replace function coco.await_standbys() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    flushed pg_lsn := pg_current_wal_flush_lsn();
begin
    if not exists (select from coco.standbys()) then
        return;
    end if;
    for look in 1..400 loop
        perform pg_stat_clear_snapshot();
        exit when not exists (select from coco.standbys() where replayed < flushed);
        perform pg_sleep(0.002);
    end loop;
    -- The readers of a standby cannot be seen from here. They get the time that planning takes.
    perform pg_sleep(0.1);
end
$$;
comment on function coco.await_standbys is
    'Waits, about a second at most, until every standby has replayed the WAL that is flushed now, '
    'and then 100 ms for its readers. Returns at once without standbys';

create or replace function coco.await_readers(bucket regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    here text[];
begin
    perform coco.await_standbys();
    -- Counts looks instead of time: when the whole machine has stood still, so have the readers.
    for look in 1..250 loop
        select array_agg(l.virtualtransaction) into here from pg_locks l
            where l.locktype = 'relation' and l.relation = bucket and l.mode = 'AccessShareLock'
              and l.database = (select oid from pg_database where datname = current_database())
              and l.pid <> pg_backend_pid() and (here is null or l.virtualtransaction = any (here));
        exit when here is null;
        perform pg_sleep(0.002);
    end loop;
end
$$;
comment on function coco.await_readers is
    'Waits for the standbys, and then for the transactions that hold this bucket now, not for '
    'later ones, half a second at most';
