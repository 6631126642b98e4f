//! Secrets on the way out (ruling 3): the guest writes a placeholder, the host puts the value in, only towards the
//! hosts the secret is bound to, and takes it out of whatever comes back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use emdash_manifest::{HostPattern, SettingKind};
use emdash_ports::outbound::{EgressHosts, OutboundRequest, OutboundResponse};
use emdash_types::{Error, ErrorCode, Result, Secret};
use memchr::memmem::find;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Broker;
use crate::settings::{SealedSecret, bound, full_key, placeholder};

/// Everything but what RFC 3986 §2.3 leaves alone, and the colon some services put into a path.
const URL_VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// Shorter values are not looked for in answers: they would be found everywhere.
const LEAST_REDACTED_BYTES: usize = 8;

/// A secret that went into a request.
struct Used {
    placeholder: String,
    value: Secret,
}

/// The secrets of one request.
#[derive(Default)]
pub(super) struct UsedSecrets {
    used: Vec<Used>,
    hosts: Option<Vec<HostPattern>>,
}

impl Broker {
    /// Puts the plugin's secrets in where the request names them.
    ///
    /// # Errors
    /// `HOST_NOT_ALLOWED` where a secret is not bound to the request's host; `SECRET_UNREADABLE`.
    pub(super) fn fill_secrets(&self, request: &mut OutboundRequest) -> Result<UsedSecrets> {
        let mut secrets = UsedSecrets::default();
        for field in &self.plugin.manifest.admin.settings {
            let SettingKind::Secret { hosts: declared } = &field.kind else { continue };
            let placeholder = placeholder(&self.plugin.id, &field.key);
            if !names(request, &placeholder) {
                continue;
            }
            let stored = self.plugin.data.kv_get(&full_key(&field.key))?;
            let Some(sealed) = stored.as_deref().and_then(SealedSecret::read) else { continue };
            let listed: Vec<_> = self.plugin.granted.hosts.iter().cloned().collect();
            let hosts = bound(Some(&sealed), declared.as_deref(), &listed).to_vec();
            let host = request.url.host_str().unwrap_or_default();
            if !hosts.iter().any(|pattern| pattern.matches(host)) {
                return Err(not_bound(&field.key, &hosts, host));
            }
            let value = self.site.unseal(&self.plugin.id, &field.key, &sealed)?;
            put_in(request, &placeholder, value.expose())?;
            secrets.narrow(hosts);
            secrets.used.push(Used { placeholder, value });
        }
        Ok(secrets)
    }
}

impl UsedSecrets {
    /// A redirect must not carry a secret to a host it is not bound to.
    fn narrow(&mut self, hosts: Vec<HostPattern>) {
        self.hosts = Some(match &self.hosts {
            None => hosts,
            Some(before) => common(before, &hosts),
        });
    }

    /// Where a request with these secrets may go.
    pub(super) fn egress(&self, granted: EgressHosts) -> EgressHosts {
        match (&self.hosts, granted) {
            (None, granted) => granted,
            (Some(hosts), EgressHosts::Listed(listed)) => EgressHosts::Listed(common(hosts, &listed)),
            (Some(hosts), _) => EgressHosts::Listed(hosts.clone()),
        }
    }

    /// Takes the values out of an answer, so that a service that echoes its requests does not hand them to the guest.
    pub(super) fn redact(&self, response: &mut OutboundResponse) {
        for Used { placeholder, value } in &self.used {
            let value = value.expose();
            if value.len() < LEAST_REDACTED_BYTES {
                continue;
            }
            let encoded = utf8_percent_encode(value, URL_VALUE).to_string();
            for form in [value, encoded.as_str()] {
                for (_, header) in &mut response.headers {
                    *header = header.replace(form, placeholder);
                }
                response.status_text = response.status_text.replace(form, placeholder);
                if let Ok(url) = response.url.as_str().replace(form, placeholder).parse() {
                    response.url = url;
                }
                if let Some(body) = replaced(&response.body, form, placeholder) {
                    response.body = body;
                }
            }
        }
    }
}

/// What both lists allow.
fn common(one: &[HostPattern], other: &[HostPattern]) -> Vec<HostPattern> {
    let within = |narrow: &HostPattern, wide: &[HostPattern]| wide.iter().any(|wider| wider.covers(narrow));
    let mut both: Vec<_> = one.iter().filter(|host| within(host, other)).cloned().collect();
    both.extend(other.iter().filter(|host| within(host, one) && !one.contains(host)).cloned());
    both
}

/// Whether a placeholder stands anywhere in a request.
fn names(request: &OutboundRequest, placeholder: &str) -> bool {
    request.url.as_str().contains(placeholder)
        || request.headers.iter().any(|(name, value)| header_text(name, value).contains(placeholder))
        || find(&request.body, placeholder.as_bytes()).is_some()
}

fn put_in(request: &mut OutboundRequest, placeholder: &str, value: &str) -> Result<()> {
    let in_url = utf8_percent_encode(value, URL_VALUE).to_string();
    let path = request.url.path().replace(placeholder, &in_url);
    request.url.set_path(&path);
    if let Some(query) = request.url.query().map(|query| query.replace(placeholder, &in_url)) {
        request.url.set_query(Some(&query));
    }
    let mut kind = String::new();
    for (name, header) in &mut request.headers {
        if name.eq_ignore_ascii_case("content-type") {
            kind = header.to_ascii_lowercase();
        }
        let text = header_text(name, header);
        if text.contains(placeholder) {
            let text = text.replace(placeholder, value);
            *header = if is_basic(name, header) { format!("Basic {}", STANDARD.encode(text)) } else { text };
        }
    }
    let in_body = if kind.contains("json") {
        let quoted = serde_json::Value::from(value).to_string();
        quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        in_url
    } else {
        value.to_owned()
    };
    if let Some(body) = replaced(&request.body, placeholder, &in_body) {
        request.body = body;
    }
    Ok(())
}

/// A header's value; the credentials of `Basic` in the clear (RFC 7617 §2), where a placeholder would be hidden.
fn header_text(name: &str, value: &str) -> String {
    let hidden = is_basic(name, value).then(|| value.get(6..).unwrap_or_default().trim());
    let plain = hidden.and_then(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok());
    plain.unwrap_or_else(|| value.to_owned())
}

fn is_basic(name: &str, value: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
        && value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic "))
}

/// The bytes with every occurrence replaced; `None` where there is none.
fn replaced(bytes: &Bytes, from: &str, to: &str) -> Option<Bytes> {
    let mut rest: &[u8] = bytes;
    let mut output = Vec::new();
    while let Some(at) = find(rest, from.as_bytes()) {
        let (before, after) = rest.split_at(at);
        output.extend_from_slice(before);
        output.extend_from_slice(to.as_bytes());
        rest = after.get(from.len()..).unwrap_or_default();
    }
    if output.is_empty() && rest.len() == bytes.len() {
        return None;
    }
    output.extend_from_slice(rest);
    Some(output.into())
}

fn not_bound(key: &str, hosts: &[HostPattern], host: &str) -> Error {
    let bound = match hosts {
        [] => "no host".to_owned(),
        hosts => hosts.iter().map(HostPattern::as_str).collect::<Vec<_>>().join(", "),
    };
    Error::new(
        ErrorCode::HostNotAllowed,
        format!("Host not allowed: {host}: the secret \"{key}\" is bound to {bound}"),
    )
    .hint("An administrator binds a secret to hosts in the plugin's settings.")
}
