from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ingest.web import jobs  # noqa: PLC0415 (models are there only now)

        jobs.register()
