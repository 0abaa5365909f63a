//! A small practice at work: an owner, a matter, two clients of one family.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use portal_core::access::PortalAccess;
use portal_core::checklist::{Request, RequestDraft, TemplateDraft, TemplateGroup, TemplateItem};
use portal_core::client::{Client, ClientDraft};
use portal_core::document::{Document, DocumentRule, Interrupted, UploadTarget};
use portal_core::identity::{NewStaffMember, Password};
use portal_core::matter::{Matter, MatterDraft, Part};
use portal_core::notify::EmailMessage;
use portal_core::policy::Role;
use portal_core::practice::{Practice, PracticeDraft};
use portal_core::testing::{Fakes, MemoryStore};
use portal_core::{Context, Error, Origin, Portal, SecretLocator, StaffId};

pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
pub const PASSWORD: &str = "correct horse battery staple";

pub struct World {
    pub fakes: Fakes,
    pub store: Arc<MemoryStore>,
    pub portal: Portal,
    pub practice: Practice,
    pub owner: Context,
    pub owner_id: StaffId,
    pub matter: Matter,
    pub amina: Client,
    pub omar: Client,
}

impl World {
    pub async fn new() -> Self {
        let fakes = Fakes::default();
        let store = Arc::new(MemoryStore::default());
        let portal = fakes.portal(store.clone());
        let draft = PracticeDraft {
            name: "Harbour Migration".into(),
            ..PracticeDraft::default()
        };
        let owner = NewStaffMember {
            name: "Sam Keller".into(),
            email: "sam@harbour.test".into(),
            role: Role::Owner,
            password: PASSWORD.into(),
        };
        let (practice, staff) = portal.create_practice(&draft, owner).await.unwrap();
        let token = portal
            .sign_in_staff(
                practice.id,
                "SAM@harbour.test",
                Password::typed(PASSWORD.into()),
                Origin::default(),
            )
            .await
            .unwrap()
            .token;
        let owner = portal
            .authenticate(&token, Origin::default())
            .await
            .unwrap()
            .context;
        let matter = portal
            .open_matter(&owner, &matter_draft("HM-1", staff.id))
            .await
            .unwrap();
        let amina = portal
            .add_client(&owner, &client_draft("Amina", "amina@mail.test"))
            .await
            .unwrap();
        let omar = portal
            .add_client(&owner, &client_draft("Omar", "omar@mail.test"))
            .await
            .unwrap();
        portal
            .put_participant(&owner, matter.id, amina.id, Part::Principal)
            .await
            .unwrap();
        portal
            .put_participant(&owner, matter.id, omar.id, Part::Partner)
            .await
            .unwrap();
        Self {
            fakes,
            store,
            portal,
            practice,
            owner,
            owner_id: staff.id,
            matter,
            amina,
            omar,
        }
    }

    /// Enables access with an invitation, and signs the client in through its mail.
    pub async fn enter(&self, client: &Client) -> (PortalAccess, SecretLocator, Context) {
        let access = self
            .portal
            .enable_access(&self.owner, self.matter.id, client.id, true)
            .await
            .unwrap();
        self.portal.drain().await.unwrap();
        let mail = self.last_link(client);
        let (link, code) = (link_in(&mail), code_in(&mail));
        let (signed_in, entered) = self
            .portal
            .redeem_link(&link, None, Some(&code), Origin::default())
            .await
            .unwrap();
        assert_eq!(entered, access.id);
        let ctx = self.ctx(&signed_in.token).await.expect("just signed in");
        (access, signed_in.token, ctx)
    }

    pub async fn ctx(&self, token: &SecretLocator) -> Option<Context> {
        self.portal
            .authenticate(token, Origin::default())
            .await
            .ok()
            .map(|who| who.context)
    }

    pub fn last_mail(&self, client: &Client) -> EmailMessage {
        let address = client.email.as_ref().unwrap().to_string();
        self.fakes.mail.sent_to(&address).pop().expect("a mail was sent")
    }

    /// The newest mail with a sign-in link: other mails go their own way.
    pub fn last_link(&self, client: &Client) -> EmailMessage {
        let address = client.email.as_ref().unwrap().to_string();
        let mut mails = self.fakes.mail.sent_to(&address);
        mails.retain(|mail| mail.content.text.contains("/p/sign-in/"));
        mails.pop().expect("a mail with a link was sent")
    }

    pub async fn ask(&self, client: &Client, title: &str) -> Request {
        let draft = RequestDraft {
            title: title.into(),
            ..RequestDraft::default()
        };
        self.portal
            .add_request(&self.owner, self.matter.id, client.id, &draft)
            .await
            .unwrap()
    }

    pub async fn upload(
        &self,
        ctx: &Context,
        request: &Request,
        name: &str,
    ) -> Result<Document, Error<DocumentRule>> {
        self.upload_bytes(
            ctx,
            UploadTarget::Request {
                request: request.id,
                replaces: None,
            },
            name,
            PDF,
        )
        .await
    }

    pub async fn upload_bytes(
        &self,
        ctx: &Context,
        target: UploadTarget,
        name: &str,
        bytes: &'static [u8],
    ) -> Result<Document, Error<DocumentRule>> {
        let chunks: Vec<Result<Bytes, Interrupted>> =
            bytes.chunks(7).map(|c| Ok(Bytes::from_static(c))).collect();
        self.portal.upload(ctx, target, name, stream::iter(chunks)).await
    }
}

pub fn matter_draft(reference: &str, owner: StaffId) -> MatterDraft {
    MatterDraft {
        reference: reference.into(),
        title: "Partner visa 820".into(),
        practice_area: "Immigration".into(),
        stage: "Documents".into(),
        attributes: std::collections::BTreeMap::default(),
        owner_id: owner,
        parent_id: None,
    }
}

pub fn client_draft(name: &str, email: &str) -> ClientDraft {
    ClientDraft {
        given_names: name.into(),
        family_name: "Haddad".into(),
        email: email.into(),
        ..ClientDraft::default()
    }
}

pub fn template_draft() -> TemplateDraft {
    let item = |title: &str| TemplateItem {
        key: String::new(),
        title: title.into(),
        help: String::new(),
        example: String::new(),
        wanted: 1,
        required: true,
        due_in_days: Some(14),
    };
    TemplateDraft {
        name: "Partner visa".into(),
        description: String::new(),
        groups: vec![TemplateGroup {
            name: "Identity".into(),
            items: vec![item("Passport"), item("Birth certificate")],
        }],
        archived: false,
    }
}

/// The sign-in link of a mail.
pub fn link_in(mail: &EmailMessage) -> SecretLocator {
    let after = mail
        .content
        .text
        .split("/p/sign-in/")
        .nth(1)
        .expect("the mail has a link");
    after.split_whitespace().next().unwrap().parse().unwrap()
}

/// The short code of a mail.
pub fn code_in(mail: &EmailMessage) -> String {
    let after = mail
        .content
        .text
        .split("Code: ")
        .nth(1)
        .expect("the mail has a code");
    after.split_whitespace().next().unwrap().to_owned()
}
