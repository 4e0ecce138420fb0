//! Logs whose keys change: what was written before is read, by whoever a key is wrapped for.

use std::sync::Arc;

use syncline_model::{EnvironmentName, Str, Value};
use syncline_planner::State;
use syncline_planner::record::{Body, Log as _};
use syncline_state::{
    Backend, Key, KeySeal, Keyring, MemoryBackend, Recipients, Seal as _, SealError, StoredLog,
    verify,
};

/// A recipient whose keys are wrapped by a seal of its name's.
struct Named(&'static str);

fn hidden(name: &str) -> KeySeal {
    KeySeal::new(blake3::hash(name.as_bytes()).as_bytes())
}

impl Recipients for Named {
    fn own(&self) -> Str {
        self.0.into()
    }

    fn wrap(&self, recipient: &str, key: &Key) -> Result<Str, SealError> {
        let numbers = Value::list(key.iter().map(|byte| Value::from(i64::from(*byte))));
        hidden(recipient).seal(&numbers)
    }

    fn unwrap(&self, recipient: &str, text: &str) -> Result<Option<Key>, SealError> {
        if recipient != self.0 {
            return Ok(None);
        }
        let numbers = hidden(recipient).open(text)?;
        let json = serde_json::to_value(&numbers).unwrap_or_default();
        let bytes: Vec<u8> = serde_json::from_value(json).unwrap_or_default();
        Ok(bytes.try_into().ok())
    }
}

fn dev() -> EnvironmentName {
    EnvironmentName("dev".into())
}

/// Returns a handle as another process of somebody would have it, and their ring.
fn somebody(backend: &Arc<dyn Backend>, name: &'static str) -> (StoredLog, Arc<Keyring>) {
    let ring = Arc::new(Keyring::new(&hidden(name), &dev(), Arc::new(Named(name))));
    let log = StoredLog::new(Arc::clone(backend), dev(), ring.clone(), Arc::new(|| 5));
    (log, ring)
}

fn secret(text: &str) -> Body {
    Body::Outputs { values: vec![("s".into(), Value::secret(Value::from(text)))] }
}

#[test]
fn keys_are_learned_from_records_and_from_checkpoints_alike() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::default());
        let (log, ring) = somebody(&backend, "ada");
        log.append(vec![secret("one")], Some(0)).await.unwrap();
        for round in 0..3 {
            let readers =
                if round == 0 { vec!["ada".into(), "bob".into()] } else { ring.readers() };
            let keys = ring.rewrap(&readers, true).unwrap();
            log.append(vec![Body::Keys(Box::new(keys))], None).await.unwrap();
            // A writer's own record is learned by reading it.
            log.read(0).await.unwrap();
            log.append(vec![secret("two"), secret(&format!("three {round}"))], None).await.unwrap();
            log.write_checkpoint().await.unwrap();
            log.append(vec![secret("four")], None).await.unwrap();
        }
        let all = log.read(0).await.unwrap();
        for name in ["ada", "bob"] {
            let (log, ring) = somebody(&backend, name);
            let state = log.state().await.unwrap();
            assert_eq!(state, State::replay(all.clone()), "{name}");
            assert_eq!(ring.readers(), ["ada", "bob"]);
            assert_eq!(log.read(0).await.unwrap(), all, "{name}");
            // Reading old records again does not bring an old key back.
            assert_eq!(ring.current(), state.keys.unwrap().0.current);
        }
        assert_eq!(verify(&*backend, &dev()).await.unwrap().checkpoint, Some(12));
        let (eve, _) = somebody(&backend, "eve");
        let error = eve.state().await.unwrap_err().to_string();
        assert!(error.contains("ada, bob"), "{error}");
    });
}
