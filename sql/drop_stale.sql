-- Drops functions that no file defines any more. This transaction has just applied every file of
-- functions, so each function of coco that an older transaction wrote is stale. Serves upgrades.

do $$
declare
    stale text;
begin
    for stale in
        select format('%I.%I(%s)', 'coco', proname, pg_get_function_identity_arguments(oid))
        from pg_proc
        where pronamespace = 'coco'::regnamespace
          and proowner = (select oid from pg_roles where rolname = 'pgcoco')
          and xmin <> pg_current_xact_id()::xid
    loop
        execute 'drop function ' || stale;
    end loop;
end
$$;
