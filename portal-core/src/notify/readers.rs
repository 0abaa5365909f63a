use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::access::{PortalAccess, Workspace};
use crate::matter::Matter;
use crate::{ClientId, Context, Error, MatterId, NoRule, Portal};

/// The accesses that events of one round concern, each read once: much that happens in a row concerns the same people. The
/// people themselves are read each time, since a letter to an address that has changed meanwhile is not sent.
#[derive(Default)]
pub(super) struct Readers(HashMap<(MatterId, ClientId), Option<(PortalAccess, Matter)>>);

impl Readers {
    /// The workspace of a client on a matter, if they may enter it.
    pub(super) async fn workspace(
        &mut self,
        portal: &Portal,
        ctx: &Context,
        place: (MatterId, ClientId),
    ) -> Result<Option<Workspace>, Error<NoRule>> {
        let known = match self.0.entry(place) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(entrance(portal, ctx, place).await?),
        };
        let Some((access, matter)) = known.clone() else {
            return Ok(None);
        };
        let client = portal.store().client(ctx.practice, access.client_id).await?;
        Ok(client
            .filter(|client| access.admits(&matter, client))
            .map(|client| Workspace {
                access,
                matter,
                client,
            }))
    }
}

async fn entrance(
    portal: &Portal,
    ctx: &Context,
    (matter, client): (MatterId, ClientId),
) -> Result<Option<(PortalAccess, Matter)>, Error<NoRule>> {
    let Some(access) = portal.store().access_for(ctx.practice, matter, client).await? else {
        return Ok(None);
    };
    let matter = portal.store().matter(ctx.practice, matter).await?;
    Ok(matter.map(|matter| (access, matter)))
}
