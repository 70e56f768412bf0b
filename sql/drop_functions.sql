-- Drops the functions of the version before: their files, which are applied next in the same
-- transaction, create them anew. Replacing them in place would leave those that no file defines any
-- more, and those whose arguments have changed. A function that a view uses stays, and is replaced.
-- Dropping a function makes nobody wait.
do $$
declare
    old oid;
begin
    for old in
        select p.oid
        from pg_proc p
        where p.pronamespace = 'coco'::regnamespace
          and p.proowner = (select oid from pg_roles where rolname = 'pgcoco')
          and not exists (
              select from pg_depend d
              where d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid)
    loop
        execute format('drop function %s', old::regprocedure);
    end loop;
end
$$;
