-- Adds the evaluations that somebody follows while they run.

create table coco.evaluation_requests (
    token text collate "C" primary key,
    dataset text not null,
    run_name text not null,
    phase text not null
        check (phase in ('waiting', 'reading', 'computing', 'storing', 'done', 'failed')),
    rows_read bigint not null default 0,
    is_cancelled boolean not null default false,
    started_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    problem json
);
create index evaluation_requests_updated_at on coco.evaluation_requests (updated_at);
comment on table coco.evaluation_requests is
    'Evaluations that were given a token, from their beginning to an hour after their end, the '
    'newest 1,000. Written by the process that evaluates, twice a second; any process can show '
    'them, and ask for their end';
comment on column coco.evaluation_requests.token is 'Given by the client';
comment on column coco.evaluation_requests.dataset is 'Name or id of the dataset, as given';
comment on column coco.evaluation_requests.run_name is 'Name of the run, as given';
comment on column coco.evaluation_requests.phase is
    'waiting (for a connection), reading, computing, storing; or done, failed';
comment on column coco.evaluation_requests.rows_read is 'Rows read from the database so far';
comment on column coco.evaluation_requests.is_cancelled is
    'Whether somebody asked for its end; the process looks twice a second';
comment on column coco.evaluation_requests.started_at is 'When a thread began with it';
comment on column coco.evaluation_requests.updated_at is
    'When the process last wrote this row: it is lost if that is ten seconds ago';
comment on column coco.evaluation_requests.problem is 'Why it failed, as the client was told';
