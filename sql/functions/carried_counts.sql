-- The counts of runs, made true for another ground truth in whose images their rows are, too. No
-- row is read.

create or replace function coco.column_sums(matrix bigint[]) returns bigint[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select array_agg(s.n order by s.place)
    from (select place, sum(matrix[row][place])::bigint as n
          from generate_subscripts(matrix, 1) row, generate_subscripts(matrix, 2) place
          group by place) s
$$;
comment on function coco.column_sums is 'Histograms with the same bins, as rows, added up';

create or replace function coco.carry_run_counts(id bigint, new_split text, image_count bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    with gone as (
        delete from coco.class_counts c
        using coco.sources s
        where c.dataset_id = id and s.import_id = c.import_id and s.source <> 'ground_truth'
        returning c.*
    )
    insert into coco.class_counts (dataset_id, import_id, category_id, split, n, scores, sizes)
        select id, g.import_id, g.category_id, new_split, sum(g.n),
               coco.column_sums(array_agg(g.scores) filter (where g.scores is not null)),
               coco.column_sums(array_agg(g.sizes) filter (where g.sizes is not null))
        from gone g
        group by g.import_id, g.category_id;
    with gone as (
        delete from coco.import_statistics c
        using coco.sources s
        where c.dataset_id = id and s.import_id = c.import_id and s.source <> 'ground_truth'
        returning c.*
    )
    insert into coco.import_statistics (dataset_id, import_id, split, n, most_per_image, per_image,
                                        sizes, scores)
        select id, u.import_id, new_split, u.n, u.most,
               (carry_run_counts.image_count - u.taken) || u.per_image[2:], u.sizes, u.scores
        from (select g.import_id, sum(g.n) as n, max(g.most_per_image) as most,
                     coco.column_sums(array_agg(g.per_image)) as per_image,
                     coco.column_sums(array_agg(g.sizes)) as sizes,
                     coco.column_sums(array_agg(g.scores)
                                      filter (where g.scores is not null)) as scores,
                     sum((select sum(b) from unnest(g.per_image[2:]) b))::bigint as taken
              from gone g
              group by g.import_id) u;
end
$$;
comment on function coco.carry_run_counts is
    'Makes the counts of the runs of a dataset true for a new ground truth of so many images, all '
    'of this split (null: none). Their rows are the same, so none is read';

create or replace function coco.extend_run_counts(id bigint, new_split text, images bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    if images = 0 then
        return;
    end if;
    update coco.import_statistics t
        set per_image[1] = t.per_image[1] + images
        from coco.sources s
        where t.dataset_id = id and s.import_id = t.import_id and s.source <> 'ground_truth'
          and t.split is not distinct from new_split;
    insert into coco.import_statistics (dataset_id, import_id, split, n, most_per_image, per_image,
                                        sizes, scores)
        select id, s.import_id, new_split, 0, 0, images || array_fill(0::bigint, array[11]),
               array_fill(0::bigint, array[12]), array_fill(0::bigint, array[20])
        from coco.sources s
        where s.dataset_id = id and s.source <> 'ground_truth'
          and exists (select from coco.import_statistics t where t.import_id = s.import_id)
          and not exists (select from coco.import_statistics t
                          where t.import_id = s.import_id
                            and t.split is not distinct from new_split);
end
$$;
comment on function coco.extend_run_counts is
    'Makes the counts of the runs of a dataset true for further images of this split (null: none), '
    'in which they have no rows';
