import pytest

from simulator.instruments.alerting.template_parser import parse_template
from simulator.instruments.alerting.template_values import Record, TemplateError
from simulator.instruments.alerting.templates import expand

ROWS = [Record(Labels={"a": "b"}, Value=7.0), Record(Labels={"a": "a"}, Value=2.0)]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ $labels.job }} at {{ $value }}", "decode at 1.234567e+06"),
        ("{{ $value | humanize }}", "1.235M"),
        ("{{ humanizePercentage 0.1234 }}", "12.34%"),
        ("{{ humanizeDuration $value }}", "14d 6h 56m 7s"),
        ("{{ humanizeDuration 0.1 }} {{ humanizeDuration 0.00001 }}", "100ms 10us"),
        ("{{ humanizeDuration 3.5 }}", "3.5s"),
        ('{{ printf "%.2f of %s" $value $labels.job }}', "1234567.00 of decode"),
        ('{{ $value | printf "%.3g" }}', "1.23e+06"),
        ('{{ with query "up" }}{{ . | first | value }}{{ end }}', "7"),
        ("{{ if gt $value 3.0 }}hi{{ else }}lo{{ end }}", "hi"),
        ("{{ range $k, $v := $labels }}{{ $k }}={{ $v }} {{ end }}", "job=decode pod=p1 "),
        ('{{ range query "up" }}{{ .Labels.a }}{{ end }}', "ba"),
        ("{{ .Labels.pod }} {{- /* gone */ -}} !", "p1!"),
        ("[{{ $labels.nothing }}]", "[]"),
        ("{{ $nope }}", '<error expanding template: undefined variable "$nope">'),
        ('{{ (query "up" | sortByLabel "a" | first).Value }}', "2"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}", "2"),
        ('{{ range query "up" }}{{ .Value }}{{ break }}{{ end }}', "7"),
        ('{{ range query "up" }}{{ if eq .Labels.a "b" }}{{ continue }}{{ end }}!{{ end }}', "!"),
        ('{{ define "b" }}<{{ . }}>{{ end }}{{ template "b" $labels.pod }}', "<p1>"),
        ('{{ with "" }}a{{ else with "b" }}{{ . }}{{ end }}', "b"),
        ('{{ "}}" }} {{ `\\d` }} {{ "\\u00e9\\x41" }} {{ 0x1f }} {{ 1_000 }}', "}} \\d éA 31 1000"),
        ('{{ reReplaceAll "(.)(\\\\d)" "$2${1}$$" $labels.pod }}', "1p$"),
        ('{{ if match "^de" $labels.job }}yes{{ end }}', "yes"),
        (
            '{{ stripPort "node:9100" }} {{ stripPort "node" }} {{ stripDomain "a.b.c:80" }}',
            "node node a:80",
        ),
        ('{{ title "big o\'clock, fine-TUNED" }}', "Big O'clock, Fine-TUNED"),
        ('{{ graphLink "up > 1" }}', "/graph?g0.expr=up+%3E+1&g0.tab=0"),
        ('{{ index $labels "pod" }}{{ index $labels "none" }} {{ len "né" }}', "p1 3"),
        (
            '{{ html "<&>" }} {{ urlquery "a b/" }} {{ print 1 2 "x" 3 }}',
            "&lt;&amp;&gt; a+b%2F 1 2x3",
        ),
        (
            '{{ printf "%5.1f|%-4s|%03d|%q|%d" 2.25 "ab" 7 "c" 1.5 }}',
            '  2.2|ab  |007|"c"|%!d(float64=1.5)',
        ),
        ('{{ printf "%s %s" "a" }} {{ printf "%v" 1 2 }}', "a %!s(MISSING) 1%!(EXTRA int=2)"),
        (
            "{{ parseDuration `1h30m` }} {{ humanizeTimestamp 1.25 }}",
            "5400 1970-01-01 00:00:01.25 +0000 UTC",
        ),
        ("{{ gt $value 3 }}", "<error expanding template: incompatible types for comparison>"),
        (
            "{{ .Nothing }}",
            "<error expanding template: can't evaluate field Nothing in type map[string]string>",
        ),
    ],
)
def test_templates_are_filled_in_as_prometheus_does(template: str, text: str) -> None:
    labels = {"job": "decode", "pod": "p1"}

    filled = expand(template, labels, 1234567.0, lambda _: ROWS)

    assert filled == text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ if true }}", "has no {{end}}"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ if }}{{ end }}", "missing value for if"),
        ("{{ break }}", "outside {{range}}"),
        ("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", "undefined variable"),
        ("{{ nothing 1 }}", 'function "nothing" not defined'),
        ('{{ "open }}', "unterminated quoted string"),
        ("{{ 1 | 2 }}", "non executable command in pipeline"),
        ("{{ (len 1 }}", "unclosed left paren"),
        ("{{ $value", "unclosed action"),
        ("{{ /* no end }}", "unexpected '/'"),
    ],
)
def test_what_is_no_template_is_refused(template: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        parse_template(template)
