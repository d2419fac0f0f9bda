//! Whether somebody has written.

use jobctl::repository::Access;

use super::{all, filled, job};
use crate::backend::{Backend, Capability};

pub fn the_version_changes_with_what_others_write_and_with_nothing_else(backend: &dyn Backend) {
    let place = backend.fresh();
    let mut repository = filled(place.as_ref(), 2);
    let mut watching = place.open(Access::Read);
    let before = watching.version().unwrap();
    assert_eq!(all(watching.as_mut()).len(), 2);
    let is_own = backend.has(Capability::OwnVersion);
    assert!(!is_own || watching.version().unwrap() == before);
    repository.insert(&[job(7)]).unwrap();
    let after = watching.version().unwrap();
    assert_ne!(after, before);
    assert!(!after.was_replaced());
    assert_eq!(all(watching.as_mut()).len(), 3);
    assert!(!is_own || watching.version().unwrap() == after);
}
