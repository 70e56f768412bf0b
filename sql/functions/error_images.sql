-- Images with errors, images behind a cell of the confusion matrix, and suspected errors of the
-- ground truth, made of coco.matches.

create or replace function coco.ratio(part bigint, whole bigint) returns float8
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when whole = 0 then -1 else part::float8 / whole end
$$;
comment on function coco.ratio is 'part / whole; -1 where that does not apply';

create or replace function coco.is_in_part(
    dataset_id bigint, image_id bigint, split text, slice text)
returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select ($3 is null or exists (select from coco.images i
                                  where i.dataset_id = $1 and i.image_id = $2 and i.split = $3))
       and ($4 is null or exists (select from coco.slices s
                                  where s.dataset_id = $1 and s.image_id = $2 and s.slice = $4))
$$;
comment on function coco.is_in_part is
    'Whether an image is in a split and a slice; null: in any';

create or replace function coco.check_part(ds coco.datasets, split text, slice text)
returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if split is not null then
        perform coco.check_split(ds, split);
    end if;
    if slice is not null and not exists (select from coco.slices s
                                         where s.dataset_id = ds.id
                                           and s.slice = check_part.slice) then
        perform coco.raise_unknown_slice(ds, slice);
    end if;
end
$$;
comment on function coco.check_part is
    'Raises CO400 or CO404 unless the dataset has this split and this slice; null: any';

create or replace function coco.error_images(
    m coco.match_sources, low float8, split text, slice text, after_errors float8,
    after_id bigint, n bigint)
returns table (id bigint, errors bigint, document json)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select i.image_id, i.false_positives + i.truths - i.true_positives,
               json_build_object(
                   'errors', i.false_positives + i.truths - i.true_positives,
                   'true_positives', i.true_positives, 'false_positives', i.false_positives,
                   'false_negatives', i.truths - i.true_positives,
                   'types', json_build_object(
                       'localisation', i.localisation, 'classification', i.classification,
                       'both', i.both_wrong, 'duplicate', i.duplicate,
                       'background', i.background, 'missed', i.missed),
                   'precision',
                   coco.ratio(i.true_positives, i.true_positives + i.false_positives),
                   'recall', coco.ratio(i.true_positives, i.truths),
                   'f1', coco.ratio(2 * i.true_positives,
                                    i.true_positives + i.false_positives + i.truths))
        from (select g.image_id,
                     coalesce(sum(g.n) filter (where g.outcome = 'true_positive'), 0)::bigint
                         as true_positives,
                     coalesce(sum(g.n) filter (where g.outcome = 'localisation'), 0)::bigint
                         as localisation,
                     coalesce(sum(g.n) filter (where g.outcome = 'classification'), 0)::bigint
                         as classification,
                     coalesce(sum(g.n) filter (where g.outcome = 'both'), 0)::bigint
                         as both_wrong,
                     coalesce(sum(g.n) filter (where g.outcome = 'duplicate'), 0)::bigint
                         as duplicate,
                     coalesce(sum(g.n) filter (where g.outcome = 'background'), 0)::bigint
                         as background,
                     coalesce(sum(g.n) filter (where g.outcome in (
                         'localisation', 'classification', 'both', 'duplicate', 'background')),
                         0)::bigint as false_positives,
                     coalesce(sum(g.missed), 0)::bigint as missed,
                     coalesce(sum(g.truths), 0)::bigint as truths
              from (select e.image_id, e.outcome,
                           count(e.annotation_id) as n,
                           count(*) filter (where e.is_truth and e.outcome = 'missed') as missed,
                           count(*) filter (where e.is_truth and e.outcome <> 'ignored')
                               as truths
                    from coco.matches e
                    where e.dataset_id = m.dataset_id and e.source = m.source
                      and e.iou_type = m.iou_type and (e.is_truth or e.confidence >= low)
                    group by e.image_id, e.outcome) g
              group by g.image_id) i
        where i.false_positives + i.truths > i.true_positives
          and coco.is_in_part(m.dataset_id, i.image_id, split, slice)
          and (i.false_positives + i.truths - i.true_positives < after_errors
               or i.false_positives + i.truths - i.true_positives = after_errors
                  and i.image_id > after_id)
        order by 2 desc, 1 limit n;
end
$$;
comment on function coco.error_images is
    'Images with errors, most first: the first n after a number of errors and an id. Counts '
    'detections with at least the confidence `low`. Reads all rows of the set';

create or replace function coco.cell_images(
    m coco.match_sources, truth integer, predicted integer, low float8, split text, slice text,
    after_errors float8, after_id bigint, n bigint)
returns table (id bigint, errors bigint, document json)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select i.image_id, i.rows,
               json_build_object('count', i.rows, 'confidence', i.confidence)
        from (select e.image_id, count(*) as rows, max(e.confidence) as confidence
              from coco.matches e
              where e.dataset_id = m.dataset_id and e.source = m.source
                and e.iou_type = m.iou_type
                and not e.is_left_out
                and case when predicted is not null
                         then not e.is_truth and e.confidence >= low
                              and e.category_id = predicted
                              and e.confused_category_id is not distinct from truth
                         else e.is_truth and e.confidence is null
                              and e.category_id = truth
                              and coalesce(e.confused_confidence < low, true)
                    end
              group by e.image_id) i
        where (i.rows < after_errors or i.rows = after_errors and i.image_id > after_id)
          and coco.is_in_part(m.dataset_id, i.image_id, split, slice)
        order by 2 desc, 1 limit n;
end
$$;
comment on function coco.cell_images is
    'Images behind a cell of the confusion matrix across classes, at IoU .5 and a least confidence '
    '`low`, most first: the first n after a count and an id. truth, predicted: classes; null: '
    'background';

create or replace function coco.error_images_document(
    d text, run text, iou_type text default 'bbox', truth text default null,
    predicted text default null, min_confidence float8 default null, split text default null,
    slice text default null, after text default null, page_size integer default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    kind constant text := coalesce(iou_type, 'bbox');
    low constant float8 := coalesce(min_confidence, 0.25);
    truth_class constant integer := coco.category_of(ds, nullif(truth, 'background'));
    predicted_class constant integer := coco.category_of(ds, nullif(predicted, 'background'));
    n constant integer := coco.page_size(page_size);
    begins record := coco.read_cursor(after);
    m coco.match_sources := coco.required_matches(ds, run, kind);
    page json;
    last text;
begin
    if (truth is null) <> (predicted is null)
       or truth is not null and truth_class is null and predicted_class is null then
        raise exception using
            errcode = 'CO400',
            message = 'truth and predicted go together: the id of a category each, one of them '
                      'may be background';
    end if;
    perform coco.check_part(ds, split, slice);
    select json_agg(r.document order by r.nth) filter (where r.nth <= n),
           max(coco.cursor_of(false, r.errors, r.id)) filter (where r.nth = n and r.rows > n)
        into page, last
        from (select f.errors, f.id, row_number() over (order by f.errors desc, f.id) as nth,
                     count(*) over () as rows,
                     coco.joined(
                         json_build_object(
                             'image_id', f.id,
                             'file_name', (select left(i.file_name, 1024) from coco.images i
                                           where i.dataset_id = ds.id and i.image_id = f.id)),
                         f.document) as document
              from (select * from coco.error_images(m, low, split, slice, begins.major,
                                                    begins.id, n + 1)
                    where truth is null
                    union all
                    select * from coco.cell_images(m, truth_class, predicted_class, low, split,
                                                   slice, begins.major, begins.id, n + 1)
                    where truth is not null) f) r;
    return coco.with_next_page(
        coco.joined(coco.matches_head(ds, m), json_build_object(
            'min_confidence', low, 'images', coalesce(page, '[]'))),
        format('/datasets/%s/runs/%s/errors/images', ds.name, run),
        json_build_object('iou_type', kind,
                          'truth', coalesce(truth_class::text, truth),
                          'predicted', coalesce(predicted_class::text, predicted),
                          'min_confidence', low, 'split', split, 'slice', slice,
                          'limit', page_size),
        last);
end
$$;
comment on function coco.error_images_document is
    'GET /datasets/{d}/runs/{run}/errors/images: the images with most errors, with counts, '
    'precision, recall and F1; with truth and predicted (categories, or background) those behind '
    'that cell of the confusion matrix. Detections count from min_confidence, 0.25 by default; '
    'images of a split, or of a slice. Raises CO400, CO401, CO402, CO404 or CO405';

create or replace function coco.label_errors_document(
    d text, run text, iou_type text default 'bbox', min_confidence float8 default null,
    min_iou float8 default null, split text default null, slice text default null,
    after text default null, page_size integer default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    kind constant text := coalesce(iou_type, 'bbox');
    low constant float8 := coalesce(min_confidence, 0.7);
    low_iou constant float8 := coalesce(min_iou, 0.7);
    m coco.match_sources := coco.required_matches(ds, run, kind);
    found_page record;
begin
    perform coco.check_part(ds, split, slice);
    found_page := coco.error_page(m, '{classification,background}', null, null, low, low_iou,
                                  after, coco.page_size(page_size), split, slice);
    return coco.with_next_page(
        coco.joined(coco.matches_head(ds, m), json_build_object(
            'min_confidence', low, 'min_iou', low_iou, 'label_errors', found_page.page)),
        format('/datasets/%s/runs/%s/errors/labels', ds.name, run),
        json_build_object('iou_type', kind, 'min_confidence', low, 'min_iou', low_iou,
                          'split', split, 'slice', slice, 'limit', page_size),
        found_page.last);
end
$$;
comment on function coco.label_errors_document is
    'GET /datasets/{d}/runs/{run}/errors/labels: suspected label errors. These are detections with '
    'a confidence of at least min_confidence (0.7 by default) that overlap a ground truth of '
    'another class by at least min_iou (0.7 by default; outcome classification), or no ground '
    'truth (outcome background); in images of a split, or of a slice. Surest first. Raises CO400, '
    'CO401, CO402, CO404 or CO405';
