"""Sign-in by django-allauth: the shared cache, addresses that operators vouched for, the second factor as a duty."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What `createcachetable` makes. Here, so that `migrate` alone makes a database complete.
MAKE_CACHE = """
CREATE TABLE IF NOT EXISTS shared_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS shared_cache_expires ON shared_cache (expires);
"""


def vouch_for_addresses(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Until now operators made every account, so its address was known to be its owner's."""
    user_model = apps.get_model("registry", "User")
    address_model = apps.get_model("account", "EmailAddress")
    seen = set(address_model.objects.values_list("email", flat=True))
    for user in user_model.objects.exclude(email="").order_by("pk").iterator():
        email = user.email.lower()
        if email not in seen:
            seen.add(email)
            address_model.objects.create(user=user, email=email, verified=True, primary=True)


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_dataset_descriptions"), ("account", "0009_emailaddress_unique_primary_email")]

    operations = [
        migrations.AddField("organisation", "requires_second_factor", models.BooleanField(default=False)),
        migrations.RunSQL(MAKE_CACHE, "DROP TABLE IF EXISTS shared_cache"),
        migrations.RunPython(vouch_for_addresses, migrations.RunPython.noop),
    ]
