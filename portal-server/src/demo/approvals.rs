//! What the demo practice asks its clients to approve: one waits, the others were answered, with evidence and certificate.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use futures_util::stream;
use portal_core::approval::{Answer, Approval, ApprovalDraft, ApprovalKind, Decision};
use portal_core::client::Client;
use portal_core::document::{Confidentiality, Interrupted, UploadTarget};
use portal_core::{AccessId, Actor, Context, DocumentId, Duration, Locator, MatterId, Origin};

use super::{SeedError, Seeder, pdf};

/// Something that a client is asked to approve.
struct Question {
    /// Reference of the matter.
    reference: &'static str,
    /// Index into [`CLIENTS`](super::records::CLIENTS).
    client: usize,
    /// Index into [`STAFF`](super::records::STAFF).
    staff: usize,
    kind: ApprovalKind,
    title: &'static str,
    description: &'static str,
    /// Names of files and their lines.
    documents: &'static [(&'static str, &'static [&'static str])],
    /// What the client answers, and says with it; none yet, perhaps.
    answer: Option<(Decision, &'static str)>,
}

/// The oldest first. The last one waits for the client whose portal the demo names.
const QUESTIONS: [Question; 3] = [
    Question {
        reference: "HM-2035",
        client: 3,
        staff: 2,
        kind: ApprovalKind::Statement,
        title: "Your work history, as we will lodge it",
        description: "We have put your r\u{e9}sum\u{e9} and your references into the form that the visa office asks for.\n\nPlease check \
                      every date. If one is wrong, decline and tell us which.",
        documents: &[(
            "Work history.pdf",
            &[
                "Work history",
                "Karl-Friedrich Maximilian von und zu Hohenstein-Waldburg",
                "",
                "2015 - 2020   Nordlicht Werke, Bremen: process engineer",
                "2020 - today  Hafenbau Sued, Hamburg: lead engineer",
                "",
                "A sample page about a person who does not exist.",
            ],
        )],
        answer: Some((
            Decision::Declined,
            "One date is wrong: I left Nordlicht Werke in March 2021, not in 2020. Everything else is right.",
        )),
    },
    Question {
        reference: "HM-2041",
        client: 0,
        staff: 0,
        kind: ApprovalKind::AuthorityToProceed,
        title: "Our agreement and the fees",
        description: "This is what we do for you, what you do, and what it costs.\n\nWhen you approve, we begin to work on your \
                      application.",
        documents: &[(
            "Service agreement.pdf",
            &[
                "Service agreement",
                "Harbour Migration and Amina Haddad",
                "",
                "1. We prepare and lodge your application for a partner visa.",
                "2. You give us what we ask for, true and whole.",
                "3. Our fee is 3,400.00 AUD in two parts.",
                "",
                "A sample page that binds nobody.",
            ],
        )],
        answer: Some((
            Decision::Approved,
            "Agreed. Thank you for explaining the fees on the phone.",
        )),
    },
    Question {
        reference: "HM-2041",
        client: 0,
        staff: 0,
        kind: ApprovalKind::Statement,
        title: "Your relationship statement, ready to lodge",
        description: "We wrote down what you told us about the two of you, and put your photos in order.\n\nPlease read both \
                      documents. Approve when everything in them is true and complete; it goes to the visa office just like this.",
        documents: &[
            (
                "Relationship statement.pdf",
                &[
                    "Statement of relationship",
                    "Amina Haddad",
                    "",
                    "I met Omar in Sydney in May 2019, at a friend's birthday.",
                    "We moved in together in February 2021 and married in June 2023.",
                    "We share our home, our bank account and our plans.",
                    "",
                    "A sample page about people who do not exist.",
                ],
            ),
            (
                "Photos and what they show.pdf",
                &[
                    "Photos, with dates and places",
                    "Amina and Omar Haddad",
                    "",
                    "1. Manly Beach, January 2020",
                    "2. Moving day, Marrickville, February 2021",
                    "3. Our wedding, with both families, June 2023",
                    "",
                    "A sample page without any photos.",
                ],
            ),
        ],
        answer: None,
    },
];

/// In how many days an answer is due.
const DUE_IN: Duration = Duration::days(10);

/// The browser in which the demo's clients answer.
const BROWSER: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                       Version/18.1 Mobile/15E148 Safari/604.1";

impl Seeder {
    /// Asks for all approvals; some are answered.
    pub(super) async fn approvals(&self, matters: &BTreeMap<&str, MatterId>) -> Result<(), SeedError> {
        for question in &QUESTIONS {
            let matter = matters.get(question.reference).copied();
            let matter = matter.ok_or_else(|| SeedError("no such matter".into()))?;
            let client = self.client(question.client)?;
            let approval = self.ask(question, matter, client).await?;
            self.drain().await?;
            self.clock.skip(Duration::hours(3));
            if let Some((decision, comment)) = question.answer {
                let answer = Answer {
                    decision,
                    comment: comment.into(),
                    shown: approval.shown_hash(),
                };
                self.answer(&approval, client, &answer).await?;
                self.drain().await?;
                self.clock.skip(Duration::hours(6));
            }
        }
        Ok(())
    }

    async fn ask(
        &self,
        question: &Question,
        matter: MatterId,
        client: &Client,
    ) -> Result<Approval, SeedError> {
        let mut documents = Vec::new();
        for (name, lines) in question.documents {
            documents.push(self.file(question.staff, matter, client, name, lines).await?);
        }
        let ctx = self.as_staff(question.staff)?;
        let draft = ApprovalDraft {
            kind: question.kind,
            title: question.title.into(),
            description: question.description.into(),
            documents,
            people: vec![client.id],
            due_on: Some((ctx.at + DUE_IN).date()),
            ..ApprovalDraft::default()
        };
        Ok(self.portal.ask_approval(&ctx, matter, &draft).await?.approval)
    }

    /// A document that staff filed for the client to see.
    async fn file(
        &self,
        staff: usize,
        matter: MatterId,
        client: &Client,
        name: &str,
        lines: &[&str],
    ) -> Result<DocumentId, SeedError> {
        let target = UploadTarget::Matter {
            matter,
            client: Some(client.id),
            confidentiality: Confidentiality::Client,
            replaces: None,
        };
        let bytes = stream::iter([Ok::<_, Interrupted>(Bytes::from(pdf::page(lines)))]);
        let ctx = self.as_staff(staff)?;
        Ok(self.portal.upload(&ctx, target, name, bytes).await?.id)
    }

    /// The client asks for a link, signs in with it, answers, and signs out: an answer binds the session that it was given in.
    async fn answer(&self, approval: &Approval, client: &Client, answer: &Answer) -> Result<(), SeedError> {
        let asked = approval.people.iter().find(|asked| asked.client == client.id);
        let access = asked.ok_or_else(|| SeedError("nobody to answer".into()))?.access;
        let ctx = self.signed_in(client, access).await?;
        self.portal
            .answer_approval(&ctx, approval.id, answer, None)
            .await?;
        Ok(self.portal.sign_out(&ctx).await?)
    }

    async fn signed_in(&self, client: &Client, access: AccessId) -> Result<Context, SeedError> {
        let practice = self.practice.id;
        let browser = Some(self.portal.new_secret().digest());
        let origin = Origin {
            // A network that RFC 5737 keeps for documentation.
            ip: Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 24))),
            user_agent: Some(BROWSER.into()),
            request_id: None,
        };
        let workspace = Locator::of_access(practice, access);
        self.portal
            .ask_for_link(workspace, browser, origin.clone())
            .await?;
        self.drain().await?;
        let link = self.portal.store().newest_link(practice, access).await;
        let link = link.map_err(|error| SeedError(error.to_string()))?;
        let link = link.ok_or_else(|| SeedError("no link was issued".into()))?;
        let token = self.portal.keys().link_token(practice, link);
        let (signed_in, _) = self
            .portal
            .redeem_link(&token, browser, None, origin.clone())
            .await?;
        Ok(Context {
            practice,
            actor: Actor::Client { id: client.id },
            session: Some(signed_in.session.id),
            origin,
            at: self.portal.now(),
        })
    }
}
