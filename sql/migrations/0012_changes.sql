-- Adds what people say about a run, and which imports the server has made itself: copies of the
-- rows of others.

create table coco.run_notes (
    dataset_id bigint not null,
    source text collate "C" not null,
    notes text,
    tags text[] not null default '{}',
    metadata json,
    metadata_bytes bigint,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (dataset_id, source),
    foreign key (dataset_id, source) references coco.sources on delete cascade
);
comment on table coco.run_notes is
    'What people say about a run. Written by PATCH of the run, at most 64 KiB each. Stays when the '
    'run is imported again, and goes with it. A run that nobody has described has no row';
comment on column coco.run_notes.dataset_id is 'coco.datasets.id';
comment on column coco.run_notes.source is 'The name of the run';
comment on column coco.run_notes.notes is 'Any text; null if there is none';
comment on column coco.run_notes.tags is 'At most 32 texts of up to 64 characters, each once';
comment on column coco.run_notes.metadata is
    'An object of the client''s own (epoch, weights …), unchanged; null if there is none';
comment on column coco.run_notes.metadata_bytes is
    'Size of metadata, so that it need not be read for that; null if there is none';
comment on column coco.run_notes.updated_at is 'When it was last changed';

alter table coco.imports
    add made_for bigint,
    add copied_from bigint,
    add made json;
create index imports_made_for on coco.imports (made_for) where made_for is not null;
comment on column coco.imports.token is
    'The name of the upload: the client''s (?import=TOKEN), or a random one. The files of a form '
    'share it. Empty if made_for is set';
comment on column coco.imports.made_for is
    'The import together with which the server makes this one, and publishes it in the same '
    'commit: a new ground truth that takes rows from this run, or the first of several copies. '
    'Null for all others';
comment on column coco.imports.copied_from is
    'The import whose rows the server has copied into this one, some or all; null if there is '
    'none. This one cannot be published once that is replaced';
comment on table coco.splits is
    'The splits of a dataset: the labels that imports named, of each file that was added one. '
    'Written by the imports of a ground truth. A dataset imported without a split has no row';
comment on column coco.imports.made is
    'What the server has found out about the rows that it copied, until they are published; null '
    'afterwards, and for imports of files';
