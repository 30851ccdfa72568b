from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_catalogue_at_scale")]

    operations = [
        migrations.AddField(
            model_name="party",
            name="known_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="+",
                to="registry.organisation",
            ),
        ),
    ]
