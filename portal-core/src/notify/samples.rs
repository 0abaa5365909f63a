//! What templates say of a real matter, for whoever writes them.

use crate::matter::{Matter, Part};
use crate::policy::Capability;
use crate::stage::fields;
use crate::workflow::{Field, Fields};
use crate::{ClientId, Context, Error, MatterId, NoRule, Portal};

/// The values that templates would be filled in with on one matter, by the part that the recipient takes in it. Where nobody
/// takes it, and without a matter, examples stand in.
#[derive(Debug, Clone)]
pub struct Samples {
    reference: Option<String>,
    parts: Vec<(Part, Fields)>,
    matter: Fields,
}

/// What a message to a client says of them, and of nobody else.
const OF_THE_CLIENT: [Field; 5] = [
    Field::ClientName,
    Field::ClientFirstName,
    Field::ClientGivenNames,
    Field::ClientFamilyName,
    Field::PortalUrl,
];

impl Samples {
    /// The matter's reference; `None` when all of it is made up.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// Whether somebody takes this part in the matter, so that nothing is made up.
    #[must_use]
    pub fn has(&self, part: Part) -> bool {
        self.parts.iter().any(|(known, _)| *known == part)
    }

    /// The values of a message to the first who takes this part.
    #[must_use]
    pub fn of(&self, part: Part) -> &Fields {
        let found = self.parts.iter().find(|(known, _)| *known == part);
        found.map_or(&self.matter, |(_, fields)| fields)
    }
}

impl Portal {
    /// What templates can say of a matter, or of an example when there is none. Where somebody may not enter the portal, its
    /// address is an example too, because a message that gives it would not go to them.
    pub async fn samples(&self, ctx: &Context, matter: Option<MatterId>) -> Result<Samples, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let Some(matter) = matter else {
            return Ok(Samples {
                reference: None,
                parts: Vec::new(),
                matter: Fields::sample(),
            });
        };
        let matter = self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        let participants = self.store().participants(ctx.practice, matter.id).await?;
        let present = participants.iter().filter(|participant| !participant.removed);
        let mut firsts: Vec<(Part, ClientId)> = Vec::new();
        for participant in present {
            if firsts.iter().all(|(part, _)| *part != participant.part) {
                firsts.push((participant.part, participant.client_id));
            }
        }
        let ids: Vec<ClientId> = firsts.iter().map(|(_, client)| *client).collect();
        let clients = self.store().clients_by_id(ctx.practice, &ids).await?;
        let practice = self.practice_of(ctx).await?;
        let owner = self.store().staff_member(ctx.practice, matter.owner_id).await?;
        let owner = owner.map(|staff| staff.name).unwrap_or_default();
        let mut parts = Vec::new();
        for (part, id) in firsts {
            let Some(client) = clients.iter().find(|client| client.id == id) else {
                continue;
            };
            let access = self.store().access_for(ctx.practice, matter.id, id).await?;
            let portal = access
                .filter(|access| access.admits(&matter, client))
                .map_or_else(
                    || Field::PortalUrl.sample().to_owned(),
                    |access| self.portal_url(&access),
                );
            parts.push((
                part,
                fields(&practice, &matter, &owner, Some(client), Some(&portal)),
            ));
        }
        Ok(Samples {
            reference: Some(matter.reference.clone()),
            matter: without_client(&parts, &matter, &practice.name),
            parts,
        })
    }
}

/// The matter's values, with an example of a client.
fn without_client(parts: &[(Part, Fields)], matter: &Matter, practice: &str) -> Fields {
    let Some((_, known)) = parts.first() else {
        // Nobody takes part in it at all: what is known without them is little.
        return Fields::sample()
            .with(Field::MatterReference, &matter.reference)
            .with(Field::MatterTitle, &matter.title)
            .with(Field::PracticeName, practice);
    };
    OF_THE_CLIENT
        .into_iter()
        .fold(known.clone(), |fields, field| fields.with(field, field.sample()))
}
