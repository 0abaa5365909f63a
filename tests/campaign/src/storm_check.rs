//! Compares what became of a storm of stage changes with the rules, which did not change meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use portal_core::checklist::{RequestFilter, RequestState};
use portal_core::notify::{Delivery, DeliveryState};
use portal_core::stage::StageEntry;
use portal_core::text::Address;
use portal_core::workflow::STAGE;
use portal_core::{PageRequest, PracticeId, Store};

use crate::journal::{Entry, What};
use crate::report::Report;
use crate::storm::{Case, Cases, STAGES};
use crate::texts::Text;

pub struct StormCheck<'a> {
    pub store: &'a dyn Store,
    pub practice: PracticeId,
    pub cases: &'a Cases,
    pub report: &'a mut Report,
}

impl StormCheck<'_> {
    /// After each round: what was acknowledged is there, and each matter is whole.
    pub async fn matters(&mut self, entries: &[Entry]) {
        for case in &self.cases.cases {
            let stages = self.stages(case).await;
            let ids: BTreeSet<String> = stages.iter().map(|stage| stage.id.to_string()).collect();
            for entry in entries {
                let What::Stage { matter } = &entry.what else {
                    continue;
                };
                let Some(body) = entry.acknowledged().filter(|_| *matter == case.id) else {
                    continue;
                };
                if let Some(entered) = body["effects"]["entered"]["id"].as_str()
                    && !ids.contains(entered)
                {
                    self.report.lost.push(format!(
                        "round {}: {} has no stage {entered}",
                        entry.round, case.reference
                    ));
                }
                for asked in body["effects"]["asked"].as_array().into_iter().flatten() {
                    let id = asked["id"].as_str().unwrap_or_default().parse().expect("an id");
                    if self.store.request(self.practice, id).await.unwrap().is_none() {
                        self.report.lost.push(format!(
                            "round {}: {} has no request {id}",
                            entry.round, case.reference
                        ));
                    }
                }
            }
            self.whole(case, &stages).await;
        }
    }

    /// Its entries follow each other, the last is where it is, and it is asked for what that stage asks for.
    async fn whole(&mut self, case: &Case, stages: &[StageEntry]) {
        let matter = self.store.matter(self.practice, case.id).await.unwrap().unwrap();
        let filter = RequestFilter {
            matter: Some(case.id),
            ..RequestFilter::default()
        };
        let mut asked = Vec::new();
        let mut page = PageRequest::first(PageRequest::MOST);
        loop {
            let part = self.store.requests(self.practice, &filter, &page).await.unwrap();
            let open = part
                .items
                .into_iter()
                .filter(|it| it.state == RequestState::Outstanding);
            asked.extend(open.map(|it| it.title));
            match part.next {
                Some(next) => page = page.after(Some(next)),
                None => break,
            }
        }
        asked.sort();
        let now = matter.normalised.get(STAGE);
        let mut expected: Vec<&str> = STAGES
            .iter()
            .filter(|stage| now.is_some_and(|now| now == stage.name))
            .flat_map(|stage| stage.asks.iter().copied())
            .collect();
        expected.sort_unstable();
        let numbers = stages.iter().rev().map(|stage| stage.number);
        let is_counted = numbers.eq(1..=u32::try_from(stages.len()).unwrap());
        let are_over = stages.iter().skip(1).all(|stage| stage.left_at.is_some());
        let is_here = stages.first().map_or(now.is_none(), |last| {
            last.left_at.is_none() && last.canonical.as_ref() == now
        });
        if !(is_counted && are_over && is_here) {
            self.report.broken.push(format!(
                "{} is at {now:?}, with the stages {stages:?}",
                case.reference
            ));
        }
        if asked != expected {
            self.report
                .broken
                .push(format!("{} at {now:?} is asked for {asked:?}", case.reference));
        }
    }

    /// The last first.
    async fn stages(&self, case: &Case) -> Vec<StageEntry> {
        let mut page = PageRequest::first(PageRequest::MOST);
        let mut all = Vec::new();
        loop {
            let part = self
                .store
                .stage_entries(self.practice, case.id, &page)
                .await
                .unwrap();
            all.extend(part.items);
            match part.next {
                Some(next) => page = page.after(Some(next)),
                None => return all,
            }
        }
    }

    /// Once nothing waits any more: each automation of each stage that was entered wrote once.
    pub async fn automations(&mut self, history: &[Delivery]) {
        let mut written: BTreeMap<(String, String, &str), u64> = BTreeMap::new();
        let mut on_matter: BTreeMap<(String, String, &str), u64> = BTreeMap::new();
        let mut whose: BTreeMap<String, String> = BTreeMap::new();
        for delivery in history {
            let Some(cause) = delivery.letter.cause() else {
                continue;
            };
            let (workflow, channel) = (cause.workflow.to_string(), cause.channel.as_str());
            let matter = delivery.matter_id.map(|id| id.to_string()).unwrap_or_default();
            let case = self.cases.cases.iter().find(|case| case.id.to_string() == matter);
            let to = delivery.to.to_string();
            let is_theirs = case.is_some_and(|case| {
                to == if channel == "sms" {
                    &*case.phone
                } else {
                    &*case.email
                }
            });
            // Nothing in a storm gives a reason to hold a message back, or to give it up.
            let is_sent = match delivery.state {
                DeliveryState::Sent | DeliveryState::Delivered => true,
                DeliveryState::Unknown => channel == "sms",
                _ => false,
            };
            if !(is_theirs && is_sent) {
                self.report
                    .history
                    .push(format!("{:?} to {to}: {:?}", delivery.state, delivery.last_error));
            }
            whose.insert(cause.entry.to_string(), matter.clone());
            *written
                .entry((workflow.clone(), cause.entry.to_string(), channel))
                .or_default() += 1;
            *on_matter.entry((workflow, matter, channel)).or_default() += 1;
        }
        self.report.automated = written.values().sum();
        self.report.stages = 0;
        let mut expected = BTreeSet::new();
        for case in &self.cases.cases {
            let stages = self.stages(case).await;
            self.report.stages += u64::try_from(stages.len()).unwrap();
            for stage in &stages {
                let matter = whose.get(&stage.id.to_string());
                if matter.is_some_and(|matter| *matter != case.id.to_string()) {
                    self.report.history.push(format!(
                        "{} of {} was told on another matter",
                        stage.id, case.reference
                    ));
                }
            }
            for (stage, workflow) in STAGES.iter().zip(&self.cases.workflows) {
                let entered: Vec<&StageEntry> = stages
                    .iter()
                    .filter(|entry| entry.canonical.as_deref() == Some(stage.name))
                    .collect();
                for (channel, once) in stage.writes {
                    for entry in &entered {
                        let key = (workflow.clone(), entry.id.to_string(), *channel);
                        let times = written.get(&key).copied().unwrap_or(0);
                        if times > 1 || (times == 0 && !once) {
                            self.report.history.push(format!(
                                "{} entered {}: {times} messages by {channel}",
                                case.reference, stage.name
                            ));
                        }
                        expected.insert(key);
                    }
                    let key = (workflow.clone(), case.id.to_string(), *channel);
                    let times = on_matter.get(&key).copied().unwrap_or(0);
                    if *once && times != u64::from(!entered.is_empty()) {
                        self.report.history.push(format!(
                            "{} was at {} {} times: {times} messages by {channel}, once was wanted",
                            case.reference,
                            stage.name,
                            entered.len()
                        ));
                    }
                }
            }
        }
        let unasked = written.keys().filter(|key| !expected.contains(*key));
        self.report
            .history
            .extend(unasked.map(|key| format!("nothing caused {key:?}")));
    }

    /// Once nothing waits any more: no text message without its history, none twice, and none called sent that never was.
    pub fn texts(&mut self, texts: &[Text], history: &[Delivery]) {
        let by_id: BTreeMap<_, &Delivery> = history.iter().map(|it| (it.id, it)).collect();
        let mut times: BTreeMap<_, u64> = BTreeMap::new();
        for text in texts {
            *times.entry(text.delivery).or_default() += 1;
            let told = by_id
                .get(&text.delivery)
                .is_some_and(|it| it.attempts > 0 && it.to.to_string() == text.to && it.text == text.body);
            if !told {
                self.report.history.push(format!(
                    "{text:?} arrived otherwise than the history says: {:?}",
                    by_id.get(&text.delivery)
                ));
            }
        }
        self.report.texts = u64::try_from(texts.len()).unwrap();
        self.report.unknown_texts = 0;
        let mut never_came = 0;
        for delivery in history {
            if !matches!(delivery.to, Address::Phone(_)) {
                continue;
            }
            let arrived = times.get(&delivery.id).copied().unwrap_or(0);
            let is_right = match delivery.state {
                DeliveryState::Sent | DeliveryState::Delivered => arrived == 1,
                DeliveryState::Unknown => {
                    self.report.unknown_texts += 1;
                    never_came += usize::from(arrived == 0);
                    arrived <= 1
                }
                DeliveryState::Failed | DeliveryState::Held => arrived == 0,
                DeliveryState::Queued | DeliveryState::Sending => false,
            };
            if !is_right {
                self.report.history.push(format!(
                    "text message {} to {} is {:?} ({:?}) and arrived {arrived} times",
                    delivery.id, delivery.to, delivery.state, delivery.last_error
                ));
            }
        }
        // One text message is under way at a time: a kill can cut off one.
        let kills = self.report.recoveries.len();
        if never_came > kills {
            self.report.history.push(format!(
                "{never_came} text messages never came and are called unknown, after {kills} starts"
            ));
        }
    }
}
