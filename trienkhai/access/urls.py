from django.urls import path

from trienkhai.access import views

urlpatterns = [
    path("live-ticket/", views.live_ticket, name="live_ticket"),
    path("tokens/", views.token_list, name="token_list"),
    path("tokens/<int:token_id>/revoke/", views.token_revoke, name="token_revoke"),
]
