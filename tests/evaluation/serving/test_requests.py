from pathlib import Path

import pytest

from simulator.errors import InvalidInput
from simulator.evaluation.serving.requests import Request, read_requests


def written(folder: Path, text: str, name: str = "r.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_csv_and_json_lines_are_read_alike(tmp_path: Path) -> None:
    table = "output_tokens, arrival_s,input_tokens\n3,0.5,2\n\n4.0,0,1\n"
    lines = '{"arrival_s": 0.5, "input_tokens": 2, "output_tokens": 3}\n\n'
    lines += '{"arrival_s": 0, "input_tokens": 1, "output_tokens": 4}\n'

    found = read_requests(written(tmp_path, table))

    assert found == (Request("0", 0.5, 2, 3), Request("1", 0.0, 1, 4))
    assert read_requests(written(tmp_path, lines, "r.jsonl")) == found


def test_names_and_prefixes_are_kept(tmp_path: Path) -> None:
    text = "id,arrival_s,input_tokens,output_tokens,prefix\na,1,2,3,system\n"

    assert read_requests(written(tmp_path, text)) == (Request("a", 1.0, 2, 3, (("system", 2),)),)


HEADER = "arrival_s,input_tokens,output_tokens\n"


@pytest.mark.parametrize(
    ("text", "name", "places"),
    [
        ("", "r.csv", [(1, "request-header")]),
        (HEADER, "r.csv", [(1, "empty")]),
        ("arrival_s,input_token,output_tokens\n1,2,3\n", "r.csv", [(1, "request-header")]),
        ("arrival_s,input_tokens,output_tokens,x\n1,2,3,4\n", "r.csv", [(1, "request-header")]),
        (HEADER + "x,0,3.5\n1,2\n", "r.csv", [(2, "request-row")] * 3 + [(3, "request-row")]),
        (HEADER + "-1,2,3\nnan,2,3\ninf,2,3\n", "r.csv", [(n, "request-row") for n in (2, 3, 4)]),
        (HEADER + "1,٣,3\n", "r.csv", [(2, "request-row")]),
        ("{\n[]\n", "r.jsonl", [(1, "not-json"), (2, "request-row")]),
        ('{"arrival_s": 1, "input_tokens": 2}\n', "r.jsonl", [(1, "request-row")]),
        ('{"arrival_s": 1, "input_tokens": 2, "output_tokens": true}\n', "r.jsonl",
         [(1, "request-row")]),
    ],
)  # fmt: skip
def test_every_mistake_has_its_line(
    tmp_path: Path, text: str, name: str, places: list[tuple[int, str]]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_requests(written(tmp_path, text, name))

    assert [(m.line, m.code) for m in caught.value.mistakes] == places


def test_a_file_that_is_not_there_is_an_invalid_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_requests(tmp_path / "nothing.csv")
