"""All settings. What differs between installations comes from the environment; production is the default."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from trienkhai.config import environment

CHECKOUT = Path(__file__).resolve().parents[2]

# The installation

SECRET_KEY = environment.secret("TRIENKHAI_SECRET_KEY", least=32)
ALLOWED_HOSTS = environment.words("TRIENKHAI_HOSTS")
HTTPS = environment.flag("TRIENKHAI_HTTPS", default=True)
DEVELOPMENT = environment.flag("TRIENKHAI_DEVELOPMENT", default=False)
DEMONSTRATION_DAY = environment.day("TRIENKHAI_TODAY")
# Where browsers find the process `live`, if no proxy brings it to the address of the pages (0).
LIVE_PORT = environment.integer("TRIENKHAI_LIVE_PORT", default=0, most=65535)

DEBUG = DEVELOPMENT

# The database

DATABASES: dict[str, dict[str, Any]] = {"default": environment.database("DATABASE_URL")}
DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
# A writer waits no longer than this for a reorganisation; options of the address come later and win.
DATABASES["default"]["OPTIONS"]["options"] = (
    f"-c lock_timeout=15s {DATABASES['default']['OPTIONS'].get('options', '')}".strip()
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The apps, from the top of the tree down

INSTALLED_APPS = [
    "trienkhai.demo",
    "trienkhai.progress",
    "trienkhai.tasks",
    "trienkhai.access",
    "trienkhai.organisation",
    "trienkhai.audit",
    "trienkhai.accounts",
    "trienkhai.core",
    "allauth",
    "allauth.account",
    "csp",
    "ninja",
    "template_partials",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Lines are slow. Against BREACH it adds bytes of chance, and the CSRF token is masked anew in every answer.
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "trienkhai.access.middleware.ScopeMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "trienkhai.core.middleware.BusyMiddleware",
]

ROOT_URLCONF = "trienkhai.config.urls"
WSGI_APPLICATION = "trienkhai.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "trienkhai.config.context.frame",
            ],
        },
    },
]

# Who logs in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my_work"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "trienkhai.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "trienkhai.accounts.forms.LoginForm",
    "change_password": "trienkhai.accounts.forms.ChangePasswordForm",
    "reauthenticate": "trienkhai.accounts.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
# Counted in the cache that all processes share. A user name is locked for five minutes after five wrong passwords; an
# address after ten in a minute.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key", "change_password": "5/m/user"}
# The proxy in front, where there is one, names the client.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Language, place, time

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [CHECKOUT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# Files: the stored ones (evidence, documents), and those of the pages

MEDIA_ROOT = environment.path("TRIENKHAI_FILES")
STATIC_URL = "static/"
STATIC_ROOT = environment.path("TRIENKHAI_STATIC", default=CHECKOUT / ".trienkhai/static")
STORAGES = {
    "default": {
        "BACKEND": "trienkhai.core.files.storage.WholeFileStorage",
        # A stored file is named by its content: writing it again writes the same.
        "OPTIONS": {"allow_overwrite": True},
    },
    "staticfiles": {
        # Hashed names need `collectstatic` first, which no one who develops wants to run at each change.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT
WHITENOISE_AUTOREFRESH = DEVELOPMENT
FILE_UPLOAD_PERMISSIONS = 0o600

# What browsers may do with the pages

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "connect-src": [
            SELF,
            *(f"{'*' if host.startswith('.') else ''}{host}:{LIVE_PORT}" for host in ALLOWED_HOSTS if LIVE_PORT),
        ],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# The proxy in front ends TLS and sets this header itself; the site listens to nobody else.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS

# What is told of the running program

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # It writes a line for each fault of a file that somebody sends.
    "loggers": {"pypdf": {"level": "ERROR"}},
}

environment.refuse_unknown()
