-- Import: transaction 1, which loads a file into a leaf of its own that nobody reads yet, and what
-- comes after a failure. Called by the worker that imports; publish.sql goes on from there.

create or replace function coco.import_step(import_id bigint, token text, phase text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    lock_timeout text := current_setting('lock_timeout');
begin
    -- Others hold these locks for a moment: a collection the first, an upload that is about to be
    -- refused the second. But any role can take an advisory lock.
    perform set_config('lock_timeout', '10s', true);
    perform pg_advisory_xact_lock(coco.lock_key('import', import_id::text));
    perform pg_advisory_xact_lock(coco.lock_key('token', token));
    perform set_config('lock_timeout', lock_timeout, true);
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
comment on function coco.import_step is
    'Begins each transaction of an import: locks the import against the collection, and its token '
    'against other uploads; shows token and phase in application_name for import_document, and '
    'overrides settings that would break it. Phases: copy, index, attach, publish';

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

create or replace function coco.run_import_begin(
    d text, run text, token text, continues boolean default false,
    out import_id bigint, out dataset_id bigint, out dataset text, out leaf text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds coco.datasets;
begin
    perform coco.check_name('run name', run);
    if run = 'ground_truth' then
        raise exception using
            errcode = 'CO400',
            message = 'ground_truth is a reserved name; give the run another name';
    end if;
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
    if exists (select from coco.sources s
               where s.dataset_id = id and s.source <> 'ground_truth') then
        raise exception using
            errcode = 'CO902',
            message = format('dataset %s has runs; delete them before you replace its ground truth',
                             dataset);
    end if;
end
$$;
comment on function coco.check_replaceable is
    'Raises CO902 if the dataset has runs, CO901 if its name now belongs to another dataset';

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
    dataset := coco.dataset_to_import(d, mode);
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
    if dataset_id is null then
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
                   'file_name text, extra json)',
                   image_stage);
    execute format('create unlogged table %s ('
                   'category_id integer not null, '
                   'index bigint not null, byte_offset bigint not null, '
                   'name text not null, supercategory text, extra json)',
                   category_stage);
end
$$;
comment on function coco.dataset_import_begin is
    'Begins transaction 1 of a ground truth''s import: locks the dataset and creates the leaf and '
    'two stages that COPY fills. continues: see claim_token. Raises CO400, CO401, CO902, CO903, '
    'CO904, and in mode create CO901 if the dataset exists';

create or replace function coco.drop_staged_duplicates(stage text, id_column text, what text)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    staged text := replace(stage, 'coco_parts.', 'coco_parts.all_');
    has_repeated boolean;
    columns text;
begin
    execute format('select exists (select from %1$s where %2$I is not null '
                   'group by %2$I having count(*) > 1)',
                   stage, id_column) into has_repeated;
    if not has_repeated then
        return;
    end if;
    columns := (select string_agg(quote_ident(attname), ', ' order by attnum)
                from pg_attribute
                where attrelid = stage::regclass and attnum > 0);
    -- Not a delete: to the end of this transaction an index would hold the deleted rows as well,
    -- and each look-up of the id that they repeat would pass all of them.
    execute format('alter table %s rename to %s', stage, substr(staged, length('coco_parts.') + 1));
    execute format('create unlogged table %s (like %s including defaults)', stage, staged);
    return query execute format($sql$
        with ranked as (
            select *, %2$I is not null
                      and row_number() over (partition by %2$I order by index) > 1 as is_repeat
            from %4$s
        ), kept as (
            insert into %1$s (%5$s)
            select %5$s from ranked where not is_repeat order by index
        )
        select 'duplicate_id', (select count(*) from ranked where is_repeat), false,
               (select json_agg(json_build_object(
                           'index', e.index, 'offset', e.byte_offset,
                           'detail', format('%%s %%s comes a second time', %3$L::text,
                                            coco.shown(e.%2$I::text))))
                from (select * from ranked where is_repeat order by index limit 10) e)
        $sql$, stage, id_column, what, staged, columns);
    execute format('drop table %s', staged);
end
$$;
comment on function coco.drop_staged_duplicates is
    'Builds a stage anew without rows that repeat an id; the first in the file stays. Returns the '
    'count of the others and at most ten examples. `what`: what messages call a row';

create or replace function coco.drop_foreign_annotations(
    leaf text, id_column text, stage text, what text)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    return query execute format($sql$
        with gone as (
            delete from %1$s a
            where not exists (select from %3$s s where s.%2$I = a.%2$I)
            returning a.annotation_id, a.%2$I as id
        )
        select 'unknown_' || %4$L, (select count(*) from gone), true,
               (select json_agg(json_build_object(
                           'detail', format('annotation %%s: %%s %%s is not in the file',
                                            e.annotation_id, %4$L::text, e.id)))
                from (select * from gone limit 10) e)
        $sql$, leaf, id_column, stage, what);
end
$$;
comment on function coco.drop_foreign_annotations is
    'Deletes annotations whose image or category (`what`) is not staged. Returns their count and '
    'at most ten examples';

create or replace function coco.drop_repeated_annotations(leaf text)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- The rows of a leaf that was just copied lie in the order of the file.
    return query execute format($sql$
        with ranked as (
            select ctid as place,
                   row_number() over (partition by annotation_id order by ctid) as nth
            from %1$s
        ), gone as (
            delete from %1$s a
            using ranked r
            where a.ctid = r.place and r.nth > 1
            returning a.annotation_id
        )
        select 'duplicate_id', (select count(*) from gone), true,
               (select json_agg(json_build_object(
                           'detail', format('annotation %%s comes a second time',
                                            e.annotation_id)))
                from (select * from gone limit 10) e)
        $sql$, leaf);
end
$$;
comment on function coco.drop_repeated_annotations is
    'Deletes annotations that repeat an id; the first in the file stays. Returns their count and '
    'at most ten examples';

create or replace function coco.first_numbered(image_stage text) returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    first bigint;
begin
    execute format('select min(image_id) from %s where numbered', image_stage) into first;
    return first;
end
$$;
comment on function coco.first_numbered is
    'The first number that number_images has given; null if it gave none';

create or replace function coco.number_images(image_stage text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    greatest_id bigint;
    texts bigint;
begin
    execute format('select greatest(max(image_id), 0), count(*) filter (where image_id is null) '
                   'from %s', image_stage)
        into greatest_id, texts;
    if texts = 0 then
        return;
    end if;
    if greatest_id > 9223372036854775807 - texts then
        raise exception using
            errcode = 'CO422',
            message = format('no number is left for images whose ids are texts, because another '
                             'has the id %s', greatest_id);
    end if;
    execute format($sql$
        update %1$s s set image_id = $1 + t.nth, numbered = true
        from (select ctid as place, row_number() over (order by index) as nth
              from %1$s where image_id is null) t
        where s.ctid = t.place
        $sql$, image_stage) using greatest_id;
    execute format('create index on %s (text_id)', image_stage);
end
$$;
comment on function coco.number_images is
    'Gives numbers to the staged images whose ids are not numbers, in the order of the file, above '
    'all ids that are. Raises CO422 if there are not enough';

create or replace function coco.dataset_stage_check(import_id bigint)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    image_stage text := format('coco_parts.%I', 'images_' || import_id);
    category_stage text := format('coco_parts.%I', 'categories_' || import_id);
begin
    return query
        select * from coco.drop_staged_duplicates(image_stage, 'image_id', 'image');
    return query
        select * from coco.drop_staged_duplicates(image_stage, 'text_id', 'image');
    return query
        select * from coco.drop_staged_duplicates(category_stage, 'category_id', 'category');
    perform coco.number_images(image_stage);
    -- The planner has no statistics of tables this young. A small sample of the columns that are
    -- joined later will do.
    perform set_config('default_statistics_target', '10', true);
    execute format('analyze %s (image_id, text_id)', image_stage);
    execute format('analyze %s (category_id)', category_stage);
end
$$;
comment on function coco.dataset_stage_check is
    'Drops from the stages of a loaded ground truth images and categories that repeat an id, and '
    'numbers images whose ids are texts. Returns the dropped rows counted by reason, with at most '
    'ten examples. Raises CO422';

create or replace function coco.dataset_import_check(import_id bigint)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    leaf text := format('coco_parts.%I', 'a_' || import_id);
    image_stage text := format('coco_parts.%I', 'images_' || import_id);
    category_stage text := format('coco_parts.%I', 'categories_' || import_id);
    has_foreign boolean;
    has_repeated boolean;
begin
    -- A small sample will do: the collection analyzes the leaf once it is published.
    perform set_config('default_statistics_target', '10', true);
    execute format('analyze %s (annotation_id, image_id, category_id)', leaf);
    -- Most files have nothing to delete, which is told in a fraction of the time.
    execute format($sql$
        select exists (
                   select from %1$s a
                   left join %2$s i on i.image_id = a.image_id
                   left join %3$s c on c.category_id = a.category_id
                   where i.image_id is null or c.category_id is null),
               exists (select from %1$s group by annotation_id having count(*) > 1)
        $sql$, leaf, image_stage, category_stage) into has_foreign, has_repeated;
    if has_foreign then
        return query
            select * from coco.drop_foreign_annotations(
                leaf, 'category_id', category_stage, 'category');
        return query
            select * from coco.drop_foreign_annotations(leaf, 'image_id', image_stage, 'image');
    end if;
    if has_repeated then
        return query select * from coco.drop_repeated_annotations(leaf);
    end if;
end
$$;
comment on function coco.dataset_import_check is
    'Deletes from a loaded ground truth the annotations that the worker cannot judge while it '
    'reads: those that repeat an id, and those whose image or category is not in the file, '
    'wherever its arrays stand. Returns them counted by reason, with at most ten examples. After '
    'dataset_stage_check and finish_annotations';

create or replace function coco.count_made_up(leaf text, greatest_id bigint)
returns table (without_id bigint, without_area bigint, without_box bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query execute format(
        'select count(*) filter (where annotation_id > $1), count(*) filter (where area_derived), '
        'count(*) filter (where bbox_derived) from %s', leaf) using greatest_id;
end
$$;
comment on function coco.count_made_up is
    'How many annotations of a loaded ground truth were given an id, an area or a box. '
    'greatest_id: of the annotations that have one in the file, or 0; given ids are above it';

create or replace function coco.sample_boxes(leaf text, image_stage text, dataset_id bigint)
returns table (x float8, y float8, w float8, h float8, width integer, height integer)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    -- Some 20,000 rows of a box.
    pages_max constant float8 := 250;
    pages bigint := pg_relation_size(leaf::regclass) / current_setting('block_size')::integer;
begin
    return query execute format($sql$
        select a.bbox_x, a.bbox_y, a.bbox_w, a.bbox_h, i.width, i.height
        from %s a tablesample system ($1)
        join %s i on i.image_id = a.image_id and %s
        where not a.bbox_derived
        limit 40000
        $sql$, leaf, coalesce(image_stage, 'coco.images'),
        case when image_stage is null then 'i.dataset_id = $2' else 'true' end)
        using 100 * least(1, pages_max / greatest(pages, 1)), dataset_id;
end
$$;
comment on function coco.sample_boxes is
    'The boxes of a loaded leaf with the sizes of their images; of pages chosen at random if it is '
    'large. Not those that were computed from masks. image_stage: null for coco.images';

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
begin
    perform coco.complete_leaf(format('coco_parts.%I', 'a_' || import_id), dataset_id, source,
                               import_id);
    insert into coco.imports (import_id, token, dataset_id, dataset, source, started_at, phase,
                              ground_truth)
    values (import_id, token, dataset_id, dataset, source, now(), 'loaded',
            coco.ground_truth_of(dataset_id));
end
$$;
comment on function coco.import_loaded is
    'Ends transaction 1: completes the leaf, and writes the import to the history';

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
    values (id, token, ds.id, coalesce(ds.name, d), source,
            clock_timestamp() - duration_ms * interval '1 ms', 'failed', clock_timestamp(),
            coco.bounded_outcome(outcome))
    on conflict on constraint imports_pkey do update
        set phase = 'failed', phase_at = clock_timestamp(), finished_at = clock_timestamp(),
            outcome = excluded.outcome
        where i.finished_at is null;
end
$$;
comment on function coco.import_failed is
    'Writes to the history why an import failed, after its rollback. An import that has ended '
    'keeps its outcome';

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
