//! The object stores of the clouds: what each is told, and how it is reached.
//!
//! Takes settings; returns a backend. Nothing is asked of a store before it is used. What is secret
//! comes from the variables that the tools of each cloud know; variables of other names are not
//! looked at.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use syncline_planner::record::LogError;

use crate::store::{ObjectsBackend, storage};

/// Variables of the environment, each a name and a value.
type Variables = Vec<(String, String)>;

/// Where logs are in S3.
#[derive(Clone, Debug, Default)]
pub struct S3 {
    /// The bucket.
    pub bucket: String,
    /// What all names begin with; may be empty.
    pub prefix: String,
    /// The region.
    pub region: Option<String>,
    /// Another server than Amazon's: `https://minio.example`.
    pub endpoint: Option<String>,
    /// The usual variables, such as `AWS_ACCESS_KEY_ID`.
    pub variables: Variables,
}

/// Where logs are in Google Cloud Storage.
#[derive(Clone, Debug, Default)]
pub struct Gcs {
    /// The bucket.
    pub bucket: String,
    /// What all names begin with; may be empty.
    pub prefix: String,
    /// Another server than Google's.
    pub endpoint: Option<String>,
    /// The usual variables, such as `GOOGLE_APPLICATION_CREDENTIALS`.
    pub variables: Variables,
}

/// Where logs are in Azure's blob storage.
#[derive(Clone, Debug, Default)]
pub struct Azure {
    /// The container.
    pub container: String,
    /// The storage account; the variables may name it as well.
    pub account: Option<String>,
    /// What all names begin with; may be empty.
    pub prefix: String,
    /// Another server than Microsoft's, with the account where it belongs to the address.
    pub endpoint: Option<String>,
    /// The usual variables, such as `AZURE_STORAGE_ACCOUNT_KEY`.
    pub variables: Variables,
}

impl ObjectsBackend {
    /// Returns the backend of a bucket in S3.
    ///
    /// # Errors
    /// [`LogError::Storage`] when a setting makes no sense.
    pub fn s3(settings: &S3) -> Result<Self, LogError> {
        let mut builder = AmazonS3Builder::new();
        for (key, value) in known::<AmazonS3ConfigKey>(&settings.variables) {
            builder = builder.with_config(key, value);
        }
        if let Some(region) = &settings.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let builder = builder.with_bucket_name(&settings.bucket).with_retry(retries());
        let place = format!("s3://{}/{}", settings.bucket, settings.prefix);
        let said = |key| builder.get_config_value(&key);
        name(&place, "bucket", Some(settings.bucket.clone()))?;
        name(&place, "region", said(AmazonS3ConfigKey::Region))?;
        address(&place, said(AmazonS3ConfigKey::Endpoint))?;
        let store = builder.with_client_options(options(settings.endpoint.as_ref())).build();
        Self::of(store, &settings.prefix, place)
    }

    /// Returns the backend of a bucket in Google Cloud Storage.
    ///
    /// # Errors
    /// [`LogError::Storage`] when a setting makes no sense.
    pub fn gcs(settings: &Gcs) -> Result<Self, LogError> {
        let mut builder = GoogleCloudStorageBuilder::new();
        for (key, value) in known::<GoogleConfigKey>(&settings.variables) {
            builder = builder.with_config(key, value);
        }
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_base_url(endpoint);
        }
        let builder = builder.with_bucket_name(&settings.bucket).with_retry(retries());
        let place = format!("gs://{}/{}", settings.bucket, settings.prefix);
        name(&place, "bucket", Some(settings.bucket.clone()))?;
        address(&place, builder.get_config_value(&GoogleConfigKey::BaseUrl))?;
        let store = builder.with_client_options(options(settings.endpoint.as_ref())).build();
        Self::of(store, &settings.prefix, place)
    }

    /// Returns the backend of a container in Azure's blob storage.
    ///
    /// # Errors
    /// [`LogError::Storage`] when a setting makes no sense.
    pub fn azure(settings: &Azure) -> Result<Self, LogError> {
        let mut builder = MicrosoftAzureBuilder::new();
        for (key, value) in known::<AzureConfigKey>(&settings.variables) {
            builder = builder.with_config(key, value);
        }
        if let Some(account) = &settings.account {
            builder = builder.with_account(account);
        }
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint.clone());
        }
        let builder = builder.with_container_name(&settings.container).with_retry(retries());
        let place = format!("azure://{}/{}", settings.container, settings.prefix);
        let said = |key| builder.get_config_value(&key);
        name(&place, "container", Some(settings.container.clone()))?;
        name(&place, "account", said(AzureConfigKey::AccountName))?;
        address(&place, said(AzureConfigKey::Endpoint))?;
        let store = builder.with_client_options(options(settings.endpoint.as_ref())).build();
        Self::of(store, &settings.prefix, place)
    }

    fn of(
        store: object_store::Result<impl ObjectStore>,
        prefix: &str,
        place: String,
    ) -> Result<Self, LogError> {
        let store = store.map_err(|error| storage("read", &place, &error))?;
        Ok(Self::new(Arc::new(store), prefix, place))
    }
}

/// Tells whether a text may be the name of a bucket, a container, an account or a region: it becomes a part of
/// addresses, and the clients of the stores take for granted that it can.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let may_be = |byte: u8| byte.is_ascii_alphanumeric() || b"._-$:".contains(&byte);
    !text.is_empty() && text.bytes().all(may_be)
}

/// Tells whether a text is the address of a server: `https://` or `http://`, a host, perhaps a port and a path.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else { return false };
    let server = rest.split('/').next().unwrap_or_default();
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (server, "443"),
    };
    let may_be = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~%/:[]$&'()*+,;=!".contains(&byte);
    !host.is_empty() && port.parse::<u16>().is_ok() && rest.bytes().all(may_be)
}

fn name(place: &str, what: &str, text: Option<String>) -> Result<(), LogError> {
    match text {
        Some(text) if !is_name(&text) => {
            Err(storage("read", place, &format!("`{text}` is not the name of a {what}")))
        }
        _ => Ok(()),
    }
}

fn address(place: &str, text: Option<String>) -> Result<(), LogError> {
    match text {
        Some(text) if !is_address(&text) => {
            let reason = format!("`{text}` is not an address such as https://storage.example:9000");
            Err(storage("read", place, &reason))
        }
        _ => Ok(()),
    }
}

/// Returns the variables whose names a store knows.
fn known<K: std::str::FromStr>(variables: &Variables) -> impl Iterator<Item = (K, &String)> {
    variables.iter().filter_map(|(name, value)| {
        let key = name.to_ascii_lowercase().parse().ok()?;
        Some((key, value))
    })
}

fn retries() -> RetryConfig {
    let retry_timeout = Duration::from_secs(60);
    RetryConfig { max_retries: 6, retry_timeout, ..RetryConfig::default() }
}

/// Only a server that is named with `http://` is reached without TLS.
fn options(endpoint: Option<&String>) -> ClientOptions {
    let is_plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    ClientOptions::new().with_timeout(Duration::from_secs(30)).with_allow_http(is_plain)
}
