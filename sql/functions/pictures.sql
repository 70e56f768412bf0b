-- Pictures: where those of a dataset are, and which of the names that files give to images can be
-- names of pictures. File names come from strangers.

create or replace function coco.name_faults(names text[], is_file boolean)
returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select array_agg(case
        when coalesce(u.name, '') = '' then 'is empty'
        when octet_length(u.name) > 768 then 'has more than 768 bytes'
        when u.name ~ '[\u0001-\u001f\u007f]' then 'holds control characters'
        when u.name like '/%' then 'is absolute'
        when u.name ~ '(^|/)\.\.(/|$)' then 'leads out of its directory'
        when is_file and u.name !~* '\.(jpe?g|png|gif|webp|avif|bmp|tiff?)$'
        then 'does not end with .jpg, .jpeg, .png, .gif, .webp, .avif, .bmp, .tif or .tiff'
    end order by u.nth)
    from unnest(names) with ordinality u (name, nth)
$$;
comment on function coco.name_faults is
    'Why each of some paths below a directory cannot be used, as the end of a sentence; null if it '
    'can. is_file: it is the name of a file, and only pictures are served. For many at once: a '
    'call takes longer than to look at a name';

create or replace function coco.url_fault(url text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case
        when octet_length(url) > 1024 then 'has more than 1024 bytes'
        when url !~ '^https?://' then 'does not begin with https:// or http://'
        when url !~ '^https?://([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/'
        then 'must have a host name, without a user, and a path'
        when length(url) - length(replace(url, '{file_name}', '')) <> length('{file_name}')
        then 'must hold {file_name} once'
        when replace(url, '{file_name}', '')
             !~ '^([A-Za-z0-9._~:/?@!$&''()*+,;=-]|\[|\]|%[0-9A-Fa-f]{2})*$'
        then 'holds characters that an address cannot have; write them as %XX, and no #'
    end
$$;
comment on function coco.url_fault is
    'Why the address of pictures cannot be used, as the end of a sentence; null if it can. The '
    'host must stand before {file_name}, which would otherwise choose it';

create or replace function coco.raise_no_picture(message text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    raise exception using errcode = 'CO410', message = message;
end
$$;
comment on function coco.raise_no_picture is 'Raises CO410: there is no picture';

create or replace function coco.picture_links(ds bigint, ids bigint[])
returns table (image_id bigint, picture text)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    p coco.pictures;
    begins text;
    ends text;
    found_ids bigint[];
    names text[];
begin
    select * into p from coco.pictures c where c.dataset_id = ds;
    if not found then
        return;
    end if;
    begins := (select format('/datasets/%s/images/', d.name) from coco.datasets d where d.id = ds);
    ends := '/picture?version=' || coco.picture_version(p);
    select array_agg(i.image_id), array_agg(i.file_name) into found_ids, names
        from coco.images i
        where i.dataset_id = ds and i.image_id = any (ids);
    return query
        select u.id, begins || u.id || ends
        from unnest(found_ids, coco.name_faults(names, p.url is null)) u (id, fault)
        where u.fault is null;
end
$$;
comment on function coco.picture_links is
    'The addresses of the pictures of these images; no row for one that cannot have a picture';

create or replace function coco.picture_version(p coco.pictures) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(coco.ground_truth_of(p.dataset_id), 0) || '.' || p.version
$$;
comment on function coco.picture_version is
    'Names what the address of a picture leads to: an import of the ground truth, which gives ids '
    'to file names, and a place of pictures';

create or replace function coco.picture_find(d text, image text)
returns table (directory text, url text, file_name text, version text)
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
    id constant bigint := coco.image_find(ds, image);
    p coco.pictures;
    name text;
    fault text;
begin
    select * into p from coco.pictures c where c.dataset_id = ds.id;
    if not found then
        perform coco.raise_no_picture(format(
            'dataset %s has no pictures: PUT /datasets/%s/pictures tells where they are', ds.name,
            ds.name));
    end if;
    select i.file_name into name from coco.images i where i.dataset_id = ds.id and i.image_id = id;
    fault := (coco.name_faults(array[name], p.url is null))[1];
    if fault is not null then
        perform coco.raise_no_picture(format(
            'image %s of dataset %s has no picture: its file name %s %s', id, ds.name,
            coco.shown(left(coalesce(name, ''), 100)), fault));
    end if;
    return query select p.directory, p.url, name, coco.picture_version(p);
end
$$;
comment on function coco.picture_find is
    'Where the picture of an image is: a file name, and the directory or the address into which it '
    'goes. Raises CO401, CO407 or CO410';

create or replace function coco.pictures_object(dataset_id bigint) returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select case when p.url is null then json_build_object('directory', p.directory)
                    else json_build_object('url', p.url) end
        from coco.pictures p
        where p.dataset_id = pictures_object.dataset_id);
end
$$;
comment on function coco.pictures_object is
    'Where the pictures of a dataset are: {"directory"} or {"url"}; null if nobody has told';

create or replace function coco.check_pictures(body json) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    m record;
    fault text;
begin
    perform coco.check_members(body, 'pictures', array['directory', 'url']);
    if (select count(*) from json_object_keys(body)) <> 1 then
        perform coco.refuse_body('pictures have either a directory or a url');
    end if;
    select key, value #>> '{}' as text, json_typeof(value) as type into m from json_each(body);
    fault := case when m.type <> 'string' then 'is not a text'
                  when m.key = 'url' then coco.url_fault(m.text)
                  when octet_length(m.text) > 200 then 'has more than 200 bytes'
                  else (coco.name_faults(array[m.text], false))[1] end;
    if fault is not null then
        perform coco.refuse_body(format('%s %s', m.key, fault));
    end if;
end
$$;
comment on function coco.check_pictures is
    'Raises CO422 unless this is {"directory": ...} or {"url": ...} with a value that can be used';

create or replace function coco.pictures_put(d text, body json)
returns table (document json, directory text)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set lock_timeout = '10s' as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
begin
    perform coco.check_pictures(body);
    insert into coco.pictures as p (dataset_id, directory, url)
        values (ds.id, body ->> 'directory', body ->> 'url')
        on conflict on constraint pictures_pkey do update
            set directory = excluded.directory, url = excluded.url, version = excluded.version,
                set_at = excluded.set_at;
    return query select json_build_object('dataset_id', ds.id, 'dataset', ds.name,
                                          'pictures', coco.pictures_object(ds.id)),
                        body ->> 'directory';
exception
    when untranslatable_character or invalid_text_representation then
        perform coco.refuse_text(sqlstate);
    when foreign_key_violation then
        raise exception using
            errcode = 'CO401',
            message = format('dataset %s was deleted meanwhile', ds.name);
end
$$;
comment on function coco.pictures_put is
    'PUT /datasets/{d}/pictures: tells where the pictures of a dataset are, {"directory": ...} or '
    '{"url": ...}. Returns the answer, and the directory for the worker to look at. Raises CO401 '
    'or CO422';

create or replace function coco.pictures_delete(d text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ds constant coco.datasets := coco.dataset_find(d);
begin
    delete from coco.pictures p where p.dataset_id = ds.id;
    if not found then
        perform coco.raise_no_picture(format('dataset %s has no pictures', ds.name));
    end if;
end
$$;
comment on function coco.pictures_delete is
    'DELETE /datasets/{d}/pictures: forgets where the pictures of a dataset are. Raises CO401 or '
    'CO410';
