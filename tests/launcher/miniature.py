"""A miniature project for the launcher to run: real Django, real Celery, nothing of Colophon's own."""

from pathlib import Path

SETTINGS = """
import os
from urllib.parse import urlsplit
_database = urlsplit(os.environ["DATABASE_URL"])
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.staticfiles", "django_celery_beat", "small"]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": _database.path[1:], "USER": _database.username,
    "PASSWORD": _database.password, "HOST": _database.hostname, "PORT": _database.port,
}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "config.urls"
STATIC_URL = "/static/"
STATIC_ROOT = "var/static"
USE_TZ = True
"""

CELERY = """
import os
from celery import Celery
from kombu import Queue
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
app = Celery("small", broker=os.environ["BROKER_URL"])
app.conf.update(task_queues=[Queue("interactive"), Queue("engine")], task_default_queue="interactive")

@app.task(name="small.touch")
def touch(path):
    open(path, "w").close()
"""

MAIN_JOB = """
import os, pathlib, time
from django.core.management.base import BaseCommand
from config.celery import app

class Command(BaseCommand):
    def handle(self, **options):
        done = pathlib.Path("var/touched").resolve()
        done.unlink(missing_ok=True)
        app.send_task("small.touch", [str(done)], queue="engine")
        deadline = time.monotonic() + 30
        while not done.exists():
            assert time.monotonic() < deadline, "the worker did not take the task"
            time.sleep(0.05)
        self.stdout.write("the main job is done")
        self.stdout.flush()
        time.sleep(float(os.environ.get("LINGER", "0")))
        raise SystemExit(int(os.environ.get("MAIN_JOB_EXIT", "0")))
"""

FILES = {
    "manage.py": "import sys\nfrom django.core.management import execute_from_command_line\n"
    "execute_from_command_line(sys.argv)\n",
    "config/__init__.py": "from config.celery import app as celery_app\n",
    "config/settings/__init__.py": "",
    "config/settings/dev.py": SETTINGS,
    "config/celery.py": CELERY,
    "config/urls.py": "import os\nfrom django.http import HttpResponse\nfrom django.urls import path\n"
    "urlpatterns = [path('', lambda request: HttpResponse('it answers at ' + os.environ['SITE_URL']))]\n",
    "config/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "small/__init__.py": "",
    "small/management/__init__.py": "",
    "small/management/commands/__init__.py": "",
    "small/management/commands/main_job.py": MAIN_JOB,
}


def build(root: Path) -> Path:
    """Write the project's files below `root` and return it."""
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root
