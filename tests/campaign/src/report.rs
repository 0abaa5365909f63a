//! What a campaign found.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

#[derive(Default)]
pub struct Report {
    pub rounds: u64,
    /// How often the server ended at which point, or how.
    pub ends: BTreeMap<String, u64>,
    pub sent: u64,
    pub acknowledged: u64,
    pub database_restarts: u64,
    pub mails: u64,
    /// Mails that came more than once, each time under the same `Message-ID`.
    pub duplicates: u64,
    /// Stages entered in a storm.
    pub stages: u64,
    /// Messages that automations wrote.
    pub automated: u64,
    /// Text messages that arrived.
    pub texts: u64,
    /// Text messages of which nobody knows whether they arrived.
    pub unknown_texts: u64,
    pub recoveries: Vec<Duration>,
    /// Acknowledged writes that are not there as acknowledged.
    pub lost: Vec<String>,
    /// Writes that are there by half, twice, or told of without being there.
    pub broken: Vec<String>,
    /// Mails that arrived and are not in the history, or are in it as sent and never arrived.
    pub history: Vec<String>,
    /// Sign-in links that let in more than once.
    pub tokens: Vec<String>,
}

impl Report {
    pub fn violations(&self) -> Vec<&String> {
        [&self.lost, &self.broken, &self.history, &self.tokens]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut recoveries = self.recoveries.clone();
        recoveries.sort();
        let median = recoveries.get(recoveries.len() / 2).copied().unwrap_or_default();
        let longest = recoveries.last().copied().unwrap_or_default();
        writeln!(f, "rounds                          {}", self.rounds)?;
        for (how, times) in &self.ends {
            writeln!(f, "  ended: {how:<24} {times}")?;
        }
        writeln!(f, "database restarts under load    {}", self.database_restarts)?;
        writeln!(f, "commands sent                   {}", self.sent)?;
        writeln!(f, "commands acknowledged           {}", self.acknowledged)?;
        writeln!(f, "acknowledged writes lost        {}", self.lost.len())?;
        writeln!(f, "writes by half or twice         {}", self.broken.len())?;
        writeln!(f, "mails taken by the mail server  {}", self.mails)?;
        writeln!(f, "  sends and history disagree    {}", self.history.len())?;
        writeln!(f, "  sent again, same Message-ID   {}", self.duplicates)?;
        if self.stages > 0 {
            writeln!(f, "stages entered                  {}", self.stages)?;
            writeln!(f, "messages of automations         {}", self.automated)?;
            writeln!(f, "texts taken by the provider     {}", self.texts)?;
            writeln!(f, "  outcome on record as unknown  {}", self.unknown_texts)?;
        }
        writeln!(f, "tokens used twice               {}", self.tokens.len())?;
        writeln!(f, "start until ready, median, max  {median:.0?}, {longest:.0?}")?;
        for violation in self.violations() {
            writeln!(f, "VIOLATION {violation}")?;
        }
        Ok(())
    }
}
