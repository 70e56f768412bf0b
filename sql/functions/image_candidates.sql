-- The candidates of a list of images. A list reads candidates in its order, along an index, and
-- tests each against the filters. It reads a bounded number of them: a page that found few images
-- until then is short, and the next one goes on behind the last candidate.
--
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
                else ' and (%1$I.is_truth or %1$I.confidence >= ($1).min_confidence)' end
        || case when c.min_area is null then ''
                else ' and coalesce(%1$I.area, coco.box_area(%1$I.bbox_w, %1$I.bbox_h)) '
                     '>= ($1).min_area' end
        || case when c.below_area is null then ''
                else ' and coalesce(%1$I.area, coco.box_area(%1$I.bbox_w, %1$I.bbox_h)) '
                     '< ($1).below_area' end,
        alias)
$$;
comment on function coco.chosen_rows is
    'SQL that reads the rows of the source that satisfy the filters together';

create or replace function coco.row_test(c coco.image_choice, alias text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    -- No more rows are counted than the answer depends on.
    select format(
        case when c.min_count is null then
                 'coalesce((select true from %s and a.image_id = %I.image_id limit 1), false)'
             else
                 '(select count(*) from (select from %s and a.image_id = %I.image_id '
                 'limit coalesce(($1).max_count + 1, ($1).min_count)) n) '
                 'between ($1).min_count and coalesce(($1).max_count, ($1).min_count)' end,
        coco.chosen_rows(c, 'a'), alias)
$$;
comment on function coco.row_test is
    'SQL that tells whether an image has a row of the source that satisfies the filters together, '
    'or as many as the choice asks for';

create or replace function coco.driver_satisfies(c coco.image_choice, driver text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select c.min_count is null
           and case driver
                   when 'rows' then true
                   when 'class' then c.outcome is null
                                     and num_nonnulls(c.min_confidence, c.min_area,
                                                      c.below_area) = 0
                   when 'outcome' then num_nonnulls(c.category_id, c.min_confidence) = 0
                   else false end
$$;
comment on function coco.driver_satisfies is
    'Whether each image that the driver reads has a row that satisfies the filters';

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
    if c.source is not null and not coco.driver_satisfies(c, driver) then
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
        -- Images without a row are among them, too.
        when c.min_count = 0 then null
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
        when num_nonnulls(c.category_id, c.min_confidence, c.min_area, c.below_area) > 0
             and (select s.row_count from coco.sources s
                  where s.import_id = c.import_id) <= coco.rows_to_index() then 'rows'
        end;
end
$$;
comment on function coco.image_driver is
    'What reads the candidates, if a source is asked for (see driver_rows); null if images are '
    'read in turn instead';

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

create or replace function coco.is_by_truths(c coco.image_choice) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select c.key = 'annotations' and c.source = 'ground_truth' and c.min_count is not null
           and num_nonnulls(c.category_id, c.min_area, c.below_area) = 0
$$;
comment on function coco.is_by_truths is
    'Whether the number of annotations chooses the images and is their order: those of '
    'coco.image_keys lie together';

create or replace function coco.candidates_by_key(
    c coco.image_choice, driver text, has_keys boolean)
returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select format(
        'select k.image_id from (%1$s) k where ($3 is null or (k.%2$I, k.image_id) %3$s '
        '($2::%4$s, $3)) order by k.%2$I %5$s, k.image_id %5$s limit $5',
        case
            when c.key = 'errors' then coco.errors_by_key(c, driver)
            when has_keys and driver = 'images' then
                'select * from coco.image_keys k where k.import_id = ($1).ground_truth'
                || case when c.file_name is not null
                        then ' and k.name = left(($1).file_name, 200)' else '' end
                || case when c.search_start is not null
                        then ' and k.name >= left(($1).search_start, 200) '
                             'and k.name <= left(($1).search_start, 200) || U&''\+10FFFF'''
                        else '' end
                || case when coco.is_by_truths(c)
                        then ' and k.annotations between ($1).min_count '
                             'and coalesce(($1).max_count, 9223372036854775807)' else '' end
            when has_keys then
                'select k.* from (select distinct r.image_id from ' || coco.driver_rows(c, driver)
                || ') r join coco.image_keys k on k.import_id = ($1).ground_truth '
                   'and k.image_id = r.image_id'
            else
                'select i.image_id, coalesce(left(i.file_name, 200), '''') collate "C" as name, '
                'coalesce(i.width::bigint * i.height, 0) as pixels'
                || case
                       when c.key <> 'annotations' then ' from coco.images i'
                       -- Not a join, which may never end while images seem to be few.
                       else
                           ', (select count(*) from coco.annotations a '
                           'where a.dataset_id = ($1).dataset_id and a.source = ''ground_truth'' '
                           'and a.image_id = i.image_id) as annotations from coco.images i' end
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
    'SQL that reads candidates in the order of a key: along an index of coco.image_keys, or of '
    'coco.error_keys; sorted, '
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
        -- Some 8 microseconds a row, for its key.
        if driver <> 'rows' and coco.driver_size(c, driver) > 5000 then
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
