-- What people say about a run: notes, tags and an object of their own. It belongs to the name of
-- the run, not to an import.

create or replace function coco.check_change(body json, known text[]) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.check_members(body, 'the body', known);
    if not exists (select from json_object_keys(body)) then
        perform coco.refuse_body(format('the body changes nothing; it takes %s',
                                        array_to_string(known, ', ')));
    end if;
    if body -> 'name' is not null and json_typeof(body -> 'name') <> 'string' then
        perform coco.refuse_body('name must be a text');
    end if;
end
$$;
comment on function coco.check_change is
    'Raises CO422 unless the body of a PATCH is an object with some of the known members';

create or replace function coco.tags_of(list json) returns text[]
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    tags text[];
begin
    if json_typeof(list) = 'null' then
        return '{}';
    end if;
    if json_typeof(list) <> 'array'
       or exists (select from json_array_elements(list) e where json_typeof(e) <> 'string') then
        perform coco.refuse_body('tags must be an array of texts, or null');
    end if;
    select coalesce(array_agg(t.tag order by t.nth), '{}') into tags
        from (select e.tag, min(e.nth) as nth
              from json_array_elements_text(list) with ordinality e (tag, nth)
              group by e.tag) t;
    if cardinality(tags) > 32
       or exists (select from unnest(tags) tag where length(tag) not between 1 and 64) then
        perform coco.refuse_body('tags must be at most 32 texts of 1 to 64 characters');
    end if;
    return tags;
end
$$;
comment on function coco.tags_of is
    'The tags in an array, each once, in its order; none for null. Raises CO422';

create or replace function coco.check_run_change(body json) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.check_change(body, array['name', 'notes', 'tags', 'metadata']);
    if json_typeof(body -> 'notes') not in ('string', 'null') then
        perform coco.refuse_body('notes must be a text, or null');
    end if;
    if json_typeof(body -> 'metadata') not in ('object', 'null') then
        perform coco.refuse_body('metadata must be an object, or null');
    end if;
    perform coco.tags_of(body -> 'tags') where body -> 'tags' is not null;
    perform body ->> 'name', body ->> 'notes', body ->> 'metadata';
exception
    when untranslatable_character or invalid_text_representation then
        perform coco.refuse_text(sqlstate);
end
$$;
comment on function coco.check_run_change is
    'Raises CO422 unless the body of a PATCH of a run can be used';

create or replace function coco.write_run_notes(id bigint, run text, body json) returns void
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    most constant bigint := 65536;
    bytes bigint;
    of_tags bigint;
begin
    insert into coco.run_notes as r (dataset_id, source) values (id, run)
        on conflict (dataset_id, source) do update set updated_at = clock_timestamp();
    update coco.run_notes r
        set notes = case when body -> 'notes' is null then r.notes else body ->> 'notes' end,
            tags = case when body -> 'tags' is null then r.tags
                        else coco.tags_of(body -> 'tags') end,
            metadata = case when body -> 'metadata' is null then r.metadata
                            when json_typeof(body -> 'metadata') = 'object'
                            then body -> 'metadata' end
        where r.dataset_id = id and r.source = run
        returning coalesce(octet_length(r.notes), 0) + coalesce(octet_length(r.metadata::text), 0)
            into bytes;
    update coco.run_notes r
        set metadata_bytes = octet_length(r.metadata::text)
        where r.dataset_id = id and r.source = run
        returning (select coalesce(sum(octet_length(tag)), 0) from unnest(r.tags) tag) into of_tags;
    if bytes + of_tags > most then
        perform coco.refuse_body(format('notes, tags and metadata of a run may have %s bytes '
                                        'together, not %s', most, bytes + of_tags));
    end if;
    delete from coco.run_notes r
        where r.dataset_id = id and r.source = run
          and r.notes is null and r.tags = '{}' and r.metadata is null;
end
$$;
comment on function coco.write_run_notes is
    'Changes what is said about a run: the members that the body has; null removes. Raises CO422, '
    'also if it has more than 64 KiB then. The caller has locked the row of coco.sources';

create or replace function coco.run_change(d text, run text, body json) returns json
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set lock_timeout = '10s' as $$
declare
    ds coco.datasets := coco.dataset_find(d);
begin
    perform coco.check_run_change(body);
    perform from coco.sources s
        where s.dataset_id = ds.id and s.source = run and s.source <> 'ground_truth'
        for key share;
    if not found then
        perform coco.raise_unknown_run(ds, run);
    end if;
    perform coco.write_run_notes(ds.id, run, body);
    return coco.run_document(d, run);
end
$$;
comment on function coco.run_change is
    'PATCH /datasets/{d}/runs/{run} without a new name: changes notes, tags and metadata, and '
    'returns the run. Raises CO401, CO402 or CO422';
