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
comment on function coco.snapshots_are_newer is 'Whether every snapshot in use was taken after this transaction had ended';

create or replace function coco.garbage(grace interval default '10 seconds')
returns table (relation oid, name text, import_id bigint) language sql volatile set search_path = pg_catalog, pg_temp as $$
    select l.oid, l.name, l.id
    from (select c.oid, format('coco_parts.%I', c.relname) as name, substring(c.relname from '_([0-9]+)$')::bigint as id
          from pg_class c
          where c.relnamespace = 'coco_parts'::regnamespace and c.relkind = 'r'
            and c.relname ~ '^(a|images|categories)_[0-9]+$') l
    left join coco.imports i on i.import_id = l.id
    where not exists (select from coco.sources s where s.import_id = l.id)
      -- Between two transactions of an import no lock is held.
      and (i.finished_at is not null or coalesce(i.phase_at, '-infinity') + grace < clock_timestamp())
      and (i.retired_xid is null or coco.snapshots_are_newer(i.retired_xid))
$$;
comment on function coco.garbage is 'Leaves and stages that no pointer names and no snapshot can still need; of those that a running import may still publish, claim_garbage has the last word';

create or replace function coco.claim_garbage(id bigint) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- An import holds this lock in each of its transactions until its commit can be seen. So what the
    -- next statement sees is what will be, and import_resume refuses an import that is claimed.
    if not pg_try_advisory_xact_lock(coco.lock_key('import', id::text)) then
        return false;
    end if;
    -- It may have been published since, and replaced again.
    perform pg_stat_clear_snapshot();
    if exists (select from coco.sources s where s.import_id = id)
       or exists (select from coco.imports i where i.import_id = id and i.retired_xid is not null
                  and not coco.snapshots_are_newer(i.retired_xid)) then
        return false;
    end if;
    update coco.imports set collected = true where import_id = id and not collected;
    return true;
end
$$;
comment on function coco.claim_garbage is 'Whether the leaf of this import may be dropped; if so, it can never be published any more';

create or replace function coco.lock_collection() returns boolean
language sql volatile set search_path = pg_catalog, pg_temp as $$
    select pg_try_advisory_lock(coco.lock_key('collection', ''))
$$;
comment on function coco.lock_collection is 'Whether this connection is the one that collects, until it ends. To another one, a detach that is waiting for its readers would look like one that was cut off: it would finalize it, and that can deadlock with readers and imports';

create or replace function coco.maintenance(
    grace interval default '10 seconds', collects boolean default coco.lock_collection())
returns table (leaf text, command text, bucket text) language plpgsql set search_path = pg_catalog, pg_temp as $$
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
        select format('coco_parts.%I', 'a_' || f.import_id),
               format('analyze coco_parts.%I', 'a_' || f.import_id), '' from fresh f;
    if not collects then
        return;
    end if;
    -- While a detach is pending in a bucket no other can begin there: what is behind it must not hold up other buckets.
    for g in select l.name, l.import_id, i.inhparent::regclass as parent, i.inhdetachpending as pending
             from coco.garbage(grace) l
             left join pg_inherits i on i.inhrelid = l.relation
             where i.inhdetachpending
                or not exists (select from pg_inherits p where p.inhparent = i.inhparent and p.inhdetachpending)
             order by parent, import_id limit 100 loop
        continue when not coco.claim_garbage(g.import_id);
        leaf := g.name;
        bucket := coalesce(g.parent::text, '');
        if g.parent is not null then
            command := format('alter table %s detach partition %s %s', g.parent, g.name,
                              case when g.pending then 'finalize' else 'concurrently' end);
            return next;
        end if;
        command := format('drop table %s', g.name);
        return next;
    end loop;
end
$$;
comment on function coco.maintenance is 'The statements to run now, one by one and outside a transaction: analyze what is fresh, drop what is garbage; when one fails, the rest of its leaf, and of its bucket if there is one, waits for the next time. Drops nothing unless this connection collects';

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
