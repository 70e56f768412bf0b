/* The SQL of sql/, built into the program: what a database must hold for this program to work. */
#ifndef PGCOCO_STORE_SCHEMA_FILES_H
#define PGCOCO_STORE_SCHEMA_FILES_H

struct schema_file {
    const char *name;     /* below sql/: "functions/import.sql" */
    const char *checksum; /* MD5 of the text, in hexadecimal */
    const char *sql;
};

/* In the order in which they are applied; a name of NULL ends them. Written by tools/embed-sql. */
extern const struct schema_file schema_files[];

#endif
