create or replace function coco.run_delete(d text, run text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    gone coco.sources;
begin
    perform coco.lock_run(ds.name, run);
    select * into gone from coco.sources s
        where s.dataset_id = ds.id and s.source = run and s.source <> 'ground_truth' for update;
    if not found then
        raise exception using errcode = 'CO402', message = format('dataset %s has no run %s', ds.name, run);
    end if;
    perform coco.retire(gone.import_id);
    delete from coco.sources s where s.import_id = gone.import_id;
    update coco.datasets set prediction_count = prediction_count - gone.row_count where id = ds.id;
end
$$;
comment on function coco.run_delete is 'Takes a run off at once; its rows go with the next collection';

create or replace function coco.dataset_delete(d text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    perform coco.lock_dataset(ds.name);
    perform coco.retire(s.import_id) from coco.sources s where s.dataset_id = ds.id;
    delete from coco.sources where dataset_id = ds.id;
    delete from coco.splits where dataset_id = ds.id;
    delete from coco.images where dataset_id = ds.id;
    delete from coco.categories where dataset_id = ds.id;
    delete from coco.datasets where id = ds.id;
    if not found then
        raise exception using errcode = 'CO401', message = format('there is no dataset %s', ds.name);
    end if;
end
$$;
comment on function coco.dataset_delete is 'Takes a dataset and its runs off at once; their rows go with the next collection';
