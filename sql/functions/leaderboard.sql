-- The leaderboard of a dataset: its runs, sorted by a number of their evaluations.

create or replace function coco.leaderboard_rows(dataset_id bigint, iou_type text, metric text)
returns table (place bigint, run_name text, rank bigint, evaluation_id bigint, value float8)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    truth_import bigint := coco.ground_truth_of(dataset_id);
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
                  and v.is_default and v.iou_type = leaderboard_rows.iou_type
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
    'All runs of a dataset by a number of their newest evaluation with COCO''s parameters for the '
    'published imports, the best first, those without one last. rank: equal for equal numbers';

create or replace function coco.check_metric(dataset_id bigint, iou_type text, metric text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    known text[] := (
        select e.names
        from coco.runs r
        join coco.evaluations e on e.import_id = r.import_id
        where r.dataset_id = check_metric.dataset_id and e.is_default
          and e.iou_type = check_metric.iou_type
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
    'GET /datasets/{d}/leaderboard: all runs by a number of their stored evaluation with COCO''s '
    'parameters, 100 a page; those without one last, with null. The interval is that of AP. '
    '`after`: the run with which the page before ended. Raises CO400, CO401 or CO402';

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
