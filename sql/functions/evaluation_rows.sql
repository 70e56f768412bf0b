-- The rows that an evaluation reads, as COPY commands. A worker runs them in one REPEATABLE READ
-- transaction. They name the leaves, so rows come in the order of the files, which decides between
-- equal scores.

create or replace function coco.has_boxes(leaf text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    has_box boolean;
begin
    -- The scan begins with the first row: begin_export turns synchronized scans off.
    execute format('select not bbox_derived from coco_parts.%I limit 1', leaf) into has_box;
    return coalesce(has_box, true);
end
$$;
comment on function coco.has_boxes is
    'Whether the first row of a run (the name of its leaf) has a box in the file. pycocotools'' '
    'loadRes decides by it what the areas of all rows are; true if there are no rows';

create or replace function coco.image_range(word text, first bigint, last bigint) returns text
language sql immutable set search_path = pg_catalog, pg_temp
return case when first is null then ''
            else format('%s image_id between %L and %L', word, first, last) end;
comment on function coco.image_range is
    'A condition for image_id after this word; empty if first is null';

create or replace function coco.evaluation_parts(
    ground_truth bigint, run bigint, max_rows bigint, part_rows bigint)
returns setof bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if (select sum(s.row_count) from coco.sources s where s.import_id in (ground_truth, run))
           <= max_rows then
        return;
    end if;
    return query execute format(
        'select min(image_id) from ('
        '    select image_id, ((sum(n) over (order by image_id) - n) / $1)::bigint as part from ('
        '        select image_id, sum(n)::bigint as n from ('
        '            select image_id, count(*) as n from coco_parts.%I group by image_id'
        '            union all'
        '            select image_id, count(*) from coco_parts.%I group by image_id) both_sides'
        '        group by image_id) images) parts '
        'group by part order by 1', 'a_' || ground_truth, 'a_' || run) using part_rows;
end
$$;
comment on function coco.evaluation_parts is
    'The first image of each part of an evaluation (import ids of both sides), ascending: a part '
    'has about part_rows rows of both sides, and at most as many more as one image has. No rows if '
    'both sides have at most max_rows';

create or replace function coco.rows_of_piece(
    leaf text, piece integer, pieces integer, bounds bigint[])
returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    pages bigint;
begin
    if bounds is not null then
        return coco.image_range(' where', bounds[piece],
                                bounds[piece + 1] - (piece < pieces)::int);
    end if;
    pages := pg_relation_size(format('coco_parts.%I', leaf))
        / current_setting('block_size')::bigint;
    return format(' where ctid >= %L and ctid < %L',
                  format('(%s,0)', pages * (piece - 1) / pieces)::tid,
                  format('(%s,0)', case when piece < pieces then pages * piece / pieces
                                        else 4294967295 end)::tid);
end
$$;
comment on function coco.rows_of_piece is
    'A condition for the rows of one of so many pieces of a leaf, from 1: its pages are cut into '
    'equal pieces, or, with bounds, its images at these';

create or replace function coco.evaluation_rows(
    dataset_id bigint, ground_truth bigint, run bigint, iou_type text, pieces integer default 1,
    bounds bigint[] default null)
returns table (part text, command text, has_area boolean, row_count bigint)
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
    truths text := 'a_' || ground_truth;
    detections text := 'a_' || run;
    boxes constant text :=
        'annotation_id, image_id, category_id, bbox_x, bbox_y, bbox_w, bbox_h';
begin
    perform coco.begin_export(dataset_id);
    has_area := false;
    row_count := 0;
    part := 'images';
    command := format('copy (select image_id, coalesce(width, 0), coalesce(height, 0) '
                      'from coco.images where dataset_id = coco.exported_dataset()%s '
                      'order by image_id) to stdout (format binary)',
                      coco.image_range(' and', bounds[1], bounds[cardinality(bounds)]));
    return next;
    part := 'categories';
    command := 'copy (select category_id::bigint from coco.categories '
               'where dataset_id = coco.exported_dataset() order by category_id) '
               'to stdout (format binary)';
    return next;
    part := 'truths';
    for piece in 1 .. pieces loop
        command := format(
            'copy (select %s, coalesce(area, coco.box_area(bbox_w, bbox_h)), is_crowd%s '
            'from coco_parts.%I%s) '
            'to stdout (format binary)',
            boxes,
            case iou_type when 'segm' then ', segmentation'
                          when 'keypoints' then ', keypoints, extra' else '' end,
            truths, coco.rows_of_piece(truths, piece, pieces, bounds));
        return next;
    end loop;
    part := 'detections';
    has_area := not coco.has_boxes(detections);
    row_count := case when bounds is null
                      then (select s.row_count from coco.sources s where s.import_id = run)
                      else 0 end;
    for piece in 1 .. pieces loop
        command := format(
            'copy (select %s, confidence%s%s from coco_parts.%I%s) to stdout (format binary)',
            boxes,
            case when not has_area then ''
                 when iou_type = 'bbox' then ', area'
                 else ', case when bbox_derived then area end' end,
            case iou_type when 'segm' then ', segmentation'
                          when 'keypoints' then ', keypoints' else '' end,
            detections, coco.rows_of_piece(detections, piece, pieces, bounds));
        return next;
    end loop;
end
$$;
comment on function coco.evaluation_rows is
    'The parts of an evaluation (import ids of both sides): images, categories, truths and '
    'detections, each a COPY command. `has_area`: detections have their area as another column, '
    'null where it is that of the mask or the keypoints in spite of a box; otherwise it is that of '
    'the box. segm: both sides have their segmentation last, keypoints: their keypoints, and '
    'truths also the other members. `pieces`: both sides come in so many pieces of about equal '
    'size, first those of the truths, one after the other in the order of the file, which several '
    'connections may read at a time; row_count is of all detections. bounds: only the images from '
    'the first bound to the last one; each piece but the first begins at a bound between. An index '
    'scan gives the rows of an image in the order of the file, too. Sets what begin_export sets';

create or replace function coco.begin_selection(
    split text, slice text, first bigint default null, last bigint default null)
returns text
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('pgcoco.split', coalesce(split, ''), true);
    perform set_config('pgcoco.slice', coalesce(slice, ''), true);
    return format('copy (select image_id from coco.selected_images() i (image_id)%s '
                  'order by image_id) to stdout (format binary)',
                  coco.image_range(' where', first, last));
end
$$;
comment on function coco.begin_selection is
    'The COPY command for the ids of the images of a split and a slice (null: not restricted) of '
    'the dataset that evaluation_rows or begin_export has named in this transaction; of these, '
    'those from first to last';

create or replace function coco.selected_images() returns setof bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    chosen_split text := nullif(current_setting('pgcoco.split'), '');
    chosen_slice text := nullif(current_setting('pgcoco.slice'), '');
begin
    return query
        select i.image_id
        from coco.images i
        where i.dataset_id = coco.exported_dataset()
          and (chosen_split is null or i.split = chosen_split)
          and (chosen_slice is null
               or exists (select from coco.slices s
                          where s.dataset_id = i.dataset_id and s.slice = chosen_slice
                            and s.image_id = i.image_id));
end
$$;
comment on function coco.selected_images is
    'The images of the split and the slice that begin_selection has set for this transaction';
