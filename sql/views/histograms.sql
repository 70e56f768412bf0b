-- Histograms for tools that chart, from counts that were kept at the import. A row is one bin; the
-- bins without rows are there, too.

create or replace view coco.score_histogram as
    select c.dataset_id, d.name as dataset, s.source as run_name, s.imported_at, c.category_id,
           k.name as category, c.split, (b.nth - 1)::float8 / 20 as low, b.nth::float8 / 20 as high,
           b.n
    from coco.class_counts c
    join coco.sources s on s.import_id = c.import_id
    join coco.datasets d on d.id = c.dataset_id
    join coco.categories k on k.dataset_id = c.dataset_id and k.category_id = c.category_id
    cross join lateral unnest(c.scores) with ordinality b (n, nth)
    where s.source <> 'ground_truth';
comment on view coco.score_histogram is
    'Scores of each class of each run in 20 bins. A class without rows has none here';
comment on column coco.score_histogram.dataset_id is 'coco.datasets.id';
comment on column coco.score_histogram.dataset is 'coco.datasets.name';
comment on column coco.score_histogram.run_name is 'The run';
comment on column coco.score_histogram.imported_at is 'When the run was published';
comment on column coco.score_histogram.category_id is 'coco.categories.category_id';
comment on column coco.score_histogram.category is 'coco.categories.name; not unique';
comment on column coco.score_histogram.split is 'Split of the images; null if they have none';
comment on column coco.score_histogram.low is
    'Least score of the bin; the first one also has those below 0';
comment on column coco.score_histogram.high is
    'First score above the bin; the last one has this and all higher ones';
comment on column coco.score_histogram.n is 'Rows';

create or replace view coco.size_histogram as
    select t.dataset_id, d.name as dataset, s.source, s.imported_at, t.split,
           case when b.nth = 1 then 0 else e.edges[b.nth - 1] end as low, e.edges[b.nth] as high,
           b.n
    from coco.import_statistics t
    join coco.sources s on s.import_id = t.import_id
    join coco.datasets d on d.id = t.dataset_id
    cross join (values ('{16,64,256,1024,4096,9216,16384,65536,262144,1048576,4194304}'::float8[]))
        e (edges)
    cross join lateral unnest(t.sizes) with ordinality b (n, nth);
comment on view coco.size_histogram is
    'Areas of the boxes or masks of each ground truth and run, in 12 bins';
comment on column coco.size_histogram.dataset_id is 'coco.datasets.id';
comment on column coco.size_histogram.dataset is 'coco.datasets.name';
comment on column coco.size_histogram.source is 'ground_truth, or the name of a run';
comment on column coco.size_histogram.imported_at is 'When the import was published';
comment on column coco.size_histogram.split is 'Split of the images; null if they have none';
comment on column coco.size_histogram.low is 'Least area of the bin, square pixels';
comment on column coco.size_histogram.high is
    'First area above the bin, square pixels; null for the last one';
comment on column coco.size_histogram.n is 'Rows';

create or replace view coco.per_image_histogram as
    select t.dataset_id, d.name as dataset, s.source, s.imported_at, t.split,
           case b.nth when 1 then 0 else 1::bigint << (b.nth - 2)::integer end as low,
           case when b.nth < cardinality(t.per_image)
                then case b.nth when 1 then 0 else (1::bigint << (b.nth - 1)::integer) - 1 end
           end as high,
           b.n as image_count
    from coco.import_statistics t
    join coco.sources s on s.import_id = t.import_id
    join coco.datasets d on d.id = t.dataset_id
    cross join lateral unnest(t.per_image) with ordinality b (n, nth);
comment on view coco.per_image_histogram is
    'Images by their number of rows of each ground truth and run, in 12 bins';
comment on column coco.per_image_histogram.dataset_id is 'coco.datasets.id';
comment on column coco.per_image_histogram.dataset is 'coco.datasets.name';
comment on column coco.per_image_histogram.source is 'ground_truth, or the name of a run';
comment on column coco.per_image_histogram.imported_at is 'When the import was published';
comment on column coco.per_image_histogram.split is 'Split of the images; null if they have none';
comment on column coco.per_image_histogram.low is 'Least number of rows of an image in the bin';
comment on column coco.per_image_histogram.high is
    'Greatest number of rows of an image in the bin; null for the last one, which has no end';
comment on column coco.per_image_histogram.image_count is 'Images';
