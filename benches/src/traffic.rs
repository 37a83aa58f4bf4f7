//! Requests at random over a table.

use pointsman_route::{Draws, Request};
use pointsman_types::SplitMix64;

use crate::tables::{HOST, user};

/// So many different requests: more than branch predictors remember.
const REQUESTS: usize = 1 << 14;

/// The texts of requests at random over a table, in the order in which they are asked.
///
/// They are read in that order, so that a request is in the cache as one that was just received is, while what it
/// touches of the table is where chance has it.
#[derive(Debug, Clone)]
pub struct Traffic {
    asked: Vec<Asked>,
}

#[derive(Debug, Clone)]
struct Asked {
    host: String,
    path: String,
    user: String,
    route: usize,
}

/// Whether requests find a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Each finds the route that it was made for.
    Hit,
    /// None finds any.
    Miss,
}

impl Traffic {
    /// Requests to the routes of a table with one host.
    #[must_use]
    pub fn to_routes(routes: usize, ending: Ending) -> Self {
        Self::new(routes, ending, |_| HOST.to_owned())
    }

    /// Requests to as many hosts, each with its first routes.
    pub fn to_hosts(hosts: usize, name: impl Fn(usize) -> String) -> Self {
        let mut traffic = Self::new(hosts, Ending::Hit, name);
        for asked in &mut traffic.asked {
            asked.path = "/api/v1/svc-00001/items".to_owned();
            asked.route = 1;
        }
        traffic
    }

    fn new(count: usize, ending: Ending, host: impl Fn(usize) -> String) -> Self {
        let mut dice = SplitMix64::new(count as u64);
        let asked = (0..REQUESTS).map(|_| {
            let number = usize::try_from(dice.below(count as u64)).unwrap_or(0);
            let (stem, user) = match ending {
                Ending::Hit => ("svc", user(number)),
                Ending::Miss => ("nowhere", "nobody".to_owned()),
            };
            let path = format!("/api/v1/{stem}-{number:05}/items");
            Asked { host: host(number), path, user, route: number }
        });
        Self { asked: asked.collect() }
    }

    /// What a client sends beside the user.
    fn headers(asked: &Asked) -> [(&str, &str); 3] {
        [("accept", "*/*"), ("user-agent", "curl/8"), ("x-user", &asked.user)]
    }

    /// Calls `work` with the requests, each with the number of the route that it was made for, and the paths.
    pub fn with_requests<T>(&self, work: impl FnOnce(&Requests<'_>) -> T) -> T {
        let headers: Vec<[(&str, &str); 3]> = self.asked.iter().map(Self::headers).collect();
        let requests =
            self.asked.iter().zip(&headers).map(|(asked, headers)| request(asked, headers)).collect();
        work(&Requests { requests, asked: &self.asked })
    }
}

fn request<'t>(asked: &'t Asked, headers: &'t [(&'t str, &'t str); 3]) -> Request<'t> {
    Request::get(&asked.host, &asked.path).with_headers(headers)
}

/// Requests at random.
#[derive(Debug)]
pub struct Requests<'t> {
    requests: Vec<Request<'t>>,
    asked: &'t [Asked],
}

impl<'t> Requests<'t> {
    /// The request of that turn.
    #[must_use]
    #[inline]
    pub fn at(&self, turn: u64) -> &Request<'t> {
        &self.requests[place(turn)]
    }

    /// The path of that turn.
    #[must_use]
    #[inline]
    pub fn path(&self, turn: u64) -> &'t str {
        &self.asked[place(turn)].path
    }

    /// Each request with the route it was made for.
    pub fn iter(&self) -> impl Iterator<Item = (&Request<'t>, usize)> {
        self.requests.iter().zip(self.asked.iter().map(|asked| asked.route))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are wanted")]
const fn place(turn: u64) -> usize {
    turn as usize & (REQUESTS - 1)
}

/// The random numbers of that turn.
#[must_use]
#[inline]
pub const fn draws(turn: u64) -> Draws {
    Draws::all((turn ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(29))
}
