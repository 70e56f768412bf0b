create or replace function coco.missing_settings() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format('database %I lacks the setting plan_cache_mode = force_custom_plan: '
                  'queries may miss the rows of a run that was just replaced; run pgcoco migrate '
                  'as the owner of the database', current_database())
    where not exists (
        select from pg_db_role_setting
        where setdatabase = (select oid from pg_database where datname = current_database())
          and setrole = 0 and 'plan_cache_mode=force_custom_plan' = any (setconfig))
$$;
comment on function coco.missing_settings is
    'What to do about settings of the database that a restored dump lacks; null when there are all';
