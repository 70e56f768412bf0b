-- Adds what lists of images are sorted by, and the type of what such a list asks for.

-- No import writes this table: the collection fills it once a ground truth is published, and
-- removes the rows of those that are not published any more. So it has no foreign key, which a
-- publication would have to satisfy.
create table coco.image_keys (
    import_id bigint not null,
    image_id bigint not null,
    place bigint not null,
    name text collate "C" not null,
    pixels bigint not null,
    annotations bigint not null,
    primary key (import_id, image_id)
);
-- Every thousandth image: enough to find the image at a place by reading a thousand others.
create index image_keys_place on coco.image_keys (import_id, place) where place % 1000 = 0;
create index image_keys_name on coco.image_keys (import_id, name, image_id);
create index image_keys_pixels on coco.image_keys (import_id, pixels, image_id);
create index image_keys_annotations on coco.image_keys (import_id, annotations, image_id);
comment on table coco.image_keys is
    'What the images of large datasets are sorted by. Written by the collection, some time after a '
    'ground truth was published; lists of images sort all images until then';
comment on column coco.image_keys.import_id is
    'The import of the ground truth: coco.sources.import_id while that is published';
comment on column coco.image_keys.image_id is 'coco.images.image_id';
comment on column coco.image_keys.place is 'The number of the image in the order of ids, from 1';
comment on column coco.image_keys.name is
    'The first 200 characters of the file name; empty if there is none';
comment on column coco.image_keys.pixels is 'Width times height; 0 if the file has no size';
comment on column coco.image_keys.annotations is 'Ground truths of the image';

create type coco.image_choice as (
    dataset_id bigint,
    ground_truth bigint,
    key text,
    is_descending boolean,
    split text,
    slice text,
    category_id integer,
    source text,
    import_id bigint,
    min_confidence float8,
    outcome coco.outcome,
    iou_type text,
    matches_id bigint,
    class_source text,
    class_import bigint,
    search text,
    search_start text,
    file_name text
);
comment on type coco.image_choice is
    'Which images a list has, and their order. key: id, name, pixels or annotations. source and '
    'import_id, outcome, iou_type and matches_id: rows that an image must have; class_source '
    'and class_import: a source in which it then has a row of this class, or null. search: part of '
    'the file name; search_start: its beginning';
