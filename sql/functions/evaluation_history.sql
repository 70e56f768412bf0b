-- Forgets evaluations: those beyond a number, and the curves and matrices of imports that were
-- replaced. Who cleans up skips what is locked.

create or replace function coco.prune_evaluations(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    kept constant integer := 200;
    kept_curves constant integer := 8;
    e coco.evaluations;
begin
    select v.import_id, v.ground_truth, v.dataset_id, v.run_name
        into e.import_id, e.ground_truth, e.dataset_id, e.run_name
        from coco.evaluations v
        where v.evaluation_id = id;
    perform coco.delete_evaluations(array(
        select v.evaluation_id
        from coco.evaluations v
        where v.import_id = e.import_id and v.ground_truth = e.ground_truth
          and not v.is_default and v.evaluation_id <> id
        order by v.evaluation_id desc offset kept - 1));
    perform coco.delete_curves(array(
        select v.evaluation_id
        from coco.evaluations v
        where v.import_id = e.import_id and v.ground_truth = e.ground_truth
          and not v.is_default and v.evaluation_id <> id
        order by v.evaluation_id desc offset kept_curves - 1));
    -- Of imports that were replaced while they were evaluated.
    perform coco.delete_curves(array(
        select v.evaluation_id
        from coco.evaluations v
        where v.dataset_id = e.dataset_id and v.run_name = e.run_name
          and v.retired_at is not null and v.evaluation_id <> id
          and exists (select from coco.evaluation_curves c
                      where c.evaluation_id = v.evaluation_id)));
end
$$;
comment on function coco.prune_evaluations is
    'Bounds what is kept beside this evaluation: for its two imports, the newest 200 evaluations '
    'whose parameters are not COCO''s, and the curves of the newest 8 of them; no curves of '
    'replaced imports of its run';

create or replace function coco.delete_evaluations(ids bigint[]) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    delete from coco.evaluations
    where evaluation_id in (select e.evaluation_id
                            from coco.evaluations e
                            where e.evaluation_id = any (ids)
                            for update skip locked)
$$;
comment on function coco.delete_evaluations is
    'Deletes these evaluations with their classes and curves, except those that another '
    'transaction has locked';

create or replace function coco.delete_curves(ids bigint[]) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    delete from coco.evaluation_curves
    where evaluation_id in (select e.evaluation_id
                            from coco.evaluations e
                            where e.evaluation_id = any (ids)
                            for no key update skip locked)
$$;
comment on function coco.delete_curves is
    'Deletes the curves of these evaluations, except those that another transaction has locked';

create or replace function coco.retire_evaluations(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    history constant integer := 10000;
    of_dataset bigint;
begin
    with retired as (
        update coco.evaluations e
            set retired_at = clock_timestamp(), matrix = null
            where (e.import_id = id or e.ground_truth = id) and e.retired_at is null
            returning e.evaluation_id, e.dataset_id
    ), cleared as (
        delete from coco.evaluation_curves c
        using retired r
        where c.evaluation_id = r.evaluation_id
    )
    select r.dataset_id into of_dataset from retired r limit 1;
    if found then
        perform coco.delete_evaluations(array(
            select e.evaluation_id
            from coco.evaluations e
            where e.dataset_id = of_dataset and e.retired_at is not null
            order by e.is_default desc, e.evaluation_id desc offset history));
    end if;
end
$$;
comment on function coco.retire_evaluations is
    'Turns the evaluations of an import into history: they lose curves and matrix. Keeps 10,000 '
    'of a dataset, those with COCO''s parameters longest. Part of coco.retire';
