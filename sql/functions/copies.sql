-- Copies: imports whose rows the server takes from the leaf of another one. A leaf never changes,
-- and the name of its source is part of its bounds: whatever changes rows, or the name that they
-- have, writes a leaf of its own, which is attached and published like that of a file. Several of
-- them are published in one commit: the others are made for the first (coco.imports.made_for).

create or replace function coco.is_wide(leaf text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    -- complete_leaf adds is_crowd, and before it what widen_leaf has not added.
    select b.attnum < c.attnum
    from pg_attribute b, pg_attribute c
    where b.attrelid = leaf::regclass and b.attname = 'bbox_derived'
      and c.attrelid = leaf::regclass and c.attname = 'is_crowd'
$$;
comment on function coco.is_wide is
    'Whether rows of a leaf of a run (its quoted name) have masks, keypoints or other members: '
    'otherwise it lacks these columns, but for their defaults';

create or replace function coco.copy_leaf(
    old_id bigint, new_id bigint, of_a_run boolean, condition text default 'true')
returns bigint
language plpgsql set search_path = pg_catalog, pg_temp set synchronize_seqscans = off
-- Only a nested loop keeps the order of the leaf.
set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    old_leaf text := format('coco_parts.%I', 'a_' || old_id);
    new_leaf text;
    columns text;
    rows bigint;
begin
    if of_a_run then
        new_leaf := coco.create_leaf(new_id);
        if coco.is_wide(old_leaf) then
            perform coco.widen_leaf(new_leaf);
        end if;
    else
        new_leaf := coco.create_ground_truth_leaf(new_id);
    end if;
    columns := coco.columns_of(new_leaf);
    -- In the order of the file, which decides between equal scores.
    execute format('insert into %s (%s) select %s from %s a where %s',
                   new_leaf, columns, columns, old_leaf, condition);
    get diagnostics rows = row_count;
    return rows;
end
$$;
comment on function coco.copy_leaf is
    'Creates the leaf of an import with the rows of another one for which the condition holds: SQL '
    'about the row a. Returns their number';

create or replace function coco.columns_of(relation text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select string_agg(quote_ident(attname), ', ' order by attnum)
    from pg_attribute
    where attrelid = relation::regclass and attnum > 0 and not attisdropped
$$;
comment on function coco.columns_of is
    'The columns of a table (its quoted name), with commas between them';

create or replace function coco.copied(
    id bigint, token text, dataset_id bigint, dataset text, source text, ground_truth bigint,
    copied_from bigint, made_for bigint default null, made json default null)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('create index on coco_parts.%I (image_id)', 'a_' || id);
    perform coco.complete_leaf(format('coco_parts.%I', 'a_' || id), dataset_id, source, id);
    insert into coco.imports (import_id, token, dataset_id, dataset, source, started_at, phase,
                              ground_truth, copied_from, made_for, made, outcome)
    select id, token, dataset_id, dataset, source, now(), 'loaded', copied.ground_truth,
           copied.copied_from, copied.made_for, copied.made,
           -- What the file of the original may have wrong; evaluations say so.
           (select json_build_object('hint', i.outcome -> 'hint')
            from coco.imports i
            where i.import_id = copied.copied_from and i.outcome -> 'hint' is not null);
end
$$;
comment on function coco.copied is
    'Ends transaction 1 of a copy: completes the leaf, and writes the import to the history';

create or replace function coco.lock_original(i coco.imports) returns coco.sources
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    original coco.sources;
begin
    select * into original from coco.sources s where s.import_id = i.copied_from for update;
    if not found then
        raise exception using
            errcode = 'CO903',
            message = format('what was to be %s of dataset %s was replaced or deleted while it was '
                             'copied; try again', i.source, i.dataset);
    end if;
    return original;
end
$$;
comment on function coco.lock_original is
    'The published import that this one is a copy of, locked. Raises CO903 if it is not published '
    'any more';

create or replace function coco.add_pointer(i coco.imports, original coco.sources) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into coco.sources
        select i.dataset_id, i.source, i.import_id, clock_timestamp(), original.row_count,
               original.skipped_count, original.skipped, 0, original.bytes,
               extract(epoch from clock_timestamp() - i.started_at) * 1000
        on conflict on constraint sources_pkey do nothing;
    if not found then
        perform coco.raise_run_exists(i.dataset, i.source);
    end if;
    insert into coco.class_counts (dataset_id, import_id, category_id, split, n, scores, sizes)
        select i.dataset_id, i.import_id, c.category_id, c.split, c.n, c.scores, c.sizes
        from coco.class_counts c
        where c.import_id = original.import_id;
    insert into coco.import_statistics (dataset_id, import_id, split, n, most_per_image, per_image,
                                        sizes, scores)
        select i.dataset_id, i.import_id, c.split, c.n, c.most_per_image, c.per_image, c.sizes,
               c.scores
        from coco.import_statistics c
        where c.import_id = original.import_id;
end
$$;
comment on function coco.add_pointer is
    'Publishes a copy of all rows of a published import as a source that does not exist yet, with '
    'the account and the counts of the original. Raises CO906';

create or replace function coco.raise_run_exists(dataset text, run text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using
        errcode = 'CO906',
        message = format('dataset %s has a run %s; delete it, or give another name', dataset, run);
end
$$;
comment on function coco.raise_run_exists is 'Raises CO906: this name is taken';
