-- Rights by name, for coco_reader and the roles that inherit from it. What is not listed belongs to
-- pgcoco alone: tokens, outcomes, and functions that change or lock something. The view
-- coco.annotations shows published rows. It is no security barrier, which would cost every join: a
-- reader who may create functions can make one that is called for other rows, too.

revoke all on schema coco, coco_parts from public;
grant usage on schema coco to coco_reader;

revoke all on all tables in schema coco from public, coco_reader;
grant select on
    coco.datasets, coco.splits, coco.images, coco.categories, coco.sources, coco.class_counts,
    coco.annotations, coco.runs, coco.schema_versions
    to coco_reader;

revoke all on all functions in schema coco from public, coco_reader;
grant execute on function
    coco.as_dataset_id(text), coco.dataset_find(text), coco.dataset_summary(bigint),
    coco.dataset_outcome(bigint), coco.small_facts(bigint), coco.joined(json, json),
    coco.with_next(json, text, text), coco.datasets_document(text), coco.dataset_document(text),
    coco.summary_document(), coco.first_runs(bigint, integer), coco.runs_document(text, text),
    coco.run_document(text, text), coco.run_summary(bigint, text, boolean),
    coco.without_examples(json), coco.raise_unknown_run(coco.datasets, text)
    to coco_reader;
-- Every user of a view over coco.annotations calls this function, whoever owns the view.
grant execute on function coco.hear_of_new_leaves() to public;
