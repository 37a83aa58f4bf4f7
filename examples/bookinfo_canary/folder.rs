//! The folders that this example writes.

use std::fs;
use std::path::{Path, PathBuf};

use pointsman_examples::files::{read_manifests, said};
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
