-- What the collection prepares for lists of images: indexes by class of large leaves, and the keys
-- by which the images of large datasets are sorted. Lists work without, and read more.

create or replace function coco.rows_to_index() returns bigint
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select 20000
$$;
comment on function coco.rows_to_index is
    'Leaves with more rows than this get an index by class, or by outcome; see coco.preparations';

create or replace function coco.leaf_has_index(leaf text, suffix text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    -- Not by to_regclass: readers may not use the schema.
    return exists (
        select from pg_class c
        join pg_namespace s on s.oid = c.relnamespace
        join pg_index i on i.indexrelid = c.oid
        where s.nspname = 'coco_parts' and c.relname = leaf || suffix and i.indisvalid);
end
$$;
comment on function coco.leaf_has_index is
    'Whether the collection has built this index of a leaf (its name without schema)';

create or replace function coco.has_image_keys(import_id bigint) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return exists (select from coco.image_keys k where k.import_id = has_image_keys.import_id);
end
$$;
comment on function coco.has_image_keys is
    'Whether coco.image_keys has the images of this import of a ground truth';

create or replace function coco.needs_image_keys(import_id bigint) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return exists (
        select from coco.sources s
        join coco.datasets d on d.id = s.dataset_id
        where s.import_id = needs_image_keys.import_id and s.source = 'ground_truth'
          and (d.image_count > 10000 or s.row_count > 100000));
end
$$;
comment on function coco.needs_image_keys is
    'Whether this is the published ground truth of a dataset that is too large to sort its images '
    'for each list';

create or replace function coco.make_image_keys(import_id bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off as $$
declare
    id bigint := (select s.dataset_id from coco.sources s
                  where s.import_id = make_image_keys.import_id);
    made bigint;
begin
    -- One statement, one snapshot: if the import is published, these are its images. Until
    -- coco.images is analyzed, new ones seem to be few; a nested loop would count all rows for
    -- each of them.
    insert into coco.image_keys (import_id, image_id, place, name, pixels, annotations)
        select make_image_keys.import_id, i.image_id, row_number() over (order by i.image_id),
               coalesce(left(i.file_name, 200), ''),
               coalesce(i.width::bigint * i.height, 0), coalesce(n.n, 0)
        from coco.images i
        left join (select a.image_id, count(*) as n
                   from coco.annotations a
                   where a.dataset_id = id and a.source = 'ground_truth'
                   group by a.image_id) n on n.image_id = i.image_id
        where i.dataset_id = id and coco.needs_image_keys(make_image_keys.import_id)
        order by i.image_id;
    get diagnostics made = row_count;
    return made;
end
$$;
comment on function coco.make_image_keys is
    'Writes the rows of coco.image_keys for a published ground truth that needs them. Returns '
    'their number';

create or replace function coco.drop_image_keys(import_id bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    gone bigint;
begin
    delete from coco.image_keys k where k.import_id = drop_image_keys.import_id;
    get diagnostics gone = row_count;
    return gone;
end
$$;
comment on function coco.drop_image_keys is
    'Removes the rows of coco.image_keys of an import that is not published any more';

create or replace function coco.preparations()
returns table (leaf text, action text, command text)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        with recursive kept as (
            select min(k.import_id) as id from coco.image_keys k
            union all
            select (select min(k.import_id) from coco.image_keys k where k.import_id > kept.id)
            from kept
            where kept.id is not null
        )
        select format('coco_parts.%I', 'a_' || k.id), 'keys',
               format('select coco.drop_image_keys(%L)', k.id)
        from kept k
        where k.id is not null
          and not exists (select from coco.sources s where s.import_id = k.id);
    return query
        select format('coco_parts.%I', 'a_' || s.import_id), 'index',
               format('create index if not exists %I on coco_parts.%I (category_id, image_id)',
                      format('a_%s_class', s.import_id), 'a_' || s.import_id)
        from coco.sources s
        where s.row_count > coco.rows_to_index()
          and not coco.leaf_has_index('a_' || s.import_id, '_class')
        order by s.import_id;
    return query
        select format('coco_parts.%I', 'm_' || m.matches_id), 'index',
               format('create index if not exists %I on coco_parts.%I (outcome, image_id)',
                      format('m_%s_outcome', m.matches_id), 'm_' || m.matches_id)
        from coco.match_sources m
        where m.detection_count + m.truth_count > coco.rows_to_index()
          and not coco.leaf_has_index('m_' || m.matches_id, '_outcome')
        order by m.matches_id;
    return query
        select format('coco_parts.%I', 'a_' || s.import_id), 'keys',
               format('select coco.make_image_keys(%L)', s.import_id)
        from coco.sources s
        where s.source = 'ground_truth' and not coco.has_image_keys(s.import_id)
          and coco.needs_image_keys(s.import_id)
        order by s.import_id;
    return query
        select * from coco.error_key_preparations();
end
$$;
comment on function coco.preparations is
    'What the collection does after a publication, so that lists of images need not read all rows: '
    'indexes of large leaves by class and by outcome, coco.image_keys and coco.error_keys. Nothing '
    'that is there';
