-- Statistics: how much is in a dataset. Answered from what imports have counted
-- (coco.class_counts, coco.import_statistics), whatever the number of rows; those of a slice are
-- counted when they are asked for, within a bound.

create or replace function coco.histogram(counts bigint[], edges float8[]) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select json_agg(json_build_object('low', edges[c.nth], 'high', edges[c.nth + 1], 'count', c.n)
                    order by c.nth)
    from unnest(counts) with ordinality c (n, nth)
$$;
comment on function coco.histogram is
    'A histogram as documents show it: [{low, high, count}] with low <= value < high. edges: the '
    'lower ends; high of the last bin is null unless there is an edge for it. Null for null';

create or replace function coco.shown_counts(
    n bigint, most_per_image bigint, per_image bigint[], sizes bigint[], scores bigint[],
    classes json)
returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select json_build_object(
        'count', n,
        'images_without', per_image[1],
        'most_per_image', most_per_image,
        'mean_per_image', n::float8 / nullif((select sum(u) from unnest(per_image) u), 0)::float8,
        'per_image', coco.histogram(per_image,
                                    array[0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]),
        'areas', case when sizes is not null then json_build_object(
            'small', (select sum(u)::bigint from unnest(sizes[1:4]) u),
            'medium', (select sum(u)::bigint from unnest(sizes[5:6]) u),
            'large', (select sum(u)::bigint from unnest(sizes[7:]) u)) end,
        -- The bins at 96, where COCO's large begin, are one between 64 and 128.
        'sizes', coco.histogram(case when sizes is not null
                                     then sizes[1:5] || (sizes[6] + sizes[7]) || sizes[8:] end,
                                array[0, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048]),
        'scores', coco.histogram(scores, array(select bin / 20.0::float8
                                               from generate_series(0, 20) bin)),
        'class_counts', coalesce(classes, '{}'))
$$;
comment on function coco.shown_counts is
    'The numbers of a ground truth or a run as the document shows them. classes: '
    '{category_id: rows}';

create or replace function coco.added(a bigint[], b bigint[]) returns bigint[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select array(select coalesce(p.x, 0) + coalesce(p.y, 0)
                 from unnest(a, b) with ordinality p (x, y, nth)
                 order by p.nth)
$$;
comment on function coco.added is 'Two histograms with the same bins, added up';

create or replace function coco.kept_counts(import_id bigint, split text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id constant bigint := import_id;
    part constant text := split;
    t coco.import_statistics;
    n bigint;
    most bigint;
    per_image bigint[];
    sizes bigint[];
    scores bigint[];
    classes json := (
        select json_object_agg(k.category_id, k.n order by k.n desc, k.category_id)
        from (select c.category_id, sum(c.n)::bigint as n
              from coco.class_counts c
              where c.import_id = id and (part is null or c.split = part)
              group by c.category_id
              order by n desc, c.category_id limit 2000) k);
begin
    for t in select * from coco.import_statistics c
             where c.import_id = id and (part is null or c.split = part) loop
        n := coalesce(n, 0) + t.n;
        most := greatest(most, t.most_per_image);
        per_image := coco.added(per_image, t.per_image);
        sizes := coco.added(sizes, t.sizes);
        scores := case when t.scores is not null then coco.added(scores, t.scores) end;
    end loop;
    if n is null then
        n := (select coalesce(sum(c.n), 0) from coco.class_counts c
              where c.import_id = id and (part is null or c.split = part));
    end if;
    return coco.shown_counts(n, most, per_image, sizes, scores, classes);
end
$$;
comment on function coco.kept_counts is
    'The numbers of an import, of one split of it or of all (null), from kept counts. A '
    'large ground truth has null for what the maintenance has not counted yet';

create or replace function coco.slice_counts(
    ds coco.datasets, source text, slice text, split text, image_count bigint)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    most constant bigint := 1000000;
    c record;
begin
    -- Image by image along the index of the leaf, however the planner estimates it.
    select * into c from json_to_record(coco.count_rows(
        format($sql$
            select a.image_id, a.category_id, a.confidence, a.area, a.bbox_w, a.bbox_h
            from coco.slices s
            join coco.images i on i.dataset_id = s.dataset_id and i.image_id = s.image_id
            join coco.annotations a on a.image_id = s.image_id
            where s.dataset_id = %1$L and s.slice = %2$L and (%3$L is null or i.split = %3$L)
              and i.dataset_id = %1$L and a.dataset_id = %1$L and a.source = %4$L
            limit %5$s
            $sql$, ds.id, slice, split, source, most + 1),
        true, source <> 'ground_truth', image_count))
        r (classes json, scores bigint[], sizes bigint[], most_per_image bigint,
           per_image bigint[]);
    if (select sum(u) from unnest(c.sizes) u) > most then
        perform coco.raise_large_slice(ds, slice, format('more than %s rows of %s', most, source));
    end if;
    return coco.shown_counts(
        (select sum(u)::bigint from unnest(c.sizes) u), c.most_per_image, c.per_image, c.sizes,
        case when source <> 'ground_truth' then c.scores end,
        (select json_object_agg(k.category_id, k.n order by k.n desc, k.category_id)
         from (select * from json_to_recordset(c.classes) k (category_id integer, n bigint)
               order by n desc, category_id limit 2000) k));
end
$$;
comment on function coco.slice_counts is
    'The numbers of a ground truth or a run in the images of a slice, of which there are '
    'image_count. Reads the rows of these images. Raises CO400 if they are more than a million';

create or replace function coco.raise_large_slice(ds coco.datasets, slice text, what text)
returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using
        errcode = 'CO400',
        message = format('slice %s of dataset %s has %s; statistics of a slice are counted for '
                         'at most 10000 images and a million rows', slice, ds.name, what);
end
$$;
comment on function coco.raise_large_slice is
    'Raises CO400: statistics of this slice would take too long';

create or replace function coco.slice_image_count(ds coco.datasets, slice text, split text)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    most constant bigint := 10000;
    id constant bigint := ds.id;
    images bigint;
    chosen bigint;
begin
    select count(*), count(*) filter (where slice_image_count.split is null
                                       or l.split = slice_image_count.split)
        into images, chosen
        from (select i.split
              from coco.slices s
              join coco.images i on i.dataset_id = s.dataset_id and i.image_id = s.image_id
              where s.dataset_id = id and i.dataset_id = id
                and s.slice = slice_image_count.slice
              limit most + 1) l;
    if images = 0 then
        perform coco.raise_unknown_slice(ds, slice);
    elsif images > most then
        perform coco.raise_large_slice(ds, slice, format('more than %s images', most));
    end if;
    return chosen;
end
$$;
comment on function coco.slice_image_count is
    'How many images of a split (null: all) a slice has. Raises CO404, or CO400 if the slice has '
    'more than 10,000';

create or replace function coco.all_class_counts(
    dataset_id bigint, of_runs boolean, run bigint, split text)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id constant bigint := dataset_id;
    truth constant bigint := coco.ground_truth_of(dataset_id);
begin
    return (
        select json_object_agg(k.category_id, k.n)
        from (select c.category_id, sum(c.n)::bigint as n
              from coco.class_counts c
              where c.dataset_id = id and (c.import_id <> truth) = of_runs
                and (run is null or c.import_id = run)
                and (all_class_counts.split is null or c.split = all_class_counts.split)
              group by c.category_id) k);
end
$$;
comment on function coco.all_class_counts is
    'Rows by class, {category_id: rows}: of the ground truth, or of all runs or one (its import). '
    'split: null for all';

create or replace function coco.class_distribution(
    dataset_id bigint, truths json, predictions json)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id constant bigint := dataset_id;
begin
    return (
        select coalesce(json_agg(json_build_object(
                   'category_id', k.category_id, 'category_name', k.name,
                   'gt_count', k.truths, 'pred_count', k.predictions)
                   order by k.truths desc, k.category_id), '[]')
        from (select c.category_id, left(c.name, 256) as name,
                     coalesce(t.value::bigint, 0) as truths,
                     case when predictions is not null
                          then coalesce(p.value::bigint, 0) end as predictions
              from coco.categories c
              left join json_each_text(truths) t on t.key::integer = c.category_id
              left join json_each_text(predictions) p on p.key::integer = c.category_id
              where c.dataset_id = id
              order by truths desc, c.category_id limit 2000) k);
end
$$;
comment on function coco.class_distribution is
    'The classes of a dataset with their numbers of ground truths and predictions (both '
    '{category_id: rows}), those with most ground truths first: at most 2,000. predictions: null '
    'if they are not known';

create or replace function coco.split_breakdown(dataset_id bigint, run bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    of_dataset constant bigint := dataset_id;
    truth constant bigint := coco.ground_truth_of(dataset_id);
begin
    return (
        with counts as (
            select c.split, sum(c.n) filter (where c.import_id = truth) as truths,
                   sum(c.n) filter (where c.import_id <> truth
                                    and (run is null or c.import_id = run)) as predictions
            from coco.class_counts c
            where c.dataset_id = of_dataset
            group by c.split
        ), parts as (
            select s.split, s.image_count from coco.splits s where s.dataset_id = of_dataset
            union all
            select null, d.image_count - (select coalesce(sum(s.image_count), 0)
                                          from coco.splits s where s.dataset_id = of_dataset)
            from coco.datasets d
            where d.id = of_dataset
        )
        select coalesce(json_agg(json_build_object(
                   'split_name', p.split, 'image_count', p.image_count,
                   'gt_count', coalesce(c.truths, 0), 'pred_count', coalesce(c.predictions, 0))
                   order by p.split), '[]')
        from (select * from parts where split is not null or image_count > 0
              order by split limit 500) p
        left join counts c on c.split is not distinct from p.split);
end
$$;
comment on function coco.split_breakdown is
    'Images, ground truths and predictions of each split of a dataset, and of the images without '
    'one (null); predictions of one run (its import) or of all (null). At most 500 splits';

create or replace function coco.runs_with_counts(
    ds coco.datasets, run text, after text, split text, slice text, image_count bigint)
returns table (name text, numbers json)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id constant bigint := ds.id;
begin
    return query
        select r.source,
               coco.joined(
                   json_build_object('run_name', r.source, 'import', r.import_id,
                                     'imported_at', r.imported_at),
                   case when slice is null then coco.kept_counts(r.import_id, split)
                        else coco.slice_counts(ds, r.source, slice, split, image_count) end)
        from (select s.source, s.import_id, s.imported_at
              from coco.sources s
              where s.dataset_id = id and s.source <> 'ground_truth'
                and (run is null or s.source = run)
                and (slice is null or run is not null)
                and (after is null or s.source > after collate "C")
              order by s.source limit 20) r;
end
$$;
comment on function coco.runs_with_counts is
    'The numbers of one run, or of the first 20 after a name. With a slice: only if a run is named';

create or replace function coco.statistics_document(
    d text, split text default null, slice text default null, run text default null,
    after text default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    truth bigint := coco.ground_truth_of(ds.id);
    run_import bigint;
    images bigint := ds.image_count;
    truths json;
    names text[];
    runs json[];
    of_truths json;
    of_runs json;
begin
    if split is not null then
        perform coco.check_split(ds, split);
        images := (select s.image_count from coco.splits s
                   where s.dataset_id = ds.id and s.split = statistics_document.split);
    end if;
    if slice is not null then
        images := coco.slice_image_count(ds, slice, split);
    end if;
    if run is not null then
        select s.import_id into run_import
            from coco.sources s
            where s.dataset_id = ds.id and s.source = run and s.source <> 'ground_truth';
        if not found then
            perform coco.raise_unknown_run(ds, run);
        end if;
    end if;
    select array_agg(r.name order by r.name), array_agg(r.numbers order by r.name)
        into names, runs
        from coco.runs_with_counts(ds, run, after, split, slice, images) r;
    if slice is null then
        truths := coco.kept_counts(truth, split);
        of_truths := coco.all_class_counts(ds.id, false, null, split);
        of_runs := coalesce(coco.all_class_counts(ds.id, true, run_import, split), '{}');
    else
        truths := coco.slice_counts(ds, 'ground_truth', slice, split, images);
        of_truths := truths -> 'class_counts';
        of_runs := runs[1] -> 'class_counts';
    end if;
    return coco.with_next_page(
        json_build_object(
            'dataset_id', ds.id, 'dataset', ds.name, 'split', split, 'slice', slice,
            'ground_truth_import', truth,
            'summary', json_build_object(
                'total_images', images, 'gt_annotations', truths -> 'count',
                'pred_annotations', (select case when of_runs is not null
                                                 then coalesce(sum(p.value::bigint), 0) end
                                     from json_each_text(of_runs) p),
                'total_categories', ds.category_count,
                'total_runs', (select count(*) from coco.sources s
                               where s.dataset_id = ds.id and s.source <> 'ground_truth')),
            'class_distribution', coco.class_distribution(ds.id, of_truths, of_runs),
            'split_breakdown', coco.split_breakdown(ds.id, run_import),
            'ground_truth', truths, 'runs', coalesce(array_to_json(runs), '[]')),
        format('/datasets/%s/statistics', ds.name),
        json_build_object('split', split),
        case when run is null and exists (
                 select from coco.sources s
                 where s.dataset_id = ds.id and s.source <> 'ground_truth'
                   and s.source > names[20] collate "C")
             then names[20] end);
end
$$;
comment on function coco.statistics_document is
    'GET /datasets/{d}/statistics: classes, splits, sizes, scores and annotations per image, of '
    'the ground truth and of each run, 20 runs a page; of one run; of the images of a split. With '
    'a slice the ground truth, and the run if one is named, are counted now. Raises CO400, CO401, '
    'CO402 or CO404';
