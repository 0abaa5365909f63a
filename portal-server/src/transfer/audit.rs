//! The audit trail as a file, written while it is read.

use std::io;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use portal_core::audit::AuditEntry;
use portal_core::audit::export::{AuditExport, ExportedEntry, Part};
use portal_core::text::inert;
use portal_core::{Context, Error, NoRule, Portal};

const COLUMNS: [&str; 16] = [
    "position",
    "leaf_hash",
    "id",
    "at",
    "actor_kind",
    "staff_id",
    "client_id",
    "system",
    "action",
    "subject_kind",
    "subject_id",
    "matter_id",
    "detail",
    "ip",
    "user_agent",
    "request_id",
];

/// JSON Lines, as `verify-audit` takes them. When it cannot be read to its end the answer breaks off, and the last line is missing.
///
/// # Errors
/// `Denied` to who may not read the practice's whole trail.
pub(crate) async fn lines(portal: &Portal, ctx: &Context) -> Result<Response, Error<NoRule>> {
    let export = portal.audit_export(ctx).await?;
    let parts = stream::try_unfold(export, |mut export| async move {
        let lines = export.next_lines().await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(lines.map(|lines| (Bytes::from(lines), export)))
    });
    Ok(attached(
        Body::from_stream(parts),
        HeaderValue::from_static("application/jsonl"),
        HeaderValue::from_static("attachment; filename=\"audit.jsonl\""),
    ))
}

/// A row for each entry, for spreadsheets.
///
/// # Errors
/// As [`lines`].
pub(crate) async fn csv(portal: &Portal, ctx: &Context) -> Result<Response, Error<NoRule>> {
    let export = portal.audit_export(ctx).await?;
    let parts = stream::try_unfold(export, |mut export| async move {
        let rows = next_rows(&mut export).await?;
        Ok::<_, io::Error>(rows.map(|rows| (rows, export)))
    });
    Ok(attached(
        Body::from_stream(parts),
        HeaderValue::from_static("text/csv; charset=utf-8"),
        HeaderValue::from_static("attachment; filename=\"audit.csv\""),
    ))
}

fn attached(body: Body, kind: HeaderValue, name: HeaderValue) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_DISPOSITION, name);
    response
}

async fn next_rows(export: &mut AuditExport) -> io::Result<Option<Bytes>> {
    Ok(match export.next().await.map_err(io::Error::other)? {
        None => None,
        Some(Part::Begin(_)) => Some(written(|file| file.write_record(COLUMNS))?),
        Some(Part::Entries(entries)) => Some(written(|file| {
            let mut rows = entries.iter().map(cells);
            rows.try_for_each(|cells| file.write_record(cells.iter().map(|cell| inert(cell).into_owned())))
        })?),
        // They mean nothing without the lines.
        Some(Part::Checkpoint(_) | Part::End(_)) => Some(Bytes::new()),
    })
}

fn written(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> io::Result<Bytes> {
    let mut file = csv::Writer::from_writer(Vec::new());
    write(&mut file)?;
    let bytes = file
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.into())
}

fn cells(exported: &ExportedEntry) -> [String; 16] {
    let (position, hash) = (exported.position.to_string(), exported.hash.to_string());
    let Some((entry, _)) = &exported.entry else {
        let mut cells: [String; 16] = Default::default();
        let [first, second, ..] = &mut cells;
        (*first, *second) = (position, hash);
        return cells;
    };
    let AuditEntry {
        id,
        at,
        actor_kind,
        staff_id,
        client_id,
        system,
        action,
        subject_kind,
        subject_id,
        matter_id,
        detail,
        origin,
        practice_id: _,
    } = entry;
    let detail = if detail.is_empty() {
        String::new()
    } else {
        serde_json::Value::Object(detail.clone()).to_string()
    };
    [
        position,
        hash,
        id.to_string(),
        at.to_string(),
        actor_kind.clone(),
        staff_id.map(|id| id.to_string()).unwrap_or_default(),
        client_id.map(|id| id.to_string()).unwrap_or_default(),
        system.clone().unwrap_or_default(),
        action.clone(),
        subject_kind.clone(),
        subject_id.to_string(),
        matter_id.map(|id| id.to_string()).unwrap_or_default(),
        detail,
        origin.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        origin.user_agent.clone().unwrap_or_default(),
        origin.request_id.clone().unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use portal_core::Actor;
    use portal_core::audit::{Leaf, Salts, Subject};
    use portal_core::testing::Samples;

    use super::*;

    #[test]
    fn nothing_in_it_is_a_formula() {
        let samples = Samples::new(1);
        let ctx = samples.context(Actor::System("import"));
        let mut entry = AuditEntry::new(
            samples.id(),
            &ctx,
            "=1+1",
            Subject::new("client", samples.practice),
        );
        entry.origin.user_agent = Some("@SUM(A1)".into());
        let leaf = Leaf::of(&entry, &Salts::Seed([1; 32])).unwrap();
        let exported = ExportedEntry {
            position: 0,
            hash: leaf.hash(samples.practice),
            entry: Some((entry, leaf)),
        };
        let row = cells(&exported);
        let file =
            written(|file| file.write_record(row.iter().map(|cell| inert(cell).into_owned()))).unwrap();
        let text = String::from_utf8(file.to_vec()).unwrap();
        assert!(text.contains(",'=1+1,") && text.contains(",'@SUM(A1),"), "{text}");
    }
}
