-- Leaves: makes the table of one import, and the columns and bounds with which it becomes a
-- partition of its dataset's bucket. Called by the steps of an import. What all kinds of leaves
-- share, those of matches too, comes first.

create or replace function coco.box_area(w float8, h float8) returns float8
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
    select case when w < 1e-150 or h < 1e-150 then 0
                when w > 1e150 or h > 1e150 then 'infinity'
                else w * h end
$$;
comment on function coco.box_area is
    'The area of a box. PostgreSQL fails where a product is too large or too small for a double: '
    'such boxes, of which no image has one, have an infinite area, or none';

create or replace function coco.bucket_number(dataset_id bigint) returns integer
language sql stable set search_path = pg_catalog, pg_temp as $$
    select i
    from generate_series(0, 63) i
    where satisfies_hash_partition('coco.annotation_versions'::regclass, 64, i,
                                   bucket_number.dataset_id)
$$;
comment on function coco.bucket_number is
    'The number, 0 to 63, of the bucket that holds the leaves of this dataset; the same for '
    'annotations and matches';

create or replace function coco.bucket_of(dataset_id bigint, prefix text default 'bucket_')
returns regclass
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('coco_parts.%I', prefix || coco.bucket_number(dataset_id))::regclass
$$;
comment on function coco.bucket_of is
    'The partition of coco.annotation_versions that holds the leaves of this dataset; with the '
    'prefix match_bucket_ that of coco.match_versions';

-- The condition names the partitioned table. PostgreSQL's own bounds hold the table's OID, which
-- differs in a restored dump.
create or replace function coco.bounds_check(
    dataset_id bigint, source text, id bigint,
    id_column text default 'import_id', versions text default 'coco.annotation_versions')
returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('dataset_id = %L and source = %L and %I = %L and '
                  'satisfies_hash_partition(%L::regclass, 64, %s, dataset_id)',
                  dataset_id, source, id_column, id, versions, coco.bucket_number(dataset_id))
$$;
comment on function coco.bounds_check is
    'A condition that implies the partition bounds of a leaf and of its bucket. With a check '
    'constraint on it, ATTACH and DETACH do not scan the leaf. `id_column`: its key below '
    'dataset_id and source; `versions`: the table above its bucket';

create or replace function coco.attach_leaf(
    bucket regclass, leaf text, dataset_id bigint, source text, id bigint)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('alter table %s attach partition coco_parts.%I '
                   'for values from (%L, %L, %L) to (%L, %L, %L)',
                   bucket, leaf, dataset_id, source, id, dataset_id, source, id + 1);
end
$$;
comment on function coco.attach_leaf is
    'Attaches a loaded leaf (its name without schema) to its bucket. Transaction 2 of what it '
    'belongs to';

create or replace function coco.announce_leaves(bucket regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.await_readers(bucket);
    -- The invalidation of the attach can be lost: a backend that was building its partition list,
    -- and had read pg_inherits before the attach, caches the list without the leaf. Such backends
    -- hold the bucket, so await_readers has waited for them. This statement invalidates the
    -- relcache entry of the bucket again, and changes nothing else.
    execute format('alter table only %s alter column dataset_id set statistics -1', bucket);
end
$$;
comment on function coco.announce_leaves is
    'Waits for the backends that use the bucket, and invalidates its relcache entry again. Every '
    'query that is planned after the commit knows the leaves that were attached before';

create or replace function coco.leaf_is_published(id bigint) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (select from coco.sources s where s.import_id = id)
        or exists (select from coco.match_sources s where s.matches_id = id)
$$;
comment on function coco.leaf_is_published is
    'Whether a pointer names this import or this set of matches';

-- The COPY fills only the columns in which rows differ. complete_leaf adds the others as defaults,
-- which PostgreSQL stores once and not in every row: the rows of a run get a quarter smaller.
create or replace function coco.create_leaf(import_id bigint) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    leaf text := format('coco_parts.%I', 'a_' || import_id);
begin
    execute format('create table %s ('
                   'annotation_id bigint not null, image_id bigint not null, '
                   'bbox_x float8 not null, bbox_y float8 not null, '
                   'bbox_w float8 not null, bbox_h float8 not null, '
                   'area float8, confidence float8, category_id integer not null)',
                   leaf);
    return leaf;
end
$$;
comment on function coco.create_leaf is
    'Creates the empty leaf of an import, with the columns of a box. Returns its quoted name';

create or replace function coco.widen_leaf(leaf text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('alter table %s '
                   'add segmentation json, add keypoints json, add extra json, '
                   'add bbox_derived boolean not null default false',
                   leaf);
end
$$;
comment on function coco.widen_leaf is
    'Adds the columns for masks, keypoints and other members to a leaf (its quoted name)';

create or replace function coco.widen_leaf_for_own_ids(leaf text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.widen_leaf(leaf);
    execute format('alter table %s '
                   'add own_image boolean not null, add own_category boolean not null, '
                   'add bbox_drawn boolean not null, '
                   'add rle_height integer not null, add rle_width integer not null',
                   leaf);
end
$$;
comment on function coco.widen_leaf_for_own_ids is
    'Like widen_leaf, and adds the columns that match_late needs to replace the file''s own ids';

create or replace function coco.create_ground_truth_leaf(import_id bigint) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    leaf text := coco.create_leaf(import_id);
begin
    perform coco.widen_leaf(leaf);
    -- dataset_import_check deletes rows. While all tables are published for logical replication,
    -- that takes a replica identity.
    execute format('alter table %s '
                   'add is_crowd boolean not null, '
                   'add area_derived boolean not null, '
                   'replica identity full', leaf);
    return leaf;
end
$$;
comment on function coco.create_ground_truth_leaf is
    'Creates the empty leaf of a ground truth. Returns its quoted name';

create or replace function coco.complete_leaf(
    leaf text, dataset_id bigint, source text, import_id bigint)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- One scan validates the check here. That takes less time than a check on each row in the COPY,
    -- and ATTACH then needs no scan while it holds its locks.
    execute format('alter table %1$s '
                   'add column if not exists segmentation json, '
                   'add column if not exists keypoints json, '
                   'add column if not exists extra json, '
                   'add column if not exists is_crowd boolean not null default false, '
                   'add column if not exists bbox_derived boolean not null default false, '
                   'add column if not exists area_derived boolean not null default false, '
                   'add dataset_id bigint not null default %2$L, '
                   'add source text collate "C" not null default %3$L, '
                   'add import_id bigint not null default %4$L, '
                   'add constraint bounds check (%5$s)',
                   leaf, dataset_id, source, import_id,
                   coco.bounds_check(dataset_id, source, import_id));
end
$$;
comment on function coco.complete_leaf is
    'Adds to a loaded leaf (its quoted name) the columns that have one value in all its rows, '
    'and the check that ATTACH relies on';

create or replace function coco.leaves_warning(
    room bigint default current_setting('max_locks_per_transaction')::bigint
        * (current_setting('max_connections')::bigint
           + current_setting('max_prepared_transactions')::bigint))
returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('a query that names no dataset locks %s tables and indexes, and the lock table '
                  'has room for %s: raise max_locks_per_transaction',
                  locks, room)
    from (select greatest(65 + (select sum(2 + (s.row_count > coco.rows_to_index())::integer)
                                from coco.sources s),
                          -- A leaf of matches has two indexes, and another one if it is large.
                          65 + 4 * (select count(*) from coco.match_sources)) as locks) s
    where locks > room / 2
$$;
comment on function coco.leaves_warning is
    'A warning once a query over all leaves, of annotations or of matches, takes half of the lock '
    'table (`room` locks); null before. Workers log it at their start';
