-- Counts: what statistics need of each import, kept when it is published. The worker counts the
-- rows of a run while they pass. These functions count a leaf: ground truths, and runs whose images
-- were matched after their rows. A large ground truth is published with its counts by class only,
-- and the maintenance counts the rest: that takes a second for a million rows.

create or replace function coco.image_bin(n bigint) returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select width_bucket(n, array[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]::bigint[])
$$;
comment on function coco.image_bin is
    'The place, from 0, of an image with n rows in coco.import_statistics.per_image';

create or replace function coco.bins(expression text, last integer) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select 'array[' || string_agg(format('coalesce(sum(n) filter (where %s = %s), 0)::bigint',
                                         expression, bin), ', ' order by bin) || ']'
    from generate_series(0, last) bin
$$;
comment on function coco.bins is
    'SQL for a histogram: an array of the sums of n where the expression is 0, 1, ... last';

create or replace function coco.count_parts(
    query text, at_once boolean, of_a_run boolean, names text[], image_counts bigint[])
returns json
language plpgsql stable set search_path = pg_catalog, pg_temp set jit = off as $$
declare
    counts json;
begin
    -- The bins are those of the worker (src/import/class_counts.h). The cells are counted first,
    -- because an aggregate for each bin would be worked on for each row. Two groupings of the rows
    -- are quicker than grouping sets, which sort them; that by image follows the index.
    execute format($sql$
        with rows as %s materialized (%s),
        cells as materialized (
            select part, category_id, score, size, count(*) as n
            from (select part, category_id, %s as score,
                         width_bucket(coalesce(area, coco.box_area(bbox_w, bbox_h)),
                                      array[16, 64, 256, 1024, 4096, 9216, 16384, 65536, 262144,
                                            1048576, 4194304]::float8[]) as size
                  from rows) a
            group by part, category_id, score, size
        ), classes as (
            select part, json_agg(c order by category_id) as list
            from (select part, category_id, sum(n)::bigint as n, %4$s as scores, %5$s as sizes
                  from cells
                  group by part, category_id) c
            group by part
        ), totals as (
            select part, %4$s as scores, %5$s as sizes
            from cells
            group by part
        ), images as (
            select part, max(rows) as most, count(*) as taken, %6$s as bins
            from (select part, count(*) as rows, 1 as n, coco.image_bin(count(*)) as bin
                  from rows
                  group by part, image_id) i
            group by part
        )
        select json_agg(json_build_object('split', p.name, 'counts', json_build_object(
            'classes', coalesce(c.list, '[]'),
            'scores', coalesce(t.scores, array_fill(0::bigint, array[20])),
            'sizes', coalesce(t.sizes, array_fill(0::bigint, array[12])),
            'most_per_image', coalesce(i.most, 0),
            'per_image', array[p.image_count - coalesce(i.taken, 0)]
                         || coalesce(i.bins[2:], array_fill(0::bigint, array[11])))))
        from unnest($1, $2) p (name, image_count)
        left join classes c on c.part is not distinct from p.name
        left join totals t on t.part is not distinct from p.name
        left join images i on i.part is not distinct from p.name
        $sql$,
        case when at_once then '' else 'not' end, query,
        case when of_a_run
             then 'case when confidence > 0 '
                  'then least(floor(least(confidence, 1) * 20), 19)::integer else 0 end'
             else '0' end,
        coco.bins('score', 19), coco.bins('size', 11), coco.bins('bin', 11))
        into counts using names, image_counts;
    return counts;
end
$$;
comment on function coco.count_parts is
    'Counts annotations by class, score, size and image, as the worker does with rows that it '
    'takes while it reads, apart for each part: [{split, counts}]. query: gives annotations, with '
    'the name of their part as `part`. at_once: run the query once and keep the rows, not twice. '
    'names, image_counts: the parts, and their images that may have rows';

create or replace function coco.count_rows(
    query text, at_once boolean, of_a_run boolean, image_count bigint)
returns json
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coco.count_parts(format('select null::text as part, r.* from (%s) r', query), at_once,
                            of_a_run, array[null::text], array[image_count]) -> 0 -> 'counts'
$$;
comment on function coco.count_rows is
    'count_parts of annotations as a whole';

create or replace function coco.count_leaf(leaf text, of_a_run boolean, image_count bigint)
returns json
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coco.count_rows('select * from ' || leaf, false, of_a_run, image_count)
$$;
comment on function coco.count_leaf is
    'count_rows of a leaf (its quoted name)';

create or replace function coco.count_run(leaf text, dataset_id bigint) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return coco.count_leaf(
        leaf, true,
        (select d.image_count from coco.datasets d where d.id = count_run.dataset_id));
end
$$;
comment on function coco.count_run is
    'count_leaf of a run';

create or replace function coco.is_counted_at_once(row_count bigint) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select row_count <= 200000
$$;
comment on function coco.is_counted_at_once is
    'Whether a ground truth of so many annotations is published with all its counts';

create or replace function coco.count_truths(leaf text, row_count bigint, image_count bigint)
returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    counts json;
begin
    if coco.is_counted_at_once(row_count) then
        return coco.count_leaf(leaf, false, image_count);
    end if;
    execute format('select json_build_object(''classes'', json_agg(c)) '
                   'from (select category_id, count(*) as n from %s group by category_id) c', leaf)
        into counts;
    return counts;
end
$$;
comment on function coco.count_truths is
    'The counts with which a ground truth is published (its leaf''s quoted name): by class only if '
    'it is large';

create or replace function coco.keep_counts(
    dataset_id bigint, import_id bigint, split text, of_a_run boolean, counts json)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into coco.class_counts (dataset_id, import_id, category_id, split, n, scores, sizes)
        select keep_counts.dataset_id, keep_counts.import_id, c.category_id, keep_counts.split, c.n,
               case when of_a_run then c.scores end, c.sizes
        from json_to_recordset(counts -> 'classes')
            c (category_id integer, n bigint, scores bigint[], sizes bigint[]);
    insert into coco.import_statistics (dataset_id, import_id, split, n, most_per_image, per_image,
                                        sizes, scores)
        select keep_counts.dataset_id, keep_counts.import_id, keep_counts.split,
               (select coalesce(sum(u), 0) from unnest(c.sizes) u), c.most_per_image, c.per_image,
               c.sizes, case when of_a_run then c.scores end
        from json_to_record(counts)
            c (most_per_image bigint, per_image bigint[], sizes bigint[], scores bigint[])
        where c.sizes is not null;
end
$$;
comment on function coco.keep_counts is
    'Writes the counts of an import, as the worker or count_rows has made them, for its '
    'publication. All of its images have this split; null: none';

create or replace function coco.image_splits(dataset_id bigint)
returns table (split text, image_count bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select p.split, p.image_count
        from coco.splits p
        where p.dataset_id = image_splits.dataset_id
        union all
        select null, d.image_count - coalesce(sum(p.image_count), 0)::bigint
        from coco.datasets d
        left join coco.splits p on p.dataset_id = d.id
        where d.id = image_splits.dataset_id
        group by d.image_count
        having d.image_count > coalesce(sum(p.image_count), 0);
end
$$;
comment on function coco.image_splits is
    'The splits of a dataset with their images, and a null for images without one';

create or replace function coco.has_several_splits(dataset_id bigint) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select count(*) > 1 from coco.image_splits(dataset_id)
$$;
comment on function coco.has_several_splits is
    'Whether images of a dataset have different splits, or some have one and some none';

create or replace function coco.counts_by_split(
    leaf text, dataset_id bigint, of_a_run boolean, in_full boolean)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    query constant text := format(
        'select i.split as part, a.* from %s a '
        'join coco.images i on i.dataset_id = %L and i.image_id = a.image_id', leaf, dataset_id);
    names text[];
    image_counts bigint[];
    parts json;
begin
    select array_agg(s.split), array_agg(s.image_count) into names, image_counts
        from coco.image_splits(dataset_id) s;
    if in_full then
        parts := coco.count_parts(query, false, of_a_run, names, image_counts);
    else
        execute format($sql$
            select json_agg(json_build_object(
                'split', p.part, 'counts', json_build_object('classes', p.classes)))
            from (select part, json_agg(c) as classes
                  from (select part, category_id, count(*) as n
                        from (%s) r
                        group by part, category_id) c
                  group by part) p
            $sql$, query) into parts;
    end if;
    return json_build_object('splits', coalesce(parts, '[]'));
end
$$;
comment on function coco.counts_by_split is
    'Counts a leaf (its quoted name) for each split of its dataset: {"splits": [{split, counts}]}. '
    'Not in_full: only by class. Reads the leaf twice, once if not in_full';

create or replace function coco.keep_counts_by_split(
    dataset_id bigint, import_id bigint, of_a_run boolean, counts json)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.keep_counts(dataset_id, import_id, p ->> 'split', of_a_run, p -> 'counts')
        from json_array_elements(counts -> 'splits') p;
end
$$;
comment on function coco.keep_counts_by_split is
    'Writes what counts_by_split has counted';

create or replace function coco.drop_counts(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from coco.class_counts where import_id = id;
    delete from coco.import_statistics where import_id = id;
    delete from coco.health_reports where import_id = id;
end
$$;
comment on function coco.drop_counts is
    'Deletes what is kept of an import while it is published';

create or replace function coco.count_again(id bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    s record;
    counts json;
    by_split boolean;
begin
    select p.dataset_id, p.source <> 'ground_truth' as of_a_run, d.image_count into s
        from coco.sources p
        join coco.datasets d on d.id = p.dataset_id
        where p.import_id = count_again.id;
    if not found then
        return;
    end if;
    by_split := coco.has_several_splits(s.dataset_id);
    counts := case when by_split
                   then coco.counts_by_split(format('coco_parts.%I', 'a_' || id), s.dataset_id,
                                             s.of_a_run, true)
                   else coco.count_leaf(format('coco_parts.%I', 'a_' || id), s.of_a_run,
                                        s.image_count) end;
    -- The import may have been replaced meanwhile. From here on it cannot be; the lock_timeout of
    -- the caller bounds the wait.
    perform from coco.sources p where p.import_id = id for key share;
    if not found or exists (select from coco.import_statistics t where t.import_id = id) then
        return;
    end if;
    delete from coco.class_counts where import_id = id;
    if by_split then
        perform coco.keep_counts_by_split(s.dataset_id, id, s.of_a_run, counts);
        return;
    end if;
    perform coco.keep_counts(
        s.dataset_id, id, (select p.split from coco.splits p where p.dataset_id = s.dataset_id),
        s.of_a_run, counts);
end
$$;
comment on function coco.count_again is
    'Counts an import that was published with its counts by class only. The maintenance calls it';
