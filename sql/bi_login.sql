-- Makes a login for a BI tool (Metabase, Grafana …), or makes an existing role one. Run it as a
-- superuser, or a role with CREATEROLE that may grant coco_bi, in the database of pgcoco, after
-- roles.sql and pgcoco migrate:
--
--     psql -d DATABASE -v login=metabase -f bi_login.sql
--
-- The login gets the rights of coco_bi, and settings that keep what it asks for small. Settings of
-- coco_bi itself would do nothing: a login has its own settings, and not those of the roles that it
-- is a member of. They hold in this database only. It may change most of them in its session: what
-- keeps it from writing is that it has no right to. Running this again does no harm; it restores
-- the settings. Give the login a password with \password.

\set ON_ERROR_STOP on
\if :{?login}
\else
\echo 'name the login: psql -v login=metabase -f bi_login.sql'
do $$ begin raise exception 'the variable login is not set'; end $$;
\endif

begin;
set local search_path = pg_catalog, pg_temp;

select format('create role %I login', :'login')
    where not exists (select from pg_roles where rolname = :'login') \gexec
select format('grant coco_bi to %I', :'login') \gexec
select format('alter role %I in database %I set %s = %L', :'login', current_database(), s.name,
              s.value)
    from (values
        -- Views are found without a schema, and nobody else's are.
        ('search_path', 'coco'),
        ('default_transaction_read_only', 'on'),
        -- Tools read all values of a column, and ask again when they were not answered in time.
        ('statement_timeout', '30s'),
        -- An open transaction keeps replaced rows from being dropped.
        ('idle_in_transaction_session_timeout', '1min'),
        -- A migration that waits for a view makes others wait behind it.
        ('lock_timeout', '5s'),
        -- Large sorts go to the disk, and end with an error here.
        ('temp_file_limit', '1GB'),
        -- Cores are for imports and evaluations.
        ('max_parallel_workers_per_gather', '0'),
        -- To compile these queries takes longer than to run them.
        ('jit', 'off')) s (name, value)
    -- Where there is no superuser, as at some hosts, the login does without this one.
    where s.name <> 'temp_file_limit'
       or (select rolsuper from pg_roles where rolname = current_user) \gexec

commit;
