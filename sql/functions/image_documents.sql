-- Documents about single images, and what a list of images can be filtered by: an image, its
-- annotations of several sources side by side, those of several images, and facets.

create or replace function coco.image_of(ds coco.datasets, image text) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id bigint;
begin
    select i.image_id into id
        from coco.images i
        where i.dataset_id = ds.id and i.text_id = image;
    if not found and image ~ '^-?[0-9]{1,18}$' then
        select i.image_id into id
            from coco.images i
            where i.dataset_id = ds.id and i.image_id = image::bigint;
    end if;
    return id;
end
$$;
comment on function coco.image_of is
    'The image whose id in the file is this text, or that has this number; null if there is none';

create or replace function coco.image_find(ds coco.datasets, image text) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id constant bigint := coco.image_of(ds, image);
begin
    if id is null then
        raise exception using
            errcode = 'CO407',
            message = format('dataset %s has no image %s', ds.name, coco.shown(image));
    end if;
    return id;
end
$$;
comment on function coco.image_find is 'Like image_of. Raises CO407 if there is no such image';

create or replace function coco.asked_sources(ds coco.datasets, sources text, most integer)
returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    names text[];
begin
    if coalesce(sources, '') = '' then
        return array(
            select s.source from coco.sources s
            where s.dataset_id = ds.id
            order by s.source <> 'ground_truth', s.source limit most);
    end if;
    names := array(select u.name
                   from unnest(string_to_array(sources, ',')) with ordinality u (name, nth)
                   group by u.name order by min(u.nth) limit most + 1);
    if cardinality(names) > most then
        perform coco.refuse_images(format('source names more than %s sources', most));
    end if;
    perform coco.source_import(ds, n.name) from unnest(names) n (name);
    return names;
end
$$;
comment on function coco.asked_sources is
    'The sources that a list with commas names; of an empty list the ground truth and the first '
    'runs, at most `most`. Raises CO400 for more, CO402 for one that does not exist';

create or replace function coco.image_document(d text, image text) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    id constant bigint := coco.image_find(ds, image);
    sources constant text[] := coco.asked_sources(ds, null, 50);
begin
    return coco.joined(
        json_build_object('dataset_id', ds.id, 'dataset', ds.name),
        coco.joined(
            coco.image_objects(ds.id, sources, array[id]) -> 0,
            (select json_build_object(
                        'sources_left_out', (select greatest(count(*) - 50, 0)
                                             from coco.sources s where s.dataset_id = ds.id),
                        'slices', (select coalesce(json_agg(s.slice order by s.slice), '[]')
                                   from (select s.slice from coco.slices s
                                         where s.dataset_id = ds.id and s.image_id = id
                                         order by s.slice limit 100) s),
                        'extra', case when pg_column_size(i.extra) <= 65536
                                           and octet_length(i.extra::text) <= 65536
                                      then i.extra end)
             from coco.images i
             where i.dataset_id = ds.id and i.image_id = id)));
end
$$;
comment on function coco.image_document is
    'GET /datasets/{d}/images/{image}: an image by its id, a number or a text, with counts of the '
    'ground truth and the first 49 runs, its first 100 slices, and its other members up to 64 KiB. '
    'Raises CO401 or CO407';

create or replace function coco.image_outcomes(
    ds bigint, sources text[], iou_type text, ids bigint[])
returns table (source text, annotation_id bigint, outcome coco.outcome, iou float8,
               matched_id bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    matched text[] := array(select m.source from coco.match_sources m
                            where m.dataset_id = ds and m.source = any (sources)
                              and m.iou_type = image_outcomes.iou_type);
begin
    if matched = '{}' then
        return;
    end if;
    return query
        select case when m.is_truth then 'ground_truth' else m.source end,
               case when m.is_truth then m.truth_id else m.annotation_id end,
               m.outcome, m.iou, case when m.is_truth then m.found_by else m.truth_id end
        from coco.matches m
        where m.dataset_id = ds and m.source = any (matched)
          and m.iou_type = image_outcomes.iou_type and m.image_id = any (ids)
          and (not m.is_truth or cardinality(matched) = 1);
end
$$;
comment on function coco.image_outcomes is
    'What became of the rows of these images, where the runs were compared. Rows of the ground '
    'truth only if one of the sources was: they differ from run to run';

create or replace function coco.annotation_rows(
    ds bigint, ids bigint[], sources text[], iou_type text, after_source bigint, after_id bigint,
    n integer)
returns table (image_id bigint, source_nth bigint, annotation_id bigint, nth bigint,
               has_more boolean, document json)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    -- Sizes as stored come first: they tell without reading what is stored apart.
    return query
        with found as materialized (
            select a.*, i.nth as image_nth, s.nth as source_nth
            from coco.annotations a
            join unnest(ids) with ordinality i (id, nth) on i.id = a.image_id
            join unnest(sources) with ordinality s (name, nth) on s.name = a.source
            where a.dataset_id = ds and a.source = any (sources) and a.image_id = any (ids)
              and (after_source is null or (s.nth, a.annotation_id) > (after_source, after_id))
            order by i.nth, s.nth, a.annotation_id limit n + 1
        ), placed as (
            select f.*, row_number() over w as nth, count(*) over () as rows,
                   sum(coalesce(pg_column_size(f.segmentation), 0)
                       + coalesce(pg_column_size(f.keypoints), 0)
                       + coalesce(pg_column_size(f.extra), 0)) over w as stored
            from found f
            window w as (order by f.image_nth, f.source_nth, f.annotation_id)
        ), sized as (
            select p.*, octet_length(p.segmentation::text) as segmentation_bytes,
                   octet_length(p.keypoints::text) as keypoints_bytes,
                   octet_length(p.extra::text) as extra_bytes
            from placed p
            where p.nth <= n and (p.stored <= 1048576 or p.nth = 1)
        ), shown as (
            select p.image_id, p.source_nth, p.annotation_id, p.nth, p.rows, json_build_object(
                       'source', p.source, 'annotation_id', p.annotation_id,
                       'category_id', p.category_id, 'category', left(c.name, 256),
                       'bbox', json_build_array(p.bbox_x, p.bbox_y, p.bbox_w, p.bbox_h),
                       'bbox_derived', p.bbox_derived, 'area', p.area,
                       'area_derived', p.area_derived, 'confidence', p.confidence,
                       'is_crowd', p.is_crowd,
                       'segmentation', case when p.segmentation_bytes <= 262144
                                            then p.segmentation end,
                       'keypoints', case when p.keypoints_bytes <= 262144 then p.keypoints end,
                       'extra', case when p.extra_bytes <= 262144 then p.extra end,
                       'is_cut', greatest(p.segmentation_bytes, p.keypoints_bytes, p.extra_bytes,
                                          0) > 262144,
                       'outcome', o.outcome, 'iou', o.iou, 'matched_id', o.matched_id) as document
            from sized p
            join coco.categories c on c.dataset_id = ds and c.category_id = p.category_id
            left join coco.image_outcomes(ds, sources, iou_type, ids) o
                on o.source = p.source and o.annotation_id = p.annotation_id
        )
        select b.image_id, b.source_nth, b.annotation_id, b.nth,
               count(*) over () < b.rows, b.document
        from (select s.*, sum(octet_length(s.document::text)) over (order by s.nth) as bytes
              from shown s) b
        where b.bytes <= 4194304 or b.nth = 1
        order by b.nth;
end
$$;
comment on function coco.annotation_rows is
    'Annotations of some images, image by image, source by source, by their ids: the first n after '
    'the place of a source and an id (null: from the beginning) that fit into 4 MiB, and 1 MiB as '
    'stored. A mask, keypoints or other members of more than 256 KiB are null, and is_cut is true. '
    'has_more: whether there are others';

create or replace function coco.image_annotations_document(
    d text, image text, source text default null, iou_type text default null,
    after text default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    id constant bigint := coco.image_find(ds, image);
    sources constant text[] := coco.asked_sources(ds, source, 20);
    kind constant text := coalesce(iou_type, 'bbox');
    place constant text[] := regexp_match(after, '^s([0-9]{1,2})_(-?[0-9]{1,18})$');
    rows json;
    ends text;
begin
    perform coco.check_iou_type(kind);
    if after is not null and place is null then
        perform coco.refuse_images(format('after must be what the address in "next" of a page has, '
                                          'not "%s"', coco.shown(after)));
    end if;
    select coalesce(json_agg(r.document order by r.nth), '[]'),
           case when bool_or(r.has_more)
                then (array_agg(format('s%s_%s', r.source_nth, r.annotation_id)
                                order by r.nth desc))[1] end
        into rows, ends
        from coco.annotation_rows(ds.id, array[id], sources, kind, place[1]::bigint,
                                  place[2]::bigint, 2000) r;
    return coco.with_next_page(
        json_build_object(
            'dataset_id', ds.id, 'dataset', ds.name,
            'image', coco.image_objects(ds.id, sources, array[id]) -> 0,
            'sources', to_json(sources),
            'sources_left_out', case when coalesce(source, '') <> '' then 0 else
                (select count(*) from coco.sources s where s.dataset_id = ds.id)
                - cardinality(sources) end,
            'iou_type', kind, 'annotations', rows),
        format('/datasets/%s/images/%s/annotations', ds.name, id),
        json_build_object('source', array_to_string(sources, ','), 'iou_type', kind),
        ends);
end
$$;
comment on function coco.image_annotations_document is
    'GET /datasets/{d}/images/{image}/annotations: rows of the sources that a list with commas '
    'names, by default of the ground truth and the first 19 runs, 2,000 or 4 MiB a page. Rows of '
    'runs that were compared have outcome, iou and the ground truth that they match. Raises CO400, '
    'CO401, CO402 or CO407';

create or replace function coco.batch_ids(ds coco.datasets, image_ids text) returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    texts constant text[] := string_to_array(nullif(image_ids, ''), ',');
    ids bigint[];
    unknown text;
begin
    if texts is null then
        perform coco.refuse_images('image_ids is missing: give ids with commas between them');
    elsif cardinality(texts) > 500 then
        perform coco.refuse_images(format('image_ids has %s ids, and may have 500',
                                          cardinality(texts)));
    end if;
    select array_agg(g.id order by g.nth),
           (array_agg(g.text order by g.nth) filter (where g.id is null))[1]
        into ids, unknown
        from (select t.text, coco.image_of(ds, t.text) as id, min(t.nth) as nth
              from unnest(texts) with ordinality t (text, nth)
              group by t.text) g;
    if unknown is not null then
        perform coco.image_find(ds, unknown);
    end if;
    return array(select u.id from unnest(ids) with ordinality u (id, nth)
                 group by u.id order by min(u.nth));
end
$$;
comment on function coco.batch_ids is
    'The images that a list with commas names, each once. Raises CO400 for more than 500, CO407 '
    'for one that does not exist';

create or replace function coco.images_at_once(ds coco.datasets, sources text[]) returns integer
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (select greatest(1, least(500, 3000 * greatest(ds.image_count, 1)
                                          / greatest(sum(s.row_count), 1)))::integer
            from coco.sources s
            where s.dataset_id = ds.id and s.source = any (sources));
end
$$;
comment on function coco.images_at_once is
    'Of how many images some 3,000 rows of these sources can be expected: 1 to 500';

create or replace function coco.batch_document(
    d text, image_ids text, source text default null, iou_type text default null)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    asked constant bigint[] := coco.batch_ids(ds, image_ids);
    sources constant text[] := coco.asked_sources(ds, source, 20);
    kind constant text := coalesce(iou_type, 'bbox');
    whole constant bigint[] := asked[:coco.images_at_once(ds, sources)];
    document json;
    kept bigint;
begin
    perform coco.check_iou_type(kind);
    -- The last image of rows that did not fit is left to the next page, unless it is the first.
    with r as materialized (
        select * from coco.annotation_rows(ds.id, whole, sources, kind, null, null, 10000)
    ), cut as materialized (
        select array_position(whole, (select r.image_id from r
                                      where r.has_more order by r.nth desc limit 1)) as nth
    ), grouped as (
        select r.image_id, json_agg(r.document order by r.nth) as rows from r group by r.image_id
    )
    select json_agg(case when w.nth = c.nth then coco.with_next_page(
                             o.document,
                             format('/datasets/%s/images/%s/annotations', ds.name, i.image_id),
                             json_build_object('source', array_to_string(sources, ','),
                                               'iou_type', kind),
                             (select format('s%s_%s', l.source_nth, l.annotation_id)
                              from r l order by l.nth desc limit 1))
                         else o.document end
                    order by w.nth),
           count(*)
        into document, kept
        from cut c
        cross join unnest(whole) with ordinality w (id, nth)
        join coco.images i on i.dataset_id = ds.id and i.image_id = w.id
        left join grouped g on g.image_id = w.id
        left join coco.picture_links(ds.id, whole) l on l.image_id = w.id
        cross join lateral (select json_build_object(
                                       'image_id', i.image_id, 'text_id', i.text_id,
                                       'file_name', left(i.file_name, 1024),
                                       'width', i.width, 'height', i.height,
                                       'picture', l.picture,
                                       'annotations', coalesce(g.rows, '[]')) as document) o
        where c.nth is null or w.nth < greatest(c.nth, 2);
    document := json_build_object(
        'dataset_id', ds.id, 'dataset', ds.name, 'sources', to_json(sources), 'iou_type', kind,
        'images', document);
    if kept < cardinality(asked) then
        document := coco.joined(document, json_build_object('next', format(
            '/datasets/%s/annotations/batch?source=%s&iou_type=%s&image_ids=%s', ds.name,
            array_to_string(sources, ','), kind, array_to_string(asked[kept + 1:], ','))));
    end if;
    return document;
end
$$;
comment on function coco.batch_document is
    'GET /datasets/{d}/annotations/batch: the annotations of up to 500 images, those that fit into '
    '10,000 rows and 4 MiB; `next` has the others. An image that does not fit alone has its first '
    'rows, and a `next` of its own. Raises CO400, CO401, CO402 or CO407';

create or replace function coco.slice_names(ds coco.datasets, n integer) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return array(
        with recursive names as (
            select min(s.slice) as slice, 1 as nth from coco.slices s where s.dataset_id = ds.id
            union all
            select (select min(s.slice) from coco.slices s
                    where s.dataset_id = ds.id and s.slice > names.slice), nth + 1
            from names
            where names.slice is not null and nth < n
        )
        select names.slice from names where names.slice is not null order by nth);
end
$$;
comment on function coco.slice_names is
    'The first n slices of a dataset, by the index: one step for each';

create or replace function coco.facet_categories(ds coco.datasets, sources text[]) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
                   'category_id', c.category_id, 'category', left(c.name, 256),
                   'supercategory', left(c.supercategory, 256), 'counts', k.counts)
                   order by c.category_id), '[]')
        from (select * from coco.categories c
              where c.dataset_id = ds.id order by c.category_id limit 2000) c
        cross join lateral (
            select json_object_agg(u.source, coalesce(n.n, 0) order by u.nth) as counts
            from unnest(sources) with ordinality u (source, nth)
            join coco.sources s on s.dataset_id = ds.id and s.source = u.source
            left join lateral (select sum(n.n) as n from coco.class_counts n
                               where n.import_id = s.import_id
                                 and n.category_id = c.category_id) n on true) k);
end
$$;
comment on function coco.facet_categories is
    'The first 2,000 classes with their rows in each of the sources';

create or replace function coco.facet_skeletons(ds coco.datasets) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
                   'category_id', k.category_id,
                   'keypoints', case when json_typeof(k.extra -> 'keypoints') = 'array'
                                     then k.extra -> 'keypoints' end,
                   'skeleton', k.extra -> 'skeleton')
                   order by k.category_id), '[]')
        from (select c.category_id, c.extra
              from (select * from coco.categories c
                    where c.dataset_id = ds.id order by c.category_id limit 2000) c
              where octet_length(c.extra::text) <= 4096
                    and json_typeof(c.extra -> 'skeleton') = 'array'
              order by c.category_id limit 20) k);
end
$$;
comment on function coco.facet_skeletons is
    'Names of keypoints, and which are joined, of the first 20 classes that say so in 4 KiB';

create or replace function coco.facets_document(d text, source text default null) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    sources constant text[] := coco.asked_sources(ds, source, 8);
begin
    return json_build_object(
        'dataset_id', ds.id, 'dataset', ds.name, 'image_count', ds.image_count,
        'categories', coco.facet_categories(ds, sources),
        'skeletons', coco.facet_skeletons(ds),
        'splits', (select coalesce(json_agg(json_build_object(
                              'split', s.split, 'image_count', s.image_count)
                              order by s.split), '[]')
                   from (select * from coco.splits s
                         where s.dataset_id = ds.id order by s.split limit 500) s),
        'slices', (select coalesce(json_agg(json_build_object(
                              'slice', u.slice, 'image_count', z.n,
                              'is_estimate', not z.exact) order by u.nth), '[]')
                   from unnest(coco.slice_names(ds, 50)) with ordinality u (slice, nth)
                   cross join lateral coco.slice_size(ds.id, u.slice, 1000) z),
        'sources', (select coalesce(json_agg(json_build_object(
                               'source', s.source, 'row_count', s.row_count,
                               'imported_at', s.imported_at,
                               'outcomes', (select json_object_agg(m.iou_type, m.made_at)
                                            from coco.match_sources m
                                            where m.dataset_id = ds.id and m.source = s.source))
                               order by s.source <> 'ground_truth', s.source), '[]')
                    from (select * from coco.sources s
                          where s.dataset_id = ds.id
                          order by s.source <> 'ground_truth', s.source limit 500) s));
end
$$;
comment on function coco.facets_document is
    'GET /datasets/{d}/facets: what images can be filtered by, with counts that are kept: the '
    'first 2,000 classes with rows of the named sources (by default the ground truth and the first '
    '7 runs), splits, the first 50 slices, and the first 500 sources, each with the kinds of '
    'overlap for which it has outcomes. A slice of more than 1,000 images is estimated. Raises '
    'CO400, CO401 or CO402';
