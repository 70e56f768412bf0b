-- Documents: the JSON that GET requests answer. A worker passes it on unchanged, so SQL clients get
-- the same answers. Those that read tables pin plan_cache_mode for databases that lack the setting.

create or replace function coco.joined(a json, b json) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select (left(a::text, -1) || ', ' || substr(b::text, 2))::json
$$;
comment on function coco.joined is
    'Joins the members of two objects that json_build_object made. Not jsonb: jsonb refuses '
    '\u0000, which kept members of a file may contain';

create or replace function coco.dataset_summary(ds coco.datasets) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    s coco.sources;
begin
    select * into s from coco.sources where dataset_id = ds.id and source = 'ground_truth';
    return json_build_object(
        'id', ds.id, 'name', ds.name, 'created_at', ds.created_at,
        'image_count', ds.image_count, 'annotation_count', ds.annotation_count,
        'category_count', ds.category_count, 'prediction_count', ds.prediction_count,
        'splits', (select coalesce(json_agg(split order by split), '[]')
                   from coco.splits
                   where dataset_id = ds.id),
        'imported_at', s.imported_at, 'skipped_count', s.skipped_count,
        'bytes', s.bytes, 'duration_ms', s.duration_ms);
end
$$;
comment on function coco.dataset_summary is
    'A dataset as the list of all datasets shows it: without members of unbounded length';

create or replace function coco.dataset_document(d text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    return coco.joined(coco.dataset_summary(ds), json_build_object(
        'info', ds.info, 'licenses', ds.licenses,
        'skipped', (select s.skipped
                    from coco.sources s
                    where s.dataset_id = ds.id and s.source = 'ground_truth')));
end
$$;
comment on function coco.dataset_document is 'GET /datasets/{d}. Raises CO401';

create or replace function coco.datasets_document() returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return json_build_object(
        'datasets', (select coalesce(json_agg(coco.dataset_summary(d) order by d.name), '[]')
                     from coco.datasets d));
end
$$;
comment on function coco.datasets_document is 'GET /datasets';

create or replace function coco.summary_document() returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
                   'dataset', d.name, 'images', d.image_count, 'annotations', d.annotation_count,
                   'categories', d.category_count, 'predictions', d.prediction_count,
                   'runs', (select coalesce(json_agg(r.run_name order by r.run_name), '[]')
                            from coco.runs r
                            where r.dataset_id = d.id))
                   order by d.name), '[]')
        from coco.datasets d);
end
$$;
comment on function coco.summary_document is
    'GET /: for each dataset its counts and the names of its runs';

create or replace function coco.run_document(d text, run text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    document json;
begin
    select json_build_object(
            'dataset_id', r.dataset_id, 'dataset', r.dataset, 'run_name', r.run_name,
            'prediction_count', r.prediction_count, 'skipped_count', r.skipped_count,
            'replaced_count', r.replaced_count, 'skipped', r.skipped,
            'imported_at', r.imported_at, 'bytes', r.bytes, 'duration_ms', r.duration_ms)
        into document
        from coco.runs r
        where r.dataset_id = ds.id and r.run_name = run;
    if document is null then
        perform coco.raise_unknown_run(ds, run);
    end if;
    return document;
end
$$;
comment on function coco.run_document is 'GET /datasets/{d}/runs/{run}. Raises CO401 or CO402';

create or replace function coco.runs_document(d text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    return json_build_object(
        'runs', (select coalesce(json_agg(coco.run_document(d, r.run_name) order by r.run_name),
                                 '[]')
                 from coco.runs r
                 where r.dataset_id = ds.id));
end
$$;
comment on function coco.runs_document is 'GET /datasets/{d}/runs. Raises CO401';
