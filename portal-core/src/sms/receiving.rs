//! Text messages from outside: whose they are, and what their keywords change.

use super::{Consent, Heard, Hearers, InboundSms, Keyword, PhoneRecord, ReceivedSms};
use crate::conversation::{Happening, Incoming};
use crate::notify::Told;
use crate::text::Phone;
use crate::workflow::Agreement;
use crate::{
    Change, ConversationId, Error, Event, EventKind, NoRule, PageRequest, Portal, PracticeId, StoreError,
    Timestamp,
};

impl Portal {
    /// Keeps a text message that somebody sent, once, and does what its keyword asks: STOP and START change what is on record
    /// about the number in the same commit. It stands in the client's conversation, or in the number's where nobody knows whose
    /// it is.
    ///
    /// `named` is the practice that the callback's address names. The message is that of the practice whose text message to the
    /// number left last, if there is one: see [`Hearers`]. The others that texted the number hear STOP and START, and nothing
    /// else. They hear first: a failure in between is mended when the provider brings the message again.
    pub async fn receive_sms(
        &self,
        named: PracticeId,
        provider: &str,
        inbound: InboundSms,
    ) -> Result<(Told, Option<Keyword>), Error<NoRule>> {
        let hearers = Hearers::of(&self.store().who_texted(&inbound.from).await?, named);
        let id = ReceivedSms::id_of(provider, &inbound.provider_id);
        for practice in hearers.all() {
            if self.store().received_sms(practice, id).await?.is_some() {
                return Ok((Told::Known, None));
            }
        }
        let keyword = Keyword::of(&inbound.text).filter(|_| !inbound.is_part);
        match keyword {
            Some(Keyword::Stop) => {
                for practice in &hearers.texted {
                    self.hear(*practice, &inbound.from, (Agreement::OptedOut, Heard::ByKeyword))
                        .await?;
                }
            }
            Some(Keyword::Start) => {
                for practice in hearers.all().skip(1) {
                    self.hear_start_elsewhere(practice, &inbound.from).await?;
                }
            }
            Some(Keyword::Help) | None => {}
        }
        self.keep_sms(hearers.owner, provider, inbound, keyword).await
    }

    async fn keep_sms(
        &self,
        practice: PracticeId,
        provider: &str,
        inbound: InboundSms,
        keyword: Option<Keyword>,
    ) -> Result<(Told, Option<Keyword>), Error<NoRule>> {
        self.retrying(async || {
            let nothing = Change::unaudited(practice, "the message is its own history");
            let (id, now) = (ReceivedSms::id_of(provider, &inbound.provider_id), self.now());
            if self.store().received_sms(practice, id).await?.is_some() {
                return Ok(((Told::Known, None), nothing));
            }
            let Incoming { conversation, place } =
                self.conversation_from(practice, &inbound.from, now).await?;
            let received = ReceivedSms::new(practice, place, provider, inbound.clone(), now);
            let news = self.unread_news(practice, conversation.id, now);
            let conversation = conversation.noting(Happening::Wrote(&received.text), now);
            let wish = match keyword {
                Some(Keyword::Stop) => Some(Agreement::OptedOut),
                Some(Keyword::Start) => Some(Agreement::Agreed),
                Some(Keyword::Help) | None => None,
            };
            let mut change = nothing.save(received).save(conversation).save(news);
            if let Some(agreement) = wish {
                let from = &inbound.from;
                let before = self.store().phone_record(practice, from).await?;
                let heard = (agreement, Heard::ByKeyword);
                let record = PhoneRecord::hearing(before.as_ref(), practice, from, heard, now);
                if let Some(record) = record {
                    let entry = Consent::heard(self.id(), &record);
                    change = change.save(record).save(entry);
                }
            }
            Ok(((Told::Changed, keyword), change))
        })
        .await
    }

    /// There is something unread in a conversation: whoever answers it is to know.
    pub(crate) fn unread_news(
        &self,
        practice: PracticeId,
        conversation: ConversationId,
        at: Timestamp,
    ) -> Event {
        Event::new(self.id(), practice, EventKind::TextReceived { conversation }, at)
    }

    /// Notes what somebody wants, if it is news.
    pub(crate) async fn hear(
        &self,
        practice: PracticeId,
        phone: &Phone,
        heard: (Agreement, Heard),
    ) -> Result<(), StoreError> {
        loop {
            let before = self.store().phone_record(practice, phone).await?;
            let Some(record) = PhoneRecord::hearing(before.as_ref(), practice, phone, heard, self.now())
            else {
                return Ok(());
            };
            let entry = Consent::heard(self.id(), &record);
            let change = Change::unaudited(practice, "the record says how it is known")
                .save(record)
                .save(entry);
            match self.commit(change).await {
                Err(StoreError::Stale) => {}
                other => return other,
            }
        }
    }

    /// Somebody texted START to the number that practices share, in answer to another one.
    async fn hear_start_elsewhere(&self, practice: PracticeId, phone: &Phone) -> Result<(), Error<NoRule>> {
        self.retrying(async || {
            let change = Change::unaudited(practice, "the record says how it is known");
            let Some(before) = self.store().phone_record(practice, phone).await? else {
                return Ok(((), change));
            };
            let page = PageRequest::first(PageRequest::MOST);
            let history = self.store().consents(practice, phone, &page).await?;
            let now = self.now();
            Ok(match before.started_elsewhere(&history.items, now) {
                Some(record) => {
                    let entry = Consent::started(self.id(), &record, now);
                    ((), change.save(record).save(entry))
                }
                None => ((), change),
            })
        })
        .await
    }
}
