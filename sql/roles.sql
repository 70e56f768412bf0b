-- The roles, and the settings that only a superuser, or the database's owner with CREATEROLE, can
-- make. Apply it in the database that pgcoco shall use, PostgreSQL 14 or later:
--
--     psql -v ON_ERROR_STOP=1 -d DATABASE -f roles.sql
--
-- and then, as pgcoco:  pgcoco migrate --db dbname=DATABASE
-- Applying it again is harmless.

begin;
set local search_path = pg_catalog, pg_temp;

do $$
begin
    if current_setting('server_version_num')::int < 140000 then
        raise exception 'pgcoco needs PostgreSQL 14 or later, this is %',
            current_setting('server_version');
    end if;
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'pgcoco needs a database in UTF8, % is in %',
            current_database(), current_setting('server_encoding');
    end if;
    if not exists (select from pg_roles where rolname = 'pgcoco') then
        create role pgcoco login;
    end if;
    if not exists (select from pg_roles where rolname = 'coco_reader') then
        create role coco_reader nologin;
    end if;
    -- A replaced import can be dropped when no snapshot of any role needs it: pgcoco must see them.
    if (select rolsuper from pg_roles where rolname = current_user) then
        grant pg_read_all_stats to pgcoco;
    elsif not pg_has_role('pgcoco', 'pg_read_all_stats', 'usage') then
        raise warning 'a superuser must run: grant pg_read_all_stats to pgcoco; '
            'until then replaced imports stay while other roles are connected';
    end if;
    execute format('grant connect, create, temporary on database %I to pgcoco', current_database());
    execute format('alter role pgcoco in database %I set search_path = pg_catalog, pg_temp',
                   current_database());
    -- A generic plan over thousands of leaves locks every one of them. Used again in a transaction
    -- in which a run was replaced, it does not know the new leaf.
    execute format('alter role pgcoco in database %I set plan_cache_mode = force_custom_plan',
                   current_database());
    execute format('alter database %I set plan_cache_mode = force_custom_plan', current_database());
end
$$;

commit;
