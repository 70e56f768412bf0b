-- Documents of stored evaluations: one in full, the history of a run, the table of its slices, and
-- the runs of a dataset side by side. They show -1 where a number does not apply, as pycocotools
-- does, and columns have null. Numbers are written in full, whatever the role has set.

create or replace function coco.metrics_object(names text[], numbers float8[]) returns json
language sql immutable
set search_path = pg_catalog, pg_temp set extra_float_digits = 1 as $$
    select coalesce(json_object_agg(m.name, m.value order by m.nth), '{}')
    from unnest(names, numbers) with ordinality m (name, value, nth)
$$;
comment on function coco.metrics_object is
    'An object of numbers by their names, in the order of the names';

create or replace function coco.point_object(
    iou float8, confidence float8, true_positives bigint, false_positives bigint,
    false_negatives bigint, "precision" float8, recall float8, f1 float8)
returns json
language sql immutable
set search_path = pg_catalog, pg_temp set extra_float_digits = 1 as $$
    select case when true_positives is not null then json_build_object(
               'iou', iou, 'confidence', confidence, 'precision', coalesce("precision", -1),
               'recall', coalesce(recall, -1), 'f1', coalesce(f1, -1),
               'true_positives', true_positives, 'false_positives', false_positives,
               'false_negatives', false_negatives) end
$$;
comment on function coco.point_object is
    'An operating point as documents have it; null if there is none';

create or replace function coco.overlaid(base json, more json) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when more is null then base
                else (select ('{' || coalesce(string_agg(
                                 to_json(coalesce(b.key, m.key))::text || ': '
                                 || coalesce(m.value, b.value)::text,
                                 ', ' order by b.nth, m.nth), '') || '}')::json
                      from json_each(base) with ordinality b (key, value, nth)
                      full join json_each(more) with ordinality m (key, value, nth)
                          on m.key = b.key)
           end
$$;
comment on function coco.overlaid is
    'The members of an object, replaced by those of another of the same name, and its further '
    'ones after them';

create or replace function coco.shown_params(params jsonb) returns json
language sql immutable
set search_path = pg_catalog, pg_temp set extra_float_digits = 1 as $$
    select coco.overlaid(
        params::json,
        json_build_object(
            'iou_thresholds', coco.numbers_of(params -> 'iou_thresholds'),
            'sigmas', case when params -> 'sigmas' <> 'null'
                           then coco.numbers_of(params -> 'sigmas') end))
$$;
comment on function coco.shown_params is
    'The parameters of an evaluation as documents have them: with numbers that are no longer than '
    'they need to be';

create or replace function coco.class_objects(e coco.evaluations, more json) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set extra_float_digits = 1 as $$
declare
    names text[] := e.names;
    iou float8 := e.iou;
begin
    -- Without functions of SQL: a dataset may have 10,000 classes, and each call takes longer than
    -- what it does. Points are as in coco.point_object.
    return (
        select coalesce(json_agg(case when m.value is null then o.members
                                      else coco.overlaid(o.members, m.value) end
                                 order by o.category_id), '[]')
        from (select c.category_id,
                     (left(json_build_object('category_id', c.category_id,
                                             'category', c.category)::text, -1) || ', '
                      || substr(left(coalesce(
                             (select json_object_agg(n.name, n.value)
                              from unnest(names, c."values") n (name, value))::text, '{}'), -1), 2)
                      || ', ' || substr(json_build_object(
                             'truths', c.truth_count, 'detections', c.detection_count,
                             'operating_point', case when c.true_positives is not null
                             then json_build_object(
                                 'iou', iou, 'confidence', c.confidence,
                                 'precision', coalesce(c.precision, -1),
                                 'recall', coalesce(c.recall, -1), 'f1', coalesce(c.f1, -1),
                                 'true_positives', c.true_positives,
                                 'false_positives', c.false_positives,
                                 'false_negatives', c.false_negatives) end,
                             'best_f1', case when c.best_true_positives is not null
                             then json_build_object(
                                 'iou', iou, 'confidence', c.best_confidence,
                                 'precision', coalesce(c.best_precision, -1),
                                 'recall', coalesce(c.best_recall, -1),
                                 'f1', coalesce(c.best_f1, -1),
                                 'true_positives', c.best_true_positives,
                                 'false_positives', c.best_false_positives,
                                 'false_negatives', c.best_false_negatives) end,
                             'ece', coalesce(c.ece, -1), 'mce', coalesce(c.mce, -1),
                             'errors', c.errors, 'note', c.note)::text, 2))::json as members
              from coco.evaluation_classes c
              where c.evaluation_id = e.evaluation_id offset 0) o
        left join json_array_elements(more) m
            on (m.value ->> 'category_id')::integer = o.category_id);
end
$$;
comment on function coco.class_objects is
    'The classes of an evaluation as its document has them. more: members that replace or follow '
    'those of a class, [{category_id, ...}]; or null';

create or replace function coco.mean_curves(evaluation_id bigint) returns float8[]
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    -- unnest gives the numbers of an array in the order [1][1], [1][2] ... The width is taken once
    -- a class, because each use of a stored array unpacks it.
    return (
        select array_agg(t.points order by t.threshold)
        from (select p.threshold, array_agg(p.mean order by p.point) as points
              from (select (v.nth - 1) / c.width as threshold, (v.nth - 1) % c.width as point,
                           coalesce(avg(v.value) filter (where v.value > -1), -1) as mean
                    from (select k.precision, array_length(k.precision, 2) as width
                          from coco.evaluation_curves k
                          where k.evaluation_id = mean_curves.evaluation_id offset 0) c
                    cross join unnest(c.precision) with ordinality v (value, nth)
                    group by 1, 2) p
              group by p.threshold) t);
end
$$;
comment on function coco.mean_curves is
    'Precision by recall of all classes of an evaluation, [t][r]: the mean of those that have a '
    'ground truth; null if no curves are stored';

create or replace function coco.curves_object(e coco.evaluations) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set extra_float_digits = 1 as $$
declare
    overall float8[] := coco.mean_curves(e.evaluation_id);
begin
    if overall is null then
        return null;
    end if;
    return json_build_object(
        'iou_thresholds', coco.numbers_of(e.params -> 'iou_thresholds'),
        'recall', array(select i * 0.01::float8
                        from generate_series(0, array_length(overall, 2) - 1) i),
        'precision', overall,
        'per_class', (select json_agg(json_build_object(
                                 'category_id', c.category_id, 'precision', c.precision,
                                 'scores', c.scores) order by c.category_id)
                      from coco.evaluation_curves c
                      where c.evaluation_id = e.evaluation_id));
end
$$;
comment on function coco.curves_object is
    'The curves of an evaluation as its document has them: at each threshold the precision at 101 '
    'recalls, of all classes and of each, and the scores; null if none are stored';

create or replace function coco.evaluation_facts(e coco.evaluations) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set extra_float_digits = 1 as $$
begin
    return json_build_object(
        'evaluation_id', e.evaluation_id, 'iou_type', e.iou_type, 'split', e.split,
        'slice', e.slice, 'is_default', e.is_default,
        'is_current', (select count(*) = 2 from coco.sources s
                       where s.import_id in (e.ground_truth, e.import_id)),
        'ground_truth_import', e.ground_truth, 'import', e.import_id,
        'evaluated_at', e.evaluated_at, 'duration_ms', e.duration_ms,
        'images', e.image_count, 'truths', e.truth_count, 'detections', e.detection_count);
end
$$;
comment on function coco.evaluation_facts is
    'What every document of an evaluation says about it: what was evaluated, and when. is_current: '
    'both imports are published';

create or replace function coco.evaluation_numbers(e coco.evaluations) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set extra_float_digits = 1 as $$
begin
    return json_build_object(
        'metrics', coco.metrics_object(e.names, e.stats),
        'interval', case when e.interval_low is not null
                         then json_build_object('low', e.interval_low, 'high', e.interval_high)
                    end,
        'operating_point', coco.point_object(
            e.iou, e.confidence, e.true_positives, e.false_positives, e.false_negatives,
            e.precision, e.recall, e.f1),
        'best_f1', coco.point_object(
            e.iou, e.best_confidence, e.best_true_positives, e.best_false_positives,
            e.best_false_negatives, e.best_precision, e.best_recall, e.best_f1),
        'ece', coalesce(e.ece, -1), 'mce', coalesce(e.mce, -1));
end
$$;
comment on function coco.evaluation_numbers is
    'The numbers of an evaluation for all its classes, as documents have them';

create or replace function coco.evaluation_document(
    evaluation_id bigint, include text[] default null, more json default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set extra_float_digits = 1 as $$
declare
    e coco.evaluations;
    document json;
begin
    select * into e
        from coco.evaluations v
        where v.evaluation_id = evaluation_document.evaluation_id;
    if not found then
        raise exception using
            errcode = 'CO401',
            message = format('evaluation %s is gone: its dataset was deleted meanwhile',
                             evaluation_id);
    end if;
    document := coco.joined(
        coco.joined(
            json_build_object(
                'dataset', (select d.name from coco.datasets d where d.id = e.dataset_id),
                'run', e.run_name),
            coco.evaluation_facts(e)),
        coco.joined(
            json_build_object('params', coco.shown_params(e.params), 'stats', e.stats),
            coco.joined(
                coco.evaluation_numbers(e),
                json_build_object(
                    'errors', e.errors, 'warnings', coalesce(e.warnings, '[]')))));
    document := coco.overlaid(document,
                              coco.without_members(more, '{classes,calibration,matrix}'));
    -- Last, because these are large, and each joining copies and parses all of them.
    if 'calibration' = any (include) then
        document := coco.joined(document, json_build_object(
            'calibration', coalesce(more -> 'calibration', e.calibration)));
    end if;
    if 'matrix' = any (include) then
        document := coco.joined(document, json_build_object(
            'matrix', coalesce(more -> 'matrix', e.matrix)));
    end if;
    if 'curves' = any (include) then
        return coco.joined(document, json_build_object(
            'per_class', coco.class_objects(e, more -> 'classes'),
            'curves', coco.curves_object(e)));
    end if;
    return coco.joined(document, json_build_object(
        'per_class', coco.class_objects(e, more -> 'classes')));
end
$$;
comment on function coco.evaluation_document is
    'GET /datasets/{d}/runs/{run}/evaluation, of an evaluation that is stored. include: of curves, '
    'matrix and calibration those that are wanted; null if they are not stored. more: numbers of '
    'this request, which replace or follow those that are stored; and of the classes: '
    '[{category_id, ...}]. Raises CO401';

create or replace function coco.without_members(object json, names text[]) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select json_object_agg(m.key, m.value order by m.nth)
    from json_each(object) with ordinality m (key, value, nth)
    where m.key <> all (names)
$$;
comment on function coco.without_members is
    'An object without the members of these names; null if nothing is left';

create or replace function coco.number_after(after text) returns bigint
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if after !~ '^[0-9]{1,18}$' then
        raise exception using
            errcode = 'CO400',
            message = format('after must be the one of a member next, not "%s"',
                             coco.shown(after));
    end if;
    return after::bigint;
end
$$;
comment on function coco.number_after is
    'The number with which a page begins; null if `after` is. Raises CO400 if it is not a number';

create or replace function coco.evaluations_document(d text, run text, after text default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    page constant integer := 100;
    ds coco.datasets := coco.dataset_find(d);
    first bigint := coco.number_after(after);
    ids bigint[] := array(
        select e.evaluation_id
        from coco.evaluations e
        where e.dataset_id = ds.id and e.run_name = run
          and (first is null or e.evaluation_id < first)
        order by e.evaluation_id desc limit page + 1);
begin
    -- A run that was deleted may have a history.
    if ids = '{}' and not exists (select from coco.runs r
                                  where r.dataset_id = ds.id and r.run_name = run)
       and not exists (select from coco.evaluations e
                       where e.dataset_id = ds.id and e.run_name = run) then
        perform coco.raise_unknown_run(ds, run);
    end if;
    return coco.with_next(
        json_build_object(
            'dataset', ds.name, 'run', run,
            'evaluations', (
                select coalesce(json_agg(
                           coco.joined(coco.joined(coco.evaluation_facts(e),
                                                   coco.evaluation_numbers(e)),
                                       json_build_object(
                                           'params', case when octet_length(e.params::text) <= 4096
                                                          then coco.shown_params(e.params) end))
                           order by e.evaluation_id desc), '[]')
                from coco.evaluations e
                where e.evaluation_id = any (ids[:page]))),
        format('/datasets/%s/runs/%s/evaluations', ds.name, run),
        case when cardinality(ids) > page then ids[page]::text end);
end
$$;
comment on function coco.evaluations_document is
    'GET /datasets/{d}/runs/{run}/evaluations: what is stored of a run, newest first, 100 a page; '
    'params only where they have at most 4 KiB. '
    '`after`: the evaluation_id with which the page before ended. A run that was deleted has its '
    'history until the dataset is deleted. Raises CO400, CO401 or CO402';

create or replace function coco.slice_evaluations(
    ds coco.datasets, run text, params json, after text, n integer)
returns table (slice text, image_count bigint, evaluation_id bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    run_import bigint := (select r.import_id from coco.runs r
                          where r.dataset_id = ds.id and r.run_name = run);
    truth_import bigint := coco.ground_truth_of(ds.id);
    chosen_split text := params ->> 'split';
begin
    return query
        with slices as (
            select s.slice, count(*) as images,
                   coco.digest_of(count(*), sum(hashint8extended(i.image_id, 0))) as digest
            from coco.slices s
            join coco.images i on i.dataset_id = s.dataset_id and i.image_id = s.image_id
            where s.dataset_id = ds.id
              and (after is null or s.slice > after collate "C")
              and (chosen_split is null or i.split = chosen_split)
            group by s.slice
            order by s.slice limit n
        )
        select s.slice, s.images, e.evaluation_id
        from slices s
        left join coco.evaluations e
            on e.import_id = run_import and e.ground_truth = truth_import
           and e.params_digest = md5(jsonb_set(slice_evaluations.params::jsonb, '{slice}',
                                               to_jsonb(s.slice))::text)
           and coalesce(e.image_digest, '') = s.digest
        order by s.slice;
end
$$;
comment on function coco.slice_evaluations is
    'The first n slices of a dataset after `after`, with their images, and the evaluations that '
    'are stored of them for a published run and these parameters, whose slice does not count; null '
    'where none is stored, or the slice has changed';

create or replace function coco.slices_to_evaluate(d text, run text, params json,
                                                   after text default null)
returns setof text
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select s.slice
        from coco.slice_evaluations(coco.dataset_find(d), run, params, after, 100) s
        where s.evaluation_id is null;
end
$$;
comment on function coco.slices_to_evaluate is
    'The slices on a page of evaluation_slices that are not evaluated yet';

create or replace function coco.evaluation_slices(d text, run text, params json,
                                                  after text default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    page constant integer := 100;
    ds coco.datasets := coco.dataset_find(d);
    whole bigint;
    document json;
    last text;
    has_more boolean;
begin
    whole := (coco.evaluation_begin(d, run,
                                    jsonb_set(params::jsonb, '{slice}', 'null')::json)
             ).evaluation_id;
    select json_agg(
               coco.joined(json_build_object('slice', s.slice, 'image_count', s.image_count),
                           coco.evaluation_or_null(s.evaluation_id))
               order by s.nth) filter (where s.nth <= page),
           max(s.slice) filter (where s.nth = page),
           count(*) > page
        into document, last, has_more
        -- Rows of a function have the collation of the database, in which pages would overlap.
        from (select *, row_number() over (order by e.slice collate "C") as nth
              from coco.slice_evaluations(ds, run, params, after, page + 1) e) s;
    return coco.with_next(
        json_build_object(
            'dataset', ds.name, 'run', run,
            'whole', coco.joined(json_build_object('image_count', ds.image_count),
                                 coco.evaluation_or_null(whole)),
            'slices', coalesce(document, '[]')),
        format('/datasets/%s/runs/%s/evaluation/slices', ds.name, run),
        case when has_more then last end);
end
$$;
comment on function coco.evaluation_slices is
    'GET /datasets/{d}/runs/{run}/evaluation/slices: the stored numbers of each slice of a '
    'dataset, by their names, 100 a page, and those of all images; null where none are stored for '
    'these parameters. Raises CO400, CO401 or CO402';

create or replace function coco.evaluation_or_null(id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return coalesce(
        (select coco.joined(
                    json_build_object('evaluation_id', e.evaluation_id,
                                      'evaluated_at', e.evaluated_at,
                                      'truths', e.truth_count, 'detections', e.detection_count),
                    coco.evaluation_numbers(e))
         from coco.evaluations e
         where e.evaluation_id = id),
        json_build_object('evaluation_id', null, 'evaluated_at', null, 'truths', null,
                          'detections', null, 'metrics', null, 'interval', null,
                          'operating_point', null, 'best_f1', null, 'ece', null, 'mce', null));
end
$$;
comment on function coco.evaluation_or_null is
    'A stored evaluation as a row of a table of several; all its members are null if the id is';
