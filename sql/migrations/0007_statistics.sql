-- Adds the counts of sizes and of annotations per image, and what is wrong with a ground truth.
-- The maintenance counts imports that are older than this.

alter table coco.class_counts add sizes bigint[];
comment on column coco.class_counts.sizes is
    'Rows by area in square pixels, in 12 bins: below 16, 64, 256, 1024, 4096, 9216, 16384, 65536, '
    '262144, 1048576, 4194304, and the others. The first four are COCO''s small, the next two '
    'medium. Null until the maintenance has counted an import that is older than this column';

create table coco.import_statistics (
    dataset_id bigint not null,
    import_id bigint not null references coco.sources (import_id),
    split text collate "C",
    n bigint not null,
    most_per_image bigint not null,
    per_image bigint[] not null,
    sizes bigint[] not null,
    scores bigint[]
);
create unique index import_statistics_key
    on coco.import_statistics (import_id, coalesce(split, ''));
create index import_statistics_dataset on coco.import_statistics (dataset_id);
-- As for coco.class_counts.
alter table coco.import_statistics replica identity full;
comment on table coco.import_statistics is
    'What is counted of each published import, by split, so that statistics need no scan. Written '
    'when an import is published, deleted when it is replaced';
comment on column coco.import_statistics.dataset_id is 'coco.datasets.id';
comment on column coco.import_statistics.import_id is 'coco.sources.import_id';
comment on column coco.import_statistics.split is
    'The split of the rows'' images; null if they have none';
comment on column coco.import_statistics.n is 'Rows of this split in the import';
comment on column coco.import_statistics.most_per_image is
    'Rows of the image that has most of them; 0 if there are none';
comment on column coco.import_statistics.per_image is
    'Images by their number of rows, in 12 bins: 0, 1, 2 to 3, 4 to 7, and so on, 1024 and more';
comment on column coco.import_statistics.sizes is
    'Rows by area: the sums of coco.class_counts.sizes';
comment on column coco.import_statistics.scores is
    'Rows by score: the sums of coco.class_counts.scores; null for ground truth';

create table coco.health_reports (
    import_id bigint primary key references coco.sources (import_id),
    dataset_id bigint not null,
    attempts integer not null default 1,
    begun_at timestamptz not null default clock_timestamp(),
    made_at timestamptz,
    duration_ms bigint,
    findings json
);
comment on table coco.health_reports is
    'What is wrong with each published ground truth. Made by the maintenance after the '
    'publication, deleted when the ground truth is replaced';
comment on column coco.health_reports.import_id is 'coco.sources.import_id of the ground truth';
comment on column coco.health_reports.dataset_id is 'coco.datasets.id';
comment on column coco.health_reports.attempts is
    'How often the maintenance has begun with it. It tries three times, an hour apart';
comment on column coco.health_reports.begun_at is 'When it last began';
comment on column coco.health_reports.made_at is 'When the report was made; null before';
comment on column coco.health_reports.duration_ms is 'Milliseconds that it took; null before';
comment on column coco.health_reports.findings is
    '[{code, count, examples}], at most ten examples each; null before';
