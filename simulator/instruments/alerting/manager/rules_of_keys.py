"""Which keys of Alertmanager's configuration exclude or need each other, and their choices."""

Names = tuple[str, ...]

_PROXIES = (("proxy_from_environment", "proxy_url"), ("proxy_from_environment", "no_proxy"))


def _with_files(*names: str) -> tuple[Names, ...]:
    return tuple((name, f"{name}_file") for name in names)


EXCLUSIVE: dict[str, tuple[Names, ...]] = {
    "pagerduty": _with_files("routing_key", "service_key"),
    "opsgenie": _with_files("api_key"),
    "victorops": _with_files("api_key"),
    "pushover": _with_files("user_key", "token"),
    "incidentio": _with_files("url", "alert_source_token"),
    "webhook": _with_files("url"),
    "slack": _with_files("api_url", "app_token"),
    "msteams": _with_files("webhook_url"),
    "msteamsv2": _with_files("webhook_url"),
    "discord": _with_files("webhook_url"),
    "mattermost": _with_files("webhook_url"),
    "rocketchat": _with_files("token", "token_id"),
    "telegram": _with_files("bot_token", "chat_id"),
    "wechat": _with_files("api_secret"),
    "global": (
        *_with_files(
            "slack_api_url",
            "slack_app_token",
            "opsgenie_api_key",
            "victorops_api_key",
            "smtp_auth_password",
            "smtp_auth_secret",
            "rocketchat_token",
            "rocketchat_token_id",
            "telegram_bot_token",
            "mattermost_webhook_url",
            "wechat_api_secret",
        ),
        ("slack_app_token", "slack_api_url"),
        ("slack_app_token", "slack_api_url_file"),
        ("slack_app_token_file", "slack_api_url"),
        ("slack_app_token_file", "slack_api_url_file"),
    ),
    "http_config": (
        ("bearer_token", "bearer_token_file"),
        ("basic_auth", "oauth2", "bearer_token"),
        ("basic_auth", "oauth2", "bearer_token_file"),
        ("basic_auth", "oauth2", "authorization"),
        ("authorization", "bearer_token"),
        ("authorization", "bearer_token_file"),
        *_PROXIES,
    ),
    "authorization": (("credentials", "credentials_file", "credentials_ref"),),
    "basic_auth": (
        ("username", "username_file", "username_ref"),
        ("password", "password_file", "password_ref"),
    ),
    "oauth2": (
        ("client_secret", "client_secret_file", "client_secret_ref"),
        *_PROXIES,
    ),
    "tls_config": tuple((name, f"{name}_file", f"{name}_ref") for name in ("ca", "cert", "key")),
}
"""Keys of which one at most may be given."""
_WITH_PROXY = ("proxy_url", "proxy_from_environment")
_CERTIFICATE, _KEY = ("cert", "cert_file", "cert_ref"), ("key", "key_file", "key_ref")
TOGETHER: dict[str, tuple[Names, ...]] = {
    "http_config": (("no_proxy", "proxy_url"), ("proxy_connect_header", *_WITH_PROXY)),
    "oauth2": (
        ("", "client_id"),
        ("", "token_url"),
        ("no_proxy", "proxy_url"),
        ("proxy_connect_header", *_WITH_PROXY),
    ),
    "sigv4": (("access_key", "secret_key"), ("secret_key", "access_key")),
    "slack_confirm": (("", "text"),),
    "tls_config": (
        *((name, *_KEY) for name in _CERTIFICATE),
        *((name, *_CERTIFICATE) for name in _KEY),
    ),
    "tracing": (("", "endpoint"),),
}
"""A key (or none: always) and others of which one must then be given."""
CHOICES: dict[str, dict[str, Names]] = {
    "jira": {"api_type": ("auto", "cloud", "datacenter")},
    "telegram": {"parse_mode": ("", "Markdown", "MarkdownV2", "HTML")},
    "threading": {"thread_by_date": ("", "none", "daily")},
    "tracing": {"client_type": ("", "http", "grpc")},
    "wechat": {"message_type": ("", "text", "markdown")},
}
"""The texts that a key may have."""
