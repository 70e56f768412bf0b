-- Images: the pages of a list of images, and what they say of each.

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
                          when 'errors' then (select e.errors
                                              from coco.image_errors(c, array[image]) e)::text
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

create or replace function coco.image_objects(
    ds bigint, sources text[], ids bigint[], c coco.image_choice default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coalesce(json_agg(
                   case when e.errors is null then o.object
                        else coco.joined(o.object, json_build_object('errors', e.errors)) end
                   order by p.nth), '[]')
        from unnest(ids) with ordinality p (id, nth)
        join coco.images i on i.dataset_id = ds and i.image_id = p.id
        join coco.image_counts(ds, sources, ids) n on n.image_id = p.id
        left join coco.image_errors(c, ids) e on e.image_id = p.id
        left join coco.picture_links(ds, ids) l on l.image_id = p.id
        cross join lateral (
            select json_build_object(
                'image_id', i.image_id, 'text_id', i.text_id,
                'file_name', left(i.file_name, 1024), 'width', i.width, 'height', i.height,
                'split', i.split, 'picture', l.picture,
                'counts', n.counts) as object) o);
end
$$;
comment on function coco.image_objects is
    'Images as lists show them, in this order; with their errors, if the choice is sorted by them';

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
    iou_type text default null, min_area float8 default null, below_area float8 default null,
    min_count bigint default null, max_count bigint default null, search text default null,
    file_name text default null, at bigint default null, run text default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    n constant integer := least(greatest(coalesce(page_size, 100), 1), 500);
    c constant coco.image_choice := coco.image_choice_of(
        ds, sort, split, slice, nullif(category, ''), nullif(source, ''), min_confidence, outcome,
        iou_type, min_area, below_area, min_count, max_count, nullif(search, ''),
        nullif(file_name, ''), nullif(run, ''));
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
            'images', coco.image_objects(
                ds.id,
                coco.counted_sources(
                    ds, coalesce(nullif(c.source, 'ground_truth'), c.order_source, c.source), n),
                page.ids, c),
            'total', coalesce(known, case when begins is null then page.total end),
            'total_is_estimate', known is null and begins is null and page.last is not null,
            'after', ends),
        format('/datasets/%s/images', ds.name),
        json_build_object(
            'limit', page_size, 'sort', sort, 'split', split, 'slice', slice,
            'category', c.category_id,
            'source', coalesce(c.source, case when nullif(run, '') is null
                                              then c.order_source end),
            'min_confidence', min_confidence, 'outcome', outcome,
            'iou_type', coalesce(c.iou_type, c.order_iou_type),
            'min_area', min_area, 'below_area', below_area,
            'min_count', min_count, 'max_count', max_count,
            'search', coco.url_encoded(search), 'file_name', coco.url_encoded(file_name),
            'run', nullif(run, '')),
        ends);
end
$$;
comment on function coco.images_document is
    'GET /datasets/{d}/images: the images that satisfy all filters, sorted by id, file_name, '
    'size, annotations, or the errors of `run`, or `source` (with a dash: the reverse). category: '
    'an id or a name; with source (a run or ground_truth), min_confidence, outcome, min_area and '
    'below_area it asks for one row that satisfies all of them; with min_count and max_count for '
    'so many. search: part of the file name, or, with * at the end, its '
    'beginning. at: begin with the image at this place. Raises CO400, CO401, CO402, CO404, CO405 '
    'or CO905';
