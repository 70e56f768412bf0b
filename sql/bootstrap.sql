-- Creates what pgcoco migrate needs before the first migration: the two schemas, and the tables
-- that record what was applied. Does nothing where they exist.

create schema if not exists coco;
create schema if not exists coco_parts;
comment on schema coco is
    'COCO datasets: their images, categories, ground truth and runs';
comment on schema coco_parts is
    'The partitions behind coco.annotations: one table per import. Query coco.annotations instead';

create table if not exists coco.schema_versions (
    version integer primary key,
    file text not null,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table coco.schema_versions is
    'The migrations that were applied to this database. Written by pgcoco migrate; a worker '
    'compares the greatest version with its own at its start';
comment on column coco.schema_versions.version is 'The number at the start of the file''s name';
comment on column coco.schema_versions.file is 'The path of the file below sql/';
comment on column coco.schema_versions.applied_at is 'When the migration ran';

create table if not exists coco.schema_files (
    file text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table coco.schema_files is
    'The files of functions, views and grants as last applied. pgcoco migrate applies a file again '
    'when its checksum differs';
comment on column coco.schema_files.file is 'The path of the file below sql/';
comment on column coco.schema_files.checksum is 'MD5 of the file, in hexadecimal';
comment on column coco.schema_files.applied_at is 'When the file was last applied';
