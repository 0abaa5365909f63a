use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::approval::{FactorCheck, FactorMethod, SecondFactor, StepUp};
use crate::testing::lock;
use crate::{ApprovalId, ClientId};

/// Codes on paper, each good once, as a second factor (`recovery-code`). Clones share one book. For tests only.
#[derive(Debug, Clone, Default)]
pub struct CodeBook(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    codes: BTreeMap<ClientId, Vec<String>>,
    checked: Vec<Vec<ApprovalId>>,
    broken: bool,
}

impl CodeBook {
    /// Gives `client` a code.
    pub fn give(&self, client: ClientId, code: &str) {
        lock(&self.0)
            .codes
            .entry(client)
            .or_default()
            .push(code.to_owned());
    }

    /// For which approvals something was checked, in order.
    #[must_use]
    pub fn checked(&self) -> Vec<Vec<ApprovalId>> {
        lock(&self.0).checked.clone()
    }

    /// From now on it cannot say.
    pub fn tear(&self) {
        lock(&self.0).broken = true;
    }
}

#[async_trait]
impl SecondFactor for CodeBook {
    fn label(&self) -> &'static str {
        "Code from your book"
    }

    async fn check(&self, step: &StepUp<'_>) -> Result<FactorCheck, String> {
        let mut book = lock(&self.0);
        book.checked.push(step.approvals.to_vec());
        if book.broken {
            return Err("the book is torn".to_owned());
        }
        let Some(codes) = book.codes.get_mut(&step.client) else {
            return Ok(FactorCheck::NoneSetUp);
        };
        let Some(at) = codes.iter().position(|code| code == step.presented.expose()) else {
            return Ok(FactorCheck::Wrong);
        };
        codes.remove(at);
        let method = FactorMethod::new("recovery-code").map_err(|wrong| wrong.to_string())?;
        Ok(FactorCheck::Confirmed(method))
    }
}
