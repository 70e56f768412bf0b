create or replace view coco.annotations as
    select v.dataset_id, v.source, v.import_id, v.annotation_id, v.image_id,
           v.bbox_x, v.bbox_y, v.bbox_w, v.bbox_h, v.area, v.confidence, v.category_id, v.is_crowd,
           v.segmentation, v.keypoints, v.extra, v.bbox_derived
    from coco.annotation_versions v
    join coco.sources s on s.import_id = v.import_id
    where coco.hear_of_new_leaves();
comment on view coco.annotations is
    'The published annotations: ground truth (source = ''ground_truth'') and runs. With '
    'dataset_id = … and source = … only those leaves are read';
