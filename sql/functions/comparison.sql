-- Two runs side by side. A worker computes the numbers; the names are added here.

create or replace function coco.with_file_names(dataset_id bigint, images json) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coalesce(json_agg(coco.joined(e.image, json_build_object('file_name', i.file_name))
                                 order by e.nth), '[]')
        from json_array_elements(images) with ordinality e (image, nth)
        left join coco.images i on i.dataset_id = with_file_names.dataset_id
                               and i.image_id = (e.image ->> 'image_id')::bigint);
end
$$;
comment on function coco.with_file_names is
    'A list of objects that have an `image_id`, each with the `file_name`: null if the dataset has '
    'no such image any more';

create or replace function coco.flips_document(dataset_id bigint, flips json) returns json
language sql stable set search_path = pg_catalog, pg_temp as $$
    select json_build_object(
        'iou', flips -> 'iou', 'confidence', flips -> 'confidence', 'images', flips -> 'images',
        'both', flips -> 'both', 'neither', flips -> 'neither',
        'better', json_build_object(
            'count', flips -> 'better' -> 'count',
            'images', coco.with_file_names(dataset_id, flips -> 'better' -> 'images')),
        'worse', json_build_object(
            'count', flips -> 'worse' -> 'count',
            'images', coco.with_file_names(dataset_id, flips -> 'worse' -> 'images')))
$$;
comment on function coco.flips_document is
    'The images that one of two runs gets right and the other does not, with their file names';

create or replace function coco.comparison_document(
    dataset_id bigint, ground_truth bigint, run_a text, import_a bigint, run_b text,
    import_b bigint, params json, numbers json)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(dataset_id::text);
begin
    return json_build_object(
        'dataset', json_build_object('id', ds.id, 'name', ds.name),
        'ground_truth_import', ground_truth,
        'a', json_build_object('run', run_a, 'import', import_a),
        'b', json_build_object('run', run_b, 'import', import_b),
        'params', params, 'metrics', numbers -> 'metrics',
        'operating_point', numbers -> 'operating_point', 'errors', numbers -> 'errors',
        'bootstrap', numbers -> 'bootstrap',
        'better', numbers -> 'better', 'worse', numbers -> 'worse', 'equal', numbers -> 'equal',
        'flips', coco.flips_document(ds.id, numbers -> 'flips'),
        'per_class', numbers -> 'per_class');
end
$$;
comment on function coco.comparison_document is
    'GET /datasets/{d}/comparison: what a worker has computed for two runs (a and b) and their '
    'imports, with the names that it lacks. Raises CO401';
