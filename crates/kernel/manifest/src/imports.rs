//! The static imports of a module, found without parsing it whole.
//!
//! A scanner that knows comments, strings, templates and regular expressions, and looks at `import` and
//! `export … from` at the top level only. The engine has the last word on whether a module links.

/// A static import or re-export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// What is imported, as written between the quotes.
    pub specifier: String,
    /// The line of the specifier, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
}

/// The static imports of a module, in order.
#[must_use]
pub fn imports(code: &str) -> Vec<Import> {
    let mut scanner = Scanner { code, at: 0, open: Vec::new(), before: Token::Start };
    if code.starts_with("#!") {
        scanner.skip_line();
    }
    let mut found = Vec::new();
    while let Some(token) = scanner.next() {
        if !scanner.open.is_empty() || scanner.before == Token::Punctuation(b'.') {
            scanner.before = token;
            continue;
        }
        let specifier = match token {
            Token::Word("import") => scanner.after_import(),
            Token::Word("export") => scanner.after_export(),
            _ => None,
        };
        scanner.before = token;
        if let Some((start, specifier)) = specifier {
            found.push((start, specifier.to_owned()));
            scanner.before = Token::Text(specifier);
        }
    }
    found.into_iter().map(|(start, specifier)| locate(code, start, specifier)).collect()
}

fn locate(code: &str, start: usize, specifier: String) -> Import {
    let before = &code[..start];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Import { specifier, line, column: before[line_start..].chars().count() + 1 }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'c> {
    /// Nothing yet.
    Start,
    /// A name, keyword or number.
    Word(&'c str),
    /// A string without its quotes.
    Text(&'c str),
    /// A whole template or regular expression.
    Literal,
    /// One character of punctuation; of `++`, `--` and `=>` the last.
    Punctuation(u8),
    /// A closing bracket after which an operand begins: that of a block or of `if (…)`.
    CloseOfStatement,
    /// `++` or `--`.
    Step,
}

/// What a bracket still open will be followed by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A value: `/` divides.
    Value,
    /// A statement: `/` begins a regular expression.
    Statement,
    /// The rest of a template.
    Template,
}

struct Scanner<'c> {
    code: &'c str,
    at: usize,
    open: Vec<Open>,
    before: Token<'c>,
}

impl<'c> Scanner<'c> {
    fn peek(&self, ahead: usize) -> u8 {
        self.code.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_line(&mut self) {
        self.at = self.code[self.at..].find('\n').map_or(self.code.len(), |length| self.at + length);
    }

    fn skip_blank(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'/') => self.skip_line(),
                (b'/', b'*') => {
                    let rest = self.code.get(self.at + 2..).unwrap_or_default();
                    self.at = rest.find("*/").map_or(self.code.len(), |length| self.at + length + 4);
                }
                (byte, _) if byte.is_ascii_whitespace() || byte == 0x0b => self.at += 1,
                // No-break space and the byte order mark.
                (0xc2, 0xa0) => self.at += 2,
                (0xef, 0xbb) => self.at += 3,
                _ => return,
            }
        }
    }

    fn next(&mut self) -> Option<Token<'c>> {
        self.skip_blank();
        let start = self.at;
        let byte = *self.code.as_bytes().get(start)?;
        let token = match byte {
            b'\'' | b'"' => {
                self.skip_quoted(byte);
                Token::Text(self.code.get(start + 1..self.at.saturating_sub(1)).unwrap_or_default())
            }
            b'`' => {
                self.at += 1;
                self.template()
            }
            b'/' if self.expects_operand() => {
                self.skip_regular_expression();
                Token::Literal
            }
            _ if is_word(byte) => {
                while is_word(self.peek(0)) || (byte.is_ascii_digit() && self.peek(0) == b'.') {
                    self.at += 1;
                }
                Token::Word(&self.code[start..self.at])
            }
            _ => self.punctuation(byte),
        };
        Some(token)
    }

    fn punctuation(&mut self, byte: u8) -> Token<'c> {
        self.at += 1;
        match byte {
            b'(' => {
                let heads = ["if", "while", "for", "with"].map(Token::Word);
                self.open.push(if heads.contains(&self.before) { Open::Statement } else { Open::Value });
            }
            b'{' => {
                let block = self.begins_block();
                self.open.push(if block { Open::Statement } else { Open::Value });
            }
            b'[' => self.open.push(Open::Value),
            b')' | b']' | b'}' => match self.open.pop() {
                Some(Open::Template) => return self.template(),
                Some(Open::Statement) => return Token::CloseOfStatement,
                _ => {}
            },
            b'+' | b'-' if self.peek(0) == byte => {
                self.at += 1;
                return Token::Step;
            }
            b'=' if self.peek(0) == b'>' => {
                self.at += 1;
                return Token::Punctuation(b'>');
            }
            _ => {}
        }
        Token::Punctuation(byte)
    }

    /// Whether `/` here begins a regular expression.
    fn expects_operand(&self) -> bool {
        const BEFORE_OPERAND: [&str; 14] = [
            "return",
            "typeof",
            "case",
            "in",
            "of",
            "delete",
            "void",
            "throw",
            "new",
            "instanceof",
            "else",
            "do",
            "yield",
            "await",
        ];
        match self.before {
            Token::Start | Token::CloseOfStatement => true,
            Token::Word(word) => BEFORE_OPERAND.contains(&word),
            Token::Text(_) | Token::Literal | Token::Step => false,
            Token::Punctuation(byte) => !matches!(byte, b')' | b']' | b'}'),
        }
    }

    /// Whether `{` here begins a block rather than an object.
    fn begins_block(&self) -> bool {
        match self.before {
            Token::Start | Token::CloseOfStatement => true,
            Token::Word(word) => ["else", "do", "try", "finally"].contains(&word),
            Token::Punctuation(byte) => matches!(byte, b')' | b';' | b'{' | b'}' | b'>'),
            Token::Text(_) | Token::Literal | Token::Step => false,
        }
    }

    fn skip_quoted(&mut self, quote: u8) {
        self.at += 1;
        while self.at < self.code.len() {
            let byte = self.peek(0);
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == quote {
                break;
            }
        }
        self.at = self.at.min(self.code.len());
    }

    fn skip_regular_expression(&mut self) {
        let mut in_class = false;
        self.at += 1;
        while self.at < self.code.len() {
            let byte = self.peek(0);
            self.at += if byte == b'\\' { 2 } else { 1 };
            match byte {
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => break,
                b'\n' => break,
                _ => {}
            }
        }
        while is_word(self.peek(0)) {
            self.at += 1;
        }
        self.at = self.at.min(self.code.len());
    }

    /// Goes on inside a template, up to its end or the next `${`.
    fn template(&mut self) -> Token<'c> {
        while self.at < self.code.len() {
            let byte = self.peek(0);
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'`' {
                break;
            }
            if byte == b'$' && self.peek(0) == b'{' {
                self.at += 1;
                self.open.push(Open::Template);
                return Token::Punctuation(b'{');
            }
        }
        self.at = self.at.min(self.code.len());
        Token::Literal
    }

    /// `"x"` or `… from "x"`; nothing for `import(…)` and `import.meta`.
    fn after_import(&mut self) -> Option<(usize, &'c str)> {
        self.skip_blank();
        match self.peek(0) {
            b'(' | b'.' => None,
            b'\'' | b'"' => self.specifier(),
            _ => self.clause(),
        }
    }

    /// `* from "x"` and `{…} from "x"`.
    fn after_export(&mut self) -> Option<(usize, &'c str)> {
        self.skip_blank();
        matches!(self.peek(0), b'*' | b'{').then(|| self.clause()).flatten()
    }

    /// Skips names and braces up to `from "x"`. Gives up, and back, at anything else.
    fn clause(&mut self) -> Option<(usize, &'c str)> {
        let begin = self.at;
        let mut in_braces = false;
        let mut closed = false;
        while let Some(byte) = {
            self.skip_blank();
            self.code.as_bytes().get(self.at).copied()
        } {
            match byte {
                b'{' if !in_braces => in_braces = true,
                b'}' if in_braces => (in_braces, closed) = (false, true),
                b',' | b'*' => {}
                b'\'' | b'"' if in_braces => {
                    self.skip_quoted(byte);
                    continue;
                }
                _ if is_word(byte) => {
                    let start = self.at;
                    while is_word(self.peek(0)) {
                        self.at += 1;
                    }
                    let word = &self.code[start..self.at];
                    self.skip_blank();
                    if word == "from" && !in_braces && matches!(self.peek(0), b'\'' | b'"') {
                        return self.specifier();
                    }
                    if closed && !in_braces {
                        break;
                    }
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        self.at = begin;
        None
    }

    fn specifier(&mut self) -> Option<(usize, &'c str)> {
        let start = self.at;
        self.skip_quoted(self.peek(0));
        self.code.get(start + 1..self.at.saturating_sub(1)).map(|text| (start, text))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#' | b'\\') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> Vec<String> {
        imports(code).into_iter().map(|import| import.specifier).collect()
    }

    #[test]
    fn every_static_form_is_found() {
        let code = r#"
            import "a"; import b from 'b'; import * as c from "c"
            import {d as e, "x-y" as f} from "d"; import g, {h} from "g"; import from from "from";
            import data from "j" with { type: "json" };
            export * from "k"; export * as l from "l"; export {m, default as n} from "m";
            export {b}; export default 1; export const o = "from 'no'";
        "#;
        assert_eq!(found(code), ["a", "b", "c", "d", "g", "from", "j", "k", "l", "m"]);
        assert_eq!(found(r#"import{a as b}from"x";import y,{z}from"y";export{b}from"z""#), ["x", "y", "z"]);
    }

    #[test]
    fn what_only_looks_like_an_import_is_not_one() {
        let code = r#"
            // import "comment"
            /* import "comment" */
            const a = 'import "string"', b = `import "template" ${ `${ { import: 1 }.import }` } import "x"`;
            const re = /import "re" [/"'`] /.test(a), c = 4 / 2 / 1, d = a.import / 1; // import "y"
            if (a) /import "re2"'/.exec(a)
            function f() { return /"/ } /import "re3"'/.test(a);
            const lazy = import("lazy"), url = import.meta.url; x++ / 2; "import 'z'";
            const o = { import: "p", export: "q" }; class C { import() { return "import 'r'" } }
        "#;
        assert_eq!(found(code), Vec::<String>::new());
    }

    #[test]
    fn scanning_goes_on_in_step_after_every_literal() {
        let code = "const t=`a${b}c${{d:'}'}.d}`;let r=x/y/z;let s=/[/\\]`]/g;\nimport q from 'q'";
        let import = imports(code).remove(0);
        assert_eq!((import.specifier.as_str(), import.line, import.column), ("q", 2, 15));
    }

    #[test]
    fn unfinished_code_ends_quietly() {
        for code in [
            "import",
            "import {",
            "import x from",
            "import '",
            "export *",
            "`${",
            "/",
            "/*",
            "'\\",
            "\u{e9}/",
            "import x from 'é",
        ] {
            let _ = imports(code);
        }
    }
}
