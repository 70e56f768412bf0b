-- Exports: the files that GET requests return. Each export is a list of parts: a text, and a COPY
-- whose rows are JSON objects that follow the text. A worker sends them in one REPEATABLE READ
-- transaction. The COPY names the leaf, so its rows come in the order of the file.

create or replace function coco.begin_export(dataset_id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('pgcoco.exported_dataset', dataset_id::text, true);
    perform set_config('synchronize_seqscans', 'off', true);
    perform set_config('max_parallel_workers_per_gather', '0', true);
    perform set_config('extra_float_digits', '1', true);
    perform coco.apply_settings();
end
$$;
comment on function coco.begin_export is
    'Sets for this transaction what an export needs: scans in the order of the file, numbers in '
    'full, no time-outs, and the dataset for exported_dataset';

create or replace function coco.exported_dataset() returns bigint
language sql stable set search_path = pg_catalog, pg_temp as $$
    select current_setting('pgcoco.exported_dataset')::bigint
$$;
comment on function coco.exported_dataset is
    'The dataset that this transaction exports, set by begin_export. COPY takes no parameters';

create or replace function coco.member(name text, value json) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when value is not null then concat(to_json(name), ': ', value, ', ') else '' end
$$;
comment on function coco.member is
    'A member of an object, with a comma after it. The empty string if the value is null';

create or replace function coco.has_text_ids(dataset_id bigint) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
begin
    -- The first in the order of images_text_id, which is looked up there. An `exists` may scan the
    -- images of all datasets.
    return (select i.text_id
            from coco.images i
            where i.dataset_id = has_text_ids.dataset_id and i.text_id is not null
            order by i.text_id limit 1) is not null;
end
$$;
comment on function coco.has_text_ids is
    'Whether the id of an image of this dataset is a text in its file. Reads one image at most';

create or replace function coco.exported_image_id(ds coco.datasets) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    -- A subquery, because a join might change the order of the rows.
    select case when not coco.has_text_ids(ds.id)
                then 'a.image_id::text'
                else '(select coalesce(to_json(i.text_id)::text, i.image_id::text) '
                     'from coco.images i '
                     'where i.dataset_id = coco.exported_dataset() and i.image_id = a.image_id)'
           end
$$;
comment on function coco.exported_image_id is
    'An expression for the image of an annotation `a` as its file names it';

create or replace function coco.export_run(d text, run text)
returns table (head text, command text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    id bigint := (
        select r.import_id from coco.runs r where r.dataset_id = ds.id and r.run_name = run);
begin
    if id is null then
        perform coco.raise_unknown_run(ds, run);
    end if;
    perform coco.begin_export(ds.id);
    head := '[';
    -- A derived box is left out: with a box, pycocotools' loadRes ignores the mask.
    command := format($sql$
        copy (select concat(
                  '{"image_id": ', %2$s,
                  ', "category_id": ', category_id,
                  case when not bbox_derived
                       then concat(', "bbox": [', bbox_x, ', ', bbox_y, ', ', bbox_w, ', ', bbox_h,
                                   ']')
                  end,
                  ', "score": ', confidence,
                  ', "segmentation": ' || segmentation,
                  ', "keypoints": ' || keypoints,
                  coalesce(', ' || substr(extra::text, 2), '}'))
              from coco_parts.%1$I a) to stdout (format binary)$sql$,
        'a_' || id, coco.exported_image_id(ds));
    return next;
    head := ']';
    command := null;
    return next;
end
$$;
comment on function coco.export_run is
    'GET /datasets/{d}/runs/{run}/predictions: the parts of a results file. Raises CO401 or CO402';

create or replace function coco.export_ground_truth(d text)
returns table (head text, command text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    select s.info, s.licenses, s.extra into ds.info, ds.licenses, ds.extra
        from coco.datasets s
        where s.id = ds.id;
    perform coco.begin_export(ds.id);
    head := concat('{', coco.member('info', ds.info), coco.member('licenses', ds.licenses),
                   '"images": [');
    command := $sql$
        copy (select concat(
                  '{"id": ', coalesce(to_json(text_id)::text, image_id::text),
                  ', "width": ' || width,
                  ', "height": ' || height,
                  ', "file_name": ' || to_json(file_name),
                  coalesce(', ' || substr(extra::text, 2), '}'))
              from coco.images
              where dataset_id = coco.exported_dataset()
              order by image_id) to stdout (format binary)$sql$;
    return next;
    head := '], "annotations": [';
    command := format($sql$
        copy (select concat(
                  '{"id": ', annotation_id,
                  ', "image_id": ', %2$s,
                  ', "category_id": ', category_id,
                  case when not bbox_derived
                       then concat(', "bbox": [', bbox_x, ', ', bbox_y, ', ', bbox_w, ', ', bbox_h,
                                   ']')
                  end,
                  case when not area_derived then ', "area": ' || area end,
                  ', "iscrowd": ', is_crowd::int,
                  ', "segmentation": ' || segmentation,
                  ', "keypoints": ' || keypoints,
                  coalesce(', ' || substr(extra::text, 2), '}'))
              from coco_parts.%1$I a) to stdout (format binary)$sql$,
        'a_' || coco.ground_truth_of(ds.id), coco.exported_image_id(ds));
    return next;
    head := '], "categories": [';
    command := $sql$
        copy (select concat(
                  '{"id": ', category_id,
                  ', "name": ', to_json(name),
                  ', "supercategory": ' || to_json(supercategory),
                  coalesce(', ' || substr(extra::text, 2), '}'))
              from coco.categories
              where dataset_id = coco.exported_dataset()
              order by category_id) to stdout (format binary)$sql$;
    return next;
    head := concat(']', coalesce(', ' || substr(ds.extra::text, 2), '}'));
    command := null;
    return next;
end
$$;
comment on function coco.export_ground_truth is
    'GET /datasets/{d}/annotations: the parts of a ground-truth file. Raises CO401';
