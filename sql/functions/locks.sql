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

create or replace function coco.lock_dataset(dataset text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if not pg_try_advisory_xact_lock(coco.lock_key('dataset', dataset)) then
        perform coco.raise_running(format('dataset %s', dataset));
    end if;
end
$$;
comment on function coco.lock_dataset is 'For this transaction nobody else imports into this dataset or deletes it; CO903 without waiting';

create or replace function coco.lock_run(dataset text, run text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if not pg_try_advisory_xact_lock_shared(coco.lock_key('dataset', dataset)) then
        perform coco.raise_running(format('dataset %s', dataset));
    end if;
    if not pg_try_advisory_xact_lock(coco.lock_key('run', dataset || '/' || run)) then
        perform coco.raise_running(format('run %s', run));
    end if;
end
$$;
comment on function coco.lock_run is 'For this transaction nobody else imports or deletes this run; other runs of the dataset go on; CO903 without waiting';

create or replace function coco.lock_source(dataset text, source text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if source = 'ground_truth' then
        perform coco.lock_dataset(dataset);
    else
        perform coco.lock_run(dataset, source);
    end if;
end
$$;
comment on function coco.lock_source is 'lock_dataset for ground truth, lock_run for a run';
