-- Collection: finds the leaves and stages that nobody needs any more, and names the commands that
-- remove them. Also forgets old imports. Workers call it after each import, and pgcoco gc does.

create or replace function coco.snapshots_are_newer(xid xid8) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    if not pg_has_role(current_user, 'pg_read_all_stats', 'usage')
       and exists (select from pg_stat_activity
                   where datname = current_database() and usename <> current_user) then
        return false; -- their snapshots are hidden, and may be older
    end if;
    return not exists (select from pg_stat_activity
                       where pid <> pg_backend_pid() and backend_xmin is not null
                         and age(backend_xmin) >= age(xid::xid))
       and not exists (select from pg_replication_slots
                       where xmin is not null and age(xmin) >= age(xid::xid));
end
$$;
comment on function coco.snapshots_are_newer is
    'Whether all snapshots in use, also those of replication slots, were taken after this '
    'transaction ended. False if this role cannot see the snapshots of others';

create or replace function coco.garbage(grace interval default '10 seconds')
returns table (relation oid, name text, id bigint, is_stage boolean, replaced_at timestamptz)
language sql volatile set search_path = pg_catalog, pg_temp as $$
    select l.oid, l.name, l.id, l.is_stage,
           coalesce(i.retired_at, i.finished_at, i.phase_at, '-infinity')
    from (select c.oid, format('coco_parts.%I', c.relname) as name,
                 c.relname !~ '^[am]_' as is_stage,
                 substring(c.relname from '_([0-9]+)$')::bigint as id
          from pg_class c
          where c.relnamespace = 'coco_parts'::regnamespace and c.relkind = 'r'
            and c.relname ~ '^(a|m|images|categories)_[0-9]+$') l
    left join lateral (
        select a.finished_at, a.phase_at, a.retired_at, a.retired_xid
        from coco.imports a
        where a.import_id = l.id
        union all
        select m.finished_at, m.phase_at, m.retired_at, m.retired_xid
        from coco.match_sets m
        where m.matches_id = l.id) i on true
    where (l.is_stage or not coco.leaf_is_published(l.id))
      -- What makes a leaf holds no lock between two transactions. The grace covers that time.
      and (i.finished_at is not null
           or coalesce(i.phase_at, '-infinity') + grace < clock_timestamp())
      and (l.is_stage or i.retired_xid is null or coco.snapshots_are_newer(i.retired_xid))
$$;
comment on function coco.garbage is
    'Leaves, of imports and of matches, that no pointer names and no snapshot can need, and '
    'stages: those whose making has ended, or has committed nothing for longer than `grace`. '
    'claim_garbage decides about what has not ended';

create or replace function coco.claim_garbage(id bigint, is_stage boolean) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- Each transaction that makes a leaf holds this lock until its commit is visible. So what the
    -- next statement sees is final, and import_resume or matches_resume refuses what is claimed
    -- here.
    if not pg_try_advisory_xact_lock(coco.lock_key('import', id::text)) then
        return false;
    end if;
    perform pg_stat_clear_snapshot();
    if is_stage and exists (select from coco.imports i
                            where i.import_id = id and i.finished_at is not null) then
        return true;
    end if;
    -- It may have been published since garbage() looked, and replaced again.
    if coco.leaf_is_published(id)
       or exists (select from coco.imports i where i.import_id = id and i.retired_xid is not null
                  and not coco.snapshots_are_newer(i.retired_xid))
       or exists (select from coco.match_sets m where m.matches_id = id
                  and m.retired_xid is not null
                  and not coco.snapshots_are_newer(m.retired_xid)) then
        return false;
    end if;
    -- An import that was lost has ended here, so that the history can forget it.
    update coco.imports
        set collected = true, finished_at = coalesce(finished_at, clock_timestamp())
        where import_id = id and not collected;
    update coco.match_sets
        set collected = true, finished_at = coalesce(finished_at, clock_timestamp())
        where matches_id = id and not collected;
    return true;
end
$$;
comment on function coco.claim_garbage is
    'Whether this leaf or stage of an import, or this leaf of matches, may be dropped; false also '
    'while it is made. After true for a leaf it can no longer be published';

-- pg_dump reads the list of tables, locks them afterwards, and fails if one is gone by then. A
-- transaction that has read pg_class holds a lock on it until it ends, whatever its session is
-- called. A backend that fills its caches holds that lock for a moment, too; a drop then waits for
-- the next round. vacuumdb and the like use no such transaction, and are known by their names.
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
    'Whether a session has read the list of tables, or is about to, and may lock the tables later: '
    'pg_dump, for example';

create or replace function coco.drop_leaf(leaf regclass) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('drop table %s', leaf);
    -- Looks after the drop, so that only the commit is left to do. pg_dump is visible once it has
    -- connected, some round trips before it takes its snapshot.
    if coco.tables_are_listed() then
        raise object_in_use;
    end if;
    return true;
exception
    -- Both are ordinary, and the next collection tries again: no errors for the log.
    when object_in_use or lock_not_available then
        return false;
end
$$;
comment on function coco.drop_leaf is
    'Drops a leaf or a stage. False, and nothing is changed, if a session uses it, or may be about '
    'to lock it';

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
    'Takes the lock of the collection until the end of the transaction; false if another process '
    'has it. Two processes must not collect at a time: one would take the other''s detach, which '
    'waits for readers, for an interrupted one, and finalize it. That can deadlock';

create or replace function coco.due_counts()
returns table (leaf text, action text, command text, bucket text)
language sql volatile set search_path = pg_catalog, pg_temp as $$
    -- Does not wait for imports that are being published, and not for a session that holds locks.
    with reports as (
        insert into coco.health_reports as h (import_id, dataset_id)
        select s.import_id, s.dataset_id
        from coco.sources s
        left join coco.health_reports h on h.import_id = s.import_id
        where s.source = 'ground_truth'
          and (h.import_id is null
               or h.made_at is null and h.attempts < 3
                  and h.begun_at < clock_timestamp() - interval '1 hour')
        order by s.import_id limit 5
        for key share of s skip locked
        on conflict (import_id) do update
            set attempts = h.attempts + 1, begun_at = clock_timestamp()
        returning h.import_id
    ), due as (
        (select s.import_id, 'count' as action, 'count_again' as maker
         from coco.sources s
         where not exists (select from coco.import_statistics t where t.import_id = s.import_id)
         order by s.import_id limit 20)
        union all
        select r.import_id, 'health', 'make_health' from reports r
    )
    select format('coco_parts.%I', 'a_' || d.import_id), d.action,
           format('set local statement_timeout = ''10min''; select coco.%I(%s)', d.maker,
                  d.import_id),
           ''
    from due d
$$;
comment on function coco.due_counts is
    'The commands that count large ground truths, and make the reports of all; '
    'a few at a time. Notes that the reports are begun, so that one that fails is not made again '
    'and again';

create or replace function coco.maintenance(
    grace interval default '10 seconds', keep interval default '2 minutes',
    collects boolean default false, prepares boolean default false)
returns table (leaf text, action text, command text, bucket text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    g record;
begin
    return query
        with fresh as (
            update coco.imports set analyzed = true
            where import_id in (select i.import_id
                                from coco.imports i
                                join coco.sources s using (import_id)
                                where not i.analyzed
                                for update of i skip locked)
            returning 'a_' || import_id as leaf
        ), fresh_matches as (
            update coco.match_sets set analyzed = true
            where matches_id in (select m.matches_id
                                 from coco.match_sets m
                                 join coco.match_sources s using (matches_id)
                                 where not m.analyzed
                                 for update of m skip locked)
            returning 'm_' || matches_id as leaf
        )
        select format('coco_parts.%I', f.leaf), 'analyze',
               format('analyze coco_parts.%I', f.leaf), ''
        from (select * from fresh union all select * from fresh_matches) f;
    if not collects then
        return;
    end if;
    -- A bucket allows one pending detach. Leaves that wait for it, and leaves that are kept for
    -- now, stay out of the list: they would fill it, and hold up other buckets.
    for g in select l.*
             from (select l.name, l.id, l.is_stage, i.inhparent::regclass as parent,
                          i.inhdetachpending as pending,
                          l.replaced_at + keep < clock_timestamp() and not t.listed as droppable
                   from (select coco.tables_are_listed() as listed) t
                   cross join coco.garbage(grace) l
                   left join pg_inherits i on i.inhrelid = l.relation) l
             where case when l.parent is null then l.droppable
                        else l.pending or not exists (
                            select from pg_inherits p
                            where p.inhparent = l.parent and p.inhdetachpending) end
             order by l.parent, l.id limit 100 loop
        continue when not coco.claim_garbage(g.id, g.is_stage);
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
    -- Last, because these may take long, and what is dropped above gives room.
    return query select * from coco.due_counts();
    if prepares then
        return query select p.leaf, p.action, p.command, '' from coco.preparations() p;
    end if;
end
$$;
comment on function coco.maintenance is
    'The commands to run now, one by one: analyze new leaves, detach garbage (see garbage; at most '
    '100 tables), drop it once it has been replaced for longer than `keep`, and make what '
    'due_counts names. Run a detach outside a transaction. If a command fails, skip the other '
    'commands of its leaf and of its bucket (empty: none) until the next call. Without `collects`: '
    'only analyze. With it the caller holds lock_collection in a transaction on another '
    'connection; with `prepares`, too, the commands of preparations';

create or replace function coco.forget_imports(
    keep interval default '30 days', keep_rows bigint default 100000)
returns bigint
language sql volatile set search_path = pg_catalog, pg_temp as $$
    with excess as (
        select finished_at
        from coco.imports
        where finished_at is not null
        order by finished_at desc offset keep_rows limit 1
    ), forgotten as (
        delete from coco.imports i
        where i.finished_at <= greatest(clock_timestamp() - keep, (select finished_at from excess))
          and not exists (select from coco.sources s where s.import_id = i.import_id)
          -- The collection still needs the row of a leaf: it tells when the leaf was retired.
          and to_regclass(format('coco_parts.%I', 'a_' || i.import_id)) is null
        returning 1
    ), forgotten_matches as (
        delete from coco.match_sets m
        where m.finished_at is not null
          and to_regclass(format('coco_parts.%I', 'm_' || m.matches_id)) is null
    )
    select count(*) from forgotten
$$;
comment on function coco.forget_imports is
    'Removes ended imports from the history: those that ended more than `keep` ago, and all but '
    'the newest `keep_rows`. Keeps imports that are published or still have a leaf. Returns how '
    'many it removed. Also removes sets of matches that have no leaf any more';
