//! The practice's taxonomy: its clean values, what waits for a person, and files.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal_core::Portal;
use portal_core::rulebook::{Accepted, Gained, KeptTaxonomy, UnknownValue};
use portal_core::workflow::{DimensionDraft, FileProblems, Suggestion, Taxonomy, TaxonomyDraft, ValueDraft};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::Failures;
use crate::error::{FieldProblem, Problem};
use crate::extract::{ETagged, IfMatch, Json, Listed, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get, put))
        .routes(routes!(file, put_file))
        .routes(routes!(unknown))
        .routes(routes!(accept))
}

/// One canonical value.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueBody {
    #[schema(example = "T-Visa")]
    name: String,
    /// The value that it is a kind of.
    #[serde(default)]
    #[schema(example = "Immigration")]
    parent: Option<String>,
    /// Other words for it.
    #[serde(default)]
    aliases: Vec<String>,
}

/// One thing that is said of every matter.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DimensionBody {
    /// `Practice area` and `Case stage` read the fields of a matter that are called so; any other reads the attribute of
    /// this name.
    #[schema(example = "Practice area")]
    name: String,
    #[serde(default)]
    values: Vec<ValueBody>,
}

impl From<DimensionDraft> for DimensionBody {
    fn from(dimension: DimensionDraft) -> Self {
        let value = |value: ValueDraft| ValueBody {
            name: value.name,
            parent: value.parent,
            aliases: value.aliases,
        };
        Self {
            name: dimension.name,
            values: dimension.values.into_iter().map(value).collect(),
        }
    }
}

impl From<DimensionBody> for DimensionDraft {
    fn from(dimension: DimensionBody) -> Self {
        let value = |value: ValueBody| ValueDraft {
            name: value.name,
            parent: value.parent,
            aliases: value.aliases,
        };
        Self {
            name: dimension.name,
            values: dimension.values.into_iter().map(value).collect(),
        }
    }
}

/// A practice's clean vocabulary.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaxonomyBody {
    /// How often it was saved, 0 before the first time; `If-Match` takes it.
    version: i64,
    dimensions: Vec<DimensionBody>,
}

impl From<KeptTaxonomy> for TaxonomyBody {
    fn from(taxonomy: KeptTaxonomy) -> Self {
        Self {
            version: taxonomy.version.0,
            dimensions: taxonomy
                .draft
                .dimensions
                .into_iter()
                .map(DimensionBody::from)
                .collect(),
        }
    }
}

/// A whole taxonomy as somebody writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaxonomyInput {
    /// In the order in which pages show them. They replace those that are there.
    dimensions: Vec<DimensionBody>,
}

fn tagged(taxonomy: KeptTaxonomy) -> ETagged<TaxonomyBody> {
    ETagged::new(taxonomy.version, taxonomy.into())
}

/// The taxonomy.
#[utoipa::path(get, path = "/taxonomies", tag = "taxonomies",
    responses((status = 200, body = TaxonomyBody), Failures))]
async fn get(signed: Signed, State(portal): State<Portal>) -> Result<ETagged<TaxonomyBody>, Problem> {
    Ok(tagged(portal.taxonomy(signed.context()).await?))
}

/// Replaces the taxonomy. Every matter is read again by it soon after; nobody is told of what that brings.
#[utoipa::path(put, path = "/taxonomies", tag = "taxonomies", request_body = TaxonomyInput,
    responses((status = 200, body = TaxonomyBody), Failures))]
async fn put(
    signed: Signed,
    State(portal): State<Portal>,
    IfMatch(expected): IfMatch,
    Json(input): Json<TaxonomyInput>,
) -> Result<ETagged<TaxonomyBody>, Problem> {
    let draft = TaxonomyDraft {
        dimensions: input.dimensions.into_iter().map(DimensionDraft::from).collect(),
    };
    let saved = portal.save_taxonomy(signed.context(), expected, &draft).await?;
    Ok(tagged(saved))
}

const CSV: &str = "text/csv";
const TOML: &str = "application/toml";

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum FileFormat {
    Csv,
    Toml,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// `csv` (the default) or `toml`.
    #[param(inline)]
    format: Option<FileFormat>,
}

/// The taxonomy as a file: a spreadsheet with the columns dimension, value, parent and alias, or TOML.
#[utoipa::path(get, path = "/taxonomies/file", tag = "taxonomies", params(FileQuery),
    responses((status = 200, content((String = "text/csv"), (String = "application/toml"))), Failures))]
async fn file(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<FileQuery>,
) -> Result<Response, Problem> {
    let kept = portal.taxonomy(signed.context()).await?;
    let taxonomy = Taxonomy::new(&kept.draft).map_err(Problem::internal)?;
    let (text, kind, name) = match query.format {
        None | Some(FileFormat::Csv) => (taxonomy.to_csv(), "text/csv; charset=utf-8", "taxonomy.csv"),
        Some(FileFormat::Toml) => (
            taxonomy.to_toml(),
            "application/toml; charset=utf-8",
            "taxonomy.toml",
        ),
    };
    let text = text.map_err(Problem::internal)?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::ETAG, format!("\"{}\"", kept.version.0)),
    ];
    Ok((headers, text).into_response())
}

/// Replaces the taxonomy by that of a file, which `Content-Type` says the kind of: `text/csv` or `application/toml`.
#[utoipa::path(put, path = "/taxonomies/file", tag = "taxonomies",
    request_body(content((String = "text/csv"), (String = "application/toml"))),
    responses((status = 200, body = TaxonomyBody), Failures))]
async fn put_file(
    signed: Signed,
    State(portal): State<Portal>,
    IfMatch(expected): IfMatch,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<ETagged<TaxonomyBody>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let body = body.map_err(|rejection| Problem::of(rejection.status()))?;
    let text = std::str::from_utf8(&body)
        .map_err(|_| Problem::field("file", "utf-8", "This is not UTF-8 text. Save the file as UTF-8."))?;
    let taxonomy = match kind {
        CSV => Taxonomy::from_csv(text),
        TOML => Taxonomy::from_toml(text),
        _ => {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Send a file, with the header Content-Type: text/csv or application/toml.",
            ));
        }
    };
    let draft = taxonomy.map_err(of_file)?.draft();
    let saved = portal.save_taxonomy(signed.context(), expected, &draft).await?;
    Ok(tagged(saved))
}

/// The most problems of a file that one answer names.
const MOST_PROBLEMS: usize = 100;

/// What is wrong with a file, each with its line.
fn of_file(problems: FileProblems) -> Problem {
    let field = |problem: portal_core::workflow::FileProblem| FieldProblem {
        message: match problem.line {
            Some(line) => format!("Line {line}: {}", problem.message),
            None => problem.message,
        },
        field: if problem.place.is_empty() {
            "file".into()
        } else {
            problem.place
        },
        code: "file".into(),
    };
    let mut problem = Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid",
        "The file is not right, and nothing of it was taken. Please correct it and send it again.",
    );
    problem.errors = problems.0.into_iter().take(MOST_PROBLEMS).map(field).collect();
    problem
}

/// A value that an unknown text may have meant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionBody {
    value: String,
    /// The name or alias of it that is most alike.
    spelling: String,
    /// How alike they are: 0 not at all, 1 the same words.
    likeness: f64,
}

impl From<Suggestion> for SuggestionBody {
    fn from(suggestion: Suggestion) -> Self {
        Self {
            value: suggestion.value.name().to_owned(),
            spelling: suggestion.spelling,
            likeness: suggestion.likeness,
        }
    }
}

/// A text that the taxonomy does not know.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnknownBody {
    dimension: String,
    /// As one of the matters has it.
    raw: String,
    /// How many matters carry it, however they write it.
    matters: u64,
    /// What it may mean, the most alike first.
    suggestions: Vec<SuggestionBody>,
}

impl From<UnknownValue> for UnknownBody {
    fn from(unknown: UnknownValue) -> Self {
        Self {
            dimension: unknown.dimension,
            raw: unknown.raw,
            matters: unknown.matters,
            suggestions: unknown
                .suggestions
                .into_iter()
                .map(SuggestionBody::from)
                .collect(),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UnknownQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
}

/// The texts that wait for a person because the taxonomy does not know them, those on most matters first.
#[utoipa::path(get, path = "/taxonomies/unknown", tag = "taxonomies", params(UnknownQuery),
    responses((status = 200, body = Listed<UnknownBody>), Failures))]
async fn unknown(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<UnknownQuery>,
) -> Result<Json<Listed<UnknownBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let page = portal.unknown_values(signed.context(), &page).await?;
    Ok(Json(Listed::present(page, UnknownBody::from)))
}

/// What a text means.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptInput {
    #[schema(example = "Case stage")]
    dimension: String,
    /// The text.
    #[schema(example = "Fileing")]
    raw: String,
    /// The value that it is another word for.
    #[schema(example = "Filing")]
    value: String,
    /// Whether only to say what that would do. Yes, unless this says no.
    #[serde(default = "yes")]
    dry_run: bool,
    /// Whether what it brings is sent: mails about what is asked, and the automations. Yes, unless this says no.
    #[serde(default = "yes")]
    send: bool,
}

const fn yes() -> bool {
    true
}

/// A matter that comes to match workflows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GainedBody {
    matter_id: Uuid,
    reference: String,
    /// Those that it did not match before.
    workflow_ids: Vec<Uuid>,
}

impl From<Gained> for GainedBody {
    fn from(gained: Gained) -> Self {
        Self {
            matter_id: gained.matter.0,
            reference: gained.reference,
            workflow_ids: gained.workflows.into_iter().map(|id| id.0).collect(),
        }
    }
}

/// What accepting a text does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedBody {
    /// Whether nothing was done yet.
    dry_run: bool,
    /// The taxonomy's version: the new one, or in a dry run that which is there.
    version: i64,
    /// How many matters carry the text and are read again.
    matters: u64,
    /// How many of them are open and come to match workflows.
    gaining: u64,
    /// How many of those are in a stage, and match by that a workflow whose automations fire.
    firing: u64,
    /// How many matters each workflow gains, by its id.
    by_workflow: BTreeMap<Uuid, u64>,
    /// The first of those matters, at most 100.
    first: Vec<GainedBody>,
}

/// Accepts an unknown text as another word for a value. The taxonomy gets an alias, and every matter that carries the text is
/// read again soon after. Unless `dry_run` is false, it only says what that would do.
#[utoipa::path(post, path = "/taxonomies/accept", tag = "taxonomies", request_body = AcceptInput,
    responses((status = 200, body = AcceptedBody), Failures))]
async fn accept(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<AcceptInput>,
) -> Result<Json<AcceptedBody>, Problem> {
    let names = (input.dimension.as_str(), input.value.as_str(), input.raw.as_str());
    let accepted: Accepted = if input.dry_run {
        portal.try_accepting(signed.context(), names).await?
    } else {
        portal.accept_value(signed.context(), names, input.send).await?
    };
    Ok(Json(AcceptedBody {
        dry_run: input.dry_run,
        version: accepted.taxonomy.version.0,
        matters: accepted.matters,
        gaining: accepted.gaining,
        firing: accepted.firing,
        by_workflow: accepted
            .by_workflow
            .into_iter()
            .map(|(id, number)| (id.0, number))
            .collect(),
        first: accepted.first.into_iter().map(GainedBody::from).collect(),
    }))
}
