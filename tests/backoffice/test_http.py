"""One call to an upstream, over real sockets: what goes out, where it may go, what is logged."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs

from backoffice.errors import CredentialsError, Invalid, Unreadable
from backoffice.http import Http, checked_base_url
from tests.backoffice.upstream import HEADER_SECRET, SECRET, Upstream, error_of, everything_shown, new_client

# What goes out ------------------------------------------------------------------------------------------------------


def test_a_call_carries_its_headers_query_and_json_as_utf8(upstream: Upstream) -> None:
    upstream.script = lambda to: to.reply(200, '{"ok":"да"}'.encode(), Content_Type="application/json")
    with new_client(upstream.url + "/prefix/") as client:
        answer = client.send("post", "/v3/orders", params={"limit": 2, "q": "а б"}, json={"имя": "Ёж"}, write=True)
    [seen] = upstream.seen
    assert (seen.method, seen.path) == ("POST", "/prefix/v3/orders?limit=2&q=%D0%B0+%D0%B1")
    assert seen.body == '{"имя":"Ёж"}'.encode()
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["Authorization"] == HEADER_SECRET
    assert (answer.status, answer.body, answer.ok) == (200, '{"ok":"да"}'.encode(), True)
    assert (answer.method, answer.path, answer.write) == ("POST", "/v3/orders", True)
    assert answer.headers["content-type"] == "application/json"
    assert 0 < answer.elapsed < 1


def test_bytes_are_sent_as_they_are_and_an_empty_path_is_the_base_itself(upstream: Upstream) -> None:
    with Http(upstream.url + "/api/", headers={"Content-Type": "text/xml; charset=utf-8"}) as client:
        client.send("POST", "", json="<тег/>".encode(), write=False)
    [seen] = upstream.seen
    assert (seen.path, seen.body, seen.headers["Content-Type"]) == (
        "/api/",
        "<тег/>".encode(),
        "text/xml; charset=utf-8",
    )


def test_a_call_without_a_body_has_none(upstream: Upstream, caller: Http) -> None:
    upstream.script = lambda to: to.head(204)
    answer = caller.send("PATCH", "/orders/1/confirm", write=True)
    assert (answer.status, answer.body) == (204, b"")
    assert upstream.seen[0].body == b""
    assert "Content-Type" not in upstream.seen[0].headers


def test_connections_are_used_again(upstream: Upstream, caller: Http) -> None:
    for _time in range(3):
        caller.send("GET", "/orders", write=False)
    assert len({seen.connection for seen in upstream.seen}) == 1


def test_environment_proxies_netrc_and_cookies_are_left_alone(
    upstream: Upstream, caller: Http, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password other")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    upstream.script = lambda to: to.reply(200, b"{}", Set_Cookie="session=1")
    caller.send("GET", "/a", write=False)
    caller.send("GET", "/b", write=False)
    assert [seen.headers["Authorization"] for seen in upstream.seen] == [HEADER_SECRET] * 2
    assert all("Cookie" not in seen.headers for seen in upstream.seen)


@pytest.mark.parametrize("status", [400, 401, 404, 409, 429, 500, 503])
def test_bad_statuses_come_back_as_answers(upstream: Upstream, caller: Http, status: int) -> None:
    upstream.script = lambda to: to.reply(status, b'{"code":"StatusMismatch"}')
    answer = caller.send("PATCH", "/orders/1/confirm", write=True)
    assert (answer.status, answer.body, answer.ok) == (status, b'{"code":"StatusMismatch"}', False)


def test_html_is_an_answer_that_cannot_be_decoded(upstream: Upstream, caller: Http) -> None:
    upstream.script = lambda to: to.reply(200, b"<html>Sign in</html>", Content_Type="text/html")
    with pytest.raises(Unreadable) as caught:
        caller.send("GET", "/orders", write=False).decode(dict)
    assert "text/html, 20 bytes" in caught.value.detail
    assert "Sign in" not in caught.value.detail


# Addresses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com:8443/x/",
        "http://127.0.0.1:8090/wb",
        "http://[::1]:1",
        "http://localhost/",
    ],
)
def test_addresses_that_may_be_called(url: str) -> None:
    assert checked_base_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "api.example.com", "ftp://example.com", "https://", "https:///path", "https://user:pass@example.com",
        "https://example.com/?a=1", "https://example.com/#a", "https://exa mple.com", "https://example.com\n",
        "https://127.0.0.1\\@example.com", "https://example.com:99999", "https://[::1", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_addresses_that_make_no_sense(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        Http(url)
    assert caught.value.code == "bad_address"


@pytest.mark.parametrize("url", ["http://example.com", "http://93.184.216.34", "http://localhost.example.com"])
def test_plain_http_leaves_this_machine_only_with_leave(url: str, settings: Settings) -> None:
    with pytest.raises(Invalid) as caught:
        Http(url)
    assert caught.value.code == "insecure_address"
    settings.UPSTREAM_ALLOW_HTTP = True
    assert Http(url).base_url == url


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "[fd00::1]", "[fe80::1]", "[ff02::1]", "[::]", "[::ffff:10.0.0.5]", "[2002:a00:5::1]",
        "2852039166", "0xa9fea9fe", "10.5", "10.0.0.5.",
    ],
)  # fmt: skip
def test_an_address_of_a_private_network_is_not_called_without_leave(host: str, settings: Settings) -> None:
    url = f"https://{host}:8443/latest"
    with pytest.raises(Invalid) as caught:
        Http(url)
    assert caught.value.code == "private_address"
    settings.UPSTREAM_ALLOW_PRIVATE = True
    assert Http(url).base_url == url


def test_a_private_address_may_be_that_of_a_sandbox_and_a_public_one_of_anybody(settings: Settings) -> None:
    settings.TRAINING_HOSTS = ["10.0.0.5"]
    for url in (
        "https://10.0.0.5",
        "https://93.184.216.34",
        "https://[2606:4700::1111]",
        "https://127.1",
        "https://7.ru",
    ):
        assert checked_base_url(url) == url
    with pytest.raises(Invalid) as caught:
        checked_base_url("https://10.0.0.6")
    assert caught.value.code == "private_address"


@pytest.mark.parametrize(
    "path", ["orders", "/orders?token=1", "/a b", "/a#b", "/a/../b", "/..", "/a\r\nX: y", "/a/./b"]
)
def test_a_path_that_says_more_than_a_path_is_not_sent(upstream: Upstream, caller: Http, path: str) -> None:
    with pytest.raises(ValueError, match="a path starts with a slash"):
        caller.send("GET", path, write=False)
    assert upstream.seen == []


@pytest.mark.parametrize("token", ["", "with\nbreak", "токен", " leading", "tab\tbed"])
def test_a_token_that_no_header_can_carry_is_a_credentials_error(upstream: Upstream, token: str) -> None:
    with (
        Http(upstream.url, headers={"Authorization": token}, secrets=[token]) as client,
        pytest.raises(CredentialsError) as caught,
    ):
        client.send("GET", "/orders", write=False)
    assert (caught.value.code, caught.value.detail) == ("malformed_header", "Authorization")
    assert upstream.seen == []


# Secrets and logs ---------------------------------------------------------------------------------------------------


def test_a_secret_that_the_upstream_repeats_is_taken_out(upstream: Upstream, caller: Http) -> None:
    words = f"bad token {SECRET} and {HEADER_SECRET}"
    upstream.script = lambda to: to.reply(409, words.encode())
    answer = caller.send("PATCH", "/orders/1/confirm", write=True)
    error = answer.error("Bad " + HEADER_SECRET, answer.body.decode(), request_id=HEADER_SECRET)
    assert error.detail == "bad token *** and ***"
    assert "s3cr3t" not in everything_shown(error) + repr(answer)


def test_a_call_leaves_one_line_in_the_log(upstream: Upstream) -> None:
    upstream.script = lambda to: to.reply(409, b'{"code":"StatusMismatch"}')
    with new_client(upstream.url, upstream="wildberries") as client, capture_logs() as lines:
        client.send("PATCH", "/orders/15/receive", params={"q": "1"}, json={"code": "123456"}, write=True)
    [line] = lines
    assert 0 <= line.pop("ms") < 1000
    assert line == {
        "event": "upstream_call",
        "log_level": "info",
        "upstream": "wildberries",
        "method": "PATCH",
        "path": "/orders/15/receive",
        "status": 409,
        "bytes": 25,
        "outcome": "answered",
    }


def test_a_call_that_failed_says_so_in_the_log(closed_port: int) -> None:
    with new_client(f"http://127.0.0.1:{closed_port}") as client, capture_logs() as lines:
        error_of(client, write=True)
    assert [(line["outcome"], line["status"], line["bytes"]) for line in lines] == [
        ("Temporary no_connection", None, None)
    ]


def test_limits_come_from_the_settings(settings: Settings) -> None:
    settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ, settings.UPSTREAM_MAX_BYTES = 3, 20, 5000
    client = Http("https://api.example.com")
    assert (client.timeout, client.deadline, client.max_bytes) == ((3, 20), 43, 5000)
    assert repr(client) == "<Http api.example.com>"
