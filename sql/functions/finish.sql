-- Finishes the annotations of a ground truth that the worker cannot finish while it reads, because
-- they need the whole file: those of images whose ids are texts, those without an id beside others
-- with one, and those whose box or area is to be that of their mask, which takes the size of the
-- image. Called by the import in transaction 1, between the two checks of check.sql.

create or replace function coco.widen_leaf_to_finish(leaf text, numbered boolean) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('alter table %s '
                   'add numbered boolean not null default %L, '
                   'add place bigint not null default -1, '
                   'add image_text text collate "C", '
                   'add mask_bytes bigint',
                   leaf, numbered);
    execute format('create unlogged table %s ('
                   'place bigint primary key, '
                   'x float8, y float8, w float8, h float8, area float8)',
                   replace(leaf, '.a_', '.masks_'));
end
$$;
comment on function coco.widen_leaf_to_finish is
    'Adds to the leaf of a ground truth what finish_annotations needs. `numbered`: whether the '
    'rows that it has already lack ids in the file. These rows come first in the file; their '
    'place is not known. Creates the table for measured masks';

create or replace function coco.masks_begin(import_id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('create index on coco_parts.%I (place) where mask_bytes is not null',
                   'a_' || import_id);
    execute format('create index on coco_parts.%I (image_id)', 'images_' || import_id);
end
$$;
comment on function coco.masks_begin is
    'Creates the indexes that mask_page uses';

create or replace function coco.mask_page(import_id bigint, after bigint) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    page json;
begin
    execute format($sql$
        select json_agg(json_build_object(
                   'place', m.place, 'has_box', not m.bbox_derived,
                   'width', i.width, 'height', i.height, 'segmentation', m.segmentation)
                   order by m.place)
        from (select *, sum(mask_bytes) over (order by place) - mask_bytes as bytes_before
              from (select * from %1$s
                    where mask_bytes is not null and place > $1
                    order by place limit 1000) a) m
        left join lateral (
            select width, height from %2$s s
            where m.image_text is not null and s.text_id = m.image_text
            union all
            select width, height from %2$s s
            where m.image_text is null and s.image_id = m.image_id) i on true
        where bytes_before < 1048576
        $sql$, format('coco_parts.%I', 'a_' || import_id),
        format('coco_parts.%I', 'images_' || import_id))
        into page using after;
    return page;
end
$$;
comment on function coco.mask_page is
    'The next masks to measure, after the row at the place `after` of the file: at most 1,000, and '
    '1 MiB and one mask. Null if there are none';

create or replace function coco.masks_add(import_id bigint, masks json) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('insert into coco_parts.%I '
                   'select place, x, y, w, h, area '
                   'from json_to_recordset($1) m '
                   '(place bigint, x float8, y float8, w float8, h float8, area float8)',
                   'masks_' || import_id)
        using masks;
end
$$;
comment on function coco.masks_add is
    'Keeps what the worker has measured: [{place, x, y, w, h, area}]. A row with a place only has '
    'a mask that cannot be measured, and no box: finish_annotations leaves it out';

create or replace function coco.first_free_id(late text) returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    greatest_id bigint;
    rows bigint;
begin
    execute format('select max(annotation_id) filter (where not numbered), '
                   'max(annotation_id) filter (where numbered) from %s', late)
        into greatest_id, rows;
    if greatest_id is null or rows is null then
        return 0;
    end if;
    if greatest_id > 9223372036854775807 - rows then
        raise exception using
            errcode = 'CO422',
            message = format('no number is left for annotations without an id, because another '
                             'has the id %s; renumber=1 gives all new ids', greatest_id);
    end if;
    return greatest(greatest_id, 0);
end
$$;
comment on function coco.first_free_id is
    'What is added to the places of annotations without an id, so that they differ from the ids of '
    'the others; 0 if no annotation has an id, or all have. Raises CO422';

create or replace function coco.finish_annotations(import_id bigint)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    leaf text := format('coco_parts.%I', 'a_' || import_id);
    late text := format('coco_parts.%I', 'late_' || import_id);
    masks text := format('coco_parts.%I', 'masks_' || import_id);
    image_stage text := format('coco_parts.%I', 'images_' || import_id);
    first_text bigint;
    added bigint;
begin
    execute format('alter table %s rename to %I', leaf, 'late_' || import_id);
    perform coco.create_ground_truth_leaf(import_id);
    -- The planner has no statistics of tables this young.
    execute format('analyze %s (place, image_text, image_id, mask_bytes)', late);
    execute format('analyze %s', masks);
    first_text := coco.first_numbered(image_stage);
    added := coco.first_free_id(late);
    -- A number of an image whose id is a text is known to the database only: a row that has it
    -- means something else.
    return query execute format($sql$
        with foreign_rows as (
            select a.annotation_id, coalesce(coco.shown(a.image_text), a.image_id::text) as image
            from %1$s a
            left join %3$s m on m.place = a.place
            where (a.image_text is null and a.image_id >= $1
                   or a.image_text is not null
                      and not exists (select from %2$s i where i.text_id = a.image_text))
              and (m.place is null or m.area is not null)
        )
        select 'unknown_image', (select count(*) from foreign_rows), true,
               (select json_agg(json_build_object(
                           'detail', format('annotation %%s: image %%s is not in the file',
                                            e.annotation_id, e.image)))
                from (select * from foreign_rows limit 10) e)
        $sql$, late, image_stage, masks) using first_text;
    -- Rows before the first that was unfinished have the place -1, and lie in their order.
    execute format($sql$
        insert into %1$s (
            annotation_id, image_id, bbox_x, bbox_y, bbox_w, bbox_h, area, confidence,
            category_id, segmentation, keypoints, extra, bbox_derived, is_crowd, area_derived)
        select case when a.numbered then a.annotation_id + $2 else a.annotation_id end,
               coalesce(i.image_id, a.image_id),
               case when a.bbox_derived then m.x else a.bbox_x end,
               case when a.bbox_derived then m.y else a.bbox_y end,
               case when a.bbox_derived then m.w else a.bbox_w end,
               case when a.bbox_derived then m.h else a.bbox_h end,
               case when a.area_derived then coalesce(m.area, a.area) else a.area end,
               a.confidence, a.category_id, a.segmentation, a.keypoints, a.extra, a.bbox_derived,
               a.is_crowd, a.area_derived
        from %2$s a
        left join %3$s i on i.text_id = a.image_text
        left join %4$s m on m.place = a.place
        where case when a.image_text is null then $1 is null or a.image_id < $1
                   else i.image_id is not null end
          and (m.place is null or m.area is not null)
        order by a.place, a.ctid
        $sql$, leaf, late, image_stage, masks) using first_text, added;
    execute format('drop table %s, %s', late, masks);
end
$$;
comment on function coco.finish_annotations is
    'Builds the leaf of a ground truth anew, with the ids of the images, ids for the rows that '
    'have none, and boxes and areas of masks, in the order of the file. Leaves out rows whose '
    'image is not in the file, and returns them counted, with at most ten examples. Raises CO422';
