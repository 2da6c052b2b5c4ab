pub mod manager;

use codex_config::state::ConfigLayerStack;
use codex_features::Features;

/// The part of the configuration that plugins look at.
#[derive(Debug, Clone)]
pub struct Config {
    pub features: Features,
    pub config_layer_stack: ConfigLayerStack,
    pub chatgpt_base_url: String,
}
