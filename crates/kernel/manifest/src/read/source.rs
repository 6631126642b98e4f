//! A parsed manifest file that knows where every value stands, and gathers what is wrong with it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;

use jsonc_parser::ast::{Object, ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::suggest::{closest, unknown};
use crate::{ManifestErrors, ManifestForm, ManifestIssue};

/// Longest manifest file, in bytes: what a whole bundle may unpack to.
const MAX_FILE_BYTES: usize = 262_144;

/// The file being read.
pub(super) struct Source<'s> {
    file: &'s str,
    text: &'s str,
    form: ManifestForm,
    issues: RefCell<Vec<ManifestIssue>>,
    /// Names a bundle may have of a newer host, by what they name.
    passed_over: RefCell<Vec<(&'static str, String, ManifestIssue)>>,
}

impl<'s> Source<'s> {
    /// Parses a file and hands its root object to `read`; any issue reported on the way fails the whole.
    pub(super) fn read<T>(
        bytes: &'s [u8],
        file: &'s str,
        form: ManifestForm,
        read: impl FnOnce(&Fields<'_>) -> Option<T>,
    ) -> Result<T, ManifestErrors> {
        let text = std::str::from_utf8(bytes);
        let valid = text.map_or_else(|error| &bytes[..error.valid_up_to()], |_| bytes);
        let source = Source {
            file,
            text: std::str::from_utf8(valid).unwrap_or_default(),
            form,
            issues: RefCell::default(),
            passed_over: RefCell::default(),
        };
        let result = if bytes.len() > MAX_FILE_BYTES {
            let size = bytes.len();
            source.report(0, "", format!("the file has {size} bytes; at most {MAX_FILE_BYTES} are read"));
            None
        } else if text.is_err() {
            source.report(source.text.len(), "", "the file is not UTF-8 text from here on".to_owned());
            None
        } else {
            source.parse(read)
        };
        match result {
            Some(value) if source.issues.borrow().is_empty() => Ok(value),
            _ => Err(ManifestErrors::new(source.issues.into_inner())),
        }
    }

    fn parse<T>(&self, read: impl FnOnce(&Fields<'_>) -> Option<T>) -> Option<T> {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let skipped = self.text.len() - text.len();
        let with_comments = self.form == ManifestForm::Authoring;
        let options = ParseOptions {
            allow_comments: with_comments,
            allow_trailing_commas: with_comments,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        match parse_to_ast(text, &CollectOptions::default(), &options) {
            Ok(parsed) => {
                let Some(value) = parsed.value else {
                    self.report(0, "", "the file is empty; a manifest is a JSON object".to_owned());
                    return None;
                };
                let root = Node { source: self, value: &value, skipped, path: String::new() };
                read(&root.object()?)
            }
            Err(error) => {
                let message = format!("not valid JSON: {}", error.kind());
                self.report(error.range().start + skipped, "", message);
                None
            }
        }
    }

    fn report(&self, offset: usize, path: &str, message: String) {
        let mut issues = self.issues.borrow_mut();
        if issues.len() >= ManifestErrors::MAX_ISSUES {
            return;
        }
        issues.push(self.issue(offset, path, message));
    }

    fn issue(&self, offset: usize, path: &str, message: String) -> ManifestIssue {
        // A computed descriptor has no text an author could look at; its issues point at the file.
        let offset = if self.form == ManifestForm::Package { 0 } else { offset };
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[line_start..].chars().filter(|c| *c != '\u{feff}').count() + 1;
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        ManifestIssue { file: self.file.to_owned(), line, column, path: path.to_owned(), message }
    }

    /// `plugin.json` spells its keys in snake case; the code below uses the camel-case spelling.
    fn spelling<'k>(&self, key: &'k str) -> Cow<'k, str> {
        if self.form != ManifestForm::PluginJson || !key.contains(|c: char| c.is_ascii_uppercase()) {
            return Cow::Borrowed(key);
        }
        let mut snake = String::with_capacity(key.len() + 4);
        for c in key.chars() {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        Cow::Owned(snake)
    }
}

/// A value of the file.
#[derive(Clone)]
pub(super) struct Node<'s> {
    source: &'s Source<'s>,
    value: &'s Value<'s>,
    /// Bytes before the text the parser saw.
    skipped: usize,
    path: String,
}

impl<'s> Node<'s> {
    /// Which form is being read.
    pub(super) fn form(&self) -> ManifestForm {
        self.source.form
    }

    /// Reports that something is wrong with this value.
    pub(super) fn fail(&self, message: impl Into<String>) {
        self.source.report(self.value.range().start + self.skipped, &self.path, message.into());
    }

    fn expected<T>(&self, what: &str) -> Option<T> {
        let found = match self.value {
            Value::StringLit(_) => "a string",
            Value::NumberLit(_) => "a number",
            Value::BooleanLit(_) => "a boolean",
            Value::Object(_) => "an object",
            Value::Array(_) => "an array",
            Value::NullKeyword(_) => "null",
        };
        self.fail(format!("must be {what}, is {found}"));
        None
    }

    /// Whether it is a string.
    pub(super) fn is_string(&self) -> bool {
        matches!(self.value, Value::StringLit(_))
    }

    /// Any string of at most `max` characters.
    pub(super) fn text(&self, max: usize) -> Option<String> {
        let Value::StringLit(literal) = self.value else { return self.expected("a string") };
        let length = literal.value.chars().count();
        if length > max {
            self.fail(format!("has {length} characters; at most {max} are allowed"));
            return None;
        }
        Some(literal.value.clone().into_owned())
    }

    /// A string of 1 to `max` characters on one line.
    pub(super) fn line(&self, max: usize) -> Option<String> {
        let text = self.text(max)?;
        if text.trim().is_empty() {
            self.fail("must not be empty");
            return None;
        }
        if text.chars().any(char::is_control) {
            self.fail("must not contain control characters");
            return None;
        }
        Some(text)
    }

    /// A line that follows a grammar, which `rule` states in words.
    pub(super) fn matching(&self, max: usize, rule: &str, fits: impl FnOnce(&str) -> bool) -> Option<String> {
        let text = self.line(max)?;
        if !fits(&text) {
            self.fail(format!("\"{text}\" is not allowed here: {rule}"));
            return None;
        }
        Some(text)
    }

    /// One of a closed list of names; an unknown one is answered with the closest known.
    pub(super) fn known<T>(
        &self,
        what: &str,
        find: impl FnOnce(&str) -> Option<T>,
        names: impl IntoIterator<Item = &'static str>,
    ) -> Option<T> {
        let name = self.line(256)?;
        let found = find(&name);
        if found.is_none() {
            self.fail(unknown(what, &name, names));
        }
        found
    }

    /// Like [`Node::known`]. A bundle may be newer than this host: there, a name nobody knows is passed over.
    pub(super) fn known_or_newer<T>(
        &self,
        what: &'static str,
        find: impl FnOnce(&str) -> Option<T>,
        names: impl IntoIterator<Item = &'static str>,
    ) -> Option<T> {
        let name = self.line(256)?;
        let found = find(&name);
        match (&found, self.source.form) {
            (None, ManifestForm::Bundle) => {
                let at = self.value.range().start + self.skipped;
                let issue = self.source.issue(at, &self.path, unknown(what, &name, names));
                self.source.passed_over.borrow_mut().push((what, name, issue));
            }
            (None, _) => self.fail(unknown(what, &name, names)),
            (Some(_), _) => {}
        }
        found
    }

    /// What was passed over so far, of one kind.
    pub(super) fn passed_over(&self, what: &str) -> Vec<String> {
        let all = self.source.passed_over.borrow();
        all.iter().filter(|(kind, ..)| *kind == what).map(|(_, name, _)| name.clone()).collect()
    }

    /// What each of them would have been told.
    pub(super) fn issues_passed_over(&self) -> Vec<ManifestIssue> {
        self.source.passed_over.borrow().iter().map(|(.., issue)| issue.clone()).collect()
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.value {
            Value::BooleanLit(literal) => Some(literal.value),
            _ => self.expected("true or false"),
        }
    }

    /// A finite number.
    pub(super) fn number(&self) -> Option<f64> {
        let Value::NumberLit(literal) = self.value else { return self.expected("a number") };
        let number = literal.value.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.fail(format!("{} is out of range", literal.value));
        }
        number
    }

    /// A whole number within bounds.
    pub(super) fn integer(&self, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let number = self.number()?;
        // Beyond 2^53 a JSON number says nothing exact; every bound here is far below.
        let integer = number as i64;
        if integer as f64 != number || !bounds.contains(&integer) {
            let (least, most) = (bounds.start(), bounds.end());
            self.fail(format!("must be a whole number from {least} to {most}, is {number}"));
            return None;
        }
        Some(integer)
    }

    /// The items of an array of at most `max`.
    pub(super) fn items(&self, max: usize) -> Vec<Self> {
        let Value::Array(array) = self.value else {
            return self.expected("an array").unwrap_or_default();
        };
        if array.elements.len() > max {
            self.fail(format!("has {} items; at most {max} are allowed", array.elements.len()));
            return Vec::new();
        }
        let node = |(index, value)| Self { value, path: format!("{}[{index}]", self.path), ..self.clone() };
        array.elements.iter().enumerate().map(node).collect()
    }

    /// The fields of an object.
    pub(super) fn object(&self) -> Option<Fields<'s>> {
        let Value::Object(object) = self.value else { return self.expected("an object") };
        let fields = Fields { node: self.clone(), object };
        let mut seen = HashSet::new();
        for (name, child) in fields.all() {
            if !seen.insert(name) {
                child.fail(format!("the key \"{name}\" appears twice"));
            }
        }
        Some(fields)
    }

    /// The members of an object with free names, at most `max`.
    pub(super) fn entries(&self, max: usize) -> Vec<(String, Self)> {
        let Some(fields) = self.object() else { return Vec::new() };
        let count = fields.object.properties.len();
        if count > max {
            self.fail(format!("has {count} members; at most {max} are allowed"));
            return Vec::new();
        }
        fields.all().map(|(name, node)| (name.to_owned(), node)).collect()
    }

    /// The value as plain JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        self.value.clone().into()
    }

    /// The value as plain JSON, which must be an object.
    pub(super) fn json_object(&self) -> Option<serde_json::Value> {
        match self.value {
            Value::Object(_) => Some(self.json()),
            _ => self.expected("an object"),
        }
    }
}

/// An object of the file.
pub(super) struct Fields<'s> {
    node: Node<'s>,
    object: &'s Object<'s>,
}

impl<'s> Fields<'s> {
    /// The object as a value.
    pub(super) fn node(&self) -> &Node<'s> {
        &self.node
    }

    fn all(&self) -> impl Iterator<Item = (&'s str, Node<'s>)> + '_ {
        self.object.properties.iter().map(|property| {
            let name = match &property.name {
                ObjectPropName::String(literal) => literal.value.as_ref(),
                ObjectPropName::Word(literal) => literal.value,
            };
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '$');
            let path = if name.is_empty() || !name.chars().all(plain) {
                format!("{}[{name:?}]", self.node.path)
            } else if self.node.path.is_empty() {
                name.to_owned()
            } else {
                format!("{}.{name}", self.node.path)
            };
            (name, Node { value: &property.value, path, ..self.node.clone() })
        })
    }

    /// A field that may be missing.
    pub(super) fn optional(&self, key: &str) -> Option<Node<'s>> {
        let key = self.node.source.spelling(key);
        self.all().find(|(name, _)| *name == key).map(|(_, node)| node)
    }

    /// A field that must be there.
    pub(super) fn required(&self, key: &str) -> Option<Node<'s>> {
        let node = self.optional(key);
        if node.is_none() {
            self.node.fail(format!("\"{}\" is missing", self.node.source.spelling(key)));
        }
        node
    }

    /// A flag that is off unless said otherwise.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.optional(key).and_then(|node| node.boolean()).unwrap_or(false)
    }

    /// Refuses unknown keys, in the forms whose contract is not to ignore them.
    pub(super) fn only(&self, keys: &[&'static str]) {
        let form = self.node.source.form;
        if matches!(form, ManifestForm::Bundle | ManifestForm::Package) {
            return;
        }
        let known: Vec<_> = keys.iter().map(|key| self.node.source.spelling(key)).collect();
        for (name, node) in self.all().filter(|(name, _)| !known.iter().any(|key| key == name)) {
            let message = match closest(name, known.iter().map(Cow::as_ref)) {
                Some(key) => format!("unknown key \"{name}\"; did you mean \"{key}\"?"),
                None => format!("unknown key \"{name}\"; known here: {}", known.join(", ")),
            };
            node.fail(message);
        }
    }
}
