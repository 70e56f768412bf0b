-- Images: lists of the images of a dataset, chosen and sorted. A list reads candidates in its order,
-- and tests each against the filters; what reads the candidates is an index that has this order.
-- It reads a bounded number of them: a page that found few images until then is short, and the next
-- one goes on behind the last candidate.

create or replace function coco.rows_to_index() returns bigint
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select 20000
$$;
comment on function coco.rows_to_index is
    'Leaves with more rows than this get an index by class, or by outcome; see coco.preparations';

create or replace function coco.leaf_has_index(leaf text, suffix text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    -- Not by to_regclass: readers may not use the schema.
    return exists (
        select from pg_class c
        join pg_namespace s on s.oid = c.relnamespace
        join pg_index i on i.indexrelid = c.oid
        where s.nspname = 'coco_parts' and c.relname = leaf || suffix and i.indisvalid);
end
$$;
comment on function coco.leaf_has_index is
    'Whether the collection has built this index of a leaf (its name without schema)';

create or replace function coco.has_image_keys(import_id bigint) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return exists (select from coco.image_keys k where k.import_id = has_image_keys.import_id);
end
$$;
comment on function coco.has_image_keys is
    'Whether coco.image_keys has the images of this import of a ground truth';

create or replace function coco.needs_image_keys(import_id bigint) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return exists (
        select from coco.sources s
        join coco.datasets d on d.id = s.dataset_id
        where s.import_id = needs_image_keys.import_id and s.source = 'ground_truth'
          and (d.image_count > 10000 or s.row_count > 100000));
end
$$;
comment on function coco.needs_image_keys is
    'Whether this is the published ground truth of a dataset that is too large to sort its images '
    'for each list';

create or replace function coco.make_image_keys(import_id bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id bigint := (select s.dataset_id from coco.sources s
                  where s.import_id = make_image_keys.import_id);
    made bigint;
begin
    -- One statement, one snapshot: if the import is published, these are its images.
    insert into coco.image_keys (import_id, image_id, place, name, pixels, annotations)
        select make_image_keys.import_id, i.image_id, row_number() over (order by i.image_id),
               coalesce(left(i.file_name, 200), ''),
               coalesce(i.width::bigint * i.height, 0), coalesce(n.n, 0)
        from coco.images i
        left join (select a.image_id, count(*) as n
                   from coco.annotations a
                   where a.dataset_id = id and a.source = 'ground_truth'
                   group by a.image_id) n on n.image_id = i.image_id
        where i.dataset_id = id and coco.needs_image_keys(make_image_keys.import_id)
        order by i.image_id;
    get diagnostics made = row_count;
    return made;
end
$$;
comment on function coco.make_image_keys is
    'Writes the rows of coco.image_keys for a published ground truth that needs them. Returns '
    'their number';

create or replace function coco.drop_image_keys(import_id bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    gone bigint;
begin
    delete from coco.image_keys k where k.import_id = drop_image_keys.import_id;
    get diagnostics gone = row_count;
    return gone;
end
$$;
comment on function coco.drop_image_keys is
    'Removes the rows of coco.image_keys of an import that is not published any more';

create or replace function coco.preparations()
returns table (leaf text, action text, command text)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        with recursive kept as (
            select min(k.import_id) as id from coco.image_keys k
            union all
            select (select min(k.import_id) from coco.image_keys k where k.import_id > kept.id)
            from kept
            where kept.id is not null
        )
        select format('coco_parts.%I', 'a_' || k.id), 'keys',
               format('select coco.drop_image_keys(%L)', k.id)
        from kept k
        where k.id is not null
          and not exists (select from coco.sources s where s.import_id = k.id);
    return query
        select format('coco_parts.%I', 'a_' || s.import_id), 'index',
               format('create index if not exists %I on coco_parts.%I (category_id, image_id)',
                      format('a_%s_class', s.import_id), 'a_' || s.import_id)
        from coco.sources s
        where s.row_count > coco.rows_to_index()
          and not coco.leaf_has_index('a_' || s.import_id, '_class')
        order by s.import_id;
    return query
        select format('coco_parts.%I', 'm_' || m.matches_id), 'index',
               format('create index if not exists %I on coco_parts.%I (outcome, image_id)',
                      format('m_%s_outcome', m.matches_id), 'm_' || m.matches_id)
        from coco.match_sources m
        where m.detection_count + m.truth_count > coco.rows_to_index()
          and not coco.leaf_has_index('m_' || m.matches_id, '_outcome')
        order by m.matches_id;
    return query
        select format('coco_parts.%I', 'a_' || s.import_id), 'keys',
               format('select coco.make_image_keys(%L)', s.import_id)
        from coco.sources s
        where s.source = 'ground_truth' and not coco.has_image_keys(s.import_id)
          and coco.needs_image_keys(s.import_id)
        order by s.import_id;
end
$$;
comment on function coco.preparations is
    'What the collection does after a publication, so that lists of images need not read all rows: '
    'indexes of large leaves by class and by outcome, and coco.image_keys. Nothing that is there';

-- ---- what is asked for ----------------------------------------------------------------------

create or replace function coco.refuse_images(message text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using errcode = 'CO400', message = message;
end
$$;
comment on function coco.refuse_images is 'Raises CO400';

create or replace function coco.source_import(ds coco.datasets, source text) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id bigint := (select s.import_id from coco.sources s
                  where s.dataset_id = ds.id and s.source = source_import.source);
begin
    if id is null then
        perform coco.raise_unknown_run(ds, source);
    end if;
    return id;
end
$$;
comment on function coco.source_import is
    'The published import of a run, or of ground_truth. Raises CO402';

create or replace function coco.check_image_filters(
    ds coco.datasets, split text, slice text, source text, min_confidence float8, outcome text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    if split is not null then
        perform coco.check_split(ds, split);
    end if;
    if slice is not null
       and not exists (select from coco.slices s
                       where s.dataset_id = ds.id and s.slice = check_image_filters.slice) then
        perform coco.raise_unknown_slice(ds, slice);
    end if;
    if coalesce(source, 'ground_truth') = 'ground_truth' then
        if min_confidence is not null then
            perform coco.refuse_images('min_confidence is for the detections of a run: give the '
                                       'run as source');
        elsif outcome is not null then
            perform coco.refuse_images('outcome is for a run: give the run as source');
        end if;
    end if;
end
$$;
comment on function coco.check_image_filters is
    'Raises CO400 for an unknown split, or a filter that needs a run; CO404 for an unknown slice';

create or replace function coco.image_choice_of(
    ds coco.datasets, sort text, split text, slice text, category text, source text,
    min_confidence float8, outcome text, iou_type text, search text, file_name text)
returns coco.image_choice
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    c coco.image_choice;
    by_name constant boolean := file_name is not null or search like '%*';
begin
    perform coco.check_image_filters(ds, split, slice, source, min_confidence, outcome);
    c.dataset_id := ds.id;
    c.ground_truth := coco.ground_truth_of(ds.id);
    c.is_descending := coalesce(sort like '-%', false);
    c.key := case coalesce(ltrim(sort, '-'), case when by_name then 'file_name' else 'id' end)
                 when 'id' then 'id' when 'file_name' then 'name' when 'size' then 'pixels'
                 when 'annotations' then 'annotations' end;
    if c.key is null then
        perform coco.refuse_images(format('sort must be id, file_name, size or annotations, with a '
                                          'dash in front for the reverse, not "%s"',
                                          coco.shown(sort)));
    end if;
    c.split := split;
    c.slice := slice;
    c.category_id := coco.category_of(ds, category);
    if coalesce(source, category) is not null then
        c.source := coalesce(source, 'ground_truth');
        c.import_id := coco.source_import(ds, c.source);
    end if;
    c.min_confidence := min_confidence;
    if outcome is not null then
        c.outcome := coco.outcome_of(outcome);
        c.iou_type := coalesce(iou_type, 'bbox');
        c.matches_id := (coco.required_matches(ds, source, c.iou_type)).matches_id;
    end if;
    -- Rows of ground truths have the other outcomes, too.
    c.class_source := case
        when c.category_id is null then null
        when c.outcome is null or c.outcome in ('true_positive', 'duplicate', 'background')
            then c.source
        when c.outcome = 'missed' then 'ground_truth' end;
    c.class_import := case when c.class_source = 'ground_truth' then c.ground_truth
                           when c.class_source is not null then c.import_id end;
    c.search := case when search not like '%*' then search end;
    c.search_start := case when search like '%*' then left(search, -1) end;
    c.file_name := file_name;
    return c;
end
$$;
comment on function coco.image_choice_of is
    'What a request for images means. Raises CO400, CO402, CO404 or CO405';

-- ---- candidates -----------------------------------------------------------------------------

-- These make SQL of fixed texts. Values are parameters: $1 the choice, $2 and $3 the key and the id
-- after which the page begins, $4 the images of a page and one, $5 the bound of candidates.
-- Subqueries with a limit stay subqueries: as joins they might read whole leaves.

create or replace function coco.chosen_rows(c coco.image_choice, alias text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format(
        case when c.outcome is not null then
                 'coco.matches %1$I where %1$I.dataset_id = ($1).dataset_id '
                 'and %1$I.source = ($1).source and %1$I.iou_type = ($1).iou_type '
                 'and %1$I.outcome = ($1).outcome'
             else
                 'coco.annotations %1$I where %1$I.dataset_id = ($1).dataset_id '
                 'and %1$I.source = ($1).source' end
        || case when c.category_id is not null then ' and %1$I.category_id = ($1).category_id'
                else '' end
        || case when c.min_confidence is null then ''
                when c.outcome is null then ' and %1$I.confidence >= ($1).min_confidence'
                else ' and (%1$I.is_truth or %1$I.confidence >= ($1).min_confidence)' end,
        alias)
$$;
comment on function coco.chosen_rows is
    'SQL that reads the rows of the source that satisfy the filters together';

create or replace function coco.row_test(c coco.image_choice, alias text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format('coalesce((select true from %s and a.image_id = %I.image_id limit 1), false)',
                  coco.chosen_rows(c, 'a'), alias)
$$;
comment on function coco.row_test is
    'SQL that tells whether an image has a row of the source that satisfies the filters together';

create or replace function coco.name_test(c coco.image_choice, alias text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select concat_ws(' and ',
        case when c.split is not null then format('%I.split = ($1).split', alias) end,
        case when c.file_name is not null then format('%I.file_name = ($1).file_name', alias) end,
        case when c.search is not null
             then format('position(($1).search in %I.file_name) > 0', alias) end,
        case when c.search_start is not null
             then format('starts_with(%I.file_name, ($1).search_start)', alias) end)
$$;
comment on function coco.name_test is
    'SQL that tests what coco.images says of an image: split and file name. Empty: nothing to test';

create or replace function coco.image_tests(
    c coco.image_choice, alias text, driver text)
returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    name_test constant text := coco.name_test(c, case when driver = 'images' then alias
                                                      else 'i' end);
    tests text[] := '{}';
begin
    if name_test <> '' or driver = 'slice' then
        tests := tests || case when driver = 'images' then name_test
                               else format('coalesce((select %s from coco.images i '
                                           'where i.dataset_id = ($1).dataset_id '
                                           'and i.image_id = %I.image_id), false)',
                                           coalesce(nullif(name_test, ''), 'true'), alias) end;
    end if;
    if c.slice is not null and driver <> 'slice' then
        tests := tests || format('coalesce((select true from coco.slices s '
                                 'where s.dataset_id = ($1).dataset_id and s.slice = ($1).slice '
                                 'and s.image_id = %I.image_id limit 1), false)', alias);
    end if;
    if c.source is not null and driver <> 'rows'
       and not (driver = 'class' and c.outcome is null and c.min_confidence is null)
       and not (driver = 'outcome' and c.category_id is null and c.min_confidence is null) then
        tests := tests || coco.row_test(c, alias);
    end if;
    return coalesce(nullif(array_to_string(tests, ' and '), ''), 'true');
end
$$;
comment on function coco.image_tests is
    'SQL that tests a candidate against the filters that the driver does not satisfy by itself';

create or replace function coco.driver_rows(c coco.image_choice, driver text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case driver
        when 'images' then 'coco.images r where r.dataset_id = ($1).dataset_id'
        when 'slice' then
            'coco.slices r where r.dataset_id = ($1).dataset_id and r.slice = ($1).slice'
        when 'class' then
            'coco.annotations r where r.dataset_id = ($1).dataset_id '
            'and r.source = ($1).class_source and r.category_id = ($1).category_id'
        when 'outcome' then
            'coco.matches r where r.dataset_id = ($1).dataset_id and r.source = ($1).source '
            'and r.iou_type = ($1).iou_type and r.outcome = ($1).outcome'
        when 'rows' then coco.chosen_rows(c, 'r')
        end
$$;
comment on function coco.driver_rows is
    'SQL that reads candidates: all images, those of the slice, or rows of the class or the '
    'outcome, which an index has in the order of images; or the rows that satisfy the filters, in '
    'a small leaf';

create or replace function coco.image_driver(c coco.image_choice) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return case
        when c.outcome is not null
             and (select m.detection_count + m.truth_count from coco.match_sources m
                  where m.matches_id = c.matches_id) <= coco.rows_to_index() then 'rows'
        when c.outcome is not null and coco.leaf_has_index('m_' || c.matches_id, '_outcome')
             and (c.class_import is null
                  or coco.driver_size(c, 'outcome') <= coco.driver_size(c, 'class'))
            then 'outcome'
        when c.class_import is not null and coco.leaf_has_index('a_' || c.class_import, '_class')
            then 'class'
        when c.outcome is not null then null
        when coalesce(c.category_id, c.min_confidence) is not null
             and (select s.row_count from coco.sources s
                  where s.import_id = c.import_id) <= coco.rows_to_index() then 'rows'
        end;
end
$$;
comment on function coco.image_driver is
    'What reads the candidates, if a source is asked for (see driver_rows); null if images are '
    'read in turn instead';

create or replace function coco.place_of(ds bigint, image bigint) returns float8
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
declare
    place constant float8 := (
        select k.place from coco.image_keys k
        where k.import_id = coco.ground_truth_of(ds) and k.image_id = image);
    low constant float8 := (select i.image_id from coco.images i
                            where i.dataset_id = ds order by i.image_id limit 1);
    high constant float8 := (select i.image_id from coco.images i
                             where i.dataset_id = ds order by i.image_id desc limit 1);
    images constant bigint := (select d.image_count from coco.datasets d where d.id = ds);
begin
    return greatest(coalesce(place, images * (image - low) / nullif(high - low, 0), images), 1)
           / images;
end
$$;
comment on function coco.place_of is
    'Which part of the images comes before this one in the order of ids, 0 to 1; as if ids were '
    'spread evenly while coco.image_keys is not there';

create or replace function coco.slice_size(
    ds bigint, slice text, most bigint, out n bigint, out exact boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
declare
    last bigint;
begin
    select count(*), max(s.image_id) into n, last
        from (select s.image_id from coco.slices s
              where s.dataset_id = ds and s.slice = slice_size.slice
              order by s.image_id limit most + 1) s;
    exact := n <= most;
    if exact then
        n := (select count(*)
              from coco.slices s
              join coco.images i on i.dataset_id = s.dataset_id and i.image_id = s.image_id
              where s.dataset_id = ds and s.slice = slice_size.slice);
    else
        n := greatest(n, round(n / coco.place_of(ds, last)));
    end if;
end
$$;
comment on function coco.slice_size is
    'How many images a slice has: counted up to `most`; otherwise as its first ones make expect';

create or replace function coco.driver_size(c coco.image_choice, driver text) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return case driver
        when 'images' then
            (select d.image_count from coco.datasets d where d.id = c.dataset_id)
        when 'slice' then (coco.slice_size(c.dataset_id, c.slice, 5000)).n
        when 'class' then
            (select sum(n.n) from coco.class_counts n
             where n.import_id = c.class_import and n.category_id = c.category_id)
        when 'outcome' then
            (select sum(n.n) from coco.match_counts n
             where n.matches_id = c.matches_id and n.outcome = c.outcome)
        when 'rows' then coco.rows_to_index()
        end;
end
$$;
comment on function coco.driver_size is
    'How many rows the driver can read at most, from kept counts; estimated for a large slice';

create or replace function coco.candidates_by_id(c coco.image_choice, driver text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format('select %s from %s and ($3 is null or r.image_id %s $3) '
                  'order by r.image_id %s limit $5',
                  case when driver = 'images' then 'r.image_id, r.split, r.file_name'
                       else 'r.image_id' end,
                  coco.driver_rows(c, driver),
                  case when c.is_descending then '<' else '>' end,
                  case when c.is_descending then 'desc' else 'asc' end)
$$;
comment on function coco.candidates_by_id is 'SQL that reads candidates in the order of ids';

create or replace function coco.candidates_by_key(
    c coco.image_choice, driver text, has_keys boolean)
returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format(
        'select k.image_id from (%1$s) k where ($3 is null or (k.%2$I, k.image_id) %3$s '
        '($2::%4$s, $3)) order by k.%2$I %5$s, k.image_id %5$s limit $5',
        case
            when has_keys and driver = 'images' then
                'select * from coco.image_keys k where k.import_id = ($1).ground_truth'
                || case when c.file_name is not null
                        then ' and k.name = left(($1).file_name, 200)' else '' end
                || case when c.search_start is not null
                        then ' and k.name >= left(($1).search_start, 200) '
                             'and k.name <= left(($1).search_start, 200) || U&''\+10FFFF'''
                        else '' end
            when has_keys then
                'select k.* from (select distinct r.image_id from ' || coco.driver_rows(c, driver)
                || ') r join coco.image_keys k on k.import_id = ($1).ground_truth '
                   'and k.image_id = r.image_id'
            else
                'select i.image_id, coalesce(left(i.file_name, 200), '''') collate "C" as name, '
                'coalesce(i.width::bigint * i.height, 0) as pixels'
                || case when c.key <> 'annotations' then ' from coco.images i' else
                        ', coalesce(n.n, 0) as annotations from coco.images i left join ('
                        'select a.image_id, count(*) as n from coco.annotations a '
                        'where a.dataset_id = ($1).dataset_id and a.source = ''ground_truth'' '
                        'group by a.image_id) n on n.image_id = i.image_id' end
                || ' where i.dataset_id = ($1).dataset_id'
                || case when driver = 'images' then '' else
                        ' and i.image_id = any (array(select distinct r.image_id from '
                        || coco.driver_rows(c, driver) || '))' end
        end,
        c.key, case when c.is_descending then '<' else '>' end,
        case when c.key = 'name' then 'text' else 'bigint' end,
        case when c.is_descending then 'desc' else 'asc' end)
$$;
comment on function coco.candidates_by_key is
    'SQL that reads candidates in the order of a key: along an index of coco.image_keys; sorted, '
    'if the driver has few rows, or the keys are not there';

create or replace function coco.candidates(
    c coco.image_choice, inout driver text, out candidates text, out numbered text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    has_keys constant boolean := c.key <> 'id' and coco.has_image_keys(c.ground_truth);
begin
    if c.key = 'id' then
        if c.slice is not null and driver in ('class', 'outcome')
           and (coco.slice_size(c.dataset_id, c.slice, 5000)).n
               < coco.driver_size(c, driver) / 2 then
            driver := null;
        end if;
        driver := coalesce(driver, case when c.slice is not null then 'slice' else 'images' end);
        candidates := coco.candidates_by_id(c, driver);
    else
        if driver <> 'rows' and coco.driver_size(c, driver) > 20000 then
            driver := null;
        end if;
        candidates := coco.candidates_by_key(c, coalesce(driver, 'images'), has_keys);
        driver := coalesce(driver, 'keys');
    end if;
    -- Counts candidates as they come; a sort would have to read all of them first.
    numbered := case
        when c.key = 'id' and driver in ('class', 'outcome', 'rows') then
            format('select o.image_id, max(o.nth) as nth from (select r.image_id, '
                   'row_number() over (order by r.image_id %2$s) as nth from (%1$s) r) o '
                   'group by o.image_id order by o.image_id %2$s',
                   candidates, case when c.is_descending then 'desc' else 'asc' end)
        else format('select r.*, row_number() over () as nth from (%s) r', candidates) end;
end
$$;
comment on function coco.candidates is
    'SQL that reads candidates in order, and the same with the number of rows read so far. driver: '
    'what image_driver says; it becomes what is read: keys for all images in the order of a key';

create or replace function coco.total_of_first_page(
    c coco.image_choice, driver text, found_images bigint, seen bigint)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    size bigint;
begin
    if driver = 'rows' or c.key <> 'id' and driver in ('class', 'outcome') then
        -- Few rows. In the order of a key their images are candidates, and not they.
        execute format('select count(%s) from %s',
                       case when c.key = 'id' then '*' else 'distinct r.image_id' end,
                       coco.driver_rows(c, driver))
            into size using c;
    elsif driver = 'keys' and coalesce(c.file_name, c.search_start) is not null then
        return null;
    else
        size := coco.driver_size(c, case driver when 'keys' then 'images' else driver end);
    end if;
    return nullif(least(round(found_images::numeric * size / seen),
                        coco.driver_size(c, 'images')), 0);
end
$$;
comment on function coco.total_of_first_page is
    'How many images a list has, as the first rows make expect; null if these have none, or '
    'nothing is known of a beginning of a name';

create or replace function coco.next_images(
    c coco.image_choice, after_key text, after_id bigint, n integer,
    out ids bigint[], out last bigint, out total bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_sort = off set enable_hashagg = off set jit = off as $$
declare
    reads constant record := coco.candidates(c, coco.image_driver(c));
    tests constant text := coco.image_tests(c, 'q', reads.driver);
    -- A test against rows reads them, some microseconds for each image; along the index of images
    -- all rows of the image.
    bound constant integer := case
        when reads.driver = 'rows' then coco.rows_to_index() + 1
        when position('coco.annotations' in tests) + position('coco.matches' in tests) = 0
            then 30000
        when reads.driver in ('class', 'outcome') then 5000
        else 2000 end;
    seen bigint;
begin
    if c.key <> 'id' or reads.driver = 'rows' then
        -- Rows of a few images, or of a small leaf, are sorted.
        perform set_config('enable_sort', 'on', true), set_config('enable_hashagg', 'on', true);
    end if;
    -- Nothing above the candidates changes their order.
    execute format(
        'select array_agg(f.image_id), max(f.nth) from (select q.image_id, q.nth from (%s) q '
        'where %s limit $4) f', reads.numbered, tests)
        into ids, seen using c, after_key, after_id, n + 1, bound;
    ids := coalesce(ids, '{}');
    if cardinality(ids) > n then
        last := ids[n];
    else
        execute format('select r.image_id from (%s) r offset $5 - 1 limit 1', reads.candidates)
            into last using c, after_key, after_id, n + 1, bound;
        seen := bound;
    end if;
    total := case when last is null then cardinality(ids)
                  when after_id is null
                       then coco.total_of_first_page(c, reads.driver, cardinality(ids), seen) end;
    ids := ids[:n];
end
$$;
comment on function coco.next_images is
    'The first n images of a choice after a key and an id (null: from the beginning). last: the '
    'image after which the next page begins; null if there is none. total: if the page is the '
    'first one, how many images there are: exact if last is null, otherwise what the part that '
    'was read makes expect. Reads at most 30,000 candidates, 2,000 if each is tested against rows '
    '(5,000 rows of a class or an outcome); a small leaf as a whole';

-- ---- pages ----------------------------------------------------------------------------------

create or replace function coco.url_encoded(value text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(string_agg(
               case when chr(get_byte(b.bytes, i)) ~ '[A-Za-z0-9._~-]'
                         and get_byte(b.bytes, i) < 128
                    then chr(get_byte(b.bytes, i))
                    else '%' || upper(lpad(to_hex(get_byte(b.bytes, i)), 2, '0')) end, ''
               order by i), case when value = '' then '' end)
    from (select convert_to(value, 'UTF8') as bytes) b
    cross join lateral generate_series(0, length(b.bytes) - 1) i
    where get_byte(b.bytes, i) > 0
$$;
comment on function coco.url_encoded is
    'A text as a value in an address; null for null';

create or replace function coco.image_at(ds coco.datasets, place bigint) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
declare
    mark constant bigint := place - place % 1000;
    begins constant bigint := (
        select k.image_id
        from coco.image_keys k
        where k.import_id = coco.ground_truth_of(ds.id) and k.place = mark
          and k.place % 1000 = 0);
begin
    return (select i.image_id
            from coco.images i
            where i.dataset_id = ds.id and (begins is null or i.image_id >= begins)
            order by i.image_id
            offset case when begins is null then place - 1 else place - mark end limit 1);
end
$$;
comment on function coco.image_at is
    'The image at a place, from 1, in the order of ids. Reads the index of a thousand images; of '
    'all before it while coco.image_keys is not there';

create or replace function coco.place_to_follow(ds coco.datasets, sort text, at bigint)
returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if at < 1 then
        perform coco.refuse_images('at counts from 1');
    elsif at > ds.image_count then
        perform coco.refuse_images(format('dataset %s has %s images, so at cannot be %s', ds.name,
                                          ds.image_count, at));
    elsif at = 1 then
        return null;
    end if;
    return coco.image_at(ds, case when sort like '-%' then ds.image_count - at + 2
                                  else at - 1 end);
end
$$;
comment on function coco.place_to_follow is
    'The image before the one at the place `at` of a list by ids; null for the first. Raises CO400';

create or replace function coco.after_image(after text) returns bigint
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if after ~ '^i-?[0-9]{1,19}$' and abs(substr(after, 2)::numeric) <= 9223372036854775807 then
        return substr(after, 2)::bigint;
    elsif after is not null then
        perform coco.refuse_images(format('after must be what the address in "next" of a page has, '
                                          'not "%s"', coco.shown(after)));
    end if;
    return null;
end
$$;
comment on function coco.after_image is
    'The image after which a page begins: i and its id. Raises CO400';

create or replace function coco.image_key(c coco.image_choice, image bigint) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    key text := (
        select case c.key when 'name' then coalesce(left(i.file_name, 200), '')
                          when 'pixels' then coalesce(i.width::bigint * i.height, 0)::text
                          else (select count(*)
                                from coco.annotations a
                                where a.dataset_id = c.dataset_id and a.source = 'ground_truth'
                                  and a.image_id = i.image_id)::text end
        from coco.images i
        where i.dataset_id = c.dataset_id and i.image_id = image);
begin
    if key is null then
        perform coco.refuse_images(format('after: image %s is no longer in the dataset; begin with '
                                          'the first page', image));
    end if;
    return key;
end
$$;
comment on function coco.image_key is
    'What an image is sorted by, as text. Raises CO400 if it is gone';

create or replace function coco.counted_sources(ds coco.datasets, first text, images bigint)
returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return array(
        select w.source
        from (select o.source, o.rank, row_number() over (order by o.rank, o.source) as nth,
                     sum(o.row_count) over (order by o.rank, o.source) as rows
              from (select s.source, s.row_count,
                           case s.source when 'ground_truth' then 0
                                         else 2 - (s.source is not distinct from first)::integer
                           end as rank
                    from coco.sources s
                    where s.dataset_id = ds.id
                      and (s.source in ('ground_truth', first) or s.source = any (
                          coco.first_runs(ds.id, 16)))) o) w
        where w.rank < 2
           or w.nth <= 16 and w.rows * images / greatest(ds.image_count, 1) <= 30000
        order by w.nth);
end
$$;
comment on function coco.counted_sources is
    'The sources whose rows a page of images counts: the ground truth, the one that is asked for, '
    'and the first runs, as long as 30,000 rows can be expected';

create or replace function coco.image_counts(ds bigint, sources text[], ids bigint[])
returns table (image_id bigint, counts json)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
        select p.id, json_object_agg(s.source, coalesce(n.n, 0) order by s.nth)
        from unnest(ids) p (id)
        cross join unnest(sources) with ordinality s (source, nth)
        left join (select a.image_id, a.source, count(*) as n
                   from coco.annotations a
                   where a.dataset_id = ds and a.source = any (sources)
                     and a.image_id = any (ids)
                   group by a.image_id, a.source) n
            on n.image_id = p.id and n.source = s.source
        group by p.id;
end
$$;
comment on function coco.image_counts is 'Rows of each of the sources in each of the images';

create or replace function coco.image_objects(ds bigint, sources text[], ids bigint[])
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coalesce(json_agg(
                   json_build_object(
                       'image_id', i.image_id, 'text_id', i.text_id,
                       'file_name', left(i.file_name, 1024), 'width', i.width, 'height', i.height,
                       'split', i.split, 'counts', n.counts)
                   order by p.nth), '[]')
        from unnest(ids) with ordinality p (id, nth)
        join coco.images i on i.dataset_id = ds and i.image_id = p.id
        join coco.image_counts(ds, sources, ids) n on n.image_id = p.id);
end
$$;
comment on function coco.image_objects is 'Images as lists show them, in this order';

create or replace function coco.known_total(ds coco.datasets, c coco.image_choice) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    if coalesce(c.source, c.search, c.search_start, c.file_name) is not null
       or c.split is not null and c.slice is not null then
        return null;
    elsif c.split is not null then
        return (select s.image_count from coco.splits s
                where s.dataset_id = ds.id and s.split = c.split);
    elsif c.slice is not null then
        return (select case when s.exact then s.n end from coco.slice_size(ds.id, c.slice, 5000) s);
    end if;
    return ds.image_count;
end
$$;
comment on function coco.known_total is
    'How many images a choice has, where kept counts or a small slice tell; null otherwise';

create or replace function coco.check_place(
    at bigint, after text, c coco.image_choice, total bigint)
returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if at is not null and (after is not null or c.key <> 'id' or total is null
                           or coalesce(c.split, c.slice) is not null) then
        perform coco.refuse_images('at goes with sort=id or sort=-id only, without a filter and '
                                   'without after');
    end if;
end
$$;
comment on function coco.check_place is 'Raises CO400 if `at` stands beside what it cannot';

create or replace function coco.images_document(
    d text, page_size integer default null, after text default null, sort text default null,
    split text default null, slice text default null, category text default null,
    source text default null, min_confidence float8 default null, outcome text default null,
    iou_type text default null, search text default null, file_name text default null,
    at bigint default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    n constant integer := least(greatest(coalesce(page_size, 100), 1), 500);
    c constant coco.image_choice := coco.image_choice_of(
        ds, sort, split, slice, nullif(category, ''), nullif(source, ''), min_confidence, outcome,
        iou_type, nullif(search, ''), nullif(file_name, ''));
    known constant bigint := coco.known_total(ds, c);
    begins bigint := coco.after_image(after);
    page record;
    ends text;
begin
    perform coco.check_place(at, after, c, known);
    if at is not null then
        begins := coco.place_to_follow(ds, sort, at);
    end if;
    page := coco.next_images(c, case when begins is not null and c.key <> 'id'
                                     then coco.image_key(c, begins) end, begins, n);
    ends := 'i' || page.last;
    return coco.with_next_page(
        json_build_object(
            'dataset_id', ds.id, 'dataset', ds.name,
            'images', coco.image_objects(ds.id, coco.counted_sources(ds, c.source, n), page.ids),
            'total', coalesce(known, case when begins is null then page.total end),
            'total_is_estimate', known is null and begins is null and page.last is not null,
            'after', ends),
        format('/datasets/%s/images', ds.name),
        json_build_object(
            'limit', page_size, 'sort', sort, 'split', split, 'slice', slice,
            'category', c.category_id, 'source', c.source, 'min_confidence', min_confidence,
            'outcome', outcome, 'iou_type', c.iou_type, 'search', coco.url_encoded(search),
            'file_name', coco.url_encoded(file_name)),
        ends);
end
$$;
comment on function coco.images_document is
    'GET /datasets/{d}/images: the images that satisfy all filters, sorted by id, file_name, size '
    'or annotations (with a dash: the reverse). category: an id or a name; with source (a run or '
    'ground_truth), min_confidence and outcome it asks for one row that satisfies all of them. '
    'search: part of the file name, or, with * at the end, its beginning. at: begin with the image '
    'at this place. Raises CO400, CO401, CO402, CO404 or CO405';
