-- Other names for datasets and runs.

create or replace function coco.check_dataset_change(body json) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.check_change(body, array['name']);
    perform body ->> 'name';
exception
    when untranslatable_character or invalid_text_representation then
        perform coco.refuse_text(sqlstate);
end
$$;
comment on function coco.check_dataset_change is
    'Raises CO422 unless the body of a PATCH of a dataset can be used';

create or replace function coco.dataset_change(d text, body json) returns json
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set lock_timeout = '10s' as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    new_name text;
begin
    perform coco.check_dataset_change(body);
    new_name := coco.dataset_to_import(body ->> 'name', 'create');
    if new_name = ds.name then
        return coco.dataset_document(ds.id::text);
    end if;
    perform coco.lock_dataset(ds.name);
    perform coco.lock_dataset(new_name);
    perform coco.refuse_taken_dataset(new_name);
    -- The name may have changed before the lock was taken.
    update coco.datasets o set name = new_name where o.id = ds.id and o.name = ds.name;
    if not found then
        raise exception using
            errcode = 'CO401',
            message = format('there is no dataset %s', ds.name);
    end if;
    -- Those that stand still. Their next transaction takes the locks of the new name.
    update coco.imports i set dataset = new_name
        where i.dataset = ds.name and i.dataset_id = ds.id and i.finished_at is null;
    return coco.dataset_document(ds.id::text);
end
$$;
comment on function coco.dataset_change is
    'PATCH /datasets/{d}: gives the dataset another name, and returns it. Rows refer to its id. '
    'Raises CO400, CO401, CO422, CO901 if the name is taken, or CO903 while something is imported '
    'into it';

create or replace function coco.new_run_name(d text, run text, body json) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.check_run_change(body);
    if body -> 'name' is null or body ->> 'name' = run then
        return null;
    end if;
    perform coco.check_run_name(body ->> 'name'); -- '' would be taken for no name
    return body ->> 'name';
end
$$;
comment on function coco.new_run_name is
    'The name that the body of a PATCH gives to a run; null if it gives none, or the one that the '
    'run has. Raises CO422';

create or replace function coco.run_copy_begin(d text, run text, new_name text, token text)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets;
    original bigint;
    id bigint;
begin
    perform coco.check_run_name(new_name);
    ds := coco.dataset_find(d);
    perform coco.claim_token(token, false);
    perform coco.lock_run(ds.name, run);
    perform coco.lock_run(ds.name, new_name);
    perform from coco.datasets o where o.id = ds.id and o.name = ds.name for key share;
    if not found then
        raise exception using
            errcode = 'CO401',
            message = format('there is no dataset %s', ds.name);
    end if;
    select s.import_id into original
        from coco.sources s
        where s.dataset_id = ds.id and s.source = run and s.source <> 'ground_truth';
    if not found then
        perform coco.raise_unknown_run(ds, run);
    end if;
    if exists (select from coco.sources s where s.dataset_id = ds.id and s.source = new_name) then
        perform coco.raise_run_exists(ds.name, new_name);
    end if;
    id := nextval(pg_get_serial_sequence('coco.imports', 'import_id'));
    perform coco.import_step(id, token, 'copy');
    perform coco.copy_leaf(original, id, true);
    perform coco.import_step(id, token, 'index');
    perform coco.copied(id, token, ds.id, ds.name, new_name, coco.ground_truth_of(ds.id), original);
    return id;
end
$$;
comment on function coco.run_copy_begin is
    'Transaction 1 of a copy of a run, under another name in the same dataset. Returns its import. '
    'Raises CO400, CO401, CO402, CO903, CO904, or CO906 if the name is taken';

create or replace function coco.publish_run_copy(id bigint) returns coco.imports
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    i coco.imports := coco.import_resume(id, 'publish');
    original coco.sources;
begin
    perform coco.await_readers(coco.bucket_of(i.dataset_id));
    original := coco.lock_original(i);
    if i.ground_truth is distinct from coco.ground_truth_of(i.dataset_id) then
        raise exception using
            errcode = 'CO903',
            message = format('the ground truth of dataset %s was replaced meanwhile; try again',
                             i.dataset);
    end if;
    perform coco.add_pointer(i, original);
    return i;
end
$$;
comment on function coco.publish_run_copy is
    'Begins transaction 4 of a copy of a run: publishes it beside the original, which is locked '
    'then. Returns the import. Raises CO903 or CO906';

create or replace function coco.run_rename_publish(id bigint, body json) returns json
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    i coco.imports := coco.publish_run_copy(id);
    original coco.sources;
begin
    select * into original from coco.sources s where s.import_id = i.copied_from;
    -- Before the original is retired: its evaluations are about the same rows.
    update coco.evaluations e
        set run_name = i.source,
            import_id = case when e.import_id = original.import_id then id else e.import_id end
        where e.dataset_id = i.dataset_id and e.run_name = original.source;
    update coco.run_notes n set source = i.source
        where n.dataset_id = i.dataset_id and n.source = original.source;
    perform coco.retire(original.import_id);
    delete from coco.sources s where s.import_id = original.import_id;
    perform coco.write_run_notes(i.dataset_id, i.source, body);
    return coco.import_finished(id, coco.joined(
        coco.run_summary(i.dataset_id, i.source, true),
        json_build_object('import', i.token,
                          'message', format('run %s of %s is now called %s', original.source,
                                            i.dataset, i.source))));
end
$$;
comment on function coco.run_rename_publish is
    'Transaction 4 of a new name for a run: its commit publishes the copy and takes the original '
    'away. Evaluations and what is said about the run follow; matches are made again when '
    'somebody asks for them. body: of the PATCH. Returns the run. Raises CO422, CO903 or CO906';
