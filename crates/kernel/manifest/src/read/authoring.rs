//! `emdash-plugin.jsonc`: what an author writes and a bundle is made from (plugin contract §1.9).

use std::collections::BTreeMap;

use emdash_types::PluginId;
use semver::Version;

use super::source::{Fields, Node, Source};
use super::{access, admin, parts};
use crate::{
    Admin, Capability, CapabilitySet, HostPattern, Listing, Manifest, ManifestErrors, ManifestForm,
    ManifestIssue, StorageCollection,
};

const MAX_SLUG: usize = 64;
const MAX_LINE: usize = 256;
const MAX_AUTHORS: usize = 32;
const MAX_CONTACTS: usize = 8;
const MAX_KEYWORDS: usize = 5;

/// An author of the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// A web page.
    pub url: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
}

/// Where to report a security problem; at least one of both is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityContact {
    /// A web page.
    pub url: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
}

/// The author's file.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthoringManifest {
    /// The file's name, for later messages.
    pub file: String,
    /// The plugin's id.
    pub slug: PluginId,
    /// The release; else `package.json` has it.
    pub version: Option<Version>,
    /// DID or handle of the publisher.
    pub publisher: Option<String>,
    /// Who wrote it.
    pub authors: Vec<Author>,
    /// Where to report a security problem.
    pub security_contacts: Vec<SecurityContact>,
    /// A name for people.
    pub name: Option<String>,
    /// One or two sentences.
    pub description: Option<String>,
    /// Licence, keywords and repository.
    pub listing: Listing,
    /// What it may ask of the host.
    pub capabilities: CapabilitySet,
    /// Where it may send requests.
    pub allowed_hosts: Vec<HostPattern>,
    /// Its storage collections.
    pub storage: BTreeMap<String, StorageCollection>,
    /// Its part of the admin.
    pub admin: Admin,
}

impl AuthoringManifest {
    /// The file's usual name.
    pub const FILE_NAME: &str = "emdash-plugin.jsonc";

    /// Reads the file. Unknown keys and legacy capability names are refused.
    ///
    /// # Errors
    /// Everything wrong with it.
    pub fn read(bytes: &[u8], file_name: &str) -> Result<Self, ManifestErrors> {
        Source::read(bytes, file_name, ManifestForm::Authoring, |fields| read(fields, file_name))
    }

    /// The manifest, still without hooks and routes (see [`Manifest::adopt_entry`]).
    ///
    /// # Errors
    /// When neither this file nor `package.json` gives a usable version.
    pub fn into_manifest(self, package_version: Option<&str>) -> Result<Manifest, ManifestErrors> {
        let version = match (self.version, package_version) {
            (Some(version), _) => Ok(version),
            (None, Some(text)) => {
                parts::parse_version(text).map_err(|message| format!("package.json: {message}"))
            }
            (None, None) => Err("\"version\" is missing, here and in package.json".to_owned()),
        };
        let version = version.map_err(|message| {
            let file = self.file.clone();
            ManifestErrors::new(vec![ManifestIssue {
                file,
                line: 1,
                column: 1,
                path: "version".into(),
                message,
            }])
        })?;
        Ok(Manifest {
            name: self.name,
            description: self.description,
            listing: self.listing,
            capabilities: self.capabilities,
            allowed_hosts: self.allowed_hosts,
            storage: self.storage,
            admin: self.admin,
            ..Manifest::new(ManifestForm::Authoring, self.slug, version)
        })
    }
}

fn read(fields: &Fields<'_>, file: &str) -> Option<AuthoringManifest> {
    fields.only(&[
        "$schema",
        "slug",
        "version",
        "license",
        "publisher",
        "author",
        "authors",
        "security",
        "securityContacts",
        "name",
        "description",
        "keywords",
        "sections",
        "repo",
        "release",
        "capabilities",
        "allowedHosts",
        "storage",
        "admin",
    ]);
    let slug = fields.required("slug").and_then(|node| {
        let text = node.line(MAX_SLUG)?;
        PluginId::parse(&text).map_err(|error| node.fail(error.to_string())).ok()
    });
    let version = fields.optional("version").and_then(|node| parts::version(&node));
    let listing = Listing {
        license: fields.required("license").and_then(|node| node.line(MAX_LINE)),
        keywords: fields
            .optional("keywords")
            .map(|node| parts::keywords(&node, MAX_KEYWORDS))
            .unwrap_or_default(),
        repository_url: fields.optional("repo").and_then(|node| parts::web_url(&node)),
        ..Listing::default()
    };
    let (capabilities, allowed_hosts) = access(fields);
    let storage = fields.optional("storage").map(|node| parts::storage(&node)).unwrap_or_default();
    let admin = fields.optional("admin").map(|node| admin::read(&node)).unwrap_or_default();
    Some(AuthoringManifest {
        file: file.to_owned(),
        version,
        publisher: fields.optional("publisher").and_then(|node| node.line(MAX_LINE)),
        authors: one_or_many(fields, "author", "authors", MAX_AUTHORS, author),
        security_contacts: one_or_many(fields, "security", "securityContacts", MAX_CONTACTS, contact),
        name: parts::name(fields),
        description: parts::description(fields),
        listing,
        capabilities,
        allowed_hosts,
        storage,
        admin,
        slug: slug?,
    })
}

/// Capabilities and hosts, and what each says about the other.
fn access(fields: &Fields<'_>) -> access::Access {
    let hosts_node = fields.optional("allowedHosts");
    let (capabilities, hosts) = access::flat(fields.optional("capabilities"), hosts_node.clone());
    let at = hosts_node.as_ref().unwrap_or(fields.node());
    let unrestricted = capabilities.contains(Capability::NetworkRequestUnrestricted);
    if unrestricted && !hosts.is_empty() {
        at.fail("network:request:unrestricted reaches every host; leave the list empty");
    } else if !unrestricted && capabilities.contains(Capability::NetworkRequest) && hosts.is_empty() {
        at.fail("network:request needs at least one host in \"allowedHosts\"");
    }
    (capabilities, hosts)
}

fn one_or_many<T>(
    fields: &Fields<'_>,
    one: &'static str,
    many: &'static str,
    max: usize,
    read: fn(&Node<'_>) -> Option<T>,
) -> Vec<T> {
    let first = fields.optional(one);
    let list = fields.optional(many);
    if let (Some(_), Some(list)) = (&first, &list) {
        list.fail(format!("\"{one}\" and \"{many}\" say the same thing; keep one"));
    }
    let nodes = list.map(|node| node.items(max)).unwrap_or_default();
    first.iter().chain(&nodes).filter_map(read).collect()
}

fn author(node: &Node<'_>) -> Option<Author> {
    let fields = node.object()?;
    fields.only(&["name", "url", "email"]);
    let name = fields.required("name").and_then(|node| node.line(MAX_LINE));
    let (url, email) = reach(&fields);
    Some(Author { name: name?, url, email })
}

fn contact(node: &Node<'_>) -> Option<SecurityContact> {
    let fields = node.object()?;
    fields.only(&["url", "email"]);
    let (url, email) = reach(&fields);
    if url.is_none() && email.is_none() {
        node.fail("needs a \"url\" or an \"email\"");
    }
    Some(SecurityContact { url, email })
}

fn reach(fields: &Fields<'_>) -> (Option<String>, Option<String>) {
    let url = fields.optional("url").and_then(|node| parts::web_url(&node));
    let email = fields.optional("email").and_then(|node| {
        node.matching(MAX_LINE, "write an e-mail address", |text| {
            text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        })
    });
    (url, email)
}
