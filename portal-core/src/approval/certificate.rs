//! The certificate of an answer: its evidence, and the proof that the sealed audit trail binds it, in one small file.

use serde::{Deserialize, Serialize};

use super::canonical::{NotBound, check_binding};
use super::told::{ToldEvidence, ToldShown};
use super::{ApprovalRule, Evidence};
use crate::audit::export::{AuditProof, ProofError};
use crate::audit::note::VerifierKey;
use crate::audit::{AuditEntry, Checkpoint, Subject};
use crate::{ApprovalId, Change, Context, Error, EvidenceId, NoRule, Portal};

/// What stands at the beginning of a certificate's JSON, also where it is attached to another file.
const BEGIN: &[u8] = b"{\"format\":\"portal-certificate/";

/// The evidence of one answer with the proof that it stands in the practice's trail. `docs/approvals.md` describes it in words. It is
/// the same bytes every time it is made: what it holds was fixed when the answer's audit entry was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// `portal-certificate/1`.
    pub format: String,
    /// The text of [`Evidence::canonical`].
    pub evidence: String,
    /// That the answer's audit entry, which holds the hash of the evidence, is in the trail.
    pub proof: AuditProof,
}

/// Why a certificate proves nothing: which of its parts is wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// It is not of this form.
    #[error("the certificate is not of the form {}", Certificate::FORMAT)]
    Format,
    /// The entry, its place in the trail, or the signed checkpoint.
    #[error("the proof: {0}")]
    Proof(#[from] ProofError),
    /// The evidence, or what was shown.
    #[error("the evidence: {0}")]
    Evidence(#[from] NotBound),
}

/// Why there is no certificate in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCertificate {
    /// Nothing in it begins like one.
    #[error("there is no certificate in this file")]
    None,
    /// It begins like one, and cannot be read.
    #[error("the certificate in this file is damaged: it cannot be read")]
    Damaged,
    /// Several that differ.
    #[error("there are several certificates in this file, which differ")]
    Several,
}

/// What a certificate proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// What was answered, by whom, and how.
    pub evidence: ToldEvidence,
    /// What was shown.
    pub shown: ToldShown,
    /// The signed checkpoint that the answer's audit entry stands under.
    pub checkpoint: Checkpoint,
}

impl Certificate {
    /// The name of the format; another layout has another name.
    pub const FORMAT: &'static str = "portal-certificate/1";
    /// The most bytes of a certificate's JSON.
    pub const MOST_BYTES: usize = 1 << 20;

    /// As JSON, the one way in which it is written.
    #[must_use]
    pub fn json(&self) -> String {
        // Text can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The certificate in a file: its JSON, or a PDF that has that attached without compression, as the portal attaches it. Nothing is
    /// believed of the file around it.
    ///
    /// # Errors
    /// When there is none, one that is damaged, or several.
    pub fn find(file: &[u8]) -> Result<Self, NoCertificate> {
        if let Ok(certificate) = serde_json::from_slice(file) {
            return Ok(certificate);
        }
        let mut found: Option<Self> = None;
        let mut damaged = false;
        for (at, _) in file
            .windows(BEGIN.len())
            .enumerate()
            .filter(|(_, window)| *window == BEGIN)
        {
            let here = file.get(at..).unwrap_or_default();
            let here = here.get(..Self::MOST_BYTES).unwrap_or(here);
            // Pages may begin a sentence like that: what is no certificate counts only when there is none.
            match serde_json::Deserializer::from_slice(here).into_iter().next() {
                Some(Ok(certificate)) if found.as_ref().is_none_or(|before| *before == certificate) => {
                    found = Some(certificate);
                }
                Some(Ok(_)) => return Err(NoCertificate::Several),
                _ => damaged = true,
            }
        }
        match found {
            Some(certificate) => Ok(certificate),
            None if damaged => Err(NoCertificate::Damaged),
            None => Err(NoCertificate::None),
        }
    }

    /// What the evidence and what was shown say; nothing is made sure of. `None` when they are not of their forms.
    #[must_use]
    pub fn told(&self) -> Option<(ToldEvidence, ToldShown)> {
        let evidence: ToldEvidence = serde_json::from_str(&self.evidence).ok()?;
        let shown = serde_json::from_str(&evidence.shown).ok()?;
        Some((evidence, shown))
    }

    /// Makes sure of it, offline: that the evidence is the one whose hash the audit entry holds, that what was shown has its hash, that
    /// both speak of the same answer, and that the entry is in a trail which one of `keys` signed.
    ///
    /// # Errors
    /// Each part that is wrong.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Certified, Vec<CertificateFault>> {
        if self.format != Self::FORMAT {
            return Err(vec![CertificateFault::Format]);
        }
        let mut faults = Vec::new();
        let proven = self.proof.verify(keys);
        let proven = proven.map_err(|wrong| faults.push(wrong.into())).ok();
        // Told also when the proof is wrong: which of the two it is matters.
        match self.proof.entry() {
            Some(entry) => {
                let bound = check_binding(self.evidence.as_bytes(), &entry);
                faults.extend(bound.err().map(CertificateFault::from));
            }
            // An entry that cannot be read binds nothing. A wrong proof says so already.
            None if proven.is_some() => faults.push(NotBound::Malformed.into()),
            None => {}
        }
        match (proven, self.told()) {
            (Some(proven), Some((evidence, shown))) if faults.is_empty() => Ok(Certified {
                evidence,
                shown,
                checkpoint: proven.checkpoint,
            }),
            _ => {
                if faults.is_empty() {
                    faults.push(NotBound::Malformed.into());
                }
                Err(faults)
            }
        }
    }
}

/// What stays open of an entry in a certificate: the two hashes. The evidence says the rest, and so a certificate can be made again, and
/// is the same, whatever else is erased of the entry.
fn stays_open(fact: &str) -> bool {
    fact == "detail.sha256" || fact.strip_prefix("detail.") == Some(AuditEntry::EVIDENCE)
}

impl Portal {
    /// The certificate of an answer: of any for staff who may see the approval's matter, and for clients of their own, which needs no
    /// id. Leaves an audit entry.
    ///
    /// # Errors
    /// `NotSealed` until the answer's audit entry is sealed under a checkpoint that is kept, which takes a second or so;
    /// `NoCertificate` for an answer from before audit entries bound the evidence, and one whose entry was erased.
    pub async fn approval_certificate(
        &self,
        ctx: &Context,
        id: ApprovalId,
        answer: Option<EvidenceId>,
    ) -> Result<Certificate, Error<ApprovalRule>> {
        let item = self.approval(ctx, id).await.map_err(Error::widen)?;
        let evidence = self.store().evidence(ctx.practice, id).await?;
        let client = ctx.client();
        let wanted = |evidence: &&Evidence| {
            let is_theirs = client.is_none_or(|client| evidence.client_id == client);
            is_theirs && answer.map_or(client.is_some(), |answer| evidence.id == answer)
        };
        let evidence = evidence.iter().find(wanted).ok_or(Error::NotFound("evidence"))?;
        let certificate = self.certified(evidence).await?;
        let entry = self
            .audit(ctx, "approval.certificate-made", Subject::new("approval", id))
            .on(item.approval.matter_id)
            .with("answer", evidence.id.to_string());
        let noted: Result<(), Error<NoRule>> = self.commit(Change::audited(entry)).await.map_err(Error::from);
        noted.map_err(Error::widen)?;
        Ok(certificate)
    }

    async fn certified(&self, evidence: &Evidence) -> Result<Certificate, Error<ApprovalRule>> {
        let entry = evidence.circumstances.audit_entry;
        let proof = self
            .kept_audit_proof(evidence.practice_id, entry, stays_open)
            .await?
            .ok_or(ApprovalRule::NotSealed)?;
        let canonical = evidence.canonical();
        let bound = proof.entry().map(|entry| check_binding(&canonical, &entry));
        match bound {
            Some(Ok(())) => {}
            Some(Err(NotBound::NoHash | NotBound::OtherEntry("detail.sha256"))) | None => {
                return Err(ApprovalRule::NoCertificate.into());
            }
            Some(Err(wrong)) => {
                let text = format!("evidence {} and its audit entry differ: {wrong}", evidence.id);
                return Err(crate::StoreError::Failed(text).into());
            }
        }
        Ok(Certificate {
            format: Certificate::FORMAT.to_owned(),
            evidence: String::from_utf8_lossy(&canonical).into_owned(),
            proof,
        })
    }
}
