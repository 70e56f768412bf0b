-- Adds the columns for ground truths whose image ids are texts or that lack areas, and the sizes of
-- what documents show only when it is small.

alter table coco.images add text_id text collate "C";
create unique index images_text_id on coco.images (dataset_id, text_id) where text_id is not null;
comment on column coco.images.image_id is
    'The id in the file. Where that is not a number, one that the import has given: see text_id';
comment on column coco.images.text_id is
    'The id in the file where it is a text (a UUID, the stem of a file name, digits); null where '
    'it is a number. Unique in a dataset. Rows of runs name the image by it, and exports give it '
    'back';

alter table coco.datasets
    add first_text_image bigint,
    add info_bytes bigint,
    add licenses_bytes bigint;
update coco.datasets
    set info_bytes = octet_length(info::text), licenses_bytes = octet_length(licenses::text);
comment on column coco.datasets.first_text_image is
    'The smallest image_id that the import has given, because the id in the file is a text and not '
    'one of digits. All greater ones are given, too. Null if there are none';
comment on column coco.datasets.info_bytes is
    'Size of info, so that it need not be read for that; null if there is none';
comment on column coco.datasets.licenses_bytes is
    'Size of licenses; null if there are none';

comment on column coco.annotation_versions.bbox_derived is
    'True if the row has no box in the file. Its box then encloses its mask, keypoints or turned '
    'box';

alter table coco.annotation_versions add area_derived boolean not null default false;
comment on column coco.annotation_versions.area is
    'Square pixels. Ground truth: as in the file, or see area_derived. Run: the area of the box, '
    'or of the mask if the row has no box';
comment on column coco.annotation_versions.area_derived is
    'True if a ground truth''s row has no area in the file. Its area is then that of its mask, or '
    'of its box where there is no mask that can be measured. False for runs';
