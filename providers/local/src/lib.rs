//! Files, directories, links and commands of this machine.
