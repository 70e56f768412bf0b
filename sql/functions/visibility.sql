-- A transaction that has locked a bucket already gets no invalidation of it when it plans a prepared
-- statement again: it would read the new pointer and miss the rows. Opening any other relation makes
-- the backend process pending invalidations. Declared immutable, so that it runs while a statement is
-- planned, before the leaves are looked up, and never for a row; parallel safe, so that queries on
-- coco.annotations may run in parallel. It opens a catalog that queries do not lock: with a table of
-- coco, a view of another owner would fail for users without rights on the schema.
create or replace function coco.hear_of_new_leaves() returns boolean
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
    return pg_relation_size('pg_catalog.pg_ts_parser') >= 0;
end
$$;
comment on function coco.hear_of_new_leaves is
    'Always true. Called while a query is planned: the planner then knows all leaves';
