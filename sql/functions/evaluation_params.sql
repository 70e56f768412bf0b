-- The parameters of an evaluation: the images that they select, and whether they are COCO's.

create or replace function coco.digest_of(n bigint, hashes numeric) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select n || '-' || hashes
$$;
comment on function coco.digest_of is
    'The digest of a set of n images: hashes is the sum of hashint8extended(image_id, 0), which '
    'needs no order';

create or replace function coco.raise_unknown_slice(ds coco.datasets, slice text) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    known text := (
        select string_agg(case when k.nth <= 3 then k.slice else '...' end, ', ' order by k.nth)
        from (select distinct s.slice, dense_rank() over (order by s.slice) as nth
              from coco.slices s where s.dataset_id = ds.id
              order by s.slice limit 4) k);
begin
    raise exception using
        errcode = 'CO404',
        message = format('dataset %s has no slice %s (%s)', ds.name, coco.shown(slice),
                         coalesce('its slices: ' || known, 'it has no slices'));
end
$$;
comment on function coco.raise_unknown_slice is
    'Raises CO404. The message names the first three slices of the dataset';

create or replace function coco.check_split(ds coco.datasets, split text) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    known text := (
        select string_agg(k.split, ', ' order by k.split)
        from (select s.split from coco.splits s
              where s.dataset_id = ds.id order by s.split limit 16) k);
begin
    if not exists (select from coco.splits s
                   where s.dataset_id = ds.id and s.split = check_split.split) then
        raise exception using
            errcode = 'CO400',
            message = format('dataset %s has no split %s (%s)', ds.name, coco.shown(split),
                             coalesce('its splits: ' || known, 'it has no splits'));
    end if;
end
$$;
comment on function coco.check_split is
    'Raises CO400 unless the dataset has this split. The message names the splits that it has';

create or replace function coco.image_digest(ds coco.datasets, split text, slice text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    digest text;
    images bigint;
begin
    if split is not null then
        perform coco.check_split(ds, split);
    end if;
    if slice is not null then
        select count(*), coco.digest_of(count(*), sum(hashint8extended(i.image_id, 0)))
            into images, digest
            from coco.slices s
            join coco.images i using (dataset_id, image_id)
            where s.dataset_id = ds.id and s.slice = image_digest.slice
              and (image_digest.split is null or i.split = image_digest.split);
        if images = 0 then
            perform coco.raise_unknown_slice(ds, slice);
        end if;
    elsif split is not null and ds.image_count <> (
            select p.image_count from coco.splits p
            where p.dataset_id = ds.id and p.split = image_digest.split) then
        select coco.digest_of(count(*), sum(hashint8extended(i.image_id, 0))) into digest
            from coco.images i
            where i.dataset_id = ds.id and i.split = image_digest.split;
    end if;
    return digest;
end
$$;
comment on function coco.image_digest is
    'A digest of the images that a split and a slice (null: all) select; null if these are all '
    'images of the dataset. Raises CO400 for an unknown split, CO404 for an unknown slice';

create or replace function coco.numbers_of(list jsonb) returns float8[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select array(select n.value::float8
                 from jsonb_array_elements_text(case jsonb_typeof(list) when 'array' then list
                                                else '[]' end)
                     with ordinality n (value, nth)
                 order by n.nth)
$$;
comment on function coco.numbers_of is
    'An array of numbers in JSON as one of PostgreSQL; empty if it is null';

create or replace function coco.has_default_sigmas(sigmas float8[]) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select sigmas = array(
            select s / 10.0::float8
            from unnest('{.26,.25,.25,.35,.35,.79,.79,.72,.72,.62,.62,1.07,1.07,.87,.87,.89,.89}'
                        ::float8[]) with ordinality u (s, nth)
            order by nth)
$$;
comment on function coco.has_default_sigmas is
    'Whether these sigmas of keypoints are those that COCO has for its 17 points';

-- The values are those of pycocotools (cocoeval.py, class Params), computed in the same way.
create or replace function coco.is_default_without_sigmas(params jsonb) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(
       params -> 'split' = 'null' and params -> 'slice' = 'null'
       and params -> 'categories' = 'null' and params -> 'exact' = 'true'
       and coco.numbers_of(params -> 'iou_thresholds')
           = array(select 0.5 + i * 0.049999999999999996::float8 from generate_series(0, 9) i)
       and case when params ->> 'iou_type' = 'keypoints'
                then params -> 'max_dets' = '[20]'
                     and params -> 'areas' = '[{"name": "all", "low": 0, "high": 1e10},
                                               {"name": "medium", "low": 1024, "high": 9216},
                                               {"name": "large", "low": 9216, "high": 1e10}]'
                else params -> 'max_dets' = '[1, 10, 100]'
                     and params -> 'areas' = '[{"name": "all", "low": 0, "high": 1e10},
                                               {"name": "small", "low": 0, "high": 1024},
                                               {"name": "medium", "low": 1024, "high": 9216},
                                               {"name": "large", "low": 9216, "high": 1e10}]'
           end, false)
$$;
comment on function coco.is_default_without_sigmas is
    'Whether these parameters of an evaluation are COCO''s, for all images and classes, whatever '
    'the sigmas of keypoints are';

create or replace function coco.is_default_params(params jsonb) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coco.is_default_without_sigmas(params)
        and (params ->> 'iou_type' <> 'keypoints'
             or coco.has_default_sigmas(coco.numbers_of(params -> 'sigmas')))
$$;
comment on function coco.is_default_params is
    'Whether these parameters of an evaluation are COCO''s, for all images and classes';
