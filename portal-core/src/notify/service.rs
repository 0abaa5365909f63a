use super::{Delivery, DeliveryFilter, Notification};
use crate::policy::Capability;
use crate::{Change, Context, Error, NoRule, NotificationId, Page, PageRequest, Portal};

impl Portal {
    /// The caller's notifications, the newest first.
    pub async fn notifications(
        &self,
        ctx: &Context,
        unread: bool,
        page: &PageRequest,
    ) -> Result<Page<Notification>, Error<NoRule>> {
        let (staff, _) = ctx.staff().ok_or(Error::Denied("see notifications"))?;
        Ok(self
            .store()
            .notifications(ctx.practice, staff, unread, page)
            .await?)
    }

    /// How many notifications the caller has not read.
    pub async fn unread_notifications(&self, ctx: &Context) -> Result<u64, Error<NoRule>> {
        let (staff, _) = ctx.staff().ok_or(Error::Denied("see notifications"))?;
        Ok(self.store().unread_notifications(ctx.practice, staff).await?)
    }

    /// Marks one of the caller's notifications as read. Doing it twice is no error.
    pub async fn read_notification(
        &self,
        ctx: &Context,
        id: NotificationId,
    ) -> Result<Notification, Error<NoRule>> {
        let (staff, _) = ctx.staff().ok_or(Error::Denied("see notifications"))?;
        self.retrying(async || {
            let found = self.store().notification(ctx.practice, id).await?;
            let found = found
                .filter(|n| n.staff_id == staff)
                .ok_or(Error::NotFound("notification"))?;
            let change = Change::unaudited(ctx.practice, "what somebody has read is their own affair");
            Ok(match found.clone().read(ctx.at) {
                Some(read) => (read.clone(), change.save(read)),
                None => (found, change),
            })
        })
        .await
    }

    /// Marks all of the caller's notifications as read. Answers how many there were.
    pub async fn read_all_notifications(&self, ctx: &Context) -> Result<usize, Error<NoRule>> {
        let (staff, _) = ctx.staff().ok_or(Error::Denied("see notifications"))?;
        let mut count = 0;
        loop {
            let page = self
                .store()
                .notifications(ctx.practice, staff, true, &PageRequest::first(PageRequest::MOST))
                .await?;
            let read: Vec<Notification> = page.items.into_iter().filter_map(|n| n.read(ctx.at)).collect();
            if read.is_empty() {
                return Ok(count);
            }
            count += read.len();
            let change =
                Change::unaudited(ctx.practice, "what somebody has read is their own affair").save_all(read);
            self.commit(change).await?;
        }
    }

    /// The history of messages: a matter's for whoever may see the matter, the practice's for whoever may read all
    /// of it.
    pub async fn deliveries(
        &self,
        ctx: &Context,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<Delivery>, Error<NoRule>> {
        match filter.matter {
            Some(matter) => {
                self.matter_for(ctx, Capability::SeeMatters, matter).await?;
            }
            None => {
                ctx.require(Capability::SeeAudit)?;
            }
        }
        Ok(self.store().deliveries(ctx.practice, filter, page).await?)
    }
}
