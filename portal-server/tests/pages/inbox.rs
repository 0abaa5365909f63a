//! The inbox: nothing yet, a full list with a conversation in every state, a number that nobody knows, an answer that is refused.

use askama::Template;
use portal_server::web::{
    staff::{
        Chip, Place,
        inbox::{
            AssignForm, Candidate, ConversationRow, Inbox, LinkForm, Message, OpenConversation, ReplyForm,
            TheirNumber,
        },
    },
    view::{Badge, Choice, Errors, Pager, Tone},
};

use crate::rendered::{self, all};
use crate::staff::{ARABIC, GERMAN, shell};

fn inbox(rows: Vec<ConversationRow>, open: Option<OpenConversation>) -> Inbox {
    let chip = |label: &str, count: &str, current| Chip {
        href: "/staff/inbox".to_owned(),
        label: label.to_owned(),
        count: count.to_owned(),
        current,
    };
    Inbox {
        shell: shell(Place::Inbox),
        counted: match rows.len() {
            0 => "No conversations".to_owned(),
            many => format!("{many} conversations"),
        },
        chips: vec![
            chip("All", "", true),
            chip("Unread", "3", false),
            chip("Mine", "", false),
            chip("Unassigned", "", false),
            chip("Unknown numbers", "", false),
        ],
        q: String::new(),
        channels: vec![
            Choice::new("", "All", ""),
            Choice::new("sms", "Text messages", ""),
        ],
        show: String::new(),
        filtered: false,
        rows,
        pager: Pager {
            shown: "1 to 50 of 1,204".to_owned(),
            next_href: Some("/staff/inbox?cursor=x".to_owned()),
            ..Pager::default()
        },
        open: open.map(Box::new),
        export_href: Some("/staff/inbox.csv".to_owned()),
    }
}

fn rows() -> Vec<ConversationRow> {
    let row = |name: &str, preview: &str, unread: &str, assignee: &str| ConversationRow {
        href: "/staff/inbox/1".to_owned(),
        name: name.to_owned(),
        preview: preview.to_owned(),
        when: "Today, 14:05".to_owned(),
        unread: unread.to_owned(),
        assignee: assignee.to_owned(),
        ..ConversationRow::default()
    };
    vec![
        ConversationRow {
            current: true,
            ..row(
                GERMAN,
                "Ich habe die Unterlagen gestern hochgeladen, ist alles angekommen?",
                "2",
                "Sam Keller",
            )
        },
        row(ARABIC, "شكراً جزيلاً، متى أسمع منكم؟", "", ""),
        ConversationRow {
            unknown: true,
            ..row("+61491570156", "Is this the lawyer?", "1", "")
        },
        row("Amina Haddad", "", "", "Nell Okafor"),
    ]
}

fn sent(text: &str, badge: Badge, why: &str) -> Message {
    Message {
        id: format!("message-{}", text.len()),
        own: true,
        icon: "message",
        who: "Workflow, text message".to_owned(),
        text: text.to_owned(),
        when: "Yesterday, 09:00".to_owned(),
        segments: "1 segment".to_owned(),
        badge: Some(badge),
        why: why.to_owned(),
        ..Message::default()
    }
}

fn conversation() -> OpenConversation {
    OpenConversation {
        name: GERMAN.to_owned(),
        reached: "+4915112345678 \u{b7} maximiliane.freifrau.von.schreckenstein@example.test".to_owned(),
        client_href: Some("/staff/clients/1".to_owned()),
        list_href: "/staff/inbox".to_owned(),
        earlier_href: Some("/staff/inbox/1?before=x".to_owned()),
        newest_href: None,
        messages: vec![
            Message {
                id: "message-mail".to_owned(),
                own: true,
                icon: "mail",
                who: "The portal, mail".to_owned(),
                subject: "Harbour Migration asks for documents".to_owned(),
                text: "Please provide:\n\n- Passport bio page".to_owned(),
                when: "Fri 20 Nov, 09:00".to_owned(),
                badge: Some(Badge::new(Tone::Success, "Sent")),
                ..Message::default()
            },
            sent("Your case is at Filing.", Badge::new(Tone::Success, "Delivered"), ""),
            sent("Is it known?", Badge::new(Tone::Warning, "Not known"), "It may have been sent, so it is not sent again: no answer in 30 s"),
            sent("Nobody is there", Badge::new(Tone::Danger, "Failed"), "The telephone could not be reached"),
            Message {
                id: "message-in".to_owned(),
                icon: "message",
                who: format!("{GERMAN}, text message"),
                text: "https://example.test/averyveryverylongaddresswithoutanyplacetobreakitwhichmustnotmakethepagescroll\n<b>Danke</b>".to_owned(),
                when: "Today, 14:05".to_owned(),
                ..Message::default()
            },
            sent("Held", Badge::new(Tone::Warning, "Held back"), "They asked for no more text messages"),
        ],
        receipt: "Read by Sam Keller, today, 13:00".to_owned(),
        read_action: Some("/staff/inbox/1/read".to_owned()),
        read_up_to: "2026-11-20T20:59:25.642066Z".to_owned(),
        reply: Some(ReplyForm {
            action: "/staff/inbox/1/reply".to_owned(),
            once: "01a1fb52-040e-77b2-86cb-73b75961d8b8".to_owned(),
            ..ReplyForm::default()
        }),
        assign: Some(AssignForm {
            action: "/staff/inbox/1/assign".to_owned(),
            staff: vec![Choice::new("1", "Sam Keller", "1"), Choice::new("2", GERMAN, "1")],
        }),
        link: None,
        numbers: vec![TheirNumber {
            phone: "+61491570157".to_owned(),
            said: format!("{GERMAN} said so, yesterday, 14:05"),
            unlink_action: Some("/staff/inbox/2/unlink".to_owned()),
            version: "3".to_owned(),
        }],
    }
}

#[test]
fn the_inbox_says_what_comes_here_while_it_is_empty() {
    let html = rendered::page("staff-inbox-empty", &inbox(Vec::new(), None).render().unwrap());
    assert_eq!(all(&html, ".empty").len(), 1);
}

#[test]
fn a_conversation_shows_what_became_of_each_message() {
    let html = rendered::page("staff-inbox-list", &inbox(rows(), None).render().unwrap());
    assert_eq!(all(&html, ".inbox__list li[data-item]").len(), 4);
    let html = rendered::page(
        "staff-inbox",
        &inbox(rows(), Some(conversation())).render().unwrap(),
    );
    assert_eq!(all(&html, ".message").len(), 6);
    assert_eq!(all(&html, ".message .badge").len(), 5);
    assert!(all(&html, ".message__text b").is_empty(), "a message is text");
    assert_eq!(all(&html, "a[aria-current=true].rows__row").len(), 1);
    assert_eq!(
        all(
            &html,
            "form[action='/staff/inbox/2/unlink'] input[name=version][value='3']"
        )
        .len(),
        1
    );
}

#[test]
fn an_answer_that_is_refused_is_kept_and_says_why() {
    let mut open = conversation();
    let mut errors = Errors::default();
    errors.add(
        "text",
        "This cannot be sent: they asked for no more text messages.",
    );
    open.reply = open.reply.map(|form| ReplyForm {
        text: "One more thing".to_owned(),
        errors,
        ..form
    });
    let html = rendered::page(
        "staff-inbox-refused",
        &inbox(rows(), Some(open)).render().unwrap(),
    );
    assert_eq!(all(&html, "[role=alert] a[href='#text']").len(), 1);
}

#[test]
fn a_number_that_nobody_knows_is_given_to_a_client() {
    let open = OpenConversation {
        name: "+61491570156".to_owned(),
        reached: "Unknown number".to_owned(),
        client_href: None,
        earlier_href: None,
        reply: None,
        numbers: Vec::new(),
        link: Some(LinkForm {
            action: "/staff/inbox/2/link".to_owned(),
            here: "/staff/inbox/2".to_owned(),
            find: "am".to_owned(),
            candidates: vec![
                Candidate {
                    id: "1".to_owned(),
                    name: ARABIC.to_owned(),
                    detail: "C-1041 \u{b7} amina@example.test".to_owned(),
                },
                Candidate {
                    id: "2".to_owned(),
                    name: GERMAN.to_owned(),
                    detail: String::new(),
                },
            ],
            more: true,
        }),
        messages: vec![Message {
            id: "message-1".to_owned(),
            icon: "message",
            who: "+61491570156, text message".to_owned(),
            text: "Is this the lawyer?".to_owned(),
            when: "Today, 14:05".to_owned(),
            ..Message::default()
        }],
        ..conversation()
    };
    let html = rendered::page(
        "staff-inbox-unknown",
        &inbox(rows(), Some(open)).render().unwrap(),
    );
    assert_eq!(all(&html, "form[action='/staff/inbox/2/link']").len(), 2);
}
