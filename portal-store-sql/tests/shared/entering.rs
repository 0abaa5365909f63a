//! A client who comes in by a link.

use portal_core::{AccessId, Context, Locator, Origin, Secret};

use crate::portal::Desk;

/// The client of a workspace, signed in from `origin` by a link that they asked for.
pub(crate) async fn entered(desk: &Desk, access: AccessId, origin: Origin) -> Context {
    let browser = Secret::new([7; 32]).digest();
    let workspace = Locator::of_access(desk.practice.id, access);
    let asked = desk.portal.ask_for_link(workspace, Some(browser), origin.clone());
    asked.await.unwrap();
    desk.portal.drain().await.unwrap();
    let (link, _) = desk.last_link();
    let redeemed = desk
        .portal
        .redeem_link(&link, Some(browser), None, origin.clone());
    let (signed_in, _) = redeemed.await.unwrap();
    let authenticated = desk.portal.authenticate(&signed_in.token, origin);
    authenticated.await.unwrap().context
}
