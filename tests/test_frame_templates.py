"""The reading of templates finds what must not stand there, and nothing else."""

from __future__ import annotations

import pytest

from tools.templates import wrong_in

REFUSED = {
    "words in the open": ("<p>Good morning</p>", "words outside gettext: 'Good morning'"),
    "words beside an expression": ("<p>{{ name }} comes</p>", "words outside gettext: 'comes'"),
    "words in an attribute": ('<img src="/a.png" alt="A chart">', "words outside gettext in alt: 'A chart'"),
    "words given to a macro": ('{{ button("Save it") }}', """words outside gettext: "Save it\""""),
    "a style attribute": ('<p style="color: red"></p>', "a style attribute, which the page's policy forbids"),
    "an inline script": ("<script>go()</script>", "an inline script, which the page's policy forbids"),
    "an inline handler": ('<a onclick="go()"></a>', "an inline handler (onclick), which the page's policy forbids"),
    "markup let through": ("<p>{{ note|safe }}</p>", "|safe"),
}

TAKEN = {
    "a translated block": "<p>{% trans %}Good morning{% endtrans %}</p>",
    "a translated block with a part": "<p>{% trans name=person.name %}{{ name }} comes{% endtrans %}</p>",
    "a translated expression": "<p>{{ _('Good morning') }}</p>",
    "a translated plural": "<p>{{ ngettext('One day', '%(num)s Days', n) }}</p>",
    "a translated attribute": """<img src="/a.png" alt="{{ _('A chart') }}">""",
    "a script of its own file": '<script type="module" src="/static/js/a.js"></script>',
    "data for a script": '<script type="application/json">{"word": 1}</script>',
    "our own name": "<title>{{ title }} · floorday</title>",
    "classes": """<p class="{{ 'quiet' if done else 'loud' }}"></p>""",
    "a tag with attributes now and then": """<li{% if here %} aria-current="step"{% endif %} class="{{ c }}"></li>""",
    "a macro that writes attributes": """{% macro a() %} aria-invalid="true"{% endmacro %}""",
    "a block of classes": "{% block main_class %}narrow{% endblock %}",
    "a comment": "{# Good morning #}",
}


@pytest.mark.parametrize(("source", "says"), REFUSED.values(), ids=REFUSED)
def test_a_template_is_refused_for(source: str, says: str):
    assert [(wrong.line, wrong.says) for wrong in wrong_in("people/one.html", "\n" + source)] == [(2, says)]


@pytest.mark.parametrize("source", TAKEN.values(), ids=TAKEN)
def test_a_template_may_hold(source: str):
    assert wrong_in("people/one.html", source) == []


def test_the_text_of_a_letter_is_translated_too():
    assert [wrong.says for wrong in wrong_in("letters/hello/body.txt", "Hello\n{% trans %}Dear all{% endtrans %}")] == [
        "words outside gettext: 'Hello'"
    ]


def test_a_letter_may_carry_its_styles_with_it():
    assert wrong_in("letters/hello/body.html", '<style>p { color: red }</style><p style="color: red"></p>') == []
