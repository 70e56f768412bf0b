-- Matches: makes and publishes the rows of coco.matches, in the four transactions of an import.
-- Called by the worker that has compared a run with its ground truth. doc/visibility.md explains
-- the transactions; what they share with imports is in leaves.sql, import.sql and collect.sql.

create or replace function coco.matches_of(dataset_id bigint, run text, iou_type text)
returns coco.match_sources
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    found_row coco.match_sources;
begin
    select * into found_row
        from coco.match_sources s
        where s.dataset_id = matches_of.dataset_id and s.source = run
          and s.iou_type = matches_of.iou_type;
    return found_row;
end
$$;
comment on function coco.matches_of is
    'The published set of matches of a run and a kind of overlap; all null if there is none';

create or replace function coco.check_iou_type(iou_type text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if iou_type is null or iou_type not in ('bbox', 'segm', 'keypoints') then
        raise exception using
            errcode = 'CO400',
            message = format('iou_type must be bbox, segm or keypoints, not "%s"',
                             coco.shown(iou_type));
    end if;
end
$$;
comment on function coco.check_iou_type is 'Raises CO400 unless this is a kind of overlap';

create or replace function coco.matches_current(d text, run text, iou_type text default 'bbox')
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    perform coco.check_iou_type(iou_type);
    if not exists (select from coco.runs r where r.dataset_id = ds.id and r.run_name = run) then
        perform coco.raise_unknown_run(ds, run);
    end if;
    return (coco.matches_of(ds.id, run, iou_type)).matches_id;
end
$$;
comment on function coco.matches_current is
    'The set of matches of the published run and ground truth; null if it has to be made. Raises '
    'CO400, CO401 or CO402';

create or replace function coco.raise_replaced(run text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using
        errcode = 'CO903',
        message = format('run %s or its ground truth was replaced while they were compared; try '
                         'again', run);
end
$$;
comment on function coco.raise_replaced is
    'Raises CO903: the imports that were compared are not the published ones any more';

create or replace function coco.await_other_matches(dataset_id bigint, run text, iou_type text)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    before text := current_setting('lock_timeout');
begin
    perform set_config('lock_timeout', '60s', true);
    begin
        perform pg_advisory_xact_lock(
            coco.lock_key('matches', format('%s/%s/%s', dataset_id, run, iou_type)));
    exception when lock_not_available then
        raise exception using
            errcode = 'CO903',
            message = format('another request is making the matches of run %s; try again when it '
                             'has ended', run);
    end;
    perform set_config('lock_timeout', before, true);
    -- Who made some before holds no lock between its transactions.
    while exists (select from coco.match_sets m
                  where m.dataset_id = await_other_matches.dataset_id and m.source = run
                    and m.iou_type = await_other_matches.iou_type
                    and m.finished_at is null and not m.collected
                    and m.phase_at > clock_timestamp() - interval '10 seconds') loop
        perform pg_sleep(0.01);
    end loop;
end
$$;
comment on function coco.await_other_matches is
    'Waits for others that make the matches of this run, and keeps more of them from beginning '
    'until the end of the transaction. Raises CO903 after a minute of another one''s load';

create or replace function coco.matches_begin(
    dataset_id bigint, run text, iou_type text, ground_truth bigint, import_id bigint,
    out matches_id bigint, out leaf text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    published bigint;
begin
    perform coco.check_iou_type(iou_type);
    perform coco.await_other_matches(dataset_id, run, iou_type);
    select count(*) into published
        from coco.sources s
        where s.dataset_id = matches_begin.dataset_id
          and (s.source = run and s.import_id = matches_begin.import_id
               or s.source = 'ground_truth' and s.import_id = matches_begin.ground_truth);
    if published <> 2 then
        perform coco.raise_replaced(run);
    end if;
    if (coco.matches_of(dataset_id, run, iou_type)).matches_id is not null then
        return;
    end if;
    matches_id := nextval(pg_get_serial_sequence('coco.imports', 'import_id'));
    perform coco.leaf_step(matches_id, 'matches/' || matches_id, 'copy');
    leaf := format('coco_parts.%I', 'm_' || matches_id);
    -- The columns of 8 bytes come first, so that none is lost between them.
    execute format('create table %s ('
                   'annotation_id bigint, truth_id bigint, image_id bigint not null, '
                   'confidence float8, iou float8, '
                   'category_id integer not null, truth_category_id integer, '
                   'confused_category_id integer, outcome coco.outcome not null, '
                   'found_by bigint, confused_confidence float8, left_out boolean)',
                   leaf);
end
$$;
comment on function coco.matches_begin is
    'Begins transaction 1 of a set of matches: waits for others that make the same one, and '
    'creates the leaf that COPY fills. matches_id is null if they have made it, and there is '
    'nothing to do. Raises CO400, or CO903 if these imports are not the published ones';

create or replace function coco.matches_loaded(
    id bigint, dataset_id bigint, run text, iou_type text, ground_truth bigint, import_id bigint)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    leaf text := format('coco_parts.%I', 'm_' || id);
begin
    -- The rows of a class lie surest first, so a walk along this index reads pages in turn. With
    -- the outcome in it, it would be a third larger.
    execute format('create index on %s (category_id, confidence desc)', leaf);
    execute format('create index on %s (image_id)', leaf);
    -- With the kind of overlap in the check, the planner leaves out leaves of other kinds.
    execute format('alter table %1$s '
                   'add dataset_id bigint not null default %2$L, '
                   'add source text collate "C" not null default %3$L, '
                   'add matches_id bigint not null default %4$L, '
                   'add iou_type text collate "C" not null default %5$L, '
                   'add constraint bounds check (%6$s and iou_type = %5$L)',
                   leaf, dataset_id, run, id, iou_type,
                   coco.bounds_check(dataset_id, run, id, 'matches_id', 'coco.match_versions'));
    insert into coco.match_sets (matches_id, dataset_id, source, iou_type, ground_truth, import_id,
                                 started_at, phase)
    values (id, dataset_id, run, iou_type, ground_truth, import_id, now(), 'loaded');
end
$$;
comment on function coco.matches_loaded is
    'Ends transaction 1: builds the indexes of the leaf, adds the columns that have one value in '
    'all its rows, and writes the set to coco.match_sets';

create or replace function coco.matches_resume(id bigint, phase text) returns coco.match_sets
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    m coco.match_sets;
begin
    perform coco.leaf_step(id, 'matches/' || id, phase);
    -- Under the lock of the leaf, which the collection takes to claim it.
    select * into m from coco.match_sets where matches_id = id;
    if not found or m.collected or m.finished_at is not null then
        raise exception using
            errcode = 'CO903',
            message = format('the set of matches %s was taken for abandoned, because nothing was '
                             'committed for too long; try again', id);
    end if;
    return m;
end
$$;
comment on function coco.matches_resume is
    'Begins transactions 2 to 4: locks the leaf against the collection, and returns the set. '
    'Raises CO903 if the collection has claimed the leaf, or the set has ended';

create or replace function coco.matches_attach(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    m coco.match_sets := coco.matches_resume(id, 'attach');
begin
    perform coco.attach_leaf(coco.bucket_of(m.dataset_id, 'match_bucket_'), 'm_' || id,
                             m.dataset_id, m.source, id);
    update coco.match_sets
        set phase = 'attached', phase_at = clock_timestamp()
        where matches_id = id;
end
$$;
comment on function coco.matches_attach is
    'Transaction 2: attaches the leaf to its bucket. The view hides its rows';

create or replace function coco.matches_announce(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    m coco.match_sets := coco.matches_resume(id, 'attach');
begin
    perform coco.announce_leaves(coco.bucket_of(m.dataset_id, 'match_bucket_'));
    update coco.match_sets set phase_at = clock_timestamp() where matches_id = id;
end
$$;
comment on function coco.matches_announce is
    'Transaction 3: every query that is planned after this commit knows the leaf';

create or replace function coco.lock_compared(m coco.match_sets) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    published bigint;
begin
    -- A publication or a delete locks these rows before it retires matches. One that comes first
    -- is waited for here, and its row is not found then; one that comes later waits, and sees the
    -- new pointer.
    with locked as (
        select from coco.sources s
        where s.import_id in (m.import_id, m.ground_truth)
        order by s.source
        for key share
    )
    select count(*) into published from locked;
    if published <> 2 then
        perform coco.raise_replaced(m.source);
    end if;
end
$$;
comment on function coco.lock_compared is
    'Keeps the two imports that were compared published until the end of the transaction. Raises '
    'CO903 if they are not';

create or replace function coco.matches_publish(id bigint, counts json) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    m coco.match_sets := coco.matches_resume(id, 'publish');
begin
    perform coco.await_readers(coco.bucket_of(m.dataset_id, 'match_bucket_'));
    perform coco.lock_compared(m);
    insert into coco.match_sources
    select m.dataset_id, m.source, m.iou_type, id, m.ground_truth, m.import_id, clock_timestamp(),
           coalesce(sum(c.n) filter (where not c.is_truth), 0),
           coalesce(sum(c.n) filter (where c.is_truth), 0),
           extract(epoch from clock_timestamp() - m.started_at) * 1000
    from json_to_recordset(counts) c (is_truth boolean, n bigint)
    on conflict on constraint match_sources_pkey do nothing;
    if not found then
        -- Somebody has made them meanwhile, of the same imports: others are not published.
        perform coco.matches_failed(id);
        return (coco.matches_of(m.dataset_id, m.source, m.iou_type)).matches_id;
    end if;
    insert into coco.match_counts (dataset_id, matches_id, category_id, is_truth, outcome, n,
                                   claimed)
    select m.dataset_id, id, c.category_id, c.is_truth, c.outcome::coco.outcome, sum(c.n),
           sum(c.claimed)
    from json_to_recordset(counts) c (category_id integer, is_truth boolean, outcome text, n bigint,
                                      claimed bigint)
    group by c.category_id, c.is_truth, c.outcome;
    update coco.match_sets
        set phase = 'published', phase_at = clock_timestamp(), finished_at = clock_timestamp()
        where matches_id = id;
    return id;
end
$$;
comment on function coco.matches_publish is
    'Transaction 4: its commit publishes the set. counts: [{category_id, is_truth, outcome, n, '
    'claimed}] for coco.match_counts; rows with the same key add up. Returns the published set, '
    'which is another one if somebody has been quicker. Raises CO903 if the run or its ground '
    'truth was replaced';

create or replace function coco.matches_failed(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update coco.match_sets
        set phase = 'failed', phase_at = clock_timestamp(), finished_at = clock_timestamp()
        where matches_id = id and finished_at is null;
end
$$;
comment on function coco.matches_failed is
    'Ends a set that will not be published; the collection drops its leaf. Does nothing if it has '
    'ended, or was rolled back';

create or replace function coco.matches_are_published(id bigint) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.lock_soon('import', id::text);
    return (select matches_id from coco.match_sets where matches_id = id and phase = 'published');
end
$$;
comment on function coco.matches_are_published is
    'For a worker that lost its connection in the last commit: the id if the commit succeeded, '
    'null if not. Waits up to ten seconds for the old backend to end';

create or replace function coco.retire_matches(id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from coco.match_counts n
        using coco.match_sources s
        where s.matches_id = n.matches_id and id in (s.import_id, s.ground_truth);
    with gone as (
        delete from coco.match_sources s
        where id in (s.import_id, s.ground_truth)
        returning s.matches_id
    )
    update coco.match_sets m
        set retired_xid = pg_current_xact_id(), retired_at = clock_timestamp()
        from gone
        where gone.matches_id = m.matches_id;
end
$$;
comment on function coco.retire_matches is
    'Takes the matches that were made of this import out of what readers see. The collection drops '
    'their leaves once no snapshot needs them. Does nothing for null';
