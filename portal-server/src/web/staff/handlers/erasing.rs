//! Erasing a client's personal data from the audit trail: what it means, and doing it.

use axum::response::Response;
use portal_core::ClientId;
use portal_core::audit::Erased;

use super::asked::counted;
use super::clients::client_href;
use super::desk::{Desk, Outcome, tried};
use super::sent::Sent;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Place;
use crate::web::staff::clients::ErasePage;
use crate::web::view::Errors;

async fn page(desk: &Desk, id: ClientId, confirm: String, errors: Errors) -> Result<ErasePage, Problem> {
    let (client, words) = desk.portal().words_to_erase(desk.ctx(), id).await?;
    let href = client_href(id);
    Ok(ErasePage {
        shell: desk.shell(Some(Place::Clients)).await?,
        name: client.name(),
        action: format!("{href}/erase"),
        client_href: href,
        question: format!("Type \u{201c}{words}\u{201d} to confirm"),
        confirm,
        errors,
    })
}

pub(super) async fn show(desk: Desk, Path(id): Path<ClientId>) -> Result<Response, Problem> {
    Ok(desk.page(&page(&desk, id, String::new(), Errors::default()).await?))
}

pub(super) async fn erase(
    Path(id): Path<ClientId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let confirm = fields.text("confirm");
    let href = client_href(id);
    match tried(desk.portal().erase_client(desk.ctx(), id, &confirm).await)? {
        // There is more to erase in a moment: the form stays at hand.
        Outcome::Done(erased) if erased.unsealed > 0 => {
            Ok(desk.failed(&format!("{href}/erase"), told(&erased)))
        }
        Outcome::Done(erased) => Ok(desk.done(&href, told(&erased))),
        Outcome::Wrong(errors) => Ok(desk.mend(&page(&desk, id, confirm, errors).await?)),
    }
}

/// What was erased and what was kept, in words.
fn told(erased: &Erased) -> String {
    let entries = counted(erased.entries, "entry", "entries");
    let mut sentences = vec![match erased.entries {
        0 if erased.unsealed > 0 => "Nothing was erased yet.".to_owned(),
        0 => "There was nothing to erase from the audit trail.".to_owned(),
        _ => format!("Personal data was erased from {entries} of the audit trail."),
    }];
    if erased.evidence_kept > 0 {
        let kept = erased.evidence_kept;
        let answers = counted(kept, "answer to an approval", "answers to approvals");
        sentences.push(format!("The evidence of {answers} is kept."));
    }
    if erased.unsealed > 0 {
        let entries = counted(erased.unsealed, "entry is", "entries are");
        let wait = "not sealed yet and could not be touched: erase once more in a few seconds.";
        sentences.push(format!("{entries} {wait}"));
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_erased_and_what_was_kept_is_told() {
        assert_eq!(
            told(&Erased::default()),
            "There was nothing to erase from the audit trail."
        );
        let erased = Erased {
            entries: 12,
            unsealed: 0,
            evidence_kept: 1,
        };
        assert_eq!(
            told(&erased),
            "Personal data was erased from 12 entries of the audit trail. The evidence of 1 answer to an approval is kept."
        );
        let early = Erased {
            unsealed: 2,
            ..Erased::default()
        };
        assert_eq!(
            told(&early),
            "Nothing was erased yet. 2 entries are not sealed yet and could not be touched: erase once more in a few seconds."
        );
    }
}
