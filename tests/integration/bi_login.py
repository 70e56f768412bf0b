"""Logins of BI tools, made as an administrator makes them."""

from contextlib import contextmanager

from stack import TOP


@contextmanager
def bi_login(postgres, name, database="coco"):
    """A login of this name, for as long as the block runs."""
    script = postgres.home.bring(TOP / "sql/bi_login.sql")
    postgres.psql("-v", f"login={name}", "-f", script, database=database)
    try:
        yield name
    finally:
        with postgres.connect(autocommit=True) as db:
            db.execute(f"drop role {name}")
