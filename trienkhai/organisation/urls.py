from django.urls import path

from trienkhai.organisation import views

urlpatterns = [
    path("organisation/", views.unit_list, name="unit_list"),
    path("organisation/<int:unit_id>/", views.unit_children, name="unit_children"),
]
