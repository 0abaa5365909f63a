//! The kinds of message and task that a form offers, and the units that it counts a delay in. One more kind is one more
//! entry of [`KINDS`].

use portal_core::workflow::Channel;

/// What a form asks about a message or task of one channel.
pub(super) struct Kind {
    pub(super) channel: Channel,
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    /// The words of the button that adds one.
    pub(super) add: &'static str,
    /// The label of its subject; empty when it has none.
    pub(super) subject: &'static str,
    /// The label of its text.
    pub(super) text: &'static str,
    pub(super) text_optional: bool,
    /// Whether it goes to staff, and not to those who take part.
    pub(super) to_staff: bool,
}

pub(super) const KINDS: [Kind; 3] = [
    Kind {
        channel: Channel::Sms,
        title: "Text message",
        icon: "phone",
        add: "Add a text message",
        subject: "",
        text: "Text",
        text_optional: false,
        to_staff: false,
    },
    Kind {
        channel: Channel::Email,
        title: "Email",
        icon: "mail",
        add: "Add an email",
        subject: "Subject",
        text: "Text",
        text_optional: false,
        to_staff: false,
    },
    Kind {
        channel: Channel::Task,
        title: "Task for staff",
        icon: "check-circle",
        add: "Add a task for staff",
        subject: "What is to be done",
        text: "Notes",
        text_optional: true,
        to_staff: true,
    },
];

impl Kind {
    pub(super) fn of(channel: Channel) -> &'static Self {
        let [first, ..] = &KINDS;
        KINDS.iter().find(|kind| kind.channel == channel).unwrap_or(first)
    }
}

/// The channel of that name; a text message where there is none.
pub(super) fn channel(name: &str) -> Channel {
    let mut known = KINDS.iter().map(|kind| kind.channel);
    known
        .find(|channel| channel.as_str() == name)
        .unwrap_or(Channel::Sms)
}

/// What a delay is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minutes,
    Hours,
    Days,
}

impl Unit {
    pub(super) const ALL: [Self; 3] = [Self::Minutes, Self::Hours, Self::Days];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }

    pub(super) const fn minutes(self) -> u32 {
        match self {
            Self::Minutes => 1,
            Self::Hours => 60,
            Self::Days => 1_440,
        }
    }

    pub(super) fn of(name: &str) -> Self {
        let named = Self::ALL.into_iter().find(|unit| unit.as_str() == name);
        named.unwrap_or(Self::Minutes)
    }

    /// The largest unit that the delay is a whole number of, and that number.
    pub(super) fn best(minutes: u32) -> (Self, u32) {
        let whole = |unit: &Self| minutes > 0 && minutes.is_multiple_of(unit.minutes());
        let unit = Self::ALL.into_iter().rev().find(whole).unwrap_or(Self::Minutes);
        (unit, minutes / unit.minutes())
    }
}

/// Languages that are offered, by name.
pub(super) const LANGUAGES: &[(&str, &str)] = &[
    ("ar", "Arabic"),
    ("zh", "Chinese"),
    ("en", "English"),
    ("tl", "Filipino"),
    ("fr", "French"),
    ("de", "German"),
    ("hi", "Hindi"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ko", "Korean"),
    ("ne", "Nepali"),
    ("fa", "Persian"),
    ("pl", "Polish"),
    ("pt-BR", "Portuguese (Brazil)"),
    ("pa", "Punjabi"),
    ("ru", "Russian"),
    ("es", "Spanish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_counted_in_the_largest_unit_that_is_whole() {
        for (minutes, unit, number) in [
            (0, Unit::Minutes, 0),
            (90, Unit::Minutes, 90),
            (120, Unit::Hours, 2),
            (1_440, Unit::Days, 1),
            (1_500, Unit::Hours, 25),
        ] {
            assert_eq!(Unit::best(minutes), (unit, number), "{minutes}");
        }
    }
}
