-- The errors of a run by image, as lists of images are sorted by them.

create or replace function coco.error_weight(
    is_truth boolean, outcome coco.outcome, confidence float8)
returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when outcome = 'ignored' then 0
                when is_truth then 1
                when confidence < 0.25 then 0
                when outcome = 'true_positive' then -1
                else 1 end
$$;
comment on function coco.error_weight is
    'What a row of coco.matches adds to the errors of its image: they are the false positives, and '
    'the ground truths less the true positives. As coco.error_images counts them at 0.25';

create or replace function coco.needs_error_keys(m coco.match_sources) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return m.detection_count + m.truth_count > coco.rows_to_index()
           or (select d.image_count from coco.datasets d where d.id = m.dataset_id) > 10000;
end
$$;
comment on function coco.needs_error_keys is
    'Whether a set of matches, or its dataset, is too large to count its errors for each list';

create or replace function coco.has_error_keys(matches_id bigint) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return exists (select from coco.error_keys k where k.matches_id = has_error_keys.matches_id);
end
$$;
comment on function coco.has_error_keys is 'Whether coco.error_keys has this set of matches';

create or replace function coco.make_error_keys(matches_id bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off as $$
declare
    m coco.match_sources;
    made bigint;
begin
    select * into m from coco.match_sources s where s.matches_id = make_error_keys.matches_id;
    insert into coco.error_keys (matches_id, image_id, errors)
        select m.matches_id, i.image_id, coalesce(n.n, 0)
        from coco.images i
        left join (select e.image_id,
                          sum(coco.error_weight(e.is_truth, e.outcome, e.confidence)) as n
                   from coco.matches e
                   where e.dataset_id = m.dataset_id and e.source = m.source
                     and e.iou_type = m.iou_type
                   group by e.image_id) n on n.image_id = i.image_id
        -- One statement, one snapshot: the set may have been replaced since it was looked up.
        -- Without nested loops: see make_image_keys.
        where i.dataset_id = m.dataset_id
          and exists (select from coco.match_sources s where s.matches_id = m.matches_id)
        order by i.image_id;
    get diagnostics made = row_count;
    return made;
end
$$;
comment on function coco.make_error_keys is
    'Writes the rows of coco.error_keys for a published set of matches. Returns their number';

create or replace function coco.drop_error_keys(matches_id bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    gone bigint;
begin
    delete from coco.error_keys k where k.matches_id = drop_error_keys.matches_id;
    get diagnostics gone = row_count;
    return gone;
end
$$;
comment on function coco.drop_error_keys is
    'Removes the rows of coco.error_keys of a set of matches that is not published any more';

create or replace function coco.error_key_preparations()
returns table (leaf text, action text, command text)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        with recursive kept as (
            select min(k.matches_id) as id from coco.error_keys k
            union all
            select (select min(k.matches_id) from coco.error_keys k where k.matches_id > kept.id)
            from kept
            where kept.id is not null
        )
        select format('coco_parts.%I', 'm_' || k.id), 'keys',
               format('select coco.drop_error_keys(%L)', k.id)
        from kept k
        where k.id is not null
          and not exists (select from coco.match_sources s where s.matches_id = k.id);
    return query
        select format('coco_parts.%I', 'm_' || m.matches_id), 'keys',
               format('select coco.make_error_keys(%L)', m.matches_id)
        from coco.match_sources m
        where not coco.has_error_keys(m.matches_id) and coco.needs_error_keys(m)
        order by m.matches_id;
end
$$;
comment on function coco.error_key_preparations is
    'What the collection does for coco.error_keys: see preparations';

create or replace function coco.order_by_errors(
    c coco.image_choice, ds coco.datasets, source text, iou_type text)
returns coco.image_choice
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    m coco.match_sources;
begin
    if coalesce(source, 'ground_truth') = 'ground_truth' then
        perform coco.refuse_images('sort=errors is for a run: name it as run, or as source');
    end if;
    m := coco.required_matches(ds, source, coalesce(iou_type, 'bbox'));
    if coco.needs_error_keys(m) and not coco.has_error_keys(m.matches_id) then
        raise exception using
            errcode = 'CO905',
            message = format('the errors of run %s are being counted by image; try again soon',
                             source);
    end if;
    c.order_source := source;
    c.order_iou_type := m.iou_type;
    c.order_matches := m.matches_id;
    return c;
end
$$;
comment on function coco.order_by_errors is
    'Adds to a choice whose errors it is sorted by. Raises CO400, CO405, or CO905 until the '
    'collection has counted the errors of a large run';

create or replace function coco.errors_by_key(c coco.image_choice, driver text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case
        when coco.has_error_keys(c.order_matches) and driver = 'images' then
            'select * from coco.error_keys k where k.matches_id = ($1).order_matches'
        when coco.has_error_keys(c.order_matches) then
            format('select k.* from (select distinct r.image_id from %s) r '
                   'join coco.error_keys k on k.matches_id = ($1).order_matches '
                   'and k.image_id = r.image_id', coco.driver_rows(c, driver))
        else
            'select i.image_id, (select coalesce(sum(coco.error_weight('
            'e.is_truth, e.outcome, e.confidence)), 0) from coco.matches e '
            'where e.dataset_id = ($1).dataset_id and e.source = ($1).order_source '
            'and e.iou_type = ($1).order_iou_type and e.image_id = i.image_id) as errors '
            'from coco.images i where i.dataset_id = ($1).dataset_id'
            || case when driver = 'images' then '' else
                    format(' and i.image_id = any (array(select distinct r.image_id from %s))',
                           coco.driver_rows(c, driver)) end
    end
$$;
comment on function coco.errors_by_key is
    'SQL that reads images and their errors, for candidates_by_key';

create or replace function coco.image_errors(c coco.image_choice, ids bigint[])
returns table (image_id bigint, errors bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    if coco.has_error_keys(c.order_matches) then
        return query
            select k.image_id, k.errors
            from coco.error_keys k
            where k.matches_id = c.order_matches and k.image_id = any (ids);
    else
        return query
            select i.id, (select coalesce(sum(coco.error_weight(e.is_truth, e.outcome,
                                                                e.confidence)), 0)
                          from coco.matches e
                          where e.dataset_id = c.dataset_id and e.source = c.order_source
                            and e.iou_type = c.order_iou_type and e.image_id = i.id)::bigint
            from unnest(ids) i (id)
            where c.order_matches is not null;
    end if;
end
$$;
comment on function coco.image_errors is
    'The errors of these images, if the choice is sorted by errors; nothing otherwise';
