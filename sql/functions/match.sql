create or replace function coco.contradicting_image(dataset_id bigint, images json) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    -- Names without their folders, which differ from place to place.
    return (
        select format('image %s is another file here than there', i.image_id)
        from json_to_recordset(images) own (id bigint, file_name text)
        join coco.images i on i.dataset_id = contradicting_image.dataset_id and i.image_id = own.id
        where regexp_replace(own.file_name, '^.*[/\\]', '') <> regexp_replace(i.file_name, '^.*[/\\]', '')
        limit 1);
end
$$;
comment on function coco.contradicting_image is 'Of the images that a results file brings, one that has an id of the dataset and not the file name that the dataset has under it';

create or replace function coco.match_late(
    leaf text, dataset_id bigint, own_images bigint[], images bigint[], own_categories bigint[], categories bigint[],
    category_offset integer)
returns table (reason text, n bigint, of_annotations boolean, examples json) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    late text := replace(leaf, '.a_', '.late_');
begin
    execute format('alter table %s rename to %s', leaf, substr(late, length('coco_parts.') + 1));
    perform coco.create_leaf(substr(late, length('coco_parts.late_') + 1)::bigint);
    perform coco.widen_leaf(leaf);
    execute format('analyze %s', late); -- the planner knows nothing of a table this young
    return query execute format($sql$
        with matched as (
            select a.*, i.image_id as image, i.width, i.height, c.category_id as category
            from %1$s a
            left join (select distinct * from unnest($2, $3) p (own, id)) p on a.own_image and p.own = a.image_id
            left join coco.images i on i.dataset_id = $1
                and i.image_id = case when a.own_image and $2 is not null then p.id else a.image_id end
            left join (select distinct * from unnest($4, $5) q (own, id)) q on a.own_category and q.own = a.category_id
            left join coco.categories c on c.dataset_id = $1
                and c.category_id = case when not a.own_category then a.category_id
                                         when $4 is null then a.category_id::bigint + $6 else q.id end
        ), judged as materialized (
            select *, case when category is null then 'category'
                           when image is null then 'image'
                           -- What is known of an image only now.
                           when own_image and (height > 0 and rle_height not in (-1, height)
                                               or width > 0 and rle_width not in (-1, width)) then 'size'
                           when own_image and bbox_drawn and (height > 0 and bbox_y + bbox_h > height
                                                              or width > 0 and bbox_x + bbox_w > width) then 'outline'
                      end as problem
            from matched
        ), taken as (
            insert into %2$s (annotation_id, image_id, bbox_x, bbox_y, bbox_w, bbox_h, area, confidence, category_id,
                              segmentation, keypoints, extra, bbox_derived)
            select annotation_id, image, bbox_x, bbox_y, bbox_w, bbox_h, area, confidence, category,
                   segmentation, keypoints, extra, bbox_derived
            from judged where problem is null order by annotation_id
        ), skipped as (
            select p.reason, annotation_id, row_number() over (partition by p.reason order by annotation_id) as nth,
                   format('element %%s: %%s', annotation_id - 1,
                          case problem when 'category' then case when own_category and $4 is not null
                                            then format('no category is called like the file''s own %%s', category_id)
                                            else format('no category %%s', category_id::bigint + $6) end
                                       when 'image' then format('no image is called like the file''s own %%s', image_id)
                                       when 'size' then format('segmentation: size is not that of image %%s', image)
                                       else format('segmentation: polygons beyond image %%s need images before annotations', image)
                          end) as detail
            from judged join (values ('category', 'unknown_category'), ('image', 'unknown_image'),
                                     ('size', 'invalid_segmentation'), ('outline', 'invalid_segmentation'))
                             as p (problem, reason) using (problem)
        )
        select s.reason, count(*), true,
               json_agg(json_build_object('detail', detail) order by annotation_id) filter (where nth <= 10)
        from skipped s group by s.reason
        $sql$, late, leaf) using dataset_id, own_images, images, own_categories, categories, category_offset;
    execute format('drop table %s', late);
end
$$;
comment on function coco.match_late is 'Replaces the file''s own ids in a loaded leaf by the dataset''s, drops rows for which there are none, and says how much and why; null for ids that the file has not brought';

create or replace function coco.count_classes(leaf text) returns json
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    counts json;
begin
    -- The bins of class_counts.scores.
    execute format($sql$
        with binned as (
            select category_id, case when confidence > 0 then least(floor(least(confidence, 1) * 20), 19) else 0 end as bin,
                   count(*) as n
            from %s group by 1, 2
        )
        select coalesce(json_agg(json_build_object(
                   'category_id', category_id,
                   'n', (select sum(n) from binned b where b.category_id = c.category_id),
                   'scores', (select json_agg(coalesce(n, 0) order by s)
                              from generate_series(0, 19) s
                              left join binned b on b.bin = s and b.category_id = c.category_id))
                   order by category_id), '[]')
        from (select distinct category_id from binned) c
        $sql$, leaf) into counts;
    return counts;
end
$$;
comment on function coco.count_classes is 'What an import counts while it streams, of a leaf whose rows were matched afterwards';
