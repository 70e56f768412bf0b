-- The view in which people chart numbers over time.

create or replace view coco.evaluation_history as
    select e.dataset_id, d.name as dataset, e.run_name, e.evaluation_id, e.evaluated_at,
           r.import_id is not null and g.import_id is not null as is_current,
           e.is_default, e.iou_type, e.split, e.slice, e.ap, e.ap50, e.ap75, e.ar,
           e.interval_low, e.interval_high, e.precision, e.recall, e.f1, e.best_confidence,
           e.best_f1, e.ece, e.image_count, e.truth_count, e.detection_count, e.ground_truth,
           e.import_id
    from coco.evaluations e
    join coco.datasets d on d.id = e.dataset_id
    left join coco.sources r on r.import_id = e.import_id
    left join coco.sources g on g.import_id = e.ground_truth;
comment on view coco.evaluation_history is
    'The numbers of all evaluations, also of imports that were replaced since. Say is_default for '
    'numbers that can be compared. Those of classes are in coco.evaluation_classes';
comment on column coco.evaluation_history.dataset_id is 'coco.datasets.id';
comment on column coco.evaluation_history.dataset is 'coco.datasets.name';
comment on column coco.evaluation_history.run_name is
    'The run. Its evaluations stay when it is deleted, and go with the dataset';
comment on column coco.evaluation_history.evaluation_id is 'coco.evaluations.evaluation_id';
comment on column coco.evaluation_history.evaluated_at is 'When the numbers were stored';
comment on column coco.evaluation_history.is_current is
    'Whether both imports are published, so that the numbers are those of the rows that are there';
comment on column coco.evaluation_history.is_default is
    'Whether the parameters are COCO''s, for all images and classes';
comment on column coco.evaluation_history.iou_type is 'bbox, segm or keypoints';
comment on column coco.evaluation_history.split is 'The split that was evaluated; null: all images';
comment on column coco.evaluation_history.slice is 'The slice that was evaluated; null: all images';
comment on column coco.evaluation_history.ap is 'Null if it does not apply';
comment on column coco.evaluation_history.ap50 is 'Null if it does not apply';
comment on column coco.evaluation_history.ap75 is 'Null if it does not apply';
comment on column coco.evaluation_history.ar is
    'At the largest number of detections; null if it does not apply';
comment on column coco.evaluation_history.interval_low is
    'Lower end of the 95 % interval of ap; null: not computed';
comment on column coco.evaluation_history.interval_high is
    'Upper end of the 95 % interval of ap; null: not computed';
comment on column coco.evaluation_history.precision is 'At the operating point';
comment on column coco.evaluation_history.recall is 'At the operating point';
comment on column coco.evaluation_history.f1 is 'At the operating point';
comment on column coco.evaluation_history.best_confidence is
    'The least score with which F1 is best';
comment on column coco.evaluation_history.best_f1 is 'F1 at best_confidence';
comment on column coco.evaluation_history.ece is
    'Expected calibration error; null if there is no detection';
comment on column coco.evaluation_history.image_count is 'Images that were evaluated';
comment on column coco.evaluation_history.truth_count is
    'Ground truths of the images and classes, also crowds and others that do not count';
comment on column coco.evaluation_history.detection_count is
    'Detections of the images and classes';
comment on column coco.evaluation_history.ground_truth is 'The import of the ground truth';
comment on column coco.evaluation_history.import_id is 'The import of the run';
