-- How many images a list has, and how many rows its driver may read: by kept counts, or as its
-- beginning makes expect.

create or replace function coco.place_of(ds bigint, image bigint) returns float8
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
declare
    place constant float8 := (
        select k.place from coco.image_keys k
        where k.import_id = coco.ground_truth_of(ds) and k.image_id = image);
    low constant float8 := (select i.image_id from coco.images i
                            where i.dataset_id = ds order by i.image_id limit 1);
    high constant float8 := (select i.image_id from coco.images i
                             where i.dataset_id = ds order by i.image_id desc limit 1);
    images constant bigint := (select d.image_count from coco.datasets d where d.id = ds);
begin
    return greatest(coalesce(place, images * (image - low) / nullif(high - low, 0), images), 1)
           / images;
end
$$;
comment on function coco.place_of is
    'Which part of the images comes before this one in the order of ids, 0 to 1; as if ids were '
    'spread evenly while coco.image_keys is not there';

create or replace function coco.slice_size(
    ds bigint, slice text, most bigint, out n bigint, out exact boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
declare
    last bigint;
begin
    select count(*), max(s.image_id) into n, last
        from (select s.image_id from coco.slices s
              where s.dataset_id = ds and s.slice = slice_size.slice
              order by s.image_id limit most + 1) s;
    exact := n <= most;
    if exact then
        n := (select count(*)
              from coco.slices s
              join coco.images i on i.dataset_id = s.dataset_id and i.image_id = s.image_id
              where s.dataset_id = ds and s.slice = slice_size.slice);
    else
        n := greatest(n, round(n / coco.place_of(ds, last)));
    end if;
end
$$;
comment on function coco.slice_size is
    'How many images a slice has: counted up to `most`; otherwise as its first ones make expect';

create or replace function coco.driver_size(c coco.image_choice, driver text) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return case driver
        when 'images' then
            (select d.image_count from coco.datasets d where d.id = c.dataset_id)
        when 'slice' then (coco.slice_size(c.dataset_id, c.slice, 5000)).n
        when 'class' then
            (select sum(n.n) from coco.class_counts n
             where n.import_id = c.class_import and n.category_id = c.category_id)
        when 'outcome' then
            (select sum(n.n) from coco.match_counts n
             where n.matches_id = c.matches_id and n.outcome = c.outcome)
        when 'rows' then coco.rows_to_index()
        end;
end
$$;
comment on function coco.driver_size is
    'How many rows the driver can read at most, from kept counts; estimated for a large slice';

create or replace function coco.total_of_first_page(
    c coco.image_choice, driver text, found_images bigint, seen bigint)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    size bigint;
begin
    if driver = 'rows' or c.key <> 'id' and driver in ('class', 'outcome') then
        -- Few rows. In the order of a key their images are candidates, and not they.
        execute format('select count(%s) from %s',
                       case when c.key = 'id' then '*' else 'distinct r.image_id' end,
                       coco.driver_rows(c, driver))
            into size using c;
    elsif driver = 'keys' and (coalesce(c.file_name, c.search_start) is not null
                               or coco.is_by_truths(c)
                                  and coco.has_image_keys(c.ground_truth)) then
        return null;
    else
        size := coco.driver_size(c, case driver when 'keys' then 'images' else driver end);
    end if;
    return nullif(least(round(found_images::numeric * size / seen),
                        coco.driver_size(c, 'images')), 0);
end
$$;
comment on function coco.total_of_first_page is
    'How many images a list has, as the first rows make expect; null if these have none, or '
    'nothing is known of a beginning of a name, or of a number of annotations';
