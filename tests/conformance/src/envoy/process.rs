//! One Envoy process.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// One Envoy process; ended when dropped.
#[derive(Debug)]
pub(super) struct Envoy {
    child: Child,
    file: PathBuf,
    pub(super) port: u16,
}

impl Envoy {
    /// A port that was free a moment ago.
    pub(super) fn free_port() -> std::io::Result<u16> {
        Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
    }

    /// Starts the binary with a bootstrap whose listener has that port, and waits until it answers.
    pub(super) fn start(binary: &Path, bootstrap: &str, port: u16) -> Result<Self, String> {
        let name = format!("pointsman-envoy-{}-{port}.json", std::process::id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, bootstrap).map_err(|error| error.to_string())?;
        // Not a pipe: an Envoy that complains a lot would wait for somebody to read it.
        let complaints = std::fs::File::create(complaints(&file)).map_err(|error| error.to_string())?;
        let child = Command::new(binary)
            .arg("-c")
            .arg(&file)
            .args(["--concurrency", "1", "-l", "error", "--use-dynamic-base-id", "--disable-hot-restart"])
            .stdout(Stdio::null())
            .stderr(complaints)
            .spawn()
            .map_err(|error| format!("cannot start `{}`: {error}", binary.display()))?;
        let mut envoy = Self { child, file, port };
        envoy.wait()?;
        Ok(envoy)
    }

    #[allow(clippy::disallowed_methods, reason = "a test waits for a process")]
    fn wait(&mut self) -> Result<(), String> {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(60) {
            if let Ok(Some(status)) = self.child.try_wait() {
                let text = std::fs::read_to_string(complaints(&self.file)).unwrap_or_default();
                return Err(format!("Envoy ended with {status}: {}", text.trim()));
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("Envoy did not listen within a minute".to_owned())
    }
}

/// Where the Envoy of a bootstrap file complains.
fn complaints(bootstrap: &Path) -> PathBuf {
    bootstrap.with_extension("log")
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(complaints(&self.file));
        let _ = std::fs::remove_file(&self.file);
    }
}
