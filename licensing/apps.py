from django.apps import AppConfig


class LicensingConfig(AppConfig):
    name = "licensing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from licensing.selectors import statuses  # noqa: PLC0415 (models are there only now)
        from licensing.web import facets, jobs, refusals  # noqa: PLC0415

        statuses.contribute()
        facets.register()
        jobs.register()
        refusals.register(refusals.SENTENCES)
