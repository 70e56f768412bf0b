-- Stored evaluations: finds the numbers of a run, and stores new ones. Called by the worker that
-- evaluates.
--
-- Order of locks: rows of coco.sources, then rows of coco.evaluations, and those of their classes
-- and curves only with their evaluation. Who cleans up skips what is locked.

create or replace function coco.evaluation_begin(
    d text, run text, params json, include text[] default null,
    out dataset_id bigint, out ground_truth bigint, out import_id bigint, out evaluation_id bigint,
    out image_digest text)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    digest text := md5(params::jsonb::text);
begin
    dataset_id := ds.id;
    ground_truth := coco.ground_truth_of(ds.id);
    select s.import_id into import_id
        from coco.sources s
        where s.dataset_id = ds.id and s.source = run and s.source <> 'ground_truth';
    if not found then
        perform coco.raise_unknown_run(ds, run);
    end if;
    image_digest := coco.image_digest(ds, params ->> 'split', params ->> 'slice');
    select e.evaluation_id into evaluation_id
        from coco.evaluations e
        where e.import_id = evaluation_begin.import_id
          and e.ground_truth = evaluation_begin.ground_truth
          and e.params_digest = digest
          and coalesce(e.image_digest, '') = coalesce(evaluation_begin.image_digest, '')
          and (coalesce('curves' <> all (include), true) or coco.has_curves(e.evaluation_id));
end
$$;
comment on function coco.evaluation_begin is
    'What an evaluation of a run needs to know: the published imports of its ground truth and of '
    'the run, and the evaluation that is stored for them and these parameters, null if there is '
    'none. include: the further members of the document that are wanted; with curves, an '
    'evaluation whose curves were forgotten counts as not stored. Raises CO400 (split), CO401, '
    'CO402 or CO404 (slice)';

create or replace function coco.has_curves(evaluation_id bigint) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return exists (select from coco.evaluation_curves c
                   where c.evaluation_id = has_curves.evaluation_id)
        or not exists (select from coco.evaluation_classes c
                       where c.evaluation_id = has_curves.evaluation_id and c.ap is not null);
end
$$;
comment on function coco.has_curves is
    'Whether the curves of an evaluation are stored. True if no class has any';

create or replace function coco.curve_classes(
    evaluation_id bigint, ground_truth bigint, params json)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    chosen jsonb := nullif(params::jsonb -> 'categories', 'null');
    chosen_split text := params ->> 'split';
begin
    if evaluation_id is not null then
        return (select count(*) from coco.evaluation_curves c
                where c.evaluation_id = curve_classes.evaluation_id);
    elsif params ->> 'slice' is not null then
        return 0;
    end if;
    return (select count(distinct c.category_id) from coco.class_counts c
            where c.import_id = ground_truth
              and (chosen_split is null or c.split = chosen_split)
              and coalesce(chosen @> to_jsonb(c.category_id), true));
end
$$;
comment on function coco.curve_classes is
    'How many classes the curves of an evaluation have. If it is not stored (null), the number of '
    'its classes that have ground truths, or 0 if it is one of a slice';

create or replace function coco.recall_name(names text[], params jsonb) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when 'AR' = any (names) then 'AR'
                else 'AR' || (params -> 'max_dets' ->> -1) end
$$;
comment on function coco.recall_name is
    'The name of the average recall at the largest number of detections: AR100, AR for keypoints';

create or replace function coco.class_note(ap float8, truths bigint, detections bigint)
returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when ap <> -1 then null
                when truths = 0
                then format('there is no ground truth of this class, so its AP and AR are -1; its '
                            '%s detections are false positives', detections)
                else format('none of the %s ground truths of this class counts (they are crowds, '
                            'or outside of the first area range), so its AP is -1', truths)
           end
$$;
comment on function coco.class_note is
    'Says in words why the AP of a class is -1; null if it is not';

create or replace function coco.is_published(dataset_id bigint, run text, ground_truth bigint,
                                             import_id bigint)
returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    published bigint[];
begin
    -- Holds up who replaces them, until this transaction ends: coco.retire must not miss its rows.
    published := array(
        select s.import_id
        from coco.sources s
        where s.dataset_id = is_published.dataset_id and s.source in (run, 'ground_truth')
        order by s.source
        for key share);
    return array[ground_truth, import_id] <@ published;
end
$$;
comment on function coco.is_published is
    'Whether these imports of a ground truth and of a run are published, and keeps them so until '
    'the end of the transaction';

create or replace function coco.evaluation_store(
    dataset_id bigint, run text, ground_truth bigint, import_id bigint, params json,
    image_digest text, numbers json, duration_ms bigint)
returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    id bigint;
    is_new boolean := false;
    published boolean := coco.is_published(dataset_id, run, ground_truth, import_id);
begin
    -- Can be computed again, so a crash may lose the last ones.
    perform set_config('synchronous_commit', 'off', true);
    -- The numbers of the same imports and parameters are the same: the first ones stay.
    while id is null loop
        id := coco.store_numbers(dataset_id, run, ground_truth, import_id, params, image_digest,
                                 numbers, duration_ms, not published);
        is_new := id is not null;
        exit when is_new;
        select e.evaluation_id into id
            from coco.evaluations e
            where e.import_id = evaluation_store.import_id
              and e.ground_truth = evaluation_store.ground_truth
              and e.params_digest = md5(evaluation_store.params::jsonb::text)
              and coalesce(e.image_digest, '') = coalesce(evaluation_store.image_digest, '')
            for no key update;
    end loop;
    if is_new then
        perform coco.store_classes(id, numbers);
    end if;
    perform coco.prune_evaluations(id);
    return id;
exception when foreign_key_violation then
    raise exception using
        errcode = 'CO401',
        message = format('the dataset with the id %s was deleted during the evaluation',
                         dataset_id);
end
$$;
comment on function coco.evaluation_store is
    'Stores the numbers of an evaluation, and returns its evaluation_id; numbers that are stored '
    'stay. The caller then copies the curves into coco.evaluation_curves, in the same transaction, '
    'which keeps others from it, unless coco.has_curves. Needs READ COMMITTED. image_digest: of '
    'evaluation_begin. Raises CO401 if the dataset is gone';

create or replace function coco.with_import_hint(warnings json, import_id bigint) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    hint text := (select i.outcome ->> 'hint'
                  from coco.imports i where i.import_id = with_import_hint.import_id);
begin
    if hint is null then
        return warnings;
    end if;
    return (coalesce(warnings::jsonb, '[]')
            || jsonb_build_object('code', 'import_hint', 'message', hint))::json;
end
$$;
comment on function coco.with_import_hint is
    'The warnings of an evaluation, with what the import of its run said of the file as a whole';

create or replace function coco.store_numbers(
    dataset_id bigint, run text, ground_truth bigint, import_id bigint, params json,
    image_digest text, numbers json, duration_ms bigint, retired boolean)
returns bigint
language sql set search_path = pg_catalog, pg_temp as $$
    insert into coco.evaluations (
        dataset_id, run_name, ground_truth, import_id, iou_type, split, slice, is_default, params,
        params_digest, image_digest, evaluated_at, duration_ms, retired_at, image_count,
        truth_count, detection_count, names, stats, ap, ap50, ap75, ar,
        iou, confidence, true_positives, false_positives, false_negatives, precision, recall, f1,
        best_confidence, best_true_positives, best_false_positives, best_false_negatives,
        best_precision, best_recall, best_f1, ece, mce, calibration, matrix, errors, warnings)
    select store_numbers.dataset_id, run, store_numbers.ground_truth, store_numbers.import_id,
           p ->> 'iou_type', p ->> 'split', p ->> 'slice', coco.is_default_params(p), p,
           md5(p::text), store_numbers.image_digest, clock_timestamp(), store_numbers.duration_ms,
           case when retired then clock_timestamp() end, n.images, n.truths, n.detections,
           n.names, n.stats,
           nullif(n.stats[array_position(n.names, 'AP')], -1),
           nullif(n.stats[array_position(n.names, 'AP50')], -1),
           nullif(n.stats[array_position(n.names, 'AP75')], -1),
           nullif(n.stats[array_position(n.names, coco.recall_name(n.names, p))], -1),
           o.iou, o.confidence, o.true_positives, o.false_positives, o.false_negatives,
           nullif(o.precision, -1), nullif(o.recall, -1), nullif(o.f1, -1),
           b.confidence, b.true_positives, b.false_positives, b.false_negatives,
           nullif(b.precision, -1), nullif(b.recall, -1), nullif(b.f1, -1),
           nullif((n.calibration ->> 'ece')::float8, -1),
           nullif((n.calibration ->> 'mce')::float8, -1),
           n.calibration, n.matrix, n.errors,
           coco.with_import_hint(n.warnings, store_numbers.import_id)
    from (select params::jsonb as p) parsed
    cross join json_to_record(numbers) as n (
        names text[], stats float8[], images bigint, truths bigint, detections bigint,
        operating_point json, best_f1 json, calibration json, matrix json, errors json,
        warnings json)
    left join json_to_record(n.operating_point) as o (
        iou float8, confidence float8, true_positives bigint, false_positives bigint,
        false_negatives bigint, precision float8, recall float8, f1 float8) on true
    left join json_to_record(n.best_f1) as b (
        confidence float8, true_positives bigint, false_positives bigint,
        false_negatives bigint, precision float8, recall float8, f1 float8) on true
    on conflict (import_id, ground_truth, params_digest, (coalesce(image_digest, ''))) do nothing
    returning evaluation_id
$$;
comment on function coco.store_numbers is
    'Writes the row of an evaluation, and returns its id; null, and nothing is written, if it is '
    'there. Waits for another transaction that writes it';

-- force_custom_plan, which the database may have, would plan the check of the foreign key once for
-- each class.
create or replace function coco.store_classes(id bigint, numbers json) returns void
language sql
set search_path = pg_catalog, pg_temp set plan_cache_mode = auto as $$
    with placed as (
        select e.dataset_id, nullif(e.params -> 'categories', 'null') as categories,
               array_position(e.names, 'AP') as ap,
               array_position(e.names, 'AP50') as ap50, array_position(e.names, 'AP75') as ap75,
               array_position(e.names, 'APs') as ap_small,
               array_position(e.names, 'APm') as ap_medium,
               array_position(e.names, 'APl') as ap_large,
               array_position(e.names, coco.recall_name(e.names, e.params)) as ar
        from coco.evaluations e
        where e.evaluation_id = id
    )
    insert into coco.evaluation_classes
    select id, g.category_id, coalesce(c.name, ''), g.truths, g.detections, g."values",
           nullif(g."values"[p.ap], -1), nullif(g."values"[p.ap50], -1),
           nullif(g."values"[p.ap75], -1), nullif(g."values"[p.ap_small], -1),
           nullif(g."values"[p.ap_medium], -1), nullif(g."values"[p.ap_large], -1),
           nullif(g."values"[p.ar], -1),
           o.confidence, o.true_positives, o.false_positives, o.false_negatives,
           nullif(o.precision, -1), nullif(o.recall, -1), nullif(o.f1, -1),
           b.confidence, b.true_positives, b.false_positives, b.false_negatives,
           nullif(b.precision, -1), nullif(b.recall, -1), nullif(b.f1, -1),
           nullif(g.ece, -1), nullif(g.mce, -1), g.errors,
           coco.class_note(g."values"[p.ap], g.truths, g.detections)
    from json_to_recordset(numbers -> 'classes') as g (
        category_id integer, truths bigint, detections bigint, "values" float8[],
        operating_point json, best_f1 json, ece float8, mce float8, errors json)
    cross join placed p
    left join coco.categories c
        on c.dataset_id = p.dataset_id and c.category_id = g.category_id
    left join json_to_record(g.operating_point) as o (
        confidence float8, true_positives bigint, false_positives bigint,
        false_negatives bigint, precision float8, recall float8, f1 float8) on true
    left join json_to_record(g.best_f1) as b (
        confidence float8, true_positives bigint, false_positives bigint,
        false_negatives bigint, precision float8, recall float8, f1 float8) on true
    where coalesce(p.categories @> to_jsonb(g.category_id), true)
$$;
comment on function coco.store_classes is
    'Writes the numbers of the classes of an evaluation';

create or replace function coco.has_interval(evaluation_id bigint) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return exists (select from coco.evaluations e
                   where e.evaluation_id = has_interval.evaluation_id
                     and e.interval_low is not null);
end
$$;
comment on function coco.has_interval is
    'Whether the 95 % interval of the AP of an evaluation is stored';

create or replace function coco.evaluation_set_interval(
    evaluation_id bigint, low float8, high float8)
returns void
language sql set search_path = pg_catalog, pg_temp as $$
    update coco.evaluations e
        set interval_low = low, interval_high = high
        where e.evaluation_id = evaluation_set_interval.evaluation_id
$$;
comment on function coco.evaluation_set_interval is
    'Stores the 95 % interval of the AP of an evaluation. Does nothing if that is gone';
