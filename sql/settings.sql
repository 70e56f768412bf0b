-- Settings of the database and of the role in it. pg_dump leaves them out (but for pg_dump -C), so a
-- restored database lacks them.
begin;
set local search_path = pg_catalog, pg_temp;
do $$
begin
    execute format('alter role pgcoco in database %I set search_path = pg_catalog, pg_temp',
                   current_database());
    execute format('alter role pgcoco in database %I set plan_cache_mode = force_custom_plan',
                   current_database());
    if (select pg_has_role(datdba, 'usage') from pg_database where datname = current_database()) then
        execute format('alter database %I set plan_cache_mode = force_custom_plan',
                       current_database());
    end if;
end
$$;
commit;
