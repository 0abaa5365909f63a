//! The history of messages as a file for spreadsheets, written while it is read.

use std::io;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use portal_core::conversation::Entry;
use portal_core::notify::Recipient;
use portal_core::sms::Price;
use portal_core::text::inert;
use portal_core::workflow::Channel;
use portal_core::{Context, Cursor, Error, NoRule, PageRequest, Portal};

const COLUMNS: [&str; 15] = [
    "at",
    "direction",
    "channel",
    "kind",
    "name",
    "with",
    "state",
    "why",
    "subject",
    "text",
    "client_id",
    "matter_id",
    "id",
    "segments",
    "cost",
];

/// How far the file has come.
enum Place {
    Begin,
    After(Cursor),
    End,
}

/// Every message that the portal wrote or received, the newest first; no value is a formula. What a text message costs stands
/// there where it is known what a segment does. When it cannot be read to its end
/// the answer breaks off, so that nobody takes half of it for the whole.
///
/// # Errors
/// `Denied` to who may not read the practice's whole history.
pub(crate) async fn csv(
    portal: Portal,
    ctx: Context,
    price: Option<Price>,
) -> Result<Response, Error<NoRule>> {
    // What is refused is refused before the answer begins, and nobody reads it without a trace.
    portal.note_history_export(&ctx).await?;
    let parts = stream::try_unfold(Place::Begin, move |place| {
        let (portal, ctx) = (portal.clone(), ctx.clone());
        async move {
            let (begins, after) = match place {
                Place::Begin => (true, None),
                Place::After(cursor) => (false, Some(cursor)),
                Place::End => return Ok(None),
            };
            let page = PageRequest::first(PageRequest::MOST).after(after);
            let page = portal.history(&ctx, &page).await.map_err(io::Error::other)?;
            let bytes = written(begins, &page.items, price)?;
            Ok::<_, io::Error>(Some((bytes, page.next.map_or(Place::End, Place::After))))
        }
    });
    let mut response = Response::new(Body::from_stream(parts));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"history.csv\""),
    );
    Ok(response)
}

fn written(begins: bool, entries: &[Entry], price: Option<Price>) -> io::Result<Bytes> {
    let mut file = csv::Writer::from_writer(Vec::new());
    if begins {
        file.write_record(COLUMNS)?;
    }
    for entry in entries {
        file.write_record(cells(entry, price).iter().map(|cell| inert(cell).into_owned()))?;
    }
    let bytes = file
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.into())
}

fn cells(entry: &Entry, price: Option<Price>) -> [String; 15] {
    let channel = match entry.channel() {
        Channel::Sms => "sms",
        Channel::Email | Channel::Task => "email",
    };
    let (at, id) = (entry.at().to_string(), entry.id().to_string());
    let matter = entry.matter().map(|id| id.to_string()).unwrap_or_default();
    match entry {
        Entry::Sent(delivery) => {
            let client = match delivery.recipient {
                Recipient::Client(client) => client.to_string(),
                Recipient::Staff(_) => String::new(),
            };
            let segments = (delivery.channel() == Channel::Sms).then(|| delivery.segments());
            let cost = segments.and_then(|segments| Some(price?.times(segments.into())));
            [
                at,
                "out".into(),
                channel.into(),
                delivery.letter.name().into(),
                delivery.to_name.clone(),
                delivery.to.to_string(),
                delivery.state.as_str().into(),
                delivery.last_error.clone().unwrap_or_default(),
                delivery.subject.clone(),
                delivery.text.clone(),
                client,
                matter,
                id,
                segments.map(|segments| segments.to_string()).unwrap_or_default(),
                cost.map(|cost| cost.to_string()).unwrap_or_default(),
            ]
        }
        Entry::Received(sms) => [
            at,
            "in".into(),
            channel.into(),
            "client".into(),
            String::new(),
            sms.from.to_string(),
            "received".into(),
            String::new(),
            String::new(),
            sms.text.clone(),
            String::new(),
            matter,
            id,
            String::new(),
            String::new(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use portal_core::ConversationId;
    use portal_core::sms::{InboundSms, ReceivedSms};
    use portal_core::testing::Samples;

    use super::*;

    #[test]
    fn nothing_in_it_is_a_formula() {
        let samples = Samples::new(1);
        let text = "=HYPERLINK(\"http://evil.example\")";
        let inbound = InboundSms {
            provider_id: "1".into(),
            from: samples.phone(),
            to: String::new(),
            text: text.into(),
            is_part: false,
        };
        let conversation: ConversationId = samples.id();
        let sms = ReceivedSms::new(samples.practice, conversation, "fake", inbound, samples.at);
        let file = written(true, &[Entry::Received(Box::new(sms))], None).unwrap();
        let mut rows = csv::Reader::from_reader(file.as_ref());
        let rows: Vec<_> = rows.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(&rows[0][9], format!("'{text}"));
        assert!(
            rows[0].iter().all(|cell| inert(cell) == cell),
            "also a number with its sign"
        );
    }
}
