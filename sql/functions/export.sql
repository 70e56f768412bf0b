-- Exports: the files that GET requests return. Each export is a list of parts: a text, and a COPY
-- whose rows follow the text. A worker sends them in one REPEATABLE READ transaction. The formats
-- are in files of their own: export_coco (and JSON Lines), export_csv, export_yolo.
--
-- All of a source is read from its leaf by name, in the order of the file. Chosen images are listed
-- first, and their rows then read along the leaf's index of images, image by image.

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

create or replace function coco.begin_file(choice coco.image_choice, by_image boolean)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('pgcoco.exported_choice', coalesce(choice::text, ''), true);
    -- A leaf that is read as a whole is read from its first page; image by image, along its index,
    -- also before it was analyzed. Names are looked up row by row, along a key: a hash of all
    -- images would take memory for each, and change the order of the rows where it does not fit.
    perform set_config('enable_seqscan', case when by_image then 'off' else 'on' end, true);
    perform set_config('enable_hashjoin', 'off', true);
    perform set_config('enable_mergejoin', 'off', true);
    perform set_config('jit', 'off', true);
end
$$;
comment on function coco.begin_file is
    'Sets for this transaction the choice for exported_images (null: all images), and how rows are '
    'found. by_image: they are read image by image';

create or replace function coco.exported_dataset() returns bigint
language sql stable set search_path = pg_catalog, pg_temp as $$
    select current_setting('pgcoco.exported_dataset')::bigint
$$;
comment on function coco.exported_dataset is
    'The dataset that this transaction exports, set by begin_export. COPY takes no parameters';

create or replace function coco.exported_images() returns setof bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    c constant coco.image_choice := current_setting('pgcoco.exported_choice')::coco.image_choice;
    page record;
    begins bigint;
begin
    loop
        page := coco.next_images(c, null, begins, 10000);
        return query select u.id from unnest(page.ids) u (id);
        exit when page.last is null;
        begins := page.last;
    end loop;
end
$$;
comment on function coco.exported_images is
    'The images that begin_file was told to choose, by their ids, found as the pages of a list '
    'find them. PostgreSQL keeps the ids until the end of the statement, above work_mem on disk, '
    'some 20 bytes each';

create or replace function coco.export_choice(
    ds coco.datasets, exported text, split text, slice text, category text, source text,
    min_confidence float8, outcome text, iou_type text, min_area float8, below_area float8,
    min_count bigint, max_count bigint, search text, file_name text)
returns coco.image_choice
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    needs_source constant boolean := num_nonnulls(
        nullif(category, ''), min_confidence, outcome, min_area, below_area, min_count,
        max_count) > 0;
begin
    if num_nonnulls(nullif(split, ''), nullif(slice, ''), nullif(source, ''), nullif(search, ''),
                    nullif(file_name, '')) = 0 and not needs_source then
        return null;
    end if;
    return coco.image_choice_of(
        ds, 'id', nullif(split, ''), nullif(slice, ''), nullif(category, ''),
        coalesce(nullif(source, ''), case when needs_source then exported end),
        min_confidence, outcome, iou_type, min_area, below_area, min_count, max_count,
        nullif(search, ''), nullif(file_name, ''));
end
$$;
comment on function coco.export_choice is
    'The images that an export of the source `exported` is asked for, as coco.images_document '
    'understands filters, but in the order of ids, and with `exported` as the source where a '
    'filter needs one; null without filters. Raises CO400, CO402, CO404 or CO405';

create or replace function coco.exported_rows(import_id bigint, choice coco.image_choice)
returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format(case when choice is null then 'coco_parts.%I a'
                       else 'coco.exported_images() c (image_id) cross join lateral ('
                            'select r.* from coco_parts.%I r where r.image_id = c.image_id '
                            'order by r.annotation_id) a' end, 'a_' || import_id)
$$;
comment on function coco.exported_rows is
    'SQL that reads the rows `a` of an import: all in the order of the file, or those of the '
    'chosen images, image by image';

create or replace function coco.exported_pictures(choice coco.image_choice) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when choice is null
                then 'coco.images i where i.dataset_id = coco.exported_dataset()'
                else 'coco.exported_images() c (image_id) left join coco.images i '
                     'on i.dataset_id = coco.exported_dataset() and i.image_id = c.image_id '
                     'where true' end
$$;
comment on function coco.exported_pictures is
    'SQL that reads the exported images `i`. The text ends within a condition';

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

create or replace function coco.export_parts(
    ds coco.datasets, source text, import_id bigint, format text, choice coco.image_choice)
returns table (head text, command text)
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.begin_export(ds.id);
    perform coco.begin_file(choice, format = 'yolo' or choice is not null);
    if format = 'coco' and source = 'ground_truth' then
        return query select * from coco.export_coco_ground_truth(ds, import_id, choice);
    elsif format = 'coco' then
        return query select * from coco.export_coco_run(ds, source, import_id, choice);
    elsif format = 'csv' then
        return query select * from coco.export_csv(import_id, choice);
    elsif format = 'jsonl' then
        return query select * from coco.export_jsonl(ds, source, import_id, choice);
    elsif format = 'yolo' then
        return query select * from coco.export_yolo(import_id, choice);
    else
        perform coco.refuse_images(format('format must be coco, csv, jsonl or yolo, not "%s"',
                                          coco.shown(format)));
    end if;
end
$$;
comment on function coco.export_parts is
    'The parts of a file: coco, csv, jsonl or yolo. import_id: the published import of the source. '
    'Raises CO400 for another format';

create or replace function coco.export_run(
    d text, run text, format text default 'coco', split text default null,
    slice text default null, category text default null, source text default null,
    min_confidence float8 default null, outcome text default null, iou_type text default 'bbox',
    min_area float8 default null, below_area float8 default null, min_count bigint default null,
    max_count bigint default null, search text default null, file_name text default null)
returns table (head text, command text, name text, made_at bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    published record;
begin
    select s.import_id, floor(extract(epoch from s.imported_at))::bigint as made_at into published
        from coco.sources s
        where s.dataset_id = ds.id and s.source = run and s.source <> 'ground_truth';
    if not found then
        perform coco.raise_unknown_run(ds, run);
    end if;
    return query
        select p.head, p.command, run, published.made_at
        from coco.export_parts(ds, run, published.import_id, format, coco.export_choice(
            ds, run, split, slice, category, source, min_confidence, outcome, iou_type, min_area,
            below_area, min_count, max_count, search, file_name)) p;
end
$$;
comment on function coco.export_run is
    'GET /datasets/{d}/runs/{run}/predictions: the parts of a file, its name, and when the run was '
    'imported, in seconds. Raises CO400, CO401, CO402, CO404 or CO405';

create or replace function coco.export_ground_truth(
    d text, format text default 'coco', split text default null, slice text default null,
    category text default null, source text default null, min_confidence float8 default null,
    outcome text default null, iou_type text default 'bbox', min_area float8 default null,
    below_area float8 default null, min_count bigint default null, max_count bigint default null,
    search text default null, file_name text default null)
returns table (head text, command text, name text, made_at bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    made_at constant bigint := (
        select floor(extract(epoch from s.imported_at))::bigint from coco.sources s
        where s.dataset_id = ds.id and s.source = 'ground_truth');
begin
    return query
        select p.head, p.command, ds.name, made_at
        from coco.export_parts(ds, 'ground_truth', coco.ground_truth_of(ds.id), format,
                               coco.export_choice(ds, 'ground_truth', split, slice, category,
                                                  source, min_confidence, outcome, iou_type,
                                                  min_area, below_area, min_count, max_count,
                                                  search, file_name)) p;
end
$$;
comment on function coco.export_ground_truth is
    'GET /datasets/{d}/annotations: the parts of a file, its name, and when the ground truth was '
    'imported, in seconds. Raises CO400, CO401, CO402, CO404 or CO405';
