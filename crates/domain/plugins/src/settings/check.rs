//! Whether a value fits its setting (plugin contract §6.8, texts included).

use emdash_manifest::{Setting, SettingKind};
use emdash_types::{Error, ErrorCode, Result};
use serde_json::{Value, json};
use url::Url;

/// Longest secret, in bytes.
const SECRET_BYTES: usize = 16 * 1024;

/// The value, if the setting takes it. Secrets are checked by [`secret_text`].
pub(crate) fn checked<'a>(field: &Setting, value: &'a Value) -> Result<&'a Value> {
    let key = &field.key;
    let must = |what: &str| invalid(key, format!("Setting \"{key}\" must be {what}"));
    match &field.kind {
        SettingKind::String { .. } | SettingKind::Secret { .. } => {
            value.as_str().ok_or_else(|| must("a string"))?;
        }
        SettingKind::Boolean { .. } => {
            value.as_bool().ok_or_else(|| must("a boolean"))?;
        }
        SettingKind::Number { min, max, .. } => {
            let number = value.as_f64().ok_or_else(|| must("a number"))?;
            if let Some(min) = min.filter(|min| number < *min) {
                return Err(must(&format!("at least {min}")));
            }
            if let Some(max) = max.filter(|max| number > *max) {
                return Err(must(&format!("at most {max}")));
            }
        }
        SettingKind::Select { options, .. } => {
            let known = |text: &str| options.iter().any(|(option, _)| option == text);
            value.as_str().filter(|text| known(text)).ok_or_else(|| must("one of the defined options"))?;
        }
        SettingKind::Url { .. } => {
            let is_url = |text: &str| {
                text.is_empty() || Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
            };
            value.as_str().filter(|text| is_url(text)).ok_or_else(|| must("a valid URL"))?;
        }
        SettingKind::Email { .. } => {
            let is_address = |text: &str| text.is_empty() || is_email(text);
            value.as_str().filter(|text| is_address(text)).ok_or_else(|| must("a valid email address"))?;
        }
    }
    Ok(value)
}

/// A refusal in the words of the contract, which name the setting themselves.
pub(super) fn invalid(key: &str, message: String) -> Error {
    let issues = json!({"issues": [{"path": key, "message": message}]});
    Error::new(ErrorCode::ValidationError, message).details(issues)
}

/// A secret's text.
pub(super) fn secret_text(field: &Setting, value: &Value) -> Result<String> {
    let key = &field.key;
    let text = checked(field, value)?.as_str().unwrap_or_default();
    if text.is_empty() {
        return Err(invalid(key, format!("Setting \"{key}\" must not be empty; null removes it")));
    }
    if text.len() > SECRET_BYTES {
        let used = text.len();
        let message = format!("Setting \"{key}\" is {used} bytes long; the limit is {SECRET_BYTES}");
        return Err(invalid(key, message));
    }
    Ok(text.to_owned())
}

/// As browsers check `input type=email`, with a dot in the domain.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    sound(local)
        && sound(domain)
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: SettingKind) -> Setting {
        Setting { key: "k".into(), label: "K".into(), description: None, kind }
    }

    fn refusal(kind: SettingKind, value: &Value) -> Option<String> {
        checked(&field(kind), value).err().map(|error| error.message().to_owned())
    }

    #[test]
    fn each_kind_takes_its_own_values_and_names_what_it_wants() {
        let number = || SettingKind::Number { default: None, min: Some(1.0), max: Some(10.0) };
        let select = || SettingKind::Select { options: vec![("a".into(), "A".into())], default: None };
        let url = || SettingKind::Url { default: None, placeholder: None };
        let email = || SettingKind::Email { default: None, placeholder: None };
        let text = || SettingKind::String { default: None, multiline: false };
        let cases = [
            (text(), json!("x"), None),
            (text(), json!(1), Some("a string")),
            (SettingKind::Boolean { default: None }, json!(true), None),
            (SettingKind::Boolean { default: None }, json!("true"), Some("a boolean")),
            (number(), json!(1.5), None),
            (number(), json!("5"), Some("a number")),
            (number(), json!(0), Some("at least 1")),
            (number(), json!(11), Some("at most 10")),
            (select(), json!("a"), None),
            (select(), json!("b"), Some("one of the defined options")),
            (url(), json!("https://example.com/x"), None),
            (url(), json!(""), None),
            (url(), json!("javascript:alert(1)"), Some("a valid URL")),
            (url(), json!("example"), Some("a valid URL")),
            (email(), json!("a@example.com"), None),
            (email(), json!("a@b@example.com"), Some("a valid email address")),
            (email(), json!("a@localhost"), Some("a valid email address")),
        ];
        for (kind, value, wanted) in cases {
            let expected = wanted.map(|what| format!("Setting \"k\" must be {what}"));
            assert_eq!(refusal(kind, &value), expected, "{value}");
        }
    }
}
