-- Visibility: makes sure that a reader who sees a new pointer also knows the leaf it points to.
-- Serves the view coco.annotations, and the announcement and publication of an import.
-- doc/visibility.md tells the whole.

-- A transaction that holds a bucket processes no invalidations when it plans a prepared statement
-- again: it would see the new pointer and miss the leaf. Opening any other relation makes the
-- backend process them. The function is immutable, so that it runs while a query is planned, before
-- the partitions are looked up, and never per row. It is parallel safe, so that queries on the view
-- can run in parallel. It opens a catalog that queries do not lock: with a table of coco, a view of
-- another owner would fail for users without rights on the schema.
create or replace function coco.hear_of_new_leaves() returns boolean
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
    return pg_relation_size('pg_catalog.pg_ts_parser') >= 0;
end
$$;
comment on function coco.hear_of_new_leaves is
    'Always true. Runs while a query is planned, and makes the backend process pending '
    'invalidations: the planner then knows all leaves';

-- Logical subscribers and pg_receivewal do not count: nobody queries what they receive.
create or replace function coco.standbys() returns table (replayed pg_lsn)
language sql volatile set search_path = pg_catalog, pg_temp as $$
    select r.replay_lsn
    from pg_stat_replication r
    where (r.state = 'streaming' and r.replay_lsn is not null
           or r.state is null) -- hidden from roles without pg_read_all_stats
      and not exists (select from pg_replication_slots s
                      where s.active_pid = r.pid and s.slot_type = 'logical')
$$;
comment on function coco.standbys is
    'The physical standbys that stream. `replayed`: how far each has replayed the WAL; null if the '
    'role lacks pg_read_all_stats';

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
    -- The primary cannot see the readers of a standby. It gives them the time that planning takes.
    perform pg_sleep(0.1);
end
$$;
comment on function coco.await_standbys is
    'Waits, at most about a second, until all standbys have replayed the WAL flushed so far, and '
    'then 100 ms for their readers. Returns at once if there are none';

create or replace function coco.await_readers(bucket regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    here text[];
begin
    perform coco.await_standbys();
    -- Counts looks, not time: while the machine is suspended, readers stand still as well.
    for look in 1..250 loop
        select array_agg(l.virtualtransaction) into here
            from pg_locks l
            where l.locktype = 'relation' and l.relation = bucket and l.mode = 'AccessShareLock'
              and l.database = (select oid from pg_database where datname = current_database())
              and l.pid <> pg_backend_pid()
              and (here is null or l.virtualtransaction = any (here));
        exit when here is null;
        perform pg_sleep(0.002);
    end loop;
end
$$;
comment on function coco.await_readers is
    'Waits for the standbys, and then at most half a second for the transactions that now hold '
    'AccessShareLock on this bucket. Does not wait for transactions that lock it later';
