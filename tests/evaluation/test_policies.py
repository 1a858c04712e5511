from pathlib import Path

import pytest

from simulator.errors import InvalidInput, UsageError
from simulator.evaluation.policies import read_policies, under
from simulator.scenario.reader import load

DATA = Path(__file__).parent / "data"
TINY = DATA / "tiny.drill.yaml"
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec:
  scaleTargetRef: {kind: Deployment, name: NAME}
  maxReplicas: 5
"""


def test_a_folder_is_all_its_policies_in_order_of_name() -> None:
    found, warnings = read_policies([DATA / "policies"], load(TINY))

    assert [policy.name for policy in found] == ["one", "three"]
    assert [policy.ceilings for policy in found] == [{"api": 1}, {"api": 3}]
    assert all(policy.is_fixed for policy in found)
    assert warnings == ()


def test_a_manifest_of_a_cluster_is_a_policy(tmp_path: Path) -> None:
    file = tmp_path / "hpa.yaml"
    file.write_text(HPA.replace("NAME", "api"))

    (found,), _ = read_policies([file], load(TINY))

    assert (found.name, found.is_fixed, found.ceilings) == ("hpa", False, {"api": 5})


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    same = tmp_path / "one.yaml"
    same.write_text("{kind: static, target: api, replicas: 2}")

    found, _ = read_policies([DATA / "policies" / "one.yaml", same], load(TINY))

    assert [policy.name.endswith("/one") for policy in found] == [True, True]
    assert len({policy.name for policy in found}) == 2


def test_a_policy_replaces_what_scaled_its_component_where_it_stood() -> None:
    scenario = load(TINY)

    other = under(scenario, "{kind: static, target: api, replicas: 3}")

    assert [policy.title for policy in scenario.policies] == ["static-api-1", "static-side-1"]
    assert [policy.title for policy in other.policies] == ["static-api-3", "static-side-1"]
    assert other.digest == scenario.digest


def test_a_policy_for_what_nothing_scaled_is_added() -> None:
    bare = load(TINY, ["autoscalers=[]"])

    found = under(bare, "{kind: static, target: side, replicas: 2}").policies

    assert [policy.title for policy in found] == ["static-side-2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            HPA.replace("NAME", "apii"),
            ":5:44: no component 'apii' in this scenario (did you mean 'api'?)",
            id="unknown component of a manifest",
        ),
        pytest.param(
            "{kind: static, target: sidee, replicas: 2}", ":1:24: no component 'sidee'", id="static"
        ),
        pytest.param("{kind: statik, target: api}", "unknown policy kind 'statik'", id="kind"),
        pytest.param("{kind: static, target: api}", "missing field 'replicas'", id="field"),
        pytest.param("kind: [", ":1:8: ", id="syntax"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)

    with pytest.raises(InvalidInput) as raised:
        read_policies([file], load(TINY))

    assert said in str(raised.value)
    assert str(raised.value).startswith(f"{file}:")


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("{kind: static, target: nobody, replicas: 1}")

    with pytest.raises(InvalidInput) as raised:
        read_policies([tmp_path], load(TINY))

    assert [Path(mistake.file).name for mistake in raised.value.mistakes] == ["a.yaml", "b.yaml"]


def test_a_field_nobody_knows_is_left_out_with_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "hpa.yaml"
    file.write_text(HPA.replace("NAME", "api") + "  vendorSetting: 3\n")

    found, warnings = read_policies([file], load(TINY))

    assert len(found) == 1
    assert [(m.line, m.code, m.is_warning) for m in warnings] == [(7, "ignored", True)]


def test_a_missing_file_is_a_mistake() -> None:
    with pytest.raises(InvalidInput, match="there is no such file or folder"):
        read_policies(["nowhere.yaml"], load(TINY))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param([DATA / "policies", DATA / "policies" / "one.yaml"], "twice", id="repeated"),
        pytest.param([], "at least one policy", id="none"),
    ],
)
def test_what_cannot_be_compared_is_wrong_usage(given: list[Path], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_policies(given, load(TINY))
