-- Drops the functions of an earlier version that no file defines any more. All files of functions
-- were applied in this transaction, so what is left over was written by an older one.
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
