-- The view that readers query for runs: what is known of each without reading its rows.

create or replace view coco.runs as
    select s.dataset_id, d.name as dataset, s.source as run_name, s.import_id, s.imported_at,
           s.row_count as prediction_count, s.skipped_count, s.skipped, s.replaced_count, s.bytes,
           s.duration_ms
    from coco.sources s
    join coco.datasets d on d.id = s.dataset_id
    where s.source <> 'ground_truth';
comment on view coco.runs is
    'The published runs: the sources of all datasets without ground truth. The columns are those '
    'of coco.sources';
comment on column coco.runs.dataset_id is 'coco.datasets.id';
comment on column coco.runs.dataset is 'coco.datasets.name';
comment on column coco.runs.run_name is 'source of its rows in coco.annotations';
comment on column coco.runs.import_id is 'The import that is published';
comment on column coco.runs.imported_at is 'When it was published';
comment on column coco.runs.prediction_count is 'Rows taken from the file';
comment on column coco.runs.skipped_count is 'Rows not taken';
comment on column coco.runs.skipped is
    'Why rows were not taken: [{reason, count, examples}], at most ten examples a reason';
comment on column coco.runs.replaced_count is 'Rows of the import that this one replaced';
comment on column coco.runs.bytes is 'Size of the file, decompressed';
comment on column coco.runs.duration_ms is 'From the first byte to the publication';
