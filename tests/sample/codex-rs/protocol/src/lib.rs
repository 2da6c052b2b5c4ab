pub mod openai_models;
