use super::Samples;
use crate::access::{AccessState, LinkUse, PortalAccess, SignInLink};
use crate::client::{Client, Passport};
use crate::identity::{Person, Session, StaffMember};
use crate::matter::Matter;
use crate::policy::Role;
use crate::practice::PracticeSettings;
use crate::testing::PlainPasswords;
use crate::text::{Email, Phone};
use crate::{Actor, Context, Date, Version};

impl Samples {
    /// The password of every sample staff member, hashed by [`PlainPasswords`].
    pub const PASSWORD: &'static str = "correct horse battery";

    /// An active staff member.
    #[must_use]
    pub fn staff(&self, role: Role) -> StaffMember {
        let name = self.numbered(role.as_str());
        StaffMember {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            email: self.email(&name),
            name: format!("Sam {name}"),
            role,
            password_hash: Some(PlainPasswords::hash_of(Self::PASSWORD)),
            active: true,
            created_at: self.at,
        }
    }

    /// One active staff member of each role, in the order of [`Role::ALL`].
    #[must_use]
    pub fn staff_of_each_role(&self) -> [StaffMember; 5] {
        Role::ALL.map(|role| self.staff(role))
    }

    /// What `staff` does.
    #[must_use]
    pub fn as_staff(&self, staff: &StaffMember) -> Context {
        self.context(Actor::Staff {
            id: staff.id,
            role: staff.role,
        })
    }

    /// What `client` does.
    #[must_use]
    pub fn as_client(&self, client: &Client) -> Context {
        self.context(Actor::Client { id: client.id })
    }

    /// The address `name@example.com`.
    ///
    /// # Panics
    /// When `name` is no local part of an address.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a sample with a wrong address is a wrong test")]
    pub fn email(&self, name: &str) -> Email {
        Email::parse("email", &format!("{name}@example.com")).expect("this is an address")
    }

    /// An active client of whom everything is known.
    #[must_use]
    pub fn client(&self, given_names: &str, family_name: &str) -> Client {
        let reference = self.numbered("C");
        Client {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            email: Some(self.email(&reference)),
            reference: Some(reference),
            given_names: given_names.to_owned(),
            family_name: family_name.to_owned(),
            phone: Phone::parse("phone", "+61 412 345 678", "AU").ok(),
            date_of_birth: Date::from_ordinal_date(1990, 137).ok(),
            nationality: Some("Lebanese".into()),
            passport: Passport {
                number: Some("LR1234567".into()),
                issued_on: Date::from_ordinal_date(2021, 32).ok(),
                expires_on: Date::from_ordinal_date(2031, 32).ok(),
            },
            language: Some("ar".into()),
            time_zone: Some("Asia/Beirut".into()),
            active: true,
            created_at: self.at,
            updated_at: self.at,
        }
    }

    /// The active workspace of `client` on `matter`.
    #[must_use]
    pub fn access(&self, matter: &Matter, client: &Client) -> PortalAccess {
        PortalAccess {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            matter_id: matter.id,
            client_id: client.id,
            state: AccessState::Active,
            invited_at: None,
            first_entered_at: None,
            created_at: self.at,
            updated_at: self.at,
        }
    }

    /// An unused link to `access`, asked for in a browser.
    #[must_use]
    pub fn link(&self, access: &PortalAccess) -> SignInLink {
        SignInLink {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            access_id: access.id,
            client_id: access.client_id,
            email: self.email("reader"),
            token_digest: self.digest(),
            code_digest: self.digest(),
            browser: Some(self.digest()),
            invitation: false,
            issued_at: self.at,
            expires_at: self.at + PracticeSettings::default().link_life(),
            used: LinkUse::Unused,
        }
    }

    /// A session of `person` that began at [`Samples::at`].
    #[must_use]
    pub fn session(&self, person: Person) -> Session {
        Session::begin(
            self.id(),
            self.practice,
            person,
            self.digest(),
            &PracticeSettings::default(),
            self.origin(),
            self.at,
        )
    }
}
