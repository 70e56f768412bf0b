/* The files of sql/, built into the program. */
#ifndef PGCOCO_STORE_SCHEMA_FILES_H
#define PGCOCO_STORE_SCHEMA_FILES_H

struct schema_file {
    const char *name;     /* path below sql/, such as "functions/import.sql" */
    const char *checksum; /* MD5 of the text, in hexadecimal */
    const char *sql;
};

/* In the order of their application; ends with a name of NULL. Written by tools/embed-sql. */
extern const struct schema_file schema_files[];

#endif
