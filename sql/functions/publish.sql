create or replace function coco.ground_truth_of(id bigint) returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return (select s.import_id from coco.sources s where s.dataset_id = id and s.source = 'ground_truth');
end
$$;
comment on function coco.ground_truth_of is 'The published import of a dataset''s ground truth';

create or replace function coco.import_resume(id bigint, phase text) returns coco.imports
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports;
begin
    select * into strict i from coco.imports where import_id = id;
    perform coco.lock_source_again(i.dataset, i.source);
    perform coco.import_step(id, i.token, phase);
    -- Read again under the import's lock, which a collection holds while it claims a leaf.
    select * into strict i from coco.imports where import_id = id;
    if i.collected or i.finished_at is not null then
        raise exception 'import % has stood still for so long that it was collected as abandoned', id;
    end if;
    return i;
end
$$;
comment on function coco.import_resume is 'What transactions 2 and 3 begin with: the locks again, and the leaf still there';

create or replace function coco.import_attach(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'attach');
begin
    execute format('alter table %s attach partition coco_parts.%I '
                   'for values from (%L, %L, %L) to (%L, %L, %L)', coco.bucket_of(i.dataset_id),
                   'a_' || id, i.dataset_id, i.source, id, i.dataset_id, i.source, id + 1);
    update coco.imports set phase = 'attached', phase_at = clock_timestamp() where import_id = id;
end
$$;
comment on function coco.import_attach is 'Transaction 2: readers may now plan with the leaf';

create or replace function coco.import_announce(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'attach');
    bucket regclass := coco.bucket_of(i.dataset_id);
begin
    perform coco.await_readers(bucket);
    -- What PostgreSQL told connections at the attach can be lost: one that was just making its list of leaves, and
    -- had read the catalog before, keeps the list without the leaf. Whoever was at that is awaited by now, and is
    -- told again: nothing is changed by this but that the bucket counts as changed.
    execute format('alter table only %s alter column import_id set statistics -1', bucket);
    update coco.imports set phase_at = clock_timestamp() where import_id = id; -- it goes on: not abandoned
end
$$;
comment on function coco.import_announce is 'Transaction 3: who uses the bucket from now on knows the leaf';

create or replace function coco.retire(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update coco.imports set retired_xid = pg_current_xact_id(), retired_at = clock_timestamp()
        where import_id = id;
    delete from coco.class_counts where import_id = id;
end
$$;
comment on function coco.retire is 'No pointer names this import any more: its rows go with a collection';

create or replace function coco.move_pointer(
    id bigint, row_count bigint, skipped_count bigint, skipped json, bytes bigint, out replaced_count bigint)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'publish');
    old coco.sources;
begin
    -- One that planned before the announcement and takes its snapshot after the publication would find no rows.
    perform coco.await_readers(coco.bucket_of(i.dataset_id));
    select * into old from coco.sources s
        where s.dataset_id = i.dataset_id and s.source = i.source for update;
    replaced_count := coalesce(old.row_count, 0);
    perform coco.retire(old.import_id); -- before the update: its class counts refer to the pointer
    insert into coco.sources as s
    values (i.dataset_id, i.source, id, clock_timestamp(), row_count, skipped_count, skipped, replaced_count,
            bytes, extract(epoch from clock_timestamp() - i.started_at) * 1000)
    on conflict on constraint sources_pkey do update
        set import_id = excluded.import_id, imported_at = excluded.imported_at,
            row_count = excluded.row_count, skipped_count = excluded.skipped_count,
            skipped = excluded.skipped, replaced_count = excluded.replaced_count,
            bytes = excluded.bytes, duration_ms = excluded.duration_ms
        where s.import_id < excluded.import_id;
    if not found then
        perform coco.raise_running(format('%s, a newer one,', i.source));
    end if;
end
$$;
comment on function coco.move_pointer is 'The publication itself, for its caller to complete with counts; only forward';

create or replace function coco.is_dry_run() returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(current_setting('pgcoco.dry_run', true), '') = 'on'
$$;
comment on function coco.is_dry_run is 'Whether this transaction will be rolled back whatever comes';

create or replace function coco.imported() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when coco.is_dry_run() then 'would import' else 'imported' end
$$;
comment on function coco.imported is 'A word for messages';

create or replace function coco.import_finished(id bigint, document json) returns json
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if coco.is_dry_run() then
        return coco.joined(document, json_build_object('dry_run', true));
    end if;
    update coco.imports
        set phase = 'published', phase_at = clock_timestamp(), finished_at = clock_timestamp(),
            outcome = document
        where import_id = id;
    return document;
end
$$;
comment on function coco.import_finished is 'Keeps what the client will be told';

create or replace function coco.skipped_summary(skipped json) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(' (' || string_agg((s ->> 'count') || ' ' || (s ->> 'reason'), ', ') || ')', '')
    from json_array_elements(skipped) s
$$;
comment on function coco.skipped_summary is 'The skips in words, for messages';

create or replace function coco.run_publish(
    id bigint, row_count bigint, skipped_count bigint, skipped json, bytes bigint,
    classes json default '[]', hint text default null)
returns json language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports;
    document json;
    replaced bigint := coco.move_pointer(id, row_count, skipped_count, skipped, bytes);
begin
    select * into strict i from coco.imports where import_id = id;
    -- Between the transactions of an import its locks are free for a moment.
    if i.ground_truth is distinct from coco.ground_truth_of(i.dataset_id) then
        raise exception using errcode = 'CO903', message = format(
            'the ground truth of dataset %s has been replaced meanwhile; try again', i.dataset);
    end if;
    -- A dataset has one split or none so far, which is the split of all rows.
    insert into coco.class_counts (dataset_id, import_id, category_id, split, n, scores)
        select i.dataset_id, id, c.category_id,
               (select s.split from coco.splits s where s.dataset_id = i.dataset_id), c.n, c.scores
        from json_to_recordset(classes) c (category_id integer, n bigint, scores bigint[]);
    update coco.datasets set prediction_count = prediction_count + row_count - replaced
        where datasets.id = i.dataset_id;
    if not found then
        raise exception using errcode = 'CO401', message = format('there is no dataset %s', i.dataset);
    end if;
    document := json_build_object(
        'dataset_id', i.dataset_id, 'dataset', i.dataset, 'run_name', i.source,
        'prediction_count', row_count, 'skipped_count', skipped_count, 'replaced_count', replaced,
        'skipped', skipped, 'bytes', bytes,
        'duration_ms', (extract(epoch from clock_timestamp() - i.started_at) * 1000)::bigint,
        'import', i.token,
        'message', format('%s %s predictions as run %s of %s, skipped %s%s', coco.imported(), row_count, i.source,
                          i.dataset, skipped_count, coco.skipped_summary(skipped)));
    if hint is not null then
        document := coco.joined(document, json_build_object('hint', hint));
    end if;
    return coco.import_finished(id, document);
end
$$;
comment on function coco.run_publish is 'Ends transaction 4 of a run''s import: its commit is the publication; gives the import document';

create or replace function coco.dataset_publish(
    id bigint, new_split text, new_info json, new_licenses json, new_extra json,
    row_count bigint, skipped_count bigint, skipped json, bytes bigint, not_kept json)
returns table (created boolean, document json) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'publish');
    images bigint;
    categories bigint;
begin
    -- Between the transactions of an import its locks are free for a moment.
    perform coco.check_replaceable(i.dataset, i.dataset_id);
    insert into coco.datasets (id, name) values (i.dataset_id, i.dataset)
        on conflict on constraint datasets_pkey do nothing;
    created := found;
    perform coco.move_pointer(id, row_count, skipped_count, skipped, bytes);
    delete from coco.splits s where s.dataset_id = i.dataset_id;
    delete from coco.images m where m.dataset_id = i.dataset_id;
    delete from coco.categories c where c.dataset_id = i.dataset_id;
    execute format('insert into coco.images (dataset_id, image_id, width, height, file_name, split, extra) '
                   'select $1, image_id, width, height, file_name, $2, extra from coco_parts.%I',
                   'images_' || id) using i.dataset_id, new_split;
    get diagnostics images = row_count;
    insert into coco.splits (dataset_id, split, image_count)
        select i.dataset_id, new_split, images where new_split is not null;
    execute format('insert into coco.categories (dataset_id, category_id, name, supercategory, extra) '
                   'select $1, category_id, name, supercategory, extra from coco_parts.%I',
                   'categories_' || id) using i.dataset_id;
    get diagnostics categories = row_count;
    -- Here and not while it streamed past: which rows stay was known only afterwards.
    execute format('insert into coco.class_counts (dataset_id, import_id, category_id, split, n) '
                   'select $1, $2, category_id, $3, count(*) from coco_parts.%I group by category_id',
                   'a_' || id) using i.dataset_id, id, new_split;
    update coco.datasets d
        set image_count = images, annotation_count = dataset_publish.row_count,
            category_count = categories, info = new_info, licenses = new_licenses, extra = new_extra
        where d.id = i.dataset_id;
    document := coco.import_finished(id, coco.joined(
        coco.dataset_document(i.dataset), json_build_object(
            'import', i.token, 'not_kept', not_kept,
            'message', format('%s %s images, %s annotations and %s categories as dataset %s, skipped %s%s',
                              coco.imported(), images, dataset_publish.row_count, categories, i.dataset, skipped_count,
                              coco.skipped_summary(skipped)))));
    return next;
end
$$;
comment on function coco.dataset_publish is 'Ends transaction 4 of a ground truth''s import: its commit is the publication; gives the dataset document';
