-- What a migration needs before the first one: the two schemas, and the record of what was applied.
-- Harmless when it is there already.

create schema if not exists coco;
create schema if not exists coco_parts;
comment on schema coco is
    'COCO datasets: their images, categories, ground truth and runs';
comment on schema coco_parts is
    'The partitions behind coco.annotations: one table an import. Read coco.annotations instead';

create table if not exists coco.schema_versions (
    version integer primary key,
    file text not null,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table coco.schema_versions is 'The migrations that were applied to this database';
comment on column coco.schema_versions.version is 'The number at the beginning of the file''s name';
comment on column coco.schema_versions.file is 'The file, in sql/migrations';
comment on column coco.schema_versions.applied_at is 'When it was committed';

create table if not exists coco.schema_files (
    file text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table coco.schema_files is
    'The files of functions, views and grants as they were applied last: pgcoco migrate replaces a file whose checksum differs';
comment on column coco.schema_files.file is 'The file, in sql';
comment on column coco.schema_files.checksum is 'MD5 of its text';
comment on column coco.schema_files.applied_at is 'When it was committed';
