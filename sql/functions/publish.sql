-- Publication: transactions 2 to 4 of an import, from the loaded leaf to the rows that readers see.
-- Called by the worker that imports. doc/visibility.md explains why these are three transactions.

create or replace function coco.ground_truth_of(id bigint) returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select s.import_id
        from coco.sources s
        where s.dataset_id = id and s.source = 'ground_truth');
end
$$;
comment on function coco.ground_truth_of is
    'The published import of a dataset''s ground truth; null if there is none';

create or replace function coco.import_resume(id bigint, phase text) returns coco.imports
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports;
    dataset_before text;
begin
    select * into strict i from coco.imports where import_id = id;
    dataset_before := i.dataset;
    perform coco.lock_source_again(i.dataset, i.source);
    perform coco.import_step(id, i.token, phase);
    -- Reads again under the import's lock, which the collection takes to claim a leaf.
    perform coco.lock_soon('import', m.import_id::text)
        from (select import_id from coco.imports where made_for = id order by import_id) m;
    select * into strict i from coco.imports where import_id = id;
    if i.dataset <> dataset_before then -- it was renamed
        perform coco.lock_source_again(i.dataset, i.source);
    end if;
    if i.collected or i.finished_at is not null
       or exists (select from coco.imports m
                  where m.made_for = id and (m.collected or m.finished_at is not null)) then
        raise exception using
            errcode = 'CO903',
            message = format('import %s was taken for abandoned, because it committed nothing for '
                             'too long; import the file again', id);
    end if;
    return i;
end
$$;
comment on function coco.import_resume is
    'Begins transactions 2 to 4: takes the locks again, also those of the imports that are made '
    'for this one, and returns it. Raises CO903 if the collection has claimed a leaf of theirs, '
    'one has ended, or a lock is not free';

create or replace function coco.import_attach(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'attach');
begin
    perform coco.attach_leaf(coco.bucket_of(m.dataset_id), 'a_' || m.import_id, m.dataset_id,
                             m.source, m.import_id)
        from coco.imports m
        where m.import_id = id or m.made_for = id;
    update coco.imports set phase = 'attached', phase_at = clock_timestamp()
        where import_id = id or made_for = id;
end
$$;
comment on function coco.import_attach is
    'Transaction 2: attaches the leaf to its bucket, and those of the imports that are made for '
    'this one. Queries now plan with them; the view hides their rows';

create or replace function coco.import_announce(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'attach');
begin
    perform coco.announce_leaves(coco.bucket_of(i.dataset_id));
    -- Shows the collection that the import goes on.
    update coco.imports set phase_at = clock_timestamp() where import_id = id or made_for = id;
end
$$;
comment on function coco.import_announce is
    'Transaction 3: waits for the backends that use the bucket, and invalidates its relcache entry '
    'again. Every query that is planned after this commit knows the leaf';

create or replace function coco.retire(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update coco.imports
        set retired_xid = pg_current_xact_id(), retired_at = clock_timestamp()
        where import_id = id;
    perform coco.drop_counts(id);
    perform coco.retire_matches(id);
    perform coco.retire_evaluations(id);
end
$$;
comment on function coco.retire is
    'Records that this transaction replaces or deletes the import: the collection drops its leaf '
    'once no snapshot needs it. Deletes its counts, retires the matches that were made of '
    'it, and turns its evaluations into history. The caller has locked its row of coco.sources. '
    'Does nothing for null';

create or replace function coco.move_pointer(
    id bigint, row_count bigint, skipped_count bigint, skipped json, bytes bigint,
    out replaced_count bigint)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'publish');
    old coco.sources;
begin
    -- A query that was planned before the announcement and takes its snapshot after the
    -- publication would find no rows.
    perform coco.await_readers(coco.bucket_of(i.dataset_id));
    select * into old
        from coco.sources s
        where s.dataset_id = i.dataset_id and s.source = i.source
        for update;
    replaced_count := coalesce(old.row_count, 0);
    -- Before the update, because its counts refer to the pointer.
    perform coco.retire(old.import_id);
    insert into coco.sources as s
    values (i.dataset_id, i.source, id, clock_timestamp(), row_count, skipped_count, skipped,
            replaced_count, bytes, extract(epoch from clock_timestamp() - i.started_at) * 1000)
    on conflict on constraint sources_pkey do update
        set import_id = excluded.import_id, imported_at = excluded.imported_at,
            row_count = excluded.row_count, skipped_count = excluded.skipped_count,
            skipped = excluded.skipped, replaced_count = excluded.replaced_count,
            bytes = excluded.bytes, duration_ms = excluded.duration_ms
        where s.import_id < excluded.import_id;
    if not found then
        raise exception using
            errcode = 'CO903',
            message = format('a newer import of %s of dataset %s has been published meanwhile; '
                             'this one is dropped', i.source, i.dataset);
    end if;
end
$$;
comment on function coco.move_pointer is
    'Makes this import the published one of its source, and retires the one before. Returns the '
    'row count of that, or 0. The caller updates the counts of the dataset. Raises CO903 if a '
    'newer import is published';

create or replace function coco.is_dry_run() returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(current_setting('pgcoco.dry_run', true), '') = 'on'
$$;
comment on function coco.is_dry_run is
    'Whether the worker will roll this transaction back. It sets pgcoco.dry_run';

create or replace function coco.imported() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when coco.is_dry_run() then 'would import' else 'imported' end
$$;
comment on function coco.imported is
    'The verb of a message: imported, or in a dry run would import';

create or replace function coco.import_finished(id bigint, document json) returns json
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    hint json := (select i.outcome -> 'hint' from coco.imports i where i.import_id = id);
begin
    if hint is not null then -- that of the original of a copy
        document := coco.joined(document, json_build_object('hint', hint));
    end if;
    if coco.is_dry_run() then
        return coco.joined(document, json_build_object('dry_run', true));
    end if;
    update coco.imports
        set phase = 'published', phase_at = clock_timestamp(), finished_at = clock_timestamp(),
            outcome = case when import_id = id then coco.bounded_outcome(document)
                           else (select json_build_object(
                                            'prediction_count', s.row_count,
                                            'skipped_count', s.skipped_count, 'bytes', s.bytes,
                                            'hint', imports.outcome -> 'hint')
                                 from coco.sources s
                                 where s.import_id = imports.import_id) end,
            made = null
        where import_id = id or made_for = id;
    return document;
end
$$;
comment on function coco.import_finished is
    'Ends the import in the history, with the document as its outcome, and those that were made '
    'for it. Returns the document; in a dry run with dry_run in it, and writes nothing';

create or replace function coco.skipped_summary(skipped json) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(' (' || string_agg((s ->> 'count') || ' ' || (s ->> 'reason'), ', ') || ')', '')
    from json_array_elements(skipped) s
$$;
comment on function coco.skipped_summary is
    'The end of a message: a space and the skipped rows by reason, as in (1 unknown_category). '
    'Empty if none was skipped';

create or replace function coco.run_publish(
    id bigint, row_count bigint, skipped_count bigint, skipped json, bytes bigint,
    counts json default '{}', hint text default null)
returns json
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports;
    document json;
    replaced bigint := coco.move_pointer(id, row_count, skipped_count, skipped, bytes);
begin
    select * into strict i from coco.imports where import_id = id;
    -- The import held no lock between its transactions.
    if i.ground_truth is distinct from coco.ground_truth_of(i.dataset_id) then
        raise exception using
            errcode = 'CO903',
            message = format('the ground truth of dataset %s was replaced during the import; '
                             'try again', i.dataset);
    end if;
    if i.made is null then
        perform coco.keep_counts(
            i.dataset_id, id,
            (select p.split from coco.splits p where p.dataset_id = i.dataset_id), true, counts);
    else
        perform coco.keep_counts_by_split(i.dataset_id, id, true, i.made);
    end if;
    update coco.datasets set prediction_count = prediction_count + row_count - replaced
        where datasets.id = i.dataset_id;
    if not found then
        raise exception using
            errcode = 'CO401',
            message = format('there is no dataset %s', i.dataset);
    end if;
    document := json_build_object(
        'dataset_id', i.dataset_id, 'dataset', i.dataset, 'run_name', i.source,
        'prediction_count', row_count, 'skipped_count', skipped_count, 'replaced_count', replaced,
        'skipped', skipped, 'bytes', bytes,
        'duration_ms', (extract(epoch from clock_timestamp() - i.started_at) * 1000)::bigint,
        'import', i.token,
        'message', format('%s %s predictions as run %s of %s, skipped %s%s',
                          coco.imported(), row_count, i.source, i.dataset, skipped_count,
                          coco.skipped_summary(skipped)));
    if hint is not null then
        document := coco.joined(document, json_build_object('hint', hint));
    end if;
    return coco.import_finished(id, document);
end
$$;
comment on function coco.run_publish is
    'Transaction 4 of a run''s import: its commit publishes the run. `counts`: what the '
    'worker has counted of its rows. Returns the import document. Raises CO401 or CO903';

create or replace function coco.dataset_publish(
    id bigint, new_split text, new_info json, new_licenses json, new_extra json,
    row_count bigint, skipped_count bigint, skipped json, bytes bigint, not_kept json,
    notes json default '[]', hint text default null)
returns table (created boolean, document json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'publish');
    image_stage text := format('coco_parts.%I', 'images_' || id);
    images bigint;
    categories bigint;
    dropped bigint;
    loss text;
    original coco.sources;
begin
    -- The import held no lock between its transactions.
    perform coco.check_replaceable(i.dataset, i.dataset_id);
    perform coco.check_settled(i);
    perform from coco.sources s where s.dataset_id = i.dataset_id order by s.source for update;
    insert into coco.datasets (id, name) values (i.dataset_id, i.dataset)
        on conflict on constraint datasets_pkey do nothing;
    created := found;
    if i.copied_from is not null then
        original := coco.lock_original(i);
        row_count := row_count + original.row_count;
        skipped_count := skipped_count + original.skipped_count;
        skipped := coco.added_skips(original.skipped, skipped);
        bytes := bytes + original.bytes;
        select coalesce(d.info, new_info), coalesce(d.licenses, new_licenses),
               coalesce(d.extra, new_extra)
            into new_info, new_licenses, new_extra
            from coco.datasets d
            where d.id = i.dataset_id;
    end if;
    perform coco.move_pointer(id, row_count, skipped_count, skipped, bytes);
    dropped := coco.publish_cuts(id, new_split);
    if dropped > 0 then
        loss := format('runs lost %s rows, because their images or classes are not in the file: %s',
                       dropped, (select string_agg(c ->> 'run_name', ', ')
                                 from (select c from json_array_elements(i.made -> 'cuts') c
                                       limit 5) c)
                                || case when json_array_length(i.made -> 'cuts') > 5
                                        then ', ...' else '' end);
        notes := (notes::jsonb || to_jsonb(loss))::json;
    end if;
    delete from coco.splits s where s.dataset_id = i.dataset_id;
    perform coco.carry_slices(i.dataset_id, image_stage);
    delete from coco.images m where m.dataset_id = i.dataset_id;
    -- Counts of runs refer to those that stay.
    execute format('delete from coco.categories c where c.dataset_id = $1 and not exists '
                   '(select from coco_parts.%I n where n.category_id = c.category_id)',
                   'categories_' || id)
        using i.dataset_id;
    execute format('insert into coco.images '
                   '(dataset_id, image_id, text_id, width, height, file_name, split, extra) '
                   'select $1, image_id, text_id, width, height, file_name, split, extra from %s',
                   image_stage)
        using i.dataset_id;
    get diagnostics images = row_count;
    execute format('insert into coco.splits (dataset_id, split, image_count) '
                   'select $1, split, count(*) from %s where split is not null group by split',
                   image_stage)
        using i.dataset_id;
    execute format('insert into coco.categories '
                   '(dataset_id, category_id, name, supercategory, extra) '
                   'select $1, category_id, name, supercategory, extra from coco_parts.%I '
                   'on conflict (dataset_id, category_id) do update '
                   'set name = excluded.name, supercategory = excluded.supercategory, '
                   'extra = excluded.extra',
                   'categories_' || id)
        using i.dataset_id;
    get diagnostics categories = row_count;
    update coco.datasets d
        set prediction_count = d.prediction_count - dropped, image_count = images,
            annotation_count = dataset_publish.row_count,
            category_count = categories, info = new_info, licenses = new_licenses,
            extra = new_extra, first_text_image = coco.first_numbered(image_stage),
            info_bytes = octet_length(new_info::text),
            licenses_bytes = octet_length(new_licenses::text)
        where d.id = i.dataset_id;
    -- The worker cannot count these: dataset_import_check dropped rows after the COPY.
    if coco.has_several_splits(i.dataset_id) then
        perform coco.keep_counts_by_split(
            i.dataset_id, id, false,
            coco.counts_by_split(format('coco_parts.%I', 'a_' || id), i.dataset_id, false,
                                 coco.is_counted_at_once(dataset_publish.row_count)));
    else
        -- A file without images gives its split to none.
        perform coco.keep_counts(i.dataset_id, id,
                                 (select s.split from coco.image_splits(i.dataset_id) s), false,
                                 coco.count_truths(format('coco_parts.%I', 'a_' || id),
                                                   dataset_publish.row_count, images));
    end if;
    if i.copied_from is null then
        perform coco.carry_run_counts(i.dataset_id, new_split, images);
    else
        perform coco.extend_run_counts(i.dataset_id, new_split,
                                       (i.made -> 'added' ->> 'image_count')::bigint);
    end if;
    document := coco.joined(
        coco.dataset_outcome(i.dataset_id),
        json_build_object(
            'import', i.token, 'not_kept', not_kept, 'notes', notes,
            'message', format('%s %s images, %s annotations and %s categories as dataset %s, '
                              'skipped %s%s%s',
                              coco.imported(), images, dataset_publish.row_count, categories,
                              i.dataset, skipped_count, coco.skipped_summary(skipped),
                              case when i.copied_from is not null
                                   then format('; %s images and %s annotations of them are new',
                                               i.made -> 'added' ->> 'image_count',
                                               i.made -> 'added' ->> 'annotation_count')
                                   else '; ' || loss end)));
    if hint is not null then
        document := coco.joined(document, json_build_object('hint', hint));
    end if;
    if dropped > 0 then
        document := coco.joined(document, json_build_object('runs', i.made -> 'cuts'));
    end if;
    if i.copied_from is not null then
        document := coco.joined(document, json_build_object('added', i.made -> 'added'));
    end if;
    document := coco.import_finished(id, document);
    return next;
end
$$;
comment on function coco.dataset_publish is
    'Transaction 4 of a ground truth''s import: moves images and categories out of the stages; its '
    'commit publishes the dataset, and the runs that lose rows to it. Returns the dataset '
    'document, and whether the dataset is new. Where the file was added to another (copied_from), '
    'the account is that of both. Raises CO901 or CO903';
