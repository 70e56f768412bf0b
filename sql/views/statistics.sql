-- Views for people and for tools that chart: names instead of ids, plain numbers, no JSON.

create or replace view coco.class_statistics as
    select c.dataset_id, d.name as dataset, s.source, c.import_id, s.imported_at,
           c.category_id, k.name as category, c.split, c.n,
           c.sizes[1] + c.sizes[2] + c.sizes[3] + c.sizes[4] as small,
           c.sizes[5] + c.sizes[6] as medium,
           c.sizes[7] + c.sizes[8] + c.sizes[9] + c.sizes[10] + c.sizes[11] + c.sizes[12] as large
    from coco.class_counts c
    join coco.sources s on s.import_id = c.import_id
    join coco.datasets d on d.id = c.dataset_id
    join coco.categories k on k.dataset_id = c.dataset_id and k.category_id = c.category_id;
comment on view coco.class_statistics is
    'Rows of each class of each ground truth and run, by split. From kept counts: reads no '
    'annotation. A class without rows has no row here';
comment on column coco.class_statistics.dataset_id is 'coco.datasets.id';
comment on column coco.class_statistics.dataset is 'coco.datasets.name';
comment on column coco.class_statistics.source is 'ground_truth, or the name of a run';
comment on column coco.class_statistics.import_id is 'coco.sources.import_id';
comment on column coco.class_statistics.imported_at is 'When the import was published';
comment on column coco.class_statistics.category_id is 'coco.categories.category_id';
comment on column coco.class_statistics.category is 'coco.categories.name; not unique';
comment on column coco.class_statistics.split is 'Split of the images; null if they have none';
comment on column coco.class_statistics.n is 'Rows';
comment on column coco.class_statistics.small is
    'Rows with an area below 32 x 32 pixels. Null until the maintenance has counted a large ground '
    'truth';
comment on column coco.class_statistics.medium is
    'Rows with an area from 32 x 32 to below 96 x 96 pixels; null like small';
comment on column coco.class_statistics.large is
    'Rows with an area of 96 x 96 pixels or more; null like small';

create or replace view coco.run_summary as
    select s.dataset_id, d.name as dataset, s.source as run_name, s.import_id, s.imported_at,
           s.row_count as prediction_count, s.skipped_count, d.image_count,
           s.row_count::float8 / nullif(d.image_count, 0)::float8 as mean_per_image,
           e.iou_type, e.evaluated_at, e.ap, e.ap50, e.precision, e.recall, e.f1,
           n.notes, array_to_string(n.tags, ', ') as tags
    from coco.sources s
    join coco.datasets d on d.id = s.dataset_id
    left join coco.run_notes n on n.dataset_id = s.dataset_id and n.source = s.source
    join coco.sources g on g.dataset_id = s.dataset_id and g.source = 'ground_truth'
    left join lateral (
        select v.iou_type, v.evaluated_at, v.ap, v.ap50, v.precision, v.recall, v.f1
        from coco.evaluations v
        where v.import_id = s.import_id and v.ground_truth = g.import_id and v.is_default
        order by v.evaluated_at desc, v.evaluation_id desc limit 1) e on true
    where s.source <> 'ground_truth';
comment on view coco.run_summary is
    'The published runs: their counts, and the numbers of their latest evaluation with COCO''s '
    'parameters. All of their evaluations are in coco.evaluation_summary';
comment on column coco.run_summary.dataset_id is 'coco.datasets.id';
comment on column coco.run_summary.dataset is 'coco.datasets.name';
comment on column coco.run_summary.run_name is 'source of its rows in coco.annotations';
comment on column coco.run_summary.import_id is 'The import that is published';
comment on column coco.run_summary.imported_at is 'When it was published';
comment on column coco.run_summary.prediction_count is 'Rows taken from the file';
comment on column coco.run_summary.skipped_count is 'Rows not taken';
comment on column coco.run_summary.image_count is 'Images of the dataset';
comment on column coco.run_summary.mean_per_image is 'Predictions per image of the dataset';
comment on column coco.run_summary.iou_type is
    'bbox, segm or keypoints: what the evaluation measured; null if there is none';
comment on column coco.run_summary.evaluated_at is 'When; null if there is no evaluation';
comment on column coco.run_summary.ap is 'Null if there is no evaluation, or it does not apply';
comment on column coco.run_summary.ap50 is 'Null like ap';
comment on column coco.run_summary.precision is 'At the operating point';
comment on column coco.run_summary.recall is 'At the operating point';
comment on column coco.run_summary.f1 is 'At the operating point';
comment on column coco.run_summary.notes is 'What people say about it; null if nothing';
comment on column coco.run_summary.tags is
    'Its tags, with commas between them; null or empty: none';

create or replace view coco.evaluation_summary as
    select h.dataset_id, h.dataset, h.run_name, h.iou_type, h.evaluated_at, h.evaluation_id,
           h.ap, h.ap50, h.ap75,
           nullif(e.stats[array_position(e.names, 'APs')], -1) as ap_small,
           nullif(e.stats[array_position(e.names, 'APm')], -1) as ap_medium,
           nullif(e.stats[array_position(e.names, 'APl')], -1) as ap_large,
           h.ar, h.interval_low, h.interval_high, h.precision, h.recall, h.f1, h.best_confidence,
           h.best_f1, h.ece, h.image_count, h.truth_count, h.detection_count
    from coco.evaluation_history h
    join coco.evaluations e using (evaluation_id)
    where h.is_current and h.is_default;
comment on view coco.evaluation_summary is
    'The evaluations that can be compared: with COCO''s parameters, of the imports that are '
    'published; one for each run and iou_type. Those of the past are in coco.evaluation_history';
comment on column coco.evaluation_summary.dataset_id is 'coco.datasets.id';
comment on column coco.evaluation_summary.dataset is 'coco.datasets.name';
comment on column coco.evaluation_summary.run_name is 'The run';
comment on column coco.evaluation_summary.iou_type is 'bbox, segm or keypoints';
comment on column coco.evaluation_summary.evaluated_at is 'When the numbers were stored';
comment on column coco.evaluation_summary.evaluation_id is 'coco.evaluations.evaluation_id';
comment on column coco.evaluation_summary.ap is 'Null if it does not apply';
comment on column coco.evaluation_summary.ap50 is 'Null if it does not apply';
comment on column coco.evaluation_summary.ap75 is 'Null if it does not apply';
comment on column coco.evaluation_summary.ap_small is
    'AP of ground truths below 32 x 32 pixels; null if it does not apply';
comment on column coco.evaluation_summary.ap_medium is
    'AP of ground truths from 32 x 32 to 96 x 96 pixels; null if it does not apply';
comment on column coco.evaluation_summary.ap_large is
    'AP of ground truths of 96 x 96 pixels or more; null if it does not apply';
comment on column coco.evaluation_summary.ar is
    'At the largest number of detections; null if it does not apply';
comment on column coco.evaluation_summary.interval_low is
    'Lower end of the 95 % interval of ap; null: not computed';
comment on column coco.evaluation_summary.interval_high is
    'Upper end of the 95 % interval of ap; null: not computed';
comment on column coco.evaluation_summary.precision is 'At the operating point';
comment on column coco.evaluation_summary.recall is 'At the operating point';
comment on column coco.evaluation_summary.f1 is 'At the operating point';
comment on column coco.evaluation_summary.best_confidence is
    'The least score with which F1 is best';
comment on column coco.evaluation_summary.best_f1 is 'F1 at best_confidence';
comment on column coco.evaluation_summary.ece is
    'Expected calibration error; null if there is no detection';
comment on column coco.evaluation_summary.image_count is 'Images that were evaluated';
comment on column coco.evaluation_summary.truth_count is 'Ground truths of these images';
comment on column coco.evaluation_summary.detection_count is 'Detections of these images';

create or replace view coco.annotation_view as
    select a.dataset_id, d.name as dataset, a.source, a.annotation_id, a.image_id, i.file_name,
           i.width as image_width, i.height as image_height, i.split, a.category_id,
           k.name as category, k.supercategory, a.bbox_x, a.bbox_y, a.bbox_w, a.bbox_h, a.area,
           a.confidence, a.is_crowd, s.imported_at
    from coco.annotations a
    join coco.sources s on s.dataset_id = a.dataset_id and s.source = a.source
    join coco.datasets d on d.id = a.dataset_id
    join coco.images i on i.dataset_id = a.dataset_id and i.image_id = a.image_id
    join coco.categories k on k.dataset_id = a.dataset_id and k.category_id = a.category_id;
comment on view coco.annotation_view is
    'The published annotations with the names of their image and class, without JSON. Give '
    'dataset_id and source as constants, as for coco.annotations: the query then reads only their '
    'leaf, and without them it locks those of all runs';
comment on column coco.annotation_view.dataset_id is 'coco.datasets.id';
comment on column coco.annotation_view.dataset is 'coco.datasets.name';
comment on column coco.annotation_view.source is 'ground_truth, or the name of a run';
comment on column coco.annotation_view.annotation_id is
    'Ground truth: the id in the file. Run: the row''s index in the file + 1';
comment on column coco.annotation_view.image_id is 'coco.images.image_id';
comment on column coco.annotation_view.file_name is 'Of the image; null if it has none';
comment on column coco.annotation_view.image_width is 'Pixels; null if the file has none';
comment on column coco.annotation_view.image_height is 'Pixels; null if the file has none';
comment on column coco.annotation_view.split is 'Of the image; null if it has none';
comment on column coco.annotation_view.category_id is 'coco.categories.category_id';
comment on column coco.annotation_view.category is 'coco.categories.name; not unique';
comment on column coco.annotation_view.supercategory is 'Null if the file has none';
comment on column coco.annotation_view.bbox_x is 'Left edge, pixels';
comment on column coco.annotation_view.bbox_y is 'Top edge, pixels';
comment on column coco.annotation_view.bbox_w is 'Width, pixels';
comment on column coco.annotation_view.bbox_h is 'Height, pixels';
comment on column coco.annotation_view.area is 'Square pixels, as in coco.annotations';
comment on column coco.annotation_view.confidence is
    'The score of a prediction; null for ground truth';
comment on column coco.annotation_view.is_crowd is 'iscrowd of the ground truth';
comment on column coco.annotation_view.imported_at is 'When the import was published';
