"""The routes of the bare views, before those of the site."""

from django.urls import path

from benchmarks.served import views
from trienkhai.config.urls import urlpatterns as site

urlpatterns = [
    path("bare/units/<int:unit_id>/<int:programme_id>/", views.unit),
    path("bare/reports/", views.report),
    *site,
]
