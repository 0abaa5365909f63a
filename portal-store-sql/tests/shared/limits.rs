//! Limits that are met by a flood: each leaves one entry in the trail for its key and window, however many are refused at once.

use std::sync::Arc;

use futures_util::future::join_all;
use portal_core::approval::{Answer, Decision};
use portal_core::audit::{AuditEntry, AuditFilter};
use portal_core::document::{Confidentiality, UploadTarget};
use portal_core::upload::{NewUpload, Upload};
use portal_core::{
    AccessId, Allowance, ApprovalId, Context, Digest, Duration, Error, Locator, Origin, PageRequest, Store,
};

use crate::entering::entered;
use crate::portal::{Desk, PASSWORD};

fn from(ip: &str) -> Origin {
    Origin {
        ip: Some(ip.parse().unwrap()),
        ..Origin::default()
    }
}

/// What the trail says of limits: the action, which limit, and from where; sorted.
async fn limits(desk: &Desk) -> Vec<(String, String, String)> {
    let mut told: Vec<_> = entries(desk)
        .await
        .into_iter()
        .filter(|entry| entry.action.ends_with("limited"))
        .map(|entry| {
            let limit = entry.detail.get("limit").and_then(|limit| limit.as_str());
            let ip = entry.origin.ip.map(|ip| ip.to_string());
            (
                entry.action,
                limit.unwrap_or_default().to_owned(),
                ip.unwrap_or_default(),
            )
        })
        .collect();
    told.sort();
    told
}

async fn entries(desk: &Desk) -> Vec<AuditEntry> {
    let mut entries = Vec::new();
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let store = desk.portal.store();
        let found = store
            .audit_entries(desk.practice.id, &AuditFilter::default(), &page)
            .await
            .unwrap();
        entries.extend(found.items);
        next = found.next;
        if next.is_none() {
            return entries;
        }
    }
}

/// The entries of limits that came since `before`.
async fn since(desk: &Desk, before: &[(String, String, String)]) -> Vec<(String, String, String)> {
    let mut now = limits(desk).await;
    for known in before {
        let place = now.iter().position(|told| told == known);
        now.remove(place.expect("no entry goes away"));
    }
    now
}

fn told(action: &str, limit: &str, ip: &str) -> (String, String, String) {
    (action.into(), limit.into(), ip.into())
}

/// A workspace that there is not.
fn made_up(number: u32) -> AccessId {
    let id = format!("00000000-0000-4000-8000-{number:012}");
    id.parse().unwrap()
}

async fn ask(desk: &Desk, access: AccessId, ip: String) {
    let workspace = Locator::of_access(desk.practice.id, access);
    let asked = desk.portal.ask_for_link(workspace, None, from(&ip));
    asked.await.unwrap();
}

/// One network asks for workspaces that it makes up.
async fn made_up_are_asked_for(desk: &Desk) {
    let before = limits(desk).await;
    join_all((0..150).map(|number| ask(desk, made_up(number), "203.0.113.9".into()))).await;
    assert_eq!(
        since(desk, &before).await,
        [told("link.limited", "network", "203.0.113.9")]
    );
}

/// Many networks ask for one workspace. Twenty of them were asked for in earnest, and three go out.
async fn one_is_asked_for(desk: &Desk, access: AccessId) {
    let before = limits(desk).await;
    join_all((0..60).map(|number| ask(desk, access, format!("198.51.100.{number}")))).await;
    desk.portal.drain().await.unwrap();
    let mut limits: Vec<_> = since(desk, &before).await;
    assert!(limits.iter().all(|(action, ..)| action == "link.limited"));
    limits.sort_by(|one, other| one.1.cmp(&other.1));
    let limits: Vec<&str> = limits.iter().map(|(_, limit, _)| limit.as_str()).collect();
    assert_eq!(limits, ["links", "workspace"]);
}

/// Wrong codes of one link; answers what must stand nowhere.
async fn codes_are_guessed(desk: &Desk) -> [String; 2] {
    let before = limits(desk).await;
    let (link, code) = desk.last_link();
    let wrong = if code.starts_with('1') {
        "22222222"
    } else {
        "11111111"
    };
    let guess = || {
        let from = from("203.0.113.20");
        desk.portal.redeem_link(&link, None, Some(wrong), from)
    };
    join_all((0..40).map(|_| guess())).await;
    assert_eq!(
        since(desk, &before).await,
        [told("client.sign-in-limited", "", "203.0.113.20")]
    );
    [link.reveal(), code]
}

/// Passwords of one address from one network, of one network, and of the whole practice.
async fn passwords_are_guessed(desk: &Desk) {
    let before = limits(desk).await;
    join_all((0..150).map(|_| desk.sign_in("wrong", "203.0.113.30"))).await;
    assert_eq!(
        since(desk, &before).await,
        [
            told("staff.sign-in-limited", "address", "203.0.113.30"),
            told("staff.sign-in-limited", "network", "203.0.113.30")
        ]
    );
    let before = limits(desk).await;
    use_up_passwords(desk).await;
    let networks: Vec<String> = (0..40).map(|number| format!("198.51.100.{number}")).collect();
    join_all(networks.iter().map(|ip| desk.sign_in("wrong", ip))).await;
    let more = since(desk, &before).await;
    assert_eq!(more.len(), 1, "many networks, one limit: {more:?}");
    assert_eq!(more[0].1, "practice");
}

async fn approvals_are_answered(desk: &Desk, client: &Context) {
    let before = limits(desk).await;
    let answer = Answer {
        decision: Decision::Approved,
        comment: String::new(),
        shown: Digest([0; 32]),
    };
    let nothing: ApprovalId = made_up(0).to_string().parse().unwrap();
    let answers = (0..400).map(|_| desk.portal.answer_approval(client, nothing, &answer, None));
    let limited = join_all(answers).await;
    let limited = limited
        .iter()
        .filter(|answer| matches!(answer, Err(Error::Limited { .. })));
    assert_eq!(limited.count(), 100);
    assert_eq!(
        since(desk, &before).await,
        [told("approval.limited", "", "203.0.113.40")]
    );
}

async fn uploads_are_left_unfinished(desk: &Desk, owner: &Context, access: AccessId) {
    let before = limits(desk).await;
    let matter = desk.portal.access(owner, access).await.unwrap().matter;
    let new = NewUpload {
        target: UploadTarget::Matter {
            matter: matter.id,
            client: None,
            confidentiality: Confidentiality::StaffOnly,
            replaces: None,
        },
        file_name: "plan.pdf".into(),
        size: 10,
        metadata: String::new(),
    };
    for _ in 0..Upload::MOST_WAITING {
        desk.portal.begin_upload(owner, &new).await.unwrap();
    }
    let refused = join_all((0..30).map(|_| desk.portal.begin_upload(owner, &new))).await;
    assert!(refused.iter().all(Result::is_err));
    let more = since(desk, &before).await;
    assert_eq!(more.len(), 1, "{more:?}");
    assert_eq!(more[0].0, "upload.limited");
}

pub(crate) async fn a_limit_met_by_a_flood_leaves_one_entry(store: Arc<dyn Store>) {
    let desk = Desk::on(store).await;
    let (_, access) = desk.client().await;
    let owner = desk.owner().await;
    made_up_are_asked_for(&desk).await;
    one_is_asked_for(&desk, access).await;
    let secrets = codes_are_guessed(&desk).await;
    passwords_are_guessed(&desk).await;
    // The workspace has no more links for an hour.
    desk.fakes.clock.advance(Duration::hours(2));
    let client = entered(&desk, access, from("203.0.113.40")).await;
    approvals_are_answered(&desk, &client).await;
    uploads_are_left_unfinished(&desk, &owner, access).await;

    // The next window is another one, and nothing of what was tried stands in the trail.
    desk.fakes.clock.advance(Duration::hours(1));
    made_up_are_asked_for(&desk).await;
    let all = format!("{:?}", entries(&desk).await);
    for secret in secrets.iter().map(String::as_str).chain([PASSWORD]) {
        assert!(!all.contains(secret));
    }
}

/// As many tries as the practice has, seen by its counter.
async fn use_up_passwords(desk: &Desk) {
    let quarter = Allowance {
        times: 6_000,
        every: Duration::minutes(15),
    };
    let (window, until) = quarter.window(desk.portal.now());
    let key = format!("password/{window}");
    for _ in 0..60 {
        let hundred = (0..100).map(|_| desk.portal.store().count(desk.practice.id, &key, until));
        futures_util::future::try_join_all(hundred).await.unwrap();
    }
}
