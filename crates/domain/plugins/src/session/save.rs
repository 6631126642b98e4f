//! `content:beforeSave` (A14–A16; plugin contract §4.4, §4.6).

use emdash_manifest::{ErrorPolicy, Hook};
use emdash_types::{Error, ErrorCode, JsonMap, Result};

use super::{Answer, BeforeSave, Chain, Failure, HookSession, event};
use crate::access::HookAccess;
use crate::generation::Listener;

impl HookSession {
    /// Runs `content:beforeSave`, one plugin after another, 5 s for all (A14–A16); returns the content to save.
    ///
    /// # Errors
    /// `SAVE_REJECTED` with `{plugin, version, hook, code, reason, limit?, used?}`.
    pub async fn before_save(&mut self, save: BeforeSave) -> Result<JsonMap> {
        let BeforeSave { collection, id, mut content } = save;
        let mut chain = Chain::of_a_save();
        for listener in self.listeners(Hook::ContentBeforeSave) {
            let access = listener.hook.access;
            let event = event::before_save(access, &collection, id.as_ref(), &content);
            match self.transform(&listener, event, &mut chain).await {
                Ok(Some(answer)) if access == HookAccess::Full => content = answer,
                Ok(_) => {}
                // Recorded; the chain goes on with the content as it was.
                Err(_) if listener.hook.error_policy == ErrorPolicy::Continue => {}
                Err(failure) => return Err(rejected(&listener, &failure)),
            }
        }
        Ok(content)
    }

    async fn transform(
        &mut self,
        listener: &Listener,
        event: String,
        chain: &mut Chain,
    ) -> Result<Option<JsonMap>, Failure> {
        let (outcome, wall) = self.call(listener, event, chain.left).await;
        chain.spend(wall);
        if listener.hook.access != HookAccess::Full {
            return outcome.map(|_| None);
        }
        let checked = outcome.and_then(content_of);
        if let Err(failure @ Failure::Output(_)) = &checked
            && let Ok(running) = self.instance(listener).await
        {
            running.refuse_output(Hook::ContentBeforeSave, failure).await;
        }
        checked
    }
}

/// The field map a hook answered with; `None` where it leaves the content as it is.
fn content_of(answer: Answer) -> Result<Option<JsonMap>, Failure> {
    let json = match answer {
        Answer::Value(None) => return Ok(None),
        Answer::Value(Some(json)) => json,
        Answer::Response(_) => return Err(output("a Response")),
    };
    match serde_json::from_str::<JsonMap>(&json) {
        Ok(mut content) => {
            // It was put there for the plugin's convenience.
            content.remove("id");
            Ok(Some(content))
        }
        Err(_) => Err(output(kind_of(&json))),
    }
}

fn output(kind: &str) -> Failure {
    Failure::Output(format!("answered with {kind} where the content, an object, is expected"))
}

fn kind_of(json: &str) -> &'static str {
    match json.trim_start().as_bytes().first() {
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b'n') => "null",
        Some(b't' | b'f') => "a boolean",
        Some(b'0'..=b'9' | b'-') => "a number",
        _ => "something that is no JSON",
    }
}

fn rejected(listener: &Listener, failure: &Failure) -> Error {
    let (plugin, hook) = (&listener.plugin, Hook::ContentBeforeSave);
    let message = format!("The plugin {} refused the save in {hook}: {}", plugin.id, failure.reason());
    Error::new(ErrorCode::SaveRejected, message)
        .hint(format!(
            "Nothing was stored. Change the entry as the plugin asks, or ask an administrator to switch {} off.",
            plugin.id
        ))
        .details(failure.details(plugin, "hook", hook.name()))
}
