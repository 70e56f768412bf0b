-- Rows of annotations and matches for BI tools, whose role may not read the views of all rows: a
-- tool that samples each view would lock the leaves of all runs. Each function reads one leaf. It
-- does so with the rights of pgcoco (security definer), takes names and numbers, which never become
-- SQL, and gives at most 10,000 rows.

create or replace function coco.list_size(asked integer) returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select least(greatest(coalesce(asked, 1000), 1), 10000)
$$;
comment on function coco.list_size is 'Rows of a list: 1 to 10,000, and 1,000 by default';

create or replace function coco.list_annotations(
    dataset text, source text default 'ground_truth', of_category text default null,
    of_image bigint default null, after_image bigint default null, list_size integer default 1000)
returns table (annotation_id bigint, image_id bigint, file_name text, category text,
               bbox_x float8, bbox_y float8, bbox_w float8, bbox_h float8, area float8,
               confidence float8, is_crowd boolean, imported_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(dataset);
    class_id constant integer := coco.category_of(ds, of_category);
begin
    perform coco.source_import(ds, source);
    -- The names are looked up for the rows of the list only. What is null falls away in the plan.
    return query
        select a.annotation_id, a.image_id, i.file_name, k.name, a.bbox_x, a.bbox_y, a.bbox_w,
               a.bbox_h, a.area, a.confidence, a.is_crowd, s.imported_at
        from (select *
              from coco.annotations r
              where r.dataset_id = ds.id and r.source = list_annotations.source
                and (class_id is null or r.category_id = class_id)
                and (of_image is null or r.image_id = of_image)
                and (after_image is null or r.image_id > after_image)
              order by r.image_id, r.annotation_id limit coco.list_size(list_size)) a
        join coco.sources s on s.dataset_id = a.dataset_id and s.source = a.source
        join coco.images i on i.dataset_id = a.dataset_id and i.image_id = a.image_id
        join coco.categories k on k.dataset_id = a.dataset_id and k.category_id = a.category_id
        order by a.image_id, a.annotation_id;
end
$$;
comment on function coco.list_annotations is
    'Annotations of a ground truth or a run, in the order of image ids: all, or those of a class '
    '(id or name) or an image. after_image: only those of images behind it. Raises CO400, CO401 or '
    'CO402';

create or replace function coco.list_matches(
    dataset text, run text, outcome text, iou_type text default 'bbox',
    of_category text default null, of_image bigint default null,
    min_confidence float8 default null, list_size integer default 1000)
returns table (annotation_id bigint, image_id bigint, file_name text, category text,
               confidence float8, iou float8, truth_id bigint, truth_category text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(dataset);
    m coco.match_sources := coco.required_matches(ds, run, iou_type);
begin
    return query
        select e.id, e.image_id, i.file_name, k.name, e.confidence, e.iou, e.truth_id, t.name
        from coco.error_rows(m, array[coco.outcome_of(outcome)],
                             coco.category_of(ds, of_category), of_image,
                             coalesce(min_confidence, '-Infinity'), 0, null,
                             coco.list_size(list_size)) with ordinality
            e (is_truth, id, image_id, category_id, confidence, outcome, iou, truth_id,
               truth_category_id, nth)
        join coco.images i on i.dataset_id = ds.id and i.image_id = e.image_id
        join coco.categories k on k.dataset_id = ds.id and k.category_id = e.category_id
        left join coco.categories t
            on t.dataset_id = ds.id and t.category_id = e.truth_category_id
        order by e.nth;
end
$$;
comment on function coco.list_matches is
    'Detections of a run with an outcome, the surest first, with the ground truth that each finds '
    'or that its error points at; with the outcome missed, ground truths. of_category: an id or a '
    'name. Raises CO400, CO401, CO402, or CO405 if the matches have not been made';

create or replace function coco.list_missed_images(
    dataset text, run text, iou_type text default 'bbox', list_size integer default 100)
returns table (image_id bigint, file_name text, missed bigint)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(dataset);
begin
    perform coco.required_matches(ds, run, iou_type);
    return query
        select m.image_id, i.file_name, m.n
        from (select e.image_id, count(*) as n
              from coco.matches e
              where e.dataset_id = ds.id and e.source = run
                and e.iou_type = list_missed_images.iou_type and e.outcome = 'missed'
              group by e.image_id
              order by count(*) desc, e.image_id limit coco.list_size(list_size)) m
        join coco.images i on i.dataset_id = ds.id and i.image_id = m.image_id
        order by m.n desc, m.image_id;
end
$$;
comment on function coco.list_missed_images is
    'The images of a run with most missed ground truths. Reads the rows of all missed ones. Raises '
    'CO400, CO401, CO402, or CO405 if the matches have not been made';
