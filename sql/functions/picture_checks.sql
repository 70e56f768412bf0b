-- Checks of pictures: which images have no file. A worker looks at the files (import/picture_files)
-- and asks here what is due.

create or replace function coco.picture_check_begin()
returns table (dataset_id bigint, version text, directory text)
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    p coco.pictures;
begin
    select d.* into p
        from coco.pictures d
        left join coco.picture_checks c on c.dataset_id = d.dataset_id
        where d.directory is not null
          and (c.version is distinct from coco.picture_version(d)
               or c.checked_at is null and c.begun_at < clock_timestamp() - interval '1 hour')
        order by d.dataset_id limit 1
        for update of d skip locked;
    if not found then
        return;
    end if;
    insert into coco.picture_checks as c (dataset_id, version)
        values (p.dataset_id, coco.picture_version(p))
        on conflict (dataset_id) do update
            set version = excluded.version, begun_at = excluded.begun_at, checked_at = null,
                missing = null, examples = null;
    return query select p.dataset_id, coco.picture_version(p), p.directory;
end
$$;
comment on function coco.picture_check_begin is
    'A dataset whose files nobody has looked at since its ground truth or its directory changed; '
    'no row if there is none. Notes that somebody looks now';

create or replace function coco.picture_name_page(ds bigint, after bigint)
returns table (image_id bigint, file_name text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
declare
    ids bigint[];
    names text[];
begin
    select array_agg(m.image_id), array_agg(m.file_name) into ids, names
        from (select i.image_id, i.file_name
              from coco.images i
              where i.dataset_id = ds and (after is null or i.image_id > after)
              order by i.image_id limit 1000) m;
    return query
        select u.id, case when u.fault is null then u.name end
        from unnest(ids, names, coco.name_faults(names, true)) u (id, name, fault);
end
$$;
comment on function coco.picture_name_page is
    'The images of a dataset by id: the first 1,000 with ids greater than `after`; null begins. A '
    'name is null where it cannot be that of a picture; one has at most 768 bytes';

create or replace function coco.picture_check_end(
    ds bigint, version text, missing bigint, first bigint[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    update coco.picture_checks c
        set checked_at = clock_timestamp(), missing = picture_check_end.missing,
            examples = (select coalesce(json_agg(json_build_object(
                                   'image_id', i.image_id, 'file_name', left(i.file_name, 256))
                                   order by i.image_id), '[]')
                        from coco.images i
                        where i.dataset_id = ds and i.image_id = any (first))
        where c.dataset_id = ds and c.version = picture_check_end.version;
end
$$;
comment on function coco.picture_check_end is
    'Writes what a worker has found: the number of images without a file, and the ids of the '
    'first. If another look has begun, nothing';

create or replace function coco.picture_finding(dataset_id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select json_build_object('code', 'image_without_file', 'count', c.missing,
                                 'examples', coalesce(c.examples, '[]'))
        from coco.pictures p
        left join coco.picture_checks c
            on c.dataset_id = p.dataset_id and c.version = coco.picture_version(p)
        where p.dataset_id = picture_finding.dataset_id and p.directory is not null);
end
$$;
comment on function coco.picture_finding is
    'Images whose file is missing, as an element of health_findings; the count is null until '
    'somebody has looked. Null if the dataset has no directory of pictures';
