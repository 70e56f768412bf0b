-- What runs lose to a new ground truth: rows in images, and of classes, that are not in it any
-- more, or are others now. Without the word of the client such a ground truth is refused; with it,
-- the rows are dropped: each of these runs gets a leaf without them, published in the same commit.

create or replace function coco.find_lost_images(import_id bigint, dataset_id bigint)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    lost text := format('coco_parts.%I', 'lost_images_' || import_id);
    stage text := format('coco_parts.%I', 'images_' || import_id);
    n bigint;
begin
    execute format('create table %s (image_id bigint primary key)', lost);
    -- An image whose name has changed is another one if its old name has moved to another id, or
    -- its new one has come from there: the file counts its images anew.
    execute format($sql$
        insert into %1$s
        with changed as materialized (
            select o.image_id, o.file_name as was, n.file_name as is_now
            from coco.images o
            join %2$s n on n.image_id = o.image_id
            where o.dataset_id = $1 and n.file_name <> o.file_name
              and '' not in (o.file_name, n.file_name)
        )
        select o.image_id
        from coco.images o
        left join %2$s n on n.image_id = o.image_id
        where o.dataset_id = $1
          and coalesce(n.text_id, n.image_id::text)
              is distinct from coalesce(o.text_id, o.image_id::text)
        union
        select c.image_id
        from changed c
        where exists (select from %2$s m where m.file_name = c.was)
        union
        select c.image_id
        from changed c
        where exists (select from coco.images p
                      where p.dataset_id = $1 and p.file_name = c.is_now)
        $sql$, lost, stage) using dataset_id;
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function coco.find_lost_images is
    'Writes the images of a dataset that its new ground truth, an import with stages, does not '
    'have, or has under another id, to coco_parts.lost_images_<import_id>. Returns their number';

create or replace function coco.find_lost_classes(import_id bigint, dataset_id bigint)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    n bigint;
begin
    execute format('create table coco_parts.%I '
                   '(category_id integer primary key, name text, is_now text)',
                   'lost_categories_' || import_id);
    -- As above. A new name alone is the same class, spelled better.
    execute format($sql$
        insert into coco_parts.%1$I
        with changed as materialized (
            select o.category_id, o.name, s.name as is_now
            from coco.categories o
            left join %2$s s on s.category_id = o.category_id
            where o.dataset_id = $1 and s.name is distinct from o.name
        )
        select * from changed where is_now is null
        union
        select c.* from changed c
        where c.is_now is not null and exists (select from %2$s m where m.name = c.name)
        union
        select c.* from changed c
        where exists (select from coco.categories p
                      where p.dataset_id = $1 and p.name = c.is_now)
        $sql$, 'lost_categories_' || import_id,
        format('coco_parts.%I', 'categories_' || import_id)) using dataset_id;
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function coco.find_lost_classes is
    'As find_lost_images, for classes: category_id, name, and the name that the id has in the '
    'file, null if it is not there. In coco_parts.lost_categories_<import_id>';

create or replace function coco.images_lost_by(
    run bigint, import_id bigint, lost_count bigint, out n bigint, out examples bigint[])
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_bitmapscan = off as $$
declare
    leaf text := format('coco_parts.%I', 'a_' || run);
    lost text := format('coco_parts.%I', 'lost_images_' || import_id);
    used bigint := (select sum(u) from coco.import_statistics t, unnest(t.per_image[2:]) u
                    where t.import_id = run);
begin
    -- Along the index of the leaf, a step for each lost image, or for each that the run uses:
    -- never through its rows.
    execute case when used < lost_count then format($sql$
        with recursive used as (
            (select a.image_id from %1$s a order by a.image_id limit 1)
            union all
            select (select a.image_id from %1$s a
                    where a.image_id > u.image_id
                    order by a.image_id limit 1)
            from used u
            where u.image_id is not null
        )
        select count(*), (array_agg(image_id order by image_id))[:10]
        from used join %2$s l using (image_id)
        $sql$, leaf, lost) else format($sql$
        select count(*), (array_agg(l.image_id order by l.image_id))[:10]
        from %2$s l
        cross join lateral (select from %1$s a where a.image_id = l.image_id limit 1) a
        $sql$, leaf, lost) end
        into n, examples;
end
$$;
comment on function coco.images_lost_by is
    'How many of the lost images of an import (find_lost_images) a published run has rows in, and '
    'the first ten';

create or replace function coco.classes_lost_by(run bigint, import_id bigint)
returns table (category_id integer, name text, is_now text, row_count bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query execute format(
        'select l.category_id, l.name, l.is_now, sum(c.n)::bigint '
        'from coco.class_counts c join coco_parts.%I l using (category_id) '
        'where c.import_id = $1 and c.n > 0 group by 1, 2, 3 order by 1',
        'lost_categories_' || import_id) using run;
end
$$;
comment on function coco.classes_lost_by is
    'The lost classes of an import (find_lost_classes) that a published run has rows of';

create or replace function coco.run_losses(
    run coco.sources, import_id bigint, lost_images bigint, lost_classes bigint)
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    images bigint := 0;
    image_ids bigint[];
    classes json;
    class_count bigint := 0;
begin
    if lost_images > 0 then
        select l.n, l.examples into images, image_ids
            from coco.images_lost_by(run.import_id, import_id, lost_images) l;
    end if;
    if lost_classes > 0 then
        select count(*),
               json_agg(json_build_object('category_id', c.category_id, 'name', c.name,
                                          'name_in_file', c.is_now, 'row_count', c.row_count)
                        order by c.category_id) filter (where c.nth <= 10)
            into class_count, classes
            from (select *, row_number() over (order by l.category_id) as nth
                  from coco.classes_lost_by(run.import_id, import_id) l) c;
    end if;
    if images = 0 and class_count = 0 then
        return null;
    end if;
    return json_build_object(
        'run_name', run.source, 'image_count', images,
        'image_ids', (select coalesce(json_agg(coalesce(to_json(i.text_id), to_json(i.image_id))
                                               order by i.image_id), '[]')
                      from coco.images i
                      where i.dataset_id = run.dataset_id and i.image_id = any (image_ids)),
        'category_count', class_count, 'categories', coalesce(classes, '[]'));
end
$$;
comment on function coco.run_losses is
    'What a published run loses to a new ground truth: how many images and classes, and ten '
    'examples of each; null if it loses nothing';

create or replace function coco.lost_skips(losses json, of_classes bigint, dropped bigint)
returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(json_build_object('reason', r.reason, 'count', r.n,
                                                   'examples', coalesce(r.examples, '[]'))), '[]')
        from (select 'unknown_category' as reason, of_classes as n,
                     (select json_agg(json_build_object('detail', format(
                                 'category %s (%s) is not in the dataset any more',
                                 c ->> 'category_id', coco.shown(c ->> 'name'))))
                      from json_array_elements(losses -> 'categories') c) as examples
              union all
              select 'unknown_image', dropped - of_classes,
                     (select json_agg(json_build_object('detail', format(
                                 'image %s is not in the dataset any more', coco.shown(i))))
                      from json_array_elements_text(losses -> 'image_ids') i)) r
        where r.n > 0);
end
$$;
comment on function coco.lost_skips is
    'The rows that a run has lost as skipped rows: [{reason, count, examples}]';

create or replace function coco.added_skips(a json, b json) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    with both_of as (
        select e ->> 'reason' as reason, (e ->> 'count')::bigint as n, e -> 'examples' as examples
        from (select e from json_array_elements(a) e
              union all
              select e from json_array_elements(b) e) s
    )
    select coalesce(json_agg(json_build_object(
               'reason', r.reason, 'count', r.n,
               'examples', (select coalesce(json_agg(x.e), '[]')
                            from (select x.e
                                  from both_of o, json_array_elements(o.examples) x (e)
                                  where o.reason = r.reason limit 10) x))
               order by r.reason), '[]')
    from (select o.reason, sum(o.n) as n from both_of o group by o.reason) r
$$;
comment on function coco.added_skips is
    'Two accounts of skipped rows in one: [{reason, count, examples}], at most ten examples a '
    'reason';

create or replace function coco.cut_run(
    run coco.sources, losses json, import_id bigint, dataset text, image_count bigint)
returns json
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    id bigint := nextval(pg_get_serial_sequence('coco.imports', 'import_id'));
    rows bigint;
    dropped bigint;
begin
    perform coco.lock_soon('import', id::text);
    rows := coco.copy_leaf(
        run.import_id, id, true,
        format('not exists (select from coco_parts.%I l where l.category_id = a.category_id) '
               'and not exists (select from coco_parts.%I l where l.image_id = a.image_id)',
               'lost_categories_' || import_id, 'lost_images_' || import_id));
    dropped := run.row_count - rows;
    perform coco.copied(
        id, '', run.dataset_id, dataset, run.source, import_id, run.import_id, import_id,
        json_build_object(
            'row_count', rows, 'dropped', dropped, 'skipped', coco.lost_skips(
                losses, (select coalesce(sum(l.row_count), 0)::bigint
                         from coco.classes_lost_by(run.import_id, import_id) l), dropped),
            'counts', coco.count_leaf(format('coco_parts.%I', 'a_' || id), true, image_count)));
    return json_build_object('run_name', run.source, 'prediction_count', rows,
                             'dropped_count', dropped);
end
$$;
comment on function coco.cut_run is
    'Makes, for the import of a ground truth, a copy of a run without the rows that it loses. '
    'Returns {run_name, prediction_count, dropped_count}';

create or replace function coco.loss_sentence(dataset text, losses json, more boolean)
returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format(
        'run %s of dataset %s has rows%s%s that the file does not have, or has as others%s; '
        'force=1 drops these rows',
        losses -> 0 ->> 'run_name', dataset,
        case when (losses -> 0 ->> 'image_count')::bigint > 0
             then format(' in %s images (%s)', losses -> 0 ->> 'image_count',
                         (select string_agg(coco.shown(i), ', ')
                          from (select i from json_array_elements_text(losses -> 0 -> 'image_ids') i
                                limit 3) i)) end,
        case when (losses -> 0 ->> 'category_count')::bigint > 0
             then format('%s of %s categories (%s)',
                         case when (losses -> 0 ->> 'image_count')::bigint > 0 then ' and' end,
                         losses -> 0 ->> 'category_count',
                         (select string_agg(c ->> 'category_id', ', ')
                          from (select c from json_array_elements(losses -> 0 -> 'categories') c
                                limit 3) c)) end,
        case when json_array_length(losses) > 1
             then format(', and %s%s other runs likewise', case when more then 'at least ' end,
                         json_array_length(losses) - 1) end)
$$;
comment on function coco.loss_sentence is
    'Why a ground truth is refused: what runs lose (run_losses of each); more: there are others';

create or replace function coco.dataset_settle_runs(
    import_id bigint, dataset_id bigint, force boolean, added json default null,
    out refusal text, out runs json)
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    id constant bigint := import_id;
    most_shown constant integer := 20;
    most_cut constant integer := 500;
    dataset text := (select i.dataset from coco.imports i where i.import_id = id);
    checked bigint[] := array(
        select s.import_id from coco.sources s
        where s.dataset_id = dataset_settle_runs.dataset_id and s.source <> 'ground_truth');
    lost_images bigint;
    lost_classes bigint;
    image_count bigint;
    run coco.sources;
    losses json;
    found_losses json[] := '{}';
    cuts json[] := '{}';
begin
    update coco.imports i
        set made = json_build_object('runs', to_json(checked), 'added', added),
            copied_from = (added ->> 'import')::bigint
        where i.import_id = id;
    if checked = '{}' then
        return;
    end if;
    lost_images := coco.find_lost_images(id, dataset_id);
    lost_classes := coco.find_lost_classes(id, dataset_id);
    execute format('select count(*) from coco_parts.%I', 'images_' || id) into image_count;
    for run in select * from coco.sources s
               where s.import_id = any (checked) and lost_images + lost_classes > 0
               order by s.source loop
        losses := coco.run_losses(run, id, lost_images, lost_classes);
        continue when losses is null;
        found_losses := found_losses || losses;
        if force then
            cuts := cuts || coco.cut_run(run, losses, id, dataset, image_count);
        end if;
        exit when cardinality(found_losses) > case when force then most_cut else most_shown end;
    end loop;
    execute format('drop table coco_parts.%I, coco_parts.%I', 'lost_images_' || id,
                   'lost_categories_' || id);
    if cardinality(cuts) > most_cut then
        refusal := format('more than %s runs of dataset %s would lose rows; delete some of them '
                          'first', most_cut, dataset);
    elsif not force and cardinality(found_losses) > 0 then
        runs := to_json(found_losses[:most_shown]);
        refusal := coco.loss_sentence(dataset, runs, cardinality(found_losses) > most_shown);
    else
        update coco.imports i
            set made = json_build_object('runs', to_json(checked), 'added', added,
                                         'cuts', to_json(cuts))
            where i.import_id = id;
    end if;
    -- The copies may have taken long: the place is kept from here on.
    update coco.imports i set phase_at = clock_timestamp()
        where i.import_id = id or i.made_for = id;
end
$$;
comment on function coco.dataset_settle_runs is
    'Ends transaction 1 of a ground truth under runs: finds what each of them loses. With `force`, '
    'makes copies without that, at most 500. added: of dataset_merge. Otherwise returns why the '
    'ground truth is refused, and what the first 20 runs lose; nulls if it is not';

create or replace function coco.check_settled(i coco.imports) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    new_run text := (
        select min(s.source)
        from coco.sources s
        where s.dataset_id = i.dataset_id and s.source <> 'ground_truth'
          and s.import_id::text not in (
              select json_array_elements_text(coalesce(i.made -> 'runs', '[]'))));
begin
    if new_run is not null then
        raise exception using
            errcode = 'CO903',
            message = format('run %s of dataset %s was imported meanwhile; try again', new_run,
                             i.dataset);
    end if;
    if json_array_length(i.made -> 'runs') > 0
       and i.ground_truth is distinct from coco.ground_truth_of(i.dataset_id) then
        raise exception using
            errcode = 'CO903',
            message = format('the ground truth of dataset %s was replaced meanwhile; try again',
                             i.dataset);
    end if;
end
$$;
comment on function coco.check_settled is
    'Raises CO903 if a ground truth is about to be published under runs that '
    'dataset_settle_runs has not seen, or after another one';

create or replace function coco.publish_cuts(id bigint, split text) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    m coco.imports;
    original coco.sources;
    dropped bigint := 0;
begin
    for m in select * from coco.imports i where i.made_for = id order by i.source loop
        original := coco.lock_original(m);
        perform coco.retire(original.import_id);
        update coco.sources s
            set import_id = m.import_id, imported_at = clock_timestamp(),
                row_count = (m.made ->> 'row_count')::bigint,
                skipped_count = s.skipped_count + (m.made ->> 'dropped')::bigint,
                skipped = coco.added_skips(s.skipped, m.made -> 'skipped'),
                replaced_count = s.row_count,
                duration_ms = extract(epoch from clock_timestamp() - m.started_at) * 1000
            where s.import_id = original.import_id;
        perform coco.keep_counts(m.dataset_id, m.import_id, split, true, m.made -> 'counts');
        dropped := dropped + (m.made ->> 'dropped')::bigint;
    end loop;
    return dropped;
end
$$;
comment on function coco.publish_cuts is
    'Publishes the runs that were cut for a ground truth, in its transaction 4. Returns how many '
    'rows they lose together. All images have this split; null: none';
