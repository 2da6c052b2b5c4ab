mod render;

pub(crate) use render::TOOL_CALL_MAX_LINES;
pub(crate) use render::display_lines;
pub(crate) use render::spinner;
