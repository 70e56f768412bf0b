-- Bodies of requests that are small JSON objects: slices, pictures, changes.

create or replace function coco.refuse_body(message text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using errcode = 'CO422', message = message;
end
$$;
comment on function coco.refuse_body is 'Raises CO422: the body of a request cannot be used';

create or replace function coco.refuse_text(state text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    perform coco.refuse_body(
        case state when '22P05' then 'a text of the body holds \u0000'
                   else 'a text of the body holds an incomplete surrogate pair' end);
end
$$;
comment on function coco.refuse_text is
    'Raises CO422 for the SQLSTATE of a text in JSON that PostgreSQL cannot hold: '
    'untranslatable_character or invalid_text_representation';

create or replace function coco.check_members(object json, what text, known text[]) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    wrong text;
begin
    if json_typeof(object) is distinct from 'object' then
        perform coco.refuse_body(format('%s must be an object with %s', what,
                                        array_to_string(known, ' or ')));
    end if;
    select k into wrong
        from json_object_keys(object) k
        group by k
        having k <> all (known) or count(*) > 1
        limit 1;
    if found then
        perform coco.refuse_body(format(
            case when wrong = any (known) then '%s has the member "%s" twice'
                 else '%s has no member "%s"; it takes %s' end,
            what, coco.shown(wrong), array_to_string(known, ', ')));
    end if;
end
$$;
comment on function coco.check_members is
    'Raises CO422 unless this is an object that has only known members, each once. `what` begins '
    'the message';
