//! Which environments the command line names: the one place where what is typed becomes environments.
//!
//! Takes names as they are typed, the project, and the environments that have a log where the command
//! can work on what is recorded alone. Returns full names, or the failure that says which there are; it
//! reads no log.
//!
//! Laws:
//! * The name that environments with keys have in common is no environment's. Where a command takes
//!   several it stands for all of them; where it takes one it is refused.
//! * What has a log can be named where that is enough, whether the source still declares it or not.

use syncline_lang::{EnvironmentInfo, Project};
use syncline_model::EnvironmentName;

use crate::exit::Failure;
use crate::project::Loaded;
use crate::session::Session;

/// How many names a message lists.
const LISTED: usize = 10;

/// Returns the environments that are named, or all that are declared when none is.
///
/// # Errors
/// When a name means none. A project that does not parse is told first, since it may declare more than
/// is seen.
pub(super) fn several(
    session: &Session,
    loaded: &mut Loaded,
    recorded: Vec<EnvironmentName>,
    named: &[String],
) -> Result<Vec<String>, Failure> {
    let known = Known::of(&loaded.project, recorded);
    if named.is_empty() {
        return Ok(known.concrete().map(str::to_owned).collect());
    }
    let mut all = Vec::new();
    for name in named {
        for own in told(session, loaded, known.several(name))? {
            if !all.contains(&own) {
                all.push(own);
            }
        }
    }
    Ok(all)
}

/// Says that there is nothing to work on, where there is no environment.
pub(super) fn note_none(session: &Session, names: &[String]) {
    if names.is_empty() {
        session.output.note("The project declares no environment that can be planned.");
    }
}

/// Returns the one environment that is named.
///
/// # Errors
/// When a name means none, or several; as for [`several`].
pub(super) fn one(
    session: &Session,
    loaded: &mut Loaded,
    recorded: Vec<EnvironmentName>,
    name: &str,
) -> Result<String, Failure> {
    let known = Known::of(&loaded.project, recorded);
    told(session, loaded, known.one(name))
}

/// Returns the environments whose logs are named. The project is read only where no log has that name.
///
/// # Errors
/// When the name means nothing that is recorded or declared.
pub(super) fn several_recorded(
    session: &Session,
    recorded: Vec<EnvironmentName>,
    name: &str,
) -> Result<Vec<EnvironmentName>, Failure> {
    let known = Known { declared: Vec::new(), recorded };
    let found = match known.several(name) {
        Ok(found) => found,
        Err(_) => {
            let named = [name.to_owned()];
            several(session, &mut Loaded::load(session)?, known.recorded, &named)?
        }
    };
    Ok(found.iter().map(|own| EnvironmentName(own.as_str().into())).collect())
}

/// Returns the environment whose log is named. The project is read only where no log has that name.
///
/// # Errors
/// When the name means nothing that is recorded or declared, or several environments.
pub(super) fn one_recorded(
    session: &Session,
    recorded: Vec<EnvironmentName>,
    name: &str,
) -> Result<EnvironmentName, Failure> {
    let own = EnvironmentName(name.into());
    if recorded.contains(&own) {
        return Ok(own);
    }
    let name = one(session, &mut Loaded::load(session)?, recorded, name)?;
    Ok(EnvironmentName(name.as_str().into()))
}

fn told<T>(
    session: &Session,
    loaded: &mut Loaded,
    found: Result<T, Failure>,
) -> Result<T, Failure> {
    if found.is_err() {
        loaded.tell(session)?;
    }
    found
}

/// The environments that can be named.
struct Known {
    declared: Vec<EnvironmentInfo>,
    recorded: Vec<EnvironmentName>,
}

impl Known {
    fn of(project: &Project, recorded: Vec<EnvironmentName>) -> Self {
        Self { declared: project.environments().collect(), recorded }
    }

    /// Returns the names of those that can be planned.
    fn concrete(&self) -> impl Iterator<Item = &str> {
        self.declared.iter().filter(|own| !own.is_abstract).map(|own| own.name.as_str())
    }

    /// Returns all names: first those that can be planned, then what is only recorded.
    fn names(&self) -> impl Iterator<Item = &str> {
        let recorded = self.recorded.iter().map(|own| own.0.as_str());
        self.concrete().chain(recorded.filter(|own| self.concrete().all(|other| other != *own)))
    }

    fn several(&self, name: &str) -> Result<Vec<String>, Failure> {
        let group = |own: &str| own.split('/').next() == Some(name);
        let found = self.names().filter(|own| *own == name || group(own));
        let found: Vec<String> = found.map(str::to_owned).collect();
        if found.is_empty() { Err(self.missing(name)) } else { Ok(found) }
    }

    fn one(&self, name: &str) -> Result<String, Failure> {
        if self.names().any(|own| own == name) {
            return Ok(name.to_owned());
        }
        let found = self.several(name)?;
        let found = list(found.iter().map(String::as_str));
        Err(Failure::new(format!("`{name}` has keys"))
            .note("This takes one environment, and each key makes one.")
            .help(format!("Name one of them: {found}.")))
    }

    fn missing(&self, name: &str) -> Failure {
        if self.declared.iter().any(|own| own.name == name) {
            let help = match self.concrete().next() {
                Some(_) => {
                    format!("The environments that can be planned: {}.", list(self.concrete()))
                }
                None => format!("Declare one: `environment dev extends {name} {{}}`."),
            };
            return Failure::new(format!("`{name}` is an abstract environment"))
                .note("An abstract environment is only what others extend.")
                .help(help);
        }
        let help = match syncline_model::nearest(name, self.names()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if self.names().next().is_none() => "The project declares none.".to_owned(),
            None => format!("There are: {}.", list(self.names())),
        };
        Failure::new(format!("there is no environment `{name}`")).help(help)
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let shown = names[..names.len().min(LISTED)].join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let source = "abstract environment base {}\nenvironment dev {}\n\
                      environment prod[r in [\"eu\", \"us\"]] {}\n";
        let (file, _) = syncline_lang::syntax::parse(syncline_model::FileId(0), source);
        let recorded = ["dev", "gone", "old/a", "prod/asia"];
        let recorded = recorded.iter().map(|own| EnvironmentName((*own).into())).collect();
        Known::of(&syncline_lang::resolve(vec![file]).0, recorded)
    }

    #[test]
    fn what_environments_have_in_common_names_all_of_them_where_several_can_be_meant() {
        let known = known();
        assert_eq!(known.several("prod").unwrap(), ["prod/eu", "prod/us", "prod/asia"]);
        assert_eq!(known.several("old").unwrap(), ["old/a"]);
        assert_eq!(known.several("gone").unwrap(), ["gone"]);
        let refused = known.one("prod").unwrap_err();
        assert_eq!(refused.message, "`prod` has keys");
        assert!(refused.help.unwrap().contains("`prod/eu`, `prod/us`, `prod/asia`"));
        assert!(known.one("old").is_err());
    }

    #[test]
    fn what_is_declared_or_recorded_can_be_named() {
        let known = known();
        for name in ["dev", "gone", "old/a", "prod/us", "prod/asia"] {
            assert_eq!(known.one(name).unwrap(), name);
        }
        assert!(known.one("base").unwrap_err().message.contains("abstract"));
        assert_eq!(known.one("dve").unwrap_err().help.unwrap(), "Did you mean `dev`?");
    }
}
