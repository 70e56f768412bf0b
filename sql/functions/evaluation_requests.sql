-- Evaluations that somebody follows: GET and DELETE /evaluations/{evaluation}, and what the process
-- that evaluates writes for them.

create or replace function coco.evaluation_request_state(r coco.evaluation_requests) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when r.phase in ('done', 'failed') then r.phase
                when r.phase = 'waiting'
                     and r.updated_at > clock_timestamp() - interval '1 minute' then r.phase
                when r.updated_at > clock_timestamp() - interval '10 seconds' then 'running'
                else 'lost' end
$$;
comment on function coco.evaluation_request_state is
    'The state of an evaluation: waiting for a thread, running, done, failed, or lost: its process '
    'wrote nothing for ten seconds, or for a minute while it waited';

create or replace function coco.forget_evaluation_requests() returns void
language sql set search_path = pg_catalog, pg_temp as $$
    -- Each call deletes more rows than its caller adds. Rows that others delete are theirs.
    delete from coco.evaluation_requests
        where token in (
            select o.token
            from (select r.token from coco.evaluation_requests r
                  where r.updated_at < clock_timestamp() - interval '1 hour'
                  union all
                  (select r.token from coco.evaluation_requests r
                   order by r.updated_at desc offset 1000)) o
            limit 100)
$$;
comment on function coco.forget_evaluation_requests is
    'Deletes evaluations that nobody will ask for: those of the last hour stay, at most 1,000';

create or replace function coco.evaluation_request_begin(token text, dataset text, run text)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('synchronous_commit', 'off', true);
    perform coco.forget_evaluation_requests();
    insert into coco.evaluation_requests as r (token, dataset, run_name, phase)
        values (token, dataset, run, 'waiting')
        on conflict on constraint evaluation_requests_pkey do update
            set dataset = excluded.dataset, run_name = excluded.run_name, phase = excluded.phase,
                rows_read = 0, is_cancelled = false, problem = null,
                started_at = excluded.started_at, updated_at = excluded.updated_at
            where coco.evaluation_request_state(r) not in ('waiting', 'running');
    if not found then
        raise exception using
            errcode = 'CO904',
            message = format('evaluation=%s is in use: its evaluation has not ended; give this '
                             'one another token', token);
    end if;
end
$$;
comment on function coco.evaluation_request_begin is
    'An evaluation begins that somebody follows by this token. Raises CO904 if another one that '
    'waits or runs has it';

create or replace function coco.evaluation_request_report(token text, phase text, rows_read bigint)
returns boolean
language sql set search_path = pg_catalog, pg_temp as $$
    select set_config('synchronous_commit', 'off', true);
    update coco.evaluation_requests r
        set phase = evaluation_request_report.phase,
            rows_read = evaluation_request_report.rows_read, updated_at = clock_timestamp()
        where r.token = evaluation_request_report.token
        returning r.is_cancelled
$$;
comment on function coco.evaluation_request_report is
    'Says how far an evaluation is, and returns whether it must end. phase: waiting, reading, '
    'computing or storing';

create or replace function coco.evaluation_request_end(token text, problem json) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    select set_config('synchronous_commit', 'off', true);
    update coco.evaluation_requests r
        set phase = case when evaluation_request_end.problem is null then 'done' else 'failed' end,
            problem = evaluation_request_end.problem, updated_at = clock_timestamp()
        where r.token = evaluation_request_end.token
$$;
comment on function coco.evaluation_request_end is
    'An evaluation has ended. problem: null if its numbers are stored';

create or replace function coco.evaluation_rows_to_read(d text, run text) returns bigint
language sql stable set search_path = pg_catalog, pg_temp as $$
    select sum(s.row_count)::bigint
    from coco.datasets ds
    join coco.sources s on s.dataset_id = ds.id and s.source in ('ground_truth', run)
    where ds.name = d or ds.id = coco.as_dataset_id(d)
$$;
comment on function coco.evaluation_rows_to_read is
    'How many rows an evaluation of this run reads if none are in memory. Null if there is no such '
    'dataset';

create or replace function coco.raise_unknown_evaluation(token text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using
        errcode = 'CO406',
        message = format('there is no evaluation %s: it has not begun, or has ended an hour ago',
                         left(token, 63));
end
$$;
comment on function coco.raise_unknown_evaluation is 'Raises CO406';

create or replace function coco.evaluation_request_document(token text) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    r coco.evaluation_requests;
begin
    select e.* into r from coco.evaluation_requests e
        where e.token = evaluation_request_document.token;
    if not found then
        perform coco.raise_unknown_evaluation(token);
    end if;
    return json_strip_nulls(json_build_object(
        'token', r.token, 'state', coco.evaluation_request_state(r), 'phase', r.phase,
        'rows_read', r.rows_read,
        'rows', coco.evaluation_rows_to_read(r.dataset, r.run_name),
        'dataset', r.dataset, 'run_name', r.run_name, 'started_at', r.started_at,
        'updated_at', r.updated_at, 'cancelled', nullif(r.is_cancelled, false),
        'problem', r.problem));
end
$$;
comment on function coco.evaluation_request_document is
    'GET /evaluations/{token}: how far an evaluation is, or how it ended. Raises CO406';

create or replace function coco.evaluation_request_cancel(token text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update coco.evaluation_requests r set is_cancelled = true
        where r.token = evaluation_request_cancel.token;
    if not found then
        perform coco.raise_unknown_evaluation(token);
    end if;
end
$$;
comment on function coco.evaluation_request_cancel is
    'DELETE /evaluations/{token}: an evaluation that waits or runs ends within a second; one that '
    'has ended stays as it is. Raises CO406';
