//! Who may do what: every operation that the API describes, asked by everybody. An operation without a row fails.

use std::collections::BTreeSet;

use axum::http::Method;
use futures_util::{StreamExt, stream};
use portal_core::{Duration, Locator};
use serde_json::{Value, json};

use crate::world::{Ask, PDF, Who, World, metadata};

/// What somebody is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Done, or refused for another reason than who asks.
    Allowed,
    /// 401.
    Unauthenticated,
    /// 403.
    Denied,
    /// 404: as if it did not exist.
    Hidden,
}

/// Method, path, and the verdict for each of [`Who::ALL`]: `A`llowed, `U`nauthenticated, `D`enied, `H`idden.
///
/// In the order: nobody, another practice's owner, a relative's session, the client's session, auditor, a member who is not
/// on the matter, manager, admin, owner.
const TABLE: &[(&str, &str, &str)] = &[
    ("POST", "/api/v1/auth/sign-in", "UUUUUUUUU"),
    ("POST", "/api/v1/auth/redeem-link", "AAAAAAAAA"),
    ("POST", "/api/v1/auth/refresh", "UUUUUUUUU"),
    ("POST", "/api/v1/auth/sign-out", "UAAAAAAAA"),
    ("POST", "/api/v1/auth/sign-out-everywhere", "UAAAAAAAA"),
    ("GET", "/api/v1/clients", "UADDAAAAA"),
    ("POST", "/api/v1/clients", "UADDDAAAA"),
    ("GET", "/api/v1/clients/{id}", "UHHAAAAAA"),
    ("PATCH", "/api/v1/clients/{id}", "UHHDDAAAA"),
    ("GET", "/api/v1/clients/{id}/text-consent", "UHDDAAAAA"),
    ("POST", "/api/v1/clients/{id}/text-consent", "UHDDDAAAA"),
    ("POST", "/api/v1/clients/{id}/deactivate", "UHDDDDAAA"),
    ("POST", "/api/v1/clients/{id}/reactivate", "UHDDDDAAA"),
    ("POST", "/api/v1/clients/{id}/erase-from-audit", "UHDDDDDAA"),
    ("GET", "/api/v1/matters", "UAAAAAAAA"),
    ("POST", "/api/v1/matters", "UAHHDAAAA"),
    ("PUT", "/api/v1/matters/by-reference/{reference}", "UAHHDHAAA"),
    ("GET", "/api/v1/matters/{id}", "UHHAAHAAA"),
    ("PATCH", "/api/v1/matters/{id}", "UHHHDHAAA"),
    ("POST", "/api/v1/matters/{id}/close", "UHHHDHAAA"),
    ("POST", "/api/v1/matters/{id}/reopen", "UHHHDHAAA"),
    ("GET", "/api/v1/matters/{id}/participants", "UHHHAHAAA"),
    ("POST", "/api/v1/matters/{id}/participants", "UHHHDHAAA"),
    (
        "DELETE",
        "/api/v1/matters/{id}/participants/{client_id}",
        "UHHHDHAAA",
    ),
    ("GET", "/api/v1/matters/{id}/team", "UHHHAHAAA"),
    ("PUT", "/api/v1/matters/{id}/team/{staff_id}", "UHHHDHAAA"),
    ("DELETE", "/api/v1/matters/{id}/team/{staff_id}", "UHHHDHAAA"),
    ("GET", "/api/v1/matters/{id}/portal-accesses", "UHHHAHAAA"),
    ("POST", "/api/v1/matters/{id}/portal-accesses", "UHHHDHAAA"),
    ("GET", "/api/v1/portal-accesses/{id}", "UHHAAHAAA"),
    ("POST", "/api/v1/portal-accesses/{id}/invite", "UHHHDHAAA"),
    ("POST", "/api/v1/portal-accesses/{id}/revoke", "UHHHDHAAA"),
    ("POST", "/api/v1/portal-accesses/{id}/restore", "UHHHDHAAA"),
    ("POST", "/api/v1/portal-accesses/{id}/preview", "UHHHDHAAA"),
    ("POST", "/api/v1/portal/{access_id}/request-link", "AAAAAAAAA"),
    ("GET", "/api/v1/matters/{id}/requests", "UHHAAHAAA"),
    ("POST", "/api/v1/matters/{id}/requests", "UHHHDHAAA"),
    ("GET", "/api/v1/requests/{id}", "UHHAAHAAA"),
    ("PATCH", "/api/v1/requests/{id}", "UHHHDHAAA"),
    ("POST", "/api/v1/requests/{id}/accept", "UHHHDHAAA"),
    ("POST", "/api/v1/requests/{id}/return", "UHHHDHAAA"),
    ("POST", "/api/v1/requests/{id}/waive", "UHHHDHAAA"),
    ("POST", "/api/v1/requests/{id}/withdraw", "UHHHDHAAA"),
    ("POST", "/api/v1/requests/{id}/reopen", "UHHHDHAAA"),
    ("GET", "/api/v1/requests/{id}/documents", "UHHAAHAAA"),
    ("POST", "/api/v1/requests/{id}/documents", "UHHADHAAA"),
    ("GET", "/api/v1/checklist-templates", "UADDAAAAA"),
    ("POST", "/api/v1/checklist-templates", "UADDDDAAA"),
    ("GET", "/api/v1/checklist-templates/{id}", "UHDDAAAAA"),
    ("PATCH", "/api/v1/checklist-templates/{id}", "UHDDDDAAA"),
    ("POST", "/api/v1/matters/{id}/apply-template", "UHHHDHAAA"),
    ("GET", "/api/v1/taxonomies", "UADDAAAAA"),
    ("PUT", "/api/v1/taxonomies", "UADDDDAAA"),
    ("GET", "/api/v1/taxonomies/file", "UADDAAAAA"),
    ("PUT", "/api/v1/taxonomies/file", "UADDDDAAA"),
    ("GET", "/api/v1/taxonomies/unknown", "UADDDDAAA"),
    ("POST", "/api/v1/taxonomies/accept", "UADDDDAAA"),
    ("GET", "/api/v1/workflows", "UADDAAAAA"),
    ("POST", "/api/v1/workflows", "UADDDDAAA"),
    ("GET", "/api/v1/workflows/{id}", "UHDDAAAAA"),
    ("PATCH", "/api/v1/workflows/{id}", "UHDDDDAAA"),
    ("DELETE", "/api/v1/workflows/{id}", "UHDDDDAHH"),
    ("POST", "/api/v1/workflows/match", "UADDAAAAA"),
    ("POST", "/api/v1/workflows/analyse", "UADDAAAAA"),
    ("POST", "/api/v1/workflows/dry-run", "UADDDDAAA"),
    ("POST", "/api/v1/workflows/apply", "UADDDDAAA"),
    ("GET", "/api/v1/matters/{id}/why", "UHHHAHAAA"),
    ("GET", "/api/v1/matters/{id}/stages", "UHHHAHAAA"),
    ("GET", "/api/v1/tasks", "UADDAAAAA"),
    ("POST", "/api/v1/tasks", "UHHHDHAAA"),
    ("GET", "/api/v1/tasks/{id}", "UHHHAHAAA"),
    ("PATCH", "/api/v1/tasks/{id}", "UHHHDHAAA"),
    // A client must say on which matter.
    ("GET", "/api/v1/approvals", "UAHHAAAAA"),
    ("POST", "/api/v1/matters/{id}/approvals", "UHHHDHAAA"),
    ("GET", "/api/v1/approvals/{id}", "UHHAAHAAA"),
    ("POST", "/api/v1/approvals/{id}/answer", "UDHADDDDD"),
    ("POST", "/api/v1/approvals/answer", "UDAADDDDD"),
    ("POST", "/api/v1/approvals/{id}/withdraw", "UHHHDHAAA"),
    ("GET", "/api/v1/approvals/{id}/evidence", "UHHAAHAAA"),
    // Whose answer it is has a test of its own; here is none.
    (
        "GET",
        "/api/v1/approvals/{id}/evidence/{evidence_id}/certificate",
        "UHHHHHHHH",
    ),
    (
        "GET",
        "/api/v1/approvals/{id}/evidence/{evidence_id}/certificate.json",
        "UHHHHHHHH",
    ),
    ("GET", "/api/v1/documents", "UAAAAAAAA"),
    ("GET", "/api/v1/matters/{id}/documents", "UHHAAHAAA"),
    ("POST", "/api/v1/matters/{id}/documents", "UHHHDHAAA"),
    ("GET", "/api/v1/matters/{id}/documents.zip", "UHHHAHAAA"),
    ("GET", "/api/v1/documents/{id}", "UHHAAHAAA"),
    ("PATCH", "/api/v1/documents/{id}", "UHHHDHAAA"),
    ("GET", "/api/v1/documents/{id}/versions", "UHHAAHAAA"),
    ("GET", "/api/v1/documents/{id}/content", "UHHAAHAAA"),
    ("GET", "/api/v1/documents/{id}/signed-url", "UHHAAHAAA"),
    ("POST", "/api/v1/documents/{id}/accept", "UHHHDHAAA"),
    ("POST", "/api/v1/documents/{id}/return", "UHHHDHAAA"),
    ("GET", "/api/v1/documents/{id}/shares", "UHDDAHAAA"),
    ("PUT", "/api/v1/documents/{id}/shares/{access_id}", "UHHHDHAAA"),
    ("DELETE", "/api/v1/documents/{id}/shares/{access_id}", "UHHHDHAAA"),
    ("POST", "/api/v1/uploads", "UHHADHAAA"),
    ("GET", "/api/v1/uploads/{id}", "UHHAHHHHH"),
    ("PATCH", "/api/v1/uploads/{id}", "UHHAHHHHH"),
    ("POST", "/api/v1/uploads/{id}", "UHHAHHHHH"),
    ("DELETE", "/api/v1/uploads/{id}", "UHHAHHHHH"),
    ("GET", "/api/v1/notifications", "UADDAAAAA"),
    ("GET", "/api/v1/notifications/unread", "UADDAAAAA"),
    ("POST", "/api/v1/notifications/read-all", "UADDAAAAA"),
    ("POST", "/api/v1/notifications/{id}/read", "UHDDHHHHA"),
    ("GET", "/api/v1/deliveries", "UADDADAAA"),
    ("GET", "/api/v1/history.csv", "UADDADAAA"),
    ("GET", "/api/v1/conversations", "UADDAAAAA"),
    ("GET", "/api/v1/conversations/unread", "UADDAAAAA"),
    ("GET", "/api/v1/conversations/{id}", "UHDDAHAAA"),
    ("GET", "/api/v1/conversations/{id}/entries", "UHDDAHAAA"),
    ("POST", "/api/v1/conversations/{id}/reply", "UHDDDHAAA"),
    ("POST", "/api/v1/conversations/{id}/read", "UHDDDHAAA"),
    ("POST", "/api/v1/conversations/{id}/assign", "UHDDDHAAA"),
    // A number's conversation is no client's.
    ("POST", "/api/v1/conversations/{id}/link", "UHDDDHAAA"),
    ("POST", "/api/v1/conversations/{id}/unlink", "UHDDDHAAA"),
    ("GET", "/api/v1/reports/messages", "UADDADAAA"),
    ("GET", "/api/v1/staff", "UADDAAAAA"),
    ("POST", "/api/v1/staff", "UADDDDDAA"),
    ("GET", "/api/v1/staff/{id}", "UHDDAAAAA"),
    ("PATCH", "/api/v1/staff/{id}", "UHDDDDDAA"),
    ("GET", "/api/v1/practice", "UAAAAAAAA"),
    ("PATCH", "/api/v1/practice", "UADDDDDAA"),
    ("GET", "/api/v1/audit", "UADDADAAA"),
    ("GET", "/api/v1/audit/checkpoint", "UADDADAAA"),
    ("GET", "/api/v1/audit/keys", "UADDADAAA"),
    ("GET", "/api/v1/audit/{id}/proof", "UHDDHDHHH"),
    ("GET", "/api/v1/audit/export.jsonl", "UADDADAAA"),
    ("GET", "/api/v1/audit/export.csv", "UADDADAAA"),
    // A signature decides, and no session; without a provider there is nothing here.
    ("POST", "/hooks/sms/{provider}/status", "HHHHHHHHH"),
    ("POST", "/hooks/sms/{provider}/inbound", "HHHHHHHHH"),
];

fn verdict(letter: char) -> Verdict {
    match letter {
        'A' => Verdict::Allowed,
        'U' => Verdict::Unauthenticated,
        'D' => Verdict::Denied,
        'H' => Verdict::Hidden,
        other => panic!("no verdict {other}"),
    }
}

/// The path with the ids of the world's things in it.
fn filled(world: &World, path: &str) -> String {
    let id = match path.split('/').nth(3).unwrap() {
        "clients" | "conversations" => world.client.id.to_string(),
        "portal-accesses" => world.access.id.to_string(),
        "requests" => world.request.clone(),
        "checklist-templates" => world.template.clone(),
        "documents" => world.document.clone(),
        "tasks" => world.task.clone(),
        "approvals" => world.approval.clone(),
        "workflows" => world.workflow.clone(),
        "uploads" => world.upload.clone(),
        "notifications" => world.notification.clone(),
        "staff" => world.member_id.to_string(),
        _ => world.matter.id.to_string(),
    };
    let access = if path.contains("/portal/") {
        Locator::of_access(world.practice, world.access.id).to_string()
    } else {
        world.relative_access.id.to_string()
    };
    path.replace("/status", "/status?message=x")
        .replace("/inbound", "/inbound?practice=x")
        .replace("{provider}", "twilio")
        .replace("{id}", &id)
        .replace("{reference}", "HM-1")
        .replace("{client_id}", &world.client.id.to_string())
        .replace("{staff_id}", &world.member_id.to_string())
        .replace("{access_id}", &access)
        .replace("{evidence_id}", &world.matter.id.to_string())
}

/// A body that is right, so that only who asks decides.
fn body(world: &World, method: &str, path: &str) -> Option<Value> {
    let client = world.newcomer.id.to_string();
    Some(match (method, path.strip_prefix("/api/v1").unwrap_or(path)) {
        ("POST", "/auth/sign-in") => {
            json!({"practice_id": world.practice.to_string(), "email": "nobody@harbour.test", "password": "wrong"})
        }
        ("POST", "/auth/redeem-link") => json!({"token": "x", "code": "12345678"}),
        ("POST", "/auth/refresh") => json!({"refresh_token": "x"}),
        ("POST", "/clients") => json!({"given_names": "Noor"}),
        ("POST", "/clients/{id}/text-consent") => {
            json!({"agreement": "agreed", "how": "spoken", "said_on": "2026-01-31"})
        }
        ("POST", "/clients/{id}/erase-from-audit") => {
            json!({"confirm": portal_core::audit::erasure_words(&world.client)})
        }
        ("PATCH", "/clients/{id}") => json!({"nationality": "Jordan"}),
        ("POST", "/matters") => json!({"reference": "NEW-1", "title": "New"}),
        ("PUT", "/matters/by-reference/{reference}") => json!({"title": "From elsewhere"}),
        ("PATCH", "/matters/{id}") => json!({"stage": "Decision"}),
        ("POST", "/matters/{id}/participants") => json!({"client_id": client, "part": "dependant"}),
        ("POST", "/matters/{id}/portal-accesses") => {
            json!({"client_id": world.client.id.to_string(), "invite": false})
        }
        ("POST", "/matters/{id}/requests") => {
            json!({"client_id": world.client.id.to_string(), "title": "Photo"})
        }
        ("PATCH", "/requests/{id}") => json!({"help": "The page with your photo."}),
        ("POST", "/requests/{id}/return" | "/documents/{id}/return") => json!({"reason": "It is blurred."}),
        ("POST", "/checklist-templates") => {
            json!({"name": "Health", "groups": [{"name": "", "items": [{"title": "X-ray"}]}]})
        }
        ("PATCH", "/checklist-templates/{id}") => json!({"description": "For everybody."}),
        ("POST", "/matters/{id}/apply-template") => {
            json!({"template_id": world.template, "client_id": world.client.id.to_string()})
        }
        ("PUT", "/taxonomies") => json!({"dimensions": [{"name": "Office", "values": [{"name": "Perth"}]}]}),
        ("POST", "/taxonomies/accept") => {
            json!({"dimension": "Office", "raw": "Sidney", "value": "Sydney", "dry_run": false})
        }
        ("POST", "/workflows") => {
            json!({"name": "All", "criteria": [{"dimension": "Office", "any": true}]})
        }
        ("PATCH", "/workflows/{id}") => json!({"priority": 2}),
        ("POST", "/workflows/match") => json!({"values": {"Office": "sydney"}}),
        ("POST", "/workflows/dry-run") => json!({"workflow_id": null}),
        ("POST", "/workflows/apply") => json!({"send": true}),
        ("POST", "/tasks") => json!({"matter_id": world.matter.id.to_string(), "title": "Call"}),
        ("PATCH", "/tasks/{id}") => json!({"title": "Call again", "done": true}),
        ("POST", "/matters/{id}/approvals") => {
            json!({"kind": "draft", "title": "Statement", "people": [world.client.id.to_string()]})
        }
        ("POST", "/approvals/{id}/answer") => {
            json!({"decision": "approved", "shown": "0".repeat(64)})
        }
        ("POST", "/approvals/answer") => json!({
            "decision": "approved",
            "items": [{"id": world.approval, "shown": "0".repeat(64)}],
        }),
        ("POST", "/approvals/{id}/withdraw") => json!({"reason": "By mistake"}),
        ("PATCH", "/documents/{id}") => json!({"category": "Identity"}),
        ("POST", "/staff") => {
            json!({"name": "New", "email": "new@harbour.test", "role": "member", "password": "long enough for all"})
        }
        ("PATCH", "/staff/{id}") => json!({"role": "manager"}),
        ("POST", "/conversations/{id}/reply") => json!({"text": "Hello"}),
        ("POST", "/conversations/{id}/read") => json!({}),
        ("POST", "/conversations/{id}/assign") => json!({"staff_id": null}),
        ("POST", "/conversations/{id}/link") => json!({"client_id": client}),
        ("PATCH", "/practice") => json!({"help_text": "Call us."}),
        _ => return None,
    })
}

/// What a tus client says: the headers that are right, so that only who asks decides.
fn as_tus_client<'a>(world: &World, ask: Ask<'a>, (method, path): (&str, &str)) -> Ask<'a> {
    let ask = ask.header("tus-resumable", "1.0.0");
    let metadata = metadata(&[("filename", "a.pdf"), ("request_id", &world.request)]);
    match (method, path) {
        ("POST", "/api/v1/uploads") => ask
            .header("upload-length", "9")
            .header("upload-metadata", &metadata),
        ("PATCH" | "POST", _) => ask
            .header("upload-offset", "0")
            .header("x-http-method-override", "PATCH")
            .raw("application/offset+octet-stream", &b"%PDF-1.7\n"[..]),
        _ => ask,
    }
}

async fn row(world: &World, (method, path, verdicts): (&str, &str, &str)) -> Vec<String> {
    if path.ends_with("/audit/checkpoint") {
        // As the worker does: before that there is none.
        let heads = portal_core::audit::SealedHeads::default();
        world.portal.seal_due(&heads, |_| ()).await.unwrap();
    }
    let mut wrong = Vec::new();
    let mut tokens = Vec::new();
    for who in Who::ALL {
        tokens.push(world.token(who).await);
    }
    assert_eq!(verdicts.len(), Who::ALL.len(), "{method} {path}");
    for ((who, token), letter) in Who::ALL.into_iter().zip(tokens).zip(verdicts.chars()) {
        let mut ask = world.ask(method.parse::<Method>().unwrap(), &filled(world, path));
        if let Some(token) = &token {
            ask = ask.token(token);
        }
        if method == "POST" && path.ends_with("/documents") {
            ask = ask.files(&[("a.pdf", PDF)]);
        } else if path.starts_with("/api/v1/uploads") {
            ask = as_tus_client(world, ask, (method, path));
        } else if method == "PUT" && path.ends_with("/taxonomies/file") {
            ask = ask.raw("text/csv", "dimension,value\nOffice,Perth\n");
        } else if let Some(body) = body(world, method, path) {
            ask = ask.json(&body);
        }
        let answer = ask.send().await;
        let got = match answer.status.as_u16() {
            401 => Verdict::Unauthenticated,
            403 => Verdict::Denied,
            404 => Verdict::Hidden,
            500.. => panic!("{method} {path} as {who:?}: {:?}", answer.json()),
            _ => Verdict::Allowed,
        };
        if got != verdict(letter) {
            wrong.push(format!(
                "{method} {path} as {who:?}: {} {}",
                answer.status,
                answer.json()
            ));
        }
    }
    wrong
}

#[test]
fn every_operation_has_a_row() {
    let openapi = serde_json::to_value(portal_server::openapi()).unwrap();
    let mut described = BTreeSet::new();
    for (path, operations) in openapi["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            if ["get", "put", "post", "patch", "delete"].contains(&method.as_str()) {
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    let rows: BTreeSet<_> = TABLE
        .iter()
        .map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned()))
        .collect();
    assert_eq!(rows.len(), TABLE.len(), "a row stands twice");
    assert_eq!(
        described.difference(&rows).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "no row"
    );
    assert_eq!(
        rows.difference(&described).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "no operation"
    );
}

/// Rows that only read share a world; each of the others gets a fresh one.
async fn whole_table<F: Future<Output = World>>(world: impl Fn() -> F) {
    type Rows = Vec<(&'static str, &'static str, &'static str)>;
    let (reading, changing): (Rows, Rows) = TABLE.iter().partition(|(method, ..)| *method == "GET");
    let shared = world().await;
    let mut wrong = Vec::new();
    for case in reading {
        wrong.extend(row(&shared, case).await);
        // So that everybody may sign in once more: passwords and links are limited by the hour.
        shared.fakes.clock.advance(Duration::hours(2));
    }
    let rows = changing
        .into_iter()
        .map(async |case| row(&world().await, case).await);
    let found: Vec<Vec<String>> = stream::iter(rows).buffer_unordered(4).collect().await;
    wrong.extend(found.into_iter().flatten());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_answered_as_the_table_says_on_sqlite() {
    Box::pin(whole_table(World::on_sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_answered_as_the_table_says_on_postgres() {
    Box::pin(whole_table(World::on_postgres)).await;
}
