from pathlib import Path

import pytest

from tests.interfaces.brownout import Brownout

CONFIG = """
route:
  receiver: inbox
  group_by: [alertname]
  routes:
  - {receiver: duty, matchers: ['severity=~page|critical'], continue: true}
receivers:
- {name: inbox, email_configs: [{to: ops}]}
- {name: duty, pagerduty_configs: [{routing_key: k}], slack_configs: [{app_token: t}]}
global: {smtp_smarthost: 'mail:587', smtp_from: drills}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "am.yml"
    path.write_text(CONFIG)
    return path


def test_the_tree_is_drawn(brownout: Brownout, config: Path) -> None:
    done = brownout("routes", str(config))

    assert done.out.splitlines() == [
        "everything -> inbox  by alertname  wait/interval/repeat 30s/5m/4h",
        (
            '  {severity=~"page|critical"} -> duty  by alertname  wait/interval/repeat 30s/5m/4h'
            "  continue"
        ),
    ]


def test_it_says_who_hears_of_an_alert(brownout: Brownout, config: Path) -> None:
    done = brownout("routes", str(config), "severity=page")

    assert done.out.split() == ["duty", "pager,", "chat"]


def test_what_is_no_label_is_refused(brownout: Brownout, config: Path) -> None:
    done = brownout("routes", str(config), "severity")

    assert done.code == 2
    assert "LABEL=VALUE" in done.err


def test_mistakes_come_with_their_places(brownout: Brownout, config: Path) -> None:
    config.write_text(CONFIG.replace("receiver: duty", "receiver: dutty"))

    done = brownout("routes", str(config))

    assert done.code == 3
    assert "am.yml:6:16: no receiver is named 'dutty' (did you mean 'duty'?)" in done.err
