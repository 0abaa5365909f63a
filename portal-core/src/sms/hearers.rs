use crate::{PracticeId, Timestamp};

/// A practice that texted a number, or tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texted {
    /// The practice.
    pub practice: PracticeId,
    /// When its newest message to the number left, or may have left; `None` when a provider refused each.
    pub left: Option<Timestamp>,
}

/// Who hears a message from outside. One account of a provider, and so one number, may serve several practices of an
/// installation: the address that brings the message says little about whom its writer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hearers {
    /// Whose the message is: the practice whose newest message to the number left last, or else the one that the callback's
    /// address names. Nobody else is told what it says.
    pub owner: PracticeId,
    /// The other practices that texted the number, or tried to: STOP is meant for them too, since their messages come from the
    /// same number.
    pub texted: Vec<PracticeId>,
    /// The practice that the address names, where it is none of these. It heard STOP as long as nobody texted the number, so
    /// it hears START; a STOP that answers somebody else tells it nothing.
    pub named: Option<PracticeId>,
}

impl Hearers {
    /// Who hears a message from a number that those in `texted` texted, brought to an address that names `named`. The order of
    /// `texted` does not matter.
    #[must_use]
    pub fn of(texted: &[Texted], named: PracticeId) -> Self {
        let left = texted.iter().filter_map(|it| Some((it.left?, it.practice)));
        let owner = left.max().map_or(named, |(_, practice)| practice);
        let mut others: Vec<PracticeId> = texted.iter().map(|it| it.practice).collect();
        others.retain(|practice| *practice != owner);
        others.sort_unstable();
        others.dedup();
        Self {
            owner,
            named: (named != owner && !others.contains(&named)).then_some(named),
            texted: others,
        }
    }

    /// All of them, the owner first: one of them has the message if it came before.
    pub fn all(&self) -> impl Iterator<Item = PracticeId> {
        let others = self.texted.iter().copied().chain(self.named);
        std::iter::once(self.owner).chain(others)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::Duration;

    fn practice(number: u8) -> PracticeId {
        PracticeId(Uuid::from_u128(number.into()))
    }

    fn texted() -> impl Strategy<Value = Vec<Texted>> {
        let one = (0..6_u8, proptest::option::of(0..4_i64)).prop_map(|(number, minutes)| Texted {
            practice: practice(number),
            left: minutes.map(|minutes| Timestamp::UNIX_EPOCH + Duration::minutes(minutes)),
        });
        proptest::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn an_answer_is_of_who_wrote_last_and_of_nobody_else(texted in texted(), named in 0..8_u8) {
            let named = practice(named);
            let owner = Hearers::of(&texted, named).owner;
            let newest = |of: PracticeId| texted.iter().filter(|it| it.practice == of).filter_map(|it| it.left).max();
            let last = texted.iter().filter_map(|it| it.left).max();
            prop_assert_eq!(newest(owner), last);
            prop_assert!(last.is_some() || owner == named, "to whom nobody wrote is whoever the address names");
        }

        #[test]
        fn everybody_who_texted_hears_and_each_once(texted in texted(), named in 0..8_u8) {
            let named = practice(named);
            let hearers = Hearers::of(&texted, named);
            let mut all: Vec<PracticeId> = hearers.all().collect();
            all.sort_unstable();
            let mut expected: Vec<PracticeId> = texted.iter().map(|it| it.practice).chain([named]).collect();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(all, expected);
            for other in &hearers.texted {
                prop_assert!(texted.iter().any(|it| it.practice == *other), "who never texted hears no STOP");
            }
        }

        #[test]
        fn the_order_changes_nothing(texted in texted(), named in 0..8_u8) {
            let mut reversed = texted.clone();
            reversed.reverse();
            prop_assert_eq!(Hearers::of(&texted, practice(named)), Hearers::of(&reversed, practice(named)));
        }
    }
}
