-- Adds when the slices of a dataset last changed, for coco.dataset_version. They have no other row
-- that a change of one of them would touch, and plain SQL may write them.

create table coco.slice_changes (
    dataset_id bigint primary key references coco.datasets on delete cascade,
    changed_at timestamptz not null
);
comment on table coco.slice_changes is
    'When the slices of a dataset last changed. Written by triggers of coco.slices';
comment on column coco.slice_changes.dataset_id is 'coco.datasets.id';
comment on column coco.slice_changes.changed_at is 'When the last change began';
