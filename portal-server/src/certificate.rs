//! Certificates of answers to approvals, on their way to whoever downloads them.

use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use portal_core::approval::{ApprovalRule, Certificate};
use portal_core::{ApprovalId, Context, Error, EvidenceId, Portal};
use tokio::time::Instant;

use crate::error::Problem;

/// How long a page waits for an answer to be sealed: some three times as long as it takes.
const PATIENCE: Duration = Duration::from_secs(3);

/// The fonts that certificates are set in.
#[derive(Debug, Clone, Default)]
pub struct CertificateFonts {
    #[cfg(feature = "certificate")]
    fonts: portal_certificate::Fonts,
}

impl CertificateFonts {
    /// Those that every build has, and those of these files for further scripts.
    ///
    /// # Errors
    /// Which file cannot be read or embedded; any file, when the server was built without the feature `certificate`.
    pub fn with_files(paths: &[PathBuf]) -> Result<Self, String> {
        #[cfg_attr(
            not(feature = "certificate"),
            expect(unused_mut, reason = "there is nothing to add to")
        )]
        let mut all = Self::default();
        for path in paths {
            let shown = path.display();
            #[cfg(feature = "certificate")]
            {
                let bytes =
                    std::fs::read(path).map_err(|error| format!("certificate.fonts: {shown}: {error}"))?;
                let fonts = all.fonts.with(bytes);
                all.fonts = fonts.map_err(|problem| format!("certificate.fonts: {shown} {problem}"))?;
            }
            #[cfg(not(feature = "certificate"))]
            return Err(format!(
                "certificate.fonts: {shown}: this server was built without certificates as PDF"
            ));
        }
        Ok(all)
    }

    /// Whether a file is, byte for byte, the PDF of this certificate as this server makes it; never of a server that makes none.
    pub(crate) fn made_alike(&self, certificate: &Certificate, file: &[u8]) -> bool {
        #[cfg(feature = "certificate")]
        return portal_certificate::pdf(certificate, &self.fonts).is_ok_and(|pdf| pdf == file);
        #[cfg(not(feature = "certificate"))]
        {
            let _ = (certificate, file);
            false
        }
    }
}

/// The certificate for a program, which tries again by itself.
pub(crate) async fn made(
    portal: &Portal,
    ctx: &Context,
    approval: ApprovalId,
    answer: Option<EvidenceId>,
) -> Result<Certificate, Problem> {
    portal
        .approval_certificate(ctx, approval, answer)
        .await
        .map_err(refused)
}

/// The certificate for a person, who may have answered a moment ago: waits until the answer is sealed.
pub(crate) async fn awaited(
    portal: &Portal,
    ctx: &Context,
    approval: ApprovalId,
    answer: Option<EvidenceId>,
) -> Result<Certificate, Problem> {
    let until = Instant::now() + PATIENCE;
    loop {
        match portal.approval_certificate(ctx, approval, answer).await {
            Err(Error::Rule(ApprovalRule::NotSealed)) if Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            done => return done.map_err(refused),
        }
    }
}

fn refused(error: Error<ApprovalRule>) -> Problem {
    let is_early = matches!(error, Error::Rule(ApprovalRule::NotSealed));
    let problem = Problem::from(error);
    if is_early { problem.retry_after(1) } else { problem }
}

/// It as a PDF/A-3; as JSON from a server that was built without the feature `certificate`.
pub(crate) async fn pdf(fonts: &CertificateFonts, certificate: Certificate) -> Result<Response, Problem> {
    #[cfg(feature = "certificate")]
    {
        let (fonts, id) = (fonts.fonts.clone(), id_of(&certificate));
        // Some milliseconds of shaping and compressing.
        let made = tokio::task::spawn_blocking(move || portal_certificate::pdf(&certificate, &fonts)).await;
        let bytes = made.map_err(Problem::internal)?.map_err(Problem::internal)?;
        attached(bytes, "application/pdf", &format!("certificate-{id}.pdf"))
    }
    #[cfg(not(feature = "certificate"))]
    {
        let _ = fonts;
        json(&certificate)
    }
}

/// It as JSON.
pub(crate) fn json(certificate: &Certificate) -> Result<Response, Problem> {
    let name = format!("certificate-{}.json", id_of(certificate));
    attached(certificate.json().into_bytes(), "application/json", &name)
}

fn id_of(certificate: &Certificate) -> String {
    certificate
        .told()
        .map(|(evidence, _)| evidence.evidence)
        .unwrap_or_default()
}

fn attached(bytes: Vec<u8>, kind: &'static str, name: &str) -> Result<Response, Problem> {
    let name =
        HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).map_err(Problem::internal)?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}
