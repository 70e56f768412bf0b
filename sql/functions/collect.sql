create or replace function coco.snapshots_are_newer(xid xid8) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    if not pg_has_role(current_user, 'pg_read_all_stats', 'usage')
       and exists (select from pg_stat_activity
                   where datname = current_database() and usename <> current_user) then
        return false; -- their snapshots cannot be seen: they might be older
    end if;
    return not exists (select from pg_stat_activity
                       where pid <> pg_backend_pid() and backend_xmin is not null
                         and age(backend_xmin) >= age(xid::xid))
       and not exists (select from pg_replication_slots
                       where xmin is not null and age(xmin) >= age(xid::xid));
end
$$;
comment on function coco.snapshots_are_newer is
    'Whether every snapshot in use was taken after this transaction had ended';

create or replace function coco.garbage(grace interval default '10 seconds')
returns table (relation oid, name text, import_id bigint, is_stage boolean, replaced_at timestamptz)
language sql volatile set search_path = pg_catalog, pg_temp as $$
    select l.oid, l.name, l.id, l.is_stage,
           coalesce(i.retired_at, i.finished_at, i.phase_at, '-infinity')
    from (select c.oid, format('coco_parts.%I', c.relname) as name, c.relname !~ '^a_' as is_stage,
                 substring(c.relname from '_([0-9]+)$')::bigint as id
          from pg_class c
          where c.relnamespace = 'coco_parts'::regnamespace and c.relkind = 'r'
            and c.relname ~ '^(a|images|categories)_[0-9]+$') l
    left join coco.imports i on i.import_id = l.id
    where (l.is_stage or not exists (select from coco.sources s where s.import_id = l.id))
      -- Between two transactions of an import no lock is held.
      and (i.finished_at is not null
           or coalesce(i.phase_at, '-infinity') + grace < clock_timestamp())
      and (l.is_stage or i.retired_xid is null or coco.snapshots_are_newer(i.retired_xid))
$$;
comment on function coco.garbage is
    'Leaves that no pointer names and no snapshot can still need, and stages of imports that have '
    'ended. claim_garbage decides about those that a running import may still publish';

create or replace function coco.claim_garbage(id bigint, is_stage boolean) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- An import holds this lock in each of its transactions until its commit can be seen. So what
    -- the next statement sees is final, and import_resume refuses an import that is claimed.
    if not pg_try_advisory_xact_lock(coco.lock_key('import', id::text)) then
        return false;
    end if;
    perform pg_stat_clear_snapshot();
    if is_stage and exists (select from coco.imports i
                            where i.import_id = id and i.finished_at is not null) then
        return true;
    end if;
    -- It may have been published since, and replaced again.
    if exists (select from coco.sources s where s.import_id = id)
       or exists (select from coco.imports i where i.import_id = id and i.retired_xid is not null
                  and not coco.snapshots_are_newer(i.retired_xid)) then
        return false;
    end if;
    update coco.imports set collected = true where import_id = id and not collected;
    return true;
end
$$;
comment on function coco.claim_garbage is
    'Whether this leaf or stage of an import may be dropped. If it is a leaf, the import can never '
    'be published any more';

-- pg_dump reads the list of all tables, locks them afterwards, and fails when one is gone by then.
-- A session that has read pg_class in a transaction keeps a lock on it until the transaction ends,
-- whatever its name is. PostgreSQL itself holds that lock for a moment while it builds its caches;
-- then a drop waits for the next round. vacuumdb and the like have no such transaction.
create or replace function coco.tables_are_listed() returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
    here oid := (select oid from pg_database where datname = current_database());
begin
    perform pg_stat_clear_snapshot();
    return exists (select from pg_stat_activity a
                   where a.datid = here and a.pid <> pg_backend_pid()
                     and a.application_name in ('pg_dump', 'pg_dumpall', 'vacuumdb', 'reindexdb',
                                                'clusterdb', 'pg_amcheck'))
        or exists (select from pg_locks l
                   where l.database = here and l.pid <> pg_backend_pid()
                     and l.relation = 'pg_class'::regclass and l.mode = 'AccessShareLock');
end
$$;
comment on function coco.tables_are_listed is
    'Whether a session, mostly pg_dump, has read the list of tables, or is about to, and may lock '
    'them later';

create or replace function coco.drop_leaf(leaf regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('drop table %s', leaf);
    -- Asked after the drop, so that only the commit is left. pg_dump is seen as soon as it has
    -- connected, some round trips before it takes its snapshot.
    if coco.tables_are_listed() then
        raise exception using errcode = 'object_in_use', message = format(
            'a session may have %s on its list of tables; it will be dropped later', leaf);
    end if;
end
$$;
comment on function coco.drop_leaf is
    'Drops a leaf or a stage, unless a dump may have it on its list (object_in_use)';

create or replace function coco.lock_collection() returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    if current_setting('transaction_timeout', true) is not null then -- PostgreSQL 17
        perform set_config('transaction_timeout', '0', true);
    end if;
    return pg_try_advisory_xact_lock(coco.lock_key('collection', ''));
end
$$;
comment on function coco.lock_collection is
    'Whether this transaction is the only one during which leaves are detached and dropped. A '
    'second process would take a detach that waits for readers for one that was cut off, and '
    'finalize it, which can deadlock with readers and imports';

create or replace function coco.maintenance(
    grace interval default '10 seconds', keep interval default '2 minutes',
    collects boolean default false)
returns table (leaf text, action text, command text, bucket text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    g record;
begin
    return query
        with fresh as (
            update coco.imports set analyzed = true
            where import_id in (select i.import_id
                                from coco.imports i join coco.sources s using (import_id)
                                where not i.analyzed
                                for update of i skip locked)
            returning import_id
        )
        select format('coco_parts.%I', 'a_' || f.import_id), 'analyze',
               format('analyze coco_parts.%I', 'a_' || f.import_id), '' from fresh f;
    if not collects then
        return;
    end if;
    -- While a detach is pending in a bucket no other can begin there. Leaves that wait for it must
    -- not fill the list, which would hold up other buckets; nor must those that are kept.
    for g in select l.*
             from (select l.name, l.import_id, l.is_stage, i.inhparent::regclass as parent,
                          i.inhdetachpending as pending,
                          l.replaced_at + keep < clock_timestamp() and not t.listed as droppable
                   from (select coco.tables_are_listed() as listed) t
                   cross join coco.garbage(grace) l
                   left join pg_inherits i on i.inhrelid = l.relation) l
             where case when l.parent is null then l.droppable
                        else l.pending or not exists (
                            select from pg_inherits p
                            where p.inhparent = l.parent and p.inhdetachpending) end
             order by l.parent, l.import_id limit 100 loop
        continue when not coco.claim_garbage(g.import_id, g.is_stage);
        leaf := g.name;
        bucket := coalesce(g.parent::text, '');
        if g.parent is not null then
            action := case when g.pending then 'finalize' else 'detach' end;
            command := format('alter table %s detach partition %s %s', g.parent, g.name,
                              case when g.pending then 'finalize' else 'concurrently' end);
            return next;
        end if;
        if g.droppable then
            action := 'drop';
            command := format('select coco.drop_leaf(%L)', g.name);
            return next;
        end if;
    end loop;
end
$$;
comment on function coco.maintenance is
    'The commands to run now, one by one: analyze what is new, detach garbage, and drop it once it '
    'has been replaced for longer than `keep`. A detach must run outside a transaction. When one '
    'fails, the rest of its leaf, and of its bucket if it has one, waits for the next call. '
    'Without `collects` it only analyzes; who collects holds lock_collection() in a transaction of another '
    'connection meanwhile';

create or replace function coco.forget_imports(
    keep interval default '30 days', keep_rows bigint default 100000)
returns bigint language sql volatile set search_path = pg_catalog, pg_temp as $$
    with excess as (
        select finished_at from coco.imports where finished_at is not null
        order by finished_at desc offset keep_rows limit 1
    ), forgotten as (
        delete from coco.imports i
        where i.finished_at <= greatest(clock_timestamp() - keep, (select finished_at from excess))
          and not exists (select from coco.sources s where s.import_id = i.import_id)
          -- The collection needs to know when the leaf was retired.
          and to_regclass(format('coco_parts.%I', 'a_' || i.import_id)) is null
        returning 1
    )
    select count(*) from forgotten
$$;
comment on function coco.forget_imports is
    'Removes ended imports from the history: those older than `keep`, and the oldest beyond '
    '`keep_rows`. An import that is published, or whose leaf is still there, stays';
