# One image for web, worker and scheduler; docker-compose.yml gives each its command.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 GONGDUAN_VAR_DIR=/var/lib/gongduan
WORKDIR /app
RUN useradd --system --home-dir /app gongduan && install -d -o gongduan /var/lib/gongduan /var/lib/gongduan/partial

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY manage.py gunicorn.conf.py ./
COPY config config
COPY core core
COPY accounts accounts
COPY ledger ledger
COPY rulebook rulebook
COPY evidence evidence
COPY disputes disputes
COPY arbitration arbitration
COPY notices notices
COPY locale locale
COPY static static
COPY templates templates

# The key stands only in this one step: compiling and collecting files signs nothing.
RUN export GONGDUAN_SECRET_KEY=build-only \
    && python manage.py compile_locale --verbosity=0 \
    && python manage.py collectstatic --noinput --verbosity=0
USER gongduan

EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--workers=2", "--bind=0.0.0.0:8000"]
