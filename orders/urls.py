"""Addresses of the warehouse pages."""

from __future__ import annotations

from django.urls import path

from .views import actions, attention, calls, details, fields, hooks, orders, queue, seek, task

urlpatterns = [
    path("hooks/<slug:kind>/<str:secret>/", hooks.notify, name="hook"),
    path("scan/", seek.seek, name="seek"),
    path("scan/find/", seek.find, name="find"),
    path("tasks/", queue.queue, name="tasks"),
    path("tasks/many/", queue.many, name="many"),
    path("tasks/runs/<uuid:run_id>/", queue.run, name="run"),
    path("tasks/runs/<uuid:run_id>/retry/", queue.retry, name="run_retry"),
    path("tasks/<int:task_id>/", task.task, name="task"),
    path("tasks/<int:task_id>/state/", task.state, name="task_state"),
    path("tasks/<int:task_id>/scan/", task.scan, name="task_scan"),
    path("tasks/<int:task_id>/enter/", task.enter, name="task_enter"),
    path("tasks/<int:task_id>/codes/<int:code_id>/remove/", task.remove, name="task_remove"),
    path("tasks/<int:task_id>/take/", task.take, name="task_take"),
    path("tasks/<int:task_id>/take-over/", actions.take_over, name="task_take_over"),
    path("tasks/<int:task_id>/release/", task.release, name="task_release"),
    path("tasks/<int:task_id>/act/", actions.act, name="task_act"),
    path("tasks/<int:task_id>/ask/<slug:kind>/", actions.ask, name="task_ask"),
    path("tasks/<int:task_id>/details/<slug:kind>/", details.detail, name="task_detail"),
    path("tasks/<int:task_id>/calls/", calls.calls_of, name="task_calls"),
    path("tasks/<int:task_id>/actions/<int:action_id>/<slug:what>/", actions.decide, name="task_decide"),
    path("tasks/<int:task_id>/buyer/", task.buyer, name="task_buyer"),
    path("tasks/<int:task_id>/timeline/", task.timeline, name="task_timeline"),
    path("tasks/<int:task_id>/label.pdf", task.sticker, name="task_label"),
    path("tasks/<int:task_id>/raw/", task.raw, name="task_raw"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("orders/<int:order_id>/fields/", fields.fields, name="order_fields"),
    path("orders/<int:order_id>/buyer/", orders.buyer, name="order_buyer"),
    path("orders/<int:order_id>/timeline/", orders.timeline, name="order_timeline"),
    path("attention/", attention.attention, name="attention"),
    path("attention/<int:attention_id>/resolve/", attention.resolve, name="attention_resolve"),
    path("attention/<int:attention_id>/raw/", attention.raw, name="attention_raw"),
    path("dashboard/", attention.dashboard, name="dashboard"),
    path("dashboard/accounts/<int:account_id>/resume/", attention.resume, name="account_resume"),
]
