use std::collections::BTreeMap;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $group:literal . $key:literal, $sample:literal;)*) => {
        /// What a template can say of the recipient, the matter and the practice. There is nothing else: no date of birth, no
        /// passport, no sign-in link.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As a template writes it: `client.name`.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self { $(Self::$name => concat!($group, ".", $key),)* }
            }

            pub(super) const fn parts(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($group, $key),)* }
            }

            /// An example of it, rather long.
            #[must_use]
            pub const fn sample(self) -> &'static str {
                match self { $(Self::$name => $sample,)* }
            }
        }
    };
}

fields! {
    /// The recipient's names.
    ClientName = "client"."name", "Alexandra Konstantinopoulos";
    /// Their first given name.
    ClientFirstName = "client"."first_name", "Alexandra";
    /// Their given names.
    ClientGivenNames = "client"."given_names", "Alexandra Maria";
    /// Their family name; empty for people who have one name only.
    ClientFamilyName = "client"."family_name", "Konstantinopoulos";
    /// The matter's reference.
    MatterReference = "matter"."reference", "M-2026-00417";
    /// The matter's title.
    MatterTitle = "matter"."title", "T-Visa, principal applicant and family";
    /// The matter's practice area, in clean words where it is known.
    MatterPracticeArea = "matter"."practice_area", "T-Visa";
    /// The matter's stage, in clean words where it is known.
    MatterStage = "matter"."stage", "Filing";
    /// The staff member who answers for the matter.
    MatterOwner = "matter"."owner", "Bridget O'Sullivan";
    /// The practice's name.
    PracticeName = "practice"."name", "Harbour & Vale Migration";
    /// The line that tells clients how to get help.
    PracticeHelp = "practice"."help", "+61 2 5550 1234";
    /// The word that clients read for a matter.
    PracticeMatterWord = "practice"."matter_word", "Application";
    /// The address of the recipient's portal. It identifies the workspace and opens nothing by itself. Only who may enter the
    /// portal gets a message that gives it.
    PortalUrl = "portal"."url", "https://portal.example.com/p/AZsQ2fX7c9mJr1xk0a8Tqg";
}

impl Field {
    /// The field that a template writes as `group.key`.
    pub(super) fn find(group: &str, key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|field| field.parts() == (group, key))
    }

    /// Whether there are any fields of this group.
    pub(super) fn is_group(group: &str) -> bool {
        Self::ALL.iter().any(|field| field.parts().0 == group)
    }
}

/// The values of fields; what is not set is empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields(BTreeMap<Field, String>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fields(..)")
    }
}

impl Fields {
    /// The longest that a value may be, in characters; more is cut off.
    pub const LONGEST: usize = 400;

    /// Nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything as in [`Field::sample`].
    #[must_use]
    pub fn sample() -> Self {
        Field::ALL
            .iter()
            .fold(Self::new(), |fields, field| fields.with(*field, field.sample()))
    }

    /// With this value.
    #[must_use]
    pub fn with(mut self, field: Field, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().chars().take(Self::LONGEST).collect();
        self.0.insert(field, value);
        self
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        self.0.get(&field).map_or("", String::as_str)
    }
}
