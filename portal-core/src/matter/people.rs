//! Who takes part in a matter, and who works on it.

use super::{Matter, MatterRule, Part, Participant, TeamMember};
use crate::audit::Subject;
use crate::client::{Client, Saved};
use crate::identity::StaffMember;
use crate::policy::Capability;
use crate::stage::{Occasion, Staging};
use crate::{
    Change, ClientId, Context, Error, EventKind, MatterId, NoRule, Portal, RecordKind, StaffId, Version,
};

impl Portal {
    /// The people who take part in a matter, with their parts, in the order they were added.
    pub async fn participants(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<Vec<(Participant, Client)>, Error<NoRule>> {
        self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        let mut participants = self.store().participants(ctx.practice, matter).await?;
        participants.retain(|participant| !participant.removed);
        let ids: Vec<ClientId> = participants
            .iter()
            .map(|participant| participant.client_id)
            .collect();
        let clients = self.store().clients_by_id(ctx.practice, &ids).await?;
        let with_client = |participant: Participant| {
            let client = clients.iter().find(|client| client.id == participant.client_id)?;
            Some((participant, client.clone()))
        };
        Ok(participants.into_iter().filter_map(with_client).collect())
    }

    /// Puts a client on a matter. One who was taken off it comes back; one who is on it gets the new part. What its workflows
    /// ask of that part is asked.
    pub async fn put_participant(
        &self,
        ctx: &Context,
        matter: MatterId,
        client: ClientId,
        part: Part,
    ) -> Result<(Saved, Participant), Error<MatterRule>> {
        self.retrying(async || {
            let found = self
                .matter_for(ctx, Capability::EditMatters, matter)
                .await
                .map_err(Error::widen)?;
            found.require_open()?;
            self.store()
                .client(ctx.practice, client)
                .await?
                .ok_or(Error::Rule(MatterRule::NoSuchClient))?;
            let mut participants = self.store().participants(ctx.practice, matter).await?;
            let existing = participants
                .iter()
                .position(|participant| participant.client_id == client)
                .map(|place| participants.swap_remove(place));
            let saved = Participant::what_putting_does(existing.as_ref(), part);
            let participant = match existing {
                Some(same) if saved == Saved::Unchanged => {
                    let nothing = Change::unaudited(ctx.practice, "the client has this part already");
                    return Ok(((saved, same), nothing));
                }
                Some(other) => other.with_part(part),
                None => Participant::new(self.id(), &found, client, part, ctx.at),
            };
            let entry = self
                .audit(ctx, "participant.put", Subject::new("client", client))
                .on(matter)
                .with("part", part.as_str());
            participants.push(participant.clone());
            let change = Change::audited(entry).save(participant.clone());
            let follows = self
                .what_follows(ctx, &found, participants, Some(client))
                .await
                .map_err(Error::widen)?;
            Ok(((saved, participant), change.and(follows)))
        })
        .await
    }

    /// What follows for the matter's checklist when its people change. Where there are workflows the matter moves on one
    /// version: who decides over it at the same time must know everybody on it.
    async fn what_follows(
        &self,
        ctx: &Context,
        matter: &Matter,
        participants: Vec<Participant>,
        joins: Option<ClientId>,
    ) -> Result<Change, Error<NoRule>> {
        let nothing = Change::unaudited(ctx.practice, "joined to the change that has the entry");
        let rules = self.rules(ctx.practice).await?;
        if !rules.exist() {
            return Ok(nothing);
        }
        let mut touched = matter.clone();
        touched.version.bump();
        let staging = Staging {
            participants: Some(participants),
            occasion: joins.map_or(Occasion::Change, Occasion::Join),
            ..Staging::changing(touched, matter)
        };
        let staged = self.stage_by(ctx, &rules, staging).await?;
        Ok(nothing.save(staged.matter).and(staged.change))
    }

    /// Takes a client off a matter. What its workflows asked of them and nobody touched is withdrawn.
    ///
    /// # Errors
    /// `StillHasAccess` while their portal access is active; what they provided stays on the matter.
    pub async fn remove_participant(
        &self,
        ctx: &Context,
        matter: MatterId,
        client: ClientId,
    ) -> Result<(), Error<MatterRule>> {
        self.retrying(async || {
            let found = self
                .matter_for(ctx, Capability::EditMatters, matter)
                .await
                .map_err(Error::widen)?;
            let mut participants = self.store().participants(ctx.practice, matter).await?;
            let place = participants
                .iter()
                .position(|p| p.client_id == client && !p.removed);
            let place = place.ok_or(Error::NotFound("participant"))?;
            let participant = participants.swap_remove(place);
            let access = self.store().access_for(ctx.practice, matter, client).await?;
            let participant = participant.remove(access.as_ref())?;
            let entry = self
                .audit(ctx, "participant.removed", Subject::new("client", client))
                .on(matter);
            participants.push(participant.clone());
            let follows = self
                .what_follows(ctx, &found, participants, None)
                .await
                .map_err(Error::widen)?;
            let mut change = Change::audited(entry).save(participant).and(follows);
            if let Some(access) = access {
                change = change.while_unchanged(RecordKind::PortalAccess, access.id, access.version);
            }
            Ok(((), change))
        })
        .await
    }

    /// The staff who work on a matter beside its owner.
    pub async fn team(&self, ctx: &Context, matter: MatterId) -> Result<Vec<StaffMember>, Error<NoRule>> {
        self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        let mut members = Vec::new();
        for member in self
            .store()
            .team(ctx.practice, matter)
            .await?
            .into_iter()
            .filter(|member| !member.removed)
        {
            members.extend(self.store().staff_member(ctx.practice, member.staff_id).await?);
        }
        Ok(members)
    }

    /// Puts a staff member on a matter's team or takes them off it. Doing it twice is no error.
    pub async fn set_team_member(
        &self,
        ctx: &Context,
        matter: MatterId,
        staff: StaffId,
        on_team: bool,
    ) -> Result<(), Error<MatterRule>> {
        self.retrying(async || {
            self.matter_for(ctx, Capability::EditMatters, matter)
                .await
                .map_err(Error::widen)?;
            if on_team {
                self.require_assignable(ctx, staff).await?;
            }
            let team = self.store().team(ctx.practice, matter).await?;
            let existing = team.into_iter().find(|member| member.staff_id == staff);
            let nothing = || Change::unaudited(ctx.practice, "the team is so already");
            let member = match existing {
                Some(member) if member.removed != on_team => return Ok(((), nothing())),
                Some(member) => TeamMember {
                    version: member.version.next(),
                    removed: !on_team,
                    ..member
                },
                None if !on_team => return Ok(((), nothing())),
                None => TeamMember {
                    id: self.id(),
                    practice_id: ctx.practice,
                    version: Version::FIRST,
                    matter_id: matter,
                    staff_id: staff,
                    removed: false,
                },
            };
            let action = if on_team { "team.joined" } else { "team.left" };
            let entry = self.audit(ctx, action, Subject::new("staff", staff)).on(matter);
            let mut change = Change::audited(entry).save(member);
            if on_team {
                change = change.save(self.event(ctx, EventKind::StaffAssigned { matter, staff }));
            }
            Ok(((), change))
        })
        .await
    }
}
