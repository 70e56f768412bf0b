create or replace function coco.check_name(what text, name text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if name is null or name !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' then
        raise exception using errcode = 'CO400', message = format(
            'a %s is made of 1 to 63 letters, digits, dots, dashes and underscores and begins with a letter or a digit', what);
    end if;
end
$$;
comment on function coco.check_name is 'CO400 unless this can be the name of a dataset, a run or a split';

create or replace function coco.dataset_find(d text) returns coco.datasets
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    found_row coco.datasets;
begin
    if d ~ '^[0-9]{1,18}$' then
        select * into found_row from coco.datasets where id = d::bigint;
    else
        select * into found_row from coco.datasets where name = d;
    end if;
    if found_row.id is null then
        raise exception using errcode = 'CO401', message = format('there is no dataset %s', left(d, 63));
    end if;
    return found_row;
end
$$;
comment on function coco.dataset_find is 'A dataset by its id or its name; CO401 when there is none';
