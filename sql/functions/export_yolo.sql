-- Exports as labels for YOLO: a tar of a text for each image, data.yaml, and lists of images. Each
-- row is a piece of a member: its name and size, both null for further pieces; the bytes; and for a
-- row of the source whether it is left out (0: no, 1: a crowd, 2: no area inside of its image, 3:
-- its image has no size). The size of a member comes first, so it is summed up before; PostgreSQL
-- keeps what does not fit into work_mem on disk.
--
-- ultralytics finds the label file of a picture by its path: images/ becomes labels/, the ending
-- becomes .txt. So paths are made that way. File names come from strangers: one that is no safe
-- path, or would lead to the labels of another image, is replaced by one that is made of the id,
-- in a folder that no other image gets.

create or replace function coco.yolo_path_is_safe(expression text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format($sql$%1$s !~ '(^|/)(/|$)' and %1$s !~ '[.](/|$)' and %1$s !~ '^[A-Za-z]:'
                       and %1$s !~* '[.](txt|tsv|yaml)/' and octet_length(%1$s) <= 240
                       and %1$s !~ U&'[\\\\\0001-\001F\007F-\009F\2028-\202E\2066-\2069\FEFF]'
                       and %1$s = btrim(%1$s)$sql$, expression)
$$;
comment on function coco.yolo_path_is_safe is
    'A condition: a file name has up to 240 bytes, no empty component, none that ends with a dot '
    '(.. too), no backslash, control or direction character, and begins like no drive; and no '
    'folder is called like one of the files';

create or replace function coco.yolo_images(choice coco.image_choice) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format($sql$
        select o.image_id, o.split, o.file_name, o.width, o.height, o.has_size,
               not o.own as renamed,
               case when o.own then o.picture
                    else concat('images/renamed/', o.image_id,
                                substring(o.file_name from '[.][A-Za-z0-9]{1,8}$')) end as picture,
               case when o.own then o.label
                    else concat('labels/renamed/', o.image_id, '.txt') end as label
        from (select l.*, l.label is not null and row_number() over (
                         partition by lower(l.label) collate "C" order by l.image_id) = 1 as own
              from (select p.*, case when ltrim(p.stem, '/') !~* '^labels/renamed/'
                                     then ltrim(p.stem, '/') || '.txt' end as label
                    from (select n.*, regexp_replace(
                                     regexp_replace('/' || n.picture, '^(.*)/images/',
                                                    '\1/labels/'),
                                     '[.][^./]*$', '') as stem
                          from (select i.image_id, i.split, i.file_name, i.width, i.height,
                                       coalesce(i.width > 0 and i.height > 0, false) as has_size,
                                       case when %1$s
                                            then case when '/' || i.file_name ~ '/images/' then ''
                                                      else 'images/' end || i.file_name
                                       end as picture
                                from %2$s) n) p) l) o
        order by o.image_id$sql$,
        coco.yolo_path_is_safe('i.file_name'), coco.exported_pictures(choice))
$$;
comment on function coco.yolo_images is
    'SQL that reads the exported images with the paths of their picture and their labels, each '
    'label once, capitals or not';

create or replace function coco.yaml_text(value text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    -- JSON is YAML, except for characters that YAML takes for line breaks or for no text.
    select coalesce(string_agg(
               case when c.letter ~ U&'[\007F-\009F\2028\2029\FEFF\FFFE\FFFF]'
                    then '\u' || lpad(to_hex(ascii(c.letter)), 4, '0') else c.letter end, ''
               order by c.nth), '')
    from string_to_table(to_json(value)::text, null) with ordinality c (letter, nth)
$$;
comment on function coco.yaml_text is 'A text in double quotes, as YAML reads it';

create or replace function coco.yolo_list_name(expression text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    -- No split is called so: a name begins with a letter or a digit.
    select format('coalesce(%s, ''_no_split'') || ''.txt''', expression)
$$;
comment on function coco.yolo_list_name is
    'An expression for the name of the list that has the images of a split';

create or replace function coco.yolo_lists(splits text[]) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select concat(
        'train: ', coco.yolo_list(coalesce(k.train, k.val, k.every)), chr(10),
        'val: ', coco.yolo_list(coalesce(k.val, k.train, k.every)), chr(10),
        case when k.test is not null then 'test: ' || coco.yolo_list(k.test) || chr(10) end)
    from (select array_agg(s.list order by s.list) as every,
                 array_agg(s.list) filter (where s.split = 'train') as train,
                 array_agg(s.list order by s.list)
                     filter (where s.split in ('val', 'valid', 'validation')) as val,
                 array_agg(s.list) filter (where s.split = 'test') as test
          from (select u.split, coalesce(u.split, '_no_split') || '.txt' as list
                from unnest(splits) u (split)) s) k
$$;
comment on function coco.yolo_lists is
    'The lines of data.yaml that name lists of images: train and val, which every reader needs, '
    'from the splits of these names; what is missing is the other one, or all lists';

create or replace function coco.yolo_list(lists text[]) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    -- In quotes, because a name may look like a number.
    select case when cardinality(lists) = 1 then '"' || lists[1] || '"'
                else coalesce('["' || array_to_string(lists, '", "') || '"]', '[]') end
$$;
comment on function coco.yolo_list is 'One list of images, or several, as YAML';

create or replace function coco.yolo_member(member text, lines text, ordered text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format($sql$
        copy (select case when l.nth = 1 then l.member end,
                     case when l.nth = 1 then l.size end, l.line, null::integer
              from (select l.member, l.line, row_number() over w as nth,
                           sum(octet_length(l.line)) over (partition by l.member) as size
                    from (select %1$s as member, l.* from (%2$s) l) l
                    window w as (partition by l.member order by l.%3$I)) l
              order by l.member, l.nth) to stdout (format binary)$sql$, member, lines, ordered)
$$;
comment on function coco.yolo_member is
    'A COPY of members with lines: `member` is an expression for the name, `ordered` a column';

create or replace function coco.yolo_labels(import_id bigint, choice coco.image_choice)
returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format($sql$
        copy (select case when y.has_size and coalesce(l.nth, 1) = 1 then y.label end,
                     case when y.has_size and coalesce(l.nth, 1) = 1 then coalesce(l.size, 0) end,
                     l.line, l.left_out
              from (%1$s) y
              cross join (select array_agg(k.category_id order by k.category_id) as ids
                          from coco.categories k
                          where k.dataset_id = coco.exported_dataset()) k
              left join lateral (
                  select row_number() over (order by t.annotation_id) as nth,
                         sum(octet_length(t.line)) over () as size, t.line, t.left_out
                  from (select r.annotation_id, r.left_out,
                               case when r.left_out = 0
                                    then concat(width_bucket(r.category_id, k.ids) - 1, ' ',
                                                (r.x1 + r.x2) / 2 / y.width, ' ',
                                                (r.y1 + r.y2) / 2 / y.height, ' ',
                                                (r.x2 - r.x1) / y.width, ' ',
                                                (r.y2 - r.y1) / y.height,
                                                ' ' || r.confidence, chr(10)) end as line
                        from (select b.*, case
                                         when not y.has_size then 3
                                         when b.is_crowd then 1
                                         when least(b.x2 - b.x1, b.y2 - b.y1) < 1e-9 then 2
                                         else 0 end as left_out
                              from (select a.annotation_id, a.category_id, a.confidence, a.is_crowd,
                                           least(greatest(a.bbox_x, 0), y.width) as x1,
                                           least(greatest(a.bbox_y, 0), y.height) as y1,
                                           least(greatest(%3$s, 0), y.width) as x2,
                                           least(greatest(%4$s, 0), y.height) as y2
                                    from coco_parts.%2$I a
                                    where a.image_id = y.image_id) b) r) t) l on true
             ) to stdout (format binary)$sql$,
        coco.yolo_images(choice), 'a_' || import_id, coco.box_end('a.bbox_x', 'a.bbox_w'),
        coco.box_end('a.bbox_y', 'a.bbox_h'))
$$;
comment on function coco.yolo_labels is
    'A COPY of a member for each image with a size, empty if it has no rows: class, centre and '
    'size of each box as shares of the image, to which boxes are cut, and the score of a detection';

create or replace function coco.box_end(place text, side text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    -- PostgreSQL fails where a sum is too large for a double.
    select format('case when greatest(abs(%1$s), %2$s) < 1e300 then %1$s + %2$s else 0 end',
                  place, side)
$$;
comment on function coco.box_end is
    'An expression for the right or lower edge of a box; 0 for one that no image can hold';

create or replace function coco.export_yolo(import_id bigint, choice coco.image_choice)
returns table (head text, command text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    pictures constant text := coco.yolo_images(choice);
begin
    head := '';
    command := coco.yolo_member($sql$'data.yaml'$sql$, format($sql$
        select -1 as nth, coco.yolo_lists(array_agg(distinct y.split) filter (where y.has_size))
                          || 'names:' || case when exists (
                                 select from coco.categories k
                                 where k.dataset_id = coco.exported_dataset()) then ''
                                         else ' {}' end || chr(10) as line
        from (%s) y
        union all
        select n.nth, format('  %%s: %%s # category %%s', n.nth, coco.yaml_text(n.name),
                             n.category_id) || chr(10)
        from (select k.name, k.category_id, row_number() over (order by k.category_id) - 1 as nth
              from coco.categories k
              where k.dataset_id = coco.exported_dataset()) n$sql$, pictures), 'nth');
    return next;
    command := coco.yolo_member(coco.yolo_list_name('l.split'), format($sql$
        select y.split, y.image_id, './' || y.picture || chr(10) as line
        from (%s) y
        where y.has_size$sql$, pictures), 'image_id');
    return next;
    command := coco.yolo_member($sql$'renamed.tsv'$sql$, format($sql$
        select y.image_id, concat(y.image_id, chr(9), y.picture, chr(9), y.label, chr(9),
                                  to_json(y.file_name), chr(10)) as line
        from (%s) y
        where y.renamed and y.has_size$sql$, pictures), 'image_id');
    return next;
    command := coco.yolo_member($sql$'left_out_images.tsv'$sql$, format($sql$
        select y.image_id, concat(y.image_id, chr(9), to_json(y.file_name), chr(10)) as line
        from (%s) y
        where not y.has_size$sql$, pictures), 'image_id');
    return next;
    command := coco.yolo_labels(import_id, choice);
    return next;
end
$$;
comment on function coco.export_yolo is
    'The parts of a tar: data.yaml with the classes in the order of their ids, a list of pictures '
    'for each split, what was renamed, which images are left out, and the labels';
