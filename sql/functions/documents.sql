-- Documents: the JSON that GET requests answer. A worker passes it on unchanged, so SQL clients get
-- the same answers. Those that read tables pin plan_cache_mode for databases that lack the setting.

create or replace function coco.joined(a json, b json) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select (left(a::text, -1) || ', ' || substr(b::text, 2))::json
$$;
comment on function coco.joined is
    'Joins the members of two objects that json_build_object made. Not jsonb: jsonb refuses '
    '\u0000, which kept members of a file may contain';

create or replace function coco.dataset_summary(dataset_id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select json_build_object(
            'id', d.id, 'name', d.name, 'created_at', d.created_at,
            'image_count', d.image_count, 'annotation_count', d.annotation_count,
            'category_count', d.category_count,
            'run_count', (select count(*) from coco.sources r
                          where r.dataset_id = d.id and r.source <> 'ground_truth'),
            'prediction_count', d.prediction_count,
            'splits', (select coalesce(json_agg(split order by split), '[]')
                       from (select p.split from coco.splits p
                             where p.dataset_id = d.id order by p.split limit 16) p),
            'imported_at', s.imported_at, 'skipped_count', s.skipped_count,
            'bytes', s.bytes, 'duration_ms', s.duration_ms)
        from coco.datasets d
        left join coco.sources s on s.dataset_id = d.id and s.source = 'ground_truth'
        where d.id = dataset_summary.dataset_id);
end
$$;
comment on function coco.dataset_summary is
    'A dataset as the list of all datasets shows it: without members of unbounded length';

create or replace function coco.dataset_outcome(dataset_id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return coco.joined(coco.dataset_summary(dataset_id), json_build_object(
        'skipped', (select s.skipped
                    from coco.sources s
                    where s.dataset_id = dataset_outcome.dataset_id
                      and s.source = 'ground_truth')));
end
$$;
comment on function coco.dataset_outcome is
    'A dataset as its import answers with it: the summary, and the skipped rows';

create or replace function coco.small_facts(dataset_id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    is_small boolean;
begin
    -- Two queries, so that members that are not shown are not read.
    select coalesce(d.info_bytes, 0) + coalesce(d.licenses_bytes, 0) <= 65536 into is_small
        from coco.datasets d
        where d.id = dataset_id;
    return (
        select json_build_object(
            'info', case when is_small then d.info end,
            'licenses', case when is_small then d.licenses end,
            'info_bytes', d.info_bytes, 'licenses_bytes', d.licenses_bytes)
        from coco.datasets d
        where d.id = dataset_id);
end
$$;
comment on function coco.small_facts is
    'info and licenses of a dataset if they have at most 64 KiB together, else null; and how many '
    'bytes each has, null if there is none. An export has them in any case';

create or replace function coco.dataset_document(d text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id bigint := (coco.dataset_find(d)).id;
begin
    return coco.joined(coco.dataset_outcome(id),
                       coco.joined(json_build_object('pictures', coco.pictures_object(id)),
                                   coco.small_facts(id)));
end
$$;
comment on function coco.dataset_document is 'GET /datasets/{d}. Raises CO401';

create or replace function coco.with_next(document json, path text, after text) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when after is null then document
                else coco.joined(document, json_build_object('next', path || '?after=' || after))
           end
$$;
comment on function coco.with_next is
    'Adds to a page of a list the address of the next one, which begins after the name `after`; '
    'null if this is the last';

create or replace function coco.datasets_document(after text default null) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    page constant integer := 500;
    last text := (
        select d.name from coco.datasets d
        where after is null or d.name > after collate "C"
        order by d.name offset page - 1 limit 1);
begin
    return coco.with_next(
        json_build_object(
            'datasets', (select coalesce(json_agg(coco.dataset_summary(d.id) order by d.name), '[]')
                         from coco.datasets d
                         where (after is null or d.name > after collate "C")
                           and (last is null or d.name <= last collate "C"))),
        '/datasets',
        case when exists (select from coco.datasets d where d.name > last collate "C")
             then last end);
end
$$;
comment on function coco.datasets_document is
    'GET /datasets: the first 500 datasets after the name `after`; null begins';

create or replace function coco.summary_document() returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
                   'dataset', d.name, 'images', d.image_count, 'annotations', d.annotation_count,
                   'categories', d.category_count, 'predictions', d.prediction_count,
                   'runs', coco.first_runs(d.id, 20))
                   order by d.name), '[]')
        from (select * from coco.datasets order by name limit 100) d);
end
$$;
comment on function coco.summary_document is
    'GET /: for each of the first 100 datasets its counts and the names of its first 20 runs';

create or replace function coco.without_examples(skipped json) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(json_build_object('reason', s -> 'reason', 'count', s -> 'count')),
                    '[]')
    from json_array_elements(skipped) s
$$;
comment on function coco.without_examples is
    'Skipped rows by reason, without their examples';

create or replace function coco.run_words(dataset_id bigint, run text, in_full boolean)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    shown_metadata constant bigint := 2048;
    shown_notes constant integer := 1000;
    bytes bigint;
begin
    -- Two queries, so that metadata that is not shown is not read.
    select r.metadata_bytes into bytes
        from coco.run_notes r
        where r.dataset_id = run_words.dataset_id and r.source = run;
    if not found then
        return json_build_object('notes', null, 'tags', '[]'::json, 'metadata', null,
                                 'metadata_bytes', null);
    end if;
    return (
        select json_build_object(
            'notes', case when in_full then r.notes else left(r.notes, shown_notes) end,
            'tags', to_json(r.tags),
            'metadata', case when in_full or bytes <= shown_metadata then r.metadata end,
            'metadata_bytes', bytes)
        from coco.run_notes r
        where r.dataset_id = run_words.dataset_id and r.source = run);
end
$$;
comment on function coco.run_words is
    'Notes, tags and metadata of a run. Not in_full, as in lists: the first 1,000 characters of '
    'the notes, and metadata of at most 2 KiB';

create or replace function coco.run_summary(dataset_id bigint, run text, in_full boolean)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coco.joined(
            json_build_object(
                'dataset_id', r.dataset_id, 'dataset', r.dataset, 'run_name', r.run_name,
                'prediction_count', r.prediction_count, 'skipped_count', r.skipped_count,
                'replaced_count', r.replaced_count,
                'skipped', case when in_full then r.skipped
                                else coco.without_examples(r.skipped) end,
                'imported_at', r.imported_at, 'bytes', r.bytes, 'duration_ms', r.duration_ms),
            coco.run_words(r.dataset_id, r.run_name, in_full))
        from coco.runs r
        where r.dataset_id = run_summary.dataset_id and r.run_name = run);
end
$$;
comment on function coco.run_summary is
    'A run; in_full with the examples of skipped rows, and all that is said about it. Null if '
    'there is none of this name';

create or replace function coco.run_document(d text, run text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    document json := coco.run_summary(ds.id, run, true);
begin
    if document is null then
        perform coco.raise_unknown_run(ds, run);
    end if;
    return document;
end
$$;
comment on function coco.run_document is 'GET /datasets/{d}/runs/{run}. Raises CO401 or CO402';

create or replace function coco.runs_document(d text, after text default null) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    page constant integer := 500;
    ds coco.datasets := coco.dataset_find(d);
    last text := (
        select r.run_name from coco.runs r
        where r.dataset_id = ds.id and (after is null or r.run_name > after collate "C")
        order by r.run_name offset page - 1 limit 1);
begin
    return coco.with_next(
        json_build_object(
            'runs', (select coalesce(json_agg(coco.run_summary(ds.id, r.run_name, false)
                                              order by r.run_name), '[]')
                     from coco.runs r
                     where r.dataset_id = ds.id
                       and (after is null or r.run_name > after collate "C")
                       and (last is null or r.run_name <= last collate "C"))),
        format('/datasets/%s/runs', ds.name),
        case when exists (select from coco.runs r
                          where r.dataset_id = ds.id and r.run_name > last collate "C")
             then last end);
end
$$;
comment on function coco.runs_document is
    'GET /datasets/{d}/runs: the first 500 runs after the name `after`, not in_full; null begins. '
    'Raises CO401';
