//! What the reader was told.

use axum::response::Response;
use portal_core::notify::{Notification, NotificationKind};
use portal_core::{NotificationId, PageRequest};

use super::approvals::approval_href;
use super::asked::{Asked, number};
use super::desk::{Desk, see_other};
use super::rows::{PAGE, document_href, matter_href};
use super::sent::Sent;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::notifications::Notifications;
use crate::web::staff::{Chip, Place};

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let only_unread = asked.text("show") == "unread";
    let page = desk
        .portal()
        .notifications(desk.ctx(), only_unread, &asked.page(PAGE))
        .await?;
    let unread = desk.portal().unread_notifications(desk.ctx()).await?;
    let all = if only_unread {
        let all = PageRequest::count();
        desk.portal().notifications(desk.ctx(), false, &all).await?.total
    } else {
        page.total
    };
    let chip = |label: &str, show: &str, count: u64, current| Chip {
        href: asked.with("show", show),
        label: label.to_owned(),
        count: number(count),
        current,
    };
    Ok(desk.page(&Notifications {
        shell: desk.shell(Some(Place::Notifications)).await?,
        chips: vec![
            chip("All", "", all.unwrap_or_default(), !only_unread),
            chip("Unread", "unread", unread, only_unread),
        ],
        rows: desk.notification_rows(&page.items).await?,
        pager: asked.pager(&page),
        read_all_action: (unread > 0).then(|| "/staff/notifications/read".to_owned()),
    }))
}

/// Where a notification leads.
fn about(told: &Notification) -> String {
    let matter = told.matter_id.map(matter_href);
    let matter = matter.unwrap_or_else(|| "/staff/matters".to_owned());
    match &told.kind {
        NotificationKind::DocumentUploaded { document, .. } => document_href(*document),
        NotificationKind::ClientSignedIn => format!("{matter}/access"),
        NotificationKind::Assigned => matter,
        NotificationKind::ApprovalAnswered { approval } | NotificationKind::ApprovalExpired { approval } => {
            approval_href(*approval)
        }
        NotificationKind::TaskGiven { task } => format!("/staff/tasks/{task}"),
        NotificationKind::TextReceived { conversation } => super::inbox::href(*conversation),
    }
}

pub(super) async fn open(
    Path(id): Path<NotificationId>,
    Sent { desk, .. }: Sent,
) -> Result<Response, Problem> {
    let told = desk.portal().read_notification(desk.ctx(), id).await?;
    Ok(see_other(&about(&told)))
}

pub(super) async fn read_all(Sent { desk, .. }: Sent) -> Result<Response, Problem> {
    desk.portal().read_all_notifications(desk.ctx()).await?;
    Ok(desk.done("/staff/notifications", "All notifications are marked as read."))
}
