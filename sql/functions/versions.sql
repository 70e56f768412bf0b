-- Versions of what reads answer, for ETags. A version changes with every commit that may change the
-- answer, and is made of a few rows: those of the published imports. xmin, the transaction that
-- wrote a row, tells a changed row from the former one, whatever has changed in it.

create or replace function coco.note_slice_changes() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- A dataset may be gone: its delete takes its slices along.
    insert into coco.slice_changes (dataset_id, changed_at)
        select d.id, clock_timestamp()
        from coco.datasets d
        where d.id in (select c.dataset_id from changed c)
        order by d.id
        on conflict (dataset_id) do update set changed_at = excluded.changed_at;
    return null;
end
$$;
comment on function coco.note_slice_changes is
    'Trigger of coco.slices: notes that slices of datasets have changed. Who writes coco.slices '
    'must be allowed to write coco.slice_changes';

create or replace trigger slices_inserted after insert on coco.slices
    referencing new table as changed for each statement execute function coco.note_slice_changes();
create or replace trigger slices_updated after update on coco.slices
    referencing new table as changed for each statement execute function coco.note_slice_changes();
create or replace trigger slices_deleted after delete on coco.slices
    referencing old table as changed for each statement execute function coco.note_slice_changes();

create or replace function coco.version_digest(facts text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select encode(substr(sha256(convert_to(facts, 'UTF8')), 1, 12), 'hex')
$$;
comment on function coco.version_digest is
    '24 hexadecimal digits that stand for these facts';

create or replace function coco.schema_digest() returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return (select string_agg(f.checksum, ' ' order by f.file) from coco.schema_files f);
end
$$;
comment on function coco.schema_digest is
    'Stands for the functions that make documents: another version of them may write others';

create or replace function coco.dataset_facts(ds coco.datasets) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return concat_ws(
        ';', coco.schema_digest(), ds.id,
        (select d.xmin from coco.datasets d where d.id = ds.id),
        (select string_agg(concat_ws(',', s.import_id, s.xmin), ' ' order by s.import_id)
         from coco.sources s
         where s.dataset_id = ds.id),
        -- Written once more when sizes and rows per image are counted after the publication.
        (select string_agg(s.xmin::text, ' ' order by s.import_id, s.split)
         from coco.import_statistics s
         where s.dataset_id = ds.id),
        (select string_agg(concat_ws(',', h.import_id, h.xmin), ' ' order by h.import_id)
         from coco.health_reports h
         where h.import_id = coco.ground_truth_of(ds.id)),
        (select string_agg(concat_ws(',', m.matches_id, m.xmin), ' ' order by m.matches_id)
         from coco.match_sources m
         where m.dataset_id = ds.id),
        (select c.xmin from coco.slice_changes c where c.dataset_id = ds.id),
        (select p.xmin from coco.pictures p where p.dataset_id = ds.id),
        (select c.xmin from coco.picture_checks c where c.dataset_id = ds.id),
        'notes',
        (select string_agg(concat_ws(',', n.source, n.xmin), ' ' order by n.source)
         from coco.run_notes n
         where n.dataset_id = ds.id));
end
$$;
comment on function coco.dataset_facts is
    'What documents about a dataset depend on, but for its stored evaluations';

create or replace function coco.dataset_version(d text) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return coco.version_digest(coco.dataset_facts(coco.dataset_find(d)));
end
$$;
comment on function coco.dataset_version is
    'Changes whenever a document about this dataset may have changed. Not for lists of stored '
    'evaluations: see evaluations_version. Raises CO401';

create or replace function coco.evaluations_version(d text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    return coco.version_digest(concat_ws(
        ';', coco.dataset_facts(ds),
        (select concat_ws(',', count(*), sum(e.xmin::text::bigint))
         from coco.evaluations e
         where e.dataset_id = ds.id)));
end
$$;
comment on function coco.evaluations_version is
    'Changes whenever a list of the stored evaluations of this dataset may have changed. Raises '
    'CO401';
