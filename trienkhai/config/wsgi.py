"""The entry point of the process `web`."""

import os

from django.core.wsgi import get_wsgi_application

from trienkhai.config import environment

environment.load_instance()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trienkhai.config.settings")

application = get_wsgi_application()
