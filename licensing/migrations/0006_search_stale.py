"""Statements about works, and what published scans found of them, tell search which works to look at again."""

from django.db import migrations

STATEMENTS = ("licensing_grant", "licensing_reservation", "licensing_offer", "licensing_openlicence")
EVENTS = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0005_preferences"),
        ("ingest", "0006_public_scans"),
        ("registry", "0013_search_stale"),
    ]

    operations = [
        migrations.RunSQL(
            "".join(
                f"""
                CREATE TRIGGER search_stale_{event} AFTER {event} ON {table}
                REFERENCING {state} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION search_stale_works();
                """
                for table in STATEMENTS
                for event, state in EVENTS
            ),
            "".join(f"DROP TRIGGER search_stale_{event} ON {table};" for table in STATEMENTS for event, _ in EVENTS),
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION search_stale_found() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO registry_searchstale (kind, key)
                SELECT DISTINCT 'work', work_id FROM ingest_match WHERE scan_id = NEW.id;
                RETURN NULL;
            END $$;
            CREATE TRIGGER search_stale_update AFTER UPDATE OF is_public, state ON ingest_scan FOR EACH ROW
            WHEN (OLD.is_public IS DISTINCT FROM NEW.is_public OR NEW.is_public AND OLD.state <> NEW.state)
            EXECUTE FUNCTION search_stale_found();
            CREATE FUNCTION search_stale_shown() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO registry_searchstale (kind, key)
                SELECT DISTINCT 'work', m.work_id FROM ingest_match m
                JOIN ingest_scan s ON s.id = m.scan_id JOIN registry_release r ON r.id = s.release_id
                WHERE r.dataset_id = NEW.id AND s.is_public;
                RETURN NULL;
            END $$;
            CREATE TRIGGER search_stale_update AFTER UPDATE OF visibility ON registry_dataset FOR EACH ROW
            WHEN (OLD.visibility <> NEW.visibility) EXECUTE FUNCTION search_stale_shown();
            """,
            "DROP FUNCTION search_stale_found() CASCADE; DROP FUNCTION search_stale_shown() CASCADE;",
        ),
    ]
