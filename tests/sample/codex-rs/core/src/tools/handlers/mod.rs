pub(crate) mod multi_agents_common;
