//! Which thing of the export is which thing here, run after run.

use std::collections::HashMap;

use emdash_document::wxr::{Item, Site};
use emdash_store::SiteTransaction;
use emdash_types::{Result, Timestamp, ulid};
use sha2::{Digest, Sha256};

/// The kinds of things that are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Author,
    Term,
    Attachment,
    Entry,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Author, Self::Term, Self::Attachment, Self::Entry];

    fn name(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Term => "term",
            Self::Attachment => "attachment",
            Self::Entry => "entry",
        }
    }
}

/// Under this kind stands what a thing was like when it was imported.
const DIGEST: &str = "digest";

/// What earlier runs from the same source brought.
pub(super) struct Memory {
    source: String,
    ids: HashMap<(Kind, String), String>,
    digests: HashMap<String, String>,
}

/// A thing of the source: what it is called there, its id here and what it is like now.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub kind: Kind,
    pub external_id: String,
    pub id: String,
    pub digest: String,
}

impl Memory {
    pub(super) async fn load(transaction: &mut dyn SiteTransaction, source: String) -> Result<Self> {
        let mut ids = HashMap::new();
        for kind in Kind::ALL {
            for (external_id, id) in transaction.import_list(&source, kind.name()).await? {
                ids.insert((kind, external_id), id);
            }
        }
        let digests = transaction.import_list(&source, DIGEST).await?.into_iter().collect();
        Ok(Self { source, ids, digests })
    }

    /// The id a thing got in an earlier run.
    pub(super) fn known(&self, kind: Kind, external_id: &str) -> Option<&str> {
        self.ids.get(&(kind, external_id.to_owned())).map(String::as_str)
    }

    /// Whether a known thing is at its source what it was when it came.
    pub(super) fn unchanged(&self, identity: &Identity) -> bool {
        self.digests.get(&digest_key(identity)) == Some(&identity.digest)
    }

    /// The identity of a thing. Its id depends on the source only: a run that was cut off and the one that completes
    /// it agree on the ids of things that refer to each other.
    pub(super) fn identify(
        &self,
        kind: Kind,
        external_id: &str,
        at: Option<Timestamp>,
        traits: &[&str],
    ) -> Identity {
        let id = self.known(kind, external_id).map(str::to_owned).unwrap_or_else(|| {
            let hash = hash(&[&self.source, kind.name(), external_id]);
            let mut bytes = [0_u8; 10];
            bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
            ulid(at.unwrap_or(Timestamp::from_millis(0)), bytes)
        });
        let digest = hash(traits).iter().map(|byte| format!("{byte:02x}")).collect();
        Identity { kind, external_id: external_id.to_owned(), id, digest }
    }

    /// Remembers a thing, in the transaction that stores it.
    pub(super) async fn remember(
        &self,
        transaction: &mut dyn SiteTransaction,
        identity: &Identity,
    ) -> Result<()> {
        let Identity { kind, external_id, id, digest } = identity;
        transaction.import_put(&self.source, kind.name(), external_id, id).await?;
        transaction.import_put(&self.source, DIGEST, &digest_key(identity), digest).await
    }
}

fn digest_key(identity: &Identity) -> String {
    format!("{}/{}", identity.kind.name(), identity.external_id)
}

fn hash(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// The address under which a source is remembered.
pub(super) fn source_of(site: &Site) -> String {
    let url = if site.base_blog_url.is_empty() { &site.url } else { &site.base_blog_url };
    url.trim().trim_end_matches('/').to_owned()
}

/// What the source calls an item.
pub(super) fn external_id(item: &Item) -> String {
    match item.id {
        Some(id) => id.to_string(),
        None if item.guid.is_empty() => item.link.clone(),
        None => item.guid.clone(),
    }
}

/// Everything an item's import depends on.
pub(super) fn traits_of(item: &Item) -> Vec<String> {
    let mut traits: Vec<String> = [
        &item.title,
        &item.content,
        &item.excerpt,
        &item.name,
        &item.status,
        &item.creator,
        &item.date_gmt,
        &item.date,
        &item.password,
    ]
    .into_iter()
    .cloned()
    .collect();
    traits.push(format!("{:?} {} {:?}", item.parent, item.menu_order, item.attachment_url));
    traits.extend(item.terms.iter().map(|term| format!("{}/{}", term.domain, term.slug)));
    traits.extend(item.meta.iter().map(|entry| format!("{}={}", entry.key, entry.value)));
    traits
}
