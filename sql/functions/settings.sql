-- Settings: those of the role or the database that pgcoco relies on, and those that would break it.
-- pg_dump leaves them out, so pgcoco migrate asks which are missing. Imports and exports override
-- the others for their transaction.

create or replace function coco.missing_settings() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('database %I lacks the setting plan_cache_mode = force_custom_plan: '
                  'queries may miss the rows of a run that was just replaced; '
                  'as a superuser, run psql -f roles.sql in it',
                  current_database())
    where not exists (
        select from pg_db_role_setting
        where setdatabase = (select oid from pg_database where datname = current_database())
          and setrole = 0 and 'plan_cache_mode=force_custom_plan' = any (setconfig))
$$;
comment on function coco.missing_settings is
    'Names a setting that the database lacks, and what to run; null if none is missing';

create or replace function coco.apply_settings() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('statement_timeout', '0', true);
    perform set_config('idle_in_transaction_session_timeout', '0', true);
    if current_setting('transaction_timeout', true) is not null then -- PostgreSQL 17
        perform set_config('transaction_timeout', '0', true);
    end if;
    -- Functions cut and compare names that format('%I') has quoted, and contain backslashes.
    perform set_config('quote_all_identifiers', 'off', true);
    perform set_config('standard_conforming_strings', 'on', true);
end
$$;
comment on function coco.apply_settings is
    'Overrides settings of the role or the database that would break an import or an export, until '
    'the end of the transaction';
