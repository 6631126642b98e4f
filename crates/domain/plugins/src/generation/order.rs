//! The order of a hook (plugin contract §4.3).

use std::collections::BTreeSet;

use super::Listener;

/// Dependencies first, then priority, then the order of installation. A dependency that is not among the listeners
/// of the same hook, or a cycle, never keeps anybody from running: what is left then goes by priority, and `warnings`
/// says so.
pub(super) fn in_order(listeners: Vec<Listener>, warnings: &mut BTreeSet<String>) -> Vec<Listener> {
    let mut waiting = listeners;
    waiting.sort_by(|a, b| a.hook.priority.total_cmp(&b.hook.priority));
    let mut placed: Vec<Listener> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_placed = |id: &String| placed.iter().any(|before| before.plugin.id.as_str() == id);
        match waiting.iter().position(|next| next.hook.dependencies.iter().all(is_placed)) {
            Some(next) => placed.push(waiting.remove(next)),
            None => {
                let names: Vec<_> = waiting.iter().map(|listener| listener.plugin.id.as_str()).collect();
                warnings.insert(format!(
                    "Hook dependency cycle or missing dependency detected among plugins: {}. Falling back to priority order.",
                    names.join(", ")
                ));
                placed.append(&mut waiting);
            }
        }
    }
    placed
}
