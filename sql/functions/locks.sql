create or replace function coco.lock_key(kind text, name text) returns bigint
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select hashtextextended('pgcoco ' || kind || ' ' || name, 0)
$$;
comment on function coco.lock_key is 'The advisory lock of a dataset (by name), a run (dataset/run), an import (its id) or the collection';

create or replace function coco.raise_running(what text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using errcode = 'CO903', message = format('an import of %s is running; try again when it has ended', what);
end
$$;
comment on function coco.raise_running is 'CO903: somebody else holds the lock';

create or replace function coco.refuse_beside_import(dataset text, run text default null)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    busy text;
begin
    select i.source into busy from coco.imports i
        where i.finished_at is null and not i.collected and i.dataset = refuse_beside_import.dataset
          and (run is null or i.source in (run, 'ground_truth'))
          and i.phase_at > clock_timestamp() - interval '10 seconds'
        limit 1;
    if busy = 'ground_truth' then
        perform coco.raise_running(format('dataset %s', dataset));
    elsif busy is not null then
        perform coco.raise_running(format('run %s', busy));
    end if;
end
$$;
comment on function coco.refuse_beside_import is
    'CO903 while an import of this run, or of the ground truth, or with null any of the dataset, is loaded and not yet published: between its transactions it holds no lock';

create or replace function coco.lock_dataset(dataset text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- Before, so that the lock is not even for a moment in the way of that import; and again
    -- under the lock, for an import that has just given it back.
    perform coco.refuse_beside_import(dataset);
    if not pg_try_advisory_xact_lock(coco.lock_key('dataset', dataset)) then
        perform coco.raise_running(format('dataset %s', dataset));
    end if;
    perform coco.refuse_beside_import(dataset);
end
$$;
comment on function coco.lock_dataset is
    'Keeps others from importing into this dataset, and from deleting it, until the end of the transaction. Does not wait: CO903';

create or replace function coco.lock_run(dataset text, run text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.refuse_beside_import(dataset, run);
    if not pg_try_advisory_xact_lock_shared(coco.lock_key('dataset', dataset)) then
        perform coco.raise_running(format('dataset %s', dataset));
    end if;
    if not pg_try_advisory_xact_lock(coco.lock_key('run', dataset || '/' || run)) then
        perform coco.raise_running(format('run %s', run));
    end if;
    perform coco.refuse_beside_import(dataset, run);
end
$$;
comment on function coco.lock_run is
    'Keeps others from importing or deleting this run until the end of the transaction; other runs of the dataset go on. Does not wait: CO903';

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
    'The locks of an import in its transactions 2 to 4. Waits ten seconds: whoever tries to begin another import holds them for a moment, to be refused';
