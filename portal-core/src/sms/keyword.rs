/// What somebody who answers a text message can ask for with one word.
///
/// The words are those of CTIA's Messaging Principles and Best Practices (section 5.1.3) and of the providers known here; in
/// the United States, 47 CFR 64.1200(a)(10) makes most of them binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// No more text messages.
    Stop,
    /// Text messages again.
    Start,
    /// Who writes, and how to stop it.
    Help,
}

impl Keyword {
    const STOP: [&str; 8] = [
        "STOP",
        "STOPALL",
        "UNSUBSCRIBE",
        "CANCEL",
        "END",
        "QUIT",
        "REVOKE",
        "OPTOUT",
    ];
    const START: [&str; 3] = ["START", "UNSTOP", "OPTIN"];
    const HELP: [&str; 2] = ["HELP", "INFO"];

    /// What `text` asks for. It must be nothing else than one of the words; case, spaces and punctuation do not matter
    /// (`Stop.`, `"STOP"`, `opt out`).
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let longest = 64;
        if text.len() > longest {
            return None;
        }
        let word: String = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .collect();
        let is_of = |words: &[&str]| words.contains(&word.as_str());
        if is_of(&Self::STOP) {
            Some(Self::Stop)
        } else if is_of(&Self::START) {
            Some(Self::Start)
        } else if is_of(&Self::HELP) {
            Some(Self::Help)
        } else {
            None
        }
    }
}
