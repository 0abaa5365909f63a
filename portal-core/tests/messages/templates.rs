//! What templates may say, and that they cannot fail.

use portal_core::sms::SmsLength;
use portal_core::workflow::{
    Automation, Channel, Criterion, DimensionDraft, Field, Fields, STAGE, Taxonomy, TaxonomyDraft, Template,
    Workflow, WorkflowDraft, WorkflowId,
};
use proptest::prelude::*;

fn filled(source: &str) -> String {
    let fields = Fields::new()
        .with(Field::ClientName, "Zoë <b>Berg</b>")
        .with(Field::ClientFirstName, "Zoë")
        .with(Field::MatterReference, "M-1")
        .with(Field::MatterTitle, "A very long title of a matter");
    Template::parse(source).unwrap().render(&fields).unwrap()
}

fn problem(source: &str) -> String {
    match Template::parse(source) {
        Ok(_) => format!("{source:?} is taken"),
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn fields_conditions_and_filters_work() {
    for (source, text) in [
        ("Hello {{ client.name }}!", "Hello Zoë <b>Berg</b>!"),
        ("{% if client.family_name %}yes{% else %}no{% endif %}", "no"),
        ("{% if client.name and not practice.help %}yes{% endif %}", "yes"),
        (
            "{% if matter.reference == 'M-1' %}one{% elif matter.reference == 'M-2' %}two{% endif %}",
            "one",
        ),
        ("{{ client.family_name|default('there')|upper }}", "THERE"),
        (
            "{{ client.name if client.family_name else client.first_name }}",
            "Zoë",
        ),
        ("{{ matter.title|truncate(14) }}", "A very long..."),
        (
            "{# a remark #} {{ matter.title|lower }}",
            "a very long title of a matter",
        ),
        ("{% if client.name %}\n  one\n{% endif %}\ntwo\n", "one\ntwo"),
        ("{% raw %}{{ client.name }}{% endraw %}", "{{ client.name }}"),
        ("no template at all: 100% { }", "no template at all: 100% { }"),
        ("", ""),
    ] {
        assert_eq!(filled(source), text, "{source}");
    }
}

#[test]
fn whatever_does_not_exist_is_named() {
    for (source, says) in [
        (
            "{{ client.nmae }}",
            "There is no client.nmae. Did you mean client.name?",
        ),
        (
            "one\ntwo\n{{ matter.titel }}",
            "Line 3: There is no matter.titel. Did you mean matter.title?",
        ),
        ("{{ foo }}", "There is no foo."),
        (
            "{{ client }}",
            "Say what of client: client.name, client.first_name, client.given_names, client.family_name.",
        ),
        (
            "{{ client.passport_number }}",
            "There is no client.passport_number.",
        ),
        ("{{ client.name.secret }}", "Write fields as client.name."),
        ("{% if portal.token %}x{% endif %}", "There is no portal.token."),
        (
            "{{ client.name|shout }}",
            "There is no filter shout. There are: default, lower, trim, truncate, upper.",
        ),
    ] {
        assert_eq!(problem(source), says);
    }
}

/// Templates that would run for ever, fill the memory, or look around.
#[test]
fn nothing_that_loops_grows_or_reaches_out_is_taken() {
    let doubling = "{% set a = client.name %}".to_owned() + &"{% set a = a ~ a %}".repeat(60) + "{{ a }}";
    for source in [
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{% for a in [1] recursive %}{{ loop([a]) }}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'secrets' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% with a = client.name %}{{ a }}{% endwith %}",
        "{% set a %}x{% endset %}",
        "{% filter upper %}x{% endfilter %}",
        "{% autoescape true %}x{% endautoescape %}",
        "{% do client.name() %}",
        doubling.as_str(),
        "{{ 'x' * 1000000000 }}",
        "{{ 2 ** 1000000000 }}",
        "{{ client.name ~ client.name }}",
        "{{ client.name + client.name }}",
        "{{ [client.name] }}",
        "{{ {'a': client.name} }}",
        "{{ client['name'] }}",
        "{{ client.name[:3] }}",
        "{{ client.name() }}",
        "{{ range(3) }}",
        "{{ client.name is defined }}",
        "{{ 1 < 2 < 3 }}",
        "{{ client.name if client.name }}",
        "{{ client.name|truncate(client.name) }}",
        "{{ client.name|truncate(1000000) }}",
        "{{ client.name|truncate }}",
        "{{ client.name|default }}",
        "{{ client.name|upper(1) }}",
        "{{ client.name|default(*client.name) }}",
        "{{ client.name",
        "{% if client.name %}",
        "{% endif %}",
        "{{ }}",
        "{{ 'open }}",
    ] {
        let problem = Template::parse(source).expect_err(source);
        assert!(problem.message.ends_with('.'), "a sentence: {problem}");
    }
    for deep in [
        "{% if client.name %}".repeat(400),
        format!("{{{{ {}client.name{} }}}}", "(".repeat(4_000), ")".repeat(4_000)),
        format!("{{{{ {}client.name }}}}", "not ".repeat(2_000)),
        format!("{{{{ client.name{} }}}}", "|upper".repeat(1_500)),
        format!("{{{{ client.name{} }}}}", " or client.name".repeat(600)),
        format!("{{{{ {}1 }}}}", "client.name if 1 else ".repeat(400)),
        format!("{{{{ client{} }}}}", ".name".repeat(1_900)),
        format!(
            "{{% if 1 %}}{}{{% endif %}}",
            "{% elif client.name %}x".repeat(430)
        ),
    ] {
        assert!(
            Template::parse(&deep).is_err_and(|problem| problem.code == "too-long"),
            "and no overflow of the stack"
        );
    }
    let choices = format!(
        "{{% if not 1 %}}{}{{% endif %}}",
        "{% elif client.name %}x".repeat(98)
    );
    assert!(Template::parse(&choices).is_ok_and(|template| template.render(&Fields::sample()).is_ok()));
    let nested = format!(
        "{}x{}",
        "{% if client.name %}".repeat(49),
        "{% endif %}".repeat(49)
    );
    assert!(Template::parse(&nested).is_ok_and(|template| template.render(&Fields::sample()).is_ok()));
    let words = format!("{{{{ {}client.name }}}}", "not ".repeat(43));
    assert!(Template::parse(&words).is_ok_and(|template| template.render(&Fields::sample()).is_ok()));
    assert!(Template::parse(&"x".repeat(10_001)).is_err_and(|problem| problem.code == "too-long"));
}

#[test]
fn only_these_can_be_said() {
    let all: Vec<&str> = Field::ALL.iter().map(|field| field.path()).collect();
    for secret in [
        "token",
        "code",
        "link",
        "passport",
        "birth",
        "password",
        "nationality",
        "address",
    ] {
        assert!(
            all.iter().all(|path| !path.contains(secret)),
            "{secret} in {all:?}"
        );
    }
    for field in Field::ALL {
        let template = Template::parse(&format!("{{{{ {} }}}}", field.path())).unwrap();
        assert!(template.uses(*field));
        assert_eq!(template.render(&Fields::sample()).unwrap(), field.sample());
        assert_eq!(template.render(&Fields::new()).unwrap(), "");
    }
    assert!(
        !Template::parse("{{ client.name }}")
            .unwrap()
            .uses(Field::PortalUrl)
    );
    let hidden = "{% if not client.name %}{{ client.family_name|default(portal.url) }}{% endif %}";
    assert!(
        Template::parse(hidden).unwrap().uses(Field::PortalUrl),
        "wherever it stands"
    );
}

/// Pieces of templates, right and wrong.
fn source() -> impl Strategy<Value = String> {
    let pieces = [
        "{{ ",
        " }}",
        "{% if ",
        " %}",
        "{% else %}",
        "{% endif %}",
        "{% elif ",
        "client.name",
        "matter.title",
        "portal.url",
        "client.",
        "'a'",
        "1",
        " and ",
        " or ",
        " not ",
        " == ",
        " != ",
        "|upper",
        "|default('b')",
        "|truncate(5)",
        "|trim",
        " if ",
        " else ",
        "(",
        ")",
        "{#",
        "#}",
        "words ",
        "\n",
        "%",
        "{",
        "é",
        "{% raw %}",
        "{% endraw %}",
        "-",
        " ~ ",
        "true",
        "none",
        "[",
        "]",
        ",",
        "*",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..24).prop_map(|pieces| pieces.concat())
}

/// Templates that are right by how they are made.
fn right() -> impl Strategy<Value = String> {
    let field = prop::sample::select(Field::ALL.iter().map(|field| field.path()).collect::<Vec<_>>());
    let filter = prop::sample::select(vec![
        "",
        "|upper",
        "|lower|trim",
        "|truncate(7)",
        "|default('none')",
    ]);
    let said = (field.clone(), filter).prop_map(|(field, filter)| format!("{{{{ {field}{filter} }}}}"));
    let leaf = prop_oneof![said, "[a-z é.\n]{0,12}"];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        (field.clone(), prop::collection::vec(inner, 1..4)).prop_map(|(field, inner)| {
            format!("{{% if {field} %}}{}{{% else %}}-{{% endif %}}", inner.concat())
        })
    })
}

fn anything() -> impl Strategy<Value = Fields> {
    prop::collection::vec("(?s).{0,40}", Field::ALL.len()).prop_map(|values| {
        Field::ALL
            .iter()
            .zip(values)
            .fold(Fields::new(), |fields, (field, value)| fields.with(*field, value))
    })
}

proptest! {
    #[test]
    fn what_parses_can_be_filled_in_with_anything(source in source(), fields in anything()) {
        if let Ok(template) = Template::parse(&source) {
            let text = template.render(&fields);
            prop_assert!(text.is_ok(), "{source:?}: {text:?}");
        }
    }

    #[test]
    fn what_is_right_is_taken(source in right(), fields in anything()) {
        let template = Template::parse(&source);
        prop_assert!(template.is_ok(), "{source:?}: {template:?}");
        prop_assert!(template.unwrap().render(&fields).is_ok());
    }

    #[test]
    fn any_text_at_all_can_be_read(source in "(?s).{0,200}") {
        let _ = Template::parse(&source);
    }

    #[test]
    fn values_are_said_and_not_read(value in "(?s)[{}%# a-z|'.]{0,60}") {
        let fields = Fields::new().with(Field::ClientName, &value);
        let template = Template::parse("<{{ client.name }}>").unwrap();
        prop_assert_eq!(template.render(&fields).unwrap(), format!("<{value}>"));
    }
}

fn saved(automation: Automation) -> Vec<(String, &'static str)> {
    let stages = DimensionDraft::new(STAGE).value("Filing");
    let taxonomy = Taxonomy::new(&TaxonomyDraft {
        dimensions: vec![stages],
    })
    .unwrap();
    let draft = WorkflowDraft {
        name: "Filing".into(),
        criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
        automations: vec![automation],
        ..WorkflowDraft::default()
    };
    let id = WorkflowId(uuid::Uuid::from_u128(1));
    match Workflow::new(id, &draft, &taxonomy) {
        Ok(_) => Vec::new(),
        Err(invalid) => invalid
            .errors
            .into_iter()
            .map(|error| (error.field, error.code))
            .collect(),
    }
}

#[test]
fn a_workflow_is_saved_with_templates_that_work_only() {
    let sms = |text: &str| Automation::new(Channel::Sms).saying("en", text);
    assert_eq!(saved(sms("{{ client.name }}: {{ portal.url }}")), []);
    let place = "automations.0.text.en".to_owned();
    assert_eq!(saved(sms("{{ client.nmae }}")), [(place.clone(), "unknown")]);
    assert_eq!(
        saved(sms("{% for a in b %}x{% endfor %}")),
        [(place.clone(), "template")]
    );
    assert_eq!(saved(sms("{{ client.name")), [(place.clone(), "template")]);
    let longest = "x".repeat(usize::try_from(SmsLength::MOST_SEGMENTS).unwrap() * 153);
    assert_eq!(saved(sms(&longest)), []);
    assert_eq!(saved(sms(&format!("{longest}x"))), [(place.clone(), "too-long")]);
    let mut email = Automation::new(Channel::Email)
        .saying("en", &longest)
        .saying("pt-BR", "{{ x }}");
    email.subject.insert("en".into(), "{{ y }}".into());
    let places =
        ["automations.0.subject.en", "automations.0.text.pt-BR"].map(|place| (place.to_owned(), "unknown"));
    assert_eq!(saved(email), places);
}
