from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0011_negotiation_holders"),
    ]

    operations = [
        migrations.AddField(
            model_name="clearance",
            name="model",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="clearance",
            name="product",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
