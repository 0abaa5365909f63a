//! The API's description and the page that shows it.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, SecurityRequirement, ServerBuilder};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::error::ProblemBody;
use crate::layers::API_REFERENCE_POLICY;
use crate::state::AppState;

const DESCRIPTION: &str = "The client portal's API. A staff member signs in with `POST /api/v1/auth/sign-in` and sends \
    the access token as `Authorization: Bearer`; a client's session uses the same paths, narrowed to what the client may \
    see. Changing requests of somebody signed in take `Idempotency-Key`; when nobody knows whether one took effect, it is \
    answered `outcome-unknown`: look before you do it again. Records with a version answer with an `ETag`, \
    and `PATCH` takes it back as `If-Match`. \
    Lists come in parts: go on with `next_cursor` until it is null. Failures are `application/problem+json` (RFC 9457).";

/// Everything about the description that is not about one operation.
pub(super) fn describe(openapi: &mut OpenApi) {
    openapi.info = InfoBuilder::new()
        .title("Client portal")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .build();
    let mut components = openapi.components.take().unwrap_or_default();
    let schema = <ProblemBody as utoipa::PartialSchema>::schema();
    components.schemas.insert("ProblemBody".to_owned(), schema);
    let field = <crate::error::FieldProblem as utoipa::PartialSchema>::schema();
    components.schemas.insert("FieldProblem".to_owned(), field);
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let cookie = ApiKeyValue::with_description(
        "__Host-portal",
        "The browser's session. Needs the portal's own Origin.",
    );
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    openapi.components = Some(components);
    let none: [&str; 0] = [];
    openapi.security = Some(vec![
        SecurityRequirement::new("bearer", none),
        SecurityRequirement::new("cookie", none),
    ]);
}

/// `/api/openapi.json` and the page at `/api/docs`.
pub(super) fn routes(state: &AppState, mut openapi: OpenApi) -> Router<AppState> {
    let base = state.public_url().base();
    openapi.servers = Some(vec![ServerBuilder::new().url(format!("{base}/")).build()]);
    let json = openapi.to_json().unwrap_or_default();
    let answer = async move || ([(header::CONTENT_TYPE, "application/json")], json.clone());
    let page: Router<AppState> = SwaggerUi::new("/api/docs")
        .config(Config::from(format!("{base}/api/openapi.json")).validator_url("none"))
        .into();
    page.layer(from_fn(with_its_own_policy))
        .route("/api/openapi.json", get(answer))
}

async fn with_its_own_policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static(API_REFERENCE_POLICY);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
