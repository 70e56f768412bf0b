-- Rights by name, for coco_reader, coco_bi and the roles that inherit from them. What is not listed
-- belongs to pgcoco alone: tokens, outcomes, and functions that change or lock something. The view
-- coco.annotations shows published rows. It is no security barrier, which would cost every join: a
-- reader who may create functions can make one that is called for other rows, too.

do $$
begin
    if not exists (select from pg_roles where rolname = 'coco_bi') then
        raise exception 'there is no role coco_bi; as a superuser run: psql -d % -f roles.sql',
            current_database();
    end if;
end
$$;

revoke all on schema coco, coco_parts from public;
grant usage on schema coco to coco_reader;

revoke all on all tables in schema coco from public, coco_reader;
grant select on
    coco.datasets, coco.splits, coco.images, coco.categories, coco.sources, coco.class_counts,
    coco.slices, coco.evaluations, coco.evaluation_classes, coco.evaluation_curves,
    coco.annotations, coco.runs, coco.evaluation_history, coco.matches, coco.match_sources,
    coco.match_counts, coco.match_summary, coco.image_keys, coco.error_keys,
    coco.import_statistics, coco.health_reports, coco.class_statistics, coco.run_summary,
    coco.evaluation_summary, coco.annotation_view, coco.class_evaluation_history,
    coco.confusion_pairs, coco.dataset_health, coco.dataset_summary, coco.image_view,
    coco.import_history, coco.outcome_counts, coco.per_image_histogram, coco.score_histogram,
    coco.size_histogram, coco.schema_versions, coco.pictures, coco.picture_checks,
    coco.run_notes
    to coco_reader;

-- What BI tools see: views of which each costs a few locks, however many runs there are, also
-- where a tool reads the first 10,000 rows of all that it sees. What reads leaves is behind
-- functions.
grant usage on schema coco to coco_bi;
revoke all on all tables in schema coco from coco_bi;
grant select on
    coco.class_evaluation_history, coco.class_statistics, coco.confusion_pairs,
    coco.dataset_health, coco.dataset_summary, coco.evaluation_history, coco.evaluation_summary,
    coco.image_view, coco.import_history, coco.match_summary, coco.outcome_counts,
    coco.per_image_histogram, coco.run_summary, coco.score_histogram, coco.size_histogram
    to coco_bi;

revoke all on all functions in schema coco from public, coco_reader;
grant execute on function
    coco.as_dataset_id(text), coco.dataset_find(text), coco.dataset_summary(bigint),
    coco.dataset_outcome(bigint), coco.small_facts(bigint), coco.joined(json, json),
    coco.with_next(json, text, text), coco.datasets_document(text), coco.dataset_document(text),
    coco.summary_document(), coco.first_runs(bigint, integer), coco.runs_document(text, text),
    coco.run_document(text, text), coco.run_summary(bigint, text, boolean),
    coco.run_words(bigint, text, boolean),
    coco.without_examples(json), coco.raise_unknown_run(coco.datasets, text),
    coco.matches_current(text, text, text), coco.matches_of(bigint, text, text),
    coco.check_iou_type(text),
    coco.errors_document(text, text, text, text, text, bigint, float8, text, integer),
    coco.error_images_document(text, text, text, text, text, float8, text, text, text, integer),
    coco.label_errors_document(text, text, text, float8, float8, text, text, text, integer),
    coco.required_matches(coco.datasets, text, text), coco.category_of(coco.datasets, text),
    coco.outcome_of(text), coco.page_size(integer), coco.with_next_page(json, text, json, text),
    coco.cursor_of(boolean, float8, bigint), coco.read_cursor(text),
    coco.matches_of_image(coco.match_sources, coco.outcome[], integer, bigint, float8, float8,
                          bigint, bigint),
    coco.surest_matches(coco.match_sources, coco.outcome[], integer, float8, float8, bigint,
                        bigint, float8, text, text),
    coco.missed_truths(coco.match_sources, integer, bigint, bigint, bigint),
    coco.match_totals(coco.match_sources),
    coco.matches_head(coco.datasets, coco.match_sources),
    coco.error_rows(coco.match_sources, coco.outcome[], integer, bigint, float8, float8, text,
                    bigint, text, text),
    coco.error_page(coco.match_sources, coco.outcome[], integer, bigint, float8, float8, text,
                    integer, text, text),
    coco.ratio(bigint, bigint),
    coco.error_images(coco.match_sources, float8, text, text, float8, bigint, bigint),
    coco.cell_images(coco.match_sources, integer, integer, float8, text, text, float8, bigint,
                     bigint),
    coco.is_in_part(bigint, bigint, text, text),
    coco.check_part(coco.datasets, text, text),
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
    coco.rows_to_index(), coco.leaf_has_index(text, text), coco.has_image_keys(bigint),
    coco.refuse_images(text), coco.source_import(coco.datasets, text),
    coco.check_image_filters(coco.datasets, text, text, text, float8, text, boolean),
    coco.choose_rows(coco.image_choice, text, float8, float8, bigint, bigint),
    coco.image_choice_of(coco.datasets, text, text, text, text, text, float8, text, text, float8,
                         float8, bigint, bigint, text, text, text),
    coco.chosen_rows(coco.image_choice, text), coco.row_test(coco.image_choice, text),
    coco.driver_satisfies(coco.image_choice, text), coco.is_by_truths(coco.image_choice),
    coco.name_test(coco.image_choice, text), coco.image_tests(coco.image_choice, text, text),
    coco.driver_rows(coco.image_choice, text), coco.image_driver(coco.image_choice),
    coco.place_of(bigint, bigint), coco.slice_size(bigint, text, bigint),
    coco.driver_size(coco.image_choice, text), coco.candidates_by_id(coco.image_choice, text),
    coco.candidates_by_key(coco.image_choice, text, boolean),
    coco.candidates(coco.image_choice, driver text),
    coco.total_of_first_page(coco.image_choice, text, bigint, bigint),
    coco.next_images(coco.image_choice, text, bigint, integer), coco.url_encoded(text),
    coco.image_at(coco.datasets, bigint), coco.place_to_follow(coco.datasets, text, bigint),
    coco.after_image(text), coco.image_key(coco.image_choice, bigint),
    coco.counted_sources(coco.datasets, text, bigint), coco.image_counts(bigint, text[], bigint[]),
    coco.image_objects(bigint, text[], bigint[], coco.image_choice),
    coco.error_weight(boolean, coco.outcome, float8), coco.needs_error_keys(coco.match_sources),
    coco.has_error_keys(bigint),
    coco.order_by_errors(coco.image_choice, coco.datasets, text, text),
    coco.errors_by_key(coco.image_choice, text),
    coco.image_errors(coco.image_choice, bigint[]),
    coco.known_total(coco.datasets, coco.image_choice),
    coco.check_place(bigint, text, coco.image_choice, bigint),
    coco.images_document(text, integer, text, text, text, text, text, text, float8, text, text,
                         float8, float8, bigint, bigint, text, text, bigint, text),
    coco.image_of(coco.datasets, text), coco.image_find(coco.datasets, text),
    coco.asked_sources(coco.datasets, text, integer), coco.image_document(text, text),
    coco.image_outcomes(bigint, text[], text, bigint[]),
    coco.annotation_rows(bigint, bigint[], text[], text, bigint, bigint, integer),
    coco.image_annotations_document(text, text, text, text, text),
    coco.batch_ids(coco.datasets, text), coco.images_at_once(coco.datasets, text[]),
    coco.batch_document(text, text, text, text), coco.slice_names(coco.datasets, integer),
    coco.facet_categories(coco.datasets, text[]), coco.facet_skeletons(coco.datasets),
    coco.facets_document(text, text),
    coco.check_split(coco.datasets, text),
    coco.statistics_document(text, text, text, text, text),
    coco.runs_with_counts(coco.datasets, text, text, text, text, bigint),
    coco.split_breakdown(bigint, bigint), coco.class_distribution(bigint, json, json),
    coco.all_class_counts(bigint, boolean, bigint, text),
    coco.slice_image_count(coco.datasets, text, text),
    coco.raise_large_slice(coco.datasets, text, text),
    coco.slice_counts(coco.datasets, text, text, text, bigint), coco.kept_counts(bigint, text),
    coco.added(bigint[], bigint[]),
    coco.shown_counts(bigint, bigint, bigint[], bigint[], bigint[], json),
    coco.histogram(bigint[], float8[]), coco.count_rows(text, boolean, boolean, bigint),
    coco.count_parts(text, boolean, boolean, text[], bigint[]),
    coco.image_bin(bigint),
    coco.bins(text, integer), coco.health_document(text),
    coco.is_judged_at_once(coco.datasets), coco.with_links(json, text), coco.health_words(text),
    coco.health_findings(bigint), coco.id_finding(bigint), coco.class_findings(bigint),
    coco.image_findings(bigint), coco.repeated_finding(bigint), coco.box_findings(bigint),
    coco.annotations_and_images(bigint), coco.box_conditions(),
    coco.box_area(float8, float8),
    coco.finding(text, bigint, json),
    coco.name_faults(text[], boolean), coco.raise_no_picture(text),
    coco.picture_links(bigint, bigint[]), coco.picture_version(coco.pictures),
    coco.picture_find(text, text), coco.pictures_object(bigint), coco.picture_finding(bigint),
    coco.leaderboard_params(bigint, text), coco.is_default_without_sigmas(jsonb),
    coco.list_size(integer)
    to coco_reader;
revoke all on all functions in schema coco from coco_bi;
grant execute on function
    coco.list_annotations(text, text, text, bigint, bigint, integer),
    coco.list_matches(text, text, text, text, text, bigint, float8, integer),
    coco.list_missed_images(text, text, text, integer)
    to coco_reader, coco_bi;
-- Every user of a view over coco.annotations calls this function, whoever owns the view.
grant execute on function coco.hear_of_new_leaves() to public;
