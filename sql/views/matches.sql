-- The views that readers query for matches. coco.matches shows the rows of published sets, as
-- coco.annotations does for imports; see the comment there.

create or replace view coco.matches as
    select v.dataset_id, v.source, v.iou_type, v.matches_id, v.annotation_id, v.truth_id,
           v.image_id, v.category_id, v.truth_category_id, v.confidence, v.iou, v.outcome,
           v.annotation_id is null as is_truth,
           v.annotation_id is not null
           and v.outcome in ('localisation', 'classification', 'both', 'duplicate', 'background')
               as is_false_positive,
           v.found_by, v.confused_category_id, v.confused_confidence,
           coalesce(v.left_out, false) as is_left_out
    from coco.match_versions v
    where coalesce((select range_agg(int8range(s.matches_id, s.matches_id, '[]'))
                    from coco.match_sources s) @> v.matches_id, false)
      and coco.hear_of_new_leaves();
comment on view coco.matches is
    'What became of each detection of a run, and of each ground truth: one row each, for runs '
    'whose matches were made (coco.match_sources) and are of the published imports. Give '
    'dataset_id, source and iou_type as constants: the query then reads only their leaf';
comment on column coco.matches.dataset_id is 'coco.datasets.id';
comment on column coco.matches.source is 'The name of the run, in rows of ground truths, too';
comment on column coco.matches.iou_type is 'How overlaps were measured: bbox, segm or keypoints';
comment on column coco.matches.matches_id is 'coco.match_sources.matches_id';
comment on column coco.matches.annotation_id is
    'The detection: annotation_id in coco.annotations. Null in the row of a ground truth';
comment on column coco.matches.truth_id is
    'A ground truth: annotation_id in coco.annotations, source ground_truth. In the row of a '
    'detection the one that it finds, or that its error points at; null if there is none';
comment on column coco.matches.image_id is 'coco.images.image_id';
comment on column coco.matches.category_id is
    'coco.categories.category_id of the detection, or of the ground truth in its own row';
comment on column coco.matches.truth_category_id is 'The class of truth_id; null if there is none';
comment on column coco.matches.confidence is
    'The score of the detection; null in the row of a ground truth';
comment on column coco.matches.iou is
    'How much the detection and the ground truth overlap (intersection over union, or OKS); null '
    'if there is only one of them';
comment on column coco.matches.outcome is
    'true_positive, localisation, classification, both, duplicate, background, missed or ignored';
comment on column coco.matches.is_truth is 'True in the row of a ground truth';
comment on column coco.matches.is_false_positive is
    'True for a detection whose outcome is localisation, classification, both, duplicate or '
    'background';
comment on column coco.matches.found_by is
    'Row of a ground truth: the annotation_id of the detection that finds it, or whose error '
    'points at it; null if there is none. Null in the row of a detection';
comment on column coco.matches.confused_category_id is
    'The confusion matrix across classes at IoU .5: the class of the ground truth that the '
    'detection takes, or of the detection that takes the ground truth; null: background';
comment on column coco.matches.confused_confidence is
    'Row of a ground truth: the score of the detection that takes it in the confusion matrix. With '
    'a greater least confidence the matrix counts it as background. Null if none takes it';
comment on column coco.matches.is_left_out is
    'True if the confusion matrix leaves the row out: an ignored ground truth, a detection that '
    'takes none and overlaps such a one of its class, or that is not among the 100 surest of its '
    'image';

-- Set by set, so that the first rows do not need the counts of all sets.
create or replace view coco.match_summary as
    select s.dataset_id, d.name as dataset, s.source, s.iou_type, s.made_at, n.category_id,
           k.name as category, n.true_positives, n.hard_false_positives, n.label_errors,
           n.false_negatives
    from coco.match_sources s
    join coco.datasets d on d.id = s.dataset_id
    cross join lateral (
        select c.category_id,
               coalesce(sum(c.n) filter (where not c.is_truth and c.outcome = 'true_positive'),
                        0)::bigint as true_positives,
               coalesce(sum(c.n) filter (where not c.is_truth
                                         and c.outcome in ('localisation', 'both', 'duplicate',
                                                           'background')), 0)::bigint
                   as hard_false_positives,
               coalesce(sum(c.n) filter (where not c.is_truth and c.outcome = 'classification'),
                        0)::bigint as label_errors,
               coalesce(sum(c.n - c.claimed)
                        filter (where c.is_truth
                                and c.outcome not in ('true_positive', 'ignored')),
                        0)::bigint as false_negatives
        from coco.match_counts c
        where c.matches_id = s.matches_id
        group by c.category_id) n
    join coco.categories k on k.dataset_id = s.dataset_id and k.category_id = n.category_id;
comment on view coco.match_summary is
    'Four numbers for each run and class, from coco.match_counts. Each detection that is not '
    'ignored counts once';
comment on column coco.match_summary.dataset_id is 'coco.datasets.id';
comment on column coco.match_summary.dataset is 'coco.datasets.name';
comment on column coco.match_summary.source is 'The name of the run';
comment on column coco.match_summary.iou_type is 'bbox, segm or keypoints';
comment on column coco.match_summary.made_at is 'When the matches were made';
comment on column coco.match_summary.category_id is
    'coco.categories.category_id: of the detections, and of the ground truths for false_negatives';
comment on column coco.match_summary.category is 'coco.categories.name; not unique';
comment on column coco.match_summary.true_positives is 'Detections with the outcome true_positive';
comment on column coco.match_summary.hard_false_positives is
    'Detections that are neither true positives nor label errors, nor ignored';
comment on column coco.match_summary.label_errors is
    'Detections with the outcome classification: they overlap a ground truth of another class by '
    'IoU .5 or more';
comment on column coco.match_summary.false_negatives is
    'Ground truths that no true positive finds and no label error points at, and that are not '
    'ignored';

create or replace view coco.outcome_counts as
    select s.dataset_id, d.name as dataset, s.source as run_name, s.iou_type, s.made_at,
           n.category_id, k.name as category, n.is_truth, n.outcome::text as outcome, n.n
    from coco.match_sources s
    join coco.match_counts n on n.matches_id = s.matches_id
    join coco.datasets d on d.id = s.dataset_id
    join coco.categories k on k.dataset_id = n.dataset_id and k.category_id = n.category_id;
comment on view coco.outcome_counts is
    'How many detections and ground truths of each class had which outcome, for runs whose '
    'matches were made. Outcomes that do not occur have no row';
comment on column coco.outcome_counts.dataset_id is 'coco.datasets.id';
comment on column coco.outcome_counts.dataset is 'coco.datasets.name';
comment on column coco.outcome_counts.run_name is 'The run';
comment on column coco.outcome_counts.iou_type is 'bbox, segm or keypoints';
comment on column coco.outcome_counts.made_at is 'When the matches were made';
comment on column coco.outcome_counts.category_id is
    'coco.categories.category_id: of the detections, or of the ground truths';
comment on column coco.outcome_counts.category is 'coco.categories.name; not unique';
comment on column coco.outcome_counts.is_truth is 'True: ground truths; false: detections';
comment on column coco.outcome_counts.outcome is
    'true_positive, localisation, classification, both, duplicate, background, missed or ignored';
comment on column coco.outcome_counts.n is 'Detections, or ground truths';
