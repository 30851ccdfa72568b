"""How the database is emptied after a test that commits: by deleting from the few tables that have rows.

Django's own way truncates every table, which makes a new file for each table and index, and then lets `migrate` write
its rows anew: a second and more a test. What is left is the same, but that those rows stay and the shared cache goes.
"""

from django.db import connection, transaction
from psycopg import sql

# What `migrate` writes for itself and no test changes: references to these rows stay valid.
STAYS = ["auth_permission", "django_content_type", "django_migrations"]
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> ALL (%s)"
LOCK = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE")
FILLED = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
DELETE = sql.SQL("DELETE FROM {}")


def empty() -> None:
    """Leave no row but `migrate`'s own, once nobody writes any more; triggers and references are not asked."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(TABLES, [STAYS])
        names = sorted(name for (name,) in cursor.fetchall())
        cursor.execute(LOCK.format(sql.SQL(", ").join(map(sql.Identifier, names))))
        asked = [FILLED.format(sql.Literal(name), sql.Identifier(name)) for name in names]
        cursor.execute(sql.SQL(" UNION ALL ").join(asked))
        filled = [name for (name,) in cursor.fetchall()]
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in filled:
            cursor.execute(DELETE.format(sql.Identifier(name)))
