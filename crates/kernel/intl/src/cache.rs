//! Formatters in use on this thread. Making one costs some ten microseconds, using one a few.

use std::cell::RefCell;
use std::rc::Rc;

use crate::service::Service;

/// Formatters kept per thread. One takes a few kilobytes: the data they read is part of the program.
const KEPT: usize = 32;

thread_local! {
    /// The most recently used last.
    static FORMATTERS: RefCell<Vec<(String, Rc<Service>)>> = const { RefCell::new(Vec::new()) };
}

/// The formatter this key describes, made if it is not there.
pub(crate) fn formatter(key: &str) -> Result<Rc<Service>, String> {
    let known = FORMATTERS.with_borrow_mut(|formatters| {
        let at = formatters.iter().rposition(|(known, _)| known == key)?;
        let entry = formatters.remove(at);
        let service = Rc::clone(&entry.1);
        formatters.push(entry);
        Some(service)
    });
    if let Some(service) = known {
        return Ok(service);
    }
    let made = Rc::new(Service::open(key)?);
    FORMATTERS.with_borrow_mut(|formatters| {
        if formatters.len() >= KEPT {
            formatters.remove(0);
        }
        formatters.push((key.to_owned(), Rc::clone(&made)));
    });
    Ok(made)
}
