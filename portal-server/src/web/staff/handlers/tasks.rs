//! What staff have to do: the list, one task, and the tasks of a matter.

use std::collections::BTreeSet;

use axum::response::Response;
use portal_core::matter::Matter;
use portal_core::policy::{Capability, Reach};
use portal_core::task::{Assigned, TaskDraft, TaskFilter, TaskItem};
use portal_core::{MatterId, PageRequest, TaskId};

use super::asked::{Asked, counted, number};
use super::desk::{Desk, Outcome, tried};
use super::matter::checklist::date;
use super::rows::{PAGE, matter_href, matter_name, workers};
use super::sent::{Fields, Sent};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::matter::{TaskCard, Tile};
use crate::web::staff::tasks::{TaskForm, TaskPage, TaskRow, Tasks};
use crate::web::staff::{Chip, Fact, Place};
use crate::web::view::{Badge, Errors, Tone};

/// How many of a matter's tasks its overview shows; the list has the others.
const ON_MATTER: u32 = 20;
/// The most characters of a note that a list shows.
const NOTE: usize = 160;

pub(super) fn task_href(id: TaskId) -> String {
    format!("/staff/tasks/{id}")
}

/// What the list can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    Mine,
    Anyone,
    All,
    Left,
    Done,
}

impl Show {
    const ALL: [Self; 5] = [Self::Mine, Self::Anyone, Self::All, Self::Left, Self::Done];

    /// Its name in the list's address.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "",
            Self::Anyone => "anyone",
            Self::All => "all",
            Self::Left => "left",
            Self::Done => "done",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Mine => "Mine",
            Self::Anyone => "For anyone",
            Self::All => "All",
            Self::Left => "Of people who left",
            Self::Done => "Done",
        }
    }

    const fn nothing(self) -> (&'static str, &'static str) {
        match self {
            Self::Mine => (
                "Nothing for you to do",
                "Tasks that workflows or colleagues give you appear here.",
            ),
            Self::Anyone => (
                "Nothing to take",
                "Tasks that are for nobody in particular appear here.",
            ),
            Self::All => (
                "Nothing to do",
                "Tasks that workflows set, or that you add to a matter, appear here.",
            ),
            Self::Left => (
                "Nothing left behind",
                "Tasks of people who do not work here any more appear here, until somebody takes them.",
            ),
            Self::Done => ("Nothing done yet", "Tasks that are done are kept here."),
        }
    }

    fn of(text: &str) -> Self {
        let found = Self::ALL.into_iter().find(|show| show.as_str() == text);
        found.unwrap_or(Self::Mine)
    }

    fn filter(self, desk: &Desk, matter: Option<MatterId>) -> TaskFilter {
        TaskFilter {
            done: self == Self::Done,
            matter,
            assigned: match self {
                Self::Mine => Some(Assigned::To(desk.staff.id)),
                Self::Anyone => Some(Assigned::Anyone),
                Self::Left => Some(Assigned::Left),
                Self::All | Self::Done => None,
            },
            // What is not to be begun yet stands on its matter, and in the list of that.
            begun_at: (self != Self::Done && matter.is_none()).then_some(desk.ctx().at),
            ..TaskFilter::default()
        }
    }
}

fn badge(desk: &Desk, item: &TaskItem) -> Badge {
    let task = &item.task;
    if task.done.is_some() {
        Badge::new(Tone::Success, "Done")
    } else if item.is_left_behind() {
        Badge::new(Tone::Warning, "Needs somebody")
    } else if task.is_overdue(desk.when.today()) {
        Badge::new(Tone::Danger, "Overdue").with_icon("clock")
    } else if task.starts_at > desk.ctx().at {
        let from = desk.when.moment(task.starts_at);
        Badge::new(Tone::Neutral, format!("From {from}")).with_icon("clock")
    } else {
        Badge::new(Tone::Info, "Open").with_icon("circle")
    }
}

/// Who does it; or who did it, and when.
fn person(desk: &Desk, item: &TaskItem) -> String {
    if let (Some(done), Some(by)) = (&item.task.done, &item.done_by) {
        return format!("{by}, {}", desk.when.moment(done.at));
    }
    match &item.assignee {
        None => "Anyone".to_owned(),
        Some(person) if person.id == desk.staff.id => "You".to_owned(),
        Some(person) if !person.active => format!("{}, who does not work here any more", person.name),
        Some(person) => person.name.clone(),
    }
}

/// The beginning of a note.
fn excerpt(note: &str) -> String {
    let first = note.lines().next().unwrap_or_default();
    let is_whole = first.len() == note.len() && first.chars().count() <= NOTE;
    let cut: String = first.chars().take(NOTE).collect();
    if is_whole {
        cut
    } else {
        format!("{} \u{2026}", cut.trim_end())
    }
}

/// The matters of tasks that the reader may open: not that of a task which is theirs alone.
async fn open_to(desk: &Desk, items: &[TaskItem]) -> BTreeSet<MatterId> {
    let all: BTreeSet<MatterId> = items.iter().map(|item| item.task.matter_id).collect();
    if desk.ctx().reach(Capability::SeeMatters) == Reach::Practice {
        return all;
    }
    let mut own = BTreeSet::new();
    for id in all {
        if desk.portal().matter(desk.ctx(), id).await.is_ok() {
            own.insert(id);
        }
    }
    own
}

/// A task as a row of a list, with its matter.
fn listed(desk: &Desk, item: &TaskItem, (show, open): (Show, &BTreeSet<MatterId>)) -> TaskRow {
    let id = item.task.matter_id;
    let name = format!("{} {}", item.matter.reference, item.matter.title);
    let href = if open.contains(&id) {
        matter_href(id)
    } else {
        String::new()
    };
    TaskRow {
        matter: Some((name, href)),
        ..row(desk, item, show.as_str())
    }
}

/// A task as a row; `back` names the list that it stands in.
fn row(desk: &Desk, item: &TaskItem, back: &str) -> TaskRow {
    let task = &item.task;
    let href = task_href(task.id);
    let is_open = task.done.is_none();
    TaskRow {
        title: task.title.clone(),
        note: excerpt(&task.note),
        person: person(desk, item),
        matter: None,
        due: task.due_on.filter(|_| is_open).map(|due| desk.when.due(due)),
        badge: badge(desk, item),
        done_action: (is_open && desk.may(Capability::EditTasks)).then(|| format!("{href}/done")),
        back: back.to_owned(),
        href,
    }
}

/// What the first page counts: the reader's own tasks, and those that nobody looks after any more.
pub(super) async fn tiles(desk: &Desk) -> Result<Vec<Tile>, Problem> {
    if !desk.may(Capability::EditTasks) {
        return Ok(Vec::new());
    }
    let count = async |show: Show| {
        desk.portal()
            .task_count(desk.ctx(), &show.filter(desk, None))
            .await
    };
    let mut tiles = vec![Tile {
        number: count(Show::Mine).await?,
        label: "Tasks for you".to_owned(),
        href: "/staff/tasks".to_owned(),
    }];
    let left = count(Show::Left).await?;
    if left > 0 {
        tiles.push(Tile {
            number: left,
            label: "Tasks of people who left".to_owned(),
            href: "/staff/tasks?show=left".to_owned(),
        });
    }
    Ok(tiles)
}

/// The tasks of a matter.
pub(super) async fn card(desk: &Desk, matter: &Matter) -> Result<TaskCard, Problem> {
    let filter = TaskFilter {
        matter: Some(matter.id),
        ..TaskFilter::default()
    };
    let done = TaskFilter {
        done: true,
        ..filter.clone()
    };
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let open = portal
        .tasks(ctx, &filter, &PageRequest::first(ON_MATTER).with_total())
        .await?;
    let any = !open.items.is_empty() || portal.task_count(ctx, &done).await? > 0;
    Ok(TaskCard {
        rows: open.items.iter().map(|item| row(desk, item, "matter")).collect(),
        hidden: open.total.unwrap_or_default().saturating_sub(ON_MATTER.into()),
        all_href: any.then(|| format!("/staff/tasks?show=all&matter={}", matter.id)),
        form: if desk.may(Capability::EditTasks) {
            Some(new_form(desk, matter.id, &Fields::default(), Errors::default()).await?)
        } else {
            None
        },
    })
}

async fn form(
    desk: &Desk,
    fields: &Fields,
    errors: Errors,
    (action, button): (String, &str),
) -> Result<TaskForm, Problem> {
    Ok(TaskForm {
        action,
        button: button.to_owned(),
        version: fields.text("version"),
        title: fields.text("title"),
        note: fields.text("note"),
        assignees: workers(&desk.all_staff().await?, &fields.text("assignee_id")),
        due_on: fields.text("due_on"),
        errors,
    })
}

async fn new_form(
    desk: &Desk,
    matter: MatterId,
    fields: &Fields,
    errors: Errors,
) -> Result<TaskForm, Problem> {
    let action = format!("{}/tasks", matter_href(matter));
    form(desk, fields, errors, (action, "Add the task")).await
}

/// What a form says; what is no date or nobody is noted.
fn draft(fields: &Fields, errors: &mut Errors) -> TaskDraft {
    let assignee = fields.text("assignee_id");
    let assignee_id = fields.value("assignee_id");
    if assignee_id.is_none() && !assignee.is_empty() {
        errors.add("assignee_id", "Choose somebody who works here.");
    }
    TaskDraft {
        title: fields.text("title"),
        note: fields.text("note"),
        assignee_id,
        due_on: date("due_on", &fields.text("due_on"), errors),
    }
}

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let show = Show::of(asked.text("show"));
    let matter = match asked.value::<MatterId>("matter") {
        Some(id) => Some(portal.matter(ctx, id).await?),
        None => None,
    };
    let of = matter.as_ref().map(|matter| matter.id);
    let page = portal
        .tasks(ctx, &show.filter(&desk, of), &asked.page(PAGE))
        .await?;
    let mut chips = Vec::new();
    for other in Show::ALL {
        let count = match other {
            _ if other == show => page.total.unwrap_or_default(),
            // There may be very many, and nobody waits for the number.
            Show::Done => 0,
            _ => portal.task_count(ctx, &other.filter(&desk, of)).await?,
        };
        if other == Show::Left && count == 0 && show != Show::Left {
            continue;
        }
        chips.push(Chip {
            href: asked.with("show", other.as_str()),
            label: other.label().to_owned(),
            count: if other == Show::Done {
                String::new()
            } else {
                number(count)
            },
            current: other == show,
        });
    }
    let total = page.total.unwrap_or_default();
    let open = open_to(&desk, &page.items).await;
    let (title, text) = show.nothing();
    Ok(desk.page(&Tasks {
        shell: desk.shell(Some(Place::Tasks)).await?,
        counted: match show {
            Show::Done => counted(total, "task done", "tasks done"),
            _ => counted(total, "task to do", "tasks to do"),
        },
        matter: matter.map(|matter| (matter_name(&matter), matter_href(matter.id))),
        chips,
        nothing: (title.to_owned(), text.to_owned()),
        rows: page
            .items
            .iter()
            .map(|item| listed(&desk, item, (show, &open)))
            .collect(),
        pager: asked.pager(&page),
    }))
}

/// The way back from one task: to its matter for who may see that, else to the list.
async fn way_back(desk: &Desk, item: &TaskItem) -> (String, String) {
    let id = item.task.matter_id;
    match desk.portal().matter(desk.ctx(), id).await {
        Ok(matter) => (matter_name(&matter), matter_href(id)),
        Err(_) => ("Tasks".to_owned(), "/staff/tasks".to_owned()),
    }
}

async fn facts(desk: &Desk, item: &TaskItem) -> Vec<Fact> {
    let task = &item.task;
    let mut facts = vec![
        Fact::new(
            "Matter",
            format!("{} {}", item.matter.reference, item.matter.title),
        ),
        Fact::new(
            if task.done.is_some() { "Done by" } else { "For" },
            person(desk, item),
        ),
        Fact::new("Added", desk.when.moment(task.created_at)),
    ];
    if let Some(due) = task.due_on {
        facts.push(Fact::new("Due", desk.when.date(due)));
    }
    if task.starts_at > task.created_at {
        facts.push(Fact::new("To be begun from", desk.when.moment(task.starts_at)));
    }
    if let Some(cause) = task.cause() {
        let workflow = desk.portal().workflow(desk.ctx(), cause.workflow).await;
        facts.push(match workflow {
            Ok(workflow) => Fact {
                href: format!("/staff/workflows/{}", workflow.id),
                ..Fact::new("Set by the workflow", workflow.draft.name)
            },
            Err(_) => Fact::new("Set by the workflow", "One that was removed"),
        });
    }
    facts
}

fn filled(item: &TaskItem) -> Fields {
    let task = &item.task;
    let text = |name: &str, value: String| (name.to_owned(), value);
    Fields(vec![
        text("version", task.version.0.to_string()),
        text("title", task.title.clone()),
        text("note", task.note.clone()),
        text(
            "assignee_id",
            task.assignee_id.map(|id| id.to_string()).unwrap_or_default(),
        ),
        text(
            "due_on",
            task.due_on.map(|due| due.to_string()).unwrap_or_default(),
        ),
    ])
}

async fn page(
    desk: &Desk,
    item: &TaskItem,
    (fields, errors): (&Fields, Errors),
) -> Result<TaskPage, Problem> {
    let href = task_href(item.task.id);
    let may = desk.may(Capability::EditTasks);
    let is_open = item.task.done.is_none();
    Ok(TaskPage {
        shell: desk.shell(Some(Place::Tasks)).await?,
        heading: item.task.title.clone(),
        badge: Some(badge(desk, item)),
        back: way_back(desk, item).await,
        facts: facts(desk, item).await,
        note: item.task.note.clone(),
        done_action: (may && is_open).then(|| format!("{href}/done")),
        reopen_action: (may && !is_open).then(|| format!("{href}/reopen")),
        form: if may {
            Some(form(desk, fields, errors, (href, "Save")).await?)
        } else {
            None
        },
    })
}

pub(super) async fn show(desk: Desk, Path(id): Path<TaskId>) -> Result<Response, Problem> {
    let item = desk.portal().task(desk.ctx(), id).await?;
    Ok(desk.page(&page(&desk, &item, (&filled(&item), Errors::default())).await?))
}

pub(super) async fn update(Path(id): Path<TaskId>, Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    let item = desk.portal().task(desk.ctx(), id).await?;
    desk.ctx().require(Capability::EditTasks)?;
    let mut errors = Errors::default();
    let draft = draft(&fields, &mut errors);
    if errors.is_empty() {
        let saved = desk
            .portal()
            .update_task(desk.ctx(), id, fields.version(), (Some(&draft), None))
            .await;
        match tried(saved)? {
            Outcome::Done(saved) => {
                let text = format!("{} is saved.", saved.task.title);
                return Ok(desk.done(&after(&desk, id).await, text));
            }
            Outcome::Wrong(wrong) => errors = wrong,
        }
    }
    // Saving again is saving what is there now.
    let mut fields = fields;
    fields.0.retain(|(name, _)| name != "version");
    fields
        .0
        .push(("version".to_owned(), item.task.version.0.to_string()));
    Ok(desk.mend(&page(&desk, &item, (&fields, errors)).await?))
}

/// A task's page; who gave it away may not see it any more.
async fn after(desk: &Desk, id: TaskId) -> String {
    match desk.portal().task(desk.ctx(), id).await {
        Ok(_) => task_href(id),
        Err(_) => "/staff/tasks".to_owned(),
    }
}

pub(super) async fn done(Path(id): Path<TaskId>, Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    let task = desk.portal().task(desk.ctx(), id).await?.task;
    let done = desk.portal().set_task_done(desk.ctx(), id, None, true).await;
    let back = fields.0.iter().find(|(name, _)| name == "back");
    let href = match back.map(|(_, value)| value.as_str()) {
        Some("matter") => matter_href(task.matter_id),
        Some(show) => Asked::new("/staff/tasks", "").with("show", Show::of(show).as_str()),
        None => task_href(id),
    };
    desk.after(done, &href, format!("{} is done.", task.title))
}

pub(super) async fn reopen(Path(id): Path<TaskId>, Sent { desk, .. }: Sent) -> Result<Response, Problem> {
    let title = desk.portal().task(desk.ctx(), id).await?.task.title;
    let reopened = desk.portal().set_task_done(desk.ctx(), id, None, false).await;
    desk.after(reopened, &task_href(id), format!("{title} is to be done again."))
}

pub(super) async fn add(Path(id): Path<MatterId>, Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    desk.ctx().require(Capability::EditTasks)?;
    let mut errors = Errors::default();
    let draft = draft(&fields, &mut errors);
    if errors.is_empty() {
        match tried(desk.portal().add_task(desk.ctx(), id, &draft).await)? {
            Outcome::Done(item) => {
                let text = format!("{} is on the list.", item.task.title);
                return Ok(desk.done(&matter_href(id), text));
            }
            Outcome::Wrong(wrong) => errors = wrong,
        }
    }
    Ok(desk.mend(&TaskPage {
        shell: desk.shell(Some(Place::Tasks)).await?,
        heading: "New task".to_owned(),
        badge: None,
        back: (matter_name(&matter), matter_href(id)),
        facts: Vec::new(),
        note: String::new(),
        form: Some(new_form(&desk, id, &fields, errors).await?),
        done_action: None,
        reopen_action: None,
    }))
}
