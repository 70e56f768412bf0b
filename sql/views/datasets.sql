-- Datasets and their images for people and tools that chart. These views read no annotation.

create or replace view coco.dataset_summary as
    select d.id as dataset_id, d.name as dataset, d.created_at, g.imported_at, d.image_count,
           d.annotation_count, d.category_count,
           d.annotation_count::float8 / nullif(d.image_count, 0)::float8 as mean_per_image,
           g.skipped_count, g.bytes, r.run_count, d.prediction_count, r.last_run_at
    from coco.datasets d
    join coco.sources g on g.dataset_id = d.id and g.source = 'ground_truth'
    cross join lateral (
        select count(*) as run_count, max(s.imported_at) as last_run_at
        from coco.sources s
        where s.dataset_id = d.id and s.source <> 'ground_truth') r;
comment on view coco.dataset_summary is 'The datasets: their sizes, and when they changed';
comment on column coco.dataset_summary.dataset_id is 'coco.datasets.id';
comment on column coco.dataset_summary.dataset is 'coco.datasets.name';
comment on column coco.dataset_summary.created_at is 'When its ground truth was first imported';
comment on column coco.dataset_summary.imported_at is
    'When the ground truth that is there was published';
comment on column coco.dataset_summary.image_count is 'Images';
comment on column coco.dataset_summary.annotation_count is 'Rows of the ground truth';
comment on column coco.dataset_summary.category_count is 'Classes';
comment on column coco.dataset_summary.mean_per_image is
    'Rows of the ground truth per image; null without images';
comment on column coco.dataset_summary.skipped_count is
    'Rows of the file of the ground truth that were left out';
comment on column coco.dataset_summary.bytes is
    'Size of the file of the ground truth, decompressed';
comment on column coco.dataset_summary.run_count is 'Published runs';
comment on column coco.dataset_summary.prediction_count is 'Rows of all runs';
comment on column coco.dataset_summary.last_run_at is
    'When a run was last imported; null if there is none';

create or replace view coco.dataset_health as
    select h.dataset_id, d.name as dataset, s.imported_at, h.made_at, f.value ->> 'code' as finding,
           (f.value ->> 'count')::bigint as n
    from coco.health_reports h
    join coco.datasets d on d.id = h.dataset_id
    join coco.sources s on s.import_id = h.import_id
    cross join lateral json_array_elements(h.findings) f (value)
    where h.made_at is not null;
comment on view coco.dataset_health is
    'What is wrong with each ground truth, as the maintenance has counted it: one row for each '
    'finding, also those of which there is none. A dataset has rows some time after its import';
comment on column coco.dataset_health.dataset_id is 'coco.datasets.id';
comment on column coco.dataset_health.dataset is 'coco.datasets.name';
comment on column coco.dataset_health.imported_at is 'When the ground truth was published';
comment on column coco.dataset_health.made_at is 'When the report was made';
comment on column coco.dataset_health.finding is
    'What is counted: outside_image, no_area, tiny, wrong_area, repeated and so on, as in the '
    'answer of GET /datasets/{dataset}/health';
comment on column coco.dataset_health.n is
    'How many boxes, images, classes or rows have this fault';

create or replace view coco.image_view as
    select i.dataset_id, d.name as dataset, i.image_id, i.text_id, i.file_name, i.width, i.height,
           i.width::bigint * i.height as pixels, i.split, s.imported_at
    from coco.images i
    join coco.datasets d on d.id = i.dataset_id
    join coco.sources s on s.dataset_id = i.dataset_id and s.source = 'ground_truth';
comment on view coco.image_view is 'The images with the name of their dataset, without JSON';
comment on column coco.image_view.dataset_id is 'coco.datasets.id';
comment on column coco.image_view.dataset is 'coco.datasets.name';
comment on column coco.image_view.image_id is
    'The id in the file. Where that is not a number, one that the import has given';
comment on column coco.image_view.text_id is
    'The id in the file where it is a text; null where it is a number';
comment on column coco.image_view.file_name is
    'As in the file, with its folders; null if the file has none';
comment on column coco.image_view.width is 'Pixels; null if the file has none';
comment on column coco.image_view.height is 'Pixels; null if the file has none';
comment on column coco.image_view.pixels is 'Width times height; null if the file has none';
comment on column coco.image_view.split is 'Null if the import named none';
comment on column coco.image_view.imported_at is 'When the ground truth was published';
