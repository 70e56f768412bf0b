-- Exports as JSON: COCO files, which are a results file or a ground truth, and JSON Lines, which
-- are the rows of these.

create or replace function coco.member(name text, value json) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when value is not null then concat(to_json(name), ': ', value, ', ') else '' end
$$;
comment on function coco.member is
    'A member of an object, with a comma after it. The empty string if the value is null';

create or replace function coco.on_one_line(expression text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    -- A line break in JSON is white space between values: in a text it would be an error.
    select format('translate(%s::text, chr(10) || chr(13), %L)', expression, '')
$$;
comment on function coco.on_one_line is 'An expression for JSON without its line breaks';

create or replace function coco.exported_row(
    ds coco.datasets, source text, on_one_line boolean default false)
returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    -- A derived box is left out: with a box, pycocotools' loadRes ignores the mask.
    select format($sql$
                  '{', %s '"image_id": ', %s,
                  ', "category_id": ', a.category_id,
                  case when not a.bbox_derived
                       then concat(', "bbox": [', a.bbox_x, ', ', a.bbox_y, ', ', a.bbox_w, ', ',
                                   a.bbox_h, ']')
                  end,
                  %s
                  ', "segmentation": ' || %s,
                  ', "keypoints": ' || %s,
                  coalesce(', ' || substr(%s, 2), '}')$sql$,
        case when source = 'ground_truth' then $sql$'"id": ', a.annotation_id, ', ',$sql$ end,
        coco.exported_image_id(ds),
        case when source = 'ground_truth'
             then $sql$case when not a.area_derived then ', "area": ' || a.area end,
                  ', "iscrowd": ', a.is_crowd::int,$sql$
             else $sql$', "score": ', a.confidence,$sql$ end,
        case when on_one_line then coco.on_one_line('a.segmentation') else 'a.segmentation' end,
        case when on_one_line then coco.on_one_line('a.keypoints') else 'a.keypoints' end,
        case when on_one_line then coco.on_one_line('a.extra') else 'a.extra::text' end)
$$;
comment on function coco.exported_row is
    'Expressions that together are an annotation `a` as a JSON object, as its file had it; what is '
    'JSON there keeps its white space, except for line breaks if on_one_line';

create or replace function coco.export_coco_run(
    ds coco.datasets, source text, import_id bigint, choice coco.image_choice)
returns table (head text, command text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    head := '[';
    command := format('copy (select concat(%s) from %s) to stdout (format binary)',
                      coco.exported_row(ds, source), coco.exported_rows(import_id, choice));
    return next;
    head := ']';
    command := null;
    return next;
end
$$;
comment on function coco.export_coco_run is 'The parts of a results file';

create or replace function coco.export_jsonl(
    ds coco.datasets, source text, import_id bigint, choice coco.image_choice)
returns table (head text, command text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    head := '';
    command := format('copy (select concat(%s, chr(10)) from %s) to stdout (format binary)',
                      coco.exported_row(ds, source, true), coco.exported_rows(import_id, choice));
    return next;
end
$$;
comment on function coco.export_jsonl is
    'The parts of a JSON Lines file: a row of a COCO file on each line';

create or replace function coco.export_coco_ground_truth(
    ds coco.datasets, import_id bigint, choice coco.image_choice)
returns table (head text, command text)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    select s.info, s.licenses, s.extra into ds.info, ds.licenses, ds.extra
        from coco.datasets s
        where s.id = ds.id;
    head := concat('{', coco.member('info', ds.info), coco.member('licenses', ds.licenses),
                   '"images": [');
    command := format($sql$
        copy (select concat(
                  '{"id": ', coalesce(to_json(i.text_id)::text, i.image_id::text),
                  ', "width": ' || i.width,
                  ', "height": ' || i.height,
                  ', "file_name": ' || to_json(i.file_name),
                  coalesce(', ' || substr(i.extra::text, 2), '}'))
              from %s%s) to stdout (format binary)$sql$,
        coco.exported_pictures(choice),
        case when choice is null then ' order by i.image_id' else '' end);
    return next;
    head := '], "annotations": [';
    command := format('copy (select concat(%s) from %s) to stdout (format binary)',
                      coco.exported_row(ds, 'ground_truth'),
                      coco.exported_rows(import_id, choice));
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
comment on function coco.export_coco_ground_truth is
    'The parts of a ground-truth file: the chosen images, their annotations, all categories';
