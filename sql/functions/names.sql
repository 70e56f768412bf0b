-- Names: checks the names of datasets, runs and splits, and finds a dataset by its id or name. Used
-- by every function that takes a name from a client.

create or replace function coco.shown(name text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select regexp_replace(left(name, 40), '[^ -~]', '?', 'g')
           || case when length(name) > 40 then '...' else '' end
$$;
comment on function coco.shown is
    'A text of a file as messages show it: printable ASCII, at most 43 characters';

create or replace function coco.as_dataset_id(d text) returns bigint
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    return case when d ~ '^[1-9][0-9]{0,17}$' then d::bigint end;
end
$$;
comment on function coco.as_dataset_id is
    'The id that d is. Null if it is a name: no name is a number, and no id is written with a zero '
    'in front';

create or replace function coco.check_name(what text, name text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if name is null or name !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' then
        raise exception using
            errcode = 'CO400',
            message = format('%s must be 1 to 63 letters, digits, dots, dashes and underscores, '
                             'beginning with a letter or a digit, not "%s"',
                             what, coco.shown(name));
    end if;
end
$$;
comment on function coco.check_name is
    'Raises CO400 unless the name can be the name of a dataset, a run or a split. `what` begins '
    'the message';

create or replace function coco.dataset_find(d text) returns coco.datasets
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    found_row coco.datasets;
begin
    found_row.id := coalesce(coco.as_dataset_id(d),
                             (select s.id from coco.datasets s where s.name = d));
    -- A row that a function returns is read as a whole. With the others it may have 12 MiB.
    select s.id, s.name, s.created_at, s.image_count, s.annotation_count, s.category_count,
           s.prediction_count, s.first_text_image, s.info_bytes, s.licenses_bytes
        into found_row.id, found_row.name, found_row.created_at, found_row.image_count,
             found_row.annotation_count, found_row.category_count, found_row.prediction_count,
             found_row.first_text_image, found_row.info_bytes, found_row.licenses_bytes
        from coco.datasets s
        where s.id = found_row.id;
    if found_row.id is null then
        raise exception using
            errcode = 'CO401',
            message = format('there is no dataset %s', left(d, 63));
    end if;
    return found_row;
end
$$;
comment on function coco.dataset_find is
    'The dataset with this id (digits only) or name, without its info, licenses and extra. Raises '
    'CO401 if there is none';

create or replace function coco.first_runs(dataset_id bigint, n integer) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return array(
        select case when r.nth <= n then r.source else '...' end
        from (select s.source, row_number() over (order by s.source) as nth
              from coco.sources s
              where s.dataset_id = first_runs.dataset_id and s.source <> 'ground_truth'
              order by s.source limit n + 1) r
        order by r.nth);
end
$$;
comment on function coco.first_runs is
    'The names of the first n runs of a dataset, and "..." if there are more';

create or replace function coco.raise_unknown_run(ds coco.datasets, run text) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    known text := array_to_string(coco.first_runs(ds.id, 3), ', ');
begin
    raise exception using
        errcode = 'CO402',
        message = format('dataset %s has no run %s (%s)', ds.name, left(run, 63),
                         case when known = '' then 'it has no runs'
                              else 'its runs: ' || known end);
end
$$;
comment on function coco.raise_unknown_run is
    'Raises CO402. The message names the first three runs of the dataset';
