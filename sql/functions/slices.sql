-- Slices: named sets of a dataset's images. A slice is made of ids or by a filter; plain SQL may
-- fill coco.slices as well.

create or replace function coco.slice_ids(list json)
returns table (number bigint, text_id text, wrong text)
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if json_typeof(list) is distinct from 'array' then
        perform coco.refuse_body('image_ids must be an array of ids');
    elsif json_array_length(list) > 1000000 then
        perform coco.refuse_body(format('image_ids has %s ids; it may have 1000000',
                                        json_array_length(list)));
    end if;
    return query
        select i.number,
               case when n.is_text then n.id end,
               case when not n.is_text and i.number is null then n.id end
        from (select distinct e.value #>> '{}' as id, json_typeof(e.value) = 'string' as is_text
              from json_array_elements(list) e) n
        cross join lateral (
            select case when not n.is_text and n.id ~ '^-?[0-9]{1,19}$'
                        then case when n.id::numeric
                                       between -9223372036854775808 and 9223372036854775807
                                  then n.id::bigint end
                   end as number) i;
end
$$;
comment on function coco.slice_ids is
    'The elements of an array of image ids: a whole number, a text, or what is neither. Raises '
    'CO422';

create or replace function coco.fill_slice_by_ids(ds coco.datasets, slice text, list json)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    unknown bigint;
    examples text;
begin
    with given as materialized (
        select distinct coalesce(s.number::text, s.text_id, s.wrong, 'null') as shown,
               coalesce(n.image_id, t.image_id) as image_id
        from coco.slice_ids(list) s
        left join coco.images n on n.dataset_id = ds.id and n.image_id = s.number
        left join coco.images t on t.dataset_id = ds.id and t.text_id = s.text_id
    ), inserted as (
        insert into coco.slices (dataset_id, slice, image_id)
        select distinct ds.id, fill_slice_by_ids.slice, g.image_id
        from given g
        where g.image_id is not null
    )
    select count(*), string_agg(coco.shown(w.shown), ', ') filter (where w.nth <= 3)
        into unknown, examples
        from (select g.shown, row_number() over (order by g.shown) as nth
              from given g
              where g.image_id is null) w;
    if unknown > 0 then
        perform coco.refuse_body(format('image_ids has %s ids that are not in dataset %s: %s%s',
                                        unknown, ds.name, examples,
                                        case when unknown > 3 then ', ...' else '' end));
    end if;
end
$$;
comment on function coco.fill_slice_by_ids is
    'Writes the rows of a slice: the images with these ids, numbers, or texts where the file of '
    'the dataset has texts. Raises CO422 if an id is not in the dataset';

create or replace function coco.check_filter(ds coco.datasets, filter json) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    bounds constant text[] := array['min_width', 'max_width', 'min_height', 'max_height',
                                    'category_id', 'min_truths', 'max_truths'];
    wrong text;
begin
    perform coco.check_members(filter, 'filter', array['split', 'file_name'] || bounds);
    select m.key into wrong
        from json_each(filter) m
        where case when m.key = any (bounds)
                   then json_typeof(m.value) <> 'number' or m.value::text !~ '^-?[0-9]{1,10}$'
                   else json_typeof(m.value) <> 'string' or length(m.value #>> '{}') > 1000 end
        limit 1;
    if found then
        perform coco.refuse_body(format(
            case when wrong = any (bounds) then '%s must be a whole number of at most 10 digits'
                 else '%s must be a text of at most 1000 characters' end, wrong));
    end if;
    -- PostgreSQL raises an error only once a name reaches the end of the pattern.
    if filter ->> 'file_name' ~ '(^|[^\\])(\\\\)*\\$' then
        perform coco.refuse_body('file_name ends with \, which escapes nothing');
    end if;
    if filter ->> 'split' is not null then
        perform coco.check_split(ds, filter ->> 'split');
    end if;
    if not exists (select from coco.categories c
                   where c.dataset_id = ds.id
                     and c.category_id = (filter ->> 'category_id')::bigint)
       and filter ->> 'category_id' is not null then
        perform coco.refuse_body(format('category %s is not in dataset %s (%s)',
                                        filter ->> 'category_id', ds.name,
                                        coco.category_range(ds.id)));
    end if;
end
$$;
comment on function coco.check_filter is
    'Raises CO422 or CO400 unless the members of a filter have values that can be used';

create or replace function coco.fill_slice_by_filter(ds coco.datasets, slice text, filter json)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off as $$
declare
    id constant bigint := ds.id;
    category bigint;
    fewest bigint;
    most bigint;
begin
    perform coco.check_filter(ds, filter);
    category := filter ->> 'category_id';
    most := filter ->> 'max_truths';
    fewest := coalesce((filter ->> 'min_truths')::bigint,
                       case when category is not null and most is null then 1 end);
    -- Without nested loops: see make_image_keys.
    insert into coco.slices (dataset_id, slice, image_id)
        select i.dataset_id, fill_slice_by_filter.slice, i.image_id
        from coco.images i
        left join (select a.image_id, count(*) as n
                   from coco.annotations a
                   -- Planned with the values: the ground truth is not read unless it is needed.
                   where coalesce(fewest, most) is not null
                     and a.dataset_id = id and a.source = 'ground_truth'
                     and (category is null or a.category_id = category)
                   group by a.image_id) t on t.image_id = i.image_id
        where i.dataset_id = id
          and (filter ->> 'split' is null or i.split = filter ->> 'split')
          and (filter ->> 'file_name' is null or i.file_name like filter ->> 'file_name')
          and (filter ->> 'min_width' is null or i.width >= (filter ->> 'min_width')::bigint)
          and (filter ->> 'max_width' is null or i.width <= (filter ->> 'max_width')::bigint)
          and (filter ->> 'min_height' is null or i.height >= (filter ->> 'min_height')::bigint)
          and (filter ->> 'max_height' is null or i.height <= (filter ->> 'max_height')::bigint)
          and (fewest is null or coalesce(t.n, 0) >= fewest)
          and (most is null or coalesce(t.n, 0) <= most);
end
$$;
comment on function coco.fill_slice_by_filter is
    'Writes the rows of a slice: the images that a filter selects. Raises CO422 or CO400';

create or replace function coco.slice_put(d text, slice text, body json) returns json
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set lock_timeout = '10s' as $$
declare
    ds coco.datasets := coco.dataset_find(d);
    images bigint;
begin
    perform coco.check_name('slice name', slice);
    perform coco.check_members(body, 'a slice', array['image_ids', 'filter']);
    if (body -> 'image_ids' is null) = (body -> 'filter' is null) then
        perform coco.refuse_body('a slice has either image_ids or a filter');
    end if;
    -- Two that write the same slice take turns; the later one replaces it.
    perform pg_advisory_xact_lock(coco.lock_key('slice', ds.id || '/' || slice));
    -- A new ground truth waits until the end of this transaction: its coco.carry_slices must see
    -- these rows, because it may give other numbers to images.
    perform from coco.sources s
        where s.dataset_id = ds.id and s.source = 'ground_truth'
        for key share;
    delete from coco.slices s where s.dataset_id = ds.id and s.slice = slice_put.slice;
    if body -> 'filter' is null then
        perform coco.fill_slice_by_ids(ds, slice, body -> 'image_ids');
    else
        perform coco.fill_slice_by_filter(ds, slice, body -> 'filter');
    end if;
    images := (select count(*) from coco.slices s
               where s.dataset_id = ds.id and s.slice = slice_put.slice);
    if images = 0 then
        perform coco.refuse_body(format('slice %s selects none of the %s images of dataset %s',
                                        slice, ds.image_count, ds.name));
    end if;
    return json_build_object('dataset', ds.name, 'slice', slice, 'image_count', images);
exception
    when untranslatable_character or invalid_text_representation then
        perform coco.refuse_text(sqlstate);
    when foreign_key_violation then
        raise exception using
            errcode = 'CO401',
            message = format('dataset %s was deleted meanwhile', ds.name);
end
$$;
comment on function coco.slice_put is
    'PUT /datasets/{d}/slices/{slice}: makes a slice, or replaces it. body: {"image_ids": [...]}, '
    'or {"filter": {...}} with split, file_name (a pattern of LIKE), min_width, max_width, '
    'min_height, max_height, category_id, and min_truths and max_truths: ground truths of the '
    'image, of that category if there is one; category_id alone: at least one. Raises CO400, CO401 '
    'or CO422';

create or replace function coco.slice_delete(d text, slice text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    delete from coco.slices s where s.dataset_id = ds.id and s.slice = slice_delete.slice;
    if not found then
        perform coco.raise_unknown_slice(ds, slice);
    end if;
end
$$;
comment on function coco.slice_delete is
    'DELETE /datasets/{d}/slices/{slice}. Its evaluations stay. Raises CO401 or CO404';

create or replace function coco.slices_document(d text, after text default null) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    page constant integer := 500;
    ds coco.datasets := coco.dataset_find(d);
    document json;
    last text;
    has_more boolean;
begin
    select json_agg(json_build_object('slice', p.slice, 'image_count', p.n) order by p.slice)
               filter (where p.nth <= page),
           max(p.slice) filter (where p.nth <= page),
           count(*) > page
        into document, last, has_more
        from (select s.slice, count(*) as n, row_number() over (order by s.slice) as nth
              from coco.slices s
              join coco.images i on i.dataset_id = s.dataset_id and i.image_id = s.image_id
              where s.dataset_id = ds.id and (after is null or s.slice > after collate "C")
              group by s.slice
              order by s.slice limit page + 1) p;
    return coco.with_next(
        json_build_object('dataset', ds.name, 'slices', coalesce(document, '[]')),
        format('/datasets/%s/slices', ds.name), case when has_more then last end);
end
$$;
comment on function coco.slices_document is
    'GET /datasets/{d}/slices: the first 500 slices after the name `after`, with the numbers of '
    'their images; null begins. Raises CO401';

create or replace function coco.slice_document(d text, slice text, after text default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_sort = off as $$
declare
    page integer;
    -- Ids may be negative, and names in addresses do not begin with a dash.
    shift constant numeric := 9223372036854775808;
    ds coco.datasets := coco.dataset_find(d);
    first bigint;
    images bigint;
    ids bigint[];
begin
    if (case when after ~ '^[0-9]{1,20}$' then after::numeric >= 2 * shift
             else after is not null end) then
        perform coco.number_after(after);
    end if;
    first := after::numeric - shift;
    -- A text may have 1 KiB.
    page := case when coco.has_text_ids(ds.id) then 1000 else 10000 end;
    images := (select count(*)
               from coco.slices s
               join coco.images i on i.dataset_id = s.dataset_id and i.image_id = s.image_id
               where s.dataset_id = ds.id and s.slice = slice_document.slice);
    if images = 0 then
        perform coco.raise_unknown_slice(ds, slice);
    end if;
    ids := array(select s.image_id
                 from coco.slices s
                 where s.dataset_id = ds.id and s.slice = slice_document.slice
                   and (first is null or s.image_id > first)
                 order by s.image_id limit page + 1);
    return coco.with_next(
        json_build_object(
            'dataset', ds.name, 'slice', slice, 'image_count', images,
            'image_ids', (select coalesce(json_agg(coalesce(to_json(i.text_id),
                                                            to_json(i.image_id))
                                                   order by i.image_id), '[]')
                          from coco.images i
                          where i.dataset_id = ds.id and i.image_id = any (ids[:page]))),
        format('/datasets/%s/slices/%s', ds.name, slice),
        case when cardinality(ids) > page then (ids[page] + shift)::text end);
end
$$;
comment on function coco.slice_document is
    'GET /datasets/{d}/slices/{slice}: how many images it has, and their ids as in the file, '
    '10,000 a page, 1,000 where ids are texts. `after`: from the member next. Raises CO400, '
    'CO401 or CO404';

create or replace function coco.carry_slices(dataset_id bigint, image_stage text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    slices text[];
    images bigint[];
begin
    if not exists (select from coco.slices s where s.dataset_id = carry_slices.dataset_id) then
        return;
    end if;
    if not coco.has_text_ids(dataset_id) then
        execute format('delete from coco.slices s where s.dataset_id = $1 and not exists ('
                       'select from %s n where n.image_id = s.image_id '
                       'and coalesce(n.text_id, n.image_id::text) = s.image_id::text)',
                       image_stage)
            using dataset_id;
        return;
    end if;
    -- All at once: the numbers of two images may change places.
    execute format('select array_agg(s.slice), array_agg(n.image_id) '
                   'from coco.slices s '
                   'join coco.images o '
                   'on o.dataset_id = s.dataset_id and o.image_id = s.image_id '
                   'join %s n '
                   'on coalesce(n.text_id, n.image_id::text) '
                   '= coalesce(o.text_id, o.image_id::text) '
                   'where s.dataset_id = $1',
                   image_stage)
        into slices, images using dataset_id;
    delete from coco.slices s where s.dataset_id = carry_slices.dataset_id;
    insert into coco.slices (dataset_id, slice, image_id)
        select carry_slices.dataset_id, u.slice, u.image_id
        from unnest(slices, images) u (slice, image_id);
end
$$;
comment on function coco.carry_slices is
    'Keeps in the slices of a dataset the images that its new ground truth still has: those with '
    'the same id in the file, be it a number or a text, which may have got another number. '
    'Before dataset_publish replaces the images';
