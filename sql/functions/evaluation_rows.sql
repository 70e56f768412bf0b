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

create or replace function coco.evaluation_rows(
    dataset_id bigint, ground_truth bigint, run bigint, iou_type text, pieces integer default 1)
returns table (part text, command text, has_area boolean, row_count bigint)
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
    pages bigint;
    truths text := 'a_' || ground_truth;
    detections text := 'a_' || run;
    boxes constant text :=
        'annotation_id, image_id, category_id, bbox_x, bbox_y, bbox_w, bbox_h';
begin
    perform coco.begin_export(dataset_id);
    has_area := false;
    row_count := 0;
    part := 'images';
    command := 'copy (select image_id, coalesce(width, 0), coalesce(height, 0) from coco.images '
               'where dataset_id = coco.exported_dataset() order by image_id) '
               'to stdout (format binary)';
    return next;
    part := 'categories';
    command := 'copy (select category_id::bigint from coco.categories '
               'where dataset_id = coco.exported_dataset() order by category_id) '
               'to stdout (format binary)';
    return next;
    part := 'truths';
    command := format('copy (select %s, coalesce(area, bbox_w * bbox_h), is_crowd%s '
                      'from coco_parts.%I) to stdout (format binary)', boxes,
                      case iou_type when 'segm' then ', segmentation'
                                    when 'keypoints' then ', keypoints, extra' else '' end,
                      truths);
    return next;
    part := 'detections';
    has_area := not coco.has_boxes(detections);
    row_count := (select s.row_count from coco.sources s where s.import_id = run);
    pages := pg_relation_size(format('coco_parts.%I', detections))
        / current_setting('block_size')::bigint;
    for piece in 1 .. pieces loop
        command := format(
            'copy (select %s, confidence%s%s from coco_parts.%I where ctid >= %L and ctid < %L) '
            'to stdout (format binary)',
            boxes,
            case when not has_area then ''
                 when iou_type = 'bbox' then ', area'
                 else ', case when bbox_derived then area end' end,
            case iou_type when 'segm' then ', segmentation'
                          when 'keypoints' then ', keypoints' else '' end,
            detections,
            format('(%s,0)', pages * (piece - 1) / pieces)::tid,
            format('(%s,0)', case when piece < pieces then pages * piece / pieces
                                  else 4294967295 end)::tid);
        return next;
    end loop;
end
$$;
comment on function coco.evaluation_rows is
    'The parts of an evaluation (import ids of both sides): images, categories, truths and '
    'detections, each a COPY command. `has_area`: detections have their area as another column, null '
    'where it is that of the mask or the keypoints in spite of a box; otherwise it is that of the '
    'box. segm: both sides have their segmentation last, keypoints: their keypoints, and truths '
    'also the other members. `pieces`: the detections come in so many parts, one after the other in '
    'the order of the file, which several connections may read at a time; row_count is of all of '
    'them. Sets what begin_export sets';

create or replace function coco.begin_selection(split text, slice text) returns text
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('pgcoco.split', coalesce(split, ''), true);
    perform set_config('pgcoco.slice', coalesce(slice, ''), true);
    return 'copy (select image_id from coco.selected_images() i (image_id) order by image_id) '
           'to stdout (format binary)';
end
$$;
comment on function coco.begin_selection is
    'The COPY command for the ids of the images of a split and a slice (null: not restricted) of '
    'the dataset that evaluation_rows or begin_export has named in this transaction';

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
