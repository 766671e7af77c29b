"""Addresses below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path, re_path

from . import reactions, schema, shipments, views

app_name = "api"
urlpatterns = [
    path("schema/", schema.schema, name="schema"),
    path("docs/", schema.docs, name="docs"),
    path("orders/", views.Orders.as_view(), name="orders"),
    path("orders/<int:pk>/", views.OneOrder.as_view(), name="order"),
    path("orders/<int:pk>/timeline/", views.Timeline.as_view(), name="timeline"),
    path("tasks/", views.Tasks.as_view(), name="tasks"),
    path("tasks/<int:pk>/", views.OneTask.as_view(), name="task"),
    path("tasks/<int:pk>/actions/", views.TaskActions.as_view(), name="task-actions"),
    path("tasks/<int:pk>/codes/", views.Codes.as_view(), name="codes"),
    path("tasks/<int:pk>/codes/<int:code_pk>/", views.OneCode.as_view(), name="code"),
    path("actions/", views.Actions.as_view(), name="actions"),
    path("actions/<int:pk>/", views.OneAction.as_view(), name="action"),
    path("actions/<int:pk>/receipt/", reactions.OfAction.as_view(), name="action-receipt"),
    path("reactions/", reactions.Reactions.as_view(), name="reactions"),
    path("reactions/<int:pk>/", reactions.OneReaction.as_view(), name="reaction"),
    path("reactions/<int:pk>/take/", reactions.Take.as_view(), name="reaction-take"),
    path("reactions/<int:pk>/stop/", reactions.Stop.as_view(), name="reaction-stop"),
    path("reactions/<int:pk>/dismiss/", reactions.Dismiss.as_view(), name="reaction-dismiss"),
    path("shipments/", shipments.Shipments.as_view(), name="shipments"),
    path("shipments/<int:pk>/", shipments.OneShipment.as_view(), name="shipment"),
    path("shipments/<int:pk>/detach/", shipments.Detach.as_view(), name="shipment-detach"),
    path("attention/", views.Questions.as_view(), name="attention"),
    path("attention/<int:pk>/resolve/", views.Resolve.as_view(), name="resolve"),
    # What ends without a slash is left to the redirect that adds one.
    re_path(r"^(?:.*/)?$", views.Nowhere.as_view()),
]
