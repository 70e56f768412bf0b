-- Clones: copies of a run beside it, and of a whole dataset. The clone has rows of its own: what
-- becomes of the original does not touch it.

create or replace function coco.clone_notes(
    from_id bigint, from_run text, to_id bigint, to_run text)
returns void
language sql volatile set search_path = pg_catalog, pg_temp as $$
    insert into coco.run_notes (dataset_id, source, notes, tags, metadata, metadata_bytes)
    select to_id, to_run, n.notes, n.tags, n.metadata, n.metadata_bytes
    from coco.run_notes n
    where n.dataset_id = from_id and n.source = from_run
$$;
comment on function coco.clone_notes is 'What is said about a run, for its clone';

create or replace function coco.run_clone_publish(id bigint) returns json
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    i coco.imports := coco.publish_run_copy(id);
    original coco.sources;
begin
    select * into original from coco.sources s where s.import_id = i.copied_from;
    perform coco.clone_notes(i.dataset_id, original.source, i.dataset_id, i.source);
    update coco.datasets d set prediction_count = d.prediction_count + original.row_count
        where d.id = i.dataset_id;
    return coco.import_finished(id, coco.joined(
        coco.run_summary(i.dataset_id, i.source, true),
        json_build_object('import', i.token,
                          'message', format('cloned run %s of %s as %s', original.source,
                                            i.dataset, i.source))));
end
$$;
comment on function coco.run_clone_publish is
    'Transaction 4 of a clone of a run (the first is run_copy_begin). Returns the clone. Raises '
    'CO903 or CO906';

create or replace function coco.refuse_taken_dataset(dataset text) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from coco.datasets o where o.name = dataset) then
        raise exception using
            errcode = 'CO901',
            message = format('dataset %s exists; delete it, or give another name', dataset);
    end if;
end
$$;
comment on function coco.refuse_taken_dataset is 'Raises CO901 if a dataset has this name';

create or replace function coco.dataset_clone_begin(
    d text, new_name text, with_runs boolean, token text)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    most_runs constant bigint := 500;
    ds coco.datasets;
    id bigint;
    run_id bigint;
    new_dataset bigint;
    run coco.sources;
begin
    new_name := coco.dataset_to_import(new_name, 'create');
    ds := coco.dataset_find(d);
    perform coco.claim_token(token, false);
    perform coco.lock_dataset(ds.name);
    perform coco.lock_dataset(new_name);
    perform coco.refuse_taken_dataset(new_name);
    ds := coco.dataset_find(ds.id::text);
    if with_runs and (select count(*) > most_runs + 1 from coco.sources s
                      where s.dataset_id = ds.id) then
        raise exception using
            errcode = 'CO422',
            message = format('dataset %s has more than %s runs; clone it with runs=0', ds.name,
                             most_runs);
    end if;
    new_dataset := nextval(pg_get_serial_sequence('coco.datasets', 'id'));
    id := nextval(pg_get_serial_sequence('coco.imports', 'import_id'));
    perform coco.import_step(id, token, 'copy');
    perform coco.copy_leaf(coco.ground_truth_of(ds.id), id, false);
    perform coco.copied(id, token, new_dataset, new_name, 'ground_truth', null,
                        coco.ground_truth_of(ds.id));
    for run in select * from coco.sources s
               where s.dataset_id = ds.id and s.source <> 'ground_truth' and with_runs
               order by s.source loop
        run_id := nextval(pg_get_serial_sequence('coco.imports', 'import_id'));
        perform coco.lock_soon('import', run_id::text);
        perform coco.copy_leaf(run.import_id, run_id, true);
        perform coco.copied(run_id, '', new_dataset, new_name, run.source, id, run.import_id, id);
    end loop;
    -- The copies may have taken long: the place is kept from here on.
    update coco.imports i set phase_at = clock_timestamp()
        where i.import_id = id or i.made_for = id;
    return id;
end
$$;
comment on function coco.dataset_clone_begin is
    'Transaction 1 of a clone of a dataset: copies its ground truth and, if asked, its runs, at '
    'most 500. Keeps imports out of both datasets until its end. Returns the import of the ground '
    'truth. Raises CO400, CO401, CO422, CO901, CO903 or CO904';

create or replace function coco.clone_dataset(old_id bigint, new_id bigint, new_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    insert into coco.datasets (id, name, image_count, annotation_count, category_count, info,
                               licenses, extra, first_text_image, info_bytes, licenses_bytes)
        select new_id, new_name, d.image_count, d.annotation_count, d.category_count, d.info,
               d.licenses, d.extra, d.first_text_image, d.info_bytes, d.licenses_bytes
        from coco.datasets d
        where d.id = old_id;
    insert into coco.splits (dataset_id, split, image_count)
        select new_id, p.split, p.image_count from coco.splits p where p.dataset_id = old_id;
    insert into coco.images (dataset_id, image_id, text_id, width, height, file_name, split, extra)
        select new_id, i.image_id, i.text_id, i.width, i.height, i.file_name, i.split, i.extra
        from coco.images i
        where i.dataset_id = old_id;
    insert into coco.categories (dataset_id, category_id, name, supercategory, extra)
        select new_id, c.category_id, c.name, c.supercategory, c.extra
        from coco.categories c
        where c.dataset_id = old_id;
    insert into coco.slices (dataset_id, slice, image_id)
        select new_id, s.slice, s.image_id from coco.slices s where s.dataset_id = old_id;
    insert into coco.pictures (dataset_id, directory, url)
        select new_id, p.directory, p.url from coco.pictures p where p.dataset_id = old_id;
end
$$;
comment on function coco.clone_dataset is
    'Copies a dataset but for its sources: images, categories, splits and slices, and where its '
    'pictures are';

create or replace function coco.dataset_clone_publish(id bigint) returns json
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    i coco.imports := coco.import_resume(id, 'publish');
    m coco.imports;
    original coco.sources;
    predictions bigint := 0;
    runs bigint := 0;
begin
    perform coco.await_readers(coco.bucket_of(i.dataset_id));
    perform coco.refuse_taken_dataset(i.dataset);
    perform from coco.sources s
        where s.import_id in (select c.copied_from from coco.imports c
                              where c.import_id = id or c.made_for = id)
        order by s.source for update;
    original := coco.lock_original(i);
    perform coco.clone_dataset(original.dataset_id, i.dataset_id, i.dataset);
    perform coco.add_pointer(i, original);
    for m in select * from coco.imports c where c.made_for = id order by c.source loop
        original := coco.lock_original(m);
        perform coco.add_pointer(m, original);
        perform coco.clone_notes(original.dataset_id, original.source, m.dataset_id, m.source);
        predictions := predictions + original.row_count;
        runs := runs + 1;
    end loop;
    update coco.datasets d set prediction_count = predictions where d.id = i.dataset_id;
    return coco.import_finished(id, coco.joined(
        coco.dataset_outcome(i.dataset_id),
        json_build_object('import', i.token,
                          'message', format('cloned dataset %s as %s, with %s runs',
                                            (select d.name from coco.datasets d
                                             where d.id = original.dataset_id),
                                            i.dataset, runs))));
end
$$;
comment on function coco.dataset_clone_publish is
    'Transaction 4 of a clone of a dataset: its commit publishes all sources. Returns the dataset. '
    'Raises CO901 or CO903';
