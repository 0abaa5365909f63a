//! What a certificate's pages say.

use portal_core::Timestamp;
use portal_core::approval::{
    Assurance, Certificate, Decision, SignInMethod, ToldDocument, ToldEvidence, ToldOrigin, ToldShown,
};
use portal_core::audit::Checkpoint;
use portal_core::audit::note::Note;
use portal_core::matter::Part;
use time::macros::format_description;

use crate::layout::{ACCENT, BODY, CODE, HEADING, LABEL, Layout, SMALL, Style, TITLE};

/// What the attached file is called.
pub const ATTACHED_NAME: &str = "certificate.json";
/// The media type of the attached file.
pub const MEDIA_TYPE: &str = "application/json";

const KICKER: Style = Style {
    colour: ACCENT,
    ..LABEL
};

const fn did(decision: Decision) -> &'static str {
    match decision {
        Decision::Approved => "approved",
        Decision::Declined => "declined",
    }
}

/// What the document is called.
pub(crate) fn title(evidence: &ToldEvidence, shown: &ToldShown) -> String {
    let what = match evidence.decision {
        Decision::Approved => "Certificate of approval",
        Decision::Declined => "Certificate of refusal",
    };
    format!("{what}: {}", shown.title)
}

/// `20 November 2026, 20:59:25 UTC`: always UTC, because where the practice is may change.
fn moment(at: Timestamp) -> String {
    let layout =
        format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC");
    let written = at.to_offset_date_time().format(&layout);
    written.unwrap_or_else(|_| at.to_string())
}

const fn part(part: Part) -> &'static str {
    match part {
        Part::Principal => "main applicant",
        Part::Partner => "spouse or partner",
        Part::Dependant => "dependant",
        Part::Contact => "contact",
    }
}

const fn method(method: SignInMethod) -> &'static str {
    match method {
        SignInMethod::EmailLink => "By a link that was sent to their email address",
    }
}

const fn assurance(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::SingleFactor => "one factor: whoever reads their mail could sign in",
    }
}

/// Writes everything.
pub(crate) fn write(
    to: &mut Layout<'_, '_>,
    certificate: &Certificate,
    evidence: &ToldEvidence,
    shown: &ToldShown,
) {
    to.paragraph(
        KICKER,
        match evidence.decision {
            Decision::Approved => "CERTIFICATE OF APPROVAL",
            Decision::Declined => "CERTIFICATE OF REFUSAL",
        },
    );
    to.space(2.0);
    to.heading(1, TITLE, &shown.title);
    to.space(4.0);
    to.paragraph(
        BODY,
        &format!(
            "{} {} this on {}.",
            evidence.by.name,
            did(evidence.decision),
            moment(evidence.answered_at)
        ),
    );
    answer(to, evidence);
    asked(to, shown);
    documents(to, &shown.documents);
    whence(to, evidence);
    verify(to, certificate, evidence);
}

fn section(to: &mut Layout<'_, '_>, heading: &str) {
    to.space(12.0);
    to.heading(2, HEADING, heading);
    to.rule();
    to.space(5.0);
}

fn answer(to: &mut Layout<'_, '_>, evidence: &ToldEvidence) {
    section(to, "The answer");
    to.table();
    let decision = match evidence.decision {
        Decision::Approved => "Approved",
        Decision::Declined => "Declined",
    };
    to.row("Answer", &[(BODY, decision)]);
    to.row("Answered by", &[(BODY, &evidence.by.name)]);
    let whom = &evidence.on_behalf_of;
    let taking_part = whom
        .part
        .map(|it| format!("as {} in the matter", part(it)))
        .unwrap_or_default();
    match taking_part.as_str() {
        "" => to.row("For", &[(BODY, &whom.name)]),
        as_what => to.row("For", &[(BODY, &whom.name), (SMALL, as_what)]),
    }
    to.row(
        "Answered at",
        &[
            (BODY, &moment(evidence.answered_at)),
            (SMALL, &format!("{} ({})", evidence.answered_at, evidence.clock)),
        ],
    );
    let comment = match evidence.comment.as_str() {
        "" => "None was given.",
        comment => comment,
    };
    to.row("Comment", &[(BODY, comment)]);
}

fn asked(to: &mut Layout<'_, '_>, shown: &ToldShown) {
    section(to, "What was asked");
    to.table();
    to.row("Kind", &[(BODY, shown.kind.label())]);
    to.row("Question", &[(BODY, &shown.title)]);
    if !shown.description.is_empty() {
        to.row("Text", &[(BODY, &shown.description)]);
    }
    for line in shown.subject.iter().flat_map(|subject| &subject.lines) {
        to.row(&line.label, &[(BODY, &line.value)]);
    }
}

fn documents(to: &mut Layout<'_, '_>, documents: &[ToldDocument]) {
    if documents.is_empty() {
        return;
    }
    section(to, "The documents that were shown");
    to.table();
    for (number, document) in (1..).zip(documents) {
        let about = format!(
            "Version {}, {}, {} bytes. SHA-256:",
            document.number, document.media_type, document.size
        );
        to.row(
            &format!("{number} of {}", documents.len()),
            &[
                (BODY, &document.name),
                (SMALL, &about),
                (CODE, &document.sha256.to_string()),
            ],
        );
    }
}

fn origin(to: &mut Layout<'_, '_>, label: &str, origin: &ToldOrigin) {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "not known".to_owned());
    to.row(
        label,
        &[
            (BODY, &format!("Network address {}", known(&origin.ip))),
            (SMALL, &format!("Browser: {}", known(&origin.user_agent))),
            (SMALL, &format!("Request: {}", known(&origin.request_id))),
        ],
    );
}

fn whence(to: &mut Layout<'_, '_>, evidence: &ToldEvidence) {
    section(to, "How the answer came");
    to.table();
    let signed_in = &evidence.signed_in;
    to.row(
        "Signed in",
        &[
            (BODY, method(signed_in.method)),
            (
                SMALL,
                &format!("{}, {}", moment(signed_in.since), assurance(signed_in.assurance)),
            ),
        ],
    );
    if let Some(factor) = &evidence.factor {
        to.row(
            "Second factor",
            &[
                (BODY, factor.method.as_str()),
                (SMALL, "confirmed as the answer was given"),
            ],
        );
    }
    origin(to, "Signed in from", &signed_in.from);
    origin(to, "Answered from", &evidence.from);
}

fn verify(to: &mut Layout<'_, '_>, certificate: &Certificate, evidence: &ToldEvidence) {
    section(to, "How to verify this certificate");
    to.paragraph(
        BODY,
        &format!(
            "The file {ATTACHED_NAME} is attached to this document. It holds all of the evidence, the entry of the practice\u{2019}s \
             audit trail that was written with the answer, its place in that trail, and the signed head of the trail. These pages \
             repeat what it says; it is what counts. To verify it, without the portal and without a network:"
        ),
    );
    to.space(3.0);
    to.paragraph(CODE, "portal-server verify-audit THIS-FILE.pdf --key KEY");
    to.space(3.0);
    to.paragraph(
        BODY,
        "KEY is the practice\u{2019}s public key. Ask the practice for it, and do not take it from whoever gave you this document. \
         The practice\u{2019}s page about its audit trail shows it, with the newest signed head of the trail:",
    );
    let checkpoint = Checkpoint::read(&certificate.proof.checkpoint).ok();
    let origin = checkpoint.as_ref().map_or("", |it| it.origin.as_str());
    let address = origin
        .split_once("/audit/")
        .map_or(origin, |(address, _)| address);
    to.space(2.0);
    to.link(CODE, &format!("https://{address}/staff/audit/checkpoint"));
    to.space(3.0);
    to.paragraph(
        SMALL,
        "The formats are written down (docs/audit-format.md and docs/approvals.md of the portal\u{2019}s source), so that anybody can \
         write another verifier. All times are UTC. A character that the fonts of this document do not have, or that is not seen on \
         paper, is written as its code point in brackets, like [U+1F600]; the attached file has it as it was typed.",
    );
    to.space(6.0);
    to.table();
    to.row(
        "What was shown",
        &[(SMALL, "SHA-256"), (CODE, &evidence.shown_sha256.to_string())],
    );
    let hash = portal_core::Digest::of(certificate.evidence.as_bytes());
    to.row(
        "All the evidence",
        &[(SMALL, "SHA-256"), (CODE, &hash.to_string())],
    );
    for (label, id) in [
        ("Answer", &evidence.evidence),
        ("Approval", &evidence.approval),
        ("Matter", &evidence.matter),
        ("Practice", &evidence.practice),
        ("Entry of the trail", &evidence.audit_entry),
    ] {
        to.row(label, &[(CODE, id)]);
    }
    let Some(checkpoint) = &checkpoint else { return };
    to.row("Audit trail", &[(CODE, origin)]);
    to.row(
        "Its signed head",
        &[
            (SMALL, &format!("of {} entries, root", checkpoint.size)),
            (CODE, &checkpoint.root.to_string()),
        ],
    );
    let note = Note::parse(&certificate.proof.checkpoint).ok();
    for key in note.iter().flat_map(Note::key_ids) {
        to.row("Signed by the key", &[(CODE, &format!("{key:08x}"))]);
    }
}
