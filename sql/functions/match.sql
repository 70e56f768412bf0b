-- Matching: finds the images and categories of rows, for imports of runs. The worker matches most
-- rows while it reads them. These functions answer what needs the whole file.

create or replace function coco.are_file_numbers(dataset_id bigint, numbers bigint[])
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
begin
    return not exists (
        select unnest(numbers)
        except
        select substring(i.file_name from '(?:^|[/\\])0*([0-9]{1,18})(?:\.[^./\\]*)?$')::bigint
        from (select file_name
              from coco.images
              where images.dataset_id = are_file_numbers.dataset_id
              -- By the index: not through the images of other datasets.
              order by image_id limit 100000) i);
end
$$;
comment on function coco.are_file_numbers is
    'True if each of these numbers is the file name of an image, as 42 is for a/0042.jpg. Looks at '
    'not more than 100,000 images';

create or replace function coco.category_range(dataset_id bigint) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case count(*)
               when 0 then 'it has no categories'
               when 1 then format('1 category: %s', min(c.category_id))
               else format('%s categories: %s..%s',
                           count(*), min(c.category_id), max(c.category_id))
           end
    from coco.categories c
    where c.dataset_id = category_range.dataset_id
$$;
comment on function coco.category_range is
    'The categories of a dataset as messages show them: 3 categories: 1..3';

create or replace function coco.late_problem(
    problem text, id bigint, own boolean, numbered boolean, categories text,
    rle_height integer, rle_width integer, height integer, width integer)
returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case problem
        when 'category' then
            case when own then
                     format('the file''s own category %s matches no category of the dataset by '
                            'name', id)
                 else format('category %s is not in the dataset (%s)', id, categories)
            end
        when 'image' then
            case when numbered then
                     format('no image of the dataset, or more than one, has a file name that is '
                            'the number %s', id)
                 when own then
                     format('the file''s own image %s matches no image of the dataset by name', id)
                 else format('image %s is not in the dataset', id)
            end
        when 'size' then
            format('segmentation: size is %s x %s, but image %s is %s x %s (height x width)',
                   rle_height, rle_width, id, height, width)
        when 'outline' then
            format('segmentation: polygons that end outside image %s need images before '
                   'annotations in the file', id)
    end
$$;
comment on function coco.late_problem is
    'Why match_late skips a row, as messages say it. problem: category, image, size or outline; '
    'id: of the category or the image; own, numbered: it is the file''s own, or the number in a '
    'file name; categories: see category_range';

create or replace function coco.match_late(
    leaf text, dataset_id bigint, own_images bigint[], images bigint[],
    own_categories bigint[], categories bigint[], category_offset integer, numbers boolean)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    late text := replace(leaf, '.a_', '.late_');
begin
    execute format('alter table %s rename to %s', leaf, substr(late, length('coco_parts.') + 1));
    perform coco.create_leaf(substr(late, length('coco_parts.late_') + 1)::bigint);
    perform coco.widen_leaf(leaf);
    -- A table this new has no statistics yet.
    execute format('analyze %s', late);
    return query execute format($sql$
        with matched as (
            select a.*, i.image_id as image, i.width, i.height, c.category_id as category
            from %1$s a
            left join (select distinct * from unnest($2, $3) p (own, id)) p
                on a.own_image and p.own = a.image_id
            left join coco.images i
                on i.dataset_id = $1
                and i.image_id = case when a.own_image and $2 is not null then p.id
                                      else a.image_id end
            left join (select distinct * from unnest($4, $5) q (own, id)) q
                on a.own_category and q.own = a.category_id
            left join coco.categories c
                on c.dataset_id = $1
                and c.category_id = case when not a.own_category then a.category_id
                                         when $4 is null then a.category_id::bigint + $6
                                         else q.id end
        ), judged as materialized (
            select *,
                   case when category is null then 'category'
                        when image is null then 'image'
                        -- The size of such an image is known only now.
                        when own_image
                             and (height > 0 and rle_height not in (-1, height)
                                  or width > 0 and rle_width not in (-1, width)) then 'size'
                        when own_image and bbox_drawn
                             and (height > 0 and bbox_y + bbox_h > height
                                  or width > 0 and bbox_x + bbox_w > width) then 'outline'
                   end as problem
            from matched
        ), taken as (
            insert into %2$s (
                annotation_id, image_id, bbox_x, bbox_y, bbox_w, bbox_h, area, confidence,
                category_id, segmentation, keypoints, extra, bbox_derived)
            select annotation_id, image, bbox_x, bbox_y, bbox_w, bbox_h, area, confidence,
                   category, segmentation, keypoints, extra, bbox_derived
            from judged
            where problem is null
            order by annotation_id
        ), skipped as (
            select p.reason, problem, annotation_id, rle_height, rle_width, height, width,
                   case problem
                       when 'category' then
                           category_id + case when own_category and $4 is not null then 0::bigint
                                              else $6 end
                       when 'image' then image_id
                       else image
                   end as id,
                   case problem
                       when 'category' then own_category and $4 is not null
                       else own_image and $2 is not null
                   end as own,
                   own_image and $8 as numbered,
                   row_number() over (partition by p.reason order by annotation_id) as nth
            from judged
            join (values ('category', 'unknown_category'), ('image', 'unknown_image'),
                         ('size', 'invalid_segmentation'), ('outline', 'invalid_segmentation'))
                as p (problem, reason) using (problem)
        )
        select s.reason, count(*), true,
               json_agg(json_build_object(
                   'detail', format('element %%s: %%s', annotation_id - 1,
                                    coco.late_problem(problem, id, own, numbered, $7, rle_height,
                                                      rle_width, height, width)))
                   order by annotation_id) filter (where nth <= 10)
        from skipped s
        group by s.reason
        $sql$, late, leaf)
        using dataset_id, own_images, images, own_categories, categories, category_offset,
              coco.category_range(dataset_id), numbers;
    execute format('drop table %s', late);
end
$$;
comment on function coco.match_late is
    'Replaces the file''s own ids in a loaded leaf by those of the dataset, whose pairs the arrays '
    'hold. Leaves out rows whose id has no counterpart, and returns them counted by reason, with '
    'at most ten examples. Null arrays: the file has no such ids, and its rows use the dataset''s. '
    'numbers: own_images are numbers in file names of the dataset, not ids of the file. '
    'Writes the leaf anew, in the order of the file';
