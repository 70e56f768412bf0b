-- Checks of a ground truth that is loaded: what can be judged only when the whole file is there,
-- because its arrays may come in any order. In transaction 1, between the COPY and import_index.

create or replace function coco.drop_staged_duplicates(stage text, id_column text, what text)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    staged text := replace(stage, 'coco_parts.', 'coco_parts.all_');
    has_repeated boolean;
    columns text;
begin
    execute format('select exists (select from %1$s where %2$I is not null '
                   'group by %2$I having count(*) > 1)',
                   stage, id_column) into has_repeated;
    if not has_repeated then
        return;
    end if;
    columns := (select string_agg(quote_ident(attname), ', ' order by attnum)
                from pg_attribute
                where attrelid = stage::regclass and attnum > 0);
    -- Not a delete: to the end of this transaction an index would hold the deleted rows as well,
    -- and each look-up of the id that they repeat would pass all of them.
    execute format('alter table %s rename to %s', stage, substr(staged, length('coco_parts.') + 1));
    execute format('create unlogged table %s (like %s including defaults)', stage, staged);
    return query execute format($sql$
        with ranked as (
            select *, %2$I is not null
                      and row_number() over (partition by %2$I order by index) > 1 as is_repeat
            from %4$s
        ), kept as (
            insert into %1$s (%5$s)
            select %5$s from ranked where not is_repeat order by index
        )
        select 'duplicate_id', (select count(*) from ranked where is_repeat), false,
               (select json_agg(json_build_object(
                           'index', e.index, 'offset', e.byte_offset,
                           'detail', format('%%s %%s comes a second time', %3$L::text,
                                            coco.shown(e.%2$I::text))))
                from (select * from ranked where is_repeat order by index limit 10) e)
        $sql$, stage, id_column, what, staged, columns);
    execute format('drop table %s', staged);
end
$$;
comment on function coco.drop_staged_duplicates is
    'Builds a stage anew without rows that repeat an id; the first in the file stays. Returns the '
    'count of the others and at most ten examples. `what`: what messages call a row';

create or replace function coco.drop_foreign_annotations(
    leaf text, id_column text, stage text, what text)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    return query execute format($sql$
        with gone as (
            delete from %1$s a
            where not exists (select from %3$s s where s.%2$I = a.%2$I)
            returning a.annotation_id, a.%2$I as id
        )
        select 'unknown_' || %4$L, (select count(*) from gone), true,
               (select json_agg(json_build_object(
                           'detail', format('annotation %%s: %%s %%s is not in the file',
                                            e.annotation_id, %4$L::text, e.id)))
                from (select * from gone limit 10) e)
        $sql$, leaf, id_column, stage, what);
end
$$;
comment on function coco.drop_foreign_annotations is
    'Deletes annotations whose image or category (`what`) is not staged. Returns their count and '
    'at most ten examples';

create or replace function coco.drop_repeated_annotations(leaf text)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- The rows of a leaf that was just copied lie in the order of the file.
    return query execute format($sql$
        with ranked as (
            select ctid as place,
                   row_number() over (partition by annotation_id order by ctid) as nth
            from %1$s
        ), gone as (
            delete from %1$s a
            using ranked r
            where a.ctid = r.place and r.nth > 1
            returning a.annotation_id
        )
        select 'duplicate_id', (select count(*) from gone), true,
               (select json_agg(json_build_object(
                           'detail', format('annotation %%s comes a second time',
                                            e.annotation_id)))
                from (select * from gone limit 10) e)
        $sql$, leaf);
end
$$;
comment on function coco.drop_repeated_annotations is
    'Deletes annotations that repeat an id; the first in the file stays. Returns their count and '
    'at most ten examples';

create or replace function coco.first_numbered(image_stage text) returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    first bigint;
begin
    execute format('select min(image_id) from %s where numbered', image_stage) into first;
    return first;
end
$$;
comment on function coco.first_numbered is
    'The first number that number_images has given; null if it gave none';

create or replace function coco.number_images(image_stage text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    greatest_id bigint;
    texts bigint;
begin
    execute format('select greatest(max(image_id), 0), count(*) filter (where image_id is null) '
                   'from %s', image_stage)
        into greatest_id, texts;
    if texts = 0 then
        return;
    end if;
    if greatest_id > 9223372036854775807 - texts then
        raise exception using
            errcode = 'CO422',
            message = format('no number is left for images whose ids are texts, because another '
                             'has the id %s', greatest_id);
    end if;
    execute format($sql$
        update %1$s s set image_id = $1 + t.nth, numbered = true
        from (select ctid as place, row_number() over (order by index) as nth
              from %1$s where image_id is null) t
        where s.ctid = t.place
        $sql$, image_stage) using greatest_id;
    execute format('create index on %s (text_id)', image_stage);
end
$$;
comment on function coco.number_images is
    'Gives numbers to the staged images whose ids are not numbers, in the order of the file, above '
    'all ids that are. Raises CO422 if there are not enough';

create or replace function coco.keep_numbers(image_stage text, dataset_id bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    first constant bigint := (select d.first_text_image from coco.datasets d
                              where d.id = keep_numbers.dataset_id);
    greatest_id bigint;
begin
    if first is null
       or not exists (select from coco.sources s where s.dataset_id = keep_numbers.dataset_id
                      and s.source <> 'ground_truth') then
        return;
    end if;
    execute format('select max(image_id) from %s', image_stage) into greatest_id;
    -- All numbers from the first that is given on are given.
    if greatest_id >= first then
        return;
    end if;
    execute format('update %s s set image_id = o.image_id, numbered = true '
                   'from coco.images o '
                   'where o.dataset_id = $1 and o.text_id = s.text_id and o.image_id >= $2 '
                   'and s.image_id is null', image_stage)
        using dataset_id, first;
end
$$;
comment on function coco.keep_numbers is
    'Gives the staged images whose ids are texts the numbers that they have in the dataset, '
    'if there are runs, whose rows refer to them. Not if the file has ids that are such numbers';

create or replace function coco.dataset_stage_check(
    import_id bigint, dataset_id bigint default null)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    image_stage text := format('coco_parts.%I', 'images_' || import_id);
    category_stage text := format('coco_parts.%I', 'categories_' || import_id);
begin
    return query
        select * from coco.drop_staged_duplicates(image_stage, 'image_id', 'image');
    return query
        select * from coco.drop_staged_duplicates(image_stage, 'text_id', 'image');
    return query
        select * from coco.drop_staged_duplicates(category_stage, 'category_id', 'category');
    perform coco.keep_numbers(image_stage, dataset_id);
    perform coco.number_images(image_stage);
    -- The planner has no statistics of tables this young. A small sample of the columns that are
    -- joined later will do.
    perform set_config('default_statistics_target', '10', true);
    execute format('analyze %s (image_id, text_id)', image_stage);
    execute format('analyze %s (category_id)', category_stage);
end
$$;
comment on function coco.dataset_stage_check is
    'Drops from the stages of a loaded ground truth images and categories that repeat an id, and '
    'numbers images whose ids are texts, as they are in the dataset if it has runs. Returns the '
    'dropped rows counted by reason, with at most ten examples. Raises CO422';

create or replace function coco.dataset_import_check(import_id bigint)
returns table (reason text, n bigint, of_annotations boolean, examples json)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    leaf text := format('coco_parts.%I', 'a_' || import_id);
    image_stage text := format('coco_parts.%I', 'images_' || import_id);
    category_stage text := format('coco_parts.%I', 'categories_' || import_id);
    has_foreign boolean;
    has_repeated boolean;
begin
    -- A small sample will do: the collection analyzes the leaf once it is published.
    perform set_config('default_statistics_target', '10', true);
    execute format('analyze %s (annotation_id, image_id, category_id)', leaf);
    -- Most files have nothing to delete, which is told in a fraction of the time.
    execute format($sql$
        select exists (
                   select from %1$s a
                   left join %2$s i on i.image_id = a.image_id
                   left join %3$s c on c.category_id = a.category_id
                   where i.image_id is null or c.category_id is null),
               exists (select from %1$s group by annotation_id having count(*) > 1)
        $sql$, leaf, image_stage, category_stage) into has_foreign, has_repeated;
    if has_foreign then
        return query
            select * from coco.drop_foreign_annotations(
                leaf, 'category_id', category_stage, 'category');
        return query
            select * from coco.drop_foreign_annotations(leaf, 'image_id', image_stage, 'image');
    end if;
    if has_repeated then
        return query select * from coco.drop_repeated_annotations(leaf);
    end if;
end
$$;
comment on function coco.dataset_import_check is
    'Deletes from a loaded ground truth the annotations that the worker cannot judge while it '
    'reads: those that repeat an id, and those whose image or category is not in the file, '
    'wherever its arrays stand. Returns them counted by reason, with at most ten examples. After '
    'dataset_stage_check and finish_annotations';

create or replace function coco.count_made_up(leaf text, greatest_id bigint)
returns table (without_id bigint, without_area bigint, without_box bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query execute format(
        'select count(*) filter (where annotation_id > $1), count(*) filter (where area_derived), '
        'count(*) filter (where bbox_derived) from %s', leaf) using greatest_id;
end
$$;
comment on function coco.count_made_up is
    'How many annotations of a loaded ground truth were given an id, an area or a box. '
    'greatest_id: of the annotations that have one in the file, or 0; given ids are above it';

create or replace function coco.sample_boxes(leaf text, image_stage text, dataset_id bigint)
returns table (x float8, y float8, w float8, h float8, width integer, height integer)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    -- Some 20,000 rows of a box.
    pages_max constant float8 := 250;
    pages bigint := pg_relation_size(leaf::regclass) / current_setting('block_size')::integer;
begin
    return query execute format($sql$
        select a.bbox_x, a.bbox_y, a.bbox_w, a.bbox_h, i.width, i.height
        from %s a tablesample system ($1)
        join %s i on i.image_id = a.image_id and %s
        where not a.bbox_derived
        limit 40000
        $sql$, leaf, coalesce(image_stage, 'coco.images'),
        case when image_stage is null then 'i.dataset_id = $2' else 'true' end)
        using 100 * least(1, pages_max / greatest(pages, 1)), dataset_id;
end
$$;
comment on function coco.sample_boxes is
    'The boxes of a loaded leaf with the sizes of their images; of pages chosen at random if it is '
    'large. Not those that were computed from masks. image_stage: null for coco.images';
