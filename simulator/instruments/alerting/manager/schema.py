"""Every key of Alertmanager 0.33 that only says how to reach outside services, with its kind.

`name:kind`; a key without a kind is a text. Kinds are those of `reading_values`, or in braces the
name of a mapping below; `*` makes a list of it.
"""


def _keys(text: str) -> dict[str, str]:
    pairs = [each.partition(":") for each in text.split()]
    return {name: kind or "text" for name, _, kind in pairs}


MAPPINGS = {
    "http_config": _keys(
        "authorization:{authorization} basic_auth:{basic_auth} bearer_token bearer_token_file "
        "enable_http2:flag follow_redirects:flag http_headers:headers no_proxy oauth2:{oauth2} "
        "proxy_connect_header:text_lists proxy_from_environment:flag proxy_url:proxy "
        "tls_config:{tls_config}"
    ),
    "header": _keys("files:texts secrets:texts values:texts"),
    "authorization": _keys("credentials credentials_file credentials_ref type:scheme"),
    "basic_auth": _keys("password password_file password_ref username username_file username_ref"),
    "oauth2": _keys(
        "audience claims:any client_certificate_key client_certificate_key_file "
        "client_certificate_key_id client_certificate_key_ref client_id client_secret "
        "client_secret_file client_secret_ref endpoint_params:map grant_type iss no_proxy "
        "proxy_connect_header:text_lists proxy_from_environment:flag proxy_url:proxy scopes:texts "
        "signature_algorithm tls_config:{tls_config} token_url"
    ),
    "tls_config": _keys(
        "ca ca_file ca_ref cert cert_file cert_ref insecure_skip_verify:flag key key_file key_ref "
        "max_version:tls_version min_version:tls_version server_name"
    ),
    "field": _keys("short:flag title value"),
    "slack_action": _keys("confirm:{slack_confirm} name style text type url value"),
    "slack_confirm": _keys("dismiss_text ok_text text title"),
    "image": _keys("alt href src"),
    "link": _keys("href text"),
    "responder": _keys("id name type username"),
    "attachment": _keys(
        "author_icon author_link author_name color fallback fields:*{field} footer footer_icon "
        "image_url pretext text thumb_url title title_link"
    ),
    "post_priority": _keys("persistent_notifications:flag priority requested_ack:flag"),
    "props": _keys("card"),
    "chat_action": _keys(
        "imageurl iswebview:flag msg msginchatwindow:flag msgprocessingtype text type url "
        "webviewheightratio"
    ),
    "jira_text": _keys("enable_update:flag template"),
    "threading": _keys("enabled:flag thread_by_date"),
    "sigv4": _keys(
        "access_key external_id profile region role_arn secret_key service_name "
        "use_fips_sts_endpoint:flag"
    ),
    "tracing": _keys(
        "client_type compression endpoint headers:map insecure:flag sampling_fraction:number "
        "timeout:duration tls_config:{tls_config}"
    ),
    "global": _keys(
        "http_config:{http_config} jira_api_url:url mattermost_webhook_url:secret_url "
        "mattermost_webhook_url_file opsgenie_api_key opsgenie_api_key_file opsgenie_api_url:url "
        "pagerduty_url:url resolve_timeout:duration rocketchat_api_url:url rocketchat_token "
        "rocketchat_token_file rocketchat_token_id rocketchat_token_id_file "
        "slack_api_url:secret_url slack_api_url_file slack_app_token slack_app_token_file "
        "slack_app_url:url smtp_auth_identity smtp_auth_password smtp_auth_password_file "
        "smtp_auth_secret smtp_auth_secret_file smtp_auth_username smtp_force_implicit_tls:flag "
        "smtp_from smtp_hello smtp_require_tls:flag smtp_smarthost:host "
        "smtp_tls_config:{tls_config} telegram_api_url:url telegram_bot_token "
        "telegram_bot_token_file victorops_api_key victorops_api_key_file "
        "victorops_api_url:url webex_api_url:url wechat_api_corp_id "
        "wechat_api_secret wechat_api_secret_file wechat_api_url:url"
    ),
}
"""Mappings that are the same wherever they stand."""

RESERVED_HEADERS = (
    "Authorization", "Host", "Content-Encoding", "Content-Length", "Content-Type", "User-Agent",
    "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Www-Authenticate",
    "Accept-Encoding", "X-Prometheus-Remote-Write-Version", "X-Prometheus-Remote-Read-Version",
    "X-Prometheus-Scrape-Timeout-Seconds",
)  # fmt: skip
"""What `http_headers` cannot set."""
_ALWAYS = "http_config:{http_config} send_resolved:flag "
_WEBHOOK = "webhook_url:secret_url webhook_url_file text title "
INTEGRATION_KEYS = {
    "pagerduty": _keys(
        _ALWAYS + "class client client_url component description details:any_map group "
        "images:*{image} links:*{link} routing_key routing_key_file service_key service_key_file "
        "severity source timeout:go_duration url:url"
    ),
    "opsgenie": _keys(
        _ALWAYS + "actions api_key api_key_file api_url:url description details:map entity message "
        "note priority responders:*{responder} source tags update_alerts:flag"
    ),
    "victorops": _keys(
        _ALWAYS + "api_key api_key_file api_url:url custom_fields:map entity_display_name "
        "message_type monitoring_tool routing_key state_message"
    ),
    "pushover": _keys(
        _ALWAYS + "device expire:written_duration html:flag message monospace:flag priority "
        "retry:written_duration sound title token token_file ttl:written_duration url url_title "
        "user_key user_key_file"
    ),
    "incidentio": _keys(
        _ALWAYS + "alert_source_token alert_source_token_file max_alerts:count "
        "timeout:go_duration url:url url_file"
    ),
    "sns": _keys(
        _ALWAYS + "api_url attributes:map message phone_number sigv4:{sigv4} subject target_arn "
        "topic_arn use_aws_http_client:flag"
    ),
    "email": _keys(
        "auth_identity auth_password auth_password_file auth_secret auth_secret_file auth_username "
        "force_implicit_tls:flag from headers:map hello html require_tls:flag send_resolved:flag "
        "smarthost:host text threading:{threading} tls_config:{tls_config} to"
    ),
    "jira": _keys(
        _ALWAYS + "api_type api_url:url description:jira_text fields:any_map issue_type "
        "labels:texts priority project reopen_duration:duration reopen_transition "
        "resolve_transition summary:jira_text wont_fix_resolution"
    ),
    "webhook": _keys(
        _ALWAYS + "max_alerts:count payload:any timeout:go_duration url:template_url url_file"
    ),
    "slack": _keys(
        _ALWAYS + "actions:*{slack_action} api_url:secret_url api_url_file app_token "
        "app_token_file app_url:url callback_id channel color fallback fields:*{field} footer "
        "icon_emoji icon_url image_url link_names:flag message_text mrkdwn_in:texts pretext "
        "short_fields:flag text thumb_url timeout:go_duration title title_link "
        "update_message:flag username"
    ),
    "msteams": _keys(_ALWAYS + _WEBHOOK + "summary"),
    "msteamsv2": _keys(_ALWAYS + _WEBHOOK),
    "discord": _keys(
        _ALWAYS + "avatar_url content message title username webhook_url:secret_url "
        "webhook_url_file"
    ),
    "mattermost": _keys(
        _ALWAYS
        + _WEBHOOK
        + "attachments:*{attachment} author_icon author_link author_name channel "
        "color fallback fields:*{field} footer footer_icon icon_emoji icon_url image_url pretext "
        "priority:{post_priority} props:{props} thumb_url title_link type username"
    ),
    "rocketchat": _keys(
        _ALWAYS + "actions:*{chat_action} api_url:url channel color emoji fields:*{field} icon_url "
        "image_url link_names:flag short_fields:flag text thumb_url title title_link token "
        "token_file token_id token_id_file"
    ),
    "telegram": _keys(
        _ALWAYS + "api_url:url bot_token bot_token_file chat_id:whole chat_id_file "
        "disable_notifications:flag message message_thread_id:whole parse_mode"
    ),
    "webex": _keys(_ALWAYS + "api_url:url message room_id"),
    "wechat": _keys(
        _ALWAYS + "agent_id api_secret api_secret_file api_url:url corp_id message message_type "
        "to_party to_tag to_user"
    ),
}
"""By Alertmanager's name of the integration."""
