-- Locks: keep two imports or deletes of one source apart. All are advisory and last for the
-- transaction, so they work through pgbouncer. Imports and deletes take them before other locks.

create or replace function coco.lock_key(kind text, name text) returns bigint
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select hashtextextended('pgcoco ' || kind || ' ' || name, 0)
$$;
comment on function coco.lock_key is
    'The key of an advisory lock. Kinds and names: dataset (its name), run (dataset/run), import '
    '(its id, or that of a set of matches), token (the token), matches (dataset_id/run/iou_type), '
    'collection (empty)';

create or replace function coco.raise_running(what text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using
        errcode = 'CO903',
        message = format('an import of %s is running; try again when it has ended', what);
end
$$;
comment on function coco.raise_running is 'Raises CO903: another import is running';

create or replace function coco.refuse_beside_import(dataset text, run text default null)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    busy text;
begin
    select i.source into busy
        from coco.imports i
        where i.finished_at is null and not i.collected and i.dataset = refuse_beside_import.dataset
          and i.made_for is null
          and (run is null or i.source in (run, 'ground_truth'))
          and i.phase_at > clock_timestamp() - interval '10 seconds'
        limit 1;
    if busy = 'ground_truth' then
        perform coco.raise_running(format('dataset %s', dataset));
    elsif busy is not null then
        perform coco.raise_running(format('run %s of dataset %s', busy, dataset));
    end if;
end
$$;
comment on function coco.refuse_beside_import is
    'Raises CO903 if an import of this run or of the dataset''s ground truth (null: or of any run) '
    'is loaded and not yet published. Such an import holds no lock between its transactions; this '
    'keeps its place for ten seconds after its last commit';

create or replace function coco.lock_dataset(dataset text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- The first call refuses without taking the lock, which that import needs again. The second one
    -- sees an import that released the lock just before this transaction took it.
    perform coco.refuse_beside_import(dataset);
    if not pg_try_advisory_xact_lock(coco.lock_key('dataset', dataset)) then
        perform coco.raise_running(format('dataset %s', dataset));
    end if;
    perform coco.refuse_beside_import(dataset);
end
$$;
comment on function coco.lock_dataset is
    'Keeps all others from importing into this dataset and from deleting it, until the end of the '
    'transaction. Does not wait: raises CO903';

create or replace function coco.lock_run(dataset text, run text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.refuse_beside_import(dataset, run);
    if not pg_try_advisory_xact_lock_shared(coco.lock_key('dataset', dataset)) then
        perform coco.raise_running(format('dataset %s', dataset));
    end if;
    if not pg_try_advisory_xact_lock(coco.lock_key('run', dataset || '/' || run)) then
        perform coco.raise_running(format('run %s of dataset %s', run, dataset));
    end if;
    perform coco.refuse_beside_import(dataset, run);
end
$$;
comment on function coco.lock_run is
    'Keeps all others from importing and from deleting this run, until the end of the transaction. '
    'Other runs of the dataset are not affected. Does not wait: raises CO903';

create or replace function coco.lock_source_again(dataset text, source text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    before text := current_setting('lock_timeout');
begin
    perform set_config('lock_timeout', '10s', true);
    begin
        if source = 'ground_truth' then
            perform pg_advisory_xact_lock(coco.lock_key('dataset', dataset));
        else
            perform pg_advisory_xact_lock_shared(coco.lock_key('dataset', dataset));
            perform pg_advisory_xact_lock(coco.lock_key('run', dataset || '/' || source));
        end if;
    exception when lock_not_available then
        perform coco.raise_running(format('%s of dataset %s', source, dataset));
    end;
    perform set_config('lock_timeout', before, true);
end
$$;
comment on function coco.lock_source_again is
    'Takes the locks of an import again in its transactions 2 to 4. Waits up to ten seconds, then '
    'raises CO903: other imports hold these locks for a moment before they are refused';
