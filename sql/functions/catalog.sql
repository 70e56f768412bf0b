-- The catalog of a dataset: its image and category ids and names, in pages. The import of a run
-- reads them into memory and checks each row against them. The order of a page is that of an index,
-- and only a scan of this index reads no more than the page. Without statistics, as in a table that
-- is new, the planner would rather sort all that remains; so it must not sort here, and plans with
-- the values at hand.

create or replace function coco.image_page(dataset_id bigint, after bigint)
returns table (image_id bigint, width integer, height integer)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
begin
    return query
        select i.image_id, i.width, i.height
        from coco.images i
        where i.dataset_id = image_page.dataset_id and (after is null or i.image_id > after)
        order by i.image_id limit 10000;
end
$$;
comment on function coco.image_page is
    'The images of a dataset by id: the first 10,000 with ids greater than `after`; null begins';

create or replace function coco.first_text_image(dataset_id bigint) returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return (select d.first_text_image from coco.datasets d where d.id = dataset_id);
end
$$;
comment on function coco.first_text_image is
    'coco.datasets.first_text_image of a dataset';

create or replace function coco.text_id_page(dataset_id bigint, after text)
returns table (image_id bigint, text_id text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
begin
    return query
        select i.image_id, i.text_id
        from coco.images i
        where i.dataset_id = text_id_page.dataset_id and i.text_id is not null
          and (after is null or i.text_id > after collate "C")
        order by i.text_id limit 1000;
end
$$;
comment on function coco.text_id_page is
    'The images of a dataset whose ids are texts, by the bytes of these: the first 1,000 after '
    '`after`; null begins. A text has at most 1 KiB';

create or replace function coco.category_ids(dataset_id bigint, after bigint) returns setof bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
begin
    return query
        select c.category_id::bigint
        from coco.categories c
        where c.dataset_id = category_ids.dataset_id and (after is null or c.category_id > after)
        order by c.category_id limit 10000;
end
$$;
comment on function coco.category_ids is
    'The category ids of a dataset: the first 10,000 greater than `after`; null begins';

create or replace function coco.image_name_page(dataset_id bigint, after bigint)
returns table (id bigint, name text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
begin
    return query
        select p.image_id, p.file_name
        from (select i.image_id, i.file_name,
                     sum(octet_length(i.file_name)) over (order by i.image_id) as bytes
              from coco.images i
              where i.dataset_id = image_name_page.dataset_id
                and (after is null or i.image_id > after)
              order by i.image_id limit 10000) p
        where coalesce(p.bytes - octet_length(p.file_name), p.bytes, 0) < 1048576
        order by p.image_id;
end
$$;
comment on function coco.image_name_page is
    'The file names of a dataset''s images by id: the first 10,000 with ids greater than `after`, '
    'but none after the first MiB; null begins. A name is null where the image has none';

create or replace function coco.category_name_page(dataset_id bigint, after bigint)
returns table (id bigint, name text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
begin
    return query
        select p.category_id::bigint, p.name
        from (select c.category_id, c.name,
                     sum(octet_length(c.name)) over (order by c.category_id) as bytes
              from coco.categories c
              where c.dataset_id = category_name_page.dataset_id
                and (after is null or c.category_id > after)
              order by c.category_id limit 10000) p
        where p.bytes - octet_length(p.name) < 1048576
        order by p.category_id;
end
$$;
comment on function coco.category_name_page is
    'The names of a dataset''s categories by id: the first 10,000 with ids greater than `after`, '
    'but none after the first MiB; null begins';
