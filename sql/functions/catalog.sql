create or replace function coco.image_page(dataset_id bigint, after bigint)
returns table (image_id bigint, width integer, height integer) language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query select i.image_id, i.width, i.height from coco.images i
        where i.dataset_id = image_page.dataset_id and (after is null or i.image_id > after)
        order by i.image_id limit 10000;
end
$$;
comment on function coco.image_page is 'One page of a dataset''s images, in the order of their ids, behind `after`';

create or replace function coco.category_ids(dataset_id bigint, after bigint)
returns setof bigint language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query select c.category_id::bigint from coco.categories c
        where c.dataset_id = category_ids.dataset_id and (after is null or c.category_id > after)
        order by c.category_id limit 10000;
end
$$;
comment on function coco.category_ids is 'One page of a dataset''s category ids, in order, behind `after`';

create or replace function coco.image_name_page(dataset_id bigint, after bigint)
returns table (id bigint, name text) language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query select i.image_id, i.file_name from coco.images i
        where i.dataset_id = image_name_page.dataset_id and (after is null or i.image_id > after)
        order by i.image_id limit 10000;
end
$$;
comment on function coco.image_name_page is 'One page of the file names of a dataset''s images, in the order of their ids, behind `after`';

create or replace function coco.category_name_page(dataset_id bigint, after bigint)
returns table (id bigint, name text) language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query select c.category_id::bigint, c.name from coco.categories c
        where c.dataset_id = category_name_page.dataset_id and (after is null or c.category_id > after)
        order by c.category_id limit 10000;
end
$$;
comment on function coco.category_name_page is 'The same of its categories';
