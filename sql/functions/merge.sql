-- A second file of a ground truth: its images and annotations are added to those that are there.
-- The file is loaded like a first one; then the rows of the published leaf are copied in front of
-- its own, and it is published as a ground truth that has all of them.

create or replace function coco.refuse_addition(message text, n bigint, examples text)
returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if n > 0 then
        raise exception using
            errcode = 'CO422',
            message = format(message, n, examples || case when n > 3 then ', ...' else '' end);
    end if;
end
$$;
comment on function coco.refuse_addition is
    'Raises CO422 if n is not 0, with n and examples (of which there are three at most) in the '
    'message';

create or replace function coco.add_classes(import_id bigint, ds coco.datasets) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    stage text := format('coco_parts.%I', 'categories_' || import_id);
    n bigint;
    examples text;
begin
    execute format($sql$
        select count(*), string_agg(shown, ', ' order by category_id) filter (where nth <= 3)
        from (select s.category_id, row_number() over (order by s.category_id) as nth,
                     format('%%s is %%s in the file and %%s in the dataset', s.category_id,
                            coco.shown(s.name), coco.shown(o.name)) as shown
              from %s s
              join coco.categories o on o.dataset_id = $1 and o.category_id = s.category_id
              where o.name <> s.name) c
        $sql$, stage) into n, examples using ds.id;
    perform coco.refuse_addition('%s categories have other names than in the dataset: %s', n,
                                 examples);
    execute format($sql$
        select count(*), string_agg(shown, ', ' order by category_id) filter (where nth <= 3)
        from (select s.category_id, row_number() over (order by s.category_id) as nth,
                     format('%%s is %%s in the file and %%s in the dataset', coco.shown(s.name),
                            s.category_id, o.category_id) as shown
              from %1$s s
              join (select o.name, min(o.category_id) as category_id
                    from coco.categories o
                    where o.dataset_id = $1
                    group by o.name) o on o.name = s.name
              where not exists (select from coco.categories c
                                where c.dataset_id = $1 and c.category_id = s.category_id)) c
        $sql$, stage) into n, examples using ds.id;
    perform coco.refuse_addition('%s categories have other ids than in the dataset: %s', n,
                                 examples);
    -- Those of the dataset stay as they are.
    execute format('delete from %s s using coco.categories o '
                   'where o.dataset_id = $1 and o.category_id = s.category_id', stage)
        using ds.id;
    execute format('select count(*) from %s', stage) into n;
    execute format('insert into %s (category_id, index, byte_offset, name, supercategory, extra) '
                   'select category_id, 0, 0, name, supercategory, extra '
                   'from coco.categories where dataset_id = $1', stage)
        using ds.id;
    return n;
end
$$;
comment on function coco.add_classes is
    'Adds the categories of a dataset to the stage of a file. Returns how many the file has '
    'besides. Raises CO422 if a category has another name or id there';

create or replace function coco.image_shift(import_id bigint, ds coco.datasets, renumber boolean)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    stage text := format('coco_parts.%I', 'images_' || import_id);
    n bigint;
    examples text;
    first bigint;
    last bigint;
    has_texts boolean;
    shift bigint := 0;
    greatest_old bigint := (select max(o.image_id) from coco.images o
                            where o.dataset_id = ds.id
                              and (ds.first_text_image is null
                                   or o.image_id < ds.first_text_image));
begin
    execute format($sql$
        select count(*), string_agg(coco.shown(id), ', ' order by id) filter (where nth <= 3)
        from (select s.text_id as id, row_number() over (order by s.text_id) as nth
              from %s s
              join coco.images o on o.dataset_id = $1 and o.text_id = s.text_id) i
        $sql$, stage) into n, examples using ds.id;
    perform coco.refuse_addition('%s images are in the dataset already: %s', n, examples);
    execute format('select min(image_id), max(image_id), coalesce(bool_or(text_id is not null), '
                   'false) from %s where not numbered', stage)
        into first, last, has_texts;
    execute format($sql$
        select count(*), string_agg(id::text, ', ' order by id) filter (where nth <= 3)
        from (select s.image_id as id, row_number() over (order by s.image_id) as nth
              from %s s
              join coco.images o on o.dataset_id = $1 and o.image_id = s.image_id
              where not s.numbered and o.image_id <= $2) i
        $sql$, stage) into n, examples using ds.id, greatest_old;
    if n > 0 and (not renumber or has_texts) then
        perform coco.refuse_addition(
            '%s images have ids that are in the dataset already: %s'
            || case when not has_texts then '; renumber=1 gives them others' else '' end,
            n, examples);
    end if;
    if n > 0 then
        if greatest_old::numeric + 1 - first + greatest(last, 0) > 9223372036854775807 then
            perform coco.refuse_addition('no ids are left for %s images, such as %s', n, examples);
        end if;
        shift := greatest_old + 1 - first;
    end if;
    if last + shift >= ds.first_text_image then
        raise exception using
            errcode = 'CO422',
            message = format('ids from %s on stand for images of dataset %s whose ids are texts; '
                             'the file has image %s', ds.first_text_image, ds.name, last);
    end if;
    return shift;
end
$$;
comment on function coco.image_shift is
    'What is added to the image ids of a file so that they follow those of the dataset: 0 if none '
    'of them is there. Not for ids that are texts. Raises CO422 if there is one and not '
    '`renumber`';

create or replace function coco.given_shift(
    import_id bigint, ds coco.datasets, image_shift bigint, out first bigint, out shift bigint)
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    stage text := format('coco_parts.%I', 'images_' || import_id);
    greatest_id numeric;
    texts bigint;
begin
    execute format('select min(image_id) filter (where numbered), '
                   'count(*) filter (where numbered), '
                   'greatest(max(image_id) filter (where not numbered) + $1, 0, '
                   '(select max(o.image_id) from coco.images o where o.dataset_id = $2)) from %s',
                   stage)
        into first, texts, greatest_id using image_shift, ds.id;
    if texts > 0 and greatest_id + texts > 9223372036854775807 then
        raise exception using
            errcode = 'CO422',
            message = format('no number is left for images whose ids are texts, because another '
                             'has the id %s', greatest_id);
    end if;
    shift := greatest_id + 1 - first;
end
$$;
comment on function coco.given_shift is
    'The first number that was given to an image of a file whose id is a text, and what is added '
    'to these numbers, so that they follow all ids of both; nulls if there is none. Raises CO422';

create or replace function coco.annotation_shift(
    import_id bigint, original bigint, renumber boolean)
returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    leaf text := format('coco_parts.%I', 'a_' || import_id);
    old_leaf text := format('coco_parts.%I', 'a_' || original);
    n bigint;
    examples text;
    shift numeric := 0;
    greatest_id numeric;
begin
    execute format($sql$
        select count(*), string_agg(id::text, ', ' order by id) filter (where nth <= 3)
        from (select a.annotation_id as id, row_number() over (order by a.annotation_id) as nth
              from %s a join %s o on o.annotation_id = a.annotation_id) i
        $sql$, leaf, old_leaf) into n, examples;
    if n > 0 and not renumber then
        perform coco.refuse_addition('%s annotations have ids that are in the dataset already: %s; '
                                     'renumber=1 gives them others', n, examples);
    end if;
    if n > 0 then
        execute format('select (select max(annotation_id) from %s)::numeric + 1 '
                       '- (select min(annotation_id) from %s)', old_leaf, leaf) into shift;
        execute format('select $1 + greatest((select max(annotation_id) from %s), 0)', leaf)
            into greatest_id using shift;
        if greatest_id > 9223372036854775807 then
            perform coco.refuse_addition('no ids are left for %s annotations, such as %s', n,
                                         examples);
        end if;
    end if;
    return shift;
end
$$;
comment on function coco.annotation_shift is
    'What is added to the annotation ids of a file so that they follow those of the published '
    'ground truth: 0 if none of them is there. Raises CO422 if there is one and not `renumber`';

create or replace function coco.add_images(
    import_id bigint, ds coco.datasets, image_shift bigint, first_given bigint, given_shift bigint)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    stage text := format('coco_parts.%I', 'images_' || import_id);
    n bigint;
begin
    if image_shift <> 0 or given_shift <> 0 then
        execute format('update %s set image_id = image_id + case when image_id >= $1 then $2 '
                       'else $3 end', stage)
            using first_given, given_shift, image_shift;
    end if;
    execute format('select count(*) from %s', stage) into n;
    execute format('insert into %s (image_id, numbered, text_id, width, height, index, '
                   'byte_offset, file_name, extra, split) '
                   'select image_id, coalesce(image_id >= $2, false), text_id, width, height, 0, '
                   '0, file_name, extra, split from coco.images where dataset_id = $1', stage)
        using ds.id, ds.first_text_image;
    return n;
end
$$;
comment on function coco.add_images is
    'Adds the images of a dataset to the stage of a file, whose own ids are shifted. Returns how '
    'many the file has';

create or replace function coco.add_rows(
    import_id bigint, original bigint, image_shift bigint, first_given bigint, given_shift bigint,
    annotation_shift bigint)
returns bigint
language plpgsql set search_path = pg_catalog, pg_temp set synchronize_seqscans = off as $$
declare
    leaf text := format('coco_parts.%I', 'a_' || import_id);
    loaded text := format('coco_parts.%I', 'loaded_' || import_id);
    columns text;
    n bigint;
begin
    execute format('alter table %s rename to %I', leaf, 'loaded_' || import_id);
    perform coco.copy_leaf(original, import_id, false);
    columns := coco.columns_of(leaf);
    execute format(
        'insert into %s (%s) select %s from %s', leaf, columns,
        replace(replace(columns, 'annotation_id', 'annotation_id + $1'),
                'image_id', 'image_id + case when image_id >= $2 then $3 else $4 end'),
        loaded)
        using annotation_shift, first_given, given_shift, image_shift;
    get diagnostics n = row_count;
    execute format('drop table %s', loaded);
    return n;
end
$$;
comment on function coco.add_rows is
    'Writes the leaf of a file anew: first the rows of the published ground truth, then its own, '
    'with shifted ids. Returns how many it has of its own';

create or replace function coco.dataset_merge(import_id bigint, dataset_id bigint, renumber boolean)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(dataset_id::text);
    original bigint := coco.ground_truth_of(dataset_id);
    classes bigint := coco.add_classes(import_id, ds);
    image_shift bigint := coco.image_shift(import_id, ds, renumber);
    given record;
    annotation_shift bigint;
    images bigint;
begin
    select g.first, g.shift into given from coco.given_shift(import_id, ds, image_shift) g;
    -- Not with the planner's guesses for tables without statistics.
    execute format('analyze coco_parts.%I (annotation_id)', 'a_' || import_id);
    annotation_shift := coco.annotation_shift(import_id, original, renumber);
    images := coco.add_images(import_id, ds, image_shift, given.first, given.shift);
    return json_build_object(
        'import', original, 'image_count', images,
        'annotation_count', coco.add_rows(import_id, original, image_shift, given.first,
                                          given.shift, annotation_shift),
        'category_count', classes, 'image_id_offset', image_shift,
        'annotation_id_offset', annotation_shift);
end
$$;
comment on function coco.dataset_merge is
    'In transaction 1 of a file that is added to a ground truth, after dataset_import_check: puts '
    'what is published in front of what was loaded. Returns what the file adds: counts, and what '
    'was added to its ids. Raises CO422';
