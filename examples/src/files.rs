//! Manifests on the disk.

use std::fs;
use std::path::Path;

use pointsman_render::ManifestSet;

/// The manifests of a file or a folder, named by their paths as they are reached from here: `shown` is what the user calls it.
///
/// # Errors
///
/// As [`read_manifests`].
pub fn read_manifests_as(path: &Path, shown: &str) -> Result<ManifestSet, String> {
    let read = read_manifests(path)?;
    let is_file = path.is_file();
    let mut named = ManifestSet::new();
    for (name, text) in read.iter() {
        let name = if is_file { shown.to_owned() } else { format!("{}/{name}", shown.trim_end_matches('/')) };
        named.insert(name, text);
    }
    Ok(named)
}

/// All manifests of a file or a folder; paths are relative to the folder.
///
/// # Errors
///
/// A file that cannot be read or is no text, a folder without manifests.
pub fn read_manifests(path: &Path) -> Result<ManifestSet, String> {
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

/// The text of a file.
///
/// # Errors
///
/// A file that is not there, or is no text.
pub fn read_text(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| said(path, &error))?;
    String::from_utf8(bytes).map_err(|_| format!("{}: the file is not UTF-8 text", path.display()))
}

/// What an error about a path says.
#[must_use]
pub fn said(path: &Path, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("{}: there is no such file or folder", path.display()),
        _ => format!("{}: {error}", path.display()),
    }
}
