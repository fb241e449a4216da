//! WordPress as Debian packages it, on PHP's built-in web server.
//!
//! The scripts in `tests/wordpress` do the work for a test; they run inside WordPress and use its
//! functions.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tokio::sync::OnceCell;

use super::debian;
use super::mariadb::MariaDb;
use super::server::Server;
use crate::{free_address, http_client};

/// The user of web servers, which exists on every Debian.
const USER: &str = "www-data";

/// WordPress's own files, as the package installs them.
const INSTALLED: &str = "/usr/share/wordpress";

/// The site sends some requests to itself, which a single process could not answer.
const WORKERS: &str = "3";

/// A site without posts that connects only to this machine and does nothing on its own.
///
/// It does not depend on the system's web server or its configuration, and several instances can
/// run at once.
#[derive(Debug)]
pub struct WordPress {
    address: SocketAddr,
    installation: Installation,
    _server: Server,
}

impl WordPress {
    /// Installs one and starts it.
    pub async fn start() -> Self {
        let address = free_address();
        let installation = Installation {
            files: Files::shared().await,
            home: format!("http://{address}"),
            mariadb: MariaDb::shared().await.address(),
            database: format!("wordpress_{}", address.port()),
        };
        installation.run("install", &[]).await;
        let server = Server::new("php", debian::folder("wordpress", Some(USER)), "TERM", {
            let installation = installation.clone();
            move || {
                let mut command = installation.php();
                command.env("PHP_CLI_SERVER_WORKERS", WORKERS).args(["-S", &address.to_string()]);
                command
            }
        });
        let interface = format!("http://{address}/index.php?rest_route=/");
        server
            .start(|| async {
                http_client().get(&interface).send().await.is_ok_and(|answer| answer.status().is_success())
            })
            .await;
        Self { address, installation, _server: server }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its own address, `http://127.0.0.1:<port>`, which also appears in exports.
    #[must_use]
    pub fn home(&self) -> &str {
        &self.installation.home
    }

    /// Fills it with posts and comments, the same ones every time, and returns the contents as
    /// `tests/wordpress/fill.php` reports them. It creates at least 3 posts and 32 comments, each
    /// different from the others.
    pub async fn fill(&self, posts: u32, comments: u32) -> Value {
        self.script("fill", &[&posts.to_string(), &comments.to_string()]).await
    }

    /// The file that its administrator downloads at Tools › Export.
    pub async fn export_wxr(&self) -> Vec<u8> {
        self.installation.run("export", &[]).await
    }

    /// Sends its comments to another service: to `<url>/integrations/v1`.
    pub async fn set_service(&self, url: &str) {
        self.script("sync", &["service", url]).await;
    }

    /// Runs a script of `tests/wordpress`, by its name without `.php`, and returns its output.
    pub async fn script(&self, name: &str, arguments: &[&str]) -> Value {
        let printed = self.installation.run(name, arguments).await;
        serde_json::from_slice(&printed)
            .unwrap_or_else(|_| panic!("{name}.php prints no JSON: {}", String::from_utf8_lossy(&printed)))
    }
}

/// What distinguishes a site, since all sites share the same files.
#[derive(Debug, Clone)]
struct Installation {
    files: &'static Files,
    home: String,
    mariadb: SocketAddr,
    database: String,
}

impl Installation {
    /// PHP; `wp-config.php` selects the site.
    fn php(&self) -> Command {
        let mut command = debian::command(&debian::program(["/usr/bin/php"], "php-cli"), Some(USER));
        command
            .current_dir(&self.files.site)
            .env("WORDPRESS_HOME", &self.home)
            .env("WORDPRESS_DATABASE_ADDRESS", self.mariadb.to_string())
            .env("WORDPRESS_DATABASE", &self.database)
            // Warnings are separate from a script's output, and printed once.
            .args(["-d", "display_errors=stderr", "-d", "log_errors=0"]);
        command
    }

    /// Runs a script and returns its output. Any warning is a failure.
    async fn run(&self, name: &str, arguments: &[&str]) -> Vec<u8> {
        let mut command = self.php();
        command.arg(self.files.scripts.join(name).with_extension("php")).args(arguments);
        let output = tokio::process::Command::from(command).kill_on_drop(true).output().await.expect("php runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let (has_succeeded, status) = (output.status.success() && said.is_empty(), output.status);
        assert!(has_succeeded, "{name}.php {arguments:?} failed ({status}): {said}");
        output.stdout
    }
}

/// Copies of WordPress and of the scripts, readable by its user. Unlike the package's own files,
/// they have no system configuration beside them.
#[derive(Debug)]
struct Files {
    site: PathBuf,
    scripts: PathBuf,
}

impl Files {
    /// The copies that all sites of this test process share.
    async fn shared() -> &'static Self {
        static SHARED: OnceCell<Files> = OnceCell::const_new();
        SHARED.get_or_init(Self::copy).await
    }

    async fn copy() -> Self {
        debian::program(["/usr/share/wordpress/wp-load.php"], "wordpress");
        let folder = debian::folder("wordpress", Some(USER));
        let files = Self { site: folder.join("site"), scripts: folder.join("scripts") };
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("wordpress");
        for (from, to) in [(Path::new(INSTALLED), &files.site), (&scripts, &files.scripts)] {
            let mut copy = debian::command(Path::new("/bin/cp"), None);
            // Libraries from other packages are links.
            copy.args(["--recursive", "--dereference"]).arg(from).arg(to);
            debian::run(copy).await;
        }
        let configuration = files.site.join("wp-config.php");
        std::fs::copy(scripts.join("wp-config.php"), configuration).expect("the configuration can be copied");
        debian::give(&folder, USER);
        files
    }
}
