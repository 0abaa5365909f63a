//! Load is shed, not queued to death; and nobody takes all the room there is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use portal_core::Digest;

use crate::config::Limits;
use crate::cookies;
use crate::error::Problem;
use crate::extract::origin;
use crate::state::AppState;

/// What anybody may have under way at once, however few places there are: a browser opens six connections.
const LEAST: usize = 8;

/// How many of the places may be taken by one session, and by one network. A session is what a request says it is, good
/// or not: who makes sessions up stays within their network's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fair {
    session: usize,
    network: usize,
}

/// What somebody who comes holds already.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    session: usize,
    network: usize,
}

impl Fair {
    fn of(places: usize, limits: &Limits) -> Self {
        let share = |percent: usize| (places.saturating_mul(percent.min(100)) / 100).max(LEAST);
        Self {
            session: share(limits.session_share),
            network: share(limits.network_share),
        }
    }

    const fn admits(self, held: Held) -> bool {
        held.session < self.session && held.network < self.network
    }
}

/// For whom a place is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Client {
    /// By the hash of what proves it.
    Session([u8; 32]),
    Network(String),
}

/// Lets so many requests in at once.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    state: AppState,
    places: Arc<Places>,
}

#[derive(Debug)]
struct Places {
    most: usize,
    fair: Fair,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<Client, usize>,
}

/// Why there is no place.
#[derive(Debug, PartialEq, Eq)]
enum Full {
    /// All are taken.
    All,
    /// This client has its share.
    Share,
}

/// A place that is given back when this is dropped.
#[derive(Debug)]
struct Place {
    places: Arc<Places>,
    clients: Vec<Client>,
}

impl Gate {
    pub(crate) fn new(state: AppState, most: usize) -> Self {
        let fair = Fair::of(most, state.limits());
        let taken = Mutex::default();
        let places = Arc::new(Places { most, fair, taken });
        Self { state, places }
    }
}

impl Places {
    fn enter(self: &Arc<Self>, clients: Vec<Client>) -> Result<Place, Full> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = Held::default();
        for client in &clients {
            let count = taken.by.get(client).copied().unwrap_or_default();
            match client {
                Client::Session(_) => held.session = held.session.max(count),
                Client::Network(_) => held.network = count,
            }
        }
        if taken.all >= self.most {
            return Err(Full::All);
        }
        if !self.fair.admits(held) {
            return Err(Full::Share);
        }
        taken.all += 1;
        for client in &clients {
            *taken.by.entry(client.clone()).or_default() += 1;
        }
        let places = Arc::clone(self);
        Ok(Place { places, clients })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        for client in &self.clients {
            if let Some(count) = taken.by.get_mut(client) {
                *count -= 1;
                if *count == 0 {
                    taken.by.remove(client);
                }
            }
        }
    }
}

/// Who sends this, as far as can be told without asking anybody.
fn clients(state: &AppState, headers: &HeaderMap, network: Option<String>) -> Vec<Client> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .map(|value| value.as_bytes().to_vec());
    let url = state.public_url();
    let held = [
        cookies::session(headers, url),
        cookies::staff_session(headers, url),
    ];
    let sessions = held.into_iter().flatten().map(|token| token.secret.digest());
    let mut clients: Vec<Client> = sessions
        .chain(bearer.map(|bearer| Digest::of(&bearer)))
        .map(|digest| Client::Session(digest.0))
        .collect();
    clients.extend(network.map(Client::Network));
    clients
}

/// Answers 503 at once when there is no room, and 429 when who asks has their share of it. A request keeps its place
/// until the last byte of its answer is sent.
pub(crate) async fn while_there_is_room(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let origin = origin(&parts, &gate.state);
    let network = origin.ip.is_some().then(|| origin.network());
    let place = match gate.places.enter(clients(&gate.state, &parts.headers, network)) {
        Ok(place) => place,
        Err(full) => return refuse(&full),
    };
    next.run(Request::from_parts(parts, body)).await.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _held = &place;
            frame
        }))
    })
}

fn refuse(full: &Full) -> Response {
    let (status, code, text, why) = match full {
        Full::All => (
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "The portal is very busy at the moment. Please try again in a few seconds.",
            "full",
        ),
        Full::Share => (
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-at-once",
            "Too much is under way for you at the moment. Please try again in a few seconds.",
            "share",
        ),
    };
    metrics::counter!("portal_http_shed_total", "why" => why).increment(1);
    Problem::new(status, code, text).retry_after(2).into_response()
}

/// Gives up on a request that takes too long to arrive or to answer.
pub(crate) async fn in_time(State(most): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "took-too-long",
            "This took too long. Please try again.",
        )
        .retry_after(5)
        .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(most: usize) -> Arc<Places> {
        let fair = Fair::of(most, &Limits::default());
        let taken = Mutex::default();
        Arc::new(Places { most, fair, taken })
    }

    fn network(name: &str) -> Client {
        Client::Network(name.to_owned())
    }

    fn session(number: usize) -> Client {
        Client::Session(Digest::of(number.to_string().as_bytes()).0)
    }

    #[test]
    fn shares_are_parts_of_the_places_and_never_less_than_a_browser_needs() {
        let fair = Fair::of(512, &Limits::default());
        assert_eq!((fair.session, fair.network), (128, 256));
        let fair = Fair::of(4, &Limits::default());
        assert_eq!((fair.session, fair.network), (LEAST, LEAST));
    }

    #[test]
    fn one_session_takes_a_quarter_and_one_network_half() {
        let places = places(100);
        let in_office = |number| vec![session(number), network("office")];
        let mut held: Vec<Place> = (0..25).map(|_| places.enter(in_office(1)).unwrap()).collect();
        assert_eq!(places.enter(in_office(1)).unwrap_err(), Full::Share);
        let elsewhere = places.enter(vec![session(1), network("home")]);
        assert_eq!(
            elsewhere.unwrap_err(),
            Full::Share,
            "the session goes with its holder"
        );
        // Made-up sessions do not help.
        held.extend((2..27).map(|number| places.enter(in_office(number)).unwrap()));
        assert_eq!(places.enter(in_office(99)).unwrap_err(), Full::Share);
        held.extend((0..50).map(|number| places.enter(vec![network(&number.to_string())]).unwrap()));
        assert_eq!(places.enter(vec![network("new")]).unwrap_err(), Full::All);
        held.clear();
        places.enter(in_office(1)).unwrap();
        let taken = places.taken.lock().unwrap();
        assert!(
            taken.all == 0 && taken.by.is_empty(),
            "nothing is kept of who is gone"
        );
    }
}
