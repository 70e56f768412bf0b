-- The history of imports: what GET /imports/{token} answers, during an import and afterwards.

create or replace function coco.import_state(i coco.imports) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when i.phase = 'published' then 'done'
                when i.phase = 'failed' then 'failed'
                when i.phase_at > clock_timestamp() - interval '10 seconds' then 'running'
                else 'lost' end
$$;
comment on function coco.import_state is
    'The state of an import that no backend works on: done, failed, running (between two of its '
    'transactions), or lost: not finished, and its last commit is over ten seconds old';

create or replace function coco.bounded_outcome(outcome json) returns json
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when octet_length(outcome::text) <= 65536 then outcome
                else (select json_object_agg(
                                 m.key, case when m.key = 'skipped'
                                             then coco.without_examples(m.value) else m.value end)
                      from json_each(outcome) m
                      where octet_length(m.value::text) <= 16384 or m.key = 'skipped')
           end
$$;
comment on function coco.bounded_outcome is
    'The outcome of an import as the history keeps it. One that is larger than 64 KiB loses the '
    'examples of skipped rows, and members of more than 16 KiB';

create or replace function coco.refuse_used_token(import_token text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    state text;
begin
    -- Two rows are enough. Nothing comes after a published import but a later file of the same
    -- request, and nothing after one of those that has failed.
    select coco.import_state(l.i) into state
        from (select i from coco.imports i
              where i.token = import_token
              order by i.import_id desc limit 2) l
        where coco.import_state(l.i) in ('running', 'done')
        limit 1;
    if found then
        perform coco.raise_token_in_use(import_token, state);
    end if;
end
$$;
comment on function coco.refuse_used_token is
    'Raises CO904 if an import of this token is published, or loaded and not yet published';

create or replace function coco.raise_token_in_use(token text, state text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using
        errcode = 'CO904',
        message = format(case when state = 'running'
                              then 'import=%s is in use: its upload is still running'
                              else 'import=%s has been used: its upload is published' end
                         || '; give this upload another token', token);
end
$$;
comment on function coco.raise_token_in_use is
    'Raises CO904: another upload has this token. state: of that upload (coco.import_state)';

create or replace function coco.claim_token(token text, continues boolean) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- As in coco.lock_dataset: the first call refuses without taking the lock, which a running
    -- import needs again in its next transaction.
    if not continues then
        perform coco.refuse_used_token(token);
    end if;
    if not pg_try_advisory_xact_lock(coco.lock_key('token', token)) then
        perform coco.raise_token_in_use(token, 'running');
    end if;
    if not continues then
        perform coco.refuse_used_token(token);
    end if;
end
$$;
comment on function coco.claim_token is
    'Keeps all other uploads from using this token, until the end of the transaction. continues: '
    'an earlier file of the same request has it. Raises CO904 if the token is in use: the outcome '
    'of the upload that has it could be taken for that of another one';

create or replace function coco.works_on(pid integer, import_id bigint) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from pg_locks l
        where l.locktype = 'advisory' and l.pid = works_on.pid and l.granted
          and l.database = (select oid from pg_database where datname = current_database())
          and (l.classid::bigint << 32) | l.objid::bigint = coco.lock_key('import', import_id::text))
$$;
comment on function coco.works_on is
    'Whether the backend is in a transaction of this import. Each takes the lock of its import';

create or replace function coco.ended_imports(import_token text) returns json
language sql stable set search_path = pg_catalog, pg_temp as $$
    select json_agg(json_build_object(
               'state', coco.import_state(e.i),
               'dataset', (e.i).dataset,
               'run_name', nullif((e.i).source, 'ground_truth'),
               'outcome', (e.i).outcome)
               order by (e.i).import_id)
    from (select l.i, sum(octet_length((l.i).outcome::text)) over (order by (l.i).import_id desc)
                     as bytes
          from (select i
                from coco.imports i
                where i.token = import_token and i.finished_at is not null
                order by i.import_id desc limit 100) l) e
    where e.bytes <= 1048576
$$;
comment on function coco.ended_imports is
    'The last ended imports of a token, oldest first: at most 100, and 1 MiB of outcomes; null if '
    'there are none. Each file of a form is one import';

create or replace function coco.ended_imports_count(import_token text) returns bigint
language sql stable set search_path = pg_catalog, pg_temp as $$
    select count(*)
    from (select from coco.imports i
          where i.token = import_token and i.finished_at is not null limit 10001) i
$$;
comment on function coco.ended_imports_count is
    'How many imports of a token have ended; counts to 10,001';

create or replace function coco.with_imports(
    document json, import_token text, imports json, minimum integer)
returns json
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when json_array_length(imports) < minimum or imports is null then document
                else coco.joined(
                    document,
                    json_build_object(
                        'imports', imports,
                        'imports_left_out',
                        coco.ended_imports_count(import_token) - json_array_length(imports)))
           end
$$;
comment on function coco.with_imports is
    'Adds the ended imports of a token to a document if there are at least `minimum`, and how many '
    'earlier ones are left out';

create or replace function coco.import_document(import_token text) returns json
language plpgsql volatile
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    running record;
    i coco.imports;
    ended json := coco.ended_imports(import_token);
begin
    -- What import_step and import_copied write: pgcoco TOKEN PHASE [ROWS]
    select a.pid, split_part(a.application_name, ' ', 3) as phase, a.xact_start,
           substring(a.application_name from ' ([0-9]{1,18})$')::bigint as copied,
           c.tuples_processed
        into running
        from pg_stat_activity a
        left join pg_stat_progress_copy c on c.pid = a.pid and c.datid = a.datid
        where a.datname = current_database() and a.state <> 'idle'
          -- Other roles may call themselves what they like.
          and a.usesysid = (select nspowner from pg_namespace where nspname = 'coco')
          and starts_with(a.application_name, format('pgcoco %s ', import_token))
        limit 1;
    select * into i
        from coco.imports
        where token = import_token
        order by import_id desc limit 1;
    if running.pid is not null
       and (i.import_id is null or i.finished_at is null or i.finished_at < running.xact_start
            -- The failure of an earlier upload may be written after this one has begun.
            or not coco.works_on(running.pid, i.import_id)) then
        return coco.with_imports(
            json_build_object(
                'token', import_token, 'state', 'running', 'phase', running.phase,
                'rows', coalesce(running.copied + coalesce(running.tuples_processed, 0),
                                 running.tuples_processed)),
            import_token, ended, 1);
    end if;
    if i.import_id is null then
        raise exception using
            errcode = 'CO403',
            message = format('there is no import %s', left(import_token, 63));
    end if;
    return coco.with_imports(
        json_build_object(
            'token', i.token, 'state', coco.import_state(i), 'phase', i.phase,
            'dataset', i.dataset, 'run_name', nullif(i.source, 'ground_truth'),
            'started_at', i.started_at, 'finished_at', i.finished_at, 'outcome', i.outcome),
        import_token, ended, case when i.finished_at is null then 1 else 2 end);
end
$$;
comment on function coco.import_document is
    'GET /imports/{token}: the progress of a running import (the rows that it has copied), or the '
    'outcome of the last one. Raises CO403';
