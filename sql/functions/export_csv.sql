-- Exports as CSV: for spreadsheets and data frames, with the names of images and classes.

create or replace function coco.named_rows(import_id bigint, choice coco.image_choice)
returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    -- Outer joins, because these keep the rows in their order.
    select coco.exported_rows(import_id, choice)
           || ' left join coco.images i on i.dataset_id = coco.exported_dataset() '
              'and i.image_id = a.image_id '
              'left join coco.categories k on k.dataset_id = coco.exported_dataset() '
              'and k.category_id = a.category_id'
$$;
comment on function coco.named_rows is
    'SQL that reads exported rows `a`, each with its image `i` and its class `k`';

create or replace function coco.csv_cell(expression text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select format(
        $sql$'"' || replace(case when %1$s ~ U&'^[-=+@\0009\000A\000D\FF1D\FF0B\FF0D\FF20]'
                                 then '''' || %1$s else %1$s end, '"', '""') || '"'$sql$,
        expression)
$$;
comment on function coco.csv_cell is
    'An expression for a text as a cell: in quotes, which are doubled within. A spreadsheet would '
    'compute what begins like a formula, so that gets an apostrophe in front. Null for null';

create or replace function coco.export_csv(import_id bigint, choice coco.image_choice)
returns table (head text, command text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    head := concat('source,annotation_id,image_id,file_name,image_width,image_height,split,'
                   'category_id,category,supercategory,bbox_x,bbox_y,bbox_w,bbox_h,area,'
                   'confidence,is_crowd', chr(13), chr(10));
    command := format($sql$
        copy (select concat(
                  a.source, ',', a.annotation_id, ',',
                  coalesce(%2$s, a.image_id::text), ',', %3$s, ',',
                  i.width, ',', i.height, ',', i.split, ',',
                  a.category_id, ',', %4$s, ',', %5$s, ',',
                  a.bbox_x, ',', a.bbox_y, ',', a.bbox_w, ',', a.bbox_h, ',',
                  a.area, ',', a.confidence, ',', a.is_crowd::int, chr(13), chr(10))
              from %1$s) to stdout (format binary)$sql$,
        coco.named_rows(import_id, choice), coco.csv_cell('i.text_id'),
        coco.csv_cell('i.file_name'), coco.csv_cell('k.name'), coco.csv_cell('k.supercategory'));
    return next;
end
$$;
comment on function coco.export_csv is
    'The parts of a CSV file (RFC 4180): a line with the names of the columns, which are as in '
    'coco.annotation_view, and a line for each row. Texts have quotes; null is an empty cell';
