use std::collections::HashMap;

use crate::access::Workspace;
use crate::{ClientId, Context, Error, MatterId, NoRule, Portal};

/// The clients whom events of one round concern, each read once: much that happens in a row concerns the same people.
#[derive(Default)]
pub(super) struct Readers(HashMap<(MatterId, ClientId), Option<Workspace>>);

impl Readers {
    /// The workspace of a client on a matter, if they may enter it.
    pub(super) async fn workspace(
        &mut self,
        portal: &Portal,
        ctx: &Context,
        (matter, client): (MatterId, ClientId),
    ) -> Result<Option<Workspace>, Error<NoRule>> {
        if let Some(known) = self.0.get(&(matter, client)) {
            return Ok(known.clone());
        }
        let found = workspace(portal, ctx, matter, client).await?;
        self.0.insert((matter, client), found.clone());
        Ok(found)
    }
}

async fn workspace(
    portal: &Portal,
    ctx: &Context,
    matter: MatterId,
    client: ClientId,
) -> Result<Option<Workspace>, Error<NoRule>> {
    let Some(access) = portal.store().access_for(ctx.practice, matter, client).await? else {
        return Ok(None);
    };
    let matter = portal.store().matter(ctx.practice, matter).await?;
    let client = portal.store().client(ctx.practice, client).await?;
    let (Some(matter), Some(client)) = (matter, client) else {
        return Ok(None);
    };
    Ok(access.admits(&matter, &client).then_some(Workspace {
        access,
        matter,
        client,
    }))
}
