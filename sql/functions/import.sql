-- Import: transaction 1, which loads a file into a leaf of its own that nobody reads yet, and what
-- comes after a failure. Called by the worker that imports; publish.sql goes on from there.

create or replace function coco.lock_soon(kind text, name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    before text := current_setting('lock_timeout');
begin
    perform set_config('lock_timeout', '10s', true);
    perform pg_advisory_xact_lock(coco.lock_key(kind, name));
    perform set_config('lock_timeout', before, true);
end
$$;
comment on function coco.lock_soon is
    'Takes an advisory lock that others hold for a moment only, until the end of the transaction. '
    'Waits up to ten seconds, because any role can take one; raises 55P03 then';

create or replace function coco.leaf_step(id bigint, token text, phase text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.lock_soon('import', id::text);
    perform set_config('application_name', format('pgcoco %s %s', token, phase), true);
    perform coco.apply_settings();
    -- The commit of the publication flushes the WAL of the commits before it. But a standby only
    -- receives flushed WAL, and must replay the attach well before the publication.
    if phase in ('copy', 'index')
       or phase = 'attach' and not exists (select from coco.standbys()) then
        perform set_config('synchronous_commit', 'off', true);
    elsif phase = 'attach' and current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'local', true);
    end if;
    -- While a worker sends COPY data, it takes any message of the backend for a failure.
    perform set_config('client_min_messages', 'error', true);
end
$$;
comment on function coco.leaf_step is
    'Begins each transaction that makes a leaf: locks it against the collection, shows token and '
    'phase in application_name, and overrides settings that would break it. Phases: copy, index, '
    'attach, publish';

create or replace function coco.import_step(import_id bigint, token text, phase text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.leaf_step(import_id, token, phase);
    perform coco.lock_soon('token', token);
end
$$;
comment on function coco.import_step is
    'Begins each transaction of an import: leaf_step, and locks the token against other uploads. '
    'import_document reads token and phase in application_name';

create or replace function coco.import_copied(rows bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('application_name',
                       format('pgcoco %s copy %s',
                              split_part(current_setting('application_name'), ' ', 2), rows), true);
end
$$;
comment on function coco.import_copied is
    'Says how many rows earlier COPY statements of this import have brought: pg_stat_progress_copy '
    'counts those of the present one';

create or replace function coco.check_run_name(run text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.check_name('run name', run);
    if run = 'ground_truth' then
        raise exception using
            errcode = 'CO400',
            message = 'ground_truth is a reserved name; give the run another name';
    end if;
end
$$;
comment on function coco.check_run_name is
    'Raises CO400 unless the name can be the name of a run';

create or replace function coco.run_import_begin(
    d text, run text, token text, continues boolean default false,
    out import_id bigint, out dataset_id bigint, out dataset text, out leaf text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds coco.datasets;
begin
    perform coco.check_run_name(run);
    ds := coco.dataset_find(d);
    perform coco.claim_token(token, continues);
    perform coco.lock_run(ds.name, run);
    -- Looks again under the lock, because the dataset may have been deleted before.
    perform 1 from coco.datasets where id = ds.id for key share;
    if not found then
        raise exception using
            errcode = 'CO401',
            message = format('there is no dataset %s', d);
    end if;
    dataset_id := ds.id;
    dataset := ds.name;
    import_id := nextval(pg_get_serial_sequence('coco.imports', 'import_id'));
    perform coco.import_step(import_id, token, 'copy');
    leaf := coco.create_leaf(import_id);
end
$$;
comment on function coco.run_import_begin is
    'Begins transaction 1 of a run''s import: locks the run and creates the leaf that COPY fills. '
    'continues: see claim_token. Raises CO400, CO401, CO903 or CO904';

create or replace function coco.check_replaceable(dataset text, id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from coco.datasets d
               where d.name = dataset and d.id <> check_replaceable.id) then
        raise exception using
            errcode = 'CO901',
            message = format('dataset %s has been created meanwhile; PUT replaces it', dataset);
    end if;
end
$$;
comment on function coco.check_replaceable is
    'Raises CO901 if the name of the dataset now belongs to another one';

create or replace function coco.dataset_to_import(d text, mode text) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    found_name text;
begin
    if d !~ '^[0-9]+$' then
        perform coco.check_name('dataset name', d);
        return d;
    end if;
    if mode <> 'create' then
        select s.name into found_name from coco.datasets s where s.id = coco.as_dataset_id(d);
    end if;
    if found_name is null then
        raise exception using
            errcode = 'CO400',
            message = format('dataset name must not be a number, not "%s": a number in an address '
                             'is the id of a dataset, and %s; call it d%s, for example',
                             left(d, 40),
                             case when mode = 'create' then 'a new one gets its own'
                                  else 'none has this id' end,
                             left(d, 40));
    end if;
    return found_name;
end
$$;
comment on function coco.dataset_to_import is
    'The name of the dataset that a ground truth becomes: d itself, or, unless mode is create, the '
    'name of the dataset with this id. Raises CO400';

create or replace function coco.dataset_import_begin(
    d text, mode text, split text, token text, continues boolean default false,
    out import_id bigint, out dataset_id bigint, out dataset text, out leaf text,
    out image_stage text, out category_stage text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    dataset := case when mode = 'add' then (coco.dataset_find(d)).name
                    else coco.dataset_to_import(d, mode) end;
    if split is not null then
        perform coco.check_name('split', split);
    end if;
    perform coco.claim_token(token, continues);
    perform coco.lock_dataset(dataset);
    select id into dataset_id from coco.datasets where name = dataset;
    if found and mode = 'create' then
        raise exception using
            errcode = 'CO901',
            message = format('dataset %s exists; PUT replaces it', dataset);
    end if;
    if dataset_id is null and mode = 'add' then
        perform coco.dataset_find(dataset);
    elsif dataset_id is null then
        dataset_id := nextval(pg_get_serial_sequence('coco.datasets', 'id'));
    end if;
    perform coco.check_replaceable(dataset, dataset_id);
    import_id := nextval(pg_get_serial_sequence('coco.imports', 'import_id'));
    perform coco.import_step(import_id, token, 'copy');
    leaf := coco.create_ground_truth_leaf(import_id);
    image_stage := format('coco_parts.%I', 'images_' || import_id);
    category_stage := format('coco_parts.%I', 'categories_' || import_id);
    execute format('create unlogged table %s ('
                   'image_id bigint, numbered boolean not null default false, '
                   'text_id text collate "C", width integer, height integer, '
                   'index bigint not null, byte_offset bigint not null, '
                   'file_name text, extra json, split text collate "C" default %L)',
                   image_stage, split);
    execute format('create unlogged table %s ('
                   'category_id integer not null, '
                   'index bigint not null, byte_offset bigint not null, '
                   'name text not null, supercategory text, extra json)',
                   category_stage);
end
$$;
comment on function coco.dataset_import_begin is
    'Begins transaction 1 of a ground truth''s import: locks the dataset and creates the leaf and '
    'two stages that COPY fills. continues: see claim_token. Raises CO400, CO401, CO903, CO904, '
    'and in mode create CO901 if the dataset exists. In mode add it must exist';

create or replace function coco.import_index(import_id bigint, token text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.import_step(import_id, token, 'index');
    -- Not (image_id, annotation_id): its keys are all different, so it would be 4.5 times as large
    -- and take 1.6 times as long to build. A page in that order sorts the rows of each image, which
    -- this index presorts.
    execute format('create index on coco_parts.%I (image_id)', 'a_' || import_id);
end
$$;
comment on function coco.import_index is
    'Builds the index of the leaf, in transaction 1. From the attach on queries scan the leaf, '
    'published or not: one for a single image must not read all of it';

create or replace function coco.import_loaded(
    import_id bigint, token text, dataset_id bigint, dataset text, source text)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    counts json;
begin
    perform coco.complete_leaf(format('coco_parts.%I', 'a_' || import_id), dataset_id, source,
                               import_id);
    -- The worker does not know the splits of images. Counted before phase_at is set.
    if source <> 'ground_truth' and coco.has_several_splits(dataset_id) then
        counts := coco.counts_by_split(format('coco_parts.%I', 'a_' || import_id), dataset_id,
                                       true, true);
    end if;
    insert into coco.imports (import_id, token, dataset_id, dataset, source, started_at, phase,
                              ground_truth, made)
    values (import_id, token, dataset_id, dataset, source, now(), 'loaded',
            coco.ground_truth_of(dataset_id), counts);
end
$$;
comment on function coco.import_loaded is
    'Ends transaction 1: completes the leaf, and writes the import to the history. A run of a '
    'dataset that has several splits is counted by split here';

create or replace function coco.import_failed(
    id bigint, token text, d text, source text, outcome json, duration_ms bigint)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds record;
begin
    -- Not all columns: they may have 12 MiB.
    select s.id, s.name into ds
        from coco.datasets s
        where s.id = coalesce(coco.as_dataset_id(d),
                              (select n.id from coco.datasets n where n.name = d));
    insert into coco.imports as i (import_id, token, dataset_id, dataset, source, started_at, phase,
                                   finished_at, outcome)
    values (coalesce(id, nextval(pg_get_serial_sequence('coco.imports', 'import_id'))), token,
            ds.id, coalesce(ds.name, d), source,
            clock_timestamp() - duration_ms * interval '1 ms', 'failed', clock_timestamp(),
            coco.bounded_outcome(outcome))
    on conflict on constraint imports_pkey do update
        set phase = 'failed', phase_at = clock_timestamp(), finished_at = clock_timestamp(),
            outcome = excluded.outcome
        where i.finished_at is null;
    update coco.imports i
        set phase = 'failed', phase_at = clock_timestamp(), finished_at = clock_timestamp()
        where i.made_for = id and i.finished_at is null;
end
$$;
comment on function coco.import_failed is
    'Writes to the history why an import failed, after its rollback. An import that has ended '
    'keeps its outcome. id: null if its number was lost with its first transaction';

create or replace function coco.import_is_published(id bigint) returns json
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- A backend that lost its client may still be committing. It holds this lock until then.
    perform set_config('lock_timeout', '10s', true);
    perform pg_advisory_xact_lock(coco.lock_key('import', id::text));
    return (select outcome from coco.imports where import_id = id and phase = 'published');
end
$$;
comment on function coco.import_is_published is
    'For a worker that lost its connection in the last commit: the import document if the commit '
    'succeeded, null if not. Waits up to ten seconds for the old backend to end';
