"""All settings, read from the environment; docs/operations.md lists every variable.

With nothing set this is one machine: SQLite and files under ``var/``. With DATABASE_URL, REDIS_URL and STORAGE_URL
set it is any number of stateless processes over PostgreSQL, Redis and S3.
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(f"GONGDUAN_{name}", os.environ.get(name, default))


def flag(name: str, default: bool = False) -> bool:
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


VAR_DIR = Path(env("VAR_DIR", str(BASE_DIR / "var")))
DEBUG = flag("DEBUG")
# A demo world: the clock may be moved and demo sign-ins are printed. Never set it where real people dispute.
DEMO = flag("DEMO")
SECRET_KEY = env("SECRET_KEY", "only-for-development-and-tests" if DEBUG or DEMO else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set GONGDUAN_SECRET_KEY (50 random characters or more).")
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
# The one public address: links in mails are built from it, never from the request's Host header.
PUBLIC_URL = env("PUBLIC_URL", "http://127.0.0.1:8000")
HTTPS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "accounts",
    "ledger",
    "rulebook",
    "evidence",
    "disputes",
    "arbitration",
    "notices",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.middleware.ReaderLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.StaffSecondFactor",
    "core.middleware.RefusedToPage",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.page",
                "notices.context.unread",
            ],
            "builtins": ["core.templatetags.ui"],
        },
    }
]

# --- Where things are kept -------------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(env("DATABASE_URL", f"sqlite:///{VAR_DIR / 'gongduan.sqlite3'}"))
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        " PRAGMA recursive_triggers=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {"options": "-c lock_timeout=10s -c statement_timeout=30s -c jit=off"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# "file:///path" or "s3://bucket?endpoint=http://host:port&region=…" (keys: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)
STORAGE_URL = env("STORAGE_URL", f"file://{VAR_DIR / 'evidence'}")
# Where the ledger's signed heads go: outside the database, best where its administrators cannot write. The key is 32
# random bytes in base64; without one this machine makes its own under VAR_DIR.
HEADS_URL = env("HEADS_URL", f"file://{VAR_DIR / 'heads'}")
HEADS_KEY = env("HEADS_KEY")
HEADS_FORMER_KEYS = [key for key in env("HEADS_FORMER_KEYS").split(",") if key]
# Where files wait that come in pieces; every web process must see the same. Default: beside a folder store, else local.
PARTIAL_DIR = env("PARTIAL_DIR")
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "media")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG or DEMO

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
REDIS_URL = env("REDIS_URL")
if REDIS_URL:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}

# --- Celery: a doorbell. The database is the truth; every message may be lost or come twice. -------------------------
CELERY_BROKER_URL = env("BROKER_URL", REDIS_URL or f"filesystem://{VAR_DIR}")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_DEFAULT_QUEUE = env("CELERY_QUEUE", "clocks")
MEDIA_QUEUE = env("MEDIA_QUEUE", "media")
MONEY_QUEUE = env("MONEY_QUEUE", "money")
# A worker that is not told which queues to take takes all.
CELERY_TASK_QUEUES = [Queue(CELERY_TASK_DEFAULT_QUEUE), Queue(MEDIA_QUEUE), Queue(MONEY_QUEUE)]
CELERY_TASK_ROUTES = {
    "evidence.tasks.check": {"queue": MEDIA_QUEUE},
    "arbitration.tasks.settle_refunds": {"queue": MONEY_QUEUE},
}
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
}
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "queue"),
        "data_folder_out": str(VAR_DIR / "queue"),
        "control_folder": str(VAR_DIR / "queue-control"),
        "polling_interval": 0.1,
    }

# --- People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Without confirmed addresses sign-up would tell strangers who has an account; a demo has nobody to tell about.
ACCOUNT_EMAIL_VERIFICATION = env("EMAIL_VERIFICATION", "optional" if DEBUG or DEMO else "mandatory")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Rate limits count by client address: behind our one proxy that is the last hop it names, otherwise the socket's.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if flag("BEHIND_PROXY") else 0
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_TOTP_ISSUER = "Gongduan"
# Demo arbiters sign in by password alone unless this is set. Has no meaning outside a demo.
DEMO_SECOND_FACTOR = flag("DEMO_SECOND_FACTOR")
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = False
# The proxy redirects to HTTPS; binding subdomains and browsers' preload lists too is for the domain's owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
EMAIL_BACKEND = env("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env("EMAIL_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_PASSWORD")
EMAIL_USE_TLS = flag("EMAIL_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", "Gongduan <no-reply@localhost>")

# --- Language and time: every moment is UTC in the database and Beijing time on every page ---------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.AccessKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["core.parsing.StrictJSON"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.errors.to_json",
    "UNICODE_JSON": True,
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttling.ByActor"],
    "DEFAULT_THROTTLE_RATES": {"user": env("API_RATE", "600/min")},
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gongduan 公断",
    "DESCRIPTION": "E-commerce dispute cases: orders in, negotiation, intervention, evidence, rulings, refunds out.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "docExpansion": "list"},
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {
        "Side": "evidence.models.Side",
        "Party": ["applicant", "respondent"],
        "CaseState": "disputes.models.State",
        "ClockState": "disputes.models.Deadline.State",
        "ItemState": "evidence.models.State",
        "OfferState": "disputes.models.Offer.State",
        "AfterSalesState": "disputes.models.AfterSales.State",
        "InformationState": "arbitration.models.InformationRequest.State",
        "SuspensionState": "disputes.models.Suspension.State",
        "SuspensionGround": "disputes.models.Suspension.Ground",
        "RefusalGround": "arbitration.admission.Ground",
        "RulingState": "arbitration.models.Ruling.State",
        "RulingKind": "arbitration.models.Ruling.Kind",
        "RemedyState": "arbitration.models.Remedy.State",
        "RemedyStep": "arbitration.models.Remedy.Kind",
        "RemedyKind": "rulebook.models.Remedy",
        "ReviewState": "arbitration.models.Review.State",
        "SetAsideState": "arbitration.models.SetAside.State",
        "RefundState": "disputes.models.Refund.State",
        "ItemKind": "evidence.models.Kind",
        "MemberKind": "accounts.models.Membership.Kind",
        "FindingResult": "arbitration.models.Finding.Result",
        "Met": "arbitration.models.Finding.Met",
    },
}

# --- Money out: "embedded" keeps its own account book; "http" speaks to the marketplace's refund service --------------
REFUND_GATEWAY = env("REFUND_GATEWAY", "embedded")
REFUND_GATEWAY_URL = env("REFUND_GATEWAY_URL")
REFUND_GATEWAY_SECRET = env("REFUND_GATEWAY_SECRET")
REFUND_GATEWAY_TIMEOUT_SECONDS = float(env("REFUND_GATEWAY_TIMEOUT_SECONDS", "5"))

# --- The virus scanner: "unix:///run/clamd.sock" or "tcp://host:3310"; empty means none is asked ----------------------
CLAMD_URL = env("CLAMD_URL")
CLAMD_TIMEOUT_SECONDS = float(env("CLAMD_TIMEOUT_SECONDS", "30"))

# --- Limits on what may be sent --------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
"""Of a form, files apart: a Chinese character takes nine bytes in it, so a text of 1 MB is three."""
JSON_MAX_BYTES = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
}
