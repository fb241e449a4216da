//! Limits the number of connections.
//!
//! A connection is *waiting* until a request head is complete, and again after the response has
//! been sent. When all places are taken, the longest-waiting connection of the address with the
//! most connections is closed, so that idle connections cannot lock out others. A connection with a
//! request in progress is never closed for another.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::{Networks, network_of};

/// The maximum numbers of connections.
#[derive(Debug, Clone)]
pub(super) struct ConnectionLimits {
    /// All connections together.
    pub(super) places: usize,
    /// Connections of one client, see [`network_of`].
    pub(super) places_per_address: usize,
    /// Proxies, which serve many clients and may have more connections.
    pub(super) many_clients: Networks,
}

/// Why a connection was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The client has reached its own limit with connections in use.
    OfAddress,
    /// All connections are in use.
    Full,
}

/// The places for connections. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Places {
    room: Arc<ConnectionLimits>,
    taken: Arc<Mutex<OpenConnections>>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    count: usize,
    /// The next number in the order of waiting.
    turn: u64,
    by_address: HashMap<IpAddr, OfAddress>,
}

#[derive(Debug, Default)]
struct OfAddress {
    count: usize,
    waiting: BTreeMap<u64, CancellationToken>,
}

/// A connection's place; freed when dropped.
#[derive(Debug)]
pub(super) struct ConnectionPermit {
    places: Places,
    address: IpAddr,
    /// The number under which this connection waits, if it does.
    turn: AtomicU64,
    cut: CancellationToken,
}

impl Places {
    pub(super) fn new(room: ConnectionLimits) -> Self {
        Self { room: Arc::new(room), taken: Arc::default() }
    }

    /// Takes a place for a client, possibly from another connection.
    pub(super) fn take(&self, client: IpAddr) -> Result<ConnectionPermit, Refusal> {
        let address = network_of(client);
        let mut taken = self.taken.lock();
        let own = taken.by_address.get(&address).map_or(0, |of_address| of_address.count);
        if own >= self.room.places_per_address && !self.room.many_clients.contain(client) {
            taken.cut_one_of(address).ok_or(Refusal::OfAddress)?;
        } else if taken.count >= self.room.places {
            taken.cut_one().ok_or(Refusal::Full)?;
        }
        let cut = CancellationToken::new();
        taken.count += 1;
        taken.by_address.entry(address).or_default().count += 1;
        let turn = AtomicU64::new(taken.wait(address, cut.clone()));
        drop(taken);
        Ok(ConnectionPermit { places: self.clone(), address, turn, cut })
    }

    /// Closes a waiting connection, if there is one, because the system has no resources
    /// for another.
    pub(super) fn make_room(&self) {
        self.taken.lock().cut_one();
    }
}

impl OpenConnections {
    /// Starts a wait.
    fn wait(&mut self, address: IpAddr, cut: CancellationToken) -> u64 {
        self.turn += 1;
        self.by_address.entry(address).or_default().waiting.insert(self.turn, cut);
        self.turn
    }

    /// Closes the longest-waiting connection of the address that has the most connections.
    fn cut_one(&mut self) -> Option<()> {
        let waiting = self.by_address.iter().filter(|(_, of_address)| !of_address.waiting.is_empty());
        let address = *waiting.max_by_key(|(_, of_address)| of_address.count)?.0;
        self.cut_one_of(address)
    }

    fn cut_one_of(&mut self, address: IpAddr) -> Option<()> {
        let (_, cut) = self.by_address.get_mut(&address)?.waiting.pop_first()?;
        // From here on the connection no longer counts, whenever its task notices.
        cut.cancel();
        self.give_back(address);
        Some(())
    }

    fn give_back(&mut self, address: IpAddr) {
        self.count -= 1;
        if let Some(of_address) = self.by_address.get_mut(&address) {
            of_address.count -= 1;
            if of_address.count == 0 {
                self.by_address.remove(&address);
            }
        }
    }

    fn stop_waiting(&mut self, address: IpAddr, turn: u64) {
        if let Some(of_address) = self.by_address.get_mut(&address) {
            of_address.waiting.remove(&turn);
        }
    }
}

impl ConnectionPermit {
    /// Completes when the place was given to another connection.
    pub(super) async fn was_cut(&self) {
        self.cut.cancelled().await;
    }

    /// Marks the connection as working on a request until the returned value is dropped.
    pub(super) fn busy(self: &Arc<Self>) -> ActiveRequest {
        self.places.taken.lock().stop_waiting(self.address, self.turn.load(Ordering::Relaxed));
        ActiveRequest(Arc::clone(self))
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        // A connection that was cut has already given its place back.
        if !self.cut.is_cancelled() {
            taken.stop_waiting(self.address, self.turn.load(Ordering::Relaxed));
            taken.give_back(self.address);
        }
    }
}

/// A request in progress.
#[derive(Debug)]
pub(super) struct ActiveRequest(Arc<ConnectionPermit>);

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        let ConnectionPermit { places, address, turn, cut } = &*self.0;
        let mut taken = places.taken.lock();
        if !cut.is_cancelled() {
            turn.store(taken.wait(*address, cut.clone()), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    fn places(places: usize, places_per_address: usize) -> Places {
        Places::new(ConnectionLimits {
            places,
            places_per_address,
            many_clients: serde_json::from_str("\"192.0.2.9\"").unwrap(),
        })
    }

    fn take(places: &Places, number: u8) -> Arc<ConnectionPermit> {
        Arc::new(places.take(address(number)).unwrap())
    }

    #[test]
    fn who_waits_longest_makes_room_and_who_works_does_not() {
        let places = places(3, 3);
        let first = take(&places, 1);
        let second = take(&places, 1);
        let third = take(&places, 1);
        let working = first.busy();
        let fourth = take(&places, 2);
        assert!(second.cut.is_cancelled() && !first.cut.is_cancelled() && !third.cut.is_cancelled());

        let _also_working = third.busy();
        let _fifth = take(&places, 2);
        assert!(fourth.cut.is_cancelled(), "nobody else waits");
        drop(working);
        assert!(!first.cut.is_cancelled(), "it waits again, and nobody needed its place");
        let _sixth = take(&places, 3);
        assert!(first.cut.is_cancelled());
    }

    #[test]
    fn a_full_house_refuses() {
        let places = places(2, 2);
        let (one, two) = (take(&places, 1), take(&places, 2));
        let (busy, _also_busy) = (one.busy(), two.busy());
        assert_eq!(places.take(address(3)).unwrap_err(), Refusal::Full);
        drop((busy, one));
        assert!(places.take(address(3)).is_ok());
    }

    #[test]
    fn one_client_has_its_own_number_of_places_and_replaces_its_own() {
        let places = places(10, 2);
        let (first, second) = (take(&places, 1), take(&places, 1));
        let other = take(&places, 2);
        let third = take(&places, 1);
        assert!(first.cut.is_cancelled() && !other.cut.is_cancelled());
        let _working = (second.busy(), third.busy());
        assert_eq!(places.take(address(1)).unwrap_err(), Refusal::OfAddress);
        let proxied: Vec<_> = (0..5).map(|_| take(&places, 9).busy()).collect();
        assert_eq!(proxied.len(), 5, "a proxy may have more");
    }

    #[test]
    fn who_has_most_loses_first() {
        let places = places(4, 4);
        let lonely = take(&places, 1);
        let greedy: Vec<_> = (0..3).map(|_| take(&places, 2)).collect();
        let _newcomer = take(&places, 3);
        assert!(!lonely.cut.is_cancelled() && greedy[0].cut.is_cancelled());
    }

    #[test]
    fn nothing_is_kept_of_those_who_left() {
        let places = places(2, 2);
        for number in 0..50 {
            let place = take(&places, number);
            drop(place.busy());
        }
        for _ in 0..5 {
            let _cut = (take(&places, 1), take(&places, 2), take(&places, 3));
        }
        let taken = places.taken.lock();
        assert_eq!((taken.count, taken.by_address.len()), (0, 0));
    }
}
