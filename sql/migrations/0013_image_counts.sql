-- Adds to choices of images how large a row is, and how many rows an image must have.

alter type coco.image_choice add attribute min_area float8;
alter type coco.image_choice add attribute below_area float8;
alter type coco.image_choice add attribute min_count bigint;
alter type coco.image_choice add attribute max_count bigint;
comment on type coco.image_choice is
    'Which images a list has, and their order. key: id, name, pixels, annotations or errors. '
    'source and import_id, min_confidence, min_area and below_area, outcome, iou_type and '
    'matches_id: rows that an image must have, at least one, or from min_count to max_count; '
    'class_source and class_import: a source in which it then has a row of this class, or null. '
    'search: part of the file name; search_start: its beginning. order_source, order_iou_type, '
    'order_matches: the run whose errors are the key, or null';
