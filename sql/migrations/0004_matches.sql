-- Creates the tables for matches: what became of each detection of a run, and of each ground truth.
-- They are made like those of annotations: leaves in buckets, and a pointer.

create type coco.outcome as enum (
    'true_positive', 'localisation', 'classification', 'both', 'duplicate', 'background', 'missed',
    'ignored');
comment on type coco.outcome is
    'What became of a detection or a ground truth, by the definitions of TIDE';

create table coco.match_sources (
    dataset_id bigint not null references coco.datasets,
    source text collate "C" not null,
    iou_type text collate "C" not null check (iou_type in ('bbox', 'segm', 'keypoints')),
    matches_id bigint not null unique,
    ground_truth bigint not null references coco.sources (import_id),
    import_id bigint not null references coco.sources (import_id),
    made_at timestamptz not null,
    detection_count bigint not null,
    truth_count bigint not null,
    duration_ms bigint not null,
    primary key (dataset_id, source, iou_type)
);
create index match_sources_ground_truth on coco.match_sources (ground_truth);
create index match_sources_import on coco.match_sources (import_id);
comment on table coco.match_sources is
    'The published set of matches of each run and kind of overlap: readers see its rows and no '
    'others. Deleted when the run or its ground truth is replaced or deleted';
comment on column coco.match_sources.dataset_id is 'coco.datasets.id';
comment on column coco.match_sources.source is 'The name of the run';
comment on column coco.match_sources.iou_type is 'bbox, segm or keypoints';
comment on column coco.match_sources.matches_id is
    'The published set; its leaf is coco_parts.m_<matches_id>';
comment on column coco.match_sources.ground_truth is
    'coco.sources.import_id of the ground truth that was compared';
comment on column coco.match_sources.import_id is
    'coco.sources.import_id of the run that was compared';
comment on column coco.match_sources.made_at is 'When the set was published';
comment on column coco.match_sources.detection_count is 'Rows of detections';
comment on column coco.match_sources.truth_count is 'Rows of ground truths';
comment on column coco.match_sources.duration_ms is
    'Milliseconds from the start of the first transaction to the publication';

create table coco.match_counts (
    dataset_id bigint not null,
    matches_id bigint not null references coco.match_sources (matches_id),
    category_id integer not null,
    is_truth boolean not null,
    outcome coco.outcome not null,
    n bigint not null,
    claimed bigint not null,
    primary key (matches_id, category_id, is_truth, outcome),
    foreign key (dataset_id, category_id) references coco.categories
);
create index match_counts_category on coco.match_counts (dataset_id, category_id);
comment on table coco.match_counts is
    'Rows of each published set of matches by class and outcome, so that totals need no scan. '
    'Written when the set is published, deleted with its row in coco.match_sources';
comment on column coco.match_counts.dataset_id is 'coco.datasets.id';
comment on column coco.match_counts.matches_id is 'coco.match_sources.matches_id';
comment on column coco.match_counts.category_id is
    'coco.categories.category_id: of the detections, or of the ground truths';
comment on column coco.match_counts.is_truth is 'True: ground truths; false: detections';
comment on column coco.match_counts.outcome is 'What became of them';
comment on column coco.match_counts.n is 'Rows of this class and outcome';
comment on column coco.match_counts.claimed is
    'Ground truths among them that a detection of another class (outcome classification) points '
    'at; 0 for detections';

-- Ids come from the sequence of coco.imports: no import has the number of a set of matches, so what
-- locks, claims and drops leaves need not tell them apart.
create table coco.match_sets (
    matches_id bigint primary key,
    dataset_id bigint not null,
    source text collate "C" not null,
    iou_type text collate "C" not null,
    ground_truth bigint not null,
    import_id bigint not null,
    started_at timestamptz not null,
    phase text not null check (phase in ('loaded', 'attached', 'published', 'failed')),
    phase_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    collected boolean not null default false,
    analyzed boolean not null default false,
    retired_xid xid8,
    retired_at timestamptz
);
create index match_sets_run on coco.match_sets (dataset_id, source, iou_type);
comment on table coco.match_sets is
    'Every set of matches that has a leaf: whether it is published, or may be dropped. What '
    'coco.imports is for imports. The collection removes rows whose leaf is gone';
comment on column coco.match_sets.matches_id is
    'Its leaf is coco_parts.m_<matches_id>. No import has this number';
comment on column coco.match_sets.dataset_id is 'coco.datasets.id; the dataset may be gone';
comment on column coco.match_sets.source is 'The name of the run';
comment on column coco.match_sets.iou_type is 'bbox, segm or keypoints';
comment on column coco.match_sets.ground_truth is 'coco.imports.import_id of the ground truth';
comment on column coco.match_sets.import_id is 'coco.imports.import_id of the run';
comment on column coco.match_sets.started_at is 'When its load began';
comment on column coco.match_sets.phase is
    'The last step that was committed (loaded, attached, published), or failed';
comment on column coco.match_sets.phase_at is
    'When that step ended. A set that stands still for too long is taken for abandoned';
comment on column coco.match_sets.finished_at is
    'When it was published, failed or was given up; null before';
comment on column coco.match_sets.collected is
    'True once the collection has claimed the leaf: this set can no longer be published';
comment on column coco.match_sets.analyzed is
    'True once a worker was told to analyze the leaf. If that failed, autovacuum analyzes it';
comment on column coco.match_sets.retired_xid is
    'The transaction that replaced or deleted this set. The leaf stays until every snapshot is '
    'newer. Null while it is published';
comment on column coco.match_sets.retired_at is 'When it was replaced or deleted; null before';

create table coco.match_versions (
    dataset_id bigint not null,
    source text collate "C" not null,
    matches_id bigint not null,
    iou_type text collate "C" not null,
    annotation_id bigint,
    truth_id bigint,
    image_id bigint not null,
    confidence float8,
    iou float8,
    category_id integer not null,
    truth_category_id integer,
    confused_category_id integer,
    outcome coco.outcome not null,
    found_by bigint,
    confused_confidence float8,
    left_out boolean
) partition by hash (dataset_id);
comment on table coco.match_versions is
    'All rows of all sets of matches, published or not. Partitioned like coco.annotation_versions; '
    'a bucket has one leaf per set. Query coco.matches instead, which explains the columns';
comment on column coco.match_versions.dataset_id is 'coco.datasets.id';
comment on column coco.match_versions.source is 'The name of the run';
comment on column coco.match_versions.matches_id is 'coco.match_sets.matches_id';
comment on column coco.match_versions.iou_type is 'bbox, segm or keypoints';
comment on column coco.match_versions.annotation_id is
    'The detection; null in the row of a ground truth';
comment on column coco.match_versions.truth_id is
    'A ground truth: of a detection the one that it finds, or that its error points at; null if '
    'there is none';
comment on column coco.match_versions.image_id is 'coco.images.image_id';
comment on column coco.match_versions.confidence is
    'The score of the detection; null in the row of a ground truth';
comment on column coco.match_versions.iou is
    'How much detection and ground truth overlap; null if there is no other';
comment on column coco.match_versions.category_id is
    'The class of the detection, or of the ground truth in its own row';
comment on column coco.match_versions.truth_category_id is
    'The class of truth_id; null if there is none';
comment on column coco.match_versions.confused_category_id is
    'The class on the other side of the confusion matrix; null: background';
comment on column coco.match_versions.outcome is 'What became of the detection or ground truth';
comment on column coco.match_versions.found_by is
    'Row of a ground truth: the detection that finds it, or whose error points at it';
comment on column coco.match_versions.confused_confidence is
    'Row of a ground truth: the score of the detection that takes it in the confusion matrix';
comment on column coco.match_versions.left_out is
    'True if the confusion matrix leaves it out; else null, which takes no room';

-- As in 0001_tables.sql.
do $$
begin
    for i in 0 .. 63 loop
        execute format('create table coco_parts.%I partition of coco.match_versions '
                       'for values with (modulus 64, remainder %s) '
                       'partition by range (dataset_id, source, matches_id)',
                       'match_bucket_' || i, i);
    end loop;
end
$$;
