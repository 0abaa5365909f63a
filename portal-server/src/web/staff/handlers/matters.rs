//! The list of matters.

use axum::response::Response;
use futures_util::future::try_join_all;
use portal_core::matter::{MatterFilter, MatterSort, MatterState};
use portal_core::policy::{Capability, Reach};
use portal_core::{Error, NoRule, PageRequest};

use super::asked::{Asked, counted, number};
use super::desk::Desk;
use super::rows::PAGE;
use crate::error::Problem;
use crate::web::staff::matters::Matters;
use crate::web::staff::{Chip, Column, Place};
use crate::web::view::Choice;

fn filter(asked: &Asked) -> MatterFilter {
    let some = |name: &str| Some(asked.text(name).to_owned()).filter(|text| !text.is_empty());
    MatterFilter {
        q: asked.search(),
        state: match asked.text("state") {
            "open" => Some(MatterState::Open),
            "closed" => Some(MatterState::Closed),
            _ => None,
        },
        owner: asked.value("owner"),
        practice_area: some("area"),
        stage: some("stage"),
        client: asked.value("client"),
        to_review: asked.text("show") == "to-review",
        ..MatterFilter::default()
    }
}

fn sort(asked: &Asked) -> MatterSort {
    match asked.text("sort") {
        "reference" => MatterSort::Reference,
        "title" => MatterSort::Title,
        _ => MatterSort::Updated,
    }
}

fn columns(asked: &Asked, sort: MatterSort) -> Vec<Column> {
    let plain = |label: &str| Column {
        label: label.to_owned(),
        ..Column::default()
    };
    let sorted = |label: &str, value: &str, this: MatterSort, direction: &'static str| Column {
        label: label.to_owned(),
        href: asked.with("sort", value),
        sorted: if this == sort { direction } else { "" },
    };
    vec![
        sorted("Reference", "reference", MatterSort::Reference, "ascending"),
        sorted("Matter", "title", MatterSort::Title, "ascending"),
        plain("Stage"),
        plain("Owner"),
        plain("Provided"),
        plain("Needs"),
        sorted("Updated", "", MatterSort::Updated, "descending"),
    ]
}

async fn chips(desk: &Desk, asked: &Asked) -> Result<Vec<Chip>, Problem> {
    let open = || MatterFilter {
        state: Some(MatterState::Open),
        ..MatterFilter::default()
    };
    let mine = MatterFilter {
        owner: Some(desk.staff.id),
        ..open()
    };
    let to_review = MatterFilter {
        to_review: true,
        ..open()
    };
    let closed = MatterFilter {
        state: Some(MatterState::Closed),
        ..MatterFilter::default()
    };
    let me = desk.staff.id.to_string();
    let saved = [
        ("Open", "state=open".to_owned(), open()),
        ("Mine", format!("state=open&owner={me}"), mine),
        ("To review", "state=open&show=to-review".to_owned(), to_review),
        ("Closed", "state=closed".to_owned(), closed),
        ("All", String::new(), MatterFilter::default()),
    ];
    let now = filter(asked);
    let chip = async |(label, query, filter): (&str, String, MatterFilter)| {
        let found = desk
            .portal()
            .matters(desk.ctx(), &filter, MatterSort::Updated, &PageRequest::count())
            .await?;
        Ok(Chip {
            href: if query.is_empty() {
                "/staff/matters".to_owned()
            } else {
                format!("/staff/matters?{query}")
            },
            label: label.to_owned(),
            count: number(found.total.unwrap_or_default()),
            current: now == filter,
        })
    };
    try_join_all(saved.into_iter().map(chip)).await
}

/// The practice areas and stages to choose from.
async fn words(desk: &Desk, asked: &Asked) -> Result<(Vec<String>, Vec<String>), Problem> {
    // Words in use on matters that somebody may not see would tell of them.
    if desk.ctx().reach(Capability::SeeMatters) == Reach::Practice {
        let words = desk.portal().store().matter_vocabulary(desk.ctx().practice).await;
        return Ok(words.map_err(Error::<NoRule>::from)?);
    }
    let chosen = |name: &str| {
        let text = asked.text(name).to_owned();
        Vec::from_iter(Some(text).filter(|text| !text.is_empty()))
    };
    Ok((chosen("area"), chosen("stage")))
}

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let (filter, sort) = (filter(&asked), sort(&asked));
    let portion = asked.page(PAGE);
    let (page, (areas, stages), staff, chips, shell) = tokio::try_join!(
        async {
            let page = desk.portal().matters(desk.ctx(), &filter, sort, &portion);
            Ok(page.await?)
        },
        words(&desk, &asked),
        desk.all_staff(),
        chips(&desk, &asked),
        desk.shell(Some(Place::Matters)),
    )?;
    let choices = |any: &str, words: Vec<String>, chosen: &str| {
        let mut choices = vec![Choice::new("", any, chosen)];
        choices.extend(
            words
                .into_iter()
                .map(|word| Choice::new(word.clone(), word, chosen)),
        );
        choices
    };
    let mut owners = vec![Choice::new("", "Any owner", asked.text("owner"))];
    owners.extend(
        staff
            .into_iter()
            .map(|member| Choice::new(member.id.to_string(), member.name, asked.text("owner"))),
    );
    let states = [("", "Any state"), ("open", "Open"), ("closed", "Closed")];
    Ok(desk.page(&Matters {
        shell,
        counted: counted(page.total.unwrap_or_default(), "matter", "matters"),
        chips,
        q: asked.text("q").to_owned(),
        areas: choices("Any practice area", areas, asked.text("area")),
        stages: choices("Any stage", stages, asked.text("stage")),
        owners,
        states: states
            .map(|(value, label)| Choice::new(value, label, asked.text("state")))
            .into(),
        sort: asked.text("sort").to_owned(),
        show: asked.text("show").to_owned(),
        filtered: filter != MatterFilter::default(),
        columns: columns(&asked, sort),
        rows: page
            .items
            .iter()
            .map(|summary| desk.matter_row(summary))
            .collect(),
        pager: asked.pager(&page),
        new_href: desk.if_may(Capability::OpenMatters, "/staff/matters/new"),
    }))
}
