//! The tables and keys of a patch file down to its patches, and the schema of the whole file. Editors show the
//! descriptions when the user hovers over a key.
//!
//! This stands above the other declarations: the table of a patch says which of its parts can be combined, and the
//! parts do not know it.

use serde_json::{Value, json};

use super::declared::{DeclaredKey, Flag, Other, Sub, Table, Takes as _, Text, nothing};
use super::{compatibility, keys, rule_keys};

pub(super) static ROOT: Table =
    Table { title: "the patch file", keys: &[&META, &PATCHES], required: &[&PATCHES], further: nothing };

pub(super) static META: DeclaredKey<Sub> =
    DeclaredKey::new("meta", Sub(&META_TABLE), "Settings for the whole file. All of them are optional.");
pub(super) static PATCHES: DeclaredKey<Other> = DeclaredKey::new(
    "patches",
    Other(|| json!({ "type": "array", "items": PATCH_TABLE.schema(), "minItems": 1 })),
    "The patches, in the order in which they are applied. Each one is a table `[[patches]]`.",
);

pub(super) static META_TABLE: Table = Table {
    title: "`[meta]`",
    keys: &[&NAME, &META_DESCRIPTION, &VERSION_RANGE, &WORKSPACE_RELATIVE],
    required: &[],
    further: nothing,
};

pub(super) static NAME: DeclaredKey<Text> = DeclaredKey::new(
    "name",
    Text::NotBlank,
    "The name of the patch set. Default: the file name without its extension.",
);
pub(super) static META_DESCRIPTION: DeclaredKey<Text> = DeclaredKey::new(
    "description",
    Text::Any,
    "What the set changes for its user. `codex-patcher list` shows the first line.",
);
pub(super) static VERSION_RANGE: DeclaredKey<Text> = DeclaredKey::new(
    "version_range",
    Text::Any,
    "The workspace versions that the file is for, like `>=0.122, <0.126`. On any other version \
     the whole file is skipped.\n\n\
     Versions compare in plain semver order, pre-releases included; `<0.126` excludes `0.126.0-alpha.1` too.",
);
pub(super) static WORKSPACE_RELATIVE: DeclaredKey<Flag> = DeclaredKey::new(
    "workspace_relative",
    Flag(true),
    "`false`: paths are relative to the current directory, or absolute. They must still lie inside the workspace.",
);

pub(super) static PATCH_TABLE: Table = Table {
    title: "the patch",
    keys: &[
        &ID,
        &DESCRIPTION,
        &FILE,
        &RELOCATE,
        &VERSION,
        &ENABLED,
        &keys::QUERY,
        &keys::OPERATION,
        &keys::VERIFY,
        &keys::CONSTRAINT,
    ],
    required: &[&ID, &FILE, &keys::QUERY, &keys::OPERATION],
    further: compatibility::schema,
};

pub(super) static ID: DeclaredKey<Text> = DeclaredKey::new(
    "id",
    Text::Word,
    "The name of the patch in reports and for `--only` and `--skip`, without white space. Each id must be \
     unique in a run.",
)
.if_empty("name the patch in a word: what it changes, like `otel-off`");
pub(super) static DESCRIPTION: DeclaredKey<Text> =
    DeclaredKey::new("description", Text::Any, "Why the patch exists, for whoever reads it next year.");
pub(super) static FILE: DeclaredKey<Other> = DeclaredKey::new(
    "file",
    Other(|| {
        json!({
            "type": ["string", "array"],
            "pattern": "\\S",
            "items": Text::NotBlank.schema(),
            "minItems": 1,
            "uniqueItems": true,
        })
    }),
    "The file to patch, relative to the workspace.\n\nOr a list of candidate files. The patch is done if it \
     is in place in one of them. Otherwise it applies in the one candidate where it can; if it can apply in \
     two, it is ambiguous and fails.",
);
pub(super) static RELOCATE: DeclaredKey<Flag> = DeclaredKey::new(
    "relocate",
    Flag(false),
    "Follow the code into another file if it left this one, as `--drift move` does for a whole run.",
);
pub(super) static VERSION: DeclaredKey<Text> = DeclaredKey::new(
    "version",
    Text::Any,
    "The workspace versions that this patch is for, in addition to `version_range` of the file. On any other \
     version the patch is skipped.",
);
pub(super) static ENABLED: DeclaredKey<Flag> =
    DeclaredKey::new("enabled", Flag(true), "`false` skips the patch.");
/// The schema of a whole patch file.
pub(super) fn schema() -> Value {
    let mut schema = ROOT.schema();
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = "A patch file of codex-patcher".into();
    schema["description"] = "Local changes that codex-patcher keeps alive on a fast-moving upstream.".into();
    schema["definitions"] = rule_keys::definitions();
    schema
}
