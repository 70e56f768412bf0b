create or replace function coco.bucket_number(dataset_id bigint) returns integer
language sql stable set search_path = pg_catalog, pg_temp as $$
    select i from generate_series(0, 63) i
    where satisfies_hash_partition('coco.annotation_versions'::regclass, 64, i, bucket_number.dataset_id)
$$;
comment on function coco.bucket_number is 'Which of the 64 buckets has the leaves of this dataset';

create or replace function coco.bucket_of(dataset_id bigint) returns regclass
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('coco_parts.%I', 'bucket_' || coco.bucket_number(dataset_id))::regclass
$$;
comment on function coco.bucket_of is 'The part of coco.annotation_versions with the leaves of this dataset';

-- By name: with the bounds as PostgreSQL writes them, the table's number in them, a dump could not be restored.
create or replace function coco.bounds_check(dataset_id bigint, source text, import_id bigint) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('dataset_id = %L and source = %L and import_id = %L and '
                  'satisfies_hash_partition(''coco.annotation_versions''::regclass, 64, %s, dataset_id)',
                  dataset_id, source, import_id, coco.bucket_number(dataset_id))
$$;
comment on function coco.bounds_check is 'What is true of all rows of a leaf in its bucket: with this check, attaching and detaching need not read it';

-- A leaf begins with the columns that its rows fill, and nothing else: what is the same in all of them
-- is added when they are there, as a default that PostgreSQL keeps once and not in each row. That makes
-- a run's rows a quarter smaller.
create or replace function coco.create_leaf(import_id bigint) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    leaf text := format('coco_parts.%I', 'a_' || import_id);
begin
    execute format('create table %s (annotation_id bigint not null, image_id bigint not null, '
                   'bbox_x float8 not null, bbox_y float8 not null, bbox_w float8 not null, '
                   'bbox_h float8 not null, area float8, confidence float8, category_id integer not null)',
                   leaf);
    return leaf;
end
$$;
comment on function coco.create_leaf is 'The empty leaf of an import; gives its quoted name';

create or replace function coco.widen_leaf(leaf text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('alter table %s add segmentation json, add keypoints json, add extra json, '
                   'add bbox_derived boolean not null default false', leaf);
end
$$;
comment on function coco.widen_leaf is 'Makes room in a leaf (its quoted name) for rows that are more than a box';

create or replace function coco.widen_leaf_for_own_ids(leaf text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.widen_leaf(leaf);
    execute format('alter table %s add own_image boolean not null, add own_category boolean not null, '
                   'add bbox_drawn boolean not null, add rle_height integer not null, add rle_width integer not null', leaf);
end
$$;
comment on function coco.widen_leaf_for_own_ids is 'The same for rows with ids of the file''s own, which match_late replaces';

create or replace function coco.complete_leaf(leaf text, dataset_id bigint, source text, import_id bigint)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- The check is what attaching would check, so that it need not read the leaf. Checked here in one pass it takes
    -- less than checked row by row in the COPY.
    execute format('alter table %1$s add column if not exists segmentation json, '
                   'add column if not exists keypoints json, add column if not exists extra json, '
                   'add column if not exists is_crowd boolean not null default false, '
                   'add column if not exists bbox_derived boolean not null default false, '
                   'add dataset_id bigint not null default %2$L, add source text collate "C" not null default %3$L, '
                   'add import_id bigint not null default %4$L, '
                   'add constraint bounds check (%5$s)',
                   leaf, dataset_id, source, import_id, coco.bounds_check(dataset_id, source, import_id));
end
$$;
comment on function coco.complete_leaf is 'Adds to a loaded leaf (its quoted name) the columns that are the same in all rows';

create or replace function coco.leaves_warning(
    room bigint default current_setting('max_locks_per_transaction')::bigint
        * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint))
returns text language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('a query that names no dataset locks %s tables and indexes, and there is room for %s locks in all: '
                  'raise max_locks_per_transaction', locks, room)
    from (select 65 + 2 * count(*) as locks from coco.sources) s where locks > room / 2
$$;
comment on function coco.leaves_warning is 'What to do before there are too many leaves for PostgreSQL''s table of locks; null while there are few';
