//! A practice on a real store, reached through the portal's services.

use std::sync::Arc;

use portal_core::client::{Client, ClientDraft};
use portal_core::identity::{NewStaffMember, Password, SignedIn};
use portal_core::matter::{MatterDraft, Part};
use portal_core::policy::Role;
use portal_core::practice::{Practice, PracticeDraft};
use portal_core::testing::Fakes;
use portal_core::{AccessId, Context, Origin, Portal, SecretLocator, StaffId, Store};

pub(crate) const EMAIL: &str = "sam@harbour.test";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct Desk {
    pub(crate) fakes: Fakes,
    pub(crate) portal: Portal,
    pub(crate) practice: Practice,
    pub(crate) owner: StaffId,
}

impl Desk {
    pub(crate) async fn on(store: Arc<dyn Store>) -> Self {
        let fakes = Fakes::default();
        let portal = fakes.portal(store);
        let draft = PracticeDraft {
            name: "Harbour Migration".into(),
            ..PracticeDraft::default()
        };
        let owner = NewStaffMember {
            name: "Sam Keller".into(),
            email: EMAIL.into(),
            role: Role::Owner,
            password: PASSWORD.into(),
        };
        let (practice, owner) = portal.create_practice(&draft, owner).await.unwrap();
        Self {
            fakes,
            portal,
            practice,
            owner: owner.id,
        }
    }

    pub(crate) async fn sign_in(
        &self,
        password: &str,
        ip: &str,
    ) -> Result<SignedIn, portal_core::Error<portal_core::identity::IdentityRule>> {
        let origin = Origin {
            ip: Some(ip.parse().unwrap()),
            ..Origin::default()
        };
        let password = Password::typed(password.into());
        self.portal
            .sign_in_staff(self.practice.id, EMAIL, password, origin)
            .await
    }

    pub(crate) async fn owner(&self) -> Context {
        let token = self.sign_in(PASSWORD, "192.0.2.1").await.unwrap().token;
        let authenticated = self.portal.authenticate(&token, Origin::default()).await;
        authenticated.unwrap().context
    }

    /// A client whose workspace is open.
    pub(crate) async fn client(&self) -> (Client, AccessId) {
        let owner = self.owner().await;
        let draft = ClientDraft {
            given_names: "Amina".into(),
            family_name: "Haddad".into(),
            email: "amina@mail.test".into(),
            ..ClientDraft::default()
        };
        let client = self.portal.add_client(&owner, &draft).await.unwrap();
        let draft = MatterDraft {
            reference: "HM-1".into(),
            title: "Partner visa 820".into(),
            practice_area: String::new(),
            stage: String::new(),
            attributes: std::collections::BTreeMap::default(),
            owner_id: self.owner,
            parent_id: None,
        };
        let matter = self.portal.open_matter(&owner, &draft).await.unwrap();
        self.portal
            .put_participant(&owner, matter.id, client.id, Part::Principal)
            .await
            .unwrap();
        let access = self
            .portal
            .enable_access(&owner, matter.id, client.id, false)
            .await;
        (client, access.unwrap().id)
    }

    /// The link and the code of the last mail that has any.
    pub(crate) fn last_link(&self) -> (SecretLocator, String) {
        let mails = self.fakes.mail.sent();
        let mut texts = mails.into_iter().rev().map(|mail| mail.content.text);
        let text = texts
            .find(|text| text.contains("/p/sign-in/"))
            .expect("a mail with a link was sent");
        let after = |mark: &str| {
            let word = text
                .split(mark)
                .nth(1)
                .and_then(|rest| rest.split_whitespace().next());
            word.expect("the mail has it").to_owned()
        };
        (after("/p/sign-in/").parse().unwrap(), after("Code: "))
    }
}
