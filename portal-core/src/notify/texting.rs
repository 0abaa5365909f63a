//! Sending text messages, and what providers answer.

use super::{Delivery, Recipient, Worked};
use crate::sms::{Heard, SmsError, SmsMessage, SmsProgress, SmsReport, parts};
use crate::text::{Address, Phone};
use crate::workflow::Agreement;
use crate::{Change, DeliveryId, Error, Locator, NoRule, Portal, PracticeId, StoreError};

const OWN_HISTORY: &str = "the delivery is its own history";

/// What became of a provider's news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It changed something.
    Changed,
    /// It was known, or older than what is known.
    Known,
    /// There is no such message.
    NoSuchMessage,
}

impl Portal {
    /// Sends a text message. Its attempt is on record first.
    pub(super) async fn send_text(&self, delivery: Delivery, to: Phone) -> Result<Worked, StoreError> {
        let repeats_safely = self.sms().repeats_safely();
        let instead = match self.instead(&delivery).await {
            Ok(instead) => instead,
            Err(error) => return self.not_yet(delivery, &error).await,
        };
        if let Some(instead) = instead {
            return self.divert(instead).await;
        }
        // They may have asked for no more while it waited.
        let agreement = match self.agreement_now(&delivery, &to).await {
            Ok(agreement) => agreement,
            Err(error) => return self.not_yet(delivery, &error).await,
        };
        if agreement == Agreement::OptedOut {
            let why = crate::workflow::Held::OptedOut.to_string();
            return self.settle(delivery.held(&why)).await;
        }
        let delivery = delivery.sending(self.now(), self.lease());
        let change = Change::unaudited(delivery.practice_id, OWN_HISTORY).save(delivery.clone());
        match self.commit(change).await {
            Ok(()) => {}
            Err(StoreError::Stale) => return Ok(Worked::default()),
            Err(error) => return Err(error),
        }
        let message = SmsMessage {
            id: delivery.id.to_string(),
            to: to.clone(),
            text: delivery.text.clone(),
            status_url: Some(self.sms_status_url(&delivery)),
        };
        let outcome = self.sms().send(&message).await;
        let practice = delivery.practice_id;
        let opted_out = matches!(outcome, Err(SmsError::OptedOut(_)));
        let settled = match outcome {
            Ok(provider_id) => delivery.taken(provider_id, self.now()),
            Err(error) => delivery.not_taken(&error, repeats_safely, self.now(), self.jitter()),
        };
        let taken = settled.provider_id.clone().filter(|ids| ids.contains('\n'));
        let id = settled.id;
        let worked = self.settle(settled).await?;
        if let Some(ids) = taken {
            self.note_parts(practice, id, &ids).await?;
        }
        if opted_out {
            self.hear(practice, &to, (Agreement::OptedOut, Heard::ByProvider))
                .await?;
        }
        Ok(worked)
    }

    /// A receipt of one part may have come before the ids of all were on record, and then stands in their place.
    async fn note_parts(&self, practice: PracticeId, id: DeliveryId, ids: &str) -> Result<(), StoreError> {
        loop {
            let Some(delivery) = self.store().delivery(practice, id).await? else {
                return Ok(());
            };
            let Some(mended) = delivery.taken_already(ids) else {
                return Ok(());
            };
            let change = Change::unaudited(practice, OWN_HISTORY).save(mended);
            match self.commit(change).await {
                Err(StoreError::Stale) => {}
                other => return other,
            }
        }
    }

    async fn agreement_now(&self, delivery: &Delivery, to: &Phone) -> Result<Agreement, StoreError> {
        let practice = delivery.practice_id;
        let client = match delivery.recipient {
            Recipient::Client(client) => self.store().client(practice, client).await?,
            Recipient::Staff(_) => None,
        };
        if let Some(client) = client {
            return self.agreement_of(practice, &client, Some(to)).await;
        }
        let record = self.store().phone_record(practice, to).await?;
        Ok(record.map(|record| record.agreement).unwrap_or_default())
    }

    /// Where the provider tells how a message went on. The address names the message within its practice, and proves nothing:
    /// callbacks are signed.
    fn sms_status_url(&self, delivery: &Delivery) -> String {
        let name = self.sms().name();
        let locator = Locator::of_delivery(delivery.practice_id, delivery.id);
        self.url(&format!("/hooks/sms/{name}/status?message={locator}"))
    }

    /// Notes what a provider told of a text message. States only move forward, so it may be told again and in any order.
    pub async fn note_sms_report(
        &self,
        practice: PracticeId,
        id: DeliveryId,
        report: &SmsReport,
    ) -> Result<Told, Error<NoRule>> {
        let opted_out = matches!(&report.progress, SmsProgress::Failed { opted_out: true, .. });
        let (told, number) = self
            .retrying(async || {
                let nothing = Change::unaudited(practice, OWN_HISTORY);
                let Some(delivery) = self.store().delivery(practice, id).await? else {
                    return Ok(((Told::NoSuchMessage, None), nothing));
                };
                let Address::Phone(number) = delivery.to.clone() else {
                    return Ok(((Told::NoSuchMessage, None), nothing));
                };
                // A signed callback of another message of the account is not about this one.
                let known = delivery.provider_id.as_ref();
                if known.is_some_and(|known| !parts::names(known, &report.provider_id)) {
                    return Ok(((Told::NoSuchMessage, None), nothing));
                }
                Ok(match delivery.reported(report, self.now()) {
                    Some(moved) => ((Told::Changed, Some(number)), nothing.save(moved)),
                    None => ((Told::Known, Some(number)), nothing),
                })
            })
            .await?;
        if let (true, Some(number)) = (opted_out, number) {
            self.hear(practice, &number, (Agreement::OptedOut, Heard::ByProvider))
                .await?;
        }
        Ok(told)
    }
}
