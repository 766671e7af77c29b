"""/metrics: what django-prometheus counts in each process, and what only the database knows, read at each scrape."""

from collections.abc import Iterator
from hmac import compare_digest

import prometheus_client
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backoffice import clock, health
from backoffice.models import Counter, JobState, UpstreamDrift


class DatabaseCollector(Collector):
    """Gauges from rows that all processes share. Labels are names of checks, jobs and upstreams, never people."""

    def collect(self) -> Iterator[Metric]:
        """Read everything in a fixed number of statements."""
        yield self._checks()
        yield self._jobs()
        yield self._drift()
        yield self._counters()

    def _checks(self) -> Metric:
        gauge = GaugeMetricFamily("backoffice_check_ok", "1 when the readiness check passes", labels=["check"])
        for finding in health.findings(clock.now()):
            gauge.add_metric([finding.name], int(finding.ok))
        return gauge

    def _jobs(self) -> Metric:
        name, words = "backoffice_job_ok_timestamp_seconds", "When the job last ended well"
        gauge = GaugeMetricFamily(name, words, labels=["job"])
        for job in JobState.objects.exclude(ok_at=None).order_by("name"):
            gauge.add_metric([job.name], job.ok_at.timestamp() if job.ok_at else 0)
        return gauge

    def _drift(self) -> Metric:
        name, words = "backoffice_upstream_drift", "Things an upstream sent that we do not know"
        gauge = GaugeMetricFamily(name, words, labels=["upstream", "kind"])
        for row in UpstreamDrift.objects.values("upstream", "kind").annotate(total=Sum("count")).order_by("upstream"):
            gauge.add_metric([row["upstream"], row["kind"]], row["total"])
        return gauge

    def _counters(self) -> Metric:
        gauge = GaugeMetricFamily("backoffice_counter", "Sums over all days", labels=["name"])
        for row in Counter.objects.values("name").annotate(total=Sum("value")).order_by("name"):
            gauge.add_metric([row["name"]], row["total"])
        return gauge


def _database_metrics() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DatabaseCollector())
    return prometheus_client.generate_latest(registry)


def may_read(request: HttpRequest) -> bool:
    """A scraper with the token, or a member of staff who is signed in."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return True
    return bool(request.user.is_active and request.user.is_staff)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, or 403."""
    if not may_read(request):
        return HttpResponse("A bearer token or a staff session is needed.\n", status=403, content_type="text/plain")
    answer: HttpResponse = ExportToDjangoView(request)
    answer.content = answer.content + _database_metrics()
    return answer
