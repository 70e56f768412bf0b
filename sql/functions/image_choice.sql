-- What a list of images is asked for: filters and an order, checked.

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
    ds coco.datasets, split text, slice text, source text, min_confidence float8, outcome text,
    has_area boolean)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    perform coco.check_part(ds, split, slice);
    if coalesce(source, 'ground_truth') = 'ground_truth' then
        if min_confidence is not null then
            perform coco.refuse_images('min_confidence is for the detections of a run: give the '
                                       'run as source');
        elsif outcome is not null then
            perform coco.refuse_images('outcome is for a run: give the run as source');
        end if;
    end if;
    if outcome is not null and has_area then
        perform coco.refuse_images('min_area and below_area do not go with outcome');
    end if;
end
$$;
comment on function coco.check_image_filters is
    'Raises CO400 for an unknown split, a filter that needs a run, or areas beside an outcome; '
    'CO404 for an unknown slice';

create or replace function coco.choose_rows(
    c coco.image_choice, source text, min_area float8, below_area float8, min_count bigint,
    max_count bigint)
returns coco.image_choice
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    if min_count > max_count then
        perform coco.refuse_images(format('min_count cannot be more than max_count (%s, %s)',
                                          min_count, max_count));
    elsif min_area >= below_area then
        perform coco.refuse_images(format('min_area must be less than below_area (%s, %s)',
                                          min_area, below_area));
    end if;
    c.source := source;
    c.min_area := min_area;
    c.below_area := below_area;
    if coalesce(min_count, max_count) is not null then
        c.min_count := coalesce(min_count, 0);
        c.max_count := max_count;
    end if;
    return c;
end
$$;
comment on function coco.choose_rows is
    'Adds to a choice which rows an image must have, and how many. min_count and max_count: null '
    'for one row or more. Raises CO400 if no row or number can be so';

create or replace function coco.image_choice_of(
    ds coco.datasets, sort text, split text, slice text, category text, source text,
    min_confidence float8, outcome text, iou_type text, min_area float8, below_area float8,
    min_count bigint, max_count bigint, search text, file_name text, run text default null)
returns coco.image_choice
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    c coco.image_choice;
    by_name constant boolean := file_name is not null or search like '%*';
begin
    perform coco.check_image_filters(ds, split, slice, source, min_confidence, outcome,
                                     coalesce(min_area, below_area) is not null);
    c.dataset_id := ds.id;
    c.ground_truth := coco.ground_truth_of(ds.id);
    c.is_descending := coalesce(sort like '-%', false);
    c.key := case coalesce(ltrim(sort, '-'), case when by_name then 'file_name' else 'id' end)
                 when 'id' then 'id' when 'file_name' then 'name' when 'size' then 'pixels'
                 when 'annotations' then 'annotations' when 'errors' then 'errors' end;
    if c.key is null then
        perform coco.refuse_images(format('sort must be id, file_name, size, annotations or '
                                          'errors, with a dash in front for the reverse, '
                                          'not "%s"',
                                          coco.shown(sort)));
    end if;
    c.split := split;
    c.slice := slice;
    c.category_id := coco.category_of(ds, category);
    if c.key = 'errors' then
        c := coco.order_by_errors(c, ds, coalesce(run, source), iou_type);
    elsif run is not null then
        perform coco.refuse_images('run is for sort=errors; what images must have goes by source');
    end if;
    -- A run that only names the order asks for no row of it.
    if num_nonnulls(category, min_confidence, outcome, min_area, below_area, min_count,
                    max_count) > 0
       or source is not null and (c.key <> 'errors' or run is not null) then
        c := coco.choose_rows(c, coalesce(source, 'ground_truth'), min_area, below_area,
                              min_count, max_count);
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
    'What a request for images means. Raises CO400, CO402, CO404, CO405 or CO905';
