-- The leaderboard of a dataset: its runs, sorted by a number of their evaluations.

create or replace function coco.leaderboard_params(dataset_id bigint, iou_type text)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    truth_import bigint := coco.ground_truth_of(dataset_id);
begin
    return (
        select e.params
        from coco.runs r
        cross join lateral (
            select v.evaluation_id, v.is_default, v.params
            from coco.evaluations v
            where v.import_id = r.import_id and v.ground_truth = truth_import
              and v.iou_type = leaderboard_params.iou_type
              and (v.is_default or v.iou_type = 'keypoints'
                   and jsonb_array_length(v.params -> 'sigmas') <> 17
                   and coco.is_default_without_sigmas(v.params))
            order by v.is_default desc, v.evaluation_id desc limit 1) e
        where r.dataset_id = leaderboard_params.dataset_id
        order by e.is_default desc, e.evaluation_id desc limit 1);
end
$$;
comment on function coco.leaderboard_params is
    'The parameters of the evaluations that a leaderboard compares: COCO''s. Where no run has '
    'such an evaluation, and objects have another number of points than COCO''s 17, those of the '
    'newest evaluation that differ from COCO''s in the sigmas only. Null if there is none';

create or replace function coco.leaderboard_rows(dataset_id bigint, iou_type text, metric text)
returns table (place bigint, run_name text, rank bigint, evaluation_id bigint, value float8)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    truth_import bigint := coco.ground_truth_of(dataset_id);
    compared text := md5(coco.leaderboard_params(dataset_id, iou_type)::text);
begin
    return query
        with latest as (
            select r.run_name, e.evaluation_id,
                   e.stats[array_position(e.names, metric)] as value
            from coco.runs r
            left join lateral (
                select v.evaluation_id, v.names, v.stats
                from coco.evaluations v
                where v.import_id = r.import_id and v.ground_truth = truth_import
                  and v.params_digest = compared and v.image_digest is null
                order by v.evaluation_id desc limit 1) e on true
            where r.dataset_id = leaderboard_rows.dataset_id
        )
        select row_number() over (order by l.value desc nulls last, l.run_name), l.run_name,
               case when l.value is not null
                    then rank() over (order by l.value desc nulls last) end,
               l.evaluation_id, l.value
        from latest l;
end
$$;
comment on function coco.leaderboard_rows is
    'All runs of a dataset by a number of their evaluation with the parameters of '
    'coco.leaderboard_params for the published imports, the best first, those without one last. '
    'rank: equal for equal numbers';

create or replace function coco.check_metric(dataset_id bigint, iou_type text, metric text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    compared text := md5(coco.leaderboard_params(dataset_id, iou_type)::text);
    known text[] := (
        select e.names
        from coco.runs r
        join coco.evaluations e on e.import_id = r.import_id
        where r.dataset_id = check_metric.dataset_id
          and e.params_digest = compared
        limit 1);
begin
    if metric <> all (known) then
        raise exception using
            errcode = 'CO400',
            message = format('metric must be one of %s, not "%s"',
                             array_to_string(known, ', '), coco.shown(metric));
    end if;
end
$$;
comment on function coco.check_metric is
    'Raises CO400 unless evaluations of this kind have such a number. Cannot tell before there is '
    'one';

create or replace function coco.leaderboard_document(
    d text, iou_type text default 'bbox', metric text default 'AP', after text default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set extra_float_digits = 1 as $$
declare
    page constant integer := 100;
    ds coco.datasets := coco.dataset_find(d);
    kind constant text := coalesce(iou_type, 'bbox');
    number constant text := coalesce(metric, 'AP');
    compared constant jsonb := coco.leaderboard_params(ds.id, kind);
    document json;
    last text;
    has_more boolean;
begin
    perform coco.check_metric(ds.id, kind, number);
    if after is not null and not exists (select from coco.runs r
                                         where r.dataset_id = ds.id and r.run_name = after) then
        perform coco.raise_unknown_run(ds, after);
    end if;
    with places as (
        select *
        from coco.leaderboard_rows(ds.id, kind, number)
    ), shown as (
        select *, row_number() over (order by p.place) as nth
        from places p
        where after is null or p.place > (select q.place from places q where q.run_name = after)
        order by p.place limit page + 1
    )
    select json_agg(coco.joined(
                        json_build_object('rank', s.rank, 'run_name', s.run_name,
                                          'value', s.value),
                        coco.joined(coco.leaderboard_run(ds.id, s.run_name),
                                    coco.evaluation_or_null(s.evaluation_id)))
                    order by s.place) filter (where s.nth <= page),
           max(s.run_name) filter (where s.nth = page), count(*) > page
        into document, last, has_more
        from shown s;
    document := json_build_object('dataset', ds.name, 'iou_type', kind, 'metric', number,
                                  'params', case when compared is not null
                                                 then coco.shown_params(compared) end,
                                  'runs', coalesce(document, '[]'));
    if has_more then
        document := coco.joined(document, json_build_object(
            'next', format('/datasets/%s/leaderboard?iou_type=%s&metric=%s&after=%s', ds.name,
                           kind, number, last)));
    end if;
    return document;
end
$$;
comment on function coco.leaderboard_document is
    'GET /datasets/{d}/leaderboard: all runs by a number of their stored evaluation with the '
    'parameters of coco.leaderboard_params, 100 a page; those without one last, with null. The '
    'interval is that of AP. `after`: the run with which the page before ended. Raises CO400, '
    'CO401 or CO402';

create or replace function coco.leaderboard_run(dataset_id bigint, run text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select json_build_object('imported_at', r.imported_at,
                                 'prediction_count', r.prediction_count)
        from coco.runs r
        where r.dataset_id = leaderboard_run.dataset_id and r.run_name = run);
end
$$;
comment on function coco.leaderboard_run is
    'What the leaderboard says about a run beside its numbers';
