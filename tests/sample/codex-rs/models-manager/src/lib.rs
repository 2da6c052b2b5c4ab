pub mod model_info;
