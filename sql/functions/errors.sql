-- Errors: the documents about what went wrong, made of coco.matches. They read the rows that a
-- request asks for, along the index of their class or image; totals are in coco.match_counts.

create or replace function coco.required_matches(ds coco.datasets, run text, iou_type text)
returns coco.match_sources
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    m coco.match_sources;
begin
    if coco.matches_current(ds.id::text, run, iou_type) is null then
        raise exception using
            errcode = 'CO405',
            message = format('run %1$s of dataset %2$s has no matches for %3$s yet; '
                             'GET /datasets/%2$s/runs/%1$s/errors?iou_type=%3$s makes them',
                             run, ds.name, iou_type);
    end if;
    m := coco.matches_of(ds.id, run, iou_type);
    return m;
end
$$;
comment on function coco.required_matches is
    'The published set of matches of a run. Raises CO405 if there is none, CO400 or CO402';

create or replace function coco.category_of(ds coco.datasets, category text) returns integer
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id integer;
begin
    if category is null then
        return null;
    end if;
    select c.category_id into id
        from coco.categories c
        where c.dataset_id = ds.id
          and case when category ~ '^-?[0-9]{1,10}$' then c.category_id = category::bigint
                   else c.name = category end
        order by c.category_id limit 1;
    if not found then
        raise exception using
            errcode = 'CO400',
            message = format('category %s is not in dataset %s', coco.shown(category), ds.name);
    end if;
    return id;
end
$$;
comment on function coco.category_of is
    'The id of a category that a request names by its id (digits) or its name; null for null. '
    'Raises CO400';

create or replace function coco.outcome_of(type text) returns coco.outcome
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if type is not null and type <> all (enum_range(null::coco.outcome)::text[]) then
        raise exception using
            errcode = 'CO400',
            message = format('type must be one of %s, not "%s"',
                             array_to_string(enum_range(null::coco.outcome), ', '),
                             coco.shown(type));
    end if;
    return type::coco.outcome;
end
$$;
comment on function coco.outcome_of is 'The outcome of this name; null for null. Raises CO400';

create or replace function coco.page_size(asked integer) returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select least(greatest(coalesce(asked, 100), 1), 1000)
$$;
comment on function coco.page_size is 'Rows of a page: 1 to 1,000, and 100 by default';

create or replace function coco.with_next_page(
    document json, path text, members json, after text)
returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when after is null then document
                else coco.joined(document, json_build_object(
                    'next',
                    path || '?'
                    || (select coalesce(string_agg(
                                            m.key || '=' || replace(m.value, '+', '%2B') || '&',
                                            ''), '')
                        from json_each_text(members) m
                        where m.value is not null)
                    || 'after=' || after))
           end
$$;
comment on function coco.with_next_page is
    'Adds to a page the address of the next one, with the parameters that are not null: numbers, '
    'and names of the service''s own. Adds nothing if `after` is null';

-- A cursor consists of what names may have (letters, digits, dots, dashes, underscores).
create or replace function coco.cursor_of(is_truth boolean, major float8, id bigint) returns text
language sql immutable set search_path = pg_catalog, pg_temp set extra_float_digits = 1 as $$
    select case when is_truth then 't' || id
                else format('d%s_%s', replace(major::text, '+', ''), id) end
$$;
comment on function coco.cursor_of is
    'Where a page ends. A detection (or an image): d, its confidence (its errors), _ and its id. A '
    'ground truth: t and its id';

create or replace function coco.read_cursor(
    after text, out is_truth boolean, out major float8, out id bigint)
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    parts text[] := regexp_match(after, '^(?:t|d(-?[0-9.]+(?:e-?[0-9]+)?)_)(-?[0-9]{1,19})$');
begin
    if after is not null and parts is null then
        raise exception using
            errcode = 'CO400',
            message = format('after must be what the address in "next" of a page has, not "%s"',
                             coco.shown(after));
    end if;
    is_truth := coalesce(parts[2] is not null and parts[1] is null, false);
    major := coalesce(parts[1]::float8, 'infinity');
    id := coalesce(parts[2]::bigint, -9223372036854775808);
exception when invalid_text_representation or numeric_value_out_of_range then
    raise exception using
        errcode = 'CO400',
        message = format('after must be what the address in "next" of a page has, not "%s"',
                         coco.shown(after));
end
$$;
comment on function coco.read_cursor is
    'Reads what cursor_of has written; null is before everything. Raises CO400';

create or replace function coco.matches_of_image(
    m coco.match_sources, outcomes coco.outcome[], category integer, image bigint,
    low float8, after_confidence float8, after_id bigint, n bigint)
returns table (id bigint, image_id bigint, category_id integer, confidence float8,
               outcome coco.outcome, iou float8, truth_id bigint, truth_category_id integer)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select e.annotation_id, e.image_id, e.category_id, e.confidence, e.outcome, e.iou,
               e.truth_id, e.truth_category_id
        from coco.matches e
        where e.dataset_id = m.dataset_id and e.source = m.source and e.iou_type = m.iou_type
          and e.image_id = image and not e.is_truth and e.outcome = any (outcomes)
          and (category is null or e.category_id = category)
          and e.confidence >= low and e.confidence <= after_confidence
          and (e.confidence < after_confidence or e.annotation_id > after_id)
        order by e.confidence desc, e.annotation_id limit n;
end
$$;
comment on function coco.matches_of_image is
    'Detections of an image with one of the outcomes and at least the confidence `low`, surest '
    'first: the first n after a confidence and an id. category: null for all';

create or replace function coco.surest_matches(
    m coco.match_sources, outcomes coco.outcome[], category integer,
    low float8, after_confidence float8, after_id bigint, n bigint, low_iou float8 default 0,
    split text default null, slice text default null)
returns table (id bigint, image_id bigint, category_id integer, confidence float8,
               outcome coco.outcome, iou float8, truth_id bigint, truth_category_id integer)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off set jit = off as $$
begin
    -- Class by class along the index, also while the leaf has no statistics; no further than to the
    -- last row that there is. What enable_sort adds to the costs would be worth a compilation.
    return query
        select r.*
        from (select c.category_id, sum(c.n)::bigint as rows
              from coco.match_counts c
              where c.matches_id = m.matches_id and not c.is_truth and c.outcome = any (outcomes)
                and (category is null or c.category_id = category)
              group by c.category_id) k
        cross join lateral (
            select e.annotation_id, e.image_id, e.category_id, e.confidence, e.outcome, e.iou,
                   e.truth_id, e.truth_category_id
            from coco.matches e
            where e.dataset_id = m.dataset_id and e.source = m.source and e.iou_type = m.iou_type
              and e.category_id = k.category_id and not e.is_truth and e.outcome = any (outcomes)
              and e.confidence >= low and e.confidence <= after_confidence
              and (e.confidence < after_confidence or e.annotation_id > after_id)
              and (e.outcome <> 'classification' or e.iou >= low_iou)
              -- As is_in_part does, which would be planned for each row.
              and (surest_matches.split is null
                   or exists (select from coco.images i
                              where i.dataset_id = m.dataset_id and i.image_id = e.image_id
                                and i.split = surest_matches.split))
              and (surest_matches.slice is null
                   or exists (select from coco.slices s
                              where s.dataset_id = m.dataset_id and s.image_id = e.image_id
                                and s.slice = surest_matches.slice))
            order by e.confidence desc, e.annotation_id limit least(n, k.rows)) r
        order by r.confidence desc, r.annotation_id limit n;
end
$$;
comment on function coco.surest_matches is
    'Like matches_of_image, of all images, of those of a split, or of a slice. low_iou: the least '
    'IoU of those with the outcome classification';

create or replace function coco.missed_truths(
    m coco.match_sources, category integer, image bigint, after_id bigint, n bigint)
returns table (id bigint, image_id bigint, category_id integer)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select r.*
        from (select c.category_id
              from coco.match_counts c
              where c.matches_id = m.matches_id and c.is_truth and c.outcome = 'missed'
                and (category is null or c.category_id = category)) k
        cross join lateral (
            select e.truth_id, e.image_id, e.category_id
            from coco.matches e
            where e.dataset_id = m.dataset_id and e.source = m.source and e.iou_type = m.iou_type
              and e.category_id = k.category_id and e.confidence is null
              and e.outcome = 'missed' and e.is_truth
              and (after_id is null or e.truth_id > after_id)
              and (image is null or e.image_id = image)) r
        order by r.truth_id limit n;
end
$$;
comment on function coco.missed_truths is
    'Missed ground truths by id: the first n after an id; null: from the first one on. category, '
    'image: null for all. Reads all ground truths of these classes';

create or replace function coco.match_totals(m coco.match_sources) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        with counts as (
            select c.category_id, o.outcome,
                   coalesce(sum(c.n) filter (where c.outcome = o.outcome
                                             and c.is_truth = (o.outcome = 'missed')), 0) as n
            from coco.match_counts c
            cross join unnest(enum_range(null::coco.outcome)) o (outcome)
            where c.matches_id = m.matches_id
            group by c.category_id, o.outcome
        ), classes as (
            select c.category_id,
                   json_object_agg(c.outcome, c.n order by c.outcome) as types,
                   sum(c.n) filter (where c.outcome not in ('true_positive', 'ignored')) as errors
            from counts c
            group by c.category_id
        )
        select json_build_object(
            'detections', m.detection_count, 'truths', m.truth_count,
            'types', (select coalesce(json_object_agg(t.outcome, t.n order by t.outcome), '{}')
                      from (select c.outcome, sum(c.n) as n from counts c group by c.outcome) t),
            'summary', (select json_build_object(
                                   'true_positives', coalesce(sum(s.true_positives), 0),
                                   'hard_false_positives',
                                   coalesce(sum(s.hard_false_positives), 0),
                                   'label_errors', coalesce(sum(s.label_errors), 0),
                                   'false_negatives', coalesce(sum(s.false_negatives), 0))
                        from coco.match_summary s
                        where s.dataset_id = m.dataset_id and s.source = m.source
                          and s.iou_type = m.iou_type),
            'per_class', (select coalesce(json_agg(json_build_object(
                                     'category_id', k.category_id, 'category', k.name,
                                     'types', k.types)
                                     order by k.errors desc, k.category_id), '[]')
                          from (select k.*, left(c.name, 256) as name
                                from classes k
                                join coco.categories c
                                  on c.dataset_id = m.dataset_id and c.category_id = k.category_id
                                order by k.errors desc, k.category_id limit 2000) k)));
end
$$;
comment on function coco.match_totals is
    'Counts of a set of matches by type (missed: ground truths; others: detections) and by class, '
    'those with most errors first, at most 2,000; and the summary of coco.match_summary';

create or replace function coco.matches_head(ds coco.datasets, m coco.match_sources) returns json
language sql stable set search_path = pg_catalog, pg_temp as $$
    select json_build_object(
        'dataset_id', ds.id, 'dataset', ds.name, 'run_name', m.source, 'iou_type', m.iou_type,
        'ground_truth_import', m.ground_truth, 'import', m.import_id, 'made_at', m.made_at)
$$;
comment on function coco.matches_head is 'The first members of documents about errors';

create or replace function coco.error_rows(
    m coco.match_sources, outcomes coco.outcome[], category integer, image bigint,
    low float8, low_iou float8, after text, n bigint, split text default null,
    slice text default null)
returns table (is_truth boolean, id bigint, image_id bigint, category_id integer,
               confidence float8, outcome coco.outcome, iou float8, truth_id bigint,
               truth_category_id integer)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    begins record := coco.read_cursor(after);
    found_rows bigint := 0;
begin
    if not begins.is_truth and outcomes <> '{missed}' then
        if image is not null then
            return query select false, e.* from coco.matches_of_image(
                m, outcomes, category, image, low, begins.major, begins.id, n) e;
        else
            return query select false, e.* from coco.surest_matches(
                m, outcomes, category, low, begins.major, begins.id, n, low_iou, split, slice) e;
        end if;
        get diagnostics found_rows = row_count;
    end if;
    if found_rows < n and 'missed' = any (outcomes) then
        return query
            select true, null::bigint, t.image_id, t.category_id, null::float8,
                   'missed'::coco.outcome, null::float8, t.id, t.category_id
            from coco.missed_truths(
                m, category, image,
                case when begins.is_truth then begins.id end,
                n - found_rows) t;
    end if;
end
$$;
comment on function coco.error_rows is
    'The first n rows after a cursor: detections with one of the outcomes, surest first, then, if '
    'missed is among these, missed ground truths by id. `low`, low_iou, split and slice do not '
    'apply to these. split and slice do not apply where an image is given';

create or replace function coco.error_page(
    m coco.match_sources, outcomes coco.outcome[], category integer, image bigint,
    low float8, low_iou float8, after text, n integer, split text default null,
    slice text default null, out page json, out last text)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    -- One more than asked for tells whether there is another page. Names are looked up by
    -- subqueries: a function would be planned for each row.
    select json_agg(json_build_object(
                        'type', r.outcome, 'annotation_id', r.id, 'confidence', r.confidence,
                        'image_id', r.image_id,
                        'file_name', (select left(i.file_name, 1024) from coco.images i
                                      where i.dataset_id = m.dataset_id
                                        and i.image_id = r.image_id),
                        'category_id', r.category_id,
                        'category', (select left(c.name, 256) from coco.categories c
                                     where c.dataset_id = m.dataset_id
                                       and c.category_id = r.category_id),
                        'iou', r.iou, 'truth_id', r.truth_id,
                        'truth_category_id', r.truth_category_id,
                        'truth_category', (select left(c.name, 256) from coco.categories c
                                           where c.dataset_id = m.dataset_id
                                             and c.category_id = r.truth_category_id))
                    order by r.nth) filter (where r.nth <= n),
           max(coco.cursor_of(r.is_truth, r.confidence, coalesce(r.id, r.truth_id)))
               filter (where r.nth = n and r.rows > n)
        into page, last
        from (select e.*, e.ordinality as nth, count(*) over () as rows
              from coco.error_rows(m, outcomes, category, image, low, low_iou, after, n + 1,
                                   split, slice) with ordinality e) r;
    page := coalesce(page, '[]');
end
$$;
comment on function coco.error_page is
    'The first n rows after a cursor (see error_rows), as documents show them, with the names of '
    'their images and classes; and the cursor after them, null if they are the last';

create or replace function coco.errors_document(
    d text, run text, iou_type text default 'bbox', type text default null,
    category text default null, image_id bigint default null, min_confidence float8 default null,
    after text default null, page_size integer default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    kind constant text := coalesce(iou_type, 'bbox');
    wanted constant coco.outcome := coco.outcome_of(type);
    class constant integer := coco.category_of(ds, category);
    m coco.match_sources := coco.required_matches(ds, run, kind);
    document json := coco.matches_head(ds, m);
    found_page record := coco.error_page(
        m,
        case when wanted is null
             then '{localisation,classification,both,duplicate,background,missed}'
             else array[wanted] end,
        class, image_id, coalesce(min_confidence, '-infinity'), 0, after,
        coco.page_size(page_size));
begin
    if after is null then
        document := coco.joined(document, json_build_object('totals', coco.match_totals(m)));
    end if;
    return coco.with_next_page(
        coco.joined(document, json_build_object('errors', found_page.page)),
        format('/datasets/%s/runs/%s/errors', ds.name, run),
        json_build_object('iou_type', kind, 'type', type, 'category', class,
                          'image_id', image_id, 'min_confidence', min_confidence,
                          'limit', page_size),
        found_page.last);
end
$$;
comment on function coco.errors_document is
    'GET /datasets/{d}/runs/{run}/errors: detections that are errors, surest first, then missed '
    'ground truths; with `type` the rows of one outcome. The first page has totals. category: an '
    'id or a name. Raises CO400, CO401, CO402, or CO405 if the matches were not made';
