//! Folders on the disk: the only place of this example that reads and writes files.

use std::fs;
use std::path::{Path, PathBuf};

use pointsman_render::ManifestSet;

use crate::Failure;

/// The folder of one run: a folder a stage, each written whole or not at all.
pub(crate) struct RunFolder {
    root: PathBuf,
}

impl RunFolder {
    /// Opens the folder, and clears away what an earlier run left there.
    pub(crate) fn open(root: &Path) -> Result<Self, Failure> {
        let folder = Self { root: root.to_owned() };
        fs::create_dir_all(root).map_err(|error| said(root, &error))?;
        for entry in fs::read_dir(root).map_err(|error| said(root, &error))? {
            let path = entry.map_err(|error| said(root, &error))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_stage =
                name.get(..2).is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
            if path.is_dir() && (is_stage || name.starts_with(".unfinished-") || name == "abort") {
                fs::remove_dir_all(&path).map_err(|error| said(&path, &error))?;
            }
        }
        Ok(folder)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a stage beside its place and moves it there, so that nobody ever sees half of one. Then reads it back.
    pub(crate) fn write_stage(
        &mut self,
        name: &str,
        manifests: &ManifestSet,
    ) -> Result<ManifestSet, Failure> {
        let place = self.root.join(name);
        let flat = name.replace('/', "-");
        let unfinished = self.root.join(format!(".unfinished-{flat}"));
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(|error| said(&unfinished, &error))?;
        }
        for (path, text) in manifests.iter() {
            let file = unfinished.join(path);
            let folder = file.parent().unwrap_or(&unfinished);
            fs::create_dir_all(folder).map_err(|error| said(folder, &error))?;
            fs::write(&file, text).map_err(|error| said(&file, &error))?;
        }
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(|error| said(parent, &error))?;
        }
        fs::rename(&unfinished, &place).map_err(|error| said(&place, &error))?;
        read_manifests(&place)
    }

    pub(crate) fn write(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.root.join(name);
        fs::write(&path, text).map_err(|error| said(&path, &error))
    }
}

/// All manifests of a file or a folder; paths are relative to the folder.
pub(crate) fn read_manifests(path: &Path) -> Result<ManifestSet, Failure> {
    let about = fs::metadata(path).map_err(|error| said(path, &error))?;
    let mut set = ManifestSet::new();
    if about.is_file() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        set.insert(name, read_text(path)?);
        return Ok(set);
    }
    let mut open = vec![path.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| said(&folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| said(&folder, &error))?;
            let found = entry.path();
            // Links to folders are not followed: they may lead in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(found);
                continue;
            }
            let extension = found.extension().and_then(|extension| extension.to_str());
            if matches!(extension, Some("yaml" | "yml" | "json")) {
                let relative = found.strip_prefix(path).unwrap_or(&found);
                let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                set.insert(parts.join("/"), read_text(&found)?);
            }
        }
    }
    if set.is_empty() {
        return Err(format!("{}: the folder has no manifests (*.yaml, *.yml, *.json)", path.display()));
    }
    Ok(set)
}

pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|error| said(path, &error))?;
    String::from_utf8(bytes).map_err(|_| format!("{}: the file is not UTF-8 text", path.display()))
}

fn said(path: &Path, error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("{}: there is no such file or folder", path.display()),
        _ => format!("{}: {error}", path.display()),
    }
}
