//! What happened, and every mail with what became of it.

use axum::response::Response;
use portal_core::MatterId;
use portal_core::audit::AuditFilter;
use portal_core::notify::{Delivery, DeliveryFilter};
use portal_core::workflow::Channel;

use super::super::asked::Asked;
use super::super::desk::Desk;
use super::super::rows::PAGE;
use super::super::words::delivery_badge;
use super::{audit, head};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::matter::{Activity, SentMail};
use crate::web::staff::{Chip, Place};

pub(in super::super) async fn show(
    desk: Desk,
    Path(id): Path<MatterId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    let only_mail = asked.text("show") == "mail";
    let chip = |label: &str, show: &str, current| Chip {
        href: asked.with("show", show),
        label: label.to_owned(),
        count: String::new(),
        current,
    };
    let chips = vec![
        chip("What happened", "", !only_mail),
        chip("Messages", "mail", only_mail),
    ];
    let (items, mails, pager) = if only_mail {
        let filter = DeliveryFilter {
            matter: Some(id),
            ..DeliveryFilter::default()
        };
        let page = desk
            .portal()
            .deliveries(desk.ctx(), &filter, &asked.page(PAGE))
            .await?;
        let mails = page.items.iter().map(|mail| sent_mail(&desk, mail)).collect();
        (Vec::new(), mails, asked.pager(&page))
    } else {
        let filter = AuditFilter {
            matter: Some(id),
            ..AuditFilter::default()
        };
        let page = desk
            .portal()
            .audit_entries(desk.ctx(), &filter, &asked.page(PAGE))
            .await?;
        let items = audit::happened(&desk, &matter, &page.items).await?;
        (items, Vec::new(), asked.pager(&page))
    };
    Ok(desk.page(&Activity {
        shell: desk.shell(Some(Place::Matters)).await?,
        head: head(&desk, &matter).await?,
        chips,
        only_mail,
        items,
        mails,
        pager,
    }))
}

fn sent_mail(desk: &Desk, mail: &Delivery) -> SentMail {
    SentMail {
        id: format!("mail-{}", mail.id),
        is_text: mail.channel() == Channel::Sms,
        subject: if mail.subject.is_empty() {
            "Text message".to_owned()
        } else {
            mail.subject.clone()
        },
        to: format!("{} <{}>", mail.to_name, mail.to),
        when: desk.when.moment(mail.created_at),
        badge: delivery_badge(mail.state),
        error: mail.last_error.clone().unwrap_or_default(),
        text: mail.text.clone(),
    }
}
