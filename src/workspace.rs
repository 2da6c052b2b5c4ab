//! The tree to patch: its root, the version in its manifest, and the paths that belong to it.
//!
//! Every path of a patch file passes through [`Workspace::resolve`] once and is a canonical [`Target`] afterwards.
//! Nothing here reads a target or asks git; the caller reads the manifest, because under `--rev` it is not on the
//! disk. A path is confined by the file to which it leads, not by its spelling: a check of the spelling alone would
//! let symbolic links lead out.
#![expect(clippy::disallowed_methods, reason = "the one room that finds the root and resolves paths")]

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use semver::Version;

use crate::files::{FileKind, slashed};
use crate::regular::{self, Unread, present};

const MANIFEST: &str = "Cargo.toml";
/// The directory of upstream's repository that is its workspace.
pub(crate) const INNER: &str = "codex-rs";

/// The root that every target must lie under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    root: PathBuf,
    shown: String,
}

/// Why there is no workspace to work on.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The directory that was asked for does not exist.
    #[error("workspace `{}` does not exist", .path.display())]
    Missing {
        /// As given.
        path: PathBuf,
    },
    /// What was asked for is a file.
    #[error("workspace `{}` is not a directory", .path.display())]
    NotDirectory {
        /// As given.
        path: PathBuf,
    },
    /// None was asked for and none is around the current directory.
    #[error("found no Cargo workspace at or above `{}`", .cwd.display())]
    NotFound {
        /// Where the search began.
        cwd: PathBuf,
    },
    /// The directory cannot be looked at.
    #[error("cannot open workspace `{}`", .path.display())]
    Io {
        /// As given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A regular file inside the workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Canonical and absolute.
    pub(crate) path: PathBuf,
    /// Canonical, relative to the root, separated by `/`: one file has one, however a patch spells it.
    pub relative: String,
}

/// Why a path is no target. `path` is always as the patch file spells it.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Nothing is there, though it could be.
    #[error("`{path}` does not exist")]
    Missing {
        /// As spelled.
        path: String,
        /// Where it would be: relative to the root, separated by `/`, with the links followed that exist.
        relative: String,
    },
    /// It lies outside the workspace, or a symbolic link leads out.
    #[error("`{path}` is outside the workspace")]
    Outside {
        /// As spelled.
        path: String,
    },
    /// Something is there that has no content to edit.
    #[error("`{path}` is {what}, not a regular file")]
    NotRegular {
        /// As spelled.
        path: String,
        /// What it is.
        what: FileKind,
    },
    /// It lies in `.git/`, or in `target/` at the root.
    #[error("`{path}` is in a directory that codex-patcher never changes")]
    Reserved {
        /// As spelled.
        path: String,
    },
    /// The system cannot say.
    #[error("cannot resolve `{path}`")]
    Io {
        /// As spelled.
        path: String,
        /// What the system says.
        source: io::Error,
    },
}

impl Workspace {
    /// The workspace `given` (relative to `cwd`; an empty path counts as none), else the nearest one around `cwd`.
    ///
    /// A directory that holds `codex-rs/` and no `Cargo.toml` stands for its `codex-rs/`. A given directory
    /// needs no manifest; one that is searched for needs a `Cargo.toml` with `[workspace]`, and a manifest that
    /// does not parse is passed over.
    ///
    /// # Errors
    /// [`WorkspaceError`]: the given directory is not there or not a directory, or none was found.
    pub fn find(given: Option<&Path>, cwd: &Path) -> Result<Self, WorkspaceError> {
        match given.filter(|dir| !dir.as_os_str().is_empty()) {
            Some(dir) => Self::open(cwd, dir),
            None => {
                for dir in cwd.ancestors() {
                    let found = workspace_at(dir);
                    let error = |source| WorkspaceError::Io { path: dir.to_owned(), source };
                    if let Some(dir) = found.map_err(error)? {
                        return Self::open(cwd, &dir);
                    }
                }
                Err(WorkspaceError::NotFound { cwd: cwd.to_owned() })
            }
        }
    }

    /// Canonical and absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The root as the user knows it: as given, or as found around the current directory.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// The file that `path` means: relative to `base` (the current directory), or to the root where that is
    /// `None`; an absolute path is itself.
    ///
    /// `..` is taken back without asking the disk; symbolic links are followed, as long as they stay inside.
    ///
    /// # Errors
    /// [`TargetError`]. Nothing is opened, so a pipe or a device cannot block.
    pub fn resolve(&self, path: &str, base: Option<&Path>) -> Result<Target, TargetError> {
        let lexical = normalise(&base.unwrap_or(&self.root).join(path));
        let inside = lexical.strip_prefix(&self.root).ok();
        if inside.is_none() && base.is_none() && Path::new(path).is_relative() {
            return Err(TargetError::Outside { path: path.to_owned() });
        }
        if inside.is_some_and(is_reserved) {
            return Err(TargetError::Reserved { path: path.to_owned() });
        }
        match fs::canonicalize(&lexical) {
            Ok(canonical) => self.target(path, canonical),
            Err(error) if is_absence(&error) => self.absence(path, &lexical),
            Err(source) => Err(TargetError::Io { path: path.to_owned(), source }),
        }
    }

    /// The path that `path` means, relative to the root, without asking the disk: for a tree that is not checked out.
    ///
    /// # Errors
    /// [`TargetError::Outside`] and [`TargetError::Reserved`].
    pub(crate) fn spelled(&self, path: &str, base: Option<&Path>) -> Result<String, TargetError> {
        let lexical = normalise(&base.unwrap_or(&self.root).join(path));
        let outside = || TargetError::Outside { path: path.to_owned() };
        let inside = lexical.strip_prefix(&self.root).map_err(|_| outside())?;
        if is_reserved(inside) {
            return Err(TargetError::Reserved { path: path.to_owned() });
        }
        slashed(inside).ok_or_else(outside)
    }

    fn open(cwd: &Path, dir: &Path) -> Result<Self, WorkspaceError> {
        let error = |source: io::Error| match is_absence(&source) {
            true => WorkspaceError::Missing { path: dir.to_owned() },
            false => WorkspaceError::Io { path: dir.to_owned(), source },
        };
        let at = cwd.join(dir);
        if !fs::metadata(&at).map_err(error)?.is_dir() {
            return Err(WorkspaceError::NotDirectory { path: dir.to_owned() });
        }
        let stands_for_inner =
            is(&at.join(INNER), fs::Metadata::is_dir).map_err(error)? && !has_manifest(&at).map_err(error)?;
        let (at, shown) =
            if stands_for_inner { (at.join(INNER), dir.join(INNER)) } else { (at, dir.to_owned()) };
        let root = fs::canonicalize(at).map_err(error)?;
        Ok(Self { root, shown: shown.display().to_string() })
    }

    fn target(&self, path: &str, canonical: PathBuf) -> Result<Target, TargetError> {
        let relative = self.confined(path, &canonical)?;
        let io = |source| TargetError::Io { path: path.to_owned(), source };
        match FileKind::unless_regular(fs::symlink_metadata(&canonical).map_err(io)?.file_type()) {
            Some(what) => Err(TargetError::NotRegular { path: path.to_owned(), what }),
            None => Ok(Target { path: canonical, relative }),
        }
    }

    /// Which error a path that is not there earns: what exists of it decides whether it would be inside.
    fn absence<T>(&self, path: &str, lexical: &Path) -> Result<T, TargetError> {
        let io = |source| TargetError::Io { path: path.to_owned(), source };
        let mut landing = lexical.to_owned();
        for above in lexical.ancestors().skip(1) {
            let rest = lexical.strip_prefix(above).expect("it is above");
            if let Some(real) = present(fs::canonicalize(above)).map_err(io)? {
                landing = real.join(rest);
                break;
            }
        }
        let relative = self.confined(path, &landing)?;
        Err(TargetError::Missing { path: path.to_owned(), relative })
    }

    fn confined(&self, path: &str, canonical: &Path) -> Result<String, TargetError> {
        let Ok(inside) = canonical.strip_prefix(&self.root) else {
            return Err(TargetError::Outside { path: path.to_owned() });
        };
        if is_reserved(inside) {
            return Err(TargetError::Reserved { path: path.to_owned() });
        }
        slashed(inside).ok_or_else(|| TargetError::Io {
            path: path.to_owned(),
            source: io::ErrorKind::InvalidFilename.into(),
        })
    }
}

/// What a manifest says its version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ManifestVersion {
    /// This version.
    Version(Version),
    /// `0.0.0`, which upstream keeps on its main branch: no version at all.
    Placeholder,
    /// Nothing that is a version.
    None,
}

/// The version in the text of a `Cargo.toml`: `[workspace.package].version`, else `[package].version`.
pub(crate) fn manifest_version(text: &str) -> ManifestVersion {
    let Ok(manifest) = text.parse::<toml::Table>() else { return ManifestVersion::None };
    let of = |table: Option<&toml::Value>| table?.get("package")?.get("version")?.as_str().map(str::to_owned);
    let own = || manifest.get("package")?.get("version")?.as_str().map(str::to_owned);
    match of(manifest.get("workspace")).or_else(own).map(|version| Version::parse(&version)) {
        Some(Ok(version)) if version.pre.is_empty() && is_zero(&version) => ManifestVersion::Placeholder,
        Some(Ok(version)) => ManifestVersion::Version(version),
        Some(Err(_)) | None => ManifestVersion::None,
    }
}

fn is_zero(version: &Version) -> bool {
    (version.major, version.minor, version.patch) == (0, 0, 0)
}

fn is(path: &Path, kind: fn(&fs::Metadata) -> bool) -> io::Result<bool> {
    Ok(present(fs::metadata(path))?.is_some_and(|metadata| kind(&metadata)))
}

fn has_manifest(dir: &Path) -> io::Result<bool> {
    is(&dir.join(MANIFEST), fs::Metadata::is_file)
}

fn workspace_at(dir: &Path) -> io::Result<Option<PathBuf>> {
    if has_manifest(dir)? {
        return Ok(is_workspace(dir)?.then(|| dir.to_owned()));
    }
    let inner = dir.join(INNER);
    Ok(is_workspace(&inner)?.then_some(inner))
}

fn is_workspace(dir: &Path) -> io::Result<bool> {
    let bytes = match regular::read(&dir.join(MANIFEST)) {
        Err(Unread::Io(error)) => present(Err(error))?,
        other => other.ok(),
    };
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let table = text.and_then(|text| text.parse::<toml::Table>().ok());
    Ok(table.is_some_and(|table| table.get("workspace").is_some_and(toml::Value::is_table)))
}

fn normalise(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// `.git` in any letter case: on a file system that ignores case, all of them are the same directory.
fn is_reserved(inside: &Path) -> bool {
    let mut components = inside.components();
    components.clone().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"))
        || components.next().is_some_and(|first| first.as_os_str() == "target")
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        (dir, root)
    }

    fn workspace(files: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
        let (dir, root) = tree(files);
        let workspace = Workspace::find(Some(&root), Path::new("/")).unwrap();
        (dir, workspace)
    }

    #[test]
    fn the_nearest_workspace_is_found_past_members_and_broken_manifests() {
        let (_dir, root) = tree(&[
            ("Cargo.toml", "[workspace]\nmembers = ['a']"),
            ("a/Cargo.toml", "[package]\nname = 'a'"),
            ("a/b/Cargo.toml", "[workspace"),
            ("a/b/c/x.rs", ""),
        ]);
        let found = Workspace::find(None, &root.join("a/b/c")).unwrap();
        assert_eq!(found.root(), root);
        assert_eq!(found.shown(), root.display().to_string());
    }

    #[test]
    fn a_repository_root_stands_for_its_codex_rs_given_or_found() {
        let (_dir, root) = tree(&[("codex-rs/Cargo.toml", "[workspace]"), ("docs/x.md", "")]);
        assert_eq!(Workspace::find(None, &root).unwrap().root(), root.join("codex-rs"));
        assert_eq!(Workspace::find(None, &root.join("docs")).unwrap().root(), root.join("codex-rs"));
        let given = Workspace::find(Some(Path::new("docs/..")), &root).unwrap();
        assert_eq!(given.root(), root.join("codex-rs"));
        assert_eq!(given.shown(), Path::new("docs/../codex-rs").display().to_string());
        fs::write(root.join("Cargo.toml"), "").unwrap();
        assert_eq!(Workspace::find(Some(&root), &root).unwrap().root(), root);
    }

    #[test]
    fn what_is_no_workspace_is_named() {
        let (_dir, root) = tree(&[("file", "")]);
        let find = |given: &str| Workspace::find(Some(Path::new(given)), &root).unwrap_err();
        assert!(matches!(find("nowhere"), WorkspaceError::Missing { path } if path == Path::new("nowhere")));
        assert!(matches!(find("file"), WorkspaceError::NotDirectory { path } if path == Path::new("file")));
        for given in [None, Some(Path::new(""))] {
            let error = Workspace::find(given, &root).unwrap_err();
            assert!(matches!(error, WorkspaceError::NotFound { cwd } if cwd == root));
        }
    }

    #[test]
    fn one_file_has_one_name() {
        let (_dir, workspace) = workspace(&[("a/x.rs", ""), ("b/y.rs", "")]);
        let root = workspace.root();
        let absolute = root.join("a/x.rs");
        let spellings = [
            ("a/x.rs", None),
            ("./b/.././a//x.rs", None),
            ("x.rs", Some(root.join("a"))),
            ("../a/x.rs", Some(root.join("b"))),
            (absolute.to_str().unwrap(), Some(root.join("b"))),
            (absolute.to_str().unwrap(), None),
        ];
        for (path, base) in spellings {
            let target = workspace.resolve(path, base.as_deref()).unwrap();
            assert_eq!(target, Target { path: absolute.clone(), relative: "a/x.rs".to_owned() }, "{path}");
        }
    }

    #[test]
    fn paths_out_of_the_workspace_are_refused_there_or_not() {
        let (_dir, root) = tree(&[("ws/x.rs", ""), ("out.rs", "")]);
        let workspace = Workspace::find(Some(&root.join("ws")), &root).unwrap();
        let out = root.join("out.rs");
        let cases = [
            ("../out.rs", None),
            ("../nothing.rs", None),
            ("a/../../out.rs", None),
            ("../ws2/x.rs", None),
            ("out.rs", Some(root.as_path())),
            ("nothing.rs", Some(root.as_path())),
            (out.to_str().unwrap(), None),
        ];
        for (path, base) in cases {
            let error = workspace.resolve(path, base).unwrap_err();
            assert!(matches!(&error, TargetError::Outside { path: p } if p == path), "{path}: {error:?}");
        }
        assert_eq!(workspace.resolve("ws/x.rs", Some(&root)).unwrap().relative, "x.rs");
    }

    #[test]
    fn what_is_missing_says_where_it_would_be() {
        let (_dir, workspace) = workspace(&[("a/x.rs", "")]);
        for (path, expected) in [("a/b/../y.rs", "a/y.rs"), ("n/m.rs", "n/m.rs"), ("a/x.rs/z", "a/x.rs/z")] {
            let error = workspace.resolve(path, None).unwrap_err();
            assert!(
                matches!(&error, TargetError::Missing { relative, .. } if relative == expected),
                "{error:?}"
            );
        }
    }

    #[test]
    fn git_and_build_directories_are_reserved() {
        let (_dir, workspace) =
            workspace(&[(".git/config", ""), ("target/x.rs", ""), ("a/target/x.rs", ""), ("a/.git", "")]);
        for path in
            [".git/config", "a/.git", "a/.GIT/nothing", "target/x.rs", "target/no.rs", "a/../target/x.rs"]
        {
            let error = workspace.resolve(path, None).unwrap_err();
            assert!(matches!(error, TargetError::Reserved { .. }), "{path}: {error:?}");
        }
        assert_eq!(workspace.resolve("a/target/x.rs", None).unwrap().relative, "a/target/x.rs");
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_may_move_inside_but_not_out() {
        use std::os::unix::fs::symlink;
        let (_dir, root) = tree(&[("ws/a/x.rs", ""), ("ws/target/t.rs", ""), ("out.rs", "")]);
        let workspace = Workspace::find(Some(&root.join("ws")), &root).unwrap();
        symlink("a", root.join("ws/link")).unwrap();
        symlink("a/x.rs", root.join("ws/file")).unwrap();
        symlink("..", root.join("ws/up")).unwrap();
        symlink("target", root.join("ws/built")).unwrap();
        symlink("loop", root.join("ws/loop")).unwrap();
        symlink(root.join("ws"), root.join("alias")).unwrap();
        let resolve = |path: &str| workspace.resolve(path, None);
        assert_eq!(resolve("link/x.rs").unwrap().relative, "a/x.rs");
        assert_eq!(resolve("file").unwrap().relative, "a/x.rs");
        assert!(matches!(resolve("up/out.rs"), Err(TargetError::Outside { .. })));
        assert!(matches!(resolve("up/nothing.rs"), Err(TargetError::Outside { .. })));
        assert!(matches!(resolve("../alias/a/x.rs"), Err(TargetError::Outside { .. })));
        assert!(matches!(resolve("built/t.rs"), Err(TargetError::Reserved { .. })));
        assert!(matches!(resolve("loop"), Err(TargetError::Io { .. })));
        let aliased = workspace.resolve("a/x.rs", Some(&root.join("alias"))).unwrap();
        assert_eq!(aliased.relative, "a/x.rs");
        let missing = workspace.resolve("a/no.rs", Some(&root.join("alias"))).unwrap_err();
        assert!(matches!(missing, TargetError::Missing { relative, .. } if relative == "a/no.rs"));
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_targets() {
        let (_dir, workspace) = workspace(&[("a/x.rs", "")]);
        let socket = workspace.root().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, expected) in
            [("a", FileKind::Directory), ("", FileKind::Directory), ("socket", FileKind::Socket)]
        {
            let error = workspace.resolve(path, None).unwrap_err();
            assert!(matches!(error, TargetError::NotRegular { what, .. } if what == expected), "{path}");
        }
    }

    #[test]
    fn versions_come_from_the_workspace_first() {
        let version = |text| ManifestVersion::Version(Version::parse(text).unwrap());
        for (text, expected) in [
            (
                "[workspace.package]\nversion = '0.5.0-alpha.1'\n[package]\nversion = '1.0.0'",
                version("0.5.0-alpha.1"),
            ),
            ("[workspace]\n[package]\nversion = '1.2.3'", version("1.2.3")),
            ("\u{feff}[package]\nversion = '1.2.3'", version("1.2.3")),
            ("[package]\nversion = '0.0.0'", ManifestVersion::Placeholder),
            ("[package]\nversion.workspace = true", ManifestVersion::None),
            ("[package]\nversion = '1.2'", ManifestVersion::None),
            ("[workspace", ManifestVersion::None),
            ("", ManifestVersion::None),
        ] {
            assert_eq!(manifest_version(text), expected, "{text}");
        }
    }
}
