//! The contract suite: what every SQL engine must do, one function per law. Each engine's tests call [`run`].
