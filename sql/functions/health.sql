-- Health: what is wrong with a ground truth. A report takes some passes over its rows, so it is
-- made once, by the maintenance, and kept (coco.health_reports). Until then a request makes that of
-- a small one itself.

create or replace function coco.is_judged_at_once(ds coco.datasets) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select ds.annotation_count <= 20000 and ds.image_count <= 20000 and ds.category_count <= 20000
$$;
comment on function coco.is_judged_at_once is
    'Whether a request makes the report of a dataset, as long as none is kept: it takes less than '
    'half a second';

create or replace function coco.finding(code text, n bigint, examples json) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select json_build_object('code', code, 'count', coalesce(n, 0),
                             'examples', coalesce(examples, '[]'))
$$;
comment on function coco.finding is 'An element of coco.health_reports.findings';

create or replace function coco.box_conditions() returns table (code text, condition text)
language sql immutable set search_path = pg_catalog, pg_temp as $$
    -- i.width and i.height are null where they are not known. PostgreSQL fails where a product is
    -- too large, or too small, for a double.
    values ('outside_image',
            'a.bbox_x < -1 or a.bbox_y < -1 or a.bbox_w > i.width + 1 - a.bbox_x '
            'or a.bbox_h > i.height + 1 - a.bbox_y'),
           ('no_area', 'a.bbox_w <= 0 or a.bbox_h <= 0'),
           ('tiny',
            'a.bbox_w > 0 and a.bbox_h > 0 and case when a.bbox_w between 1e-150 and 1e150 '
            'and a.bbox_h between 1e-150 and 1e150 then a.bbox_w * a.bbox_h < 16 '
            'else a.bbox_w < 16 and a.bbox_h < 16 end'),
           ('wrong_area',
            'not a.area_derived and a.bbox_w > 0 and a.bbox_h > 0 and case '
            'when a.bbox_w between 1e-150 and 1e150 and a.bbox_h between 1e-150 and 1e150 '
            'then a.area <= 0 or a.area > 1.01 * (a.bbox_w * a.bbox_h) + 1 else false end')
$$;
comment on function coco.box_conditions is
    'What can be wrong with a single annotation a of an image i, as SQL conditions';

create or replace function coco.annotations_and_images(dataset_id bigint) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format('(select * from coco.annotations where dataset_id = %1$L '
                  'and source = ''ground_truth'') a '
                  'left join (select image_id, nullif(width, 0) as width, '
                  'nullif(height, 0) as height from coco.images where dataset_id = %1$L) i '
                  'using (image_id)',
                  annotations_and_images.dataset_id)
$$;
comment on function coco.annotations_and_images is
    'The annotations a of a ground truth and their images i, for box_conditions: SQL with '
    'constants, so that one leaf is read';

create or replace function coco.box_findings(dataset_id bigint) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    c record;
    counts bigint[];
    examples json;
    findings json[];
begin
    execute format('select array[%s] from %s',
                   (select string_agg(format('count(*) filter (where %s)', b.condition), ', ')
                    from coco.box_conditions() b),
                   coco.annotations_and_images(dataset_id))
        into counts;
    for c in select b.*, b.nth from coco.box_conditions() with ordinality b (code, condition, nth)
    loop
        examples := null;
        if counts[c.nth] > 0 then
            execute format($sql$
                select json_agg(json_build_object(
                           'annotation_id', e.annotation_id, 'image_id', e.image_id,
                           'category_id', e.category_id,
                           'bbox', json_build_array(e.bbox_x, e.bbox_y, e.bbox_w, e.bbox_h),
                           'area', e.area, 'width', e.width, 'height', e.height))
                from (select a.annotation_id, image_id, a.category_id, a.bbox_x, a.bbox_y,
                             a.bbox_w, a.bbox_h, a.area, i.width, i.height
                      from %s where %s limit 10) e
                $sql$, coco.annotations_and_images(dataset_id), c.condition)
                into examples;
        end if;
        findings := findings || coco.finding(c.code, counts[c.nth], examples);
    end loop;
    return array_to_json(findings);
end
$$;
comment on function coco.box_findings is
    'What is wrong with single annotations: one scan, and one for the examples of each finding';

create or replace function coco.repeated_finding(dataset_id bigint) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    n bigint;
    examples json;
begin
    -- Where two boxes overlap by more than .95, their left edges differ by less than .0527 of each
    -- width. Then those of neighbours in their order do so, too: few boxes are left to be compared
    -- with each other. Of equal ones the first is, and at most 200 of a class in an image, so that
    -- the time is bounded.
    execute format($sql$
        with sorted as (
            select annotation_id, image_id, category_id, bbox_x as x, bbox_y as y, bbox_w as w,
                   bbox_h as h, lag(bbox_x) over edges as before, lead(bbox_x) over edges as behind
            from coco.annotations
            where dataset_id = %L and source = 'ground_truth'
              -- Beyond these PostgreSQL fails, because no double holds a product.
              and bbox_w between 1e-100 and 1e100 and bbox_h between 1e-100 and 1e100
              and abs(bbox_x) < 1e150 and abs(bbox_y) < 1e150
            window edges as (partition by image_id, category_id order by bbox_x)
        ), near as (
            select *, min(annotation_id) over (partition by image_id, category_id, x, y, w, h)
                          as first
            from sorted
            where x - before <= .0527 * w or behind - x <= .0527 * w
        ), numbered as materialized (
            select *, row_number() over (partition by image_id, category_id,
                                         first = annotation_id order by x) as nth
            from near
        ), unequal as materialized (
            select * from numbered where first = annotation_id and nth <= 200
        ), pairs as (
            select a.image_id, a.category_id, a.annotation_id as one, b.annotation_id as other,
                   greatest(least(a.x + a.w, b.x + b.w) - greatest(a.x, b.x), 0)
                   * greatest(least(a.y + a.h, b.y + b.h) - greatest(a.y, b.y), 0) as common,
                   a.w * a.h + b.w * b.h as areas
            from unequal a
            join unequal b on b.image_id = a.image_id and b.category_id = a.category_id
                           and b.nth > a.nth
            where b.x - a.x <= .0527 * a.w
        ), repeated as materialized (
            select greatest(one, other) as annotation_id, min(least(one, other)) as repeats,
                   min(image_id) as image_id, min(category_id) as category_id
            from pairs
            where common > .95 * (areas - common)
            group by greatest(one, other)
            union all
            select annotation_id, first, image_id, category_id
            from numbered
            where first <> annotation_id
        )
        select (select count(*) from repeated),
               (select json_agg(json_build_object(
                           'annotation_id', e.annotation_id, 'repeats', e.repeats,
                           'image_id', e.image_id, 'category_id', e.category_id)
                           order by e.annotation_id)
                from (select * from repeated order by annotation_id limit 10) e)
        $sql$, dataset_id)
        into n, examples;
    return coco.finding('repeated', n, examples);
end
$$;
comment on function coco.repeated_finding is
    'Annotations whose box overlaps that of another one with a smaller id, of the same class in '
    'the same image, by more than .95. One sort of the ground truth. Of boxes that are not equal '
    'to another, at most 200 of a class in an image are compared';

create or replace function coco.image_findings(dataset_id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    c record;
    id constant bigint := dataset_id;
    n bigint;
    examples json;
    findings json[];
begin
    for c in values ('image_without_annotations',
                     format('not exists (select from coco.annotations a where a.dataset_id = %L '
                            'and a.source = ''ground_truth'' and a.image_id = i.image_id)', id)),
                    ('image_without_size',
                     'coalesce(i.width, 0) <= 0 or coalesce(i.height, 0) <= 0'),
                    ('image_without_file_name', 'coalesce(i.file_name, '''') = ''''') loop
        execute format($sql$
            select coalesce(max(e.n), 0),
                   json_agg(json_build_object('image_id', e.image_id,
                                              'file_name', left(e.file_name, 256))
                            order by e.image_id)
            from (select i.image_id, i.file_name, count(*) over () as n
                  from coco.images i
                  where i.dataset_id = %L and (%s)
                  order by i.image_id limit 10) e
            $sql$, id, c.column2) into n, examples;
        findings := findings || coco.finding(c.column1, n, examples);
    end loop;
    return array_to_json(findings);
end
$$;
comment on function coco.image_findings is
    'What is wrong with the images of a ground truth';

create or replace function coco.class_findings(dataset_id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id constant bigint := dataset_id;
    truth constant bigint := coco.ground_truth_of(dataset_id);
begin
    return (
        with classes as materialized (
            select c.category_id, left(c.name, 256) as category, coalesce(k.n, 0) as n,
                   max(k.n) over () as most
            from coco.categories c
            left join (select k.category_id, sum(k.n)::bigint as n
                       from coco.class_counts k
                       where k.import_id = truth
                       group by k.category_id) k using (category_id)
            where c.dataset_id = id
        ), wrong as (
            select c.*, case when c.n = 0 then 'class_without_annotations' else 'rare_class' end
                            as code,
                   row_number() over (partition by c.n = 0 order by c.n, c.category_id) as nth
            from classes c
            where c.n = 0 or c.n * 100 < c.most
        )
        select json_agg(coco.finding(f.code, f.n, f.examples) order by f.nth)
        from (select k.code, k.nth,
                     (select count(*) from wrong w where w.code = k.code) as n,
                     (select json_agg(json_build_object('category_id', w.category_id,
                                                        'category', w.category, 'count', w.n,
                                                        'most', w.most)
                                      order by w.nth)
                      from wrong w
                      where w.code = k.code and w.nth <= 10) as examples
              from (values ('class_without_annotations', 1), ('rare_class', 2)) k (code, nth)) f);
end
$$;
comment on function coco.class_findings is
    'Classes of a ground truth without annotations, and those with less than a hundredth of the '
    'annotations of the largest. From kept counts';

create or replace function coco.id_finding(dataset_id bigint) returns json
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coco.finding('repeated_id', max((s.value ->> 'count')::bigint),
                        (array_agg(x.examples))[1])
    from coco.sources p
    cross join json_array_elements(p.skipped) s
    cross join lateral (
        select json_agg(json_build_object('detail', left(e.value ->> 'detail', 256))
                        order by e.nth) as examples
        from json_array_elements(s.value -> 'examples') with ordinality e (value, nth)
        where e.nth <= 10) x
    where p.dataset_id = id_finding.dataset_id and p.source = 'ground_truth'
      and s.value ->> 'reason' = 'duplicate_id'
$$;
comment on function coco.id_finding is
    'Rows of the file of a ground truth that the import left out, because they repeat an id';

create or replace function coco.health_findings(dataset_id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off set work_mem = '64MB' set synchronize_seqscans = off
set max_parallel_workers_per_gather = 0 as $$
begin
    return (
        select json_agg(f.value)
        from (select value from json_array_elements(coco.box_findings(dataset_id))
              union all select coco.repeated_finding(dataset_id)
              union all select value from json_array_elements(coco.image_findings(dataset_id))
              union all select value from json_array_elements(coco.class_findings(dataset_id))
              union all select coco.id_finding(dataset_id)) f);
end
$$;
comment on function coco.health_findings is
    'What is wrong with the ground truth of a dataset: [{code, count, examples}]. Reads all of it, '
    'without other processes, so that requests keep theirs';

create or replace function coco.make_health(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    dataset bigint := (select s.dataset_id from coco.sources s where s.import_id = id);
    made json;
begin
    if dataset is null then
        return;
    end if;
    made := coco.health_findings(dataset);
    -- The row is gone if the ground truth was replaced meanwhile.
    update coco.health_reports h
        set made_at = clock_timestamp(), findings = made,
            duration_ms = extract(epoch from clock_timestamp() - h.begun_at) * 1000
        where h.import_id = id;
end
$$;
comment on function coco.make_health is
    'Makes the report of a ground truth (its import), whose row the maintenance has written';

create or replace function coco.health_words(code text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case code
        when 'outside_image' then 'boxes that end more than a pixel outside of their image'
        when 'no_area' then 'boxes without width or height'
        when 'tiny' then 'boxes of less than 16 square pixels'
        when 'wrong_area' then 'areas of 0, or larger than the box'
        when 'repeated' then 'boxes that repeat another one of the same class (IoU above .95)'
        when 'image_without_annotations' then 'images without annotations'
        when 'image_without_size' then 'images without width or height'
        when 'image_without_file_name' then 'images without a file name'
        when 'image_without_file' then 'images without a file in the directory of the pictures'
        when 'class_without_annotations' then 'classes without annotations'
        when 'rare_class' then 'classes with less than a hundredth of the largest'
        when 'repeated_id' then 'rows of the file that were left out, because they repeat an id'
    end
$$;
comment on function coco.health_words is 'What a finding counts, in words';

create or replace function coco.with_links(examples json, dataset text) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(
        case when e.value -> 'image_id' is not null
             then coco.joined(e.value, json_build_object(
                      'link', format('/datasets/%s/images/%s', dataset, e.value ->> 'image_id')))
             when e.value -> 'category_id' is not null
             then coco.joined(e.value, json_build_object(
                      'link', format('/datasets/%s/images?category=%s', dataset,
                                     e.value ->> 'category_id')))
             else e.value end
        order by e.nth), '[]')
    from json_array_elements(examples) with ordinality e (value, nth)
$$;
comment on function coco.with_links is
    'Adds to examples the address of their image, or of the images of their class';

create or replace function coco.health_document(d text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    truth bigint := coco.ground_truth_of(ds.id);
    r coco.health_reports;
begin
    select * into r from coco.health_reports h where h.import_id = truth;
    if r.made_at is null and coco.is_judged_at_once(ds) then
        r.findings := coco.health_findings(ds.id);
        r.made_at := clock_timestamp();
        r.duration_ms := extract(epoch from clock_timestamp() - statement_timestamp()) * 1000;
    end if;
    return json_build_object(
        'dataset_id', ds.id, 'dataset', ds.name, 'ground_truth_import', truth,
        'state', case when r.made_at is not null then 'made'
                      when r.attempts >= 3 and r.begun_at < now() - interval '1 hour' then 'failed'
                      else 'pending' end,
        'made_at', r.made_at, 'duration_ms', r.duration_ms,
        'annotation_count', ds.annotation_count, 'image_count', ds.image_count,
        'category_count', ds.category_count,
        'findings', (select json_agg(json_build_object(
                                'code', f.value ->> 'code',
                                'what', coco.health_words(f.value ->> 'code'),
                                'count', f.value -> 'count',
                                'examples', coco.with_links(f.value -> 'examples', ds.name))
                                order by f.nth)
                     from (select e.value, e.nth
                           from json_array_elements(r.findings) with ordinality e (value, nth)
                           union all
                           select l.value, null
                           from coco.picture_finding(ds.id) l (value)
                           where l.value is not null and r.findings is not null) f));
end
$$;
comment on function coco.health_document is
    'GET /datasets/{d}/health: what is wrong with the ground truth. state: made; pending, until '
    'the maintenance has made the report of a large one; or failed. findings is null before. '
    'Raises CO401';
