//! What a plugin's statements may name: SQLite asks before it compiles a statement, and everything that is not on
//! these lists is refused.

use std::collections::{HashMap, HashSet};

use parking_lot::Mutex;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// First words of statements plugins may write. The rest of SQL manages transactions, files or the connection.
const STATEMENTS: [&str; 10] =
    ["SELECT", "VALUES", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER"];

/// Pragmas that tell of one table, and the one that puts off foreign keys within a transaction.
const PRAGMAS: [&str; 8] = [
    "table_info",
    "table_xinfo",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "defer_foreign_keys",
];

/// Functions that take time and memory in proportion to their arguments, and tell nothing of the machine. Left out
/// on purpose: `json_patch`, `json_pretty`, `unhex`, `load_extension`, `fts3_tokenizer`, `sqlite_*`, `rtree*`.
const FUNCTIONS: &str = "-> ->> abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling changes char coalesce concat concat_ws \
    cos cosh count cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp \
    first_value floor format glob group_concat hex ifnull iif instr json json_array json_array_insert \
    json_array_length json_error_position json_extract json_group_array json_group_object json_insert \
    json_object json_quote json_remove json_replace json_set json_type json_valid jsonb jsonb_array \
    jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_remove jsonb_replace \
    jsonb_set julianday lag last_insert_rowid last_value lead length like likelihood likely ln log log10 log2 \
    lower ltrim max min mod nth_value ntile nullif octet_length percent_rank pi pow power printf quote radians \
    random randomblob rank replace round row_number rtrim sign sin sinh soundex sqlite_version sqrt strftime \
    string_agg substr substring subtype sum tan tanh time timediff total total_changes trim trunc typeof \
    unicode unixepoch unlikely upper zeroblob if";

/// Tables SQLite makes up, which show pages, statements or settings.
const MADE_UP: [&str; 6] =
    ["dbstat", "sqlite_dbpage", "sqlite_stmt", "bytecode", "tables_used", "completion"];

/// Tables of ours in a plugin's database begin with this.
pub const RESERVED: &str = "_emdash_";
/// Views of the core begin with this.
pub const CORE_PREFIX: &str = "core_";

/// Who is speaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// We are.
    Host,
    /// A plugin.
    Plugin,
    /// A plugin, with `ALTER TABLE`: SQLite then looks through the schemas itself.
    Altering,
}

/// What is there of the core.
#[derive(Default)]
pub struct Core {
    /// What each hidden view reads: columns by table. Nobody but us knows these views' names.
    pub hidden: HashMap<String, HashSet<(String, String)>>,
    /// The views plugins know.
    pub views: HashSet<String>,
    /// Every table there is.
    pub tables: HashSet<String>,
}

struct State {
    speaker: Speaker,
    core: Core,
    /// The columns of the core read while one of our own statements is compiled.
    learned: HashSet<(String, String)>,
    refusal: Option<String>,
}

/// The judge.
pub struct Guard(Mutex<State>);

impl Guard {
    pub fn new() -> Self {
        Self(Mutex::new(State {
            speaker: Speaker::Host,
            core: Core::default(),
            learned: HashSet::new(),
            refusal: None,
        }))
    }

    pub fn speak(&self, speaker: Speaker) {
        let mut state = self.0.lock();
        state.speaker = speaker;
        state.refusal = None;
    }

    pub fn set_core(&self, core: Core) {
        self.0.lock().core = core;
    }

    /// The columns of the core our own statements read since the last call.
    pub fn learned(&self) -> HashSet<(String, String)> {
        std::mem::take(&mut self.0.lock().learned)
    }

    /// Why a statement was refused.
    pub fn refusal(&self) -> Option<String> {
        self.0.lock().refusal.take()
    }

    pub fn judge(&self, context: &AuthContext<'_>) -> Authorization {
        let mut state = self.0.lock();
        if state.speaker == Speaker::Host {
            if let (AuthAction::Read { table_name, column_name }, Some("core")) =
                (context.action, context.database_name)
            {
                state.learned.insert((table_name.to_owned(), column_name.to_owned()));
            }
            return Authorization::Allow;
        }
        match refusal_of(&state, context) {
            None => Authorization::Allow,
            Some(reason) => {
                state.refusal.get_or_insert(reason);
                Authorization::Deny
            }
        }
    }
}

/// Refuses a statement that does not begin as plugins' statements do; otherwise says who speaks.
pub fn speaker_of(sql: &str) -> Result<Speaker, String> {
    if sql.contains('\0') {
        return Err("a statement has no NUL characters".to_owned());
    }
    let word = first_word(sql).to_ascii_uppercase();
    match word.as_str() {
        "ALTER" => Ok(Speaker::Altering),
        "PRAGMA" => Ok(Speaker::Plugin),
        "BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" => {
            Err(format!("{word} is not for plugins; db.batch() runs statements in one transaction"))
        }
        known if STATEMENTS.contains(&known) => Ok(Speaker::Plugin),
        "" => Err("this is not a statement".to_owned()),
        other => Err(format!("{} is not for plugins", other.chars().take(40).collect::<String>())),
    }
}

/// The first word behind white space and comments.
fn first_word(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
        rest = match rest.get(..2) {
            Some("--") => rest.split_once('\n').map_or("", |(_, behind)| behind),
            Some("/*") => rest[2..].split_once("*/").map_or("", |(_, behind)| behind),
            _ => break,
        };
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    &rest[..end]
}

fn refusal_of(state: &State, context: &AuthContext<'_>) -> Option<String> {
    use AuthAction as Action;
    let schema = context.database_name.unwrap_or("main");
    match context.action {
        Action::Select | Action::Recursive => None,
        Action::Function { function_name } => function(state, function_name),
        Action::Read { table_name, column_name } => {
            read(state, context.accessor, schema, table_name, column_name)
        }
        Action::Insert { table_name } | Action::Delete { table_name } | Action::Update { table_name, .. } => {
            write(state, schema, table_name)
        }
        Action::CreateTable { table_name: name } | Action::CreateView { view_name: name } => {
            own(schema, name).or_else(|| core_name(name))
        }
        Action::DropTable { table_name: name } | Action::DropView { view_name: name } => own(schema, name),
        Action::CreateIndex { index_name, table_name } | Action::DropIndex { index_name, table_name } => {
            own(schema, index_name).or_else(|| own(schema, table_name))
        }
        Action::CreateTrigger { trigger_name, table_name }
        | Action::DropTrigger { trigger_name, table_name } => {
            own(schema, trigger_name).or_else(|| own(schema, table_name))
        }
        Action::AlterTable { database_name, table_name } => own(database_name, table_name),
        // Making an index fills it.
        Action::Reindex { index_name } => own(schema, index_name),
        Action::Pragma { pragma_name, pragma_value } => {
            pragma(state, context.database_name, pragma_name, pragma_value)
        }
        Action::Attach { .. } | Action::Detach { .. } => {
            Some("ATTACH and DETACH are not for plugins".to_owned())
        }
        Action::CreateVtable { module_name, .. } => {
            Some(format!("virtual tables ({module_name}) are not for plugins"))
        }
        Action::Transaction { .. } | Action::Savepoint { .. } => {
            Some("transactions are not for plugins; use db.batch()".to_owned())
        }
        _ => Some("temporary tables, views and triggers are not for plugins".to_owned()),
    }
}

fn function(state: &State, name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let internal = state.speaker == Speaker::Altering && name.starts_with("sqlite_");
    let known = internal || FUNCTIONS.split(' ').any(|known| known == name);
    (!known).then(|| format!("the function {name}() is not available"))
}

fn read(state: &State, accessor: Option<&str>, schema: &str, table: &str, column: &str) -> Option<String> {
    let core = &state.core;
    let made_up = |name: &str| MADE_UP.contains(&name) || name.starts_with("pragma_");
    let allowed = match schema {
        "main" => !made_up(&table.to_ascii_lowercase()),
        "temp" if is_schema_table(table) => state.speaker == Speaker::Altering,
        "temp" => core.views.contains(table) || core.hidden.contains_key(table),
        "core" => accessor
            .and_then(|view| core.hidden.get(view))
            .is_some_and(|columns| columns.contains(&(table.to_owned(), column.to_owned()))),
        _ => false,
    };
    (!allowed).then(|| format!("access to {} is prohibited", shown(schema, table)))
}

fn write(state: &State, schema: &str, table: &str) -> Option<String> {
    if schema == "temp" && is_schema_table(table) && state.speaker == Speaker::Altering {
        return None;
    }
    own(schema, table)
}

/// The plugin's own schema, and nothing of ours in it.
fn own(schema: &str, name: &str) -> Option<String> {
    let ours = begins_with(name, RESERVED);
    (schema != "main" || ours).then(|| format!("{} cannot be changed", shown(schema, name)))
}

fn core_name(name: &str) -> Option<String> {
    begins_with(name, CORE_PREFIX)
        .then(|| format!("names that begin with {CORE_PREFIX} belong to views of the core"))
}

/// A pragma without a schema finds tables of the core, so the names of those are refused.
fn pragma(state: &State, schema: Option<&str>, name: &str, value: Option<&str>) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let foreign = value.is_some_and(|value| state.core.tables.contains(&value.to_ascii_lowercase()))
        || (value.is_none() && lower != "defer_foreign_keys");
    let known = PRAGMAS.contains(&lower.as_str()) && schema.is_none_or(|schema| schema == "main");
    (!known || foreign)
        .then(|| format!("PRAGMA {} is not for plugins", lower.chars().take(40).collect::<String>()))
}

fn is_schema_table(table: &str) -> bool {
    ["sqlite_temp_master", "sqlite_temp_schema", "sqlite_master", "sqlite_schema"].contains(&table)
}

/// Names of hidden views are secrets; they only occur in the schema `temp`.
fn shown(schema: &str, table: &str) -> String {
    if schema == "temp" { "temp".to_owned() } else { format!("{schema}.{table}") }
}

fn begins_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_found_behind_whatever_is_no_word() {
        for (sql, word) in [
            ("SELECT 1", "SELECT"),
            (" \t\r\n\u{c}-- no\n/* BEGIN */ -- x\nselect(1)", "select"),
            ("/**/--\nWITH x", "WITH"),
            ("-- only", ""),
            ("/* open", ""),
            (";ATTACH", ""),
            ("\u{feff}SELECT", ""),
            ("", ""),
            ("é", ""),
        ] {
            assert_eq!(first_word(sql), word, "{sql:?}");
        }
    }
}
