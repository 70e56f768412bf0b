-- Deletes: take a run or a whole dataset out of what readers see, for DELETE requests. The
-- collection drops the leaves later.

create or replace function coco.run_delete(d text, run text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    gone coco.sources;
begin
    perform coco.lock_run(ds.name, run);
    select * into gone
        from coco.sources s
        where s.dataset_id = ds.id and s.source = run and s.source <> 'ground_truth'
        for update;
    if not found then
        perform coco.raise_unknown_run(ds, run);
    end if;
    perform coco.retire(gone.import_id);
    delete from coco.sources s where s.import_id = gone.import_id;
    update coco.datasets set prediction_count = prediction_count - gone.row_count where id = ds.id;
end
$$;
comment on function coco.run_delete is
    'Removes a run; readers miss its rows from this commit on. The collection drops its leaf. Its '
    'evaluations stay as history. '
    'Raises CO401, CO402, or CO903 while it is imported';

create or replace function coco.dataset_delete(d text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    perform coco.lock_dataset(ds.name);
    perform from coco.sources s where s.dataset_id = ds.id order by s.source for update;
    perform coco.retire(s.import_id) from coco.sources s where s.dataset_id = ds.id;
    delete from coco.sources where dataset_id = ds.id;
    delete from coco.splits where dataset_id = ds.id;
    delete from coco.images where dataset_id = ds.id;
    delete from coco.categories where dataset_id = ds.id;
    delete from coco.datasets where id = ds.id;
    if not found then
        raise exception using
            errcode = 'CO401',
            message = format('there is no dataset %s', ds.name);
    end if;
end
$$;
comment on function coco.dataset_delete is
    'Removes a dataset with its runs, slices and evaluations; readers miss them from this commit '
    'on. The collection drops the leaves. Raises CO401, or CO903 while something is imported '
    'into it';
