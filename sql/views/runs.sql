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
