//! What became of every patch: plain data, for printers and for machines.
