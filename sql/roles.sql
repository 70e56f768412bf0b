-- Creates the roles pgcoco, coco_reader and coco_bi, and the settings that pgcoco relies on. Only
-- this file and bi_login.sql need a superuser; for this one, the owner of the database with
-- CREATEROLE will do. The server must be PostgreSQL 14 or later. Run it in the database that pgcoco
-- will use:
--
--     psql -v ON_ERROR_STOP=1 -d DATABASE -f roles.sql
--
-- Then, as pgcoco:  pgcoco migrate --db dbname=DATABASE
-- Running it again does no harm.

begin;
set local search_path = pg_catalog, pg_temp;

do $$
begin
    if current_setting('server_version_num')::int < 140000 then
        raise exception 'this server is PostgreSQL %; pgcoco needs 14 or later',
            current_setting('server_version');
    end if;
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'database % has the encoding %; pgcoco needs UTF8',
            current_database(), current_setting('server_encoding');
    end if;
    if not exists (select from pg_roles where rolname = 'pgcoco') then
        create role pgcoco login;
    end if;
    if not exists (select from pg_roles where rolname = 'coco_reader') then
        create role coco_reader nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'coco_bi') then
        create role coco_bi nologin;
    end if;
    -- The collection drops a replaced import once no snapshot can need it. Only pg_read_all_stats
    -- shows the snapshots of other roles.
    if (select rolsuper from pg_roles where rolname = current_user) then
        grant pg_read_all_stats to pgcoco;
    elsif not pg_has_role('pgcoco', 'pg_read_all_stats', 'usage') then
        raise warning 'pgcoco lacks pg_read_all_stats: it keeps replaced imports while other roles '
            'are connected; as a superuser run: grant pg_read_all_stats to pgcoco';
    end if;
    -- CREATE is for the schemas coco and coco_parts.
    execute format('grant connect, create on database %I to pgcoco', current_database());
    execute format('alter role pgcoco in database %I set search_path = pg_catalog, pg_temp',
                   current_database());
    -- A generic plan over thousands of leaves locks every one of them. And a transaction that runs
    -- it again after a run was replaced misses the new leaf.
    execute format('alter role pgcoco in database %I set plan_cache_mode = force_custom_plan',
                   current_database());
    execute format('alter database %I set plan_cache_mode = force_custom_plan', current_database());
end
$$;

commit;
