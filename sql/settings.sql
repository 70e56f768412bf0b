-- Restores the settings that roles.sql makes. pg_dump leaves them out, except with -C. pgcoco
-- migrate runs this when a setting is missing. Only the owner can set those of the database.

begin read write;
set local search_path = pg_catalog, pg_temp;
do $$
begin
    execute format('alter role pgcoco in database %I set search_path = pg_catalog, pg_temp',
                   current_database());
    execute format('alter role pgcoco in database %I set plan_cache_mode = force_custom_plan',
                   current_database());
    if (select pg_has_role(datdba, 'usage')
        from pg_database
        where datname = current_database()) then
        execute format('alter database %I set plan_cache_mode = force_custom_plan',
                       current_database());
    end if;
end
$$;
commit;
