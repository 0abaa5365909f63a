use super::{ConsentDraft, ConsentRule, PhoneRecord, TextConsent, agreement_at};
use crate::audit::Subject;
use crate::client::Client;
use crate::notify::{Delivery, DeliveryFilter, DeliveryState};
use crate::policy::{Capability, Reach};
use crate::text::{Address, Phone};
use crate::workflow::Agreement;
use crate::{
    Change, ClientId, Context, Error, NoRule, PageRequest, Portal, PracticeId, RecordKind, StoreError,
};

/// How many entries of a number's history are shown.
const SHOWN: u32 = 50;

impl Portal {
    /// What is on record about text messages to a client, for staff.
    pub async fn text_consent(&self, ctx: &Context, id: ClientId) -> Result<TextConsent, Error<NoRule>> {
        ctx.require(Capability::SeeClients)?;
        let client = self.client(ctx, id).await?;
        self.consent_of(ctx, &client).await
    }

    /// What is on record about the numbers of a client other than `number`: that on their record, and those that staff said are
    /// theirs.
    async fn other_records(
        &self,
        practice: PracticeId,
        client: &Client,
        number: Option<&Phone>,
    ) -> Result<Vec<PhoneRecord>, StoreError> {
        let joined = self.store().joined_numbers(practice, &[client.id]).await?;
        let said = joined.into_iter().filter_map(|number| number.phone);
        let mut others: Vec<Phone> = client.phone.clone().into_iter().chain(said).collect();
        others.retain(|other| Some(other) != number);
        let mut records = Vec::new();
        for other in others {
            records.extend(self.store().phone_record(practice, &other).await?);
        }
        Ok(records)
    }

    /// What a client wants of text messages to `number`, one of theirs: see [`agreement_at`].
    pub(crate) async fn agreement_of(
        &self,
        practice: PracticeId,
        client: &Client,
        number: Option<&Phone>,
    ) -> Result<Agreement, StoreError> {
        let record = match number {
            Some(number) => self.store().phone_record(practice, number).await?,
            None => None,
        };
        let others = self.other_records(practice, client, number).await?;
        Ok(agreement_at(record.as_ref(), &others))
    }

    async fn consent_of(&self, ctx: &Context, client: &Client) -> Result<TextConsent, Error<NoRule>> {
        let needed = self.practice_of(ctx).await?.settings.text_consent_needed;
        let (record, history) = match &client.phone {
            None => (None, Vec::new()),
            Some(phone) => {
                let page = PageRequest::first(SHOWN);
                let history = self.store().consents(ctx.practice, phone, &page).await?;
                (
                    self.store().phone_record(ctx.practice, phone).await?,
                    history.items,
                )
            }
        };
        let others = self
            .other_records(ctx.practice, client, client.phone.as_ref())
            .await?;
        Ok(TextConsent::of(client, (record, &others), needed, history))
    }

    /// Records that a client told staff that they agree to text messages, or want none.
    ///
    /// # Errors
    /// `NoPhone` without a number; `StoppedByThem` when they stopped the messages themselves.
    pub async fn record_consent(
        &self,
        ctx: &Context,
        id: ClientId,
        draft: &ConsentDraft,
    ) -> Result<TextConsent, Error<ConsentRule>> {
        ctx.require(Capability::EditClients).map_err(Error::widen)?;
        let client = self
            .retrying(async || {
                let client = self.store().client(ctx.practice, id).await?;
                let client = client.ok_or(Error::NotFound("client"))?;
                let phone = client.phone.clone().ok_or(Error::Rule(ConsentRule::NoPhone))?;
                let before = self.store().phone_record(ctx.practice, &phone).await?;
                let staff = ctx.staff().map(|(staff, _)| staff);
                let consent = draft.recorded(self.id(), (&client, &phone), staff, ctx.at)?;
                let action = if draft.agreed {
                    "client.texts-agreed"
                } else {
                    "client.texts-declined"
                };
                let entry = self
                    .audit(ctx, action, Subject::new("client", id))
                    .with("how", draft.how.as_str())
                    .with("said_on", draft.said_on.to_string());
                let mut change = Change::audited(entry);
                match (consent.apply(before.as_ref()).map_err(Error::Rule)?, before) {
                    (Some(record), _) => change = change.save(record),
                    // They may be stopping the messages at this moment.
                    (None, Some(same)) => {
                        change = change.while_unchanged(RecordKind::PhoneRecord, same.id, same.version);
                    }
                    (None, None) => {}
                }
                Ok((client, change.save(consent)))
            })
            .await?;
        self.consent_of(ctx, &client).await.map_err(Error::widen)
    }

    /// The last text messages to a client that were held back, on matters that the caller may see, the newest first.
    pub async fn held_texts(&self, ctx: &Context, id: ClientId) -> Result<Vec<Delivery>, Error<NoRule>> {
        ctx.require(Capability::SeeClients)?;
        let everywhere = ctx.require(Capability::SeeMatters)? == Reach::Practice;
        let filter = DeliveryFilter {
            client: Some(id),
            state: Some(DeliveryState::Held),
            ..DeliveryFilter::default()
        };
        let page = PageRequest::first(SHOWN);
        let held = self.store().deliveries(ctx.practice, &filter, &page).await?.items;
        let mut seen = Vec::new();
        for delivery in held {
            let channel = delivery.letter.cause().map(|cause| cause.channel);
            let is_text = channel == Some(crate::workflow::Channel::Sms)
                || (channel.is_none() && matches!(delivery.to, Address::Phone(_)));
            let Some(matter) = delivery.matter_id.filter(|_| is_text) else {
                continue;
            };
            if everywhere || self.matter_for(ctx, Capability::SeeMatters, matter).await.is_ok() {
                seen.push(delivery);
            }
        }
        Ok(seen)
    }
}
