-- Adds what lists of images are sorted by when that is the errors of a run.

-- Like coco.image_keys, and like it without a foreign key, which a publication would have to
-- satisfy.
create table coco.error_keys (
    matches_id bigint not null,
    image_id bigint not null,
    errors bigint not null,
    primary key (matches_id, image_id)
);
create index error_keys_errors on coco.error_keys (matches_id, errors, image_id);
comment on table coco.error_keys is
    'The errors of large runs by image. Written by the collection, some time after the matches of '
    'a run were published; lists that are sorted by errors have to wait for it';
comment on column coco.error_keys.matches_id is
    'The set of matches: coco.match_sources.matches_id while that is published';
comment on column coco.error_keys.image_id is 'coco.images.image_id';
comment on column coco.error_keys.errors is
    'False positives and ground truths that are not found, among detections with a confidence of '
    '0.25 or more';

alter type coco.image_choice add attribute order_source text;
alter type coco.image_choice add attribute order_iou_type text;
alter type coco.image_choice add attribute order_matches bigint;
comment on type coco.image_choice is
    'Which images a list has, and their order. key: id, name, pixels, annotations or errors. '
    'source and import_id, outcome, iou_type and matches_id: rows that an image must have; '
    'class_source and class_import: a source in which it then has a row of this class, or null. '
    'search: part of the file name; search_start: its beginning. order_source, order_iou_type, '
    'order_matches: the run whose errors are the key, or null';
