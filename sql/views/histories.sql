-- What happened over time, for tools that chart: imports, and evaluations by class. Those of whole
-- runs are in coco.evaluation_history.

create or replace view coco.import_history as
    select i.import_id, i.dataset, i.source,
           case when i.source = 'ground_truth' then 'ground truth' else 'run' end as kind,
           i.started_at, i.finished_at,
           case when i.phase = 'published' and i.retired_at is null then 'published'
                when i.phase = 'published' then 'replaced'
                when i.phase = 'failed' then 'failed'
                else 'unfinished' end as state,
           extract(epoch from i.finished_at - i.started_at)::float8 as seconds,
           i.row_count, i.skipped_count, i.bytes, i.code
    from coco.imports i;
comment on view coco.import_history is
    'Imports, also failed ones, for as long as the collection keeps them (30 days by default). One '
    'whose rows are still being loaded is not here yet';
comment on column coco.import_history.import_id is 'Later imports have larger ids';
comment on column coco.import_history.dataset is 'Name of the dataset at the time of the import';
comment on column coco.import_history.source is 'ground_truth, or the name of the run';
comment on column coco.import_history.kind is 'ground truth or run';
comment on column coco.import_history.started_at is 'When its load began';
comment on column coco.import_history.finished_at is 'When it was published or failed; null before';
comment on column coco.import_history.state is
    'published; replaced (it was published, and is replaced or deleted since); failed; unfinished';
comment on column coco.import_history.seconds is
    'From the beginning of the load to the end; null before';
comment on column coco.import_history.row_count is
    'Rows taken from the file; null unless it was published';
comment on column coco.import_history.skipped_count is
    'Rows not taken; null unless it was published';
comment on column coco.import_history.bytes is
    'Size of the file, decompressed; null unless it was published';
comment on column coco.import_history.code is
    'Why it failed: the code of the problem, as in the answer; null if it did not';

create or replace view coco.class_evaluation_history as
    select h.dataset_id, h.dataset, h.run_name, h.evaluation_id, h.evaluated_at, h.is_current,
           h.is_default, h.iou_type, h.split, h.slice, c.category_id, c.category, c.truth_count,
           c.detection_count, c.ap, c.ap50, c.ap75, c.ap_small, c.ap_medium, c.ap_large, c.ar,
           c.true_positives, c.false_positives, c.false_negatives, c.precision, c.recall, c.f1,
           c.best_confidence, c.best_f1
    from coco.evaluation_history h
    join coco.evaluation_classes c on c.evaluation_id = h.evaluation_id;
comment on view coco.class_evaluation_history is
    'The numbers of each class in all evaluations, also of imports that were replaced since. Say '
    'is_default for numbers that can be compared, and is_current for those that hold now';
comment on column coco.class_evaluation_history.dataset_id is 'coco.datasets.id';
comment on column coco.class_evaluation_history.dataset is 'coco.datasets.name';
comment on column coco.class_evaluation_history.run_name is 'The run';
comment on column coco.class_evaluation_history.evaluation_id is 'coco.evaluations.evaluation_id';
comment on column coco.class_evaluation_history.evaluated_at is 'When the numbers were stored';
comment on column coco.class_evaluation_history.is_current is
    'Whether both imports are published, so that the numbers are those of the rows that are there';
comment on column coco.class_evaluation_history.is_default is
    'Whether the parameters are COCO''s, for all images and classes';
comment on column coco.class_evaluation_history.iou_type is 'bbox, segm or keypoints';
comment on column coco.class_evaluation_history.split is
    'The split that was evaluated; null: all images';
comment on column coco.class_evaluation_history.slice is
    'The slice that was evaluated; null: all images';
comment on column coco.class_evaluation_history.category_id is
    'coco.categories.category_id at that time';
comment on column coco.class_evaluation_history.category is 'Name of the class at that time';
comment on column coco.class_evaluation_history.truth_count is 'Ground truths of the class';
comment on column coco.class_evaluation_history.detection_count is 'Detections of the class';
comment on column coco.class_evaluation_history.ap is 'Null if the class has no ground truth';
comment on column coco.class_evaluation_history.ap50 is 'Null like ap';
comment on column coco.class_evaluation_history.ap75 is 'Null like ap';
comment on column coco.class_evaluation_history.ap_small is
    'AP of ground truths below 32 x 32 pixels; null if there are none';
comment on column coco.class_evaluation_history.ap_medium is
    'AP of ground truths from 32 x 32 to 96 x 96 pixels; null if there are none';
comment on column coco.class_evaluation_history.ap_large is
    'AP of ground truths of 96 x 96 pixels or more; null if there are none';
comment on column coco.class_evaluation_history.ar is
    'At the largest number of detections; null like ap';
comment on column coco.class_evaluation_history.true_positives is 'At the operating point';
comment on column coco.class_evaluation_history.false_positives is 'At the operating point';
comment on column coco.class_evaluation_history.false_negatives is 'At the operating point';
comment on column coco.class_evaluation_history.precision is
    'At the operating point; null if nothing is detected';
comment on column coco.class_evaluation_history.recall is
    'At the operating point; null without a ground truth';
comment on column coco.class_evaluation_history.f1 is
    'At the operating point; null if it does not apply';
comment on column coco.class_evaluation_history.best_confidence is
    'The least score with which F1 is best';
comment on column coco.class_evaluation_history.best_f1 is 'F1 at best_confidence';

-- The names are looked up row by row, so that the first rows do not need the classes of all runs.
create or replace view coco.confusion_pairs as
    select e.dataset_id, d.name as dataset, e.run_name, e.iou_type, e.evaluated_at,
           p.truth_id as truth_category_id,
           case when p.truth_id is null then 'background'
                else (select c.category from coco.evaluation_classes c
                      where c.evaluation_id = e.evaluation_id and c.category_id = p.truth_id)
           end as truth_category,
           p.detection_id as detected_category_id,
           case when p.detection_id is null then 'background'
                else (select c.category from coco.evaluation_classes c
                      where c.evaluation_id = e.evaluation_id and c.category_id = p.detection_id)
           end as detected_category,
           p.n, m.confidence
    from coco.evaluations e
    join coco.datasets d on d.id = e.dataset_id
    join coco.sources r on r.import_id = e.import_id
    join coco.sources g on g.import_id = e.ground_truth
    cross join lateral json_to_record(e.matrix) m (confidence float8, cells json)
    cross join lateral (
        select (c.value ->> 0)::integer as truth_id, (c.value ->> 1)::integer as detection_id,
               (c.value ->> 2)::bigint as n
        from json_array_elements(m.cells) c) p
    where e.is_default;
comment on view coco.confusion_pairs is
    'The confusion matrix of each run: how often a class was taken for another one, in the '
    'evaluations with COCO''s parameters that hold now. Pairs that never occur have no row';
comment on column coco.confusion_pairs.dataset_id is 'coco.datasets.id';
comment on column coco.confusion_pairs.dataset is 'coco.datasets.name';
comment on column coco.confusion_pairs.run_name is 'The run';
comment on column coco.confusion_pairs.iou_type is 'bbox, segm or keypoints';
comment on column coco.confusion_pairs.evaluated_at is 'When the matrix was stored';
comment on column coco.confusion_pairs.truth_category_id is
    'Class of the ground truth; null: background, so that the detections have no ground truth';
comment on column coco.confusion_pairs.truth_category is 'Its name, or background';
comment on column coco.confusion_pairs.detected_category_id is
    'Class of the detection; null: background, so that the ground truths were missed';
comment on column coco.confusion_pairs.detected_category is 'Its name, or background';
comment on column coco.confusion_pairs.n is 'How often';
comment on column coco.confusion_pairs.confidence is 'Least score of the detections';
