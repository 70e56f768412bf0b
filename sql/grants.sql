-- Rights by name, for coco_reader and the roles that inherit from it. What is not listed belongs to
-- pgcoco alone: tokens, outcomes, and functions that change or lock something. The view
-- coco.annotations shows published rows. It is no security barrier, which would cost every join: a
-- reader who may create functions can make one that is called for other rows, too.

revoke all on schema coco, coco_parts from public;
grant usage on schema coco to coco_reader;

revoke all on all tables in schema coco from public, coco_reader;
grant select on
    coco.datasets, coco.splits, coco.images, coco.categories, coco.sources, coco.class_counts,
    coco.slices, coco.evaluations, coco.evaluation_classes, coco.evaluation_curves,
    coco.annotations, coco.runs, coco.evaluation_history, coco.matches, coco.match_sources,
    coco.match_counts, coco.match_summary, coco.schema_versions
    to coco_reader;

revoke all on all functions in schema coco from public, coco_reader;
grant execute on function
    coco.as_dataset_id(text), coco.dataset_find(text), coco.dataset_summary(bigint),
    coco.dataset_outcome(bigint), coco.small_facts(bigint), coco.joined(json, json),
    coco.with_next(json, text, text), coco.datasets_document(text), coco.dataset_document(text),
    coco.summary_document(), coco.first_runs(bigint, integer), coco.runs_document(text, text),
    coco.run_document(text, text), coco.run_summary(bigint, text, boolean),
    coco.without_examples(json), coco.raise_unknown_run(coco.datasets, text),
    coco.matches_current(text, text, text), coco.matches_of(bigint, text, text),
    coco.check_iou_type(text),
    coco.errors_document(text, text, text, text, text, bigint, float8, text, integer),
    coco.error_images_document(text, text, text, text, text, float8, text, integer),
    coco.label_errors_document(text, text, text, float8, float8, text, integer),
    coco.required_matches(coco.datasets, text, text), coco.category_of(coco.datasets, text),
    coco.outcome_of(text), coco.page_size(integer), coco.with_next_page(json, text, json, text),
    coco.cursor_of(boolean, float8, bigint), coco.read_cursor(text),
    coco.matches_of_image(coco.match_sources, coco.outcome[], integer, bigint, float8, float8,
                          bigint, bigint),
    coco.surest_matches(coco.match_sources, coco.outcome[], integer, float8, float8, bigint,
                        bigint, float8),
    coco.missed_truths(coco.match_sources, integer, bigint, bigint, bigint),
    coco.match_totals(coco.match_sources),
    coco.matches_head(coco.datasets, coco.match_sources),
    coco.error_rows(coco.match_sources, coco.outcome[], integer, bigint, float8, float8, text,
                    bigint),
    coco.error_page(coco.match_sources, coco.outcome[], integer, bigint, float8, float8, text,
                    integer),
    coco.ratio(bigint, bigint),
    coco.error_images(coco.match_sources, float8, float8, bigint, bigint),
    coco.cell_images(coco.match_sources, integer, integer, float8, float8, bigint, bigint),
    coco.ground_truth_of(bigint), coco.shown(text), coco.number_after(text),
    coco.raise_unknown_slice(coco.datasets, text), coco.slices_document(text, text),
    coco.slice_document(text, text, text),
    coco.evaluation_document(bigint, text[], json), coco.evaluations_document(text, text, text),
    coco.leaderboard_document(text, text, text, text), coco.metrics_object(text[], float8[]),
    coco.point_object(float8, float8, bigint, bigint, bigint, float8, float8, float8),
    coco.overlaid(json, json), coco.class_objects(coco.evaluations, json),
    coco.mean_curves(bigint), coco.curves_object(coco.evaluations),
    coco.evaluation_facts(coco.evaluations), coco.evaluation_numbers(coco.evaluations),
    coco.without_members(json, text[]), coco.shown_params(jsonb), coco.evaluation_or_null(bigint),
    coco.leaderboard_rows(bigint, text, text), coco.check_metric(bigint, text, text),
    coco.leaderboard_run(bigint, text), coco.numbers_of(jsonb), coco.has_text_ids(bigint),
    coco.leaderboard_params(bigint, text), coco.is_default_without_sigmas(jsonb)
    to coco_reader;
-- Every user of a view over coco.annotations calls this function, whoever owns the view.
grant execute on function coco.hear_of_new_leaves() to public;
