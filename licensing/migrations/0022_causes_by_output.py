from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0021_sublicences_as_told"),
    ]

    operations = [
        migrations.AlterField(
            model_name="verdictchange",
            name="cause",
            field=models.CharField(
                choices=[
                    ("granted", "granted"),
                    ("expired", "expired"),
                    ("revoked", "revoked"),
                    ("stated", "stated"),
                    ("verified", "verified"),
                    ("decided", "decided"),
                    ("dated", "dated"),
                    ("output", "output"),
                    ("rules", "rules"),
                ],
                max_length=8,
            ),
        ),
    ]
