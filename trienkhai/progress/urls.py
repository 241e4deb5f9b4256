from django.urls import path

from trienkhai.progress import views

urlpatterns = [
    path("", views.home, name="home"),
    path("work/", views.my_work, name="my_work"),
    path("units/<int:unit_id>/", views.unit_detail, name="unit_detail"),
    path("units/<int:unit_id>/assignments/", views.assignment_list, name="assignment_list"),
    path("units/<int:unit_id>/indicators/", views.indicator_list, name="indicator_list"),
    path("programmes/", views.programme_list, name="programme_list"),
    path("programmes/import/", views.programme_import, name="programme_import"),
    path("programmes/<int:number>/", views.programme_detail, name="programme_detail"),
    path("programmes/<int:number>/issue/", views.programme_issue, name="programme_issue"),
    path("programmes/<int:number>/close/", views.programme_close, name="programme_close"),
    path("assignments/<int:assignment_id>/", views.assignment_detail, name="assignment_detail"),
    path("assignments/<int:assignment_id>/report/", views.report_submit, name="report_submit"),
    path("assignments/<int:assignment_id>/derive/", views.task_derive, name="task_derive"),
    path("reports/<int:report_id>/decide/", views.report_decide, name="report_decide"),
    path("evidence/<int:evidence_id>/", views.evidence_download, name="evidence_download"),
]
