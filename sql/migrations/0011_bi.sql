-- Adds to the history of imports the numbers of each as columns, so that charts need not read its
-- outcome, and makes room for what views of the version before had otherwise.

alter table coco.imports
    add row_count bigint generated always as (
        case when phase = 'published'
             then (outcome ->> case when source = 'ground_truth' then 'annotation_count'
                                    else 'prediction_count' end)::bigint
        end) stored,
    add skipped_count bigint generated always as (
        case when phase = 'published' then (outcome ->> 'skipped_count')::bigint end) stored,
    add bytes bigint generated always as (
        case when phase = 'published' then (outcome ->> 'bytes')::bigint end) stored,
    add code text generated always as (
        case when phase = 'failed' then outcome ->> 'code' end) stored;
comment on column coco.imports.row_count is
    'Rows taken from the file; null unless it was published';
comment on column coco.imports.skipped_count is 'Rows not taken; null unless it was published';
comment on column coco.imports.bytes is
    'Size of the file, decompressed; null unless it was published';
comment on column coco.imports.code is 'Why it failed: the code of the problem; null if it did not';
create index imports_started on coco.imports (started_at);

comment on table coco.health_reports is
    'What is wrong with each published ground truth. Made by the maintenance after the '
    'publication, deleted when the ground truth is replaced';

-- Its counts were numeric, and a view that exists keeps the types of its columns.
drop view if exists coco.match_summary;
